/* SPDX-License-Identifier: MIT */
/* What vsftpd serves, through the public functions. */
#include "real_server.h"

/* ---- FTP ------------------------------------------------------------------------------------ */

static const char *session_response(tin_handle session)
{
    char *text = next_name();
    size_t size = NAME_SIZE;

    assert_error("response", tin_get_last_response_info(session, text, &size), TIN_OK);
    assert_int_equal(size, strlen(text));
    return text;
}

static void ftp_names_and_users_are_understood(void **state)
{
    static const struct {
        const char *name;
        const char *user;
        const char *path;
        body_check *check;
    } rows[] = {
        {"no user", "", "/hello.txt", is_hello},
        {"anonymous", "anonymous@", "/hello.txt", is_hello},
        {"anonymous, with an escaped address", "anonymous:me%40example.com@", "/hello.txt",
         is_hello},
        {"named user", "ftp:password@", "/hello.txt", is_hello},
        {"named user in escapes", "%66tp:a%20b@", "/hello.txt", is_hello},
        {"escaped space", "", "/with%20space.txt", is_hello},
        {"space", "", "/with space.txt", is_hello},
        {"from the root", "", "/%2Fhello.txt", is_hello},
        {"text", "", "/page.html;type=a", is_page},
        {"binary", "", "/1m.bin;type=i", is_counter},
    };
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++)
        assert_fetches(rows[i].name, *state,
                       url_with_user("TIN_TEST_FTP", rows[i].user, rows[i].path), rows[i].check);
}

static void ftp_refusals_keep_the_servers_words(void **state)
{
    static const struct {
        const char *name;
        const char *user;
        const char *path;
        tin_error error;
        const char *response;
    } rows[] = {
        {"missing file", "", "/no-such-file.txt", TIN_E_SERVER, "550 "},
        {"folder", "", "/upload", TIN_E_SERVER, "550 "},
        {"unknown user", "nobody-here:x@", "/hello.txt", TIN_E_AUTH, "530 "},
    };
    size_t i;

    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *name = rows[i].name;
        const char *url = url_with_user("TIN_TEST_FTP", rows[i].user, rows[i].path);

        assert_open_fails(name, *state, url, rows[i].error);
        assert_starts(name, session_response(*state), rows[i].response);
        assert_fetches(name, *state, url_of("TIN_TEST_FTP", "/hello.txt"), is_hello);
    }
}

static void ftp_events_come_in_order_on_the_calling_thread(void **state)
{
    static const DWORD codes[] = {
        INTERNET_STATUS_HANDLE_CREATED,      INTERNET_STATUS_RESOLVING_NAME,
        INTERNET_STATUS_NAME_RESOLVED,       INTERNET_STATUS_CONNECTING_TO_SERVER,
        INTERNET_STATUS_CONNECTED_TO_SERVER, INTERNET_STATUS_REQUEST_COMPLETE,
        INTERNET_STATUS_HANDLE_CLOSING,
    };
    const tin_result success = {TIN_OK, 0};
    static event_log log;
    tin_handle file;
    body read;

    watch(*state, keep_event, &log);
    file = open_page("open", *state, url_of("TIN_TEST_FTP", "/1m.bin"));
    read = read_body(file, MIB, tin_read_file);
    assert_true(is_counter(&read));
    free(read.bytes);
    close_page("close", file);

    assert_order(&log, codes, TEST_COUNT_OF(codes));
    assert_bounds(&log, *state, file, success);
    assert_text("name", only_event(&log, INTERNET_STATUS_RESOLVING_NAME)->text, "127.0.0.1");
    assert_text("address", find_event(&log, INTERNET_STATUS_CONNECTED_TO_SERVER, 0)->text,
                "127.0.0.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ftp_names_and_users_are_understood),
        TEST(ftp_refusals_keep_the_servers_words),
        TEST(ftp_events_come_in_order_on_the_calling_thread),
    };

    return test_run_group(tests, NULL, NULL);
}
