/* SPDX-License-Identifier: MIT */
/* Writing: local files and what opens them, which bytes leave when, and failures that stay. */
#include "test.h"

#include "check.h"
#include "fault_server.h"
#include "guarded_heap.h"
#include "internal.h"
#include "wrap.h"

#include <wchar.h>

enum { PIECE = 65536 };

/* ---- WriteFile: counted, made to write less, made to fail ------------------------------------ */

TIN_WRAP(WriteFile);

static struct {
    volatile LONG on;
    volatile LONG calls;
    DWORD most; /* bytes at once; 0: all */
    LONG fails; /* this call, and later ones; 0: none */
    DWORD error;
    bool takes_none; /* it succeeds without taking a byte */
    DWORD takes_ms;
} writing;

static BOOL WINAPI wrap_WriteFile(HANDLE file, const void *bytes, DWORD size, DWORD *written,
                                  OVERLAPPED *overlapped)
{
    if (!writing.on)
        return real_WriteFile(file, bytes, size, written, overlapped);
    InterlockedIncrement(&writing.calls);
    if (writing.takes_ms != 0)
        WaitForSingleObject(GetCurrentThread(), writing.takes_ms); /* which does not end */
    if (writing.fails != 0 && writing.calls >= writing.fails) {
        SetLastError(writing.error);
        return FALSE;
    }
    if (writing.takes_none) {
        *written = 0;
        return TRUE;
    }
    if (writing.most != 0 && size > writing.most)
        size = writing.most;
    return real_WriteFile(file, bytes, size, written, overlapped);
}

/* ---- files ----------------------------------------------------------------------------------- */

static tin_handle session;

static int open_session(void **state)
{
    (void)state;
    memset(&writing, 0, sizeof writing);
    assert_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
    return 0;
}

static int close_session(void **state)
{
    writing.on = FALSE;
    tin_close_handle(session); /* unless the test did */
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
    return test_files_remove(state);
}

static tin_handle create(const char *path)
{
    tin_handle file;

    assert_ok(tin_open_local_file(session, path, GENERIC_WRITE, CREATE_ALWAYS, NULL, &file));
    return file;
}

static void put(tin_handle file, const char *text)
{
    size_t written;

    assert_ok(tin_write_file(file, text, strlen(text), &written));
    assert_int_equal(written, strlen(text));
}

static void assert_file(const char *name, const char *path, const char *text)
{
    size_t size;
    char *is = test_file_read(path, &size);

    assert_row(name, is != NULL);
    if (strcmp(is, text) != 0)
        fail_msg("%s: \"%s\", not \"%s\"", name, is, text);
    free(is);
}

