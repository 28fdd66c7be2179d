/* SPDX-License-Identifier: MIT */
/*
 * Files on FTP servers. WinInet's FTP is used without INTERNET_FLAG_ASYNC, on pool threads: in Wine 8
 * logging on and reading block all the same, a refused connection never completes, and the events of a
 * file come with its connection's context; and the server's own words are only to be had on the thread
 * on which the call was made.
 */
#include <stdlib.h>

#include "internal.h"

static const tin__stream_type ftp_stream;

/* ---- open ---------------------------------------------------------------------------------------- */

static DWORD start_connect(tin__native *native, DWORD_PTR *value)
{
    const tin__url *url = &native->url;
    HINTERNET connection =
        InternetConnectW(native->parent->handle, url->host, url->port, url->user, url->password,
                         INTERNET_SERVICE_FTP, INTERNET_FLAG_PASSIVE, (DWORD_PTR)native->token);

    if (connection == NULL)
        return tin__last_error();
    *value = (DWORD_PTR)connection;
    return ERROR_SUCCESS;
}

static DWORD start_open(tin__native *native, DWORD_PTR *value)
{
    HINTERNET file = FtpOpenFileW(native->parent->handle, native->url.path, GENERIC_READ, native->flags,
                                  (DWORD_PTR)native->token);

    if (file == NULL)
        return tin__last_error();
    *value = (DWORD_PTR)file;
    return ERROR_SUCCESS;
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
    return tin__call_on_pool(object, start);
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

tin_result tin__open_ftp(tin__object *object, tin__object *session, tin__url *url, DWORD flags)
{
    tin_result result = add_user(object, url);

    flags = transfer_flags(url, flags);
    if (tin_ok(result)) /* one for each file: Wine 8 keeps a session's connections in an unlocked list */
        result = tin__open_session(object, &session->session, 0);
    if (tin_ok(result))
        result = step(object, url, 0, start_connect);
    if (tin_ok(result))
        result = step(object, &object->native->url, flags, start_open);
    object->stream.type = &ftp_stream;
    return result;
}

/* ---- the body ------------------------------------------------------------------------------------ */

/* InternetReadFile waits in Wine 8 until it has all it was asked for, so ask for what is there. Wine 8
 * says ERROR_IO_PENDING once something has come, even in a session that is not asynchronous. */
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

/* A transfer that the server breaks off ends like any other (seen under Wine 8); but what it says when
 * the file is closed tells: "226 ..." or, for one, "426 ...". */
static tin_result finish(tin__object *object)
{
    bool broken_off;
    tin_result result;

    tin__begin_phase(object, TIN__RECEIVE);
    result = tin__call_on_pool(object, start_finish);
    if (object->native == NULL)
        return result;
    AcquireSRWLockShared(&object->lock);
    broken_off = object->response != NULL && (object->response[0] == L'4' || object->response[0] == L'5');
    ReleaseSRWLockShared(&object->lock);
    return broken_off ? tin__fail(TIN_E_TRUNCATED) : tin__success();
}

static const tin__stream_type ftp_stream = {fill, finish, false};
