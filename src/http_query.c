/* SPDX-License-Identifier: MIT */
/* What an answer says, and what was asked, for the caller: text, numbers, dates. */
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
    result = tin__fail(TIN_E_STATE);
    if (of_request || tin__has_answer(object))
        result = tin__native_hold(object, &native);
    if (!tin_ok(result))
        return tin__leave(object, result);
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

/* "a CR LF b CR LF CR LF" to "a NUL b NUL" and the last NUL; how many units that is. */
static size_t split_lines(wchar_t *text)
{
    size_t units = 0;

    for (const wchar_t *from = text; *from != L'\0'; from++) {
        if (from[0] == L'\r' && from[1] == L'\n')
            continue;
        text[units++] = *from != L'\n' ? *from : L'\0';
    }
    while (units > 1 && text[units - 1] == L'\0' && text[units - 2] == L'\0')
        units--;
    text[units++] = L'\0';
    return units;
}

static tin_result query_text(tin_handle request, const question *what, tin__out to)
{
    wchar_t *value;
    DWORD index;
    tin_result result = ask(request, what, &index, &value);

    if (value == NULL) /* the question failed */
        *to.size = 0;
    else if (is_raw(what))
        result = tin__copy_units(value, split_lines(value), to);
    else
        result = tin__copy_out(value, to);
    if (tin_ok(result))
        go_on(what, index);
    tin__wipe_text(value);
    return result;
}

/* A header by its name: what is asked for with HTTP_QUERY_CUSTOM. */
static tin_result query_named(tin_handle request, DWORD info, const wchar_t *name, tin__out to,
                              DWORD *index)
{
    const question what = {info, name, index};

    if (name != NULL && tin__is_token(name))
        return query_text(request, &what, to);
    *to.size = 0;
    return tin__fail(TIN_E_ARGUMENT);
}

/* A copy of the name that the caller's buffer holds, for free(). */
static tin_result copy_name(tin__out from, wchar_t **name)
{
    const size_t units = from.is_wide ? *from.size / sizeof(wchar_t) : *from.size;

    *name = NULL;
    if (from.is_wide ? from.utf16 == NULL || wcsnlen(from.utf16, units) == units
                     : from.utf8 == NULL || strnlen(from.utf8, units) == units)
        return tin__fail(TIN_E_ARGUMENT);
    return from.is_wide ? tin__copy_wide(from.utf16, name) : tin__wide(from.utf8, name);
}

static tin_result query_info(tin_handle request, DWORD info, tin__out to, DWORD *index)
{
    const question what = {info, NULL, index};
    wchar_t *name = NULL;
    tin_result result = tin__fail(TIN_E_ARGUMENT);

    if (to.size == NULL)
        return result;
    if ((info & (NUMBER_FLAGS | HTTP_QUERY_FLAG_SYSTEMTIME)) == 0) {
        if (LEVEL(info) != HTTP_QUERY_CUSTOM)
            return query_text(request, &what, to);
        result = copy_name(to, &name);
    }
    if (tin_ok(result))
        result = query_named(request, info, name, to, index);
    else
        *to.size = 0;
    free(name);
    return result;
}

tin_result tin_http_query_info(tin_handle request, DWORD info, char *text, size_t *size,
                               DWORD *index)
{
    return query_info(request, info, tin__to_utf8(text, size), index);
}

tin_result tin_http_query_info_w(tin_handle request, DWORD info, wchar_t *text, size_t *size,
                                 DWORD *index)
{
    return query_info(request, info, tin__to_utf16(text, size), index);
}

tin_result tin_http_query_header(tin_handle request, const char *name, char *text, size_t *size,
                                 DWORD *index)
{
    tin__wide_texts wide;
    tin_result result;

    if (size == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    result = TIN__WIDEN(&wide, name);
    if (tin_ok(result))
        result =
            query_named(request, HTTP_QUERY_CUSTOM, wide.text[0], tin__to_utf8(text, size), index);
    else
        *size = 0;
    return tin__forget(&wide, result);
}

tin_result tin_http_query_header_w(tin_handle request, const wchar_t *name, wchar_t *text,
                                   size_t *size, DWORD *index)
{
    if (size == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    return query_named(request, HTTP_QUERY_CUSTOM, name, tin__to_utf16(text, size), index);
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
