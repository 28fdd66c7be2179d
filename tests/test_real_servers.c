/* SPDX-License-Identifier: MIT */
/* What nginx and vsftpd serve (tests/servers/start), through the public functions. */
#include "test.h"

#include "fault_server.h"
#include "internal.h" /* tin__wait_until_idle alone */

enum { CHUNK = 65536, MIB = 1048576, NAMES = 32, NAME_SIZE = 512 };

#define FLAGS (INTERNET_FLAG_RELOAD | INTERNET_FLAG_NO_CACHE_WRITE | INTERNET_FLAG_NO_COOKIES)
#define HELLO "Hello from thininet's test server.\n"

#define assert_row(name, condition)                                                                \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("%s: %s", name, #condition);                                                  \
    } while (0)

static void assert_error(const char *name, tin_result result, tin_error expected)
{
    char text[256];

    if (result.error == expected)
        return;
    tin_describe(result, text, sizeof text);
    fail_msg("%s: should be %s, is: %s", name, tin_error_name(expected), text);
}

static void assert_text(const char *name, const char *is, const char *should_be)
{
    if (strcmp(is, should_be) != 0)
        fail_msg("%s: is \"%s\", should be \"%s\"", name, is, should_be);
}

static void assert_starts(const char *name, const char *is, const char *start)
{
    if (strncmp(is, start, strlen(start)) != 0)
        fail_msg("%s: is \"%s\", should start with \"%s\"", name, is, start);
}

/* ---- Each test has a session, and leaves nothing behind ------------------------------------- */

/* WinInet sends what it knows from one session in all others of the process, too. */
static void forget_logins(void)
{
    assert_error("forget", tin_set_option(NULL, INTERNET_OPTION_END_BROWSER_SESSION, NULL, 0),
                 TIN_OK);
}

