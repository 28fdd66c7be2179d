/* SPDX-License-Identifier: MIT */
/* Sessions: how they are opened, which proxy they use, who is told what, WinInet's own handle. */
#include "test.h"

#include "check.h"
#include "fault_ftp.h"
#include "fault_server.h"
#include "guarded_heap.h"
#include "internal.h"
#include "wrap.h"

#include <wchar.h>

static int nothing_is_left(void **state)
{
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
    return test_files_remove(state);
}

/* ---- InternetOpenW: watched, and made to fail ------------------------------------------------ */

TIN_WRAP(InternetOpenW);

static struct {
    unsigned calls;
    bool fails;
    DWORD error;
    wchar_t agent[64], proxy[64], bypass[64]; /* L"(NULL)" */
    DWORD access_type, flags;
} opened;

static void note(wchar_t *to, const wchar_t *text)
{
    wcsncpy(to, text != NULL ? text : L"(NULL)", 63);
}

static HINTERNET WINAPI wrap_InternetOpenW(LPCWSTR agent, DWORD access_type, LPCWSTR proxy,
                                           LPCWSTR bypass, DWORD flags)
{
    opened.calls++;
    note(opened.agent, agent);
    note(opened.proxy, proxy);
    note(opened.bypass, bypass);
    opened.access_type = access_type;
    opened.flags = flags;
    if (!opened.fails)
        return real_InternetOpenW(agent, access_type, proxy, bypass, flags);
    SetLastError(opened.error);
    return NULL;
}

static void watch_open(bool fails, DWORD error)
{
    memset(&opened, 0, sizeof opened);
    opened.fails = fails;
    opened.error = error;
}

static tin_handle open_direct(void)
{
    tin_handle session;

    watch_open(false, 0);
    assert_ok(tin_open("thing/1", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
    return session;
}

/* ---- open ------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    const char *agent, *proxy, *bypass;
    const wchar_t *wide_agent, *wide_proxy, *wide_bypass;
    DWORD access_type, flags;
} good[] = {
    {"direct", "a", NULL, NULL, L"a", NULL, NULL, INTERNET_OPEN_TYPE_DIRECT, 0},
    {"preconfigured", "a", NULL, NULL, L"a", NULL, NULL, INTERNET_OPEN_TYPE_PRECONFIG, 0},
    {"preconfigured, no script", "a", NULL, NULL, L"a", NULL, NULL,
     INTERNET_OPEN_TYPE_PRECONFIG_WITH_NO_AUTOPROXY, 0},
    {"proxy", "a", "p:1", NULL, L"a", L"p:1", NULL, INTERNET_OPEN_TYPE_PROXY, 0},
    {"proxy and bypass", "a", "p:1", "b", L"a", L"p:1", L"b", INTERNET_OPEN_TYPE_PROXY, 0},
    {"no agent", NULL, NULL, NULL, NULL, NULL, NULL, INTERNET_OPEN_TYPE_DIRECT, 0},
    {"an empty agent", "", NULL, NULL, L"", NULL, NULL, INTERNET_OPEN_TYPE_DIRECT, 0},
    {"not ASCII", "\xC3\xA9\xF0\x9F\x92\xA9", "\xC3\xBC:1", "\xE2\x82\xAC", L"\x00E9\xD83D\xDCA9",
     L"\x00FC:1", L"\x20AC", INTERNET_OPEN_TYPE_PROXY, 0},
    {"offline", "a", NULL, NULL, L"a", NULL, NULL, INTERNET_OPEN_TYPE_DIRECT,
     INTERNET_FLAG_OFFLINE},
};

static bool is_noted(const wchar_t *noted, const wchar_t *text)
{
    return wcscmp(noted, text != NULL ? text : L"(NULL)") == 0;
}

static void check_opened(size_t i, const char *function, tin_result result, tin_handle session)
{
    if (!tin_ok(result) || session == NULL || session == GARBAGE)
        fail_msg("%s, %s: %s", good[i].name, function, tin_error_name(result.error));
    if (opened.calls != 1 || !is_noted(opened.agent, good[i].wide_agent) ||
        !is_noted(opened.proxy, good[i].wide_proxy) ||
        !is_noted(opened.bypass, good[i].wide_bypass) ||
        opened.access_type != good[i].access_type ||
        opened.flags != (good[i].flags | INTERNET_FLAG_ASYNC))
        fail_msg("%s, %s: something else was passed to WinInet", good[i].name, function);
    assert_ok(tin_close_handle(session));
}

static void a_session_is_opened_asynchronously_with_what_was_given(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(good); i++) {
        tin_handle session = GARBAGE;
        tin_result result;

        watch_open(false, 0);
        result = tin_open(good[i].agent, good[i].access_type, good[i].proxy, good[i].bypass,
                          good[i].flags, &session);
        check_opened(i, "UTF-8", result, session);
        session = GARBAGE;
        watch_open(false, 0);
        result = tin_open_w(good[i].wide_agent, good[i].access_type, good[i].wide_proxy,
                            good[i].wide_bypass, good[i].flags, &session);
        check_opened(i, "UTF-16", result, session);
    }
}

/* FTP opens another, when what was given is no longer there. */
static void what_was_given_is_kept_for_ftp(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(good); i++) {
        fault_server *refusing = fault_server_start_refusing();
        tin_handle session, file;
        tin_result result = tin_open(good[i].agent, good[i].access_type, good[i].proxy,
                                     good[i].bypass, good[i].flags, &session);

        assert_error(good[i].name, result, TIN_OK);
        watch_open(false, 0);
        result = tin_open_url(session, fault_server_url_for(refusing, "ftp", "/f"), NULL, 0, NULL,
                              &file);
        assert_row(good[i].name, !tin_ok(result) && file == NULL);
        assert_row(good[i].name, opened.calls == 1 && is_noted(opened.agent, good[i].wide_agent) &&
                                     is_noted(opened.proxy, good[i].wide_proxy) &&
                                     is_noted(opened.bypass, good[i].wide_bypass) &&
                                     opened.access_type == good[i].access_type);
        assert_ok(tin_close_handle(session));
        fault_server_stop(refusing);
    }
}

#define MALFORMED "a\xFF"

static const struct {
    const char *name;
    const char *agent, *proxy, *bypass;
    DWORD access_type, flags;
    tin_error error;
} bad[] = {
    {"asynchronous", "a", NULL, NULL, INTERNET_OPEN_TYPE_DIRECT, INTERNET_FLAG_ASYNC,
     TIN_E_UNSUPPORTED},
    {"asynchronous among others", "a", NULL, NULL, INTERNET_OPEN_TYPE_PRECONFIG,
     INTERNET_FLAG_ASYNC | INTERNET_FLAG_OFFLINE, TIN_E_UNSUPPORTED},
    {"type 2", "a", NULL, NULL, 2, 0, TIN_E_ARGUMENT},
    {"type 5", "a", NULL, NULL, 5, 0, TIN_E_ARGUMENT},
    {"type 99", "a", NULL, NULL, 99, 0, TIN_E_ARGUMENT},
    {"type -1", "a", NULL, NULL, (DWORD)-1, 0, TIN_E_ARGUMENT},
    {"proxy NULL", "a", NULL, NULL, INTERNET_OPEN_TYPE_PROXY, 0, TIN_E_ARGUMENT},
    {"proxy empty", "a", "", NULL, INTERNET_OPEN_TYPE_PROXY, 0, TIN_E_ARGUMENT},
    {"agent malformed", MALFORMED, NULL, NULL, INTERNET_OPEN_TYPE_DIRECT, 0, TIN_E_ARGUMENT},
    {"proxy malformed", "a", MALFORMED, NULL, INTERNET_OPEN_TYPE_PROXY, 0, TIN_E_ARGUMENT},
    {"bypass malformed", "a", "p", MALFORMED, INTERNET_OPEN_TYPE_PROXY, 0, TIN_E_ARGUMENT},
};

static void bad_arguments_are_refused_before_wininet(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(bad); i++) {
        tin_handle session = GARBAGE;
        tin_result result;

        watch_open(false, 0);
        result = tin_open(bad[i].agent, bad[i].access_type, bad[i].proxy, bad[i].bypass,
                          bad[i].flags, &session);
        if (result.error != bad[i].error || result.last_error != 0 || session != NULL ||
            opened.calls != 0)
            fail_msg("%s: %s, %u calls of WinInet", bad[i].name, tin_error_name(result.error),
                     opened.calls);
    }
}

