/* SPDX-License-Identifier: MIT */
#include "fake_wininet.h"

#include "wrap.h"

#include <wchar.h>

enum { HANDLES = 512, LATER = 64, READS = 8 };

typedef enum kind {
    NO_HANDLE,
    SESSION,
    HTTP_CONNECTION,
    REQUEST,
    CONNECTION,
    FTP_FILE,
    FTP_FIND
} kind;

typedef struct fake_handle {
    kind kind; /* stays when it is closed */
    bool open;
    bool asynchronous;
    bool closed_for_us;
    unsigned closes;
    bool starting; /* a thread of WinInet's is about to use it, by its number */
    bool sending;  /* the same, for the head of a body that is streamed */
    struct fake_handle *parent;
    DWORD_PTR context;
    INTERNET_STATUS_CALLBACK callback;
    DWORD status; /* of the answer */
    size_t from;  /* where in the body the answer begins */
    size_t at;    /* in the body */
} fake_handle;

/* A callback that is still to come. */
typedef struct event {
    HINTERNET handle;
    INTERNET_STATUS_CALLBACK callback;
    DWORD_PTR context;
    DWORD code;
    INTERNET_ASYNC_RESULT result;
} event;

static SRWLOCK lock = SRWLOCK_INIT; /* for all that follows */
static CONDITION_VARIABLE quiet = CONDITION_VARIABLE_INIT;
static fake_handle handles[HANDLES];
static unsigned handle_count;
static event late[LATER];
static unsigned late_count;
static unsigned elsewhere; /* events, and work of the library's, on their way on other threads */
static bool released;
static const char *complaint;
static fake_call open_call;
static fake_call call_plans[FAKE_FUNCTIONS];
static unsigned calls_made[FAKE_FUNCTIONS];
static unsigned redirects;
static fake_call reads[READS];
static size_t read_count, reads_done;
static fake_when closing;
static unsigned closings;
static bool odd_events;
static DWORD request_flags, security_flags;
static const char *last_words;
static struct {
    fake_function function;
    unsigned countdown; /* 0: no call fails */
    bool failed;
    DWORD error;
} failing;

/* ---- calls that fail ------------------------------------------------------------------------- */

const char *fake_name(fake_function function)
{
    static const char *const names[] = {
#define FAKE_NAME(name) #name,
        FAKE_FUNCTION_MAP(FAKE_NAME)
#undef FAKE_NAME
    };

    return names[function];
}

void fake_fail(fake_function function, unsigned nth, DWORD error)
{
    AcquireSRWLockExclusive(&lock);
    failing.function = function;
    failing.countdown = nth;
    failing.failed = false;
    failing.error = error;
    ReleaseSRWLockExclusive(&lock);
}

bool fake_has_failed(void)
{
    bool value;

    AcquireSRWLockExclusive(&lock);
    value = failing.failed;
    failing.countdown = 0;
    ReleaseSRWLockExclusive(&lock);
    return value;
}

/* Whether this is the call that fails; then GetLastError is set. */
static bool fails(fake_function function)
{
    bool now;
    DWORD error;

    AcquireSRWLockExclusive(&lock);
    calls_made[function]++;
    now = failing.function == function && failing.countdown != 0 && --failing.countdown == 0;
    failing.failed |= now;
    error = failing.error;
    ReleaseSRWLockExclusive(&lock);
    if (now)
        SetLastError(error);
    return now;
}

#define FAILS(name) fails(FAKE_##name)

unsigned fake_calls(fake_function function)
{
    unsigned made;

    AcquireSRWLockExclusive(&lock);
    made = calls_made[function];
    ReleaseSRWLockExclusive(&lock);
    return made;
}

