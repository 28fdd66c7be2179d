/* SPDX-License-Identifier: MIT */
/* Bodies that are written piece by piece: all of them, in the right order, to the right server, or
 * an error. */
#include "request_fixture.h"
#include "wrap.h"

#define EMPTY_OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static const fault_step takes_body[] = {
    FAULT_READ_REQUEST,
    FAULT_READ_BODY,
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    FAULT_AGAIN,
};

static volatile LONG ends;

TIN_WRAP(HttpEndRequestW);

static BOOL WINAPI wrap_HttpEndRequestW(HINTERNET request, LPINTERNET_BUFFERSW buffers, DWORD flags,
                                        DWORD_PTR context)
{
    InterlockedIncrement(&ends);
    return real_HttpEndRequestW(request, buffers, flags, context);
}

static tin_result write_text(tin_handle request, const char *text)
{
    size_t written;
    const tin_result result = tin_write_file(request, text, strlen(text), &written);

    assert_int_equal(written, tin_ok(result) ? strlen(text) : 0);
    return result;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static void pieces_become_one_body(void **state)
{
    static const size_t buffers[] = {0, 1, 4, 100};
    test_link link = link_to(takes_body);
    tin_handle request = request_for(&link, "POST", "/up");

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(buffers); i++) {
        const char *text;

        assert_result(TIN_OK, tin_http_send_request_ex(request, "X-A: b", 12));
        assert_result(TIN_OK, tin_set_write_buffer_size(request, buffers[i]));
        assert_result(TIN_OK, write_text(request, "one,"));
        assert_result(TIN_OK, write_text(request, "two,"));
        assert_result(TIN_OK, write_text(request, "tree"));
        assert_result(TIN_OK, tin_http_end_request(request));
        assert_int_equal(status_of(request), 200);
        assert_string_equal(read_text(request), "hello");
        text = received(link.server, i);
        assert_string_equal(first_line(text), "POST /up HTTP/1.1");
        assert_true(has_line(text, "Content-Length: 12"));
        assert_true(has_line(text, "X-A: b"));
        assert_string_equal(body_of(text), "one,two,tree");
    }
    unlink_all(&link);
}

static void an_upload_and_a_send_take_turns(void **state)
{
    test_link link = link_to(takes_body);
    tin_handle request = request_for(&link, "PUT", "/");

    (void)state;
    assert_result(TIN_OK, tin_http_send_request(request, NULL, "first", 5));
    assert_result(TIN_OK, tin_http_send_request_ex_w(request, L"X-A: b", 3));
    assert_result(TIN_OK, write_text(request, "two"));
    assert_result(TIN_OK, tin_http_end_request(request));
    assert_result(TIN_OK, tin_http_send_request(request, NULL, "third!", 6));
    assert_result(TIN_OK, tin_http_send_request_ex(request, NULL, 0));
    assert_result(TIN_E_ARGUMENT, write_text(request, "x"));
    assert_result(TIN_OK, tin_http_end_request(request));
    assert_string_equal(body_of(received(link.server, 0)), "first");
    assert_string_equal(body_of(received(link.server, 1)), "two");
    assert_string_equal(body_of(received(link.server, 2)), "third!");
    assert_true(has_line(received(link.server, 3), "Content-Length: 0"));
    unlink_all(&link);
}

static void more_or_less_than_announced_is_refused(void **state)
{
    test_link link = link_to(takes_body);
    tin_handle request = request_for(&link, "PUT", "/");
    char byte;
    size_t got;
    DWORD status;
    uint64_t length;

    (void)state;
    assert_result(TIN_OK, tin_http_send_request_ex(request, NULL, 5));
    assert_result(TIN_E_ARGUMENT, write_text(request, "123456"));
    assert_result(TIN_OK, write_text(request, "123"));
    assert_result(TIN_E_ARGUMENT, write_text(request, "456"));
    assert_result(TIN_E_STATE, tin_read_file(request, &byte, 1, &got));
    assert_result(TIN_E_STATE, tin_http_status(request, &status));
    assert_result(TIN_E_NOT_FOUND, tin_get_length(request, &length));
    assert_result(TIN_E_STATE, tin_http_end_request(request));
    assert_result(TIN_OK, write_text(request, "45"));
    assert_result(TIN_OK, tin_http_end_request(request));
    assert_string_equal(body_of(received(link.server, 0)), "12345");
    assert_result(TIN_E_STATE, tin_http_end_request(request));
    assert_result(TIN_E_STATE, write_text(request, "x"));
    unlink_all(&link);
}

/* ---- large ---------------------------------------------------------------------------------- */

static bool read_away(fault_connection *connection, const void *context)
{
    const fault_step all[] = {FAULT_READ_BYTES(*(const uint64_t *)context), FAULT_END};

    return fault_play(connection, all);
}

