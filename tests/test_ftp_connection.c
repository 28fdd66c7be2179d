/* SPDX-License-Identifier: MIT */
/* Connections to FTP servers: the logon, what can be asked, and how all of it may fail. */
#include "test.h"

#include "ftp_fixture.h"

#include <wchar.h>

static const fault_step mute[] = {FAULT_MUTE, FAULT_END};
static const fault_step closes[] = {FAULT_CLOSE, FAULT_END};
static const fault_step leaves[] = {FAULT_SEND("421 Good night\r\n"), FAULT_CLOSE, FAULT_END};

/* Each line that is said to the server, and the function that has it said. */
static const struct step {
    const char *name;
    tin_result (*ask)(tin_handle connection);
    const char *command;
    const char *line;
} steps[] = {
    {"set directory", ask_set_directory, "CWD", "CWD pub/a b"},
    {"get directory", ask_get_directory, "PWD", "PWD"},
    {"get directory as URL", ask_get_url, "PWD", "PWD"},
    {"create directory", ask_create, "MKD", "MKD new"},
    {"remove directory", ask_remove, "RMD", "RMD old"},
    {"delete file", ask_delete, "DELE", "DELE gone"},
    {"rename: from", ask_rename, "RNFR", "RNFR from"},
    {"rename: to", ask_rename, "RNTO", "RNTO to"},
    {"size: type", ask_size, "TYPE", "TYPE I"},
    {"size", ask_size, "SIZE", "SIZE file"},
    {"command", ask_command, "NOOP", "NOOP"},
    {"read: type", ask_read, "TYPE", "TYPE I"},
    {"read: passive", ask_read, "PASV", "PASV"},
    {"read", ask_read, "RETR", "RETR file"},
    {"write: type", ask_write, "TYPE", "TYPE I"},
    {"write: passive", ask_write, "PASV", "PASV"},
    {"write", ask_write, "STOR", "STOR file"},
    {"find: type", ask_find, "TYPE", "TYPE A"},
    {"find: passive", ask_find, "PASV", "PASV"},
    {"find", ask_find, "LIST", "LIST"},
};

static const fault_step *const listing = LISTING("-rw-r--r-- 1 a b 5 Jan 1 2001 file\r\n");

/* A server that answers one command in its own way. */
typedef struct odd_server {
    fault_route replies[3];
    fault_ftp ftp;
    fault_server *server;
} odd_server;

static void start_odd(odd_server *odd, const char *command, const fault_step *script)
{
    memset(odd, 0, sizeof *odd);
    odd->replies[0] = (fault_route){command, script};
    odd->replies[1] = (fault_route){"LIST", listing};
    odd->ftp.replies = odd->replies;
    odd->ftp.size = 5;
    odd->server = fault_ftp_start(&odd->ftp);
}

/* ---- logon ----------------------------------------------------------------------------------- */

static void logons_end_as_the_server_says(void **state)
{
    const struct {
        const char *name, *user, *password;
        fault_ftp ftp;
        tin_error error;
        const char *words;
        const char *said[2];
    } rows[] = {
        {"anonymous", NULL, NULL, {0}, TIN_OK, "", {"USER anonymous", "PASS"}},
        {"named", "bob", "se cret", {0}, TIN_OK, "", {"USER bob", "PASS se cret"}},
        {"without a password", "bob", NULL, {0}, TIN_OK, "", {"USER bob", "PASS"}},
        {"beyond ASCII",
         "b\xC3\xB6",
         "\xE2\x82\xAC",
         {0},
         TIN_OK,
         "",
         {"USER b\xC3\xB6", "PASS \xE2\x82\xAC"}},
        {"no password wanted",
         "bob",
         "x",
         {.replies = REPLIES({"USER", REPLY("230 In")})},
         TIN_OK,
         "",
         {"USER bob"}},
        {"wrong password",
         "bob",
         "x",
         {.replies = REPLIES({"PASS", REPLY("530 Not you")})},
         TIN_E_AUTH,
         "530 Not you",
         {"PASS x"}},
        {"refused greeting", "bob", "x", {.greeting = leaves}, TIN_E_SERVER, "421 Good", {NULL}},
        {"no greeting", "bob", "x", {.greeting = closes}, TIN_E_CONNECTION_LOST, "", {NULL}},
        {"gone at PASS",
         "bob",
         "x",
         {.replies = REPLIES({"PASS", closes})},
         TIN_E_CONNECTION_LOST,
         NULL,
         {NULL}},
        {"leaves at PASS",
         "bob",
         "x",
         {.replies = REPLIES({"PASS", leaves})},
         TIN_E_SERVER,
         "421",
         {NULL}},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        fault_server *server = fault_ftp_start(&rows[i].ftp);
        const tin_handle session = open_session();
        tin_handle connection = session;
        const tin_result result =
            tin_connect(session, "127.0.0.1", fault_server_port(server), rows[i].user,
                        rows[i].password, INTERNET_SERVICE_FTP, 0, NULL, &connection);

        if (result.error != rows[i].error || (connection != NULL) != tin_ok(result))
            fail_msg("%s: %s", rows[i].name, tin_error_name(result.error));
        if (!tin_ok(result) && rows[i].words != NULL)
            assert_words(rows[i].name, session, rows[i].words);
        for (int j = 0; j < 2 && rows[i].said[j] != NULL; j++)
            assert_said(rows[i].name, server, rows[i].said[j]);
        assert_ok(tin_close_handle(session));
        fault_server_stop(server);
    }
}