static void bad_arguments_are_refused_in_utf16_too(void **state)
{
    static const struct {
        const char *name;
        const wchar_t *proxy;
        DWORD access_type, flags;
        tin_error error;
    } rows[] = {
        {"asynchronous", NULL, INTERNET_OPEN_TYPE_DIRECT, INTERNET_FLAG_ASYNC, TIN_E_UNSUPPORTED},
        {"type 2", NULL, 2, 0, TIN_E_ARGUMENT},
        {"proxy NULL", NULL, INTERNET_OPEN_TYPE_PROXY, 0, TIN_E_ARGUMENT},
        {"proxy empty", L"", INTERNET_OPEN_TYPE_PROXY, 0, TIN_E_ARGUMENT},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        tin_handle session = GARBAGE;
        tin_result result;

        watch_open(false, 0);
        result =
            tin_open_w(L"a", rows[i].access_type, rows[i].proxy, NULL, rows[i].flags, &session);
        if (result.error != rows[i].error || session != NULL || opened.calls != 0)
            fail_msg("%s: %s, %u calls of WinInet", rows[i].name, tin_error_name(result.error),
                     opened.calls);
    }
}

static void a_place_for_the_session_is_needed(void **state)
{
    (void)state;
    watch_open(false, 0);
    assert_gives(tin_open("a", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_open_w(L"a", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, NULL), TIN_E_ARGUMENT);
    assert_int_equal(opened.calls, 0);
}

static void what_internetopen_says_is_a_typed_error_and_nothing_is_left(void **state)
{
    static const struct {
        const char *name;
        DWORD said;
        tin_error error;
    } rows[] = {
        {"no handles", ERROR_INTERNET_OUT_OF_HANDLES, TIN_E_MEMORY},
        {"no memory", ERROR_NOT_ENOUGH_MEMORY, TIN_E_MEMORY},
        {"wrong parameter", ERROR_INVALID_PARAMETER, TIN_E_ARGUMENT},
        {"internal", ERROR_INTERNET_INTERNAL_ERROR, TIN_E_INTERNAL},
        {"no reason", 0, TIN_E_INTERNAL},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        tin_handle session = GARBAGE;
        tin_result result;

        watch_open(true, rows[i].said);
        result = tin_open("a", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session);
        if (result.error != rows[i].error || result.last_error != rows[i].said || session != NULL)
            fail_msg("%s: %s, %u", rows[i].name, tin_error_name(result.error),
                     (unsigned)result.last_error);
        assert_int_equal(opened.calls, 1);
        assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
    }
}

static void every_allocation_that_fails_is_told_and_nothing_is_left(void **state)
{
    (void)state;
    for (unsigned n = 1;; n++) {
        tin_handle session = GARBAGE;
        const size_t live = guarded_heap_live();
        tin_result result;

        watch_open(false, 0);
        guarded_heap_fail_nth(n);
        result = tin_open("agent", INTERNET_OPEN_TYPE_PROXY, "proxy", "bypass", 0, &session);
        if (!guarded_heap_has_failed()) {
            assert_ok(result);
            assert_in_range(n, 2, 100);
            assert_ok(tin_close_handle(session));
            return;
        }
        if (result.error != TIN_E_MEMORY || session != NULL)
            fail_msg("allocation %u: %s", n, tin_error_name(result.error));
        assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
        assert_int_equal(guarded_heap_live(), live);
    }
}

/* ---- what the server sees -------------------------------------------------------------------- */

static const fault_step ok[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    FAULT_AGAIN,
};
static const fault_route all_ok[] = {{"*", ok}, {NULL, NULL}};

static void open_and_close(tin_handle session, const char *url)
{
    tin_handle file;
    const tin_result result = tin_open_url(session, url, NULL, INTERNET_FLAG_RELOAD, NULL, &file);

    if (!tin_ok(result))
        fail_msg("%s: %s", url, tin_error_name(result.error));
    assert_ok(tin_close_handle(file));
}

static const char *last_request(fault_server *server)
{
    static char request[4096];

    fault_server_request(server, fault_server_count(server, FAULT_REQUESTS) - 1, request,
                         sizeof request);
    return request;
}

static void expect_in_request(fault_server *server, const char *name, const char *expected)
{
    const char *request = last_request(server);

    if (strstr(request, expected) == NULL)
        fail_msg("%s: \"%s\" is not in \"%s\"", name, expected, request);
}

static void the_agent_is_sent(void **state)
{
    fault_server *server = fault_server_start_routes(all_ok);
    tin_handle session;

    (void)state;
    watch_open(false, 0);
    assert_ok(tin_open("thing/1 (narrow)", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
    open_and_close(session, fault_server_url(server, "/"));
    expect_in_request(server, "UTF-8", "\r\nUser-Agent: thing/1 (narrow)\r\n");
    assert_ok(tin_set_option_text(session, INTERNET_OPTION_USER_AGENT, "another/2"));
    open_and_close(session, fault_server_url(server, "/"));
    expect_in_request(server, "option", "\r\nUser-Agent: another/2\r\n");
    assert_ok(tin_close_handle(session));

    assert_ok(tin_open_w(L"thing/1 (wide)", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
    open_and_close(session, fault_server_url(server, "/"));
    expect_in_request(server, "UTF-16", "\r\nUser-Agent: thing/1 (wide)\r\n");
    assert_ok(tin_close_handle(session));

    assert_ok(tin_open(NULL, INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
    open_and_close(session, fault_server_url(server, "/"));
    assert_null(strstr(last_request(server), "\r\nUser-Agent:"));
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void the_proxy_gets_the_absolute_url(void **state)
{
    static const char *const forms[] = {"127.0.0.1:%u", "http://127.0.0.1:%u", "http=127.0.0.1:%u",
                                        "http=http://127.0.0.1:%u"};
    fault_server *proxy = fault_server_start_routes(all_ok);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(forms); i++) {
        tin_handle session;
        char list[64];

        watch_open(false, 0);
        snprintf(list, sizeof list, forms[i], fault_server_port(proxy));
        assert_ok(tin_open("a", INTERNET_OPEN_TYPE_PROXY, list, NULL, 0, &session));
        open_and_close(session, "http://example.test:8081/x?y");
        expect_in_request(proxy, forms[i], "GET http://example.test:8081/x?y HTTP/1.1\r\n");
        expect_in_request(proxy, forms[i], "\r\nHost: example.test:8081\r\n");
        assert_ok(tin_close_handle(session));
    }
    fault_server_stop(proxy);
}

static void the_proxy_is_bypassed_for_the_hosts_on_the_list(void **state)
{
    static const char *const lists[] = {"127.0.0.1", "other.test;127.0.0.1",
                                        "other.test 127.0.0.1"};
    fault_server *proxy = fault_server_start_routes(all_ok);
    fault_server *server = fault_server_start_routes(all_ok);
    char list[64];

    (void)state;
    snprintf(list, sizeof list, "127.0.0.1:%u", fault_server_port(proxy));
    for (size_t i = 0; i < TEST_COUNT_OF(lists); i++) {
        tin_handle session;

        watch_open(false, 0);
        assert_ok(tin_open("a", INTERNET_OPEN_TYPE_PROXY, list, lists[i], 0, &session));
        open_and_close(session, fault_server_url(server, "/direct"));
        expect_in_request(server, lists[i], "GET /direct HTTP/1.1\r\n");
        open_and_close(session, "http://example.test:8081/proxied");
        expect_in_request(proxy, lists[i], "GET http://example.test:8081/proxied HTTP/1.1\r\n");
        assert_ok(tin_close_handle(session));
    }
    assert_int_equal(fault_server_count(proxy, FAULT_REQUESTS), TEST_COUNT_OF(lists));
    assert_int_equal(fault_server_count(server, FAULT_REQUESTS), TEST_COUNT_OF(lists));
    fault_server_stop(proxy);
    fault_server_stop(server);
}

static void a_direct_session_knows_no_proxy(void **state)
{
    fault_server *server = fault_server_start_routes(all_ok);
    const tin_handle session = open_direct();

    (void)state;
    open_and_close(session, fault_server_url(server, "/a"));
    expect_in_request(server, "direct", "GET /a HTTP/1.1\r\n");
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

/* Says 407 until Proxy-Authorization comes. */
static bool demand_proxy_basic(fault_connection *connection, const void *unused)
{
    (void)unused;
    if (strstr(fault_last_message(connection), "\r\nProxy-Authorization: Basic ") != NULL)
        return fault_send_format(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    return fault_send_format(connection, "HTTP/1.1 407 Authenticate\r\nContent-Length: 0\r\n"
                                         "Proxy-Authenticate: Basic realm=\"proxy\"\r\n\r\n");
}

static void a_sessions_proxy_user_and_password_are_sent_to_the_proxy(void **state)
{
    static const fault_step guarded[] = {FAULT_CALL(demand_proxy_basic, NULL), FAULT_AGAIN};
    static const fault_route routes[] = {{"*", guarded}, {NULL, NULL}};
    fault_server *proxy = fault_server_start_routes(routes);
    tin_handle session;
    char list[64];

    (void)state;
    watch_open(false, 0);
    snprintf(list, sizeof list, "127.0.0.1:%u", fault_server_port(proxy));
    assert_ok(tin_open("a", INTERNET_OPEN_TYPE_PROXY, list, NULL, 0, &session));
    assert_ok(tin_set_option_text(session, INTERNET_OPTION_PROXY_USERNAME, "me"));
    assert_ok(tin_set_option_text(session, INTERNET_OPTION_PROXY_PASSWORD, "secret"));
    open_and_close(session, "http://example.test/x");
    expect_in_request(proxy, "proxy", "\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n");
    assert_ok(tin_close_handle(session));
    fault_server_stop(proxy);
}

/* ---- the status callback --------------------------------------------------------------------- */

enum { EVENTS = 64 };

/* What a callback was told, in the order of the calls. */
typedef struct diary {
    unsigned count;
    struct {
        const char *callback; /* its name */
        tin_handle handle, about;
        void *context;
        DWORD code, thread;
        bool has_text;
        tin_error result;
    } events[EVENTS];
} diary;

static diary seen;

static void write_down(const char *callback, tin_handle handle, void *context, DWORD code,
                       bool has_text, tin_handle about, tin_error result)
{
    if (seen.count == EVENTS)
        return;
    seen.events[seen.count].callback = callback;
    seen.events[seen.count].handle = handle;
    seen.events[seen.count].about = about;
    seen.events[seen.count].context = context;
    seen.events[seen.count].code = code;
    seen.events[seen.count].thread = GetCurrentThreadId();
    seen.events[seen.count].has_text = has_text;
    seen.events[seen.count].result = result;
    seen.count++;
}

static void first(tin_handle handle, void *context, const tin_status *status)
{
    write_down("first", handle, context, status->code, status->text != NULL, status->handle,
               status->result.error);
}

static void second(tin_handle handle, void *context, const tin_status *status)
{
    write_down("second", handle, context, status->code, status->text != NULL, status->handle,
               status->result.error);
}

static void wide(tin_handle handle, void *context, const tin_status_w *status)
{
    write_down("wide", handle, context, status->code, status->text != NULL, status->handle,
               status->result.error);
}

/* How many events of a code came since the last forget(); 0 for any code. */
static unsigned count_of(const char *callback, DWORD code)
{
    unsigned count = 0;

    for (unsigned i = 0; i < seen.count; i++)
        count += strcmp(seen.events[i].callback, callback) == 0 &&
                 (code == 0 || seen.events[i].code == code);
    return count;
}

static void forget(void)
{
    memset(&seen, 0, sizeof seen);
}

static tin_handle open_file(tin_handle session, fault_server *server, void *context)
{
    tin_handle file;

    assert_ok(tin_open_url(session, fault_server_url(server, "/"), NULL, INTERNET_FLAG_RELOAD,
                           context, &file));
    return file;
}

static void a_files_events_come_in_order_on_the_callers_thread(void **state)
{
    static const DWORD expected[] = {
        INTERNET_STATUS_HANDLE_CREATED,      INTERNET_STATUS_CONNECTING_TO_SERVER,
        INTERNET_STATUS_CONNECTED_TO_SERVER, INTERNET_STATUS_SENDING_REQUEST,
        INTERNET_STATUS_REQUEST_SENT,        INTERNET_STATUS_RECEIVING_RESPONSE,
        INTERNET_STATUS_RESPONSE_RECEIVED,   INTERNET_STATUS_REQUEST_COMPLETE,
        INTERNET_STATUS_HANDLE_CLOSING,
    };
    fault_server *server = fault_server_start_routes(all_ok);
    const tin_handle session = open_direct();
    tin_handle file;
    int context;
    size_t next = 0;

    (void)state;
    forget();
    assert_ok(tin_set_status_callback(session, first, &context));
    file = open_file(session, server, NULL);
    assert_ok(tin_close_handle(file));
    for (unsigned i = 0; i < seen.count; i++) {
        const DWORD code = seen.events[i].code;
        const bool created = code == INTERNET_STATUS_HANDLE_CREATED;
        const bool about = created || code == INTERNET_STATUS_HANDLE_CLOSING;

        if (next < TEST_COUNT_OF(expected) && code == expected[next])
            next++;
        if (seen.events[i].handle != (created ? session : file) ||
            seen.events[i].about != (about ? file : NULL) || seen.events[i].context != &context ||
            seen.events[i].thread != GetCurrentThreadId())
            fail_msg("event %u, code %u: wrong handle, context or thread", i, (unsigned)code);
    }
    assert_int_equal(next, TEST_COUNT_OF(expected));
    assert_int_equal(seen.events[0].code, INTERNET_STATUS_HANDLE_CREATED);
    assert_int_equal(seen.events[seen.count - 1].code, INTERNET_STATUS_HANDLE_CLOSING);
    forget();
    assert_ok(tin_close_handle(session));
    assert_int_equal(count_of("first", INTERNET_STATUS_HANDLE_CLOSING), 1);
    assert_int_equal(seen.count, 1);
    fault_server_stop(server);
}

static void request_complete_tells_how_the_open_ended(void **state)
{
    fault_server *refusing = fault_server_start_refusing();
    const tin_handle session = open_direct();
    tin_handle file;
    tin_error error = TIN_OK;

    (void)state;
    assert_ok(tin_set_option_dword(session, INTERNET_OPTION_CONNECT_RETRIES, 0));
    assert_ok(tin_set_status_callback(session, first, NULL));
    forget();
    assert_gives(tin_open_url(session, fault_server_url(refusing, "/"), NULL, 0, NULL, &file),
                 TIN_E_CONNECT);
    for (unsigned i = 0; i < seen.count; i++)
        if (seen.events[i].code == INTERNET_STATUS_REQUEST_COMPLETE)
            error = seen.events[i].result;
    assert_int_equal(error, TIN_E_CONNECT);
    assert_int_equal(count_of("first", INTERNET_STATUS_REQUEST_COMPLETE), 1);
    assert_int_equal(count_of("first", INTERNET_STATUS_HANDLE_CLOSING), 1);
    assert_ok(tin_close_handle(session));
    fault_server_stop(refusing);
}

static struct {
    char address[64];
    wchar_t wide_address[64];
} texts;

static void keep_narrow_text(tin_handle handle, void *context, const tin_status *status)
{
    (void)handle, (void)context;
    if (status->code == INTERNET_STATUS_CONNECTING_TO_SERVER && status->text != NULL)
        strncpy(texts.address, status->text, sizeof texts.address - 1);
}

static void keep_wide_text(tin_handle handle, void *context, const tin_status_w *status)
{
    (void)handle, (void)context;
    if (status->code == INTERNET_STATUS_CONNECTING_TO_SERVER && status->text != NULL)
        wcsncpy(texts.wide_address, status->text, 63);
}

static void texts_come_in_the_callbacks_own_encoding(void **state)
{
    static const fault_step closes[] = {
        FAULT_SEND("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"),
        FAULT_CLOSE, FAULT_END};
    static const fault_route routes[] = {{"*", closes}, {NULL, NULL}};
    fault_server *server = fault_server_start_routes(routes);
    const tin_handle session = open_direct();

    (void)state;
    memset(&texts, 0, sizeof texts);
    assert_ok(tin_set_status_callback(session, keep_narrow_text, NULL));
    open_and_close(session, fault_server_url(server, "/"));
    assert_string_equal(texts.address, "127.0.0.1");
    assert_ok(tin_set_status_callback_w(session, keep_wide_text, NULL));
    open_and_close(session, fault_server_url(server, "/"));
    assert_int_equal(wcscmp(texts.wide_address, L"127.0.0.1"), 0);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void the_callback_set_last_is_the_one_in_force(void **state)
{
    fault_server *server = fault_server_start_routes(all_ok);
    const tin_handle session = open_direct();
    const struct {
        const char *name;
        tin_status_callback *narrow;
        tin_status_callback_w *wide;
    } changes[] = {
        {"first", first, NULL},   {"second", second, NULL}, {"wide", NULL, wide},
        {"second", second, NULL}, {"wide", NULL, wide},     {"first", first, NULL},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(changes); i++) {
        if (changes[i].wide != NULL)
            assert_ok(tin_set_status_callback_w(session, changes[i].wide, NULL));
        else
            assert_ok(tin_set_status_callback(session, changes[i].narrow, NULL));
        forget();
        open_and_close(session, fault_server_url(server, "/"));
        if (seen.count == 0 || count_of(changes[i].name, 0) != seen.count)
            fail_msg("change %u, to %s: %u of %u events", (unsigned)i, changes[i].name,
                     count_of(changes[i].name, 0), seen.count);
    }
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void a_callback_set_to_null_hears_nothing_more(void **state)
{
    fault_server *server = fault_server_start_routes(all_ok);
    const tin_handle session = open_direct();
    tin_handle file;

    (void)state;
    assert_ok(tin_set_status_callback(session, first, NULL));
    file = open_file(session, server, NULL);
    assert_ok(tin_set_status_callback(session, NULL, NULL));
    assert_ok(tin_set_status_callback_w(file, NULL, NULL));
    forget();
    open_and_close(session, fault_server_url(server, "/"));
    assert_ok(tin_close_handle(file));
    assert_ok(tin_close_handle(session));
    assert_int_equal(seen.count, 0);
    fault_server_stop(server);
}

static void a_file_keeps_the_callback_that_it_inherited(void **state)
{
    fault_server *server = fault_server_start_routes(all_ok);
    const tin_handle session = open_direct();
    tin_handle file;
    char text[2];
    size_t got;

    (void)state;
    assert_ok(tin_set_status_callback(session, first, NULL));
    file = open_file(session, server, NULL);
    assert_ok(tin_set_status_callback(session, second, NULL));
    forget();
    assert_ok(tin_read_file(file, text, sizeof text, &got));
    assert_ok(tin_close_handle(file));
    assert_int_equal(count_of("first", INTERNET_STATUS_HANDLE_CLOSING), 1);
    assert_int_equal(count_of("second", 0), 0);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void a_callback_of_a_file_is_for_that_file_alone(void **state)
{
    fault_server *server = fault_server_start_routes(all_ok);
    const tin_handle session = open_direct();
    const tin_handle watched = open_file(session, server, NULL);
    const tin_handle other = open_file(session, server, NULL);

    (void)state;
    forget();
    assert_ok(tin_set_status_callback(watched, first, NULL));
    open_and_close(session, fault_server_url(server, "/"));
    assert_ok(tin_close_handle(other));
    assert_int_equal(seen.count, 0);
    assert_ok(tin_close_handle(watched));
    assert_int_equal(seen.count, 1);
    assert_ptr_equal(seen.events[0].handle, watched);
    assert_int_equal(seen.events[0].code, INTERNET_STATUS_HANDLE_CLOSING);
    assert_ok(tin_close_handle(session));
    assert_int_equal(seen.count, 1);
    fault_server_stop(server);
}

/* Every event of `handle` came with this context. */
static void expect_context(const char *name, tin_handle handle, const void *context)
{
    unsigned count = 0;

    for (unsigned i = 0; i < seen.count; i++) {
        if (seen.events[i].handle != handle && seen.events[i].about != handle)
            continue;
        count++;
        if (seen.events[i].context != context)
            fail_msg("%s: another context with code %u", name, (unsigned)seen.events[i].code);
    }
    if (count == 0)
        fail_msg("%s: no events", name);
}

static void an_own_context_beats_the_callbacks(void **state)
{
    fault_server *server = fault_server_start_routes(all_ok);
    const tin_handle session = open_direct();
    int of_callback, of_file, of_session, later;
    void *value = &of_session;
    tin_handle file;

    (void)state;
    forget();
    assert_ok(tin_set_status_callback(session, first, &of_callback));
    file = open_file(session, server, NULL);
    expect_context("the callback's", file, &of_callback);
    assert_ok(tin_close_handle(file));

    forget();
    file = open_file(session, server, &of_file);
    expect_context("the file's own", file, &of_file);
    assert_ok(tin_set_status_callback(file, second, &later));
    forget();
    assert_ok(tin_close_handle(file));
    expect_context("the file's own, with another callback", file, &of_file);

    assert_ok(tin_set_option(session, INTERNET_OPTION_CONTEXT_VALUE, &value, sizeof value));
    forget();
    file = open_file(session, server, NULL);
    expect_context("the session's own", file, &of_session);
    assert_ok(tin_close_handle(file));
    forget();
    file = open_file(session, server, &of_file);
    expect_context("the file's own, not the session's", file, &of_file);
    assert_ok(tin_close_handle(file));

    forget();
    assert_ok(tin_close_handle(session));
    expect_context("the session", session, &of_session);
    fault_server_stop(server);
}

static void a_file_without_context_takes_that_of_its_new_callback(void **state)
{
    fault_server *server = fault_server_start_routes(all_ok);
    const tin_handle session = open_direct();
    int before, after;
    tin_handle file;

    (void)state;
    assert_ok(tin_set_status_callback(session, first, &before));
    file = open_file(session, server, NULL);
    assert_ok(tin_set_status_callback(file, second, &after));
    forget();
    assert_ok(tin_close_handle(file));
    expect_context("the new callback's", file, &after);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static tin_result changed;

static void hand_over(tin_handle handle, void *context, const tin_status *status)
{
    write_down("hand over", handle, context, status->code, false, status->handle, TIN_OK);
    if (status->code == INTERNET_STATUS_SENDING_REQUEST)
        changed = tin_set_status_callback(handle, second, context);
}

static void a_callback_can_be_replaced_from_inside_itself(void **state)
{
    fault_server *server = fault_server_start_routes(all_ok);
    const tin_handle session = open_direct();
    bool after = false;

    (void)state;
    changed.error = TIN_E_INTERNAL;
    forget();
    assert_ok(tin_set_status_callback(session, hand_over, NULL));
    open_and_close(session, fault_server_url(server, "/"));
    assert_ok(changed);
    for (unsigned i = 0; i < seen.count; i++) {
        if (after != (strcmp(seen.events[i].callback, "second") == 0))
            fail_msg("event %u went to %s", i, seen.events[i].callback);
        after |= seen.events[i].code == INTERNET_STATUS_SENDING_REQUEST;
    }
    assert_true(count_of("second", 0) >= 2);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void fall_silent(tin_handle handle, void *context, const tin_status *status)
{
    write_down("fall silent", handle, context, status->code, false, status->handle, TIN_OK);
    if (status->code == INTERNET_STATUS_SENDING_REQUEST)
        changed = tin_set_status_callback(handle, NULL, NULL);
}

static void a_callback_can_be_removed_from_inside_itself(void **state)
{
    fault_server *server = fault_server_start_routes(all_ok);
    const tin_handle session = open_direct();

    (void)state;
    changed.error = TIN_E_INTERNAL;
    forget();
    assert_ok(tin_set_status_callback(session, fall_silent, NULL));
    open_and_close(session, fault_server_url(server, "/"));
    assert_ok(changed);
    assert_true(seen.count > 1);
    assert_int_equal(seen.events[seen.count - 1].code, INTERNET_STATUS_SENDING_REQUEST);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

/* A callback that another thread is in, until it is let go. */
typedef struct roadblock {
    HANDLE entered, go;
    tin_handle session, file;
    const char *url;
    volatile LONG inside;
    bool removed_while_inside;
} roadblock;

static void stop_here(tin_handle handle, void *context, const tin_status *status)
{
    roadblock *stop = context;

    (void)handle;
    if (status->code != INTERNET_STATUS_HANDLE_CREATED)
        return;
    stop->file = status->handle;
    InterlockedExchange(&stop->inside, 1);
    SetEvent(stop->entered);
    WaitForSingleObject(stop->go, TEST_PATIENCE_MS);
    InterlockedExchange(&stop->inside, 0);
}

static void open_it(void *context)
{
    roadblock *stop = context;
    tin_handle file;

    if (tin_ok(tin_open_url(stop->session, stop->url, NULL, 0, NULL, &file)))
        tin_close_handle(file);
}

static void remove_it(void *context)
{
    roadblock *stop = context;
    const tin_result result = tin_set_status_callback(stop->file, NULL, NULL);

    stop->removed_while_inside = !tin_ok(result) || stop->inside;
}

static void removing_a_callback_waits_for_the_thread_that_is_in_it(void **state)
{
    fault_server *server = fault_server_start_routes(all_ok);
    roadblock stop = {.entered = CreateEventW(NULL, TRUE, FALSE, NULL),
                      .go = CreateEventW(NULL, TRUE, FALSE, NULL),
                      .session = open_direct(),
                      .url = fault_server_url(server, "/")};
    test_thread *opener, *remover;

    (void)state;
    assert_ok(tin_set_status_callback(stop.session, stop_here, &stop));
    opener = test_thread_start(open_it, &stop);
    assert_int_equal(WaitForSingleObject(stop.entered, TEST_PATIENCE_MS), WAIT_OBJECT_0);
    remover = test_thread_start(remove_it, &stop);
    assert_false(test_thread_wait(remover, 100));
    SetEvent(stop.go);
    test_thread_join(remover, TEST_PATIENCE_MS);
    test_thread_join(opener, TEST_PATIENCE_MS);
    assert_false(stop.removed_while_inside);
    assert_ok(tin_close_handle(stop.session));
    CloseHandle(stop.entered);
    CloseHandle(stop.go);
    fault_server_stop(server);
}

static void a_callback_needs_a_handle(void **state)
{
    const tin_handle closed = open_direct();

    (void)state;
    assert_ok(tin_close_handle(closed));
    assert_gives(tin_set_status_callback(NULL, first, NULL), TIN_E_HANDLE);
    assert_gives(tin_set_status_callback_w(NULL, wide, NULL), TIN_E_HANDLE);
    assert_gives(tin_set_status_callback(closed, first, NULL), TIN_E_HANDLE);
    assert_gives(tin_set_status_callback_w(closed, wide, NULL), TIN_E_HANDLE);
    assert_gives(tin_set_status_callback(GARBAGE, first, NULL), TIN_E_HANDLE);
}

/* ---- the server's last words ----------------------------------------------------------------- */

static void a_server_that_said_nothing_gives_an_empty_text(void **state)
{
    const tin_handle session = open_direct();
    char text[4];
    wchar_t wide_text[4];
    size_t size;

    (void)state;
    for (size_t room = 0; room < 4; room++) {
        memset(text, 'x', sizeof text);
        size = room;
        if (room == 0)
            assert_gives(tin_get_last_response_info(session, text, &size), TIN_E_BUFFER_TOO_SMALL);
        else
            assert_ok(tin_get_last_response_info(session, text, &size));
        assert_int_equal(size, room == 0 ? 1 : 0);
        assert_int_equal(text[0], room == 0 ? 'x' : '\0');
    }
    size = 99;
    assert_gives(tin_get_last_response_info(session, NULL, &size), TIN_E_BUFFER_TOO_SMALL);
    assert_int_equal(size, 1);
    size = sizeof wide_text;
    assert_ok(tin_get_last_response_info_w(session, wide_text, &size));
    assert_int_equal(size, 0);
    assert_int_equal(wide_text[0], 0);
    size = 1;
    assert_gives(tin_get_last_response_info_w(session, wide_text, &size), TIN_E_BUFFER_TOO_SMALL);
    assert_int_equal(size, sizeof *wide_text);
    assert_ok(tin_close_handle(session));
}

static void what_the_server_said_about_a_failure_stays_with_the_session(void **state)
{
    static const fault_step refusal[] = {FAULT_SEND("530 Not you.\r\n"), FAULT_END};
    static const fault_route replies[] = {{"PASS", refusal}, {NULL, NULL}};
    static const fault_ftp strict = {.replies = replies};
    fault_server *ftp = fault_ftp_start(&strict);
    fault_server *server = fault_server_start_routes(all_ok);
    const tin_handle session = open_direct();
    tin_handle file = GARBAGE;
    char text[200] = "";
    wchar_t wide_text[200] = L"";
    size_t size = sizeof text, wide_size = sizeof wide_text, needed = 0;

    (void)state;
    assert_gives(
        tin_open_url(session, fault_server_url_for(ftp, "ftp", "/a.bin"), NULL, 0, NULL, &file),
        TIN_E_AUTH);
    assert_null(file);
    open_and_close(session, fault_server_url(server, "/")); /* another call changes nothing */
    assert_ok(tin_get_last_response_info(session, text, &size));
    assert_non_null(strstr(text, "530 Not you."));
    assert_int_equal(size, strlen(text));
    assert_ok(tin_get_last_response_info_w(session, wide_text, &wide_size));
    assert_int_equal(wide_size, size * sizeof *wide_text);
    assert_non_null(wcsstr(wide_text, L"530 Not you."));
    assert_gives(tin_get_last_response_info(session, NULL, &needed), TIN_E_BUFFER_TOO_SMALL);
    assert_int_equal(needed, size + 1);
    assert_ok(tin_close_handle(session));
    fault_server_stop(ftp);
    fault_server_stop(server);
}

static void the_last_words_need_a_size_and_a_handle(void **state)
{
    const tin_handle session = open_direct();
    char text[4] = "abc";
    wchar_t wide_text[4] = L"abc";
    size_t size;

    (void)state;
    assert_gives(tin_get_last_response_info(session, text, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_get_last_response_info_w(session, wide_text, NULL), TIN_E_ARGUMENT);
    assert_ok(tin_close_handle(session));
    size = sizeof text;
    assert_gives(tin_get_last_response_info(session, text, &size), TIN_E_HANDLE);
    assert_int_equal(size, 0);
    size = sizeof wide_text;
    assert_gives(tin_get_last_response_info_w(NULL, wide_text, &size), TIN_E_HANDLE);
    assert_int_equal(size, 0);
}

/* ---- WinInet's own handle -------------------------------------------------------------------- */

static DWORD raw_type(HINTERNET native)
{
    DWORD type = 0, size = sizeof type;

    assert_true(InternetQueryOptionW(native, INTERNET_OPTION_HANDLE_TYPE, &type, &size));
    return type;
}

static void wininets_own_handles_can_be_used_with_wininet(void **state)
{
    static const fault_ftp small = {.size = 10};
    fault_server *server = fault_server_start_routes(all_ok);
    fault_server *ftp = fault_ftp_start(&small);
    const tin_handle session = open_direct();
    tin_handle http_file, ftp_file, local_file;
    wchar_t agent[16] = L"";
    DWORD size = sizeof agent, status = 0, status_size = sizeof status;

    (void)state;
    http_file = open_file(session, server, NULL);
    assert_ok(tin_open_url(session, fault_server_url_for(ftp, "ftp", "/a.bin"), NULL, 0, NULL,
                           &ftp_file));
    assert_ok(tin_open_url(session, test_file("ok", 2), NULL, 0, NULL, &local_file));

    assert_int_equal(raw_type(tin_native_handle(session)), INTERNET_HANDLE_TYPE_INTERNET);
    assert_int_equal(raw_type(tin_native_handle(http_file)), INTERNET_HANDLE_TYPE_HTTP_REQUEST);
    assert_int_equal(raw_type(tin_native_handle(ftp_file)), INTERNET_HANDLE_TYPE_FTP_FILE);
    assert_null(tin_native_handle(local_file));
    assert_true(
        InternetQueryOptionW(tin_native_handle(session), INTERNET_OPTION_USER_AGENT, agent, &size));
    assert_int_equal(wcscmp(agent, L"thing/1"), 0);
    assert_true(HttpQueryInfoW(tin_native_handle(http_file),
                               HTTP_QUERY_STATUS_CODE | HTTP_QUERY_FLAG_NUMBER, &status,
                               &status_size, NULL));
    assert_int_equal(status, 200);

    assert_ok(tin_close_handle(session));
    assert_null(tin_native_handle(session));
    assert_null(tin_native_handle(http_file));
    assert_null(tin_native_handle(NULL));
    assert_null(tin_native_handle(GARBAGE));
    fault_server_stop(server);
    fault_server_stop(ftp);
}

static void look_for_native(tin_handle handle, void *context, const tin_status *status)
{
    HINTERNET *found = context;

    (void)handle;
    if (status->code == INTERNET_STATUS_HANDLE_CREATED)
        found[0] = tin_native_handle(status->handle);
    if (status->code == INTERNET_STATUS_SENDING_REQUEST)
        found[1] = tin_native_handle(handle);
}

static void there_is_no_handle_of_wininets_before_it_opened_one(void **state)
{
    fault_server *server = fault_server_start_routes(all_ok);
    const tin_handle session = open_direct();
    HINTERNET found[2] = {GARBAGE, NULL};
    tin_handle file;

    (void)state;
    assert_ok(tin_set_status_callback(session, look_for_native, found));
    file = open_file(session, server, NULL);
    assert_null(found[0]);
    assert_ptr_equal(found[1], tin_native_handle(file));
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_opened_asynchronously_with_what_was_given),
        cmocka_unit_test(what_was_given_is_kept_for_ftp),
        cmocka_unit_test(bad_arguments_are_refused_before_wininet),
        cmocka_unit_test(bad_arguments_are_refused_in_utf16_too),
        cmocka_unit_test(a_place_for_the_session_is_needed),
        cmocka_unit_test(what_internetopen_says_is_a_typed_error_and_nothing_is_left),
        cmocka_unit_test(every_allocation_that_fails_is_told_and_nothing_is_left),
        cmocka_unit_test(the_agent_is_sent),
        cmocka_unit_test(the_proxy_gets_the_absolute_url),
        cmocka_unit_test(the_proxy_is_bypassed_for_the_hosts_on_the_list),
        cmocka_unit_test(a_direct_session_knows_no_proxy),
        cmocka_unit_test(a_sessions_proxy_user_and_password_are_sent_to_the_proxy),
        cmocka_unit_test(a_files_events_come_in_order_on_the_callers_thread),
        cmocka_unit_test(request_complete_tells_how_the_open_ended),
        cmocka_unit_test(texts_come_in_the_callbacks_own_encoding),
        cmocka_unit_test(the_callback_set_last_is_the_one_in_force),
        cmocka_unit_test(a_callback_set_to_null_hears_nothing_more),
        cmocka_unit_test(a_file_keeps_the_callback_that_it_inherited),
        cmocka_unit_test(a_callback_of_a_file_is_for_that_file_alone),
        cmocka_unit_test(an_own_context_beats_the_callbacks),
        cmocka_unit_test(a_file_without_context_takes_that_of_its_new_callback),
        cmocka_unit_test(a_callback_can_be_replaced_from_inside_itself),
        cmocka_unit_test(a_callback_can_be_removed_from_inside_itself),
        cmocka_unit_test(removing_a_callback_waits_for_the_thread_that_is_in_it),
        cmocka_unit_test(a_callback_needs_a_handle),
        cmocka_unit_test(a_server_that_said_nothing_gives_an_empty_text),
        cmocka_unit_test(what_the_server_said_about_a_failure_stays_with_the_session),
        cmocka_unit_test(the_last_words_need_a_size_and_a_handle),
        cmocka_unit_test(wininets_own_handles_can_be_used_with_wininet),
        cmocka_unit_test(there_is_no_handle_of_wininets_before_it_opened_one),
    };

    return test_run_group(tests, NULL, nothing_is_left);
}
