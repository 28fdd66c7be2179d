/* SPDX-License-Identifier: MIT */
/* The patterns of docs/porting-from-mfc.md, as they stand there. */
#include "test.h"

#include <thininet/thininet.h>

#include "fault_server.h"

#include "porting_patterns.h"

static tin_handle open_session(void)
{
    tin_handle session;

    assert_true(tin_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session)));
    return session;
}

static const fault_step page[] = {FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n"
                                             "first\r\nsecond\nthe third\n\n"),
                                  FAULT_END};
static const fault_step cut[] = {FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut"),
                                 FAULT_END};
static const fault_route routes[] = {{"/page", page}, {"/cut", cut}, {NULL, NULL}};

static void a_page_is_copied_or_its_failure_is_returned(void **state)
{
    fault_server *server = fault_server_start_routes(routes);
    const tin_handle session = open_session();
    const char *path = test_file_path();
    FILE *to = fopen(path, "wb");
    char *text;
    size_t size;

    (void)state;
    assert_non_null(to);
    assert_int_equal(copy_page(session, fault_server_url(server, "/page"), to).error, TIN_OK);
    assert_int_equal(copy_page(session, fault_server_url(server, "/cut"), to).error,
                     TIN_E_TRUNCATED);
    assert_int_equal(copy_page(session, "http://", to).error, TIN_E_URL);
    fclose(to);
    text = test_file_read(path, &size);
    assert_string_equal(text, "first\r\nsecond\nthe third\n\ncut");
    free(text);
    report(session, (tin_result){TIN_E_TIMEOUT, ERROR_INTERNET_TIMEOUT});
    assert_true(tin_ok(tin_close_handle(session)));
    fault_server_stop(server);
}

static void the_callback_sees_what_it_is_told_of(void **state)
{
    fault_server *server = fault_server_start_routes(routes);
    const tin_handle session = open_session();
    progress seen = {0, 0, NULL};
    tin_handle file;

    (void)state;
    assert_true(tin_ok(watch(session, &seen)));
    assert_true(
        tin_ok(tin_open_url(session, fault_server_url(server, "/page"), NULL, 0, NULL, &file)));
    assert_int_equal(seen.connections, 1);
    assert_true(seen.bytes != 0);
    assert_ptr_equal(seen.file, file);
    assert_true(tin_ok(tin_close_handle(session)));
    fault_server_stop(server);
}

static void lines_are_counted(void **state)
{
    fault_server *server = fault_server_start_routes(routes);
    const tin_handle session = open_session();
    tin_handle file;
    size_t lines;

    (void)state;
    assert_true(
        tin_ok(tin_open_url(session, fault_server_url(server, "/page"), NULL, 0, NULL, &file)));
    assert_true(tin_ok(count_lines(file, &lines)));
    assert_int_equal(lines, 4);
    assert_true(tin_ok(tin_close_handle(session)));
    fault_server_stop(server);
}

static unsigned asked;

static bool give_password(char user[64], char password[64])
{
    strcpy(user, "user");
    strcpy(password, asked++ == 0 ? "wrong" : "secret");
    return asked < 5;
}

static bool answer_by_password(fault_connection *connection, const void *context)
{
    static const char denied[] = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n"
                                 "WWW-Authenticate: Basic realm=\"pattern\"\r\n\r\n";
    static const char welcome[] = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nwelcome";
    const char *request;

    (void)context;
    while ((request = fault_read_message(connection, "\r\n\r\n")) != NULL) {
        const bool good = strstr(request, "Basic dXNlcjpzZWNyZXQ=") != NULL;

        if (!fault_send(connection, good ? welcome : denied,
                        good ? sizeof welcome - 1 : sizeof denied - 1))
            return false;
    }
    return true;
}

static void the_password_is_asked_for_until_it_is_right(void **state)
{
    fault_server *server = fault_server_start_call(answer_by_password, NULL);
    const tin_handle session = open_session();
    tin_handle connection, request;
    char text[16] = "";
    size_t got;

    (void)state;
    asked = 0;
    assert_true(tin_ok(tin_connect(session, "127.0.0.1", fault_server_port(server), NULL, NULL,
                                   INTERNET_SERVICE_HTTP, 0, NULL, &connection)));
    assert_true(
        tin_ok(tin_http_open_request(connection, "GET", "/", NULL, NULL, NULL, 0, NULL, &request)));
    assert_true(tin_ok(send_with_password(request, give_password)));
    assert_int_equal(asked, 2);
    assert_true(tin_ok(tin_read_file(request, text, sizeof text - 1, &got)));
    assert_string_equal(text, "welcome");
    assert_true(tin_ok(tin_close_handle(session)));
    fault_server_stop(server);
}

static void a_download_stops_when_the_session_is_cancelled(void **state)
{
    fault_server *server = fault_server_start(fault_script_mute);
    download job = {NULL, open_session(), fault_server_url(server, "/"), stdout, {TIN_OK, 0}};
    HANDLE thread = CreateThread(NULL, 0, run_download, &job, 0, NULL);

    (void)state;
    assert_non_null(thread);
    assert_true(fault_server_wait(server, FAULT_HOLDS, 1, TEST_PATIENCE_MS));
    assert_true(tin_ok(tin_cancel(job.session)));
    assert_int_equal(WaitForSingleObject(thread, TEST_PATIENCE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    assert_int_equal(job.result.error, TIN_E_CANCELLED);
    assert_true(tin_ok(tin_close_handle(job.session)));
    assert_int_equal(download_dialog(NULL, WM_NULL, 0, 0), FALSE);
    fault_server_stop(server);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_page_is_copied_or_its_failure_is_returned, test_files_remove),
        cmocka_unit_test(the_callback_sees_what_it_is_told_of),
        cmocka_unit_test(lines_are_counted),
        cmocka_unit_test(the_password_is_asked_for_until_it_is_right),
        cmocka_unit_test(a_download_stops_when_the_session_is_cancelled),
    };

    return test_run_group(tests, NULL, NULL);
}
