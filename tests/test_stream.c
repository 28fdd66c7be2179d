/* SPDX-License-Identifier: MIT */
/* What arrives is what was sent, and how it ended is told: bodies of all kinds, in reads of all
 * sizes. */
#include "test.h"

#include "check.h"
#include "fault_server.h"
#include "internal.h"
#include "wrap.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\n"
#define LENGTH(n) OK_HEAD "Content-Length: " #n "\r\n\r\n"
#define CHUNKED OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define CLOSES OK_HEAD "Connection: close\r\n\r\n"

/* ---- how WinInet is called ------------------------------------------------------------------- */

static volatile LONG native_reads;

TIN_WRAP(InternetReadFileExW);

static BOOL WINAPI wrap_InternetReadFileExW(HINTERNET file, INTERNET_BUFFERSW *buffers, DWORD flags,
                                            DWORD_PTR context)
{
    InterlockedIncrement(&native_reads);
    return real_InternetReadFileExW(file, buffers, flags, context);
}

/* ---- answers -------------------------------------------------------------------------------- */

typedef struct test_answer {
    const char *name;
    fault_step steps[8]; /* after the request was read */
    tin_error opened;
    tin_error ended; /* TIN_OK: a good end */
    uint64_t bytes;  /* of the known pattern unless `text` is given */
    const char *text;
} test_answer;