static int open_session(void **state)
{
    tin_handle session;

    forget_logins();
    if (!tin_ok(tin_open("thininet test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session)))
        return -1;
    *state = session;
    return 0;
}

static int close_session(void **state)
{
    static bool leaked;

    if (!tin_ok(tin_set_status_callback(*state, NULL, NULL)) || !tin_ok(tin_close_handle(*state)))
        return -1;
    if (leaked || tin__wait_until_idle(TEST_PATIENCE_MS))
        return 0;
    print_error("something that was opened was never given back\n");
    leaked = true; /* the tests that follow are not to blame */
    return -1;
}

/* ---- URLs: server is the name of an environment variable ------------------------------------ */

/* Valid until so many more were asked for. */
static char *next_name(void)
{
    static char names[NAMES][NAME_SIZE];
    static unsigned next;

    return names[next++ % NAMES];
}

static const char *url_of(const char *server, const char *path)
{
    char *url = next_name();

    snprintf(url, NAME_SIZE, "%s%s", test_env(server), path);
    return url;
}

static const char *url_with_user(const char *server, const char *user, const char *path)
{
    const char *base = test_env(server);
    const char *host = strstr(base, "://") + 3;
    char *url = next_name();

    snprintf(url, NAME_SIZE, "%.*s%s%s%s", (int)(host - base), base, user, host, path);
    return url;
}

/* By the name "localhost", under which no other test goes there: so no connection was kept. */
static const char *url_by_name(const char *server, const char *path)
{
    const char *base = test_env(server);
    const char *port = strrchr(base, ':');
    char *url = next_name();

    snprintf(url, NAME_SIZE, "%.*s://localhost%s%s", (int)strcspn(base, ":"), base, port, path);
    return url;
}

static tin_handle open_with(const char *name, tin_handle session, const char *url,
                            const char *headers, DWORD flags)
{
    tin_handle file;

    assert_error(name, tin_open_url(session, url, headers, flags, NULL, &file), TIN_OK);
    return file;
}

static tin_handle open_page(const char *name, tin_handle session, const char *url)
{
    return open_with(name, session, url, NULL, FLAGS);
}

static void close_page(const char *name, tin_handle file)
{
    assert_error(name, tin_close_handle(file), TIN_OK);
}

/* ---- Bodies --------------------------------------------------------------------------------- */

typedef tin_result read_function(tin_handle file, void *buffer, size_t size, size_t *got);

typedef struct body {
    tin_result result; /* of the call that failed, or of the last */
    bool short_read;   /* a read in the middle that did not fill its buffer */
    size_t size;
    char *bytes; /* with a NUL behind them; for free() */
} body;

static void make_room(body *read, size_t *capacity, size_t more)
{
    char *bytes;

    if (read->size + more < *capacity)
        return;
    *capacity = 2 * (read->size + more);
    bytes = realloc(read->bytes, *capacity);
    if (bytes == NULL)
        abort();
    read->bytes = bytes;
}

/* To the end, or to the first failure. Asserts nothing: any thread may call it. */
static body read_body(tin_handle file, size_t chunk, read_function *read_some)
{
    body read = {{TIN_OK, 0}, false, 0, NULL};
    size_t capacity = 0;
    size_t got = chunk;

    do {
        const bool was_short = got < chunk;

        make_room(&read, &capacity, chunk);
        read.result = read_some(file, read.bytes + read.size, chunk, &got);
        read.short_read |= was_short && got != 0;
        read.size += got;
    } while (tin_ok(read.result) && got != 0);
    read.bytes[read.size] = '\0';
    return read;
}

static body fetch(tin_handle session, const char *url, const char *headers, DWORD flags,
                  void *context)
{
    body read = {{TIN_OK, 0}, false, 0, NULL};
    tin_handle file;

    read.result = tin_open_url(session, url, headers, flags, context, &file);
    if (!tin_ok(read.result))
        return read;
    read = read_body(file, CHUNK, tin_read_file);
    tin_close_handle(file);
    return read;
}

static bool is_text(const body *read, const char *text)
{
    return tin_ok(read->result) && read->size == strlen(text) &&
           memcmp(read->bytes, text, read->size) == 0;
}

/* 1m.bin: 32-bit little-endian numbers from 0 on. */
static bool is_counter(const body *read)
{
    uint32_t i;

    if (!tin_ok(read->result) || read->size != MIB)
        return false;
    for (i = 0; i < MIB / sizeof i; i++)
        if (memcmp(read->bytes + i * sizeof i, &i, sizeof i) != 0)
            return false;
    return true;
}

static bool is_page(const body *read)
{
    static const char start[] = "<!DOCTYPE html>\n";
    static const char end[] =
        "<p>Gr\xC3\xBC\xC3\x9F\x65, \xE4\xBD\xA0\xE5\xA5\xBD.</p>\n</body>\n</html>\n";
    const size_t length = sizeof end - 1;

    return tin_ok(read->result) && read->size > length &&
           strncmp(read->bytes, start, sizeof start - 1) == 0 &&
           memcmp(read->bytes + read->size - length, end, length) == 0;
}

static bool is_hello(const body *read)
{
    return is_text(read, HELLO);
}

static bool is_empty(const body *read)
{
    return is_text(read, "");
}

typedef bool body_check(const body *read);

static void assert_fetches(const char *name, tin_handle session, const char *url, body_check *check)
{
    body read = fetch(session, url, NULL, FLAGS, NULL);

    assert_error(name, read.result, TIN_OK);
    assert_row(name, check(&read));
    free(read.bytes);
}

static void assert_open_fails(const char *name, tin_handle session, const char *url,
                              tin_error expected)
{
    tin_handle file = session;

    assert_error(name, tin_open_url(session, url, NULL, FLAGS, NULL, &file), expected);
    assert_row(name, file == NULL);
}

/* Asked for its size first; the size must be right to the byte. */
static const char *option_text(const char *name, tin_handle handle, DWORD option)
{
    char *text = next_name();
    size_t size = 0;

    assert_error(name, tin_query_option_text(handle, option, NULL, &size), TIN_E_BUFFER_TOO_SMALL);
    assert_in_range(size, 1, NAME_SIZE);
    assert_error(name, tin_query_option_text(handle, option, text, &size), TIN_OK);
    assert_row(name, size == strlen(text));
    return text;
}

static DWORD http_status(tin_handle file)
{
    DWORD status = 0;
    DWORD size = sizeof status;

    HttpQueryInfoW(tin_native_handle(file), HTTP_QUERY_STATUS_CODE | HTTP_QUERY_FLAG_NUMBER,
                   &status, &size, NULL);
    return status;
}

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

static void keep_event(tin_handle about, void *context, const tin_status *status)
{
    event_log *log = context;
    event *kept = &log->events[log->count];

    log->connects += status->code == INTERNET_STATUS_CONNECTED_TO_SERVER;
    if (GetCurrentThreadId() != log->thread || log->count == TEST_COUNT_OF(log->events)) {
        log->strays++;
        return;
    }
    log->count++;
    *kept = (event){status->code,         about, status->handle, status->bytes, status->result,
                    status->text != NULL, ""};
    if (status->text != NULL)
        snprintf(kept->text, sizeof kept->text, "%s", status->text);
}

static void count_events(tin_handle about, void *context, const tin_status *status)
{
    event_log *log = context;

    (void)about;
    log->connects += status->code == INTERNET_STATUS_CONNECTED_TO_SERVER;
    log->strays += GetCurrentThreadId() != log->thread;
    log->count++;
}

static void watch(tin_handle handle, tin_status_callback *callback, event_log *log)
{
    memset(log, 0, sizeof *log);
    log->thread = GetCurrentThreadId();
    assert_error("callback", tin_set_status_callback(handle, callback, log), TIN_OK);
}

/* The n-th event with this code; NULL if there are not so many. */
static const event *find_event(const event_log *log, DWORD code, size_t n)
{
    size_t i;

    for (i = 0; i < log->count; i++)
        if (log->events[i].code == code && n-- == 0)
            return &log->events[i];
    return NULL;
}

static const event *only_event(const event_log *log, DWORD code)
{
    if (find_event(log, code, 0) == NULL || find_event(log, code, 1) != NULL)
        fail_msg("not exactly one event %lu", code);
    return find_event(log, code, 0);
}

/* These come in this order; others may come between them. */
static void assert_order(const event_log *log, const DWORD *codes, size_t count)
{
    size_t at = 0;
    size_t i;

    for (i = 0; i < count; i++, at++) {
        while (at < log->count && log->events[at].code != codes[i])
            at++;
        if (at == log->count)
            fail_msg("event %lu is missing, or not after %lu", codes[i], i == 0 ? 0 : codes[i - 1]);
    }
}

/* One file was opened with this result and closed, and nothing was heard before or after. */
static void assert_bounds(const event_log *log, tin_handle session, tin_handle file,
                          tin_result result)
{
    const event *created = only_event(log, INTERNET_STATUS_HANDLE_CREATED);
    const event *complete = only_event(log, INTERNET_STATUS_REQUEST_COMPLETE);
    const event *closing = only_event(log, INTERNET_STATUS_HANDLE_CLOSING);

    assert_int_equal(log->strays, 0);
    assert_ptr_equal(created, &log->events[0]);
    assert_ptr_equal(created->about, session);
    assert_ptr_equal(created->handle, file);
    assert_int_equal(complete->result.error, result.error);
    assert_int_equal(complete->result.last_error, result.last_error);
    assert_ptr_equal(complete->about, file);
    assert_ptr_equal(closing, &log->events[log->count - 1]);
    assert_ptr_equal(closing->about, file);
    assert_ptr_equal(closing->handle, file);
}

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

static void a_file_above_4_gib_is_read_to_its_end(void **state)
{
    static const struct {
        uint64_t offset;
        const char *mark;
    } marks[] = {
        {0, "<the beginning.>"},
        {((uint64_t)4 << 30) - 16, "<below  4 GiB..>"},
        {(uint64_t)4 << 30, "<from 4 GiB on.>"},
        {((uint64_t)5 << 30) - 16, "<it ends here..>"},
    };
    char *buffer = malloc(MIB);
    uint64_t position = 0, length;
    size_t seen = 0, got, i;
    tin_handle file;

    assert_non_null(buffer);
    file = open_page("open", *state, url_of("TIN_TEST_HTTP", "/5g.bin"));
    assert_error("length", tin_get_length(file, &length), TIN_OK);
    assert_true(length == (uint64_t)5 << 30);
    do {
        assert_error("read", tin_read_file(file, buffer, MIB, &got), TIN_OK);
        for (i = 0; i < TEST_COUNT_OF(marks); i++)
            if (marks[i].offset >= position && marks[i].offset + 16 <= position + got) {
                assert_memory_equal(buffer + (marks[i].offset - position), marks[i].mark, 16);
                seen++;
            }
        position += got;
    } while (got != 0);
    assert_int_equal(seen, TEST_COUNT_OF(marks));
    assert_true(position == length);
    close_page("close", file);
    free(buffer);
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

/* ---- Redirects ------------------------------------------------------------------------------ */

enum { AS_IT_IS = 0xFFFF }; /* the limit is not set */

static const struct {
    const char *name;
    const char *server;
    const char *path;
    DWORD limit;
    tin_error error;
    const char *end_server;
    const char *end_path;
    size_t events; /* INTERNET_STATUS_REDIRECT */
} redirects[] = {
    {"301", "TIN_TEST_HTTP", "/redirect/301", AS_IT_IS, TIN_OK, "TIN_TEST_HTTP", "/hello.txt", 1},
    {"302", "TIN_TEST_HTTP", "/redirect/302", AS_IT_IS, TIN_OK, "TIN_TEST_HTTP", "/hello.txt", 1},
    {"303", "TIN_TEST_HTTP", "/redirect/303", AS_IT_IS, TIN_OK, "TIN_TEST_HTTP", "/hello.txt", 1},
    {"307", "TIN_TEST_HTTP", "/redirect/307", AS_IT_IS, TIN_OK, "TIN_TEST_HTTP", "/hello.txt", 1},
    {"308", "TIN_TEST_HTTP", "/redirect/308", AS_IT_IS, TIN_OK, "TIN_TEST_HTTP", "/hello.txt", 1},
    {"over https", "TIN_TEST_HTTPS", "/redirect/302", AS_IT_IS, TIN_OK, "TIN_TEST_HTTPS",
     "/hello.txt", 1},
    {"relative", "TIN_TEST_HTTP", "/redirect/relative", AS_IT_IS, TIN_OK, "TIN_TEST_HTTP",
     "/hello.txt", 1},
    {"to a fragment", "TIN_TEST_HTTP", "/redirect/fragment", AS_IT_IS, TIN_OK, "TIN_TEST_HTTP",
     "/echo", 1},
    {"to another port", "TIN_TEST_HTTP", "/redirect/cross", AS_IT_IS, TIN_OK, "TIN_TEST_HTTP_OTHER",
     "/echo", 1},
    {"from http to https", "TIN_TEST_HTTP", "/redirect/upgrade", AS_IT_IS, TIN_OK, "TIN_TEST_HTTPS",
     "/echo", 1},
    {"from https to http", "TIN_TEST_HTTPS", "/redirect/downgrade", AS_IT_IS, TIN_E_REDIRECT, NULL,
     NULL, 0},
    {"to a URL with a user", "TIN_TEST_HTTP", "/redirect/user-info", AS_IT_IS, TIN_E_REDIRECT, NULL,
     NULL, 0},
    {"in a circle", "TIN_TEST_HTTP", "/redirect/loop", AS_IT_IS, TIN_E_REDIRECT, NULL, NULL, 10},
    {"in a circle, 30 times", "TIN_TEST_HTTP", "/redirect/loop", 30, TIN_E_REDIRECT, NULL, NULL,
     30},
    {"10 of 10", "TIN_TEST_HTTP", "/redirect/chain/9", AS_IT_IS, TIN_OK, "TIN_TEST_HTTP",
     "/hello.txt", 10},
    {"11 of 10", "TIN_TEST_HTTP", "/redirect/chain/10", AS_IT_IS, TIN_E_REDIRECT, NULL, NULL, 10},
    {"3 of 3", "TIN_TEST_HTTP", "/redirect/chain/2", 3, TIN_OK, "TIN_TEST_HTTP", "/hello.txt", 3},
    {"4 of 3", "TIN_TEST_HTTP", "/redirect/chain/3", 3, TIN_E_REDIRECT, NULL, NULL, 3},
    {"1 of 1", "TIN_TEST_HTTP", "/redirect/302", 1, TIN_OK, "TIN_TEST_HTTP", "/hello.txt", 1},
    {"1 of 0", "TIN_TEST_HTTP", "/redirect/302", 0, TIN_E_REDIRECT, NULL, NULL, 0},
    {"0 of 0", "TIN_TEST_HTTP", "/hello.txt", 0, TIN_OK, "TIN_TEST_HTTP", "/hello.txt", 0},
    {"30 of 30", "TIN_TEST_HTTP", "/redirect/chain/29", 30, TIN_OK, "TIN_TEST_HTTP", "/hello.txt",
     30},
};

static void follow_redirect(tin_handle session, size_t row)
{
    const char *name = redirects[row].name;
    const char *url = url_of(redirects[row].server, redirects[row].path);
    static event_log log;
    tin_handle file;
    size_t events = 0;

    watch(session, keep_event, &log);
    assert_error(name, tin_open_url(session, url, NULL, FLAGS, NULL, &file), redirects[row].error);
    while (find_event(&log, INTERNET_STATUS_REDIRECT, events) != NULL)
        events++;
    if (events != redirects[row].events)
        fail_msg("%s: %u redirect events, should be %u", name, (unsigned)events,
                 (unsigned)redirects[row].events);
    assert_row(name, (file != NULL) == (redirects[row].error == TIN_OK));
    if (file != NULL) {
        const char *end = url_of(redirects[row].end_server, redirects[row].end_path);
        body read = read_body(file, CHUNK, tin_read_file);

        assert_error(name, read.result, TIN_OK);
        assert_text(name, option_text(name, file, INTERNET_OPTION_URL), end);
        if (strcmp(redirects[row].end_path, "/hello.txt") == 0)
            assert_text(name, read.bytes, HELLO);
        else
            assert_starts(name, read.bytes, "GET /echo HTTP/1.1\r\n");
        close_page(name, file);
        free(read.bytes);
    }
}

static void redirects_are_followed_up_to_ten(void **state)
{
    size_t row;

    for (row = 0; row < TEST_COUNT_OF(redirects); row++)
        if (redirects[row].limit == AS_IT_IS)
            follow_redirect(*state, row);
}

static void redirects_are_followed_up_to_the_limit_that_is_set(void **state)
{
    size_t row;

    for (row = 0; row < TEST_COUNT_OF(redirects); row++)
        if (redirects[row].limit != AS_IT_IS) {
            assert_error(
                redirects[row].name,
                tin_set_option_dword(*state, TIN_OPTION_MAX_REDIRECTS, redirects[row].limit),
                TIN_OK);
            follow_redirect(*state, row);
        }
}

static void redirect_events_name_each_next_url(void **state)
{
    static const char *const paths[] = {"/redirect/chain/1", "/redirect/chain/0", "/hello.txt"};
    static event_log log;
    size_t i;

    watch(*state, keep_event, &log);
    assert_fetches("chain", *state, url_of("TIN_TEST_HTTP", "/redirect/chain/2"), is_hello);
    for (i = 0; i < TEST_COUNT_OF(paths); i++) {
        const event *redirect = find_event(&log, INTERNET_STATUS_REDIRECT, i);

        assert_non_null(redirect);
        assert_text("event", redirect->text, url_of("TIN_TEST_HTTP", paths[i]));
    }
    assert_null(find_event(&log, INTERNET_STATUS_REDIRECT, i));
    assert_ptr_equal(only_event(&log, INTERNET_STATUS_HANDLE_CREATED), &log.events[0]);
}

static void no_auto_redirect_opens_the_3xx_itself(void **state)
{
    static const struct {
        DWORD status;
        const char *path;
        const char *body;
    } rows[] = {
        {301, "/redirect/301", "301 Moved Permanently"},
        {302, "/redirect/302", "302 Found"},
        {303, "/redirect/303", "303 See Other"},
        {307, "/redirect/307", "307 Temporary Redirect"},
        {308, "/redirect/308", "308 Permanent Redirect"},
        {302, "/redirect/loop", "302 Found"},
        {302, "/redirect/user-info", "302 Found"},
    };
    static event_log log;
    size_t i;

    watch(*state, keep_event, &log);
    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *path = rows[i].path;
        const char *url = url_of("TIN_TEST_HTTP", path);
        tin_handle file;
        body read;

        file = open_with(path, *state, url, NULL, FLAGS | INTERNET_FLAG_NO_AUTO_REDIRECT);
        assert_row(path, http_status(file) == rows[i].status);
        assert_text(path, option_text(path, file, INTERNET_OPTION_URL), url);
        read = read_body(file, CHUNK, tin_read_file);
        assert_error(path, read.result, TIN_OK);
        assert_row(path, strstr(read.bytes, rows[i].body) != NULL);
        close_page(path, file);
        free(read.bytes);
    }
    assert_null(find_event(&log, INTERNET_STATUS_REDIRECT, 0));
}

static void secrets_do_not_follow_to_another_origin(void **state)
{
    static const char headers[] =
        "X-Mine: 1\r\nAuthorization: Basic c2VjcmV0\r\nCookie: secret=1\r\n";
    static const struct {
        const char *name;
        const char *path;
        bool kept;
    } rows[] = {
        {"same origin", "/redirect/echo/302", true},
        {"another port", "/redirect/cross", false},
        {"another scheme", "/redirect/upgrade", false},
    };
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *name = rows[i].name;
        body read = fetch(*state, url_of("TIN_TEST_HTTP", rows[i].path), headers, FLAGS, NULL);

        assert_error(name, read.result, TIN_OK);
        assert_row(name, strstr(read.bytes, "\r\nX-Mine: 1\r\n") != NULL);
        assert_row(name,
                   (strstr(read.bytes, "Authorization: Basic c2VjcmV0") != NULL) == rows[i].kept);
        assert_row(name, (strstr(read.bytes, "Cookie: secret=1") != NULL) == rows[i].kept);
        free(read.bytes);
    }
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

/* The raw bytes are gzip's (RFC 1952) from the first to the last, which their trailer shows. */
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

/* ---- Certificates --------------------------------------------------------------------------- */

/* The order counts: WinInet may remember a certificate for which it was told to look away. */
static void session_flags_let_exactly_their_fault_pass(void **state)
{
    static const struct {
        const char *server;
        tin_error error;
        DWORD flag;
        DWORD other_flags;
    } rows[] = {
        {"TIN_TEST_HTTPS_EXPIRED", TIN_E_CERT_EXPIRED, SECURITY_FLAG_IGNORE_CERT_DATE_INVALID,
         SECURITY_FLAG_IGNORE_CERT_CN_INVALID | SECURITY_FLAG_IGNORE_UNKNOWN_CA},
        {"TIN_TEST_HTTPS_WRONG_NAME", TIN_E_CERT_NAME, SECURITY_FLAG_IGNORE_CERT_CN_INVALID,
         SECURITY_FLAG_IGNORE_CERT_DATE_INVALID | SECURITY_FLAG_IGNORE_UNKNOWN_CA},
        {"TIN_TEST_HTTPS_SELF_SIGNED", TIN_E_CERT_UNTRUSTED, SECURITY_FLAG_IGNORE_UNKNOWN_CA,
         SECURITY_FLAG_IGNORE_CERT_DATE_INVALID | SECURITY_FLAG_IGNORE_CERT_CN_INVALID},
    };
    const DWORD option = INTERNET_OPTION_SECURITY_FLAGS;
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *name = rows[i].server;
        const char *url = url_of(name, "/hello.txt");
        DWORD flags;

        assert_error(name, tin_set_option_dword(*state, option, 0), TIN_OK);
        assert_open_fails(name, *state, url, rows[i].error);
        assert_error(name, tin_set_option_dword(*state, option, rows[i].other_flags), TIN_OK);
        assert_open_fails(name, *state, url, rows[i].error);
        assert_error(name, tin_set_option_dword(*state, option, rows[i].flag), TIN_OK);
        assert_fetches(name, *state, url, is_hello);
        assert_error(name, tin_query_option_dword(*state, option, &flags), TIN_OK);
        assert_row(name, flags == rows[i].flag);
    }
}

/* ---- FTP ------------------------------------------------------------------------------------ */

static const char *session_response(tin_handle session)
{
    char *text = next_name();
    size_t size = NAME_SIZE;

    assert_error("response", tin_get_last_response_info(session, text, &size), TIN_OK);
    assert_int_equal(size, strlen(text));
    return text;
}

static void ftp_names_and_users_are_understood(void **state)
{
    static const struct {
        const char *name;
        const char *user;
        const char *path;
        body_check *check;
    } rows[] = {
        {"no user", "", "/hello.txt", is_hello},
        {"anonymous", "anonymous@", "/hello.txt", is_hello},
        {"anonymous, with an escaped address", "anonymous:me%40example.com@", "/hello.txt",
         is_hello},
        {"named user", "ftp:password@", "/hello.txt", is_hello},
        {"named user in escapes", "%66tp:a%20b@", "/hello.txt", is_hello},
        {"escaped space", "", "/with%20space.txt", is_hello},
        {"space", "", "/with space.txt", is_hello},
        {"from the root", "", "/%2Fhello.txt", is_hello},
        {"text", "", "/page.html;type=a", is_page},
        {"binary", "", "/1m.bin;type=i", is_counter},
    };
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++)
        assert_fetches(rows[i].name, *state,
                       url_with_user("TIN_TEST_FTP", rows[i].user, rows[i].path), rows[i].check);
}

static void ftp_refusals_keep_the_servers_words(void **state)
{
    static const struct {
        const char *name;
        const char *user;
        const char *path;
        tin_error error;
        const char *response;
    } rows[] = {
        {"missing file", "", "/no-such-file.txt", TIN_E_SERVER, "550 "},
        {"folder", "", "/upload", TIN_E_SERVER, "550 "},
        {"unknown user", "nobody-here:x@", "/hello.txt", TIN_E_AUTH, "530 "},
    };
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *name = rows[i].name;
        const char *url = url_with_user("TIN_TEST_FTP", rows[i].user, rows[i].path);

        assert_open_fails(name, *state, url, rows[i].error);
        assert_starts(name, session_response(*state), rows[i].response);
        assert_fetches(name, *state, url_of("TIN_TEST_FTP", "/hello.txt"), is_hello);
    }
}