static void dispositions_are_createfiles(void **state)
{
    static const struct {
        const char *name;
        const char *before; /* NULL: no file */
        DWORD disposition;
        tin_error error;
        DWORD last_error;
        const char *after;
    } rows[] = {
        {"new", NULL, CREATE_NEW, TIN_OK, 0, "new"},
        {"new, but there", "0123456789", CREATE_NEW, TIN_E_EXISTS, ERROR_FILE_EXISTS, NULL},
        {"always, missing", NULL, CREATE_ALWAYS, TIN_OK, 0, "new"},
        {"always, there", "0123456789", CREATE_ALWAYS, TIN_OK, 0, "new"},
        {"existing, missing", NULL, OPEN_EXISTING, TIN_E_NOT_FOUND, ERROR_FILE_NOT_FOUND, NULL},
        {"existing", "0123456789", OPEN_EXISTING, TIN_OK, 0, "new3456789"},
        {"open always, missing", NULL, OPEN_ALWAYS, TIN_OK, 0, "new"},
        {"open always, there", "0123456789", OPEN_ALWAYS, TIN_OK, 0, "new3456789"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *path =
            rows[i].before != NULL ? test_file(rows[i].before, 10) : test_file_path();
        tin_handle file = GARBAGE;
        const tin_result result =
            tin_open_local_file(session, path, GENERIC_WRITE, rows[i].disposition, NULL, &file);

        assert_error(rows[i].name, result, rows[i].error);
        assert_row(rows[i].name, result.last_error == rows[i].last_error);
        if (rows[i].after == NULL) {
            assert_row(rows[i].name, file == NULL);
            continue;
        }
        put(file, "new");
        assert_ok(tin_close_handle(file));
        assert_file(rows[i].name, path, rows[i].after);
    }
}

static void files_are_also_opened_for_reading(void **state)
{
    const char *path = test_file("read", 4);
    char text[8] = "";
    size_t got;
    tin_handle file;

    (void)state;
    assert_ok(tin_open_local_file(session, path, GENERIC_READ, OPEN_EXISTING, NULL, &file));
    assert_ok(tin_read_file(file, text, sizeof text, &got));
    assert_string_equal(text, "read");
    assert_gives(tin_write_file(file, "x", 1, &got), TIN_E_STATE);
    assert_ok(tin_close_handle(file));
    assert_ok(
        tin_open_local_file(session, test_file_path(), GENERIC_READ, OPEN_ALWAYS, NULL, &file));
    assert_ok(tin_read_file(file, text, sizeof text, &got));
    assert_int_equal(got, 0);
    assert_ok(tin_close_handle(file));
}

static void names_are_those_of_open_url(void **state)
{
    const char *path = test_file_path();
    char url[1024];
    wchar_t wide[1024];
    tin_handle file;

    (void)state;
    snprintf(url, sizeof url, "file:///%s", path);
    assert_ok(tin_open_local_file(session, url, GENERIC_WRITE, CREATE_NEW, NULL, &file));
    put(file, "by URL");
    assert_ok(tin_close_handle(file));
    assert_file("URL", path, "by URL");
    assert_true(MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 1024) != 0);
    assert_ok(tin_open_local_file_w(session, wide, GENERIC_WRITE, CREATE_ALWAYS, NULL, &file));
    put(file, "by name");
    assert_ok(tin_close_handle(file));
    assert_file("name", path, "by name");
}

static void what_cannot_be_opened_has_a_typed_error(void **state)
{
    static const struct {
        const char *name;
        DWORD access, disposition;
        tin_error error;
    } rows[] = {
        {NULL, GENERIC_WRITE, CREATE_ALWAYS, TIN_E_ARGUMENT},
        {"", GENERIC_WRITE, CREATE_ALWAYS, TIN_E_ARGUMENT},
        {"\xFF", GENERIC_WRITE, CREATE_ALWAYS, TIN_E_ARGUMENT},
        {"http://127.0.0.1/", GENERIC_WRITE, CREATE_ALWAYS, TIN_E_ARGUMENT},
        {"ftp://127.0.0.1/a", GENERIC_WRITE, CREATE_ALWAYS, TIN_E_ARGUMENT},
        {"mailto:a@b", GENERIC_WRITE, CREATE_ALWAYS, TIN_E_ARGUMENT},
        {"file:///%zz", GENERIC_WRITE, CREATE_ALWAYS, TIN_E_URL},
        {"x", 0, CREATE_ALWAYS, TIN_E_ARGUMENT},
        {"x", GENERIC_READ | GENERIC_WRITE, CREATE_ALWAYS, TIN_E_ARGUMENT},
        {"x", GENERIC_WRITE, 0, TIN_E_ARGUMENT},
        {"x", GENERIC_WRITE, TRUNCATE_EXISTING, TIN_E_ARGUMENT},
        {"C:\\", GENERIC_WRITE, OPEN_EXISTING, TIN_E_ACCESS},
        {"C:\\thininet, missing\\x", GENERIC_WRITE, CREATE_ALWAYS, TIN_E_NOT_FOUND},
        {"C:\\thininet, missing\\x", GENERIC_READ, OPEN_EXISTING, TIN_E_NOT_FOUND},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *name = rows[i].name != NULL ? rows[i].name : "NULL";
        tin_handle file = GARBAGE;
        const tin_result result = tin_open_local_file(session, rows[i].name, rows[i].access,
                                                      rows[i].disposition, NULL, &file);

        if (rows[i].error == TIN_E_ACCESS) /* Windows says "path not found" of a drive's root */
            assert_row(name, result.error == TIN_E_ACCESS || result.error == TIN_E_NOT_FOUND);
        else
            assert_error(name, result, rows[i].error);
        assert_row(name, file == NULL);
    }
    assert_gives(tin_open_local_file(session, "x", GENERIC_READ, OPEN_EXISTING, NULL, NULL),
                 TIN_E_ARGUMENT);
    assert_gives(tin_open_local_file_w(session, L"x", GENERIC_READ, OPEN_EXISTING, NULL, NULL),
                 TIN_E_ARGUMENT);
}

