/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* With the NUL. A UTF-16 unit becomes at most three bytes, whose count must be an int, too. */
#define MOST_BYTES ((size_t)INT_MAX)
#define MOST_UNITS ((size_t)INT_MAX / 3)

static bool is_here(const tin__wide_texts *texts, const wchar_t *text)
{
    return texts != NULL && text >= texts->here && text < texts->here + texts->used;
}

/* In `texts`, if that is given and it is short. */
static wchar_t *find_place(tin__wide_texts *texts, size_t units)
{
    wchar_t *place;

    if (texts == NULL || units > sizeof texts->here / sizeof *texts->here - texts->used)
        return malloc(units * sizeof *place);
    place = texts->here + texts->used;
    texts->used += units;
    return place;
}

/* No text has more units in UTF-16 than bytes in UTF-8. */
static tin_result widen(const char *utf8, tin__wide_texts *texts, wchar_t **wide)
{
    wchar_t *place;
    size_t size;

    *wide = NULL;
    if (utf8 == NULL)
        return tin__success();
    size = strlen(utf8) + 1;
    if (size > MOST_BYTES)
        return tin__fail(TIN_E_ARGUMENT);
    place = find_place(texts, size);
    if (place == NULL)
        return tin__fail(TIN_E_MEMORY);
    if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8, (int)size, place, (int)size) > 0) {
        *wide = place;
        return tin__success();
    }
    SecureZeroMemory(place, size * sizeof *place);
    if (!is_here(texts, place))
        free(place);
    return tin__fail(TIN_E_ARGUMENT);
}

tin_result tin__wide(const char *utf8, wchar_t **wide)
{
    return widen(utf8, NULL, wide);
}

tin_result tin__widen(tin__wide_texts *wide, const char *const *utf8, size_t count)
{
    tin_result result = tin__success();

    memset(wide->text, 0, sizeof wide->text);
    wide->used = 0;
    for (size_t i = 0; tin_ok(result) && i < count; i++)
        result = widen(utf8[i], wide, &wide->text[i]);
    return result;
}

tin_result tin__forget(tin__wide_texts *wide, tin_result result)
{
    for (size_t i = 0; i < sizeof wide->text / sizeof wide->text[0]; i++)
        if (!is_here(wide, wide->text[i]))
            tin__wipe_text(wide->text[i]);
    SecureZeroMemory(wide->here, wide->used * sizeof *wide->here);
    return result;
}

void *tin__take_room(tin__room *room, size_t size)
{
    room->size = size;
    room->bytes = size <= sizeof room->here ? room->here : malloc(size);
    return room->bytes;
}

void tin__leave_room(tin__room *room)
{
    if (room->bytes == NULL)
        return;
    SecureZeroMemory(room->bytes, room->size);
    if (room->bytes != room->here)
        free(room->bytes);
    room->bytes = NULL;
}

wchar_t *tin__wide_of_bytes(const char *bytes)
{
    wchar_t *wide;
    int units;

    if (tin_ok(tin__wide(bytes, &wide)))
        return wide;
    units = MultiByteToWideChar(CP_ACP, 0, bytes, -1, NULL, 0);
    wide = calloc((size_t)units + 1, sizeof *wide);
    if (wide != NULL)
        MultiByteToWideChar(CP_ACP, 0, bytes, -1, wide, units);
    return wide;
}

/* Into the room, if one is given. */
static tin_result narrow(const wchar_t *wide, tin__room *room, char **utf8)
{
    const size_t units = wcslen(wide) + 1;
    int bytes;

    if (units > MOST_UNITS)
        return tin__fail(TIN_E_ARGUMENT);
    bytes =
        WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, wide, (int)units, NULL, 0, NULL, NULL);
    if (bytes <= 0)
        return tin__fail(TIN_E_ARGUMENT);

    *utf8 = room != NULL ? tin__take_room(room, (size_t)bytes) : malloc((size_t)bytes);
    if (*utf8 == NULL)
        return tin__fail(TIN_E_MEMORY);
    WideCharToMultiByte(CP_UTF8, 0, wide, (int)units, *utf8, bytes, NULL, NULL);
    return tin__success();
}

tin_result tin__narrow(const wchar_t *wide, char **utf8)
{
    *utf8 = NULL;
    return wide != NULL ? narrow(wide, NULL, utf8) : tin__success();
}

tin_result tin__narrow_in(const wchar_t *wide, tin__room *room)
{
    char *utf8;

    room->bytes = NULL;
    return narrow(wide, room, &utf8);
}

size_t tin__text_size(const wchar_t *text)
{
    return text != NULL ? (wcslen(text) + 1) * sizeof *text : 0;
}