static void a_refused_port_is_told(void **state)
{
    fault_server *server = fault_server_start_refusing();
    const tin_handle session = open_session();
    tin_handle connection;

    (void)state;
    assert_gives(tin_connect(session, "127.0.0.1", fault_server_port(server), NULL, NULL,
                             INTERNET_SERVICE_FTP, 0, NULL, &connection),
                 TIN_E_CONNECT);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void transfers_are_passive_unless_active_is_asked_for(void **state)
{
    static const struct {
        const char *name;
        DWORD flags;
        bool active;
    } rows[] = {
        {"default", 0, false},
        {"passive", INTERNET_FLAG_PASSIVE, false},
        {"active", TIN_FLAG_ACTIVE, true},
        {"both", TIN_FLAG_ACTIVE | INTERNET_FLAG_PASSIVE, true},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        fault_server *server = fault_ftp_start(&(fault_ftp){.size = 70000});
        const tin_handle session = open_session();
        tin_handle connection, file;
        uint64_t bytes;

        assert_ok(tin_connect(session, "127.0.0.1", fault_server_port(server), NULL, NULL,
                              INTERNET_SERVICE_FTP, rows[i].flags, NULL, &connection));
        assert_ok(tin_ftp_open_file(connection, "file", GENERIC_READ, 0, NULL, &file));
        assert_ok(read_pattern(rows[i].name, file, 0, &bytes));
        assert_int_equal(bytes, 70000);
        if ((times_said(server, "PASV") + times_said(server, "EPSV") == 0) != rows[i].active ||
            (times_said(server, "PORT") + times_said(server, "EPRT") != 0) != rows[i].active)
            fail_msg("%s: the wrong mode", rows[i].name);
        assert_ok(tin_close_handle(session));
        fault_server_stop(server);
    }
}

/* ---- every step ------------------------------------------------------------------------------ */

static void each_step_says_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(steps); i++) {
        if (!test_has_turn(i))
            continue;
        odd_server odd;
        const tin_handle session = open_session();
        tin_handle connection;

        start_odd(&odd, "NONE", mute);
        connection = log_on(session, odd.server);
        for (int again = 0; again < 2; again++) {
            const tin_result result = steps[i].ask(connection);

            if (!tin_ok(result))
                fail_msg("%s: %s, %u", steps[i].name, tin_error_name(result.error),
                         (unsigned)result.last_error);
        }
        if (times_said(odd.server, steps[i].line) < 2)
            fail_msg("%s: \"%s\" was not said", steps[i].name, steps[i].line);
        assert_ok(tin_close_handle(session));
        fault_server_stop(odd.server);
    }
}

static const struct fault {
    const char *name;
    const fault_step *script;
    tin_error error;
    const char *words; /* NULL: whatever WinInet has */
    tin_error then;    /* NOOP, afterwards */
} faults[] = {
    {"refused", REPLY("550 No"), TIN_E_SERVER, "550 No", TIN_OK},
    {"refused in several lines", REPLY("550-No\r\n and\r\n550 no"), TIN_E_SERVER, "550 no", TIN_OK},
    {"for the moment", REPLY("450 Busy"), TIN_E_SERVER, "450 Busy", TIN_OK},
    {"not logged on", REPLY("530 Who"), TIN_E_AUTH, "530 Who", TIN_OK},
    {"gone", closes, TIN_E_CONNECTION_LOST, NULL, TIN_E_CONNECTION_LOST},
    {"leaves", leaves, TIN_E_SERVER, "421 Good night", TIN_E_CONNECTION_LOST},
};

static void check_fault(const struct step *step, const struct fault *fault)
{
    odd_server odd;
    const tin_handle session = open_session();
    tin_handle connection;
    tin_result result;

    start_odd(&odd, step->command, fault->script);
    connection = log_on(session, odd.server);
    result = step->ask(connection);
    if (result.error != fault->error)
        fail_msg("%s, %s: %s, %u", step->name, fault->name, tin_error_name(result.error),
                 (unsigned)result.last_error);
    if (fault->words != NULL)
        assert_words(step->name, connection, fault->words);
    if (strcmp(step->command, "NOOP") != 0) {
        result = ask_command(connection);
        if (result.error != fault->then)
            fail_msg("%s, %s: then %s, %u", step->name, fault->name, tin_error_name(result.error),
                     (unsigned)result.last_error);
    }
    assert_ok(tin_close_handle(session));
    fault_server_stop(odd.server);
}

