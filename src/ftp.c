/* SPDX-License-Identifier: MIT */
/*
 * Files on FTP servers. WinInet's FTP is used without INTERNET_FLAG_ASYNC, on pool threads: in Wine
 * 8 logging on and reading block all the same, a refused connection never completes, and the events
 * of a file come with its connection's context; and the server's own words are only to be had on
 * the thread on which the call was made.
 */
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "internal.h"

static const tin__stream_type ftp_stream;

/* ---- open ----------------------------------------------------------------------------------- */

static void wipe(char *text)
{
    if (text != NULL)
        SecureZeroMemory(text, strlen(text));
    free(text);
}

/* Names go out in UTF-8 (RFC 2640): the A functions send bytes as they are, the W functions would
 * turn them into the ANSI code page. */
static DWORD start_connect(tin__native *native, DWORD_PTR *value)
{
    const tin__url *url = &native->url;
    char *host = NULL, *user = NULL, *password = NULL;
    DWORD error = ERROR_NOT_ENOUGH_MEMORY;

    if (tin_ok(tin__narrow(url->host, &host)) && tin_ok(tin__narrow(url->user, &user)) &&
        tin_ok(tin__narrow(url->password, &password))) {
        *value = (DWORD_PTR)InternetConnectA(native->parent->handle, host, url->port, user,
                                             password, INTERNET_SERVICE_FTP, native->flags,
                                             (DWORD_PTR)native->token);
        error = *value != 0 ? ERROR_SUCCESS : tin__last_error();
    }
    free(host);
    free(user);
    wipe(password);
    return error;
}

static DWORD start_open(tin__native *native, DWORD_PTR *value)
{
    char *path;
    DWORD error;

    if (!tin_ok(tin__narrow(native->url.path, &path)))
        return ERROR_NOT_ENOUGH_MEMORY;
    *value = (DWORD_PTR)FtpOpenFileA(native->parent->handle, path, GENERIC_READ, native->flags,
                                     (DWORD_PTR)native->token);
    error = *value != 0 ? ERROR_SUCCESS : tin__last_error();
    free(path);
    return error;
}

static bool is_refusal(const wchar_t *response)
{
    return response != NULL && (response[0] == L'4' || response[0] == L'5');
}

/* For a server that refuses or leaves before the logon, Wine 8 says 12110 (a transfer is in
 * progress), which cannot be; for one that leaves later, 12003 (it said why), though it did not. */
static tin_result explain(tin__object *object, tin_result result)
{
    if (result.error != TIN_E_FTP && result.error != TIN_E_SERVER)
        return result;
    AcquireSRWLockShared(&object->lock);
    result.error = is_refusal(object->response) ? TIN_E_SERVER : TIN_E_CONNECTION_LOST;
    ReleaseSRWLockShared(&object->lock);
    return result;
}

/* One step of opening: a native below the one there is, and the call that gives it its handle. */
static tin_result step(tin__object *object, tin__url *url, DWORD flags, tin__start *start)
{
    tin__native *native;
    tin_result result =
        tin__native_create(object, object->native, InternetCloseHandle, false, url, &native);

    if (!tin_ok(result))
        return result;
    native->flags = flags;
    tin__set_native(object, native);
    tin__begin_phase(object, TIN__CONNECT);
    return explain(object, tin__call_on_thread(object, start));
}

static tin_result open_connected(tin__object *object, DWORD flags)
{
    tin__url url;
    tin_result result;

    tin__take_url(object, &url);
    result = step(object, &url, flags, start_open);
    tin__free_url(&url);
    return result;
}

static DWORD transfer_flags(const tin__url *url, DWORD flags)
{
    const DWORD type = flags & (FTP_TRANSFER_TYPE_ASCII | FTP_TRANSFER_TYPE_BINARY);

    flags &= ~(DWORD)(FTP_TRANSFER_TYPE_ASCII | FTP_TRANSFER_TYPE_BINARY);
    if (url->transfer_type != 0)
        return flags | url->transfer_type;
    return flags | (type != 0 ? type : FTP_TRANSFER_TYPE_BINARY);
}