static const test_answer answers[] = {
    /* good ends */
    {"length",
     {FAULT_SEND(LENGTH(1000)), FAULT_SEND_COUNTER(1000), FAULT_END},
     TIN_OK,
     TIN_OK,
     1000,
     NULL},
    {"length 0", {FAULT_SEND(LENGTH(0)), FAULT_END}, TIN_OK, TIN_OK, 0, NULL},
    {"length, then kept open",
     {FAULT_SEND(LENGTH(1000)), FAULT_SEND_COUNTER(1000), FAULT_MUTE, FAULT_END},
     TIN_OK,
     TIN_OK,
     1000,
     NULL},
    {"length, then reset",
     {FAULT_SEND(LENGTH(10)), FAULT_SEND_COUNTER(10), FAULT_FIN, FAULT_READ_ALL, FAULT_RST,
      FAULT_END},
     TIN_OK,
     TIN_OK,
     10,
     NULL},
    {"length in pieces",
     {FAULT_SEND(LENGTH(50)), FAULT_DRIP("0123456789", 5, 5), FAULT_END},
     TIN_OK,
     TIN_OK,
     50,
     "01234567890123456789012345678901234567890123456789"},
    {"large",
     {FAULT_SEND(LENGTH(5000000)), FAULT_SEND_COUNTER(5000000), FAULT_END},
     TIN_OK,
     TIN_OK,
     5000000,
     NULL},
    {"same length twice",
     {FAULT_SEND(OK_HEAD "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"), FAULT_END},
     TIN_OK,
     TIN_OK,
     5,
     "hello"},
    {"until the connection ends",
     {FAULT_SEND(CLOSES), FAULT_SEND_COUNTER(1000), FAULT_END},
     TIN_OK,
     TIN_OK,
     1000,
     NULL},
    {"chunked",
     {FAULT_SEND(CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), FAULT_END},
     TIN_OK,
     TIN_OK,
     5,
     "abcde"},
    {"chunked outweighs length",
     {FAULT_SEND(OK_HEAD
                 "Transfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"),
      FAULT_END},
     TIN_OK,
     TIN_OK,
     5,
     "abcde"},
    {"no content",
     {FAULT_SEND("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"), FAULT_END},
     TIN_OK,
     TIN_OK,
     0,
     NULL},
    {"not modified",
     {FAULT_SEND("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"), FAULT_END},
     TIN_OK,
     TIN_OK,
     0,
     NULL},
    {"not found",
     {FAULT_SEND("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"), FAULT_END},
     TIN_OK,
     TIN_OK,
     4,
     "gone"},
    {"continue first",
     {FAULT_SEND("HTTP/1.1 100 Continue\r\n\r\n" LENGTH(2) "ok"), FAULT_END},
     TIN_OK,
     TIN_OK,
     2,
     "ok"},
    {"HTTP/1.0",
     {FAULT_SEND("HTTP/1.0 200 OK\r\nServer: x\r\n\r\nold"), FAULT_END},
     TIN_OK,
     TIN_OK,
     3,
     "old"},
    {"HTTP/1.0 without a header",
     {FAULT_SEND("HTTP/1.0 200 OK\r\n\r\nold"), FAULT_END},
     TIN_OK,
     TIN_OK,
     3,
     "old"},
    {"redirect without Location",
     {FAULT_SEND("HTTP/1.1 302 Found\r\nContent-Length: 2\r\n\r\nhm"), FAULT_END},
     TIN_OK,
     TIN_OK,
     2,
     "hm"},
    /* cut at the promised length */
    {"longer than promised",
     {FAULT_SEND(LENGTH(4) "hello, there is more"), FAULT_END},
     TIN_OK,
     TIN_OK,
     4,
     "hell"},
    /* truncated */
    {"cut, FIN",
     {FAULT_SEND(LENGTH(1000)), FAULT_SEND_COUNTER(500), FAULT_END},
     TIN_OK,
     TIN_E_TRUNCATED,
     500,
     NULL},
    {"cut before the first byte",
     {FAULT_SEND(LENGTH(1000)), FAULT_END},
     TIN_OK,
     TIN_E_TRUNCATED,
     0,
     NULL},
    {"cut at the last byte",
     {FAULT_SEND(LENGTH(1000)), FAULT_SEND_COUNTER(999), FAULT_END},
     TIN_OK,
     TIN_E_TRUNCATED,
     999,
     NULL},
    {"cut far in",
     {FAULT_SEND(LENGTH(5000000)), FAULT_SEND_COUNTER(4999999), FAULT_END},
     TIN_OK,
     TIN_E_TRUNCATED,
     4999999,
     NULL},
    {"promise beyond 4 GiB",
     {FAULT_SEND(LENGTH(4294967301)), FAULT_SEND_COUNTER(5), FAULT_END},
     TIN_OK,
     TIN_E_TRUNCATED,
     5,
     NULL},
    /* not HTTP, or not sense */
    {"nothing", {FAULT_END}, TIN_E_PROTOCOL, TIN_OK, 0, NULL},
    {"half a status line",
     {FAULT_SEND("HTTP/1.1 200"), FAULT_END},
     TIN_E_PROTOCOL,
     TIN_OK,
     0,
     NULL},
    {"no status line",
     {FAULT_SEND("hello\r\nthere\r\n\r\nagain"), FAULT_END},
     TIN_E_PROTOCOL,
     TIN_OK,
     0,
     NULL},
    {"no status",
     {FAULT_SEND("HTTP/1.1\r\nContent-Length: 0\r\n\r\n"), FAULT_END},
     TIN_E_PROTOCOL,
     TIN_OK,
     0,
     NULL},
    {"status of letters",
     {FAULT_SEND("HTTP/1.1 abc\r\nContent-Length: 0\r\n\r\n"), FAULT_END},
     TIN_E_PROTOCOL,
     TIN_OK,
     0,
     NULL},
    {"status 99999",
     {FAULT_SEND("HTTP/1.1 99999 OK\r\nContent-Length: 0\r\n\r\n"), FAULT_END},
     TIN_E_PROTOCOL,
     TIN_OK,
     0,
     NULL},
    {"status 600",
     {FAULT_SEND("HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n"), FAULT_END},
     TIN_E_PROTOCOL,
     TIN_OK,
     0,
     NULL},
    {"two lengths",
     {FAULT_SEND(OK_HEAD "Content-Length: 2\r\nContent-Length: 5\r\n\r\nhello"), FAULT_END},
     TIN_E_PROTOCOL,
     TIN_OK,
     0,
     NULL},
    {"negative length",
     {FAULT_SEND(OK_HEAD "Content-Length: -5\r\n\r\nhello"), FAULT_END},
     TIN_E_PROTOCOL,
     TIN_OK,
     0,
     NULL},
    {"length of letters",
     {FAULT_SEND(OK_HEAD "Content-Length: 5abc\r\n\r\nhello"), FAULT_END},
     TIN_E_PROTOCOL,
     TIN_OK,
     0,
     NULL},
    {"length beyond 64 bits",
     {FAULT_SEND(OK_HEAD "Content-Length: 18446744073709551616\r\n\r\nhello"), FAULT_END},
     TIN_E_PROTOCOL,
     TIN_OK,
     0,
     NULL},
};

