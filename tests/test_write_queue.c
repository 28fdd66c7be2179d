/* SPDX-License-Identifier: MIT */
/* Bytes on their way to a server while their writer goes on: which calls of WinInet's they leave
 * by, when a write waits, and who is told of a failure. */
#include "request_fixture.h"
#include "check.h"
#include "fault_ftp.h"
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
    HANDLE returned;   /* set by the end of each */
    HANDLE gates[2];   /* each waits for one: the first lets all go, the other one */
    DWORD takes_ms;    /* each, then */
    DWORD most;        /* bytes at once; 0: all */
    LONG fails;        /* this call, and later ones; 0: none */
    uint64_t put;      /* bytes, by the test */
    uint64_t taken;    /* of them */
    bool wrong;        /* they were not those of the pattern */
    tin_handle cancel; /* by the thread that hands them over, once it has; or NULL */
} sending;

static BOOL WINAPI wrap_InternetWriteFile(HINTERNET file, LPCVOID bytes, DWORD size,
                                          LPDWORD written)
{
    const LONG call = InterlockedIncrement(&sending.calls);
    BOOL good;

    if ((size_t)call <= TEST_COUNT_OF(sending.sizes))
        sending.sizes[call - 1] = size;
    SetEvent(sending.came);
    WaitForMultipleObjects(2, sending.gates, FALSE, INFINITE);
    if (sending.takes_ms != 0)
        WaitForSingleObject(GetCurrentThread(), sending.takes_ms); /* which does not end */
    if (sending.fails != 0 && call >= sending.fails) {
        SetLastError(ERROR_INTERNET_CONNECTION_RESET);
        return FALSE;
    }
    if (sending.most != 0 && size > sending.most)
        size = sending.most;
    sending.wrong |= !fault_pattern_matches(sending.taken, bytes, size);
    sending.taken += size;
    good = real_InternetWriteFile(file, bytes, size, written);
    SetEvent(sending.returned);
    return good;
}

TIN_WRAP(TrySubmitThreadpoolCallback);

static BOOL WINAPI wrap_TrySubmitThreadpoolCallback(PTP_SIMPLE_CALLBACK callback, PVOID context,
                                                    PTP_CALLBACK_ENVIRON environment)
{
    const BOOL good = real_TrySubmitThreadpoolCallback(callback, context, environment);
    const tin_handle now = sending.cancel;

    sending.cancel = NULL; /* cancelling and closing come here, too */
    if (now != NULL)
        tin_cancel(now);
    return good;
}

static int set_up(void **state)
{
    (void)state;
    memset(&sending, 0, sizeof sending);
    sending.came = CreateEventW(NULL, FALSE, FALSE, NULL);
    sending.returned = CreateEventW(NULL, FALSE, FALSE, NULL);
    sending.gates[0] = CreateEventW(NULL, TRUE, TRUE, NULL);
    sending.gates[1] = CreateEventW(NULL, FALSE, FALSE, NULL);
    return sending.came != NULL && sending.returned != NULL && sending.gates[0] != NULL &&
                   sending.gates[1] != NULL
               ? 0
               : -1;
}

static void hold_calls(void)
{
    ResetEvent(sending.gates[0]);
    ResetEvent(sending.came);
    ResetEvent(sending.returned);
}

static void let_one_go(void)
{
    SetEvent(sending.gates[1]);
}

static void let_go(void)
{
    SetEvent(sending.gates[0]);
}

static int tear_down(void **state)
{
    (void)state;
    let_go();
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
    CloseHandle(sending.came);
    CloseHandle(sending.returned);
    CloseHandle(sending.gates[0]);
    CloseHandle(sending.gates[1]);
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

    hold_calls();
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
    let_go();
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
    let_go();
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
    let_one_go(); /* so the second leaves, and is held */
    test_thread_join(thread, TEST_PATIENCE_MS);
    assert_result(TIN_OK, me.result);
    let_go();
    CloseHandle(me.began);
    finish(&link, me.request);
}

static tin_result write_one(tin_handle request)
{
    return put(request, 1);
}

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

static tin_result write_until_it_fails(tin_handle request)
{
    return until_it_fails(write_one, request);
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
    {"write that finds room", write_until_it_fails},
};

