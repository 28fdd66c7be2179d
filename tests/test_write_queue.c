/* SPDX-License-Identifier: MIT */
/* Bytes on their way to a server while their writer goes on: which calls of WinInet's they leave
 * by, when a write waits, and who is told of a failure. */
#include "request_fixture.h"
#include "check.h"
#include "wrap.h"

#define EMPTY_OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

enum { FIRST_PIECE = 64 << 10, LARGEST_PIECE = 2 << 20, LARGEST_WRITE = 3000000 };

static const fault_step takes_body[] = {FAULT_READ_REQUEST, FAULT_READ_BODY, FAULT_SEND(EMPTY_OK),
                                        FAULT_AGAIN};

/* ---- InternetWriteFile: counted, held back, made to take less, made to fail ------------------ */

TIN_WRAP(InternetWriteFile);

static struct {
    volatile LONG calls;
    DWORD sizes[1000]; /* of the first ones */
    HANDLE came;       /* set by each call */
    HANDLE gate;       /* each waits for it; set: they do not */
    DWORD most;        /* bytes at once; 0: all */
    LONG fails;        /* this call, and later ones; 0: none */
    uint64_t put;      /* bytes, by the test */
    uint64_t taken;    /* of them */
    bool wrong;        /* they were not those of the pattern */
} sending;

static BOOL WINAPI wrap_InternetWriteFile(HINTERNET file, LPCVOID bytes, DWORD size,
                                          LPDWORD written)
{
    const LONG call = InterlockedIncrement(&sending.calls);

    if ((size_t)call <= TEST_COUNT_OF(sending.sizes))
        sending.sizes[call - 1] = size;
    SetEvent(sending.came);
    WaitForSingleObject(sending.gate, INFINITE);
    if (sending.fails != 0 && call >= sending.fails) {
        SetLastError(ERROR_INTERNET_CONNECTION_RESET);
        return FALSE;
    }
    if (sending.most != 0 && size > sending.most)
        size = sending.most;
    sending.wrong |= !fault_pattern_matches(sending.taken, bytes, size);
    sending.taken += size;
    return real_InternetWriteFile(file, bytes, size, written);
}

static int set_up(void **state)
{
    (void)state;
    memset(&sending, 0, sizeof sending);
    sending.came = CreateEventW(NULL, FALSE, FALSE, NULL);
    sending.gate = CreateEventW(NULL, TRUE, TRUE, NULL);
    return sending.came != NULL && sending.gate != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    SetEvent(sending.gate);
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
    CloseHandle(sending.came);
    CloseHandle(sending.gate);
    return 0;
}

/* ---- writes ---------------------------------------------------------------------------------- */

static tin_handle upload(const test_link *link, uint64_t total)
{
    const tin_handle request = request_for(link, "PUT", "/");

    assert_result(TIN_OK, tin_http_send_request_ex(request, NULL, total));
    return request;
}

/* The next bytes of the pattern. */
static tin_result put(tin_handle request, size_t size)
{
    static BYTE bytes[LARGEST_WRITE];
    size_t written = 7;
    tin_result result;

    assert_true(size <= sizeof bytes);
    fault_pattern_fill(sending.put, bytes, size);
    result = tin_write_file(request, bytes, size, &written);
    sending.put += written;

    assert_int_equal(written, tin_ok(result) ? size : 0);
    return result;
}

/* The first write is held back inside WinInet. */
static tin_handle upload_held_back(const test_link *link, uint64_t total, size_t first)
{
    const tin_handle request = upload(link, total);

    ResetEvent(sending.gate);
    assert_result(TIN_OK, put(request, first));
    assert_int_equal(WaitForSingleObject(sending.came, TEST_PATIENCE_MS), WAIT_OBJECT_0);
    return request;
}

/* Ends it, and the link. */
static void finish(test_link *link, tin_handle request)
{
    assert_result(TIN_OK, tin_http_end_request(request));
    assert_int_equal(status_of(request), 200);
    assert_int_equal(sending.taken, sending.put);
    assert_false(sending.wrong);
    assert_int_equal(fault_server_count(link->server, FAULT_BODIES), 1);
    unlink_all(link);
}

/* ---- which bytes leave when ------------------------------------------------------------------ */

static void what_waits_leaves_by_one_call(void **state)
{
    test_link link = link_to(takes_body);
    const tin_handle request = upload_held_back(&link, 100, 1);

    (void)state;
    for (int i = 0; i < 9; i++)
        assert_result(TIN_OK, put(request, 11));
    assert_int_equal(sending.calls, 1);
    SetEvent(sending.gate);
    finish(&link, request);
    assert_int_equal(sending.calls, 2);
    assert_int_equal(sending.sizes[1], 99);
}

