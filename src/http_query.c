/* SPDX-License-Identifier: MIT */
/*
 * What an answer says, and what was asked. Numbers and dates are read from the header's text: in
 * Wine 8 HTTP_QUERY_FLAG_NUMBER takes "-1" for 4294967295 and "5abc" for 5, fails above 4 GiB as
 * everywhere, and there is no HTTP_QUERY_FLAG_NUMBER64.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "http.h"

/* Newer than <wininet.h> of mingw-w64 10. */
#ifndef HTTP_QUERY_FLAG_NUMBER64
#define HTTP_QUERY_FLAG_NUMBER64 0x08000000
#endif

#define NUMBER_FLAGS (HTTP_QUERY_FLAG_NUMBER | HTTP_QUERY_FLAG_NUMBER64)
#define LEVEL(info) ((info)&HTTP_QUERY_HEADER_MASK)

/* ---- of WinInet ----------------------------------------------------------------------------- */

tin_result tin__http_query(tin__native *native, DWORD info, const wchar_t *name, DWORD *index,
                           wchar_t **text)
{
    const size_t name_size = name != NULL ? (wcslen(name) + 1) * sizeof *name : 0;
    DWORD size = name_size > 256 ? (DWORD)name_size : 256, error;

    for (;;) {
        const DWORD before = size;
        DWORD place = index != NULL ? *index : 0;

        /* room to spare, zeroed: units and NUL of the answer differ between systems */
        *text = calloc(1, (size_t)size + 2 * sizeof **text);
        if (*text == NULL)
            return tin__fail(TIN_E_MEMORY);
        if (name != NULL)
            memcpy(*text, name, name_size);
        if (HttpQueryInfoW(native->handle, info, *text, &size, &place)) {
            (*text)[size / sizeof **text] = L'\0'; /* of a name nothing is left */
            if (index != NULL)
                *index = place;
            return tin__success();
        }
        error = GetLastError();
        free(*text);
        *text = NULL;
        if (error != ERROR_INSUFFICIENT_BUFFER || size <= before)
            return tin__from_win32(error);
    }
}

bool tin__parse_number(const wchar_t *text, uint64_t *number)
{
    *number = 0;
    if (*text == L'\0')
        return false;
    for (; *text != L'\0'; text++) {
        const unsigned digit = (unsigned)*text - L'0';

        if (digit > 9 || *number > (UINT64_MAX - digit) / 10) {
            *number = 0;
            return false;
        }
        *number = *number * 10 + digit;
    }
    return true;
}

/* ---- of a handle ---------------------------------------------------------------------------- */

/* What is asked for. */
typedef struct question {
    DWORD info;
    const wchar_t *name; /* HTTP_QUERY_CUSTOM */
    DWORD *index;        /* or NULL */
} question;

static bool is_raw(const question *what)
{
    return LEVEL(what->info) == HTTP_QUERY_RAW_HEADERS;
}

static tin_result ask_native(tin__native *native, const question *what, DWORD *index,
                             wchar_t **text)
{
    /* the NULs of the raw headers are put in when they are handed out */
    const DWORD info = is_raw(what)
                           ? what->info - HTTP_QUERY_RAW_HEADERS + HTTP_QUERY_RAW_HEADERS_CRLF
                           : what->info;

    return tin__http_query(native, info, what->name, index, text);
}

/* The text for free(), and the index of the next one. */
static tin_result ask(tin_handle request, const question *what, DWORD *index, wchar_t **text)
{
    const bool of_request = (what->info & HTTP_QUERY_FLAG_REQUEST_HEADERS) != 0;
    tin_result result;
    tin__native *native;
    tin__object *object;

    *text = NULL;
    *index = what->index != NULL ? *what->index : 0;
    object = tin__enter(request, TIN__HTTP_FILE, &result);
    if (object == NULL)
        return result;
    native = of_request || tin__has_answer(object) ? tin__native_hold(object) : NULL;
    if (native == NULL)
        return tin__leave(object, tin__fail(TIN_E_STATE));
    result = ask_native(native, what, index, text);
    tin__native_release(native);
    return tin__leave(object, result);
}

