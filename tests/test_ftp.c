/* SPDX-License-Identifier: MIT */
/* Files on FTP servers: what is said to the server, what arrives, and how all that may fail. */
#include "test.h"

#include "fault_ftp.h"
#include "guarded_heap.h"
#include "internal.h"

#include <wchar.h>

#define MIB ((uint64_t)1 << 20)
#define TIMEOUT_MS 600u
#define LATE_MS 100u  /* promised: no later than this after the deadline */
#define CANCEL_MS 50u /* promised: no later than this after a cancel or close */
#define TRIES 5       /* a busy machine may miss a bound now and then, a defect always does */

#define assert_ok(call) assert_int_equal((call).error, TIN_OK)

/* ---- client and server ----------------------------------------------------------------------- */

static tin_handle open_session(void)
{
    tin_handle session;

    assert_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
    return session;
}

static const char *ftp_url(fault_server *server, const char *path)
{
    return fault_server_url_for(server, "ftp", path);
}

/* "ftp://<user_info>127.0.0.1:<port>/file" */
static const char *ftp_url_of(fault_server *server, const char *user_info)
{
    static char url[512];

    snprintf(url, sizeof url, "ftp://%s%s", user_info, ftp_url(server, "/file") + strlen("ftp://"));
    return url;
}

/* The first line that the client sent with this command, without its end; NULL if there is none. */
static const char *said(fault_server *server, const char *command)
{
    static char line[1024];
    const uint64_t count = fault_server_count(server, FAULT_REQUESTS);

    for (uint64_t i = 0; i < count; i++) {
        fault_server_request(server, i, line, sizeof line);
        if (strncmp(line, command, strlen(command)) == 0 && strchr(" \r", line[strlen(command)])) {
            line[strcspn(line, "\r\n")] = '\0';
            return line;
        }
    }
    return NULL;
}

static void assert_said(const char *name, fault_server *server, const char *line)
{
    char command[8];
    const char *is;

    snprintf(command, sizeof command, "%.*s", (int)strcspn(line, " "), line);
    is = said(server, command);
    if (is == NULL || strcmp(is, line) != 0)
        fail_msg("%s: said \"%s\", not \"%s\"", name, is != NULL ? is : "(nothing)", line);
}

/* Reads the pattern to its end or to a failure. */
static tin_result read_pattern(const char *name, tin_handle file, size_t size, uint64_t *bytes)
{
    static char buffer[1 << 20];

    for (*bytes = 0;;) {
        size_t got;
        const tin_result result = tin_read_file(file, buffer, size, &got);

        if (!tin_ok(result) || got == 0)
            return result;
        if (!fault_pattern_matches(*bytes, buffer, got))
            fail_msg("%s: wrong bytes after %u", name, (unsigned)*bytes);
        *bytes += got;
    }
}

/* ---- downloads ------------------------------------------------------------------------------- */

static void files_arrive_whole(void **state)
{
    static const struct {
        const char *name;
        uint64_t size;
        size_t read;
    } rows[] = {
        {"empty", 0, 4096},
        {"one byte", 1, 4096},
        {"in reads of one byte", 2 * MIB + 1, 1},
        {"in reads of 4 KiB", 5 * MIB + 4095, 4096},
        {"in reads of 1 MiB", 9 * MIB - 1, (size_t)MIB},
        {"as large as one read", MIB, (size_t)MIB},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        if (!test_has_turn(i))
            continue;
        fault_server *server = fault_ftp_start(&(fault_ftp){.size = rows[i].size});
        const tin_handle session = open_session();
        tin_handle file;
        uint64_t bytes;

        assert_ok(tin_open_url(session, ftp_url(server, "/file"), NULL, 0, NULL, &file));
        for (int again = 0; again < 3; again++) { /* the end stays the end */
            const uint64_t expected = again == 0 ? rows[i].size : 0;

            if (!tin_ok(read_pattern(rows[i].name, file, rows[i].read, &bytes)) ||
                bytes != expected)
                fail_msg("%s: %u bytes", rows[i].name, (unsigned)bytes);
        }
        assert_ok(tin_close_handle(session));
        fault_server_stop(server);
    }
}