static void refused_connections_are_told(void **state)
{
    static const char *const schemes[] = {"http", "https", "ftp"};
    fault_server *server = fault_server_start_refusing();
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(schemes); i++)
        assert_open_fails(schemes[i], *state,
                          fault_server_url_for(server, schemes[i], "/hello.txt"), TIN_E_CONNECT);
    fault_server_stop(server);
}

/* ---- Events --------------------------------------------------------------------------------- */

static bool is_loopback(const event *heard)
{
    return strcmp(heard->text, "127.0.0.1") == 0 || strcmp(heard->text, "::1") == 0;
}

static void http_events_come_in_order_on_the_calling_thread(void **state)
{
    static const DWORD codes[] = {
        INTERNET_STATUS_HANDLE_CREATED,      INTERNET_STATUS_RESOLVING_NAME,
        INTERNET_STATUS_NAME_RESOLVED,       INTERNET_STATUS_CONNECTING_TO_SERVER,
        INTERNET_STATUS_CONNECTED_TO_SERVER, INTERNET_STATUS_SENDING_REQUEST,
        INTERNET_STATUS_REQUEST_SENT,        INTERNET_STATUS_RECEIVING_RESPONSE,
        INTERNET_STATUS_RESPONSE_RECEIVED,   INTERNET_STATUS_REQUEST_COMPLETE,
        INTERNET_STATUS_HANDLE_CLOSING,
    };
    const tin_result success = {TIN_OK, 0};
    static event_log log;
    tin_handle file;
    body read;

    watch(*state, keep_event, &log);
    file = open_page("open", *state, url_by_name("TIN_TEST_HTTP", "/1m.bin"));
    read = read_body(file, MIB, tin_read_file);
    assert_true(is_counter(&read));
    free(read.bytes);
    close_page("close", file);

    assert_order(&log, codes, TEST_COUNT_OF(codes));
    assert_bounds(&log, *state, file, success);
    assert_text("name", only_event(&log, INTERNET_STATUS_RESOLVING_NAME)->text, "localhost");
    assert_true(is_loopback(find_event(&log, INTERNET_STATUS_NAME_RESOLVED, 0)));
    assert_true(is_loopback(find_event(&log, INTERNET_STATUS_CONNECTING_TO_SERVER, 0)));
    assert_true(is_loopback(only_event(&log, INTERNET_STATUS_CONNECTED_TO_SERVER)));
    assert_true(only_event(&log, INTERNET_STATUS_REQUEST_SENT)->bytes >
                strlen("GET /1m.bin HTTP/1.1"));
    assert_true(find_event(&log, INTERNET_STATUS_RESPONSE_RECEIVED, 0)->bytes > 0);
    assert_false(find_event(&log, INTERNET_STATUS_SENDING_REQUEST, 0)->has_text);
    assert_false(find_event(&log, INTERNET_STATUS_RESPONSE_RECEIVED, 0)->has_text);
}

