/* SPDX-License-Identifier: MIT */
#include "url_syntax.h"

#include <stdlib.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int tin__escaped_byte(const char *escape)
{
    const int high = hex_digit(escape[1]);
    const int low = high < 0 ? -1 : hex_digit(escape[2]);

    return low < 0 ? -1 : high * 16 + low;
}

/* In place, as it only gets shorter. */
static bool decode_escapes(char *text)
{
    char *out = text;
    int byte;

    for (; *text != '\0'; text++) {
        byte = (unsigned char)*text;
        if (byte == '%') {
            byte = tin__escaped_byte(text);
            if (byte < 0 || tin__is_control((wchar_t)byte))
                return false;
            text += 2;
        }
        *out++ = (char)byte;
    }
    *out = '\0';
    return true;
}

tin_result tin__unescape(const wchar_t *escaped, wchar_t **plain)
{
    tin_result result;
    size_t bytes;
    char *utf8;

    *plain = NULL;
    result = tin__narrow(escaped, &utf8);
    if (!tin_ok(result))
        return result;
    bytes = strlen(utf8); /* before decoding, which leaves a tail behind its own NUL */

    result = decode_escapes(utf8) ? tin__wide(utf8, plain) : tin__fail(TIN_E_URL);
    if (result.error == TIN_E_ARGUMENT) /* only an escape can have made it malformed */
        result = tin__fail(TIN_E_URL);
    SecureZeroMemory(utf8, bytes);
    free(utf8);
    return result;
}

bool tin__must_be_escaped(unsigned char byte)
{
    return byte <= ' ' || byte >= 0x7F || strchr("\"<>\\^`{|}", byte) != NULL;
}

/* "/./" and "/../": WinInet takes them for dot segments behind a '?' as well, and "/a?b=c/../d"
 * goes out as "/d" (Wine 8). An escaped dot means the same to a server. */
static bool begins_dots(const char *utf8)
{
    const size_t dots = strspn(utf8, ".");

    return utf8[-1] == '/' && (dots == 1 || dots == 2) &&
           (utf8[dots] == '/' || utf8[dots] == '?' || utf8[dots] == '\0');
}

wchar_t *tin__write_escape(wchar_t *out, unsigned char byte)
{
    static const wchar_t digits[] = L"0123456789ABCDEF";

    *out++ = L'%';
    *out++ = digits[byte >> 4];
    *out++ = digits[byte & 15];
    return out;
}

/* Writes at most three characters per byte, a '/' and the NUL. False: a wrong escape. */
static bool escape(const char *utf8, wchar_t *out)
{
    bool in_path = true;

    if (*utf8 != '/')
        *out++ = L'/';
    for (; *utf8 != '\0'; utf8++) {
        const unsigned char byte = (unsigned char)*utf8;

        if (byte == '?')
            in_path = false;
        if (byte == '%' && tin__escaped_byte(utf8) < 0)
            return false;
        if (byte == '\\' && in_path) {
            *out++ = L'/';
        } else if (tin__must_be_escaped(byte) || (!in_path && begins_dots(utf8))) {
            out = tin__write_escape(out, byte);
        } else {
            *out++ = byte;
        }
    }
    *out = L'\0';
    return true;
}

tin_result tin__escape_path(const wchar_t *text, tin__room *path)
{
    tin__room utf8;
    tin_result result = tin__narrow_in(text, &utf8);

    path->bytes = NULL;
    if (!tin_ok(result))
        return result;
    if (tin__take_room(path, (3 * strlen(utf8.bytes) + 2) * sizeof(wchar_t)) == NULL)
        result = tin__fail(TIN_E_MEMORY);
    else if (!escape(utf8.bytes, path->bytes))
        result = tin__fail(TIN_E_URL);
    tin__leave_room(&utf8);
    if (!tin_ok(result))
        tin__leave_room(path);
    return result;
}
