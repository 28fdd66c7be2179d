/* SPDX-License-Identifier: MIT */
/* Positions: what moves without a request, what a request asks for, and which answers are
 * believed. */
#include "test.h"

#include "check.h"
#include "fault_ftp.h"
#include "fault_server.h"
#include "guarded_heap.h"
#include "internal.h"

#include <inttypes.h>

#define ETAG "ETag: \"one\"\r\n"
#define RANGES "Accept-Ranges: bytes\r\n"
#define DATE "Sat, 01 Jan 2000 00:00:00 GMT"

/* ---- a server of ranges ---------------------------------------------------------------------- */

enum { WHOLE = 100000 };

/* How it answers; the body is the known pattern. */
static struct {
    const char *head;  /* more headers of each answer */
    uint64_t cut;      /* the first answer ends after so many bytes; 0: it does not */
    bool mute, reset;  /* it does not end the connection then, or resets it */
    const char *again; /* the answer to a range, but for its body; NULL: as it should be */
    uint64_t bytes;    /* of that body, from the place that was asked for */
    bool silent;       /* there is no answer to a range */
} plan;

static bool send_pattern(fault_connection *connection, uint64_t from, uint64_t size)
{
    const fault_step steps[] = {
        {.action = FAULT_STEP_SEEK, .amount = from},
        {.action = FAULT_STEP_SEND_COUNTER, .amount = size},
        {.action = FAULT_STEP_END},
    };

    return fault_play(connection, steps);
}

static bool serve_whole(fault_connection *connection)
{
    static const fault_step mute[] = {FAULT_MUTE, FAULT_END};
    static const fault_step reset[] = {FAULT_RST, FAULT_END};

    if (!fault_send_format(connection, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n", WHOLE,
                           plan.head))
        return false;
    if (plan.cut == 0)
        return send_pattern(connection, 0, WHOLE);
    if (!send_pattern(connection, 0, plan.cut))
        return false;
    if (plan.mute)
        return fault_play(connection, mute) && false;
    return plan.reset ? fault_play(connection, reset) : false;
}

static bool serve_part(fault_connection *connection, const char *range)
{
    static const fault_step mute[] = {FAULT_MUTE, FAULT_END};
    char *end;
    const uint64_t first = strtoull(range, &end, 10);
    const uint64_t last = end[1] != '\r' ? strtoull(end + 1, NULL, 10) : WHOLE - 1;

    if (plan.silent)
        return fault_play(connection, mute) && false;
    if (plan.again != NULL)
        return fault_send_format(connection, "%sConnection: close\r\n\r\n", plan.again) &&
               send_pattern(connection, first, plan.bytes) && false;
    return fault_send_format(connection,
                             "HTTP/1.1 206 Partial Content\r\nContent-Length: %" PRIu64
                             "\r\nContent-Range: bytes %" PRIu64 "-%" PRIu64 "/%d\r\n%s\r\n",
                             last - first + 1, first, last, WHOLE, plan.head) &&
           send_pattern(connection, first, last - first + 1);
}

/* "/there" is where "/moved" leads. */
static bool serve(fault_connection *connection, const void *context)
{
    const char *request;

    (void)context;
    while ((request = fault_read_message(connection, "\r\n\r\n")) != NULL) {
        const char *range = strstr(request, "\r\nRange: bytes=");
        bool more;

        if (strncmp(request, "GET /moved", 10) == 0)
            more = fault_send_format(connection, "HTTP/1.1 302 Found\r\nLocation: /there\r\n"
                                                 "Content-Length: 0\r\n\r\n");
        else
            more = range != NULL ? serve_part(connection, range + strlen("\r\nRange: bytes="))
                                 : serve_whole(connection);
        if (!more)
            return !plan.reset || range != NULL;
    }
    return true;
}

static tin_handle session;
static fault_server *server;

static int open_all(void **state)
{
    (void)state;
    memset(&plan, 0, sizeof plan);
    plan.head = RANGES ETAG;
    assert_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
    server = fault_server_start_call(serve, NULL);
    return 0;
}

static int close_all(void **state)
{
    assert_ok(tin_close_handle(session));
    fault_server_release(server);
    fault_server_stop(server);
    assert_true(
        tin__wait_until_idle(3 * TEST_PATIENCE_MS)); /* Wine 8 reads what is left of 5 GiB */
    return test_files_remove(state);
}

static tin_handle open_with(const char *path, const char *headers)
{
    tin_handle file;

    assert_ok(tin_open_url(session, fault_server_url(server, path), headers, 0, NULL, &file));
    assert_ok(tin_set_read_buffer_size(file, 100));
    return file;
}

