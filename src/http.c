/* SPDX-License-Identifier: MIT */
/*
 * Files on HTTP servers. WinInet speaks HTTP; what is checked here is what it lets pass: answers
 * without a status, lengths that contradict each other, a proxy's page in the place of a site's.
 */
#include <stdlib.h>
#include <wchar.h>

#include "http.h"

static const tin__stream_type http_stream;
static tin_result finish(tin__object *object);

/* ---- questions to WinInet ------------------------------------------------------------------- */

/* 0 where there is no status line. */
static tin_result query_status(tin__native *native, DWORD *status)
{
    DWORD size = sizeof *status;
    tin_result result = tin__success();

    if (!HttpQueryInfoW(native->handle, HTTP_QUERY_STATUS_CODE | HTTP_QUERY_FLAG_NUMBER, status,
                        &size, NULL)) {
        result = tin__from_win32(GetLastError());
        *status = 0;
    }
    return result.error == TIN_E_NOT_FOUND ? tin__success() : result;
}

static DWORD query_option(tin__native *native, DWORD option, DWORD unknown)
{
    DWORD value = 0, size = sizeof value;

    return InternetQueryOptionW(native->handle, option, &value, &size) ? value : unknown;
}

/* ---- the answer ----------------------------------------------------------------------------- */

/* A refused CONNECT looks like an answer of the site, but without a secure connection. */
bool tin__is_proxys_own(tin__native *native)
{
    return native->url.scheme == TIN__HTTPS &&
           (query_option(native, INTERNET_OPTION_REQUEST_FLAGS, INTERNET_REQFLAG_VIA_PROXY) &
            INTERNET_REQFLAG_VIA_PROXY) != 0 &&
           (query_option(native, INTERNET_OPTION_SECURITY_FLAGS, 0) & SECURITY_FLAG_SECURE) == 0;
}

static bool has_headers(tin__native *native)
{
    const wchar_t *end;
    tin__room room;
    bool some;

    if (!tin_ok(tin__http_look(native, HTTP_QUERY_RAW_HEADERS_CRLF, 0, &room)) ||
        room.bytes == NULL)
        return false;
    end = wcsstr(room.bytes, L"\r\n");
    some = end != NULL && end[2] != L'\0' && end[2] != L'\r';
    tin__leave_room(&room);
    return some;
}

static bool has_header(tin__native *native, const wchar_t *name)
{
    wchar_t text[64];
    DWORD size = sizeof text;

    wcscpy(text, name);
    return HttpQueryInfoW(native->handle, HTTP_QUERY_CUSTOM, text, &size, NULL);
}

/* WinInet makes up "HTTP/1.0 200 OK" for an answer without a status line. Microsoft's documentation
 * has INTERNET_REQFLAG_NO_HEADERS for that; Wine 8 does not set it, but keeps the code of a real
 * status line as a header named "Status". An answer that has no header at all and not that either
 * is none. */
static bool is_made_up(tin__native *native)
{
    return (query_option(native, INTERNET_OPTION_REQUEST_FLAGS, 0) & INTERNET_REQFLAG_NO_HEADERS) !=
               0 ||
           (!has_headers(native) && !has_header(native, L"Status"));
}

/* Every Content-Length that the answer has; they must agree. */
static tin_result read_length(tin__object *object, bool promised)
{
    uint64_t first = 0;

    for (DWORD count = 0;; count++) {
        uint64_t length;
        tin__room room;
        bool valid;
        const tin_result result =
            tin__http_look(object->native, HTTP_QUERY_CONTENT_LENGTH, count, &room);

        if (room.bytes == NULL) {
            if (tin_ok(result) && count != 0)
                tin__set_length(object, first, promised);
            return result;
        }
        valid = tin__parse_number(room.bytes, &length) && (count == 0 || length == first);
        tin__leave_room(&room);
        if (!valid)
            return tin__fail(TIN_E_PROTOCOL);
        first = length;
    }
}

static bool is_get(const tin__object *object)
{
    return object->request.verb == NULL || wcscmp(object->request.verb, L"GET") == 0;
}

static bool is_head(const tin__object *object)
{
    return object->request.verb != NULL && wcscmp(object->request.verb, L"HEAD") == 0;
}

/* Transfer-Encoding outweighs Content-Length (RFC 9112, 6.3). A body that WinInet may have decoded
 * has no length that is known: Wine 8 drops the header then. */
