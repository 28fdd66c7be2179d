/* SPDX-License-Identifier: MIT */
/*
 * Proxies: tinyproxy (tests/servers/start), and the fault server in the part of one.
 *
 * Hosts behind the fault server are names that do not exist: a proxy is asked for them as for any
 * other, and Windows, unlike Wine 8, never asks a proxy for 127.0.0.1.
 */
#include "real_server.h"

#include "fault_server.h"
#include "wrap.h"

TIN_WRAP(InternetSetOptionW);

static volatile LONG proxy_users_set;

static BOOL WINAPI wrap_InternetSetOptionW(HINTERNET handle, DWORD option, void *value, DWORD size)
{
    if (option == INTERNET_OPTION_PROXY_USERNAME)
        InterlockedIncrement(&proxy_users_set);
    return real_InternetSetOptionW(handle, option, value, size);
}

/* ---- Sessions ------------------------------------------------------------------------------- */

static tin_handle open_by_proxy(const char *proxy, const char *bypass)
{
    tin_handle session;

    assert_error(proxy,
                 tin_open("thininet test", INTERNET_OPEN_TYPE_PROXY, proxy, bypass, 0, &session),
                 TIN_OK);
    return session;
}

static tin_handle open_by_fault_server(fault_server *server, const char *bypass)
{
    char *proxy = next_name();

    snprintf(proxy, NAME_SIZE, "127.0.0.1:%u", fault_server_port(server));
    return open_by_proxy(proxy, bypass);
}

static void set_user(const char *name, tin_handle session, const char *user, const char *password)
{
    if (user != NULL)
        assert_error(name, tin_set_option_text(session, INTERNET_OPTION_PROXY_USERNAME, user),
                     TIN_OK);
    if (password != NULL)
        assert_error(name, tin_set_option_text(session, INTERNET_OPTION_PROXY_PASSWORD, password),
                     TIN_OK);
}

static bool went_by_proxy(const char *name, tin_handle file)
{
    DWORD flags = 0;

    assert_error(name, tin_query_option_dword(file, INTERNET_OPTION_REQUEST_FLAGS, &flags), TIN_OK);
    return (flags & INTERNET_REQFLAG_VIA_PROXY) != 0;
}

/* ---- tinyproxy ------------------------------------------------------------------------------ */

static void pages_come_through_a_proxy(void **state)
{
    static const struct {
        const char *server;
        const char *path;
        body_check *check;
    } rows[] = {
        {"TIN_TEST_HTTP", "/hello.txt", is_hello},
        {"TIN_TEST_HTTP", "/1m.bin", is_counter},
        {"TIN_TEST_HTTP", "/redirect/chain/3", is_hello},
        {"TIN_TEST_HTTPS", "/hello.txt", is_hello},
        {"TIN_TEST_HTTPS", "/1m.bin", is_counter},
        {"TIN_TEST_HTTPS", "/redirect/chain/3", is_hello},
        {"TIN_TEST_HTTPS", "/redirect/308", is_hello},
    };
    tin_handle session = open_by_proxy(test_env("TIN_TEST_PROXY"), NULL);
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *url = url_of(rows[i].server, rows[i].path);
        tin_handle file = open_page(url, session, url);
        body read = read_body(file, CHUNK, tin_read_file);

        assert_error(url, read.result, TIN_OK);
        assert_row(url, rows[i].check(&read));
        assert_row(url, went_by_proxy(url, file));
        close_page(url, file);
        free(read.bytes);
    }
    close_page("session", session);
}

static bool says_post(const body *read)
{
    return strncmp(read->bytes, "POST ", 5) == 0 && strstr(read->bytes, "\r\n\r\nhello") != NULL;
}