typedef struct test_script {
    fault_step steps[1 + TEST_COUNT_OF(answers[0].steps)];
} test_script;

static fault_server *serve(test_script *script, const fault_step *steps)
{
    static const fault_step read_request = FAULT_READ_REQUEST;

    script->steps[0] = read_request;
    memcpy(&script->steps[1], steps, sizeof answers[0].steps);
    return fault_server_start(script->steps);
}

static tin_handle open_session(void)
{
    tin_handle session;

    assert_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
    return session;
}

static tin_handle open_file(tin_handle session, fault_server *server)
{
    tin_handle file;

    assert_ok(tin_open_url(session, fault_server_url(server, "/"), NULL, 0, NULL, &file));
    return file;
}

typedef tin_result reader(tin_handle file, void *buffer, size_t size, size_t *got);

/* Reads to the end or failure; the bytes must be the right ones. */
static tin_result read_all(const test_answer *answer, tin_handle file, reader *read, size_t size,
                           uint64_t *bytes)
{
    static char buffer[1 << 21];

    for (*bytes = 0;;) {
        size_t got;
        const tin_result result = read(file, buffer, size, &got);

        if (!tin_ok(result) || got == 0)
            return result;
        if (*bytes + got > answer->bytes)
            fail_msg("%s, reads of %u: more than was sent", answer->name, (unsigned)size);
        if (answer->text == NULL ? !fault_pattern_matches(*bytes, buffer, got)
                                 : memcmp(buffer, answer->text + *bytes, got) != 0)
            fail_msg("%s, reads of %u: wrong bytes after %u", answer->name, (unsigned)size,
                     (unsigned)*bytes);
        *bytes += got;
    }
}

static void check_answer(const test_answer *answer, reader *read, size_t size)
{
    test_script script;
    fault_server *server = serve(&script, answer->steps);
    const tin_handle session = open_session();
    uint64_t bytes = 0;
    tin_handle file;
    tin_result result = tin_open_url(session, fault_server_url(server, "/"), NULL, 0, NULL, &file);

    if (result.error != answer->opened)
        fail_msg("%s: opened with %s", answer->name, tin_error_name(result.error));
    if (tin_ok(result)) {
        result = read_all(answer, file, read, size, &bytes);
        if (result.error != answer->ended || bytes != answer->bytes)
            fail_msg("%s, reads of %u: %s after %u bytes", answer->name, (unsigned)size,
                     tin_error_name(result.error), (unsigned)bytes);
        for (int i = 0; i < 3; i++) { /* it stays so */
            char byte;
            size_t got = 1;
            const tin_result again = read(file, &byte, 1, &got);

            if (again.error != result.error || again.last_error != result.last_error || got != 0)
                fail_msg("%s: then %s", answer->name, tin_error_name(again.error));
        }
    } else {
        assert_null(file);
    }
    assert_ok(tin_close_handle(session));
    fault_server_release(server);
    fault_server_stop(server);
}

static void bodies_arrive_whole_or_say_why_not(void **state)
{
    static const size_t sizes[] = {1, 3, 100, 1000, 4096, 65536, 1 << 21};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(answers); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(sizes); j++)
            if (test_has_turn(i + j) && (answers[i].bytes < 100000 || sizes[j] > 99))
                check_answer(&answers[i], tin_read_file, sizes[j]);
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
}

static void what_is_available_arrives_whole_or_says_why_not(void **state)
{
    static const size_t sizes[] = {1, 1000, 1 << 21};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(answers); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(sizes); j++)
            if (test_has_turn(i + j) && (answers[i].bytes < 100000 || sizes[j] > 99))
                check_answer(&answers[i], tin_read_available, sizes[j]);
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
}

static const fault_step resets[] = {
    FAULT_READ_REQUEST, FAULT_SEND(LENGTH(1000)), FAULT_SEND_COUNTER(500), FAULT_HOLD, FAULT_RST,
    FAULT_END};