static tin_handle open_file(void)
{
    return open_with("/", NULL);
}

static uint64_t requests(void)
{
    return fault_server_count(server, FAULT_REQUESTS);
}

static const char *last_request(void)
{
    static char text[4096];

    fault_server_request(server, requests() - 1, text, sizeof text);
    return text;
}

static void expect_bytes(const char *name, tin_handle file, uint64_t at, size_t size)
{
    static char buffer[WHOLE];
    size_t got;

    assert_error(name, tin_read_file(file, buffer, size, &got), TIN_OK);
    if (got != size || !fault_pattern_matches(at, buffer, got))
        fail_msg("%s: %u bytes at %u: %u, or wrong ones", name, (unsigned)size, (unsigned)at,
                 (unsigned)got);
}

/* By reads that the buffer serves. */
static void expect_buffered(const char *name, tin_handle file, uint64_t at, size_t size)
{
    for (size_t done = 0; done < size; done += 10)
        expect_bytes(name, file, at + done, size - done < 10 ? size - done : 10);
}

static void expect_end(const char *name, tin_handle file)
{
    char byte;
    size_t got = 1;

    assert_error(name, tin_read_file(file, &byte, 1, &got), TIN_OK);
    assert_row(name, got == 0);
}

static void expect_failure(const char *name, tin_handle file, tin_error error)
{
    char byte;
    size_t got = 1;

    for (int i = 0; i < 3; i++) {
        assert_error(name, tin_read_file(file, &byte, 1, &got), error);
        assert_row(name, got == 0);
    }
}

static void move(const char *name, tin_handle file, int64_t distance, DWORD method,
                 uint64_t expected)
{
    uint64_t position = 77;

    assert_error(name, tin_set_file_pointer(file, distance, method, &position), TIN_OK);
    if (position != expected)
        fail_msg("%s: at %u, not %u", name, (unsigned)position, (unsigned)expected);
}

static void refuse(const char *name, tin_handle file, int64_t distance, DWORD method,
                   tin_error error)
{
    uint64_t position = 77;

    assert_error(name, tin_set_file_pointer(file, distance, method, &position), error);
    assert_row(name, position == 0);
}

/* ---- moving ---------------------------------------------------------------------------------- */

static void every_place_can_be_read(void **state)
{
    const tin_handle file = open_file();
    uint64_t length;

    (void)state;
    move("tell", file, 0, FILE_CURRENT, 0);
    expect_bytes("start", file, 0, 10);
    move("far", file, 50000, FILE_BEGIN, 50000);
    expect_bytes("far", file, 50000, 1000);
    move("tell", file, 0, FILE_CURRENT, 51000);
    move("on", file, 9000, FILE_CURRENT, 60000);
    expect_bytes("on", file, 60000, 3);
    move("back", file, -30003, FILE_CURRENT, 30000);
    expect_bytes("back", file, 30000, 3);
    move("from the end", file, -7, FILE_END, WHOLE - 7);
    expect_bytes("from the end", file, WHOLE - 7, 7);
    expect_end("end", file);
    move("begin", file, 0, FILE_BEGIN, 0);
    expect_bytes("all", file, 0, WHOLE);
    expect_end("end", file);
    assert_ok(tin_get_length(file, &length));
    assert_int_equal(length, WHOLE);
}

static void what_the_buffer_holds_needs_no_request(void **state)
{
    const tin_handle file = open_file();

    (void)state;
    expect_bytes("start", file, 0, 10);
    for (int64_t at = 99; at >= 0; at -= 11) {
        move("within", file, at, FILE_BEGIN, (uint64_t)at);
        expect_bytes("within", file, (uint64_t)at, 1);
    }
    move("its end", file, 100, FILE_BEGIN, 100);
    expect_buffered("its end", file, 100, 150);
    move("the third", file, 201, FILE_BEGIN, 201);
    expect_buffered("the third", file, 201, 90);
    assert_int_equal(requests(), 1);
    move("before it", file, 99, FILE_BEGIN, 99);
    expect_buffered("before it", file, 99, 200);
    assert_int_equal(requests(), 2);
}

