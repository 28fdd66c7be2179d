/* SPDX-License-Identifier: MIT */
/*
 * What can be read, wherever the bytes come from: the read buffer, the length check, and failures
 * that stay.
 */
#include <stdlib.h>
#include <string.h>

#include "stream.h"

#define FIRST_BUFFER ((size_t)16 << 10)
#define LARGEST_BUFFER ((size_t)1 << 20)
#define LARGEST_SET_BUFFER ((size_t)64 << 20)
/* Up to here, copying bytes out of a large buffer costs less than asking WinInet more often. */
#define LARGEST_COPIED ((size_t)128 << 10)

/* ---- read ----------------------------------------------------------------------------------- */

tin_result tin__fill_on_pool(tin__object *object, size_t size, size_t *got, tin__phase phase,
                             tin__start *start)
{
    tin__native *native = object->native;
    tin_result result;

    native->wanted = (DWORD)size;
    tin__begin_phase(object, phase);
    result = tin__call_on_pool(object, start);
    *got = tin_ok(result) ? native->transferred : 0;
    return result;
}

static tin_result fail(tin__stream *stream, tin_result result)
{
    stream->failed = result;
    return result;
}

static tin_result end(tin__object *object)
{
    tin__stream *stream = &object->stream;

    if (stream->length_promised && stream->fetched < stream->length)
        return fail(stream, tin__fail(TIN_E_TRUNCATED));
    if (stream->type->finish != NULL) {
        const tin_result result = stream->type->finish(object);

        if (!tin_ok(result))
            return fail(stream, result);
    }
    stream->ended = true;
    return tin__success();
}

/* Some bytes from where they come from: not more than were promised. */
static tin_result fetch(tin__object *object, void *buffer, size_t size, size_t *got)
{
    tin__stream *stream = &object->stream;
    tin_result result;

    *got = 0;
    if (stream->length_promised && size > stream->length - stream->fetched)
        size = (size_t)(stream->length - stream->fetched);
    if (size == 0)
        return end(object);
    result = stream->type->fill(object, buffer, size, got);
    if (*got > size) { /* there is not so much room: what the system says cannot be true */
        *got = 0;
        result = tin__fail(TIN_E_INTERNAL);
    }
    stream->fetched += *got;
    if (!tin_ok(result)) {
        fail(stream, result);
        return *got != 0 ? tin__success() : result; /* the bytes first, the failure next time */
    }
    if (*got == 0)
        return end(object);
    if (stream->length_promised && stream->fetched == stream->length) {
        const size_t last = *got;

        (void)end(object); /* the bytes first, what it found next time */
        *got = last;
        return tin__success();
    }
    return result;
}

static size_t next_capacity(const tin__native *native, const tin__stream *stream, size_t size)
{
    size_t capacity = native->capacity;

    if (stream->buffer_size != 0)
        return stream->buffer_size;
    if (capacity == 0)
        capacity = FIRST_BUFFER;
    else if (stream->end == capacity) /* the last fetch filled it: the stream is fast */
        capacity *= 2;
    while ((capacity < size || capacity <= stream->filled) && capacity < LARGEST_BUFFER)
        capacity *= 2;
    return capacity < LARGEST_BUFFER ? capacity : LARGEST_BUFFER;
}

/* The empty buffer, maybe a larger one; without memory for more, the one there is serves. */
static bool make_buffer(tin__native *native, size_t capacity)
{
    BYTE *buffer;

    if (capacity == native->capacity)
        return true;
    buffer = malloc(capacity);
    if (buffer == NULL)
        return native->buffer != NULL;
    free(native->buffer);
    native->buffer = buffer;
    native->capacity = capacity;
    return true;
}

static tin_result fetch_to_caller(tin__object *object, void *buffer, size_t size, size_t *got)
{
    const tin_result result = fetch(object, buffer, size, got);

    object->stream.filled = *got == size && size <= LARGEST_COPIED ? size : 0;
    object->stream.position += *got;
    return result;
}

/* Fills the buffer, which is empty. */
static tin_result fill_buffer(tin__object *object, size_t capacity)
{
    tin__native *native = object->native;

    if (!make_buffer(native, capacity))
        return tin__fail(TIN_E_MEMORY);
    return fetch(object, native->buffer, native->capacity, &object->stream.end);
}

/* Is it time to fetch? Else *result is a failure, or TIN_OK with bytes in the buffer or none: the
 * end. */
