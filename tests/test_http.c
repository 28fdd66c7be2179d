/* SPDX-License-Identifier: MIT */
/* Requests: what goes out, where a redirect takes it, who is told a password, and sending again. */
#include "request_fixture.h"
#include "wrap.h"

#define OK(body) "HTTP/1.1 200 OK\r\nContent-Length: " body
#define EMPTY_OK OK("0") "\r\n\r\n"
#define SEND_BYTES(request, text) tin_http_send_request(request, NULL, text, sizeof(text) - 1)

static const fault_step answers_ok[] = {
    FAULT_READ_REQUEST,
    FAULT_READ_BODY,
    FAULT_SEND(OK("5") "\r\n\r\nhello"),
    FAULT_AGAIN,
};

/* ---- how WinInet is called ------------------------------------------------------------------ */

static wchar_t connected_to[64];

TIN_WRAP(InternetConnectW);

static HINTERNET WINAPI wrap_InternetConnectW(HINTERNET session, LPCWSTR server, INTERNET_PORT port,
                                              LPCWSTR user, LPCWSTR password, DWORD service,
                                              DWORD flags, DWORD_PTR context)
{
    wcsncpy(connected_to, server, TEST_COUNT_OF(connected_to) - 1);
    assert_null(user);
    assert_null(password);
    return real_InternetConnectW(session, server, port, user, password, service, flags, context);
}

static void ipv6_addresses_get_their_brackets_back(void **state)
{
    static const char *const spellings[] = {"::1", "[::1]"};
    tin_handle session, connection, request;
    char url[64];
    size_t size = sizeof url;

    (void)state;
    assert_result(TIN_OK, tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
    for (size_t i = 0; i < TEST_COUNT_OF(spellings); i++) {
        assert_result(TIN_OK, tin_connect(session, spellings[i], 8080, NULL, NULL,
                                          INTERNET_SERVICE_HTTP, 0, NULL, &connection));
        assert_int_equal(wcscmp(connected_to, L"[::1]"), 0);
    }
    assert_result(
        TIN_OK, tin_http_open_request(connection, NULL, "/a", NULL, NULL, NULL, 0, NULL, &request));
    assert_int_equal(wcscmp(connected_to, L"[::1]"), 0);
    assert_result(TIN_OK, tin_query_option_text(request, INTERNET_OPTION_URL, url, &size));
    assert_string_equal(url, "http://[::1]:8080/a");
    tin_close_handle(session);
}

/* ---- the request line ----------------------------------------------------------------------- */

static void the_request_line_is_what_was_asked_for(void **state)
{
    static const struct row {
        const char *name, *verb, *object, *version, *line;
    } rows[] = {
        {"nothing said", NULL, NULL, NULL, "GET / HTTP/1.1"},
        {"path and query", "GET", "/a/b?c=d", NULL, "GET /a/b?c=d HTTP/1.1"},
        {"no slash", "GET", "a", NULL, "GET /a HTTP/1.1"},
        {"query alone", "GET", "?a", NULL, "GET /?a HTTP/1.1"},
        {"a space", "GET", "/a b", NULL, "GET /a%20b HTTP/1.1"},
        {"UTF-8", "GET", "/\xC3\xA9", NULL, "GET /%C3%A9 HTTP/1.1"},
        {"dot segments", "GET", "/a/../b/./c", NULL, "GET /b/c HTTP/1.1"},
        {"dots in a query", "GET", "/a?u=b/../c", NULL, "GET /a?u=b/%2E./c HTTP/1.1"},
        {"a dot in a query", "GET", "/a?u=b/./c.d", NULL, "GET /a?u=b/%2E/c.d HTTP/1.1"},
        {"dots at the end", "GET", "/a?u=/..", NULL, "GET /a?u=/%2E. HTTP/1.1"},
        {"more dots", "GET", "/a?../.b/...", NULL, "GET /a?../.b/... HTTP/1.1"},
        {"a URL in a query", "GET", "/a?u=http://b/c", NULL, "GET /a?u=http://b/c HTTP/1.1"},
        {"a URL in the path", "GET", "/http://b/c", NULL, "GET /http://b/c HTTP/1.1"},
        {"two slashes", "GET", "//a/b", NULL, "GET //a/b HTTP/1.1"},
        {"a colon", "GET", "/a:b", NULL, "GET /a:b HTTP/1.1"},
        {"escapes", "GET", "/%2e%2E/%41%00", NULL, NULL},
        {"a fragment", "GET", "/a#b", NULL, "GET /a HTTP/1.1"},
        {"another verb", "PROPFIND", "/", NULL, "PROPFIND / HTTP/1.1"},
        {"lower case", "get", "/", NULL, "get / HTTP/1.1"},
        {"version 1.1", "GET", "/", "HTTP/1.1", "GET / HTTP/1.1"},
        {"version 1.0", "GET", "/", "HTTP/1.0", "GET / HTTP/1.0"},
    };
    test_link link = link_to(answers_ok);
    uint64_t sent = 0;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        tin_handle request;
        const char *line;

        assert_result(TIN_OK,
                      tin_http_open_request(link.connection, rows[i].verb, rows[i].object,
                                            rows[i].version, NULL, NULL, 0, NULL, &request));
        assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
        assert_string_equal(read_text(request), "hello");
        line = first_line(received(link.server, sent++));
        if (rows[i].line != NULL && strcmp(line, rows[i].line) != 0)
            fail_msg("%s: %s", rows[i].name, line);
        assert_result(TIN_OK, tin_close_handle(request));
    }
    unlink_all(&link);
}

