/* SPDX-License-Identifier: MIT */
/*
 * Local files, which WinInet does not open (12006). Opening, reading and writing may wait for the
 * network where the name is on another machine, so they run on pool threads like the rest that can
 * block.
 */
#include <stdlib.h>

#include "local_file.h"
#include "stream.h"

static const tin__stream_type reader, writer;

/* ---- open ----------------------------------------------------------------------------------- */

/* What is written may be read by others meanwhile; what is read may be written. */
static DWORD start_open(tin__native *native, DWORD_PTR *value)
{
    const DWORD access = native->flags, disposition = native->wanted;
    const DWORD share = access == GENERIC_READ
                            ? FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE
                            : FILE_SHARE_READ | FILE_SHARE_DELETE;
    HANDLE file = CreateFileW(native->url.text, access, share, NULL, disposition,
                              FILE_FLAG_OVERLAPPED | FILE_FLAG_SEQUENTIAL_SCAN, NULL);

    if (file == INVALID_HANDLE_VALUE)
        return tin__last_error();
    *value = (DWORD_PTR)file;
    return ERROR_SUCCESS;
}

static void measure(tin__object *object)
{
    LARGE_INTEGER size;

    if (object->native != NULL && GetFileSizeEx(object->native->handle, &size))
        tin__set_length(object, (uint64_t)size.QuadPart, false);
}

static tin_result open_file(tin__object *object, tin__url *url, DWORD access, DWORD disposition)
{
    tin__native *native;
    tin_result result = tin__native_create(object, NULL, CloseHandle, false, url, &native);

    if (!tin_ok(result))
        return result;
    native->quiet = true;
    native->flags = access;
    native->wanted = disposition;
    tin__set_native(object, native);
    tin__begin_phase(object, TIN__CONNECT);
    result = tin__call_on_pool(object, start_open);
    if (!tin_ok(result))
        return result;
    object->stream.type = access == GENERIC_READ ? &reader : &writer;
    object->stream.seekable = GetFileType(native->handle) == FILE_TYPE_DISK;
    if (object->stream.seekable)
        measure(object);
    return result;
}

tin_result tin__open_local(tin__object *object, tin__url *url)
{
    return open_file(object, url, GENERIC_READ, OPEN_EXISTING);
}

/* ---- read, write, seek ---------------------------------------------------------------------- */

/* Overlapped, so that it can be cancelled: by tin__native_give_up, or here if that was too
 * early. */
static bool move_bytes(tin__native *native, OVERLAPPED *at)
{
    BOOL done;

    at->Offset = (DWORD)native->position;
    at->OffsetHigh = (DWORD)(native->position >> 32);
    if (native->flags == GENERIC_READ)
        done = ReadFile(native->handle, native->buffer, native->wanted, &native->transferred, at);
    else
        done = WriteFile(native->handle, native->buffer, native->wanted, &native->transferred, at);
    if (done)
        return true;
    if (GetLastError() != ERROR_IO_PENDING)
        return false;
    if (native->given_up)
        CancelIoEx(native->handle, at);
    return GetOverlappedResult(native->handle, at, &native->transferred, TRUE);
}

static DWORD start_transfer(tin__native *native, DWORD_PTR *value)
{
    OVERLAPPED at = {0};

    (void)value;
    if (move_bytes(native, &at)) {
        native->position += native->transferred;
        return ERROR_SUCCESS;
    }
    native->transferred = 0;
    return tin__last_error();
}

static DWORD start_write(tin__native *native, DWORD_PTR *value)
{
    return tin__send_queue(native, start_transfer, value);
}

static DWORD start_read(tin__native *native, DWORD_PTR *value)
{
    const DWORD error = start_transfer(native, value);

    return error == ERROR_HANDLE_EOF || error == ERROR_BROKEN_PIPE ? ERROR_SUCCESS : error;
}

static tin_result fill(tin__object *object, void *buffer, size_t size, size_t *got)
{
    (void)buffer;
    return tin__fill_on_pool(object, size, got, TIN__RECEIVE, start_read);
}

static tin_result seek(tin__object *object, uint64_t position)
{
    if (object->native == NULL) /* a call was given up, and the file with it */
        return object->stream.failed;
    object->native->position = position;
    return tin__success();
}

static const tin__stream_type reader = {.fill = fill, .seek = seek, .measure = measure};
static const tin__stream_type writer = {
    .write = start_write, .write_phase = TIN__SEND, .seek = seek, .measure = measure};

/* ---- by name alone -------------------------------------------------------------------------- */

typedef struct target {
    tin__url url;
    DWORD access, disposition;
} target;

static tin_result open_target(tin__object *object, tin__object *session, void *how)
{
    target *what = how;

    (void)session;
    return open_file(object, &what->url, what->access, what->disposition);
}

static bool is_known(DWORD access, DWORD disposition)
{
    return (access == GENERIC_READ || access == GENERIC_WRITE) &&
           (disposition == CREATE_NEW || disposition == CREATE_ALWAYS ||
            disposition == OPEN_EXISTING || disposition == OPEN_ALWAYS);
}

static tin_result parse_name(const wchar_t *name, tin__url *url)
{
    const tin_result result = tin__parse_url(name, url);

    if (result.error == TIN_E_UNSUPPORTED || (tin_ok(result) && url->scheme != TIN__LOCAL))
        return tin__fail(TIN_E_ARGUMENT);
    return result;
}

tin_result tin_open_local_file_w(tin_handle session, const wchar_t *name, DWORD access,
                                 DWORD disposition, void *context, tin_handle *file)
{
    target what = {.access = access, .disposition = disposition};
    tin_result result;

    if (file == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    *file = NULL;
    if (!is_known(access, disposition))
        return tin__fail(TIN_E_ARGUMENT);
    result = parse_name(name, &what.url);
    if (tin_ok(result))
        result = tin__open_child(session, TIN__SESSION, TIN__LOCAL_FILE, context, open_target,
                                 &what, file);
    tin__free_url(&what.url);
    return result;
}

tin_result tin_open_local_file(tin_handle session, const char *name, DWORD access,
                               DWORD disposition, void *context, tin_handle *file)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, name);

    if (tin_ok(result))
        result = tin_open_local_file_w(session, wide.text[0], access, disposition, context, file);
    else if (file != NULL)
        *file = NULL;
    return tin__forget(&wide, result);
}
