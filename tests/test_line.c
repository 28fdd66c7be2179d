/* SPDX-License-Identifier: MIT */
/* Lines: where they are cut, whatever way their bytes come, and how failures end them. */
#include "test.h"

#include "check.h"
#include "fault_ftp.h"
#include "fault_server.h"
#include "internal.h"
#include "wrap.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\n"

static volatile LONG native_reads;

TIN_WRAP(InternetReadFileExW);

static BOOL WINAPI wrap_InternetReadFileExW(HINTERNET file, INTERNET_BUFFERSW *buffers, DWORD flags,
                                            DWORD_PTR context)
{
    InterlockedIncrement(&native_reads);
    return real_InternetReadFileExW(file, buffers, flags, context);
}

/* ---- where lines are cut --------------------------------------------------------------------- */

#define BODY(name, text)                                                                           \
    {                                                                                              \
        name, "" text, sizeof(text) - 1                                                            \
    }

typedef struct body {
    const char *name;
    const char *bytes;
    size_t size;
} body;

static const body bodies[] = {
    BODY("nothing", ""),
    BODY("a line", "one\n"),
    BODY("a line of DOS", "one\r\n"),
    BODY("no line break", "one"),
    BODY("last line without a break", "one\ntwo"),
    BODY("empty lines", "\n\n\r\n\n"),
    BODY("CR alone", "\r"),
    BODY("CR at the end", "one\r"),
    BODY("CR inside", "a\rb\n"),
    BODY("CRs inside", "\r\ra\r\r\n\r"),
    BODY("CR before a break of DOS", "abc\r\r\n"),
    BODY("LF CR", "\n\ra\n\r"),
    BODY("NULs", "a\0b\r\n\0\n\0"),
    BODY("a long one", "0123456789abcdef\r\n0123456789\n"),
    BODY("bytes above 127", "\xFF\xFE\r\n\x80\n"),
};

/* What the server sends: all at once, or with a rest before the byte `split`. */
static struct {
    const body *body;
    size_t split;
} plan;

static bool serve_body(fault_connection *connection, const void *context)
{
    static const fault_step rest[] = {FAULT_PAUSE(3), FAULT_END};

    (void)context;
    while (fault_read_message(connection, "\r\n\r\n") != NULL) {
        /* the client may go on to the next as soon as it has all of this */
        const body *sent = plan.body;
        const size_t split = plan.split < sent->size ? plan.split : 0;

        if (!fault_send_format(connection,
                               OK_HEAD "Accept-Ranges: bytes\r\nContent-Length: %u\r\n\r\n",
                               (unsigned)sent->size) ||
            !fault_send(connection, sent->bytes, split) ||
            (split != 0 && !fault_play(connection, rest)) ||
            !fault_send(connection, sent->bytes + split, sent->size - split))
            return false;
    }
    return true;
}

static tin_handle session;
static fault_server *server;

static int open_all(void **state)
{
    (void)state;
    assert_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    assert_ok(tin_close_handle(session));
    fault_server_release(server);
    fault_server_stop(server);
    server = NULL;
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
    return 0;
}

static tin_handle open_file(void)
{
    tin_handle file;

    assert_ok(tin_open_url(session, fault_server_url(server, "/"), NULL,
                           INTERNET_FLAG_KEEP_CONNECTION, NULL, &file));
    return file;
}

/* The rule, on the whole body: CR LF is LF; cut behind each LF, and where there is no more room. */
static size_t next_part(const body *from, size_t *at, size_t room, char *part)
{
    size_t size = 0;

    while (size < room && *at < from->size && (size == 0 || part[size - 1] != '\n')) {
        if (from->bytes[*at] == '\r' && *at + 1 < from->size && from->bytes[*at + 1] == '\n')
            ++*at;
        part[size++] = from->bytes[(*at)++];
    }
    return size;
}

