/* SPDX-License-Identifier: MIT */
/*
 * What thininet promises beyond WinInet: each test is one promise, in words. Under Wine it also
 * shows, where that is quick and certain, that WinInet by itself does otherwise. Where WinInet
 * would hang or crash, it is not asked: the test says so.
 */
#include "real_server.h"

#include "request_fixture.h"
#include "wrap.h"

TIN_WRAP(InternetReadFileExW);

static volatile LONG read_calls;

static BOOL WINAPI wrap_InternetReadFileExW(HINTERNET file, LPINTERNET_BUFFERSW buffers,
                                            DWORD flags, DWORD_PTR context)
{
    InterlockedIncrement(&read_calls);
    return real_InternetReadFileExW(file, buffers, flags, context);
}

static const fault_step ok_page[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    FAULT_AGAIN,
};
static const fault_route all_ok[] = {{"*", ok_page}, {NULL, NULL}};

static bool is_ok(const body *read)
{
    return is_text(read, "ok");
}

/* The n-th request that a server was sent. */
static const char *request_at(fault_server *server, uint64_t n)
{
    static char text[2048];

    fault_server_request(server, n, text, sizeof text);
    return text;
}

/* ---- WinInet by itself ---------------------------------------------------------------------- */

typedef struct raw {
    HINTERNET session, connection, file;
    bool opened;
    bool read; /* to an end that WinInet calls good */
    DWORD error;
    DWORD status;
    DWORD size;
    char bytes[1024];
} raw;

static raw raw_session(const char *proxy)
{
    const DWORD type = proxy != NULL ? INTERNET_OPEN_TYPE_PROXY : INTERNET_OPEN_TYPE_DIRECT;
    raw it = {.session = InternetOpenA("WinInet", type, proxy, NULL, 0)};

    assert_non_null(it.session);
    return it;
}

static void raw_open(raw *it, const char *url, const char *headers)
{
    DWORD size = sizeof it->status;

    it->file = InternetOpenUrlA(it->session, url, headers, headers != NULL ? (DWORD)-1 : 0, FLAGS,
                                1); /* a context is needed for nothing, and taken by Windows */
    it->opened = it->file != NULL;
    it->error = it->opened ? 0 : GetLastError();
    if (it->opened)
        HttpQueryInfoA(it->file, HTTP_QUERY_STATUS_CODE | HTTP_QUERY_FLAG_NUMBER, &it->status,
                       &size, NULL);
}

static void raw_close(raw *it)
{
    if (it->file != NULL)
        InternetCloseHandle(it->file);
    if (it->connection != NULL)
        InternetCloseHandle(it->connection);
    InternetCloseHandle(it->session);
}

static void raw_read(raw *it)
{
    DWORD got = 1;

    while (it->opened && got != 0 && it->size < sizeof it->bytes - 1 &&
           InternetReadFile(it->file, it->bytes + it->size, sizeof it->bytes - 1 - it->size, &got))
        it->size += got;
    it->read = it->opened && got == 0;
}

static raw raw_fetch(const char *url, const char *headers, const char *proxy)
{
    raw it = raw_session(proxy);

    raw_open(&it, url, headers);
    raw_read(&it);
    raw_close(&it);
    return it;
}

/* ---- Time ----------------------------------------------------------------------------------- */

/* A busy machine may keep anybody waiting: one of five tries must be in time. */
enum { TRIES = 5, SLACK_MS = 100 };

static void assert_times_out(tin_handle session, const char *url, uint64_t timeout_ms)
{
    uint64_t elapsed = 0;
    int i;

    for (i = 0; i < TRIES; i++) {
        const uint64_t start = test_now_ms();
        body read = fetch(session, url, NULL, FLAGS, NULL);

        elapsed = test_now_ms() - start;
        free(read.bytes);
        assert_error(url, read.result, TIN_E_TIMEOUT);
        if (elapsed + 16 >= timeout_ms && elapsed <= timeout_ms + SLACK_MS)
            return;
    }
    fail_msg("%s: took %u ms", url, (unsigned)elapsed);
}

static const fault_step late[] = {
    FAULT_PAUSE(300),
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    FAULT_AGAIN,
};
static const fault_step late_body[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"),
    FAULT_PAUSE(300),
    FAULT_SEND("ok"),
    FAULT_AGAIN,
};
static const fault_step drip[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
    FAULT_DRIP("x", 1000, 20),
    FAULT_AGAIN,
};
static const fault_route slow_pages[] = {
    {"/late", late}, {"/late-body", late_body}, {"/drip", drip}, {NULL, NULL}};

static void receive_time_out(void **state)
{
    fault_server *server = fault_server_start_routes(slow_pages);

    assert_error("set", tin_set_option_dword(*state, INTERNET_OPTION_RECEIVE_TIMEOUT, 100), TIN_OK);
    assert_times_out(*state, fault_server_url(server, "/late"), 100);
    assert_times_out(*state, fault_server_url(server, "/late-body"), 100);
    if (test_under_wine()) {
        DWORD timeout_ms = 100;
        raw it = raw_session(NULL);

        assert_true(InternetSetOptionA(it.session, INTERNET_OPTION_RECEIVE_TIMEOUT, &timeout_ms,
                                       sizeof timeout_ms));
        raw_open(&it, fault_server_url(server, "/late"), NULL);
        raw_read(&it);
        raw_close(&it);
        assert_true(it.read); /* 300 ms later */
    }
    fault_server_stop(server);
}

/* WinInet would sit there for more than two minutes (Wine 8). */
static void connect_time_out(void **state)
{
    fault_server *server = fault_server_start_full();

    if (server == NULL)
        test_skip("this system refuses where others let wait");
    assert_error("set", tin_set_option_dword(*state, INTERNET_OPTION_CONNECT_TIMEOUT, 100), TIN_OK);
    assert_times_out(*state, fault_server_url(server, "/"), 100);
    fault_server_stop(server);
}

/* WinInet has nothing like it. */
static void total_time_out(void **state)
{
    fault_server *server = fault_server_start_routes(slow_pages);

    assert_error("set", tin_set_option_dword(*state, TIN_OPTION_TOTAL_TIMEOUT, 200), TIN_OK);
    assert_times_out(*state, fault_server_url(server, "/drip"), 200);
    fault_server_stop(server);
}

/* WinInet waited for 45 seconds and more (Wine 8). */
static void finite_defaults(void **state)
{
    static const struct {
        const char *name;
        DWORD option;
        DWORD timeout_ms;
    } rows[] = {
        {"connect", INTERNET_OPTION_CONNECT_TIMEOUT, 60000},
        {"send", INTERNET_OPTION_SEND_TIMEOUT, 30000},
        {"receive", INTERNET_OPTION_RECEIVE_TIMEOUT, 30000},
    };
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        DWORD timeout_ms = 0;

        assert_error(rows[i].name, tin_query_option_dword(*state, rows[i].option, &timeout_ms),
                     TIN_OK);
        assert_row(rows[i].name, timeout_ms == rows[i].timeout_ms);
    }
}

