/* SPDX-License-Identifier: MIT */
/*
 * What can be written, wherever the bytes go: requests with a streamed body, files on FTP servers,
 * local files. Bytes are gathered in the stream's memory where the caller wants that, and leave in
 * pieces, so that a time-out governs a piece and not the whole; each is copied to the native's
 * buffer, from which a call that was given up may go on sending. Each piece also takes a call on
 * another thread, so they grow where they leave fast.
 */
#include <stdlib.h>
#include <string.h>

#include "stream.h"

#define FIRST_PIECE ((size_t)64 << 10)
#define LARGEST_PIECE ((size_t)1 << 20)
#define LARGEST_SET_BUFFER ((size_t)64 << 20)

DWORD tin__start_write(tin__native *native, DWORD_PTR *value)
{
    (void)value;
    if (!InternetWriteFile(native->handle, native->buffer, native->wanted, &native->transferred))
        return tin__last_error();
    return ERROR_SUCCESS;
}

/* The one there is may be of an answer that was read, and smaller. Without memory for a larger
 * one, it serves. */
static bool make_buffer(tin__native *native, size_t size)
{
    BYTE *buffer;

    if (native->capacity >= size)
        return true;
    buffer = malloc(size);
    if (buffer == NULL)
        return native->capacity != 0;
    free(native->buffer);
    native->buffer = buffer;
    native->capacity = size;
    return true;
}

/* Twice as much next time, if at this speed that takes an eighth of the time-out at most. */
static size_t next_piece(const tin__object *object, size_t sent, ULONGLONG began)
{
    const DWORD timeout_ms = tin__phase_timeout(object, object->stream.type->write_phase);

    if ((GetTickCount64() - began) * 16 > timeout_ms)
        return FIRST_PIECE;
    if (sent < object->stream.piece || sent >= LARGEST_PIECE)
        return object->stream.piece;
    return 2 * sent;
}

/* Not more than a piece. */
static tin_result send_some(tin__object *object, const BYTE *bytes, size_t size, size_t *sent)
{
    tin__native *native = object->native; /* NULL once the call was given up */
    tin__stream *stream = &object->stream;
    const ULONGLONG began = GetTickCount64();
    tin_result result;

    *sent = 0;
    if (stream->piece == 0)
        stream->piece = FIRST_PIECE;
    if (size > stream->piece)
        size = stream->piece;
    (void)make_buffer(native, size); /* send_all() saw to it that there is one */
    native->wanted = (DWORD)(size < native->capacity ? size : native->capacity);
    native->transferred = 0;
    memcpy(native->buffer, bytes, native->wanted);
    tin__begin_phase(object, stream->type->write_phase);
    result = tin__call_on_pool(object, stream->type->write);
    if (!tin_ok(result))
        return result;
    if (native->transferred == 0 || native->transferred > native->wanted)
        return tin__fail(TIN_E_INTERNAL);
    *sent = native->transferred;
    stream->piece = next_piece(object, *sent, began);
    return result;
}

static tin_result send_all(tin__object *object, const BYTE *bytes, size_t size)
{
    tin_result result = tin__success();

    if (size != 0 && !make_buffer(object->native, FIRST_PIECE))
        return tin__fail(TIN_E_MEMORY); /* nothing has left: this may be tried again */
    while (tin_ok(result) && size != 0) {
        size_t sent;

        result = send_some(object, bytes, size, &sent);
        bytes += sent;
        size -= sent;
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
    tin_result result = check(object);

    if (!tin_ok(result))
        return why_it_failed(object, result);
    result = send_gathered(object);
    if (tin_ok(result) && object->stream.type->finish != NULL)
        result = object->stream.type->finish(object);
    return result;
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