static void the_length_is_not_known(void **state)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){.size = 10});
    const tin_handle session = open_session();
    uint64_t length = 99;
    tin_handle file;

    (void)state;
    assert_ok(tin_open_url(session, ftp_url(server, "/file"), NULL, 0, NULL, &file));
    assert_int_equal(tin_get_length(file, &length).error, TIN_E_NOT_FOUND);
    assert_int_equal(length, 0);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void files_of_one_session_do_not_wait_for_each_other(void **state)
{
    enum { FILES = 4 };
    fault_server *server = fault_ftp_start(&(fault_ftp){.size = 3 * MIB});
    const tin_handle session = open_session();
    static char buffer[65536];
    uint64_t bytes[FILES] = {0};
    tin_handle files[FILES];
    bool more = true;

    (void)state;
    for (int i = 0; i < FILES; i++)
        assert_ok(tin_open_url(session, ftp_url(server, "/file"), NULL, 0, NULL, &files[i]));
    while (more) {
        more = false;
        for (int i = 0; i < FILES; i++) {
            size_t got;

            assert_ok(tin_read_file(files[i], buffer, sizeof buffer, &got));
            assert_true(fault_pattern_matches(bytes[i], buffer, got));
            bytes[i] += got;
            more |= got != 0;
        }
    }
    for (int i = 0; i < FILES; i++)
        assert_int_equal(bytes[i], 3 * MIB);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

/* ---- what the server is told ----------------------------------------------------------------- */

static void paths_are_decoded(void **state)
{
    static const struct {
        const char *path;
        const char *said;
    } rows[] = {
        {"/file", "RETR file"},
        {"/folder/file", "RETR folder/file"},
        {"/a%20b", "RETR a b"},
        {"/a b", "RETR a b"},
        {"/100%25", "RETR 100%"},
        {"/a%23b%3Fc%3Bd", "RETR a#b?c;d"},
        {"/a?b=c", "RETR a?b=c"},
        {"/a+b", "RETR a+b"},
        {"/a/../b", "RETR b"},
        {"//etc/motd", "RETR /etc/motd"},
        {"/%2Fetc/motd", "RETR /etc/motd"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        if (!test_has_turn(i))
            continue;
        fault_server *server = fault_ftp_start(&(fault_ftp){.size = 1});
        const tin_handle session = open_session();
        tin_handle file;
        const tin_result result =
            tin_open_url(session, ftp_url(server, rows[i].path), NULL, 0, NULL, &file);

        if (!tin_ok(result))
            fail_msg("%s: %s", rows[i].path, tin_error_name(result.error));
        assert_said(rows[i].path, server, rows[i].said);
        assert_ok(tin_close_handle(session));
        fault_server_stop(server);
    }
}

static void users_are_those_of_the_url_or_else_of_the_options(void **state)
{
    static const struct {
        const char *name;
        const char *user_info;
        const char *user_option;
        const char *password_option;
        const char *user;
        const char *password; /* NULL: any */
    } rows[] = {
        {"nobody", "", NULL, NULL, "USER anonymous", NULL},
        {"user and password", "bob:secret@", NULL, NULL, "USER bob", "PASS secret"},
        {"user alone", "bob@", NULL, NULL, "USER bob", "PASS "},
        {"empty password", "bob:@", NULL, NULL, "USER bob", "PASS "},
        {"escapes", "b%40b:p%3Aw%20d%25@", NULL, NULL, "USER b@b", "PASS p:w d%"},
        {"options", "", "ann", "key", "USER ann", "PASS key"},
        {"user option alone", "", "ann", NULL, "USER ann", "PASS "},
        {"the URL outweighs the options", "bob:secret@", "ann", "key", "USER bob", "PASS secret"},
        {"user of the URL, not the other's password", "bob@", "ann", "key", "USER bob", "PASS "},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        fault_server *server = fault_ftp_start(&(fault_ftp){.size = 1});
        const tin_handle session = open_session();
        tin_handle file;
        tin_result result;

        if (rows[i].user_option != NULL)
            assert_ok(tin_set_option_text(session, INTERNET_OPTION_USERNAME, rows[i].user_option));
        if (rows[i].password_option != NULL)
            assert_ok(
                tin_set_option_text(session, INTERNET_OPTION_PASSWORD, rows[i].password_option));
        result = tin_open_url(session, ftp_url_of(server, rows[i].user_info), NULL, 0, NULL, &file);
        if (!tin_ok(result))
            fail_msg("%s: %s", rows[i].name, tin_error_name(result.error));
        assert_said(rows[i].name, server, rows[i].user);
        if (rows[i].password != NULL)
            assert_said(rows[i].name, server, rows[i].password);
        assert_ok(tin_close_handle(session));
        fault_server_stop(server);
    }
}

static void users_of_the_options_are_one_line(void **state)
{
    static const char *const texts[] = {"bob\r\nDELE x", "\nbob", "bob\r"};
    const tin_handle session = open_session();

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(texts); i++) {
        assert_int_equal(tin_set_option_text(session, INTERNET_OPTION_USERNAME, texts[i]).error,
                         TIN_E_ARGUMENT);
        assert_int_equal(tin_set_option_text(session, INTERNET_OPTION_PASSWORD, texts[i]).error,
                         TIN_E_ARGUMENT);
    }
    assert_ok(tin_close_handle(session));
}

/* Never in a code page: RFC 2640 names UTF-8. */
static void names_beyond_ascii_are_sent_in_utf8(void **state)
{
    static const struct {
        const char *name;
        const char *user_info;
        const char *path;
        const char *said;
    } rows[] = {
        {"escaped path", "", "caf%C3%A9", "RETR caf\xC3\xA9"},
        {"path", "", "caf\xC3\xA9", "RETR caf\xC3\xA9"},
        {"three and four bytes", "", "\xE2\x82\xAC%20%F0%9F%92%A9",
         "RETR \xE2\x82\xAC \xF0\x9F\x92\xA9"},
        {"user", "b%C3%B6:x@", "file", "USER b\xC3\xB6"},
        {"password", "bob:%E2%82%AC@", "file", "PASS \xE2\x82\xAC"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        fault_server *server = fault_ftp_start(&(fault_ftp){.size = 1});
        const tin_handle session = open_session();
        char url[256];
        tin_handle file;
        tin_result result;

        snprintf(url, sizeof url, "ftp://%s127.0.0.1:%u/%s", rows[i].user_info,
                 fault_server_port(server), rows[i].path);
        result = tin_open_url(session, url, NULL, 0, NULL, &file);
        if (!tin_ok(result))
            fail_msg("%s: %s", rows[i].name, tin_error_name(result.error));
        assert_said(rows[i].name, server, rows[i].said);
        assert_ok(tin_close_handle(session));
        fault_server_stop(server);
    }
}

static void no_freed_memory_holds_the_password(void **state)
{
    static const wchar_t secret[] = L"s3cret";
    fault_server *server = fault_ftp_start(&(fault_ftp){.size = 1});
    const tin_handle session = open_session();
    tin_handle file;

    (void)state;
    guarded_heap_look_for(secret, sizeof secret - sizeof *secret);
    assert_ok(tin_open_url(session, ftp_url_of(server, "bob:s3cret@"), NULL, 0, NULL, &file));
    assert_ok(tin_close_handle(file));
    assert_ok(tin_set_option_text(session, INTERNET_OPTION_USERNAME, "ann"));
    assert_ok(tin_set_option_text(session, INTERNET_OPTION_PASSWORD, "s3cret"));
    assert_ok(tin_open_url(session, ftp_url(server, "/file"), NULL, 0, NULL, &file));
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
    (void)tin__wait_until_idle(TEST_PATIENCE_MS);
    assert_int_equal(guarded_heap_found(), 0);
    guarded_heap_look_for(NULL, 0);
}

static void transfer_types_are_those_of_the_url_or_else_of_the_flags(void **state)
{
    static const struct {
        const char *name;
        const char *path;
        DWORD flags;
        const char *said;
    } rows[] = {
        {"neither", "/file", 0, "TYPE I"},
        {"text by the URL", "/file;type=a", 0, "TYPE A"},
        {"bytes by the URL", "/file;type=i", 0, "TYPE I"},
        {"text by the flags", "/file", FTP_TRANSFER_TYPE_ASCII, "TYPE A"},
        {"text by INTERNET_FLAG_TRANSFER_ASCII", "/file", INTERNET_FLAG_TRANSFER_ASCII, "TYPE A"},
        {"bytes by the flags", "/file", FTP_TRANSFER_TYPE_BINARY, "TYPE I"},
        {"the URL outweighs the flags", "/file;type=i", FTP_TRANSFER_TYPE_ASCII, "TYPE I"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        fault_server *server = fault_ftp_start(&(fault_ftp){.size = 1});
        const tin_handle session = open_session();
        tin_handle file;
        const tin_result result = tin_open_url(session, ftp_url(server, rows[i].path), NULL,
                                               rows[i].flags | INTERNET_FLAG_RELOAD, NULL, &file);

        if (!tin_ok(result))
            fail_msg("%s: %s", rows[i].name, tin_error_name(result.error));
        assert_said(rows[i].name, server, rows[i].said);
        assert_said(rows[i].name, server, "RETR file");
        assert_ok(tin_close_handle(session));
        fault_server_stop(server);
    }
}

static void transfers_are_passive(void **state)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){.size = 1});
    const tin_handle session = open_session();
    tin_handle file;

    (void)state;
    assert_ok(tin_open_url(session, ftp_url(server, "/file"), NULL, 0, NULL, &file));
    assert_true(said(server, "PASV") != NULL || said(server, "EPSV") != NULL);
    assert_null(said(server, "PORT"));
    assert_null(said(server, "EPRT"));
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

/* ---- refusals -------------------------------------------------------------------------------- */

#define REPLY(text) ((const fault_step[]){FAULT_SEND(text "\r\n"), FAULT_END})
#define FAREWELL(text) ((const fault_step[]){FAULT_SEND(text "\r\n"), FAULT_FIN, FAULT_END})
#define REPLIES(...) ((const fault_route[]){__VA_ARGS__, {NULL, NULL}})

static bool reply_refused_port(fault_connection *connection, const void *context)
{
    fault_server *const *refusing = context;
    const unsigned port = fault_server_port(*refusing);

    return fault_send_format(connection, "227 =(127,0,0,1,%u,%u)\r\n", port >> 8, port & 255);
}

static fault_server *refusing;
static const fault_step refused_port[] = {FAULT_CALL(reply_refused_port, &refusing), FAULT_END};
static const fault_step closes[] = {FAULT_CLOSE, FAULT_END};

static const struct {
    const char *name;
    fault_ftp ftp;
    tin_error error;
    const char *words; /* what the server said begins like this; NULL: nothing is promised */
} refusals[] = {
    {"greeting 500", {.greeting = FAREWELL("500 OOPS")}, TIN_E_SERVER, "500 OOPS"},
    {"greeting 421", {.greeting = FAREWELL("421 Too many")}, TIN_E_SERVER, "421 Too many"},
    {"no greeting", {.greeting = closes}, TIN_E_CONNECTION_LOST, NULL},
    {"user refused",
     {.replies = REPLIES({"USER", REPLY("530 Not you")})},
     TIN_E_AUTH,
     "530 Not you"},
    {"gone at USER", {.replies = REPLIES({"USER", closes})}, TIN_E_CONNECTION_LOST, NULL},
    {"password refused",
     {.replies = REPLIES({"PASS", REPLY("530 Login incorrect")})},
     TIN_E_AUTH,
     "530 Login incorrect"},
    {"password refused in several lines",
     {.replies = REPLIES({"PASS", REPLY("530-Login\r\n incorrect\r\n530 Sorry")})},
     TIN_E_AUTH,
     "530 Sorry"},
    {"logon in several lines",
     {.replies = REPLIES({"PASS", REPLY("230-Hello\r\n230 OK")})},
     TIN_OK,
     NULL},
    {"no password wanted", {.replies = REPLIES({"USER", REPLY("230 Come in")})}, TIN_OK, NULL},
    {"gone at PASS", {.replies = REPLIES({"PASS", closes})}, TIN_E_CONNECTION_LOST, NULL},
    {"type refused", {.replies = REPLIES({"TYPE", REPLY("504 No type")})}, TIN_E_SERVER, "504 No"},
    {"gone at TYPE", {.replies = REPLIES({"TYPE", closes})}, TIN_E_CONNECTION_LOST, NULL},
    {"passive refused", {.replies = REPLIES({"PASV", REPLY("502 No")})}, TIN_E_SERVER, "502 No"},
    /* Wine 8: FtpOpenFileW fails and GetLastError is 0 */
    {"passive with garbage",
     {.replies = REPLIES({"PASV", REPLY("227 Entering Passive Mode (nowhere)")})},
     TIN_E_INTERNAL,
     NULL},
    {"passive with half an address",
     {.replies = REPLIES({"PASV", REPLY("227 Entering Passive Mode (127,0,0,1)")})},
     TIN_E_INTERNAL,
     NULL},
    {"data port refused", {.replies = REPLIES({"PASV", refused_port})}, TIN_E_CONNECT, NULL},
    {"gone at PASV", {.replies = REPLIES({"PASV", closes})}, TIN_E_CONNECTION_LOST, NULL},
    {"no such file",
     {.replies = REPLIES({"RETR", REPLY("550 No such file")})},
     TIN_E_SERVER,
     "550 No such file"},
    {"busy", {.replies = REPLIES({"RETR", REPLY("450 Busy")})}, TIN_E_SERVER, "450 Busy"},
    {"gone at RETR", {.replies = REPLIES({"RETR", closes})}, TIN_E_CONNECTION_LOST, NULL},
};

static void assert_words(const char *name, tin_handle session, const char *words)
{
    char text[256];
    wchar_t wide[256], same[256];
    size_t size = sizeof text, size_w = sizeof wide;

    assert_ok(tin_get_last_response_info(session, text, &size));
    assert_ok(tin_get_last_response_info_w(session, wide, &size_w));
    if (size != strlen(text) || strncmp(text, words, strlen(words)) != 0)
        fail_msg("%s: the server's words are \"%s\"", name, text);
    assert_int_equal(MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, same, 256),
                     size_w / sizeof *wide + 1);
    if (wcscmp(wide, same) != 0)
        fail_msg("%s: the server's words in UTF-16 are \"%ls\"", name, wide);
}

