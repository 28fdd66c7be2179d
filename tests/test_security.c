/* SPDX-License-Identifier: MIT */
/*
 * What nobody may do through the library, by claim. Elsewhere: redirects to files, shares and from
 * https to http in test_fault_redirect and test_real_redirect, secrets at another origin in
 * test_promises, pages of a proxy in test_proxy, how programs are linked in images.cmake, which
 * functions are imported (none that loads a DLL) in imports.cmake.
 */
#include "request_fixture.h"

#include "fault_ftp.h"

#define INJECTED "\r\nInjected: yes"
#define SECRET "s3cret-p4ssword"

static const fault_step takes_all[] = {
    FAULT_READ_REQUEST,
    FAULT_READ_BODY,
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    FAULT_AGAIN,
};

/* Each names a line of its own, as bytes, by what a careless narrowing makes of U+010D and U+010A,
 * or after the NUL that ends what was checked. */
static const char *const hostile[] = {
    ("x" INJECTED),
    "x\nInjected: yes",
    "x\rInjected: yes",
    "x\xC4\x8D\xC4\x8AInjected: yes",
    "x\xE5\x98\x8D\xE5\x98\x8AInjected: yes",
    "x\xE2\x80\xA8Injected: yes",
    "x\xC2\x85Injected: yes",
};

typedef tin_result use(const test_link *link, const char *text);

static tin_result close_opened(tin_handle handle, tin_result result)
{
    tin_close_handle(handle);
    return result;
}

static tin_result ask(const test_link *link, const char *verb, const char *object,
                      const char *referrer, const char *type, const char *headers)
{
    const char *const types[] = {type, NULL};
    tin_handle request;
    tin_result result =
        tin_http_open_request(link->connection, verb, object, NULL, referrer,
                              type != NULL ? types : NULL, INTERNET_FLAG_RELOAD, NULL, &request);

    if (tin_ok(result))
        result = tin_http_send_request(request, headers, NULL, 0);
    return close_opened(request, result);
}

static tin_result as_verb(const test_link *link, const char *text)
{
    return ask(link, text, "/", NULL, NULL, NULL);
}

static tin_result as_object(const test_link *link, const char *text)
{
    return ask(link, NULL, text, NULL, NULL, NULL);
}

static tin_result as_referrer(const test_link *link, const char *text)
{
    return ask(link, NULL, "/", text, NULL, NULL);
}

static tin_result as_type(const test_link *link, const char *text)
{
    return ask(link, NULL, "/", NULL, text, NULL);
}

static tin_result as_value(const test_link *link, const char *text)
{
    char header[128];

    snprintf(header, sizeof header, "X-A: %s", text);
    /* a header may have lines of the caller's own, which is how several are given: but not by LF or
     * CR alone, nor by other characters */
    return strstr(text, INJECTED) == NULL ? ask(link, NULL, "/", NULL, NULL, header)
                                          : (tin_result){TIN_E_ARGUMENT, 0};
}

static tin_result as_url(const test_link *link, const char *text)
{
    char url[256];
    tin_handle file;
    tin_result result;

    snprintf(url, sizeof url, "%s%s", fault_server_url(link->server, "/"), text);
    result = tin_open_url(link->session, url, NULL, INTERNET_FLAG_RELOAD, NULL, &file);
    return close_opened(file, result);
}

static tin_result as_agent(const test_link *link, const char *text)
{
    tin_handle session, file;
    tin_result result = tin_open(text, INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session);

    if (tin_ok(result))
        result = tin_open_url(session, fault_server_url(link->server, "/"), NULL,
                              INTERNET_FLAG_RELOAD, NULL, &file);
    return close_opened(session, result);
}

static tin_result as_agent_option(const test_link *link, const char *text)
{
    const tin_result result = tin_set_option_text(link->session, INTERNET_OPTION_USER_AGENT, text);

    return tin_ok(result) ? ask(link, NULL, "/", NULL, NULL, NULL) : result;
}

static tin_result as_raw_agent_option(const test_link *link, const char *text)
{
    wchar_t *wide;
    tin_result result = tin__wide(text, &wide);

    assert_result(TIN_OK, result);
    result = tin_set_option(link->session, INTERNET_OPTION_USER_AGENT, wide,
                            (DWORD)(wcslen(wide) + 1) * sizeof *wide);
    tin__wipe_text(wide);
    return tin_ok(result) ? ask(link, NULL, "/", NULL, NULL, NULL) : result;
}

