/* SPDX-License-Identifier: MIT */
/*
 * Why not InternetCreateUrl: in Wine 8 it escapes nothing, so that "a@b" as a password moves the
 * host.
 */
#include "url_parts.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* ---- a part, by the flags -------------------------------------------------------------------- */

static bool is_unreserved(unsigned char byte)
{
    return (byte < 0x80 && tin__is_letter(byte)) || (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr("-._~", byte) != NULL);
}

/* The bytes of UTF-8 in a character that starts with this one; 0: none does. */
static size_t character_length(int byte)
{
    if (byte < 0x80)
        return byte >= 0;
    return byte < 0xC2 ? 0 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : byte < 0xF5 ? 4 : 0;
}

/* The character that escapes stand for, and its length in bytes; 0 if they stand for none. */
static size_t escaped_character(const char *escapes, char character[4])
{
    const size_t length = character_length(tin__escaped_byte(escapes));

    for (size_t i = 0; i < length; i++, escapes += 3) {
        if (*escapes != '%' || tin__escaped_byte(escapes) < 0)
            return 0;
        character[i] = (char)tin__escaped_byte(escapes);
    }
    if (length == 0 ||
        MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, character, (int)length, NULL, 0) == 0)
        return 0;
    return length;
}

/* Writes an escape as it is, or what it stands for; returns how much of the text that was. */
static size_t write_escape(const char *text, DWORD flags, char **out)
{
    char character[4];
    size_t length = (flags & ICU_DECODE) != 0 ? escaped_character(text, character) : 0;

    if (length > 1 && (flags & (ICU_NO_ENCODE | ICU_ENCODE_SPACES_ONLY)) == 0)
        length = 0; /* it would be encoded again */
    if (length == 1 && !is_unreserved((unsigned char)character[0]))
        length = 0;
    memcpy(*out, length > 0 ? character : text, length > 0 ? length : 3);
    *out += length > 0 ? length : 3;
    return length > 0 ? 3 * length : 3;
}

static bool is_to_be_escaped(unsigned char byte, tin__part part, DWORD flags)
{
    if (part == TIN__PLAIN_PART)
        return !is_unreserved(byte);
    if (byte == '%' || (part == TIN__PATH_PART && (byte == '?' || byte == '#')))
        return true;
    if ((flags & ICU_NO_ENCODE) != 0)
        return false;
    return (flags & ICU_ENCODE_SPACES_ONLY) != 0 ? byte == ' ' : tin__must_be_escaped(byte);
}

/* Writes at most three bytes for each one, and the NUL. False: a wrong escape. */
static bool write_part(const char *text, tin__part part, DWORD flags, char *out)
{
    static const char digits[] = "0123456789ABCDEF";
    const bool escapes = part != TIN__PLAIN_PART && (flags & ICU_ENCODE_PERCENT) == 0;

    while (*text != '\0') {
        const unsigned char byte = (unsigned char)*text;

        if (byte == '%' && escapes) {
            if (tin__escaped_byte(text) < 0)
                return false;
            text += write_escape(text, flags, &out);
            continue;
        }
        if (is_to_be_escaped(byte, part, flags)) {
            *out++ = '%';
            *out++ = digits[byte >> 4];
            *out++ = digits[byte & 15];
        } else {
            *out++ = (char)byte;
        }
        text++;
    }
    *out = '\0';
    return true;
}

tin_result tin__write_part(const wchar_t *text, tin__part part, DWORD flags, wchar_t **written)
{
    tin_result result;
    size_t size;
    char *utf8;
    char *out;

    *written = NULL;
    if (part == TIN__EXTRA_PART && (flags & ICU_BROWSER_MODE) != 0)
        return tin__copy_wide(text, written);
    result = tin__narrow(text, &utf8);
    if (!tin_ok(result))
        return result;
    size = strlen(utf8);
    out = calloc(3 * size + 1, 1);
    if (out == NULL)
        result = tin__fail(TIN_E_MEMORY);
    else
        result =
            write_part(utf8, part, flags, out) ? tin__wide(out, written) : tin__fail(TIN_E_URL);
    if (out != NULL)
        SecureZeroMemory(out, 3 * size);
    free(out);
    SecureZeroMemory(utf8, size);
    free(utf8);
    return result;
}