static void check_refusal(size_t row)
{
    fault_server *server = fault_ftp_start(&refusals[row].ftp);
    const tin_handle session = open_session();
    tin_handle file = session;
    const tin_result result = tin_open_url(session, ftp_url(server, "/file"), NULL, 0, NULL, &file);

    if (result.error != refusals[row].error)
        fail_msg("%s: %s, %u", refusals[row].name, tin_error_name(result.error),
                 (unsigned)result.last_error);
    assert_true((file == NULL) == !tin_ok(result));
    if (refusals[row].words != NULL)
        assert_words(refusals[row].name, session, refusals[row].words);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void refusals_are_told_with_the_servers_words(void **state)
{
    (void)state;
    refusing = fault_server_start_refusing();
    for (size_t i = 0; i < TEST_COUNT_OF(refusals); i++)
        if (test_has_turn(i))
            check_refusal(i);
    fault_server_stop(refusing);
}

static void words_beyond_ascii_are_utf8(void **state)
{
    fault_server *server = fault_ftp_start(
        &(fault_ftp){.replies = REPLIES({"RETR", REPLY("550 caf\xC3\xA9 \xE2\x82\xAC")})});
    const tin_handle session = open_session();
    tin_handle file;

    (void)state;
    assert_int_equal(tin_open_url(session, ftp_url(server, "/f"), NULL, 0, NULL, &file).error,
                     TIN_E_SERVER);
    assert_words("beyond ASCII", session, "550 caf\xC3\xA9 \xE2\x82\xAC");
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void a_refused_connection_is_told(void **state)
{
    fault_server *server = fault_server_start_refusing();
    const tin_handle session = open_session();
    tin_handle file = session;

    (void)state;
    assert_int_equal(tin_open_url(session, ftp_url(server, "/f"), NULL, 0, NULL, &file).error,
                     TIN_E_CONNECT);
    assert_null(file);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

/* ---- transfers that are broken off ----------------------------------------------------------- */

#define TRANSFER(...) ((const fault_step[]){FAULT_SEND("150 OK\r\n"), __VA_ARGS__, FAULT_END})
#define DATA(...) FAULT_FTP_DATA(((const fault_step[]){__VA_ARGS__, FAULT_END}))

static const struct {
    const char *name;
    const fault_step *transfer;
    tin_error ended;
    uint64_t bytes; /* before the end */
    /* clang-format off */
} transfers[] = {
    {"226", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("226 Done\r\n")), TIN_OK, 500},
    {"250", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("250 Done\r\n")), TIN_OK, 500},
    {"226 before the data", TRANSFER(FAULT_SEND("226 Done\r\n"), DATA(FAULT_SEND_COUNTER(500))),
     TIN_OK, 500},
    {"several lines", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("226-Done\r\n226 OK\r\n")),
     TIN_OK, 500},
    {"426", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("426 Lost\r\n")), TIN_E_TRUNCATED,
     500},
    {"426 after much", TRANSFER(DATA(FAULT_SEND_COUNTER(3 * MIB)), FAULT_SEND("426 Lost\r\n")),
     TIN_E_TRUNCATED, 3 * MIB},
    {"426 before the first byte", TRANSFER(DATA(FAULT_FIN), FAULT_SEND("426 Lost\r\n")),
     TIN_E_TRUNCATED, 0},
    {"451", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("451 Disk\r\n")), TIN_E_TRUNCATED,
     500},
    {"550", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("550 Gone\r\n")), TIN_E_TRUNCATED,
     500},
    {"421", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("421 Shutting down\r\n")),
     TIN_E_TRUNCATED, 500},
    {"426 in several lines",
     TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("426-Lost\r\n426 it\r\n")), TIN_E_TRUNCATED,
     500},
    /* WinInet still has the last words of an earlier call then, maybe "226" */
    {"gone without a word", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_CLOSE),
     TIN_E_CONNECTION_LOST, 500},
    {"half a word", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("22"), FAULT_CLOSE),
     TIN_E_CONNECTION_LOST, 500},
};
/* clang-format on */