/* Without tin_open_url(): GET, and a POST whose body comes back. */
static void requests_go_through_a_proxy(void **state)
{
    static const struct {
        const char *server, *verb, *path, *sent;
        body_check *check;
    } rows[] = {
        {"TIN_TEST_HTTP", "GET", "/hello.txt", NULL, is_hello},
        {"TIN_TEST_HTTPS", "GET", "/hello.txt", NULL, is_hello},
        {"TIN_TEST_HTTP", "POST", "/echo", "hello", says_post},
        {"TIN_TEST_HTTPS", "POST", "/echo", "hello", says_post},
        /* not over http: tinyproxy may reset a connection whose body the server did not want */
        {"TIN_TEST_HTTPS", "POST", "/redirect/echo/308", "hello", says_post},
    };
    static const char *const proxies[] = {"TIN_TEST_PROXY", "TIN_TEST_PROXY_AUTH"};
    size_t i, j;

    (void)state;
    for (j = 0; j < TEST_COUNT_OF(proxies); j++) {
        tin_handle session = open_by_proxy(test_env(proxies[j]), NULL);

        if (j == 1)
            set_user("user", session, test_env("TIN_TEST_PROXY_USER"),
                     test_env("TIN_TEST_PROXY_PASSWORD"));
        for (i = 0; i < TEST_COUNT_OF(rows); i++) {
            const char *name = url_of(rows[i].server, rows[i].path);
            tin_handle request =
                request_to(name, session, rows[i].server, rows[i].verb, rows[i].path);
            body read;

            /* asking for a password, tinyproxy does not read the body, and may reset it */
            if (j == 1 && rows[i].sent != NULL && strcmp(rows[i].server, "TIN_TEST_HTTP") == 0)
                continue;
            assert_error(name,
                         tin_http_send_request(request, NULL, rows[i].sent,
                                               rows[i].sent != NULL ? strlen(rows[i].sent) : 0),
                         TIN_OK);
            read = read_body(request, CHUNK, tin_read_file);
            assert_error(name, read.result, TIN_OK);
            assert_row(name, rows[i].check(&read));
            assert_row(name, went_by_proxy(name, request));
            free(read.bytes);
        }
        close_page("session", session);
    }
}

/* Over http an upload goes through; over https Wine 8 would write it to the proxy in the clear, so
 * nothing of it goes out. (That the proxy gets none of it: test_http_upload.) */
static void uploads_go_through_a_proxy_or_not_at_all(void **state)
{
    tin_handle session = open_by_proxy(test_env("TIN_TEST_PROXY"), NULL);
    tin_handle request = request_to("http", session, "TIN_TEST_HTTP", "POST", "/echo");
    tin_result result;
    size_t written;
    body read;

    (void)state;
    assert_error("http", tin_http_send_request_ex(request, NULL, 5), TIN_OK);
    assert_error("http", tin_write_file(request, "he", 2, &written), TIN_OK);
    assert_error("http", tin_write_file(request, "llo", 3, &written), TIN_OK);
    assert_error("http", tin_http_end_request(request), TIN_OK);
    read = read_body(request, CHUNK, tin_read_file);
    assert_row("http", says_post(&read));
    free(read.bytes);

    request = request_to("https", session, "TIN_TEST_HTTPS", "POST", "/echo");
    result = tin_http_send_request_ex(request, NULL, 5);
    if (test_under_wine())
        assert_error("https", result, TIN_E_PROXY);
    assert_row("https", tin_ok(tin_write_file(request, "hello", 5, &written)) == tin_ok(result));
    /* in one piece it goes */
    assert_error("https", tin_http_send_request(request, NULL, "hello", 5), TIN_OK);
    read = read_body(request, CHUNK, tin_read_file);
    assert_row("https", says_post(&read));
    free(read.bytes);
    close_page("session", session);
}

static void the_proxy_says_that_it_was_there(void **state)
{
    tin_handle session = open_by_proxy(test_env("TIN_TEST_PROXY"), NULL);
    body http = fetch(session, url_of("TIN_TEST_HTTP", "/echo"), NULL, FLAGS, NULL);
    body https = fetch(session, url_of("TIN_TEST_HTTPS", "/echo"), NULL, FLAGS, NULL);
    body upgraded = fetch(session, url_of("TIN_TEST_HTTP", "/redirect/upgrade"), NULL, FLAGS, NULL);

    (void)state;
    assert_error("http", http.result, TIN_OK);
    assert_non_null(strstr(http.bytes, "\r\nVia: 1.1 "));
    assert_error("https", https.result, TIN_OK);
    assert_null(strstr(https.bytes, "Via:")); /* it cannot see into that */
    assert_error("http to https", upgraded.result, TIN_OK);
    assert_null(strstr(upgraded.bytes, "Via:"));
    free(http.bytes);
    free(https.bytes);
    free(upgraded.bytes);
    close_page("session", session);
}