/* ---- Ending what goes on -------------------------------------------------------------------- */

static const fault_step never[] = {FAULT_READ_REQUEST, FAULT_MUTE, FAULT_END};

typedef struct opener {
    tin_handle session;
    raw it;
    const char *url;
    tin_result result;
} opener;

static void open_ours(void *context)
{
    opener *me = context;
    tin_handle file;

    me->result = tin_open_url(me->session, me->url, NULL, FLAGS, NULL, &file);
}

static void open_raw(void *context)
{
    opener *me = context;

    raw_open(&me->it, me->url, NULL);
}

static uint64_t time_to_end(tin_result (*end)(tin_handle), tin_error expected)
{
    fault_server *server = fault_server_start(never);
    opener opens = {.url = fault_server_url(server, "/")};
    test_thread *thread;
    uint64_t start, elapsed;

    assert_error("open", tin_open("", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &opens.session),
                 TIN_OK);
    thread = test_thread_start(open_ours, &opens);
    assert_true(fault_server_wait(server, FAULT_HOLDS, 1, TEST_PATIENCE_MS));
    start = test_now_ms();
    assert_error("end", end(opens.session), TIN_OK);
    test_thread_join(thread, TEST_PATIENCE_MS);
    elapsed = test_now_ms() - start;
    assert_error("open_url", opens.result, expected);
    (void)tin_close_handle(opens.session).error;
    fault_server_stop(server);
    return elapsed;
}

static void assert_ends_quickly(tin_result (*end)(tin_handle))
{
    uint64_t elapsed = 0;
    int i;

    for (i = 0; i < TRIES; i++) {
        elapsed = time_to_end(end, TIN_E_CANCELLED);
        if (elapsed <= 50)
            return;
    }
    fail_msg("it took %u ms", (unsigned)elapsed);
}

static void cancel_and_close(void **state)
{
    (void)state;
    assert_ends_quickly(tin_cancel);
    assert_ends_quickly(tin_close_handle);
    if (test_under_wine()) {
        fault_server *server = fault_server_start(never);
        opener opens = {.url = fault_server_url(server, "/"), .it = raw_session(NULL)};
        test_thread *thread = test_thread_start(open_raw, &opens);

        assert_true(fault_server_wait(server, FAULT_HOLDS, 1, TEST_PATIENCE_MS));
        InternetCloseHandle(opens.it.session);
        assert_false(test_thread_wait(thread, 100)); /* for as long as the server says nothing */
        fault_server_release(server);
        test_thread_join(thread, TEST_PATIENCE_MS);
        if (opens.it.file != NULL)
            InternetCloseHandle(opens.it.file);
        fault_server_stop(server);
    }
}

/* WinInet reads what is left before InternetCloseHandle returns: here for ever (Wine 8). */
static void close_in_an_endless_body(void **state)
{
    static const fault_step endless[] = {
        FAULT_READ_REQUEST,
        FAULT_SEND("HTTP/1.1 200 OK\r\n\r\n"),
        FAULT_SEND_TIMES("0123456789abcdef", FAULT_FOREVER),
        FAULT_END,
    };
    uint64_t elapsed = 0;
    int i;

    for (i = 0; i < TRIES; i++) {
        fault_server *server = fault_server_start(endless);
        tin_handle file = open_page("open", *state, fault_server_url(server, "/"));
        char byte;
        size_t got;
        uint64_t start;

        assert_error("read", tin_read_file(file, &byte, 1, &got), TIN_OK);
        start = test_now_ms();
        close_page("close", file);
        elapsed = test_now_ms() - start;
        fault_server_stop(server);
        if (elapsed <= 50)
            return;
    }
    fail_msg("closing took %u ms", (unsigned)elapsed);
}

/* ---- Bodies and answers --------------------------------------------------------------------- */

static const fault_step short_body[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789"),
    FAULT_END,
};
static const fault_step long_body[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789excess"),
    FAULT_END,
};
static const fault_step no_status[] = {FAULT_SEND("hello\r\n\r\n"), FAULT_END};
static const fault_step no_answer[] = {FAULT_CLOSE, FAULT_END};
static const fault_step large_status[] = {
    FAULT_SEND("HTTP/1.1 99999 What\r\nContent-Length: 2\r\n\r\nok"),
    FAULT_END,
};
static const fault_step two_lengths[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nok345"),
    FAULT_END,
};
static const fault_route odd_answers[] = {
    {"/short", short_body},
    {"/long", long_body},
    {"/no-status", no_status},
    {"/no-answer", no_answer},
    {"/99999", large_status},
    {"/two-lengths", two_lengths},
    {NULL, NULL},
};

static void truncated_body(void **state)
{
    fault_server *server = fault_server_start_routes(odd_answers);
    tin_handle file = open_page("open", *state, fault_server_url(server, "/short"));
    body read = read_body(file, CHUNK, tin_read_file);
    char byte;
    size_t got;

    assert_error("read", read.result, TIN_E_TRUNCATED);
    assert_int_equal(read.size, 10);
    assert_error("again", tin_read_file(file, &byte, 1, &got), TIN_E_TRUNCATED);
    free(read.bytes);
    close_page("close", file);
    if (test_under_wine()) {
        raw it = raw_fetch(fault_server_url(server, "/short"), NULL, NULL);

        assert_true(it.read && it.size == 10); /* a good end */
    }
    fault_server_stop(server);
}

static void excess_is_cut(void **state)
{
    fault_server *server = fault_server_start_routes(odd_answers);
    body read = fetch(*state, fault_server_url(server, "/long"), NULL, FLAGS, NULL);

    assert_true(is_text(&read, "0123456789"));
    free(read.bytes);
    if (test_under_wine()) {
        raw it = raw_fetch(fault_server_url(server, "/long"), NULL, NULL);

        assert_text("WinInet", it.bytes, "0123456789excess");
    }
    fault_server_stop(server);
}

static void odd_answers_are_refused(void **state)
{
    static const char *const paths[] = {"/no-status", "/no-answer", "/99999", "/two-lengths"};
    fault_server *server = fault_server_start_routes(odd_answers);
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(paths); i++) {
        assert_open_fails(paths[i], *state, fault_server_url(server, paths[i]), TIN_E_PROTOCOL);
        if (test_under_wine())
            assert_row(paths[i], raw_fetch(fault_server_url(server, paths[i]), NULL, NULL).opened);
    }
    fault_server_stop(server);
}

/* ---- Redirects ------------------------------------------------------------------------------ */