static void the_end_needs_no_request(void **state)
{
    const tin_handle file = open_file();

    (void)state;
    move("end", file, 0, FILE_END, WHOLE);
    expect_end("end", file);
    expect_end("end", file);
    move("and back", file, 0, FILE_BEGIN, 0); /* as is done to learn the length */
    expect_buffered("and back", file, 0, 1000);
    move("end", file, WHOLE, FILE_BEGIN, WHOLE);
    expect_end("end", file);
    move("back to the buffer", file, 950, FILE_BEGIN, 950);
    expect_buffered("back to the buffer", file, 950, 1000);
    assert_int_equal(requests(), 1);
    move("read to the end", file, WHOLE - 5, FILE_BEGIN, WHOLE - 5);
    expect_bytes("read to the end", file, WHOLE - 5, 5);
    expect_end("read to the end", file);
    move("end", file, 0, FILE_END, WHOLE);
    move("in the last buffer", file, -4, FILE_CURRENT, WHOLE - 4);
    expect_bytes("in the last buffer", file, WHOLE - 4, 4);
    expect_end("in the last buffer", file);
    assert_int_equal(requests(), 2);
}

static void what_cannot_be_changes_nothing(void **state)
{
    static const struct {
        const char *name;
        int64_t distance;
        DWORD method;
    } rows[] = {
        {"before 0", -1, FILE_BEGIN},
        {"before 0 from here", -11, FILE_CURRENT},
        {"before 0 from the end", -WHOLE - 1, FILE_END},
        {"behind the end", WHOLE + 1, FILE_BEGIN},
        {"behind the end from here", WHOLE - 9, FILE_CURRENT},
        {"behind the end from the end", 1, FILE_END},
        {"the lowest number", INT64_MIN, FILE_CURRENT},
        {"the highest number", INT64_MAX, FILE_CURRENT},
        {"the highest number from the end", INT64_MAX, FILE_END},
        {"no method", 0, 3},
    };
    const tin_handle file = open_file();

    (void)state;
    expect_bytes("start", file, 0, 10);
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++)
        refuse(rows[i].name, file, rows[i].distance, rows[i].method, TIN_E_ARGUMENT);
    assert_gives(tin_set_file_pointer(file, 0, FILE_BEGIN, NULL), TIN_E_ARGUMENT);
    refuse("session", session, 0, FILE_BEGIN, TIN_E_HANDLE);
    refuse("none", NULL, 0, FILE_BEGIN, TIN_E_HANDLE);
    expect_bytes("goes on", file, 10, WHOLE - 10);
    assert_int_equal(requests(), 1);
    assert_ok(tin_cancel(file));
    refuse("cancelled", file, 0, FILE_BEGIN, TIN_E_CANCELLED);
    assert_ok(tin_close_handle(file));
    refuse("closed", file, 0, FILE_BEGIN, TIN_E_HANDLE);
}

static void random_moves_and_reads_give_the_right_bytes(void **state)
{
    static char bytes[WHOLE];
    tin_handle files[2];
    uint32_t seed = 1;

    (void)state;
    fault_pattern_fill(0, bytes, sizeof bytes);
    files[0] = open_file();
    assert_ok(tin_open_url(session, test_file(bytes, sizeof bytes), NULL, 0, NULL, &files[1]));
    assert_ok(tin_set_read_buffer_size(files[1], 100));
    for (int i = 0; i < 200; i++) {
        uint64_t at;
        size_t size, there;

        seed = seed * 1664525u + 1013904223u;
        at = i % 2 != 0 ? (seed >> 8) % (WHOLE + 1) : (seed >> 8) % 300;
        size = 1 + (seed >> 20) % 200;
        there = at + size < WHOLE ? size : (size_t)(WHOLE - at);
        for (int j = 0; j < 2; j++) {
            move("random", files[j], (int64_t)at, FILE_BEGIN, at);
            if (there != 0)
                expect_bytes("random", files[j], at, there);
            else
                expect_end("random", files[j]);
            move("tell", files[j], 0, FILE_CURRENT, at + there);
        }
    }
}

/* It ends each connection early, so that nothing is left to be read away. */
static bool serve_vast(fault_connection *connection, const void *context)
{
    const char *request = fault_read_message(connection, "\r\n\r\n");
    const char *range = request != NULL ? strstr(request, "\r\nRange: bytes=") : NULL;
    uint64_t first;

    (void)context;
    if (request == NULL)
        return false;
    if (range == NULL)
        return fault_send_format(connection, "HTTP/1.1 200 OK\r\n" RANGES
                                             "Content-Length: 9000000000\r\n\r\n") &&
               send_pattern(connection, 0, 1000) && false;
    first = strtoull(range + strlen("\r\nRange: bytes="), NULL, 10);
    return fault_send_format(connection,
                             "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %" PRIu64
                             "-8999999999/9000000000\r\nConnection: close\r\n\r\n",
                             first) &&
           send_pattern(connection, first, 1000) && false;
}

