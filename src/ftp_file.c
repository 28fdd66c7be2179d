/* SPDX-License-Identifier: MIT */
/* Files on FTP servers, by URL or below a connection: read, written, and how that ended. */
#include <stdlib.h>

#include "ftp.h"
#include "stream.h"

/* ---- bytes ---------------------------------------------------------------------------------- */

/* Where Wine 8 had to wait for something to come, it says ERROR_IO_PENDING, even in a session that
 * is not asynchronous, and a thread of its own looks once more. Until that has said what it saw
 * nothing may be read: it would wait for more, and hold the file open in spite of its closing. */
static DWORD query_available(tin__native *native, DWORD *available)
{
    for (;;) {
        tin__native_expect(native);
        if (InternetQueryDataAvailable(native->handle, available, 0, 0))
            return ERROR_SUCCESS;
        if (GetLastError() != ERROR_IO_PENDING)
            return tin__last_error();
        if (!tin__native_await(native))
            return ERROR_OPERATION_ABORTED;
    }
}

/* InternetReadFile waits in Wine 8 until it has all it was asked for, so ask for what is there. */
static DWORD start_read(tin__native *native, DWORD_PTR *value)
{
    DWORD available = 0, wanted;
    const DWORD error = query_available(native, &available);

    (void)value;
    if (error != ERROR_SUCCESS)
        return error;
    /* none: the end, or a broken connection; reading tells which */
    wanted = available != 0 && available < native->wanted ? available : native->wanted;
    if (!InternetReadFile(native->handle, native->buffer, wanted, &native->transferred))
        return tin__last_error();
    return ERROR_SUCCESS;
}

static tin_result fill(tin__object *object, void *buffer, size_t size, size_t *got)
{
    (void)buffer;
    return tin__fill_on_pool(object, size, got, TIN__DATA_RECEIVE, start_read);
}

/* ---- the end -------------------------------------------------------------------------------- */

static DWORD start_finish(tin__native *native, DWORD_PTR *value)
{
    (void)value;
    tin__native_close(native);
    if (!tin_ok(native->parent->failed))
        return ERROR_INTERNET_TIMEOUT;
    return TIN__SAID_NOTHING; /* always "fails": so that what the server says last is kept */
}

/* What the server said of the whole transfer, when the file was closed. Where WinInet shows neither
 * words nor that it waited for some, there is nothing to judge by. */
static tin_error verdict(const wchar_t *response, const tin__native *connection, bool written)
{
    if (response == NULL)
        return connection->asked && !connection->answered ? TIN_E_CONNECTION_LOST : TIN_OK;
    if (tin__ftp_reply(response) == NULL)
        return TIN_E_CONNECTION_LOST;
    if (!tin__ftp_refused(response))
        return TIN_OK;
    return written ? TIN_E_SERVER : TIN_E_TRUNCATED;
}

/* A file that is being closed takes the words with it: they are found at the connection, too. */
static void hand_words_up(tin__object *file, tin__object *connection)
{
    wchar_t *copy = NULL;

    if (connection == file) /* it was opened by URL */
        return;
    AcquireSRWLockShared(&file->lock);
    if (!tin_ok(tin__copy_wide(file->response, &copy)))
        copy = NULL;
    ReleaseSRWLockShared(&file->lock);
    tin__set_response(connection, copy);
}

/* A transfer that the server breaks off ends like any other (seen under Wine 8); but what it says
 * when the file is closed tells: "226 ..." or, for one, "426 ...". */
static tin_result finish(tin__object *object)
{
    tin__native *connection = object->native->parent;
    const bool written = object->stream.type->write != NULL;
    tin_result result;
    tin_error error;

    tin__set_response(object, NULL);
    AcquireSRWLockExclusive(&object->lock);
    connection->asked = connection->answered = false;
    ReleaseSRWLockExclusive(&object->lock);
    tin__begin_phase(object, TIN__RECEIVE);
    result = tin__call_on_thread(object, start_finish);
    if (object->native == NULL || result.last_error != 0)
        return result;
    AcquireSRWLockShared(&object->lock);
    error = verdict(object->response, connection, written);
    ReleaseSRWLockShared(&object->lock);
    if (error == TIN_OK) { /* "226 Transfer complete" is nothing to be told of */
        tin__set_response(object, NULL);
        return tin__success();
    }
    hand_words_up(object, connection->owner);
    return tin__fail(error);
}

const tin__stream_type tin__ftp_reading = {.fill = fill, .finish = finish};
static const tin__stream_type writing = {
    .write = tin__start_write, .write_phase = TIN__DATA_SEND, .behind = true, .finish = finish};

/* ---- open ----------------------------------------------------------------------------------- */

static DWORD_PTR open_file(tin__native *native, DWORD access)
{
    return (DWORD_PTR)FtpOpenFileA(native->parent->handle, native->names[0], access, native->flags,
                                   (DWORD_PTR)native->token);
}

static DWORD_PTR open_reading(tin__native *native)
{
    return open_file(native, GENERIC_READ);
}

static DWORD_PTR open_writing(tin__native *native)
{
    return open_file(native, GENERIC_WRITE);
}

tin_result tin__open_ftp(tin__object *object, tin__object *session, tin__url *url, DWORD flags)
{
    tin_result result;
    tin__url own;

    flags = tin__ftp_transfer_flags(url->transfer_type, flags);
    result = tin__connect_ftp(object, session, url, 0);
    if (!tin_ok(result))
        return result;
    tin__take_url(object, &own);
    result =
        tin__ftp_open(object, object->native, TIN__CONNECT, open_reading, own.path, flags, &own);
    tin__free_url(&own);
    object->stream.type = &tin__ftp_reading;
    return result;
}

typedef struct opening {
    const wchar_t *name;
    DWORD access, flags;
} opening;

static tin_result open_below(tin__object *object, tin__object *connection, void *how)
{
    const opening *what = how;
    const bool writes = what->access == GENERIC_WRITE;
    const tin_result result =
        tin__ftp_open(object, connection->native, TIN__RECEIVE,
                      writes ? open_writing : open_reading, what->name, what->flags, NULL);

    object->stream.type = writes ? &writing : &tin__ftp_reading;
    return result;
}

static bool known_access(DWORD access)
{
    return access == GENERIC_READ || access == GENERIC_WRITE;
}

tin_result tin_ftp_open_file_w(tin_handle connection, const wchar_t *name, DWORD access,
                               DWORD flags, void *context, tin_handle *file)
{
    opening what = {name, access, tin__ftp_transfer_flags(0, flags)};
    const DWORD type = what.flags & (FTP_TRANSFER_TYPE_ASCII | FTP_TRANSFER_TYPE_BINARY);
    tin_result result;
    tin__object *object;

    if (file == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    *file = NULL;
    if (!known_access(access) || type == (FTP_TRANSFER_TYPE_ASCII | FTP_TRANSFER_TYPE_BINARY))
        return tin__fail(TIN_E_ARGUMENT);
    object = tin__ftp_enter_for(connection, name, &result);
    if (object == NULL)
        return result;
    result = tin__open_below(object, TIN__FTP_FILE, context, open_below, &what, file);
    return tin__leave(object, result);
}

tin_result tin_ftp_open_file(tin_handle connection, const char *name, DWORD access, DWORD flags,
                             void *context, tin_handle *file)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, name);

    if (tin_ok(result))
        result = tin_ftp_open_file_w(connection, wide.text[0], access, flags, context, file);
    else if (file != NULL)
        *file = NULL;
    return tin__forget(&wide, result);
}