/* Nobody has to write more for that, or to flush. */
static void what_waits_leaves_by_itself(void **state)
{
    test_link link = link_to(takes_body);
    const tin_handle request = upload_held_back(&link, 3, 1);

    (void)state;
    assert_result(TIN_OK, put(request, 2));
    SetEvent(sending.gate);
    assert_true(fault_server_wait(link.server, FAULT_BODIES, 1, TEST_PATIENCE_MS));
    finish(&link, request);
}

static void a_flush_returns_when_all_has_left(void **state)
{
    test_link link = link_to(takes_body);
    const tin_handle request = upload(&link, 100);

    (void)state;
    for (int i = 1; i <= 10; i++) {
        assert_result(TIN_OK, put(request, 10));
        assert_result(TIN_OK, tin_flush(request));
        assert_int_equal(sending.taken, 10 * i);
    }
    assert_int_equal(sending.calls, 10);
    finish(&link, request);
}

static void check_order(size_t size, size_t gathered, size_t most)
{
    const size_t total = size < 100 || most == 100 ? 10000 : 6000000;
    test_link link = link_to(takes_body);
    const tin_handle request = upload(&link, total);

    sending.calls = 0;
    sending.put = sending.taken = 0;
    sending.most = (DWORD)most;
    assert_result(TIN_OK, tin_set_write_buffer_size(request, gathered));
    for (size_t left = total, now; left != 0; left -= now) {
        now = size < left ? size : left;
        assert_result(TIN_OK, put(request, now));
    }
    finish(&link, request);
    if (most == 0 && (size_t)sending.calls > total / size + 1 + total / FIRST_PIECE)
        fail_msg("writes of %u: %ld calls", (unsigned)size, sending.calls);
}

static void every_byte_leaves_once_and_in_order(void **state)
{
    static const size_t sizes[] = {1, 999, FIRST_PIECE, 100000, LARGEST_PIECE, LARGEST_WRITE};
    static const size_t gathered[] = {0, 1000, 200000};
    static const size_t most[] = {0, 100, 65537};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(sizes); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(gathered); j++)
            for (size_t k = 0; k < TEST_COUNT_OF(most); k++)
                if (test_has_turn(i + j + k))
                    check_order(sizes[i], gathered[j], most[k]);
}

static void pieces_grow_where_they_leave_fast(void **state)
{
    test_link link = link_to(takes_body);
    const tin_handle request = upload(&link, 8 * LARGEST_WRITE);
    DWORD largest = 0;

    (void)state;
    for (int i = 0; i < 8; i++)
        assert_result(TIN_OK, put(request, LARGEST_WRITE));
    finish(&link, request);
    assert_int_equal(sending.sizes[0], FIRST_PIECE);
    for (LONG call = 0; call < sending.calls; call++)
        largest = sending.sizes[call] > largest ? sending.sizes[call] : largest;
    assert_int_equal(largest, LARGEST_PIECE);
}

/* ---- no room --------------------------------------------------------------------------------- */

typedef struct writer {
    tin_handle request;
    size_t size;
    tin_result result;
    HANDLE began;
} writer;

static void write_more(void *context)
{
    writer *me = context;

    SetEvent(me->began);
    me->result = put(me->request, me->size);
}

static void who_finds_no_room_waits(void **state)
{
    test_link link = link_to(takes_body);
    writer me = {.request = upload_held_back(&link, 3 * FIRST_PIECE, FIRST_PIECE),
                 .size = FIRST_PIECE,
                 .began = CreateEventW(NULL, TRUE, FALSE, NULL)};
    test_thread *thread;

    (void)state;
    assert_result(TIN_OK, put(me.request, FIRST_PIECE)); /* waits */
    thread = test_thread_start(write_more, &me);
    assert_int_equal(WaitForSingleObject(me.began, TEST_PATIENCE_MS), WAIT_OBJECT_0);
    assert_false(test_thread_wait(thread, 50));
    SetEvent(sending.gate);
    test_thread_join(thread, TEST_PATIENCE_MS);
    assert_result(TIN_OK, me.result);
    CloseHandle(me.began);
    finish(&link, me.request);
}

/* Each of these waits for what does not leave. */
static tin_result write_without_room(tin_handle request)
{
    tin_result result = put(request, FIRST_PIECE); /* waits */

    return tin_ok(result) ? put(request, 1) : result;
}

static const struct {
    const char *name;
    tin_result (*call)(tin_handle request);
} waiters[] = {
    {"write", write_without_room},
    {"flush", tin_flush},
};

static void who_waits_does_so_until_the_deadline(void **state)
{
    static const DWORD options[] = {INTERNET_OPTION_SEND_TIMEOUT, TIN_OPTION_TOTAL_TIMEOUT};

    (void)state;
    for (size_t i = 0; i < 2 * TEST_COUNT_OF(waiters); i++) {
        test_link link = link_to(takes_body);
        const tin_handle request = upload_held_back(&link, LARGEST_PIECE, FIRST_PIECE);
        const uint64_t began_ms = test_now_ms();

        assert_result(TIN_OK, tin_set_option_dword(request, options[i % 2], 300));
        assert_error(waiters[i / 2].name, waiters[i / 2].call(request), TIN_E_TIMEOUT);
        assert_in_range(test_now_ms() - began_ms, 200, 3000);
        assert_result(TIN_E_TIMEOUT, tin_flush(request));
        assert_result(TIN_E_TIMEOUT, tin_http_end_request(request));
        SetEvent(sending.gate);
        unlink_all(&link);
    }
}

