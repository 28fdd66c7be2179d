/* SPDX-License-Identifier: MIT */
#include "url_syntax.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* ---- arguments ------------------------------------------------------------------------------ */

/* Checked by tin__parse_url, and as it writes it: in Wine 8 the case of the host would count, and
 * "http://[::1]/" have no port. */
static tin_result read_url(const wchar_t *text, tin__url *url)
{
    tin_result result = tin__parse_url(text, url);

    if (!tin_ok(result) || url->scheme == TIN__HTTP || url->scheme == TIN__HTTPS)
        return result;
    result = tin__fail(tin__scheme_length(text) < 2 ? TIN_E_URL : TIN_E_UNSUPPORTED);
    tin__free_url(url);
    return result;
}

static bool is_printable(const wchar_t *text)
{
    while (*text >= L' ' && *text < 0x7F)
        text++;
    return *text == L'\0';
}

static bool is_name(const wchar_t *name)
{
    return *name != L'\0' && is_printable(name) && wcspbrk(name, L" =;,") == NULL;
}

/* With its NUL. Wine 8 copies all that follows "expires=" to so many characters of its stack. */
#define ROOM_FOR_EXPIRES 128

static bool has_room_for_expires(const wchar_t *data)
{
    while ((data = wcschr(data, L';')) != NULL) {
        data++;
        data += wcsspn(data, L" ");
        if (tin__starts_with(data, L"expires=") &&
            wcslen(data + wcslen(L"expires=")) > ROOM_FOR_EXPIRES - 2)
            return false;
    }
    return true;
}

static bool is_data(const wchar_t *name, const wchar_t *data)
{
    size_t end;

    if (data == NULL || !is_printable(data) || !has_room_for_expires(data))
        return false;
    if (name != NULL)
        return true;
    end = wcscspn(data, L"= ;,");
    return end > 0 && data[end] == L'=';
}

static tin_result check_flags(DWORD flags)
{
    return (flags & ~(DWORD)INTERNET_COOKIE_HTTPONLY) == 0 ? tin__success()
                                                           : tin__fail(TIN_E_UNSUPPORTED);
}

/* ---- set ------------------------------------------------------------------------------------ */

static bool is_kept(DWORD state)
{
    return state == COOKIE_STATE_ACCEPT || state == COOKIE_STATE_LEASH ||
           state == COOKIE_STATE_DOWNGRADE;
}

tin_result tin_set_cookie_ex_w(const wchar_t *url, const wchar_t *name, const wchar_t *data,
                               DWORD flags)
{
    tin_result result = check_flags(flags);
    tin__url parsed;

    if ((name != NULL && !is_name(name)) || !is_data(name, data))
        return tin__fail(TIN_E_ARGUMENT);
    if (tin_ok(result))
        result = read_url(url, &parsed);
    if (!tin_ok(result))
        return result;
    SetLastError(ERROR_SUCCESS); /* a domain without a dot is refused with no reason in Wine 8 */
    if (!is_kept(InternetSetCookieExW(parsed.text, name, data, flags, 0))) {
        result.last_error = GetLastError();
        result.error = result.last_error == ERROR_NOT_ENOUGH_MEMORY ? TIN_E_MEMORY : TIN_E_COOKIE;
    }
    tin__free_url(&parsed);
    return result;
}

tin_result tin_set_cookie_w(const wchar_t *url, const wchar_t *name, const wchar_t *data)
{
    return tin_set_cookie_ex_w(url, name, data, 0);
}

tin_result tin_set_cookie_ex(const char *url, const char *name, const char *data, DWORD flags)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, url, name, data);

    if (tin_ok(result))
        result = tin_set_cookie_ex_w(wide.text[0], wide.text[1], wide.text[2], flags);
    return tin__forget(&wide, result);
}

tin_result tin_set_cookie(const char *url, const char *name, const char *data)
{
    return tin_set_cookie_ex(url, name, data, 0);
}

/* ---- get ------------------------------------------------------------------------------------ */

/* Room and again, as the size that is asked for and told is in characters or in bytes, with the NUL
 * or without, by function and system (Wine 8: asked in characters, told in bytes if it is
 * short). */
static tin_result query(const wchar_t *url, DWORD flags, wchar_t **cookies)
{
    DWORD room = 4096;

    for (;;) {
        DWORD size = room, error;

        *cookies = calloc((size_t)room + 1, sizeof **cookies);
        if (*cookies == NULL)
            return tin__fail(TIN_E_MEMORY);
        if (InternetGetCookieExW(url, NULL, *cookies, &size, flags, NULL))
            return tin__success();
        error = GetLastError();
        tin__wipe_text(*cookies);
        *cookies = NULL;
        if (error == ERROR_NO_MORE_ITEMS)
            return (tin_result){TIN_E_NOT_FOUND, error};
        if (error != ERROR_INSUFFICIENT_BUFFER || room > MAXDWORD / 4)
            return tin__from_win32(error);
        room = size > room && size < MAXDWORD / 4 ? size : 2 * room;
    }
}

/* Leaves only the cookies of this name; in place, and nothing of the others behind them. */
static void choose(wchar_t *cookies, const wchar_t *name)
{
    const size_t name_length = wcslen(name);
    const wchar_t *in = cookies;
    wchar_t *out = cookies;

    while (*in != L'\0') {
        const size_t length = wcscspn(in, L";");

        if (wcscspn(in, L"=;") == name_length && wcsncmp(in, name, name_length) == 0) {
            if (out > cookies) {
                *out++ = L';';
                *out++ = L' ';
            }
            wmemmove(out, in, length);
            out += length;
        }
        in += length;
        in += wcsspn(in, L"; ");
    }
    SecureZeroMemory(out, (size_t)(in - out) * sizeof *out);
}

/* New text for tin__wipe_text(). */
static tin_result get(const wchar_t *url, const wchar_t *name, DWORD flags, wchar_t **cookies)
{
    tin_result result = check_flags(flags);
    tin__url parsed;

    *cookies = NULL;
    if (name != NULL && !is_name(name))
        return tin__fail(TIN_E_ARGUMENT);
    if (tin_ok(result))
        result = read_url(url, &parsed);
    if (!tin_ok(result))
        return result;
    result = query(parsed.text, flags, cookies);
    tin__free_url(&parsed);
    if (*cookies == NULL)
        return result;
    if (name != NULL)
        choose(*cookies, name);
    return **cookies == L'\0' ? tin__fail(TIN_E_NOT_FOUND) : result;
}

tin_result tin_get_cookie_ex_w(const wchar_t *url, const wchar_t *name, DWORD flags, wchar_t *text,
                               size_t *size)
{
    wchar_t *cookies;
    const tin_result result = get(url, name, flags, &cookies);

    return tin__hand_out(result, cookies, tin__to_utf16(text, size));
}

tin_result tin_get_cookie_w(const wchar_t *url, const wchar_t *name, wchar_t *text, size_t *size)
{
    return tin_get_cookie_ex_w(url, name, 0, text, size);
}

tin_result tin_get_cookie_ex(const char *url, const char *name, DWORD flags, char *text,
                             size_t *size)
{
    tin__wide_texts wide;
    wchar_t *cookies = NULL;
    tin_result result = TIN__WIDEN(&wide, url, name);

    if (tin_ok(result))
        result = get(wide.text[0], wide.text[1], flags, &cookies);
    return tin__forget(&wide, tin__hand_out(result, cookies, tin__to_utf8(text, size)));
}

tin_result tin_get_cookie(const char *url, const char *name, char *text, size_t *size)
{
    return tin_get_cookie_ex(url, name, 0, text, size);
}