static tin_result read_lengths(tin__object *object, DWORD status)
{
    const bool decodes = object->settings.numbers[TIN__HTTP_DECODING] != 0;
    tin__room encoding;
    bool is_encoded;
    const tin_result result =
        tin__http_look(object->native, HTTP_QUERY_TRANSFER_ENCODING, 0, &encoding);

    is_encoded = encoding.bytes != NULL;
    tin__leave_room(&encoding);
    if (!tin_ok(result) || is_encoded || (decodes && !is_head(object)))
        return result;
    if (status != HTTP_STATUS_NO_CONTENT && status != HTTP_STATUS_NOT_MODIFIED)
        return read_length(object, !is_head(object));
    tin__set_length(object, 0, true); /* whatever the header says */
    return tin__success();
}

/* Is it an answer at all, and the server's? */
static tin_result read_status(tin__native *native, DWORD *status)
{
    const tin_result result = query_status(native, status);

    if (!tin_ok(result))
        return result;
    if (tin__is_proxys_own(native))
        return tin__fail(TIN_E_PROXY);
    if (*status < 100 || *status > 599 || is_made_up(native))
        return tin__fail(TIN_E_PROTOCOL);
    return result;
}

/* Looks at the answer, and for the next place to go; next->text is NULL where there is none. */
static tin_result read_answer(tin__object *object, DWORD *status, tin__url *next)
{
    const bool stays = (object->request.flags & INTERNET_FLAG_NO_AUTO_REDIRECT) != 0;
    tin__native *native = object->native;
    tin_result result = read_status(native, status);

    if (!tin_ok(result))
        return result;
    object->stream.type = &http_stream;
    if (tin__is_redirect(*status) && !stays) {
        result = tin__redirect_target(native, next);
        if (!tin_ok(result) || next->text != NULL)
            return result;
    }
    result = read_lengths(object, *status);
    if (tin_ok(result) && is_head(object)) {
        object->stream.ended = true;
        finish(object);
    }
    return tin_ok(result) && is_get(object) ? tin__range_keep(object, *status) : result;
}

bool tin__has_answer(const tin__object *object)
{
    return object->stream.type == &http_stream;
}

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

/* Wine 8 calls an empty answer a success; one from the cache is one that no event told of. */
tin_result tin__http_expect_answer(tin__native *native)
{
    DWORD status;
    tin_result result = tin__success();

    if (!native->answered)
        result = query_status(native, &status);
    return native->answered || !tin_ok(result) || status != 0 ? result : tin__fail(TIN_E_PROTOCOL);
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
        tin_result result = read_answer(object, &status, &next);

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
        result = read_status(object->native, status);
    object->stream.type = &http_stream;
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

/* ---- the body ------------------------------------------------------------------------------- */

/* Where Wine 8 waits for the rest of a body in chunks and gets the last chunk's size without the
 * line's end, it closes the connection itself; the next read finds a closed socket, which is no
 * other failure's sign. Whether a length was promised is checked all the same. */
static DWORD start_read(tin__native *native, DWORD_PTR *value)
{
    DWORD error = ERROR_SUCCESS;

    (void)value;
    if (!InternetReadFileExW(native->handle, &native->request, IRF_NO_WAIT,
                             (DWORD_PTR)native->token))
        error = tin__last_error();
    if (error != WSAENOTSOCK)
        return error;
    native->request.dwBufferLength = 0;
    return ERROR_SUCCESS;
}

/* A no-wait read takes what is there. One that has to wait stores nothing, neither now nor when it
 * completes: completion means "ask again" (seen under Wine 8; public programs for Windows read into
 * a local array in the same way). So nothing writes to `buffer` after this function returned. */
static tin_result fill(tin__object *object, void *buffer, size_t size, size_t *got)
{
    const DWORD wanted = size < 1u << 30 ? (DWORD)size : 1u << 30;
    tin__native *native = object->native;
    tin_result result;

    *got = 0;
    tin__begin_phase(object, TIN__RECEIVE);
    do {
        native->request.lpvBuffer = buffer;
        native->request.dwBufferLength = wanted;
        result = tin__call(object, start_read);
        if (object->native == NULL)
            return result;
    } while (tin_ok(result) && native->waited);
    /* Wine 8 counts what came before the failure; a count that was not touched says nothing */
    if (tin_ok(result) || (!native->waited && native->request.dwBufferLength < wanted))
        *got = native->request.dwBufferLength;
    return result;
}

/* Nothing is left that closing would have to wait for, and the connection can be used again at
 * once. */
static tin_result finish(tin__object *object)
{
    AcquireSRWLockExclusive(&object->lock);
    object->native->quiet = true;
    ReleaseSRWLockExclusive(&object->lock);
    return tin__success();
}

static const tin__stream_type http_stream = {
    .fill = fill, .finish = finish, .direct = true, .seek = tin__range_seek};
