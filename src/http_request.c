/* SPDX-License-Identifier: MIT */
/*
 * Requests: InternetConnectW, HttpOpenRequestW, HttpSendRequestW. Every hop has both of WinInet's
 * handles to itself: in Wine 8 credentials set on a request are its connection's, without a lock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "internal.h"

/* ---- WinInet's handles ---------------------------------------------------------------------- */

/* Referrer and accepted types are among our headers. */
static DWORD start_open(tin__native *native, DWORD_PTR *value)
{
    const tin__request *request = &native->owner->request;
    const wchar_t *path = wcschr(wcsstr(native->url.text, L"://") + 3, L'/');
    const HINTERNET handle =
        HttpOpenRequestW(native->parent->handle, request->verb, path, request->version, NULL, NULL,
                         native->flags, (DWORD_PTR)native->token);

    *value = (DWORD_PTR)handle;
    return handle != NULL ? ERROR_SUCCESS : tin__last_error();
}

/* Gives the object a native for a connection: the parent of the next one. */
static tin_result open_connection(tin__object *object, const tin__url *url)
{
    tin__url server = {.port = url->port};
    tin_result result = tin__copy_wide(url->host, &server.host);

    if (tin_ok(result))
        result = tin__connect_http(object, &server);
    tin__free_url(&server);
    return result;
}

static tin_result open_below(tin__object *object, tin__url *url)
{
    const DWORD flags = object->request.flags & ~(DWORD)INTERNET_FLAG_SECURE;
    const DWORD secure = url->scheme == TIN__HTTPS ? INTERNET_FLAG_SECURE : 0;
    tin__native *native;
    tin_result result =
        tin__native_create(object, object->native, InternetCloseHandle, true, url, &native);

    if (!tin_ok(result))
        return result;
    native->flags = flags | secure | INTERNET_FLAG_NO_AUTO_REDIRECT;
    tin__set_native(object, native);
    result = tin__call(object, start_open);
    if (tin_ok(result) && object->headers != NULL) {
        const DWORD error = tin__give_headers(native->handle, object->headers, object->headers);

        if (error != ERROR_SUCCESS)
            result = tin__from_win32(error);
    }
    return result;
}

/* In the place of the object's native, whose body it takes over; takes over *url, too. */
static tin_result open_native(tin__object *object, tin__url *url)
{
    tin__native *before = object->native;
    BYTE *body = before != NULL ? before->body : NULL;
    const DWORD size = before != NULL ? before->body_size : 0;
    tin_result result;

    if (before != NULL)
        before->body = NULL;
    result = open_connection(object, url);
    if (tin_ok(result))
        result = open_below(object, url);
    if (!tin_ok(result)) {
        tin__set_native(object, NULL);
        tin__free_url(url);
        free(body);
        return result;
    }
    object->native->body = body;
    object->native->body_size = size;
    return result;
}

static tin_result open_at_place(tin__object *object)
{
    tin__url url;
    const tin_result result = tin__parse_url(object->request.place, &url);

    return tin_ok(result) ? open_native(object, &url) : result;
}

/* ---- open ----------------------------------------------------------------------------------- */

/* What is asked for; `headers` are the referrer and the accepted types. */
typedef struct target {
    wchar_t *verb, *version, *path, *headers;
    DWORD flags;
} target;

static void free_target(target *what)
{
    free(what->verb);
    free(what->version);
    tin__wipe_text(what->path);
    tin__wipe_text(what->headers);
}

/* The whole URL, so that it is checked and escaped as every other. */
static tin_result compose(const tin__url *server, const target *what, wchar_t **text)
{
    const bool secure = (what->flags & INTERNET_FLAG_SECURE) != 0;
    const bool bare = wcschr(server->host, L':') == NULL; /* else it is an IPv6 address */
    const size_t size = wcslen(server->host) + wcslen(what->path) + 32;

    *text = calloc(size, sizeof **text);
    if (*text == NULL)
        return tin__fail(TIN_E_MEMORY);
    swprintf(*text, size, L"%ls://%ls%ls%ls:%u%ls%ls", secure ? L"https" : L"http",
             bare ? L"" : L"[", server->host, bare ? L"" : L"]", (unsigned)server->port,
             what->path[0] == L'/' ? L"" : L"/", what->path);
    return tin__success();
}

