/* SPDX-License-Identifier: MIT */
/* What nginx serves, through the public functions. */
#include "real_server.h"

#include <psapi.h>

/* ---- Reading -------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *server;
    const char *path;
    body_check *check;
} whole_bodies[] = {
    {"http: a line", "TIN_TEST_HTTP", "/hello.txt", is_hello},
    {"http: a page", "TIN_TEST_HTTP", "/page.html", is_page},
    {"http: 1 MiB", "TIN_TEST_HTTP", "/1m.bin", is_counter},
    {"http: nothing", "TIN_TEST_HTTP", "/empty.txt", is_empty},
    {"https: a page", "TIN_TEST_HTTPS", "/page.html", is_page},
    {"https: 1 MiB", "TIN_TEST_HTTPS", "/1m.bin", is_counter},
    {"ftp: a line", "TIN_TEST_FTP", "/hello.txt", is_hello},
    {"ftp: a page", "TIN_TEST_FTP", "/page.html", is_page},
    {"ftp: 1 MiB", "TIN_TEST_FTP", "/1m.bin", is_counter},
    {"ftp: nothing", "TIN_TEST_FTP", "/empty.txt", is_empty},
};

static const size_t chunks[] = {1, 3, 4096, MIB};

static void assert_reads_whole(tin_handle session, read_function *read_some, bool fills)
{
    size_t row, i;

    for (row = 0; row < TEST_COUNT_OF(whole_bodies); row++)
        for (i = 0; i < TEST_COUNT_OF(chunks); i++) {
            const char *url = url_of(whole_bodies[row].server, whole_bodies[row].path);
            char *name = next_name();
            tin_handle file;
            size_t got;
            char byte;
            body read;

            if (!test_has_turn(row + i))
                continue;
            snprintf(name, NAME_SIZE, "%s in reads of %u", whole_bodies[row].name,
                     (unsigned)chunks[i]);
            file = open_page(name, session, url);
            read = read_body(file, chunks[i], read_some);
            assert_error(name, read.result, TIN_OK);
            assert_row(name, whole_bodies[row].check(&read));
            assert_row(name, !fills || !read.short_read);
            assert_error(name, read_some(file, &byte, 1, &got), TIN_OK);
            assert_row(name, got == 0); /* the end stays the end */
            close_page(name, file);
            free(read.bytes);
        }
}

static void read_file_reads_whole_bodies_in_any_size(void **state)
{
    assert_reads_whole(*state, tin_read_file, true);
}

static void read_available_reads_whole_bodies_in_any_size(void **state)
{
    assert_reads_whole(*state, tin_read_available, false);
}

static void both_ways_of_reading_share_one_position(void **state)
{
    tin_handle file;
    char bytes[64] = "";
    size_t first, second;

    file = open_page("open", *state, url_of("TIN_TEST_HTTP", "/hello.txt"));
    assert_error("a part", tin_read_available(file, bytes, 7, &first), TIN_OK);
    assert_in_range(first, 1, 7);
    assert_error("the rest", tin_read_file(file, bytes + first, sizeof bytes - first, &second),
                 TIN_OK);
    assert_memory_equal(bytes, HELLO, sizeof HELLO);
    close_page("close", file);
}

static void get_length_is_what_the_server_announced(void **state)
{
    static const struct {
        const char *name;
        const char *path;
        tin_error error;
        unsigned long long length;
    } rows[] = {
        {"a line", "/hello.txt", TIN_OK, sizeof HELLO - 1},
        {"nothing", "/empty.txt", TIN_OK, 0},
        {"1 MiB", "/1m.bin", TIN_OK, MIB},
        {"204", "/status/204", TIN_OK, 0},
        {"304", "/status/304", TIN_OK, 0},
        {"chunked", "/echo", TIN_E_NOT_FOUND, 0},
    };
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *name = rows[i].name;
        uint64_t before = 1, after = 1;
        tin_handle file;
        char bytes[8];
        size_t got;

        file = open_page(name, *state, url_of("TIN_TEST_HTTP", rows[i].path));
        assert_error(name, tin_get_length(file, &before), rows[i].error);
        assert_row(name, before == rows[i].length);
        assert_error(name, tin_read_file(file, bytes, sizeof bytes, &got), TIN_OK);
        assert_error(name, tin_get_length(file, &after), rows[i].error);
        assert_row(name, after == rows[i].length);
        close_page(name, file);
    }
}