tin_result tin__write_over(wchar_t **text, tin__part part, DWORD flags)
{
    wchar_t *raw = *text;
    const tin_result result = tin__write_part(raw, part, flags, text);

    tin__wipe_text(raw);
    return result;
}

/* ---- a whole URL ---------------------------------------------------------------------------- */

/* What goes before a local name with its slashes turned. */
static const wchar_t *file_start(const wchar_t *name)
{
    if (tin__is_letter(name[0]) && name[1] == L':')
        return L"file:///";
    if (tin__starts_with(name, L"//localhost/")) /* not this computer, but a server of that name */
        return L"file://";
    return name[0] == L'/' && name[1] != L'/' ? L"file://" : L"file:";
}

/* Behind the drive or the server. */
static void remove_file_dots(wchar_t *name)
{
    const bool rooted = name[0] == L'/' && name[1] != L'/';

    if (tin__is_letter(name[0]) && name[1] == L':')
        name += 2;
    else if (name[0] == L'/' && name[1] == L'/')
        name += 2 + wcscspn(name + 2, L"/");
    if (*name == L'/')
        tin__remove_dot_segments(name);
    if (rooted) /* "/..//x" must not become a server's */
        wmemmove(name, name + wcsspn(name, L"/") - 1, wcslen(name + wcsspn(name, L"/")) + 2);
}

static tin_result write_file(const wchar_t *path, const wchar_t *extra, DWORD flags, wchar_t **url)
{
    tin_result result;
    wchar_t *name;

    result = tin__copy_wide(path, &name);
    if (!tin_ok(result))
        return result;
    tin__turn(name, L'\\', L'/');
    result =
        tin__write_over(&name, TIN__PATH_PART, flags | ICU_ENCODE_PERCENT); /* it is plain text */
    if (tin_ok(result)) {
        const wchar_t *const texts[] = {file_start(name), name, extra};

        if ((flags & ICU_NO_META) == 0)
            remove_file_dots(name);
        result = wcscmp(name, L"/") == 0 ? tin__fail(TIN_E_URL) : tin__join(texts, 3, url);
    }
    free(name);
    return result;
}

/* Parts that would be read as something else. */
static tin_result check_parts(const tin__parts *parts)
{
    const wchar_t *host = parts->texts[TIN__HOST_TEXT];
    const wchar_t *path = parts->texts[TIN__PATH_TEXT];
    const wchar_t *extra = parts->texts[TIN__EXTRA_TEXT];
    const bool is_file = parts->scheme == INTERNET_SCHEME_FILE;
    const bool is_res = parts->scheme == INTERNET_SCHEME_RES;

    if (parts->texts[TIN__USER_TEXT] == NULL ? parts->texts[TIN__PASSWORD_TEXT] != NULL
                                             : host == NULL || *host == L'\0')
        return tin__fail(TIN_E_ARGUMENT);
    if (extra != NULL && *extra != L'\0' && *extra != L'?' && *extra != L'#')
        return tin__fail(TIN_E_ARGUMENT);
    if (host == NULL && !is_file && path != NULL && path[0] == L'/' && path[1] == L'/')
        return tin__fail(TIN_E_URL);
    if (host != NULL &&
        (wcspbrk(host, is_res ? L"/?#" : L"/?#@") != NULL || (is_file && *host != L'\0')))
        return tin__fail(TIN_E_URL);
    return tin__success();
}

