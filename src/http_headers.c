/* SPDX-License-Identifier: MIT */
/*
 * The headers of a request: "Name: value" lines, each but the last ended by CR LF. thininet keeps
 * them itself, because every hop of a redirect is another request of WinInet's, and gives each one
 * its lines by HTTP_ADDREQ_FLAG_ADD alone: what the other flags do differs (Wine 8 adds what
 * HTTP_ADDREQ_FLAG_REPLACE does not find, and replaces only the first of several).
 */
#include <stdlib.h>
#include <wchar.h>

#include "http.h"

/* ---- lines ---------------------------------------------------------------------------------- */

static bool is_token_character(wchar_t character)
{
    return tin__is_letter(character) || tin__is_digit(character) ||
           (character > L' ' && character < 0x7F && wcschr(L"!#$%&'*+-.^_`|~", character) != NULL);
}

bool tin__is_token(const wchar_t *text)
{
    const wchar_t *p = text;

    while (is_token_character(*p))
        p++;
    return p != text && *p == L'\0';
}

/* The end of a line: at its CR LF, or at the end of the text. */
static const wchar_t *line_end(const wchar_t *line)
{
    const wchar_t *end = wcsstr(line, L"\r\n");

    return end != NULL ? end : line + wcslen(line);
}

static const wchar_t *next_line(const wchar_t *end)
{
    return *end != L'\0' ? end + 2 : end;
}

static bool is_header(const wchar_t *line, const wchar_t *end)
{
    const wchar_t *p = line;

    while (p < end && is_token_character(*p))
        p++;
    if (p == line || p == end || *p++ != L':')
        return false;
    for (; p < end; p++)
        if ((*p < L' ' && *p != L'\t') || *p == 0x7F || *p > 0xFF)
            return false;
    return true;
}

/* WinInet would send what comes after a stray CR or LF as a header of its own, and drop without a
 * word what has no colon. */
tin_result tin__check_headers(const wchar_t *headers)
{
    for (const wchar_t *end, *line = headers; line != NULL && *line != L'\0';
         line = next_line(end)) {
        end = line_end(line);
        if (!is_header(line, end))
            return tin__fail(TIN_E_ARGUMENT);
    }
    return tin__success();
}

static wchar_t lower(wchar_t character)
{
    return character >= L'A' && character <= L'Z' ? (wchar_t)(character - L'A' + L'a') : character;
}

/* Do these two begin with the same name? It ends at its colon. */
static bool same_name(const wchar_t *line, const wchar_t *other)
{
    while (is_token_character(*line) && lower(*line) == lower(*other))
        line++, other++;
    return !is_token_character(*line) && !is_token_character(*other);
}

static wchar_t *find_line(wchar_t *headers, const wchar_t *name)
{
    for (wchar_t *line = headers; line != NULL && *line != L'\0';
         line = (wchar_t *)next_line(line_end(line)))
        if (same_name(line, name))
            return line;
    return NULL;
}

bool tin__has_header(const wchar_t *headers, const wchar_t *name)
{
    return find_line((wchar_t *)headers, name) != NULL;
}

/* ---- lines that go -------------------------------------------------------------------------- */

typedef bool line_test(const wchar_t *line, const wchar_t *name);

/* What went may have been secret: nothing of it stays behind the new end. */
static void remove_lines(wchar_t *headers, line_test *test, const wchar_t *name)
{
    const wchar_t *line = headers, *next;
    wchar_t *to = headers;

    for (; line != NULL && *line != L'\0'; line = next) {
        next = next_line(line_end(line));
        if (test(line, name))
            continue;
        wmemmove(to, line, (size_t)(next - line));
        to += next - line;
    }
    SecureZeroMemory(to, (size_t)(line - to) * sizeof *to);
}

static bool is_among(const wchar_t *line, const wchar_t *names)
{
    return tin__has_header(names, line);
}

void tin__strip_headers(wchar_t *headers, const wchar_t *names)
{
    remove_lines(headers, is_among, names);
}

static bool is_about_content(const wchar_t *line, const wchar_t *unused)
{
    (void)unused;
    return tin__starts_with(line, L"Content-");
}

void tin__strip_content_headers(wchar_t *headers)
{
    remove_lines(headers, is_about_content, NULL);
}

/* ---- lines that come ------------------------------------------------------------------------ */

static const wchar_t *value_of(const wchar_t *line)
{
    const wchar_t *value = line + wcscspn(line, L":") + 1;

    return value + wcsspn(value, L" \t");
}

static void insert(wchar_t *at, const wchar_t *text, size_t length)
{
    wmemmove(at + length, at, wcslen(at) + 1);
    wmemcpy(at, text, length);
}

static void append_line(wchar_t *headers, const wchar_t *line, const wchar_t *end)
{
    wchar_t *at = headers + wcslen(headers);

    insert(at, line, (size_t)(end - line));
    wcscat(at, L"\r\n");
}

