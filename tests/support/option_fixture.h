/* SPDX-License-Identifier: MIT */
/*
 * What the tests of options share: a handle of each kind, opened anew for each test, and WinInet's
 * two functions, counted or stood in for. Included once by each program, whose line in
 * CMakeLists.txt says WRAP InternetSetOptionW InternetQueryOptionW.
 */
#ifndef TIN_TEST_OPTION_FIXTURE_H
#define TIN_TEST_OPTION_FIXTURE_H

#include "test.h"

#include "check.h"
#include "fault_ftp.h"
#include "fault_server.h"
#include "guarded_heap.h"
#include "internal.h"
#include "wrap.h"

#include <wchar.h>

#define END(array) ((array) + TEST_COUNT_OF(array))

/* ---- WinInet's option functions: counted, and stood in for ----------------------------------- */

TIN_WRAP(InternetSetOptionW);
TIN_WRAP(InternetQueryOptionW);

typedef BOOL stand_in(void *value, DWORD *size);

static struct {
    DWORD thread; /* whose calls are meant: WinInet's own threads set options, too */
    unsigned calls;
    HINTERNET handle; /* of the last call */
    DWORD option;
    const void *value;
    DWORD size;
    bool replaced;   /* WinInet itself is not called */
    DWORD error;     /* of the stand-in; 0: it succeeds */
    stand_in *query; /* NULL: fills the buffer */
} wininet;

static volatile LONG told[256]; /* what WinInet was told last, by any thread, if it was a DWORD */

/* From here on this thread's calls are counted; `replaced`: and do not reach WinInet. */
static void watch(bool replaced, DWORD error)
{
    memset(&wininet, 0, sizeof wininet);
    wininet.thread = GetCurrentThreadId();
    wininet.replaced = replaced;
    wininet.error = error;
}

static bool is_watched(HINTERNET handle, DWORD option, const void *value, DWORD size)
{
    if (GetCurrentThreadId() != wininet.thread)
        return false;
    wininet.calls++;
    wininet.handle = handle;
    wininet.option = option;
    wininet.value = value;
    wininet.size = size;
    return wininet.replaced;
}

static BOOL WINAPI wrap_InternetSetOptionW(HINTERNET handle, DWORD option, void *value, DWORD size)
{
    if (option < TEST_COUNT_OF(told) && value != NULL && size == sizeof(LONG))
        InterlockedExchange(&told[option], *(const LONG *)value);
    if (!is_watched(handle, option, value, size))
        return real_InternetSetOptionW(handle, option, value, size);
    SetLastError(wininet.error);
    return wininet.error == 0;
}

static BOOL WINAPI wrap_InternetQueryOptionW(HINTERNET handle, DWORD option, void *value,
                                             DWORD *size)
{
    if (!is_watched(handle, option, value, *size))
        return real_InternetQueryOptionW(handle, option, value, size);
    if (wininet.query != NULL)
        return wininet.query(value, size);
    SetLastError(wininet.error);
    if (wininet.error == 0)
        memset(value, 0x5B, *size);
    return wininet.error == 0;
}

/* ---- a handle of each kind ------------------------------------------------------------------- */

static const fault_step ok[] = {FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
                                FAULT_AGAIN};
static const fault_route all_ok[] = {{"*", ok}, {NULL, NULL}};

static fault_server *http, *ftp;
static tin_handle session, http_file, ftp_file, local_file;

typedef struct location {
    char level;
    const char *name;
    tin_handle *handle;
} location;

static tin_handle no_handle;
static const location places[] = {
    {'N', "process", &no_handle}, {'S', "session", &session},       {'R', "http file", &http_file},
    {'R', "ftp file", &ftp_file}, {'R', "local file", &local_file},
};

static tin_handle open_session(void)
{
    tin_handle handle;

    assert_ok(tin_open("thing/1", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &handle));
    return handle;
}

static tin_handle open_url(tin_handle parent, const char *url)
{
    tin_handle file;
    const tin_result result = tin_open_url(parent, url, NULL, INTERNET_FLAG_RELOAD, NULL, &file);

    if (!tin_ok(result))
        fail_msg("%s: %s", url, tin_error_name(result.error));
    return file;
}

/* What is set for the process outlives a test, and cannot be un-set by the public functions. */
static tin__settings process;

static int open_all(void **state)
{
    static const fault_ftp small = {.size = 10};

    (void)state;
    tin__settings_default(&process);
    http = fault_server_start_routes(all_ok);
    ftp = fault_ftp_start(&small);
    session = open_session();
    http_file = open_url(session, fault_server_url(http, "/"));
    ftp_file = open_url(session, fault_server_url_for(ftp, "ftp", "/a.bin"));
    local_file = open_url(session, test_file("ok", 2));
    return 0;
}

static int close_all(void **state)
{
    watch(false, 0);
    assert_ok(tin_close_handle(session));
    fault_server_release(http);
    fault_server_stop(http);
    fault_server_stop(ftp);
    for (int i = 0; i < TIN__NUMBERS; i++)
        tin__settings_set_number(NULL, (tin__number)i, process.numbers[i]);
    return test_files_remove(state);
}

static int nothing_is_left(void **state)
{
    (void)state;
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
    return 0;
}

static void expect_text(tin_handle handle, DWORD option, const char *expected)
{
    char text[64];
    size_t size = sizeof text;

    assert_ok(tin_query_option_text(handle, option, text, &size));
    assert_string_equal(text, expected);
}

static const char *new_url(const location *place)
{
    if (*place->handle == http_file)
        return fault_server_url(http, "/");
    if (*place->handle == ftp_file)
        return fault_server_url_for(ftp, "ftp", "/a.bin");
    return test_file("ok", 2);
}

#endif