static const fault_step to_itself[] = {
    FAULT_SEND("HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n"),
    FAULT_AGAIN,
};
static const fault_step to_a_user[] = {
    FAULT_SEND_FILLED("HTTP/1.1 302 Found\r\nLocation: http://me:secret@127.0.0.1:{port}/ok\r\n"
                      "Content-Length: 0\r\n\r\n"),
    FAULT_AGAIN,
};
static const fault_step status_308[] = {
    FAULT_SEND("HTTP/1.1 308 Moved\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n"),
    FAULT_AGAIN,
};
static const fault_step to_a_fragment[] = {
    FAULT_SEND("HTTP/1.1 302 Found\r\nLocation: /ok#fragment\r\nContent-Length: 0\r\n\r\n"),
    FAULT_AGAIN,
};
static const fault_step to_localhost[] = {
    FAULT_SEND_FILLED("HTTP/1.1 302 Found\r\nLocation: http://localhost:{port}/ok\r\n"
                      "Content-Length: 0\r\n\r\n"),
    FAULT_AGAIN,
};
static const fault_route redirect_pages[] = {
    {"/loop", to_itself},
    {"/user", to_a_user},
    {"/308", status_308},
    {"/fragment", to_a_fragment},
    {"/localhost", to_localhost},
    {"*", ok_page},
    {NULL, NULL},
};

/* WinInet goes round for ever (Wine 8). */
static void at_most_ten_redirects(void **state)
{
    fault_server *server = fault_server_start_routes(redirect_pages);

    assert_open_fails("loop", *state, fault_server_url(server, "/loop"), TIN_E_REDIRECT);
    assert_int_equal(fault_server_count(server, FAULT_REQUESTS), 11);
    fault_server_stop(server);
}

/* WinInet crashes when that place asks for a password (Wine 8). */
static void no_user_in_a_redirect(void **state)
{
    fault_server *server = fault_server_start_routes(redirect_pages);

    assert_open_fails("user", *state, fault_server_url(server, "/user"), TIN_E_REDIRECT);
    assert_int_equal(fault_server_count(server, FAULT_REQUESTS), 1);
    fault_server_stop(server);
}

static void status_308_is_followed(void **state)
{
    fault_server *server = fault_server_start_routes(redirect_pages);

    assert_fetches("308", *state, fault_server_url(server, "/308"), is_ok);
    if (test_under_wine())
        assert_int_equal(raw_fetch(fault_server_url(server, "/308"), NULL, NULL).status, 308);
    fault_server_stop(server);
}

static void secrets_stay_at_their_origin(void **state)
{
    static const char headers[] = "Authorization: Basic secret\r\nCookie: secret=1\r\n";
    fault_server *server = fault_server_start_routes(redirect_pages);
    const char *url = fault_server_url(server, "/localhost");
    body read = fetch(*state, url, headers, FLAGS, NULL);

    assert_true(is_ok(&read));
    free(read.bytes);
    assert_non_null(strstr(request_at(server, 0), "secret"));
    assert_null(strstr(request_at(server, 1), "secret"));
    if (test_under_wine()) {
        assert_int_equal(raw_fetch(url, headers, NULL).status, 200);
        assert_non_null(strstr(request_at(server, 3), "Authorization: Basic secret\r\n"));
        assert_non_null(strstr(request_at(server, 3), "Cookie: secret=1\r\n"));
    }
    fault_server_stop(server);
}

static void fragments_are_not_sent(void **state)
{
    fault_server *server = fault_server_start_routes(redirect_pages);
    const char *url = fault_server_url(server, "/fragment#mine");

    assert_fetches("fragment", *state, url, is_ok);
    assert_starts("first", request_at(server, 0), "GET /fragment HTTP/1.1\r\n");
    assert_starts("second", request_at(server, 1), "GET /ok HTTP/1.1\r\n");
    if (test_under_wine()) {
        raw_fetch(fault_server_url(server, "/fragment"), NULL, NULL);
        assert_starts("WinInet", request_at(server, 3), "GET /ok#fragment HTTP/1.1\r\n");
    }
    fault_server_stop(server);
}

/* ---- URLs and headers ----------------------------------------------------------------------- */

static void urls_are_checked(void **state)
{
    static const struct {
        const char *url;
        tin_error error;
    } rows[] = {
        {"http://127.0.0.1:0/", TIN_E_URL},
        {"http://127.0.0.1:65536/", TIN_E_URL},
        {"http://127.0.0.1:99999/", TIN_E_URL},
        {"http://127.0.0.1:8a/", TIN_E_URL},
        {"http://", TIN_E_URL},
        {"http:///path", TIN_E_URL},
        {"http://evil.test\\@127.0.0.1/", TIN_E_URL},
        {"http://127.0.0.1/\r\nX: y", TIN_E_URL},
        {"http://127.0.0.1/\x01", TIN_E_URL},
        {"javascript:alert(1)", TIN_E_UNSUPPORTED},
    };
    fault_server *server = fault_server_start_routes(all_ok);
    char url[64];
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++)
        assert_open_fails(rows[i].url, *state, rows[i].url, rows[i].error);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", fault_server_port(server) + 65536u);
    assert_open_fails(url, *state, url, TIN_E_URL);
    if (test_under_wine())
        assert_int_equal(raw_fetch(url, NULL, NULL).status, 200); /* at the wrong port */
    fault_server_stop(server);
}

static const fault_step asks_who[] = {
    FAULT_SEND("HTTP/1.1 401 Who are you\r\nWWW-Authenticate: Basic realm=\"r\"\r\n"
               "Content-Length: 0\r\n\r\n"),
    FAULT_AGAIN,
};
static const fault_route never_content[] = {{"*", asks_who}, {NULL, NULL}};

static const char *with_user(fault_server *server, const char *user)
{
    char *url = next_name();

    snprintf(url, NAME_SIZE, "http://%s@127.0.0.1:%u/", user, fault_server_port(server));
    return url;
}

static void user_info_is_decoded(void **state)
{
    fault_server *server = fault_server_start_routes(never_content);
    const char *url = with_user(server, "a%40b:c%3Ad");

    close_page("close", open_page("open", *state, url));
    assert_non_null(strstr(request_at(server, 1), "Authorization: Basic YUBiOmM6ZA==\r\n"));
    if (test_under_wine()) {
        forget_logins();
        raw_fetch(url, NULL, NULL);
        assert_int_equal(fault_server_count(server, FAULT_REQUESTS), 4);
        assert_null(strstr(request_at(server, 3), "Authorization: Basic YUBiOmM6ZA==\r\n"));
    }
    fault_server_stop(server);
}

/* WinInet crashes (Wine 8). */
static void a_user_without_a_password(void **state)
{
    fault_server *server = fault_server_start_routes(never_content);

    close_page("close", open_page("open", *state, with_user(server, "me")));
    assert_non_null(strstr(request_at(server, 1), "Authorization: Basic bWU6\r\n")); /* "me:" */
    fault_server_stop(server);
}

