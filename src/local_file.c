/* SPDX-License-Identifier: MIT */
/*
 * Local files, which WinInet does not open (12006). Both opening and reading may wait for the
 * network where the name is on another machine, so they run on pool threads like the rest that can
 * block.
 */
#include "internal.h"

static const tin__stream_type local_stream;

static DWORD start_open(tin__native *native, DWORD_PTR *value)
{
    HANDLE file = CreateFileW(
        native->url.text, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED | FILE_FLAG_SEQUENTIAL_SCAN, NULL);

    if (file == INVALID_HANDLE_VALUE)
        return tin__last_error();
    *value = (DWORD_PTR)file;
    return ERROR_SUCCESS;
}

tin_result tin__open_local(tin__object *object, tin__url *url)
{
    tin__native *native;
    LARGE_INTEGER size;
    tin_result result = tin__native_create(object, NULL, CloseHandle, false, url, &native);

    if (!tin_ok(result))
        return result;
    native->quiet = true;
    tin__set_native(object, native);
    tin__begin_phase(object, TIN__CONNECT);
    result = tin__call_on_pool(object, start_open);
    if (!tin_ok(result))
        return result;
    object->stream.type = &local_stream;
    if (GetFileType(native->handle) == FILE_TYPE_DISK && GetFileSizeEx(native->handle, &size))
        tin__set_length(object, (uint64_t)size.QuadPart, false);
    return result;
}

/* Overlapped, so that it can be cancelled: by tin__native_give_up, or here if that was too soon. */
static bool read_at(tin__native *native, OVERLAPPED *at)
{
    at->Offset = (DWORD)native->position;
    at->OffsetHigh = (DWORD)(native->position >> 32);
    if (ReadFile(native->handle, native->buffer, native->wanted, &native->transferred, at))
        return true;
    if (GetLastError() != ERROR_IO_PENDING)
        return false;
    if (native->given_up)
        CancelIoEx(native->handle, at);
    return GetOverlappedResult(native->handle, at, &native->transferred, TRUE);
}

static DWORD start_read(tin__native *native, DWORD_PTR *value)
{
    OVERLAPPED at = {0};

    (void)value;
    if (read_at(native, &at)) {
        native->position += native->transferred;
        return ERROR_SUCCESS;
    }
    native->transferred = 0;
    if (GetLastError() == ERROR_HANDLE_EOF || GetLastError() == ERROR_BROKEN_PIPE)
        return ERROR_SUCCESS;
    return tin__last_error();
}

static tin_result fill(tin__object *object, void *buffer, size_t size, size_t *got)
{
    tin__native *native = object->native;
    tin_result result;

    (void)buffer; /* the native's own: a call that was given up may still write there */
    native->wanted = (DWORD)size;
    tin__begin_phase(object, TIN__RECEIVE);
    result = tin__call_on_pool(object, start_read);
    *got = tin_ok(result) ? native->transferred : 0;
    return result;
}

static const tin__stream_type local_stream = {.fill = fill};
