/* SPDX-License-Identifier: MIT */
/* Downloads from a server that breaks off, changes its mind, or refuses: what is then on the disk,
 * and what the next call makes of it. */
#include "transfer_fixture.h"
#include "wrap.h"

/* ---- a disk that fails ---------------------------------------------------------------------- */

static DWORD disk_error, cut_error; /* of the next call; 0: it succeeds */
static unsigned cuts;

TIN_WRAP(SetEndOfFile);
TIN_WRAP(SetFilePointerEx);

static bool fails(DWORD *next)
{
    const DWORD error = *next;

    *next = 0;
    if (error != 0)
        SetLastError(error);
    return error != 0;
}

static BOOL WINAPI wrap_SetEndOfFile(HANDLE file)
{
    cuts++;
    return !fails(&cut_error) && real_SetEndOfFile(file);
}

static BOOL WINAPI wrap_SetFilePointerEx(HANDLE file, LARGE_INTEGER to, PLARGE_INTEGER at,
                                         DWORD method)
{
    return !fails(&disk_error) && real_SetFilePointerEx(file, to, at, method);
}

/* ---- the disk ------------------------------------------------------------------------------*/

static const char *beside(const char *path, const char *suffix)
{
    static char names[4][1024];
    static unsigned next;
    char *name = names[next++ % 4];

    snprintf(name, sizeof names[0], "%s%s", path, suffix);
    return name;
}

/* How many bytes of the pattern a file has; -1: there is none; -2: it has others. */
static long pattern_in(const char *path)
{
    size_t size;
    char *bytes = test_file_read(path, &size);
    long result = -1;

    if (bytes != NULL)
        result = fault_pattern_matches(0, bytes, size) ? (long)size : -2;
    free(bytes);
    return result;
}

static void remove_file(const char *path)
{
    wchar_t wide[1024];

    MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 1024);
    DeleteFileW(wide);
}

static void remove_all(const char *path)
{
    remove_file(path);
    remove_file(beside(path, ".part"));
    remove_file(beside(path, ".part.from"));
}

static void assert_disk(const char *name, const char *path, long whole, long part)
{
    const bool kept = pattern_in(beside(path, ".part.from")) != -1;

    if (pattern_in(path) != whole || pattern_in(beside(path, ".part")) != part ||
        kept != (part != -1))
        fail_msg("%s: the file has %ld bytes, the part %ld, which is%s known", name,
                 pattern_in(path), pattern_in(beside(path, ".part")), kept ? "" : " not");
}

/* ---- downloads ------------------------------------------------------------------------ */