static void faults_are_told_at_every_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(steps); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(faults); j++)
            if (test_has_turn(i + j))
                check_fault(&steps[i], &faults[j]);
}

/* ---- stalls ---------------------------------------------------------------------------------- */

/* One client, which stalls, on a thread of its own. */
typedef struct test_client {
    const struct step *step;
    odd_server odd;
    tin_handle session, connection;
    tin_result result;
    uint64_t blocked_ms;
} test_client;

static void begin(test_client *client, const struct step *step, DWORD timeout_option)
{
    memset(client, 0, sizeof *client);
    client->step = step;
    start_odd(&client->odd, step->command, mute);
    client->session = open_session();
    client->connection = log_on(client->session, client->odd.server);
    if (timeout_option != 0)
        assert_ok(tin_set_option_dword(client->connection, timeout_option, TIMEOUT_MS));
}

static void run(void *context)
{
    test_client *client = context;
    const uint64_t began = test_now_ms();

    client->result = client->step->ask(client->connection);
    client->blocked_ms = test_now_ms() - began;
}

static void end(test_client *client)
{
    (void)tin_close_handle(client->session);
    fault_server_stop(client->odd.server);
}

static void check_timeout(const test_client *client)
{
    tin_result result;

    if (client->result.error != TIN_E_TIMEOUT)
        fail_msg("%s: %s", client->step->name, tin_error_name(client->result.error));
    for (size_t i = 0; i < TEST_COUNT_OF(steps); i++) { /* it stays so, and nothing more is said */
        const uint64_t lines = fault_server_count(client->odd.server, FAULT_REQUESTS);

        result = steps[i].ask(client->connection);
        if (result.error != TIN_E_TIMEOUT)
            fail_msg("%s: then %s: %s", client->step->name, steps[i].name,
                     tin_error_name(result.error));
        assert_int_equal(fault_server_count(client->odd.server, FAULT_REQUESTS), lines);
    }
}

/* All at once, for waiting one by one would take long; but for those that once were in time. */
static bool stalls_end_in_time(DWORD option, bool *in_time)
{
    static test_client clients[TEST_COUNT_OF(steps)];
    test_thread *threads[TEST_COUNT_OF(steps)] = {NULL};
    bool all = true;

    for (size_t i = 0; i < TEST_COUNT_OF(steps); i++)
        if (!in_time[i])
            begin(&clients[i], &steps[i], option);
    for (size_t i = 0; i < TEST_COUNT_OF(steps); i++)
        if (!in_time[i])
            threads[i] = test_thread_start(run, &clients[i]);
    for (size_t i = 0; i < TEST_COUNT_OF(steps); i++)
        if (threads[i] != NULL)
            test_thread_join(threads[i], TEST_PATIENCE_MS);
    for (size_t i = 0; i < TEST_COUNT_OF(steps); i++) {
        if (threads[i] == NULL)
            continue;
        check_timeout(&clients[i]);
        in_time[i] = clients[i].blocked_ms + 20 >= TIMEOUT_MS &&
                     clients[i].blocked_ms <= TIMEOUT_MS + LATE_MS;
        all &= in_time[i];
        end(&clients[i]);
    }
    return all;
}

static void stalls_end_at_their_time_out_and_the_connection_with_them(void **state)
{
    static const DWORD options[] = {INTERNET_OPTION_RECEIVE_TIMEOUT, TIN_OPTION_TOTAL_TIMEOUT};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(options); i++) {
        bool in_time[TEST_COUNT_OF(steps)] = {false};
        int tries = 0;

        while (!stalls_end_in_time(options[i], in_time))
            if (++tries == TRIES)
                fail_msg("too late, or too early, %d times", tries);
    }
}

static const struct action {
    const char *name;
    tin_result (*act)(tin_handle handle);
    bool on_session;
} actions[] = {
    {"tin_cancel on the connection", tin_cancel, false},
    {"tin_cancel on the session", tin_cancel, true},
    {"tin_close_handle on the connection", tin_close_handle, false},
    {"tin_close_handle on the session", tin_close_handle, true},
};