static void paths_are_sent_as_utf8(void **state)
{
    static const char sent[] = "GET /gr%C3%BC%C3%9Fe HTTP/1.1\r\n";
    fault_server *server = fault_server_start_routes(all_ok);
    const char *url = fault_server_url(server, "/gr\xC3\xBC\xC3\x9F"
                                               "e");

    assert_fetches("path", *state, url, is_ok);
    assert_starts("path", request_at(server, 0), sent);
    if (test_under_wine()) {
        raw_fetch(url, NULL, NULL);
        assert_int_not_equal(strncmp(request_at(server, 1), sent, sizeof sent - 1), 0);
    }
    fault_server_stop(server);
}

static void hosts_are_sent_as_punycode(void **state)
{
    static const char sent[] = "GET http://xn--bro-hoa.test";
    static const char url[] = "http://b\xC3\xBCro.test/";
    fault_server *server = fault_server_start_routes(all_ok);
    tin_handle session;
    char proxy[32];

    (void)state;
    snprintf(proxy, sizeof proxy, "127.0.0.1:%u", fault_server_port(server));
    assert_error("open", tin_open("", INTERNET_OPEN_TYPE_PROXY, proxy, NULL, 0, &session), TIN_OK);
    assert_fetches("host", session, url, is_ok);
    assert_starts("host", request_at(server, 0), sent);
    close_page("session", session);
    if (test_under_wine()) {
        raw_fetch(url, NULL, proxy);
        assert_null(strstr(request_at(server, 1), "xn--"));
    }
    fault_server_stop(server);
}

static void headers_are_checked(void **state)
{
    static const char *const rows[] = {
        "X-Mine: 1\nX-Evil: 1", "X-Mine: 1\rX-Evil: 1", "X-Mine", ": 1", "X Mine: 1",
    };
    fault_server *server = fault_server_start_routes(all_ok);
    const char *url = fault_server_url(server, "/");
    tin_handle file;
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++)
        assert_error(rows[i], tin_open_url(*state, url, rows[i], FLAGS, NULL, &file),
                     TIN_E_ARGUMENT);
    assert_int_equal(fault_server_count(server, FAULT_REQUESTS), 0);
    if (test_under_wine()) {
        raw_fetch(url, rows[0], NULL);
        assert_non_null(strstr(request_at(server, 0), "X-Evil: 1\r\n"));
    }
    fault_server_stop(server);
}

/* ---- Proxies, retries, reads ---------------------------------------------------------------- */

static void a_refused_tunnel(void **state)
{
    static const fault_step refuses[] = {
        FAULT_READ_REQUEST,
        FAULT_SEND("HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nproxy"),
        FAULT_END,
    };
    fault_server *server = fault_server_start(refuses);
    tin_handle session;
    char proxy[32];

    (void)state;
    snprintf(proxy, sizeof proxy, "127.0.0.1:%u", fault_server_port(server));
    assert_error("open", tin_open("", INTERNET_OPEN_TYPE_PROXY, proxy, NULL, 0, &session), TIN_OK);
    assert_open_fails("https", session, "https://bank.test/", TIN_E_PROXY);
    close_page("session", session);
    if (test_under_wine()) {
        raw it = raw_fetch("https://bank.test/", NULL, proxy);

        assert_text("WinInet", it.bytes, "proxy"); /* as if from the bank */
    }
    fault_server_stop(server);
}

static void retries_happen_and_read_back(void **state)
{
    static const fault_step hangs_up[] = {FAULT_READ_REQUEST, FAULT_CLOSE, FAULT_END};
    static const fault_step answers[] = {
        FAULT_READ_REQUEST,
        FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        FAULT_END,
    };
    static const fault_step *const scripts[] = {hangs_up, hangs_up, answers, hangs_up, NULL};
    fault_server *server = fault_server_start_many(scripts);
    DWORD retries = 0;

    assert_error("set", tin_set_option_dword(*state, INTERNET_OPTION_CONNECT_RETRIES, 2), TIN_OK);
    assert_error("query", tin_query_option_dword(*state, INTERNET_OPTION_CONNECT_RETRIES, &retries),
                 TIN_OK);
    assert_int_equal(retries, 2);
    assert_fetches("third try", *state, fault_server_url(server, "/"), is_ok);
    assert_int_equal(fault_server_count(server, FAULT_CONNECTIONS), 3);
    if (test_under_wine()) {
        raw it = raw_session(NULL);
        DWORD size = sizeof retries;

        assert_true(
            InternetSetOptionA(it.session, INTERNET_OPTION_CONNECT_RETRIES, &retries, size));
        assert_false(
            InternetQueryOptionA(it.session, INTERNET_OPTION_CONNECT_RETRIES, &retries, &size));
        raw_open(&it, fault_server_url(server, "/"), NULL);
        raw_close(&it);
        assert_true(it.opened && it.status == 0); /* an empty answer: a success */
        assert_int_equal(fault_server_count(server, FAULT_CONNECTIONS), 4);
    }
    fault_server_stop(server);
}

/* ---- Other schemes -------------------------------------------------------------------------- */

static bool is_local(const body *read)
{
    return is_text(read, "local");
}

/* The server ends the kept connection instead of answering its second request. (Wine 8 sends again
 * by itself.) */
static void stale_connections_are_retried(void **state)
{
    static const fault_step kept[] = {FAULT_READ_REQUEST,
                                      FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
                                      FAULT_READ_REQUEST, FAULT_CLOSE, FAULT_END};
    static const fault_step good[] = {FAULT_READ_REQUEST,
                                      FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
                                      FAULT_END};
    static const fault_step *const scripts[] = {kept, good, NULL};
    fault_server *server = fault_server_start_many(scripts);

    for (int i = 0; i < 2; i++) {
        tin_handle file = open_page("open", *state, fault_server_url(server, "/"));
        char bytes[8];
        size_t got;

        assert_error("read", tin_read_file(file, bytes, sizeof bytes, &got), TIN_OK);
        assert_int_equal(got, 2);
        close_page("close", file);
    }
    assert_int_equal(fault_server_count(server, FAULT_CONNECTIONS), 2);
    fault_server_stop(server);
}

static void local_files_open_like_urls(void **state)
{
    const char *path = test_file("local", 5);
    char url[MAX_PATH + 16];

    snprintf(url, sizeof url, "file:///%s", path);
    assert_fetches("path", *state, path, is_local);
    assert_fetches("URL", *state, url, is_local);
    if (test_under_wine())
        assert_int_equal(raw_fetch(url, NULL, NULL).error, ERROR_INTERNET_UNRECOGNIZED_SCHEME);
    test_files_remove(NULL);
}