static void a_file_that_is_written_is_shared_with_readers_alone(void **state)
{
    const char *path = test_file_path();
    const tin_handle file = create(path);
    tin_handle other;

    (void)state;
    put(file, "so far");
    assert_file("reader", path, "so far");
    assert_gives(tin_open_local_file(session, path, GENERIC_WRITE, OPEN_EXISTING, NULL, &other),
                 TIN_E_ACCESS);
    assert_ok(tin_close_handle(file));
    assert_ok(tin_open_local_file(session, path, GENERIC_WRITE, OPEN_EXISTING, NULL, &other));
    assert_ok(tin_close_handle(other));
}

/* ---- which bytes leave when ------------------------------------------------------------------ */

static void check_order(size_t buffer_size, size_t most_written, size_t most)
{
    static BYTE bytes[150000];
    const size_t total = most == 3 || (most_written < 10 && buffer_size < 10) ? 1500 : sizeof bytes;
    const char *path = test_file_path();
    const tin_handle file = create(path);
    size_t size;
    unsigned count = 0;
    char *is;
    uint64_t length;

    fault_pattern_fill(0, bytes, sizeof bytes);
    assert_ok(tin_set_write_buffer_size(file, buffer_size));
    writing.most = (DWORD)most;
    writing.on = TRUE;
    for (size_t at = 0; at < total; at += size) {
        size_t written;

        size = count++ % 2 == 0 ? most_written : most_written / 3 + 1; /* these may overtake */
        size = total - at < size ? total - at : size;
        assert_ok(tin_write_file(file, bytes + at, size, &written));
        assert_int_equal(written, size);
    }
    assert_ok(tin_get_length(file, &length));
    assert_int_equal(length, total);
    assert_ok(tin_close_handle(file));
    writing.on = FALSE;
    is = test_file_read(path, &size);
    if (size != total || memcmp(is, bytes, total) != 0)
        fail_msg("buffer %u, writes of %u, at most %u: %u bytes, or wrong ones",
                 (unsigned)buffer_size, (unsigned)most_written, (unsigned)most, (unsigned)size);
    free(is);
    assert_int_equal(test_files_remove(NULL), 0);
}

static void bytes_arrive_in_order_whatever_the_sizes(void **state)
{
    static const size_t buffers[] = {0, 1, 3, 1000, PIECE, 200000};
    static const size_t sizes[] = {1, 7, 999, 1000, 1001, PIECE, 100000};
    static const size_t most[] = {0, 1000, 3};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(buffers); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(sizes); j++)
            for (size_t k = 0; k < TEST_COUNT_OF(most); k++)
                if (test_has_turn(i + j + k))
                    check_order(buffers[i], sizes[j], most[k]);
}

static LONG calls_for(size_t buffer_size, size_t size, size_t total)
{
    static BYTE bytes[4 * PIECE];
    const tin_handle file = create(test_file_path());

    assert_ok(tin_set_write_buffer_size(file, buffer_size));
    writing.calls = 0;
    writing.on = TRUE;
    for (size_t at = 0; at < total; at += size) {
        size_t written;

        assert_ok(tin_write_file(file, bytes, size, &written));
    }
    assert_ok(tin_close_handle(file));
    writing.on = FALSE;
    return writing.calls;
}

static void gathering_makes_few_calls(void **state)
{
    (void)state;
    assert_int_equal(calls_for(0, 10, 1000), 100);
    assert_int_equal(calls_for(0, 2 * PIECE, 2 * PIECE), 2);
    assert_int_equal(calls_for(1, 10, 1000), 100);
    assert_int_equal(calls_for(1000, 10, 990), 1);
    assert_in_range(calls_for(1000, 10, 100000), 100, 102);
    assert_int_equal(calls_for(100, 4 * PIECE, 4 * PIECE), 3);
    assert_int_equal(calls_for(0, 4 * PIECE, 16 * PIECE), 6); /* 1, 2, 1; then 4 each */
    assert_int_equal(calls_for(4 * PIECE, 1024, 2 * PIECE), 2);
}