static void check_cancel(const struct step *step, const struct action *action)
{
    const tin_error then = action->act == tin_cancel ? TIN_E_CANCELLED : TIN_E_HANDLE;
    uint64_t returned_ms = 0;

    for (int try = 0; try < TRIES; try++) {
        test_client client;
        test_thread *thread;
        uint64_t began;
        bool stalled;

        begin(&client, step, 0);
        thread = test_thread_start(run, &client);
        stalled = fault_server_wait(client.odd.server, FAULT_HOLDS, 1, TEST_PATIENCE_MS);
        began = test_now_ms();
        assert_ok(action->act(action->on_session ? client.session : client.connection));
        test_thread_join(thread, TEST_PATIENCE_MS);
        returned_ms = test_now_ms() - began;
        if (!stalled || client.result.error != TIN_E_CANCELLED)
            fail_msg("%s, %s: %s", step->name, action->name, tin_error_name(client.result.error));
        client.result = ask_command(client.connection);
        if (client.result.error != then)
            fail_msg("%s, %s: then %s", step->name, action->name,
                     tin_error_name(client.result.error));
        end(&client);
        if (returned_ms <= CANCEL_MS)
            return;
    }
    fail_msg("%s, %s: returned after %u ms", step->name, action->name, (unsigned)returned_ms);
}

static void stalled_calls_return_when_another_thread_cancels_or_closes(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(steps); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(actions); j++)
            if (test_has_turn(i + j))
                check_cancel(&steps[i], &actions[j]);
}

static void an_idle_connection_that_was_cancelled_stays_so(void **state)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){0});
    const tin_handle session = open_session();
    const tin_handle connection = log_on(session, server);

    (void)state;
    assert_ok(tin_cancel(connection));
    for (size_t i = 0; i < TEST_COUNT_OF(steps); i++)
        assert_gives(steps[i].ask(connection), TIN_E_CANCELLED);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

/* ---- one call at a time ---------------------------------------------------------------------- */

static void a_second_call_is_refused_while_one_is_in_progress(void **state)
{
    test_client client;
    test_thread *thread;

    (void)state;
    begin(&client, &steps[0], 0);
    thread = test_thread_start(run, &client);
    assert_true(fault_server_wait(client.odd.server, FAULT_HOLDS, 1, TEST_PATIENCE_MS));
    for (size_t i = 0; i < TEST_COUNT_OF(steps); i++)
        assert_gives(steps[i].ask(client.connection), TIN_E_STATE);
    fault_server_release(client.odd.server);
    assert_ok(tin_cancel(client.connection));
    test_thread_join(thread, TEST_PATIENCE_MS);
    end(&client);
}

static void a_connection_is_busy_while_a_file_or_find_of_it_is_open(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        odd_server odd;
        const tin_handle session = open_session();
        tin_handle connection, child;
        tin_find_data data;
        uint64_t lines;

        start_odd(&odd, "NONE", mute);
        connection = log_on(session, odd.server);
        if (kind == 2)
            assert_ok(tin_ftp_find_first_file(connection, NULL, 0, NULL, &data, &child));
        else
            assert_ok(tin_ftp_open_file(connection, "f", kind == 0 ? GENERIC_READ : GENERIC_WRITE,
                                        0, NULL, &child));
        lines = fault_server_count(odd.server, FAULT_REQUESTS);
        for (size_t i = 0; i < TEST_COUNT_OF(steps); i++)
            assert_gives(steps[i].ask(connection), TIN_E_FTP);
        assert_int_equal(fault_server_count(odd.server, FAULT_REQUESTS), lines);
        assert_ok(tin_close_handle(child));
        assert_ok(ask_command(connection));
        assert_ok(tin_close_handle(session));
        fault_server_stop(odd.server);
    }
}

/* ---- arguments ------------------------------------------------------------------------------- */

