/* SPDX-License-Identifier: MIT */
/*
 * What an operation costs, in things that can be counted on any machine: calls of WinInet's, and
 * waits, heap allocations, wakes and locks of ours. The tables say how many each may take.
 */
#include "test.h"

#include <stdatomic.h>

#include "check.h"
#include "fault_server.h"
#include "guarded_heap.h"
#include "internal.h"
#include "wrap.h"

/* ---- counting -------------------------------------------------------------------------------- */

static atomic_ulong natives, reads, waits, wakes;

#define COUNTED(type, name, parameters, arguments)                                                 \
    TIN_WRAP(name);                                                                                \
    static type WINAPI wrap_##name parameters                                                      \
    {                                                                                              \
        natives++;                                                                                 \
        return real_##name arguments;                                                              \
    }

COUNTED(HINTERNET, InternetOpenUrlW,
        (HINTERNET session, LPCWSTR url, LPCWSTR headers, DWORD length, DWORD flags,
         DWORD_PTR context),
        (session, url, headers, length, flags, context))
/* A stream faster than any network: what is asked for is there, but not more at once than comes
 * together. */
static bool fast;
static DWORD together = MAXDWORD;

static BOOL read_now(LPINTERNET_BUFFERSW buffers)
{
    if (buffers->dwBufferLength > together)
        buffers->dwBufferLength = together;
    memset(buffers->lpvBuffer, 'x', buffers->dwBufferLength);
    return TRUE;
}

TIN_WRAP(InternetReadFileExW);

static BOOL WINAPI wrap_InternetReadFileExW(HINTERNET file, LPINTERNET_BUFFERSW buffers,
                                            DWORD flags, DWORD_PTR context)
{
    natives++;
    reads++;
    return fast ? read_now(buffers) : real_InternetReadFileExW(file, buffers, flags, context);
}

COUNTED(BOOL, InternetReadFile, (HINTERNET file, LPVOID buffer, DWORD size, LPDWORD got),
        (file, buffer, size, got))
COUNTED(BOOL, InternetQueryDataAvailable,
        (HINTERNET file, LPDWORD available, DWORD flags, DWORD_PTR context),
        (file, available, flags, context))
COUNTED(BOOL, HttpQueryInfoW,
        (HINTERNET request, DWORD info, LPVOID text, LPDWORD size, LPDWORD index),
        (request, info, text, size, index))
COUNTED(BOOL, InternetQueryOptionW, (HINTERNET handle, DWORD option, LPVOID value, LPDWORD size),
        (handle, option, value, size))
COUNTED(BOOL, InternetSetOptionW, (HINTERNET handle, DWORD option, LPVOID value, DWORD size),
        (handle, option, value, size))
COUNTED(BOOL, InternetCloseHandle, (HINTERNET handle), (handle))

TIN_WRAP(SleepConditionVariableSRW);

static BOOL WINAPI wrap_SleepConditionVariableSRW(PCONDITION_VARIABLE condition, PSRWLOCK lock,
                                                  DWORD timeout_ms, ULONG flags)
{
    waits++;
    return real_SleepConditionVariableSRW(condition, lock, timeout_ms, flags);
}

TIN_WRAP(WakeAllConditionVariable);

static void WINAPI wrap_WakeAllConditionVariable(PCONDITION_VARIABLE condition)
{
    wakes++;
    real_WakeAllConditionVariable(condition);
}

/* Those of the thread that runs the tests: each takes 64 ns under Wine 8, and a turn where threads
 * meet at it. */
static DWORD tester;
static unsigned long locks;

TIN_WRAP(AcquireSRWLockExclusive);
TIN_WRAP_STUB(AcquireSRWLockExclusive, PSRWLOCK);

static void WINAPI wrap_AcquireSRWLockExclusive(PSRWLOCK lock)
{
    if (GetCurrentThreadId() == tester)
        locks++;
    real_AcquireSRWLockExclusive(lock);
}

typedef struct costs {
    unsigned long natives, waits, allocations, wakes, locks;
} costs;

static costs spent(void)
{
    return (costs){natives, waits, (unsigned long)guarded_heap_asked(), wakes, locks};
}

static costs since(costs before)
{
    const costs now = spent();

    return (costs){now.natives - before.natives, now.waits - before.waits,
                   now.allocations - before.allocations, now.wakes - before.wakes,
                   now.locks - before.locks};
}