static void ftp_events_come_in_order_on_the_calling_thread(void **state)
{
    static const DWORD codes[] = {
        INTERNET_STATUS_HANDLE_CREATED,      INTERNET_STATUS_RESOLVING_NAME,
        INTERNET_STATUS_NAME_RESOLVED,       INTERNET_STATUS_CONNECTING_TO_SERVER,
        INTERNET_STATUS_CONNECTED_TO_SERVER, INTERNET_STATUS_REQUEST_COMPLETE,
        INTERNET_STATUS_HANDLE_CLOSING,
    };
    const tin_result success = {TIN_OK, 0};
    static event_log log;
    tin_handle file;
    body read;

    watch(*state, keep_event, &log);
    file = open_page("open", *state, url_of("TIN_TEST_FTP", "/1m.bin"));
    read = read_body(file, MIB, tin_read_file);
    assert_true(is_counter(&read));
    free(read.bytes);
    close_page("close", file);

    assert_order(&log, codes, TEST_COUNT_OF(codes));
    assert_bounds(&log, *state, file, success);
    assert_text("name", only_event(&log, INTERNET_STATUS_RESOLVING_NAME)->text, "127.0.0.1");
    assert_text("address", find_event(&log, INTERNET_STATUS_CONNECTED_TO_SERVER, 0)->text,
                "127.0.0.1");
}