/* What waits behind a piece that is held back never leaves. */
static void what_waits_is_dropped_with_its_request(void **state)
{
    static const char *const ways[] = {"closed", "cancelled", "sent again"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(ways); i++) {
        test_link link = link_to(takes_body);
        const tin_handle request = upload_held_back(&link, 100, 10);
        LONG calls;

        assert_result(TIN_OK, put(request, 10));
        if (i == 0) {
            assert_result(TIN_OK, tin_close_handle(request));
        } else if (i == 1) {
            assert_result(TIN_OK, tin_cancel(request));
            assert_result(TIN_E_CANCELLED, put(request, 1));
            assert_result(TIN_OK, tin_close_handle(request));
        } else {
            assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
            assert_int_equal(status_of(request), 200);
        }
        calls = sending.calls;
        SetEvent(sending.gate);
        unlink_all(&link);
        assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
        if (sending.calls != calls)
            fail_msg("%s: what waited left all the same", ways[i]);
    }
}

/* ---- failures -------------------------------------------------------------------------------- */

static tin_result write_one(tin_handle request)
{
    return put(request, 1);
}

static const struct {
    const char *name;
    tin_result (*call)(tin_handle request);
} told[] = {{"write", write_one}, {"flush", tin_flush}, {"end", tin_http_end_request}};

/* A write that does not wait is told at last by the one behind it. */
static tin_result until_it_fails(tin_result (*call)(tin_handle request), tin_handle request)
{
    tin_result result = call(request);

    for (int i = 0; tin_ok(result) && i < 1000; i++) {
        WaitForSingleObject(sending.came, 10);
        result = call(request);
    }
    return result;
}

static void a_failure_is_told_to_whoever_comes_next(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(told); i++) {
        test_link link = link_to(takes_body);
        const tin_handle request = upload(&link, told[i].call == tin_http_end_request ? 10 : 5000);
        tin_result result;

        sending.calls = 0;
        sending.fails = 1;
        assert_result(TIN_OK, put(request, 10));
        result = until_it_fails(told[i].call, request);
        assert_error(told[i].name, result, TIN_E_CONNECTION_LOST);
        assert_int_equal(result.last_error, ERROR_INTERNET_CONNECTION_RESET);
        for (size_t j = 0; j < TEST_COUNT_OF(told); j++)
            assert_error(told[j].name, told[j].call(request), TIN_E_CONNECTION_LOST);
        assert_int_equal(sending.calls, 1);
        unlink_all(&link);
    }
}

/* Though there is room for each. */
static void the_total_time_is_over_for_who_need_not_wait_too(void **state)
{
    test_link link = link_to(takes_body);
    const tin_handle request = upload_held_back(&link, LARGEST_PIECE, 1);

    (void)state;
    assert_result(TIN_OK, tin_set_option_dword(request, TIN_OPTION_TOTAL_TIMEOUT, 200));
    assert_result(TIN_E_TIMEOUT, until_it_fails(write_one, request));
    assert_result(TIN_E_TIMEOUT, tin_flush(request));
    SetEvent(sending.gate);
    unlink_all(&link);
}

static void one_memory_serves_where_there_is_no_second(void **state)
{
    test_link link = link_to(takes_body);
    const tin_handle request = upload(&link, 5);

    (void)state;
    guarded_heap_fail_nth(1);
    assert_result(TIN_E_MEMORY, put(request, 2)); /* nothing has left */
    assert_true(guarded_heap_has_failed());
    assert_result(TIN_OK, put(request, 2));
    assert_int_equal(WaitForSingleObject(sending.came, TEST_PATIENCE_MS), WAIT_OBJECT_0);
    guarded_heap_fail_nth(1);
    assert_result(TIN_OK, put(request, 2));
    assert_true(guarded_heap_has_failed());
    assert_result(TIN_OK, put(request, 1));
    finish(&link, request);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(what_waits_leaves_by_one_call),
        TEST(what_waits_leaves_by_itself),
        TEST(a_flush_returns_when_all_has_left),
        TEST(every_byte_leaves_once_and_in_order),
        TEST(pieces_grow_where_they_leave_fast),
        TEST(who_finds_no_room_waits),
        TEST(who_waits_does_so_until_the_deadline),
        TEST(what_waits_is_dropped_with_its_request),
        TEST(a_failure_is_told_to_whoever_comes_next),
        TEST(the_total_time_is_over_for_who_need_not_wait_too),
        TEST(one_memory_serves_where_there_is_no_second),
    };

    return test_run_group(tests, NULL, NULL);
}