static tin_result open_request(tin__object *object, tin__object *connection, void *how)
{
    tin__request *request = &object->request;
    target *what = how;
    wchar_t *text;
    tin__url url = {0};
    tin_result result = compose(&connection->native->url, what, &text);

    if (tin_ok(result))
        result = tin__parse_url(text, &url);
    tin__wipe_text(text);
    if (tin_ok(result))
        result = tin__copy_wide(url.text, &request->place);
    if (!tin_ok(result)) {
        tin__free_url(&url);
        return result;
    }
    request->verb = what->verb;
    request->version = what->version;
    object->headers = what->headers;
    what->verb = what->version = what->headers = NULL;
    request->flags = tin__http_flags(object, what->flags);
    request->credentials = true;
    return open_native(object, &url);
}

static bool has_control(const wchar_t *text)
{
    while (*text != L'\0' && !tin__is_control(*text))
        text++;
    return *text != L'\0';
}

/* "Name: a, b", of what cannot hold a line of its own. */
static tin_result add_header(target *what, const wchar_t *name, const wchar_t *value)
{
    const size_t size = wcslen(name) + wcslen(value) + 5;
    wchar_t *line;
    tin_result result;

    if (has_control(value))
        return tin__fail(TIN_E_ARGUMENT);
    if (*value == L'\0')
        return tin__success();
    line = calloc(size, sizeof *line);
    if (line == NULL)
        return tin__fail(TIN_E_MEMORY);
    swprintf(line, size, L"%ls: %ls\r\n", name, value);
    result = tin__check_headers(line);
    if (tin_ok(result))
        result = tin__merge_headers(&what->headers, line, HTTP_ADDREQ_FLAG_COALESCE_WITH_COMMA);
    tin__wipe_text(line);
    return result;
}

static tin_result read_version(const wchar_t *version, target *what)
{
    if (version == NULL)
        version = L"HTTP/1.1";
    if (wcscmp(version, L"HTTP/1.1") != 0 && wcscmp(version, L"HTTP/1.0") != 0)
        return tin__fail(TIN_E_ARGUMENT);
    return tin__copy_wide(version, &what->version);
}

static tin_result read_target(const wchar_t *verb, const wchar_t *object, const wchar_t *version,
                              const wchar_t *referrer, const wchar_t *const *accept_types,
                              target *what)
{
    tin_result result = tin__success();

    if (verb != NULL && !tin__is_token(verb))
        return tin__fail(TIN_E_ARGUMENT);
    if (referrer != NULL)
        result = add_header(what, L"Referer", referrer);
    for (; tin_ok(result) && accept_types != NULL && *accept_types != NULL; accept_types++)
        result = add_header(what, L"Accept", *accept_types);
    if (tin_ok(result))
        result = read_version(version, what);
    if (tin_ok(result))
        result = tin__copy_wide(verb != NULL ? verb : L"GET", &what->verb);
    if (tin_ok(result))
        result = tin__copy_wide(object != NULL ? object : L"/", &what->path);
    return result;
}

tin_result tin_http_open_request_w(tin_handle connection, const wchar_t *verb,
                                   const wchar_t *object, const wchar_t *version,
                                   const wchar_t *referrer, const wchar_t *const *accept_types,
                                   DWORD flags, void *context, tin_handle *request)
{
    target what = {.flags = flags};
    tin_result result;

    if (request == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    *request = NULL;
    result = read_target(verb, object, version, referrer, accept_types, &what);
    if (tin_ok(result))
        result = tin__open_child(connection, TIN__HTTP_CONNECTION, TIN__HTTP_FILE, context,
                                 open_request, &what, request);
    free_target(&what);
    return result;
}

static void free_list(wchar_t **list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++)
        free(list[i]);
    free(list);
}