static void more_than_4_gib_go_up_with_flat_memory(void **state)
{
    enum { PIECE = 1 << 20 };
    /* 32-bit programs copy slowly under Wine */
    const bool whole = sizeof(void *) == 8 && test_moves_gibibytes();
    const uint64_t total = (whole ? 4097ull : 65ull) << 20;
    const fault_step script[] = {FAULT_READ_REQUEST, FAULT_CALL(read_away, &total),
                                 FAULT_SEND(EMPTY_OK), FAULT_AGAIN};
    test_link link = link_to(script);
    tin_handle request = request_for(&link, "PUT", "/");
    char *piece = calloc(1, PIECE);
    uint64_t asked;
    size_t written;

    (void)state;
    assert_non_null(piece);
    assert_result(TIN_OK, tin_http_send_request_ex(request, NULL, total));
    assert_result(TIN_OK, tin_write_file(request, piece, PIECE, &written));
    asked = guarded_heap_asked();
    for (uint64_t sent = PIECE; sent < total; sent += PIECE)
        assert_result(TIN_OK, tin_write_file(request, piece, PIECE, &written));
    /* pieces double five times, when the peer is fast enough for that, and there are two */
    assert_in_range(guarded_heap_asked() - asked, 0, 11);
    assert_result(TIN_OK, tin_http_end_request(request));
    assert_int_equal(status_of(request), 200);
    assert_true(has_line(received(link.server, 0),
                         whole ? "Content-Length: 4296015872" : "Content-Length: 68157440"));
    assert_int_equal(fault_server_count(link.server, FAULT_BODIES), 1);
    free(piece);
    unlink_all(&link);
}

static void a_total_above_4_gib_is_announced_whole(void **state)
{
    static const fault_step script[] = {FAULT_READ_REQUEST, FAULT_MUTE, FAULT_END};
    test_link link = link_to(script);
    tin_handle request = request_for(&link, "PUT", "/");

    (void)state;
    assert_result(TIN_OK, tin_http_send_request_ex(request, NULL, 0x123456789ull));
    assert_result(TIN_OK, write_text(request, "x"));
    assert_true(fault_server_wait(link.server, FAULT_REQUESTS, 1, TEST_PATIENCE_MS));
    assert_true(has_line(received(link.server, 0), "Content-Length: 4886718345"));
    unlink_all(&link);
}

/* ---- redirects ------------------------------------------------------------------------------ */

#define MOVED(status)                                                                              \
    {                                                                                              \
        FAULT_READ_BODY,                                                                           \
            FAULT_SEND("HTTP/1.1 " #status " X\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"),     \
            FAULT_AGAIN                                                                            \
    }

static void a_redirect_does_not_get_a_body_that_is_gone(void **state)
{
    static const fault_step moved_302[] = MOVED(302), moved_303[] = MOVED(303),
                            moved_307[] = MOVED(307), ok[] = {FAULT_SEND(EMPTY_OK), FAULT_AGAIN};
    static const fault_route routes[] = {
        {"/302", moved_302}, {"/303", moved_303}, {"/307", moved_307}, {"/b", ok}, {NULL, NULL}};
    static const struct row {
        const char *verb, *object;
        tin_error error;
        DWORD status;
    } rows[] = {
        {"POST", "/302", TIN_OK, 200},        {"PUT", "/302", TIN_E_REDIRECT, 302},
        {"PUT", "/303", TIN_OK, 200},         {"POST", "/307", TIN_E_REDIRECT, 307},
        {"PUT", "/307", TIN_E_REDIRECT, 307},
    };
    test_link link = link_to_routes(routes);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        tin_handle request = request_for(&link, rows[i].verb, rows[i].object);
        tin_result result;

        assert_result(TIN_OK, tin_http_send_request_ex(request, NULL, 4));
        assert_result(TIN_OK, write_text(request, "body"));
        result = tin_http_end_request(request);
        if (result.error != rows[i].error || status_of(request) != rows[i].status)
            fail_msg("%s %s: %s", rows[i].verb, rows[i].object, tin_error_name(result.error));
    }
    unlink_all(&link);
}

/* ---- a proxy that is asked for a tunnel ------------------------------------------------------ */

