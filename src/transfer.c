/* SPDX-License-Identifier: MIT */
/* Whole transfers: what they tell their caller, which answers are the file, and tin_get(). */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "transfer.h"

#define FIRST_ROOM ((size_t)16 << 10)
#define TELL_EVERY_MS 100

/* ---- progress ------------------------------------------------------------------------------- */

tin__meter tin__meter_begin(tin_progress_callback *progress, void *context)
{
    return (tin__meter){
        .callback = progress, .context = context, .began = GetTickCount64(), .told = 0};
}

static tin_result tell(tin__meter *meter, ULONGLONG now)
{
    tin_progress *progress = &meter->progress;

    meter->told = now;
    progress->elapsed_ms = now - meter->began;
    if (progress->elapsed_ms != 0)
        progress->bytes_per_second = (uint64_t)((double)(progress->done - meter->first) * 1000 /
                                                (double)progress->elapsed_ms);
    return meter->callback(meter->context, progress) ? tin__success() : tin__fail(TIN_E_CANCELLED);
}

tin_result tin__meter_advance(tin__meter *meter, uint64_t done)
{
    ULONGLONG now;

    meter->progress.done = done;
    if (meter->callback == NULL)
        return tin__success();
    now = GetTickCount64();
    return now - meter->told >= TELL_EVERY_MS ? tell(meter, now) : tin__success();
}

tin_result tin__meter_end(tin__meter *meter)
{
    return meter->callback != NULL ? tell(meter, GetTickCount64()) : tin__success();
}

/* ---- answers -------------------------------------------------------------------------------- */

static tin_error error_of(DWORD status)
{
    switch (status) {
    case HTTP_STATUS_NOT_FOUND:
    case HTTP_STATUS_GONE:
        return TIN_E_NOT_FOUND;
    case HTTP_STATUS_DENIED:
        return TIN_E_AUTH;
    case HTTP_STATUS_FORBIDDEN:
        return TIN_E_ACCESS;
    case HTTP_STATUS_PROXY_AUTH_REQ:
        return TIN_E_PROXY;
    default:
        if (status < 300)
            return TIN_OK;
        return status < 400 ? TIN_E_REDIRECT : TIN_E_SERVER;
    }
}

tin_result tin__transfer_status(tin_handle file, DWORD *status)
{
    DWORD type;
    tin_result result = tin_query_option_dword(file, INTERNET_OPTION_HANDLE_TYPE, &type);

    *status = 0;
    if (tin_ok(result) && type == INTERNET_HANDLE_TYPE_HTTP_REQUEST)
        result = tin_http_status(file, status);
    return tin_ok(result) ? tin__fail(error_of(*status)) : tin__told(result);
}

/* "bytes 1000-1999/2000", and 1,000 bytes. */
bool tin__is_rest(tin_handle file, uint64_t first)
{
    wchar_t expected[80], text[80];
    size_t size = sizeof text;
    uint64_t end;

    if (!tin_ok(tin_get_length(file, &end)))
        return false;
    end += first;
    _snwprintf(expected, sizeof expected / sizeof *expected, L"bytes %I64u-%I64u/%I64u", first,
               end - 1, end);
    return tin_ok(tin_http_query_info_w(file, HTTP_QUERY_CONTENT_RANGE, text, &size, NULL)) &&
           wcscmp(text, expected) == 0;
}

/* ---- to memory ------------------------------------------------------------------------------ */

typedef struct memory {
    BYTE *bytes;
    size_t room, size, limit;
} memory;

/* Room for a NUL is always left. */
static bool make_room(memory *to, size_t room)
{
    BYTE *bytes;

    if (room >= to->limit)
        room = to->limit;
    if (room == SIZE_MAX)
        return false;
    bytes = realloc(to->bytes, room + 1);
    if (bytes == NULL)
        return false;
    to->bytes = bytes;
    to->room = room;
    return true;
}

/* A body that is as long as it may be has to end there. */
static tin_result expect_end(tin_handle file)
{
    char more;
    size_t got;
    const tin_result result = tin_read_available(file, &more, 1, &got);

    return got != 0 ? tin__fail(TIN_E_BUFFER_TOO_SMALL) : result;
}

static tin_result read_all(tin_handle file, memory *to)
{
    for (;;) {
        size_t got;
        tin_result result;

        if (to->size == to->limit)
            return expect_end(file);
        if (to->size == to->room &&
            !make_room(to, to->room > SIZE_MAX / 2 ? SIZE_MAX : to->room * 2))
            return tin__fail(TIN_E_MEMORY);
        result = tin_read_file(file, to->bytes + to->size, to->room - to->size, &got);
        to->size += got;
        if (!tin_ok(result) || got == 0)
            return result;
    }
}

/* By the caller's headers. */
static bool asks_for_part(tin_handle file)
{
    size_t size = 0;

    return tin_http_query_info_w(file, HTTP_QUERY_RANGE | HTTP_QUERY_FLAG_REQUEST_HEADERS, NULL,
                                 &size, NULL)
               .error != TIN_E_NOT_FOUND;
}

static tin_result get(tin_handle file, DWORD status, memory *to)
{
    uint64_t length;
    tin_result result = tin_get_length(file, &length);

    if (status == HTTP_STATUS_PARTIAL_CONTENT && !asks_for_part(file) && !tin__is_rest(file, 0))
        return tin__fail(TIN_E_PROTOCOL);
    if (result.error == TIN_E_NOT_FOUND)
        length = FIRST_ROOM;
    else if (!tin_ok(result))
        return result;
    else if (length > to->limit)
        return tin__fail(TIN_E_BUFFER_TOO_SMALL);
    if (!make_room(to, (size_t)length))
        return tin__fail(TIN_E_MEMORY);
    return read_all(file, to);
}

static void clear(DWORD *status, void **body, size_t *size)
{
    if (status != NULL)
        *status = 0;
    if (body != NULL)
        *body = NULL;
    if (size != NULL)
        *size = 0;
}

tin_result tin_get_w(tin_handle session, const wchar_t *url, const wchar_t *headers, DWORD flags,
                     size_t limit, DWORD *status, void **body, size_t *size)
{
    memory to = {.limit = limit};
    DWORD ignored;
    tin_handle file;
    tin_result result;

    if (status == NULL)
        status = &ignored;
    clear(status, body, size);
    if (body == NULL || size == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    result = tin_open_url_w(session, url, headers, flags, NULL, &file);
    if (!tin_ok(result))
        return result;
    result = tin__transfer_status(file, status);
    if (tin_ok(result))
        result = tin__told(get(file, *status, &to));
    tin_close_handle(file);
    if (!tin_ok(result)) {
        free(to.bytes);
        return result;
    }
    to.bytes[to.size] = '\0';
    *body = to.bytes;
    *size = to.size;
    return result;
}

tin_result tin_get(tin_handle session, const char *url, const char *headers, DWORD flags,
                   size_t limit, DWORD *status, void **body, size_t *size)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, url, headers);

    clear(status, body, size);
    if (tin_ok(result))
        result = tin_get_w(session, wide.text[0], wide.text[1], flags, limit, status, body, size);
    return tin__forget(&wide, result);
}

void tin_free(void *bytes)
{
    free(bytes);
}
