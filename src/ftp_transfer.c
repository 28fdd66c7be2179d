/* SPDX-License-Identifier: MIT */
/*
 * Whole files between an FTP server and this computer. FtpGetFile and FtpPutFile would block until
 * all of it has gone through, without a sign of progress that a time-out could go by; here every
 * piece is a read or write of an open file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "ftp.h"
#include "whole_file.h"

#define PIECE ((size_t)64 << 10)

/* ---- get ------------------------------------------------------------------------------------ */

static tin_result receive(tin_handle file, HANDLE local, BYTE *buffer)
{
    for (;;) {
        size_t got;
        tin_result result = tin_read_file(file, buffer, PIECE, &got);

        if (!tin_ok(result) || got == 0)
            return tin__told(result);
        result = tin__store(local, buffer, got);
        if (!tin_ok(result))
            return result;
    }
}

/* A new file in the folder of `local`, by a name short enough wherever another would fit. */
static HANDLE create_beside(const wchar_t *local, DWORD attributes, wchar_t **name)
{
    size_t folder = wcslen(local);
    HANDLE handle = INVALID_HANDLE_VALUE;

    while (folder != 0 && wcschr(L"\\/:", local[folder - 1]) == NULL)
        folder--;
    *name = calloc(folder + sizeof "tin12345.tmp", sizeof **name);
    if (*name == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return handle;
    }
    wmemcpy(*name, local, folder);
    for (DWORD i = 0, first = (DWORD)GetTickCount64(); i < 1000 && handle == INVALID_HANDLE_VALUE;
         i++) {
        _snwprintf(*name + folder, sizeof "tin12345.tmp", L"tin%05lx.tmp", (first + i) & 0xFFFFF);
        handle = CreateFileW(*name, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_NEW,
                             attributes & 0xFFFF, NULL); /* no FILE_FLAG_* */
        if (handle == INVALID_HANDLE_VALUE && GetLastError() != ERROR_FILE_EXISTS)
            break;
    }
    return handle;
}

/* The file gets its name once it is whole: what had that name before is kept until then, and half a
 * file never bears it. */
static tin_result receive_to(tin_handle file, const wchar_t *local, bool fail_if_exists,
                             DWORD attributes)
{
    tin_result result = tin__fail(TIN_E_MEMORY);
    BYTE *buffer = malloc(PIECE);
    wchar_t *name;
    HANDLE handle;

    if (buffer == NULL)
        return result;
    handle = create_beside(local, attributes, &name);
    if (handle != INVALID_HANDLE_VALUE) {
        result = receive(file, handle, buffer);
        if (!CloseHandle(handle) && tin_ok(result))
            result = tin__fail(TIN_E_DISK);
        if (tin_ok(result) &&
            !MoveFileExW(name, local, fail_if_exists ? 0 : MOVEFILE_REPLACE_EXISTING))
            result = tin__from_win32(GetLastError());
        if (!tin_ok(result)) {
            SetFileAttributesW(name, FILE_ATTRIBUTE_NORMAL); /* one for reading only stays */
            DeleteFileW(name);
        }
    } else {
        result = tin__from_win32(GetLastError());
    }
    free(name);
    free(buffer);
    return result;
}

static tin_result check_local(const wchar_t *local, bool fail_if_exists)
{
    if (local == NULL || *local == L'\0')
        return tin__fail(TIN_E_ARGUMENT);
    if (fail_if_exists && GetFileAttributesW(local) != INVALID_FILE_ATTRIBUTES)
        return tin__fail(TIN_E_EXISTS);
    return tin__success();
}

tin_result tin_ftp_get_file_w(tin_handle connection, const wchar_t *remote, const wchar_t *local,
                              bool fail_if_exists, DWORD attributes, DWORD flags, void *context)
{
    tin_result result = check_local(local, fail_if_exists);
    tin_handle file;

    if (tin_ok(result))
        result = tin_ftp_open_file_w(connection, remote, GENERIC_READ, flags, context, &file);
    if (!tin_ok(result))
        return result;
    result = receive_to(file, local, fail_if_exists, attributes);
    tin_close_handle(file);
    return result;
}

/* ---- put ------------------------------------------------------------------------------------ */

static tin_result send_all(HANDLE local, tin_handle file, BYTE *buffer)
{
    for (;;) {
        size_t got, written;
        tin_result result = tin__load(local, buffer, PIECE, &got);

        if (!tin_ok(result) || got == 0)
            return result;
        result = tin_write_file(file, buffer, got, &written);
        if (!tin_ok(result))
            return tin__told(result);
    }
}

/* The server takes whatever it got for the whole file: FTP has no other end of a file than that of
 * the connection. What failed here is cut off, so that no one waits for the server's praise of
 * it. */
static tin_result send_to(tin_handle connection, HANDLE local, const wchar_t *remote, DWORD flags,
                          void *context)
{
    BYTE *buffer = malloc(PIECE);
    tin_handle file;
    tin_result result, closed;

    if (buffer == NULL)
        return tin__fail(TIN_E_MEMORY);
    result = tin_ftp_open_file_w(connection, remote, GENERIC_WRITE, flags, context, &file);
    if (tin_ok(result)) {
        result = send_all(local, file, buffer);
        if (!tin_ok(result) && result.error != TIN_E_CONNECTION_LOST)
            (void)tin_cancel(file);
        closed = tin__told(tin_close_handle(file));
        if (tin_ok(result) || closed.error == TIN_E_SERVER)
            result = closed;
    }
    free(buffer);
    return result;
}

tin_result tin_ftp_put_file_w(tin_handle connection, const wchar_t *local, const wchar_t *remote,
                              DWORD flags, void *context)
{
    tin_result result = tin__ftp_check(remote);
    HANDLE handle;

    if (tin_ok(result))
        result = check_local(local, false);
    if (!tin_ok(result))
        return result;
    result = tin__open_to_load(local, &handle);
    if (!tin_ok(result))
        return result;
    result = send_to(connection, handle, remote, flags, context);
    CloseHandle(handle);
    return result;
}

/* ---- UTF-8 ---------------------------------------------------------------------------------- */

tin_result tin_ftp_get_file(tin_handle connection, const char *remote, const char *local,
                            bool fail_if_exists, DWORD attributes, DWORD flags, void *context)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, remote, local);

    if (tin_ok(result))
        result = tin_ftp_get_file_w(connection, wide.text[0], wide.text[1], fail_if_exists,
                                    attributes, flags, context);
    return tin__forget(&wide, result);
}

tin_result tin_ftp_put_file(tin_handle connection, const char *local, const char *remote,
                            DWORD flags, void *context)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, local, remote);

    if (tin_ok(result))
        result = tin_ftp_put_file_w(connection, wide.text[0], wide.text[1], flags, context);
    return tin__forget(&wide, result);
}
