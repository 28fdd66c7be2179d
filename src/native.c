/* SPDX-License-Identifier: MIT */
/*
 * What the system opened for an object, and when it is closed. The rules, in one place:
 *
 * - Exactly one InternetCloseHandle per handle, once nobody uses it: a racing second one corrupted
 *   the heap under Wine 8, and Microsoft allows none while a call of ours is inside WinInet.
 * - A parent closes after its children, so that WinInet never closes a child behind our back.
 * - Closing may wait for the network (Wine 8 reads what is left of the body), so it happens on a
 *   pool thread unless it is known to be quick.
 * - The memory goes only when the system is done with it: HANDLE_CLOSING is WinInet's last word.
 */
#include <stdlib.h>
#include <string.h>

#include "call.h"

/* Its owner's memory stays for as long as its own. Not needed for a session that nobody uses: that
 * one goes before its owner. With the lock held, unless it was just created. */
static void keep_owner(tin__native *native)
{
    if (!native->keeps_owner)
        tin__keep(native->owner);
    native->keeps_owner = true;
}

void tin__native_use(tin__native *native)
{
    AcquireSRWLockExclusive(&native->owner->lock);
    native->users++;
    keep_owner(native);
    ReleaseSRWLockExclusive(&native->owner->lock);
}

/* An object's first one lies in its own memory, which outlives it; few have a second. */
static tin__native *allocate(tin__object *owner)
{
    if (owner->first_used)
        return calloc(1, sizeof(tin__native));
    owner->first_used = true;
    return &owner->first_native;
}

static void deallocate(tin__native *native, tin__object *owner)
{
    if (native != &owner->first_native)
        free(native);
}

static bool is_session(const tin__native *native)
{
    return native->parent == NULL && native->close == InternetCloseHandle;
}

/* What is opened below WinInet's session has the session's callback of that moment. It is not set
 * before it is needed: that took a tenth of opening and closing a session. */
static tin_result listen_below(tin__native *parent)
{
    if (parent == NULL || !is_session(parent) || parent->tells)
        return tin__success();
    if (InternetSetStatusCallbackW(parent->handle, tin__on_status) ==
        INTERNET_INVALID_STATUS_CALLBACK)
        return tin__from_win32(GetLastError());
    parent->tells = true;
    return tin__success();
}

tin_result tin__native_create(tin__object *owner, tin__native *parent, tin__close *close,
                              bool asynchronous, tin__url *url, tin__native **native)
{
    const tin_result result = listen_below(parent);
    tin__native *created;

    *native = NULL;
    if (!tin_ok(result))
        return result;
    created = allocate(owner);
    if (created == NULL)
        return tin__fail(TIN_E_MEMORY);
    /* of what has no parent, a session or a local file, WinInet tells nothing */
    if (parent != NULL && !tin__token_create(created, TIN__NATIVE, TIN__SHARED, &created->token)) {
        deallocate(created, owner);
        return tin__fail(TIN_E_MEMORY);
    }
    if (parent != NULL)
        tin__native_use(parent);
    created->owner = owner;
    created->parent = parent;
    created->close = close;
    if (!is_session(created))
        keep_owner(created);
    created->asynchronous = asynchronous;
    created->users = 1;
    created->request.dwStructSize = sizeof created->request;
    if (url != NULL) {
        created->url = *url;
        memset(url, 0, sizeof *url);
    }
    *native = created;
    return tin__success();
}

/* From where a native is settled decides where its handle may be closed. */
typedef enum place {
    IN_CALLBACK, /* of WinInet's, or deeper: not here */
    AT_CALLER,   /* of a public function: here if it is quick */
    ON_POOL      /* here */
} place;

/* How a call ended. */
typedef struct call_outcome {
    DWORD_PTR value;
    DWORD error;
} call_outcome;

/* What has changed with a native. */
typedef struct change {
    unsigned uses; /* so many fewer */
    bool gone;
    const call_outcome *outcome; /* of the call in progress; NULL: none */
} change;

static void settle(tin__native *native, change what, place from);