static void redirects_are_checked_behind_a_proxy_too(void **state)
{
    tin_handle session = open_by_proxy(test_env("TIN_TEST_PROXY"), NULL);

    (void)state;
    assert_open_fails("downgrade", session, url_of("TIN_TEST_HTTPS", "/redirect/downgrade"),
                      TIN_E_REDIRECT);
    assert_open_fails("loop", session, url_of("TIN_TEST_HTTPS", "/redirect/loop"), TIN_E_REDIRECT);
    assert_open_fails("certificate", session, url_of("TIN_TEST_HTTPS_EXPIRED", "/hello.txt"),
                      TIN_E_CERT_EXPIRED);
    close_page("session", session);
}

/* TIN_E_PROXY: what a proxy says in the place of a secure site is never shown as the site's. */
static void proxy_asks_for_user_and_password(void **state)
{
    const char *user = test_env("TIN_TEST_PROXY_USER");
    const char *password = test_env("TIN_TEST_PROXY_PASSWORD");
    const struct {
        const char *name;
        const char *user;
        const char *password;
        DWORD status; /* tinyproxy says 401 where others say 407 again */
    } rows[] = {
        {"none", NULL, NULL, 407},
        {"a user without a password", user, NULL, 401},
        {"an empty password", user, "", 401},
        {"wrong password", user, "wrong", 401},
        {"wrong user", "nobody", password, 401},
        {"right ones", user, password, 200},
    };
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *name = rows[i].name;
        tin_handle session = open_by_proxy(test_env("TIN_TEST_PROXY_AUTH"), NULL);
        tin_handle file;
        body read;

        set_user(name, session, rows[i].user, rows[i].password);
        file = open_page(name, session, url_of("TIN_TEST_HTTP", "/hello.txt"));
        read = read_body(file, CHUNK, tin_read_file);
        assert_error(name, read.result, TIN_OK);
        assert_row(name, http_status(file) == rows[i].status);
        assert_row(name, is_hello(&read) == (rows[i].status == 200));
        assert_row(name, read.size != 0);
        free(read.bytes);
        close_page(name, file);
        if (rows[i].status == 200)
            assert_fetches(name, session, url_of("TIN_TEST_HTTPS", "/hello.txt"), is_hello);
        else
            assert_open_fails(name, session, url_of("TIN_TEST_HTTPS", "/hello.txt"), TIN_E_PROXY);
        close_page(name, session);
    }
}

enum { VISITORS = 8, VISITS = 10 };

typedef struct visitor {
    tin_handle session;
    const char *urls[2];
    unsigned wrong;
    tin_result result;
} visitor;

static void visit(void *context)
{
    visitor *me = context;
    int i;

    for (i = 0; i < VISITS; i++) {
        body read = fetch(me->session, me->urls[i % 2], NULL, FLAGS, NULL);

        if (!is_hello(&read)) {
            me->wrong++;
            me->result = read.result;
        }
        free(read.bytes);
    }
}

/* Wine 8 frees the session's old proxy user while other threads send it, whenever one is set. */
static void many_threads_share_a_proxy_user(void **state)
{
    tin_handle session = open_by_proxy(test_env("TIN_TEST_PROXY_AUTH"), NULL);
    visitor visitors[VISITORS];
    test_thread *threads[VISITORS];
    LONG set_by_all;
    size_t i;

    (void)state;
    set_user("session", session, test_env("TIN_TEST_PROXY_USER"),
             test_env("TIN_TEST_PROXY_PASSWORD"));
    InterlockedExchange(&proxy_users_set, 0);
    for (i = 0; i < VISITORS; i++) {
        visitors[i] = (visitor){.session = session,
                                .urls = {url_of("TIN_TEST_HTTP", "/hello.txt"),
                                         url_of("TIN_TEST_HTTPS", "/hello.txt")}};
        threads[i] = test_thread_start(visit, &visitors[i]);
    }
    for (i = 0; i < VISITORS; i++)
        test_thread_join(threads[i], 2 * TEST_PATIENCE_MS);
    set_by_all = InterlockedExchange(&proxy_users_set, 0);
    for (i = 0; i < VISITORS; i++) {
        if (visitors[i].wrong != 0)
            assert_error("visit", visitors[i].result, TIN_OK);
        assert_int_equal(visitors[i].wrong, 0);
    }
    if (test_under_wine()) /* elsewhere each request has its own */
        assert_int_equal(set_by_all, 1);
    set_user("another", session, "another", NULL);
    assert_open_fails("another user", session, url_of("TIN_TEST_HTTPS", "/hello.txt"), TIN_E_PROXY);
    assert_int_equal(proxy_users_set, 1);
    close_page("session", session);
}