static void gopher_is_told_at_once(void **state)
{
    assert_open_fails("gopher", *state, "gopher://127.0.0.1/", TIN_E_UNSUPPORTED);
    if (test_under_wine())
        assert_false(raw_fetch("gopher://127.0.0.1/", NULL, NULL).opened);
}

/* ---- Requests: what is sent, and where to --------------------------------------------------- */

static void raw_request(raw *it, fault_server *server, const char *user, const char *verb,
                        const char *object)
{
    it->connection = InternetConnectA(it->session, "127.0.0.1", fault_server_port(server), user,
                                      NULL, INTERNET_SERVICE_HTTP, 0, 1);
    assert_non_null(it->connection);
    it->file = HttpOpenRequestA(it->connection, verb, object, NULL, NULL, NULL, FLAGS, 1);
    assert_non_null(it->file);
}

static raw raw_send(fault_server *server, const char *verb, const char *object, const char *text)
{
    raw it = raw_session(NULL);

    raw_request(&it, server, NULL, verb, object);
    it.opened = HttpSendRequestA(it.file, NULL, 0, (void *)text, (DWORD)strlen(text));
    raw_read(&it);
    raw_close(&it);
    return it;
}

#define MOVED(status)                                                                              \
    {                                                                                              \
        FAULT_READ_BODY,                                                                           \
            FAULT_SEND("HTTP/1.1 " #status " X\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"),     \
            FAULT_AGAIN,                                                                           \
    }
static const fault_step moved_301[] = MOVED(301), moved_302[] = MOVED(302),
                        moved_303[] = MOVED(303), moved_307[] = MOVED(307),
                        moved_308[] = MOVED(308);
static const fault_step takes_body[] = {
    FAULT_READ_BODY,
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    FAULT_AGAIN,
};
static const fault_route moving[] = {
    {"/301", moved_301}, {"/302", moved_302}, {"/303", moved_303}, {"/307", moved_307},
    {"/308", moved_308}, {"/b", takes_body},  {NULL, NULL},
};

static void bodies_follow_redirects(void **state)
{
    static const struct {
        const char *object, *verb, *line, *body;
    } rows[] = {
        {"/301", "POST", "GET /b HTTP/1.1", ""},
        {"/302", "POST", "GET /b HTTP/1.1", ""},
        {"/303", "POST", "GET /b HTTP/1.1", ""},
        {"/307", "POST", "POST /b HTTP/1.1", "hello"},
        {"/308", "POST", "POST /b HTTP/1.1", "hello"},
        {"/302", "PUT", "PUT /b HTTP/1.1", "hello"},
        {"/303", "PUT", "GET /b HTTP/1.1", ""},
        {"/307", "PUT", "PUT /b HTTP/1.1", "hello"},
        {"/308", "PUT", "PUT /b HTTP/1.1", "hello"},
    };
    test_link link = link_to_routes(moving);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        tin_handle request = request_for(&link, rows[i].verb, rows[i].object);
        const char *text;

        assert_error(rows[i].object, tin_http_send_request(request, NULL, "hello", 5), TIN_OK);
        text = received(link.server, 2 * i + 1);
        assert_text(rows[i].object, first_line(text), rows[i].line);
        assert_text(rows[i].object, body_of(text), rows[i].body);
        assert_int_equal(status_of(request), 200);
    }
    if (test_under_wine()) {
        const uint64_t before = fault_server_count(link.server, FAULT_REQUESTS);

        raw_send(link.server, "POST", "/307", "hello");
        assert_text("WinInet", first_line(received(link.server, before + 1)), "POST /b HTTP/1.1");
        assert_text("WinInet", body_of(received(link.server, before + 1)), "");
    }
    unlink_all(&link);
}

static void a_requests_secrets_stay_at_their_origin(void **state)
{
    fault_server *server = fault_server_start_routes(redirect_pages);
    test_link link = link_with(server, "me", "secret");
    tin_handle request = request_for(&link, "GET", "/localhost");

    (void)state;
    assert_error("headers",
                 tin_http_add_request_headers(
                     request, "Authorization: Basic secret\r\nCookie: secret=1\r\nX-Mine: 1",
                     HTTP_ADDREQ_FLAG_ADD),
                 TIN_OK);
    assert_error("send", tin_http_send_request(request, NULL, NULL, 0), TIN_OK);
    assert_int_equal(status_of(request), 200);
    assert_true(has_line(received(server, 0), "Authorization: Basic secret"));
    assert_true(has_line(received(server, 0), "Cookie: secret=1"));
    assert_true(has_line(received(server, 1), "X-Mine: 1"));
    assert_false(has_name(received(server, 1), "Authorization"));
    assert_false(has_name(received(server, 1), "Cookie"));
    unlink_all(&link);
}

static void requests_are_checked(void **state)
{
    static const struct {
        const char *name, *verb, *object, *referrer, *type;
        tin_error error;
    } rows[] = {
        {"verb", "GET / HTTP/1.1\r\nX-Evil: 1\r\n\r\nGET", "/", NULL, NULL, TIN_E_ARGUMENT},
        {"object", "GET", "/ HTTP/1.1\r\nX-Evil: 1", NULL, NULL, TIN_E_URL},
        {"referrer", "GET", "/", "http://a/\r\nX-Evil: 1", NULL, TIN_E_ARGUMENT},
        {"type", "GET", "/", NULL, "*/*\r\nX-Evil: 1", TIN_E_ARGUMENT},
    };
    static const char evil[] = "X-Mine: 1\nX-Evil: 1";
    test_link link = link_to_routes(all_ok);
    tin_handle request;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *const types[] = {rows[i].type, NULL};

        assert_error(rows[i].name,
                     tin_http_open_request(link.connection, rows[i].verb, rows[i].object, NULL,
                                           rows[i].referrer, types, FLAGS, NULL, &request),
                     rows[i].error);
    }
    request = request_for(&link, "GET", "/");
    assert_error("add", tin_http_add_request_headers(request, evil, HTTP_ADDREQ_FLAG_ADD),
                 TIN_E_ARGUMENT);
    assert_error("send", tin_http_send_request(request, evil, NULL, 0), TIN_E_ARGUMENT);
    assert_error("upload", tin_http_send_request_ex(request, evil, 1), TIN_E_ARGUMENT);
    assert_int_equal(fault_server_count(link.server, FAULT_REQUESTS), 0);
    if (test_under_wine()) {
        raw it = raw_session(NULL);

        raw_request(&it, link.server, NULL, "GET", "/");
        assert_true(HttpAddRequestHeadersA(it.file, evil, (DWORD)-1, HTTP_ADDREQ_FLAG_ADD));
        assert_true(HttpSendRequestA(it.file, NULL, 0, NULL, 0));
        assert_true(has_line(received(link.server, 0), "X-Evil: 1"));
        raw_close(&it);
    }
    unlink_all(&link);
}

