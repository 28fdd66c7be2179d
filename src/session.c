/* SPDX-License-Identifier: MIT */
/* Sessions, and what every handle has: a status callback, the server's last words, WinInet's
 * handle. */
#include "stream.h"

/* ---- open ----------------------------------------------------------------------------------- */

static bool known_access_type(DWORD access_type)
{
    return access_type == INTERNET_OPEN_TYPE_PRECONFIG ||
           access_type == INTERNET_OPEN_TYPE_DIRECT || access_type == INTERNET_OPEN_TYPE_PROXY ||
           access_type == INTERNET_OPEN_TYPE_PRECONFIG_WITH_NO_AUTOPROXY;
}

/* Wine 8 takes any access type, and a proxy session whose proxy is empty. */
static tin_result check(DWORD access_type, const wchar_t *proxy, DWORD flags)
{
    if ((flags & INTERNET_FLAG_ASYNC) != 0)
        return tin__fail(TIN_E_UNSUPPORTED);
    if (!known_access_type(access_type))
        return tin__fail(TIN_E_ARGUMENT);
    if (access_type == INTERNET_OPEN_TYPE_PROXY && (proxy == NULL || *proxy == L'\0'))
        return tin__fail(TIN_E_ARGUMENT);
    return tin__success();
}

static tin_result open_session(const tin__session *as, tin__object **session)
{
    const size_t size =
        tin__text_size(as->agent) + tin__text_size(as->proxy) + tin__text_size(as->bypass);
    tin__object *object;
    wchar_t *end;
    tin_result result = tin__create(TIN__SESSION, NULL, NULL, size, &object);

    if (!tin_ok(result))
        return result;
    end = object->texts;
    object->session = *as;
    object->session.agent = tin__put_text(&end, as->agent);
    object->session.proxy = tin__put_text(&end, as->proxy);
    object->session.bypass = tin__put_text(&end, as->bypass);
    result = tin__open_session(object, as, INTERNET_FLAG_ASYNC);
    if (tin_ok(result))
        *session = object;
    else
        tin__discard(object);
    return result;
}

tin_result tin_open_w(const wchar_t *agent, DWORD access_type, const wchar_t *proxy,
                      const wchar_t *proxy_bypass, DWORD flags, tin_handle *session)
{
    const tin__session as = {agent, proxy, proxy_bypass, access_type, flags};
    tin__object *object;
    tin_result result;

    if (session == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    *session = NULL;
    result = check(access_type, proxy, flags);
    /* WinInet writes the agent as it is: behind a line feed would be another header */
    if (tin__has_control(agent) || tin__has_control(proxy) || tin__has_control(proxy_bypass))
        result = tin__fail(TIN_E_ARGUMENT);
    if (!tin_ok(result))
        return result;
    if (!tin__can_call_back())
        return tin__fail(TIN_E_MEMORY);
    result = open_session(&as, &object);
    if (!tin_ok(result))
        return result;
    *session = object->token;
    return tin__leave(object, result);
}

tin_result tin_open(const char *agent, DWORD access_type, const char *proxy,
                    const char *proxy_bypass, DWORD flags, tin_handle *session)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, agent, proxy, proxy_bypass);

    if (tin_ok(result))
        result = tin_open_w(wide.text[0], access_type, wide.text[1], wide.text[2], flags, session);
    else if (session != NULL)
        *session = NULL;
    return tin__forget(&wide, result);
}

/* ---- close ---------------------------------------------------------------------------------- */

tin_result tin_close_handle(tin_handle handle)
{
    const tin_result ended = tin__end_writing(handle);
    const tin_result closed = tin__close_handle(handle);

    return tin_ok(closed) ? ended : closed;
}

/* ---- status callback ------------------------------------------------------------------------ */

static tin_result set_callback(tin_handle handle, tin_status_callback *narrow,
                               tin_status_callback_w *wide, void *context)
{
    tin_result result;
    tin__object *object = tin__enter_shared(handle, TIN__ANY, &result);

    if (object == NULL)
        return result;
    AcquireSRWLockExclusive(&object->lock);
    object->watch.narrow = narrow;
    object->watch.wide = wide;
    object->watch.context = context;
    ReleaseSRWLockExclusive(&object->lock);
    tin__await_callback(object);
    return tin__leave_shared(object, tin__success());
}

tin_result tin_set_status_callback(tin_handle handle, tin_status_callback *callback, void *context)
{
    return set_callback(handle, callback, NULL, context);
}

tin_result tin_set_status_callback_w(tin_handle handle, tin_status_callback_w *callback,
                                     void *context)
{
    return set_callback(handle, NULL, callback, context);
}

/* ---- last response, native handle ----------------------------------------------------------- */

static tin_result last_response(tin_handle handle, tin__out to)
{
    tin_result result;
    tin__object *object;

    if (to.size == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    object = tin__enter_shared(handle, TIN__ANY, &result);
    if (object == NULL) {
        *to.size = 0;
        return result;
    }
    AcquireSRWLockShared(&object->lock);
    result = tin__copy_out(object->response, to);
    ReleaseSRWLockShared(&object->lock);
    return tin__leave_shared(object, result);
}

tin_result tin_get_last_response_info(tin_handle handle, char *text, size_t *size)
{
    return last_response(handle, tin__to_utf8(text, size));
}

tin_result tin_get_last_response_info_w(tin_handle handle, wchar_t *text, size_t *size)
{
    return last_response(handle, tin__to_utf16(text, size));
}

HINTERNET tin_native_handle(tin_handle handle)
{
    HINTERNET found = NULL;
    const tin__native *native;
    tin_result result;
    tin__object *object = tin__enter_shared(handle, TIN__ANY & ~TIN__LOCAL_FILE, &result);

    if (object == NULL)
        return NULL;
    AcquireSRWLockShared(&object->lock);
    native = object->native;
    if (native != NULL && !native->closing)
        found = native->handle;
    ReleaseSRWLockShared(&object->lock);
    (void)tin__leave_shared(object, result);
    return found;
}