static tin_result as_user(const test_link *link, const char *text)
{
    const tin_result result = tin_set_option_text(link->connection, INTERNET_OPTION_USERNAME, text);

    return tin_ok(result) ? ask(link, NULL, "/", NULL, NULL, NULL) : result;
}

static tin_result as_cookie(const test_link *link, const char *text)
{
    const char *url = fault_server_url(link->server, "/");
    const tin_result result = tin_set_cookie(url, "name", text);

    return tin_ok(result) ? ask(link, NULL, "/", NULL, NULL, NULL) : result;
}

static void no_text_becomes_a_line_of_the_request(void **state)
{
    static const struct {
        const char *name;
        use *use;
    } rows[] = {
        {"verb", as_verb},
        {"object", as_object},
        {"referrer", as_referrer},
        {"type", as_type},
        {"value", as_value},
        {"URL", as_url},
        {"agent", as_agent},
        {"agent, later", as_agent_option},
        {"agent, raw", as_raw_agent_option},
        {"user", as_user},
        {"cookie", as_cookie},
    };
    test_link link = link_to(takes_all);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(hostile); j++) {
            const uint64_t before = fault_server_count(link.server, FAULT_REQUESTS);
            const tin_result result = rows[i].use(&link, hostile[j]);

            if (!tin_ok(result) && result.error != TIN_E_ARGUMENT && result.error != TIN_E_URL)
                fail_msg("%s, row %u: %s", rows[i].name, (unsigned)j, tin_error_name(result.error));
            for (uint64_t n = before; n < fault_server_count(link.server, FAULT_REQUESTS); n++)
                if (has_name(received(link.server, n), "Injected"))
                    fail_msg("%s, row %u became:\n%s", rows[i].name, (unsigned)j,
                             received(link.server, n));
        }
    unlink_all(&link);
}

static void no_proxy_has_lines(void **state)
{
    static const char *const rows[][2] = {{"127.0.0.1:1" INJECTED, NULL},
                                          {"127.0.0.1:1\tx", NULL},
                                          {"127.0.0.1:1", "x" INJECTED},
                                          {"127.0.0.1:1", "x\x7F"}};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        tin_handle session;

        assert_result(TIN_E_ARGUMENT, tin_open("test", INTERNET_OPEN_TYPE_PROXY, rows[i][0],
                                               rows[i][1], 0, &session));
    }
}

static void no_escape_becomes_a_command_of_ftp(void **state)
{
    static const char *const urls[] = {
        "ftp://127.0.0.1:1/a%0D%0ADELE%20b", "ftp://127.0.0.1:1/a%0Ab", "ftp://127.0.0.1:1/a%00b",
        "ftp://u%0D%0ADELE:p@127.0.0.1:1/a", "ftp://u:p%0Ax@127.0.0.1:1/a"};
    test_link link = link_to(takes_all);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(urls); i++) {
        tin_handle file;
        const tin_result result = tin_open_url(link.session, urls[i], NULL, 0, NULL, &file);

        if (result.error != TIN_E_URL)
            fail_msg("%s: %s", urls[i], tin_error_name(result.error));
    }
    unlink_all(&link);
}

/* ---- secrets --------------------------------------------------------------------------------- */

static bool shown;

static void look(tin_handle handle, void *context, const tin_status *status)
{
    char text[512];

    (void)handle, (void)context;
    shown |= status->text != NULL && strstr(status->text, SECRET) != NULL;
    if (status->code == INTERNET_STATUS_REQUEST_COMPLETE) {
        tin_describe(status->result, text, sizeof text);
        shown |= strstr(text, SECRET) != NULL;
    }
}

static const fault_step moves_on[] = {
    FAULT_SEND_FILLED("HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:{port}/there\r\n"
                      "Content-Length: 0\r\n\r\n"),
    FAULT_AGAIN,
};
static const fault_step arrives[] = {FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
                                     FAULT_AGAIN};
static const fault_step moves_away[] = {
    FAULT_SEND_FILLED("HTTP/1.1 302 X\r\nLocation: http://localhost:{port}/there\r\n"
                      "Content-Length: 0\r\n\r\n"),
    FAULT_AGAIN,
};
static const fault_route routes[] = {
    {"/", moves_on}, {"/away", moves_away}, {"/there", arrives}, {NULL, NULL}};