static void check_transfer(size_t row, size_t size)
{
    const char *name = transfers[row].name;
    const fault_route replies[] = {{"RETR", transfers[row].transfer}, {NULL, NULL}};
    fault_server *server = fault_ftp_start(&(fault_ftp){.replies = replies});
    const tin_handle session = open_session();
    tin_handle file;
    uint64_t bytes;
    tin_result result;

    assert_ok(tin_open_url(session, ftp_url(server, "/file"), NULL, 0, NULL, &file));
    result = read_pattern(name, file, size, &bytes);
    if (result.error != transfers[row].ended || bytes != transfers[row].bytes)
        fail_msg("%s, reads of %u: %s after %u bytes", name, (unsigned)size,
                 tin_error_name(result.error), (unsigned)bytes);
    for (int i = 0; i < 3; i++) { /* it stays so */
        char byte;
        size_t got = 1;
        const tin_result again = tin_read_file(file, &byte, 1, &got);

        if (again.error != result.error || again.last_error != result.last_error || got != 0)
            fail_msg("%s: then %s", name, tin_error_name(again.error));
    }
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void transfers_that_are_broken_off_are_told_from_whole_ones(void **state)
{
    static const size_t sizes[] = {1, 500, 65536};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(transfers); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(sizes); j++)
            if (test_has_turn(i + j))
                check_transfer(i, sizes[j]);
}

