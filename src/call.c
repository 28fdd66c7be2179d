/* SPDX-License-Identifier: MIT */
/*
 * How one call travels: start it, then wait for whichever comes first: its completion, tin_cancel()
 * or tin_close_handle(), the deadline; meanwhile hand events to the user. A call that is given up
 * is left to the system together with its native: see native.c.
 */
#include <stdlib.h>

#include "call.h"

DWORD tin__last_error(void)
{
    const DWORD error = GetLastError();

    /* e.g. Wine 8's InternetConnectW for an unknown service fails and says 0 */
    return error != ERROR_SUCCESS ? error : TIN__SAID_NOTHING;
}

tin_result tin__result_of(DWORD error)
{
    if (error == ERROR_SUCCESS)
        return tin__success();
    return tin__from_win32(error != TIN__SAID_NOTHING ? error : ERROR_SUCCESS);
}

void tin__set_phase(tin__object *object, tin__phase phase)
{
    object->phase = phase;
    object->phase_began = GetTickCount64();
    if (object->began == 0)
        object->began = object->phase_began;
}

void tin__begin_phase(tin__object *object, tin__phase phase)
{
    AcquireSRWLockExclusive(&object->lock);
    tin__set_phase(object, phase);
    ReleaseSRWLockExclusive(&object->lock);
}

/* Only another phase starts the clock again: a server that drips its header a byte at a time keeps
 * WinInet's own time-out from ever running out, but not ours. Nobody is woken for it: see
 * time_to_sleep(). */
void tin__change_phase(tin__object *object, tin__phase phase)
{
    if (object->phase >= TIN__DATA_SEND || object->phase == phase)
        return;
    tin__set_phase(object, phase);
}

static DWORD left(ULONGLONG began, DWORD timeout_ms, ULONGLONG now)
{
    if (timeout_ms == INFINITE)
        return INFINITE;
    return now - began < timeout_ms ? (DWORD)(timeout_ms - (now - began)) : 0;
}

DWORD tin__phase_timeout(const tin__object *object, tin__phase phase)
{
    static const tin__number governs[] = {
        [TIN__IDLE] = TIN__TOTAL_TIMEOUT,          [TIN__CONNECT] = TIN__CONNECT_TIMEOUT,
        [TIN__SEND] = TIN__SEND_TIMEOUT,           [TIN__RECEIVE] = TIN__RECEIVE_TIMEOUT,
        [TIN__DATA_SEND] = TIN__DATA_SEND_TIMEOUT, [TIN__DATA_RECEIVE] = TIN__DATA_RECEIVE_TIMEOUT,
    };

    return tin__settings_number(&object->settings, governs[phase]);
}

static DWORD total_left(const tin__object *object, ULONGLONG now)
{
    return left(object->began, object->settings.numbers[TIN__TOTAL_TIMEOUT], now);
}

static DWORD time_left(const tin__object *object)
{
    const ULONGLONG now = GetTickCount64();
    const DWORD phase = left(object->phase_began, tin__phase_timeout(object, object->phase), now);
    const DWORD total = total_left(object, now);

    return phase < total ? phase : total;
}

/* A call that would begin then is not made: one that completes at once would never see its
 * deadline. */
static bool total_is_over(const tin__object *object)
{
    return object->began != 0 && total_left(object, GetTickCount64()) == 0;
}

/* Not longer than any phase may take: one that begins meanwhile cannot end before that, so that
 * whoever sleeps need not be woken for its deadline; that was two switches of threads a request. */
static DWORD time_to_sleep(const tin__object *object, DWORD time_left_ms)
{
    DWORD sleep_ms = time_left_ms;

    for (tin__phase phase = TIN__CONNECT; phase <= TIN__RECEIVE; phase++) {
        const DWORD timeout_ms = tin__phase_timeout(object, phase);

        if (object->phase < TIN__DATA_SEND && timeout_ms < sleep_ms)
            sleep_ms = timeout_ms;
    }
    return sleep_ms;
}