/* What WinInet tells of the parent is no longer for the owner of `native`. */
static void stop_listening(tin__native *native)
{
    tin__native *parent = native->parent;

    if (parent == NULL)
        return;
    AcquireSRWLockExclusive(&parent->owner->lock);
    if (parent->listener == native->owner)
        parent->listener = NULL;
    ReleaseSRWLockExclusive(&parent->owner->lock);
}

static void destroy(tin__native *native)
{
    tin__native *parent = native->parent;
    tin__object *owner = native->owner;
    const bool had_token = native->token != NULL, keeps_owner = native->keeps_owner;

    stop_listening(native);
    tin__free_url(&native->url);
    tin__free(native->body);
    tin__free(native->buffer);
    tin__free(native->queue.memory);
    tin__free(native->response);
    tin__free(native->word);
    tin__wipe_utf8(native->names[0]); /* a name, or a command such as "PASS x" */
    tin__wipe_utf8(native->names[1]);
    deallocate(native, owner);
    if (parent != NULL)
        settle(parent, (change){.uses = 1}, IN_CALLBACK);
    if (had_token)
        tin__token_forget();
    if (keeps_owner)
        tin__unkeep(owner);
}

/* Wine 8 itself waits for 30 s, and tells of nothing when the connection is lost. */
#define LAST_WORD_MS 35000u

static bool sleep_until(tin__object *object, ULONGLONG end)
{
    const ULONGLONG now = GetTickCount64();

    if (now < end)
        tin__sleep(object, (DWORD)(end - now));
    return now < end;
}

static ULONGLONG end_of_patience(const tin__object *object)
{
    const DWORD timeout_ms = tin__phase_timeout(object, TIN__RECEIVE);

    return GetTickCount64() + (timeout_ms < LAST_WORD_MS ? timeout_ms : LAST_WORD_MS);
}

/* In Wine 8 a thread that has looked for what is available lets the file go only after its
 * REQUEST_COMPLETE was heard. If it has not by now, it is that thread that closes the file and
 * reads the server's last word on it: nobody else may read meanwhile. */
static void await_last_word(tin__native *native, tin__native *connection)
{
    ULONGLONG end;
    bool late;

    AcquireSRWLockExclusive(&native->owner->lock);
    end = end_of_patience(native->owner);
    while (native->closed_by == 0 && sleep_until(native->owner, end))
        ;
    late = native->closed_by != native->closer;
    ReleaseSRWLockExclusive(&native->owner->lock);
    if (!late)
        return;
    AcquireSRWLockExclusive(&connection->owner->lock);
    while (connection->word_due && sleep_until(connection->owner, end))
        ;
    if (connection->word_due) /* it may still be reading */
        connection->failed = tin__fail(TIN_E_TIMEOUT);
    free(native->response); /* of a call that was given up */
    native->response = connection->word;
    connection->word = NULL;
    ReleaseSRWLockExclusive(&connection->owner->lock);
}

/* The parent is held meanwhile: Wine 8 takes a child from its parent's list only after
 * HANDLE_CLOSING. */
static void close_now(tin__native *native, place from)
{
    const bool asynchronous = native->asynchronous; /* closing may free it */
    tin__native *parent = native->parent;

    if (parent != NULL)
        tin__native_use(parent);
    native->closer = GetCurrentThreadId();
    native->close(native->handle);
    if (!asynchronous && native->looked_at && parent != NULL)
        await_last_word(native, parent);
    if (!asynchronous && native->token == NULL)
        destroy(native); /* nobody uses it any more, and WinInet does not know of it */
    else if (!asynchronous)
        settle(native, (change){.gone = true}, IN_CALLBACK);
    if (parent != NULL)
        settle(parent, (change){.uses = 1}, from);
}

static void CALLBACK close_on_pool(PTP_CALLBACK_INSTANCE instance, void *context)
{
    CallbackMayRunLong(instance);
    close_now(context, ON_POOL);
}

/* In Wine 8 a thread of InternetOpenUrlW's goes on with the request by the number of its handle,
 * until the request's first event of its own. Were it closed by then, the number would be another
 * request's: headers were seen to end up there. What is patient waits for the end of its call. */
