/* SPDX-License-Identifier: MIT */
/* What is in a directory of an FTP server. */
#include "test.h"

#include "ftp_fixture.h"

#include <wchar.h>

typedef struct finding {
    fault_route replies[3];
    fault_ftp ftp;
    fault_server *server;
    tin_handle session, connection;
} finding;

static void begin(finding *test, const fault_step *list)
{
    memset(test, 0, sizeof *test);
    test->replies[0] = (fault_route){"LIST", list};
    test->ftp.replies = test->replies;
    test->server = fault_ftp_start(&test->ftp);
    test->session = open_session();
    test->connection = log_on(test->session, test->server);
}

static void end(finding *test)
{
    assert_ok(tin_close_handle(test->session));
    fault_server_stop(test->server);
}

/* Names and sizes, as "name=size name=size "; how it ended is the result. */
static tin_result list(tin_handle connection, const char *search, char *text, size_t size)
{
    tin_find_data data;
    tin_handle find;
    tin_result result = tin_ftp_find_first_file(connection, search, 0, NULL, &data, &find);
    size_t length = 0;

    *text = '\0';
    if (!tin_ok(result) && (find != NULL || data.name[0] != '\0'))
        return (tin_result){TIN_E_INTERNAL, 99};
    while (tin_ok(result)) {
        length += (size_t)snprintf(text + length, size - length, "%s=%llu%s ", data.name,
                                   (unsigned long long)data.size,
                                   data.attributes & FILE_ATTRIBUTE_DIRECTORY ? "/" : "");
        result = tin_find_next_file(find, &data);
    }
    if (find != NULL)
        assert_ok(tin_close_handle(find));
    return result;
}

/* ---- listings -------------------------------------------------------------------------------- */

#define UNIX "-rw-r--r--    1 ftp      ftp      "

static const struct {
    const char *name;
    const fault_step *list;
    const char *search, *said;
    const char *found, *in_wine; /* in_wine NULL: the same */
    tin_error ended;
} listings[] = {
    {"one", LISTING(UNIX "    36 Nov 20 10:11 hello.txt\r\n"), NULL, "LIST", "hello.txt=36 ", NULL,
     TIN_E_NO_MORE},
    {"several",
     LISTING("total 3\r\n" UNIX "1 Nov 20 10:11 a\r\n" UNIX "2 Nov 20 10:11 b\r\n"
             "drwxr-xr-x    2 ftp      ftp      4096 Nov 20  2020 c\r\n"),
     NULL, "LIST", "a=1 b=2 c=0/ ", NULL, TIN_E_NO_MORE},
    {"of Windows",
     LISTING("07-13-03  08:55PM       <DIR>          sakpatch\r\n"
             "05-09-03  06:02PM             12656686 bgm.rgz\r\n"),
     NULL, "LIST", "sakpatch=0/ bgm.rgz=12656686 ", NULL, TIN_E_NO_MORE},
    {"by pattern", LISTING(UNIX "1 Nov 20 10:11 a.txt\r\n" UNIX "2 Nov 20 10:11 b.bin\r\n"),
     "*.bin", "LIST", "b.bin=2 ", NULL, TIN_E_NO_MORE},
    {"of a folder", LISTING(UNIX "1 Nov 20 10:11 a.txt\r\n"), "pub/*", "LIST pub/", "a.txt=1 ",
     NULL, TIN_E_NO_MORE},
    {"UTF-8", LISTING(UNIX "1 Nov 20 10:11 \xE2\x82\xAC\xF0\x9F\x92\xA9\r\n"), NULL, "LIST",
     "\xE2\x82\xAC\xF0\x9F\x92\xA9=1 ", NULL, TIN_E_NO_MORE},
    {"spaces", LISTING(UNIX "1 Nov 20 10:11 sp ace\r\n"), NULL, "LIST", "sp ace=1 ", "sp=1 ",
     TIN_E_NO_MORE},
    {"2 GiB less one", LISTING(UNIX "2147483647 Nov 20 10:11 a\r\n"), NULL, "LIST", "a=2147483647 ",
     NULL, TIN_E_NO_MORE},
    {"2 GiB less two", LISTING(UNIX "2147483646 Nov 20 10:11 a\r\n"), NULL, "LIST", "a=2147483646 ",
     NULL, TIN_E_NO_MORE},
    {"4 GiB less one", LISTING(UNIX "4294967295 Nov 20 10:11 a\r\n"), NULL, "LIST", "a=4294967295 ",
     NULL, TIN_E_NO_MORE},
    {"5 GiB", LISTING(UNIX "5368709120 Nov 20 10:11 a\r\n"), NULL, "LIST", "a=5368709120 ", NULL,
     TIN_E_NO_MORE},
    {"nothing", TRANSFER(DATA(FAULT_FIN), FAULT_SEND("226 OK\r\n")), NULL, "LIST", "", NULL,
     TIN_E_NO_MORE},
    {"nothing, with 250", TRANSFER(DATA(FAULT_FIN), FAULT_SEND("250 OK\r\n")), NULL, "LIST", "",
     NULL, TIN_E_NO_MORE},
    {"a total of nothing", LISTING("total 0\r\n"), NULL, "LIST", "", NULL, TIN_E_NO_MORE},
    {"no match", LISTING(UNIX "1 Nov 20 10:11 a.txt\r\n"), "*.bin", "LIST", "", NULL,
     TIN_E_NO_MORE},
    {"refused", REPLY("550 No such folder"), "none/*", "LIST none/", "", NULL, TIN_E_SERVER},
    {"no data connection", REPLY("425 Cannot"), NULL, "LIST", "", NULL, TIN_E_CONNECT},
    {"broken off",
     TRANSFER(DATA(FAULT_SEND(UNIX "1 Nov 20 10:11 a\r\n")), FAULT_SEND("426 Lost\r\n")), NULL,
     "LIST", "", NULL, TIN_E_TRUNCATED},
    {"broken off with 451",
     TRANSFER(DATA(FAULT_SEND(UNIX "1 Nov 20 10:11 a\r\n")), FAULT_SEND("451 Disk\r\n")), NULL,
     "LIST", "", NULL, TIN_E_TRUNCATED},
    {"broken off at once", TRANSFER(DATA(FAULT_FIN), FAULT_SEND("426 Lost\r\n")), NULL, "LIST", "",
     NULL, TIN_E_TRUNCATED},
    {"gone without a word", TRANSFER(DATA(FAULT_SEND(UNIX "1 Nov 20 10:11 a\r\n")), FAULT_CLOSE),
     NULL, "LIST", "", NULL, TIN_E_CONNECTION_LOST},
    {"gone without a byte", TRANSFER(DATA(FAULT_FIN), FAULT_CLOSE), NULL, "LIST", "", NULL,
     TIN_E_CONNECTION_LOST},
};

