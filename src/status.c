/* SPDX-License-Identifier: MIT */
/*
 * The one WinInet callback. What it hears on WinInet's threads moves the call in progress on
 * (handles, completion, phases) and is queued as a typed event; the waiting call takes the events
 * to the user's callback on its own thread.
 */
#include <stdlib.h>
#include <string.h>

#include "call.h"

/* What an event carries, and which phase of a call it begins. */
typedef enum carries { NOTHING, WIDE_TEXT, ADDRESS, BYTES, NUMBER } carries;

static const struct event_type {
    DWORD code;
    carries carries;
    tin__phase phase;
} event_types[] = {
    {INTERNET_STATUS_RESOLVING_NAME, WIDE_TEXT, TIN__CONNECT},
    {INTERNET_STATUS_NAME_RESOLVED, ADDRESS, TIN__CONNECT},
    {INTERNET_STATUS_CONNECTING_TO_SERVER, ADDRESS, TIN__CONNECT},
    {INTERNET_STATUS_CONNECTED_TO_SERVER, ADDRESS, TIN__CONNECT},
    {INTERNET_STATUS_SENDING_REQUEST, NOTHING, TIN__SEND},
    {INTERNET_STATUS_REQUEST_SENT, BYTES, TIN__RECEIVE},
    {INTERNET_STATUS_RECEIVING_RESPONSE, NOTHING, TIN__RECEIVE},
    {INTERNET_STATUS_RESPONSE_RECEIVED, BYTES, TIN__RECEIVE},
    {INTERNET_STATUS_CLOSING_CONNECTION, NOTHING, TIN__IDLE},
    {INTERNET_STATUS_CONNECTION_CLOSED, NOTHING, TIN__IDLE},
    {INTERNET_STATUS_REDIRECT, WIDE_TEXT, TIN__IDLE},
};

static const struct event_type *event_type(DWORD code)
{
    static const struct event_type other = {0, NUMBER, TIN__IDLE};

    for (size_t i = 0; i < sizeof event_types / sizeof event_types[0]; i++)
        if (event_types[i].code == code)
            return &event_types[i];
    return &other;
}

/* ---- which threads are inside a user's callback --------------------------------------------- */

static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static DWORD depth_slot;

static BOOL CALLBACK allocate_depth(PINIT_ONCE unused, PVOID parameter, PVOID *context)
{
    (void)unused, (void)parameter, (void)context;
    depth_slot = TlsAlloc();
    return depth_slot != TLS_OUT_OF_INDEXES;
}

bool tin__can_call_back(void)
{
    return InitOnceExecuteOnce(&once, allocate_depth, NULL, NULL);
}

static UINT_PTR callback_depth(int change)
{
    UINT_PTR depth;

    depth = (UINT_PTR)TlsGetValue(depth_slot) + (UINT_PTR)change;
    if (change != 0)
        TlsSetValue(depth_slot, (void *)depth);
    return depth;
}

/* ---- to the user ---------------------------------------------------------------------------- */

void *tin__context(const tin__object *object)
{
    return object->context != NULL ? object->context : object->watch.context;
}

static bool call_narrow(tin_status_callback *callback, tin_handle handle, void *context,
                        const tin_status_w *status)
{
    char *text;

    if (!tin_ok(tin__narrow(status->text, &text)))
        return false;
    callback(handle, context,
             &(tin_status){status->code, text, status->bytes, status->value, status->handle,
                           status->result});
    free(text);
    return true;
}

/* Calls the user's callback, if there is one, without the lock. */
static void call_user(tin__object *object, const tin_status_w *status)
{
    const bool created = status->code == INTERNET_STATUS_HANDLE_CREATED;
    const tin_handle handle = created ? object->parent_token : object->token;
    const tin__watch watch = object->watch;
    void *context = tin__context(object);
    bool told = true;

    if (watch.narrow == NULL && watch.wide == NULL)
        return;
    object->watch.running++;
    ReleaseSRWLockExclusive(&object->lock);
    callback_depth(1);
    if (watch.wide != NULL)
        watch.wide(handle, context, status);
    else
        told = call_narrow(watch.narrow, handle, context, status);
    callback_depth(-1);
    AcquireSRWLockExclusive(&object->lock);
    object->watch.running--;
    object->watch.lost |= !told;
    tin__wake(object);
}