static bool is_starting(const tin__native *native)
{
    return native->asynchronous && native->pending && (native->patient || !native->started);
}

static void complete(tin__native *native, const call_outcome *outcome)
{
    native->on_pool = native->early = false;
    if (!native->pending) /* nobody asked: a completion that came twice */
        return;
    native->pending = false;
    native->completed = true;
    native->error = outcome->error;
    if (native->handle == NULL && (outcome->error == ERROR_SUCCESS || !native->asynchronous))
        native->handle = (HANDLE)outcome->value; /* it was the call that opens */
    tin__wake(native->owner);
}

/* Makes the change and takes the step that is due then, if any: in one, because as soon as nobody
 * uses it, somebody else's step may free it. Callers without a use hold a reference by the
 * token, if it has one. */
static void settle(tin__native *native, change what, place from)
{
    bool must_close = false, here = false, must_free = false;

    AcquireSRWLockExclusive(&native->owner->lock);
    native->users -= what.uses;
    if (what.uses != 0)
        tin__wake(native->owner); /* for tin__native_close */
    native->gone |= what.gone;
    if (what.outcome != NULL)
        complete(native, what.outcome);
    if (native->users == 0 && !native->freed) {
        must_close =
            native->handle != NULL && !native->closing && !native->gone && !is_starting(native);
        native->closing |= must_close;
        here = from == ON_POOL || (from == AT_CALLER && native->quiet);
        must_free = native->gone || (native->handle == NULL && !native->pending);
        native->freed = must_free;
    }
    ReleaseSRWLockExclusive(&native->owner->lock);

    if (must_close && (here || !TrySubmitThreadpoolCallback(close_on_pool, native, NULL)))
        close_now(native, from);
    if (must_free)
        tin__native_leave(native);
}

void tin__native_spoil(tin__native *native, tin_result why)
{
    AcquireSRWLockExclusive(&native->owner->lock);
    native->failed = why;
    tin__wake(native->owner); /* for who waits for his turn */
    ReleaseSRWLockExclusive(&native->owner->lock);
}

void tin__native_leave(tin__native *native)
{
    if (native->token == NULL || tin__token_leave(native->token, TIN__INTERNAL))
        destroy(native);
}

/* A file's read on a pool thread would keep the file open for as long as its peer is silent. A
 * session that nobody used is closed without the lock, which took a tenth of opening and closing
 * it: the last call has left its object. */
void tin__native_give_up(tin__native *native)
{
    native->given_up = TRUE;
    if (native->close == CloseHandle && native->handle != NULL) {
        MemoryBarrier(); /* a read that begins now sees it, or is cancelled here */
        CancelIoEx(native->handle, NULL);
    }
    if (is_session(native) && !native->keeps_owner && native->handle != NULL)
        close_now(native, AT_CALLER);
    else
        tin__native_release(native);
}

void tin__native_release(tin__native *native)
{
    settle(native, (change){.uses = 1}, AT_CALLER);
}

tin_result tin__native_hold(tin__object *object, tin__native **native)
{
    tin__native *held;

    AcquireSRWLockExclusive(&object->lock);
    held = object->native;
    if (held != NULL && (held->handle == NULL || held->closing || held->gone))
        held = NULL;
    if (held != NULL) {
        held->users++;
        keep_owner(held);
    }
    ReleaseSRWLockExclusive(&object->lock);
    *native = held;
    return held != NULL ? tin__success() : tin__fail(TIN_E_STATE);
}

static bool is_early(tin__native *native, DWORD error)
{
    bool early;

    AcquireSRWLockExclusive(&native->owner->lock);
    early = native->on_pool;
    if (early) {
        native->early = true;
        native->early_error = error;
        tin__wake(native->owner);
    }
    ReleaseSRWLockExclusive(&native->owner->lock);
    return early;
}

void tin__native_report(tin__native *native)
{
    AcquireSRWLockExclusive(&native->owner->lock);
    native->reported = native->looked_at = true;
    tin__wake(native->owner);
    ReleaseSRWLockExclusive(&native->owner->lock);
}