static void events_of_a_failed_open_end_with_its_result(void **state)
{
    fault_server *server = fault_server_start_refusing();
    static const struct {
        const char *scheme;
        const char *server; /* NULL: one that refuses connections */
        const char *path;
        tin_error error;
    } rows[] = {
        {"http", NULL, "/", TIN_E_CONNECT},
        {"ftp", NULL, "/", TIN_E_CONNECT},
        {"ftp", "TIN_TEST_FTP", "/no-such-file.txt", TIN_E_SERVER},
        {"http", "TIN_TEST_HTTP", "/redirect/user-info", TIN_E_REDIRECT},
    };
    static event_log log;
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *url = rows[i].server != NULL
                              ? url_of(rows[i].server, rows[i].path)
                              : fault_server_url_for(server, rows[i].scheme, rows[i].path);
        tin_result result;
        tin_handle file;

        watch(*state, keep_event, &log);
        result = tin_open_url(*state, url, NULL, FLAGS, NULL, &file);
        assert_error(url, result, rows[i].error);
        assert_bounds(&log, *state, log.events[0].handle, result);
    }
    fault_server_stop(server);
}

static void context_of_the_call_outweighs_the_sessions(void **state)
{
    static event_log sessions, calls;
    body read;

    watch(*state, keep_event, &sessions);
    calls = sessions;
    read = fetch(*state, url_of("TIN_TEST_HTTP", "/hello.txt"), NULL, FLAGS, &calls);
    assert_true(is_hello(&read));
    free(read.bytes);
    assert_int_equal(sessions.count, 0);
    assert_true(calls.count > 2);
    assert_int_equal(calls.strays, 0);
}