static void coalesce(wchar_t *line, const wchar_t *value, const wchar_t *end, DWORD modifiers)
{
    const bool comma = (modifiers & HTTP_ADDREQ_FLAG_COALESCE_WITH_COMMA) != 0;
    wchar_t *at = (wchar_t *)line_end(line);

    insert(at, value, (size_t)(end - value));
    insert(at, comma ? L", " : L"; ", 2);
}

#define COALESCE (HTTP_ADDREQ_FLAG_COALESCE_WITH_COMMA | HTTP_ADDREQ_FLAG_COALESCE_WITH_SEMICOLON)

/* `headers` has room for it. */
static tin_result merge_line(wchar_t *headers, const wchar_t *line, const wchar_t *end,
                             DWORD modifiers)
{
    wchar_t *first = find_line(headers, line);
    const wchar_t *value = value_of(line);

    if (first != NULL && (modifiers & HTTP_ADDREQ_FLAG_ADD_IF_NEW) != 0)
        return tin__fail(TIN_E_EXISTS);
    if ((modifiers & HTTP_ADDREQ_FLAG_REPLACE) != 0) {
        if (first == NULL && (modifiers & HTTP_ADDREQ_FLAG_ADD) == 0)
            return tin__fail(TIN_E_NOT_FOUND);
        remove_lines(headers, same_name, line);
        if (value < end)
            append_line(headers, line, end);
    } else if (first != NULL && (modifiers & COALESCE) != 0) {
        coalesce(first, value, end, modifiers);
    } else {
        append_line(headers, line, end);
    }
    return tin__success();
}

/* All of it, or nothing. */
tin_result tin__merge_headers(wchar_t **headers, const wchar_t *more, DWORD modifiers)
{
    const size_t length = *headers != NULL ? wcslen(*headers) : 0;
    wchar_t *merged = calloc(length + 2 * wcslen(more) + 3, sizeof *merged); /* ends, separators */
    tin_result result = tin__success();

    if (merged == NULL)
        return tin__fail(TIN_E_MEMORY);
    if (length != 0)
        wcscpy(merged, *headers);
    if (length != 0 && merged[length - 1] != L'\n')
        wcscpy(merged + length, L"\r\n");
    for (const wchar_t *end, *line = more; tin_ok(result) && *line != L'\0';
         line = next_line(end)) {
        end = line_end(line);
        result = merge_line(merged, line, end, modifiers);
    }
    if (!tin_ok(result)) {
        tin__wipe_text(merged);
        return result;
    }
    tin__wipe_text(*headers);
    *headers = merged;
    return result;
}

/* ---- to WinInet ----------------------------------------------------------------------------- */

/* `removal` is "Name:" CR LF, which WinInet takes for "remove the first one". */
static DWORD remove_from_request(HINTERNET request, const wchar_t *removal, wchar_t *buffer)
{
    const size_t length = wcscspn(removal, L":");

    for (;;) {
        DWORD size = (DWORD)((length + 1) * sizeof *buffer), index = 0;

        wmemcpy(buffer, removal, length);
        buffer[length] = L'\0';
        if (!HttpQueryInfoW(request, HTTP_QUERY_CUSTOM | HTTP_QUERY_FLAG_REQUEST_HEADERS, buffer,
                            &size, &index) &&
            GetLastError() != ERROR_INSUFFICIENT_BUFFER)
            return ERROR_SUCCESS;
        if (!HttpAddRequestHeadersW(request, removal, (DWORD)wcslen(removal),
                                    HTTP_ADDREQ_FLAG_REPLACE))
            return tin__last_error();
    }
}

static DWORD remove_by_name(HINTERNET request, const wchar_t *line)
{
    const size_t length = wcscspn(line, L":");
    wchar_t *removal = calloc(2 * length + 5, sizeof *removal);
    DWORD error;

    if (removal == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    wmemcpy(removal, line, length);
    wcscpy(removal + length, L":\r\n");
    error = remove_from_request(request, removal, removal + length + 4);
    free(removal);
    return error;
}

DWORD tin__give_headers(HINTERNET request, const wchar_t *names, const wchar_t *headers)
{
    DWORD error = ERROR_SUCCESS;

    for (const wchar_t *line = names; error == ERROR_SUCCESS && line != NULL && *line != L'\0';
         line = next_line(line_end(line)))
        error = remove_by_name(request, line);
    for (const wchar_t *end, *line = headers;
         error == ERROR_SUCCESS && line != NULL && *line != L'\0'; line = next_line(end)) {
        end = line_end(line);
        if (tin__has_header(names, line) &&
            !HttpAddRequestHeadersW(request, line, (DWORD)(next_line(end) - line),
                                    HTTP_ADDREQ_FLAG_ADD))
            error = tin__last_error();
    }
    return error;
}