static void a_request_that_cannot_be_is_refused(void **state)
{
    static const char *const bad_types[] = {"text/html", "a\r\nX: y", NULL};
    static const char *const not_utf8[] = {"\xFF", NULL};
    static const struct row {
        const char *name, *verb, *object, *version, *referrer;
        const char *const *types;
        tin_error error;
    } rows[] = {
        {"empty verb", "", NULL, NULL, NULL, NULL, TIN_E_ARGUMENT},
        {"space in the verb", "GE T", NULL, NULL, NULL, NULL, TIN_E_ARGUMENT},
        {"line break in the verb", "GET\r\nX: y", NULL, NULL, NULL, NULL, TIN_E_ARGUMENT},
        {"verb that is not ASCII", "G\xC3\xA9T", NULL, NULL, NULL, NULL, TIN_E_ARGUMENT},
        {"line break in the object", NULL, "/a\r\nX: y", NULL, NULL, NULL, TIN_E_URL},
        {"control in the object", NULL, "/a\x01", NULL, NULL, NULL, TIN_E_URL},
        {"malformed UTF-8", NULL, "/\xFF", NULL, NULL, NULL, TIN_E_ARGUMENT},
        {"version 2", NULL, NULL, "HTTP/2", NULL, NULL, TIN_E_ARGUMENT},
        {"empty version", NULL, NULL, "", NULL, NULL, TIN_E_ARGUMENT},
        {"line break in the referrer", NULL, NULL, NULL, "http://a/\r\nX: y", NULL, TIN_E_ARGUMENT},
        {"line break in a type", NULL, NULL, NULL, NULL, bad_types, TIN_E_ARGUMENT},
        {"malformed type", NULL, NULL, NULL, NULL, not_utf8, TIN_E_ARGUMENT},
    };
    test_link link = link_to(answers_ok);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        tin_handle request = (tin_handle)1;
        const tin_result result =
            tin_http_open_request(link.connection, row->verb, row->object, row->version,
                                  row->referrer, row->types, 0, NULL, &request);

        if (result.error != row->error || request != NULL)
            fail_msg("%s: %s", row->name, tin_error_name(result.error));
    }
    assert_result(TIN_E_ARGUMENT, tin_http_open_request(link.connection, NULL, NULL, NULL, NULL,
                                                        NULL, 0, NULL, NULL));
    assert_int_equal(fault_server_count(link.server, FAULT_CONNECTIONS), 0);
    unlink_all(&link);
}

static void referrer_and_types_are_headers(void **state)
{
    static const char *const types[] = {"text/html", "image/*", NULL};
    static const wchar_t *const wide_types[] = {L"text/html", L"image/*", NULL};
    test_link link = link_to(answers_ok);
    tin_handle request;

    (void)state;
    assert_result(TIN_OK, tin_http_open_request(link.connection, "GET", "/", NULL, "http://a/b",
                                                types, 0, NULL, &request));
    assert_result(TIN_OK, tin_http_send_request(request, "X-Some: thing\r\n", NULL, 0));
    assert_true(has_line(received(link.server, 0), "Referer: http://a/b"));
    assert_true(has_line(received(link.server, 0), "Accept: text/html, image/*"));
    assert_true(has_line(received(link.server, 0), "X-Some: thing"));
    assert_result(TIN_OK, tin_http_open_request_w(link.connection, L"GET", L"/\x20AC", NULL,
                                                  L"http://a/b", wide_types, 0, NULL, &request));
    assert_result(TIN_OK, tin_http_send_request_w(request, L"X-Some: thing", NULL, 0));
    assert_string_equal(first_line(received(link.server, 1)), "GET /%E2%82%AC HTTP/1.1");
    assert_true(has_line(received(link.server, 1), "Accept: text/html, image/*"));
    assert_true(has_line(received(link.server, 1), "X-Some: thing"));
    unlink_all(&link);
}

/* ---- headers -------------------------------------------------------------------------------- */

#define ADD HTTP_ADDREQ_FLAG_ADD
#define IF_NEW HTTP_ADDREQ_FLAG_ADD_IF_NEW
#define REPLACE HTTP_ADDREQ_FLAG_REPLACE
#define COMMA HTTP_ADDREQ_FLAG_COALESCE_WITH_COMMA
#define SEMICOLON HTTP_ADDREQ_FLAG_COALESCE_WITH_SEMICOLON

/* All lines that begin with X-, as "a|b|". */
static const char *own_lines(const char *text)
{
    static char lines[1024];

    lines[0] = '\0';
    for (const char *p = text; (p = strstr(p, "\nX-")) != NULL; p++)
        snprintf(lines + strlen(lines), sizeof lines - strlen(lines), "%.*s|",
                 (int)strcspn(p + 1, "\r"), p + 1);
    return lines;
}

static const struct header_row {
    const char *name, *before, *headers;
    DWORD modifiers;
    tin_error error;
    const char *lines;
} header_rows[] = {
    {"add", NULL, "X-A: 1", ADD, TIN_OK, "X-A: 1|"},
    {"add two", NULL, "X-A: 1\r\nX-B: 2\r\n", ADD, TIN_OK, "X-A: 1|X-B: 2|"},
    {"add a second one", "X-A: 1", "X-A: 2", ADD, TIN_OK, "X-A: 1|X-A: 2|"},
    {"new", "X-A: 1", "X-B: 2", IF_NEW, TIN_OK, "X-A: 1|X-B: 2|"},
    {"not new", "X-A: 1", "X-B: 2\r\nx-a: 2", IF_NEW, TIN_E_EXISTS, "X-A: 1|"},
    {"new is no prefix", "X-Ab: 1", "X-A: 2", IF_NEW, TIN_OK, "X-Ab: 1|X-A: 2|"},
    {"replace", "X-A: 1\r\nX-B: 1", "X-A: 2", REPLACE, TIN_OK, "X-B: 1|X-A: 2|"},
    {"replace in another case", "X-A: 1", "X-a: 2", REPLACE, TIN_OK, "X-a: 2|"},
    {"replace what is not there", "X-B: 1", "X-A: 2", REPLACE, TIN_E_NOT_FOUND, "X-B: 1|"},
    {"add or replace", "X-B: 1", "X-A: 2", ADD | REPLACE, TIN_OK, "X-B: 1|X-A: 2|"},
    {"remove", "X-A: 1\r\nX-B: 1", "X-A:", REPLACE, TIN_OK, "X-B: 1|"},
    {"remove both", "X-A: 1\r\nX-B: 1\r\nX-A: 2", "X-A: ", REPLACE, TIN_OK, "X-B: 1|"},
    {"remove what is not there", "X-B: 1", "X-A:", ADD | REPLACE, TIN_OK, "X-B: 1|"},
    {"comma", "X-A: 1", "X-A: 2", COMMA, TIN_OK, "X-A: 1, 2|"},
    {"comma twice", "X-A: 1", "X-A: 2\r\nX-A: 3\r\n", COMMA, TIN_OK, "X-A: 1, 2, 3|"},
    {"semicolon", "X-A: 1", "X-A: 2", SEMICOLON, TIN_OK, "X-A: 1; 2|"},
    {"comma to nothing", NULL, "X-A: 2", COMMA, TIN_OK, "X-A: 2|"},
    {"nothing", "X-A: 1", "", ADD, TIN_OK, "X-A: 1|"},
    {"no modifier", "X-A: 1", "X-A: 2", 0, TIN_E_ARGUMENT, "X-A: 1|"},
    {"unknown modifier", "X-A: 1", "X-A: 2", ADD | 1, TIN_E_ARGUMENT, "X-A: 1|"},
    {"none", "X-A: 1", NULL, ADD, TIN_E_ARGUMENT, "X-A: 1|"},
    {"no colon", "X-A: 1", "X-B", ADD, TIN_E_ARGUMENT, "X-A: 1|"},
    {"stray line feed", "X-A: 1", "X-B: 1\nX-C: 2", ADD, TIN_E_ARGUMENT, "X-A: 1|"},
    {"stray carriage return", "X-A: 1", "X-B: 1\rX-C: 2", ADD, TIN_E_ARGUMENT, "X-A: 1|"},
    {"space in the name", "X-A: 1", "X B: 1", ADD, TIN_E_ARGUMENT, "X-A: 1|"},
    {"malformed UTF-8", "X-A: 1", "X-B: \xFF", ADD, TIN_E_ARGUMENT, "X-A: 1|"},
};