/* ---- Requests and answers ------------------------------------------------------------------- */

static void failure_statuses_are_successes_with_a_body(void **state)
{
    static const struct {
        DWORD status;
        const char *path;
        const char *body;
    } rows[] = {
        {404, "/no-such-file", "404 Not Found"},
        {400, "/status/400", "400 Bad Request"},
        {401, "/status/401", "401 Authorization Required"},
        {403, "/status/403", "403 Forbidden"},
        {410, "/status/410", "410 Gone"},
        {500, "/status/500", "500 Internal Server Error"},
        {503, "/status/503", "503 Service Temporarily Unavailable"},
        {204, "/status/204", ""},
        {304, "/status/304", ""},
    };
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *path = rows[i].path;
        tin_handle file;
        body read;

        file = open_page(path, *state, url_of("TIN_TEST_HTTP", path));
        assert_row(path, http_status(file) == rows[i].status);
        read = read_body(file, CHUNK, tin_read_file);
        assert_error(path, read.result, TIN_OK);
        assert_row(path, strstr(read.bytes, rows[i].body) != NULL);
        assert_row(path, (read.size == 0) == (rows[i].body[0] == '\0'));
        close_page(path, file);
        free(read.bytes);
    }
}

static void request_carries_agent_and_headers(void **state)
{
    body read = fetch(*state, url_of("TIN_TEST_HTTP", "/echo?a=b%20c"),
                      "X-First: 1\r\nX-Second: two words", FLAGS, NULL);

    assert_error("fetch", read.result, TIN_OK);
    assert_starts("request", read.bytes, "GET /echo?a=b%20c HTTP/1.1\r\n");
    assert_non_null(strstr(read.bytes, "\r\nUser-Agent: thininet test\r\n"));
    assert_non_null(strstr(read.bytes, "\r\nX-First: 1\r\n"));
    assert_non_null(strstr(read.bytes, "\r\nX-Second: two words\r\n"));
    free(read.bytes);
}

static void names_that_are_not_ascii_are_found(void **state)
{
    static const struct {
        const char *name;
        const char *path;
    } rows[] = {
        {"in UTF-8", "/gr\xC3\xBC\xC3\x9F\x65, \xE4\xBD\xA0\xE5\xA5\xBD.txt"},
        {"in escapes", "/gr%C3%BC%C3%9Fe,%20%E4%BD%A0%E5%A5%BD.txt"},
    };
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++)
        assert_fetches(rows[i].name, *state, url_of("TIN_TEST_HTTP", rows[i].path), is_hello);
}

static void user_info_of_a_url_logs_in(void **state)
{
    static const struct {
        const char *name;
        const char *user;
        DWORD status;
    } rows[] = {
        {"nobody", "", 401},
        {"user alone", "user@", 401},
        {"wrong password", "user:password@", 401},
        {"undecoded password", "user:pass%2520word%253A%2540@", 401},
        {"escapes", "user:pass%20word%3A%40@", 200},
        {"escapes in both, a colon in the password", "%75ser:p%61ss%20word:%40@", 200},
    };
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *name = rows[i].name;
        const char *url = url_with_user("TIN_TEST_HTTP", rows[i].user, "/auth/hello.txt");
        tin_handle file;
        body read;

        forget_logins();
        file = open_page(name, *state, url);
        assert_row(name, http_status(file) == rows[i].status);
        assert_text(name, option_text(name, file, INTERNET_OPTION_URL),
                    url_of("TIN_TEST_HTTP", "/auth/hello.txt"));
        read = read_body(file, CHUNK, tin_read_file);
        assert_row(name, is_hello(&read) == (rows[i].status == 200));
        close_page(name, file);
        free(read.bytes);
    }
}

static void user_options_of_the_session_log_in(void **state)
{
    assert_error("user", tin_set_option_text(*state, INTERNET_OPTION_USERNAME, "user"), TIN_OK);
    assert_error("password", tin_set_option_text(*state, INTERNET_OPTION_PASSWORD, "pass word:@"),
                 TIN_OK);
    assert_fetches("by options", *state, url_of("TIN_TEST_HTTP", "/auth/hello.txt"), is_hello);
}