static void the_servers_words_on_a_broken_transfer_are_kept_with_the_file(void **state)
{
    const fault_step *lost = TRANSFER(DATA(FAULT_SEND_COUNTER(5)), FAULT_SEND("426 Lost it\r\n"));
    fault_server *server = fault_ftp_start(&(fault_ftp){.replies = REPLIES({"RETR", lost})});
    const tin_handle session = open_session();
    tin_handle file;
    uint64_t bytes;

    (void)state;
    assert_ok(tin_open_url(session, ftp_url(server, "/file"), NULL, 0, NULL, &file));
    assert_int_equal(read_pattern("426", file, 100, &bytes).error, TIN_E_TRUNCATED);
    assert_words("426", file, "426 Lost it");
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

/* WinInet keeps the words per thread, whoever said them. */
static void nobodys_words_are_taken_for_anothers(void **state)
{
    const fault_step *gone = TRANSFER(DATA(FAULT_SEND_COUNTER(5)), FAULT_CLOSE);
    const fault_route *replies = REPLIES({"RETR bad", REPLY("550 Not that")}, {"RETR gone", gone});
    fault_server *server = fault_ftp_start(&(fault_ftp){.replies = replies, .size = 5});
    fault_server *closed = fault_server_start_refusing();
    const tin_handle session = open_session();

    (void)state;
    for (int i = 0; i < 10; i++) {
        const bool bad = i % 2 == 0;
        size_t size = 0;
        uint64_t bytes;
        tin_handle file;
        tin_result result =
            tin_open_url(session, ftp_url(server, bad ? "/bad" : "/good"), NULL, 0, NULL, &file);

        assert_int_equal(result.error, bad ? TIN_E_SERVER : TIN_OK);
        if (!bad)
            assert_ok(read_pattern("good", file, 100, &bytes));
        result = tin_open_url(session, ftp_url(closed, "/"), NULL, 0, NULL, &file);
        assert_int_equal(result.error, TIN_E_CONNECT);
        assert_int_equal(tin_get_last_response_info(session, NULL, &size).error,
                         TIN_E_BUFFER_TOO_SMALL);
        assert_int_equal(size, 1); /* the NUL */
        assert_ok(tin_open_url(session, ftp_url(server, "/gone"), NULL, 0, NULL, &file));
        assert_int_equal(read_pattern("gone", file, 100, &bytes).error, TIN_E_CONNECTION_LOST);
    }
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
    fault_server_stop(closed);
}

/* Wine 8 shows some resets as an orderly end; the server's words tell all the same. */
static void a_data_connection_that_is_reset_is_a_failure_that_stays(void **state)
{
    const fault_step *reset =
        TRANSFER(DATA(FAULT_SEND_COUNTER(500), FAULT_HOLD, FAULT_RST), FAULT_SEND("426 Lost\r\n"));
    fault_server *server = fault_ftp_start(&(fault_ftp){.replies = REPLIES({"RETR", reset})});
    const tin_handle session = open_session();
    char buffer[1000];
    tin_handle file;
    tin_result result;
    size_t got;

    (void)state;
    assert_ok(tin_open_url(session, ftp_url(server, "/file"), NULL, 0, NULL, &file));
    assert_ok(tin_read_file(file, buffer, 500, &got));
    assert_int_equal(got, 500);
    assert_true(fault_pattern_matches(0, buffer, got));
    fault_server_release(server);
    result = tin_read_file(file, buffer, sizeof buffer, &got);
    assert_int_equal(got, 0);
    assert_true(result.error == TIN_E_CONNECTION_LOST || result.error == TIN_E_TRUNCATED);
    for (int i = 0; i < 3; i++) {
        const tin_result again = tin_read_file(file, buffer, 1, &got);

        assert_int_equal(again.error, result.error);
        assert_int_equal(again.last_error, result.last_error);
        assert_int_equal(got, 0);
    }
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void closing_in_the_middle_of_a_transfer_does_not_wait(void **state)
{
    const fault_step *endless = TRANSFER(DATA(FAULT_SEND_COUNTER(FAULT_FOREVER)));
    fault_server *server = fault_ftp_start(&(fault_ftp){.replies = REPLIES({"RETR", endless})});
    const tin_handle session = open_session();
    char buffer[1000];
    tin_handle file;
    uint64_t began;
    size_t got;

    (void)state;
    assert_ok(tin_open_url(session, ftp_url(server, "/file"), NULL, 0, NULL, &file));
    assert_ok(tin_read_file(file, buffer, sizeof buffer, &got));
    began = test_now_ms();
    assert_ok(tin_close_handle(file));
    assert_ok(tin_close_handle(session));
    assert_true(test_now_ms() - began < 1000);
    fault_server_stop(server);
}

/* ---- stalls ---------------------------------------------------------------------------------- */

static const fault_step mute[] = {FAULT_MUTE, FAULT_END};

/* Where the server stops, and which time-out ends that. The second option is one that does not. */
static const struct stall {
    const char *name;
    fault_ftp ftp;
    DWORD option, other;
    bool in_read;
    uint64_t bytes;
    /* clang-format off */
} stalls[] = {
    {"greeting",
     {.greeting = mute},
     INTERNET_OPTION_RECEIVE_TIMEOUT,
     INTERNET_OPTION_DATA_RECEIVE_TIMEOUT,
     false,
     0},
    {"greeting of another protocol",
     {.greeting = REPLY("SSH-2.0-OpenSSH")},
     INTERNET_OPTION_RECEIVE_TIMEOUT,
     INTERNET_OPTION_DATA_RECEIVE_TIMEOUT,
     false,
     0},
    {"USER",
     {.replies = REPLIES({"USER", mute})},
     INTERNET_OPTION_RECEIVE_TIMEOUT,
     INTERNET_OPTION_DATA_RECEIVE_TIMEOUT,
     false,
     0},
    {"PASS",
     {.replies = REPLIES({"PASS", mute})},
     INTERNET_OPTION_RECEIVE_TIMEOUT,
     INTERNET_OPTION_DATA_RECEIVE_TIMEOUT,
     false,
     0},
    {"half a reply to PASS",
     {.replies =
          REPLIES({"PASS", ((const fault_step[]){FAULT_SEND("230 Log"), FAULT_MUTE, FAULT_END})})},
     INTERNET_OPTION_RECEIVE_TIMEOUT,
     INTERNET_OPTION_DATA_RECEIVE_TIMEOUT,
     false,
     0},
    {"TYPE",
     {.replies = REPLIES({"TYPE", mute})},
     INTERNET_OPTION_RECEIVE_TIMEOUT,
     INTERNET_OPTION_DATA_RECEIVE_TIMEOUT,
     false,
     0},
    {"PASV",
     {.replies = REPLIES({"PASV", mute})},
     INTERNET_OPTION_RECEIVE_TIMEOUT,
     INTERNET_OPTION_DATA_RECEIVE_TIMEOUT,
     false,
     0},
    {"RETR",
     {.replies = REPLIES({"RETR", mute})},
     INTERNET_OPTION_RECEIVE_TIMEOUT,
     INTERNET_OPTION_DATA_RECEIVE_TIMEOUT,
     false,
     0},
    {"first byte",
     {.replies = REPLIES({"RETR", TRANSFER(DATA(FAULT_MUTE))})},
     INTERNET_OPTION_DATA_RECEIVE_TIMEOUT,
     INTERNET_OPTION_RECEIVE_TIMEOUT,
     true,
     0},
    {"data",
     {.replies = REPLIES({"RETR", TRANSFER(DATA(FAULT_SEND_COUNTER(500), FAULT_MUTE))})},
     INTERNET_OPTION_DATA_RECEIVE_TIMEOUT,
     INTERNET_OPTION_RECEIVE_TIMEOUT,
     true,
     500},
    {"the last word",
     {.replies = REPLIES({"RETR", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_MUTE)})},
     INTERNET_OPTION_RECEIVE_TIMEOUT,
     INTERNET_OPTION_DATA_RECEIVE_TIMEOUT,
     true,
     500},
};
/* clang-format on */

enum { BY_ITS_OPTION, BY_RECEIVE_TIMEOUT, BY_TOTAL_TIMEOUT, WAYS };
static const char *const ways[] = {"its own time-out", "RECEIVE_TIMEOUT alone",
                                   "the total time-out"};

static void set_timeouts(tin_handle session, const struct stall *stall, int way)
{
    if (way == BY_ITS_OPTION) {
        assert_ok(tin_set_option_dword(session, stall->option, TIMEOUT_MS));
        assert_ok(tin_set_option_dword(session, stall->other, TEST_PATIENCE_MS));
    } else if (way == BY_RECEIVE_TIMEOUT) {
        assert_ok(tin_set_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT, TIMEOUT_MS));
    } else {
        assert_ok(tin_set_option_dword(session, TIN_OPTION_TOTAL_TIMEOUT, TIMEOUT_MS));
    }
}

