/* SPDX-License-Identifier: MIT */
/* Requests that are sent again, or used before they are there: nothing of what was before goes with
 * them, or holds them up. */
#include "request_fixture.h"
#include "wrap.h"

/* ---- after a seek --------------------------------------------------------------------------- */

static const fault_step ranges[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nAccept-Ranges: bytes\r\nETag: \"1\"\r\nContent-Length: 8\r\n\r\n"
               "01234567"),
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 206 Partial Content\r\nETag: \"1\"\r\nContent-Range: bytes 4-7/8\r\n"
               "Content-Length: 4\r\n\r\n4567"),
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n01234567"),
    FAULT_AGAIN,
};

static void what_was_sought_in_is_asked_for_whole_again(void **state)
{
    test_link link = link_to(ranges);
    tin_handle request = request_for(&link, "GET", "/");
    uint64_t position;
    char all[8];
    size_t got;

    (void)state;
    assert_result(TIN_OK, tin_set_read_buffer_size(request, 1));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_result(TIN_OK, tin_read_file(request, all, sizeof all, &got));
    assert_result(TIN_OK, tin_set_file_pointer(request, 4, FILE_BEGIN, &position));
    assert_string_equal(read_text(request), "4567");
    assert_true(has_line(received(link.server, 1), "Range: bytes=4-"));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_false(has_name(received(link.server, 2), "Range"));
    assert_false(has_name(received(link.server, 2), "If-Range"));
    unlink_all(&link);
}

/* ---- after a body that was not read --------------------------------------------------------- */

static const fault_step never_ends[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nx"),
    FAULT_MUTE,
    FAULT_END,
};
static const fault_step chunks_never_end[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"),
    FAULT_MUTE,
    FAULT_END,
};
static const fault_step answers[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    FAULT_AGAIN,
};

static void a_body_that_does_not_end_holds_nothing_up(void **state)
{
    static const fault_step *const first[] = {never_ends, chunks_never_end};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(first); i++) {
        const fault_step *const scripts[] = {first[i], answers, NULL};
        test_link link = link_with(fault_server_start_many(scripts), NULL, NULL);
        tin_handle request = request_for(&link, "GET", "/");

        assert_result(TIN_OK, tin_set_option_dword(request, INTERNET_OPTION_CONNECT_TIMEOUT, 3000));
        assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
        assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
        assert_string_equal(read_text(request), "hello");
        unlink_all(&link);
    }
}

/* ---- after a body that was read -------------------------------------------------------------- */

static void an_upload_has_room_after_a_read(void **state)
{
    enum { SIZE = 60000 };
    static const fault_step script[] = {
        FAULT_READ_REQUEST,
        FAULT_READ_BODY,
        FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        FAULT_AGAIN,
    };
    test_link link = link_to(script);
    tin_handle request = request_for(&link, "PUT", "/");
    char *bytes = malloc(SIZE);
    size_t written;

    (void)state;
    assert_non_null(bytes);
    memset(bytes, 'x', SIZE);
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_string_equal(read_text(request), "hello");
    assert_result(TIN_OK, tin_http_send_request_ex(request, NULL, SIZE));
    assert_result(TIN_OK, tin_write_file(request, bytes, SIZE, &written));
    assert_result(TIN_OK, tin_http_end_request(request));
    assert_string_equal(read_text(request), "hello");
    free(bytes);
    unlink_all(&link);
}

/* ---- after the dialog ----------------------------------------------------------------------- */

TIN_WRAP(InternetErrorDlg);

static DWORD WINAPI wrap_InternetErrorDlg(HWND window, HINTERNET request, DWORD error, DWORD flags,
                                          LPVOID *data)
{
    (void)window, (void)error, (void)flags, (void)data;
    InternetSetOptionW(request, INTERNET_OPTION_USERNAME, (void *)L"user", 4);
    InternetSetOptionW(request, INTERNET_OPTION_PASSWORD, (void *)L"right", 5);
    return ERROR_INTERNET_FORCE_RETRY;
}

