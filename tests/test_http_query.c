/* SPDX-License-Identifier: MIT */
/* What an answer says, as text, as a number, as a date. */
#include "request_fixture.h"
#include "wrap.h"

#define HEAD                                                                                       \
    "HTTP/1.1 206 Some Of It\r\n"                                                                  \
    "Content-Length: 5\r\n"                                                                        \
    "Content-Type: text/plain\r\n"                                                                 \
    "Content-Range: bytes 0-4/5000000000\r\n"                                                      \
    "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"                                             \
    "X-Big: 18446744073709551615\r\n"                                                              \
    "Age: 5000000000\r\n"                                                                          \
    "Retry-After: -1\r\n"                                                                          \
    "Expires: 0\r\n"                                                                               \
    "Set-Cookie: a=1\r\n"                                                                          \
    "Set-Cookie: b=2\r\n"                                                                          \
    "Set-Cookie: c=3\r\n"                                                                          \
    "ETag:\r\n"                                                                                    \
    "X-Latin: \xE9\r\n"                                                                            \
    "\r\n"

static const fault_step script[] = {FAULT_READ_REQUEST, FAULT_SEND(HEAD "hello"), FAULT_AGAIN};

/* The same questions to a request and to a file of tin_open_url(). */
typedef struct answered {
    test_link link;
    tin_handle handles[2];
} answered;

static int ask(void **state)
{
    static answered all;
    const char *url;

    all.link = link_to(script);
    url = fault_server_url(all.link.server, "/");
    all.handles[0] = request_for(&all.link, "GET", "/");
    assert_result(TIN_OK, tin_http_send_request(all.handles[0], "X-Asked: yes", NULL, 0));
    assert_result(TIN_OK,
                  tin_open_url(all.link.session, url, "X-Asked: yes", 0, NULL, &all.handles[1]));
    *state = &all;
    return 0;
}

static int forget(void **state)
{
    answered *all = *state;

    unlink_all(&all->link);
    return 0;
}