/* One client, which stalls, on a thread of its own. */
typedef struct test_client {
    const char *url;
    tin_handle session, file; /* the file's as soon as it has one */
    uint64_t bytes;
    unsigned replies;    /* of the server's, that were waited for */
    uint64_t began;      /* the wait that the time-out is for; by_total: all */
    uint64_t call_ms;    /* how long the last call took; by_total: all */
    uint64_t blocked_ms; /* and of that, from `began` */
    bool by_total, opened;
    tin_result result;
    char buffer[1000];
} test_client;

/* A time-out is that of the logon (the greeting, USER and PASS), or of what comes then: the opening
 * of the file. What came before, on a busy machine, takes its time as well. */
static void on_status(tin_handle handle, void *context, const tin_status *status)
{
    enum { LOGON_REPLIES = 3 };
    test_client *client = context;

    (void)handle;
    if (status->code == INTERNET_STATUS_HANDLE_CREATED)
        client->file = status->handle;
    if (status->code == INTERNET_STATUS_RECEIVING_RESPONSE && !client->by_total &&
        client->replies++ % LOGON_REPLIES == 0 && client->replies <= LOGON_REPLIES + 1)
        client->began = test_now_ms();
}

static void run_client(void *context)
{
    test_client *client = context;
    uint64_t call_began = test_now_ms();
    size_t got = 1;
    tin_handle file;

    client->began = call_began;
    client->result = tin_open_url(client->session, client->url, NULL, 0, NULL, &file);
    client->opened = tin_ok(client->result);
    while (tin_ok(client->result) && got != 0) {
        if (!client->by_total)
            client->began = call_began = test_now_ms();
        client->result = tin_read_available(file, client->buffer, sizeof client->buffer, &got);
        client->bytes += got;
    }
    client->call_ms = test_now_ms() - call_began;
    client->blocked_ms = test_now_ms() - client->began;
}

static void begin_client(test_client *client, fault_server *server)
{
    memset(client, 0, sizeof *client);
    client->url = ftp_url(server, "/file");
    client->session = open_session();
    assert_ok(tin_set_status_callback(client->session, on_status, client));
}

typedef struct deadline_check {
    const struct stall *stall;
    fault_server *server;
    test_client client;
    test_thread *thread;
    bool in_time;
} deadline_check;