static void check_listing(size_t row)
{
    const char *found = listings[row].found;
    finding test;
    char text[1000];
    tin_result result;
    const char *equals = strchr(found, '=');

    begin(&test, listings[row].list);
    test.ftp.size = equals != NULL ? strtoull(equals + 1, NULL, 10) : 0; /* for SIZE */
    if (listings[row].in_wine != NULL && test_under_wine())
        found = listings[row].in_wine;
    result = list(test.connection, listings[row].search, text, sizeof text);
    if (result.error != listings[row].ended || strcmp(text, found) != 0)
        fail_msg("%s: %s after %s", listings[row].name, tin_error_name(result.error), text);
    assert_said(listings[row].name, test.server, listings[row].said);
    end(&test);
}

static void listings_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(listings); i++)
        if (test_has_turn(i))
            check_listing(i);
}

static void the_servers_words_on_a_failure_are_found_at_the_connection(void **state)
{
    static const struct {
        const char *name;
        const char *words;
    } rows[] = {
        {"refused", "550 No such folder"},
        {"broken off", "426 Lost"},
        {"broken off at once", "426 Lost"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(listings); j++)
            if (strcmp(rows[i].name, listings[j].name) == 0) {
                finding test;
                char text[1000];

                begin(&test, listings[j].list);
                (void)list(test.connection, NULL, text, sizeof text);
                assert_words(rows[i].name, test.connection, rows[i].words);
                end(&test);
            }
}

/* Wine 8 shows what is larger than 2 GiB as 2 GiB less one. */
static const fault_step *const large =
    LISTING(UNIX "5368709120 Nov 20 10:11 a\r\n" UNIX "6 Nov 20 10:11 b\r\n");

static void the_server_is_asked_for_sizes_that_wininet_cannot_show(void **state)
{
    finding test;
    char text[1000];

    (void)state;
    begin(&test, large);
    test.ftp.size = 5368709120u;
    assert_gives(list(test.connection, "pub/x/*", text, sizeof text), TIN_E_NO_MORE);
    assert_string_equal(text, "a=5368709120 b=6 ");
    if (test_under_wine())
        assert_said("size", test.server, "SIZE pub/x/a");
    assert_int_equal(times_said(test.server, "SIZE pub/x/b"), 0);
    end(&test);
}

static void a_server_that_does_not_tell_the_size_breaks_no_listing(void **state)
{
    finding test;
    char text[1000];

    (void)state;
    begin(&test, large);
    test.replies[1] = (fault_route){"SIZE", REPLY("550 No")};
    assert_gives(list(test.connection, NULL, text, sizeof text), TIN_E_NO_MORE);
    assert_string_equal(text, test_under_wine() ? "a=2147483647 b=6 " : "a=5368709120 b=6 ");
    end(&test);
}

static void a_server_that_is_mute_about_the_size_is_timed_out(void **state)
{
    finding test;
    char text[1000];

    (void)state;
    if (!test_under_wine())
        test_skip("WinInet knows the size");
    begin(&test, large);
    test.replies[1] = (fault_route){"SIZE", ((const fault_step[]){FAULT_MUTE, FAULT_END})};
    assert_ok(tin_set_option_dword(test.connection, INTERNET_OPTION_RECEIVE_TIMEOUT, TIMEOUT_MS));
    assert_gives(list(test.connection, NULL, text, sizeof text), TIN_E_TIMEOUT);
    assert_gives(ask_command(test.connection), TIN_E_TIMEOUT);
    end(&test);
}

static void times_are_those_of_the_listing(void **state)
{
    finding test;
    tin_find_data data;
    tin_handle find;
    SYSTEMTIME time;

    (void)state;
    begin(&test, LISTING(UNIX "1 Nov 20  2020 a\r\n" UNIX "1 Mar  7 10:11 b\r\n"));
    assert_ok(tin_ftp_find_first_file(test.connection, NULL, 0, NULL, &data, &find));
    assert_true(FileTimeToSystemTime(&data.written, &time));
    if (time.wYear != 2020 || time.wMonth != 11)
        fail_msg("%u-%u", time.wYear, time.wMonth);
    assert_ok(tin_find_next_file(find, &data));
    assert_true(FileTimeToSystemTime(&data.written, &time));
    if (time.wMonth != 3 || (test_under_wine() && (time.wHour != 10 || time.wMinute != 11)))
        fail_msg("%u %u:%u", time.wMonth, time.wHour, time.wMinute);
    if (test_under_wine()) {
        assert_memory_equal(&data.written, &data.created, sizeof data.written);
        assert_memory_equal(&data.written, &data.accessed, sizeof data.written);
    }
    end(&test);
}

static void the_utf16_twins_find_the_same(void **state)
{
    finding test;
    tin_find_data_w data;
    tin_find_data other;
    tin_handle find;

    (void)state;
    begin(&test, LISTING("drwxr-xr-x 2 a b 4096 Nov 20 2020 \xE2\x82\xAC\r\n" UNIX
                         "7 Mar  7 10:11 caf\xE9\r\n"));
    assert_ok(tin_ftp_find_first_file_w(test.connection, L"*", 0, NULL, &data, &find));
    assert_int_equal(wcscmp(data.name, L"\x20AC"), 0);
    assert_int_equal(data.attributes & FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_DIRECTORY);
    assert_ok(tin_find_next_file_w(find, &data));
    if (GetACP() == 1252)
        assert_int_equal(wcscmp(data.name, L"caf\xE9"), 0);
    assert_int_equal(data.size, 7);
    assert_gives(tin_find_next_file_w(find, &data), TIN_E_NO_MORE);
    assert_int_equal(data.name[0] | (int)data.size, 0);
    assert_gives(tin_find_next_file(find, &other), TIN_E_NO_MORE);
    assert_ok(tin_close_handle(find));
    end(&test);
}

/* Wine 8 makes room for 500 at first. It reads byte by byte, so the lines are short. */
static void many_names_and_a_long_one_arrive(void **state)
{
    enum { MOST = 510, LENGTH = 200 };
    static char text[MOST * 64 + LENGTH];
    static fault_step data[] = {FAULT_SEND_BYTES(text, 0), FAULT_END};
    const int names = test_has_turn(0) ? MOST : 20;
    finding test;
    tin_find_data found;
    tin_handle find;
    tin_result result;
    int count = 0;
    size_t length = 0;

    (void)state;
    for (int i = 0; i < names; i++)
        length +=
            (size_t)snprintf(text + length, sizeof text - length, "11-20-26 10:11AM %d %0*d\r\n", i,
                             i == names - 1 ? LENGTH : 1, i);
    data[0].amount = length;
    begin(&test, TRANSFER(FAULT_FTP_DATA(data), FAULT_SEND("226 OK\r\n")));
    result = tin_ftp_find_first_file(test.connection, "*", 0, NULL, &found, &find);
    for (; tin_ok(result); result = tin_find_next_file(find, &found), count++) {
        assert_int_equal(found.size, count);
        assert_int_equal(strtol(found.name, NULL, 10), count);
    }
    assert_gives(result, TIN_E_NO_MORE);
    assert_int_equal(count, names);
    end(&test);
}

/* ---- the life of a find ---------------------------------------------------------------------- */

static void a_find_that_is_closed_leaves_the_connection_usable(void **state)
{
    finding test;
    tin_find_data data;
    tin_handle find;

    (void)state;
    begin(&test, LISTING(UNIX "1 Nov 20 10:11 a\r\n" UNIX "2 Nov 20 10:11 b\r\n"));
    for (int i = 0; i < 5; i++) {
        assert_ok(tin_ftp_find_first_file(test.connection, NULL, 0, NULL, &data, &find));
        assert_gives(ask_find(test.connection), TIN_E_FTP);
        if (i == 3)
            assert_ok(tin_cancel(find));
        assert_gives(tin_find_next_file(find, &data), i == 3 ? TIN_E_CANCELLED : TIN_OK);
        assert_ok(tin_close_handle(find));
        assert_gives(tin_find_next_file(find, &data), TIN_E_HANDLE);
        assert_ok(ask_command(test.connection));
    }
    assert_ok(tin_ftp_find_first_file(test.connection, NULL, 0, NULL, &data, &find));
    assert_ok(tin_close_handle(test.connection));
    assert_gives(tin_find_next_file(find, &data), TIN_E_HANDLE);
    end(&test);
}

static void a_listing_that_stalls_is_timed_out(void **state)
{
    uint64_t elapsed_ms = 0;

    (void)state;
    for (int try = 0; try < TRIES; try++) {
        finding test;
        uint64_t began;

        begin(&test, TRANSFER(DATA(FAULT_SEND(UNIX "1 Nov 20 10:11 a\r\n"), FAULT_MUTE)));
        assert_ok(
            tin_set_option_dword(test.connection, INTERNET_OPTION_RECEIVE_TIMEOUT, TIMEOUT_MS));
        began = test_now_ms();
        assert_gives(ask_find(test.connection), TIN_E_TIMEOUT);
        elapsed_ms = test_now_ms() - began;
        assert_gives(ask_command(test.connection), TIN_E_TIMEOUT);
        end(&test);
        if (elapsed_ms + 20 >= TIMEOUT_MS && elapsed_ms <= TIMEOUT_MS + LATE_MS)
            return;
    }
    fail_msg("%u ms", (unsigned)elapsed_ms);
}

/* ---- a real server --------------------------------------------------------------------------- */

static void a_real_folder_is_read(void **state)
{
    static const struct {
        const char *name, *in_wine;
        uint64_t size;
    } rows[] = {
        {"hello.txt", NULL, 35},
        {"empty.txt", NULL, 0},
        {"1m.bin", NULL, MIB},
        {"5g.bin", NULL, 5368709120u},
        {"with space.txt", "with", 35},
        {"gr\xC3\xBC\xC3\x9F"
         "e.txt",
         NULL, 35},
        {"upload", NULL, 0},
    };
    tin_handle session;
    const tin_handle connection = log_on_to_real(&session);
    char text[4000], entry[100];

    (void)state;
    assert_gives(list(connection, NULL, text, sizeof text), TIN_E_NO_MORE);
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const bool cut = rows[i].in_wine != NULL && test_under_wine();

        snprintf(entry, sizeof entry, "%s=%llu", cut ? rows[i].in_wine : rows[i].name,
                 (unsigned long long)rows[i].size);
        if (strstr(text, entry) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", entry, text);
    }
    assert_gives(list(connection, "*.bin", text, sizeof text), TIN_E_NO_MORE);
    assert_non_null(strstr(text, "5g.bin=5368709120"));
    assert_null(strstr(text, "txt"));
    assert_gives(list(connection, "nothing/*", text, sizeof text), TIN_E_NO_MORE);
    assert_string_equal(text, "");
    assert_ok(tin_ftp_set_current_directory(connection, "nothing"));
    assert_gives(list(connection, NULL, text, sizeof text), TIN_E_NO_MORE);
    assert_string_equal(text, "");
    assert_ok(tin_close_handle(session));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(listings_are_read),
        cmocka_unit_test(the_servers_words_on_a_failure_are_found_at_the_connection),
        cmocka_unit_test(the_server_is_asked_for_sizes_that_wininet_cannot_show),
        cmocka_unit_test(a_server_that_does_not_tell_the_size_breaks_no_listing),
        cmocka_unit_test(a_server_that_is_mute_about_the_size_is_timed_out),
        cmocka_unit_test(times_are_those_of_the_listing),
        cmocka_unit_test(the_utf16_twins_find_the_same),
        cmocka_unit_test(many_names_and_a_long_one_arrive),
        cmocka_unit_test(a_find_that_is_closed_leaves_the_connection_usable),
        cmocka_unit_test(a_listing_that_stalls_is_timed_out),
        cmocka_unit_test(a_real_folder_is_read),
    };

    return test_run_group(tests, NULL, NULL);
}