void tin__notify(tin__object *object, const tin_status_w *status)
{
    AcquireSRWLockExclusive(&object->lock);
    if (!object->watch.silent && !object->closed)
        call_user(object, status);
    ReleaseSRWLockExclusive(&object->lock);
}

void tin__deliver(tin__object *object)
{
    tin__watch *watch = &object->watch;

    while (watch->count != 0 && !object->cancelled) {
        const tin__event event = watch->events[watch->first];
        const tin_status_w status = {
            .code = event.code, .text = event.text, .bytes = event.bytes, .value = event.value};

        watch->first = (watch->first + 1) % watch->capacity;
        watch->count--;
        call_user(object, &status);
        free(event.text);
    }
}

void tin__await_callback(tin__object *object)
{
    AcquireSRWLockExclusive(&object->lock);
    while (object->watch.running != 0 && callback_depth(0) == 0)
        tin__sleep(object, INFINITE);
    ReleaseSRWLockExclusive(&object->lock);
}

void tin__notify_last(tin__object *object)
{
    const tin_status_w status = {.code = INTERNET_STATUS_HANDLE_CLOSING, .handle = object->token};

    while (object->watch.running != 0 && callback_depth(0) == 0)
        tin__sleep(object, INFINITE);
    if (!object->watch.silent)
        call_user(object, &status);
    object->watch.silent = true;
    tin__wake(object);
}

void tin__silence(tin__object *object)
{
    AcquireSRWLockExclusive(&object->lock);
    object->watch.silent = true;
    tin__wake(object);
    ReleaseSRWLockExclusive(&object->lock);
}

void tin__await_silence(tin__object *object)
{
    AcquireSRWLockExclusive(&object->lock);
    while (!object->watch.silent && callback_depth(0) == 0)
        tin__sleep(object, INFINITE);
    ReleaseSRWLockExclusive(&object->lock);
}

/* ---- from WinInet --------------------------------------------------------------------------- */

void tin__watch_free(tin__watch *watch)
{
    for (; watch->count != 0; watch->count--) {
        free(watch->events[watch->first].text);
        watch->first = (watch->first + 1) % watch->capacity;
    }
    tin__free(watch->events);
}

static bool make_room(tin__watch *watch)
{
    const unsigned capacity = watch->capacity == 0 ? 8 : watch->capacity * 2;
    tin__event *events;

    if (watch->count < watch->capacity)
        return true;
    events = malloc(capacity * sizeof *events);
    if (events == NULL)
        return false;
    for (unsigned i = 0; i < watch->count; i++)
        events[i] = watch->events[(watch->first + i) % watch->capacity];
    free(watch->events);
    watch->events = events;
    watch->first = 0;
    watch->capacity = capacity;
    return true;
}

static wchar_t *copy_wide(const wchar_t *text)
{
    wchar_t *copy;

    return tin_ok(tin__copy_wide(text, &copy)) ? copy : NULL;
}

/* "SOCKADDR" by Microsoft's documentation; in Wine 8, and in its tests that also run on Windows, an
 * ANSI string whose size counts the NUL. What is neither that nor UTF-16 stays without text. */
static wchar_t *copy_address(const void *data, DWORD size)
{
    const char *ansi = data;
    const wchar_t *wide = data;
    wchar_t text[64];

    if (size >= 2 * sizeof *wide && wide[size / sizeof *wide - 1] == 0 && ansi[1] == '\0')
        return copy_wide(wide);
    if (size == 0 || size > sizeof text / sizeof *text ||
        memchr(ansi, '\0', size) != ansi + size - 1)
        return copy_wide(L"");
    for (DWORD i = 0; i < size; i++)
        text[i] = (unsigned char)ansi[i];
    return copy_wide(text);
}

static DWORD number_in(const void *data, DWORD size)
{
    DWORD number = 0;

    if (data != NULL && size >= sizeof number)
        memcpy(&number, data, sizeof number);
    return number;
}

static void read_event(tin__event *event, carries what, const void *data, DWORD size)
{
    if (what == WIDE_TEXT && data != NULL)
        event->text = copy_wide(data);
    else if (what == ADDRESS && data != NULL)
        event->text = copy_address(data, size);
    else if (what == BYTES)
        event->bytes = number_in(data, size);
    else if (what == NUMBER)
        event->value = number_in(data, size);
}