/* At the speed of the last piece, twice as much would take more than an eighth of the time-out. */
static void a_slow_taker_gets_small_pieces(void **state)
{
    (void)state;
    assert_ok(tin_set_option_dword(session, INTERNET_OPTION_SEND_TIMEOUT, 2000));
    writing.takes_ms = 150;
    assert_int_equal(calls_for(0, 4 * PIECE, 4 * PIECE), 4);
    writing.takes_ms = 0;
}

static tin_result set_no_buffer(tin_handle file)
{
    return tin_set_write_buffer_size(file, 0);
}

static tin_result set_same_buffer(tin_handle file)
{
    return tin_set_write_buffer_size(file, 100);
}

static tin_result move_nowhere(tin_handle file)
{
    uint64_t position;

    return tin_set_file_pointer(file, 0, FILE_CURRENT, &position);
}

static const struct {
    const char *name;
    tin_result (*call)(tin_handle file);
    bool closes;
} flushers[] = {
    {"flush", tin_flush, false},
    {"no buffer any more", set_no_buffer, false},
    {"buffer of the same size", set_same_buffer, false},
    {"move", move_nowhere, false},
    {"close", tin_close_handle, true},
};

static void what_was_gathered_stays_until_it_is_flushed(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(flushers); i++) {
        const char *path = test_file_path();
        const tin_handle file = create(path);

        assert_ok(tin_set_write_buffer_size(file, 100));
        put(file, "one ");
        put(file, "two");
        assert_file(flushers[i].name, path, "");
        assert_error(flushers[i].name, flushers[i].call(file), TIN_OK);
        assert_file(flushers[i].name, path, "one two");
        if (flushers[i].closes)
            continue;
        assert_error(flushers[i].name, flushers[i].call(file), TIN_OK);
        put(file, ", three");
        assert_ok(tin_close_handle(file));
        assert_file(flushers[i].name, path, "one two, three");
    }
}

static void closing_the_session_drops_what_was_gathered(void **state)
{
    const char *path = test_file_path();
    const tin_handle file = create(path);

    (void)state;
    assert_ok(tin_set_write_buffer_size(file, 100));
    put(file, "gathered");
    assert_ok(tin_close_handle(session));
    assert_gives(tin_close_handle(file), TIN_E_HANDLE);
    assert_file("closed", path, "");
}

static void places_are_written_where_they_were_sought(void **state)
{
    static const size_t buffers[] = {0, 1, 3, 100};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(buffers); i++) {
        const char *path = test_file_path();
        const tin_handle file = create(path);
        uint64_t position, length;

        assert_ok(tin_set_write_buffer_size(file, buffers[i]));
        put(file, "0123456789");
        assert_ok(tin_set_file_pointer(file, 4, FILE_BEGIN, &position));
        put(file, "ab");
        assert_ok(tin_set_file_pointer(file, 0, FILE_CURRENT, &position));
        assert_int_equal(position, 6);
        assert_ok(tin_set_file_pointer(file, -1, FILE_END, &position));
        assert_int_equal(position, 9);
        put(file, "xyz");
        assert_ok(tin_get_length(file, &length));
        assert_int_equal(length, 12);
        assert_gives(tin_set_file_pointer(file, 1, FILE_END, &position), TIN_E_ARGUMENT);
        assert_int_equal(position, 0);
        put(file, "!");
        assert_ok(tin_close_handle(file));
        assert_file("sought", path, "0123ab678xyz!");
    }
}

/* ---- failures -------------------------------------------------------------------------------- */

