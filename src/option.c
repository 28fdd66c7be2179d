/* SPDX-License-Identifier: MIT */
/*
 * Options, checked before WinInet sees them. Its own checks differ from option to option: under
 * Wine 8 a wrong size gives 87, 12010 or a read past the value, an unknown option 12009 or 12018, a
 * closed handle a process-wide setting. What thininet keeps itself reads back as it was set.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "option.h"

static unsigned level_of(const tin__object *object)
{
    if (object == NULL)
        return TIN__AT_PROCESS;
    if (object->kind == TIN__SESSION)
        return TIN__AT_SESSION;
    return (object->kind & TIN__CONNECTION) != 0 ? TIN__AT_CONNECTION : TIN__AT_REQUEST;
}

/* The handle's object, entered; NULL with TIN_OK where the handle is NULL: the whole process. */
static tin_result enter(tin_handle handle, unsigned levels, tin__object **object)
{
    tin_result result = tin__success();

    *object = NULL;
    if (handle != NULL) {
        *object = tin__enter_shared(handle, TIN__ANY, &result);
        if (*object == NULL)
            return result;
    }
    if ((levels & level_of(*object)) != 0)
        return tin__success();
    result = tin__fail(TIN_E_ARGUMENT);
    return *object != NULL ? tin__leave_shared(*object, result) : result;
}

static tin_result leave(tin__object *object, tin_result result)
{
    return object != NULL ? tin__leave_shared(object, result) : result;
}

/* ---- ours ----------------------------------------------------------------------------------- */

/* A number or pointer about the handle itself, with the lock held. */
static DWORD_PTR own_value(const tin__object *object, DWORD option)
{
    if (option == INTERNET_OPTION_PARENT_HANDLE)
        return (DWORD_PTR)object->parent_token;
    if (option == INTERNET_OPTION_CONTEXT_VALUE)
        return (DWORD_PTR)tin__context(object);
    switch (object->kind) {
    case TIN__SESSION:
        return INTERNET_HANDLE_TYPE_INTERNET;
    case TIN__HTTP_FILE:
        return INTERNET_HANDLE_TYPE_HTTP_REQUEST;
    case TIN__FTP_FILE:
        return INTERNET_HANDLE_TYPE_FTP_FILE;
    case TIN__HTTP_CONNECTION:
        return INTERNET_HANDLE_TYPE_CONNECT_HTTP;
    case TIN__FTP_CONNECTION:
        return INTERNET_HANDLE_TYPE_CONNECT_FTP;
    case TIN__FTP_FIND:
        return INTERNET_HANDLE_TYPE_FTP_FIND;
    default:
        return TIN_HANDLE_TYPE_LOCAL_FILE;
    }
}

static void keep(const tin__option *row, tin__object *object, const void *value)
{
    DWORD number;

    memcpy(&number, value, sizeof number);
    if (object == NULL) {
        tin__settings_set_number(NULL, row->which, number);
        return;
    }
    AcquireSRWLockExclusive(&object->lock);
    if (row->keeper == TIN__BY_OBJECT)
        memcpy(&object->context, value, sizeof object->context); /* the only one that can be set */
    else
        tin__settings_set_number(&object->settings, row->which, number);
    tin__wake(object); /* a call in progress has another deadline now */
    ReleaseSRWLockExclusive(&object->lock);
}

static DWORD_PTR recall(const tin__option *row, tin__object *object)
{
    DWORD_PTR value;

    if (object == NULL || row->keeper != TIN__BY_OBJECT)
        return tin__settings_number(object != NULL ? &object->settings : NULL, row->which);
    AcquireSRWLockShared(&object->lock);
    value = own_value(object, row->option);
    ReleaseSRWLockShared(&object->lock);
    return value;
}

/* Does WinInet have a request that knows more than we? */
static bool is_request(tin__object *object)
{
    const tin__native *native;
    bool open;

    if (object == NULL || object->kind != TIN__HTTP_FILE)
        return false;
    AcquireSRWLockShared(&object->lock);
    native = object->native;
    open = native != NULL && native->handle != NULL;
    ReleaseSRWLockShared(&object->lock);
    return open;
}