static tin_result read_until_failure(tin_handle file)
{
    char buffer[1000];
    size_t got;
    tin_result result;

    do
        result = tin_read_file(file, buffer, sizeof buffer, &got);
    while (tin_ok(result) && got != 0);
    for (int i = 0; i < 3; i++) {
        const tin_result again = tin_read_file(file, buffer, 1, &got);

        assert_int_equal(again.error, result.error);
        assert_int_equal(again.last_error, result.last_error);
        assert_int_equal(got, 0);
    }
    return result;
}

static void release_while_waiting(tin_handle handle, void *context, const tin_status *status)
{
    (void)handle;
    if (status->code == INTERNET_STATUS_RECEIVING_RESPONSE)
        fault_server_release(context);
}

/* Wine 8 forgets a reset that comes while nobody reads, and shows an end instead: too early,
 * though. */
static void a_body_that_is_reset_is_a_failure_that_stays(void **state)
{
    fault_server *server = fault_server_start(resets);
    const tin_handle session = open_session();
    const tin_handle file = open_file(session, server);
    tin_result result;

    (void)state;
    assert_ok(tin_set_status_callback(file, release_while_waiting, server));
    result = read_until_failure(file);
    assert_true(result.error == TIN_E_CONNECTION_LOST || result.error == TIN_E_TRUNCATED);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void read_file_fills_the_buffer_across_pauses(void **state)
{
    static const fault_step drips[] = {FAULT_READ_REQUEST, FAULT_SEND(LENGTH(100)),
                                       FAULT_DRIP("0123456789", 10, 10), FAULT_END};
    fault_server *server = fault_server_start(drips);
    const tin_handle session = open_session();
    const tin_handle file = open_file(session, server);
    char buffer[95];
    size_t got;

    (void)state;
    assert_ok(tin_read_file(file, buffer, sizeof buffer, &got));
    assert_int_equal(got, sizeof buffer);
    assert_ok(tin_read_file(file, buffer, sizeof buffer, &got));
    assert_int_equal(got, 5);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void read_available_returns_with_the_first_bytes(void **state)
{
    static const fault_step first_then_hold[] = {FAULT_READ_REQUEST, FAULT_SEND(LENGTH(10) "first"),
                                                 FAULT_HOLD, FAULT_SEND("later"), FAULT_END};
    fault_server *server = fault_server_start(first_then_hold);
    const tin_handle session = open_session();
    const tin_handle file = open_file(session, server);
    char buffer[100];
    size_t got;

    (void)state;
    assert_ok(tin_read_available(file, buffer, sizeof buffer, &got));
    assert_int_equal(got, 5);
    assert_memory_equal(buffer, "first", 5);
    fault_server_release(server);
    assert_ok(tin_read_available(file, buffer, sizeof buffer, &got));
    assert_int_equal(got, 5);
    assert_memory_equal(buffer, "later", 5);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void available_is_what_can_be_read_without_waiting(void **state)
{
    static const fault_step first_then_hold[] = {FAULT_READ_REQUEST, FAULT_SEND(LENGTH(10) "first"),
                                                 FAULT_HOLD, FAULT_SEND("later"), FAULT_END};
    fault_server *server = fault_server_start(first_then_hold);
    const tin_handle session = open_session();
    const tin_handle file = open_file(session, server);
    char buffer[100];
    size_t available = 77, got;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_ok(tin_query_data_available(file, &available));
        assert_int_equal(available, 5);
    }
    assert_ok(tin_read_file(file, buffer, 2, &got));
    assert_ok(tin_query_data_available(file, &available));
    assert_int_equal(available, 3);
    assert_ok(tin_read_file(file, buffer, available, &got));
    assert_memory_equal(buffer, "rst", 3);
    fault_server_release(server);
    assert_ok(tin_query_data_available(file, &available)); /* waits */
    assert_int_equal(available, 5);
    assert_ok(tin_read_available(file, buffer, sizeof buffer, &got));
    assert_int_equal(got, 5);
    assert_memory_equal(buffer, "later", 5);
    for (int i = 0; i < 2; i++) {
        available = 77;
        assert_ok(tin_query_data_available(file, &available));
        assert_int_equal(available, 0);
    }
    assert_gives(tin_query_data_available(file, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_query_data_available(session, &available), TIN_E_HANDLE);
    assert_ok(tin_cancel(file));
    assert_gives(tin_query_data_available(file, &available), TIN_E_CANCELLED);
    assert_ok(tin_close_handle(session));
    assert_gives(tin_query_data_available(file, &available), TIN_E_HANDLE);
    fault_server_stop(server);
}

static void what_is_never_available_is_a_failure_that_stays(void **state)
{
    static const struct {
        fault_step steps[4];
        tin_error error;
    } rows[] = {
        {{FAULT_READ_REQUEST, FAULT_SEND(LENGTH(10) "first"), FAULT_MUTE, FAULT_END},
         TIN_E_TIMEOUT},
        {{FAULT_READ_REQUEST, FAULT_SEND(LENGTH(10) "first"), FAULT_END}, TIN_E_TRUNCATED},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        fault_server *server = fault_server_start(rows[i].steps);
        const tin_handle session = open_session();
        tin_handle file;
        char buffer[100];
        size_t got;

        assert_ok(tin_set_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT, 200));
        file = open_file(session, server);
        assert_ok(tin_query_data_available(file, &got));
        assert_int_equal(got, 5);
        assert_ok(tin_read_available(file, buffer, sizeof buffer, &got));
        assert_int_equal(got, 5);
        for (int j = 0; j < 3; j++) {
            got = 77;
            assert_gives(tin_query_data_available(file, &got), rows[i].error);
            assert_int_equal(got, 0);
        }
        assert_gives(tin_read_file(file, buffer, 1, &got), rows[i].error);
        assert_ok(tin_close_handle(session));
        fault_server_release(server);
        fault_server_stop(server);
    }
}

static void bytes_before_a_timeout_are_delivered_first(void **state)
{
    static const fault_step stalls[] = {FAULT_READ_REQUEST, FAULT_SEND(LENGTH(10) "first"),
                                        FAULT_MUTE, FAULT_END};
    fault_server *server = fault_server_start(stalls);
    const tin_handle session = open_session();
    tin_handle file;
    char buffer[100];
    size_t got;

    (void)state;
    assert_ok(tin_set_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT, 200));
    file = open_file(session, server);
    assert_ok(tin_read_file(file, buffer, sizeof buffer, &got));
    assert_int_equal(got, 5);
    for (int i = 0; i < 3; i++) {
        assert_gives(tin_read_file(file, buffer, sizeof buffer, &got), TIN_E_TIMEOUT);
        assert_int_equal(got, 0);
    }
    assert_ok(tin_close_handle(session));
    fault_server_release(server);
    fault_server_stop(server);
}

static void small_reads_call_wininet_seldom(void **state)
{
    static const fault_step large[] = {FAULT_READ_REQUEST, FAULT_SEND(LENGTH(1000000)),
                                       FAULT_SEND_COUNTER(1000000), FAULT_END};
    fault_server *server = fault_server_start(large);
    const tin_handle session = open_session();
    const tin_handle file = open_file(session, server);
    char buffer[100];
    size_t got;

    (void)state;
    assert_true(fault_server_wait(server, FAULT_BYTES_SENT, 1000000, TEST_PATIENCE_MS));
    native_reads = 0;
    for (int i = 0; i < 10000; i++) {
        assert_ok(tin_read_file(file, buffer, sizeof buffer, &got));
        assert_int_equal(got, sizeof buffer);
    }
    assert_true(native_reads > 0);
    assert_true(native_reads < 500);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void the_length_is_known_before_the_first_read(void **state)
{
    static const struct {
        const char *name;
        fault_step steps[8];
        tin_error error;
        uint64_t length;
    } rows[] = {
        {"length", {FAULT_SEND(LENGTH(10) "0123456789"), FAULT_END}, TIN_OK, 10},
        {"beyond 4 GiB", {FAULT_SEND(LENGTH(4294967301)), FAULT_END}, TIN_OK, 4294967301},
        {"chunked", {FAULT_SEND(CHUNKED "0\r\n\r\n"), FAULT_END}, TIN_E_NOT_FOUND, 0},
        {"not said", {FAULT_SEND(CLOSES "abc"), FAULT_END}, TIN_E_NOT_FOUND, 0},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        test_script script;
        fault_server *server = serve(&script, rows[i].steps);
        const tin_handle session = open_session();
        const tin_handle file = open_file(session, server);
        uint64_t length = 1;

        if (tin_get_length(file, &length).error != rows[i].error || length != rows[i].length)
            fail_msg("%s: %u", rows[i].name, (unsigned)length);
        assert_ok(tin_close_handle(session));
        fault_server_stop(server);
    }
}

static void the_read_buffer_size_is_obeyed(void **state)
{
    static const fault_step large[] = {FAULT_READ_REQUEST, FAULT_SEND(LENGTH(100000)),
                                       FAULT_SEND_COUNTER(100000), FAULT_END};
    fault_server *server = fault_server_start(large);
    const tin_handle session = open_session();
    const tin_handle file = open_file(session, server);
    char buffer[10];
    size_t got;

    (void)state;
    assert_true(fault_server_wait(server, FAULT_BYTES_SENT, 100000, TEST_PATIENCE_MS));
    assert_ok(tin_set_read_buffer_size(file, 100));
    native_reads = 0;
    for (uint64_t at = 0; at < 50000; at += got) {
        assert_ok(tin_read_file(file, buffer, sizeof buffer, &got));
        assert_true(fault_pattern_matches(at, buffer, got));
    }
    assert_in_range(native_reads, 490, 510);
    assert_gives(tin_set_read_buffer_size(file, (size_t)65 << 20), TIN_E_ARGUMENT);
    assert_ok(tin_set_read_buffer_size(file, 0));
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void an_idle_connection_that_was_closed_is_replaced(void **state)
{
    static const fault_step one_answer[] = {FAULT_READ_REQUEST, FAULT_SEND(LENGTH(2) "ok"),
                                            FAULT_CLOSE, FAULT_END};
    fault_server *server = fault_server_start(one_answer);
    const tin_handle session = open_session();

    (void)state;
    for (int i = 0; i < 20; i++) {
        tin_handle file;
        char text[2];
        size_t got;

        assert_ok(tin_open_url(session, fault_server_url(server, "/"), NULL,
                               INTERNET_FLAG_KEEP_CONNECTION, NULL, &file));
        assert_ok(tin_read_file(file, text, sizeof text, &got));
        assert_memory_equal(text, "ok", 2);
        assert_ok(tin_close_handle(file));
    }
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void a_request_without_an_answer_is_sent_again_as_often_as_was_set(void **state)
{
    static const fault_step no_answer[] = {FAULT_READ_REQUEST, FAULT_RST, FAULT_END};
    static const DWORD retries[] = {0, 1, 3};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(retries); i++) {
        fault_server *server = fault_server_start(no_answer);
        const tin_handle session = open_session();
        tin_handle file;
        tin_error error;

        assert_ok(tin_set_option_dword(session, INTERNET_OPTION_CONNECT_RETRIES, retries[i]));
        error = tin_open_url(session, fault_server_url(server, "/"), NULL, 0, NULL, &file).error;
        /* Wine 8 may miss the reset and see an empty answer */
        assert_true(error == TIN_E_CONNECTION_LOST || error == TIN_E_PROTOCOL);
        assert_int_equal(fault_server_count(server, FAULT_REQUESTS), retries[i] + 1);
        assert_ok(tin_close_handle(session));
        fault_server_stop(server);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_arrive_whole_or_say_why_not),
        cmocka_unit_test(what_is_available_arrives_whole_or_says_why_not),
        cmocka_unit_test(a_body_that_is_reset_is_a_failure_that_stays),
        cmocka_unit_test(read_file_fills_the_buffer_across_pauses),
        cmocka_unit_test(read_available_returns_with_the_first_bytes),
        cmocka_unit_test(available_is_what_can_be_read_without_waiting),
        cmocka_unit_test(what_is_never_available_is_a_failure_that_stays),
        cmocka_unit_test(bytes_before_a_timeout_are_delivered_first),
        cmocka_unit_test(small_reads_call_wininet_seldom),
        cmocka_unit_test(the_length_is_known_before_the_first_read),
        cmocka_unit_test(the_read_buffer_size_is_obeyed),
        cmocka_unit_test(an_idle_connection_that_was_closed_is_replaced),
        cmocka_unit_test(a_request_without_an_answer_is_sent_again_as_often_as_was_set),
    };

    return test_run_group(tests, NULL, NULL);
}