static void places_beyond_4_gib_are_places_like_any(void **state)
{
    static const uint64_t places[] = {4294967295, 4294967296, 8589934592, 8999999000, 5};
    fault_server *vast = fault_server_start_call(serve_vast, NULL);
    tin_handle file;
    uint64_t length;

    (void)state;
    assert_ok(tin_open_url(session, fault_server_url(vast, "/"), NULL, 0, NULL, &file));
    assert_ok(tin_set_read_buffer_size(file, 100));
    for (size_t i = 0; i < TEST_COUNT_OF(places); i++) {
        move("vast", file, (int64_t)places[i], FILE_BEGIN, places[i]);
        expect_bytes("vast", file, places[i], 1000);
    }
    move("from the end", file, -4000000000, FILE_END, 5000000000);
    expect_bytes("from the end", file, 5000000000, 1000);
    move("on", file, 3999998000, FILE_CURRENT, 8999999000);
    expect_bytes("on", file, 8999999000, 1000);
    expect_end("end", file);
    assert_ok(tin_get_length(file, &length));
    assert_true(length == 9000000000);
    assert_ok(tin_close_handle(file));
    fault_server_stop(vast);
}

/* ---- what is asked for ----------------------------------------------------------------------- */

static void the_request_is_the_first_one_for_the_rest(void **state)
{
    static const struct {
        const char *name, *head, *headers, *has[3], *has_not;
    } rows[] = {
        {"strong tag",
         RANGES ETAG "Last-Modified: " DATE "\r\n",
         NULL,
         {"\r\nRange: bytes=5000-\r\n", "\r\nIf-Range: \"one\"\r\n"},
         DATE},
        {"weak tag",
         RANGES "ETag: W/\"one\"\r\nLast-Modified: " DATE "\r\n",
         NULL,
         {"\r\nRange: bytes=5000-\r\n", "\r\nIf-Range: " DATE "\r\n"},
         "W/"},
        {"no tag", RANGES, NULL, {"\r\nRange: bytes=5000-\r\n"}, "If-Range"},
        {"headers",
         RANGES ETAG,
         "X-One: 1\r\nX-Two: 2",
         {"\r\nX-One: 1\r\n", "\r\nX-Two: 2\r\n", "\r\nRange: bytes=5000-\r\n"},
         NULL},
        {"headers that end",
         RANGES ETAG,
         "X-One: 1\r\n",
         {"\r\nX-One: 1\r\n", "\r\nRange: bytes=5000-\r\n"},
         NULL},
        {"capitals", "ACCEPT-RANGES: BYTES\r\n" ETAG, NULL, {"\r\nRange: bytes=5000-\r\n"}, NULL},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        tin_handle file;

        plan.head = rows[i].head;
        file = open_with("/", rows[i].headers);
        move(rows[i].name, file, 5000, FILE_BEGIN, 5000);
        for (int j = 0; j < 3; j++)
            assert_row(rows[i].name,
                       rows[i].has[j] == NULL || strstr(last_request(), rows[i].has[j]) != NULL);
        assert_row(rows[i].name,
                   rows[i].has_not == NULL || strstr(last_request(), rows[i].has_not) == NULL);
        expect_bytes(rows[i].name, file, 5000, 100);
        assert_ok(tin_close_handle(file));
    }
}

static void the_request_goes_where_the_redirect_led(void **state)
{
    const tin_handle file = open_with("/moved", NULL);

    (void)state;
    assert_int_equal(requests(), 2);
    move("there", file, 5000, FILE_BEGIN, 5000);
    assert_int_equal(requests(), 3);
    assert_true(strncmp(last_request(), "GET /there HTTP", 15) == 0);
    expect_bytes("there", file, 5000, 100);
}

static void a_part_that_the_caller_asked_for_is_a_file_of_its_own(void **state)
{
    const tin_handle file = open_with("/", "X-One: 1\r\nRange: bytes=800-1799\r\nX-Two: 2\r\n");
    uint64_t length;

    (void)state;
    assert_ok(tin_get_length(file, &length));
    assert_int_equal(length, 1000);
    expect_bytes("start", file, 800, 10);
    move("within", file, 500, FILE_BEGIN, 500);
    assert_non_null(strstr(last_request(), "\r\nRange: bytes=1300-1799\r\n"));
    assert_non_null(strstr(last_request(), "\r\nX-Two: 2\r\n"));
    assert_null(strstr(last_request(), "bytes=800"));
    expect_bytes("within", file, 1300, 500);
    expect_end("end", file);
    refuse("behind", file, 1001, FILE_BEGIN, TIN_E_ARGUMENT);
    move("from the end", file, -900, FILE_END, 100);
    expect_bytes("from the end", file, 900, 900);
    expect_end("end", file);
}