/* ---- set ------------------------------------------------------------------------------------ */

static tin_result set_value(const tin__option *row, tin__object *object, DWORD option,
                            const void *value, DWORD size)
{
    tin_result result = tin__success();

    if (row->keeper == TIN__BY_WININET)
        return tin__set_native_option(object, option, size != 0 ? value : NULL, size);
    if (row->keeper == TIN__BY_BOTH && is_request(object))
        result = tin__set_native_option(object, option, value, size);
    if (tin_ok(result))
        keep(row, object, value);
    return result;
}

tin_result tin_set_option(tin_handle handle, DWORD option, const void *value, DWORD size)
{
    const tin__option *row = tin__find_option(option);
    tin__object *object;
    tin_result result;

    if (row->keeper == TIN__BY_NOBODY)
        return tin__fail(TIN_E_UNSUPPORTED);
    if (!tin__option_takes(row, value, size))
        return tin__fail(TIN_E_ARGUMENT);
    result = enter(handle, row->set, &object);
    return tin_ok(result) ? leave(object, set_value(row, object, option, value, size)) : result;
}

tin_result tin_set_option_dword(tin_handle handle, DWORD option, DWORD value)
{
    /* a pointer has the size of a DWORD, too, in 32 bits */
    if (!tin__option_is_dword(tin__find_option(option)))
        return tin__fail(TIN_E_ARGUMENT);
    return tin_set_option(handle, option, &value, sizeof value);
}

/* A redirect led a request to another server, and now it is given a user for that one: what it had
 * is not for there. With the lock held. */
static void allow_credentials(tin__object *object)
{
    if (!object->request.credentials) {
        tin__settings_drop_words(&object->settings, TIN__USER);
        tin__settings_drop_words(&object->settings, TIN__PASSWORD);
    }
    object->request.credentials = true;
}

static tin_result set_text(const tin__option *row, tin__object *object, DWORD option,
                           const wchar_t *text)
{
    tin_result result;

    if (row->keeper != TIN__BY_WORDS && tin__has_control(text)) /* USER_AGENT is one line */
        return tin__fail(TIN_E_ARGUMENT);
    if (row->keeper != TIN__BY_WORDS || object == NULL) /* of text, WinInet counts the characters */
        return tin__set_native_option(object, option, text, (DWORD)wcslen(text));
    AcquireSRWLockExclusive(&object->lock);
    if (object->request.verb != NULL && (row->which == TIN__USER || row->which == TIN__PASSWORD))
        allow_credentials(object);
    result = tin__settings_set_words(&object->settings, row->which, text);
    ReleaseSRWLockExclusive(&object->lock);
    return result;
}

tin_result tin_set_option_text_w(tin_handle handle, DWORD option, const wchar_t *text)
{
    const tin__option *row = tin__find_option(option);
    tin__object *object;
    tin_result result;

    if (row->keeper == TIN__BY_NOBODY)
        return tin__fail(TIN_E_UNSUPPORTED);
    if (!tin__option_is_text(row) || text == NULL || wcslen(text) > INT_MAX)
        return tin__fail(TIN_E_ARGUMENT);
    result = enter(handle, row->set, &object);
    return tin_ok(result) ? leave(object, set_text(row, object, option, text)) : result;
}

tin_result tin_set_option_text(tin_handle handle, DWORD option, const char *text)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, text);

    if (tin_ok(result))
        result = tin_set_option_text_w(handle, option, wide.text[0]);
    return tin__forget(&wide, result);
}

/* ---- query ---------------------------------------------------------------------------------- */