static void nothing_of_a_secret_body_goes_to_a_proxy(void **state)
{
    static const fault_step proxy[] = {
        FAULT_READ_REQUEST, FAULT_SEND("HTTP/1.1 200 Tunnel\r\n\r\n"), FAULT_READ_ALL, FAULT_END};
    fault_server *server = fault_server_start(proxy);
    char name[64];
    tin_handle session, connection, request;
    tin_result result;

    (void)state;
    snprintf(name, sizeof name, "127.0.0.1:%u", fault_server_port(server));
    assert_result(TIN_OK, tin_open("test", INTERNET_OPEN_TYPE_PROXY, name, NULL, 0, &session));
    assert_result(TIN_OK, tin_connect(session, "secret.invalid", 443, NULL, NULL,
                                      INTERNET_SERVICE_HTTP, 0, NULL, &connection));
    assert_result(TIN_OK, tin_http_open_request(connection, "PUT", "/", NULL, NULL, NULL,
                                                INTERNET_FLAG_SECURE, NULL, &request));
    assert_result(TIN_OK, tin_set_option_dword(request, INTERNET_OPTION_RECEIVE_TIMEOUT, 2000));
    result = tin_http_send_request_ex(request, NULL, 6);
    if (result.error != TIN_E_PROXY) /* Windows may find that there is no TLS */
        assert_false(tin_ok(result));
    assert_false(tin_ok(write_text(request, "secret")));
    assert_false(tin_ok(tin_http_end_request(request)));
    assert_result(TIN_OK, tin_close_handle(session));
    assert_true(fault_server_wait(server, FAULT_CLOSED, 1, TEST_PATIENCE_MS));
    assert_null(strstr(body_of(received(server, 0)), "secret"));
    fault_server_stop(server);
}

/* ---- given up ------------------------------------------------------------------------------- */

static void an_unfinished_body_leaves_no_connection_behind(void **state)
{
    static const char *const ways[] = {"closed", "sent again", "cancelled"};
    static const fault_step script[] = {FAULT_READ_REQUEST, FAULT_READ_BODY, FAULT_SEND(EMPTY_OK),
                                        FAULT_AGAIN};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(ways); i++) {
        test_link link = link_to(script);
        tin_handle request = request_for(&link, "PUT", "/first"), other;

        assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0)); /* is kept alive */
        assert_result(TIN_OK, tin_close_handle(request));
        request = request_for(&link, "PUT", "/unfinished");
        assert_result(TIN_OK, tin_http_send_request_ex(request, NULL, 1000));
        assert_result(TIN_OK, write_text(request, "some"));
        assert_int_equal(fault_server_count(link.server, FAULT_CONNECTIONS), 1);
        if (i == 1) {
            assert_result(TIN_OK, tin_http_send_request(request, NULL, NULL, 0));
        } else {
            if (i == 2)
                assert_result(TIN_OK, tin_cancel(request));
            assert_result(TIN_OK, tin_close_handle(request));
        }
        assert_true(fault_server_wait(link.server, FAULT_CLOSED, 1, TEST_PATIENCE_MS));
        other = request_for(&link, "GET", "/other");
        assert_result(TIN_OK, tin_http_send_request(other, NULL, NULL, 0));
        assert_int_equal(status_of(other), 200);
        if (fault_server_count(link.server, FAULT_CONNECTIONS) < 2)
            fail_msg("%s: the connection was used again", ways[i]);
        unlink_all(&link);
    }
}

static tin_result write_until_it_fails(tin_handle request)
{
    static char piece[1 << 20];
    tin_result result = tin_set_option_dword(request, INTERNET_OPTION_SEND_TIMEOUT, 1000);
    size_t written;

    assert_result(TIN_OK, result);
    assert_result(TIN_OK, tin_http_send_request_ex(request, NULL, 1ull << 32));
    for (int i = 0; tin_ok(result) && i < 100; i++)
        result = tin_write_file(request, piece, sizeof piece, &written);
    return result;
}

/* Wine 8: a send() that waits when its connection is reset may not come back before its time-out,
 * without WinInet as well (about every fifth); then the next try says more. */
static void a_failed_write_is_what_the_end_says(void **state)
{
    static const fault_step resets[] = {FAULT_READ_REQUEST, FAULT_RST, FAULT_END};
    const fault_step *scripts[] = {resets, takes_body, NULL};
    tin_result result = {TIN_E_TIMEOUT, 0};

    (void)state;
    for (int tries = 0; tries < 10 && result.error == TIN_E_TIMEOUT; tries++) {
        test_link link = link_with(fault_server_start_many(scripts), NULL, NULL);
        tin_handle request = request_for(&link, "PUT", "/");
        const LONG before = ends;

        result = write_until_it_fails(request);
        assert_result(result.error, write_text(request, "x"));
        assert_result(result.error, tin_http_end_request(request));
        assert_int_equal(ends, before);
        assert_result(TIN_OK, tin_http_send_request_ex(request, NULL, 2)); /* it can recover */
        assert_result(TIN_OK, write_text(request, "ok"));
        assert_result(TIN_OK, tin_http_end_request(request));
        assert_int_equal(status_of(request), 200);
        unlink_all(&link);
    }
    assert_result(TIN_E_CONNECTION_LOST, result);
}

/* ---- it comes back -------------------------------------------------------------------------- */

