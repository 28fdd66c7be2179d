/* SPDX-License-Identifier: MIT */
/* Requests: their headers, and HttpSendRequestW. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"

/* ---- headers -------------------------------------------------------------------------------- */

static tin_result add_headers(tin__object *object, const wchar_t *headers, DWORD modifiers)
{
    tin_result result = tin__merge_headers(&object->headers, headers, modifiers);
    DWORD error;

    if (!tin_ok(result) || object->native == NULL)
        return result;
    error = tin__give_headers(object->native->handle, headers, object->headers);
    return tin__result_of(error);
}

#define MODIFIERS                                                                                  \
    (HTTP_ADDREQ_FLAG_ADD | HTTP_ADDREQ_FLAG_ADD_IF_NEW | HTTP_ADDREQ_FLAG_REPLACE |               \
     HTTP_ADDREQ_FLAG_COALESCE_WITH_COMMA | HTTP_ADDREQ_FLAG_COALESCE_WITH_SEMICOLON)

tin_result tin_http_add_request_headers_w(tin_handle request, const wchar_t *headers,
                                          DWORD modifiers)
{
    tin_result result;
    tin__object *object;

    if (headers == NULL || (modifiers & MODIFIERS) == 0 || (modifiers & ~(DWORD)MODIFIERS) != 0)
        return tin__fail(TIN_E_ARGUMENT);
    result = tin__check_headers(headers);
    if (!tin_ok(result))
        return result;
    object = tin__enter(request, TIN__HTTP_FILE, &result);
    if (object == NULL)
        return result;
    if (object->request.verb == NULL)
        return tin__leave(object, tin__fail(TIN_E_HANDLE));
    if (object->cancelled)
        return tin__leave(object, tin__fail(TIN_E_CANCELLED));
    return tin__leave(object, add_headers(object, headers, modifiers));
}

tin_result tin_http_add_request_headers(tin_handle request, const char *headers, DWORD modifiers)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, headers);

    if (tin_ok(result))
        result = tin_http_add_request_headers_w(request, wide.text[0], modifiers);
    return tin__forget(&wide, result);
}

/* ---- what every send begins and ends with --------------------------------------------------- */

void tin__reset_stream(tin__object *object)
{
    const tin__stream *stream = &object->stream;
    const tin__stream fresh = {.buffer_size = stream->buffer_size,
                               .write_buffer_size = stream->write_buffer_size,
                               .gathered = stream->gathered};

    tin__range_free(object->range);
    object->range = NULL;
    AcquireSRWLockExclusive(&object->lock);
    object->stream = fresh;
    if (object->native != NULL)
        object->native->quiet = false;
    ReleaseSRWLockExclusive(&object->lock);
}

/* Is it in the middle of a body, in either direction? Then the connection can carry nothing else:
 * before it sends again, Wine 8 reads what is left of an answer, however long that takes. */
static bool is_in_body(const tin__object *object)
{
    const tin__stream *stream = &object->stream;

    if (stream->type == NULL || stream->ended)
        return false;
    return stream->type->write != NULL || !stream->length_known || stream->fetched < stream->length;
}

#define PERMISSIONS                                                                                \
    (SECURITY_FLAG_IGNORE_CERT_DATE_INVALID | SECURITY_FLAG_IGNORE_CERT_CN_INVALID |               \
     SECURITY_FLAG_IGNORE_UNKNOWN_CA | SECURITY_FLAG_IGNORE_REVOCATION |                           \
     SECURITY_FLAG_IGNORE_WRONG_USAGE)

/* Wine 8 adds to what is permitted, and takes nothing back. */
static bool permits_too_much(const tin__object *object)
{
    const DWORD allowed = object->settings.numbers[TIN__SECURITY_FLAGS];
    DWORD flags = 0, size = sizeof flags;

    return object->native != NULL &&
           InternetQueryOptionW(object->native->handle, INTERNET_OPTION_SECURITY_FLAGS, &flags,
                                &size) &&
           (flags & PERMISSIONS & ~allowed) != 0;
}

static tin_result open_at_place(tin__object *object)
{
    tin__url url;
    const tin_result result = tin__parse_url(object->request.place, &url);

    return tin_ok(result) ? tin__open_request(object, &url) : result;
}

static tin_result begin_send(tin__object *object, const wchar_t *headers)
{
    DWORD flags;
    tin_result result = tin__success();

    if (object->request.verb == NULL) /* opened by tin_open_url() */
        return tin__fail(TIN_E_HANDLE);
    if (object->cancelled)
        return tin__fail(TIN_E_CANCELLED);
    if (headers != NULL)
        result = add_headers(object, headers, HTTP_ADDREQ_FLAG_ADD | HTTP_ADDREQ_FLAG_REPLACE);
    if (!tin_ok(result))
        return result;
    flags = tin__http_flags(object, object->request.flags);
    if (is_in_body(object) || flags != object->request.flags || permits_too_much(object))
        tin__set_native(object, NULL);
    object->request.flags = flags;
    tin__reset_stream(object);
    object->request.streamed = false;
    return object->native != NULL ? result : open_at_place(object);
}