/* ---- the fault server as a proxy ------------------------------------------------------------ */

static const fault_step page[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy"),
    FAULT_AGAIN,
};
static const fault_route any_page[] = {{"*", page}, {NULL, NULL}};

static bool is_proxys(const body *read)
{
    return is_text(read, "proxy");
}

static bool is_direct(const body *read)
{
    return is_text(read, "direct");
}

static void a_proxy_is_asked_for_the_whole_url(void **state)
{
    fault_server *server = fault_server_start_routes(any_page);
    tin_handle session = open_by_fault_server(server, NULL);
    char request[512];

    (void)state;
    assert_fetches("page", session, "http://somewhere.test:8080/a?b#c", is_proxys);
    fault_server_request(server, 0, request, sizeof request);
    assert_starts("request", request, "GET http://somewhere.test:8080/a?b HTTP/1.1\r\n");
    assert_non_null(strstr(request, "\r\nHost: somewhere.test:8080\r\n"));
    close_page("session", session);
    fault_server_stop(server);
}

/* The host's own server says "direct". Wine 8 takes the names of a list as they are; that 127.0.0.1
 * is asked for by proxy at all is not so on Windows. */
static void bypass_lists_lead_around_the_proxy(void **state)
{
    static const fault_step site_page[] = {
        FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ndirect"),
        FAULT_AGAIN,
    };
    static const fault_route site_pages[] = {{"*", site_page}, {NULL, NULL}};
    static const struct {
        const char *bypass;
        bool direct;
        bool everywhere; /* not Wine alone */
    } rows[] = {
        {NULL, false, false},
        {"somewhere.test", false, false},
        {"127.0.0.1", true, true},
        {"somewhere.test;127.0.0.1", true, true},
        {"127.0.0.1;somewhere.test", true, true},
        {"somewhere.test 127.0.0.1", true, true},
        {"<local>;127.0.0.1", true, true},
        {"*.test", false, false},
    };
    fault_server *proxy = fault_server_start_routes(any_page);
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        /* a new one: Wine 8 takes kept connections again, whether by proxy or direct */
        fault_server *site = fault_server_start_routes(site_pages);
        const char *name = rows[i].bypass != NULL ? rows[i].bypass : "none";
        tin_handle session = open_by_fault_server(proxy, rows[i].bypass);

        if (rows[i].everywhere || test_under_wine())
            assert_fetches(name, session, fault_server_url(site, "/"),
                           rows[i].direct ? is_direct : is_proxys);
        close_page(name, session);
        fault_server_stop(site);
    }
    fault_server_stop(proxy);
}

/* Names that a list lets pass by the proxy are looked up here, and not found. */
static void bypass_lists_know_names(void **state)
{
    static const struct {
        const char *bypass;
        const char *url;
        bool direct;
    } rows[] = {
        {"*.test", "http://somewhere.test/", true},
        {"*.test", "http://somewhere.example/", false},
        {"somewhere.test", "http://somewhere.test/", true},
        {"somewhere.test", "http://SOMEWHERE.test/", true},
        {"somewhere.test", "http://elsewhere.test/", false},
        {"<local>", "http://no-such-host/", true},
        {"<local>", "http://somewhere.test/", false},
        {"a.test;<local>;b.test", "http://b.test/", true},
    };
    fault_server *proxy = fault_server_start_routes(any_page);
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        tin_handle session = open_by_fault_server(proxy, rows[i].bypass);

        if (rows[i].direct)
            assert_open_fails(rows[i].bypass, session, rows[i].url, TIN_E_DNS);
        else
            assert_fetches(rows[i].bypass, session, rows[i].url, is_proxys);
        close_page("session", session);
    }
    fault_server_stop(proxy);
}