/* Two calls, with one retry each, unless the first has all of it. */
static void what_breaks_off_is_resumed_or_starts_again(void **state)
{
    static const struct {
        const char *name;
        plan plan;
        bool resume;
        tin_error first, second;
        long part;     /* what the first call leaves */
        LONG requests; /* in both */
        uint64_t sent; /* of bodies at most: what was there is not sent again */
    } rows[] = {
        {"good", {.servings = {ALL_OF(TAG)}, .count = 1}, true, TIN_OK, TIN_OK, -1, 1, WHOLE},
        {"good, no resume",
         {.servings = {ALL_OF(TAG)}, .count = 1},
         false,
         TIN_OK,
         TIN_OK,
         -1,
         1,
         WHOLE},
        {"good, no length",
         {.servings = {{.validator = "", .no_length = true}}, .count = 1},
         true,
         TIN_OK,
         TIN_OK,
         -1,
         1,
         WHOLE},
        {"one break is mended",
         {.servings = {CUT(TAG, 1000), ALL_OF(TAG)}, .count = 2},
         false,
         TIN_OK,
         TIN_OK,
         -1,
         2,
         WHOLE},
        {"many, each with enough",
         {.servings = {CUT(TAG, 70000)}, .count = 1},
         false,
         TIN_OK,
         TIN_OK,
         -1,
         5,
         WHOLE},
        {"two are too many",
         {.servings = {CUT(TAG, 1000), CUT(TAG, 1000), ALL_OF(TAG)}, .count = 3},
         true,
         TIN_E_TRUNCATED,
         TIN_OK,
         2000,
         3,
         WHOLE},
        {"by date",
         {.servings = {CUT(MODIFIED, 1000), CUT(MODIFIED, 1000), ALL_OF(MODIFIED)}, .count = 3},
         true,
         TIN_E_TRUNCATED,
         TIN_OK,
         2000,
         3,
         WHOLE},
        {"without resume nothing stays",
         {.servings = {CUT(TAG, 1000), CUT(TAG, 1000), ALL_OF(TAG)}, .count = 3},
         false,
         TIN_E_TRUNCATED,
         TIN_OK,
         -1,
         3,
         WHOLE + 2000},
        {"a weak tag is none",
         {.servings = {CUT(WEAK_TAG, 1000), CUT(WEAK_TAG, 1000), ALL_OF(WEAK_TAG)}, .count = 3},
         true,
         TIN_E_TRUNCATED,
         TIN_OK,
         -1,
         3,
         WHOLE + 2000},
        {"it has changed",
         {.servings = {CUT(TAG, 1000), CUT(TAG, 1000), ALL_OF(OTHER_TAG)}, .count = 3},
         true,
         TIN_E_TRUNCATED,
         TIN_OK,
         2000,
         3,
         WHOLE + 2000},
        {"no ranges any more",
         {.servings = {CUT(TAG, 1000), CUT(TAG, 1000), {.validator = TAG, .no_ranges = true}},
          .count = 3},
         true,
         TIN_E_TRUNCATED,
         TIN_OK,
         2000,
         3,
         WHOLE + 2000},
        {"another part than asked for",
         {.servings =
              {CUT(TAG, 1000), CUT(TAG, 1000), {.validator = TAG, .wrong_part = true}, ALL_OF(TAG)},
          .count = 4},
         true,
         TIN_E_TRUNCATED,
         TIN_OK,
         2000,
         4,
         2 * WHOLE},
        {"416",
         {.servings =
              {CUT(TAG, 1000), CUT(TAG, 1000), {.validator = TAG, .status = 416}, ALL_OF(TAG)},
          .count = 4},
         true,
         TIN_E_TRUNCATED,
         TIN_OK,
         2000,
         4,
         WHOLE + 2000},
        {"gone in between",
         {.servings = {CUT(TAG, 1000), CUT(TAG, 1000), {.validator = TAG, .status = 503}},
          .count = 3},
         true,
         TIN_E_TRUNCATED,
         TIN_E_SERVER,
         2000,
         3,
         WHOLE},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        plan all = rows[i].plan;
        fault_server *server = fault_server_start_call(serve, &all);
        const char *url = fault_server_url(server, "/f"), *path = test_file_path();
        DWORD status;
        tin_result result = tin_download(session, url, NULL, INTERNET_FLAG_RELOAD, path,
                                         rows[i].resume, NULL, NULL, &status);

        assert_error(rows[i].name, result, rows[i].first);
        assert_row(rows[i].name, status == 200);
        assert_disk(rows[i].name, path, tin_ok(result) ? WHOLE : -1, rows[i].part);
        if (!tin_ok(result)) {
            result = tin_download(session, url, NULL, INTERNET_FLAG_RELOAD, path, rows[i].resume,
                                  NULL, NULL, NULL);
            assert_error(rows[i].name, result, rows[i].second);
            assert_disk(rows[i].name, path, tin_ok(result) ? WHOLE : -1,
                        tin_ok(result) ? -1 : rows[i].part);
        }
        if (all.requests != rows[i].requests)
            fail_msg("%s: %ld requests", rows[i].name, all.requests);
        assert_row(rows[i].name,
                   fault_server_count(server, FAULT_BYTES_SENT) < rows[i].sent + 4000);
        remove_all(path);
        fault_server_stop(server);
    }
}

static void a_part_of_another_url_is_not_used(void **state)
{
    plan all = {.servings = {CUT(TAG, 1000), CUT(TAG, 1000), ALL_OF(TAG)}, .count = 3};
    fault_server *server = fault_server_start_call(serve, &all);
    const char *path = test_file_path();

    (void)state;
    assert_gives(tin_download(session, fault_server_url(server, "/a"), NULL, INTERNET_FLAG_RELOAD,
                              path, true, NULL, NULL, NULL),
                 TIN_E_TRUNCATED);
    assert_ok(tin_download(session, fault_server_url(server, "/b"), NULL, INTERNET_FLAG_RELOAD,
                           path, true, NULL, NULL, NULL));
    assert_disk("other URL", path, WHOLE, -1);
    assert_true(fault_server_count(server, FAULT_BYTES_SENT) > WHOLE + 2000);
    remove_all(path);
    fault_server_stop(server);
}