static void a_full_disk_is_told_and_stays(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(flushers); i++) {
        const tin_handle file = create(test_file_path());
        size_t written = 7;

        assert_ok(tin_set_write_buffer_size(file, 100));
        put(file, "gathered");
        writing.error = ERROR_DISK_FULL;
        writing.fails = 1;
        writing.calls = 0;
        writing.on = TRUE;
        assert_error(flushers[i].name, flushers[i].call(file), TIN_E_DISK);
        writing.on = FALSE;
        if (flushers[i].closes)
            continue;
        assert_error(flushers[i].name, flushers[i].call(file), TIN_E_DISK);
        assert_error(flushers[i].name, tin_write_file(file, "x", 1, &written), TIN_E_DISK);
        assert_int_equal(written, 0);
        assert_int_equal(tin_flush(file).last_error, ERROR_DISK_FULL);
        assert_error(flushers[i].name, tin_close_handle(file), TIN_E_DISK);
    }
}

static void what_fails_in_the_middle_fails_for_good(void **state)
{
    static BYTE bytes[3 * PIECE];
    const tin_handle file = create(test_file_path());
    size_t written = 7;

    (void)state;
    writing.error = ERROR_DISK_FULL;
    writing.fails = 2;
    writing.on = TRUE;
    assert_gives(tin_write_file(file, bytes, sizeof bytes, &written), TIN_E_DISK);
    assert_int_equal(written, 0);
    assert_int_equal(writing.calls, 2);
    writing.on = FALSE;
    assert_gives(tin_write_file(file, bytes, 1, &written), TIN_E_DISK);
    assert_gives(tin_close_handle(file), TIN_E_DISK);
}

static void a_system_that_takes_nothing_is_not_asked_for_ever(void **state)
{
    const tin_handle file = create(test_file_path());
    size_t written = 7;

    (void)state;
    writing.takes_none = true;
    writing.on = TRUE;
    assert_gives(tin_write_file(file, "x", 1, &written), TIN_E_INTERNAL);
    assert_int_equal(written, 0);
    assert_gives(tin_close_handle(file), TIN_E_INTERNAL);
}

/* Nothing was taken then, so it can be tried again. */
static void writing_survives_a_want_of_memory(void **state)
{
    static const size_t buffers[] = {0, 100};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(buffers); i++) {
        const char *path = test_file_path();
        const tin_handle file = create(path);
        size_t written = 7;

        assert_ok(tin_set_write_buffer_size(file, buffers[i]));
        guarded_heap_fail_nth(1);
        assert_gives(tin_write_file(file, "one", 3, &written), TIN_E_MEMORY);
        assert_true(guarded_heap_has_failed());
        assert_int_equal(written, 0);
        put(file, "two");
        assert_ok(tin_close_handle(file));
        assert_file("memory", path, "two");
    }
}

static const fault_step page[] = {
    FAULT_READ_REQUEST, FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), FAULT_END};

static void reading_and_writing_are_not_the_same(void **state)
{
    fault_server *server = fault_server_start(page);
    const tin_handle out = create(test_file_path());
    tin_handle in[2];
    char line[4];
    size_t size = 7;

    (void)state;
    assert_ok(tin_open_url(session, fault_server_url(server, "/"), NULL, 0, NULL, &in[0]));
    assert_ok(tin_open_url(session, test_file("ok", 2), NULL, 0, NULL, &in[1]));
    for (int i = 0; i < 2; i++) {
        assert_gives(tin_flush(in[i]), TIN_E_STATE);
        assert_gives(tin_set_write_buffer_size(in[i], 10), TIN_E_STATE);
        assert_gives(tin_write_file(in[i], "x", 1, &size), TIN_E_STATE);
        assert_int_equal(size, 0);
        assert_ok(tin_read_file(in[i], line, 2, &size));
        assert_int_equal(size, 2);
        assert_ok(tin_close_handle(in[i]));
    }
    assert_gives(tin_read_file(out, line, 2, &size), TIN_E_STATE);
    assert_gives(tin_read_available(out, line, 2, &size), TIN_E_STATE);
    assert_gives(tin_read_line(out, line, 2, &size), TIN_E_STATE);
    assert_gives(tin_query_data_available(out, &size), TIN_E_STATE);
    assert_int_equal(size, 0);
    assert_ok(tin_close_handle(out));
    fault_server_stop(server);
}