/* ---- operations ------------------------------------------------------------------------------ */

#define LINE "0123456789abcdef\r\n"
#define TEN(text) text text text text text text text text text text
#define PAGE(headers)                                                                              \
    "HTTP/1.1 200 OK\r\n" headers "Content-Length: 720\r\n\r\n" TEN(LINE) TEN(LINE) TEN(LINE)      \
        TEN(LINE)

/* Head and body in one segment: what is read is there, on any machine. */
static const fault_step page[] = {FAULT_SEND(PAGE("")), FAULT_AGAIN};
static const fault_step file_of_a_server[] = {
    FAULT_SEND(PAGE("Accept-Ranges: bytes\r\nETag: \"a\"\r\n")), FAULT_AGAIN};
static const fault_step large[] = {FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n"),
                                   FAULT_MUTE, FAULT_END};
static const fault_route routes[] = {
    {"/file", file_of_a_server},
    {"/large", large},
    {"*", page},
    {NULL, NULL},
};

static fault_server *server;
static tin_handle session, file;
static char text[65536];
static size_t got;

static tin_result open_at(const char *path)
{
    return tin_open_url(session, fault_server_url(server, path), NULL,
                        INTERNET_FLAG_RELOAD | INTERNET_FLAG_NO_CACHE_WRITE, NULL, &file);
}

static tin_result open_page(void)
{
    return open_at("/a/path?query");
}

static tin_result open_file(void)
{
    return open_at("/file");
}

static tin_result read_small(void)
{
    return tin_read_file(file, text, 5, &got);
}

static tin_result read_line(void)
{
    return tin_read_line(file, text, sizeof text, &got);
}

static tin_result read_available(void)
{
    return tin_read_available(file, text, 5, &got);
}

static tin_result query_available(void)
{
    return tin_query_data_available(file, &got);
}

static tin_result query_length(void)
{
    uint64_t length;

    return tin_get_length(file, &length);
}

static tin_result query_ours(void)
{
    DWORD value;

    return tin_query_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT, &value);
}

static tin_result query_wininets(void)
{
    DWORD value;

    return tin_query_option_dword(file, INTERNET_OPTION_REQUEST_FLAGS, &value);
}

static tin_result set_ours(void)
{
    return tin_set_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT, 20000);
}

static tin_result describe(void)
{
    got = tin_describe((tin_result){TIN_E_TIMEOUT, 12002}, text, sizeof text);
    return tin__success();
}

/* All of it in one read, or what is left. */
static tin_result read_large(void)
{
    return tin_read_file(file, text, sizeof text, &got);
}

static tin_handle other;

static tin_result open_other(void)
{
    return tin_open("counts", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &other);
}

static tin_result close_other(void)
{
    return tin_close_handle(other);
}

static tin_result close_file(void)
{
    return tin_close_handle(file);
}

/* In this order. How often a call that waits is woken depends on the machine; one wake of a close
 * is that of the server, which hears of it. Of the locks the guarded heap takes two or three for
 * each block that comes or goes. */
static const struct operation {
    const char *name;
    tin_result (*make)(void);
    costs most;
} operations[] = {
    {"open a session", open_other, {1, 0, 1, 0, 3}},
    {"close a session", close_other, {1, 0, 0, 0, 3}},
    {"open", open_page, {12, 2, 2, 12, 30}},
    {"first read", read_small, {2, 2, 1, 4, 12}},
    {"small read", read_small, {0, 0, 0, 0, 0}},
    {"line", read_line, {0, 0, 0, 0, 0}},
    {"what is available", read_available, {0, 0, 0, 0, 0}},
    {"how much is available", query_available, {0, 0, 0, 0, 0}},
    {"length", query_length, {0, 0, 0, 0, 0}},
    {"query an option of ours", query_ours, {0, 0, 0, 0, 0}},
    {"query an option of WinInet's", query_wininets, {1, 0, 0, 0, 2}},
    {"set an option of ours", set_ours, {0, 0, 0, 0, 1}},
    {"error as a sentence", describe, {0, 0, 0, 0, 0}},
    {"rest", read_large, {0, 0, 0, 0, 0}},
    {"end", read_small, {0, 0, 0, 0, 0}},
    {"close", close_file, {1, 0, 0, 1, 20}},
    {"open what can be sought in", open_file, {14, 2, 3, 12, 34}},
    {"read into the caller's memory", read_large, {2, 2, 0, 4, 10}},
    {"close what can be sought in", close_file, {1, 0, 0, 1, 20}},
};

