/* SPDX-License-Identifier: MIT */
/*
 * One header of an answer, or of what was sent. Numbers are read from its text: in Wine 8
 * HTTP_QUERY_FLAG_NUMBER takes "-1" for 4294967295 and "5abc" for 5, fails above 4 GiB as
 * everywhere, and there is no HTTP_QUERY_FLAG_NUMBER64.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "http.h"

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

tin_result tin__http_header(tin__native *native, DWORD info, wchar_t **text)
{
    const tin_result result = tin__http_query(native, info, NULL, NULL, text);

    return result.error == TIN_E_NOT_FOUND ? tin__success() : result;
}

bool tin__parse_number(const wchar_t *text, uint64_t *number)
{
    const bool whole = tin__take_number(&text, number) && *text == L'\0';

    if (!whole)
        *number = 0;
    return whole;
}