/* ---- Requests: who asks --------------------------------------------------------------------- */

static bool knows_me(fault_connection *connection, const void *context)
{
    const bool known =
        has_line(fault_last_message(connection), "Authorization: Basic bWU6c2VjcmV0");

    (void)context;
    return fault_send_format(connection,
                             "HTTP/1.1 %s\r\nWWW-Authenticate: Basic realm=\"r\"\r\n"
                             "Content-Length: 2\r\n\r\nok",
                             known ? "200 OK" : "401 Who are you");
}

static const fault_step for_me[] = {FAULT_READ_BODY, FAULT_CALL(knows_me, NULL), FAULT_AGAIN};
static const fault_route mine[] = {{"*", for_me}, {NULL, NULL}};

static void a_401_is_answered_on_the_same_handle(void **state)
{
    test_link link = link_to_routes(mine);
    tin_handle request = request_for(&link, "POST", "/");

    (void)state;
    assert_error("nobody", tin_http_send_request(request, NULL, "hello", 5), TIN_OK);
    assert_int_equal(status_of(request), 401);
    assert_error("user", tin_set_option_text(request, INTERNET_OPTION_USERNAME, "me"), TIN_OK);
    assert_error("password", tin_set_option_text(request, INTERNET_OPTION_PASSWORD, "secret"),
                 TIN_OK);
    assert_error("me", tin_http_send_request(request, NULL, "hello", 5), TIN_OK);
    assert_int_equal(status_of(request), 200);
    assert_text("body", read_text(request), "ok");
    unlink_all(&link);
}

/* WinInet crashes (Wine 8). */
static void a_connections_user_without_a_password(void **state)
{
    fault_server *server = fault_server_start_routes(never_content);
    test_link link = link_with(server, "me", NULL);
    tin_handle request = request_for(&link, "GET", "/");

    (void)state;
    assert_error("send", tin_http_send_request(request, NULL, NULL, 0), TIN_OK);
    assert_int_equal(status_of(request), 401);
    assert_true(has_line(received(server, fault_server_count(server, FAULT_REQUESTS) - 1),
                         "Authorization: Basic bWU6")); /* "me:" */
    unlink_all(&link);
}

/* ---- Requests: proxies, retries ------------------------------------------------------------- */

static tin_result post_secret(tin_handle session, bool in_pieces, DWORD flags)
{
    tin_handle connection, request;
    tin_result result;
    size_t written;

    assert_error("connect",
                 tin_connect(session, "bank.test", 443, NULL, NULL, INTERNET_SERVICE_HTTP, 0, NULL,
                             &connection),
                 TIN_OK);
    assert_error("open",
                 tin_http_open_request(connection, "POST", "/", NULL, NULL, NULL,
                                       FLAGS | INTERNET_FLAG_SECURE | flags, NULL, &request),
                 TIN_OK);
    if (!in_pieces)
        return tin_http_send_request(request, NULL, "secret", 6);
    result = tin_http_send_request_ex(request, NULL, 6);
    assert_false(tin_ok(tin_write_file(request, "secret", 6, &written)));
    return result;
}

/* Each asks for a tunnel anew, and nothing else is sent to the proxy. */
static void a_refused_tunnel_for_requests(void **state)
{
    static const fault_step refuses[] = {
        FAULT_READ_REQUEST,
        FAULT_SEND("HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nproxy"),
        FAULT_AGAIN,
    };
    fault_server *server = fault_server_start(refuses);
    tin_handle session;
    char proxy[32];

    (void)state;
    snprintf(proxy, sizeof proxy, "127.0.0.1:%u", fault_server_port(server));
    assert_error("open", tin_open("", INTERNET_OPEN_TYPE_PROXY, proxy, NULL, 0, &session), TIN_OK);
    for (uint64_t i = 0; i < 8; i++) {
        const DWORD flags = i % 4 < 2 ? 0 : INTERNET_FLAG_KEEP_CONNECTION;
        const char *name = i % 2 != 0 ? "upload" : "request";

        assert_error(name, post_secret(session, i % 2 != 0, flags), TIN_E_PROXY);
        assert_true(fault_server_wait(server, FAULT_REQUESTS, i + 1, TEST_PATIENCE_MS));
        assert_starts(name, received(server, i), "CONNECT bank.test:443 ");
    }
    close_page("session", session);
    fault_server_stop(server);
}

static void only_harmless_methods_are_retried(void **state)
{
    static const fault_step hangs_up[] = {FAULT_READ_REQUEST, FAULT_END};
    static const struct {
        const char *verb;
        uint64_t tries;
    } rows[] = {{"GET", 3}, {"HEAD", 3}, {"PUT", 3}, {"DELETE", 3}, {"POST", 1}, {"PATCH", 1}};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        test_link link = link_to(hangs_up);
        tin_handle request = request_for(&link, rows[i].verb, "/");

        assert_error("set", tin_set_option_dword(request, INTERNET_OPTION_CONNECT_RETRIES, 2),
                     TIN_OK);
        assert_error(rows[i].verb, tin_http_send_request(request, NULL, NULL, 0), TIN_E_PROTOCOL);
        assert_row(rows[i].verb, fault_server_count(link.server, FAULT_REQUESTS) == rows[i].tries);
        unlink_all(&link);
    }
}

/* Served from the read buffer: as few calls of WinInet's as for reads in large pieces. */
static void small_reads_make_few_calls(void **state)
{
    static const fault_step megabyte[] = {
        FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n"),
        FAULT_SEND_COUNTER(1048576),
        FAULT_AGAIN,
    };
    static const fault_route pages[] = {{"*", megabyte}, {NULL, NULL}};
    static const size_t sizes[] = {1, 1024};
    test_link link = link_to_routes(pages);
    BYTE *bytes = malloc(1 << 20);

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < TEST_COUNT_OF(sizes); i++) {
        tin_handle request = request_for(&link, "GET", "/");
        size_t got = 1, length = 0;

        assert_error("send", tin_http_send_request(request, NULL, NULL, 0), TIN_OK);
        read_calls = 0;
        for (; got != 0; length += got)
            assert_error("read", tin_read_file(request, bytes + length % (1 << 20), sizes[i], &got),
                         TIN_OK);
        assert_int_equal(length, 1 << 20);
        assert_true(fault_pattern_matches(0, bytes, length));
        print_message("reads of %u: %ld calls\n", (unsigned)sizes[i], (long)read_calls);
        assert_in_range(read_calls, 1, 300);
        close_page("close", request);
    }
    free(bytes);
    unlink_all(&link);
}

/* ---- Requests: time ------------------------------------------------------------------------- */

typedef enum level { SESSION, CONNECTION, REQUEST, LEVELS } level;
static const char *const level_names[] = {"session", "connection", "request"};