static const fault_step stalls_at_the_end[] = {FAULT_READ_REQUEST, FAULT_READ_BODY, FAULT_MUTE,
                                               FAULT_END};

typedef struct upload {
    tin_handle request;
    uint64_t total;
    HANDLE blocked; /* set before the call that blocks */
    volatile LONG ending;
    tin_result result;
} upload;

static void on_status(tin_handle handle, void *context, const tin_status *status)
{
    upload *call = context;

    (void)handle;
    if (status->code == INTERNET_STATUS_RECEIVING_RESPONSE)
        SetEvent(call->blocked);
}

/* Blocks in a write where nobody reads, else in the end. */
static void run_upload(void *context)
{
    static char piece[1 << 20];
    upload *call = context;
    size_t written;

    call->result = tin_http_send_request_ex(call->request, NULL, call->total);
    for (uint64_t sent = 0; tin_ok(call->result) && sent < call->total; sent += sizeof piece) {
        if (sent != 0)
            SetEvent(call->blocked);
        call->result = tin_write_file(call->request, piece, sizeof piece, &written);
    }
    if (tin_ok(call->result))
        call->result = tin_http_end_request(call->request);
}

static const struct stall {
    const char *name;
    const fault_step *script;
    uint64_t total;
    DWORD timeout;
} stalls[] = {
    {"write", fault_script_sink, 1ull << 30, INTERNET_OPTION_SEND_TIMEOUT},
    {"end", stalls_at_the_end, 1 << 20, INTERNET_OPTION_RECEIVE_TIMEOUT},
};

static void an_upload_comes_back_at_its_deadline(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(stalls); i++) {
        test_link link = link_to(stalls[i].script);
        upload call = {.request = request_for(&link, "PUT", "/"), .total = stalls[i].total};
        uint64_t took;

        call.blocked = CreateEventW(NULL, FALSE, FALSE, NULL);
        assert_result(TIN_OK, tin_set_option_dword(call.request, stalls[i].timeout, 300));
        took = test_run_bounded(run_upload, &call, TEST_PATIENCE_MS);
        if (call.result.error != TIN_E_TIMEOUT || took < 280 || took > 3000)
            fail_msg("%s: %s after %u ms", stalls[i].name, tin_error_name(call.result.error),
                     (unsigned)took);
        assert_result(TIN_E_TIMEOUT, tin_http_end_request(call.request));
        CloseHandle(call.blocked);
        unlink_all(&link);
    }
}

static void an_upload_can_be_cancelled_and_closed(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * TEST_COUNT_OF(stalls); i++) {
        const struct stall *stall = &stalls[i / 2];
        const bool closes = i % 2 != 0;
        test_link link = link_to(stall->script);
        upload call = {.request = request_for(&link, "PUT", "/"), .total = stall->total};
        test_thread *thread;
        uint64_t began, took;

        call.blocked = CreateEventW(NULL, FALSE, FALSE, NULL);
        /* it bounds the tear-down, too: a send of Wine 8 may miss that its peer has gone */
        assert_result(TIN_OK,
                      tin_set_option_dword(call.request, INTERNET_OPTION_SEND_TIMEOUT, 5000));
        assert_result(TIN_OK, tin_set_status_callback(call.request, on_status, &call));
        thread = test_thread_start(run_upload, &call);
        assert_int_equal(WaitForSingleObject(call.blocked, TEST_PATIENCE_MS), WAIT_OBJECT_0);
        began = test_now_ms();
        assert_result(TIN_OK, closes ? tin_close_handle(call.request) : tin_cancel(call.request));
        test_thread_join(thread, TEST_PATIENCE_MS);
        took = test_now_ms() - began;
        if (call.result.error != (closes ? call.result.error : TIN_E_CANCELLED) ||
            tin_ok(call.result) || took > 1000)
            fail_msg("%s: %s after %u ms", stall->name, tin_error_name(call.result.error),
                     (unsigned)took);
        CloseHandle(call.blocked);
        unlink_all(&link);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_become_one_body),
        cmocka_unit_test(an_upload_and_a_send_take_turns),
        cmocka_unit_test(more_or_less_than_announced_is_refused),
        cmocka_unit_test(more_than_4_gib_go_up_with_flat_memory),
        cmocka_unit_test(a_total_above_4_gib_is_announced_whole),
        cmocka_unit_test(a_redirect_does_not_get_a_body_that_is_gone),
        cmocka_unit_test(nothing_of_a_secret_body_goes_to_a_proxy),
        cmocka_unit_test(an_unfinished_body_leaves_no_connection_behind),
        cmocka_unit_test(a_failed_write_is_what_the_end_says),
        cmocka_unit_test(an_upload_comes_back_at_its_deadline),
        cmocka_unit_test(an_upload_can_be_cancelled_and_closed),
    };

    return test_run_group(tests, NULL, NULL);
}