static void what_says_where_a_part_is_from_may_be_damaged(void **state)
{
    static const char *const texts[] = {"", "x", "0123456789abcdef \"one\"",
                                        "0123456789abcdef \"one\"\r\nX: y"};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(texts); i++) {
        plan all = {.servings = {ALL_OF(TAG)}, .count = 1};
        fault_server *server = fault_server_start_call(serve, &all);
        const char *path = test_file_path();
        FILE *file = fopen(beside(path, ".part.from"), "wb");

        assert_non_null(file);
        fputs(texts[i], file);
        fclose(file);
        file = fopen(beside(path, ".part"), "wb");
        assert_non_null(file);
        fputs("other bytes", file);
        fclose(file);
        assert_ok(tin_download(session, fault_server_url(server, "/f"), NULL, INTERNET_FLAG_RELOAD,
                               path, true, NULL, NULL, NULL));
        assert_disk(texts[i], path, WHOLE, -1);
        remove_all(path);
        fault_server_stop(server);
    }
}

static void write_longer_part(const char *path)
{
    FILE *file = fopen(beside(path, ".part"), "wb");

    assert_non_null(file);
    for (long i = 0; i < WHOLE + 1000; i++)
        fputc('x', file);
    fclose(file);
}

/* Of another file, say: nothing of it may stand behind the new bytes. */
static void a_part_that_is_longer_than_the_file_is_cut(void **state)
{
    (void)state;
    for (int resume = 0; resume <= 1; resume++) {
        plan all = {.servings = {ALL_OF(TAG)}, .count = 1};
        fault_server *server = fault_server_start_call(serve, &all);
        const char *path = test_file_path();

        write_longer_part(path);
        cut_error = ERROR_WRITE_PROTECT;
        assert_gives(tin_download(session, fault_server_url(server, "/f"), NULL,
                                  INTERNET_FLAG_RELOAD, path, resume, NULL, NULL, NULL),
                     TIN_E_ACCESS);
        write_longer_part(path);
        assert_ok(tin_download(session, fault_server_url(server, "/f"), NULL, INTERNET_FLAG_RELOAD,
                               path, resume, NULL, NULL, NULL));
        assert_disk("a longer part", path, WHOLE, -1);
        remove_all(path);
        cuts = 0;
        assert_ok(tin_download(session, fault_server_url(server, "/f"), NULL, INTERNET_FLAG_RELOAD,
                               path, resume, NULL, NULL, NULL));
        assert_int_equal(cuts, 0); /* a new one costs nothing */
        remove_all(path);
        fault_server_stop(server);
    }
}

static void a_part_is_left_alone_until_something_comes(void **state)
{
    plan all = {.servings = {{.validator = "", .status = 404}}, .count = 1};
    fault_server *server = fault_server_start_call(serve, &all);
    const char *path = test_file_path(), *part = beside(path, ".part");
    FILE *file = fopen(part, "wb");

    (void)state;
    assert_non_null(file);
    fputs("of a user", file);
    fclose(file);
    assert_gives(tin_download(session, "http://h:99999/", NULL, 0, path, false, NULL, NULL, NULL),
                 TIN_E_URL);
    assert_gives(tin_download(NULL, "http://h/", NULL, 0, path, false, NULL, NULL, NULL),
                 TIN_E_HANDLE);
    assert_gives(tin_download(session, fault_server_url(server, "/f"), NULL, INTERNET_FLAG_RELOAD,
                              path, false, NULL, NULL, NULL),
                 TIN_E_NOT_FOUND);
    assert_int_equal(pattern_in(part), -2);
    remove_file(part);
    fault_server_stop(server);
}

