/* SPDX-License-Identifier: MIT */
/*
 * Objects: who is alive, whose child, and what closing does. A token's references say how many
 * calls are inside an object and whether it is open; with the last one it gives its native up. The
 * memory outlives that until children and natives are gone, too.
 */
#include <stdlib.h>

#include "call.h"

void tin__sleep(tin__object *object, DWORD timeout_ms)
{
    object->sleeping++;
    SleepConditionVariableSRW(&object->wake, &object->lock, timeout_ms, 0);
    object->sleeping--;
}

/* Where nobody sleeps, as when a session is closed, the system need not be asked. */
void tin__wake(tin__object *object)
{
    if (object->sleeping != 0)
        WakeAllConditionVariable(&object->wake);
}

void tin__keep(tin__object *object)
{
    InterlockedIncrement(&object->memory);
}

void tin__unkeep(tin__object *object)
{
    tin__object *parent = object->parent;
    const bool had_token = object->token != NULL;

    if (InterlockedDecrement(&object->memory) != 0)
        return;
    tin__settings_free(&object->settings);
    tin__watch_free(&object->watch);
    tin__free(object->response);
    tin__wipe_text(object->headers);
    tin__free(object->request.verb);
    tin__free(object->request.version);
    tin__wipe_text(object->request.place);
    tin__range_free(object->range);
    tin__free(object->stream.gathered);
    SecureZeroMemory(object->texts, object->size); /* a proxy's password */
    free(object);
    if (parent != NULL)
        tin__unkeep(parent);
    if (had_token)
        tin__token_forget();
}

/* A parent that is being closed takes no more children. */
static bool link_to_parent(tin__object *object, tin__object *parent)
{
    AcquireSRWLockExclusive(&parent->lock);
    if (!parent->closed) {
        tin__keep(parent);
        object->parent = parent;
        object->listed = true;
        object->next = parent->first_child;
        if (object->next != NULL)
            object->next->previous = object;
        parent->first_child = object;
    }
    ReleaseSRWLockExclusive(&parent->lock);
    return object->parent != NULL;
}

static void unlink_from_parent(tin__object *object)
{
    tin__object *parent = object->parent;

    if (parent == NULL)
        return;
    AcquireSRWLockExclusive(&parent->lock);
    if (object->listed) {
        object->listed = false;
        if (object->previous != NULL)
            object->previous->next = object->next;
        else
            parent->first_child = object->next;
        if (object->next != NULL)
            object->next->previous = object->previous;
    }
    ReleaseSRWLockExclusive(&parent->lock);
}

/* One that was closed may be there until a call of another thread has left it. */
bool tin__has_children(tin__object *object)
{
    const tin__object *child;

    AcquireSRWLockShared(&object->lock);
    for (child = object->first_child; child != NULL && child->closed;)
        child = child->next;
    ReleaseSRWLockShared(&object->lock);
    return child != NULL;
}

/* Requests need WinInet's session again and again: for every redirect. */
static tin__native *hold_base(tin__object *parent)
{
    tin__native *base = parent->base;

    if (base != NULL)
        tin__native_use(base);
    else if (parent->kind == TIN__SESSION)
        (void)tin__native_hold(parent, &base);
    return base;
}

static void inherit(tin__object *object, tin__object *parent, void *context)
{
    object->parent_token = parent->token;
    object->base = hold_base(parent);
    AcquireSRWLockShared(&parent->lock);
    tin__settings_copy(&object->settings, &parent->settings);
    object->context = context != NULL ? context : parent->context;
    object->watch.narrow = parent->watch.narrow;
    object->watch.wide = parent->watch.wide;
    object->watch.context = parent->watch.context;
    ReleaseSRWLockShared(&parent->lock);
}

tin_result tin__create(tin__kind kind, tin__object *parent, void *context, size_t size,
                       tin__object **object)
{
    tin__object *created = calloc(1, sizeof *created + size);

    *object = NULL;
    if (created == NULL)
        return tin__fail(TIN_E_MEMORY);
    created->memory = 1;
    created->kind = kind;
    created->size = size;
    if (parent != NULL)
        inherit(created, parent, context);
    else
        tin__settings_default(&created->settings);
    if (!tin__token_create(created, kind, TIN__EXCLUSIVE, &created->token)) {
        if (created->base != NULL)
            tin__native_release(created->base);
        tin__unkeep(created);
        return tin__fail(TIN_E_MEMORY);
    }
    *object = created;
    if (parent == NULL || link_to_parent(created, parent))
        return tin__success();
    *object = NULL;
    tin__silence(created); /* its parent's callback has had its last event */
    tin__discard(created);
    return tin__fail(TIN_E_CANCELLED);
}

static tin__object *enter(tin_handle handle, unsigned kinds, tin__access access, tin_result *result)
{
    tin_error error;
    tin__object *object = tin__token_enter(handle, kinds, access, &error);

    *result = tin__fail(error);
    return object;
}

tin__object *tin__enter(tin_handle handle, unsigned kinds, tin_result *result)
{
    return enter(handle, kinds, TIN__EXCLUSIVE, result);
}

tin__object *tin__enter_shared(tin_handle handle, unsigned kinds, tin_result *result)
{
    return enter(handle, kinds, TIN__SHARED, result);
}

static void leave(tin__object *object, tin__access access)
{
    if (!tin__token_leave(object->token, access))
        return;
    unlink_from_parent(object); /* only now: who closes the parent waits for its callback */
    tin__set_native(object, NULL);
    if (object->base != NULL)
        tin__native_release(object->base);
    tin__unkeep(object);
}