static void go_on(const question *what, DWORD index)
{
    if (what->index != NULL)
        *what->index = index;
}

/* ---- text ----------------------------------------------------------------------------------- */

/* "a CR LF b CR LF CR LF" to "a NUL b NUL": in UTF-8 or UTF-16, the units are what they are. */
#define SPLIT_LINES(text, count)                                                                   \
    do {                                                                                           \
        size_t to = 0;                                                                             \
        for (size_t from = 0; (text)[from] != 0; from++) {                                         \
            if ((text)[from] == '\r' && (text)[from + 1] == '\n')                                  \
                continue;                                                                          \
            (text)[to++] = (text)[from];                                                           \
            if ((text)[to - 1] == '\n')                                                            \
                (text)[to - 1] = 0;                                                                \
        }                                                                                          \
        while (to > 1 && (text)[to - 1] == 0 && (text)[to - 2] == 0)                               \
            to--;                                                                                  \
        (text)[to] = 0;                                                                            \
        (count) = to;                                                                              \
    } while (0)

/* As tin__copy_text, for bytes with NULs among them; the last NUL is not counted in `bytes`. */
static tin_result copy_bytes(const void *value, size_t bytes, size_t unit, void *text, size_t *size)
{
    const size_t room = text != NULL ? *size : 0;

    if (room < bytes + unit) {
        *size = bytes + unit;
        return tin__fail(TIN_E_BUFFER_TOO_SMALL);
    }
    memcpy(text, value, bytes + unit);
    *size = bytes;
    return tin__success();
}

static tin_result copy_raw(wchar_t *value, char *narrow, wchar_t *wide, bool is_wide, size_t *size)
{
    char *utf8;
    size_t units;
    tin_result result;

    if (is_wide) {
        SPLIT_LINES(value, units);
        return copy_bytes(value, units * sizeof *value, sizeof *value, wide, size);
    }
    result = tin__narrow(value, &utf8);
    if (!tin_ok(result)) {
        *size = 0;
        return result;
    }
    SPLIT_LINES(utf8, units);
    result = copy_bytes(utf8, units, 1, narrow, size);
    free(utf8);
    return result;
}

static tin_result hand_out(const question *what, wchar_t *value, char *narrow, wchar_t *wide,
                           bool is_wide, size_t *size)
{
    if (is_raw(what))
        return copy_raw(value, narrow, wide, is_wide, size);
    return is_wide ? tin__copy_text_w(value, wide, size) : tin__copy_text(value, narrow, size);
}

static tin_result query_text(tin_handle request, const question *what, char *narrow, wchar_t *wide,
                             bool is_wide, size_t *size)
{
    wchar_t *value;
    DWORD index;
    tin_result result = ask(request, what, &index, &value);

    if (tin_ok(result))
        result = hand_out(what, value, narrow, wide, is_wide, size);
    else
        *size = 0;
    if (tin_ok(result))
        go_on(what, index);
    tin__wipe_text(value);
    return result;
}

/* A header by its name: what is asked for with HTTP_QUERY_CUSTOM. */
static tin_result query_named(tin_handle request, DWORD info, const wchar_t *name, char *narrow,
                              wchar_t *wide, bool is_wide, size_t *size, DWORD *index)
{
    const question what = {info, name, index};

    if (name != NULL && tin__is_token(name))
        return query_text(request, &what, narrow, wide, is_wide, size);
    *size = 0;
    return tin__fail(TIN_E_ARGUMENT);
}

/* A copy of the name that the caller's buffer holds, for free(). */
static tin_result copy_name(const void *text, size_t size, bool is_wide, wchar_t **name)
{
    const size_t units = is_wide ? size / sizeof(wchar_t) : size;

    *name = NULL;
    if (text == NULL || (is_wide ? wcsnlen(text, units) : strnlen(text, units)) == units)
        return tin__fail(TIN_E_ARGUMENT);
    return is_wide ? tin__copy_wide(text, name) : tin__wide(text, name);
}