static const fault_step head_only[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"),
    FAULT_MUTE,
    FAULT_END,
};
static const fault_step drips[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
    FAULT_DRIP("x", 1000, 20),
    FAULT_END,
};
static const fault_step streams[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 8589934592\r\n\r\n"),
    FAULT_SEND_COUNTER(8589934592),
    FAULT_END,
};
static const struct stall {
    const char *name;
    const fault_step *script; /* NULL: nobody takes the connection */
    DWORD option;
    size_t body; /* that is sent; more than the system takes for itself */
} stalls[] = {
    {"connect", NULL, INTERNET_OPTION_CONNECT_TIMEOUT, 0},
    {"send", fault_script_sink, INTERNET_OPTION_SEND_TIMEOUT, 16 << 20},
    {"head", never, INTERNET_OPTION_RECEIVE_TIMEOUT, 0},
    {"body", head_only, INTERNET_OPTION_RECEIVE_TIMEOUT, 0},
    {"total, in the head", never, TIN_OPTION_TOTAL_TIMEOUT, 0},
    {"total, in the body", drips, TIN_OPTION_TOTAL_TIMEOUT, 0},
    {"total, in a body that never waits", streams, TIN_OPTION_TOTAL_TIMEOUT, 0},
};

/* The handles of a request; `option` is set at one level, before what is below it is opened. */
typedef struct line_up {
    test_link link;
    tin_handle handles[LEVELS];
} line_up;

static line_up line_up_at(fault_server *server, level at, DWORD option, DWORD value)
{
    line_up it = {.link = {.server = server}};
    tin_handle *const handles = it.handles;

    for (int i = SESSION; i < LEVELS; i++) {
        if (i == SESSION)
            assert_error("session",
                         tin_open("", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &handles[i]),
                         TIN_OK);
        else if (i == CONNECTION)
            assert_error("connection",
                         tin_connect(handles[SESSION], "127.0.0.1", fault_server_port(server), NULL,
                                     NULL, INTERNET_SERVICE_HTTP, 0, NULL, &handles[i]),
                         TIN_OK);
        else
            assert_error("request",
                         tin_http_open_request(handles[CONNECTION], "PUT", "/", NULL, NULL, NULL,
                                               FLAGS, NULL, &handles[i]),
                         TIN_OK);
        if (i == (int)at)
            assert_error("set", tin_set_option_dword(handles[i], option, value), TIN_OK);
    }
    it.link.session = handles[SESSION];
    return it;
}

/* How long it took until it failed as it should; 0: the system refuses where others let wait. */
static uint64_t time_to_fail(const struct stall *stall, level at, const char *bytes)
{
    fault_server *server =
        stall->script != NULL ? fault_server_start(stall->script) : fault_server_start_full();
    line_up it;
    tin_result result;
    uint64_t start;
    char answer[1000];
    size_t got = 1;

    if (server == NULL)
        return 0;
    it = line_up_at(server, at, stall->option, 100);
    start = test_now_ms();
    result = tin_http_send_request(it.handles[REQUEST], NULL, stall->body != 0 ? bytes : NULL,
                                   stall->body);
    while (tin_ok(result) && got != 0) /* what came before the failure is handed out first */
        result = tin_read_file(it.handles[REQUEST], answer, sizeof answer, &got);
    start = test_now_ms() - start;
    if (result.error != TIN_E_TIMEOUT)
        fail_msg("%s, set on the %s: %s after %u ms", stall->name, level_names[at],
                 tin_error_name(result.error), (unsigned)start);
    unlink_all(&it.link);
    return start;
}

static void time_outs_hold_at_every_level(void **state)
{
    char *bytes = calloc(1, 16 << 20);

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < TEST_COUNT_OF(stalls); i++)
        for (int at = SESSION; at < LEVELS; at++) {
            /* a body is copied first, before the clock starts: slowly in 32-bit programs */
            const uint64_t latest = 100 + SLACK_MS + (stalls[i].body != 0 ? 200 : 0);
            uint64_t elapsed = 0;
            bool in_time = !test_has_turn(i + (size_t)at);

            for (int try = 0; try < TRIES && !in_time; try++) {
                elapsed = time_to_fail(&stalls[i], (level)at, bytes);
                in_time = elapsed == 0 || (elapsed + 16 >= 100 && elapsed <= latest);
            }
            if (!in_time)
                fail_msg("%s, set on the %s: took %u ms", stalls[i].name, level_names[at],
                         (unsigned)elapsed);
        }
    free(bytes);
}

typedef struct sender {
    tin_handle request;
    const char *bytes;
    size_t size;
    tin_result result;
} sender;

static void send_ours(void *context)
{
    sender *me = context;

    me->result = tin_http_send_request(me->request, NULL, me->bytes, me->size);
}

static uint64_t time_to_end_a_send(const struct stall *stall, level at,
                                   tin_result (*end)(tin_handle), const char *bytes)
{
    fault_server *server = fault_server_start(stall->script);
    /* it bounds the tear-down: a send of Wine 8 may miss that its peer has gone */
    line_up it = line_up_at(server, SESSION, INTERNET_OPTION_SEND_TIMEOUT, 2000);
    sender sends = {.request = it.handles[REQUEST], .bytes = bytes, .size = stall->body};
    test_thread *thread = test_thread_start(send_ours, &sends);
    uint64_t start;

    assert_true(fault_server_wait(server, FAULT_HOLDS, 1, TEST_PATIENCE_MS));
    start = test_now_ms();
    assert_error("end", end(it.handles[at]), TIN_OK);
    test_thread_join(thread, TEST_PATIENCE_MS);
    start = test_now_ms() - start;
    assert_error(stall->name, sends.result, TIN_E_CANCELLED);
    (void)tin_close_handle(it.link.session).error;
    fault_server_release(server);
    fault_server_stop(server);
    return start;
}

static void sends_end_at_every_level(void **state)
{
    static const size_t where[] = {1, 2}; /* of stalls: send, head */
    static tin_result (*const ends[])(tin_handle) = {tin_cancel, tin_close_handle};
    char *bytes = calloc(1, 16 << 20);

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < TEST_COUNT_OF(where) * TEST_COUNT_OF(ends); i++)
        for (int at = SESSION; at < LEVELS; at++) {
            uint64_t elapsed = test_has_turn(i + (size_t)at) ? 51 : 0;

            for (int try = 0; try < TRIES && elapsed > 50; try++)
                elapsed = time_to_end_a_send(&stalls[where[i / 2]], (level)at, ends[i % 2], bytes);
            if (elapsed > 50)
                fail_msg("%s of the %s while it is in its %s: %u ms", i % 2 ? "close" : "cancel",
                         level_names[at], stalls[where[i / 2]].name, (unsigned)elapsed);
        }
    free(bytes);
}

/* ---- Requests: TLS, by nginx ---------------------------------------------------------------- */

