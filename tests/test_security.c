/* SPDX-License-Identifier: MIT */
/*
 * What nobody may do through the library, by claim. Elsewhere: redirects to files, shares and from
 * https to http in test_fault_redirect and test_real_redirect, secrets at another origin in
 * test_promises, pages of a proxy in test_proxy, how programs are linked in images.cmake, which
 * functions are imported (none that loads a DLL) in imports.cmake.
 */
#include "request_fixture.h"

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
        {"verb", as_verb},         {"object", as_object},
        {"referrer", as_referrer}, {"type", as_type},
        {"value", as_value},       {"URL", as_url},
        {"agent", as_agent},       {"agent, later", as_agent_option},
        {"user", as_user},         {"cookie", as_cookie},
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
static const fault_route routes[] = {{"/", moves_on}, {"/there", arrives}, {NULL, NULL}};

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

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(looks); i++) {
        test_link link = link_to_routes(routes);
        char url[256];
        tin_handle file, request;
        size_t found;

        snprintf(url, sizeof url, "http://user:" SECRET "@127.0.0.1:%u/",
                 fault_server_port(link.server));
        guarded_heap_look_for(looks[i].bytes, looks[i].size);
        assert_result(TIN_OK, tin_set_option_text(link.session, INTERNET_OPTION_PASSWORD, SECRET));
        assert_result(TIN_OK, tin_open_url(link.session, url, "Authorization: Basic " SECRET,
                                           INTERNET_FLAG_RELOAD, NULL, &file));
        request = request_for(&link, "POST", "/there");
        assert_result(TIN_OK, tin_http_add_request_headers(request, "Cookie: a=" SECRET,
                                                           HTTP_ADDREQ_FLAG_ADD));
        assert_result(TIN_OK,
                      tin_http_send_request(request, "Proxy-Authorization: " SECRET, NULL, 0));
        unlink_all(&link);
        tin__wait_until_idle(TEST_PATIENCE_MS);
        found = guarded_heap_found();
        guarded_heap_look_for(NULL, 0);
        if (found != 0)
            fail_msg("%s: in %u blocks", looks[i].name, (unsigned)found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_text_becomes_a_line_of_the_request),
        cmocka_unit_test(no_escape_becomes_a_command_of_ftp),
        cmocka_unit_test(no_event_option_or_sentence_shows_a_password),
        cmocka_unit_test(no_freed_memory_holds_a_secret),
    };

    return test_run_group(tests, NULL, NULL);
}
