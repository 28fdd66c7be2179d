/* SPDX-License-Identifier: MIT */
/*
 * One header of an answer, or of what was sent. Numbers are read from its text: in Wine 8
 * HTTP_QUERY_FLAG_NUMBER takes "-1" for 4294967295 and "5abc" for 5, fails above 4 GiB as
 * everywhere, and there is no HTTP_QUERY_FLAG_NUMBER64.
 */
#include <string.h>
#include <wchar.h>

#include "http.h"

static tin_result query(tin__native *native, DWORD info, const wchar_t *name, DWORD *index,
                        tin__room *room)
{
    const size_t name_size = name != NULL ? (wcslen(name) + 1) * sizeof *name : 0;
    const size_t spare = 2 * sizeof *name; /* units and NUL of the answer differ between systems */
    DWORD size = sizeof room->here - (DWORD)spare, error;

    if (size < name_size)
        size = (DWORD)name_size;
    for (;;) {
        const DWORD before = size;
        DWORD place = index != NULL ? *index : 0;
        wchar_t *text = tin__take_room(room, (size_t)size + spare);

        if (text == NULL)
            return tin__fail(TIN_E_MEMORY);
        memset(text, 0, (size_t)size + spare);
        if (name != NULL)
            memcpy(text, name, name_size);
        if (HttpQueryInfoW(native->handle, info, text, &size, &place)) {
            text[size / sizeof *text] = L'\0'; /* of a name nothing is left */
            if (index != NULL)
                *index = place;
            return tin__success();
        }
        error = GetLastError();
        tin__leave_room(room);
        if (error != ERROR_INSUFFICIENT_BUFFER || size <= before)
            return tin__from_win32(error);
    }
}

tin_result tin__http_look(tin__native *native, DWORD info, DWORD index, tin__room *room)
{
    const tin_result result = query(native, info, NULL, &index, room);

    return result.error == TIN_E_NOT_FOUND ? tin__success() : result;
}

tin_result tin__http_query(tin__native *native, DWORD info, const wchar_t *name, DWORD *index,
                           wchar_t **text)
{
    DWORD next = index != NULL ? *index : 0;
    tin__room room;
    tin_result result = query(native, info, name, &next, &room);

    *text = NULL;
    if (!tin_ok(result))
        return result;
    result = tin__copy_wide(room.bytes, text);
    tin__leave_room(&room);
    if (tin_ok(result) && index != NULL)
        *index = next;
    return result;
}

bool tin__parse_number(const wchar_t *text, uint64_t *number)
{
    const bool whole = tin__take_number(&text, number) && *text == L'\0';

    if (!whole)
        *number = 0;
    return whole;
}