/* WinInet follows without a word (Wine 8). */
static void https_does_not_become_http(void **state)
{
    tin_handle request =
        request_to("downgrade", *state, "TIN_TEST_HTTPS", "GET", "/redirect/downgrade");
    const char *url = url_of("TIN_TEST_HTTPS", "/redirect/downgrade");

    assert_error("request", tin_http_send_request(request, NULL, NULL, 0), TIN_E_REDIRECT);
    assert_open_fails("file", *state, url, TIN_E_REDIRECT);
    if (test_under_wine())
        assert_int_equal(raw_fetch(url, NULL, NULL).status, 200);
}

static void certificate_faults_are_told_apart(void **state)
{
    static const struct {
        const char *server;
        tin_error error;
    } rows[] = {
        {"TIN_TEST_HTTPS_EXPIRED", TIN_E_CERT_EXPIRED},
        {"TIN_TEST_HTTPS_WRONG_NAME", TIN_E_CERT_NAME},
        {"TIN_TEST_HTTPS_SELF_SIGNED", TIN_E_CERT_UNTRUSTED},
        {"TIN_TEST_HTTPS_NOT_FOR_SERVERS", TIN_E_CERT_INVALID},
    };

    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *name = rows[i].server;
        tin_handle request = request_to(name, *state, name, "POST", "/hello.txt");

        assert_error(name, tin_http_send_request(request, NULL, "hello", 5), rows[i].error);
        assert_open_fails(name, *state, url_of(name, "/hello.txt"), rows[i].error);
    }
}

/* ---- Other places --------------------------------------------------------------------------- */

static void unc_paths_open_like_urls(void **state)
{
    char *path = next_name();

    snprintf(path, NAME_SIZE, "%s\\hello.txt", test_env("TIN_TEST_UNC"));
    assert_fetches("UNC", *state, path, is_hello);
}

static void gopher_connections_too(void **state)
{
    tin_handle connection;

    assert_error("gopher",
                 tin_connect(*state, "127.0.0.1", 70, NULL, NULL, INTERNET_SERVICE_GOPHER, 0, NULL,
                             &connection),
                 TIN_E_UNSUPPORTED);
    if (test_under_wine()) {
        raw it = raw_session(NULL);

        SetLastError(0);
        assert_null(InternetConnectA(it.session, "127.0.0.1", 70, NULL, NULL,
                                     INTERNET_SERVICE_GOPHER, 0, 1));
        assert_int_equal(GetLastError(), 0);
        raw_close(&it);
    }
}

static void the_limit_of_redirects(void **state)
{
    fault_server *server = fault_server_start_routes(redirect_pages);

    assert_error("set", tin_set_option_dword(*state, TIN_OPTION_MAX_REDIRECTS, 2), TIN_OK);
    assert_open_fails("loop", *state, fault_server_url(server, "/loop"), TIN_E_REDIRECT);
    assert_int_equal(fault_server_count(server, FAULT_REQUESTS), 3);
    fault_server_stop(server);
}

/* ---- The promises --------------------------------------------------------------------------- */

#define PROMISE(words, function)                                                                   \
    {                                                                                              \
        words, function, open_session, close_session, NULL                                         \
    }

int main(void)
{
    /* clang-format off */
    const struct CMUnitTest promises[] = {
        PROMISE("a receive time-out set on the session holds, within 100 ms", receive_time_out),
        PROMISE("a connect time-out set on the session holds, within 100 ms", connect_time_out),
        PROMISE("one budget of time for all that is done on a file", total_time_out),
        PROMISE("time-outs are finite by default: 60, 30, 30 seconds", finite_defaults),
        PROMISE("each time-out holds, set on a session, connection or request, within 100 ms", time_outs_hold_at_every_level),
        PROMISE("cancel and close return a blocked call within 50 ms", cancel_and_close),
        PROMISE("cancel and close, at any level, return a send within 50 ms", sends_end_at_every_level),
        PROMISE("closing never blocks, not even in an endless body", close_in_an_endless_body),
        PROMISE("a body shorter than its length is truncated, for ever", truncated_body),
        PROMISE("a body longer than its length is cut at it", excess_is_cut),
        PROMISE("no status, odd status, two lengths: a breach of protocol", odd_answers_are_refused),
        PROMISE("redirects: at most 10", at_most_ten_redirects),
        PROMISE("redirects: the limit can be set", the_limit_of_redirects),
        PROMISE("redirects: never from https to http", https_does_not_become_http),
        PROMISE("redirects: no user info in the target", no_user_in_a_redirect),
        PROMISE("redirects: 308 is followed", status_308_is_followed),
        PROMISE("redirects: 307 and 308 keep verb and body, 303 and a POST's 301 and 302 do not", bodies_follow_redirects),
        PROMISE("redirects: Authorization and Cookie stay at their origin", secrets_stay_at_their_origin),
        PROMISE("redirects: a request's Authorization and Cookie stay, too", a_requests_secrets_stay_at_their_origin),
        PROMISE("the fragment of a URL is not sent", fragments_are_not_sent),
        PROMISE("URLs are checked before WinInet sees them", urls_are_checked),
        PROMISE("user info in a URL is percent-decoded", user_info_is_decoded),
        PROMISE("a path is sent as percent-encoded UTF-8", paths_are_sent_as_utf8),
        PROMISE("an IDN host is sent as punycode", hosts_are_sent_as_punycode),
        PROMISE("CR and LF in headers are refused", headers_are_checked),
        PROMISE("CR and LF in any part of a request are refused", requests_are_checked),
        PROMISE("which certificate fault it was is an error of its own", certificate_faults_are_told_apart),
        PROMISE("a user without a password is sent with an empty one", a_user_without_a_password),
        PROMISE("a connection's user without a password, too", a_connections_user_without_a_password),
        PROMISE("a 401 is answered by sending again on the same handle", a_401_is_answered_on_the_same_handle),
        PROMISE("https by a proxy that refuses is the proxy's failure", a_refused_tunnel),
        PROMISE("the same for requests and uploads, whose body stays here", a_refused_tunnel_for_requests),
        PROMISE("CONNECT_RETRIES reads back and is done", retries_happen_and_read_back),
        PROMISE("only what does no harm twice is retried", only_harmless_methods_are_retried),
        PROMISE("small reads are cheap: they make few calls of WinInet's", small_reads_make_few_calls),
        PROMISE("once by default on a connection that was kept", stale_connections_are_retried),
        PROMISE("local files open like URLs", local_files_open_like_urls),
        PROMISE("UNC paths open like URLs", unc_paths_open_like_urls),
        PROMISE("gopher is unsupported, at once", gopher_is_told_at_once),
        PROMISE("gopher connections are unsupported, too", gopher_connections_too),
    };
    /* clang-format on */

    return test_run_group(promises, NULL, NULL);
}
