/* SPDX-License-Identifier: MIT */
/* What the status callback hears of real servers, and the UTF-16 twins. */
#include "real_server.h"

#include "fault_server.h"

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

/* ---- Nobody there */

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(http_events_come_in_order_on_the_calling_thread),
        TEST(events_of_a_failed_open_end_with_its_result),
        TEST(context_of_the_call_outweighs_the_sessions),
        TEST(no_callback_no_events),
        TEST(utf16_twins_do_the_same_for_http),
        TEST(utf16_twins_take_user_options),
        TEST(utf16_twins_do_the_same_for_ftp),
        TEST(refused_connections_are_told),
    };

    return test_run_group(tests, NULL, NULL);
}