static const fault_step refuses_403[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nproxy"),
    FAULT_END,
};
static const fault_step refuses_502[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.0 502 Bad Gateway\r\n\r\nproxy"),
    FAULT_END,
};
static const fault_step asks_407[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic realm=\"p\"\r\n"
               "Content-Length: 5\r\n\r\nproxy"),
    FAULT_END,
};
static const fault_step redirects[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\nContent-Length: 5\r\n\r\n"
               "proxy"),
    FAULT_END,
};
static const fault_step hangs_up[] = {FAULT_READ_REQUEST, FAULT_CLOSE, FAULT_END};
static const fault_step babbles[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 Connection established\r\n\r\nthis is not TLS, but plain text\n"),
    FAULT_END,
};

/* Wine 8 ends the whole program, by an assertion of its own, when TLS fails inside a proxy's
 * tunnel: it wants to try again without the proxy, and has no address. The last row is for
 * Windows. */
#define KILLED_BY_TUNNELS test_under_wine()

static void a_refused_tunnel_is_never_the_sites_answer(void **state)
{
    static const struct {
        const char *name;
        const fault_step *script;
        tin_error error;
        tin_error or_else;
    } rows[] = {
        {"403", refuses_403, TIN_E_PROXY, TIN_E_PROXY},
        {"502", refuses_502, TIN_E_PROXY, TIN_E_PROXY},
        {"407", asks_407, TIN_E_PROXY, TIN_E_PROXY},
        {"302", redirects, TIN_E_PROXY, TIN_E_PROXY},
        {"no answer", hangs_up, TIN_E_CONNECTION_LOST, TIN_E_PROTOCOL},
        {"no TLS behind it", babbles, TIN_E_TLS, TIN_E_CONNECTION_LOST},
    };
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(rows) - (KILLED_BY_TUNNELS ? 1 : 0); i++) {
        fault_server *proxy = fault_server_start(rows[i].script);
        tin_handle session = open_by_fault_server(proxy, NULL);
        tin_handle file;
        tin_result result =
            tin_open_url(session, "https://somewhere.test/", NULL, FLAGS, NULL, &file);
        char request[512];

        if (result.error != rows[i].or_else)
            assert_error(rows[i].name, result, rows[i].error);
        assert_row(rows[i].name, file == NULL);
        fault_server_request(proxy, 0, request, sizeof request);
        assert_starts(rows[i].name, request, "CONNECT somewhere.test:443 HTTP/1.1\r\n");
        close_page("session", session);
        fault_server_stop(proxy);
    }
}

static const fault_step asks_and_asks[] = {
    FAULT_SEND("HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic realm=\"p\"\r\n"
               "Content-Length: 5\r\n\r\nproxy"),
    FAULT_AGAIN,
};
static const fault_route never_content[] = {{"*", asks_and_asks}, {NULL, NULL}};

/* The header of the n-th request. */
static void assert_proxy_user(fault_server *proxy, uint64_t n, const char *authorization)
{
    char request[512];
    const char *found;

    fault_server_request(proxy, n, request, sizeof request);
    found = strstr(request, "\r\nProxy-Authorization: ");
    if (authorization == NULL)
        assert_null(found);
    else
        assert_starts("authorization", found != NULL ? found : "none", authorization);
}

static void a_proxy_that_is_never_content_is_asked_twice(void **state)
{
    fault_server *proxy = fault_server_start_routes(never_content);
    tin_handle session = open_by_fault_server(proxy, NULL);
    tin_handle file;
    body read;

    (void)state;
    set_user("user", session, "me", NULL);
    file = open_page("http", session, "http://somewhere.test/");
    assert_int_equal(http_status(file), 407);
    read = read_body(file, CHUNK, tin_read_file);
    assert_true(is_proxys(&read));
    free(read.bytes);
    close_page("http", file);
    assert_int_equal(fault_server_count(proxy, FAULT_REQUESTS), 2);
    assert_proxy_user(proxy, 0, NULL);
    assert_proxy_user(proxy, 1, "\r\nProxy-Authorization: Basic bWU6\r\n"); /* "me:" */
    close_page("session", session);
    fault_server_stop(proxy);
}

