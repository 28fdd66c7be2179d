/* SPDX-License-Identifier: MIT */
/* What the tests by real servers (tests/servers/start) share. Include it instead of test.h. */
#ifndef TIN_TEST_REAL_SERVER_H
#define TIN_TEST_REAL_SERVER_H

#include "test.h"

#include <thininet/thininet.h>

enum { CHUNK = 65536, MIB = 1048576, NAMES = 32, NAME_SIZE = 512 };

#define FLAGS (INTERNET_FLAG_RELOAD | INTERNET_FLAG_NO_CACHE_WRITE | INTERNET_FLAG_NO_COOKIES)
#define HELLO "Hello from thininet's test server.\n"

#define assert_row(name, condition)                                                                \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("%s: %s", name, #condition);                                                  \
    } while (0)
void assert_error(const char *name, tin_result result, tin_error expected);
void assert_text(const char *name, const char *is, const char *should_be);
void assert_starts(const char *name, const char *is, const char *start);

/* ---- Each test has a session, and leaves nothing behind ------------------------------------- */

/* WinInet sends what it knows from one session in all others of the process, too. */
void forget_logins(void);
int open_session(void **state);
int close_session(void **state);
#define TEST(function) cmocka_unit_test_setup_teardown(function, open_session, close_session)

/* ---- URLs: server is the name of an environment variable ------------------------------------ */

/* Valid until NAMES more were asked for. */
char *next_name(void);
const char *url_of(const char *server, const char *path);
const char *url_with_user(const char *server, const char *user, const char *path);
/* By the name "localhost", under which no other test goes there: so no connection was kept. */
const char *url_by_name(const char *server, const char *path);
tin_handle open_with(const char *name, tin_handle session, const char *url, const char *headers,
                     DWORD flags);
tin_handle open_page(const char *name, tin_handle session, const char *url);
void close_page(const char *name, tin_handle file);
/* A connection, and a request below a connection of its own, which closes with the session. */
tin_handle connect_to(const char *name, tin_handle session, const char *server, const char *user,
                      const char *password);
tin_handle request_to(const char *name, tin_handle session, const char *server, const char *verb,
                      const char *path);

/* ---- Bodies --------------------------------------------------------------------------------- */

typedef tin_result read_function(tin_handle file, void *buffer, size_t size, size_t *got);

typedef struct body {
    tin_result result; /* of the call that failed, or of the last */
    bool short_read;   /* a read in the middle that did not fill its buffer */
    size_t size;
    char *bytes; /* with a NUL behind them; for free() */
} body;

/* To the end, or to the first failure. Asserts nothing: any thread may call it. */
body read_body(tin_handle file, size_t chunk, read_function *read_some);
body fetch(tin_handle session, const char *url, const char *headers, DWORD flags, void *context);

typedef bool body_check(const body *read);
bool is_text(const body *read, const char *text);
/* 1m.bin */
bool is_counter(const body *read);
/* page.html */
bool is_page(const body *read);
/* hello.txt */
bool is_hello(const body *read);
bool is_empty(const body *read);
void assert_fetches(const char *name, tin_handle session, const char *url, body_check *check);
void assert_open_fails(const char *name, tin_handle session, const char *url, tin_error expected);

/* Asked for its size first; the size must be right to the byte. */
const char *option_text(const char *name, tin_handle handle, DWORD option);
DWORD http_status(tin_handle file);

/* ---- What the status callback hears --------------------------------------------------------- */

typedef struct event {
    DWORD code;
    tin_handle about;
    tin_handle handle;
    uint64_t bytes;
    tin_result result;
    bool has_text;
    char text[128];
} event;

typedef struct event_log {
    DWORD thread;    /* on which they must come */
    size_t strays;   /* that came on another one, or too many to be kept */
    size_t connects; /* CONNECTED_TO_SERVER */
    size_t count;
    event events[256];
} event_log;

void keep_event(tin_handle about, void *context, const tin_status *status);
void count_events(tin_handle about, void *context, const tin_status *status);
void watch(tin_handle handle, tin_status_callback *callback, event_log *log);
/* The n-th event with this code; NULL if there are not so many. */
const event *find_event(const event_log *log, DWORD code, size_t n);
const event *only_event(const event_log *log, DWORD code);
/* These come in this order; others may come between them. */
void assert_order(const event_log *log, const DWORD *codes, size_t count);
/* One file was opened with this result and closed, and nothing was heard before or after. */
void assert_bounds(const event_log *log, tin_handle session, tin_handle file, tin_result result);

#endif