static void begin_check(deadline_check *check, int way)
{
    check->server = fault_ftp_start(&check->stall->ftp);
    begin_client(&check->client, check->server);
    check->client.by_total = way == BY_TOTAL_TIMEOUT;
    set_timeouts(check->client.session, check->stall, way);
    check->thread = test_thread_start(run_client, &check->client);
}

static void end_check(deadline_check *check, int way)
{
    const test_client *client = &check->client;

    test_thread_join(check->thread, TEST_PATIENCE_MS);
    fault_server_stop(check->server);
    assert_ok(tin_close_handle(client->session));
    if (client->result.error != TIN_E_TIMEOUT)
        fail_msg("%s, by %s: %s after %u bytes", check->stall->name, ways[way],
                 tin_error_name(client->result.error), (unsigned)client->bytes);
    /* A busy machine may be too slow to get that far; GetTickCount64 moves in steps of up to 16 ms
     * on Windows. */
    check->in_time = client->opened == check->stall->in_read &&
                     client->bytes == check->stall->bytes && client->call_ms + 20 >= TIMEOUT_MS &&
                     client->blocked_ms <= TIMEOUT_MS + LATE_MS;
}

/* At once: one by one they would take long. Those that were not in time are tried again. */
static void check_deadlines(int way)
{
    static deadline_check checks[TEST_COUNT_OF(stalls)];

    memset(checks, 0, sizeof checks);
    for (int try = 0; try < TRIES; try++) {
        bool again[TEST_COUNT_OF(stalls)];

        for (size_t i = 0; i < TEST_COUNT_OF(stalls); i++) {
            checks[i].stall = &stalls[i];
            again[i] = !checks[i].in_time;
            if (again[i])
                begin_check(&checks[i], way);
        }
        for (size_t i = 0; i < TEST_COUNT_OF(stalls); i++)
            if (again[i])
                end_check(&checks[i], way);
    }
    for (size_t i = 0; i < TEST_COUNT_OF(stalls); i++)
        if (!checks[i].in_time)
            fail_msg("%s, by %s: %u ms became %u, after %u bytes", stalls[i].name, ways[way],
                     TIMEOUT_MS, (unsigned)checks[i].client.blocked_ms,
                     (unsigned)checks[i].client.bytes);
}

static void stalls_end_at_their_time_out(void **state)
{
    (void)state;
    for (int way = 0; way < WAYS; way++)
        check_deadlines(way);
}

static const struct action {
    const char *name;
    tin_result (*act)(tin_handle handle);
    bool on_session;
} actions[] = {
    {"tin_cancel on the file", tin_cancel, false},
    {"tin_cancel on the session", tin_cancel, true},
    {"tin_close_handle on the file", tin_close_handle, false},
    {"tin_close_handle on the session", tin_close_handle, true},
};

static void check_cancel(const struct stall *stall, const struct action *action)
{
    const bool closes_session = action->on_session && action->act == tin_close_handle;
    uint64_t returned_ms = 0;

    for (int try = 0; try < TRIES; try++) {
        fault_server *server = fault_ftp_start(&stall->ftp);
        test_client client;
        test_thread *thread;
        uint64_t began;
        bool stalled;

        begin_client(&client, server);
        thread = test_thread_start(run_client, &client);
        stalled = fault_server_wait(server, FAULT_HOLDS, 1, TEST_PATIENCE_MS);
        began = test_now_ms();
        assert_ok(action->act(action->on_session ? client.session : client.file));
        test_thread_join(thread, TEST_PATIENCE_MS);
        returned_ms = test_now_ms() - began;
        if (!stalled || client.result.error != TIN_E_CANCELLED)
            fail_msg("%s, %s: %s", stall->name, action->name, tin_error_name(client.result.error));
        if (!closes_session)
            assert_ok(tin_close_handle(client.session));
        fault_server_stop(server); /* lets go what was given up, too */
        if (returned_ms <= CANCEL_MS)
            return;
    }
    fail_msg("%s, %s: returned after %u ms", stall->name, action->name, (unsigned)returned_ms);
}

static void stalled_calls_return_when_another_thread_cancels_or_closes(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(stalls); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(actions); j++)
            if ((stalls[i].ftp.greeting == mute || stalls[i].ftp.greeting == NULL) &&
                test_has_turn(i + j))
                check_cancel(&stalls[i], &actions[j]);
}

static void a_file_beside_one_that_was_cancelled_goes_on(void **state)
{
    const fault_step *stall = TRANSFER(DATA(FAULT_SEND_COUNTER(5), FAULT_MUTE));
    const fault_route *replies = REPLIES({"RETR stalls", stall});
    fault_server *server = fault_ftp_start(&(fault_ftp){.replies = replies, .size = 2 * MIB});
    const tin_handle session = open_session();
    tin_handle stalled, good;
    uint64_t bytes;
    char byte;
    size_t got;

    (void)state;
    assert_ok(tin_open_url(session, ftp_url(server, "/stalls"), NULL, 0, NULL, &stalled));
    assert_ok(tin_open_url(session, ftp_url(server, "/good"), NULL, 0, NULL, &good));
    assert_ok(tin_read_file(good, &byte, 1, &got));
    assert_ok(tin_cancel(stalled));
    assert_int_equal(tin_read_file(stalled, &byte, 1, &got).error, TIN_E_CANCELLED);
    assert_ok(tin_close_handle(stalled));
    assert_ok(tin_close_handle(good));
    assert_ok(tin_open_url(session, ftp_url(server, "/good"), NULL, 0, NULL, &good));
    assert_ok(read_pattern("good", good, 65536, &bytes));
    assert_int_equal(bytes, 2 * MIB);
    assert_ok(tin_close_handle(session));
    fault_server_release(server);
    fault_server_stop(server);
}

/* ---- events ---------------------------------------------------------------------------------- */

typedef struct test_events {
    DWORD thread;
    bool elsewhere, closed, after_close, wrong;
    tin_handle file;
    size_t count;
    DWORD codes[128];
    char connected_to[64];
    tin_result complete;
} test_events;