/* ---- Compressed bodies ---------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *path;
    const char *plain;
    body_check *check;
    bool length; /* there is a Content-Length */
} compressed[] = {
    {"page, chunked", "/gzip/page.html", "/page.html", is_page, false},
    {"1 MiB, chunked", "/gzip/1m.bin", "/1m.bin", is_counter, false},
    {"page, with a length", "/gzipped/page.html", "/page.html", is_page, true},
    {"1 MiB, with a length", "/gzipped/1m.bin", "/1m.bin", is_counter, true},
};

static const char accept_gzip[] = "Accept-Encoding: gzip\r\n";

static void decoded_body_is_complete_in_any_size(void **state)
{
    size_t row, i;

    assert_error("option", tin_set_option_dword(*state, INTERNET_OPTION_HTTP_DECODING, TRUE),
                 TIN_OK);
    for (row = 0; row < TEST_COUNT_OF(compressed); row++)
        for (i = 0; i < TEST_COUNT_OF(chunks); i++) {
            const char *name = compressed[row].name;
            tin_handle file;
            body read;

            file = open_with(name, *state, url_of("TIN_TEST_HTTP", compressed[row].path),
                             accept_gzip, FLAGS);
            read = read_body(file, chunks[i], tin_read_file);
            assert_error(name, read.result, TIN_OK);
            assert_row(name, compressed[row].check(&read));
            close_page(name, file);
            free(read.bytes);
        }
}

/* Bare deflate is what Wine 8 takes "deflate" for; RFC 9110 means zlib's format. Whoever does not
 * understand it must say so. */
static void deflate_is_decoded_or_told(void **state)
{
    static const struct {
        const char *path;
        body_check *check;
        bool certain;
    } rows[] = {
        {"/deflated/page.html", is_page, true},
        {"/deflated/1m.bin", is_counter, true},
        {"/zlib/page.html", is_page, false},
        {"/zlib/1m.bin", is_counter, false},
    };
    size_t row;

    assert_error("option", tin_set_option_dword(*state, INTERNET_OPTION_HTTP_DECODING, TRUE),
                 TIN_OK);
    for (row = 0; row < TEST_COUNT_OF(rows); row++) {
        const char *path = rows[row].path;
        body read =
            fetch(*state, url_of("TIN_TEST_HTTP", path), "Accept-Encoding: deflate", FLAGS, NULL);

        if (tin_ok(read.result))
            assert_row(path, rows[row].check(&read));
        else
            assert_error(path, read.result, TIN_E_DECODING);
        assert_row(path, !rows[row].certain || !test_under_wine() || tin_ok(read.result));
        free(read.bytes);
    }
}