void tin__native_expect(tin__native *native)
{
    AcquireSRWLockExclusive(&native->owner->lock);
    native->reported = false;
    ReleaseSRWLockExclusive(&native->owner->lock);
}

bool tin__native_await(tin__native *native)
{
    bool reported;

    AcquireSRWLockExclusive(&native->owner->lock);
    while (!native->reported && !native->given_up)
        tin__sleep(native->owner, INFINITE);
    reported = native->reported;
    ReleaseSRWLockExclusive(&native->owner->lock);
    return reported;
}

DWORD tin__native_call(tin__native *native, tin__start *start, DWORD_PTR *value)
{
    DWORD error;

    AcquireSRWLockExclusive(&native->owner->lock);
    native->early = false; /* of the call before */
    ReleaseSRWLockExclusive(&native->owner->lock);
    error = start(native, value);
    if (error != ERROR_IO_PENDING || !native->asynchronous)
        return error;
    AcquireSRWLockExclusive(&native->owner->lock);
    while (!native->early && !native->given_up)
        tin__sleep(native->owner, INFINITE);
    if (native->early)
        error = native->early_error;
    ReleaseSRWLockExclusive(&native->owner->lock);
    return error;
}

void tin__native_complete(tin__native *native, DWORD_PTR value, DWORD error)
{
    const call_outcome outcome = {value, error};

    if (is_early(native, error))
        return;
    settle(native, (change){.outcome = &outcome}, IN_CALLBACK);
}

/* InternetGetLastResponseInfo speaks of the last call on this thread only: the thread must be new,
 * for a call that fails without an answer leaves the words of the one before. NULL: none. */
static DWORD read_response(wchar_t **words)
{
    DWORD code, length = 0, error = ERROR_NOT_ENOUGH_MEMORY;
    char *bytes;

    *words = NULL;
    if (!InternetGetLastResponseInfoA(&code, NULL, &length) &&
        GetLastError() != ERROR_INSUFFICIENT_BUFFER)
        return ERROR_INTERNET_INTERNAL_ERROR;
    if (length == 0)
        return ERROR_SUCCESS;
    bytes = calloc(1, (size_t)length + 2);
    if (bytes == NULL)
        return error;
    length++; /* Wine 8 asks for room without the NUL */
    if (!InternetGetLastResponseInfoA(&code, bytes, &length))
        error = ERROR_INTERNET_INTERNAL_ERROR;
    else
        *words = tin__wide_of_bytes(bytes);
    free(bytes);
    return *words != NULL ? ERROR_SUCCESS : error;
}

static DWORD keep_response(tin__native *native)
{
    wchar_t *words;
    const DWORD error = read_response(&words);

    if (words != NULL) { /* else there may be those of another thread: await_last_word() */
        free(native->response);
        native->response = words;
    }
    return error;
}

/* The start has returned. True: the call goes on elsewhere; a completion that came before is its
 * outcome. Else the call is over, and no completion says anything, until the outcome is known. */
static bool end_start(tin__native *native, call_outcome *outcome)
{
    bool pending = outcome->error == ERROR_IO_PENDING && native->asynchronous;

    AcquireSRWLockExclusive(&native->owner->lock);
    if (pending && native->early) {
        outcome->error = native->early_error;
        pending = false;
    }
    if (pending)
        native->on_pool = false;
    ReleaseSRWLockExclusive(&native->owner->lock);
    return pending;
}

static void start_here(tin__native *native, bool wants_response)
{
    call_outcome outcome = {0, 0};

    free(native->response);
    native->response = NULL;
    outcome.error = native->start(native, &outcome.value);
    if (end_start(native, &outcome)) { /* REQUEST_COMPLETE follows */
        settle(native, (change){.uses = 1}, ON_POOL);
        return;
    }
    if (wants_response && (outcome.error != ERROR_SUCCESS || native->wants_words)) {
        const DWORD error = keep_response(native);

        if (error != ERROR_SUCCESS &&
            (outcome.error == TIN__SAID_NOTHING || outcome.error == ERROR_SUCCESS))
            outcome.error = error; /* else what failed counts, also without the server's words */
    }
    settle(native, (change){.uses = 1, .outcome = &outcome}, ON_POOL);
}