static BOOL fail_with(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

/* ---- handles --------------------------------------------------------------------------------- */

static HINTERNET value_of(const fake_handle *handle)
{
    return (HINTERNET)(ULONG_PTR)(0x4000 + (handle - handles));
}

/* The open handle of this kind; NULL, with a complaint, if it is none. */
static fake_handle *find(HINTERNET value, kind expected)
{
    const ULONG_PTR index = (ULONG_PTR)value - 0x4000;
    fake_handle *handle = index < handle_count ? &handles[index] : NULL;

    if (handle == NULL || handle->kind != expected || !handle->open) {
        complaint = "a handle was used that is not open, or of another kind";
        SetLastError(ERROR_INVALID_HANDLE);
        return NULL;
    }
    return handle;
}

static fake_handle *create(kind what, fake_handle *parent, DWORD_PTR context)
{
    fake_handle *handle;

    AcquireSRWLockExclusive(&lock);
    if (handle_count == HANDLES)
        abort();
    handle = &handles[handle_count++];
    memset(handle, 0, sizeof *handle);
    handle->kind = what;
    handle->open = true;
    handle->parent = parent;
    handle->context = context;
    if (parent != NULL) {
        handle->asynchronous = parent->asynchronous;
        handle->callback = parent->callback;
    }
    ReleaseSRWLockExclusive(&lock);
    return handle;
}

/* ---- callbacks ------------------------------------------------------------------------------- */

static event event_of(const fake_handle *handle, DWORD code, DWORD_PTR result, DWORD error)
{
    return (event){value_of(handle), handle->callback, handle->context, code, {result, error}};
}

static void call(event e)
{
    DWORD size = sizeof e.result;

    if (e.callback == NULL || e.context == 0)
        return;
    if (e.code == INTERNET_STATUS_HANDLE_CLOSING) { /* it says which handle, and no more */
        e.result.dwResult = (DWORD_PTR)e.handle;
        size = sizeof e.handle;
    }
    e.callback(e.handle, e.context, e.code, &e.result, size);
}

static void one_less_elsewhere(void)
{
    AcquireSRWLockExclusive(&lock);
    elsewhere--;
    ReleaseSRWLockExclusive(&lock);
    WakeAllConditionVariable(&quiet);
}

static void CALLBACK call_elsewhere(PTP_CALLBACK_INSTANCE instance, void *context)
{
    event *e = context;

    (void)instance;
    call(*e);
    free(e);
    one_less_elsewhere();
}

TIN_WRAP(TrySubmitThreadpoolCallback);

static void post(event e, fake_when when)
{
    event *copy;

    AcquireSRWLockExclusive(&lock);
    if (when == FAKE_LATE && released)
        when = FAKE_AT_ONCE;
    if (when == FAKE_LATE)
        late[late_count++ % LATER] = e;
    if (when == FAKE_ELSEWHERE)
        elsewhere++;
    ReleaseSRWLockExclusive(&lock);

    if (when == FAKE_AT_ONCE)
        call(e);
    if (when != FAKE_ELSEWHERE)
        return;
    copy = malloc(sizeof *copy);
    if (copy == NULL)
        abort();
    *copy = e;
    if (!real_TrySubmitThreadpoolCallback(call_elsewhere, copy, NULL))
        abort();
}

void fake_await_others(void)
{
    AcquireSRWLockExclusive(&lock);
    while (elsewhere != 0)
        SleepConditionVariableSRW(&quiet, &lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&lock);
}

static void say(fake_handle *handle, DWORD code, const void *data, DWORD size)
{
    if (handle->callback != NULL && handle->context != 0)
        handle->callback(value_of(handle), handle->context, code, (void *)data, size);
}

static void say_bytes(fake_handle *handle, DWORD code, DWORD bytes)
{
    say(handle, code, &bytes, sizeof bytes);
}

/* What no system was seen to send. */
static void say_odd_things(fake_handle *handle)
{
    static const DWORD codes[] = {
        INTERNET_STATUS_RESOLVING_NAME,        INTERNET_STATUS_NAME_RESOLVED,
        INTERNET_STATUS_CONNECTING_TO_SERVER,  INTERNET_STATUS_CONNECTED_TO_SERVER,
        INTERNET_STATUS_SENDING_REQUEST,       INTERNET_STATUS_REQUEST_SENT,
        INTERNET_STATUS_RECEIVING_RESPONSE,    INTERNET_STATUS_RESPONSE_RECEIVED,
        INTERNET_STATUS_STATE_CHANGE,          INTERNET_STATUS_HANDLE_CREATED,
        INTERNET_STATUS_INTERMEDIATE_RESPONSE, 12345};

    for (size_t i = 0; i < TEST_COUNT_OF(codes); i++) {
        say(handle, codes[i], NULL, 0);
        say(handle, codes[i], NULL, 8);
    }
    for (DWORD size = 0; size < 4; size++) {
        say(handle, INTERNET_STATUS_NAME_RESOLVED, "127", size); /* none with its NUL */
        say(handle, INTERNET_STATUS_REQUEST_SENT, "127", size);
        say(handle, INTERNET_STATUS_STATE_CHANGE, "127", size);
    }
}

/* What an exchange with a server looks like. */
static void say_exchange(fake_handle *handle)
{
    static const wchar_t name[] = L"fake.example";
    static const char address[] = "127.0.0.1";

    if (odd_events)
        say_odd_things(handle);
    say(handle, INTERNET_STATUS_RESOLVING_NAME, name, sizeof name);
    say(handle, INTERNET_STATUS_NAME_RESOLVED, address, sizeof address);
    say(handle, INTERNET_STATUS_CONNECTING_TO_SERVER, address, sizeof address);
    say(handle, INTERNET_STATUS_CONNECTED_TO_SERVER, address, sizeof address);
    say(handle, INTERNET_STATUS_SENDING_REQUEST, NULL, 0);
    say_bytes(handle, INTERNET_STATUS_REQUEST_SENT, 100);
    say(handle, INTERNET_STATUS_RECEIVING_RESPONSE, NULL, 0);
    say_bytes(handle, INTERNET_STATUS_RESPONSE_RECEIVED, 100);
}

/* What was to start late does. */
static void start_late(void)
{
    for (unsigned i = 0; i < handle_count; i++) {
        const bool starts = handles[i].starting;

        handles[i].starting = handles[i].sending = false;
        if (starts)
            say_exchange(&handles[i]);
    }
}

void fake_release(void)
{
    AcquireSRWLockExclusive(&lock);
    released = true;
    ReleaseSRWLockExclusive(&lock);
    start_late();
    for (unsigned i = 0; i < late_count; i++)
        call(late[i]);
    late_count = 0;
}

/* ---- sessions -------------------------------------------------------------------------------- */

TIN_WRAP(InternetOpenW);
TIN_WRAP(InternetSetStatusCallbackW);
TIN_WRAP(InternetCloseHandle);
TIN_WRAP(InternetSetOptionW);
TIN_WRAP(InternetQueryOptionW);

static HINTERNET WINAPI wrap_InternetOpenW(LPCWSTR agent, DWORD type, LPCWSTR proxy, LPCWSTR bypass,
                                           DWORD flags)
{
    fake_handle *handle;

    (void)agent, (void)type, (void)proxy, (void)bypass;
    if (FAILS(InternetOpenW))
        return NULL;
    handle = create(SESSION, NULL, 0);
    handle->asynchronous = (flags & INTERNET_FLAG_ASYNC) != 0;
    return value_of(handle);
}

static INTERNET_STATUS_CALLBACK WINAPI
wrap_InternetSetStatusCallbackW(HINTERNET session, INTERNET_STATUS_CALLBACK callback)
{
    fake_handle *handle;

    if (FAILS(InternetSetStatusCallbackW))
        return INTERNET_INVALID_STATUS_CALLBACK;
    handle = find(session, SESSION);
    if (handle != NULL)
        handle->callback = callback;
    return NULL;
}

static void close_handle(fake_handle *handle, fake_when when)
{
    AcquireSRWLockExclusive(&lock);
    handle->open = false;
    for (unsigned i = 0; i < handle_count; i++)
        if (handles[i].open && handles[i].parent == handle)
            complaint = "a handle was closed before its children";
    ReleaseSRWLockExclusive(&lock);
    if (handle->kind == FTP_FILE &&
        handle->parent->open) { /* now the server says how the transfer went */
        say(handle->parent, INTERNET_STATUS_RECEIVING_RESPONSE, NULL, 0);
        say_bytes(handle->parent, INTERNET_STATUS_RESPONSE_RECEIVED, 10);
    }
    for (unsigned i = 0; i < closings; i++)
        post(event_of(handle, INTERNET_STATUS_HANDLE_CLOSING, 0, 0), when);
}

static BOOL WINAPI wrap_InternetCloseHandle(HINTERNET value)
{
    const ULONG_PTR index = (ULONG_PTR)value - 0x4000;

    AcquireSRWLockExclusive(&lock);
    if (index < handle_count && (handles[index].starting || handles[index].sending))
        complaint = "a handle was closed while WinInet was still starting its request";
    if (index < handle_count)
        handles[index].closes++;
    else
        complaint = "what is no handle was closed";
    ReleaseSRWLockExclusive(&lock);
    if (index >= handle_count || !handles[index].open)
        return fail_with(ERROR_INVALID_HANDLE);
    close_handle(&handles[index], closing);
    return TRUE;
}

static BOOL WINAPI wrap_InternetSetOptionW(HINTERNET handle, DWORD option, LPVOID value, DWORD size)
{
    (void)handle, (void)option, (void)value, (void)size;
    return !FAILS(InternetSetOptionW);
}

static BOOL WINAPI wrap_InternetQueryOptionW(HINTERNET handle, DWORD option, LPVOID value,
                                             LPDWORD size)
{
    static const wchar_t agent[] = L"an agent";

    (void)handle;
    if (FAILS(InternetQueryOptionW))
        return FALSE;
    if (option == INTERNET_OPTION_USER_AGENT) {
        if (*size < sizeof agent) {
            *size = sizeof agent;
            return fail_with(ERROR_INSUFFICIENT_BUFFER);
        }
        memcpy(value, agent, sizeof agent);
        *size = sizeof agent - sizeof *agent;
        return TRUE;
    }
    if (option == INTERNET_OPTION_REQUEST_FLAGS)
        memcpy(value, &request_flags, sizeof request_flags);
    else if (option == INTERNET_OPTION_SECURITY_FLAGS)
        memcpy(value, &security_flags, sizeof security_flags);
    else
        return fail_with(ERROR_INTERNET_INVALID_OPTION);
    *size = sizeof(DWORD);
    return TRUE;
}

/* ---- HTTP ------------------------------------------------------------------------------------ */

TIN_WRAP(InternetOpenUrlW);
TIN_WRAP(InternetReadFileExW);
TIN_WRAP(HttpQueryInfoW);

static void complete(fake_handle *handle, const fake_call *plan, DWORD_PTR result)
{
    const unsigned times = plan->times != 0 ? plan->times : 1;
    const event e = event_of(handle, INTERNET_STATUS_REQUEST_COMPLETE, plan->fails ? 0 : result,
                             plan->fails ? plan->error : 0);

    if (plan->closed_for_us) {
        handle->closed_for_us = true;
        close_handle(handle, FAKE_AT_ONCE);
    }
    for (unsigned i = 0; i < times && plan->completes != FAKE_NEVER; i++)
        post(e, plan->completes);
}

/* "Range: bytes=10-" is the only one that is understood. */
static void begin_answer(fake_handle *handle, const wchar_t *headers)
{
    const wchar_t *range = headers != NULL ? wcsstr(headers, L"Range: bytes=") : NULL;

    handle->status = range != NULL ? HTTP_STATUS_PARTIAL_CONTENT : HTTP_STATUS_OK;
    handle->at = range != NULL ? (size_t)wcstoul(range + wcslen(L"Range: bytes="), NULL, 10) : 0;
    handle->from = handle->at;
}

static HINTERNET WINAPI wrap_InternetOpenUrlW(HINTERNET session, LPCWSTR url, LPCWSTR headers,
                                              DWORD size, DWORD flags, DWORD_PTR context)
{
    fake_handle *parent = find(session, SESSION), *handle;
    HINTERNET value;

    (void)url, (void)size, (void)flags;
    if (parent == NULL || FAILS(InternetOpenUrlW))
        return NULL;
    handle = create(REQUEST, parent, context);
    begin_answer(handle, headers);
    value = value_of(handle);
    for (unsigned i = 0; i < open_call.created; i++)
        call(event_of(handle, INTERNET_STATUS_HANDLE_CREATED, (DWORD_PTR)value, 0));
    handle->starting = open_call.starts_late;
    if (!handle->starting && (open_call.returns == 0 || open_call.returns == ERROR_IO_PENDING))
        say_exchange(handle);
    if (open_call.created == 0 && (open_call.fails || open_call.completes == FAKE_NEVER) &&
        open_call.returns != 0)
        handle->open = false; /* nobody ever hears of it */
    complete(handle, &open_call, (DWORD_PTR)value);
    SetLastError(open_call.returns);
    return open_call.returns == 0 ? value : NULL;
}

static BOOL WINAPI wrap_InternetReadFileExW(HINTERNET request, INTERNET_BUFFERSW *buffers,
                                            DWORD flags, DWORD_PTR context)
{
    static const fake_call good = {.bytes = sizeof FAKE_BODY};
    fake_handle *handle = find(request, REQUEST);
    const fake_call *plan;
    DWORD size;

    (void)flags, (void)context;
    if (handle == NULL || FAILS(InternetReadFileExW))
        return FALSE;
    plan = reads_done < read_count ? &reads[reads_done++] : &good;
    size = (DWORD)(strlen(FAKE_BODY) - handle->at);
    if (size > plan->bytes)
        size = plan->bytes;
    if (size > buffers->dwBufferLength)
        size = buffers->dwBufferLength;
    if (plan->returns != ERROR_IO_PENDING) { /* else nothing is stored, nor is the size touched */
        memcpy(buffers->lpvBuffer, &FAKE_BODY[handle->at], size);
        buffers->dwBufferLength = plan->claims != 0 ? plan->claims : size;
        handle->at += size;
    }
    complete(handle, plan, 1);
    SetLastError(plan->returns);
    return plan->returns == 0;
}

static BOOL answer(const wchar_t *text, void *buffer, DWORD *size)
{
    const DWORD length = (DWORD)(wcslen(text) * sizeof *text);

    if (*size < length + sizeof *text) {
        *size = length + (DWORD)sizeof *text;
        return fail_with(ERROR_INSUFFICIENT_BUFFER);
    }
    memcpy(buffer, text, length + sizeof *text);
    *size = length;
    return TRUE;
}

static BOOL WINAPI wrap_HttpQueryInfoW(HINTERNET request, DWORD info, LPVOID buffer, LPDWORD size,
                                       LPDWORD index)
{
    const unsigned whole = (unsigned)strlen(FAKE_BODY);
    fake_handle *handle = find(request, REQUEST);
    const bool moved = handle != NULL && handle->status == HTTP_STATUS_REDIRECT_KEEP_VERB;
    const bool part = handle != NULL && handle->status == HTTP_STATUS_PARTIAL_CONTENT;
    wchar_t text[64];

    if (handle == NULL || FAILS(HttpQueryInfoW))
        return FALSE;
    switch (info) {
    case HTTP_QUERY_STATUS_CODE | HTTP_QUERY_FLAG_NUMBER:
        memcpy(buffer, &handle->status, sizeof handle->status);
        return TRUE;
    case HTTP_QUERY_STATUS_CODE:
        swprintf(text, TEST_COUNT_OF(text), L"%u", (unsigned)handle->status);
        return answer(text, buffer, size);
    case HTTP_QUERY_LOCATION:
        return moved ? answer(L"/moved", buffer, size) : fail_with(ERROR_HTTP_HEADER_NOT_FOUND);
    case HTTP_QUERY_ACCEPT_RANGES:
        return answer(L"bytes", buffer, size);
    case HTTP_QUERY_ETAG:
        return answer(L"\"1\"", buffer, size);
    case HTTP_QUERY_CONTENT_RANGE:
        swprintf(text, TEST_COUNT_OF(text), L"bytes %u-%u/%u", (unsigned)handle->from, whole - 1,
                 whole);
        return part ? answer(text, buffer, size) : fail_with(ERROR_HTTP_HEADER_NOT_FOUND);
    case HTTP_QUERY_RAW_HEADERS_CRLF:
        return answer(L"HTTP/1.1 200 OK\r\nServer: fake\r\n\r\n", buffer, size);
    case HTTP_QUERY_CUSTOM:
        return answer(L"200", buffer, size);
    case HTTP_QUERY_CONTENT_LENGTH:
        if (index != NULL && *index != 0)
            return fail_with(ERROR_HTTP_HEADER_NOT_FOUND);
        swprintf(text, TEST_COUNT_OF(text), L"%u", moved ? 0 : whole - (unsigned)handle->from);
        return answer(text, buffer, size);
    default:
        return fail_with(ERROR_HTTP_HEADER_NOT_FOUND);
    }
}

/* ---- requests -------------------------------------------------------------------------------- */

TIN_WRAP(InternetConnectW);
TIN_WRAP(HttpOpenRequestW);
TIN_WRAP(HttpAddRequestHeadersW);
TIN_WRAP(HttpSendRequestW);
TIN_WRAP(HttpSendRequestExW);
TIN_WRAP(HttpEndRequestW);
TIN_WRAP(InternetWriteFile);

static HINTERNET announce(fake_handle *handle)
{
    const HINTERNET value = value_of(handle);

    call(event_of(handle, INTERNET_STATUS_HANDLE_CREATED, (DWORD_PTR)value, 0));
    return value;
}

static HINTERNET WINAPI wrap_InternetConnectW(HINTERNET session, LPCWSTR server, INTERNET_PORT port,
                                              LPCWSTR user, LPCWSTR password, DWORD service,
                                              DWORD flags, DWORD_PTR context)
{
    fake_handle *parent = find(session, SESSION);

    (void)server, (void)port, (void)user, (void)password, (void)service, (void)flags;
    if (parent == NULL || FAILS(InternetConnectW))
        return NULL;
    return announce(create(HTTP_CONNECTION, parent, context));
}

static HINTERNET WINAPI wrap_HttpOpenRequestW(HINTERNET connection, LPCWSTR verb, LPCWSTR object,
                                              LPCWSTR version, LPCWSTR referrer, LPCWSTR *types,
                                              DWORD flags, DWORD_PTR context)
{
    fake_handle *parent = find(connection, HTTP_CONNECTION);

    (void)verb, (void)object, (void)version, (void)referrer, (void)types, (void)flags;
    if (parent == NULL || FAILS(HttpOpenRequestW))
        return NULL;
    return announce(create(REQUEST, parent, context));
}

static BOOL WINAPI wrap_HttpAddRequestHeadersW(HINTERNET request, LPCWSTR headers, DWORD size,
                                               DWORD modifiers)
{
    (void)headers, (void)size, (void)modifiers;
    return find(request, REQUEST) != NULL && !FAILS(HttpAddRequestHeadersW);
}

/* A call as it is planned. */
static BOOL go(fake_handle *handle, fake_function function)
{
    const fake_call *plan = &call_plans[function];

    complete(handle, plan, 1);
    SetLastError(plan->returns);
    return plan->returns == 0;
}

static void begin_next_answer(fake_handle *handle)
{
    begin_answer(handle, NULL);
    if (redirects != 0) {
        redirects--;
        handle->status = HTTP_STATUS_REDIRECT_KEEP_VERB;
    }
}

static BOOL WINAPI wrap_HttpSendRequestW(HINTERNET request, LPCWSTR headers, DWORD headers_size,
                                         LPVOID body, DWORD size)
{
    fake_handle *handle = find(request, REQUEST);

    (void)headers, (void)headers_size, (void)body, (void)size;
    if (handle == NULL || FAILS(HttpSendRequestW))
        return FALSE;
    begin_next_answer(handle);
    say_exchange(handle);
    return go(handle, FAKE_HttpSendRequestW);
}

static BOOL WINAPI wrap_HttpSendRequestExW(HINTERNET request, LPINTERNET_BUFFERSW in,
                                           LPINTERNET_BUFFERSW out, DWORD flags, DWORD_PTR context)
{
    fake_handle *handle = find(request, REQUEST);

    (void)in, (void)out, (void)flags, (void)context;
    if (handle == NULL || FAILS(HttpSendRequestExW))
        return FALSE;
    say(handle, INTERNET_STATUS_SENDING_REQUEST, NULL, 0);
    say_bytes(handle, INTERNET_STATUS_REQUEST_SENT, 100);
    handle->sending = call_plans[FAKE_HttpSendRequestExW].returns == ERROR_IO_PENDING &&
                      call_plans[FAKE_HttpSendRequestExW].completes == FAKE_LATE;
    return go(handle, FAKE_HttpSendRequestExW);
}

static BOOL WINAPI wrap_HttpEndRequestW(HINTERNET request, LPINTERNET_BUFFERSW buffers, DWORD flags,
                                        DWORD_PTR context)
{
    fake_handle *handle = find(request, REQUEST);

    (void)buffers, (void)flags;
    if (handle == NULL || FAILS(HttpEndRequestW))
        return FALSE;
    if (context == 0) /* the end of a body that is given up */
        return fail_with(ERROR_INTERNET_TIMEOUT);
    begin_next_answer(handle);
    say(handle, INTERNET_STATUS_RECEIVING_RESPONSE, NULL, 0);
    say_bytes(handle, INTERNET_STATUS_RESPONSE_RECEIVED, 100);
    return go(handle, FAKE_HttpEndRequestW);
}

/* On requests, and on FTP's files, which have no completions. */
static BOOL WINAPI wrap_InternetWriteFile(HINTERNET file, LPCVOID bytes, DWORD size,
                                          LPDWORD written)
{
    const ULONG_PTR index = (ULONG_PTR)file - 0x4000;
    const bool ftp = index < handle_count && handles[index].kind == FTP_FILE;
    fake_handle *handle = find(file, ftp ? FTP_FILE : REQUEST);

    (void)bytes;
    if (handle == NULL || FAILS(InternetWriteFile))
        return FALSE;
    *written = size;
    return ftp || go(handle, FAKE_InternetWriteFile);
}

/* ---- FTP ------------------------------------------------------------------------------------- */

TIN_WRAP(InternetConnectA);
TIN_WRAP(FtpCommandA);
TIN_WRAP(FtpFindFirstFileA);
TIN_WRAP(InternetFindNextFileA);
TIN_WRAP(FtpGetCurrentDirectoryA);
TIN_WRAP(FtpSetCurrentDirectoryA);
TIN_WRAP(FtpCreateDirectoryA);
TIN_WRAP(FtpRemoveDirectoryA);
TIN_WRAP(FtpDeleteFileA);
TIN_WRAP(FtpRenameFileA);
TIN_WRAP(FtpOpenFileA);
TIN_WRAP(InternetReadFile);
TIN_WRAP(InternetQueryDataAvailable);
TIN_WRAP(InternetGetLastResponseInfoA);

static HINTERNET WINAPI wrap_InternetConnectA(HINTERNET session, LPCSTR server, INTERNET_PORT port,
                                              LPCSTR user, LPCSTR password, DWORD service,
                                              DWORD flags, DWORD_PTR context)
{
    fake_handle *parent = find(session, SESSION), *handle;

    (void)server, (void)port, (void)user, (void)password, (void)service, (void)flags;
    if (parent == NULL)
        return NULL;
    handle = create(CONNECTION, parent, context);
    call(event_of(handle, INTERNET_STATUS_HANDLE_CREATED, (DWORD_PTR)value_of(handle), 0));
    say_exchange(handle);
    if (FAILS(InternetConnectA)) {
        handle->open = false;
        return NULL;
    }
    return value_of(handle);
}

/* One command and its reply. */
static fake_handle *converse(HINTERNET connection)
{
    fake_handle *handle = find(connection, CONNECTION);

    if (handle == NULL)
        return NULL;
    say(handle, INTERNET_STATUS_SENDING_REQUEST, NULL, 0);
    say_bytes(handle, INTERNET_STATUS_REQUEST_SENT, 10);
    say(handle, INTERNET_STATUS_RECEIVING_RESPONSE, NULL, 0);
    say_bytes(handle, INTERNET_STATUS_RESPONSE_RECEIVED, 10);
    return handle;
}

#define ONE_NAME(function)                                                                         \
    static BOOL WINAPI wrap_##function(HINTERNET connection, LPCSTR name)                          \
    {                                                                                              \
        (void)name;                                                                                \
        return converse(connection) != NULL && !FAILS(function);                                   \
    }
ONE_NAME(FtpSetCurrentDirectoryA)
ONE_NAME(FtpCreateDirectoryA)
ONE_NAME(FtpRemoveDirectoryA)
ONE_NAME(FtpDeleteFileA)

static BOOL WINAPI wrap_FtpRenameFileA(HINTERNET connection, LPCSTR existing, LPCSTR new_name)
{
    (void)existing, (void)new_name;
    return converse(connection) != NULL && !FAILS(FtpRenameFileA);
}

static BOOL WINAPI wrap_FtpGetCurrentDirectoryA(HINTERNET connection, LPSTR name, LPDWORD size)
{
    if (converse(connection) == NULL || FAILS(FtpGetCurrentDirectoryA))
        return FALSE;
    snprintf(name, *size, "/here");
    return TRUE;
}

static BOOL WINAPI wrap_FtpCommandA(HINTERNET connection, BOOL expects, DWORD flags, LPCSTR command,
                                    DWORD_PTR context, HINTERNET *data)
{
    fake_handle *parent = converse(connection);

    (void)flags, (void)command;
    if (parent == NULL || FAILS(FtpCommandA))
        return FALSE;
    if (expects)
        *data = value_of(create(FTP_FILE, parent, context));
    return TRUE;
}

static void fill_entry(WIN32_FIND_DATAA *entry, const char *name, DWORD size)
{
    memset(entry, 0, sizeof *entry);
    strcpy(entry->cFileName, name);
    entry->nFileSizeLow = size;
}

/* Two files; the first is so large that the listing does not say how large. */
static HINTERNET WINAPI wrap_FtpFindFirstFileA(HINTERNET connection, LPCSTR search,
                                               LPWIN32_FIND_DATAA entry, DWORD flags,
                                               DWORD_PTR context)
{
    fake_handle *parent = converse(connection);

    (void)search, (void)flags;
    if (parent == NULL || FAILS(FtpFindFirstFileA))
        return NULL;
    fill_entry(entry, "large", 0x7FFFFFFF);
    return value_of(create(FTP_FIND, parent, context));
}

static BOOL WINAPI wrap_InternetFindNextFileA(HINTERNET find_handle, LPVOID entry)
{
    fake_handle *handle = find(find_handle, FTP_FIND);

    if (handle == NULL || FAILS(InternetFindNextFileA))
        return FALSE;
    if (handle->at++ != 0)
        return fail_with(ERROR_NO_MORE_FILES);
    fill_entry(entry, "small", 27);
    return TRUE;
}

static HINTERNET WINAPI wrap_FtpOpenFileA(HINTERNET connection, LPCSTR name, DWORD access,
                                          DWORD flags, DWORD_PTR context)
{
    fake_handle *parent = find(connection, CONNECTION);

    (void)name, (void)access, (void)flags;
    if (parent == NULL)
        return NULL;
    say(parent, INTERNET_STATUS_RECEIVING_RESPONSE, NULL, 0);
    say_bytes(parent, INTERNET_STATUS_RESPONSE_RECEIVED, 10);
    if (FAILS(FtpOpenFileA))
        return NULL;
    return value_of(create(FTP_FILE, parent, context));
}

static BOOL WINAPI wrap_InternetQueryDataAvailable(HINTERNET file, LPDWORD available, DWORD flags,
                                                   DWORD_PTR context)
{
    fake_handle *handle = find(file, FTP_FILE);

    (void)flags, (void)context;
    if (handle == NULL || FAILS(InternetQueryDataAvailable))
        return FALSE;
    *available = (DWORD)(strlen(FAKE_BODY) - handle->at);
    return TRUE;
}

static BOOL WINAPI wrap_InternetReadFile(HINTERNET file, LPVOID buffer, DWORD size, LPDWORD got)
{
    fake_handle *handle = find(file, FTP_FILE);

    if (handle == NULL || FAILS(InternetReadFile))
        return FALSE;
    *got = (DWORD)(strlen(FAKE_BODY) - handle->at);
    if (*got > size)
        *got = size;
    memcpy(buffer, &FAKE_BODY[handle->at], *got);
    handle->at += *got;
    return TRUE;
}

static BOOL WINAPI wrap_InternetGetLastResponseInfoA(LPDWORD error, LPSTR buffer, LPDWORD size)
{
    const DWORD length = (DWORD)strlen(last_words);

    if (FAILS(InternetGetLastResponseInfoA))
        return FALSE;
    *error = 0;
    if (buffer == NULL || *size < length) {
        *size = length;
        return fail_with(ERROR_INSUFFICIENT_BUFFER);
    }
    memcpy(buffer, last_words, length < *size ? length + 1 : length);
    *size = length;
    return TRUE;
}

/* ---- Windows --------------------------------------------------------------------------------- */

TIN_WRAP(CreateFileW);
TIN_WRAP(ReadFile);
TIN_WRAP(WriteFile);
TIN_WRAP(GetFileSizeEx);

static HANDLE WINAPI wrap_CreateFileW(LPCWSTR name, DWORD access, DWORD share,
                                      LPSECURITY_ATTRIBUTES security, DWORD disposition,
                                      DWORD flags, HANDLE pattern)
{
    if (FAILS(CreateFileW))
        return INVALID_HANDLE_VALUE;
    return real_CreateFileW(name, access, share, security, disposition, flags, pattern);
}

/* Done at once or later is the system's affair; here an overlapped call is always pending, and
 * GetOverlappedResult tells how it went. */
static BOOL pend(BOOL done, LPOVERLAPPED overlapped)
{
    return done && overlapped == NULL ? TRUE : done ? fail_with(ERROR_IO_PENDING) : FALSE;
}

static BOOL WINAPI wrap_ReadFile(HANDLE file, LPVOID buffer, DWORD size, LPDWORD got,
                                 LPOVERLAPPED overlapped)
{
    return !FAILS(ReadFile) && pend(real_ReadFile(file, buffer, size, got, overlapped), overlapped);
}

static BOOL WINAPI wrap_WriteFile(HANDLE file, LPCVOID bytes, DWORD size, LPDWORD written,
                                  LPOVERLAPPED overlapped)
{
    return !FAILS(WriteFile) &&
           pend(real_WriteFile(file, bytes, size, written, overlapped), overlapped);
}

static BOOL WINAPI wrap_GetFileSizeEx(HANDLE file, PLARGE_INTEGER size)
{
    return !FAILS(GetFileSizeEx) && real_GetFileSizeEx(file, size);
}

typedef struct work {
    PTP_SIMPLE_CALLBACK callback;
    void *context;
} work;

static void CALLBACK do_work(PTP_CALLBACK_INSTANCE instance, void *context)
{
    const work todo = *(work *)context;

    free(context);
    todo.callback(instance, todo.context);
    one_less_elsewhere();
}

static BOOL WINAPI wrap_TrySubmitThreadpoolCallback(PTP_SIMPLE_CALLBACK callback, PVOID context,
                                                    PTP_CALLBACK_ENVIRON environment)
{
    work *todo;

    if (FAILS(TrySubmitThreadpoolCallback))
        return FALSE;
    todo = malloc(sizeof *todo);
    if (todo == NULL)
        abort();
    *todo = (work){callback, context};
    AcquireSRWLockExclusive(&lock);
    elsewhere++;
    ReleaseSRWLockExclusive(&lock);
    if (!real_TrySubmitThreadpoolCallback(do_work, todo, environment))
        abort();
    return TRUE;
}

TIN_WRAP(GetOverlappedResult);
TIN_WRAP(GetFileType);
TIN_WRAP(CloseHandle);
TIN_WRAP(GetFileAttributesW);
TIN_WRAP(MoveFileExW);
TIN_WRAP(InitOnceExecuteOnce);
TIN_WRAP(TlsAlloc);
TIN_WRAP(VirtualAlloc); /* also the guarded heap's */
TIN_WRAP(CreateThread);

static BOOL WINAPI wrap_GetOverlappedResult(HANDLE file, LPOVERLAPPED overlapped, LPDWORD moved,
                                            BOOL waits)
{
    const BOOL done = real_GetOverlappedResult(file, overlapped, moved, waits);

    return !FAILS(GetOverlappedResult) && done; /* nothing is in flight any more */
}

static DWORD WINAPI wrap_GetFileType(HANDLE file)
{
    return FAILS(GetFileType) ? FILE_TYPE_UNKNOWN : real_GetFileType(file);
}

/* It is closed, whatever it says. */
static BOOL WINAPI wrap_CloseHandle(HANDLE handle)
{
    return real_CloseHandle(handle) && !FAILS(CloseHandle);
}

static DWORD WINAPI wrap_GetFileAttributesW(LPCWSTR name)
{
    return FAILS(GetFileAttributesW) ? INVALID_FILE_ATTRIBUTES : real_GetFileAttributesW(name);
}

static BOOL WINAPI wrap_MoveFileExW(LPCWSTR from, LPCWSTR to, DWORD flags)
{
    return !FAILS(MoveFileExW) && real_MoveFileExW(from, to, flags);
}

static BOOL WINAPI wrap_InitOnceExecuteOnce(PINIT_ONCE once, PINIT_ONCE_FN function,
                                            PVOID parameter, LPVOID *context)
{
    return !FAILS(InitOnceExecuteOnce) &&
           real_InitOnceExecuteOnce(once, function, parameter, context);
}

static LPVOID WINAPI wrap_VirtualAlloc(LPVOID address, SIZE_T size, DWORD type, DWORD protection)
{
    return FAILS(VirtualAlloc) ? NULL : real_VirtualAlloc(address, size, type, protection);
}

static DWORD WINAPI wrap_TlsAlloc(void)
{
    return FAILS(TlsAlloc) ? TLS_OUT_OF_INDEXES : real_TlsAlloc();
}

static HANDLE WINAPI wrap_CreateThread(LPSECURITY_ATTRIBUTES security, SIZE_T stack,
                                       LPTHREAD_START_ROUTINE start, LPVOID context, DWORD flags,
                                       LPDWORD id)
{
    return FAILS(CreateThread) ? NULL
                               : real_CreateThread(security, stack, start, context, flags, id);
}

/* ---- plans and account ----------------------------------------------------------------------- */

void fake_plan_open(const fake_call *plan)
{
    open_call = *plan;
}

void fake_plan_reads(const fake_call *plans, size_t count)
{
    if (count > READS)
        abort();
    memcpy(reads, plans, count * sizeof *plans);
    read_count = count;
    reads_done = 0;
}

void fake_plan_calls(fake_function function, const fake_call *plan)
{
    call_plans[function] = *plan;
}

void fake_plan_redirects(unsigned count)
{
    redirects = count;
}

void fake_plan_closing(fake_when when)
{
    closing = when;
}

void fake_plan_closings(unsigned times)
{
    closings = times;
}

void fake_plan_odd_events(void)
{
    odd_events = true;
}

void fake_plan_flags(DWORD request, DWORD security)
{
    request_flags = request;
    security_flags = security;
}

void fake_plan_last_words(const char *words)
{
    last_words = words;
}

void fake_reset(void)
{
    static const fake_call usual = {
        .created = 1, .returns = ERROR_IO_PENDING, .completes = FAKE_ELSEWHERE};

    AcquireSRWLockExclusive(&lock);
    memset(handles, 0, sizeof handles);
    handle_count = late_count = 0;
    released = false;
    complaint = NULL;
    open_call = usual;
    for (int i = 0; i < FAKE_FUNCTIONS; i++)
        call_plans[i] = usual;
    call_plans[FAKE_InternetWriteFile] = (fake_call){0};
    memset(calls_made, 0, sizeof calls_made);
    redirects = 0;
    read_count = reads_done = 0;
    closing = FAKE_AT_ONCE;
    closings = 1;
    odd_events = false;
    request_flags = security_flags = 0;
    last_words = "226 Transfer complete";
    failing.countdown = 0;
    failing.failed = false;
    ReleaseSRWLockExclusive(&lock);
}

const char *fake_complaint(void)
{
    static char text[128];
    const char *what;

    fake_await_others();
    AcquireSRWLockExclusive(&lock);
    what = complaint;
    for (unsigned i = 0; i < handle_count && what == NULL; i++) {
        const bool ours = !handles[i].closed_for_us && handles[i].kind != NO_HANDLE;

        if (!handles[i].open && handles[i].closes == 0)
            continue; /* nobody was ever told of it, or WinInet closed it */
        if (handles[i].closes != (ours ? 1u : 0u)) {
            snprintf(text, sizeof text, "handle %u, of kind %d, was closed %u times", i,
                     (int)handles[i].kind, handles[i].closes);
            what = text;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    return what;
}