static void record(tin_handle handle, void *context, const tin_status *status)
{
    test_events *events = context;

    if (events == NULL)
        return; /* about the session */
    if (status->code == INTERNET_STATUS_HANDLE_CREATED && events->file == NULL)
        events->file = status->handle;
    else
        events->wrong |= handle != events->file;
    events->elsewhere |= GetCurrentThreadId() != events->thread;
    events->after_close |= events->closed;
    if (status->code == INTERNET_STATUS_CONNECTED_TO_SERVER && status->text != NULL)
        snprintf(events->connected_to, sizeof events->connected_to, "%s", status->text);
    if (status->code == INTERNET_STATUS_REQUEST_COMPLETE)
        events->complete = status->result;
    if (events->count < TEST_COUNT_OF(events->codes))
        events->codes[events->count++] = status->code;
}

/* Whether the codes occur in this order, others between them. */
static bool has_in_order(const test_events *events, const DWORD *codes, size_t count)
{
    size_t found = 0;

    for (size_t i = 0; i < events->count && found < count; i++)
        found += events->codes[i] == codes[found];
    return found == count;
}

static size_t times(const test_events *events, DWORD code)
{
    size_t count = 0;

    for (size_t i = 0; i < events->count; i++)
        count += events->codes[i] == code;
    return count;
}

static void events_tell_what_happens_on_the_callers_thread(void **state)
{
    static const DWORD order[] = {
        INTERNET_STATUS_HANDLE_CREATED,      INTERNET_STATUS_CONNECTING_TO_SERVER,
        INTERNET_STATUS_CONNECTED_TO_SERVER, INTERNET_STATUS_RECEIVING_RESPONSE,
        INTERNET_STATUS_RESPONSE_RECEIVED,   INTERNET_STATUS_REQUEST_COMPLETE,
        INTERNET_STATUS_HANDLE_CLOSING,
    };
    static const DWORD once[] = {INTERNET_STATUS_HANDLE_CREATED,
                                 INTERNET_STATUS_CONNECTED_TO_SERVER,
                                 INTERNET_STATUS_REQUEST_COMPLETE, INTERNET_STATUS_HANDLE_CLOSING};
    fault_server *server = fault_ftp_start(&(fault_ftp){.size = 100});
    const tin_handle session = open_session();
    test_events events = {.thread = GetCurrentThreadId()};
    uint64_t bytes;
    tin_handle file;

    (void)state;
    assert_ok(tin_set_status_callback(session, record, NULL));
    assert_ok(tin_open_url(session, ftp_url(server, "/file"), NULL, 0, &events, &file));
    assert_ok(read_pattern("events", file, 100, &bytes));
    assert_ok(tin_close_handle(file));
    events.closed = true;
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
    (void)tin__wait_until_idle(TEST_PATIENCE_MS); /* what comes late would be heard by then */
    assert_true(has_in_order(&events, order, TEST_COUNT_OF(order)));
    for (size_t i = 0; i < TEST_COUNT_OF(once); i++)
        assert_int_equal(times(&events, once[i]), 1);
    assert_int_equal(events.codes[events.count - 1], INTERNET_STATUS_HANDLE_CLOSING);
    assert_string_equal(events.connected_to, "127.0.0.1");
    assert_int_equal(events.complete.error, TIN_OK);
    assert_true(events.file == file);
    assert_false(events.elsewhere || events.after_close || events.wrong);
}

static void a_failed_open_is_told_by_an_event(void **state)
{
    fault_server *server =
        fault_ftp_start(&(fault_ftp){.replies = REPLIES({"RETR", REPLY("550 No such file")})});
    const tin_handle session = open_session();
    test_events events = {.thread = GetCurrentThreadId()};
    tin_handle file;

    (void)state;
    assert_ok(tin_set_status_callback(session, record, NULL));
    assert_int_equal(tin_open_url(session, ftp_url(server, "/f"), NULL, 0, &events, &file).error,
                     TIN_E_SERVER);
    assert_int_equal(events.complete.error, TIN_E_SERVER);
    assert_int_equal(events.codes[events.count - 1], INTERNET_STATUS_HANDLE_CLOSING);
    assert_false(events.elsewhere || events.wrong);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_arrive_whole),
        cmocka_unit_test(the_length_is_not_known),
        cmocka_unit_test(files_of_one_session_do_not_wait_for_each_other),
        cmocka_unit_test(paths_are_decoded),
        cmocka_unit_test(users_are_those_of_the_url_or_else_of_the_options),
        cmocka_unit_test(users_of_the_options_are_one_line),
        cmocka_unit_test(names_beyond_ascii_are_sent_in_utf8),
        cmocka_unit_test(no_freed_memory_holds_the_password),
        cmocka_unit_test(transfer_types_are_those_of_the_url_or_else_of_the_flags),
        cmocka_unit_test(transfers_are_passive),
        cmocka_unit_test(refusals_are_told_with_the_servers_words),
        cmocka_unit_test(words_beyond_ascii_are_utf8),
        cmocka_unit_test(a_refused_connection_is_told),
        cmocka_unit_test(transfers_that_are_broken_off_are_told_from_whole_ones),
        cmocka_unit_test(the_servers_words_on_a_broken_transfer_are_kept_with_the_file),
        cmocka_unit_test(nobodys_words_are_taken_for_anothers),
        cmocka_unit_test(a_data_connection_that_is_reset_is_a_failure_that_stays),
        cmocka_unit_test(closing_in_the_middle_of_a_transfer_does_not_wait),
        cmocka_unit_test(stalls_end_at_their_time_out),
        cmocka_unit_test(stalled_calls_return_when_another_thread_cancels_or_closes),
        cmocka_unit_test(a_file_beside_one_that_was_cancelled_goes_on),
        cmocka_unit_test(events_tell_what_happens_on_the_callers_thread),
        cmocka_unit_test(a_failed_open_is_told_by_an_event),
    };

    return test_run_group(tests, NULL, NULL);
}