static bool must_fetch(const tin__object *object, tin_result *result)
{
    const tin__stream *stream = &object->stream;

    *result = tin__success();
    if (object->cancelled)
        *result = tin__fail(TIN_E_CANCELLED);
    else if (stream->type == NULL || stream->type->fill == NULL) /* not sent yet, or for writing */
        *result = tin_ok(stream->failed) ? tin__fail(TIN_E_STATE) : stream->failed;
    else if (stream->begin == stream->end && !stream->at_end)
        *result = stream->failed;
    return tin_ok(*result) && stream->begin == stream->end && !stream->at_end && !stream->ended;
}

tin_result tin__read_ahead(tin__object *object)
{
    tin__stream *stream = &object->stream;
    size_t capacity;
    tin_result result;

    if (!must_fetch(object, &result))
        return result;
    capacity = next_capacity(object->native, stream, 1);
    stream->begin = stream->end = 0;
    return fill_buffer(object, capacity);
}

/* Bytes for the caller: the first that are to be had, of so many that were asked for: the rest of
 * what goes to the caller's memory goes there, too. */
static tin_result read_some(tin__object *object, void *buffer, size_t size, size_t asked,
                            size_t *got)
{
    tin__stream *stream = &object->stream;
    tin_result result;

    *got = 0;
    if (must_fetch(object, &result)) {
        const size_t capacity = next_capacity(object->native, stream, asked);

        stream->begin = stream->end = 0;
        if (stream->type->direct && (asked >= capacity || !make_buffer(object->native, capacity)))
            return fetch_to_caller(object, buffer, size, got);
        result = fill_buffer(object, capacity);
    }
    if (!tin_ok(result) || stream->begin == stream->end)
        return result;
    *got = stream->end - stream->begin < size ? stream->end - stream->begin : size;
    memcpy(buffer, object->native->buffer + stream->begin, *got);
    stream->begin += *got;
    stream->position += *got;
    return tin__success();
}

tin__object *tin__enter_to_read(tin_handle file, const void *buffer, size_t size, size_t *got,
                                tin_result *result)
{
    *result = tin__fail(TIN_E_ARGUMENT);
    if (got == NULL)
        return NULL;
    *got = 0;
    if (buffer == NULL || size == 0) /* 0 would look like the end */
        return NULL;
    return tin__enter(file, TIN__FILE, result);
}

tin_result tin_read_available(tin_handle file, void *buffer, size_t size, size_t *got)
{
    tin_result result;
    tin__object *object = tin__enter_to_read(file, buffer, size, got, &result);

    if (object == NULL)
        return result;
    return tin__leave(object, read_some(object, buffer, size, size, got));
}

tin_result tin_read_file(tin_handle file, void *buffer, size_t size, size_t *got)
{
    size_t part = 1;
    tin_result result;
    tin__object *object = tin__enter_to_read(file, buffer, size, got, &result);

    if (object == NULL)
        return result;
    while (*got < size && part != 0) {
        result = read_some(object, (BYTE *)buffer + *got, size - *got, size, &part);
        *got += part;
    }
    if (object->cancelled) {
        *got = 0;
        return tin__leave(object, tin__fail(TIN_E_CANCELLED));
    }
    return tin__leave(object, *got != 0 ? tin__success() : result);
}

tin_result tin_query_data_available(tin_handle file, size_t *available)
{
    tin_result result;
    tin__object *object = tin__enter_to_read(file, "", 1, available, &result);

    if (object == NULL)
        return result;
    result = tin__read_ahead(object);
    if (tin_ok(result))
        *available = object->stream.end - object->stream.begin;
    return tin__leave(object, result);
}

tin_result tin_get_length(tin_handle file, uint64_t *length)
{
    tin_result result;
    tin__object *object;

    if (length == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    *length = 0;
    object = tin__enter_shared(file, TIN__FILE, &result);
    if (object == NULL)
        return result;
    AcquireSRWLockShared(&object->lock);
    if (object->stream.length_known)
        *length = object->stream.length;
    else
        result = tin__fail(TIN_E_NOT_FOUND);
    ReleaseSRWLockShared(&object->lock);
    return tin__leave_shared(object, result);
}

tin_result tin_set_read_buffer_size(tin_handle file, size_t size)
{
    tin_result result;
    tin__object *object;

    if (size > LARGEST_SET_BUFFER)
        return tin__fail(TIN_E_ARGUMENT);
    object = tin__enter(file, TIN__FILE, &result);
    if (object == NULL)
        return result;
    object->stream.buffer_size = size;
    return tin__leave(object, tin__success());
}