/* On the request as it was opened, on one that was sent before, and behind a redirect. */
static void headers_are_added_replaced_removed(void **state)
{
    static const fault_step moved[] = {
        FAULT_SEND("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"), FAULT_AGAIN};
    static const fault_step ok[] = {FAULT_SEND(EMPTY_OK), FAULT_AGAIN};
    static const fault_route routes[] = {{"/moved", moved}, {"*", ok}, {NULL, NULL}};
    test_link link = link_to_routes(routes);
    uint64_t sent = 0;

    (void)state;
    for (size_t i = 0; i < 3 * TEST_COUNT_OF(header_rows); i++) {
        const struct header_row *row = &header_rows[i / 3];
        tin_handle request = request_for(&link, "GET", i % 3 == 2 ? "/moved" : "/a");
        tin_result result;

        if (row->before != NULL)
            assert_result(TIN_OK, tin_http_add_request_headers(request, row->before, ADD));
        if (i % 3 == 1) {
            assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
            sent++;
        }
        result = tin_http_add_request_headers(request, row->headers, row->modifiers);
        if (result.error != row->error)
            fail_msg("%s: %s", row->name, tin_error_name(result.error));
        assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
        for (size_t hops = i % 3 == 2 ? 2 : 1; hops > 0; hops--) {
            const char *lines = own_lines(received(link.server, sent++));

            if (strcmp(lines, row->lines) != 0)
                fail_msg("%s, %u: %s", row->name, (unsigned)(i % 3), lines);
        }
        assert_result(TIN_OK, tin_close_handle(request));
    }
    unlink_all(&link);
}

static void headers_of_a_send_replace_and_stay(void **state)
{
    test_link link = link_to(answers_ok);
    tin_handle request = request_for(&link, "GET", "/");

    (void)state;
    assert_result(TIN_OK, tin_http_add_request_headers_w(request, L"X-A: 1", ADD));
    assert_result(TIN_OK, tin_http_send_request(request, "X-A: 2\r\nX-B: 3", NULL, 0));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_string_equal(own_lines(received(link.server, 0)), "X-A: 2|X-B: 3|");
    assert_string_equal(own_lines(received(link.server, 1)), "X-A: 2|X-B: 3|");
    assert_result(TIN_E_ARGUMENT, tin_http_send_request(request, "X-C", NULL, 0));
    assert_result(TIN_E_ARGUMENT, tin_http_send_request(request, "X-C: a\nb", NULL, 0));
    unlink_all(&link);
}

static void the_agent_can_be_another(void **state)
{
    test_link link = link_to(answers_ok);
    tin_handle request = request_for(&link, "GET", "/");

    (void)state;
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_result(TIN_OK, tin_http_send_request(request, "User-Agent: other", NULL, 0));
    assert_result(TIN_OK, tin_http_add_request_headers(request, "User-Agent:", REPLACE));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_true(has_line(received(link.server, 0), "User-Agent: test"));
    assert_true(has_line(received(link.server, 1), "User-Agent: other"));
    assert_false(has_line(received(link.server, 1), "User-Agent: test"));
    assert_true(has_line(received(link.server, 2), "User-Agent: test"));
    unlink_all(&link);
}

/* ---- the body ------------------------------------------------------------------------------- */

static void the_length_is_always_the_bodys_own(void **state)
{
    test_link link = link_to(answers_ok);
    tin_handle request = request_for(&link, "POST", "/");

    (void)state;
    assert_result(TIN_OK, SEND_BYTES(request, "12345"));
    assert_result(TIN_OK, SEND_BYTES(request, "1234567"));
    assert_result(TIN_OK, tin_http_send_request(request, "Content-Length: 9", "123", 3));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_true(has_line(received(link.server, 0), "Content-Length: 5"));
    assert_string_equal(body_of(received(link.server, 0)), "12345");
    assert_true(has_line(received(link.server, 1), "Content-Length: 7"));
    assert_string_equal(body_of(received(link.server, 1)), "1234567");
    assert_true(has_line(received(link.server, 2), "Content-Length: 3"));
    assert_false(has_line(received(link.server, 2), "Content-Length: 9"));
    assert_string_equal(body_of(received(link.server, 2)), "123");
    assert_true(has_line(received(link.server, 3), "Content-Length: 0"));
    unlink_all(&link);
}

static void a_body_is_copied_whole(void **state)
{
    enum { SIZE = 3 << 20 };
    static const fault_step script[] = {FAULT_READ_REQUEST, FAULT_READ_BODY, FAULT_SEND(EMPTY_OK),
                                        FAULT_AGAIN};
    test_link link = link_to(script);
    tin_handle request = request_for(&link, "PUT", "/");
    char *body = malloc(SIZE);

    (void)state;
    assert_non_null(body);
    fault_pattern_fill(0, body, SIZE);
    assert_result(TIN_OK, tin_http_send_request(request, NULL, body, SIZE));
    assert_int_equal(status_of(request), 200);
    assert_int_equal(fault_server_count(link.server, FAULT_BODIES), 1);
    free(body);
    assert_result(TIN_E_ARGUMENT, tin_http_send_request(request, NULL, NULL, 1));
#ifdef _WIN64
    assert_result(TIN_E_ARGUMENT, tin_http_send_request(request, NULL, "", (size_t)1 << 32));
#endif
    unlink_all(&link);
}

/* ---- the answer ----------------------------------------------------------------------------- */

