/* SPDX-License-Identifier: MIT */
/* Uploads: what the server is told, and what becomes of its answer. */
#include "transfer_fixture.h"

static const fault_step takes_it[] = {
    FAULT_READ_REQUEST,
    FAULT_READ_BODY,
    FAULT_SEND("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
    FAULT_AGAIN,
};
static const fault_step refuses_it[] = {
    FAULT_READ_REQUEST,
    FAULT_READ_BODY,
    FAULT_SEND("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
    FAULT_AGAIN,
};
static const fault_step asks_who[] = {
    FAULT_READ_REQUEST,
    FAULT_READ_BODY,
    FAULT_SEND(
        "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n"),
    FAULT_READ_REQUEST,
    FAULT_READ_BODY,
    FAULT_SEND("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
    FAULT_END,
};
static const fault_step leaves[] = {FAULT_READ_REQUEST, FAULT_CLOSE, FAULT_END};

static void an_upload_is_the_body_of_a_request(void **state)
{
    fault_server *server = fault_server_start(takes_it);
    watcher seen = {.thread = GetCurrentThreadId()};
    const char *path = test_file("hello, server", 13);
    char request[4096];
    DWORD status;

    (void)state;
    assert_ok(tin_upload(session, path, NULL, fault_server_url(server, "/a%20b?q#f"), "X-A: b", 0,
                         watch, &seen, &status));
    assert_int_equal(status, 201);
    assert_true(seen.last.done == 13 && seen.last.total == 13 && !seen.strange);
    fault_server_request(server, 0, request, sizeof request);
    assert_true(strstr(request, "PUT /a%20b?q HTTP/1.1\r\n") == request);
    assert_non_null(strstr(request, "\r\nX-A: b\r\n"));
    assert_non_null(strstr(request, "\r\nContent-Length: 13\r\n"));
    assert_non_null(strstr(request, "\r\n\r\nhello, server"));
    assert_ok(tin_upload(session, test_file("", 0), "POST", fault_server_url(server, "/"), NULL, 0,
                         NULL, NULL, NULL));
    fault_server_request(server, 1, request, sizeof request);
    assert_true(strstr(request, "POST / HTTP/1.1\r\n") == request);
    assert_non_null(strstr(request, "\r\nContent-Length: 0\r\n"));
    fault_server_stop(server);
}

static void an_upload_that_is_refused_says_so(void **state)
{
    fault_server *server = fault_server_start(refuses_it);
    const char *path = test_file("hello", 5), *url = fault_server_url(server, "/");
    watcher seen = {.thread = GetCurrentThreadId(), .stop_at = 1};
    wchar_t wide[2][1024];
    DWORD status;
    tin_result result;

    (void)state;
    MultiByteToWideChar(CP_UTF8, 0, path, -1, wide[0], 1024);
    MultiByteToWideChar(CP_UTF8, 0, url, -1, wide[1], 1024);
    assert_gives(tin_upload_w(session, wide[0], L"PUT", wide[1], NULL, 0, NULL, NULL, &status),
                 TIN_E_ACCESS);
    assert_int_equal(status, 403);
    assert_gives(tin_upload(session, path, NULL, url, NULL, 0, watch, &seen, NULL),
                 TIN_E_CANCELLED);
    assert_gives(tin_upload(session, NULL, NULL, url, NULL, 0, NULL, NULL, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_upload(session, "", NULL, url, NULL, 0, NULL, NULL, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_upload(session, path, NULL, NULL, NULL, 0, NULL, NULL, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_upload(session, path, "B D", url, NULL, 0, NULL, NULL, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_upload(session, path, NULL, "file:///C:/x", NULL, 0, NULL, NULL, NULL),
                 TIN_E_UNSUPPORTED);
    assert_gives(tin_upload(session, path, NULL, "no URL", NULL, 0, NULL, NULL, NULL), TIN_E_URL);
    assert_gives(tin_upload(session, test_file_path(), NULL, url, NULL, 0, NULL, NULL, NULL),
                 TIN_E_NOT_FOUND);
    assert_gives(tin_upload(NULL, path, NULL, url, NULL, 0, NULL, NULL, NULL), TIN_E_HANDLE);
    fault_server_stop(server);
    server = fault_server_start(leaves);
    result = tin_upload(session, path, "POST", fault_server_url(server, "/"), NULL, 0, NULL, NULL,
                        &status);
    if (result.error != TIN_E_PROTOCOL) /* an orderly end is an empty answer, and a reset is none */
        assert_error("gone", result, TIN_E_CONNECTION_LOST);
    assert_int_equal(status, 0);
    fault_server_stop(server);
}

static void an_upload_is_sent_again_with_the_user(void **state)
{
    fault_server *server = fault_server_start(asks_who);
    char url[128], request[4096];
    DWORD status;

    (void)state;
    snprintf(url, sizeof url, "http://me:secret@127.0.0.1:%u/", fault_server_port(server));
    assert_ok(tin_upload(session, test_file("hello", 5), NULL, url, NULL, 0, NULL, NULL, &status));
    assert_int_equal(status, 201);
    fault_server_request(server, 1, request, sizeof request);
    assert_non_null(strstr(request, "\r\nAuthorization: Basic bWU6c2VjcmV0\r\n"));
    assert_non_null(strstr(request, "\r\n\r\nhello"));
    fault_server_stop(server);
}

/* Larger than what goes at once. */
static void a_large_upload_is_streamed(void **state)
{
    static char bytes[400000];
    fault_server *server = fault_server_start(takes_it);
    watcher seen = {.thread = GetCurrentThreadId()};
    const char *path;

    (void)state;
    fault_pattern_fill(0, bytes, sizeof bytes);
    path = test_file(bytes, sizeof bytes);
    assert_ok(tin_upload(session, path, NULL, fault_server_url(server, "/"), NULL, 0, watch, &seen,
                         NULL));
    assert_true(seen.last.done == sizeof bytes && !seen.strange);
    assert_true(fault_server_count(server, FAULT_BYTES_RECEIVED) > sizeof bytes);
    seen = (watcher){.thread = GetCurrentThreadId(), .stop_at = 1};
    assert_gives(
        tin_upload(session, path, NULL, fault_server_url(server, "/"), NULL, 0, watch, &seen, NULL),
        TIN_E_CANCELLED);
    fault_server_stop(server);
}

typedef struct resizing {
    const char *path;
    LONG size;
    bool done;
    tin_progress last;
} resizing;

static bool resize(void *context, const tin_progress *progress)
{
    resizing *it = context;
    wchar_t wide[1024];
    HANDLE file;

    it->last = *progress;
    if (it->done)
        return true;
    it->done = true;
    MultiByteToWideChar(CP_UTF8, 0, it->path, -1, wide, 1024);
    file = CreateFileW(wide, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                       NULL, OPEN_EXISTING, 0, NULL);
    assert_true(file != INVALID_HANDLE_VALUE);
    assert_true(SetFilePointer(file, it->size, NULL, FILE_BEGIN) == (DWORD)it->size);
    assert_true(SetEndOfFile(file) && CloseHandle(file));
    return true;
}

/* As many bytes go as were announced: what comes to the file later does not, what is lost fails. */
static void an_upload_is_as_long_as_it_was_announced(void **state)
{
    static char bytes[400000];
    static const struct {
        const char *name;
        LONG size;
        tin_error error;
        DWORD status;
    } rows[] = {
        {"stays", sizeof bytes, TIN_OK, 201},
        {"grows", 700000, TIN_OK, 201},
        {"shrinks", 300000, TIN_E_TRUNCATED, 0},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        fault_server *server = fault_server_start(takes_it);
        resizing how = {.path = test_file(bytes, sizeof bytes), .size = rows[i].size};
        DWORD status;

        assert_error(rows[i].name,
                     tin_upload(session, how.path, NULL, fault_server_url(server, "/"), NULL, 0,
                                resize, &how, &status),
                     rows[i].error);
        assert_row(rows[i].name, how.done && status == rows[i].status);
        assert_row(rows[i].name, how.last.done <= how.last.total);
        fault_server_stop(server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_upload_is_the_body_of_a_request),       TEST(an_upload_that_is_refused_says_so),
        TEST(an_upload_is_sent_again_with_the_user),    TEST(a_large_upload_is_streamed),
        TEST(an_upload_is_as_long_as_it_was_announced),
    };

    return test_run_group(tests, NULL, NULL);
}
