/* SPDX-License-Identifier: MIT */
/* Where a connection to an FTP server is: its current directory, also as a URL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "ftp.h"

#define LONGEST_DIRECTORY 4096u

static DWORD_PTR get_directory(tin__native *native)
{
    DWORD size = LONGEST_DIRECTORY;

    native->wants_words = true;
    if (native->buffer == NULL)
        native->buffer = calloc(1, size);
    if (native->buffer == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return 0;
    }
    return (DWORD_PTR)FtpGetCurrentDirectoryA(native->handle, (char *)native->buffer, &size);
}

/* The name in '257 "name" is it', where a quote is doubled, at which Wine 8 cuts the name. */
static wchar_t *quoted(const wchar_t *response)
{
    const wchar_t *reply = tin__ftp_reply(response), *from;
    wchar_t *name, *to;

    if (reply == NULL || wcsncmp(reply, L"257", 3) != 0 || (from = wcschr(reply, L'"')) == NULL)
        return NULL;
    name = to = calloc(wcslen(from), sizeof *name);
    if (name == NULL)
        return NULL;
    for (from++; *from != L'\0' && (*from != L'"' || from[1] == L'"'); from++) {
        from += *from == L'"';
        *to++ = *from;
    }
    return name;
}

static tin_result directory_of(tin__object *connection, wchar_t **directory)
{
    const tin_result result = tin__ftp_call(connection, get_directory, NULL, NULL);

    if (!tin_ok(result))
        return result;
    *directory = quoted(connection->native->response);
    if (*directory == NULL)
        *directory = tin__wide_of_bytes((const char *)connection->native->buffer);
    return *directory != NULL ? result : tin__fail(TIN_E_MEMORY);
}

static bool stays_in_url(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || strchr("/-._~!$&'()*+,=:@", character) != NULL;
}

static tin_result make_url(const tin__url *server, const wchar_t *directory, wchar_t **url)
{
    const bool ipv6 = wcschr(server->host, L':') != NULL;
    char *bytes;
    size_t room, length;
    tin_result result = tin__narrow(directory, &bytes);

    if (!tin_ok(result))
        return result;
    room = wcslen(server->host) + 3 * strlen(bytes) + sizeof "ftp://[]:65535/";
    *url = calloc(room, sizeof **url);
    if (*url != NULL) {
        length = (size_t)_snwprintf(*url, room, ipv6 ? L"ftp://[%ls]" : L"ftp://%ls", server->host);
        if (server->port != INTERNET_DEFAULT_FTP_PORT)
            length += (size_t)_snwprintf(*url + length, room - length, L":%u", server->port);
        if (*bytes != '/')
            (*url)[length++] = L'/';
        for (const char *byte = bytes; *byte != '\0'; byte++) {
            const wchar_t *format = stays_in_url(*byte) ? L"%c" : L"%%%02X";

            length +=
                (size_t)_snwprintf(*url + length, room - length, format, (unsigned char)*byte);
        }
    }
    free(bytes);
    return *url != NULL ? tin__success() : tin__fail(TIN_E_MEMORY);
}

static tin_result current_directory(tin_handle handle, bool as_url, wchar_t **text)
{
    tin_result result;
    wchar_t *directory = NULL;
    tin__object *connection = tin__ftp_enter(handle, &result);

    *text = NULL;
    if (connection == NULL)
        return result;
    result = directory_of(connection, &directory);
    if (tin_ok(result) && as_url) {
        result = make_url(&connection->native->url, directory, text);
        free(directory);
    } else {
        *text = directory;
    }
    return tin__leave(connection, result);
}

static tin_result copy_directory(tin_handle connection, bool as_url, tin__out to)
{
    wchar_t *value;
    tin_result result;

    if (to.size == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    result = current_directory(connection, as_url, &value);
    return tin__hand_out(result, value, to);
}

tin_result tin_ftp_get_current_directory(tin_handle connection, char *text, size_t *size)
{
    return copy_directory(connection, false, tin__to_utf8(text, size));
}

tin_result tin_ftp_get_current_directory_w(tin_handle connection, wchar_t *text, size_t *size)
{
    return copy_directory(connection, false, tin__to_utf16(text, size));
}

tin_result tin_ftp_get_current_directory_url(tin_handle connection, char *text, size_t *size)
{
    return copy_directory(connection, true, tin__to_utf8(text, size));
}

tin_result tin_ftp_get_current_directory_url_w(tin_handle connection, wchar_t *text, size_t *size)
{
    return copy_directory(connection, true, tin__to_utf16(text, size));
}
