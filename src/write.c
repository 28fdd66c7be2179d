/* SPDX-License-Identifier: MIT */
/*
 * What can be written, wherever the bytes go: requests with a streamed body, files on FTP servers,
 * local files. Bytes are gathered in the stream's memory where the caller wants that; how they
 * leave is in write_queue.c.
 */
#include <stdlib.h>
#include <string.h>

#include "stream.h"

#define LARGEST_SET_BUFFER ((size_t)64 << 20)

static DWORD write_piece(tin__native *native, DWORD_PTR *value)
{
    (void)value;
    if (!InternetWriteFile(native->handle, native->buffer, native->wanted, &native->transferred))
        return tin__last_error();
    return ERROR_SUCCESS;
}

DWORD tin__start_write(tin__native *native, DWORD_PTR *value)
{
    return tin__send_queue(native, write_piece, value);
}

static tin_result send_all(tin__object *object, const BYTE *bytes, size_t size)
{
    tin_result result = tin__success();

    if (size != 0 && !tin__make_queue(object))
        return tin__fail(TIN_E_MEMORY); /* nothing has left: this may be tried again */
    while (tin_ok(result) && size != 0) {
        size_t queued;

        result = tin__queue(object, bytes, size, &queued);
        bytes += queued;
        size -= queued;
        if (tin_ok(result) && !object->stream.type->behind)
            result = tin__drain_queue(object);
    }
    if (!tin_ok(result))
        object->stream.failed = result;
    return result;
}

static tin_result send_gathered(tin__object *object)
{
    tin__stream *stream = &object->stream;
    const tin_result result = send_all(object, stream->gathered, stream->end);

    if (tin_ok(result))
        stream->end = 0;
    return result;
}

static tin_result gather(tin__object *object, const BYTE *bytes, size_t size)
{
    tin__stream *stream = &object->stream;

    if (stream->gathered == NULL)
        stream->gathered = malloc(stream->write_buffer_size);
    if (stream->gathered == NULL)
        return tin__fail(TIN_E_MEMORY);
    memcpy(stream->gathered + stream->end, bytes, size);
    stream->end += size;
    return tin__success();
}

/* Gathers what leaves room in the buffer; else sends what there is, and gathers only what is
 * smaller than the buffer. */
static tin_result put(tin__object *object, const BYTE *bytes, size_t size)
{
    const size_t room = object->stream.write_buffer_size;
    tin_result result = tin__success();

    if (size > room - object->stream.end) /* also where there is no buffer */
        result = send_gathered(object);
    if (!tin_ok(result))
        return result;
    return size < room ? gather(object, bytes, size) : send_all(object, bytes, size);
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

static tin_result write_all(tin__object *object, const BYTE *bytes, size_t size)
{
    tin__stream *stream = &object->stream;
    tin_result result = check(object);

    if (tin_ok(result) && stream->length_promised && size > stream->length - stream->position)
        result = tin__fail(TIN_E_ARGUMENT); /* more than was announced */
    if (tin_ok(result))
        result = put(object, bytes, size);
    if (tin_ok(result) && object->cancelled) /* what was put does not leave then */
        result = tin__fail(TIN_E_CANCELLED);
    if (!tin_ok(result))
        return result;
    stream->position += size;
    if (stream->length_known && stream->position > stream->length) /* the file has grown */
        tin__set_length(object, stream->position, false);
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
    result = write_all(object, buffer, size);
    if (tin_ok(result))
        *written = size;
    return tin__leave(object, result);
}

tin_result tin__flush(tin__object *object)
{
    tin_result result = check(object);

    if (!tin_ok(result))
        return result;
    result = send_gathered(object);
    if (!tin_ok(result))
        return result;
    result = tin__drain_queue(object);
    if (!tin_ok(result))
        object->stream.failed = result;
    return result;
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
    if (tin_ok(result)) {
        free(object->stream.gathered);
        object->stream.gathered = NULL;
        object->stream.write_buffer_size = size;
    }
    return tin__leave(object, result);
}

static bool is_for_writing(tin_handle file)
{
    tin_result result;
    tin__object *object = tin__enter_shared(file, TIN__FTP_FILE | TIN__LOCAL_FILE, &result);
    const bool writes =
        object != NULL && object->stream.type != NULL && object->stream.type->write != NULL;

    return object != NULL && tin_ok(tin__leave_shared(object, tin__success())) && writes;
}

/* Who broke the connection off may have said why. */
static tin_result why_it_failed(tin__object *object, tin_result result)
{
    tin_result said;

    if (result.error != TIN_E_CONNECTION_LOST || object->native == NULL ||
        object->stream.type->finish == NULL)
        return result;
    said = object->stream.type->finish(object);
    return tin_ok(said) ? result : said;
}

static tin_result end_writing(tin__object *object)
{
    const tin_result result = tin__flush(object);

    if (!tin_ok(result))
        return why_it_failed(object, result);
    return object->stream.type->finish != NULL ? object->stream.type->finish(object) : result;
}

tin_result tin__end_writing(tin_handle file)
{
    tin_result result;
    tin__object *object;

    if (!is_for_writing(file)) /* a read that begins just now is to end as closed, not as refused */
        return tin__success();
    object = tin__enter(file, TIN__FTP_FILE | TIN__LOCAL_FILE, &result);
    if (object == NULL)
        return tin__success(); /* nothing to end, or a call that closing cancels */
    result = end_writing(object);
    object->stream.failed = tin__fail(TIN_E_HANDLE); /* for who comes before it is closed */
    return tin__leave(object, result);
}
