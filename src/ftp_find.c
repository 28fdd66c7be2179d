/* SPDX-License-Identifier: MIT */
/* What is in a directory of an FTP server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "ftp.h"

/* ---- WinInet's functions: the entry goes to the native's buffer ------------------------------ */

static DWORD_PTR find_first(tin__native *native)
{
    WIN32_FIND_DATAA *entry = calloc(1, sizeof *entry);

    native->wants_words = true;
    native->buffer = (BYTE *)entry;
    if (entry == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return 0;
    }
    SetLastError(ERROR_SUCCESS); /* Wine 8 fails without setting it */
    return (DWORD_PTR)FtpFindFirstFileA(native->parent->handle, native->names[0], entry,
                                        native->flags, (DWORD_PTR)native->token);
}

static DWORD start_next(tin__native *native, DWORD_PTR *value)
{
    (void)value;
    return InternetFindNextFileA(native->handle, native->buffer) ? ERROR_SUCCESS
                                                                 : tin__last_error();
}

static DWORD_PTR say_size(tin__native *native)
{
    native->wants_words = true;
    return tin__ftp_say(native->parent->handle, "TYPE I") &&
           tin__ftp_say(native->parent->handle, native->names[1]);
}

/* ---- entries -------------------------------------------------------------------------------- */

static tin_result read_entry(const tin__native *native, tin_find_data_w *data)
{
    WIN32_FIND_DATAA entry;
    wchar_t *name;

    memcpy(&entry, native->buffer, sizeof entry);
    entry.cFileName[sizeof entry.cFileName - 1] = '\0';
    name = tin__wide_of_bytes(entry.cFileName);
    if (name == NULL)
        return tin__fail(TIN_E_MEMORY);
    wcscpy(data->name, name); /* no more units than there were bytes */
    free(name);
    data->size = (uint64_t)entry.nFileSizeHigh << 32 | entry.nFileSizeLow;
    data->created = entry.ftCreationTime;
    data->accessed = entry.ftLastAccessTime;
    data->written = entry.ftLastWriteTime;
    data->attributes = entry.dwFileAttributes;
    return tin__success();
}

static void narrow_entry(const tin_find_data_w *wide, tin_find_data *data)
{
    size_t size = sizeof data->name;

    (void)tin__copy_out(wide->name, tin__to_utf8(data->name, &size));
    data->size = wide->size;
    data->created = wide->created;
    data->accessed = wide->accessed;
    data->written = wide->written;
    data->attributes = wide->attributes;
}

/* ---- large files ----------------------------------------------------------------------------- */

#define LARGEST_IN_WINE 0x7FFFFFFFu /* Wine 8 shows larger ones as this */

/* "SIZE folder/name": the folder is that of the search, the name as the server sent it. */
static char *size_command(const tin__native *native)
{
    const char *name = ((const WIN32_FIND_DATAA *)native->buffer)->cFileName;
    const char *search = native->names[0] != NULL ? native->names[0] : "";
    size_t folder = strlen(search);
    size_t size;
    char *command;

    while (folder != 0 && strchr("/\\", search[folder - 1]) == NULL)
        folder--;
    size = sizeof "SIZE " + folder + strlen(name);
    command = malloc(size);
    if (command != NULL)
        _snprintf(command, size, "SIZE %.*s%s", (int)folder, search, name);
    return command;
}

/* The server is asked for the size that the listing did not bring. Where it does not say, it stays
 * as it is. */
static tin_result complete_size(tin__object *find, tin_find_data_w *data)
{
    tin__native *native = find->native;
    tin_result result;

    if (data->size != LARGEST_IN_WINE)
        return tin__success();
    free(native->names[1]);
    native->names[1] = size_command(native);
    if (native->names[1] == NULL)
        return tin__fail(TIN_E_MEMORY);
    result = tin__ftp_ask(find, say_size);
    if (find->native == NULL) /* given up */
        return result;
    if (tin_ok(result))
        (void)tin__ftp_read_size(native->response, &data->size);
    return tin__success();
}

static tin_result take_entry(tin__object *find, tin_find_data_w *data)
{
    const tin_result result = read_entry(find->native, data);

    return tin_ok(result) ? complete_size(find, data) : result;
}

/* ---- the first ------------------------------------------------------------------------------ */

typedef struct search {
    const wchar_t *what;
    DWORD flags;
    tin_find_data_w *first;
} search;