static void who_waits_does_so_until_the_deadline(void **state)
{
    static const DWORD options[] = {INTERNET_OPTION_SEND_TIMEOUT, TIN_OPTION_TOTAL_TIMEOUT};

    (void)state;
    for (size_t i = 0; i < 2 * TEST_COUNT_OF(waiters); i++) {
        test_link link = link_to(takes_body);
        const uint64_t began_ms = test_now_ms();
        const tin_handle request = upload_held_back(&link, LARGEST_PIECE, FIRST_PIECE);

        assert_result(TIN_OK, tin_set_option_dword(request, options[i % 2], 300));
        assert_error(waiters[i / 2].name, waiters[i / 2].call(request), TIN_E_TIMEOUT);
        assert_in_range(test_now_ms() - began_ms, 200, 3000);
        assert_result(TIN_E_TIMEOUT, tin_flush(request));
        assert_result(TIN_E_TIMEOUT, tin_http_end_request(request));
        let_go();
        unlink_all(&link);
    }
}

static void drop(int way, tin_handle request)
{
    if (way == 0) {
        assert_result(TIN_OK, tin_close_handle(request));
    } else if (way == 1) {
        assert_result(TIN_OK, tin_cancel(request));
    } else {
        assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
        assert_int_equal(status_of(request), 200);
    }
}

/* Nor does what is left of the piece that is leaving. */
static void what_waits_is_dropped_with_its_request(void **state)
{
    static const char *const ways[] = {"closed", "cancelled", "sent again"};
    static const DWORD most[] = {0, 4};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(ways) * TEST_COUNT_OF(most); i++) {
        const int way = (int)(i / TEST_COUNT_OF(most));
        test_link link = link_to(takes_body);
        tin_handle request;

        sending.most = most[i % TEST_COUNT_OF(most)];
        request = upload_held_back(&link, 100, 10);
        assert_result(TIN_OK, put(request, 10));
        drop(way, request);
        let_go();
        assert_int_equal(WaitForSingleObject(sending.returned, TEST_PATIENCE_MS), WAIT_OBJECT_0);
        if (WaitForSingleObject(sending.came, 50) != WAIT_TIMEOUT)
            fail_msg("%s: what waited left all the same", ways[way]);
        if (way == 1)
            assert_result(TIN_E_CANCELLED, put(request, 1));
        unlink_all(&link);
        assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
    }
}

/* Nobody would tell it: it waits for nothing. */
static void a_write_that_is_cancelled_does_not_say_that_it_was_made(void **state)
{
    test_link link = link_to(takes_body);
    const tin_handle request = upload(&link, 2);

    (void)state;
    sending.cancel = request;
    assert_result(TIN_E_CANCELLED, put(request, 1));
    unlink_all(&link);
}

/* ---- failures -------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    tin_result (*call)(tin_handle request);
} told[] = {{"write", write_one}, {"flush", tin_flush}, {"end", tin_http_end_request}};

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

/* ---- events ---------------------------------------------------------------------------------- */

typedef struct heard {
    unsigned sent, completed; /* REQUEST_SENT, REQUEST_COMPLETE */
    tin_error error;          /* of the last one */
} heard;

static void on_status(tin_handle handle, void *context, const tin_status *status)
{
    heard *it = context;

    (void)handle;
    it->sent += status->code == INTERNET_STATUS_REQUEST_SENT;
    if (status->code == INTERNET_STATUS_REQUEST_COMPLETE) {
        it->completed++;
        it->error = status->result.error;
    }
}

static void send_again(void *context)
{
    writer *me = context;

    me->result = tin_http_send_request(me->request, NULL, NULL, 0);
}

static void nothing_is_heard_of_a_body_that_was_given_up(void **state)
{
    static const fault_step first[] = {FAULT_READ_REQUEST, FAULT_MUTE, FAULT_END};
    static const fault_step second[] = {FAULT_READ_REQUEST, FAULT_HOLD, FAULT_SEND(EMPTY_OK),
                                        FAULT_END};
    const fault_step *scripts[] = {first, second, NULL};
    test_link link = link_with(fault_server_start_many(scripts), NULL, NULL);
    writer me = {.request = upload_held_back(&link, 100, 10)};
    heard events = {0};
    test_thread *thread;

    (void)state;
    assert_result(TIN_OK, tin_set_status_callback(me.request, on_status, &events));
    thread = test_thread_start(send_again, &me);
    assert_true(fault_server_wait(link.server, FAULT_REQUESTS, 2, TEST_PATIENCE_MS));
    let_go();
    assert_int_equal(WaitForSingleObject(sending.returned, TEST_PATIENCE_MS), WAIT_OBJECT_0);
    fault_server_release(link.server);
    test_thread_join(thread, TEST_PATIENCE_MS);
    assert_result(TIN_OK, me.result);
    assert_int_equal(events.sent, 1);
    assert_int_equal(events.completed, 1);
    unlink_all(&link);
}