static void a_level_is_told_as_text(void **state)
{
    static const struct row {
        const char *name;
        DWORD info;
        tin_error error;
        const char *text;
    } rows[] = {
        {"status", HTTP_QUERY_STATUS_CODE, TIN_OK, "206"},
        {"status text", HTTP_QUERY_STATUS_TEXT, TIN_OK, "Some Of It"},
        {"version", HTTP_QUERY_VERSION, TIN_OK, "HTTP/1.1"},
        {"length", HTTP_QUERY_CONTENT_LENGTH, TIN_OK, "5"},
        {"type", HTTP_QUERY_CONTENT_TYPE, TIN_OK, "text/plain"},
        {"range", HTTP_QUERY_CONTENT_RANGE, TIN_OK, "bytes 0-4/5000000000"},
        {"date as text", HTTP_QUERY_LAST_MODIFIED, TIN_OK, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {"empty", HTTP_QUERY_ETAG, TIN_OK, ""},
        {"not there", HTTP_QUERY_SERVER, TIN_E_NOT_FOUND, ""},
        {"no such level", 0xFF, TIN_E_NOT_FOUND, ""},
        {"as a number", HTTP_QUERY_CONTENT_LENGTH | HTTP_QUERY_FLAG_NUMBER, TIN_E_ARGUMENT, ""},
        {"as a number of 64 bits", HTTP_QUERY_CONTENT_LENGTH | 0x08000000, TIN_E_ARGUMENT, ""},
        {"as a date", HTTP_QUERY_LAST_MODIFIED | HTTP_QUERY_FLAG_SYSTEMTIME, TIN_E_ARGUMENT, ""},
    };
    const answered *all = *state;

    for (size_t i = 0; i < 2 * TEST_COUNT_OF(rows); i++) {
        const struct row *row = &rows[i / 2];
        char text[64] = "";
        wchar_t wide[64] = L"";
        size_t size = sizeof text, needed = 0, wide_size = sizeof wide;
        tin_result result = tin_http_query_info(all->handles[i % 2], row->info, text, &size, NULL);

        if (result.error != row->error || size != strlen(row->text) || strcmp(text, row->text) != 0)
            fail_msg("%s: %s, \"%s\"", row->name, tin_error_name(result.error), text);
        result = tin_http_query_info_w(all->handles[i % 2], row->info, wide, &wide_size, NULL);
        if (result.error != row->error || wide_size != 2 * strlen(row->text))
            fail_msg("%s, UTF-16: %s", row->name, tin_error_name(result.error));
        for (size_t k = 0; k <= strlen(row->text); k++)
            assert_int_equal(wide[k], (unsigned char)row->text[k]);
        if (row->error != TIN_OK)
            continue;
        assert_result(TIN_E_BUFFER_TOO_SMALL,
                      tin_http_query_info(all->handles[i % 2], row->info, NULL, &needed, NULL));
        assert_int_equal(needed, strlen(row->text) + 1);
    }
}

static void several_of_a_name_are_told_by_index(void **state)
{
    static const char *const cookies[] = {"a=1", "b=2", "c=3"};
    const answered *all = *state;

    for (size_t i = 0; i < 2; i++) {
        DWORD index = 0;
        char text[64];
        size_t size;

        for (DWORD k = 0; k < 3; k++) {
            size = 2;
            assert_result(
                TIN_E_BUFFER_TOO_SMALL,
                tin_http_query_info(all->handles[i], HTTP_QUERY_SET_COOKIE, text, &size, &index));
            assert_int_equal(index, k);
            assert_int_equal(size, 4);
            assert_result(TIN_OK, tin_http_query_info(all->handles[i], HTTP_QUERY_SET_COOKIE, text,
                                                      &size, &index));
            assert_string_equal(text, cookies[k]);
            assert_int_equal(index, k + 1);
        }
        size = sizeof text;
        assert_result(TIN_E_NOT_FOUND, tin_http_query_info(all->handles[i], HTTP_QUERY_SET_COOKIE,
                                                           text, &size, &index));
        assert_int_equal(size, 0);
        assert_int_equal(index, 3);
    }
}

static void a_header_is_told_by_its_name(void **state)
{
    const answered *all = *state;

    for (size_t i = 0; i < 2; i++) {
        const tin_handle handle = all->handles[i];
        char text[64] = "x-big";
        wchar_t wide[64] = L"X-Big";
        size_t size = sizeof text;
        DWORD index = 1;

        assert_result(TIN_OK, tin_http_query_info(handle, HTTP_QUERY_CUSTOM, text, &size, NULL));
        assert_string_equal(text, "18446744073709551615");
        size = sizeof wide;
        assert_result(TIN_OK, tin_http_query_info_w(handle, HTTP_QUERY_CUSTOM, wide, &size, NULL));
        assert_int_equal(wcscmp(wide, L"18446744073709551615"), 0);
        size = sizeof text;
        assert_result(TIN_OK, tin_http_query_header(handle, "Set-Cookie", text, &size, &index));
        assert_string_equal(text, "b=2");
        assert_int_equal(index, 2);
        size = sizeof wide;
        assert_result(TIN_OK, tin_http_query_header_w(handle, L"ETag", wide, &size, NULL));
        assert_int_equal(size, 0);
        assert_int_equal(wide[0], 0); /* and not the name */
        size = sizeof text;
        assert_result(TIN_E_NOT_FOUND, tin_http_query_header(handle, "X-No", text, &size, NULL));
        assert_int_equal(size, 0);
        strcpy(text, "X-Asked");
        size = sizeof text;
        assert_result(
            TIN_OK, tin_http_query_info(handle, HTTP_QUERY_CUSTOM | HTTP_QUERY_FLAG_REQUEST_HEADERS,
                                        text, &size, NULL));
        assert_string_equal(text, "yes");
        /* no name, no end of a name, no name of a header */
        size = 0;
        assert_result(TIN_E_ARGUMENT,
                      tin_http_query_info(handle, HTTP_QUERY_CUSTOM, NULL, &size, NULL));
        strcpy(text, "X-Asked");
        size = 3;
        assert_result(TIN_E_ARGUMENT,
                      tin_http_query_info(handle, HTTP_QUERY_CUSTOM, text, &size, NULL));
        size = sizeof text;
        assert_result(TIN_E_ARGUMENT, tin_http_query_header(handle, "a b", text, &size, NULL));
        assert_result(TIN_E_ARGUMENT, tin_http_query_header(handle, NULL, text, &size, NULL));
        assert_result(TIN_E_ARGUMENT, tin_http_query_header(handle, "a", text, NULL, NULL));
    }
}

static void all_headers_are_told_at_once(void **state)
{
    const answered *all = *state;

    for (size_t i = 0; i < 2; i++) {
        char text[1024], raw[1024];
        wchar_t wide[1024];
        size_t size = sizeof text, raw_size = sizeof raw, wide_size = sizeof wide, small = 10;
        size_t lines = 0;

        assert_result(TIN_OK, tin_http_query_info(all->handles[i], HTTP_QUERY_RAW_HEADERS_CRLF,
                                                  text, &size, NULL));
        assert_int_equal(strncmp(text, "HTTP/1.1 206 Some Of It\r\n", 25), 0);
        assert_non_null(strstr(text, "\r\nSet-Cookie: c=3\r\n"));
        assert_result(
            TIN_E_BUFFER_TOO_SMALL,
            tin_http_query_info(all->handles[i], HTTP_QUERY_RAW_HEADERS, raw, &small, NULL));
        assert_result(TIN_OK, tin_http_query_info(all->handles[i], HTTP_QUERY_RAW_HEADERS, raw,
                                                  &raw_size, NULL));
        assert_int_equal(small, raw_size + 1);
        assert_string_equal(raw, "HTTP/1.1 206 Some Of It");
        for (const char *line = raw; *line != '\0'; line += strlen(line) + 1)
            lines++;
        assert_int_equal(lines, 14);
        assert_result(TIN_OK, tin_http_query_info_w(all->handles[i], HTTP_QUERY_RAW_HEADERS, wide,
                                                    &wide_size, NULL));
        assert_int_equal(wcscmp(wide, L"HTTP/1.1 206 Some Of It"), 0);
        assert_int_equal(wide[wide_size / 2], 0);
        assert_int_equal(wide[wide_size / 2 - 1], 0);
        assert_int_not_equal(wide[wide_size / 2 - 2], 0);
    }
}

static void numbers_have_64_bits_and_nothing_else(void **state)
{
    static const struct row {
        const char *name;
        DWORD info;
        tin_error error;
        uint64_t value;
    } rows[] = {
        {"status", HTTP_QUERY_STATUS_CODE, TIN_OK, 206},
        {"length", HTTP_QUERY_CONTENT_LENGTH, TIN_OK, 5},
        {"with a flag", HTTP_QUERY_CONTENT_LENGTH | HTTP_QUERY_FLAG_NUMBER, TIN_OK, 5},
        {"with the other flag", HTTP_QUERY_CONTENT_LENGTH | 0x08000000, TIN_OK, 5},
        {"above 4 GiB", HTTP_QUERY_AGE, TIN_OK, 5000000000ull},
        {"negative", HTTP_QUERY_RETRY_AFTER, TIN_E_PROTOCOL, 0},
        {"text", HTTP_QUERY_CONTENT_TYPE, TIN_E_PROTOCOL, 0},
        {"empty", HTTP_QUERY_ETAG, TIN_E_PROTOCOL, 0},
        {"not there", HTTP_QUERY_SERVER, TIN_E_NOT_FOUND, 0},
        {"a date", HTTP_QUERY_DATE | HTTP_QUERY_FLAG_SYSTEMTIME, TIN_E_ARGUMENT, 0},
        {"a name", HTTP_QUERY_CUSTOM, TIN_E_ARGUMENT, 0},
    };
    const answered *all = *state;

    for (size_t i = 0; i < 2 * TEST_COUNT_OF(rows); i++) {
        const struct row *row = &rows[i / 2];
        uint64_t value = 77;
        const tin_result result =
            tin_http_query_info_u64(all->handles[i % 2], row->info, &value, NULL);

        if (result.error != row->error || value != row->value)
            fail_msg("%s: %s, %u", row->name, tin_error_name(result.error), (unsigned)value);
    }
    assert_result(TIN_E_ARGUMENT, tin_http_query_info_u64(all->handles[0], 5, NULL, NULL));
    assert_result(TIN_E_ARGUMENT, tin_http_status(all->handles[0], NULL));
}

static void dates_are_told_as_dates(void **state)
{
    const answered *all = *state;
    SYSTEMTIME time;
    DWORD index = 0;

    for (size_t i = 0; i < 2; i++, index = 0) {
        assert_result(TIN_OK, tin_http_query_info_time(all->handles[i], HTTP_QUERY_LAST_MODIFIED,
                                                       &time, &index));
        assert_int_equal(time.wYear, 1994);
        assert_int_equal(index, 1);
        assert_result(
            TIN_OK, tin_http_query_info_time(all->handles[i],
                                             HTTP_QUERY_LAST_MODIFIED | HTTP_QUERY_FLAG_SYSTEMTIME,
                                             &time, NULL));
        assert_result(TIN_E_PROTOCOL,
                      tin_http_query_info_time(all->handles[i], HTTP_QUERY_EXPIRES, &time, NULL));
        assert_int_equal(time.wYear, 0);
        assert_result(TIN_E_NOT_FOUND,
                      tin_http_query_info_time(all->handles[i], HTTP_QUERY_DATE, &time, NULL));
    }
    assert_result(TIN_E_ARGUMENT,
                  tin_http_query_info_time(all->handles[0], HTTP_QUERY_DATE, NULL, NULL));
}

static void dates_have_three_forms(void **state)
{
    static const struct row {
        const wchar_t *text;
        WORD year, month, day, weekday, hour, minute, second;
    } rows[] = {
        {L"Sun, 06 Nov 1994 08:49:37 GMT", 1994, 11, 6, 0, 8, 49, 37},
        {L"Sunday, 06-Nov-94 08:49:37 GMT", 1994, 11, 6, 0, 8, 49, 37},
        {L"Sun Nov  6 08:49:37 1994", 1994, 11, 6, 0, 8, 49, 37},
        {L"Wed Nov 16 08:49:37 1994", 1994, 11, 16, 3, 8, 49, 37},
        {L"sun, 6 nov 1994 08:49:37 gmt", 1994, 11, 6, 0, 8, 49, 37},
        {L"Sat, 29 Feb 2020 23:59:60 GMT", 2020, 2, 29, 6, 23, 59, 59},
        {L"Thursday, 01-Jan-70 00:00:00 GMT", 2070, 1, 1, 3, 0, 0, 0},
        {L"Mon, 06 Nov 1994 08:49:37 GMT", 1994, 11, 6, 0, 8, 49, 37}, /* the day is not Monday */
        {L"", 0, 0, 0, 0, 0, 0, 0},
        {L"0", 0, 0, 0, 0, 0, 0, 0},
        {L"Sun, 06 Nov 1994", 0, 0, 0, 0, 0, 0, 0},
        {L"Sun, 06 Nov 1994 08:49:37", 0, 0, 0, 0, 0, 0, 0},
        {L"Sun, 06 Nov 1994 08:49:37 CET", 0, 0, 0, 0, 0, 0, 0},
        {L"Sun, 06 Nov 1994 08:49:37 GMT x", 0, 0, 0, 0, 0, 0, 0},
        {L"Sun, 31 Feb 1994 08:49:37 GMT", 0, 0, 0, 0, 0, 0, 0},
        {L"Sun, 06 Nov 1994 24:00:00 GMT", 0, 0, 0, 0, 0, 0, 0},
        {L"Sun, 006 Nov 1994 08:49:37 GMT", 0, 0, 0, 0, 0, 0, 0},
        {L"Sun, 06 Nov 199 08:49:37 GMT", 0, 0, 0, 0, 0, 0, 0},
        {L"Sun, 06 Foo 1994 08:49:37 GMT", 0, 0, 0, 0, 0, 0, 0},
        {L"Foo, 06 Nov 1994 08:49:37 GMT", 0, 0, 0, 0, 0, 0, 0},
        {L"Sun Nov  6 08:49:37 94x", 0, 0, 0, 0, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        SYSTEMTIME time;
        const bool good = tin__parse_date(row->text, &time);

        if (good != (row->year != 0))
            fail_msg("%ls: %s", row->text, good ? "good" : "bad");
        if (good &&
            (time.wYear != row->year || time.wMonth != row->month || time.wDay != row->day ||
             time.wDayOfWeek != row->weekday || time.wHour != row->hour ||
             time.wMinute != row->minute || time.wSecond != row->second))
            fail_msg("%ls: %u-%u-%u (%u) %u:%u:%u", row->text, time.wYear, time.wMonth, time.wDay,
                     time.wDayOfWeek, time.wHour, time.wMinute, time.wSecond);
    }
}

static void a_request_is_told_before_it_is_sent(void **state)
{
    test_link link = link_to(script);
    tin_handle request = request_for(&link, "PUT", "/a");
    char text[1024];
    size_t size = sizeof text;
    uint64_t number;
    SYSTEMTIME time;
    DWORD status;

    (void)state;
    assert_result(TIN_OK,
                  tin_http_add_request_headers(request, "X-A: 1\r\nX-A: 2", HTTP_ADDREQ_FLAG_ADD));
    assert_result(TIN_OK,
                  tin_http_query_info(request,
                                      HTTP_QUERY_RAW_HEADERS_CRLF | HTTP_QUERY_FLAG_REQUEST_HEADERS,
                                      text, &size, NULL));
    assert_non_null(strstr(text, "X-A: 1\r\nX-A: 2\r\n"));
    size = sizeof text;
    assert_result(TIN_E_STATE,
                  tin_http_query_info(request, HTTP_QUERY_CONTENT_TYPE, text, &size, NULL));
    assert_int_equal(size, 0);
    assert_result(TIN_E_STATE, tin_http_query_info_u64(request, 5, &number, NULL));
    assert_result(TIN_E_STATE, tin_http_query_info_time(request, HTTP_QUERY_DATE, &time, NULL));
    assert_result(TIN_E_STATE, tin_http_status(request, &status));
    assert_result(TIN_E_ARGUMENT, tin_http_query_info(request, 5, text, NULL, NULL));
    assert_result(TIN_E_ARGUMENT, tin_http_query_info_w(request, 5, NULL, NULL, NULL));
    size = sizeof text;
    assert_result(TIN_E_HANDLE, tin_http_query_info(link.connection, 5, text, &size, NULL));
    assert_int_equal(size, 0);
    unlink_all(&link);
}

static void a_long_header_is_told_whole(void **state)
{
    enum { LENGTH = 4000 };
    static char head[LENGTH + 100], text[LENGTH + 100];
    fault_step steps[] = {FAULT_READ_REQUEST, FAULT_SEND_BYTES(head, 0), FAULT_END};
    int length = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nServer: %0*d\r\n\r\n", LENGTH, 7);
    test_link link;
    tin_handle request;
    size_t size = sizeof text;

    (void)state;
    steps[1].amount = (uint64_t)length;
    link = link_to(steps);
    request = request_for(&link, NULL, NULL);
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_result(TIN_OK, tin_http_query_info(request, HTTP_QUERY_SERVER, text, &size, NULL));
    assert_int_equal(size, LENGTH);
    assert_int_equal(text[LENGTH - 1], '7');
    unlink_all(&link);
}

/* ---- the dialog ----------------------------------------------------------------------------- */

static struct {
    DWORD answer, error, flags;
    HINTERNET request;
    HWND window;
    void **data;
} dialog;

TIN_WRAP(InternetErrorDlg);

static DWORD WINAPI wrap_InternetErrorDlg(HWND window, HINTERNET request, DWORD error, DWORD flags,
                                          LPVOID *data)
{
    dialog.window = window;
    dialog.request = request;
    dialog.error = error;
    dialog.flags = flags;
    dialog.data = data;
    return dialog.answer;
}

static void the_dialogs_answer_is_told(void **state)
{
    static const struct row {
        DWORD answer;
        tin_error error;
    } rows[] = {
        {ERROR_SUCCESS, TIN_OK},
        {ERROR_INTERNET_FORCE_RETRY, TIN_OK},
        {ERROR_CANCELLED, TIN_E_CANCELLED},
        {ERROR_INVALID_PARAMETER, TIN_E_ARGUMENT},
    };
    const answered *all = *state;
    const HWND window = GetDesktopWindow();
    void *data = NULL;
    DWORD answer;

    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        dialog.answer = rows[i].answer;
        assert_result(rows[i].error, tin_error_dlg(window, all->handles[0],
                                                   ERROR_INTERNET_INVALID_CA, 5, &data, &answer));
        assert_int_equal(answer, rows[i].answer);
        assert_true(dialog.window == window);
        assert_true(dialog.request == tin_native_handle(all->handles[0]));
        assert_int_equal(dialog.error, ERROR_INTERNET_INVALID_CA);
        assert_int_equal(dialog.flags, 5);
        assert_true(dialog.data == &data);
    }
    assert_result(TIN_E_ARGUMENT, tin_error_dlg(NULL, all->handles[0], 0, 0, NULL, NULL));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_level_is_told_as_text, ask, forget),
        cmocka_unit_test_setup_teardown(several_of_a_name_are_told_by_index, ask, forget),
        cmocka_unit_test_setup_teardown(a_header_is_told_by_its_name, ask, forget),
        cmocka_unit_test_setup_teardown(all_headers_are_told_at_once, ask, forget),
        cmocka_unit_test_setup_teardown(numbers_have_64_bits_and_nothing_else, ask, forget),
        cmocka_unit_test_setup_teardown(dates_are_told_as_dates, ask, forget),
        cmocka_unit_test(dates_have_three_forms),
        cmocka_unit_test(a_request_is_told_before_it_is_sent),
        cmocka_unit_test(a_long_header_is_told_whole),
        cmocka_unit_test_setup_teardown(the_dialogs_answer_is_told, ask, forget),
    };

    return test_run_group(tests, NULL, NULL);
}