static void no_event_option_or_sentence_shows_a_password(void **state)
{
    static const char *const ends[] = {"/", "/there", "/none", ":99999/"};
    test_link link = link_to_routes(routes);

    (void)state;
    shown = false;
    assert_result(TIN_OK, tin_set_status_callback(link.session, look, NULL));
    for (size_t i = 0; i < TEST_COUNT_OF(ends); i++) {
        char url[256], text[512] = "";
        size_t size = sizeof text;
        tin_handle file;
        tin_result result;

        snprintf(url, sizeof url, "http://user:" SECRET "@127.0.0.1:%u%s",
                 fault_server_port(link.server), ends[i]);
        result = tin_open_url(link.session, url, NULL, INTERNET_FLAG_RELOAD, NULL, &file);
        if (tin_ok(result))
            assert_result(TIN_OK, tin_query_option_text(file, INTERNET_OPTION_URL, text, &size));
        assert_null(strstr(text, SECRET));
        tin_describe(result, text, sizeof text);
        assert_null(strstr(text, SECRET));
        tin_close_handle(file);
    }
    assert_false(shown);
    unlink_all(&link);
}

/* A user set by option, for whoever asks at the origin that was opened: not where that leads. */
static void an_options_user_stays_at_its_origin(void **state)
{
    static const fault_step asks[] = {
        FAULT_SEND("HTTP/1.1 401 Who?\r\nWWW-Authenticate: Basic realm=\"there\"\r\n"
                   "Content-Length: 0\r\n\r\n"),
        FAULT_AGAIN,
    };
    static const fault_step leads[] = {
        FAULT_SEND_FILLED("HTTP/1.1 307 X\r\nLocation: http://localhost:{port}/there\r\n"
                          "Content-Length: 0\r\n\r\n"),
        FAULT_AGAIN,
    };
    static const fault_route there[] = {{"/", leads}, {"/there", asks}, {NULL, NULL}};

    (void)state;
    for (int by_request = 0; by_request < 2; by_request++) {
        test_link link = link_to_routes(there);
        const tin_handle settings = by_request ? link.connection : link.session;
        tin_handle file;

        assert_result(TIN_OK, tin_set_option_text(settings, INTERNET_OPTION_USERNAME, "user"));
        assert_result(TIN_OK, tin_set_option_text(settings, INTERNET_OPTION_PASSWORD, SECRET));
        if (by_request) {
            file = request_for(&link, "POST", "/");
            assert_result(TIN_OK, tin_http_send_request(file, NULL, NULL, 0));
        } else {
            assert_result(TIN_OK, tin_open_url(link.session, fault_server_url(link.server, "/"),
                                               NULL, INTERNET_FLAG_RELOAD, NULL, &file));
        }
        assert_int_equal(status_of(file), HTTP_STATUS_DENIED);
        assert_int_equal(fault_server_count(link.server, FAULT_REQUESTS), 2);
        for (uint64_t i = 0; i < 2; i++)
            assert_false(has_name(received(link.server, i), "Authorization"));
        unlink_all(&link);
    }
}

/* RFC 9110, 10.1.3: neither who asks nor what is of nobody else's business. */
static void a_referrer_shows_neither_user_nor_fragment(void **state)
{
    static const struct {
        const char *given, *sent; /* NULL: no header */
    } rows[] = {
        {"http://user:" SECRET "@host.example/a?b#c", "Referer: http://host.example/a?b"},
        {"HTTPS://" SECRET "@host.example", "Referer: HTTPS://host.example"},
        {"ftp://user:a@" SECRET "@host.example:21/", "Referer: ftp://host.example:21/"},
        {"//user:" SECRET "@host.example/", "Referer: //host.example/"},
        {"http://host.example/a@b:c", "Referer: http://host.example/a@b:c"},
        {"http://host.example?a@b", "Referer: http://host.example?a@b"},
        {"/a@b", "Referer: /a@b"},
        {"a//b@c", "Referer: a//b@c"},
        {"#" SECRET, NULL},
    };
    test_link link = link_to(takes_all);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *request;

        assert_result(TIN_OK, ask(&link, NULL, "/", rows[i].given, NULL, NULL));
        request = received(link.server, i);
        if (rows[i].sent != NULL ? !has_line(request, rows[i].sent) : has_name(request, "Referer"))
            fail_msg("%s became:\n%s", rows[i].given, request);
        assert_null(strstr(request, SECRET));
    }
    unlink_all(&link);
}

/* Ways that a secret goes, whether it gets anywhere or not. */
typedef void way(const test_link *link);

