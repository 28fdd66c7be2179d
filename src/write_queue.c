/* SPDX-License-Identifier: MIT */
/*
 * What is written leaves in pieces, on a pool thread, so that a time-out governs a piece and not
 * the whole. Its writer goes on meanwhile: one piece may wait behind the one that is leaving, and
 * grow until it leaves. So many small writes become few calls of WinInet's, and neither thread
 * waits for the other to wake up. Pieces are copies, for a call that was given up may go on
 * sending; they grow where they leave fast.
 */
#include <stdlib.h>
#include <string.h>

#include "stream.h"

#define FIRST_PIECE ((size_t)64 << 10)
#define LARGEST_PIECE ((size_t)2 << 20)

/* ---- on the pool thread --------------------------------------------------------------------- */

/* What waited leaves now. */
static void swap(tin__native *native)
{
    BYTE *memory = native->buffer;
    const size_t capacity = native->capacity;

    native->buffer = native->queue.memory;
    native->capacity = native->queue.capacity;
    native->queue.memory = memory;
    native->queue.capacity = capacity;
}

/* With the lock held, or where a little later will do. */
static bool is_wanted(const tin__native *native)
{
    return !native->given_up && !native->owner->cancelled;
}

/* The piece that waits, if any. The phase begins anew with it, whoever waits. */
static bool take(tin__native *native)
{
    tin__write_queue *queue = &native->queue;

    AcquireSRWLockExclusive(&native->owner->lock);
    queue->sending = queue->size != 0 && is_wanted(native);
    if (queue->sending) {
        swap(native);
        native->wanted = (DWORD)queue->size;
        queue->size = 0;
        tin__set_phase(native->owner, queue->phase);
        tin__wake(native->owner);
    }
    ReleaseSRWLockExclusive(&native->owner->lock);
    return queue->sending; /* nobody else takes back what is said here */
}

/* All of it, by as many calls as that takes. */
static DWORD send_piece(tin__native *native, tin__start *write, DWORD_PTR *value)
{
    while (native->wanted != 0 && is_wanted(native)) {
        DWORD error;

        native->transferred = 0;
        error = tin__native_call(native, write, value);
        if (error != ERROR_SUCCESS)
            return error;
        if (native->transferred == 0 || native->transferred > native->wanted)
            return TIN__SAID_NOTHING;
        native->wanted -= native->transferred;
        memmove(native->buffer, native->buffer + native->transferred, native->wanted);
    }
    return ERROR_SUCCESS;
}

/* The writer decides by it how large pieces may be. */
static void note_speed(tin__native *native, size_t size, ULONGLONG began)
{
    AcquireSRWLockExclusive(&native->owner->lock);
    native->queue.sent = size;
    native->queue.sent_ms = GetTickCount64() - began;
    ReleaseSRWLockExclusive(&native->owner->lock);
}

DWORD tin__send_queue(tin__native *native, tin__start *write, DWORD_PTR *value)
{
    DWORD error = ERROR_SUCCESS;

    while (error == ERROR_SUCCESS && take(native)) {
        const ULONGLONG began = GetTickCount64();
        const size_t size = native->wanted;

        error = send_piece(native, write, value);
        note_speed(native, size, began);
    }
    return error;
}

/* ---- on the writer's ------------------------------------------------------------------------ */

/* Twice as much as before, if at the last one's speed that takes an eighth of the time-out at
 * most. */
static size_t next_piece(const tin__object *object)
{
    const tin__write_queue *queue = &object->native->queue;

    if (queue->piece == 0 || queue->sent_ms * 16 > tin__phase_timeout(object, queue->phase))
        return FIRST_PIECE;
    return queue->sent < queue->piece || queue->piece >= LARGEST_PIECE ? queue->piece
                                                                       : 2 * queue->piece;
}

/* The size of the piece that waits: nobody else has it now. */
static size_t claim(tin__object *object)
{
    tin__write_queue *queue = &object->native->queue;
    size_t size;

    AcquireSRWLockExclusive(&object->lock);
    size = queue->size;
    queue->size = 0;
    queue->phase = object->stream.type->write_phase;
    queue->piece = next_piece(object);
    queue->sent = 0;
    queue->sent_ms = 0;
    ReleaseSRWLockExclusive(&object->lock);
    return size;
}

/* The memory there is may be of an answer that was read, and smaller. Without memory for a larger
 * one, it serves. */
static bool make_memory(tin__write_queue *queue, size_t size)
{
    BYTE *memory;

    if (queue->capacity >= size)
        return true;
    memory = malloc(size);
    if (memory == NULL)
        return queue->capacity != 0;
    free(queue->memory);
    queue->memory = memory;
    queue->capacity = size;
    return true;
}

/* For more of a piece that waits and has this size. */
static size_t room(const tin__write_queue *queue, size_t size)
{
    const size_t most = queue->piece < queue->capacity ? queue->piece : queue->capacity;

    return size < most ? most - size : 0;
}

static bool has_room(const tin__native *native)
{
    return native->completed || native->queue.size == 0 ||
           room(&native->queue, native->queue.size) != 0;
}

static tin_result await(tin__object *object, tin__reached *reached)
{
    return object->native->queue.unawaited ? tin__await(object, reached) : tin__success();
}

tin_result tin__drain_queue(tin__object *object)
{
    const tin_result result = await(object, tin__has_completed);

    if (tin_ok(result))
        object->native->queue.unawaited = false;
    return result;
}

bool tin__make_queue(tin__object *object)
{
    tin__native *native = object->native;

    return native->queue.unawaited || native->buffer != NULL ||
           make_memory(&native->queue, FIRST_PIECE);
}

/* For one piece alone there is always memory: then they take turns. */
static tin_result make_room(tin__object *object)
{
    tin__native *native = object->native;
    tin_result result;

    if (make_memory(&native->queue, native->queue.piece))
        return tin__success();
    result = tin__drain_queue(object);
    if (tin_ok(result))
        swap(native);
    return result;
}

/* It leaves: by the call under way, else by a new one. */
static tin_result hand_over(tin__object *object, size_t size)
{
    tin__native *native = object->native;
    tin_result result;
    bool sending;

    AcquireSRWLockExclusive(&object->lock);
    native->queue.size = size;
    sending = native->queue.sending;
    ReleaseSRWLockExclusive(&object->lock);
    if (sending)
        return tin__success();
    result = tin__drain_queue(object);
    if (!tin_ok(result))
        return result;
    native->queue.sending = native->queue.unawaited = true;
    tin__begin_phase(object, native->queue.phase);
    return tin__begin_on_pool(object, object->stream.type->write);
}

tin_result tin__queue(tin__object *object, const BYTE *bytes, size_t size, size_t *queued)
{
    tin__write_queue *queue = &object->native->queue;
    size_t before;
    tin_result result = await(object, has_room);

    *queued = 0;
    if (!tin_ok(result))
        return result;
    before = claim(object);
    if (before == 0)
        result = make_room(object);
    if (!tin_ok(result))
        return result;
    *queued = size < room(queue, before) ? size : room(queue, before);
    memcpy(queue->memory + before, bytes, *queued);
    return hand_over(object, before + *queued);
}