/* ---- which streams, which answers ------------------------------------------------------------ */

static void what_cannot_be_sought_goes_on(void **state)
{
    static const struct {
        const char *name, *head;
    } rows[] = {
        {"not said", ETAG},
        {"none", "Accept-Ranges: none\r\n" ETAG},
        {"coded", RANGES ETAG "Content-Encoding: gzip\r\n"},
    };
    tin_handle file;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        plan.head = rows[i].head;
        file = open_file();
        expect_bytes(rows[i].name, file, 0, 10);
        refuse(rows[i].name, file, 5000, FILE_BEGIN, TIN_E_UNSUPPORTED);
        refuse(rows[i].name, file, 0, FILE_END, TIN_E_UNSUPPORTED);
        expect_bytes(rows[i].name, file, 10, WHOLE - 10);
        expect_end(rows[i].name, file);
        assert_ok(tin_close_handle(file));
    }
    assert_int_equal(requests(), TEST_COUNT_OF(rows));

    plan.head = RANGES ETAG;
    assert_ok(tin_set_option_dword(session, INTERNET_OPTION_HTTP_DECODING, TRUE));
    file = open_file();
    refuse("decoded", file, 5000, FILE_BEGIN, TIN_E_UNSUPPORTED);
    refuse("decoded", file, 0, FILE_END, TIN_E_UNSUPPORTED);
}

static void ftp_cannot_be_sought(void **state)
{
    static const fault_ftp small = {.size = 20};
    fault_server *ftp = fault_ftp_start(&small);
    tin_handle file;

    (void)state;
    assert_ok(
        tin_open_url(session, fault_server_url_for(ftp, "ftp", "/a.bin"), NULL, 0, NULL, &file));
    refuse("ftp", file, 1, FILE_BEGIN, TIN_E_UNSUPPORTED);
    expect_bytes("ftp", file, 0, 20);
    assert_ok(tin_close_handle(file));
    fault_server_stop(ftp);
}

#define PART(range) "HTTP/1.1 206 Partial Content\r\nContent-Range: " range "\r\n"
#define REST PART("bytes 5000-99999/100000")