static void check_name(tin_handle connection, const char *name)
{
    tin_find_data data;
    tin_handle handle = connection;
    uint64_t size = 9;
    const char *const good = "good";

    assert_gives(tin_ftp_set_current_directory(connection, name), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_create_directory(connection, name), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_remove_directory(connection, name), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_delete_file(connection, name), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_rename_file(connection, name, good), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_rename_file(connection, good, name), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_get_file_size(connection, name, &size), TIN_E_ARGUMENT);
    assert_int_equal(size, 0);
    assert_gives(tin_ftp_command(connection, name, false, 0, NULL, &handle), TIN_E_ARGUMENT);
    assert_null(handle);
    handle = connection;
    assert_gives(tin_ftp_open_file(connection, name, GENERIC_READ, 0, NULL, &handle),
                 TIN_E_ARGUMENT);
    assert_null(handle);
    assert_gives(tin_ftp_get_file(connection, name, good, false, 0, 0, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_put_file(connection, good, name, 0, NULL), TIN_E_ARGUMENT);
    if (name != NULL)
        assert_gives(tin_ftp_find_first_file(connection, name, 0, NULL, &data, &handle),
                     TIN_E_ARGUMENT);
}

static void names_that_are_no_line_are_refused(void **state)
{
    static const char *const names[] = {
        NULL, "", "a\r\nDELE b", "a\n", "\r", "a\tb", "\x01", "a\x7F", "\xFF", "\xC0\x80",
    };
    fault_server *server = fault_ftp_start(&(fault_ftp){0});
    const tin_handle session = open_session();
    const tin_handle connection = log_on(session, server);
    const uint64_t lines = fault_server_count(server, FAULT_REQUESTS);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(names); i++)
        check_name(connection, names[i]);
    assert_int_equal(fault_server_count(server, FAULT_REQUESTS), lines);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void other_wrong_arguments_are_refused(void **state)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){0});
    const tin_handle session = open_session();
    const tin_handle connection = log_on(session, server);
    const uint64_t lines = fault_server_count(server, FAULT_REQUESTS);
    tin_find_data data;
    tin_find_data_w data_w;
    tin_handle handle;

    (void)state;
    assert_gives(tin_ftp_get_current_directory(connection, NULL, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_get_current_directory_w(connection, NULL, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_get_current_directory_url(connection, NULL, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_get_file_size(connection, "f", NULL), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_get_file_size_w(connection, L"f", NULL), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_command(connection, "LIST", true, 0, NULL, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_open_file(connection, "f", GENERIC_READ, 0, NULL, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_open_file_w(connection, L"f", GENERIC_READ, 0, NULL, NULL),
                 TIN_E_ARGUMENT);
    assert_gives(tin_ftp_open_file(connection, "f", 0, 0, NULL, &handle), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_open_file(connection, "f", GENERIC_READ | GENERIC_WRITE, 0, NULL, &handle),
                 TIN_E_ARGUMENT);
    assert_gives(tin_ftp_open_file(connection, "f", GENERIC_READ, 3, NULL, &handle),
                 TIN_E_ARGUMENT);
    assert_gives(tin_ftp_find_first_file(connection, NULL, 0, NULL, NULL, &handle), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_find_first_file(connection, NULL, 0, NULL, &data, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_find_first_file_w(connection, NULL, 0, NULL, &data_w, NULL),
                 TIN_E_ARGUMENT);
    assert_gives(tin_find_next_file(connection, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_find_next_file_w(connection, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_find_next_file(connection, &data), TIN_E_HANDLE);
    assert_gives(tin_ftp_get_file(connection, "f", NULL, false, 0, 0, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_get_file(connection, "f", "", false, 0, 0, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_ftp_put_file(connection, NULL, "f", 0, NULL), TIN_E_ARGUMENT);
    assert_int_equal(fault_server_count(server, FAULT_REQUESTS), lines);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void only_connections_to_ftp_servers_are_asked(void **state)
{
    const tin_handle session = open_session();
    tin_handle http;

    (void)state;
    assert_ok(
        tin_connect(session, "127.0.0.1", 1, NULL, NULL, INTERNET_SERVICE_HTTP, 0, NULL, &http));
    for (size_t i = 0; i < TEST_COUNT_OF(steps); i++) {
        assert_gives(steps[i].ask(session), TIN_E_HANDLE);
        assert_gives(steps[i].ask(http), TIN_E_HANDLE);
        assert_gives(steps[i].ask(NULL), TIN_E_HANDLE);
    }
    assert_ok(tin_close_handle(session));
}

static void names_beyond_ascii_are_sent_in_utf8(void **state)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){.size = 5});
    const tin_handle session = open_session();
    const tin_handle connection = log_on(session, server);
    tin_handle file;
    uint64_t size;

    (void)state;
    assert_ok(tin_ftp_create_directory(connection, "\xE2\x82\xAC \xC3\xA9"));
    assert_said("euro", server, "MKD \xE2\x82\xAC \xC3\xA9");
    assert_ok(tin_ftp_set_current_directory_w(connection, L"\x20AC"));
    assert_said("set", server, "CWD \xE2\x82\xAC");
    assert_ok(tin_ftp_create_directory_w(connection, L"\x20AC"));
    assert_said("create", server, "MKD \xE2\x82\xAC");
    assert_ok(tin_ftp_remove_directory_w(connection, L"\x20AC"));
    assert_said("remove", server, "RMD \xE2\x82\xAC");
    assert_ok(tin_ftp_delete_file_w(connection, L"\x20AC"));
    assert_said("delete", server, "DELE \xE2\x82\xAC");
    assert_ok(tin_ftp_rename_file_w(connection, L"\x20AC", L"\xD83D\xDCA9"));
    assert_said("rename", server, "RNFR \xE2\x82\xAC");
    assert_said("rename", server, "RNTO \xF0\x9F\x92\xA9");
    assert_ok(tin_ftp_get_file_size_w(connection, L"\x20AC", &size));
    assert_int_equal(size, 5);
    assert_said("size", server, "SIZE \xE2\x82\xAC");
    assert_ok(tin_ftp_command_w(connection, L"NOOP \x20AC", false, 0, NULL, NULL));
    assert_said("command", server, "NOOP \xE2\x82\xAC");
    assert_ok(tin_ftp_open_file_w(connection, L"\x20AC", GENERIC_READ, 0, NULL, &file));
    assert_said("open", server, "RETR \xE2\x82\xAC");
    assert_gives(tin_ftp_delete_file_w(connection, L"\xD800"), TIN_E_FTP);
    assert_ok(tin_close_handle(file));
    assert_gives(tin_ftp_delete_file_w(connection, L"\xD800"), TIN_E_ARGUMENT);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

/* ---- what is answered ------------------------------------------------------------------------ */

static void the_current_directory_is_what_the_server_says(void **state)
{
    const struct {
        const char *name;
        const fault_step *reply;
        const char *directory, *url; /* behind the port */
    } rows[] = {
        {"root", REPLY("257 \"/\" is it"), "/", "/"},
        {"folder", REPLY("257 \"/a/b\""), "/a/b", "/a/b"},
        {"space", REPLY("257 \"/a b\" is it"), "/a b", "/a%20b"},
        {"what means something in URLs", REPLY("257 \"/a?b#c%d;e\""), "/a?b#c%d;e",
         "/a%3Fb%23c%25d%3Be"},
        {"quotes", REPLY("257 \"/a\"\"b\"\"\" is it"), "/a\"b\"", "/a%22b%22"},
        {"UTF-8", REPLY("257 \"/\xE2\x82\xAC\""), "/\xE2\x82\xAC", "/%E2%82%AC"},
        {"Windows, without a slash", REPLY("257 \"C:\\x\" is it"), "C:\\x", "/C:%5Cx"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        odd_server odd;
        const tin_handle session = open_session();
        tin_handle connection;
        char text[200], url[200];
        wchar_t wide[200], same[200];
        size_t size = sizeof text;

        start_odd(&odd, "PWD", rows[i].reply);
        connection = log_on(session, odd.server);
        assert_ok(tin_ftp_get_current_directory(connection, text, &size));
        if (strcmp(text, rows[i].directory) != 0 || size != strlen(text))
            fail_msg("%s: %s", rows[i].name, text);
        size = 1;
        assert_gives(tin_ftp_get_current_directory(connection, text, &size),
                     TIN_E_BUFFER_TOO_SMALL);
        assert_int_equal(size, strlen(rows[i].directory) + 1);
        size = sizeof wide;
        assert_ok(tin_ftp_get_current_directory_w(connection, wide, &size));
        MultiByteToWideChar(CP_UTF8, 0, rows[i].directory, -1, same, 200);
        assert_int_equal(wcscmp(wide, same), 0);
        size = sizeof text;
        assert_ok(tin_ftp_get_current_directory_url(connection, text, &size));
        snprintf(url, sizeof url, "ftp://127.0.0.1:%u%s", fault_server_port(odd.server),
                 rows[i].url);
        if (strcmp(text, url) != 0 || size != strlen(text))
            fail_msg("%s: %s", rows[i].name, text);
        size = sizeof wide;
        assert_ok(tin_ftp_get_current_directory_url_w(connection, wide, &size));
        assert_int_equal(size, strlen(url) * sizeof *wide);
        assert_ok(tin_close_handle(session));
        fault_server_stop(odd.server);
    }
}

static void sizes_are_those_of_the_reply(void **state)
{
    const struct {
        const char *name;
        const fault_step *reply;
        tin_error error;
        uint64_t size;
    } rows[] = {
        {"0", REPLY("213 0"), TIN_OK, 0},
        {"5 GiB", REPLY("213 5368709120"), TIN_OK, 5368709120u},
        {"the largest", REPLY("213 18446744073709551609"), TIN_OK, 18446744073709551609u},
        {"too large", REPLY("213 18446744073709551616"), TIN_E_PROTOCOL, 0},
        {"far too large", REPLY("213 99999999999999999999999"), TIN_E_PROTOCOL, 0},
        {"negative", REPLY("213 -1"), TIN_E_PROTOCOL, 0},
        {"no number", REPLY("213 x"), TIN_E_PROTOCOL, 0},
        {"half a number", REPLY("213 12x"), TIN_E_PROTOCOL, 0},
        {"nothing", REPLY("213 "), TIN_E_PROTOCOL, 0},
        {"another reply", REPLY("200 5"), TIN_E_PROTOCOL, 0},
        {"none such", REPLY("550 None"), TIN_E_SERVER, 0},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        odd_server odd;
        const tin_handle session = open_session();
        uint64_t size = 99;
        tin_handle connection;
        tin_result result;

        start_odd(&odd, "SIZE", rows[i].reply);
        connection = log_on(session, odd.server);
        result = tin_ftp_get_file_size(connection, "f", &size);
        if (result.error != rows[i].error || size != rows[i].size)
            fail_msg("%s: %s, %llu", rows[i].name, tin_error_name(result.error),
                     (unsigned long long)size);
        assert_ok(tin_close_handle(session));
        fault_server_stop(odd.server);
    }
}

static void replies_that_cannot_be_are_told(void **state)
{
    const struct {
        const char *command;
        tin_result (*ask)(tin_handle connection);
        const fault_step *reply;
    } rows[] = {
        {"CWD", ask_set_directory, REPLY("350 And now?")},
        {"MKD", ask_create, REPLY("150 Here it comes")},
        {"RMD", ask_remove, REPLY("331 Password?")},
        {"DELE", ask_delete, REPLY("227 Passive")},
        {"RETR", ask_read, REPLY("200 Fine")},
        {"STOR", ask_write, REPLY("200 Fine")},
        {"LIST", ask_find, REPLY("200 Fine")},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        odd_server odd;
        const tin_handle session = open_session();
        tin_result result;

        start_odd(&odd, rows[i].command, rows[i].reply);
        result = rows[i].ask(log_on(session, odd.server));
        if (result.error != TIN_E_PROTOCOL)
            fail_msg("%s: %s, %u", rows[i].command, tin_error_name(result.error),
                     (unsigned)result.last_error);
        assert_ok(tin_close_handle(session));
        fault_server_stop(odd.server);
    }
}

static void the_answer_to_a_command_is_kept(void **state)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){0});
    const tin_handle session = open_session();
    const tin_handle connection = log_on(session, server);
    tin_handle data = session;

    (void)state;
    assert_ok(tin_ftp_command(connection, "SYST", false, 0, NULL, &data));
    assert_null(data);
    assert_words("SYST", connection, "215 UNIX");
    assert_gives(tin_ftp_command(connection, "NONE", false, 0, NULL, NULL), TIN_E_SERVER);
    assert_words("NONE", connection, "502 Not here");
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

/* Not in Wine 8. */
static void a_command_may_open_a_data_connection(void **state)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){.size = 500});
    const tin_handle session = open_session();
    const tin_handle connection = log_on(session, server);
    tin_handle data = session;
    const tin_result result = tin_ftp_command(connection, "RETR f", true, 0, NULL, &data);
    uint64_t bytes;

    (void)state;
    if (test_under_wine())
        assert_gives(result, TIN_E_UNSUPPORTED);
    if (tin_ok(result)) {
        assert_ok(read_pattern("data", data, 0, &bytes));
        assert_int_equal(bytes, 500);
        assert_ok(tin_close_handle(data));
    } else {
        assert_null(data);
    }
    assert_ok(ask_command(connection));
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void handles_know_what_they_are(void **state)
{
    odd_server odd;
    const tin_handle session = open_session();
    tin_handle connection, child;
    tin_find_data data;
    DWORD type;

    (void)state;
    start_odd(&odd, "NONE", mute);
    connection = log_on(session, odd.server);
    assert_ok(tin_query_option_dword(connection, INTERNET_OPTION_HANDLE_TYPE, &type));
    assert_int_equal(type, INTERNET_HANDLE_TYPE_CONNECT_FTP);
    assert_ok(tin_ftp_open_file(connection, "f", GENERIC_READ, 0, NULL, &child));
    assert_ok(tin_query_option_dword(child, INTERNET_OPTION_HANDLE_TYPE, &type));
    assert_int_equal(type, INTERNET_HANDLE_TYPE_FTP_FILE);
    assert_ok(tin_close_handle(child));
    assert_ok(tin_ftp_find_first_file(connection, NULL, 0, NULL, &data, &child));
    assert_ok(tin_query_option_dword(child, INTERNET_OPTION_HANDLE_TYPE, &type));
    assert_int_equal(type, INTERNET_HANDLE_TYPE_FTP_FIND);
    assert_ok(tin_close_handle(child));
    assert_ok(tin_close_handle(session));
    fault_server_stop(odd.server);
}

/* ---- events ---------------------------------------------------------------------------------- */

enum { OF_CONNECTION = 1, OF_FILE, OWNERS };

typedef struct test_events {
    tin_handle handles[OWNERS];
    size_t answers[OWNERS];
    bool wrong;
} test_events;

static test_events events;

static void record(tin_handle handle, void *context, const tin_status *status)
{
    const uintptr_t owner = (uintptr_t)context;

    if (status->code == INTERNET_STATUS_HANDLE_CREATED)
        events.handles[owner] = status->handle;
    else
        events.wrong |= handle != events.handles[owner];
    events.answers[owner] += status->code == INTERNET_STATUS_RESPONSE_RECEIVED;
}

static void events_are_told_to_whose_call_it_is(void **state)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){.size = 500});
    const tin_handle session = open_session();
    tin_handle connection, file;
    size_t logon;
    uint64_t bytes;

    (void)state;
    memset(&events, 0, sizeof events);
    assert_ok(tin_set_status_callback(session, record, NULL));
    assert_ok(tin_connect(session, "127.0.0.1", fault_server_port(server), NULL, NULL,
                          INTERNET_SERVICE_FTP, 0, (void *)OF_CONNECTION, &connection));
    logon = events.answers[OF_CONNECTION];
    assert_true(logon >= 1);
    assert_ok(tin_ftp_open_file(connection, "f", GENERIC_READ, 0, (void *)OF_FILE, &file));
    assert_int_equal(events.answers[OF_CONNECTION], logon);
    assert_true(events.answers[OF_FILE] >= 1);
    assert_ok(read_pattern("events", file, 0, &bytes));
    assert_ok(tin_close_handle(file));
    assert_int_equal(events.answers[OF_CONNECTION], logon);
    assert_ok(ask_command(connection));
    assert_int_equal(events.answers[OF_CONNECTION], logon + 1);
    assert_false(events.wrong);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

/* ---- a real server --------------------------------------------------------------------------- */

static void a_real_server_does_it_all(void **state)
{
    tin_handle session;
    const tin_handle connection = log_on_to_real(&session);
    char text[200];
    size_t size = sizeof text;
    uint64_t bytes;

    (void)state;
    assert_ok(tin_ftp_get_current_directory(connection, text, &size));
    assert_string_equal(text, "/");
    assert_ok(tin_ftp_get_file_size(connection, "5g.bin", &bytes));
    assert_true(bytes == 5368709120u);
    assert_gives(tin_ftp_get_file_size(connection, "none.bin", &bytes), TIN_E_SERVER);
    assert_words("none", connection, "550 ");
    assert_ok(tin_ftp_set_current_directory(connection, "upload"));
    assert_ok(tin_ftp_create_directory(connection, "sp ace \"\xE2\x82\xAC\""));
    assert_gives(tin_ftp_create_directory(connection, "sp ace \"\xE2\x82\xAC\""), TIN_E_SERVER);
    assert_ok(tin_ftp_set_current_directory(connection, "sp ace \"\xE2\x82\xAC\""));
    size = sizeof text;
    assert_ok(tin_ftp_get_current_directory(connection, text, &size));
    assert_string_equal(text, "/upload/sp ace \"\xE2\x82\xAC\"");
    assert_ok(tin_ftp_set_current_directory(connection, "/upload"));
    assert_ok(tin_ftp_rename_file(connection, "sp ace \"\xE2\x82\xAC\"", "plain"));
    assert_ok(tin_ftp_remove_directory(connection, "plain"));
    assert_gives(tin_ftp_remove_directory(connection, "plain"), TIN_E_SERVER);
    assert_gives(tin_ftp_delete_file(connection, "plain"), TIN_E_SERVER);
    assert_words("plain", connection, "550 ");
    assert_ok(tin_close_handle(session));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(logons_end_as_the_server_says),
        cmocka_unit_test(a_refused_port_is_told),
        cmocka_unit_test(transfers_are_passive_unless_active_is_asked_for),
        cmocka_unit_test(each_step_says_its_line),
        cmocka_unit_test(faults_are_told_at_every_step),
        cmocka_unit_test(stalls_end_at_their_time_out_and_the_connection_with_them),
        cmocka_unit_test(stalled_calls_return_when_another_thread_cancels_or_closes),
        cmocka_unit_test(an_idle_connection_that_was_cancelled_stays_so),
        cmocka_unit_test(a_second_call_is_refused_while_one_is_in_progress),
        cmocka_unit_test(a_connection_is_busy_while_a_file_or_find_of_it_is_open),
        cmocka_unit_test(names_that_are_no_line_are_refused),
        cmocka_unit_test(other_wrong_arguments_are_refused),
        cmocka_unit_test(only_connections_to_ftp_servers_are_asked),
        cmocka_unit_test(names_beyond_ascii_are_sent_in_utf8),
        cmocka_unit_test(the_current_directory_is_what_the_server_says),
        cmocka_unit_test(sizes_are_those_of_the_reply),
        cmocka_unit_test(replies_that_cannot_be_are_told),
        cmocka_unit_test(the_answer_to_a_command_is_kept),
        cmocka_unit_test(a_command_may_open_a_data_connection),
        cmocka_unit_test(handles_know_what_they_are),
        cmocka_unit_test(events_are_told_to_whose_call_it_is),
        cmocka_unit_test(a_real_server_does_it_all),
    };

    return test_run_group(tests, NULL, NULL);
}