static bool is_whole(const wchar_t *response)
{
    const wchar_t *reply = tin__ftp_reply(response);

    return reply != NULL && (wcsncmp(reply, L"226", 3) == 0 || wcsncmp(reply, L"250", 3) == 0);
}

/* In Wine 8 a listing that the server broke off looks like any other, and one without a match fails
 * without saying why. The server's last word tells. */
static tin_result judge(tin__object *object, const tin__native *connection, tin_result result)
{
    const wchar_t *response = tin_ok(result) ? object->native->response : object->response;
    const bool ended = tin_ok(result) || result.error == TIN_E_NO_MORE ||
                       (result.error == TIN_E_INTERNAL && result.last_error == 0);

    if (!ended)
        return result;
    if (tin__ftp_refused(response))
        return tin__fail(TIN_E_TRUNCATED);
    if (connection->asked && (!connection->answered || tin__ftp_reply(response) == NULL))
        return tin__fail(TIN_E_CONNECTION_LOST);
    if (!tin_ok(result) && is_whole(response))
        return tin__fail(TIN_E_NO_MORE);
    return result;
}

static tin_result open_find(tin__object *object, tin__object *connection, void *how)
{
    search *what = how;
    tin_result result = tin__ftp_open(object, connection->native, TIN__RECEIVE, find_first,
                                      what->what, what->flags, NULL);

    if (object->native == NULL)
        return result;
    result = judge(object, connection->native, result);
    if (tin_ok(result))
        return take_entry(object, what->first);
    if (object->native->response != NULL)
        tin__ftp_keep_response(object, object->native);
    return result;
}

tin_result tin_ftp_find_first_file_w(tin_handle connection, const wchar_t *what, DWORD flags,
                                     void *context, tin_find_data_w *first, tin_handle *find)
{
    search how = {what, flags, first};
    tin_result result;
    tin__object *object;

    if (find != NULL)
        *find = NULL;
    if (first != NULL)
        memset(first, 0, sizeof *first);
    if (find == NULL || first == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    result = what != NULL ? tin__ftp_check(what) : tin__success();
    if (!tin_ok(result))
        return result;
    object = tin__ftp_enter(connection, &result);
    if (object == NULL)
        return result;
    result = tin__open_below(object, TIN__FTP_FIND, context, open_find, &how, find);
    if (!tin_ok(result))
        memset(first, 0, sizeof *first);
    return tin__leave(object, result);
}

tin_result tin_ftp_find_first_file(tin_handle connection, const char *what, DWORD flags,
                                   void *context, tin_find_data *first, tin_handle *find)
{
    tin_find_data_w entry;
    tin__wide_texts wide;
    tin_result result;

    if (find != NULL)
        *find = NULL;
    if (first == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    memset(first, 0, sizeof *first);
    result = TIN__WIDEN(&wide, what);
    if (tin_ok(result))
        result = tin_ftp_find_first_file_w(connection, wide.text[0], flags, context, &entry, find);
    if (tin_ok(result))
        narrow_entry(&entry, first);
    return tin__forget(&wide, result);
}

/* ---- the next ------------------------------------------------------------------------------- */

static tin_result next(tin__object *find, tin_find_data_w *data)
{
    tin_result result = find->stream.failed;

    if (find->cancelled)
        return tin__fail(TIN_E_CANCELLED);
    if (!tin_ok(result))
        return result;
    tin__begin_phase(find, TIN__RECEIVE);
    result = tin__call_on_pool(find, start_next);
    if (tin_ok(result))
        result = take_entry(find, data);
    if (!tin_ok(result))
        find->stream.failed = result;
    return result;
}

tin_result tin_find_next_file_w(tin_handle find, tin_find_data_w *data)
{
    tin_result result;
    tin__object *object;

    if (data == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    memset(data, 0, sizeof *data);
    object = tin__enter(find, TIN__FTP_FIND, &result);
    if (object == NULL)
        return result;
    result = next(object, data);
    if (!tin_ok(result))
        memset(data, 0, sizeof *data);
    return tin__leave(object, result);
}

tin_result tin_find_next_file(tin_handle find, tin_find_data *data)
{
    tin_find_data_w wide;
    tin_result result;

    if (data == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    memset(data, 0, sizeof *data);
    result = tin_find_next_file_w(find, &wide);
    if (tin_ok(result))
        narrow_entry(&wide, data);
    return result;
}