static void nothing_is_read_before_it_is_sent(void **state)
{
    test_link link = link_to(answers_ok);
    tin_handle request = request_for(&link, "GET", "/");
    char byte;
    size_t got;
    uint64_t length;
    DWORD status;

    (void)state;
    assert_result(TIN_E_STATE, tin_read_file(request, &byte, 1, &got));
    assert_result(TIN_E_STATE, tin_write_file(request, "x", 1, &got));
    assert_result(TIN_E_STATE, tin_http_end_request(request));
    assert_result(TIN_E_STATE, tin_http_status(request, &status));
    assert_result(TIN_E_NOT_FOUND, tin_get_length(request, &length));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_result(TIN_OK, tin_get_length(request, &length));
    assert_int_equal(length, 5);
    assert_string_equal(read_text(request), "hello");
    assert_result(TIN_E_STATE, tin_write_file(request, "x", 1, &got));
    assert_result(TIN_E_STATE, tin_http_end_request(request));
    unlink_all(&link);
}

static void an_answer_without_a_body_ends_at_once(void **state)
{
    static const struct row {
        const char *name, *verb;
        fault_step steps[4];
        tin_error known;
        uint64_t length;
    } rows[] = {
        {"HEAD",
         "HEAD",
         {FAULT_READ_REQUEST, FAULT_SEND(OK("1000") "\r\n\r\n"), FAULT_MUTE, FAULT_END},
         TIN_OK,
         1000},
        {"HEAD, chunked",
         "HEAD",
         {FAULT_READ_REQUEST, FAULT_SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
          FAULT_MUTE, FAULT_END},
         TIN_E_NOT_FOUND,
         0},
        {"204",
         "GET",
         {FAULT_READ_REQUEST, FAULT_SEND("HTTP/1.1 204 No\r\nContent-Length: 1000\r\n\r\n"),
          FAULT_MUTE, FAULT_END},
         TIN_OK,
         0},
        {"304",
         "GET",
         {FAULT_READ_REQUEST, FAULT_SEND("HTTP/1.1 304 No\r\nContent-Length: 1000\r\n\r\n"),
          FAULT_MUTE, FAULT_END},
         TIN_OK,
         0},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        test_link link = link_to(rows[i].steps);
        tin_handle request = request_for(&link, rows[i].verb, "/");
        uint64_t length = 77;

        assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
        if (tin_get_length(request, &length).error != rows[i].known || length != rows[i].length)
            fail_msg("%s: length %u", rows[i].name, (unsigned)length);
        assert_string_equal(read_text(request), "");
        unlink_all(&link);
    }
}

static void a_broken_answer_is_an_error(void **state)
{
    static const struct row {
        const char *name;
        fault_step steps[3];
    } rows[] = {
        {"nothing", {FAULT_READ_REQUEST, FAULT_END}},
        {"no status line", {FAULT_READ_REQUEST, FAULT_SEND("hello\r\n\r\n"), FAULT_END}},
        {"status 99", {FAULT_READ_REQUEST, FAULT_SEND("HTTP/1.1 99 X\r\n\r\n"), FAULT_END}},
        {"two lengths",
         {FAULT_READ_REQUEST,
          FAULT_SEND("HTTP/1.1 200 X\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12"),
          FAULT_END}},
        {"a length that is none",
         {FAULT_READ_REQUEST, FAULT_SEND("HTTP/1.1 200 X\r\nContent-Length: -1\r\n\r\n"),
          FAULT_END}},
    };
    static const fault_step good[] = {FAULT_READ_REQUEST, FAULT_SEND(OK("2") "\r\n\r\nok"),
                                      FAULT_END};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const fault_step *scripts[] = {rows[i].steps, good, NULL};
        test_link link = link_with(fault_server_start_many(scripts), NULL, NULL);
        tin_handle request = request_for(&link, "POST", "/"); /* which is not tried again */
        tin_result result = tin_http_send_request(request, NULL, NULL, 0);
        char byte;
        size_t got;

        if (result.error != TIN_E_PROTOCOL)
            fail_msg("%s: %s", rows[i].name, tin_error_name(result.error));
        assert_result(TIN_E_PROTOCOL, tin_read_file(request, &byte, 1, &got));
        assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0)); /* it can recover */
        assert_string_equal(read_text(request), "ok");
        unlink_all(&link);
    }
}

static void a_short_body_is_truncated(void **state)
{
    static const fault_step script[] = {FAULT_READ_REQUEST, FAULT_SEND(OK("10") "\r\n\r\nhello"),
                                        FAULT_END};
    test_link link = link_to(script);
    tin_handle request = request_for(&link, "GET", "/");
    char text[20];
    size_t got;

    (void)state;
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_result(TIN_OK, tin_read_file(request, text, sizeof text, &got));
    assert_int_equal(got, 5);
    assert_result(TIN_E_TRUNCATED, tin_read_file(request, text, sizeof text, &got));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_result(TIN_OK, tin_read_file(request, text, sizeof text, &got));
    assert_int_equal(got, 5);
    unlink_all(&link);
}

static void sending_again_in_the_middle_of_a_body_begins_anew(void **state)
{
    test_link link = link_to(answers_ok);
    tin_handle request = request_for(&link, "GET", "/");
    char byte;
    size_t got;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
        assert_result(TIN_OK, tin_read_file(request, &byte, 1, &got));
        assert_int_equal(byte, 'h');
    }
    assert_string_equal(read_text(request), "ello");
    unlink_all(&link);
}

/* ---- redirects ------------------------------------------------------------------------------ */

#define MOVED(status, target)                                                                      \
    {                                                                                              \
        FAULT_READ_BODY,                                                                           \
            FAULT_SEND_FILLED("HTTP/1.1 " #status " X\r\nLocation: " target                        \
                              "\r\nContent-Length: 0\r\n\r\n"),                                    \
            FAULT_AGAIN,                                                                           \
    }
static const fault_step moved_301[] = MOVED(301, "/b");
static const fault_step moved_302[] = MOVED(302, "http://127.0.0.1:{port}/b#part");
static const fault_step moved_303[] = MOVED(303, "b");
static const fault_step moved_307[] = MOVED(307, "/b");
static const fault_step moved_308[] = MOVED(308, "/b");
static const fault_step moved_round[] = MOVED(302, "/round");
static const fault_step moved_to_user[] = MOVED(302, "http://u:p@127.0.0.1:{port}/b");
static const fault_step moved_to_file[] = MOVED(302, "file:///C:/x");
static const fault_step target_b[] = {FAULT_READ_BODY, FAULT_SEND(OK("5") "\r\n\r\nthere"),
                                      FAULT_AGAIN};
static const fault_route moving[] = {
    {"/301", moved_301},
    {"/302", moved_302},
    {"/303", moved_303},
    {"/307", moved_307},
    {"/308", moved_308},
    {"/round", moved_round},
    {"/to-user", moved_to_user},
    {"/to-file", moved_to_file},
    {"/b", target_b},
    {NULL, NULL},
};