static void check_lines(const body *row, size_t size, size_t buffer_size)
{
    const tin_handle file = open_file();
    size_t at = 0, got, expected;
    char line[64], part[64];

    if (buffer_size != 0)
        assert_ok(tin_set_read_buffer_size(file, buffer_size));
    do {
        uint64_t position = 77;

        memset(line, '#', sizeof line);
        expected = next_part(row, &at, size - 1, part);
        assert_error(row->name, tin_read_line(file, line, size, &got), TIN_OK);
        if (got != expected || memcmp(line, part, got) != 0 || line[got] != '\0' ||
            line[size] != '#')
            fail_msg("%s, size %u, buffer %u, split %u: \"%s\", not \"%.*s\"", row->name,
                     (unsigned)size, (unsigned)buffer_size, (unsigned)plan.split, line,
                     (int)expected, part);
        assert_error(row->name, tin_set_file_pointer(file, 0, FILE_CURRENT, &position), TIN_OK);
        assert_row(row->name, position == at);
    } while (got != 0);
    assert_row(row->name, at == row->size);
    assert_ok(tin_close_handle(file));
}

static void lines_are_cut_the_same_whatever_the_buffer(void **state)
{
    static const size_t sizes[] = {2, 3, 4, 5, 6, 12, 60};
    static const size_t buffers[] = {0, 1, 2, 3, 5};

    (void)state;
    plan.split = 0;
    server = fault_server_start_call(serve_body, NULL);
    for (size_t i = 0; i < TEST_COUNT_OF(bodies); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(sizes); j++)
            for (size_t k = 0; k < TEST_COUNT_OF(buffers) && test_has_turn(i + j); k++) {
                plan.body = &bodies[i];
                check_lines(&bodies[i], sizes[j], buffers[k]);
            }
}

static void lines_are_cut_the_same_whatever_the_packets(void **state)
{
    static const size_t sizes[] = {2, 4, 5, 60};

    (void)state;
    server = fault_server_start_call(serve_body, NULL);
    for (size_t i = 0; i < TEST_COUNT_OF(bodies); i++)
        for (size_t split = 1; split < bodies[i].size; split++)
            for (size_t j = 0; j < TEST_COUNT_OF(sizes) && test_has_turn(i + split); j++) {
                plan.body = &bodies[i];
                plan.split = split;
                check_lines(&bodies[i], sizes[j], 0);
            }
}

static void reads_and_lines_can_be_mixed(void **state)
{
    static const body row = BODY("mixed", "one\r\ntwo three\r\nfour");
    char text[32];
    size_t got;
    tin_handle file;

    (void)state;
    plan.body = &row;
    plan.split = 0;
    server = fault_server_start_call(serve_body, NULL);
    file = open_file();
    assert_ok(tin_read_line(file, text, sizeof text, &got));
    assert_string_equal(text, "one\n");
    assert_ok(tin_read_file(file, text, 4, &got));
    assert_memory_equal(text, "two ", 4);
    assert_ok(tin_query_data_available(file, &got));
    assert_int_equal(got, 11);
    assert_ok(tin_read_line(file, text, sizeof text, &got));
    assert_string_equal(text, "three\n");
    assert_ok(tin_read_line(file, text, sizeof text, &got));
    assert_string_equal(text, "four");
    assert_int_equal(got, 4);
}

static void lines_come_from_ftp_servers_and_files(void **state)
{
    static const fault_ftp small = {.size = 20};
    char line[32], expected[20];
    size_t got;
    tin_handle file;

    (void)state;
    server = fault_ftp_start(&small);
    fault_pattern_fill(0, expected, sizeof expected); /* without line breaks */
    assert_ok(
        tin_open_url(session, fault_server_url_for(server, "ftp", "/a.bin"), NULL, 0, NULL, &file));
    assert_ok(tin_read_line(file, line, sizeof line, &got));
    assert_int_equal(got, sizeof expected);
    assert_memory_equal(line, expected, got);
    assert_ok(tin_read_line(file, line, sizeof line, &got));
    assert_int_equal(got, 0);
    assert_ok(tin_close_handle(file));

    assert_ok(tin_open_url(session, test_file("a\r\nb", 4), NULL, 0, NULL, &file));
    assert_ok(tin_read_line(file, line, sizeof line, &got));
    assert_string_equal(line, "a\n");
    assert_ok(tin_read_line(file, line, sizeof line, &got));
    assert_string_equal(line, "b");
    assert_ok(tin_close_handle(file));
    test_files_remove(NULL);
}