static tin_result widen_list(const char *const *list, wchar_t ***wide)
{
    size_t count = 0;
    tin_result result = tin__success();

    *wide = NULL;
    if (list == NULL)
        return result;
    while (list[count] != NULL)
        count++;
    *wide = calloc(count + 1, sizeof **wide);
    if (*wide == NULL)
        return tin__fail(TIN_E_MEMORY);
    for (size_t i = 0; tin_ok(result) && i < count; i++)
        result = tin__wide(list[i], &(*wide)[i]);
    return result;
}

tin_result tin_http_open_request(tin_handle connection, const char *verb, const char *object,
                                 const char *version, const char *referrer,
                                 const char *const *accept_types, DWORD flags, void *context,
                                 tin_handle *request)
{
    const char *const texts[] = {verb, object, version, referrer};
    wchar_t *wide[4] = {NULL}, **list = NULL;
    tin_result result = tin__success();

    if (request == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    *request = NULL;
    for (int i = 0; tin_ok(result) && i < 4; i++)
        result = tin__wide(texts[i], &wide[i]);
    if (tin_ok(result))
        result = widen_list(accept_types, &list);
    if (tin_ok(result))
        result = tin_http_open_request_w(connection, wide[0], wide[1], wide[2], wide[3],
                                         (const wchar_t *const *)list, flags, context, request);
    for (int i = 0; i < 4; i++)
        tin__wipe_text(wide[i]);
    free_list(list);
    return result;
}

/* ---- headers -------------------------------------------------------------------------------- */

static tin_result add_headers(tin__object *object, const wchar_t *headers, DWORD modifiers)
{
    tin_result result = tin__merge_headers(&object->headers, headers, modifiers);
    DWORD error;

    if (!tin_ok(result) || object->native == NULL)
        return result;
    error = tin__give_headers(object->native->handle, headers, object->headers);
    return error == ERROR_SUCCESS ? result : tin__from_win32(error);
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
    wchar_t *wide;
    tin_result result = tin__wide(headers, &wide);

    if (tin_ok(result))
        result = tin_http_add_request_headers_w(request, wide, modifiers);
    tin__wipe_text(wide);
    return result;
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

/* Is it in the middle of a body? Then the connection can carry nothing else. */
static bool is_uploading(const tin__object *object)
{
    return object->stream.type != NULL && object->stream.type->write != NULL;
}

tin_result tin__begin_send(tin__object *object, const wchar_t *headers)
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
    if (is_uploading(object) || flags != object->request.flags)
        tin__set_native(object, NULL);
    object->request.flags = flags;
    tin__reset_stream(object);
    object->request.streamed = false;
    return object->native != NULL ? result : open_at_place(object);
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

    swprintf(length, sizeof length / sizeof *length, L"Content-Length: %I64u\r\n", size);
    error = tin__give_headers(native->handle, L"Content-Length:",
                              size > MAXDWORD ? length : NULL); /* else WinInet adds it */
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
    return open_native(object, url);
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
    result = tin__check_headers(headers);
    if (!tin_ok(result))
        return result;
    object = tin__enter(request, TIN__HTTP_FILE, &result);
    if (object == NULL)
        return result;
    result = tin__begin_send(object, headers);
    if (!tin_ok(result))
        return tin__leave(object, result);
    result = tin__keep_body(object->native, body, size);
    if (tin_ok(result))
        result = tin__http_send(object, &tin__request_sender);
    return tin__leave(object, tin__end_send(object, result));
}

tin_result tin_http_send_request(tin_handle request, const char *headers, const void *body,
                                 size_t size)
{
    wchar_t *wide;
    tin_result result = tin__wide(headers, &wide);

    if (tin_ok(result))
        result = tin_http_send_request_w(request, wide, body, size);
    tin__wipe_text(wide);
    return result;
}
