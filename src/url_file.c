/* SPDX-License-Identifier: MIT */
/*
 * Why not PathCreateFromUrlW: it decodes an escape to a character, not to a byte of UTF-8
 * ("%C3%A9" is two letters), cuts the path at "%00", lets "%zz" pass and keeps queries and
 * fragments (Wine 8).
 */
#include "url_syntax.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static bool is_drive(const wchar_t *text)
{
    if (!tin__is_letter(text[0]))
        return false;
    return text[1] == L':' || (text[1] == L'|' && (text[2] == L'\\' || text[2] == L'\0'));
}

static void cut_query_and_fragment(wchar_t *name)
{
    wchar_t *end = name + wcscspn(name, L"\\?#");

    if (*end != L'\\')
        *end = L'\0';
}

/* Where the path starts in a decoded name with turned slashes; NULL if it names nothing. */
static wchar_t *path_in(wchar_t *name)
{
    size_t slashes;
    wchar_t *rest;

    if (tin__starts_with(name, L"\\\\localhost\\"))
        name += wcslen(L"\\\\localhost");
    slashes = wcsspn(name, L"\\");
    rest = name + slashes;

    if (*rest == L'\0')
        return NULL;
    if (is_drive(rest)) {
        rest[1] = L':';
        return rest;
    }
    if (slashes > 3)
        return rest - 2;
    return slashes == 3 ? rest - 1 : name;
}

tin_result tin__local_name(const wchar_t *url, wchar_t **path)
{
    tin_result result;
    wchar_t *name;
    wchar_t *start;

    *path = NULL;
    result = tin__copy_wide(url + wcslen(L"file:"), &name);
    if (!tin_ok(result))
        return result;
    cut_query_and_fragment(name);
    result = tin__unescape(name, path);
    free(name);
    if (!tin_ok(result))
        return result;

    tin__turn(*path, L'/', L'\\');
    start = path_in(*path);
    if (start == NULL) {
        free(*path);
        *path = NULL;
        return tin__fail(TIN_E_URL);
    }
    memmove(*path, start, (wcslen(start) + 1) * sizeof *start);
    return result;
}