static void a_redirect_keeps_the_method_or_makes_it_get(void **state)
{
    static const struct row {
        const char *object, *verb, *line;
        bool body;
    } rows[] = {
        {"/301", "GET", "GET /b HTTP/1.1", false},   {"/302", "GET", "GET /b HTTP/1.1", false},
        {"/303", "GET", "GET /b HTTP/1.1", false},   {"/307", "GET", "GET /b HTTP/1.1", false},
        {"/308", "GET", "GET /b HTTP/1.1", false},   {"/301", "POST", "GET /b HTTP/1.1", false},
        {"/302", "POST", "GET /b HTTP/1.1", false},  {"/303", "POST", "GET /b HTTP/1.1", false},
        {"/307", "POST", "POST /b HTTP/1.1", true},  {"/308", "POST", "POST /b HTTP/1.1", true},
        {"/301", "PUT", "PUT /b HTTP/1.1", true},    {"/302", "PUT", "PUT /b HTTP/1.1", true},
        {"/303", "PUT", "GET /b HTTP/1.1", false},   {"/307", "PUT", "PUT /b HTTP/1.1", true},
        {"/302", "HEAD", "HEAD /b HTTP/1.1", false}, {"/303", "HEAD", "HEAD /b HTTP/1.1", false},
    };
    test_link link = link_to_routes(moving);
    uint64_t sent = 0;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        const bool has_body = strchr("PU", row->verb[0]) != NULL;
        tin_handle request = request_for(&link, row->verb, row->object);
        const char *text;

        assert_result(TIN_OK,
                      tin_http_send_request(request, "Content-Type: text/plain\r\nX-Kept: yes",
                                            has_body ? "hello" : NULL, has_body ? 5 : 0));
        text = received(link.server, sent + 1);
        if (strcmp(first_line(text), row->line) != 0)
            fail_msg("%s %s: %s", row->verb, row->object, first_line(text));
        if (strcmp(body_of(text), row->body ? "hello" : "") != 0)
            fail_msg("%s %s: body %s", row->verb, row->object, body_of(text));
        if (has_line(text, "Content-Type: text/plain") != (row->body || !has_body))
            fail_msg("%s %s: the body's type", row->verb, row->object);
        assert_true(has_line(text, "X-Kept: yes"));
        assert_string_equal(read_text(request), row->verb[0] == 'H' ? "" : "there");
        sent += 2;
        /* and once more: from where it stands */
        assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
        assert_string_equal(first_line(received(link.server, sent++)), row->line);
        assert_result(TIN_OK, tin_close_handle(request));
    }
    unlink_all(&link);
}

static void redirects_that_are_not_followed(void **state)
{
    static const char *const refused[] = {"/round", "/to-user", "/to-file"};
    test_link link = link_to_routes(moving);
    tin_handle request;
    char text[64];
    size_t size = sizeof text, got;

    (void)state;
    assert_result(TIN_OK, tin_set_option_dword(link.session, TIN_OPTION_MAX_REDIRECTS, 3));
    assert_result(TIN_OK, tin_close_handle(link.connection));
    assert_result(TIN_OK,
                  tin_connect(link.session, "127.0.0.1", fault_server_port(link.server), NULL, NULL,
                              INTERNET_SERVICE_HTTP, 0, NULL, &link.connection));
    for (size_t i = 0; i < TEST_COUNT_OF(refused); i++) {
        request = request_for(&link, "GET", refused[i]);
        assert_result(TIN_E_REDIRECT, tin_http_send_request(request, NULL, NULL, 0));
        assert_result(TIN_E_REDIRECT, tin_read_file(request, text, 1, &got));
        assert_int_equal(status_of(request), 302); /* what led nowhere can be looked at */
    }
    assert_int_equal(fault_server_count(link.server, FAULT_REQUESTS), 4 + 1 + 1);
    assert_result(TIN_OK, tin_http_open_request(link.connection, NULL, "/302", NULL, NULL, NULL,
                                                INTERNET_FLAG_NO_AUTO_REDIRECT, NULL, &request));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_int_equal(status_of(request), 302);
    assert_result(TIN_OK, tin_query_option_text(request, INTERNET_OPTION_URL, text, &size));
    assert_non_null(strstr(text, "/302"));
    unlink_all(&link);
}

#define NEEDS_USER                                                                                 \
    "HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 4\r\n\r\nwho?"

static bool answer_by_user(fault_connection *connection, const void *context)
{
    const char *expected = context;

    if (strstr(fault_last_message(connection), expected) == NULL)
        return fault_send(connection, NEEDS_USER, sizeof(NEEDS_USER) - 1);
    return fault_send(connection, EMPTY_OK, sizeof(EMPTY_OK) - 1);
}

/* "user:pass", "there:word" */
static const fault_step wants_user[] = {
    FAULT_READ_BODY, FAULT_CALL(answer_by_user, "Authorization: Basic dXNlcjpwYXNz\r\n"),
    FAULT_AGAIN};
static const fault_step wants_other[] = {
    FAULT_READ_BODY, FAULT_CALL(answer_by_user, "Authorization: Basic dGhlcmU6d29yZA==\r\n"),
    FAULT_AGAIN};
static const fault_route guarded[] = {{"*", wants_user}, {NULL, NULL}};
static const fault_route guarded_elsewhere[] = {{"*", wants_other}, {NULL, NULL}};

static bool send_away(fault_connection *connection, const void *context)
{
    fault_server *const *target = context;

    return fault_send_format(connection,
                             "HTTP/1.1 307 X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
                             fault_server_url(*target, "/target"));
}

static void secrets_stay_with_the_first_server(void **state)
{
    static fault_server *other;
    static const fault_step away[] = {FAULT_READ_BODY, FAULT_CALL(send_away, &other), FAULT_AGAIN};
    static const fault_route routes[] = {{"*", away}, {NULL, NULL}};
    test_link link;
    tin_handle request;
    const char *text;

    (void)state;
    other = fault_server_start_routes(guarded_elsewhere);
    link = link_with(fault_server_start_routes(routes), "user", "pass");
    request = request_for(&link, "POST", "/");
    assert_result(TIN_OK,
                  tin_http_send_request(request,
                                        "Authorization: Bearer secret\r\nCookie: a=secret\r\n"
                                        "Proxy-Authorization: Basic secret\r\nHost: secret\r\n"
                                        "X-Kept: yes",
                                        "hello", 5));
    assert_int_equal(status_of(request), 401);
    assert_non_null(strstr(received(link.server, 0), "secret"));
    assert_int_equal(fault_server_count(other, FAULT_REQUESTS), 1);
    text = received(other, 0);
    assert_null(strstr(text, "secret"));
    assert_false(has_name(text, "Authorization"));
    assert_true(has_line(text, "X-Kept: yes"));
    assert_string_equal(body_of(text), "hello");

    /* a user for where it stands now: without the password for the other one */
    assert_result(TIN_OK, tin_set_option_text(request, INTERNET_OPTION_USERNAME, "there"));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_int_equal(status_of(request), 401);
    assert_true(has_line(received(other, 2), "Authorization: Basic dGhlcmU6"));
    assert_result(TIN_OK, tin_set_option_text(request, INTERNET_OPTION_PASSWORD, "word"));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_int_equal(status_of(request), 200);
    assert_int_equal(fault_server_count(link.server, FAULT_REQUESTS), 1);
    unlink_all(&link);
    fault_server_stop(other);
}

