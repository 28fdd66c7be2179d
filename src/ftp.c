/* SPDX-License-Identifier: MIT */
/*
 * Connections to FTP servers: the logon, and how one call on a connection is made. WinInet's FTP is
 * used without INTERNET_FLAG_ASYNC, on threads of our own: in Wine 8 logging on and reading block
 * all the same, a refused connection never completes, and the events of a file come with its
 * connection's context; and the server's own words are only to be had on the thread on which the
 * call was made.
 */
#include <stdlib.h>
#include <wchar.h>

#include "ftp.h"

/* ---- what the server says ------------------------------------------------------------------- */

static bool starts_reply(const wchar_t *line)
{
    return tin__is_digit(line[0]) && tin__is_digit(line[1]) && tin__is_digit(line[2]);
}

const wchar_t *tin__ftp_reply(const wchar_t *response)
{
    const wchar_t *reply = NULL;

    for (const wchar_t *line = response; line != NULL; line = wcschr(line, L'\n')) {
        line += *line == L'\n';
        if (starts_reply(line))
            reply = line;
    }
    return reply;
}

bool tin__ftp_refused(const wchar_t *response)
{
    const wchar_t *reply = tin__ftp_reply(response);

    return reply != NULL && (reply[0] == L'4' || reply[0] == L'5');
}

static bool says(const wchar_t *response, const wchar_t *code)
{
    const wchar_t *reply = tin__ftp_reply(response);

    return reply != NULL && wcsncmp(reply, code, 3) == 0;
}

/* For a server that refuses or leaves before the logon, Wine 8 says 12110 (a transfer is in
 * progress), which cannot be; for one that leaves later, 12003 (it said why), though it did not, or
 * nothing at all. */
static tin_error why(const tin__object *object, const tin__native *connection, tin_result result)
{
    const bool unanswered = !connection->answered;

    if (result.error == TIN_E_INTERNAL && result.last_error == 0 && unanswered)
        return TIN_E_CONNECTION_LOST;
    if (result.error != TIN_E_FTP && result.error != TIN_E_SERVER)
        return result.error;
    if (tin__ftp_refused(object->response)) /* to TYPE, Wine 8 takes 530 for any other refusal */
        return says(object->response, L"530") ? TIN_E_AUTH : TIN_E_SERVER;
    if (unanswered || tin__ftp_reply(object->response) == NULL)
        return TIN_E_CONNECTION_LOST;
    return TIN_E_PROTOCOL; /* a reply that this command cannot have */
}

void tin__ftp_keep_response(tin__object *object, tin__native *native)
{
    tin__set_response(object, native->response);
    native->response = NULL;
}

/* ---- one call ------------------------------------------------------------------------------- */

static tin__native *connection_of(tin__native *native)
{
    return native->owner->kind == TIN__FTP_CONNECTION || native->parent->parent == NULL
               ? native
               : native->parent;
}

/* A file that was closed in the middle is torn down in the background, where Wine 8 waits for the
 * server's last word on it: nobody else may take that word for his own. When the connection is only
 * used by its owner and by this call, it is over. False: a call that the file was closed in has
 * ended the connection. */
static bool await_turn(tin__native *connection)
{
    bool good;

    AcquireSRWLockExclusive(&connection->owner->lock);
    while (connection->users > 2 && tin_ok(connection->failed))
        tin__sleep(connection->owner, INFINITE);
    good = tin_ok(connection->failed);
    ReleaseSRWLockExclusive(&connection->owner->lock);
    return good;
}

/* What WinInet tells of the connection is for this file or find from here on: native.c ends it. */
static void let_hear(tin__native *connection, tin__native *native)
{
    AcquireSRWLockExclusive(&connection->owner->lock);
    connection->listener = native->owner;
    ReleaseSRWLockExclusive(&connection->owner->lock);
}

static DWORD start_function(tin__native *native, DWORD_PTR *value)
{
    tin__native *connection = connection_of(native);

    if (!await_turn(connection) || native->given_up)
        return ERROR_OPERATION_ABORTED;
    if (connection != native)
        let_hear(connection, native);
    *value = native->function(native);
    return *value != 0 ? ERROR_SUCCESS : tin__last_error();
}

static tin_result set_name(tin__native *native, int which, const wchar_t *name)
{
    tin__wipe_utf8(native->names[which]);
    return tin__narrow(name, &native->names[which]);
}

static tin_result make(tin__object *object, tin__native *connection, tin__phase phase)
{
    tin_result result;

    AcquireSRWLockExclusive(&object->lock);
    connection->asked = connection->answered = false;
    ReleaseSRWLockExclusive(&object->lock);
    object->native->wants_words = false;
    tin__begin_phase(object, phase);
    result = tin__call_on_thread(object, start_function);
    if (object->native == NULL) /* given up */
        return result;
    if (result.last_error == ERROR_OPERATION_ABORTED && !tin_ok(connection->failed))
        return connection->failed; /* while it waited for its turn */
    AcquireSRWLockShared(&object->lock);
    result.error = why(object, connection, result);
    ReleaseSRWLockShared(&object->lock);
    return result;
}