static void only_the_rest_of_the_same_file_is_believed(void **state)
{
    static const struct {
        const char *name, *answer;
        uint64_t bytes;
        tin_error sought, read;
    } rows[] = {
        {"the rest", REST "Content-Length: 95000\r\n", 95000, TIN_OK, TIN_OK},
        {"the rest, with its tag", REST ETAG "Content-Length: 95000\r\n", 95000, TIN_OK, TIN_OK},
        {"the rest until the connection ends", REST "Connection: close\r\n", 95000, TIN_OK, TIN_OK},
        {"total not said", PART("bytes 5000-99999/*") "Content-Length: 95000\r\n", 95000, TIN_OK,
         TIN_OK},
        {"too long", REST "Connection: close\r\n", 96000, TIN_OK, TIN_OK},
        {"cut", REST "Content-Length: 95000\r\n", 50000, TIN_OK, TIN_E_TRUNCATED},
        {"cut, length not said", REST "Connection: close\r\n", 94999, TIN_OK, TIN_E_TRUNCATED},
        {"all of it", "HTTP/1.1 200 OK\r\nContent-Length: 95000\r\n", 95000, TIN_E_NOT_FOUND, 0},
        {"gone", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n", 0, TIN_E_NOT_FOUND, 0},
        {"shorter now", "HTTP/1.1 416 No\r\nContent-Length: 0\r\n", 0, TIN_E_NOT_FOUND, 0},
        {"changed", "HTTP/1.1 412 No\r\nContent-Length: 0\r\n", 0, TIN_E_NOT_FOUND, 0},
        {"moved", "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n", 0, TIN_E_REDIRECT,
         0},
        {"log-in", "HTTP/1.1 401 No\r\nContent-Length: 0\r\n", 0, TIN_E_AUTH, 0},
        {"busy", "HTTP/1.1 503 No\r\nContent-Length: 0\r\n", 0, TIN_E_SERVER, 0},
        {"no content", "HTTP/1.1 204 No\r\n", 0, TIN_E_PROTOCOL, 0},
        {"no range", "HTTP/1.1 206 Part\r\nContent-Length: 95000\r\n", 95000, TIN_E_PROTOCOL, 0},
        {"another tag", REST "ETag: \"two\"\r\nContent-Length: 95000\r\n", 95000, TIN_E_PROTOCOL,
         0},
        {"coded", REST "Content-Encoding: gzip\r\nContent-Length: 95000\r\n", 95000, TIN_E_PROTOCOL,
         0},
        {"before it", PART("bytes 4999-99999/100000"), 95001, TIN_E_PROTOCOL, 0},
        {"behind it", PART("bytes 5001-99999/100000"), 94999, TIN_E_PROTOCOL, 0},
        {"not to the end", PART("bytes 5000-99998/100000"), 94999, TIN_E_PROTOCOL, 0},
        {"longer now", PART("bytes 5000-99999/100001"), 95000, TIN_E_PROTOCOL, 0},
        {"longer and more", PART("bytes 5000-100000/100001"), 95001, TIN_E_PROTOCOL, 0},
        {"backwards", PART("bytes 5000-4999/100000"), 0, TIN_E_PROTOCOL, 0},
        {"behind its own end", PART("bytes 5000-100000/100000"), 0, TIN_E_PROTOCOL, 0},
        {"other unit", PART("lines 5000-99999/100000"), 0, TIN_E_PROTOCOL, 0},
        {"no numbers", PART("bytes a-b/c"), 0, TIN_E_PROTOCOL, 0},
        {"more behind it", PART("bytes 5000-99999/100000x"), 0, TIN_E_PROTOCOL, 0},
        {"beyond 64 bits", PART("bytes 18446744073709556616-99999/100000"), 0, TIN_E_PROTOCOL, 0},
        {"minus", PART("bytes -5000-99999/100000"), 0, TIN_E_PROTOCOL, 0},
        {"nothing", PART(""), 0, TIN_E_PROTOCOL, 0},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        tin_handle file;
        uint64_t length;

        plan.again = rows[i].answer;
        plan.bytes = rows[i].bytes;
        file = open_file();
        expect_bytes(rows[i].name, file, 0, 10);
        if (rows[i].sought != TIN_OK) {
            refuse(rows[i].name, file, 5000, FILE_BEGIN, rows[i].sought);
            expect_failure(rows[i].name, file, rows[i].sought);
        } else {
            move(rows[i].name, file, 5000, FILE_BEGIN, 5000);
            expect_bytes(rows[i].name, file, 5000,
                         rows[i].read == TIN_OK ? 95000 : (size_t)rows[i].bytes);
            if (rows[i].read == TIN_OK)
                expect_end(rows[i].name, file);
            else
                expect_failure(rows[i].name, file, rows[i].read);
        }
        assert_error(rows[i].name, tin_get_length(file, &length), TIN_OK);
        assert_row(rows[i].name, length == WHOLE);
        assert_ok(tin_close_handle(file));
    }
}

/* ---- resuming -------------------------------------------------------------------------------- */

static void a_broken_transfer_is_resumed(void **state)
{
    static const struct {
        const char *name;
        bool mute, reset;
    } rows[] = {{"ended", false, false}, {"stalled", true, false}, {"reset", false, true}};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        tin_handle file;
        char buffer[100];
        size_t got;
        uint64_t at = 0;
        tin_result result;

        plan.cut = 30050;
        plan.mute = rows[i].mute;
        plan.reset = rows[i].reset;
        assert_ok(tin_set_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT,
                                       rows[i].mute ? 300 : 30000));
        file = open_file();
        while (tin_ok(result = tin_read_file(file, buffer, 77, &got)) && got != 0) {
            assert_true(fault_pattern_matches(at, buffer, got));
            at += got;
        }
        assert_row(rows[i].name, result.error == TIN_E_TRUNCATED || rows[i].reset || rows[i].mute);
        assert_row(rows[i].name, result.error == TIN_E_TIMEOUT || !rows[i].mute);
        assert_row(rows[i].name, at == plan.cut || rows[i].reset);
        move(rows[i].name, file, 0, FILE_CURRENT, at);
        expect_bytes(rows[i].name, file, at, WHOLE - (size_t)at);
        expect_end(rows[i].name, file);
        assert_ok(tin_close_handle(file));
    }
}