static void open_url(const test_link *link, const char *headers, const char *format, ...)
    __attribute__((format(__MINGW_PRINTF_FORMAT, 3, 4)));
static void open_url(const test_link *link, const char *headers, const char *format, ...)
{
    char url[4096];
    va_list arguments;
    tin_handle file;

    va_start(arguments, format);
    vsnprintf(url, sizeof url, format, arguments);
    va_end(arguments);
    (void)!tin_ok(tin_open_url(link->session, url, headers, INTERNET_FLAG_RELOAD, NULL, &file));
    tin_close_handle(file);
}

static void in_a_url(const test_link *link)
{
    open_url(link, "Authorization: Basic " SECRET, "http://user:" SECRET "@127.0.0.1:%u/",
             fault_server_port(link->server));
}

/* Too long for a stack. */
static void in_a_long_url(const test_link *link)
{
    open_url(link, NULL, "http://user:" SECRET "@127.0.0.1:%u/%03000d",
             fault_server_port(link->server), 0);
}

static void as_a_user(const test_link *link)
{
    open_url(link, NULL, "http://" SECRET "@127.0.0.1:%u/", fault_server_port(link->server));
}

/* The next origin is not told; "localhost" is another one. */
static void in_headers_that_go(const test_link *link)
{
    open_url(link, "X-A: 1\r\nAuthorization: Basic " SECRET "\r\nCookie: a=" SECRET "\r\nX-B: 2",
             "http://127.0.0.1:%u/away", fault_server_port(link->server));
}

static void in_headers_of_a_request(const test_link *link)
{
    const tin_handle request = request_for(link, "POST", "/there");

    (void)!tin_ok(tin_http_add_request_headers(
        request, "X-A: 1\r\nCookie: a=" SECRET "\r\nAuthorization: Basic " SECRET,
        HTTP_ADDREQ_FLAG_ADD));
    (void)!tin_ok(tin_http_send_request(request, "Proxy-Authorization: " SECRET, NULL, 0));
    (void)!tin_ok(tin_http_add_request_headers(
        request, "Cookie:\r\nAuthorization:", HTTP_ADDREQ_FLAG_REPLACE));
    tin_close_handle(request);
}

static void in_options(const test_link *link)
{
    static const DWORD options[] = {INTERNET_OPTION_PASSWORD, INTERNET_OPTION_PROXY_PASSWORD};
    char text[100];

    for (size_t i = 0; i < TEST_COUNT_OF(options); i++) {
        size_t size = sizeof text;

        (void)!tin_ok(tin_set_option_text(link->connection, options[i], SECRET));
        (void)!tin_ok(tin_query_option_text(link->connection, options[i], text, &size));
        (void)!tin_ok(tin_set_option_text(link->connection, options[i], "another"));
    }
}

static void in_a_connection(const test_link *link)
{
    tin_handle connection;

    (void)!tin_ok(tin_connect(link->session, "127.0.0.1", 1, "user", SECRET, INTERNET_SERVICE_HTTP,
                              0, NULL, &connection));
    tin_close_handle(connection);
    (void)!tin_ok(tin_connect(link->session, "no host", 1, "user", SECRET, INTERNET_SERVICE_HTTP, 0,
                              NULL, &connection));
}

static void in_a_proxy(const test_link *link)
{
    tin_handle session;

    (void)link;
    (void)!tin_ok(tin_open("test", INTERNET_OPEN_TYPE_PROXY, "http://user:" SECRET "@127.0.0.1:1",
                           NULL, 0, &session));
    tin_close_handle(session);
}

static void in_urls_that_are_none(const test_link *link)
{
    static const char *const ends[] = {":99999/", ":1:1/", "/%zz", "@/", "", "/;type=x"};
    static const char *const schemes[] = {"http", "ftp", "gopher"};

    for (size_t i = 0; i < TEST_COUNT_OF(ends); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(schemes); j++)
            open_url(link, "no header", "%s://user:" SECRET "@in valid%s", schemes[j], ends[i]);
    open_url(link, NULL, "http://user:" SECRET "%%0Aa@127.0.0.1:1/");
    open_url(link, NULL, "http://user%%zz:" SECRET "@127.0.0.1:1/");
    open_url(link, NULL, "http://user:%%41" SECRET "%%42@127.0.0.1:1/");
}