static uint32_t crc32_of(const char *bytes, size_t size)
{
    uint32_t crc = 0xFFFFFFFF;
    size_t i;
    int bit;

    for (i = 0; i < size; i++) {
        crc ^= (unsigned char)bytes[i];
        for (bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

/* The raw bytes are gzip's (RFC 1952) from the first to the last, which is shown by their
 * trailer. */
static void assert_gzip_of(const char *name, const body *raw, const body *plain)
{
    const uint32_t trailer[2] = {crc32_of(plain->bytes, plain->size), (uint32_t)plain->size};

    assert_error(name, raw->result, TIN_OK);
    assert_row(name, raw->size > 18 && raw->size < plain->size);
    assert_row(name, memcmp(raw->bytes, "\x1F\x8B\x08", 3) == 0);
    assert_row(name, memcmp(raw->bytes + raw->size - 8, trailer, 8) == 0);
}

static void undecoded_body_comes_as_it_was_sent(void **state)
{
    size_t row;

    for (row = 0; row < TEST_COUNT_OF(compressed); row++) {
        const char *name = compressed[row].name;
        body plain =
            fetch(*state, url_of("TIN_TEST_HTTP", compressed[row].plain), NULL, FLAGS, NULL);
        uint64_t length;
        tin_handle file;
        body raw;

        assert_row(name, compressed[row].check(&plain));
        file = open_with(name, *state, url_of("TIN_TEST_HTTP", compressed[row].path), accept_gzip,
                         FLAGS);
        assert_error(name, tin_get_length(file, &length),
                     compressed[row].length ? TIN_OK : TIN_E_NOT_FOUND);
        raw = read_body(file, CHUNK, tin_read_file);
        assert_gzip_of(name, &raw, &plain);
        assert_row(name, !compressed[row].length || length == raw.size);
        close_page(name, file);
        free(raw.bytes);
        free(plain.bytes);
    }
}

/* ---- Requests -------------------------------------------------------------------------------- */

static void assert_answer(const char *name, tin_handle request, DWORD status, const char *text)
{
    body read = read_body(request, CHUNK, tin_read_file);

    assert_error(name, read.result, TIN_OK);
    assert_row(name, http_status(request) == status);
    if (text != NULL)
        assert_text(name, read.bytes, text);
    free(read.bytes);
}

static void send_text(const char *name, tin_handle request, const char *headers, const char *text)
{
    assert_error(name, tin_http_send_request(request, headers, text, text ? strlen(text) : 0),
                 TIN_OK);
}

static void methods_and_bodies_arrive(void **state)
{
    static const struct {
        const char *verb, *sent, *answer;
    } rows[] = {
        {"GET", NULL, "GET /method?a=b length= type=text/x x=y"},
        {"POST", "hello", "POST /method?a=b length=5 type=text/x x=y"},
        {"POST", NULL, "POST /method?a=b length=0 type=text/x x=y"},
        {"PUT", "", "PUT /method?a=b length=0 type=text/x x=y"},
        {"DELETE", NULL, "DELETE /method?a=b length=0 type=text/x x=y"},
        {"PATCH", "patch", "PATCH /method?a=b length=5 type=text/x x=y"},
        {"X-OWN", NULL, "X-OWN /method?a=b length=0 type=text/x x=y"},
        {"HEAD", NULL, ""},
    };
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *verb = rows[i].verb;
        tin_handle request = request_to(verb, *state, "TIN_TEST_HTTP", verb, "/method?a=b");
        uint64_t length = 0;

        send_text(verb, request, "Content-Type: text/x\r\nX-Test: y", rows[i].sent);
        if (strcmp(verb, "HEAD") == 0)
            assert_error(verb, tin_get_length(request, &length), TIN_OK);
        assert_answer(verb, request, 200, test_under_wine() ? rows[i].answer : NULL);
        assert_row(verb, strcmp(verb, "HEAD") != 0 || length > 10);
    }
}

static void a_body_comes_back_from_an_echo(void **state)
{
    static char text[300001];
    tin_handle request = request_to("echo", *state, "TIN_TEST_HTTP", "POST", "/echo");
    body read;

    memset(text, 'x', sizeof text - 1);
    send_text("echo", request, NULL, text);
    read = read_body(request, CHUNK, tin_read_file);
    assert_error("echo", read.result, TIN_OK);
    assert_starts("echo", read.bytes, "POST /echo HTTP/1.1\r\n");
    assert_true(read.size > 300000);
    assert_text("echo", read.bytes + read.size - 300000, text);
    free(read.bytes);
}

static void what_is_put_can_be_got_and_deleted(void **state)
{
    static const struct {
        const char *verb, *sent;
        DWORD status, or_else;
        const char *answer; /* NULL: whatever it says */
    } rows[] = {
        {"PUT", "first", 201, 204, NULL}, {"GET", NULL, 200, 200, "first"},
        {"PUT", "second", 204, 204, ""},  {"GET", NULL, 200, 200, "second"},
        {"HEAD", NULL, 200, 200, ""},     {"DELETE", NULL, 204, 204, ""},
        {"GET", NULL, 404, 404, NULL},
    };
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        tin_handle request =
            request_to(rows[i].verb, *state, "TIN_TEST_HTTP", rows[i].verb, "/upload/a/new.txt");
        DWORD status;

        send_text(rows[i].verb, request, NULL, rows[i].sent);
        status = http_status(request);
        assert_row(rows[i].verb, status == rows[i].status || status == rows[i].or_else);
        assert_answer(rows[i].verb, request, status, rows[i].answer);
    }
}

/* In bytes. */
static size_t peak_memory(void)
{
    PROCESS_MEMORY_COUNTERS counters = {.cb = sizeof counters};

    assert_true(K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters));
    return counters.PeakWorkingSetSize;
}

