/* SPDX-License-Identifier: MIT */
/* Files on HTTP servers: requests sent, again where that does no harm, and where redirects lead. */
#include <wchar.h>

#include "http.h"

/* ---- one request ---------------------------------------------------------------------------- */

static bool is_idempotent(const wchar_t *verb)
{
    static const wchar_t *const verbs[] = {L"GET",    L"HEAD",    L"PUT",
                                           L"DELETE", L"OPTIONS", L"TRACE"};

    for (size_t i = 0; verb != NULL && i < sizeof verbs / sizeof verbs[0]; i++)
        if (wcscmp(verb, verbs[i]) == 0)
            return true;
    return verb == NULL;
}

/* A request that got no answer at all may be sent again if that does no harm. */
static bool may_retry(const tin__object *object, const tin__native *native, tin_result result,
                      DWORD tries)
{
    const DWORD retries = object->settings.numbers[TIN__CONNECT_RETRIES];
    const bool lost = result.error == TIN_E_CONNECT || result.error == TIN_E_CONNECTION_LOST ||
                      result.error == TIN_E_PROTOCOL;

    if (!lost || native->answered || object->cancelled || !is_idempotent(object->request.verb))
        return false;
    return tries < (retries != TIN__DEFAULT_RETRIES ? retries : !native->connected);
}

static tin_result open_again(tin__object *object, const tin__sender *sender)
{
    tin__url url;

    tin__take_url(object, &url);
    return sender->open(object, &url, 0);
}

tin_result tin__http_send_once(tin__object *object, const tin__sender *sender)
{
    object->stream.type = NULL; /* what was answered before is no longer asked for */
    for (DWORD tries = 0;; tries++) {
        tin__native *native = object->native;
        tin_result result;

        native->connected = native->asked = native->answered = false;
        tin__begin_phase(object, TIN__CONNECT);
        result = tin__call(object, sender->start);
        if (tin_ok(result) && sender->answered)
            result = tin__http_expect_answer(native);
        if (tin_ok(result) || object->native == NULL || !may_retry(object, native, result, tries))
            return result;
        if (sender->opens)
            result = open_again(object, sender);
        if (sender->opens && !tin_ok(result))
            return result;
    }
}

/* ---- redirects ------------------------------------------------------------------------------ */

static void redirected(tin__object *object, const tin__url *url)
{
    const tin_status_w status = {.code = INTERNET_STATUS_REDIRECT, .text = url->text};

    tin__notify(object, &status);
}

/* The user and password of a URL hold for all of its origin, and for nothing else. */
static void take_user(tin__object *object, tin__url *to)
{
    tin__url *from = &object->native->url;

    AcquireSRWLockExclusive(&object->lock);
    to->user = from->user;
    to->password = from->password;
    from->user = from->password = NULL;
    ReleaseSRWLockExclusive(&object->lock);
}

static void leave_origin(tin__object *object)
{
    AcquireSRWLockExclusive(&object->lock);
    object->request.credentials = false;
    ReleaseSRWLockExclusive(&object->lock);
    tin__strip_headers(object->headers, TIN__PRIVATE_HEADERS);
}

static tin_result go(tin__object *object, tin__url *next, DWORD status)
{
    if (tin__same_origin(&object->native->url, next))
        take_user(object, next);
    else
        leave_origin(object);
    redirected(object, next);
    return object->request.sender->open(object, next, status);
}

tin_result tin__http_follow(tin__object *object)
{
    for (DWORD hops = 0;; hops++) {
        tin__url next = {0};
        DWORD status;
        tin_result result = tin__http_read_answer(object, &status, &next);

        if (!tin_ok(result) || next.text == NULL)
            return result;
        if (hops >= object->settings.numbers[TIN__MAX_REDIRECTS] ||
            (object->request.streamed && tin__keeps_verb(object->request.verb, status))) {
            tin__free_url(&next);
            return tin__fail(TIN_E_REDIRECT);
        }
        result = go(object, &next, status);
        if (tin_ok(result))
            result = tin__http_send_once(object, object->request.sender);
        if (!tin_ok(result))
            return result;
    }
}

tin_result tin__http_send(tin__object *object)
{
    const tin_result result = tin__http_send_once(object, object->request.sender);

    return tin_ok(result) ? tin__http_follow(object) : result;
}

/* ---- by URL --------------------------------------------------------------------------------- */

static DWORD start_open(tin__native *native, DWORD_PTR *value)
{
    const wchar_t *headers = native->owner->headers;
    const DWORD length = headers != NULL ? (DWORD)wcslen(headers) : 0;
    HINTERNET file = InternetOpenUrlW(native->parent->handle, native->url.text, headers, length,
                                      native->flags, (DWORD_PTR)native->token);

    if (file == NULL)
        return tin__last_error();
    *value = (DWORD_PTR)file;
    return ERROR_SUCCESS;
}

static tin_result prepare_open(tin__object *object, tin__url *url, DWORD status)
{
    tin__native *native;
    const tin_result result =
        tin__native_create(object, object->base, InternetCloseHandle, true, url, &native);

    (void)status; /* GET stays GET */
    if (!tin_ok(result)) {
        tin__free_url(url);
        return result;
    }
    native->flags = object->request.flags | INTERNET_FLAG_NO_AUTO_REDIRECT;
    native->credentials = object->request.credentials;
    tin__set_native(object, native);
    return result;
}

static const tin__sender url_sender = {
    .open = prepare_open, .start = start_open, .opens = true, .answered = true};

tin_result tin__http_again(tin__object *object, tin__url *url, DWORD more_flags, DWORD *status)
{
    const tin__sender *sender = object->request.sender;
    const DWORD flags = object->request.flags;
    tin_result result;

    *status = 0;
    object->request.flags |= more_flags;
    result = sender->open(object, url, 0);
    object->request.flags = flags;
    if (tin_ok(result))
        result = tin__http_send_once(object, sender);
    if (tin_ok(result))
        result = tin__http_read_status(object->native, status);
    object->stream.type = &tin__http_reading;
    return result;
}

/* What may be wrong with a certificate by flag is kept as what may be by option: the bits are the
 * same. Such a connection is not kept: see tin__settings_apply(). */
DWORD tin__http_flags(tin__object *object, DWORD flags)
{
    AcquireSRWLockExclusive(&object->lock);
    object->settings.numbers[TIN__SECURITY_FLAGS] |=
        flags & (INTERNET_FLAG_IGNORE_CERT_CN_INVALID | INTERNET_FLAG_IGNORE_CERT_DATE_INVALID);
    ReleaseSRWLockExclusive(&object->lock);
    if (object->settings.numbers[TIN__SECURITY_FLAGS] != 0)
        flags &= ~(DWORD)INTERNET_FLAG_KEEP_CONNECTION;
    return flags;
}

tin_result tin__open_http(tin__object *object, tin__url *url, DWORD flags)
{
    tin_result result = tin__success();

    object->request.sender = &url_sender;
    object->request.flags = tin__http_flags(object, flags);
    object->request.credentials = true;
    if (object->settings.numbers[TIN__HTTP_DECODING] != 0 &&
        !tin__has_header(object->headers, L"Accept-Encoding"))
        result = tin__merge_headers(&object->headers, TIN__ACCEPT_ENCODING, HTTP_ADDREQ_FLAG_ADD);
    if (tin_ok(result))
        result = prepare_open(object, url, 0);
    return tin_ok(result) ? tin__http_send(object) : result;
}