tin_result tin__copy_wide(const wchar_t *text, wchar_t **copy)
{
    const size_t bytes = tin__text_size(text);

    *copy = NULL;
    if (text == NULL)
        return tin__success();
    *copy = malloc(bytes);
    if (*copy == NULL)
        return tin__fail(TIN_E_MEMORY);
    memcpy(*copy, text, bytes);
    return tin__success();
}

wchar_t *tin__put_text(wchar_t **end, const wchar_t *text)
{
    wchar_t *copy = *end;

    if (text == NULL)
        return NULL;
    *end += wcslen(text) + 1;
    return wcscpy(copy, text);
}

tin_result tin__join(const wchar_t *const *texts, size_t count, wchar_t **joined)
{
    size_t length = 0;
    wchar_t *end;

    for (size_t i = 0; i < count; i++)
        length += texts[i] != NULL ? wcslen(texts[i]) : 0;
    *joined = end = malloc((length + 1) * sizeof *end);
    if (end == NULL)
        return tin__fail(TIN_E_MEMORY);
    for (size_t i = 0; i < count; i++) {
        length = texts[i] != NULL ? wcslen(texts[i]) : 0;
        if (length > 0)
            wmemcpy(end, texts[i], length);
        end += length;
    }
    *end = L'\0';
    return tin__success();
}

void tin__turn(wchar_t *text, wchar_t from, wchar_t to)
{
    for (; *text != L'\0'; text++)
        if (*text == from)
            *text = to;
}

/* Whether "needed" bytes, "nul" of them for the NUL, can be written; sets *size for the caller. */
static tin_result fit(size_t needed, size_t nul, const void *text, size_t *size)
{
    const bool fits = text != NULL && *size >= needed;

    *size = fits ? needed - nul : needed;
    return fits ? tin__success() : tin__fail(TIN_E_BUFFER_TOO_SMALL);
}

static tin_result copy_utf8(const wchar_t *value, size_t units, tin__out to)
{
    tin_result result;
    int bytes;

    if (units > MOST_UNITS) {
        *to.size = 0;
        return tin__fail(TIN_E_ARGUMENT);
    }
    bytes = WideCharToMultiByte(CP_UTF8, 0, value, (int)units, NULL, 0, NULL, NULL);
    result = fit((size_t)bytes, sizeof *to.utf8, to.utf8, to.size);
    if (tin_ok(result))
        WideCharToMultiByte(CP_UTF8, 0, value, (int)units, to.utf8, bytes, NULL, NULL);
    return result;
}

tin_result tin__copy_units(const wchar_t *value, size_t units, tin__out to)
{
    const size_t bytes = units * sizeof *value;
    tin_result result;

    if (to.size == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    if (!to.is_wide)
        return copy_utf8(value, units, to);
    result = fit(bytes, sizeof *value, to.utf16, to.size);
    if (tin_ok(result))
        memcpy(to.utf16, value, bytes);
    return result;
}

tin_result tin__copy_out(const wchar_t *value, tin__out to)
{
    if (value == NULL)
        value = L"";
    return tin__copy_units(value, wcslen(value) + 1, to);
}

tin_result tin__hand_out(tin_result result, wchar_t *value, tin__out to)
{
    if (tin_ok(result) || to.size == NULL)
        result = tin__copy_out(value, to);
    else
        *to.size = 0;
    tin__wipe_text(value);
    return result;
}

bool tin__take_number(const wchar_t **text, uint64_t *number)
{
    const wchar_t *start = *text;

    for (*number = 0; tin__is_digit(**text); ++*text) {
        const unsigned digit = (unsigned)(**text - L'0');

        if (*number > (UINT64_MAX - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    return *text != start;
}

wchar_t *tin__digits(uint64_t number, wchar_t room[TIN__NUMBER_SIZE])
{
    wchar_t *first = room + TIN__NUMBER_SIZE - 1;

    *first = L'\0';
    do
        *--first = (wchar_t)(L'0' + number % 10);
    while ((number /= 10) != 0);
    return first;
}

bool tin__starts_with(const wchar_t *text, const wchar_t *start)
{
    const size_t length = wcslen(start);

    return wcsnlen(text, length) == length &&
           CompareStringOrdinal(text, (int)length, start, (int)length, TRUE) == CSTR_EQUAL;
}

void tin__wipe_text(wchar_t *text)
{
    if (text == NULL)
        return;
    SecureZeroMemory(text, wcslen(text) * sizeof *text);
    free(text);
}

void tin__wipe_utf8(char *text)
{
    if (text == NULL)
        return;
    SecureZeroMemory(text, strlen(text));
    free(text);
}

bool tin__has_control(const wchar_t *text)
{
    while (text != NULL && *text != L'\0' && !tin__is_control(*text))
        text++;
    return text != NULL && *text != L'\0';
}