static void no_callback_no_events(void **state)
{
    event_log log;

    watch(*state, keep_event, &log);
    assert_error("callback", tin_set_status_callback(*state, NULL, &log), TIN_OK);
    assert_fetches("fetch", *state, url_of("TIN_TEST_HTTP", "/hello.txt"), is_hello);
    assert_int_equal(log.count, 0);
}

/* ---- UTF-16 --------------------------------------------------------------------------------- */

static wchar_t *wide(const char *text)
{
    static wchar_t names[NAMES][NAME_SIZE];
    static unsigned next;
    wchar_t *name = names[next++ % NAMES];

    assert_int_not_equal(MultiByteToWideChar(CP_UTF8, 0, text, -1, name, NAME_SIZE), 0);
    return name;
}

typedef struct wide_log {
    DWORD thread;
    size_t strays;
    size_t created;
    size_t closed;
    wchar_t redirect[NAME_SIZE];
} wide_log;

static void keep_wide_event(tin_handle about, void *context, const tin_status_w *status)
{
    wide_log *log = context;

    (void)about;
    log->strays += GetCurrentThreadId() != log->thread;
    log->created += status->code == INTERNET_STATUS_HANDLE_CREATED;
    log->closed += status->code == INTERNET_STATUS_HANDLE_CLOSING;
    if (status->code == INTERNET_STATUS_REDIRECT)
        lstrcpynW(log->redirect, status->text, NAME_SIZE);
}