/* ---- who asks ------------------------------------------------------------------------------- */

static void set_user(tin_handle handle)
{
    assert_result(TIN_OK, tin_set_option_text(handle, INTERNET_OPTION_USERNAME, "user"));
    assert_result(TIN_OK, tin_set_option_text(handle, INTERNET_OPTION_PASSWORD, "pass"));
}

static void credentials_come_from_any_level(void **state)
{
    static const char *const levels[] = {"session", "connection", "tin_connect", "request"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(levels); i++) {
        test_link link = {.server = fault_server_start_routes(guarded)};
        tin_handle request;

        assert_result(TIN_OK,
                      tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &link.session));
        if (i == 0)
            set_user(link.session);
        assert_result(TIN_OK, tin_connect(link.session, "127.0.0.1", fault_server_port(link.server),
                                          i == 2 ? "user" : NULL, i == 2 ? "pass" : NULL,
                                          INTERNET_SERVICE_HTTP, 0, NULL, &link.connection));
        if (i == 1)
            set_user(link.connection);
        request = request_for(&link, "GET", "/");
        if (i == 3)
            set_user(request);
        assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
        if (status_of(request) != 200)
            fail_msg("%s: %u", levels[i], (unsigned)status_of(request));
        unlink_all(&link);
    }
}

static void a_401_is_answered_by_sending_again(void **state)
{
    test_link link = link_to_routes(guarded);
    tin_handle request = request_for(&link, "POST", "/");
    const HINTERNET native = tin_native_handle(request);

    (void)state;
    assert_result(TIN_OK, SEND_BYTES(request, "hello"));
    assert_int_equal(status_of(request), 401);
    assert_string_equal(read_text(request), "who?");
    set_user(request);
    assert_result(TIN_OK, SEND_BYTES(request, "hello again"));
    assert_int_equal(status_of(request), 200);
    assert_true(tin_native_handle(request) == native);
    unlink_all(&link);
}

/* ---- tried again ---------------------------------------------------------------------------- */

static void only_what_does_no_harm_twice_is_tried_again(void **state)
{
    static const fault_step silent[] = {FAULT_READ_REQUEST, FAULT_END};
    static const struct row {
        const char *verb;
        uint64_t tries;
    } rows[] = {{"GET", 3},   {"HEAD", 3}, {"PUT", 3},   {"DELETE", 3},   {"OPTIONS", 3},
                {"TRACE", 3}, {"POST", 1}, {"PATCH", 1}, {"PROPFIND", 1}, {"get", 1}};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        test_link link = link_to(silent);
        tin_handle request = request_for(&link, rows[i].verb, "/");
        uint64_t tries;

        assert_result(TIN_OK, tin_set_option_dword(request, INTERNET_OPTION_CONNECT_RETRIES, 2));
        assert_result(TIN_E_PROTOCOL, tin_http_send_request(request, NULL, NULL, 0));
        tries = fault_server_count(link.server, FAULT_REQUESTS);
        if (tries != rows[i].tries)
            fail_msg("%s: %u", rows[i].verb, (unsigned)tries);
        unlink_all(&link);
    }
}

/* ---- it comes back -------------------------------------------------------------------------- */

static void after_a_timeout_it_can_be_sent_again(void **state)
{
    static const fault_step mute[] = {FAULT_READ_REQUEST, FAULT_MUTE, FAULT_END};
    const fault_step *scripts[] = {mute, answers_ok, NULL};
    test_link link = link_with(fault_server_start_many(scripts), NULL, NULL);
    tin_handle request = request_for(&link, "POST", "/");
    char byte;
    size_t got;
    DWORD status;

    (void)state;
    assert_result(TIN_OK, tin_set_option_dword(request, INTERNET_OPTION_RECEIVE_TIMEOUT, 100));
    assert_result(TIN_OK, tin_http_add_request_headers(request, "X-Kept: yes", ADD));
    assert_result(TIN_E_TIMEOUT, SEND_BYTES(request, "hello"));
    assert_result(TIN_E_TIMEOUT, tin_read_file(request, &byte, 1, &got));
    assert_result(TIN_E_STATE, tin_http_status(request, &status));
    assert_result(TIN_OK, tin_http_add_request_headers(request, "X-Too: yes", ADD));
    assert_result(TIN_OK, tin_set_option_dword(request, INTERNET_OPTION_RECEIVE_TIMEOUT, 20000));
    assert_result(TIN_OK, SEND_BYTES(request, "hello"));
    assert_string_equal(read_text(request), "hello");
    assert_string_equal(own_lines(received(link.server, 1)), "X-Kept: yes|X-Too: yes|");
    unlink_all(&link);
}

/* Where a send is blocked. */
static const fault_step stalls_in_headers[] = {FAULT_READ_REQUEST, FAULT_MUTE, FAULT_END};
static const struct stall {
    const char *name;
    const fault_step *script;
    DWORD timeout, event;
    size_t body;
} stalls[] = {
    {"headers", stalls_in_headers, INTERNET_OPTION_RECEIVE_TIMEOUT,
     INTERNET_STATUS_RECEIVING_RESPONSE, 0},
    {"body", fault_script_sink, INTERNET_OPTION_SEND_TIMEOUT, INTERNET_STATUS_SENDING_REQUEST,
     64 << 20},
};

typedef struct blocked_send {
    tin_handle request;
    HANDLE blocked;
    DWORD event;
    char *body;
    size_t size;
    tin_result result;
} blocked_send;

static void on_status(tin_handle handle, void *context, const tin_status *status)
{
    blocked_send *call = context;

    (void)handle;
    if (status->code == call->event)
        SetEvent(call->blocked);
}

static void run_send(void *context)
{
    blocked_send *call = context;

    call->result = tin_http_send_request(call->request, NULL, call->body, call->size);
}