static void an_answer_that_is_not_the_file_leaves_what_was_there(void **state)
{
    static const struct {
        int status;
        tin_error error;
    } rows[] = {
        {400, TIN_E_SERVER}, {401, TIN_E_AUTH},      {403, TIN_E_ACCESS}, {404, TIN_E_NOT_FOUND},
        {407, TIN_E_PROXY},  {410, TIN_E_NOT_FOUND}, {500, TIN_E_SERVER}, {304, TIN_E_REDIRECT},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        plan all = {.servings = {{.validator = "", .status = rows[i].status}}, .count = 1};
        fault_server *server = fault_server_start_call(serve, &all);
        const char *path = test_file("before", 6), *url = fault_server_url(server, "/f");
        const char *name = tin_error_name(rows[i].error);
        char *bytes;
        void *body;
        size_t size;
        DWORD status;

        assert_error(
            name,
            tin_download(session, url, NULL, INTERNET_FLAG_RELOAD, path, true, NULL, NULL, &status),
            rows[i].error);
        assert_row(name, status == (DWORD)rows[i].status);
        bytes = test_file_read(path, &size);
        assert_row(name, bytes != NULL && strcmp(bytes, "before") == 0);
        free(bytes);
        assert_row(name, pattern_in(beside(path, ".part")) == -1);
        assert_error(name, tin_get(session, url, NULL, 0, 100, &status, &body, &size),
                     rows[i].error);
        assert_row(name, status == (DWORD)rows[i].status && body == NULL && size == 0);
        fault_server_stop(server);
    }
}

/* Nobody asked for a part: half a file never bears the name. The whole, called a part, is one. */
static void a_part_that_was_not_asked_for_is_no_file(void **state)
{
    static const struct {
        const char *name, *range;
        tin_error error;
    } rows[] = {
        {"the beginning", "Content-Range: bytes 0-999/2000\r\n", TIN_E_PROTOCOL},
        {"the end", "Content-Range: bytes 1000-1999/2000\r\n", TIN_E_PROTOCOL},
        {"of who knows how many", "Content-Range: bytes 0-999/*\r\n", TIN_E_PROTOCOL},
        {"of who knows what", "", TIN_E_PROTOCOL},
        {"all of it", "Content-Range: bytes 0-999/1000\r\n", TIN_OK},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const fault_step steps[] = {
            FAULT_READ_REQUEST,
            FAULT_SEND("HTTP/1.1 206 Part\r\nContent-Length: 1000\r\n" TAG),
            FAULT_SEND_BYTES(rows[i].range, strlen(rows[i].range)),
            FAULT_SEND("\r\n"),
            FAULT_SEND_COUNTER(1000),
            FAULT_AGAIN,
        };
        fault_server *server = fault_server_start(steps);
        const char *path = test_file("before", 6);
        DWORD status;

        assert_error(rows[i].name,
                     tin_download(session, fault_server_url(server, "/f"), NULL,
                                  INTERNET_FLAG_RELOAD, path, true, NULL, NULL, &status),
                     rows[i].error);
        assert_row(rows[i].name, status == 206);
        assert_disk(rows[i].name, path, rows[i].error == TIN_OK ? 1000 : -2, -1);
        remove_all(path);
        fault_server_stop(server);
    }
}

static void progress_is_told_on_the_callers_thread(void **state)
{
    plan all = {.servings = {ALL_OF(TAG)}, .count = 1};
    fault_server *server = fault_server_start_call(serve, &all);
    watcher seen = {.thread = GetCurrentThreadId()};
    const char *path = test_file_path();

    (void)state;
    assert_ok(tin_download(session, fault_server_url(server, "/f"), NULL, INTERNET_FLAG_RELOAD,
                           path, false, watch, &seen, NULL));
    assert_true(seen.calls >= 2 && !seen.strange);
    assert_true(seen.last.done == WHOLE && seen.last.total == WHOLE && seen.last.total_known);
    remove_all(path);
    fault_server_stop(server);
}