static void CALLBACK start_on_pool(PTP_CALLBACK_INSTANCE instance, void *context)
{
    CallbackMayRunLong(instance);
    start_here(context, false);
}

static DWORD WINAPI start_on_thread(void *context)
{
    start_here(context, true);
    return 0;
}

static void begin_start(tin__native *native)
{
    AcquireSRWLockExclusive(&native->owner->lock);
    native->users++;
    native->on_pool = true;
    ReleaseSRWLockExclusive(&native->owner->lock);
}

/* No thread could be had; the caller's own use is left. */
static DWORD give_start_up(tin__native *native)
{
    AcquireSRWLockExclusive(&native->owner->lock);
    native->on_pool = false;
    ReleaseSRWLockExclusive(&native->owner->lock);
    settle(native, (change){.uses = 1}, AT_CALLER);
    return ERROR_NOT_ENOUGH_MEMORY;
}

DWORD tin__native_run_on_pool(tin__native *native)
{
    begin_start(native);
    if (TrySubmitThreadpoolCallback(start_on_pool, native, NULL))
        return ERROR_IO_PENDING;
    return give_start_up(native);
}

DWORD tin__native_run_on_thread(tin__native *native)
{
    HANDLE thread;

    tin__native_use(native);
    thread = CreateThread(NULL, 0, start_on_thread, native, 0, NULL);
    if (thread != NULL) {
        CloseHandle(thread);
        return ERROR_IO_PENDING;
    }
    settle(native, (change){.uses = 1}, AT_CALLER); /* the caller's own use is left */
    return ERROR_NOT_ENOUGH_MEMORY;
}

void tin__native_close(tin__native *native)
{
    AcquireSRWLockExclusive(&native->owner->lock);
    native->closing = true; /* nobody holds it from here on */
    while (native->users > 2)
        tin__sleep(native->owner, INFINITE);
    ReleaseSRWLockExclusive(&native->owner->lock);
    close_now(native, IN_CALLBACK);
}

void tin__native_created(tin__native *native, HANDLE handle)
{
    tin__settings settings;

    AcquireSRWLockExclusive(&native->owner->lock);
    tin__settings_copy(&settings, &native->owner->settings);
    if (native->asynchronous && !native->closing)
        native->handle =
            handle; /* a synchronous one is known, and ours, once its call returned it */
    ReleaseSRWLockExclusive(&native->owner->lock);
    tin__settings_apply(&settings, handle, &native->url, native->credentials);
    tin__settings_free(&settings);
    settle(native, (change){0}, IN_CALLBACK); /* it may have been given up meanwhile */
}

void tin__native_started(tin__native *native)
{
    AcquireSRWLockExclusive(&native->owner->lock);
    native->started = true;
    ReleaseSRWLockExclusive(&native->owner->lock);
    settle(native, (change){0}, IN_CALLBACK); /* it may have been given up meanwhile */
}

static void set_word_due(tin__native *connection)
{
    AcquireSRWLockExclusive(&connection->owner->lock);
    connection->word_due = true;
    ReleaseSRWLockExclusive(&connection->owner->lock);
}

void tin__native_gone(tin__native *native, HANDLE handle)
{
    if (native->handle != handle)
        return;
    if (native->asynchronous) {
        settle(native, (change){.gone = true}, IN_CALLBACK);
    } else if (native->looked_at) { /* what follows is in await_last_word() */
        if (native->closer != GetCurrentThreadId() && native->parent != NULL)
            set_word_due(native->parent);
        AcquireSRWLockExclusive(&native->owner->lock);
        native->closed_by = GetCurrentThreadId();
        tin__wake(native->owner);
        ReleaseSRWLockExclusive(&native->owner->lock);
    }
}

void tin__native_answered(tin__native *native)
{
    wchar_t *word = NULL;

    if (!native->word_due)
        return;
    (void)!read_response(&word); /* for want of memory there is none */
    AcquireSRWLockExclusive(&native->owner->lock);
    free(native->word);
    native->word = word;
    native->word_due = false;
    tin__wake(native->owner);
    ReleaseSRWLockExclusive(&native->owner->lock);
}