/* The options INTERNET_OPTION_USERNAME and _PASSWORD stand in for a URL without a user. */
static tin_result add_user(tin__object *object, tin__url *url)
{
    tin__settings settings;
    const wchar_t *user, *password;
    tin_result result = tin__success();

    if (url->user != NULL)
        return result;
    AcquireSRWLockShared(&object->lock);
    tin__settings_copy(&settings, &object->settings);
    ReleaseSRWLockShared(&object->lock);
    user = tin__settings_words(&settings, TIN__USER);
    password = tin__settings_words(&settings, TIN__PASSWORD);
    if (user != NULL)
        result = tin__copy_wide(user, &url->user);
    if (tin_ok(result) && user != NULL)
        result = tin__copy_wide(password != NULL ? password : L"", &url->password);
    tin__settings_free(&settings);
    return result;
}

tin_result tin__connect_ftp(tin__object *object, tin__object *session, tin__url *url, DWORD flags)
{
    tin_result result = add_user(object, url);

    if (tin_ok(result)) /* one for each: Wine 8 keeps a session's connections in an unlocked list */
        result = tin__open_session(object, &session->session, 0);
    if (tin_ok(result))
        result = step(object, url, flags, start_connect);
    return result;
}

tin_result tin__open_ftp(tin__object *object, tin__object *session, tin__url *url, DWORD flags)
{
    tin_result result;

    flags = transfer_flags(url, flags);
    result = tin__connect_ftp(object, session, url, INTERNET_FLAG_PASSIVE);
    if (tin_ok(result))
        result = open_connected(object, flags);
    object->stream.type = &ftp_stream;
    return result;
}

/* ---- the body ------------------------------------------------------------------------------- */

/* InternetReadFile waits in Wine 8 until it has all it was asked for, so ask for what is there.
 * Wine 8 says ERROR_IO_PENDING once something has come, even in a session that is not
 * asynchronous. */
static DWORD start_read(tin__native *native, DWORD_PTR *value)
{
    DWORD available = 0, wanted;

    (void)value;
    while (!InternetQueryDataAvailable(native->handle, &available, 0, 0))
        if (GetLastError() != ERROR_IO_PENDING)
            return tin__last_error();
    /* none: the end, or a broken connection; reading tells which */
    wanted = available != 0 && available < native->wanted ? available : native->wanted;
    if (!InternetReadFile(native->handle, native->buffer, wanted, &native->transferred))
        return tin__last_error();
    return ERROR_SUCCESS;
}

static tin_result fill(tin__object *object, void *buffer, size_t size, size_t *got)
{
    tin__native *native = object->native;
    tin_result result;

    (void)buffer; /* the native's own: a call that was given up may still write there */
    native->wanted = (DWORD)size;
    tin__begin_phase(object, TIN__DATA_RECEIVE);
    result = tin__call_on_pool(object, start_read);
    *got = tin_ok(result) ? native->transferred : 0;
    return result;
}

static DWORD start_finish(tin__native *native, DWORD_PTR *value)
{
    (void)value;
    tin__native_close(native);
    return TIN__SAID_NOTHING; /* always "fails": so that what the server says last is kept */
}

static bool is_reply(const wchar_t *response)
{
    return iswdigit(response[0]) && iswdigit(response[1]) && iswdigit(response[2]);
}

/* What the server said of the whole transfer, when the file was closed. Where WinInet shows neither
 * words nor that it waited for some, there is nothing to judge by. */
static tin_error verdict(const wchar_t *response, const tin__native *connection)
{
    if (response == NULL)
        return connection->asked && !connection->answered ? TIN_E_CONNECTION_LOST : TIN_OK;
    if (!is_reply(response))
        return TIN_E_CONNECTION_LOST;
    return is_refusal(response) ? TIN_E_TRUNCATED : TIN_OK;
}

/* A transfer that the server breaks off ends like any other (seen under Wine 8); but what it says
 * when the file is closed tells: "226 ..." or, for one, "426 ...". */
static tin_result finish(tin__object *object)
{
    tin__native *connection = object->native->parent;
    tin_result result;
    tin_error error;

    AcquireSRWLockExclusive(&object->lock);
    free(object->response);
    object->response = NULL;
    connection->asked = connection->answered = false;
    ReleaseSRWLockExclusive(&object->lock);
    tin__begin_phase(object, TIN__RECEIVE);
    result = tin__call_on_thread(object, start_finish);
    if (object->native == NULL || result.last_error != 0)
        return result;
    AcquireSRWLockExclusive(&object->lock);
    error = verdict(object->response, connection);
    if (error == TIN_OK) { /* "226 Transfer complete" is nothing to be told of */
        free(object->response);
        object->response = NULL;
    }
    ReleaseSRWLockExclusive(&object->lock);
    return error == TIN_OK ? tin__success() : tin__fail(error);
}

static const tin__stream_type ftp_stream = {.fill = fill, .finish = finish};