static void a_send_comes_back_at_its_deadline(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(stalls); i++) {
        test_link link = link_to(stalls[i].script);
        tin_handle request = request_for(&link, "POST", "/");
        char *body = calloc(1, stalls[i].body + 1);
        uint64_t began, took;
        tin_result result;

        assert_non_null(body);
        assert_result(TIN_OK, tin_set_option_dword(request, stalls[i].timeout, 300));
        began = test_now_ms();
        result = tin_http_send_request(request, NULL, body, stalls[i].body);
        took = test_now_ms() - began;
        free(body);
        if (result.error != TIN_E_TIMEOUT || took < 280 || took > 2000)
            fail_msg("%s: %s after %u ms", stalls[i].name, tin_error_name(result.error),
                     (unsigned)took);
        unlink_all(&link);
    }
}

static void a_send_can_be_cancelled_and_closed(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * TEST_COUNT_OF(stalls); i++) {
        const struct stall *stall = &stalls[i / 2];
        const bool closes = i % 2 != 0;
        test_link link = link_to(stall->script);
        blocked_send call = {.event = stall->event, .size = stall->body};
        test_thread *thread;
        uint64_t began, took;

        call.blocked = CreateEventW(NULL, FALSE, FALSE, NULL);
        call.body = calloc(1, stall->body + 1);
        assert_non_null(call.body);
        call.request = request_for(&link, "POST", "/");
        /* it bounds the tear-down, too: a send of Wine 8 may miss that its peer has gone */
        assert_result(TIN_OK,
                      tin_set_option_dword(call.request, INTERNET_OPTION_SEND_TIMEOUT, 5000));
        assert_result(TIN_OK, tin_set_status_callback(call.request, on_status, &call));
        thread = test_thread_start(run_send, &call);
        assert_int_equal(WaitForSingleObject(call.blocked, TEST_PATIENCE_MS), WAIT_OBJECT_0);
        began = test_now_ms();
        assert_result(TIN_OK, closes ? tin_close_handle(call.request) : tin_cancel(call.request));
        test_thread_join(thread, TEST_PATIENCE_MS);
        took = test_now_ms() - began;
        if (call.result.error != TIN_E_CANCELLED || took > 1000)
            fail_msg("%s: %s after %u ms", stall->name, tin_error_name(call.result.error),
                     (unsigned)took);
        if (!closes) /* for ever */
            assert_result(TIN_E_CANCELLED, tin_http_send_request(call.request, NULL, NULL, 0));
        free(call.body);
        CloseHandle(call.blocked);
        unlink_all(&link);
    }
}

static void a_busy_request_takes_no_second_call(void **state)
{
    test_link link = link_to(stalls_in_headers);
    blocked_send call = {.event = INTERNET_STATUS_RECEIVING_RESPONSE};
    test_thread *thread;
    DWORD status;

    (void)state;
    call.blocked = CreateEventW(NULL, FALSE, FALSE, NULL);
    call.request = request_for(&link, "GET", "/");
    assert_result(TIN_OK, tin_set_status_callback(call.request, on_status, &call));
    thread = test_thread_start(run_send, &call);
    assert_int_equal(WaitForSingleObject(call.blocked, TEST_PATIENCE_MS), WAIT_OBJECT_0);
    assert_result(TIN_E_STATE, tin_http_send_request(call.request, NULL, NULL, 0));
    assert_result(TIN_E_STATE, tin_http_send_request_ex(call.request, NULL, 1));
    assert_result(TIN_E_STATE, tin_http_end_request(call.request));
    assert_result(TIN_E_STATE, tin_http_add_request_headers(call.request, "A: b", ADD));
    assert_result(TIN_E_STATE, tin_http_status(call.request, &status));
    assert_result(TIN_OK, tin_cancel(link.connection)); /* with what was opened under it */
    test_thread_join(thread, TEST_PATIENCE_MS);
    assert_int_equal(call.result.error, TIN_E_CANCELLED);
    CloseHandle(call.blocked);
    unlink_all(&link);
}

/* ---- decoding ------------------------------------------------------------------------------- */

static void decoding_is_asked_for_where_it_is_on(void **state)
{
    test_link link = link_to(answers_ok);
    tin_handle request, file;
    uint64_t length;
    static const char line[] = "Accept-Encoding: gzip, deflate";

    (void)state;
    request = request_for(&link, "GET", "/");
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_result(TIN_OK, tin_set_option_dword(request, INTERNET_OPTION_HTTP_DECODING, TRUE));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_result(TIN_E_NOT_FOUND, tin_get_length(request, &length)); /* of what is decoded */
    assert_result(TIN_OK, tin_http_send_request(request, "Accept-Encoding: gzip", NULL, 0));
    assert_result(TIN_OK, tin_http_add_request_headers(request, "Accept-Encoding:", REPLACE));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_result(TIN_OK, tin_set_option_dword(request, INTERNET_OPTION_HTTP_DECODING, FALSE));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_false(has_name(received(link.server, 0), "Accept-Encoding"));
    assert_true(has_line(received(link.server, 1), line));
    assert_true(has_line(received(link.server, 2), "Accept-Encoding: gzip"));
    assert_true(has_line(received(link.server, 3), line));
    assert_false(has_name(received(link.server, 4), "Accept-Encoding"));

    assert_result(TIN_OK, tin_set_option_dword(link.session, INTERNET_OPTION_HTTP_DECODING, TRUE));
    assert_result(TIN_OK, tin_open_url(link.session, fault_server_url(link.server, "/"), "X-A: b",
                                       0, NULL, &file));
    assert_true(has_line(received(link.server, 5), line));
    assert_true(has_line(received(link.server, 5), "X-A: b"));
    assert_result(TIN_OK, tin_open_url(link.session, fault_server_url(link.server, "/"),
                                       "accept-encoding: br", 0, NULL, &file));
    assert_false(has_line(received(link.server, 6), line));
    unlink_all(&link);
}

/* ---- handles -------------------------------------------------------------------------------- */

typedef struct attempt {
    const char *name;
    tin_result (*call)(tin_handle handle);
} attempt;

static tin_result try_open(tin_handle handle)
{
    tin_handle request = handle;
    const tin_result result =
        tin_http_open_request(handle, NULL, NULL, NULL, NULL, NULL, 0, NULL, &request);

    assert_null(request);
    return result;
}

static tin_result try_open_w(tin_handle handle)
{
    tin_handle request = handle;
    const tin_result result =
        tin_http_open_request_w(handle, NULL, NULL, NULL, NULL, NULL, 0, NULL, &request);

    assert_null(request);
    return result;
}