static void a_callback_that_wants_no_more_leaves_what_can_be_resumed(void **state)
{
    plan all = {.servings = {{.validator = TAG, .cut = 1000, .held = true}, ALL_OF(TAG)},
                .count = 2};
    fault_server *server = fault_server_start_call(serve, &all);
    watcher seen = {.thread = GetCurrentThreadId(), .stop_at = 1};
    const char *path = test_file_path(), *url = fault_server_url(server, "/f");
    long part;

    (void)state;
    assert_gives(
        tin_download(session, url, NULL, INTERNET_FLAG_RELOAD, path, true, watch, &seen, NULL),
        TIN_E_CANCELLED);
    part = pattern_in(beside(path, ".part"));
    assert_in_range(part, 1, 1000);
    assert_disk("cancelled", path, -1, part);
    seen.stop_at = 0;
    assert_ok(
        tin_download(session, url, NULL, INTERNET_FLAG_RELOAD, path, true, watch, &seen, NULL));
    assert_true(seen.last.done == WHOLE && seen.last.total == WHOLE);
    assert_disk("resumed", path, WHOLE, -1);
    remove_all(path);
    fault_server_stop(server);
}

static const fault_step stalls[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nAccept-Ranges: bytes\r\n" TAG "Content-Length: 1000\r\n\r\n"),
    FAULT_SEND_COUNTER(100),
    FAULT_MUTE,
    FAULT_END,
};

typedef struct call {
    tin_handle session;
    fault_server *server;
    const char *path;
    tin_result result;
} call;

static void download_on_thread(void *context)
{
    call *it = context;

    it->result = tin_download(it->session, fault_server_url(it->server, "/f"), NULL,
                              INTERNET_FLAG_RELOAD, it->path, false, NULL, NULL, NULL);
}

static void a_stall_ends_by_time_out_by_cancel_and_by_close(void **state)
{
    (void)state;
    for (int how = 0; how < 3; how++) {
        static const tin_error errors[] = {TIN_E_TIMEOUT, TIN_E_CANCELLED, TIN_E_CANCELLED};
        call it = {.server = fault_server_start(stalls), .path = test_file_path()};
        test_thread *thread;

        assert_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &it.session));
        assert_ok(tin_set_option_dword(it.session, INTERNET_OPTION_CONNECT_RETRIES, 0));
        if (how == 0)
            assert_ok(tin_set_option_dword(it.session, INTERNET_OPTION_RECEIVE_TIMEOUT, 100));
        thread = test_thread_start(download_on_thread, &it);
        assert_true(fault_server_wait(it.server, FAULT_HOLDS, 1, TEST_PATIENCE_MS));
        if (how == 1)
            assert_ok(tin_cancel(it.session));
        if (how == 2)
            assert_ok(tin_close_handle(it.session));
        test_thread_join(thread, TEST_PATIENCE_MS);
        assert_error("stalled", it.result, errors[how]);
        assert_disk("stalled", it.path, -1, -1);
        if (how != 2)
            assert_ok(tin_close_handle(it.session));
        fault_server_stop(it.server);
    }
}

/* Each try has a receive time-out of its own; the total is one for all. */
static void a_silent_server_is_tried_again_within_the_total(void **state)
{
    static const struct {
        const char *name;
        DWORD option;
        uint64_t requests;
    } rows[] = {
        {"receive", INTERNET_OPTION_RECEIVE_TIMEOUT, 2},
        {"total", TIN_OPTION_TOTAL_TIMEOUT, 1},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        call it = {.server = fault_server_start(stalls), .path = test_file_path()};

        assert_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &it.session));
        assert_ok(tin_set_option_dword(it.session, rows[i].option, 600));
        test_run_bounded(download_on_thread, &it, TEST_PATIENCE_MS);
        assert_error(rows[i].name, it.result, TIN_E_TIMEOUT);
        if (fault_server_count(it.server, FAULT_REQUESTS) != rows[i].requests)
            fail_msg("%s: %u requests", rows[i].name,
                     (unsigned)fault_server_count(it.server, FAULT_REQUESTS));
        assert_disk(rows[i].name, it.path, -1, -1);
        assert_ok(tin_close_handle(it.session));
        fault_server_stop(it.server);
    }
}