static void in_parts_of_a_url(const test_link *link)
{
    static const char url[] = "http://user:" SECRET "@host.example/a/b?c#d";
    tin_url_parts *parts;
    char text[200];
    size_t size = sizeof text;

    (void)link;
    if (tin_ok(tin_crack_url(url, ICU_DECODE, &parts)))
        (void)!tin_ok(tin_create_url(parts, ICU_ESCAPE, text, &size));
    tin_free_url_parts(parts);
    size = sizeof text;
    (void)!tin_ok(tin_combine_url(url, "../e", 0, text, &size));
    size = sizeof text;
    (void)!tin_ok(tin_canonicalize_url(url, 0, text, &size));
}

static void in_cookies(const test_link *link)
{
    char text[200];
    size_t size = sizeof text;
    const char *url = fault_server_url(link->server, "/cookies");

    (void)!tin_ok(tin_set_cookie(url, "a", SECRET));
    (void)!tin_ok(tin_set_cookie(url, "b", "c"));
    (void)!tin_ok(tin_get_cookie(url, "b", text, &size));
    size = sizeof text;
    (void)!tin_ok(tin_get_cookie(url, NULL, text, &size));
}

static void to_an_ftp_server(const test_link *link)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){.size = 10});
    tin_handle connection;

    if (tin_ok(tin_connect(link->session, "127.0.0.1", fault_server_port(server), "user", SECRET,
                           INTERNET_SERVICE_FTP, 0, NULL, &connection)))
        (void)!tin_ok(tin_ftp_command(connection, "ACCT " SECRET, false, 0, NULL, NULL));
    tin_close_handle(connection);
    open_url(link, NULL, "ftp://user:" SECRET "@127.0.0.1:%u/file", fault_server_port(server));
    open_url(link, NULL, "ftp://user:" SECRET "@127.0.0.1:1/file");
    fault_server_stop(server);
}

static const struct {
    const char *name;
    way *go;
    bool is_local; /* and quick enough to let each allocation fail */
} ways[] = {
    {"in a URL", in_a_url, false},
    {"in a long URL", in_a_long_url, false},
    {"as a user", as_a_user, false},
    {"in headers that another origin does not get", in_headers_that_go, false},
    {"in headers of a request", in_headers_of_a_request, false},
    {"in options", in_options, true},
    {"in a connection", in_a_connection, true},
    {"in a proxy", in_a_proxy, true},
    {"in URLs that are none", in_urls_that_are_none, false},
    {"in parts of a URL", in_parts_of_a_url, true},
    {"in cookies", in_cookies, true},
    {"to an FTP server", to_an_ftp_server, false},
};

/* Without a failure, and with each that want of memory can make. */
static void go(const test_link *link, size_t which)
{
    uint64_t nth = 0;
    bool failed;

    do {
        guarded_heap_fail_nth(nth);
        ways[which].go(link);
        failed = guarded_heap_has_failed();
    } while (ways[which].is_local && (nth++ == 0 || failed));
}

/* In blocks of the library, that is; in both encodings. */
static void no_freed_memory_holds_a_secret(void **state)
{
    static const wchar_t wide[] = L"" SECRET;
    static const struct {
        const char *name;
        const void *bytes;
        size_t size;
    } looks[] = {{"UTF-8", SECRET, sizeof SECRET - 1},
                 {"UTF-16", wide, sizeof wide - sizeof *wide}};
    size_t all = 0;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(looks) * TEST_COUNT_OF(ways); i++) {
        const size_t which = i / TEST_COUNT_OF(looks), look = i % TEST_COUNT_OF(looks);
        test_link link;
        size_t found;

        guarded_heap_look_for(looks[look].bytes, looks[look].size);
        link = link_to_routes(routes);
        go(&link, which);
        unlink_all(&link);
        tin__wait_until_idle(TEST_PATIENCE_MS);
        found = guarded_heap_found();
        guarded_heap_look_for(NULL, 0);
        if (found != 0)
            print_error("%s, %s: in %u blocks\n", ways[which].name, looks[look].name,
                        (unsigned)found);
        all += found;
    }
    assert_int_equal(all, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_text_becomes_a_line_of_the_request),
        cmocka_unit_test(no_proxy_has_lines),
        cmocka_unit_test(no_escape_becomes_a_command_of_ftp),
        cmocka_unit_test(no_event_option_or_sentence_shows_a_password),
        cmocka_unit_test(an_options_user_stays_at_its_origin),
        cmocka_unit_test(a_referrer_shows_neither_user_nor_fragment),
        cmocka_unit_test(no_freed_memory_holds_a_secret),
    };

    return test_run_group(tests, NULL, NULL);
}
