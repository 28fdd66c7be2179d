/* SPDX-License-Identifier: MIT */
/*
 * Files on HTTP servers. WinInet speaks HTTP; what is checked here is what it lets pass: answers
 * without a status, lengths that contradict each other, a proxy's page in the place of a site's.
 */
#include <stdlib.h>
#include <wchar.h>

#include "internal.h"

static const tin__stream_type http_stream;

/* ---- queries -------------------------------------------------------------------------------- */

tin_result tin__http_query(tin__native *native, DWORD info, DWORD index, wchar_t **text)
{
    DWORD size = 256, error;

    for (;;) {
        const DWORD before = size;
        DWORD place = index;

        /* room to spare, zeroed: units and NUL of the answer differ between systems */
        *text = calloc(1, (size_t)size + 2 * sizeof **text);
        if (*text == NULL)
            return tin__fail(TIN_E_MEMORY);
        if (HttpQueryInfoW(native->handle, info, *text, &size, &place))
            return tin__success();
        error = GetLastError();
        free(*text);
        *text = NULL;
        if (error != ERROR_INSUFFICIENT_BUFFER || size <= before)
            return tin__from_win32(error);
    }
}

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
static bool is_proxys_own(tin__native *native)
{
    return native->url.scheme == TIN__HTTPS &&
           (query_option(native, INTERNET_OPTION_REQUEST_FLAGS, INTERNET_REQFLAG_VIA_PROXY) &
            INTERNET_REQFLAG_VIA_PROXY) != 0 &&
           (query_option(native, INTERNET_OPTION_SECURITY_FLAGS, 0) & SECURITY_FLAG_SECURE) == 0;
}