static void what_cannot_be_written_is_refused(void **state)
{
    const tin_handle file = create(test_file_path());
    size_t written = 7;

    (void)state;
    assert_gives(tin_write_file(file, NULL, 1, &written), TIN_E_ARGUMENT);
    assert_int_equal(written, 0);
    written = 7;
    assert_gives(tin_write_file(file, "x", 0, &written), TIN_E_ARGUMENT);
    assert_int_equal(written, 0);
    assert_gives(tin_write_file(file, "x", 1, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_write_file(session, "x", 1, &written), TIN_E_HANDLE);
    assert_gives(tin_flush(session), TIN_E_HANDLE);
    assert_gives(tin_set_write_buffer_size(file, ((size_t)64 << 20) + 1), TIN_E_ARGUMENT);
    assert_gives(tin_set_write_buffer_size(session, 1), TIN_E_HANDLE);
    assert_ok(tin_set_write_buffer_size(file, (size_t)64 << 20));
    assert_ok(tin_close_handle(file));
    assert_gives(tin_write_file(file, "x", 1, &written), TIN_E_HANDLE);
    assert_gives(tin_flush(file), TIN_E_HANDLE);
}

/* ---- a pipe that takes no bytes -------------------------------------------------------------- */

typedef struct stall {
    HANDLE peer;
    tin_handle file;
    tin_result result;
    size_t written;
} stall;

static void open_stall(stall *stalled)
{
    static unsigned count;
    char name[64];

    snprintf(name, sizeof name, "\\\\.\\pipe\\thininet write test %lu %u", GetCurrentProcessId(),
             count++);
    stalled->peer = CreateNamedPipeA(name, PIPE_ACCESS_INBOUND, PIPE_TYPE_BYTE | PIPE_WAIT, 1, 4096,
                                     4096, 0, NULL);
    assert_true(stalled->peer != INVALID_HANDLE_VALUE);
    assert_ok(
        tin_open_local_file(session, name, GENERIC_WRITE, OPEN_EXISTING, NULL, &stalled->file));
    assert_true(ConnectNamedPipe(stalled->peer, NULL) || GetLastError() == ERROR_PIPE_CONNECTED);
    stalled->written = 7;
}

/* More than any pipe takes that nobody reads. */
static void write_much(void *context)
{
    static const BYTE bytes[1 << 20];
    stall *stalled = context;

    stalled->result = tin_write_file(stalled->file, bytes, sizeof bytes, &stalled->written);
}

static void a_pipe_takes_bytes_but_has_no_places(void **state)
{
    stall stalled;
    uint64_t number;
    char text[8] = "";
    DWORD got;

    (void)state;
    open_stall(&stalled);
    put(stalled.file, "hello");
    assert_true(ReadFile(stalled.peer, text, sizeof text, &got, NULL));
    assert_string_equal(text, "hello");
    assert_gives(tin_set_file_pointer(stalled.file, 0, FILE_BEGIN, &number), TIN_E_UNSUPPORTED);
    assert_gives(tin_get_length(stalled.file, &number), TIN_E_NOT_FOUND);
    put(stalled.file, " you");
    assert_ok(tin_close_handle(stalled.file));
    CloseHandle(stalled.peer);
}

static void a_write_that_stalls_ends_at_its_deadline(void **state)
{
    static const DWORD options[] = {INTERNET_OPTION_SEND_TIMEOUT, TIN_OPTION_TOTAL_TIMEOUT};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(options); i++) {
        stall stalled;
        uint64_t began_ms;

        open_stall(&stalled);
        assert_ok(tin_set_option_dword(stalled.file, options[i], 200));
        began_ms = test_now_ms();
        write_much(&stalled);
        assert_int_equal(stalled.result.error, TIN_E_TIMEOUT);
        assert_int_equal(stalled.written, 0);
        assert_in_range(test_now_ms() - began_ms, 150, 2000);
        write_much(&stalled);
        assert_int_equal(stalled.result.error, TIN_E_TIMEOUT);
        assert_gives(tin_flush(stalled.file), TIN_E_TIMEOUT);
        assert_gives(tin_close_handle(stalled.file), TIN_E_TIMEOUT);
        assert_ok(tin_close_handle(session));
        assert_true(tin__wait_until_idle(TEST_PATIENCE_MS)); /* while its peer reads nothing */
        CloseHandle(stalled.peer);
        open_session(NULL);
    }
}

