/* SPDX-License-Identifier: MIT */
/* Where a connection to an FTP server is: its current directory, also as a URL. */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "ftp.h"
#include "url_syntax.h"

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
    const unsigned port = server->port != INTERNET_DEFAULT_FTP_PORT ? server->port : 0;
    wchar_t *path, *end;
    char *bytes;
    tin_result result = tin__narrow(directory, &bytes);

    if (!tin_ok(result))
        return result;
    path = end = calloc(3 * strlen(bytes) + 1, sizeof *path);
    for (const char *byte = bytes; path != NULL && *byte != '\0'; byte++)
        if (stays_in_url(*byte))
            *end++ = (wchar_t)*byte;
        else
            end = tin__write_escape(end, (unsigned char)*byte);
    free(bytes);
    if (path == NULL)
        return tin__fail(TIN_E_MEMORY);
    result = tin__compose_url(L"ftp", server->host, port, path, url);
    free(path);
    return result;
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
