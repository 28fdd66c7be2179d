/* SPDX-License-Identifier: MIT */
/* Opening something under a handle: what all that is opened has in common. */
#include "open.h"

/* The caller learns the new handle before anything can block: so that it can be cancelled. */
static void announce(tin__object *object)
{
    const tin_status_w status = {.code = INTERNET_STATUS_HANDLE_CREATED, .handle = object->token};

    tin__notify(object, &status);
}

static void report(tin__object *object, tin_result result)
{
    const tin_status_w status = {.code = INTERNET_STATUS_REQUEST_COMPLETE, .result = result};

    tin__notify(object, &status);
}

static void hand_response_up(tin__object *from, tin__object *to)
{
    wchar_t *text;

    AcquireSRWLockExclusive(&from->lock);
    text = from->response;
    from->response = NULL;
    ReleaseSRWLockExclusive(&from->lock);
    tin__set_response(to, text);
}

tin_result tin__open_below(tin__object *parent, tin__kind kind, void *context, tin__open *open,
                           void *how, tin_handle *child)
{
    tin__object *object;
    tin_result result = tin__create(kind, parent, context, 0, &object);

    if (!tin_ok(result))
        return result;
    announce(object);
    result = object->cancelled ? tin__fail(TIN_E_CANCELLED) : open(object, parent, how);
    report(object, result);
    if (tin_ok(result) && object->cancelled)
        result = tin__fail(TIN_E_CANCELLED);
    if (tin_ok(result)) {
        *child = object->token;
        return tin__leave(object, result);
    }
    hand_response_up(object, parent);
    tin__discard(object);
    return result;
}

tin_result tin__open_child(tin_handle handle, unsigned kinds, tin__kind kind, void *context,
                           tin__open *open, void *how, tin_handle *child)
{
    tin_result result;
    tin__object *parent = tin__enter_shared(handle, kinds, &result);

    *child = NULL;
    if (parent == NULL)
        return result;
    return tin__leave_shared(parent, tin__open_below(parent, kind, context, open, how, child));
}