static void resuming_can_be_tried_again(void **state)
{
    tin_handle file;

    (void)state;
    plan.cut = 30000;
    file = open_file();
    expect_bytes("first", file, 0, 30000);
    expect_failure("cut", file, TIN_E_TRUNCATED);
    plan.again = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n";
    refuse("busy", file, 0, FILE_CURRENT, TIN_E_SERVER);
    refuse("still busy", file, 0, FILE_CURRENT, TIN_E_SERVER);
    plan.again = NULL;
    move("not any more", file, 0, FILE_CURRENT, 30000);
    expect_bytes("not any more", file, 30000, WHOLE - 30000);
    plan.again = "HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n";
    refuse("gone", file, 5000, FILE_BEGIN, TIN_E_NOT_FOUND);
    plan.again = NULL;
    refuse("gone for good", file, 5000, FILE_BEGIN, TIN_E_NOT_FOUND);
}

static void bytes_before_a_failure_can_be_read_again(void **state)
{
    tin_handle file;

    (void)state;
    plan.cut = 150;
    file = open_file();
    expect_buffered("first", file, 0, 150);
    move("in the buffer", file, 120, FILE_BEGIN, 120);
    expect_bytes("in the buffer", file, 120, 30);
    expect_failure("cut", file, TIN_E_TRUNCATED);
}

static void moving_survives_a_want_of_memory(void **state)
{
    uint64_t n = 0;
    bool failed;

    (void)state;
    do {
        const tin_handle file = open_file();
        uint64_t position = 77;
        tin_result result;

        guarded_heap_fail_nth(++n);
        result = tin_set_file_pointer(file, 5000, FILE_BEGIN, &position);
        failed = guarded_heap_has_failed();
        assert_true(tin_ok(result) || (failed && result.error == TIN_E_MEMORY));
        assert_int_equal(position, tin_ok(result) ? 5000 : 0);
        move("again", file, 5000, FILE_BEGIN, 5000);
        expect_bytes("again", file, 5000, 1000);
        assert_ok(tin_close_handle(file));
    } while (failed);
    assert_true(n > 3);
}

static void the_password_is_in_no_block_that_is_freed(void **state)
{
    static const wchar_t secret[] = L"hunter2";
    char url[64];
    tin_handle file;

    (void)state;
    snprintf(url, sizeof url, "http://bob:hunter2@127.0.0.1:%u/", fault_server_port(server));
    guarded_heap_look_for(secret, sizeof secret - sizeof *secret);
    assert_ok(tin_open_url(session, url, NULL, 0, NULL, &file));
    move("away", file, 5000, FILE_BEGIN, 5000);
    assert_ok(tin_close_handle(file));
    assert_ok(tin_close_handle(session));
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
    assert_int_equal(guarded_heap_found(), 0);
    assert_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
    guarded_heap_look_for(NULL, 0);
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void moving_ends_at_its_deadline_and_can_be_tried_again(void **state)
{
    tin_handle file;
    uint64_t began_ms;

    (void)state;
    assert_ok(tin_set_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT, 300));
    plan.silent = true;
    file = open_file();
    began_ms = test_now_ms();
    refuse("silent", file, 5000, FILE_BEGIN, TIN_E_TIMEOUT);
    assert_in_range(test_now_ms() - began_ms, 280, 2000);
    expect_failure("silent", file, TIN_E_TIMEOUT);
    plan.silent = false;
    move("not any more", file, 5000, FILE_BEGIN, 5000);
    expect_bytes("not any more", file, 5000, 1000);
}

typedef struct mover {
    tin_handle file;
    tin_result result;
    uint64_t position;
} mover;

static void move_it(void *context)
{
    mover *moving = context;

    moving->result = tin_set_file_pointer(moving->file, 5000, FILE_BEGIN, &moving->position);
}

static void moving_can_be_cancelled_and_closed(void **state)
{
    (void)state;
    plan.silent = true;
    for (int i = 0; i < 2; i++) {
        mover moving = {.position = 77};
        test_thread *thread;

        moving.file = open_file();
        thread = test_thread_start(move_it, &moving);
        assert_true(fault_server_wait(server, FAULT_HOLDS, (uint64_t)i + 1, TEST_PATIENCE_MS));
        if (i == 0)
            assert_ok(tin_cancel(moving.file));
        else
            assert_ok(tin_close_handle(moving.file));
        test_thread_join(thread, TEST_PATIENCE_MS);
        assert_int_equal(moving.result.error, TIN_E_CANCELLED);
        assert_int_equal(moving.position, 0);
        if (i == 0)
            expect_failure("cancelled", moving.file, TIN_E_CANCELLED);
    }
}

/* ---- local files ----------------------------------------------------------------------------- */