static void utf16_twins_do_the_same_for_http(void **state)
{
    const char *url = url_of("TIN_TEST_HTTP", "/redirect/echo/302");
    wchar_t *end = wide(url_of("TIN_TEST_HTTP", "/echo"));
    static wide_log log;
    wchar_t text[NAME_SIZE];
    size_t size = sizeof text;
    tin_handle session, file;
    body read;

    (void)state;
    log = (wide_log){.thread = GetCurrentThreadId()};
    assert_error("open",
                 tin_open_w(L"wide agent", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session),
                 TIN_OK);
    assert_error("callback", tin_set_status_callback_w(session, keep_wide_event, &log), TIN_OK);
    assert_error("URL", tin_open_url_w(session, wide(url), L"X-Mine: 1\r\n", FLAGS, NULL, &file),
                 TIN_OK);
    assert_error("query", tin_query_option_text_w(file, INTERNET_OPTION_URL, text, &size), TIN_OK);
    assert_int_equal(size, wcslen(end) * sizeof *end);
    assert_true(wcscmp(text, end) == 0);
    read = read_body(file, CHUNK, tin_read_file);
    assert_error("read", read.result, TIN_OK);
    assert_non_null(strstr(read.bytes, "\r\nUser-Agent: wide agent\r\n"));
    assert_non_null(strstr(read.bytes, "\r\nX-Mine: 1\r\n"));
    free(read.bytes);
    close_page("file", file);
    assert_error("session", tin_close_handle(session), TIN_OK);
    assert_true(wcscmp(log.redirect, end) == 0);
    assert_int_equal(log.created, 1);
    assert_int_equal(log.closed, 2);
    assert_int_equal(log.strays, 0);
}

static void utf16_twins_take_user_options(void **state)
{
    wchar_t text[8];
    size_t size = sizeof text;

    assert_error("user", tin_set_option_text_w(*state, INTERNET_OPTION_USERNAME, L"user"), TIN_OK);
    assert_error("password",
                 tin_set_option_text_w(*state, INTERNET_OPTION_PASSWORD, L"pass word:@"), TIN_OK);
    assert_error("query", tin_query_option_text_w(*state, INTERNET_OPTION_USERNAME, text, &size),
                 TIN_OK);
    assert_int_equal(size, 4 * sizeof *text);
    assert_true(wcscmp(text, L"user") == 0);
    assert_fetches("by options", *state, url_of("TIN_TEST_HTTP", "/auth/hello.txt"), is_hello);
}

static void utf16_twins_do_the_same_for_ftp(void **state)
{
    wchar_t text[NAME_SIZE];
    size_t size = sizeof text;
    tin_handle file;
    tin_result result;
    body read;

    assert_error("open",
                 tin_open_url_w(*state, wide(url_of("TIN_TEST_FTP", "/with space.txt")), NULL,
                                FLAGS, NULL, &file),
                 TIN_OK);
    read = read_body(file, CHUNK, tin_read_file);
    assert_true(is_hello(&read));
    free(read.bytes);
    close_page("close", file);

    result = tin_open_url_w(*state, wide(url_of("TIN_TEST_FTP", "/no-such-file.txt")), NULL, FLAGS,
                            NULL, &file);
    assert_error("missing", result, TIN_E_SERVER);
    assert_error("response", tin_get_last_response_info_w(*state, text, &size), TIN_OK);
    assert_int_equal(size, wcslen(text) * sizeof *text);
    assert_true(wcsncmp(text, L"550 ", 4) == 0);
    tin_describe_w(result, text, sizeof text);
    assert_non_null(wcsstr(text, L"TIN_E_SERVER"));
}

/* ---- Many at once, many in a row ------------------------------------------------------------ */

enum { VISITORS = 16, VISITS = 20 };

typedef struct job {
    const char *url;
    body_check *check;
} job;

typedef struct visitor {
    tin_handle session;
    const job *jobs;
    size_t count;
    size_t first; /* the job to begin with */
    size_t wrong;
    tin_result result; /* of a wrong one */
    size_t wrong_job;
    event_log log;
} visitor;