/* ---- waiting, failing ------------------------------------------------------------------------ */

static void a_line_does_not_wait_for_the_next(void **state)
{
    static const fault_step steps[] = {
        FAULT_READ_REQUEST, FAULT_SEND(OK_HEAD "Content-Length: 19\r\n\r\nfirst\r\nseco"),
        FAULT_HOLD, FAULT_SEND("nd\nthird"), FAULT_END};
    char line[32];
    size_t got;
    tin_handle file;

    (void)state;
    server = fault_server_start(steps);
    file = open_file();
    assert_ok(tin_read_line(file, line, sizeof line, &got));
    assert_string_equal(line, "first\n");
    assert_ok(tin_read_line(file, line, 4, &got)); /* nor a part for what is behind it */
    assert_string_equal(line, "sec");
    fault_server_release(server);
    assert_ok(tin_read_line(file, line, sizeof line, &got));
    assert_string_equal(line, "ond\n");
    assert_ok(tin_read_line(file, line, sizeof line, &got));
    assert_string_equal(line, "third");
    assert_ok(tin_read_line(file, line, sizeof line, &got));
    assert_int_equal(got, 0);
    assert_string_equal(line, "");
}

static void bytes_before_a_failure_are_a_part(void **state)
{
    static const struct {
        const char *name;
        fault_step steps[5];
        const char *part;
        tin_error error;
    } rows[] = {
        {"truncated",
         {FAULT_READ_REQUEST, FAULT_SEND(OK_HEAD "Content-Length: 99\r\n\r\na\npart"), FAULT_END},
         "part",
         TIN_E_TRUNCATED},
        {"truncated behind CR",
         {FAULT_READ_REQUEST, FAULT_SEND(OK_HEAD "Content-Length: 99\r\n\r\na\npart\r"), FAULT_END},
         "part\r",
         TIN_E_TRUNCATED},
        {"truncated behind a line",
         {FAULT_READ_REQUEST, FAULT_SEND(OK_HEAD "Content-Length: 99\r\n\r\na\n"), FAULT_END},
         NULL,
         TIN_E_TRUNCATED},
        {"time-out",
         {FAULT_READ_REQUEST, FAULT_SEND(OK_HEAD "Content-Length: 99\r\n\r\na\npart"), FAULT_MUTE,
          FAULT_END},
         "part",
         TIN_E_TIMEOUT},
        {"time-out behind CR of a full part",
         {FAULT_READ_REQUEST, FAULT_SEND(OK_HEAD "Content-Length: 99\r\n\r\na\n123456\r"),
          FAULT_MUTE, FAULT_END},
         "123456\r",
         TIN_E_TIMEOUT},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        fault_server *before = server;
        char line[8];
        size_t got;
        tin_handle file;

        if (before != NULL)
            fault_server_release(before);
        fault_server_stop(before);
        server = fault_server_start(rows[i].steps);
        file = open_file();
        assert_error(rows[i].name, tin_read_line(file, line, sizeof line, &got), TIN_OK);
        assert_string_equal(line, "a\n");
        if (rows[i].error == TIN_E_TIMEOUT) /* else the server may take its time to end it */
            assert_ok(tin_set_option_dword(file, INTERNET_OPTION_RECEIVE_TIMEOUT, 200));
        if (rows[i].part != NULL) {
            assert_error(rows[i].name, tin_read_line(file, line, sizeof line, &got), TIN_OK);
            assert_string_equal(line, rows[i].part);
        }
        for (int again = 0; again < 3; again++) {
            strcpy(line, "x");
            assert_error(rows[i].name, tin_read_line(file, line, sizeof line, &got), rows[i].error);
            assert_int_equal(got, 0);
            assert_string_equal(line, "");
        }
        assert_ok(tin_close_handle(file));
    }
}

typedef struct waiter {
    tin_handle file;
    char line[16];
    size_t got;
    tin_result result;
} waiter;

static void read_it(void *context)
{
    waiter *waiting = context;

    waiting->result =
        tin_read_line(waiting->file, waiting->line, sizeof waiting->line, &waiting->got);
}