static void a_local_file_that_grows_is_read_on(void **state)
{
    const char *path = test_file("0123456789", 10);
    tin_handle file, writer;
    char text[32];
    size_t got;
    uint64_t length;

    (void)state;
    assert_ok(tin_open_url(session, path, NULL, 0, NULL, &file));
    assert_ok(tin_read_file(file, text, sizeof text, &got));
    assert_int_equal(got, 10);
    expect_end("end", file);
    assert_ok(tin_open_local_file(session, path, GENERIC_WRITE, OPEN_EXISTING, NULL, &writer));
    move("append", writer, 0, FILE_END, 10);
    assert_ok(tin_write_file(writer, "abc", 3, &got));
    move("go on", file, 0, FILE_CURRENT, 10);
    assert_ok(tin_read_file(file, text, sizeof text, &got));
    assert_int_equal(got, 3);
    assert_memory_equal(text, "abc", 3);
    assert_ok(tin_get_length(file, &length));
    assert_int_equal(length, 13);
    move("from the end", file, -5, FILE_END, 8);
    assert_ok(tin_read_file(file, text, sizeof text, &got));
    assert_memory_equal(text, "89abc", 5);
    assert_ok(tin_close_handle(writer));
    assert_ok(tin_close_handle(file));
}

/* ---- a real server --------------------------------------------------------------------------- */

/* Parts of its 5 GiB: Wine 8 reads to the end what is closed or left by a move. */
static void nginx_gives_places_beyond_4_gib(void **state)
{
    static const struct {
        const char *range;
        uint64_t length;
        int64_t distance;
        DWORD method;
        uint64_t position;
        const char *text;
    } rows[] = {
        {"Range: bytes=4294967280-4296015871", 1048592, 16, FILE_BEGIN, 16, "<from 4 GiB on.>"},
        {"Range: bytes=4293918720-4294967295", 1048576, -16, FILE_END, 1048560, "<below  4 GiB..>"},
        {"Range: bytes=5367660544-", 1048576, -16, FILE_END, 1048560, "<it ends here..>"},
    };
    char url[256];

    (void)state;
    snprintf(url, sizeof url, "%s/5g.bin", test_env("TIN_TEST_HTTP"));
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        char text[17] = "";
        tin_handle file;
        uint64_t length;
        size_t got;

        assert_ok(tin_open_url(session, url, rows[i].range, 0, NULL, &file));
        assert_ok(tin_get_length(file, &length));
        assert_int_equal(length, rows[i].length);
        move(rows[i].text, file, rows[i].distance, rows[i].method, rows[i].position);
        assert_ok(tin_read_file(file, text, 16, &got));
        assert_string_equal(text, rows[i].text);
        move(rows[i].text, file, 0, FILE_BEGIN, 0);
        assert_ok(tin_close_handle(file));
    }
}

static void nginx_gives_no_places_in_what_it_compressed(void **state)
{
    char url[256];
    tin_handle file;

    (void)state;
    snprintf(url, sizeof url, "%s/gzipped/1m.bin", test_env("TIN_TEST_HTTP"));
    assert_ok(tin_open_url(session, url, NULL, 0, NULL, &file));
    refuse("gzip", file, 1000, FILE_BEGIN, TIN_E_UNSUPPORTED);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_all, close_all)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(every_place_can_be_read),
        TEST(what_the_buffer_holds_needs_no_request),
        TEST(the_end_needs_no_request),
        TEST(what_cannot_be_changes_nothing),
        TEST(random_moves_and_reads_give_the_right_bytes),
        TEST(places_beyond_4_gib_are_places_like_any),
        TEST(the_request_is_the_first_one_for_the_rest),
        TEST(the_request_goes_where_the_redirect_led),
        TEST(a_part_that_the_caller_asked_for_is_a_file_of_its_own),
        TEST(what_cannot_be_sought_goes_on),
        TEST(ftp_cannot_be_sought),
        TEST(only_the_rest_of_the_same_file_is_believed),
        TEST(a_broken_transfer_is_resumed),
        TEST(resuming_can_be_tried_again),
        TEST(bytes_before_a_failure_can_be_read_again),
        TEST(moving_survives_a_want_of_memory),
        TEST(the_password_is_in_no_block_that_is_freed),
        TEST(moving_ends_at_its_deadline_and_can_be_tried_again),
        TEST(moving_can_be_cancelled_and_closed),
        TEST(a_local_file_that_grows_is_read_on),
        TEST(nginx_gives_places_beyond_4_gib),
        TEST(nginx_gives_no_places_in_what_it_compressed),
    };

    return test_run_group(tests, NULL, NULL);
}