static void visit(void *context)
{
    visitor *me = context;
    size_t i;

    me->log.thread = GetCurrentThreadId();
    for (i = 0; i < VISITS; i++) {
        const size_t number = (me->first + i) % me->count;
        body read = fetch(me->session, me->jobs[number].url, NULL, FLAGS, &me->log);

        if (!tin_ok(read.result) || !me->jobs[number].check(&read)) {
            me->wrong++;
            me->result = read.result;
            me->wrong_job = number;
        }
        free(read.bytes);
    }
}

static void many_threads_share_one_session(void **state)
{
    const job jobs[] = {
        {url_of("TIN_TEST_HTTP", "/hello.txt"), is_hello},
        {url_of("TIN_TEST_FTP", "/page.html"), is_page},
        {url_of("TIN_TEST_HTTP", "/1m.bin"), is_counter},
        {url_of("TIN_TEST_HTTPS", "/page.html"), is_page},
        {url_of("TIN_TEST_HTTP", "/redirect/chain/2"), is_hello},
        {url_of("TIN_TEST_HTTP_OTHER", "/empty.txt"), is_empty},
        {url_of("TIN_TEST_HTTPS", "/1m.bin"), is_counter},
        {url_of("TIN_TEST_FTP", "/1m.bin"), is_counter},
        {url_with_user("TIN_TEST_HTTP", "user:pass%20word%3A%40@", "/auth/hello.txt"), is_hello},
    };
    visitor *visitors = calloc(VISITORS, sizeof *visitors);
    test_thread *threads[VISITORS];
    size_t i;

    assert_non_null(visitors);
    assert_error("callback", tin_set_status_callback(*state, count_events, NULL), TIN_OK);
    for (i = 0; i < VISITORS; i++) {
        visitors[i].session = *state;
        visitors[i].jobs = jobs;
        visitors[i].count = TEST_COUNT_OF(jobs);
        visitors[i].first = i;
        threads[i] = test_thread_start(visit, &visitors[i]);
    }
    for (i = 0; i < VISITORS; i++)
        test_thread_join(threads[i], 3 * TEST_PATIENCE_MS);
    for (i = 0; i < VISITORS; i++) {
        const char *wrong_url = jobs[visitors[i].wrong_job].url;

        if (visitors[i].wrong != 0)
            assert_error(wrong_url, visitors[i].result, TIN_OK);
        assert_row(wrong_url, visitors[i].wrong == 0);
        assert_int_equal(visitors[i].log.strays, 0);
        assert_true(visitors[i].log.count >= VISITS * 3);
    }
    free(visitors);
}

static void a_kept_connection_serves_many_requests(void **state)
{
    static event_log log;
    int i;

    watch(*state, count_events, &log);
    for (i = 0; i < 200; i++) {
        body read = fetch(*state, url_of("TIN_TEST_HTTP", "/page.html"), NULL,
                          FLAGS | INTERNET_FLAG_KEEP_CONNECTION, NULL);

        assert_true(is_page(&read));
        free(read.bytes);
    }
    assert_in_range(log.connects, 0, 2); /* 0: one that was kept before */
    assert_true(log.count >= 200 * 3);
}

/* WinInet still reads what is left of them (Wine 8), behind the caller's back. */
static void files_closed_in_mid_body_are_gone_at_once(void **state)
{
    int i;

    for (i = 0; i < 50; i++) {
        tin_handle file;
        char byte;
        size_t got;

        file = open_page("open", *state, url_of("TIN_TEST_HTTP", "/1m.bin"));
        assert_error("read", tin_read_file(file, &byte, 1, &got), TIN_OK);
        close_page("close", file);
        assert_error("read", tin_read_file(file, &byte, 1, &got), TIN_E_HANDLE);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_session, close_session)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(read_file_reads_whole_bodies_in_any_size),
        TEST(read_available_reads_whole_bodies_in_any_size),
        TEST(both_ways_of_reading_share_one_position),
        TEST(a_file_above_4_gib_is_read_to_its_end),
        TEST(get_length_is_what_the_server_announced),
        TEST(failure_statuses_are_successes_with_a_body),
        TEST(request_carries_agent_and_headers),
        TEST(names_that_are_not_ascii_are_found),
        TEST(user_info_of_a_url_logs_in),
        TEST(user_options_of_the_session_log_in),
        TEST(redirects_are_followed_up_to_ten),
        TEST(redirects_are_followed_up_to_the_limit_that_is_set),
        TEST(redirect_events_name_each_next_url),
        TEST(no_auto_redirect_opens_the_3xx_itself),
        TEST(secrets_do_not_follow_to_another_origin),
        TEST(decoded_body_is_complete_in_any_size),
        TEST(undecoded_body_comes_as_it_was_sent),
        TEST(session_flags_let_exactly_their_fault_pass),
        TEST(ftp_names_and_users_are_understood),
        TEST(ftp_refusals_keep_the_servers_words),
        TEST(refused_connections_are_told),
        TEST(http_events_come_in_order_on_the_calling_thread),
        TEST(ftp_events_come_in_order_on_the_calling_thread),
        TEST(events_of_a_failed_open_end_with_its_result),
        TEST(context_of_the_call_outweighs_the_sessions),
        TEST(no_callback_no_events),
        TEST(utf16_twins_do_the_same_for_http),
        TEST(utf16_twins_take_user_options),
        TEST(utf16_twins_do_the_same_for_ftp),
        TEST(many_threads_share_one_session),
        TEST(a_kept_connection_serves_many_requests),
        TEST(files_closed_in_mid_body_are_gone_at_once),
    };

    return test_run_group(tests, NULL, NULL);
}