static void operations_cost_no_more_than_this(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(operations); i++) {
        const struct operation *it = &operations[i];
        const costs before = spent();
        const tin_result result = it->make();
        const costs is = since(before);

        print_message(
            "%s: %lu calls of WinInet, %lu waits, %lu allocations, %lu wakes, %lu locks\n",
            it->name, is.natives, is.waits, is.allocations, is.wakes, is.locks);
        assert_error(it->name, result, TIN_OK);
        assert_row(it->name, is.natives <= it->most.natives);
        assert_row(it->name, is.waits <= it->most.waits);
        assert_row(it->name, is.allocations <= it->most.allocations);
        assert_row(it->name, is.wakes <= it->most.wakes);
        assert_row(it->name, is.locks <= it->most.locks);
    }
}

/* 8 MiB; the read buffer grows from 16 KiB to 1 MiB where the reader is not faster without it. The
 * wakes are those of the server. */
static void a_fast_stream_is_asked_seldom(void **state)
{
    static const struct {
        const char *name;
        size_t size;
        DWORD together;
        costs most;
    } rows[] = {
        {"1 KiB", 1024, MAXDWORD, {14, 0, 7, 20, 110}},
        {"4 KiB", 4096, MAXDWORD, {14, 0, 7, 20, 110}},
        {"64 KiB", 65536, MAXDWORD, {12, 0, 4, 20, 85}},
        {"128 KiB", 131072, MAXDWORD, {11, 0, 3, 20, 75}},
        {"256 KiB", 262144, MAXDWORD, {32, 0, 0, 20, 180}},
        {"1 MiB", 1048576, MAXDWORD, {8, 0, 0, 20, 48}},
        {"1 MiB, which comes in parts", 1048576, 307200, {32, 0, 0, 20, 180}},
        {"all of it", 8388608, MAXDWORD, {1, 0, 0, 20, 8}},
    };
    char *bytes = malloc(8388608);

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        size_t total = 0;
        costs before, is;

        assert_ok(open_at("/large"));
        fast = true;
        together = rows[i].together;
        before = spent();
        do {
            assert_error(rows[i].name, tin_read_file(file, bytes, rows[i].size, &got), TIN_OK);
            total += got;
        } while (got != 0);
        is = since(before);
        fast = false;
        print_message("%s: %lu calls of WinInet, %lu waits, %lu allocations, %lu locks\n",
                      rows[i].name, is.natives, is.waits, is.allocations, is.locks);
        assert_row(rows[i].name, total == 8388608);
        assert_row(rows[i].name, is.natives <= rows[i].most.natives);
        assert_row(rows[i].name, is.waits <= rows[i].most.waits);
        assert_row(rows[i].name, is.allocations <= rows[i].most.allocations);
        assert_row(rows[i].name, is.wakes <= rows[i].most.wakes);
        assert_row(rows[i].name, is.locks <= rows[i].most.locks);
        fault_server_release_one(server);
        assert_ok(tin_close_handle(file));
    }
    free(bytes);
}

/* Else a stream that is never waited for would go on for ever. */
static void nothing_is_asked_when_the_total_time_is_over(void **state)
{
    const uint64_t began = test_now_ms();
    unsigned long before;

    (void)state;
    assert_ok(tin_set_option_dword(session, TIN_OPTION_TOTAL_TIMEOUT, 1000));
    assert_ok(open_at("/large"));
    fast = true;
    assert_ok(tin_read_file(file, text, sizeof text, &got));
    while (test_now_ms() - began < 1100)
        Sleep(50);
    before = reads;
    assert_gives(tin_read_file(file, text, sizeof text, &got), TIN_E_TIMEOUT);
    assert_int_equal(reads, before);
    fast = false;
    fault_server_release_one(server);
    assert_ok(tin_close_handle(file));
}

static int set_up(void **state)
{
    (void)state;
    tester = GetCurrentThreadId();
    server = fault_server_start_routes(routes);
    return tin_ok(tin_open("counts", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session)) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    (void)tin_close_handle(session);
    fault_server_stop(server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(operations_cost_no_more_than_this, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_fast_stream_is_asked_seldom, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_asked_when_the_total_time_is_over, set_up,
                                        tear_down),
    };
    return test_run_group(tests, NULL, NULL);
}
