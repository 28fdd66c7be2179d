/* SPDX-License-Identifier: MIT */
/* Connections: what requests, and files on FTP servers, are opened under. */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "ftp.h"
#include "http.h"

typedef struct target {
    tin__url url; /* host, port, user, password */
    DWORD service, flags;
} target;

/* ---- http: nothing goes out yet ------------------------------------------------------------- */

/* An IPv6 address wants its brackets: Wine 8 takes "::1" for a name, and sends "Host: ::1:80". */
static DWORD start_connect(tin__native *native, DWORD_PTR *value)
{
    const bool bare = wcschr(native->url.host, L':') == NULL;
    wchar_t host[TIN__HOST_SIZE + 2];
    HINTERNET connection;

    _snwprintf(host, sizeof host / sizeof *host, bare ? L"%ls" : L"[%ls]", native->url.host);
    connection = InternetConnectW(native->parent->handle, host, native->url.port, NULL, NULL,
                                  INTERNET_SERVICE_HTTP, 0, (DWORD_PTR)native->token);
    *value = (DWORD_PTR)connection;
    return connection != NULL ? ERROR_SUCCESS : tin__last_error();
}

tin_result tin__connect_http(tin__object *object, tin__url *url)
{
    tin__native *native;
    tin_result result =
        tin__native_create(object, object->base, InternetCloseHandle, true, url, &native);

    if (!tin_ok(result))
        return result;
    native->quiet = true;
    tin__set_native(object, native);
    return tin__call(object, start_connect);
}

/* A user of the connection's own is no longer the session's. */
static tin_result keep_user(tin__object *object, const tin__url *url)
{
    tin_result result;

    if (url->user == NULL)
        return tin__success();
    AcquireSRWLockExclusive(&object->lock);
    result = tin__settings_set_words(&object->settings, TIN__USER, url->user);
    if (tin_ok(result))
        result = tin__settings_set_words(&object->settings, TIN__PASSWORD, url->password);
    ReleaseSRWLockExclusive(&object->lock);
    return result;
}

static tin_result open_connection(tin__object *object, tin__object *session, void *how)
{
    target *what = how;
    tin_result result = keep_user(object, &what->url);

    if (!tin_ok(result))
        return result;
    if (what->service == INTERNET_SERVICE_FTP)
        return tin__connect_ftp(object, session, &what->url, what->flags);
    return tin__connect_http(object, &what->url);
}

/* ---- what is asked for ---------------------------------------------------------------------- */

static tin_result check_service(DWORD service, INTERNET_PORT *port)
{
    if (service == INTERNET_SERVICE_GOPHER)
        return tin__fail(TIN_E_UNSUPPORTED);
    if (service != INTERNET_SERVICE_HTTP && service != INTERNET_SERVICE_FTP)
        return tin__fail(TIN_E_ARGUMENT);
    if (*port == INTERNET_INVALID_PORT_NUMBER)
        *port = service == INTERNET_SERVICE_FTP ? INTERNET_DEFAULT_FTP_PORT
                                                : INTERNET_DEFAULT_HTTP_PORT;
    return tin__success();
}

/* A name, an IPv4 address, or an IPv6 address with its brackets or without. */
static tin_result read_server(const wchar_t *server, wchar_t host[TIN__HOST_SIZE])
{
    wchar_t bare[TIN__HOST_SIZE];
    size_t length;

    if (server == NULL || *server == L'\0' || wcslen(server) >= TIN__HOST_SIZE)
        return tin__fail(TIN_E_ARGUMENT);
    wcscpy(bare, server);
    length = wcslen(bare);
    if (bare[0] == L'[' && bare[length - 1] == L']') {
        bare[length - 1] = L'\0';
        wmemmove(bare, bare + 1, length - 1);
    }
    if (!tin__host_name(bare, host) && !tin__ipv6_address(bare, host))
        return tin__fail(TIN_E_ARGUMENT);
    return tin__success();
}

static bool has_line_break(const wchar_t *text)
{
    return text != NULL && wcspbrk(text, L"\r\n") != NULL;
}

/* A password without a user is a mistake; a user without a password has an empty one: without any,
 * Wine 8 crashes when the server asks for it. */
static tin_result read_user(const wchar_t *user, const wchar_t *password, tin__url *url)
{
    tin_result result;

    if (user == NULL)
        return password == NULL ? tin__success() : tin__fail(TIN_E_ARGUMENT);
    if (has_line_break(user) || has_line_break(password))
        return tin__fail(TIN_E_ARGUMENT);
    result = tin__copy_wide(user, &url->user);
    if (tin_ok(result))
        result = tin__copy_wide(password != NULL ? password : L"", &url->password);
    return result;
}

tin_result tin_connect_w(tin_handle session, const wchar_t *server, INTERNET_PORT port,
                         const wchar_t *user, const wchar_t *password, DWORD service, DWORD flags,
                         void *context, tin_handle *connection)
{
    const tin__kind kind =
        service == INTERNET_SERVICE_FTP ? TIN__FTP_CONNECTION : TIN__HTTP_CONNECTION;
    target what = {.service = service, .flags = flags};
    tin_result result;

    if (connection == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    *connection = NULL;
    result = check_service(service, &port);
    if (tin_ok(result))
        result = read_server(server, what.url.host);
    if (tin_ok(result))
        result = read_user(user, password, &what.url);
    what.url.port = port;
    what.url.scheme = service == INTERNET_SERVICE_FTP ? TIN__FTP : TIN__HTTP;
    if (tin_ok(result))
        result = tin__open_child(session, TIN__SESSION, kind, context, open_connection, &what,
                                 connection);
    tin__free_url(&what.url);
    return result;
}

tin_result tin_connect(tin_handle session, const char *server, INTERNET_PORT port, const char *user,
                       const char *password, DWORD service, DWORD flags, void *context,
                       tin_handle *connection)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, server, user, password);

    if (tin_ok(result))
        result = tin_connect_w(session, wide.text[0], port, wide.text[1], wide.text[2], service,
                               flags, context, connection);
    else if (connection != NULL)
        *connection = NULL;
    return tin__forget(&wide, result);
}
