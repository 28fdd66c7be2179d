/* SPDX-License-Identifier: MIT */
/* Requests whose body is written piece by piece: HttpSendRequestExW, InternetWriteFile,
 * HttpEndRequestW. */
#include "http.h"
#include "stream.h"

/* In Wine 8 a connection that was used before goes back to the pool in the middle of a body, and
 * the next request would be taken for the rest of it. One whose answer did not come in time does
 * not. */
static BOOL WINAPI close_unfinished(HANDLE request)
{
    DWORD at_once = 1;

    InternetSetOptionW(request, INTERNET_OPTION_RECEIVE_TIMEOUT, &at_once, sizeof at_once);
    HttpEndRequestW(request, NULL, 0, 0);
    return InternetCloseHandle(request);
}

/* While the head is being sent, ending the request is no use. */
static void set_unfinished(tin__object *object, bool unfinished)
{
    AcquireSRWLockExclusive(&object->lock);
    object->native->close = unfinished ? close_unfinished : InternetCloseHandle;
    object->native->patient = unfinished;
    ReleaseSRWLockExclusive(&object->lock);
}

/* ---- the head ------------------------------------------------------------------------------- */

/* The total is a DWORD: above it, it is said in a header of our own, which Wine 8 leaves as it is.
 * Not known for Windows. */
static DWORD start_send(tin__native *native, DWORD_PTR *value)
{
    const uint64_t total = native->owner->request.total;
    INTERNET_BUFFERSW *buffers = &native->request;
    const DWORD error = tin__prepare_send(native, total);

    (void)value;
    if (error != ERROR_SUCCESS)
        return error;
    *buffers = (INTERNET_BUFFERSW){.dwStructSize = sizeof *buffers,
                                   .dwBufferTotal = total <= MAXDWORD ? (DWORD)total : 0};
    if (!HttpSendRequestExW(native->handle, buffers, NULL, HSR_INITIATE, (DWORD_PTR)native->token))
        return tin__last_error();
    return ERROR_SUCCESS;
}

static const tin__sender head_sender = {.start = start_send};

/* ---- the body ------------------------------------------------------------------------------- */

static const tin__stream_type upload = {
    .write = tin__start_write, .write_phase = TIN__SEND, .behind = true};

static tin_result begin(tin__object *object, uint64_t total)
{
    tin_result result;

    object->request.streamed = total != 0;
    object->request.total = total;
    result = tin__keep_body(object->native, NULL, 0); /* of a send before */
    if (!tin_ok(result))
        return result;
    set_unfinished(object, true); /* it may be given up when the head is out */
    result = tin__http_send_once(object, &head_sender);
    if (!tin_ok(result)) {
        if (object->native != NULL)
            set_unfinished(object, false);
        return result;
    }
    /* in Wine 8 HttpSendRequestEx asks the proxy for a tunnel, and writes the body to the proxy */
    if (tin__is_proxys_own(object->native)) {
        set_unfinished(object, false);
        tin__set_native(object, NULL);
        return tin__fail(TIN_E_PROXY);
    }
    object->stream.type = &upload;
    object->stream.length = total;
    object->stream.length_promised = true;
    return result;
}

tin_result tin_http_send_request_ex_w(tin_handle request, const wchar_t *headers,
                                      uint64_t total_size)
{
    tin_result result;
    tin__object *object = tin__enter_to_send(request, headers, &result);

    if (object == NULL)
        return result;
    result = begin(object, total_size);
    return tin__leave(object, tin_ok(result) ? result : tin__end_send(object, result));
}

tin_result tin_http_send_request_ex(tin_handle request, const char *headers, uint64_t total_size)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, headers);

    if (tin_ok(result))
        result = tin_http_send_request_ex_w(request, wide.text[0], total_size);
    return tin__forget(&wide, result);
}

/* ---- the end -------------------------------------------------------------------------------- */

static DWORD start_end(tin__native *native, DWORD_PTR *value)
{
    (void)value;
    if (!HttpEndRequestW(native->handle, NULL, 0, (DWORD_PTR)native->token))
        return tin__last_error();
    return ERROR_SUCCESS;
}

static tin_result read_answer(tin__object *object)
{
    tin__native *native = object->native;
    tin_result result;

    set_unfinished(object, false);
    tin__reset_stream(object);
    tin__begin_phase(object, TIN__RECEIVE);
    result = tin__call(object, start_end);
    if (tin_ok(result))
        result = tin__http_expect_answer(native);
    return tin_ok(result) ? tin__http_follow(object) : result;
}

/* A failure that nobody has been told of yet ends the request as any other does. */
static tin_result send_rest(tin__object *object)
{
    const bool had_failed = !tin_ok(object->stream.failed);
    const tin_result result = tin__flush(object);

    return had_failed || tin_ok(object->stream.failed) ? result : tin__end_send(object, result);
}

tin_result tin_http_end_request(tin_handle request)
{
    tin_result result;
    tin__object *object = tin__enter(request, TIN__HTTP_FILE, &result);

    if (object == NULL)
        return result;
    if (object->request.verb == NULL)
        return tin__leave(object, tin__fail(TIN_E_HANDLE));
    result = send_rest(object); /* after a failed write, in Wine 8 HttpEndRequest would block */
    if (!tin_ok(result))
        return tin__leave(object, result);
    if (object->stream.position < object->stream.length)
        return tin__leave(object, tin__fail(TIN_E_STATE));
    return tin__leave(object, tin__end_send(object, read_answer(object)));
}