static void a_write_that_stalls_can_be_stopped(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        stall stalled;
        test_thread *thread;

        open_stall(&stalled);
        writing.calls = 0;
        writing.on = TRUE;
        thread = test_thread_start(write_much, &stalled);
        while (writing.calls == 0)
            assert_false(test_thread_wait(thread, 1));
        if (i == 0)
            assert_ok(tin_cancel(stalled.file));
        else
            assert_ok(tin_close_handle(i == 1 ? stalled.file : session));
        test_thread_join(thread, TEST_PATIENCE_MS);
        writing.on = FALSE;
        assert_int_equal(stalled.result.error, TIN_E_CANCELLED);
        assert_int_equal(stalled.written, 0);
        if (i == 0) {
            write_much(&stalled);
            assert_int_equal(stalled.result.error, TIN_E_CANCELLED);
            assert_gives(tin_close_handle(stalled.file), TIN_E_CANCELLED);
        }
        if (i < 2)
            assert_ok(tin_close_handle(session));
        assert_true(tin__wait_until_idle(TEST_PATIENCE_MS)); /* while its peer reads nothing */
        CloseHandle(stalled.peer);
        open_session(NULL);
    }
}

static void closing_tells_that_not_all_was_stored(void **state)
{
    static BYTE bytes[1 << 20];
    stall stalled;
    uint64_t began_ms;

    (void)state;
    open_stall(&stalled);
    assert_ok(tin_set_option_dword(stalled.file, INTERNET_OPTION_SEND_TIMEOUT, 200));
    assert_ok(tin_set_write_buffer_size(stalled.file, sizeof bytes + 1));
    assert_ok(tin_write_file(stalled.file, bytes, sizeof bytes, &stalled.written));
    began_ms = test_now_ms();
    assert_gives(tin_close_handle(stalled.file), TIN_E_TIMEOUT);
    assert_in_range(test_now_ms() - began_ms, 150, 2000);
    CloseHandle(stalled.peer);

    stalled.file = create(test_file_path());
    assert_ok(tin_set_write_buffer_size(stalled.file, 100));
    put(stalled.file, "gathered");
    assert_ok(tin_cancel(stalled.file));
    assert_gives(tin_close_handle(stalled.file), TIN_E_CANCELLED);
}

static void a_peer_that_leaves_is_a_failure(void **state)
{
    stall stalled;

    (void)state;
    open_stall(&stalled);
    CloseHandle(stalled.peer);
    write_much(&stalled);
    assert_false(tin_ok(stalled.result));
    assert_int_equal(stalled.written, 0);
    assert_int_equal(tin_close_handle(stalled.file).error, stalled.result.error);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_session, close_session)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(dispositions_are_createfiles),
        TEST(files_are_also_opened_for_reading),
        TEST(names_are_those_of_open_url),
        TEST(what_cannot_be_opened_has_a_typed_error),
        TEST(a_file_that_is_written_is_shared_with_readers_alone),
        TEST(bytes_arrive_in_order_whatever_the_sizes),
        TEST(gathering_makes_few_calls),
        TEST(a_slow_taker_gets_small_pieces),
        TEST(what_was_gathered_stays_until_it_is_flushed),
        TEST(closing_the_session_drops_what_was_gathered),
        TEST(places_are_written_where_they_were_sought),
        TEST(a_full_disk_is_told_and_stays),
        TEST(what_fails_in_the_middle_fails_for_good),
        TEST(a_system_that_takes_nothing_is_not_asked_for_ever),
        TEST(writing_survives_a_want_of_memory),
        TEST(reading_and_writing_are_not_the_same),
        TEST(what_cannot_be_written_is_refused),
        TEST(a_pipe_takes_bytes_but_has_no_places),
        TEST(a_write_that_stalls_ends_at_its_deadline),
        TEST(a_write_that_stalls_can_be_stopped),
        TEST(closing_tells_that_not_all_was_stored),
        TEST(a_peer_that_leaves_is_a_failure),
    };

    return test_run_group(tests, NULL, NULL);
}