/* Wine 8 takes it from the environment; what Windows is set to is not known here. */
static void the_systems_proxy_is_used(void **state)
{
    fault_server *proxy = fault_server_start_routes(any_page);
    wchar_t value[32];
    tin_handle session;

    (void)state;
    if (!test_under_wine()) {
        fault_server_stop(proxy);
        test_skip("the proxy that Windows is set to is not known");
    }
    swprintf(value, TEST_COUNT_OF(value), L"127.0.0.1:%u", fault_server_port(proxy));
    assert_true(SetEnvironmentVariableW(L"http_proxy", value));
    assert_error("open",
                 tin_open("thininet test", INTERNET_OPEN_TYPE_PRECONFIG, NULL, NULL, 0, &session),
                 TIN_OK);
    assert_true(SetEnvironmentVariableW(L"http_proxy", NULL));
    assert_fetches("page", session, "http://somewhere.test/", is_proxys);
    close_page("session", session);
    fault_server_stop(proxy);
}

static void a_proxy_that_is_down_is_told(void **state)
{
    fault_server *proxy = fault_server_start_refusing();
    tin_handle session = open_by_fault_server(proxy, NULL);

    (void)state;
    assert_open_fails("http", session, "http://somewhere.test/", TIN_E_CONNECT);
    assert_open_fails("https", session, "https://somewhere.test/", TIN_E_CONNECT);
    close_page("session", session);
    fault_server_stop(proxy);
}

static const fault_step silent_tunnel[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 Connection established\r\n\r\n"),
    FAULT_MUTE,
    FAULT_END,
};
static const fault_step half_an_answer[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 Conn"),
    FAULT_MUTE,
    FAULT_END,
};

static void a_silent_proxy_meets_the_time_out(void **state)
{
    static const struct {
        const char *name;
        const fault_step *script;
        DWORD option;
    } rows[] = {
        {"CONNECT is not answered", fault_script_mute, INTERNET_OPTION_RECEIVE_TIMEOUT},
        {"half an answer", half_an_answer, INTERNET_OPTION_RECEIVE_TIMEOUT},
        {"CONNECT is not answered: total", fault_script_mute, TIN_OPTION_TOTAL_TIMEOUT},
        {"the tunnel is silent", silent_tunnel, TIN_OPTION_TOTAL_TIMEOUT},
    };
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(rows) - (KILLED_BY_TUNNELS ? 1 : 0); i++) {
        fault_server *proxy = fault_server_start(rows[i].script);
        tin_handle session = open_by_fault_server(proxy, NULL);
        const uint64_t start = test_now_ms();

        assert_error(rows[i].name, tin_set_option_dword(session, rows[i].option, 200), TIN_OK);
        assert_open_fails(rows[i].name, session, "https://somewhere.test/", TIN_E_TIMEOUT);
        assert_in_range(test_now_ms() - start + 16, 200, TEST_PATIENCE_MS); /* a tick early */
        close_page("session", session);
        fault_server_release(proxy);
        fault_server_stop(proxy);
    }
}

static int forget(void **state)
{
    (void)state;
    forget_logins();
    return 0;
}

#define PROXY_TEST(function) cmocka_unit_test_setup(function, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROXY_TEST(pages_come_through_a_proxy),
        PROXY_TEST(requests_go_through_a_proxy),
        PROXY_TEST(uploads_go_through_a_proxy_or_not_at_all),
        PROXY_TEST(the_proxy_says_that_it_was_there),
        PROXY_TEST(redirects_are_checked_behind_a_proxy_too),
        PROXY_TEST(proxy_asks_for_user_and_password),
        PROXY_TEST(many_threads_share_a_proxy_user),
        PROXY_TEST(a_proxy_is_asked_for_the_whole_url),
        PROXY_TEST(bypass_lists_lead_around_the_proxy),
        PROXY_TEST(bypass_lists_know_names),
        PROXY_TEST(a_refused_tunnel_is_never_the_sites_answer),
        PROXY_TEST(a_proxy_that_is_never_content_is_asked_twice),
        PROXY_TEST(the_systems_proxy_is_used),
        PROXY_TEST(a_proxy_that_is_down_is_told),
        PROXY_TEST(a_silent_proxy_meets_the_time_out),
    };

    return test_run_group(tests, NULL, NULL);
}
