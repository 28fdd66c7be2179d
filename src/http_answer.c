/* SPDX-License-Identifier: MIT */
/*
 * Answers, and their bodies: checked for what WinInet lets pass, which is answers without a status,
 * lengths that contradict each other, a proxy's page in the place of a site's.
 */
#include <wchar.h>

#include "http.h"

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

tin_result tin__http_read_status(tin__native *native, DWORD *status)
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

tin_result tin__http_read_answer(tin__object *object, DWORD *status, tin__url *next)
{
    const bool stays = (object->request.flags & INTERNET_FLAG_NO_AUTO_REDIRECT) != 0;
    tin__native *native = object->native;
    tin_result result = tin__http_read_status(native, status);

    if (!tin_ok(result))
        return result;
    object->stream.type = &tin__http_reading;
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

/* Wine 8 calls an empty answer a success; one from the cache is one that no event told of. */
tin_result tin__http_expect_answer(tin__native *native)
{
    DWORD status;
    tin_result result = tin__success();

    if (!native->answered)
        result = query_status(native, &status);
    return native->answered || !tin_ok(result) || status != 0 ? result : tin__fail(TIN_E_PROTOCOL);
}

bool tin__has_answer(const tin__object *object)
{
    return object->stream.type == &tin__http_reading;
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

const tin__stream_type tin__http_reading = {
    .fill = fill, .finish = finish, .direct = true, .seek = tin__range_seek};
