/* SPDX-License-Identifier: MIT */
/* A blocking call comes back when it is cancelled, and when its handle is closed. At its deadline:
 * test_deadline.c. */
#include "test.h"

#include "fault_server.h"
#include "internal.h"

#define CANCEL_MS 50u /* promised: no later than this after a cancel or close */
#define TRIES 5       /* a busy machine may miss a bound now and then, a defect always does */

/* ---- peers that stall ---------------------------------------------------------------------- */

static const fault_step headers_never_come[] = {FAULT_READ_REQUEST, FAULT_MUTE, FAULT_END};
static const fault_step headers_drip[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nX-Drip: "),
    FAULT_DRIP("x", FAULT_FOREVER, 20),
    FAULT_END,
};
static const fault_step headers_stop[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-"),
    FAULT_MUTE,
    FAULT_END,
};
static const fault_step body_stops[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
    FAULT_SEND_COUNTER(500),
    FAULT_MUTE,
    FAULT_END,
};
static const fault_step body_drips[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\n\r\n"),
    FAULT_DRIP("x", FAULT_FOREVER, 20),
    FAULT_END,
};
static const fault_step chunk_stops[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\nsome"),
    FAULT_MUTE,
    FAULT_END,
};
static const fault_step redirect_then_stall[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"),
    FAULT_READ_REQUEST,
    FAULT_MUTE,
    FAULT_END,
};
static const fault_step ftp_stops_at_user[] = {
    FAULT_SEND("220 hello\r\n"),
    FAULT_MUTE,
    FAULT_END,
};

/* One stall: who stalls, and where the client is blocked then. */
static const struct stall {
    const char *name;
    const fault_step *script; /* NULL: a port on which connect hangs */
    const char *scheme;
    DWORD blocked_code; /* the last event before it blocks */
    bool in_read;       /* rather than while it is opened */
} stalls[] = {
    {"connect", NULL, "http", INTERNET_STATUS_CONNECTING_TO_SERVER, false},
    {"TLS handshake", fault_script_mute, "https", INTERNET_STATUS_CONNECTED_TO_SERVER, false},
    {"status line", headers_never_come, "http", INTERNET_STATUS_RECEIVING_RESPONSE, false},
    {"header drip", headers_drip, "http", INTERNET_STATUS_RECEIVING_RESPONSE, false},
    {"half a header", headers_stop, "http", INTERNET_STATUS_RECEIVING_RESPONSE, false},
    {"second hop of a redirect", redirect_then_stall, "http", INTERNET_STATUS_REDIRECT, false},
    {"body", body_stops, "http", INTERNET_STATUS_RECEIVING_RESPONSE, true},
    {"body drip", body_drips, "http", INTERNET_STATUS_RECEIVING_RESPONSE, true},
    {"chunk", chunk_stops, "http", INTERNET_STATUS_RECEIVING_RESPONSE, true},
    {"FTP greeting", fault_script_mute, "ftp", INTERNET_STATUS_CONNECTED_TO_SERVER, false},
    {"FTP logon", ftp_stops_at_user, "ftp", INTERNET_STATUS_RESPONSE_RECEIVED, false},
};

static fault_server *start(const struct stall *stall)
{
    return stall->script != NULL ? fault_server_start(stall->script) : fault_server_start_full();
}

/* ---- a client on a thread of its own ------------------------------------------------------- */

typedef struct test_client {
    const struct stall *stall;
    const char *url;
    DWORD act_at_code; /* what the callback does, and when */
    void (*act)(struct test_client *client);
    HANDLE blocked; /* set when the client is about to block where it should */
    tin_handle session, file;
    bool reading;
    volatile LONG closed, events_after_close;
    tin_result opened, read;
} test_client;

static void on_status(tin_handle handle, void *context, const tin_status *status)
{
    test_client *client = context;

    (void)handle;
    if (client->closed)
        InterlockedIncrement(&client->events_after_close);
    if (status->code == INTERNET_STATUS_HANDLE_CREATED)
        client->file = status->handle;
    if (status->code == client->stall->blocked_code && client->reading == client->stall->in_read)
        SetEvent(client->blocked);
    if (client->act != NULL && status->code == client->act_at_code)
        client->act(client);
}

static void begin(test_client *client, const struct stall *stall, fault_server *server)
{
    memset(client, 0, sizeof *client);
    client->stall = stall;
    client->url = fault_server_url_for(server, stall->scheme, "/file");
    client->blocked = CreateEventW(NULL, FALSE, FALSE, NULL);
    assert_int_equal(
        tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &client->session).error, TIN_OK);
    assert_int_equal(tin_set_status_callback(client->session, on_status, client).error, TIN_OK);
}

/* Opens and reads to the end; the last of the two calls is the one that is blocked. */
static void run(void *context)
{
    test_client *client = context;
    tin_handle file;
    char buffer[100];
    size_t got = 1;

    client->opened = tin_open_url(client->session, client->url, NULL, 0, NULL, &file);
    client->reading = tin_ok(client->opened);
    client->read = client->opened;
    while (tin_ok(client->read) && got != 0) {
        client->read = tin_read_available(file, buffer, sizeof buffer, &got);
    }
}

