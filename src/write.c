/* SPDX-License-Identifier: MIT */
/*
 * What can be written, wherever the bytes go: requests with a streamed body, files on FTP servers,
 * local files. Bytes are copied to the native's buffer, which a call that was given up may go on
 * sending, and leave it in pieces, so that a time-out governs a piece and not the whole.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define PIECE ((size_t)64 << 10)
#define LARGEST_SET_BUFFER ((size_t)64 << 20)

static bool make_buffer(tin__native *native, size_t capacity)
{
    BYTE *buffer;

    if (native->capacity >= capacity)
        return true;
    buffer = realloc(native->buffer, capacity);
    if (buffer == NULL)
        return false;
    native->buffer = buffer;
    native->capacity = capacity;
    return true;
}

/* Sends what was gathered. */
static tin_result send_gathered(tin__object *object)
{
    tin__stream *stream = &object->stream;
    tin__native *native = object->native;

    while (stream->end != 0) {
        tin_result result;

        native->wanted = (DWORD)(stream->end < PIECE ? stream->end : PIECE);
        native->transferred = 0;
        tin__begin_phase(object, stream->type->write_phase);
        result = tin__call_on_pool(object, stream->type->write);
        if (tin_ok(result) && native->transferred == 0)
            result = tin__fail(TIN_E_INTERNAL);
        if (!tin_ok(result)) {
            stream->failed = result;
            return result;
        }
        stream->end -= native->transferred;
        memmove(native->buffer, native->buffer + native->transferred, stream->end);
    }
    return tin__success();
}

/* Can it be written to now? */
static tin_result check(const tin__object *object)
{
    const tin__stream *stream = &object->stream;

    if (object->cancelled)
        return tin__fail(TIN_E_CANCELLED);
    if (!tin_ok(stream->failed))
        return stream->failed;
    return stream->type != NULL && stream->type->write != NULL ? tin__success()
                                                               : tin__fail(TIN_E_STATE);
}

static tin_result write_some(tin__object *object, const BYTE *buffer, size_t size)
{
    tin__stream *stream = &object->stream;
    const size_t room = stream->write_buffer_size != 0 ? stream->write_buffer_size : PIECE;
    tin_result result = check(object);

    if (tin_ok(result) && stream->length_promised && size > stream->length - stream->position)
        return tin__fail(TIN_E_ARGUMENT); /* more than was announced */
    if (tin_ok(result) && !make_buffer(object->native, room))
        return tin__fail(TIN_E_MEMORY);
    while (tin_ok(result) && size != 0) {
        const size_t part = room - stream->end < size ? room - stream->end : size;

        memcpy(object->native->buffer + stream->end, buffer, part);
        stream->end += part;
        stream->position += part;
        buffer += part;
        size -= part;
        if (stream->end == room || stream->write_buffer_size == 0)
            result = send_gathered(object);
    }
    return result;
}

tin_result tin_write_file(tin_handle file, const void *buffer, size_t size, size_t *written)
{
    tin_result result;
    tin__object *object;

    if (written == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    *written = 0;
    if (buffer == NULL || size == 0)
        return tin__fail(TIN_E_ARGUMENT);
    object = tin__enter(file, TIN__FILE, &result);
    if (object == NULL)
        return result;
    result = write_some(object, buffer, size);
    if (tin_ok(result))
        *written = size;
    return tin__leave(object, result);
}

tin_result tin__flush(tin__object *object)
{
    const tin_result result = check(object);

    return tin_ok(result) ? send_gathered(object) : result;
}

tin_result tin_flush(tin_handle file)
{
    tin_result result;
    tin__object *object = tin__enter(file, TIN__FILE, &result);

    return object != NULL ? tin__leave(object, tin__flush(object)) : result;
}

tin_result tin_set_write_buffer_size(tin_handle file, size_t size)
{
    tin_result result;
    tin__object *object;

    if (size > LARGEST_SET_BUFFER)
        return tin__fail(TIN_E_ARGUMENT);
    object = tin__enter(file, TIN__FILE, &result);
    if (object == NULL)
        return result;
    result = tin__flush(object);
    if (tin_ok(result))
        object->stream.write_buffer_size = size;
    return tin__leave(object, result);
}

/* Who broke the connection off may have said why. */
static tin_result why_it_failed(tin__object *object)
{
    tin_result result = object->stream.failed;

    if (result.error == TIN_E_CONNECTION_LOST && !object->cancelled && object->native != NULL &&
        object->stream.type->finish != NULL) {
        result = object->stream.type->finish(object);
        if (tin_ok(result))
            result = object->stream.failed;
    }
    return result;
}

tin_result tin__end_writing(tin_handle file)
{
    tin_result result;
    tin__object *object = tin__enter(file, TIN__FTP_FILE | TIN__LOCAL_FILE, &result);

    if (object == NULL)
        return tin__success(); /* nothing to end, or a call that closing cancels */
    if (tin_ok(check(object))) {
        result = send_gathered(object);
        if (tin_ok(result) && object->stream.type->finish != NULL)
            result = object->stream.type->finish(object);
    } else {
        result = object->stream.type != NULL && object->stream.type->write != NULL
                     ? why_it_failed(object)
                     : tin__success();
    }
    return tin__leave(object, result);
}