static void a_place_that_cannot_be_written_is_said_before_anything_is_asked(void **state)
{
    plan all = {.servings = {ALL_OF(TAG)}, .count = 1};
    fault_server *server = fault_server_start_call(serve, &all);
    const char *url = fault_server_url(server, "/f"), *path = test_file_path();
    const struct {
        const char *name, *url, *path;
        tin_error error;
    } rows[] = {
        {"no URL", NULL, path, TIN_E_ARGUMENT},
        {"no path", url, NULL, TIN_E_ARGUMENT},
        {"empty path", url, "", TIN_E_ARGUMENT},
        {"folder", url, "C:\\windows", TIN_E_ARGUMENT},
        {"no folder", url, "C:\\no such folder\\f", TIN_E_NOT_FOUND},
        {"URL for a path", url, "http://h/f", TIN_E_ARGUMENT},
        {"file URL for a path", url, "file:///C:/f", TIN_E_ARGUMENT},
        {"malformed path", url, "\xFF", TIN_E_ARGUMENT},
        {"malformed URL", "\xFF", path, TIN_E_ARGUMENT},
        {"bad URL", "http://h:99999/", path, TIN_E_URL},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        DWORD status = 1;

        assert_error(
            rows[i].name,
            tin_download(session, rows[i].url, NULL, 0, rows[i].path, false, NULL, NULL, &status),
            rows[i].error);
        assert_row(rows[i].name, status == 0);
    }
    assert_gives(tin_download(NULL, url, NULL, 0, path, false, NULL, NULL, NULL), TIN_E_HANDLE);
    assert_int_equal(all.requests, 0);
    assert_disk("nothing", path, -1, -1);
    fault_server_stop(server);
}

static void a_file_that_is_in_use_stays(void **state)
{
    plan all = {.servings = {ALL_OF(TAG)}, .count = 1};
    fault_server *server = fault_server_start_call(serve, &all);
    const char *path = test_file("before", 6);
    wchar_t wide[1024];
    HANDLE handle;

    (void)state;
    MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 1024);
    handle = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(handle != INVALID_HANDLE_VALUE);
    assert_gives(
        tin_download_w(session, L"no scheme, no file", NULL, 0, wide, false, NULL, NULL, NULL),
        TIN_E_NOT_FOUND);
    assert_gives(tin_download(session, fault_server_url(server, "/f"), NULL, INTERNET_FLAG_RELOAD,
                              path, false, NULL, NULL, NULL),
                 TIN_E_ACCESS);
    CloseHandle(handle);
    assert_int_equal(pattern_in(beside(path, ".part")), -1);
    assert_int_equal(pattern_in(path), -2);
    fault_server_stop(server);
}

static void a_disk_that_fails_is_told_by_its_number(void **state)
{
    static char bytes[400000];
    plan all = {.servings = {ALL_OF(TAG)}, .count = 1};
    fault_server *server = fault_server_start_call(serve, &all);
    const char *path = test_file_path();
    tin_result result;

    (void)state;
    disk_error = ERROR_DISK_FULL;
    result = tin_download(session, fault_server_url(server, "/f"), NULL, INTERNET_FLAG_RELOAD, path,
                          true, NULL, NULL, NULL);
    assert_error("download", result, TIN_E_DISK);
    assert_int_equal(result.last_error, ERROR_DISK_FULL);
    assert_disk("download", path, -1, -1);
    disk_error = ERROR_READ_FAULT;
    result = tin_upload(session, test_file(bytes, sizeof bytes), NULL,
                        fault_server_url(server, "/f"), NULL, 0, NULL, NULL, NULL);
    assert_error("upload", result, TIN_E_DISK);
    assert_int_equal(result.last_error, ERROR_READ_FAULT);
    fault_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_breaks_off_is_resumed_or_starts_again),
        TEST(a_part_of_another_url_is_not_used),
        TEST(what_says_where_a_part_is_from_may_be_damaged),
        TEST(a_part_that_is_longer_than_the_file_is_cut),
        TEST(a_part_is_left_alone_until_something_comes),
        TEST(an_answer_that_is_not_the_file_leaves_what_was_there),
        TEST(a_part_that_was_not_asked_for_is_no_file),
        TEST(progress_is_told_on_the_callers_thread),
        TEST(a_callback_that_wants_no_more_leaves_what_can_be_resumed),
        TEST(a_stall_ends_by_time_out_by_cancel_and_by_close),
        TEST(a_silent_server_is_tried_again_within_the_total),
        TEST(a_place_that_cannot_be_written_is_said_before_anything_is_asked),
        TEST(a_file_that_is_in_use_stays),
        TEST(a_disk_that_fails_is_told_by_its_number),
    };

    return test_run_group(tests, NULL, NULL);
}
