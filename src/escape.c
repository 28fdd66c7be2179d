/* SPDX-License-Identifier: MIT */
#include "escape.h"

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

/* The byte that an escape, "%41", stands for; -1 if it is wrong or cut. */
static int escaped_byte(const char *escape)
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
            byte = escaped_byte(text);
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

/* Not allowed anywhere in a URL (RFC 3986). '[' and ']' are, to WinInet: "?item[]=1" is common. */
static bool must_be_escaped(unsigned char byte)
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

/* Writes at most three characters per byte, a '/' and the NUL. False: a wrong escape. */
static bool escape(const char *utf8, wchar_t *out)
{
    static const wchar_t digits[] = L"0123456789ABCDEF";
    bool in_path = true;

    if (*utf8 != '/')
        *out++ = L'/';
    for (; *utf8 != '\0'; utf8++) {
        const unsigned char byte = (unsigned char)*utf8;

        if (byte == '?')
            in_path = false;
        if (byte == '%' && escaped_byte(utf8) < 0)
            return false;
        if (byte == '\\' && in_path) {
            *out++ = L'/';
        } else if (must_be_escaped(byte) || (!in_path && begins_dots(utf8))) {
            *out++ = L'%';
            *out++ = digits[byte >> 4];
            *out++ = digits[byte & 15];
        } else {
            *out++ = byte;
        }
    }
    *out = L'\0';
    return true;
}

tin_result tin__escape_path(const wchar_t *text, wchar_t **path)
{
    tin_result result;
    wchar_t *escaped;
    char *utf8;

    *path = NULL;
    result = tin__narrow(text, &utf8);
    if (!tin_ok(result))
        return result;
    escaped = malloc((3 * strlen(utf8) + 2) * sizeof *escaped);
    if (escaped == NULL) {
        result = tin__fail(TIN_E_MEMORY);
    } else if (!escape(utf8, escaped)) {
        free(escaped);
        result = tin__fail(TIN_E_URL);
    } else {
        *path = escaped;
    }
    free(utf8);
    return result;
}

/* ---- By flags ------------------------------------------------------------------------------- */

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
    const size_t length = character_length(escaped_byte(escapes));

    for (size_t i = 0; i < length; i++, escapes += 3) {
        if (*escapes != '%' || escaped_byte(escapes) < 0)
            return 0;
        character[i] = (char)escaped_byte(escapes);
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
    return (flags & ICU_ENCODE_SPACES_ONLY) != 0 ? byte == ' ' : must_be_escaped(byte);
}

/* Writes at most three bytes for each one, and the NUL. False: a wrong escape. */
static bool write_part(const char *text, tin__part part, DWORD flags, char *out)
{
    static const char digits[] = "0123456789ABCDEF";
    const bool escapes = part != TIN__PLAIN_PART && (flags & ICU_ENCODE_PERCENT) == 0;

    while (*text != '\0') {
        const unsigned char byte = (unsigned char)*text;

        if (byte == '%' && escapes) {
            if (escaped_byte(text) < 0)
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