static void end(test_client *client, fault_server *server)
{
    tin_close_handle(client->session);
    fault_server_release(server);
    fault_server_stop(server);
    CloseHandle(client->blocked);
}

/* ---- cancelled from another thread ----------------------------------------------------------- */

static void cancel_file(test_client *client)
{
    if (!tin_ok(tin_cancel(client->file)))
        abort();
}

static void cancel_session(test_client *client)
{
    if (!tin_ok(tin_cancel(client->session)))
        abort();
}

static void close_file(test_client *client)
{
    if (!tin_ok(tin_close_handle(client->file)))
        abort();
    InterlockedExchange(&client->closed, client->act == NULL);
}

static void close_session(test_client *client)
{
    if (!tin_ok(tin_close_handle(client->session)))
        abort();
    InterlockedExchange(&client->closed, TRUE);
}

static const struct action {
    const char *name;
    void (*act)(test_client *client);
    bool closes_session;
} actions[] = {
    {"tin_cancel on the file", cancel_file, false},
    {"tin_cancel on the session", cancel_session, false},
    {"tin_close_handle on the file", close_file, false},
    {"tin_close_handle on the session", close_session, true},
};

static void check_result(const test_client *client, const char *where, const char *what)
{
    if (client->read.error != TIN_E_CANCELLED)
        fail_msg("%s, %s: %s", where, what, tin_error_name(client->read.error));
    if (client->events_after_close != 0)
        fail_msg("%s, %s: %ld events after the close", where, what, client->events_after_close);
}

static void check_cancel(const struct stall *stall, const struct action *action)
{
    uint64_t returned_ms = 0;

    for (int try = 0; try < TRIES; try++) {
        fault_server *server = start(stall);
        test_client client;
        test_thread *thread;
        uint64_t began;
        bool blocked;

        if (server == NULL)
            return;
        begin(&client, stall, server);
        thread = test_thread_start(run, &client);
        blocked = WaitForSingleObject(client.blocked, TEST_PATIENCE_MS) == WAIT_OBJECT_0;
        began = test_now_ms();
        action->act(&client);
        test_thread_join(thread, TEST_PATIENCE_MS);
        if (!blocked)
            fail_msg("%s, %s: was not blocked: %s", stall->name, action->name,
                     tin_error_name(client.read.error));
        returned_ms = test_now_ms() - began;
        check_result(&client, stall->name, action->name);
        end(&client, server);
        if (returned_ms <= CANCEL_MS)
            return;
    }
    fail_msg("%s, %s: returned after %u ms", stall->name, action->name, (unsigned)returned_ms);
}

static void a_blocked_call_returns_when_another_thread_cancels_or_closes(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(stalls); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(actions); j++)
            check_cancel(&stalls[i], &actions[j]);
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
}

/* ---- cancelled from within the callback ------------------------------------------------------ */

static void check_in_callback(const struct stall *stall, DWORD code, const struct action *action)
{
    fault_server *server = start(stall);
    char where[64];
    test_client client;

    if (server == NULL)
        return;
    begin(&client, stall, server);
    client.act_at_code = code;
    client.act = action->act;
    test_run_bounded(run, &client, TEST_PATIENCE_MS);
    snprintf(where, sizeof where, "%s, in the callback of %lu", stall->name, code);
    if (client.read.error != TIN_E_CANCELLED)
        fail_msg("%s, %s: %s", where, action->name, tin_error_name(client.read.error));
    end(&client, server);
}

static void a_call_returns_when_its_callback_cancels_or_closes(void **state)
{
    static const DWORD codes[] = {
        INTERNET_STATUS_HANDLE_CREATED,      INTERNET_STATUS_CONNECTING_TO_SERVER,
        INTERNET_STATUS_CONNECTED_TO_SERVER, INTERNET_STATUS_SENDING_REQUEST,
        INTERNET_STATUS_RECEIVING_RESPONSE,
    };
    const struct stall *stall = &stalls[2];

    (void)state;
    assert_string_equal(stall->name, "status line");
    for (size_t i = 0; i < TEST_COUNT_OF(codes); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(actions); j++)
            check_in_callback(stall, codes[i], &actions[j]);
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
}

/* ---- afterwards ------------------------------------------------------------------------------ */

static void a_cancelled_file_stays_cancelled(void **state)
{
    fault_server *server = fault_server_start(body_stops);
    tin_handle session, file;
    char byte;
    size_t got;

    (void)state;
    assert_int_equal(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session).error,
                     TIN_OK);
    assert_int_equal(
        tin_open_url(session, fault_server_url(server, "/"), NULL, 0, NULL, &file).error, TIN_OK);
    assert_int_equal(tin_read_file(file, &byte, 1, &got).error, TIN_OK);
    assert_int_equal(tin_cancel(file).error, TIN_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(tin_read_file(file, &byte, 1, &got).error, TIN_E_CANCELLED);
        assert_int_equal(got, 0);
    }
    assert_int_equal(tin_close_handle(session).error, TIN_OK);
    fault_server_release(server);
    fault_server_stop(server);
}