static tin_result query_info(tin_handle request, DWORD info, char *narrow, wchar_t *wide,
                             bool is_wide, size_t *size, DWORD *index)
{
    const question what = {info, NULL, index};
    wchar_t *name = NULL;
    tin_result result = tin__fail(TIN_E_ARGUMENT);

    if (size == NULL)
        return result;
    if ((info & (NUMBER_FLAGS | HTTP_QUERY_FLAG_SYSTEMTIME)) == 0) {
        if (LEVEL(info) != HTTP_QUERY_CUSTOM)
            return query_text(request, &what, narrow, wide, is_wide, size);
        result = copy_name(is_wide ? (void *)wide : narrow, *size, is_wide, &name);
    }
    if (tin_ok(result))
        result = query_named(request, info, name, narrow, wide, is_wide, size, index);
    else
        *size = 0;
    free(name);
    return result;
}

tin_result tin_http_query_info(tin_handle request, DWORD info, char *text, size_t *size,
                               DWORD *index)
{
    return query_info(request, info, text, NULL, false, size, index);
}

tin_result tin_http_query_info_w(tin_handle request, DWORD info, wchar_t *text, size_t *size,
                                 DWORD *index)
{
    return query_info(request, info, NULL, text, true, size, index);
}

tin_result tin_http_query_header(tin_handle request, const char *name, char *text, size_t *size,
                                 DWORD *index)
{
    wchar_t *wide;
    tin_result result;

    if (size == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    result = tin__wide(name, &wide);
    if (tin_ok(result))
        result = query_named(request, HTTP_QUERY_CUSTOM, wide, text, NULL, false, size, index);
    else
        *size = 0;
    free(wide);
    return result;
}

tin_result tin_http_query_header_w(tin_handle request, const wchar_t *name, wchar_t *text,
                                   size_t *size, DWORD *index)
{
    if (size == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    return query_named(request, HTTP_QUERY_CUSTOM, name, NULL, text, true, size, index);
}

/* ---- numbers and dates ---------------------------------------------------------------------- */

static bool parse_number(const wchar_t *text, void *value)
{
    return tin__parse_number(text, value);
}

static bool parse_date(const wchar_t *text, void *value)
{
    return tin__parse_date(text, value);
}

/* `flags` say nothing new here. */
static tin_result query_value(tin_handle request, DWORD info, DWORD flags, DWORD *index,
                              bool (*parse)(const wchar_t *text, void *value), void *value)
{
    const question what = {info & ~flags, NULL, index};
    wchar_t *text;
    DWORD next;
    tin_result result;

    if ((what.info & (NUMBER_FLAGS | HTTP_QUERY_FLAG_SYSTEMTIME)) != 0 ||
        LEVEL(info) == HTTP_QUERY_CUSTOM) /* its name has no place here */
        return tin__fail(TIN_E_ARGUMENT);
    result = ask(request, &what, &next, &text);
    if (!tin_ok(result))
        return result;
    if (parse(text, value))
        go_on(&what, next);
    else
        result = tin__fail(TIN_E_PROTOCOL);
    tin__wipe_text(text);
    return result;
}

tin_result tin_http_query_info_u64(tin_handle request, DWORD info, uint64_t *value, DWORD *index)
{
    if (value == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    *value = 0;
    return query_value(request, info, NUMBER_FLAGS, index, parse_number, value);
}

tin_result tin_http_query_info_time(tin_handle request, DWORD info, SYSTEMTIME *time, DWORD *index)
{
    tin_result result;

    if (time == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    memset(time, 0, sizeof *time);
    result = query_value(request, info, HTTP_QUERY_FLAG_SYSTEMTIME, index, parse_date, time);
    if (!tin_ok(result))
        memset(time, 0, sizeof *time);
    return result;
}

tin_result tin_http_status(tin_handle request, DWORD *status)
{
    uint64_t number;
    tin_result result;

    if (status == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    result = tin_http_query_info_u64(request, HTTP_QUERY_STATUS_CODE, &number, NULL);
    *status = (DWORD)number;
    return result;
}