static tin_result try_add(tin_handle handle)
{
    return tin_http_add_request_headers(handle, "A: b", ADD);
}

static tin_result try_send(tin_handle handle)
{
    return tin_http_send_request(handle, NULL, NULL, 0);
}

static tin_result try_send_ex(tin_handle handle)
{
    return tin_http_send_request_ex(handle, NULL, 1);
}

static tin_result try_status(tin_handle handle)
{
    DWORD status = 1;
    const tin_result result = tin_http_status(handle, &status);

    assert_int_equal(status, 0);
    return result;
}

static tin_result try_dialog(tin_handle handle)
{
    DWORD answer;

    return tin_error_dlg(NULL, handle, 0, FLAGS_ERROR_UI_FLAGS_NO_UI, NULL, &answer);
}

static void wrong_handles_are_refused(void **state)
{
    static const attempt attempts[] = {
        {"open", try_open},     {"open_w", try_open_w},   {"add", try_add},
        {"send", try_send},     {"send_ex", try_send_ex}, {"end", tin_http_end_request},
        {"status", try_status}, {"dialog", try_dialog},
    };
    test_link link = link_to(answers_ok);
    tin_handle closed = request_for(&link, NULL, NULL), file;
    tin_handle handles[5];

    (void)state;
    assert_result(TIN_OK, tin_close_handle(closed));
    assert_result(TIN_OK, tin_open_url(link.session, fault_server_url(link.server, "/"), NULL, 0,
                                       NULL, &file));
    handles[0] = NULL;
    handles[1] = closed;
    handles[2] = link.session;
    handles[3] = file;
    handles[4] = link.connection;
    for (size_t i = 0; i < TEST_COUNT_OF(attempts); i++)
        for (size_t k = 0; k < TEST_COUNT_OF(handles); k++) {
            /* a connection can open, and a file can be asked */
            const bool right = (k == 4 && i < 2) || (k == 3 && i >= 6);
            const tin_result result =
                right ? tin__fail(TIN_E_HANDLE) : attempts[i].call(handles[k]);

            if (result.error != TIN_E_HANDLE)
                fail_msg("%s, handle %u: %s", attempts[i].name, (unsigned)k,
                         tin_error_name(result.error));
        }
    unlink_all(&link);
}

static void options_and_native_handles_reach_a_request(void **state)
{
    test_link link = link_to(answers_ok);
    tin_handle request = request_for(&link, "GET", "/a");
    HINTERNET native = tin_native_handle(request);
    DWORD type = 0, size = sizeof type, flags;

    (void)state;
    assert_non_null(native);
    assert_true(InternetQueryOptionW(native, INTERNET_OPTION_HANDLE_TYPE, &type, &size));
    assert_int_equal(type, INTERNET_HANDLE_TYPE_HTTP_REQUEST);
    assert_result(TIN_OK, tin_set_option_dword(request, INTERNET_OPTION_SECURITY_FLAGS,
                                               SECURITY_FLAG_IGNORE_UNKNOWN_CA));
    assert_result(TIN_OK, tin_query_option_dword(request, INTERNET_OPTION_SECURITY_FLAGS, &flags));
    assert_int_equal(flags & SECURITY_FLAG_IGNORE_UNKNOWN_CA, SECURITY_FLAG_IGNORE_UNKNOWN_CA);
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_true(tin_native_handle(request) == native);
    unlink_all(&link);
}

/* ---- events --------------------------------------------------------------------------------- */

typedef struct event_log {
    unsigned created, complete, sent, redirects;
    tin_error last;
} event_log;

static void log_event(tin_handle handle, void *context, const tin_status *status)
{
    event_log *log = context;

    (void)handle;
    log->created += status->code == INTERNET_STATUS_HANDLE_CREATED;
    log->sent += status->code == INTERNET_STATUS_REQUEST_SENT;
    log->redirects += status->code == INTERNET_STATUS_REDIRECT;
    if (status->code == INTERNET_STATUS_REQUEST_COMPLETE) {
        log->complete++;
        log->last = status->result.error;
    }
}

static void events_tell_of_a_request(void **state)
{
    test_link link = link_to_routes(moving);
    event_log log = {0};
    tin_handle request;

    (void)state;
    assert_result(TIN_OK, tin_set_status_callback(link.connection, log_event, &log));
    request = request_for(&link, "GET", "/302");
    assert_int_equal(log.created, 1);
    assert_int_equal(log.complete, 1);
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_int_equal(log.created, 1);
    assert_int_equal(log.sent, 2);
    assert_int_equal(log.redirects, 1);
    assert_int_equal(log.complete, 2);
    assert_int_equal(log.last, TIN_OK);
    unlink_all(&link);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv6_addresses_get_their_brackets_back),
        cmocka_unit_test(the_request_line_is_what_was_asked_for),
        cmocka_unit_test(a_request_that_cannot_be_is_refused),
        cmocka_unit_test(referrer_and_types_are_headers),
        cmocka_unit_test(headers_are_added_replaced_removed),
        cmocka_unit_test(headers_of_a_send_replace_and_stay),
        cmocka_unit_test(the_agent_can_be_another),
        cmocka_unit_test(the_length_is_always_the_bodys_own),
        cmocka_unit_test(a_body_is_copied_whole),
        cmocka_unit_test(nothing_is_read_before_it_is_sent),
        cmocka_unit_test(an_answer_without_a_body_ends_at_once),
        cmocka_unit_test(a_broken_answer_is_an_error),
        cmocka_unit_test(a_short_body_is_truncated),
        cmocka_unit_test(sending_again_in_the_middle_of_a_body_begins_anew),
        cmocka_unit_test(a_redirect_keeps_the_method_or_makes_it_get),
        cmocka_unit_test(redirects_that_are_not_followed),
        cmocka_unit_test(secrets_stay_with_the_first_server),
        cmocka_unit_test(credentials_come_from_any_level),
        cmocka_unit_test(a_401_is_answered_by_sending_again),
        cmocka_unit_test(only_what_does_no_harm_twice_is_tried_again),
        cmocka_unit_test(after_a_timeout_it_can_be_sent_again),
        cmocka_unit_test(a_send_comes_back_at_its_deadline),
        cmocka_unit_test(a_send_can_be_cancelled_and_closed),
        cmocka_unit_test(a_busy_request_takes_no_second_call),
        cmocka_unit_test(decoding_is_asked_for_where_it_is_on),
        cmocka_unit_test(wrong_handles_are_refused),
        cmocka_unit_test(options_and_native_handles_reach_a_request),
        cmocka_unit_test(events_tell_of_a_request),
    };

    return test_run_group(tests, NULL, NULL);
}