static void queue_event(tin__watch *watch, carries what, tin__event *event, const void *data,
                        DWORD size)
{
    const bool has_text = data != NULL && (what == WIDE_TEXT || what == ADDRESS);

    read_event(event, what, data, size);
    if (make_room(watch) && (event->text != NULL || !has_text)) {
        watch->events[(watch->first + watch->count++) % watch->capacity] = *event;
    } else {
        watch->lost = true;
        free(event->text);
    }
}

static tin__object *listener_of(tin__native *native)
{
    tin__object *listener;

    AcquireSRWLockShared(&native->owner->lock);
    listener = native->listener != NULL ? native->listener : native->owner;
    tin__keep(listener);
    ReleaseSRWLockShared(&native->owner->lock);
    return listener;
}

/* Whose own calls are over; what is opened below it is heard of. */
static bool is_abandoned(const tin__native *native)
{
    return native->users == 0 || (native->asynchronous && native->given_up);
}

static void hear(tin__native *native, DWORD code, const void *data, DWORD size)
{
    const struct event_type *type = event_type(code);
    tin__object *object = listener_of(native);
    tin__event event = {.code = code};

    AcquireSRWLockExclusive(&object->lock);
    if (!is_abandoned(native) && !object->cancelled) { /* else nobody waits for it any more */
        if (type->phase != TIN__IDLE)
            tin__change_phase(object, type->phase);
        native->connected |= code == INTERNET_STATUS_CONNECTING_TO_SERVER;
        if (code == INTERNET_STATUS_RECEIVING_RESPONSE) {
            native->asked = true;
            native->answered &= native->asynchronous; /* FTP: each reply is waited for anew */
        }
        native->answered |= code == INTERNET_STATUS_RESPONSE_RECEIVED && number_in(data, size) != 0;
        if (object->watch.narrow != NULL || object->watch.wide != NULL) {
            queue_event(&object->watch, type->carries, &event, data, size);
            tin__wake(object);
        }
    }
    ReleaseSRWLockExclusive(&object->lock);
    tin__unkeep(object);
}

static INTERNET_ASYNC_RESULT read_result(const void *data, DWORD size)
{
    INTERNET_ASYNC_RESULT result = {0, 0};

    /* Wine 8 sends HANDLE_CREATED with the handle alone */
    if (data != NULL)
        memcpy(&result, data, size < sizeof result ? size : sizeof result);
    return result;
}

/* Wine 8 puts a number of bytes into dwError when dwResult says that all went well. */
static DWORD error_of(INTERNET_ASYNC_RESULT result)
{
    if (result.dwResult != 0)
        return ERROR_SUCCESS;
    return result.dwError != 0 ? result.dwError : TIN__SAID_NOTHING;
}

void CALLBACK tin__on_status(HINTERNET handle, DWORD_PTR context, DWORD code, LPVOID data,
                             DWORD size)
{
    INTERNET_ASYNC_RESULT result;
    tin_error error;
    tin__native *native = tin__token_enter((tin_handle)context, TIN__NATIVE, TIN__INTERNAL, &error);

    if (native == NULL)
        return;
    switch (code) {
    case INTERNET_STATUS_HANDLE_CREATED:
        result = read_result(data, size);
        if (result.dwResult != 0) /* options of NULL would be those of the whole process */
            tin__native_created(native, (HANDLE)result.dwResult);
        break;
    case INTERNET_STATUS_REQUEST_COMPLETE:
        result = read_result(data, size);
        if (native->asynchronous)
            tin__native_complete(native, result.dwResult, error_of(result));
        else
            tin__native_report(native);
        break;
    case INTERNET_STATUS_HANDLE_CLOSING: /* by Microsoft's documentation, `data` says which */
        tin__native_gone(native,
                         data != NULL && size == sizeof handle ? *(HINTERNET *)data : handle);
        break;
    default:
        hear(native, code, data, size);
        if (code == INTERNET_STATUS_RESPONSE_RECEIVED)
            tin__native_answered(native);
        if (!native->started)
            tin__native_started(native);
        break;
    }
    tin__native_leave(native);
}