/* The parts as they stand in the URL. */
static tin_result join_parts(const tin__parts *parts, wchar_t *const written[TIN__URL_TEXTS],
                             wchar_t **url)
{
    const wchar_t *host = parts->texts[TIN__HOST_TEXT];
    const wchar_t *user = written[TIN__USER_TEXT], *password = written[TIN__PASSWORD_TEXT];
    const wchar_t *path = written[TIN__PATH_TEXT];
    const bool has_password = password != NULL && *password != L'\0';
    const bool has_user = user != NULL && (*user != L'\0' || has_password);
    const bool ipv6 = host != NULL && parts->scheme != INTERNET_SCHEME_RES && *host != L'[' &&
                      wcschr(host, L':') != NULL;
    const bool slash = host != NULL && path != NULL && *path != L'\0' && *path != L'/';
    const unsigned port = parts->port != tin__scheme_row_of(parts->scheme)->port ? parts->port : 0;
    wchar_t room[TIN__NUMBER_SIZE + 1];
    const wchar_t *const texts[] = {
        parts->texts[TIN__SCHEME_TEXT],
        host != NULL ? L"://" : L":",
        user,
        has_password ? L":" : NULL,
        password,
        has_user ? L"@" : NULL,
        ipv6 ? L"[" : NULL,
        host,
        ipv6 ? L"]" : NULL,
        host != NULL ? tin__port_text(port, room) : NULL,
        slash ? L"/" : NULL,
        path,
        written[TIN__EXTRA_TEXT],
    };

    return tin__join(texts, sizeof texts / sizeof texts[0], url);
}

static tin_result write_remote(const tin__parts *parts, DWORD flags, tin__written written,
                               wchar_t **url)
{
    static const struct {
        tin__url_text text;
        tin__part part;
    } rows[] = {{TIN__USER_TEXT, TIN__PLAIN_PART},
                {TIN__PASSWORD_TEXT, TIN__PLAIN_PART},
                {TIN__PATH_TEXT, TIN__PATH_PART},
                {TIN__EXTRA_TEXT, TIN__EXTRA_PART}};
    wchar_t *texts[TIN__URL_TEXTS] = {NULL};
    tin_result result = tin__success();

    for (size_t i = 0; tin_ok(result) && i < sizeof rows / sizeof rows[0]; i++) {
        const wchar_t *text = parts->texts[rows[i].text];

        if (written == TIN__WRITTEN && rows[i].part != TIN__PLAIN_PART)
            result = tin__copy_wide(text, &texts[rows[i].text]);
        else if (text != NULL)
            result = tin__write_part(text, rows[i].part, flags, &texts[rows[i].text]);
    }
    if (tin_ok(result))
        result = join_parts(parts, texts, url);
    for (size_t i = 0; i < TIN__URL_TEXTS; i++)
        tin__wipe_text(texts[i]);
    return result;
}

tin_result tin__write_parts(const tin__parts *parts, DWORD flags, tin__written written,
                            wchar_t **url)
{
    wchar_t *extra = NULL;
    tin_result result = check_parts(parts);

    *url = NULL;
    if (!tin_ok(result))
        return result;
    if (parts->scheme != INTERNET_SCHEME_FILE)
        return write_remote(parts, flags, written, url);
    if (parts->texts[TIN__PATH_TEXT] == NULL)
        return tin__fail(TIN_E_URL);
    if (parts->texts[TIN__EXTRA_TEXT] != NULL)
        result = tin__write_part(parts->texts[TIN__EXTRA_TEXT], TIN__EXTRA_PART,
                                 written == TIN__WRITTEN ? ICU_BROWSER_MODE : flags, &extra);
    if (tin_ok(result))
        result = write_file(parts->texts[TIN__PATH_TEXT], extra, flags, url);
    free(extra);
    return result;
}

tin_result tin__canonical_url(const wchar_t *url, DWORD flags, wchar_t **canonical)
{
    tin__parts parts;
    tin_result result;

    *canonical = NULL;
    result = tin__read_parts(url, flags, &parts);
    if (tin_ok(result))
        result = tin__write_parts(&parts, flags, TIN__WRITTEN, canonical);
    tin__free_parts(&parts);
    if (tin_ok(result) && wcslen(*canonical) > TIN__LONGEST_URL) {
        tin__wipe_text(*canonical);
        *canonical = NULL;
        result = tin__fail(TIN_E_URL);
    }
    return result;
}
