/* SPDX-License-Identifier: MIT */
/* Positions: what the read buffer holds, and the end, cost nothing; the rest is the stream's
 * own. */
#include "stream.h"

/* Where it was asked to go. */
static tin_result target_of(const tin__stream *stream, int64_t distance, DWORD method,
                            uint64_t *target)
{
    uint64_t base = 0;

    if (method == FILE_CURRENT)
        base = stream->position;
    else if (method == FILE_END && !stream->length_known)
        return tin__fail(TIN_E_UNSUPPORTED);
    else if (method == FILE_END)
        base = stream->length;
    else if (method != FILE_BEGIN)
        return tin__fail(TIN_E_ARGUMENT);
    *target = base + (uint64_t)distance;
    if (distance < 0 ? *target >= base : *target < base) /* before 0, or no number any more */
        return tin__fail(TIN_E_ARGUMENT);
    if (stream->length_known && *target > stream->length)
        return tin__fail(TIN_E_ARGUMENT);
    return tin__success();
}

/* Failures that the same bytes, asked for once more, may not meet again. */
static bool is_resumable(tin_error error)
{
    switch (error) {
    case TIN_E_TRUNCATED:
    case TIN_E_TIMEOUT:
    case TIN_E_CONNECTION_LOST:
    case TIN_E_CONNECT:
    case TIN_E_DNS:
    case TIN_E_OFFLINE:
    case TIN_E_SERVER:
    case TIN_E_MEMORY:
        return true;
    default:
        return false;
    }
}

static tin_result check(const tin__object *object)
{
    const tin__stream *stream = &object->stream;

    if (object->cancelled)
        return tin__fail(TIN_E_CANCELLED);
    if (!stream->seekable)
        return tin__fail(stream->type != NULL ? TIN_E_UNSUPPORTED : TIN_E_STATE);
    if (stream->type->write == NULL && is_resumable(stream->failed.error))
        return tin__success();
    return stream->failed;
}

/* The read buffer holds the last `end` bytes that were fetched. Behind them goes on what did not
 * fail; a file that may have grown is asked again. */
static bool is_in_buffer(const tin__stream *stream, uint64_t target)
{
    if (stream->type->fill == NULL || target > stream->fetched ||
        stream->fetched - target > stream->end)
        return false;
    return target < stream->fetched ||
           (tin_ok(stream->failed) && (!stream->ended || stream->type->measure == NULL));
}

static tin_result go(tin__object *object, uint64_t target)
{
    tin__stream *stream = &object->stream;
    const bool in_buffer = is_in_buffer(stream, target);
    const bool at_end = !in_buffer && stream->type->fill != NULL && stream->length_known &&
                        target == stream->length;

    if (in_buffer) {
        stream->begin = stream->end - (size_t)(stream->fetched - target);
    } else if (at_end) {
        stream->begin = stream->end;
    } else {
        const tin_result result = stream->type->seek(object, target);

        if (!tin_ok(result))
            return result;
        stream->begin = stream->end = 0;
        stream->fetched = target;
        stream->ended = false;
        stream->failed = result;
    }
    stream->at_end = at_end;
    stream->position = target;
    return tin__success();
}

static tin_result move(tin__object *object, int64_t distance, DWORD method)
{
    tin__stream *stream = &object->stream;
    uint64_t target = 0;
    tin_result result = check(object);

    if (tin_ok(result) && stream->type->write != NULL)
        result = tin__flush(object);
    if (!tin_ok(result))
        return result;
    if (stream->type->measure != NULL)
        stream->type->measure(object);
    result = target_of(stream, distance, method, &target);
    return tin_ok(result) ? go(object, target) : result;
}

tin_result tin_set_file_pointer(tin_handle file, int64_t distance, DWORD move_method,
                                uint64_t *position)
{
    tin_result result;
    tin__object *object;

    if (position == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    *position = 0;
    object = tin__enter(file, TIN__FILE, &result);
    if (object == NULL)
        return result;
    result = move(object, distance, move_method);
    if (tin_ok(result))
        *position = object->stream.position;
    return tin__leave(object, result);
}
