/* SPDX-License-Identifier: MIT */
/* Redirects of nginx, and what follows them. */
#include "real_server.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(redirects_are_followed_up_to_ten),
        TEST(redirects_are_followed_up_to_the_limit_that_is_set),
        TEST(redirect_events_name_each_next_url),
        TEST(no_auto_redirect_opens_the_3xx_itself),
        TEST(secrets_do_not_follow_to_another_origin),
    };

    return test_run_group(tests, NULL, NULL);
}