static bool has_headers(tin__native *native)
{
    wchar_t *headers;
    const wchar_t *end;
    bool some;

    if (!tin_ok(tin__http_query(native, HTTP_QUERY_RAW_HEADERS_CRLF, 0, &headers)))
        return false;
    end = wcsstr(headers, L"\r\n");
    some = end != NULL && end[2] != L'\0' && end[2] != L'\r';
    free(headers);
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

/* Digits alone: HTTP_QUERY_FLAG_NUMBER takes "-1" for 4294967295 and "5abc" for 5 in Wine 8, fails
 * above 4 GiB everywhere, and Wine 8 knows no HTTP_QUERY_FLAG_NUMBER64. */
static bool parse_length(const wchar_t *text, uint64_t *length)
{
    *length = 0;
    if (*text == L'\0')
        return false;
    for (; *text != L'\0'; text++) {
        const unsigned digit = (unsigned)*text - L'0';

        if (digit > 9 || *length > (UINT64_MAX - digit) / 10)
            return false;
        *length = *length * 10 + digit;
    }
    return true;
}

/* Every Content-Length that the answer has; they must agree. */
static tin_result read_length(tin__object *object)
{
    uint64_t first = 0;

    for (DWORD index = 0;; index++) {
        uint64_t length;
        wchar_t *text;
        bool valid;
        tin_result result =
            tin__http_query(object->native, HTTP_QUERY_CONTENT_LENGTH, index, &text);

        if (result.error == TIN_E_NOT_FOUND) {
            if (index != 0)
                tin__set_length(object, first, true);
            return tin__success();
        }
        if (!tin_ok(result))
            return result;
        valid = parse_length(text, &length) && (index == 0 || length == first);
        free(text);
        if (!valid)
            return tin__fail(TIN_E_PROTOCOL);
        first = length;
    }
}

/* Transfer-Encoding outweighs Content-Length (RFC 9112, 6.3). A body that WinInet decodes has no
 * Content-Length left to be compared with: Wine 8 drops the header then. */
static tin_result read_lengths(tin__object *object, DWORD status)
{
    wchar_t *encoding;
    tin_result result = tin__http_query(object->native, HTTP_QUERY_TRANSFER_ENCODING, 0, &encoding);

    free(encoding);
    if (result.error != TIN_E_NOT_FOUND)
        return result;
    if (status != HTTP_STATUS_NO_CONTENT && status != HTTP_STATUS_NOT_MODIFIED)
        return read_length(object);
    tin__set_length(object, 0, true); /* whatever the header says */
    return tin__success();
}

/* ---- one request ---------------------------------------------------------------------------- */

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

static bool may_retry(const tin__object *object, const tin__native *native, tin_result result,
                      DWORD tries)
{
    const DWORD retries = object->settings.numbers[TIN__CONNECT_RETRIES];
    const bool lost = result.error == TIN_E_CONNECT || result.error == TIN_E_CONNECTION_LOST ||
                      result.error == TIN_E_PROTOCOL;

    if (!lost || native->answered || object->cancelled)
        return false;
    return tries < (retries != TIN__DEFAULT_RETRIES ? retries : !native->connected);
}

/* Wine 8 calls an empty answer a success; one from the cache is one that no event told of. */
static tin_result expect_answer(tin__native *native)
{
    DWORD status;
    tin_result result = tin__success();

    if (!native->answered)
        result = query_status(native, &status);
    return native->answered || !tin_ok(result) || status != 0 ? result : tin__fail(TIN_E_PROTOCOL);
}

/* GET is idempotent: a request that got no answer at all may be sent again. */
static tin_result open_once_or_again(tin__object *object, tin__url *url, DWORD flags,
                                     bool credentials)
{
    for (DWORD tries = 0;; tries++) {
        tin__native *native;
        tin_result result =
            tin__native_create(object, object->base, InternetCloseHandle, true, url, &native);

        if (!tin_ok(result))
            return result;
        native->flags = flags | INTERNET_FLAG_NO_AUTO_REDIRECT;
        native->credentials = credentials;
        tin__set_native(object, native);
        tin__begin_phase(object, TIN__CONNECT);
        result = tin__call(object, start_open);
        if (tin_ok(result))
            result = expect_answer(native);
        if (tin_ok(result) || object->native == NULL || !may_retry(object, native, result, tries))
            return result;
        tin__take_url(object, url);
    }
}

static void redirected(tin__object *object, const tin__url *url)
{
    const tin_status_w status = {.code = INTERNET_STATUS_REDIRECT, .text = url->text};

    tin__notify(object, &status);
}

/* The user and password of a URL hold for all of its origin, and for nothing else. */
static void take_user(tin__object *object, tin__url *to)
{
    tin__url from;

    tin__take_url(object, &from);
    to->user = from.user;
    to->password = from.password;
    from.user = from.password = NULL;
    tin__free_url(&from);
}

/* Looks at the answer, and for the next place to go; next->text is NULL where there is none. */
static tin_result read_answer(tin__object *object, DWORD flags, tin__url *next)
{
    tin__native *native = object->native;
    DWORD status;
    tin_result result = query_status(native, &status);

    if (!tin_ok(result))
        return result;
    if (is_proxys_own(native))
        return tin__fail(TIN_E_PROXY);
    if (status < 100 || status > 599 || is_made_up(native))
        return tin__fail(TIN_E_PROTOCOL);
    object->stream.type = &http_stream;
    if (tin__is_redirect(status) && (flags & INTERNET_FLAG_NO_AUTO_REDIRECT) == 0) {
        result = tin__redirect_target(native, next);
        if (!tin_ok(result) || next->text != NULL)
            return result;
    }
    return read_lengths(object, status);
}

tin_result tin__open_http(tin__object *object, tin__url *url, DWORD flags)
{
    const DWORD permissions =
        flags & (INTERNET_FLAG_IGNORE_CERT_CN_INVALID | INTERNET_FLAG_IGNORE_CERT_DATE_INVALID);
    bool credentials = true;

    object->settings.numbers[TIN__SECURITY_FLAGS] |= permissions; /* the same bits there */
    if (object->settings.numbers[TIN__SECURITY_FLAGS] != 0)
        flags &= ~(DWORD)INTERNET_FLAG_KEEP_CONNECTION; /* see tin__settings_apply() */
    for (DWORD hops = 0;; hops++) {
        tin__url next = {0};
        tin_result result = open_once_or_again(object, url, flags, credentials);

        if (tin_ok(result))
            result = read_answer(object, flags, &next);
        if (!tin_ok(result) || next.text == NULL)
            return result;
        if (hops >= object->settings.numbers[TIN__MAX_REDIRECTS]) {
            tin__free_url(&next);
            return tin__fail(TIN_E_REDIRECT);
        }
        if (tin__same_origin(&object->native->url, &next)) {
            take_user(object, &next);
        } else {
            credentials = false;
            tin__strip_headers(object->headers);
        }
        redirected(object, &next);
        *url = next;
    }
}

/* ---- the body ------------------------------------------------------------------------------- */

static DWORD start_read(tin__native *native, DWORD_PTR *value)
{
    (void)value;
    if (!InternetReadFileExW(native->handle, &native->request, IRF_NO_WAIT,
                             (DWORD_PTR)native->token))
        return tin__last_error();
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

static const tin__stream_type http_stream = {.fill = fill, .finish = finish, .direct = true};