tin_result tin__ftp_open(tin__object *object, tin__native *parent, tin__phase phase,
                         tin__ftp_function *function, const wchar_t *name, DWORD flags,
                         tin__url *url)
{
    tin__native *native;
    tin_result result =
        tin__native_create(object, parent, InternetCloseHandle, false, url, &native);

    if (!tin_ok(result))
        return result;
    native->flags = flags;
    native->function = function;
    result = set_name(native, 0, name);
    tin__set_native(object, native);
    return tin_ok(result) ? make(object, connection_of(native), phase) : result;
}

tin_result tin__ftp_ask(tin__object *object, tin__ftp_function *function)
{
    object->native->function = function;
    return make(object, connection_of(object->native), TIN__RECEIVE);
}

tin_result tin__ftp_call(tin__object *connection, tin__ftp_function *function, const wchar_t *first,
                         const wchar_t *second)
{
    tin__native *native = connection->native;
    tin_result result = set_name(native, 0, first);

    if (tin_ok(result))
        result = set_name(native, 1, second);
    if (!tin_ok(result))
        return result;
    native->function = function;
    AcquireSRWLockExclusive(&connection->lock);
    connection->began = 0; /* the total time-out is for one call: a connection may live long */
    ReleaseSRWLockExclusive(&connection->lock);
    result = make(connection, native, TIN__RECEIVE);
    if (connection->native == NULL)
        connection->stream.failed = result;
    return result;
}

/* ---- may a call be made? -------------------------------------------------------------------- */

static tin_result check(tin__object *connection)
{
    tin__native *native = connection->native;

    if (connection->cancelled)
        return tin__fail(TIN_E_CANCELLED);
    if (native != NULL && !tin_ok(native->failed)) {
        connection->stream.failed = native->failed;
        tin__set_native(connection, NULL);
    }
    if (!tin_ok(connection->stream.failed))
        return connection->stream.failed;
    return tin__has_children(connection) ? tin__fail(TIN_E_FTP) : tin__success();
}

tin__object *tin__ftp_enter(tin_handle handle, tin_result *result)
{
    tin__object *connection = tin__enter(handle, TIN__FTP_CONNECTION, result);

    if (connection == NULL)
        return NULL;
    *result = check(connection);
    if (tin_ok(*result))
        return connection;
    *result = tin__leave(connection, *result);
    return NULL;
}

tin_result tin__ftp_check(const wchar_t *name)
{
    if (name == NULL || *name == L'\0' || tin__has_control(name))
        return tin__fail(TIN_E_ARGUMENT);
    return tin__success();
}

tin__object *tin__ftp_enter_for(tin_handle handle, const wchar_t *name, tin_result *result)
{
    *result = tin__ftp_check(name);
    return tin_ok(*result) ? tin__ftp_enter(handle, result) : NULL;
}

DWORD tin__ftp_transfer_flags(DWORD type, DWORD flags)
{
    const DWORD both = FTP_TRANSFER_TYPE_ASCII | FTP_TRANSFER_TYPE_BINARY;

    if (type == 0)
        type = (flags & both) != 0 ? flags & both : FTP_TRANSFER_TYPE_BINARY;
    return (flags & ~both) | type;
}

/* ---- logon ---------------------------------------------------------------------------------- */

/* Names go out in UTF-8 (RFC 2640): the A functions send bytes as they are, the W functions would
 * turn them into the ANSI code page. */
static DWORD_PTR log_on(tin__native *native)
{
    const tin__url *url = &native->url;
    char *host = NULL, *user = NULL, *password = NULL;
    HINTERNET connection = NULL;
    DWORD error = ERROR_NOT_ENOUGH_MEMORY;

    if (tin_ok(tin__narrow(url->host, &host)) && tin_ok(tin__narrow(url->user, &user)) &&
        tin_ok(tin__narrow(url->password, &password))) {
        connection =
            InternetConnectA(native->parent->handle, host, url->port, user, password,
                             INTERNET_SERVICE_FTP, native->flags, (DWORD_PTR)native->token);
        error = GetLastError();
    }
    free(host);
    tin__wipe_utf8(user);
    tin__wipe_utf8(password);
    SetLastError(error);
    return (DWORD_PTR)connection;
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

/* WinInet's flag is the other way round. */
static DWORD connect_flags(DWORD flags)
{
    const DWORD other = flags & ~(DWORD)(TIN_FLAG_ACTIVE | INTERNET_FLAG_PASSIVE);

    return (flags & TIN_FLAG_ACTIVE) != 0 ? other : other | INTERNET_FLAG_PASSIVE;
}

tin_result tin__connect_ftp(tin__object *object, tin__object *session, tin__url *url, DWORD flags)
{
    tin__native *native;
    tin_result result = add_user(object, url);

    if (tin_ok(result)) /* one for each: Wine 8 keeps a session's connections in an unlocked list */
        result = tin__open_session(object, &session->session, 0);
    if (tin_ok(result))
        result =
            tin__native_create(object, object->native, InternetCloseHandle, false, url, &native);
    if (!tin_ok(result))
        return result;
    native->flags = connect_flags(flags);
    native->function = log_on;
    tin__set_native(object, native);
    return make(object, native, TIN__CONNECT);
}