tin__object *tin__enter_to_send(tin_handle request, const wchar_t *headers, tin_result *result)
{
    tin__object *object;

    *result = tin__check_headers(headers);
    if (!tin_ok(*result))
        return NULL;
    object = tin__enter(request, TIN__HTTP_FILE, result);
    if (object == NULL)
        return NULL;
    *result = begin_send(object, headers);
    if (tin_ok(*result))
        return object;
    *result = tin__leave(object, *result);
    return NULL;
}

/* Once per send and on one thread: options may have changed, and the body's length may have. Wine 8
 * adds a Content-Length only where there is none, be it that of the send before. */
DWORD tin__prepare_send(tin__native *native, uint64_t size)
{
    tin__object *object = native->owner;
    tin__settings settings;
    wchar_t length[48];
    bool credentials, decodes;
    DWORD error;

    AcquireSRWLockShared(&object->lock);
    tin__settings_copy(&settings, &object->settings);
    credentials = object->request.credentials;
    ReleaseSRWLockShared(&object->lock);
    tin__settings_apply(&settings, native->handle, &native->url, credentials);
    decodes = settings.numbers[TIN__HTTP_DECODING] != 0;
    tin__settings_free(&settings);

    _snwprintf(length, sizeof length / sizeof *length, L"Content-Length: %I64u\r\n", size);
    error = tin__give_headers(native->handle, L"Content-Length:",
                              size > MAXDWORD ? length : NULL); /* else WinInet adds it */
    if (error == ERROR_SUCCESS) /* those of a seek are not for the next send */
        error = tin__give_headers(native->handle, TIN__RANGE_HEADERS, object->headers);
    if (error == ERROR_SUCCESS && !tin__has_header(object->headers, L"Accept-Encoding"))
        error = tin__give_headers(native->handle, L"Accept-Encoding:",
                                  decodes ? TIN__ACCEPT_ENCODING : NULL);
    return error;
}

tin_result tin__end_send(tin__object *object, tin_result result)
{
    tin_status_w status = {.code = INTERNET_STATUS_REQUEST_COMPLETE};

    if (tin_ok(result) && object->cancelled)
        result = tin__fail(TIN_E_CANCELLED);
    if (!tin_ok(result))
        object->stream.failed = result;
    status.result = result;
    tin__notify(object, &status);
    return result;
}

/* ---- send ----------------------------------------------------------------------------------- */

static DWORD start_send(tin__native *native, DWORD_PTR *value)
{
    const DWORD error = tin__prepare_send(native, native->body_size);

    (void)value;
    if (error != ERROR_SUCCESS)
        return error;
    if (!HttpSendRequestW(native->handle, NULL, 0, native->body, native->body_size))
        return tin__last_error();
    return ERROR_SUCCESS;
}

static tin_result become_get(tin__object *object)
{
    wchar_t *verb;
    const tin_result result = tin__copy_wide(L"GET", &verb);

    if (!tin_ok(result))
        return result;
    free(object->request.verb);
    object->request.verb = verb;
    object->request.streamed = false;
    free(object->native->body);
    object->native->body = NULL;
    object->native->body_size = 0;
    tin__strip_content_headers(object->headers);
    return result;
}

static tin_result open_hop(tin__object *object, tin__url *url, DWORD status)
{
    wchar_t *place;
    tin_result result = tin__copy_wide(url->text, &place);

    if (tin_ok(result) && !tin__keeps_verb(object->request.verb, status))
        result = become_get(object);
    if (!tin_ok(result)) {
        tin__wipe_text(place);
        tin__free_url(url);
        return result;
    }
    tin__wipe_text(object->request.place);
    object->request.place = place;
    return tin__open_request(object, url);
}

const tin__sender tin__request_sender = {.open = open_hop, .start = start_send, .answered = true};

tin_result tin__keep_body(tin__native *native, const void *body, size_t size)
{
    BYTE *copy = NULL;

    if (size != 0) {
        copy = malloc(size);
        if (copy == NULL)
            return tin__fail(TIN_E_MEMORY);
        memcpy(copy, body, size);
    }
    free(native->body);
    native->body = copy;
    native->body_size = (DWORD)size;
    return tin__success();
}

tin_result tin_http_send_request_w(tin_handle request, const wchar_t *headers, const void *body,
                                   size_t size)
{
    tin_result result;
    tin__object *object;

    if ((body == NULL && size != 0) || size > MAXDWORD)
        return tin__fail(TIN_E_ARGUMENT);
    object = tin__enter_to_send(request, headers, &result);
    if (object == NULL)
        return result;
    result = tin__keep_body(object->native, body, size);
    if (tin_ok(result))
        result = tin__http_send(object);
    return tin__leave(object, tin__end_send(object, result));
}

tin_result tin_http_send_request(tin_handle request, const char *headers, const void *body,
                                 size_t size)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, headers);

    if (tin_ok(result))
        result = tin_http_send_request_w(request, wide.text[0], body, size);
    return tin__forget(&wide, result);
}