tin_result tin__leave(tin__object *object, tin_result result)
{
    leave(object, TIN__EXCLUSIVE);
    return result;
}

tin_result tin__leave_shared(tin__object *object, tin_result result)
{
    leave(object, TIN__SHARED);
    return result;
}

/* Other threads read it with the lock held, and are done with what they found, or have a use of it,
 * when they let go of that: giving it up takes the lock, or nobody else is left inside. */
void tin__set_native(tin__object *object, tin__native *native)
{
    tin__native *before = object->native; /* only the call in progress sets it */

    atomic_store_explicit(&object->native, native, memory_order_release);
    if (before != NULL)
        tin__native_give_up(before);
}

void tin__set_response(tin__object *object, wchar_t *text)
{
    wchar_t *old;

    AcquireSRWLockExclusive(&object->lock);
    old = object->response;
    object->response = text;
    ReleaseSRWLockExclusive(&object->lock);
    free(old);
}

void tin__set_length(tin__object *object, uint64_t length, bool promised)
{
    AcquireSRWLockExclusive(&object->lock);
    object->stream.length = length;
    object->stream.length_known = true;
    object->stream.length_promised = promised;
    ReleaseSRWLockExclusive(&object->lock);
}

void tin__take_url(tin__object *object, tin__url *url)
{
    AcquireSRWLockExclusive(&object->lock);
    *url = object->native->url;
    object->native->url = (tin__url){0};
    ReleaseSRWLockExclusive(&object->lock);
}

tin_result tin__open_session(tin__object *object, const tin__session *as, DWORD more_flags)
{
    tin__native *native;
    tin_result result = tin__native_create(object, NULL, InternetCloseHandle, false, NULL, &native);

    if (!tin_ok(result))
        return result;
    native->quiet = true;
    native->handle =
        InternetOpenW(as->agent, as->access_type, as->proxy, as->bypass, as->flags | more_flags);
    if (native->handle == NULL)
        result = tin__from_win32(GetLastError());
    tin__set_native(object, native);
    return result;
}

/* Wakes the call in progress, and every later one. */
static void cancel(tin__object *object)
{
    AcquireSRWLockExclusive(&object->lock);
    object->cancelled = TRUE;
    tin__wake(object);
    ReleaseSRWLockExclusive(&object->lock);
}

/* Ends what goes on in it. A child that has to be closed first; NULL: it has had its last event. */
static tin__object *close_or_take_child(tin__object *object)
{
    tin__object *child;

    AcquireSRWLockExclusive(&object->lock);
    object->closed = true;
    object->cancelled = TRUE;
    tin__wake(object);
    child = object->first_child;
    if (child != NULL)
        tin__keep(child);
    else
        tin__notify_last(object);
    ReleaseSRWLockExclusive(&object->lock);
    return child;
}

/* Another thread closes it already: its last event must not come after the parent was closed. */
static void leave_to_its_closer(tin__object *child)
{
    unlink_from_parent(child);
    tin__await_silence(child);
    tin__await_callback(child); /* it may have been closed from within */
}

/* Nobody else is inside, or ever had anything of it, or wants to be told of its end. */
static bool is_alone(const tin__object *object)
{
    const tin__native *native;

    if (!tin__token_is_alone(object->token)) /* first: what who was inside did is to be seen here */
        return false;
    native = object->native;
    return object->parent == NULL && native != NULL && !native->keeps_owner &&
           object->watch.narrow == NULL && object->watch.wide == NULL;
}

/* `object` was entered with TIN__CLOSING, by nobody else. */
static void close_object(tin__object *object)
{
    tin__object *child;

    if (is_alone(object)) { /* without a lock, which took a tenth of opening and closing it */
        leave(object, TIN__CLOSING);
        return;
    }
    while ((child = close_or_take_child(object)) != NULL) {
        tin_error error;

        if (tin__token_enter(child->token, TIN__ANY, TIN__CLOSING, &error) != NULL)
            close_object(child);
        else
            leave_to_its_closer(child);
        tin__unkeep(child);
    }
    leave(object, TIN__CLOSING);
}

void tin__discard(tin__object *object)
{
    tin_error error;

    if (tin__token_enter(object->token, TIN__ANY, TIN__CLOSING, &error) != NULL)
        close_object(object);
    else
        tin__await_silence(object); /* its events end before the call that did not open it */
    tin__leave(object, tin__success());
}

tin_result tin__close_handle(tin_handle handle)
{
    tin_result result;
    tin__object *object = enter(handle, TIN__ANY, TIN__CLOSING, &result);

    if (object == NULL)
        return result;
    close_object(object);
    return tin__success();
}

static void cancel_children(tin__object *object)
{
    AcquireSRWLockShared(&object->lock);
    for (tin__object *child = object->first_child; child != NULL; child = child->next) {
        cancel(child);
        cancel_children(child);
    }
    ReleaseSRWLockShared(&object->lock);
}

tin_result tin_cancel(tin_handle handle)
{
    tin_result result;
    tin__object *object = tin__enter_shared(handle, TIN__ANY, &result);

    if (object == NULL)
        return result;
    if ((object->kind & (TIN__SESSION | TIN__HTTP_CONNECTION)) == 0) /* they make no calls */
        cancel(object);
    cancel_children(object);
    return tin__leave_shared(object, tin__success());
}