static tin_result query_value(const tin__option *row, tin__object *object, DWORD option,
                              void *value, DWORD *size)
{
    const bool native =
        row->keeper == TIN__BY_WININET || (row->keeper == TIN__BY_BOTH && is_request(object));
    DWORD_PTR own;

    if (value == NULL)
        *size = 0;
    if (native && (row->size == 0 || row->shape == TIN__IS_RECORD)) /* WinInet knows the size */
        return tin__query_native_option(object, option, value, size);
    if (*size < row->size) { /* Wine 8 does not always say how much it needs */
        *size = row->size;
        return tin__fail(TIN_E_BUFFER_TOO_SMALL);
    }
    *size = row->size;
    if (native)
        return tin__query_native_option(object, option, value, size);
    own = recall(row, object);
    memcpy(value, &own, row->size); /* little-endian: the lower half where it is a DWORD */
    return tin__success();
}

static tin_result query(const tin__option *row, tin_handle handle, DWORD option, void *value,
                        DWORD *size)
{
    tin__object *object;
    tin_result result;

    if (row->keeper == TIN__BY_NOBODY)
        result = tin__fail(TIN_E_UNSUPPORTED);
    else if (row->shape == TIN__IS_TEXT || row->shape == TIN__IS_ANSI_TEXT)
        result = tin__fail(TIN_E_ARGUMENT); /* see tin_query_option_text_w() */
    else
        result = enter(handle, row->query, &object);
    if (tin_ok(result))
        result = leave(object, query_value(row, object, option, value, size));
    if (!tin_ok(result) && result.error != TIN_E_BUFFER_TOO_SMALL)
        *size = 0;
    return result;
}

tin_result tin_query_option(tin_handle handle, DWORD option, void *value, DWORD *size)
{
    if (size == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    return query(tin__find_option(option), handle, option, value, size);
}

tin_result tin_query_option_dword(tin_handle handle, DWORD option, DWORD *value)
{
    const tin__option *row = tin__find_option(option);
    DWORD number = 0, size = sizeof number;
    tin_result result = tin__fail(TIN_E_ARGUMENT);

    if (value == NULL)
        return result;
    *value = 0;
    if (tin__option_is_dword(row))
        result = query(row, handle, option, &number, &size);
    if (result.error == TIN_E_BUFFER_TOO_SMALL || (tin_ok(result) && size != sizeof number))
        return tin__fail(TIN_E_ARGUMENT); /* its value is no DWORD */
    if (tin_ok(result))
        *value = number;
    return result;
}

/* A copy of the text for free(); NULL where none was set. */
static tin_result query_text(const tin__option *row, tin__object *object, DWORD option, void **text)
{
    const tin__native *native;
    wchar_t *copy = NULL;
    tin_result result;

    if (row->keeper == TIN__BY_WININET || object == NULL) /* we keep no text of the whole process */
        return tin__query_native_text(object, option, row->shape == TIN__IS_ANSI_TEXT, text);
    AcquireSRWLockShared(&object->lock);
    native = object->native;
    if (row->keeper == TIN__BY_WORDS)
        result = tin__copy_wide(tin__settings_words(&object->settings, row->which), &copy);
    else if (native == NULL || native->url.text == NULL)
        result = tin__fail(TIN_E_STATE);
    else
        result = tin__copy_wide(native->url.text, &copy);
    ReleaseSRWLockShared(&object->lock);
    *text = copy;
    return result;
}

static tin_result query_option_text(tin_handle handle, DWORD option, tin__out to)
{
    const tin__option *row = tin__find_option(option);
    void *text = NULL;
    tin__object *object;
    tin_result result;

    if (to.size == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    if (row->keeper == TIN__BY_NOBODY)
        result = tin__fail(TIN_E_UNSUPPORTED);
    else if (!tin__option_is_text(row))
        result = tin__fail(TIN_E_ARGUMENT);
    else
        result = enter(handle, row->query, &object);
    if (tin_ok(result))
        result = leave(object, query_text(row, object, option, &text));
    return tin__hand_out(result, text, to);
}

tin_result tin_query_option_text(tin_handle handle, DWORD option, char *text, size_t *size)
{
    return query_option_text(handle, option, tin__to_utf8(text, size));
}

tin_result tin_query_option_text_w(tin_handle handle, DWORD option, wchar_t *text, size_t *size)
{
    return query_option_text(handle, option, tin__to_utf16(text, size));
}
