/* SPDX-License-Identifier: MIT */
/*
 * Where an answer sends us, and what may go there. WinInet's own redirects have no end in a loop,
 * go from https to http without a word and carry Authorization and Cookie to other hosts (seen
 * under Wine 8), so InternetOpenUrlW is always told not to follow.
 */
#include <stdlib.h>
#include <wchar.h>

#include "internal.h"

/* Wine 8 cuts header lines at 4,095 characters without a word. */
#define CUT_LINE 4095u

bool tin__is_redirect(DWORD status)
{
    return status == HTTP_STATUS_MOVED || status == HTTP_STATUS_REDIRECT ||
           status == HTTP_STATUS_REDIRECT_METHOD || status == HTTP_STATUS_REDIRECT_KEEP_VERB ||
           status == 308;
}

static tin_result check_target(const tin__url *from, const tin__url *target)
{
    if (target->scheme != TIN__HTTP && target->scheme != TIN__HTTPS)
        return tin__fail(TIN_E_REDIRECT);
    if (from->scheme == TIN__HTTPS && target->scheme == TIN__HTTP)
        return tin__fail(TIN_E_REDIRECT);
    if (target->user != NULL)
        return tin__fail(TIN_E_REDIRECT);
    return tin__success();
}

tin_result tin__redirect_target(tin__native *native, tin__url *target)
{
    wchar_t *location;
    bool empty, cut;
    tin_result result = tin__http_query(native, HTTP_QUERY_LOCATION, 0, &location);

    if (result.error == TIN_E_NOT_FOUND)
        return tin__success(); /* an answer like any other, as with WinInet */
    if (!tin_ok(result))
        return result;
    empty = *location == L'\0';
    cut = wcslen(location) + wcslen(L"Location: ") >= CUT_LINE - 1;
    if (!empty && !cut)
        result = tin__resolve_url(&native->url, location, target);
    free(location);
    if (empty || cut || (!tin_ok(result) && result.error != TIN_E_MEMORY))
        return tin__fail(TIN_E_REDIRECT);
    if (tin_ok(result))
        result = check_target(&native->url, target);
    if (!tin_ok(result))
        tin__free_url(target);
    return result;
}

/* ---- the caller's request headers ----------------------------------------------------------- */

static bool is_token(wchar_t character)
{
    return tin__is_letter(character) || (character >= L'0' && character <= L'9') ||
           (character > L' ' && character < 0x7F && wcschr(L"!#$%&'*+-.^_`|~", character) != NULL);
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

    while (p < end && is_token(*p))
        p++;
    if (p == line || p == end || *p++ != L':')
        return false;
    for (; p < end; p++)
        if ((*p < L' ' && *p != L'\t') || *p == 0x7F || *p > 0xFF)
            return false;
    return true;
}

/* "Name: value" lines, each but the last ended by CR LF. WinInet would send what comes after a
 * stray CR or LF as a header of its own, and drop without a word what has no colon. */
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

static bool is_private(const wchar_t *line)
{
    return tin__starts_with(line, L"Authorization:") || tin__starts_with(line, L"Cookie:") ||
           tin__starts_with(line, L"Proxy-Authorization:");
}

static bool is_range(const wchar_t *line)
{
    return tin__starts_with(line, L"Range:") || tin__starts_with(line, L"If-Range:");
}

static void strip(wchar_t *headers, bool (*goes)(const wchar_t *line))
{
    wchar_t *to = headers;
    const wchar_t *next;

    for (const wchar_t *line = headers; line != NULL && *line != L'\0'; line = next) {
        next = next_line(line_end(line));
        if (goes(line))
            continue;
        wmemmove(to, line, (size_t)(next - line));
        to += next - line;
    }
    if (to != NULL)
        *to = L'\0';
}

void tin__strip_headers(wchar_t *headers)
{
    strip(headers, is_private);
}

void tin__strip_ranges(wchar_t *headers)
{
    strip(headers, is_range);
}