static void a_line_that_does_not_end_can_be_cancelled(void **state)
{
    static const fault_step steps[] = {FAULT_READ_REQUEST,
                                       FAULT_SEND(OK_HEAD "Content-Length: 19\r\n\r\npart"),
                                       FAULT_MUTE, FAULT_END};
    waiter waiting = {.got = 77};
    test_thread *thread;

    (void)state;
    server = fault_server_start(steps);
    waiting.file = open_file();
    thread = test_thread_start(read_it, &waiting);
    assert_true(fault_server_wait(server, FAULT_HOLDS, 1, TEST_PATIENCE_MS));
    assert_ok(tin_cancel(waiting.file));
    test_thread_join(thread, TEST_PATIENCE_MS);
    assert_int_equal(waiting.result.error, TIN_E_CANCELLED);
    assert_int_equal(waiting.got, 0);
    assert_string_equal(waiting.line, "");
    read_it(&waiting);
    assert_int_equal(waiting.result.error, TIN_E_CANCELLED);
}

static void many_short_lines_call_wininet_seldom(void **state)
{
    static char text[1000000];
    static const fault_step steps[] = {FAULT_READ_REQUEST,
                                       FAULT_SEND(OK_HEAD "Content-Length: 1000000\r\n\r\n"),
                                       FAULT_SEND_BYTES(text, sizeof text), FAULT_END};
    char line[100];
    size_t got;
    tin_handle file;

    (void)state;
    for (size_t at = 0; at < sizeof text; at += 10)
        memcpy(text + at, "12345678\r\n", 10);
    server = fault_server_start(steps);
    file = open_file();
    assert_true(fault_server_wait(server, FAULT_BYTES_SENT, 1000000, TEST_PATIENCE_MS));
    native_reads = 0;
    for (int i = 0; i < 100000; i++) {
        assert_ok(tin_read_line(file, line, sizeof line, &got));
        if (got != 9 || memcmp(line, "12345678\n", 10) != 0)
            fail_msg("line %d: \"%s\"", i, line);
    }
    assert_true(native_reads > 0);
    assert_true(native_reads < 500);
    assert_ok(tin_read_line(file, line, sizeof line, &got));
    assert_int_equal(got, 0);
}

static void what_cannot_be_a_line_is_refused(void **state)
{
    static const body row = BODY("a line", "a\n");
    char line[4] = "x";
    size_t got = 7;
    tin_handle file;

    (void)state;
    plan.body = &row;
    plan.split = 0;
    server = fault_server_start_call(serve_body, NULL);
    file = open_file();
    assert_gives(tin_read_line(file, line, 1, &got), TIN_E_ARGUMENT);
    assert_int_equal(got, 0);
    assert_string_equal(line, "");
    got = 7;
    assert_gives(tin_read_line(file, line, 0, &got), TIN_E_ARGUMENT);
    assert_int_equal(got, 0);
    assert_gives(tin_read_line(file, NULL, 4, &got), TIN_E_ARGUMENT);
    assert_gives(tin_read_line(file, line, 4, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_read_line(session, line, 4, &got), TIN_E_HANDLE);
    assert_gives(tin_read_line(NULL, line, 4, &got), TIN_E_HANDLE);
    assert_ok(tin_read_line(file, line, 4, &got));
    assert_string_equal(line, "a\n");
    assert_ok(tin_close_handle(file));
    assert_gives(tin_read_line(file, line, 4, &got), TIN_E_HANDLE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_all, close_all)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(lines_are_cut_the_same_whatever_the_buffer),
        TEST(lines_are_cut_the_same_whatever_the_packets),
        TEST(reads_and_lines_can_be_mixed),
        TEST(lines_come_from_ftp_servers_and_files),
        TEST(a_line_does_not_wait_for_the_next),
        TEST(bytes_before_a_failure_are_a_part),
        TEST(a_line_that_does_not_end_can_be_cancelled),
        TEST(many_short_lines_call_wininet_seldom),
        TEST(what_cannot_be_a_line_is_refused),
    };

    return test_run_group(tests, NULL, NULL);
}
