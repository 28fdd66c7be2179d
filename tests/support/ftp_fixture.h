/* SPDX-License-Identifier: MIT */
/* What the tests of FTP connections share: a session, a logon, scripts, and what the server
 * heard. */
#ifndef TIN_TEST_FTP_FIXTURE_H
#define TIN_TEST_FTP_FIXTURE_H

#include "check.h"
#include "fault_ftp.h"
#include "internal.h"

#define MAYBE_UNUSED __attribute__((unused))

#define MIB ((uint64_t)1 << 20)
#define TIMEOUT_MS 300u
#define LATE_MS 100u  /* promised: no later than this after the deadline */
#define CANCEL_MS 50u /* promised: no later than this after a cancel or close */
#define TRIES 5       /* a busy machine may miss a bound now and then, a defect always does */

#define REPLY(text) ((const fault_step[]){FAULT_SEND(text "\r\n"), FAULT_END})
#define REPLIES(...) ((const fault_route[]){__VA_ARGS__, {NULL, NULL}})
#define TRANSFER(...) ((const fault_step[]){FAULT_SEND("150 OK\r\n"), __VA_ARGS__, FAULT_END})
#define DATA(...) FAULT_FTP_DATA(((const fault_step[]){__VA_ARGS__, FAULT_END}))
#define LISTING(text) TRANSFER(DATA(FAULT_SEND(text)), FAULT_SEND("226 OK\r\n"))

static MAYBE_UNUSED tin_handle open_session(void)
{
    tin_handle session;

    assert_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
    return session;
}

static MAYBE_UNUSED tin_handle log_on(tin_handle session, fault_server *server)
{
    tin_handle connection;

    assert_ok(tin_connect(session, "127.0.0.1", fault_server_port(server), "bob", "secret",
                          INTERNET_SERVICE_FTP, 0, NULL, &connection));
    return connection;
}

/* The real server, as tests/servers/start has set it up; without it the test is skipped. */
static MAYBE_UNUSED tin_handle log_on_to_real(tin_handle *session)
{
    const char *url = test_env("TIN_TEST_FTP");
    tin_handle connection;

    *session = open_session();
    assert_ok(tin_connect(*session, "127.0.0.1", (INTERNET_PORT)atoi(strrchr(url, ':') + 1), NULL,
                          NULL, INTERNET_SERVICE_FTP, 0, NULL, &connection));
    return connection;
}

static MAYBE_UNUSED size_t times_said(fault_server *server, const char *line)
{
    const uint64_t count = fault_server_count(server, FAULT_REQUESTS);
    size_t times = 0;
    char is[1024];

    for (uint64_t i = 0; i < count; i++) {
        fault_server_request(server, i, is, sizeof is);
        is[strcspn(is, "\r\n")] = '\0';
        times += strncmp(is, line, strlen(line)) == 0 && strchr(" ", is[strlen(line)]) != NULL;
    }
    return times;
}

static MAYBE_UNUSED void assert_said(const char *name, fault_server *server, const char *line)
{
    if (times_said(server, line) == 0)
        fail_msg("%s: \"%s\" was not said", name, line);
}

static MAYBE_UNUSED const char *words_of(tin_handle handle)
{
    static char text[1024];
    size_t size = sizeof text;

    assert_ok(tin_get_last_response_info(handle, text, &size));
    return text;
}

static MAYBE_UNUSED void assert_words(const char *name, tin_handle handle, const char *words)
{
    if (strncmp(words_of(handle), words, strlen(words)) != 0)
        fail_msg("%s: the server's words are \"%s\"", name, words_of(handle));
}

/* Reads the pattern, from `from` on, to its end or to a failure. */
static MAYBE_UNUSED tin_result read_pattern(const char *name, tin_handle file, uint64_t from,
                                            uint64_t *bytes)
{
    static char buffer[1 << 16];

    for (*bytes = 0;;) {
        size_t got;
        const tin_result result = tin_read_file(file, buffer, sizeof buffer, &got);

        if (!tin_ok(result) || got == 0)
            return result;
        if (!fault_pattern_matches(from + *bytes, buffer, got))
            fail_msg("%s: wrong bytes after %u", name, (unsigned)*bytes);
        *bytes += got;
    }
}

/* ---- what can be asked of a connection ------------------------------------------------------- */

static MAYBE_UNUSED tin_result ask_set_directory(tin_handle connection)
{
    return tin_ftp_set_current_directory(connection, "pub/a b");
}

static MAYBE_UNUSED tin_result ask_get_directory(tin_handle connection)
{
    char text[100];
    size_t size = sizeof text;

    return tin_ftp_get_current_directory(connection, text, &size);
}

static MAYBE_UNUSED tin_result ask_get_url(tin_handle connection)
{
    char text[100];
    size_t size = sizeof text;

    return tin_ftp_get_current_directory_url(connection, text, &size);
}

static MAYBE_UNUSED tin_result ask_create(tin_handle connection)
{
    return tin_ftp_create_directory(connection, "new");
}

static MAYBE_UNUSED tin_result ask_remove(tin_handle connection)
{
    return tin_ftp_remove_directory(connection, "old");
}

static MAYBE_UNUSED tin_result ask_delete(tin_handle connection)
{
    return tin_ftp_delete_file(connection, "gone");
}

static MAYBE_UNUSED tin_result ask_rename(tin_handle connection)
{
    return tin_ftp_rename_file(connection, "from", "to");
}

static MAYBE_UNUSED tin_result ask_size(tin_handle connection)
{
    uint64_t size;

    return tin_ftp_get_file_size(connection, "file", &size);
}

static MAYBE_UNUSED tin_result ask_command(tin_handle connection)
{
    return tin_ftp_command(connection, "NOOP", false, 0, NULL, NULL);
}

static MAYBE_UNUSED tin_result ask_read(tin_handle connection)
{
    tin_handle file;
    tin_result result = tin_ftp_open_file(connection, "file", GENERIC_READ, 0, NULL, &file);

    if (tin_ok(result))
        tin_close_handle(file);
    return result;
}

static MAYBE_UNUSED tin_result ask_write(tin_handle connection)
{
    tin_handle file;
    tin_result result = tin_ftp_open_file(connection, "file", GENERIC_WRITE, 0, NULL, &file);

    return tin_ok(result) ? tin_close_handle(file) : result;
}

static MAYBE_UNUSED tin_result ask_find(tin_handle connection)
{
    tin_find_data data;
    tin_handle find;
    tin_result result = tin_ftp_find_first_file(connection, "*", 0, NULL, &data, &find);

    if (tin_ok(result))
        tin_close_handle(find);
    return result;
}

#endif