/* More than 4 GiB go up in test_http_upload, to a server that counts them. */
static void large_uploads_need_no_memory(void **state)
{
    const uint64_t total = test_moves_gibibytes() ? 256ull << 20 : 64ull << 20;
    tin_handle request = request_to("sink", *state, "TIN_TEST_HTTP", "PUT", "/sink");
    BYTE *bytes = calloc(1, MIB);
    size_t before = 0, written;
    uint64_t sent;

    assert_non_null(bytes);
    assert_error("begin", tin_http_send_request_ex(request, NULL, total), TIN_OK);
    for (sent = 0; sent < total; sent += MIB) {
        assert_error("write", tin_write_file(request, bytes, MIB, &written), TIN_OK);
        if (sent == 8 * MIB)
            before = peak_memory();
    }
    assert_error("end", tin_http_end_request(request), TIN_OK);
    assert_answer("sink", request, 204, "");
    assert_in_range(peak_memory(), before, before + 4 * MIB);
    free(bytes);
}

static void gzip_is_asked_for_and_decoded_by_option(void **state)
{
    size_t row;

    for (row = 0; row < TEST_COUNT_OF(compressed); row++) {
        const char *name = compressed[row].name;
        tin_handle request = request_to(name, *state, "TIN_TEST_HTTP", "GET", compressed[row].path);
        body read;

        assert_error(name, tin_set_option_dword(request, INTERNET_OPTION_HTTP_DECODING, TRUE),
                     TIN_OK);
        send_text(name, request, NULL, NULL);
        read = read_body(request, CHUNK, tin_read_file);
        assert_error(name, read.result, TIN_OK);
        assert_row(name, compressed[row].check(&read));
        free(read.bytes);
    }
}

static void a_401_is_answered_on_the_same_handle(void **state)
{
    static const struct {
        const char *user, *password;
        DWORD status;
    } rows[] = {
        {NULL, NULL, 401},
        {"user", "wrong", 401},
        {"user", "pass word:@", 200},
    };
    tin_handle request = request_to("401", *state, "TIN_TEST_HTTP", "GET", "/auth/hello.txt");
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        if (rows[i].user != NULL) {
            assert_error("user",
                         tin_set_option_text(request, INTERNET_OPTION_USERNAME, rows[i].user),
                         TIN_OK);
            assert_error("password",
                         tin_set_option_text(request, INTERNET_OPTION_PASSWORD, rows[i].password),
                         TIN_OK);
        }
        send_text("send", request, NULL, NULL);
        assert_answer("401", request, rows[i].status, rows[i].status == 200 ? HELLO : NULL);
    }
}

static void parts_of_a_file(void **state)
{
    static const struct {
        const char *range;
        DWORD status;
        const char *text;
    } rows[] = {
        {"Range: bytes=0-4", 206, "Hello"},
        {"Range: bytes=6-", 206, "from thininet's test server.\n"},
        {"Range: bytes=-8", 206, "server.\n"},
        {"Range: bytes=1000-", 416, NULL},
    };
    tin_handle request;
    uint64_t position;
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        request = request_to(rows[i].range, *state, "TIN_TEST_HTTP", "GET", "/hello.txt");
        send_text(rows[i].range, request, rows[i].range, NULL);
        assert_answer(rows[i].range, request, rows[i].status, rows[i].text);
    }
    request = request_to("move", *state, "TIN_TEST_HTTP", "GET", "/hello.txt");
    send_text("move", request, NULL, NULL);
    assert_error("move", tin_set_file_pointer(request, -8, FILE_END, &position), TIN_OK);
    assert_int_equal(position, strlen(HELLO) - 8);
    assert_answer("move", request, 206, "server.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(read_file_reads_whole_bodies_in_any_size),
        TEST(read_available_reads_whole_bodies_in_any_size),
        TEST(both_ways_of_reading_share_one_position),
        TEST(get_length_is_what_the_server_announced),
        TEST(failure_statuses_are_successes_with_a_body),
        TEST(request_carries_agent_and_headers),
        TEST(names_that_are_not_ascii_are_found),
        TEST(user_info_of_a_url_logs_in),
        TEST(user_options_of_the_session_log_in),
        TEST(decoded_body_is_complete_in_any_size),
        TEST(deflate_is_decoded_or_told),
        TEST(undecoded_body_comes_as_it_was_sent),
        TEST(methods_and_bodies_arrive),
        TEST(a_body_comes_back_from_an_echo),
        TEST(what_is_put_can_be_got_and_deleted),
        TEST(large_uploads_need_no_memory),
        TEST(gzip_is_asked_for_and_decoded_by_option),
        TEST(a_401_is_answered_on_the_same_handle),
        TEST(parts_of_a_file),
    };

    return test_run_group(tests, NULL, NULL);
}