bool tin__has_completed(const tin__native *native)
{
    return native->completed;
}

/* Waits for the call in progress, with the lock held. */
static tin_result wait(tin__object *object, tin__native *native, tin__reached *reached)
{
    for (;;) {
        DWORD timeout_ms;

        tin__deliver(object);
        if (object->cancelled) /* first: a cancelled call may have succeeded all the same */
            return tin__fail(TIN_E_CANCELLED);
        if (reached(native))
            break;
        timeout_ms = time_left(object);
        if (timeout_ms == 0)
            return tin__fail(TIN_E_TIMEOUT);
        tin__sleep(object, time_to_sleep(object, timeout_ms));
    }
    if (!native->completed) /* who never has to wait would never see it */
        return time_left(object) == 0 ? tin__fail(TIN_E_TIMEOUT) : tin__success();
    if (native->error == ERROR_SUCCESS && object->watch.lost) {
        object->watch.lost = false;
        return tin__fail(TIN_E_MEMORY);
    }
    return tin__result_of(native->error);
}

/* What the server said about a failure stays with the object. */
static void keep_response(tin__object *object, tin__native *native)
{
    free(object->response);
    object->response = native->response;
    native->response = NULL;
}

/* Starts a call on this thread. */
static DWORD start_here(tin__native *native)
{
    DWORD_PTR value = 0;
    const DWORD error = native->start(native, &value);

    if (error != ERROR_IO_PENDING)
        tin__native_complete(native, value, error);
    return error;
}

tin_result tin__await(tin__object *object, tin__reached *reached)
{
    tin__native *native = object->native; /* only a call in progress changes it */
    tin_result result;
    bool given_up, lost;

    AcquireSRWLockExclusive(&object->lock);
    result = wait(object, native, reached);
    lost = !tin_ok(result) && !native->completed;
    given_up = lost || object->cancelled;
    if (!given_up && !tin_ok(result))
        keep_response(object, native);
    ReleaseSRWLockExclusive(&object->lock);
    if (lost && !native->asynchronous && native->parent != NULL)
        tin__native_spoil(native->parent, result);
    if (given_up)
        tin__set_native(object, NULL);
    return result;
}

static tin_result begin(tin__object *object, tin__start *start, DWORD (*run)(tin__native *native))
{
    tin__native *native = object->native;
    tin_result result = tin__success();
    DWORD error;

    AcquireSRWLockExclusive(&object->lock);
    if (object->cancelled)
        result = tin__fail(TIN_E_CANCELLED);
    else if (total_is_over(object))
        result = tin__fail(TIN_E_TIMEOUT);
    native->start = start;
    native->completed = false;
    native->pending = tin_ok(result);
    ReleaseSRWLockExclusive(&object->lock);
    if (!native->pending) { /* nothing more goes out */
        tin__set_native(object, NULL);
        return result;
    }

    error = run(native);
    native->waited = error == ERROR_IO_PENDING;
    if (!native->waited && run != start_here) /* no thread could be had */
        tin__native_complete(native, 0, error);
    return result;
}

static tin_result make(tin__object *object, tin__start *start, DWORD (*run)(tin__native *native))
{
    const tin_result result = begin(object, start, run);

    return tin_ok(result) ? tin__await(object, tin__has_completed) : result;
}

tin_result tin__begin_on_pool(tin__object *object, tin__start *start)
{
    const tin_result result = begin(object, start, tin__native_run_on_pool);

    if (!tin_ok(result) || object->native->waited)
        return result;
    return tin__await(object, tin__has_completed);
}

tin_result tin__call(tin__object *object, tin__start *start)
{
    return make(object, start, start_here);
}

tin_result tin__call_on_pool(tin__object *object, tin__start *start)
{
    return make(object, start, tin__native_run_on_pool);
}

tin_result tin__call_on_thread(tin__object *object, tin__start *start)
{
    return make(object, start, tin__native_run_on_thread);
}
