/* SPDX-License-Identifier: MIT */
/*
 * Opening requests: InternetConnectW, HttpOpenRequestW. Every hop has both of WinInet's handles to
 * itself: in Wine 8 credentials set on a request are its connection's, without a lock.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "http.h"
#include "url_syntax.h"

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

    wcscpy(server.host, url->host);
    return tin__connect_http(object, &server);
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
    if (tin_ok(result) && object->headers != NULL)
        result =
            tin__result_of(tin__give_headers(native->handle, object->headers, object->headers));
    return result;
}

tin_result tin__open_request(tin__object *object, tin__url *url)
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
static tin_result open_request(tin__object *object, tin__object *connection, void *how)
{
    tin__request *request = &object->request;
    target *what = how;
    wchar_t *text;
    tin__url url = {0};
    tin__native *server;
    tin_result result = tin__native_hold(connection, &server);

    if (!tin_ok(result)) /* it is still being made: its own event told of it */
        return result;
    result = tin__compose_url((what->flags & INTERNET_FLAG_SECURE) != 0 ? L"https" : L"http",
                              server->url.host, server->url.port, what->path, &text);
    tin__native_release(server);
    if (tin_ok(result))
        result = tin__parse_url(text, &url);
    tin__wipe_text(text);
    if (tin_ok(result))
        result = tin__copy_wide(url.text, &request->place);
    if (!tin_ok(result)) {
        tin__free_url(&url);
        return result;
    }
    request->sender = &tin__request_sender;
    request->verb = what->verb;
    request->version = what->version;
    object->headers = what->headers;
    what->verb = what->version = what->headers = NULL;
    request->flags = tin__http_flags(object, what->flags);
    request->credentials = true;
    return tin__open_request(object, &url);
}

/* "Name: a, b", of what cannot hold a line of its own. */
static tin_result add_header(target *what, const wchar_t *name, const wchar_t *value)
{
    const wchar_t *const texts[] = {name, L": ", value, L"\r\n"};
    wchar_t *line;
    tin_result result;

    if (tin__has_control(value))
        return tin__fail(TIN_E_ARGUMENT);
    if (*value == L'\0')
        return tin__success();
    result = tin__join(texts, sizeof texts / sizeof texts[0], &line);
    if (!tin_ok(result))
        return result;
    result = tin__check_headers(line);
    if (tin_ok(result))
        result = tin__merge_headers(&what->headers, line, HTTP_ADDREQ_FLAG_COALESCE_WITH_COMMA);
    tin__wipe_text(line);
    return result;
}

/* A referrer has no fragment and names no user (RFC 9110, 10.1.3); in place. */
static void strip_referrer(wchar_t *referrer)
{
    tin__pieces pieces;
    wchar_t *authority;
    size_t user;

    tin__split_url(referrer, &pieces);
    if (pieces.fragment.text != NULL)
        referrer[pieces.fragment.text - referrer] = L'\0';
    if (pieces.authority.text == NULL)
        return;
    authority = referrer + (pieces.authority.text - referrer);
    for (user = pieces.authority.length; user > 0 && authority[user - 1] != L'@'; user--)
        ;
    wmemmove(authority, authority + user, wcslen(authority + user) + 1);
}

static tin_result add_referrer(target *what, const wchar_t *referrer)
{
    const size_t bytes = (wcslen(referrer) + 1) * sizeof *referrer;
    tin_result result;
    tin__room copy;

    if (tin__take_room(&copy, bytes) == NULL)
        return tin__fail(TIN_E_MEMORY);
    memcpy(copy.bytes, referrer, bytes);
    strip_referrer(copy.bytes);
    result = add_header(what, L"Referer", copy.bytes);
    tin__leave_room(&copy);
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
        result = add_referrer(what, referrer);
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
