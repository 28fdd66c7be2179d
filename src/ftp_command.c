/* SPDX-License-Identifier: MIT */
/* What an FTP connection can be asked in a line or two: names, sizes, any command. */
#include <stdlib.h>
#include <wchar.h>

#include "ftp.h"

/* ---- WinInet's functions -------------------------------------------------------------------- */

static DWORD_PTR call_by_name(tin__native *native)
{
    return (DWORD_PTR)native->by_name(native->handle, native->names[0]);
}

static DWORD_PTR rename_file(tin__native *native)
{
    return (DWORD_PTR)FtpRenameFileA(native->handle, native->names[0], native->names[1]);
}

bool tin__ftp_say(HINTERNET connection, const char *command)
{
    HINTERNET data = NULL;

    return FtpCommandA(connection, FALSE, FTP_TRANSFER_TYPE_BINARY, command, 0, &data) != FALSE;
}

static DWORD_PTR say_one(tin__native *native)
{
    native->wants_words = true;
    return tin__ftp_say(native->handle, native->names[0]);
}

/* The second only after the first. */
static DWORD_PTR say_both(tin__native *native)
{
    native->wants_words = true;
    return tin__ftp_say(native->handle, native->names[0]) &&
           tin__ftp_say(native->handle, native->names[1]);
}

/* ---- names ---------------------------------------------------------------------------------- */

static tin_result ask(tin_handle handle, tin__ftp_by_name *function, const wchar_t *name)
{
    tin_result result;
    tin__object *connection = tin__ftp_enter_for(handle, name, &result);

    if (connection == NULL)
        return result;
    if (connection->native != NULL)
        connection->native->by_name = function;
    return tin__leave(connection, tin__ftp_call(connection, call_by_name, name, NULL));
}

static tin_result ask_narrow(tin_handle handle, tin__ftp_by_name *function, const char *name)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, name);

    if (tin_ok(result))
        result = ask(handle, function, wide.text[0]);
    return tin__forget(&wide, result);
}

tin_result tin_ftp_set_current_directory_w(tin_handle connection, const wchar_t *directory)
{
    return ask(connection, FtpSetCurrentDirectoryA, directory);
}

tin_result tin_ftp_set_current_directory(tin_handle connection, const char *directory)
{
    return ask_narrow(connection, FtpSetCurrentDirectoryA, directory);
}

tin_result tin_ftp_create_directory_w(tin_handle connection, const wchar_t *directory)
{
    return ask(connection, FtpCreateDirectoryA, directory);
}

tin_result tin_ftp_create_directory(tin_handle connection, const char *directory)
{
    return ask_narrow(connection, FtpCreateDirectoryA, directory);
}

tin_result tin_ftp_remove_directory_w(tin_handle connection, const wchar_t *directory)
{
    return ask(connection, FtpRemoveDirectoryA, directory);
}

tin_result tin_ftp_remove_directory(tin_handle connection, const char *directory)
{
    return ask_narrow(connection, FtpRemoveDirectoryA, directory);
}

tin_result tin_ftp_delete_file_w(tin_handle connection, const wchar_t *name)
{
    return ask(connection, FtpDeleteFileA, name);
}

tin_result tin_ftp_delete_file(tin_handle connection, const char *name)
{
    return ask_narrow(connection, FtpDeleteFileA, name);
}

tin_result tin_ftp_rename_file_w(tin_handle connection, const wchar_t *existing,
                                 const wchar_t *new_name)
{
    tin_result result = tin__ftp_check(new_name);
    tin__object *object;

    if (!tin_ok(result))
        return result;
    object = tin__ftp_enter_for(connection, existing, &result);
    if (object == NULL)
        return result;
    return tin__leave(object, tin__ftp_call(object, rename_file, existing, new_name));
}

tin_result tin_ftp_rename_file(tin_handle connection, const char *existing, const char *new_name)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, existing, new_name);

    if (tin_ok(result))
        result = tin_ftp_rename_file_w(connection, wide.text[0], wide.text[1]);
    return tin__forget(&wide, result);
}

/* ---- size ----------------------------------------------------------------------------------- */