static void what_the_user_typed_is_sent(void **state)
{
    static const fault_step script[] = {
        FAULT_READ_REQUEST,
        FAULT_SEND("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"r\"\r\n"
                   "Content-Length: 5\r\n\r\nagain"),
        FAULT_AGAIN,
    };
    test_link link = link_with(fault_server_start(script), "user", "wrong");
    tin_handle request = request_for(&link, "GET", "/");
    const char *last = "";
    DWORD answer;

    (void)state;
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_int_equal(status_of(request), 401);
    assert_result(
        TIN_OK, tin_error_dlg(NULL, request, ERROR_INTERNET_INCORRECT_PASSWORD, 0, NULL, &answer));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    last = received(link.server, fault_server_count(link.server, FAULT_REQUESTS) - 1);
    assert_true(has_line(last, "Authorization: Basic dXNlcjpyaWdodA==")); /* user:right */
    unlink_all(&link);
}

/* ---- before the connection is there --------------------------------------------------------- */

static tin_result early;

static void open_at_once(tin_handle handle, void *context, const tin_status *status)
{
    tin_handle request;

    (void)handle, (void)context;
    if (status->code != INTERNET_STATUS_HANDLE_CREATED || early.error != TIN_E_INTERNAL)
        return;
    early = (tin_result){TIN_E_ARGUMENT, 0};
    early = tin_http_open_request(status->handle, NULL, NULL, NULL, NULL, NULL, 0, NULL, &request);
}

static void a_connection_that_is_being_made_opens_no_request(void **state)
{
    tin_handle session, connection;

    (void)state;
    early = (tin_result){TIN_E_INTERNAL, 0};
    assert_result(TIN_OK, tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
    assert_result(TIN_OK, tin_set_status_callback(session, open_at_once, NULL));
    assert_result(TIN_OK, tin_connect(session, "127.0.0.1", 80, NULL, NULL, INTERNET_SERVICE_HTTP,
                                      0, NULL, &connection));
    assert_int_equal(early.error, TIN_E_STATE);
    assert_result(TIN_OK, tin_close_handle(session));
}

/* ---- a head that was cancelled -------------------------------------------------------------- */

static void cancel_when_sent(tin_handle handle, void *context, const tin_status *status)
{
    (void)context;
    if (status->code == INTERNET_STATUS_REQUEST_SENT)
        (void)!tin_ok(tin_cancel(handle));
}

static void a_cancelled_head_leaves_no_connection_behind(void **state)
{
    static const fault_step script[] = {
        FAULT_READ_REQUEST,
        FAULT_READ_BODY,
        FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        FAULT_AGAIN,
    };
    test_link link = link_to(script);
    tin_handle request = request_for(&link, "GET", "/");

    (void)state;
    assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
    assert_string_equal(read_text(request), "hello");
    assert_result(TIN_OK, tin_close_handle(request));
    request = request_for(&link, "PUT", "/");
    assert_result(TIN_OK, tin_set_status_callback(request, cancel_when_sent, NULL));
    assert_result(TIN_E_CANCELLED, tin_http_send_request_ex(request, NULL, 1000));
    assert_result(TIN_OK, tin_close_handle(request));
    assert_true(fault_server_wait(link.server, FAULT_CLOSED, 1, TEST_PATIENCE_MS));
    unlink_all(&link);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sought_in_is_asked_for_whole_again),
        cmocka_unit_test(a_body_that_does_not_end_holds_nothing_up),
        cmocka_unit_test(a_cancelled_head_leaves_no_connection_behind),
        cmocka_unit_test(an_upload_has_room_after_a_read),
        cmocka_unit_test(what_the_user_typed_is_sent),
        cmocka_unit_test(a_connection_that_is_being_made_opens_no_request),
    };

    return test_run_group(tests, NULL, NULL);
}