static void a_session_is_usable_after_its_calls_were_cancelled(void **state)
{
    static const fault_step good[] = {FAULT_READ_REQUEST,
                                      FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
                                      FAULT_END};
    static const fault_route routes[] = {
        {"/stall", headers_never_come + 1}, {"/good", good + 1}, {NULL, NULL}};
    fault_server *server = fault_server_start_routes(routes);
    tin_handle session, file;
    char text[2];
    size_t got;

    (void)state;
    assert_int_equal(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session).error,
                     TIN_OK);
    assert_int_equal(tin_set_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT, 50).error,
                     TIN_OK);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(
            tin_open_url(session, fault_server_url(server, "/stall"), NULL, 0, NULL, &file).error,
            TIN_E_TIMEOUT);
        assert_int_equal(tin_cancel(session).error, TIN_OK);
    }
    assert_int_equal(tin_set_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT, 10000).error,
                     TIN_OK);
    assert_int_equal(
        tin_open_url(session, fault_server_url(server, "/good"), NULL, 0, NULL, &file).error,
        TIN_OK);
    assert_int_equal(tin_read_file(file, text, sizeof text, &got).error, TIN_OK);
    assert_memory_equal(text, "ok", 2);
    assert_int_equal(tin_close_handle(session).error, TIN_OK);
    fault_server_release(server);
    fault_server_stop(server);
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
}

static void closing_does_not_wait_for_an_endless_body(void **state)
{
    static const fault_step flood[] = {
        FAULT_READ_REQUEST,
        FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"),
        FAULT_SEND_COUNTER(1000000000000),
        FAULT_END,
    };
    fault_server *server = fault_server_start(flood);
    tin_handle session, file;
    char text[100];
    size_t got;
    uint64_t began;

    (void)state;
    assert_int_equal(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session).error,
                     TIN_OK);
    assert_int_equal(
        tin_open_url(session, fault_server_url(server, "/"), NULL, 0, NULL, &file).error, TIN_OK);
    assert_int_equal(tin_read_file(file, text, sizeof text, &got).error, TIN_OK);
    began = test_now_ms();
    assert_int_equal(tin_close_handle(file).error, TIN_OK);
    assert_int_equal(tin_close_handle(session).error, TIN_OK);
    assert_true(test_now_ms() - began < 1000);
    fault_server_stop(server);
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
}

/* Without a callback no event wakes the caller: he must know of the later phase's deadline when he
 * goes to sleep in an earlier one. */
static void a_phase_ends_on_time_without_a_callback(void **state)
{
    const unsigned timeout_ms = 200, late_ms = 100;
    uint64_t took = 0;

    (void)state;
    for (int try = 0; try < TRIES; try++) {
        fault_server *server = fault_server_start(headers_never_come);
        tin_handle session, file;
        uint64_t began;

        assert_true(tin_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session)));
        assert_true(
            tin_ok(tin_set_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT, timeout_ms)));
        began = test_now_ms();
        assert_int_equal(
            tin_open_url(session, fault_server_url(server, "/"), NULL, 0, NULL, &file).error,
            TIN_E_TIMEOUT);
        took = test_now_ms() - began;
        assert_true(tin_ok(tin_close_handle(session)));
        fault_server_stop(server);
        if (took <= timeout_ms + late_ms)
            return;
    }
    fail_msg("%u ms became %u", timeout_ms, (unsigned)took);
}

static void a_second_call_on_a_busy_handle_is_refused(void **state)
{
    fault_server *server = fault_server_start(stalls[6].script);
    test_client client;
    test_thread *thread;
    char byte;
    size_t got;

    (void)state;
    assert_string_equal(stalls[6].name, "body");
    begin(&client, &stalls[6], server);
    thread = test_thread_start(run, &client);
    assert_int_equal(WaitForSingleObject(client.blocked, TEST_PATIENCE_MS), WAIT_OBJECT_0);
    assert_int_equal(tin_read_file(client.file, &byte, 1, &got).error, TIN_E_STATE);
    assert_int_equal(tin_set_read_buffer_size(client.file, 100).error, TIN_E_STATE);
    assert_int_equal(tin_cancel(client.file).error, TIN_OK);
    test_thread_join(thread, TEST_PATIENCE_MS);
    end(&client, server);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocked_call_returns_when_another_thread_cancels_or_closes),
        cmocka_unit_test(a_call_returns_when_its_callback_cancels_or_closes),
        cmocka_unit_test(a_cancelled_file_stays_cancelled),
        cmocka_unit_test(a_session_is_usable_after_its_calls_were_cancelled),
        cmocka_unit_test(closing_does_not_wait_for_an_endless_body),
        cmocka_unit_test(a_phase_ends_on_time_without_a_callback),
        cmocka_unit_test(a_second_call_on_a_busy_handle_is_refused),
    };

    return test_run_group(tests, NULL, NULL);
}