tin_result tin__ftp_read_size(const wchar_t *response, uint64_t *size)
{
    const wchar_t *reply = tin__ftp_reply(response);
    uint64_t value;

    if (reply == NULL) /* WinInet keeps the words of success to itself */
        return tin__fail(TIN_E_UNSUPPORTED);
    if (wcsncmp(reply, L"213 ", 4) != 0)
        return tin__fail(TIN_E_PROTOCOL);
    reply += 4;
    if (!tin__take_number(&reply, &value) || wcschr(L"\r\n ", *reply) == NULL)
        return tin__fail(TIN_E_PROTOCOL);
    *size = value;
    return tin__success();
}

/* Servers refuse to count the bytes of a text (TYPE A). */
static tin_result ask_size(tin__object *connection, const wchar_t *name, uint64_t *size)
{
    wchar_t *command;
    tin_result result = tin__join((const wchar_t *const[]){L"SIZE ", name}, 2, &command);

    if (tin_ok(result))
        result = tin__ftp_call(connection, say_both, L"TYPE I", command);
    free(command);
    return tin_ok(result) ? tin__ftp_read_size(connection->native->response, size) : result;
}

tin_result tin_ftp_get_file_size_w(tin_handle connection, const wchar_t *name, uint64_t *size)
{
    tin_result result;
    tin__object *object;

    if (size == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    *size = 0;
    object = tin__ftp_enter_for(connection, name, &result);
    if (object == NULL)
        return result;
    return tin__leave(object, ask_size(object, name, size));
}

tin_result tin_ftp_get_file_size(tin_handle connection, const char *name, uint64_t *size)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, name);

    if (tin_ok(result))
        result = tin_ftp_get_file_size_w(connection, wide.text[0], size);
    else if (size != NULL)
        *size = 0;
    return tin__forget(&wide, result);
}

/* ---- any command ---------------------------------------------------------------------------- */

static DWORD_PTR command_with_data(tin__native *native)
{
    HINTERNET data = NULL;

    SetLastError(ERROR_SUCCESS);
    if (!FtpCommandA(native->parent->handle, TRUE, native->flags, native->names[0],
                     (DWORD_PTR)native->token, &data))
        return 0;
    return (DWORD_PTR)data;
}

typedef struct command {
    const wchar_t *text;
    DWORD flags;
} command;

/* Wine 8 does not support data connections here: it fails without saying why, and without a word
 * to the server. */
static tin_result open_data(tin__object *object, tin__object *connection, void *how)
{
    const command *what = how;
    const tin_result result = tin__ftp_open(object, connection->native, TIN__RECEIVE,
                                            command_with_data, what->text, what->flags, NULL);

    object->stream.type = &tin__ftp_reading;
    if (object->native != NULL && result.error == TIN_E_CONNECTION_LOST && result.last_error == 0 &&
        object->response == NULL && !connection->native->asked)
        return tin__fail(TIN_E_UNSUPPORTED);
    return result;
}

/* An answer such as "215 UNIX" is what it is for. */
static tin_result say_and_keep(tin__object *connection, const wchar_t *text)
{
    const tin_result result = tin__ftp_call(connection, say_one, text, NULL);

    if (tin_ok(result))
        tin__ftp_keep_response(connection, connection->native);
    return result;
}

tin_result tin_ftp_command_w(tin_handle connection, const wchar_t *text, bool expect_response,
                             DWORD flags, void *context, tin_handle *data)
{
    command what = {text, tin__ftp_transfer_flags(0, flags)};
    tin_result result;
    tin__object *object;

    if (data != NULL)
        *data = NULL;
    if (expect_response && data == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    object = tin__ftp_enter_for(connection, text, &result);
    if (object == NULL)
        return result;
    result = expect_response
                 ? tin__open_below(object, TIN__FTP_FILE, context, open_data, &what, data)
                 : say_and_keep(object, text);
    return tin__leave(object, result);
}

tin_result tin_ftp_command(tin_handle connection, const char *text, bool expect_response,
                           DWORD flags, void *context, tin_handle *data)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, text);

    if (tin_ok(result))
        result = tin_ftp_command_w(connection, wide.text[0], expect_response, flags, context, data);
    else if (data != NULL)
        *data = NULL;
    return tin__forget(&wide, result);
}
