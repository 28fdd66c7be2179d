/* SPDX-License-Identifier: MIT */
/* One source with TCHAR, compiled with UNICODE and without: every name leads to the right twin. */
#include "test.h"

#include <tchar.h>

#include "fault_server.h"

#include <thininet/tchar.h>
#include <thininet/thininet.h>

#ifdef UNICODE
#define IS_WIDE true
#else
#define IS_WIDE false
#endif

static const fault_step answer[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    FAULT_AGAIN,
};

/* UTF-8 as this build's text. */
static const TCHAR *text_of(const char *utf8)
{
    static TCHAR rooms[4][1024];
    static unsigned next;
    TCHAR *room = rooms[next++ % TEST_COUNT_OF(rooms)];

#ifdef UNICODE
    assert_true(MultiByteToWideChar(CP_UTF8, 0, utf8, -1, room, 1024) > 0);
#else
    assert_true(strlen(utf8) < 1024);
    strcpy(room, utf8);
#endif
    return room;
}

static tin_handle open_session(void)
{
    tin_handle session;

    assert_int_equal(
        tin_open_t(_T("agent"), INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session).error, TIN_OK);
    return session;
}

static void assert_reads(tin_handle file, const char *should_be)
{
    char bytes[64];
    size_t got;

    assert_int_equal(tin_read_file(file, bytes, sizeof bytes, &got).error, TIN_OK);
    assert_int_equal(got, strlen(should_be));
    assert_memory_equal(bytes, should_be, got);
}

static unsigned events;

static void count_events(tin_handle handle, void *context, const tin_status_t *status)
{
    const TCHAR *text = status->text;

    (void)handle, (void)context;
    if (status->code == INTERNET_STATUS_CONNECTING_TO_SERVER && text != NULL &&
        _tcsstr(text, _T("127.0.0.1")) != NULL)
        events++;
}

static void a_page_is_opened(void **state)
{
    fault_server *server = fault_server_start(answer);
    tin_status_callback_t *callback = count_events;
    tin_handle session = open_session(), file;
    TCHAR agent[16];
    size_t size = sizeof agent;

    (void)state;
    events = 0;
    assert_int_equal(tin_set_status_callback_t(session, callback, NULL).error, TIN_OK);
    assert_int_equal(tin_set_option_text_t(session, INTERNET_OPTION_USER_AGENT, _T("other")).error,
                     TIN_OK);
    assert_int_equal(
        tin_query_option_text_t(session, INTERNET_OPTION_USER_AGENT, agent, &size).error, TIN_OK);
    assert_int_equal(size, 5 * sizeof(TCHAR));
    assert_int_equal(_tcscmp(agent, _T("other")), 0);
    assert_int_equal(tin_open_url_t(session, text_of(fault_server_url(server, "/")),
                                    _T("X-Y: z\r\n"), 0, NULL, &file)
                         .error,
                     TIN_OK);
    assert_reads(file, "hello");
    assert_int_equal(events, 1);
    size = sizeof agent;
    assert_int_equal(tin_get_last_response_info_t(session, agent, &size).error, TIN_OK);
    assert_int_equal(size, 0);
    assert_int_equal(tin_close_handle(session).error, TIN_OK);
    fault_server_stop(server);
}

static void a_local_file_is_opened(void **state)
{
    tin_handle session = open_session(), file;

    (void)state;
    assert_int_equal(
        tin_open_url_t(session, text_of(test_file("local", 5)), NULL, 0, NULL, &file).error,
        TIN_OK);
    assert_reads(file, "local");
    assert_int_equal(tin_close_handle(session).error, TIN_OK);
}

static void a_connection_is_opened(void **state)
{
    tin_handle session = open_session(), connection;

    (void)state;
    assert_int_equal(tin_connect_t(session, _T("127.0.0.1"), 80, NULL, NULL, INTERNET_SERVICE_HTTP,
                                   0, NULL, &connection)
                         .error,
                     TIN_OK);
    assert_int_equal(tin_close_handle(session).error, TIN_OK);
}

static void urls_come_apart_and_together(void **state)
{
    tin_url_parts_t *parts;
    TCHAR text[64];
    size_t size = sizeof text;

    (void)state;
    assert_int_equal(tin_crack_url_t(_T("http://h/x?q"), 0, &parts).error, TIN_OK);
    assert_int_equal(_tcscmp(parts->path, _T("/x")), 0);
    assert_int_equal(tin_create_url_t(parts, 0, text, &size).error, TIN_OK);
    assert_int_equal(_tcscmp(text, _T("http://h/x?q")), 0);
    tin_free_url_parts_t(parts);
    size = sizeof text;
    assert_int_equal(tin_canonicalize_url_t(_T("HTTP://H"), 0, text, &size).error, TIN_OK);
    assert_int_equal(_tcscmp(text, _T("http://h/")), 0);
    size = sizeof text;
    assert_int_equal(tin_combine_url_t(text, _T("y"), 0, text, &size).error, TIN_OK);
    assert_int_equal(_tcscmp(text, _T("http://h/y")), 0);
}

static void cookies_are_set_and_told(void **state)
{
    TCHAR text[64];
    size_t size = sizeof text;

    (void)state;
    assert_int_equal(tin_set_cookie_t(_T("http://tchar.thininet.test/"), _T("a"), _T("1")).error,
                     TIN_OK);
    assert_int_equal(
        tin_get_cookie_t(_T("http://tchar.thininet.test/"), _T("a"), text, &size).error, TIN_OK);
    assert_int_equal(_tcscmp(text, _T("a=1")), 0);
    assert_int_equal(
        tin_set_cookie_ex_t(_T("http://tchar.thininet.test/"), _T("a"), _T("2"), 0).error, TIN_OK);
    size = sizeof text;
    assert_int_equal(
        tin_get_cookie_ex_t(_T("http://tchar.thininet.test/"), NULL, 0, text, &size).error, TIN_OK);
    assert_int_equal(_tcscmp(text, _T("a=2")), 0);
}

static void results_are_described(void **state)
{
    const tin_result result = {TIN_E_TIMEOUT, 0};
    TCHAR text[256];

    (void)state;
    assert_true(tin_describe_t(result, text, sizeof text) > 0);
    assert_non_null(_tcsstr(text, _T("TIN_E_TIMEOUT")));
}

/* Without UNICODE the text is UTF-8, not that of the code page. */
static void text_is_never_of_a_code_page(void **state)
{
    tin_url_parts_t *parts;

    (void)state;
    assert_int_equal(tin_crack_url_t(_T("http://h/\xE9"), 0, &parts).error,
                     IS_WIDE ? TIN_OK : TIN_E_ARGUMENT);
    tin_free_url_parts_t(parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_opened),
        cmocka_unit_test(a_local_file_is_opened),
        cmocka_unit_test(a_connection_is_opened),
        cmocka_unit_test(urls_come_apart_and_together),
        cmocka_unit_test(cookies_are_set_and_told),
        cmocka_unit_test(results_are_described),
        cmocka_unit_test(text_is_never_of_a_code_page),
    };

    return test_run_group(tests, NULL, test_files_remove);
}