static void a_failure_that_the_end_finds_completes_the_request(void **state)
{
    test_link link = link_to(takes_body);
    const tin_handle request = upload(&link, 10);
    heard events = {0};

    (void)state;
    assert_result(TIN_OK, tin_set_status_callback(request, on_status, &events));
    sending.fails = 1;
    assert_result(TIN_OK, put(request, 10));
    for (int i = 0; i < 2; i++)
        assert_result(TIN_E_CONNECTION_LOST, tin_http_end_request(request));
    assert_int_equal(events.completed, 1);
    assert_int_equal(events.error, TIN_E_CONNECTION_LOST);
    unlink_all(&link);
}

/* ---- files on FTP servers -------------------------------------------------------------------- */

typedef struct ftp_link {
    fault_server *server;
    tin_handle session, connection, file;
} ftp_link;

static ftp_link open_ftp(void)
{
    static const fault_ftp ordinary = {0};
    ftp_link link = {.server = fault_ftp_start(&ordinary)};

    assert_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &link.session));
    assert_ok(tin_connect(link.session, "127.0.0.1", fault_server_port(link.server), "bob",
                          "secret", INTERNET_SERVICE_FTP, 0, NULL, &link.connection));
    assert_ok(tin_ftp_open_file(link.connection, "f", GENERIC_WRITE, 0, NULL, &link.file));
    return link;
}

static void close_ftp(const ftp_link *link)
{
    assert_ok(tin_close_handle(link->session));
    fault_server_stop(link->server);
}

static void a_file_is_closed_once_its_bytes_have_left(void **state)
{
    static const char *const ways[] = {"closed", "cancelled"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(ways); i++) {
        const bool cancels = i == 1;
        const ftp_link link = open_ftp();
        char name[64];
        size_t size = sizeof name;

        sending.put = sending.taken = 0;
        if (cancels)
            hold_calls();
        assert_ok(put(link.file, 10));
        assert_int_equal(WaitForSingleObject(sending.came, TEST_PATIENCE_MS), WAIT_OBJECT_0);
        assert_ok(put(link.file, 10));
        if (cancels)
            assert_ok(tin_cancel(link.file));
        assert_gives(tin_close_handle(link.file), cancels ? TIN_E_CANCELLED : TIN_OK);
        let_go();
        assert_ok(tin_ftp_get_current_directory(link.connection, name, &size));
        if (sending.taken != (cancels ? 10u : 20u) || sending.wrong)
            fail_msg("%s: %u bytes left", ways[i], (unsigned)sending.taken);
        close_ftp(&link);
    }
}

/* Together they take longer. */
static void the_time_out_is_of_each_piece(void **state)
{
    const ftp_link link = open_ftp();

    (void)state;
    assert_ok(tin_set_option_dword(link.file, INTERNET_OPTION_DATA_SEND_TIMEOUT, 1000));
    sending.takes_ms = 600;
    assert_ok(put(link.file, 10));
    assert_int_equal(WaitForSingleObject(sending.came, TEST_PATIENCE_MS), WAIT_OBJECT_0);
    assert_ok(put(link.file, 10));
    assert_ok(tin_flush(link.file));
    assert_int_equal(sending.taken, 20);
    assert_int_equal(sending.calls, 2);
    close_ftp(&link);
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
        TEST(a_write_that_is_cancelled_does_not_say_that_it_was_made),
        TEST(a_failure_is_told_to_whoever_comes_next),
        TEST(one_memory_serves_where_there_is_no_second),
        TEST(nothing_is_heard_of_a_body_that_was_given_up),
        TEST(a_failure_that_the_end_finds_completes_the_request),
        TEST(a_file_is_closed_once_its_bytes_have_left),
        TEST(the_time_out_is_of_each_piece),
    };

    return test_run_group(tests, NULL, NULL);
}
