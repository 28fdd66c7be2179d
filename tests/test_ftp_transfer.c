/* SPDX-License-Identifier: MIT */
/* Files of a connection to an FTP server: read, written, copied, and how that may end. */
#include "test.h"

#include "ftp_fixture.h"
#include "wrap.h"

#include <wchar.h>

typedef struct transfer {
    fault_route replies[3];
    fault_ftp ftp;
    fault_server *server;
    tin_handle session, connection;
} transfer;

static void begin(transfer *test, uint64_t size, const char *command, const fault_step *script)
{
    memset(test, 0, sizeof *test);
    test->replies[0] = (fault_route){command, script};
    test->ftp.replies = test->replies;
    test->ftp.size = size;
    test->server = fault_ftp_start(&test->ftp);
    test->session = open_session();
    test->connection = log_on(test->session, test->server);
}

static void end(transfer *test)
{
    assert_ok(tin_close_handle(test->session));
    fault_server_stop(test->server);
}

static const fault_step usual[] = {FAULT_FTP_USUAL, FAULT_END};

/* What was uploaded by the last command: its bytes stand behind "STOR f\r\n". */
static size_t uploaded(transfer *test, char *bytes, size_t size)
{
    static char request[300 * 1024];
    const uint64_t last = fault_server_count(test->server, FAULT_REQUESTS) - 1;
    const size_t length = fault_server_request(test->server, last, request, sizeof request);
    const char *body = strstr(request, "\r\n") + 2;
    const size_t got = length - (size_t)(body - request);

    memcpy(bytes, body, got < size ? got : size);
    return got;
}

/* ---- reading --------------------------------------------------------------------------------- */

static void one_connection_reads_file_after_file(void **state)
{
    static const uint64_t sizes[] = {0, 1, 65536, 3 * MIB + 1};
    transfer test;

    (void)state;
    begin(&test, 0, "NONE", usual);
    for (size_t i = 0; i < TEST_COUNT_OF(sizes); i++) {
        tin_handle file;
        uint64_t bytes;

        test.ftp.size = sizes[i];
        assert_ok(tin_ftp_open_file(test.connection, "f", GENERIC_READ, 0, NULL, &file));
        assert_gives(tin_write_file(file, "x", 1, &(size_t){0}), TIN_E_STATE);
        assert_ok(read_pattern("read", file, 0, &bytes));
        assert_int_equal(bytes, sizes[i]);
        assert_ok(tin_close_handle(file));
        assert_ok(ask_command(test.connection));
    }
    end(&test);
}

static void a_later_part_is_read_after_rest(void **state)
{
    transfer test;
    tin_handle file;
    uint64_t bytes;

    (void)state;
    begin(&test, 5000, "NONE", usual);
    assert_ok(tin_ftp_command(test.connection, "REST 1000", false, 0, NULL, NULL));
    assert_words("REST", test.connection, "350");
    assert_ok(tin_ftp_open_file(test.connection, "f", GENERIC_READ, 0, NULL, &file));
    assert_ok(read_pattern("rest", file, 1000, &bytes));
    assert_int_equal(bytes, 4000);
    assert_ok(tin_close_handle(file));
    end(&test);
}

static void types_are_those_of_the_flags(void **state)
{
    static const struct {
        DWORD access, flags;
        const char *said;
    } rows[] = {
        {GENERIC_READ, 0, "TYPE I"},
        {GENERIC_READ, FTP_TRANSFER_TYPE_BINARY, "TYPE I"},
        {GENERIC_READ, FTP_TRANSFER_TYPE_ASCII, "TYPE A"},
        {GENERIC_WRITE, INTERNET_FLAG_RELOAD, "TYPE I"},
        {GENERIC_WRITE, FTP_TRANSFER_TYPE_ASCII, "TYPE A"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        transfer test;
        tin_handle file;

        begin(&test, 1, "NONE", usual);
        assert_ok(
            tin_ftp_open_file(test.connection, "f", rows[i].access, rows[i].flags, NULL, &file));
        assert_said("type", test.server, rows[i].said);
        assert_ok(tin_close_handle(file));
        end(&test);
    }
}

/* What the server does for RETR or STOR, what reading or writing and closing gives. */
static const struct ending {
    const char *name, *command;
    const fault_step *script;
    tin_error error;
    const char *words;
} endings[] = {
    {"226", "RETR", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("226 OK\r\n")), TIN_OK,
     NULL},
    {"250", "RETR", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("250 OK\r\n")), TIN_OK,
     NULL},
    {"426", "RETR", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("426 Lost\r\n")),
     TIN_E_TRUNCATED, "426 Lost"},
    {"451", "RETR", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("451 Disk\r\n")),
     TIN_E_TRUNCATED, "451 Disk"},
    {"426 at once", "RETR", TRANSFER(DATA(FAULT_FIN), FAULT_SEND("426 Lost\r\n")), TIN_E_TRUNCATED,
     "426 Lost"},
    {"no word", "RETR", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_CLOSE), TIN_E_CONNECTION_LOST,
     NULL},
    {"226 for an upload", "STOR", TRANSFER(DATA(FAULT_READ_ALL), FAULT_SEND("226 OK\r\n")), TIN_OK,
     NULL},
    {"250 for an upload", "STOR", TRANSFER(DATA(FAULT_READ_ALL), FAULT_SEND("250 OK\r\n")), TIN_OK,
     NULL},
    {"452 for an upload", "STOR", TRANSFER(DATA(FAULT_READ_ALL), FAULT_SEND("452 Full\r\n")),
     TIN_E_SERVER, "452 Full"},
    {"426 for an upload", "STOR", TRANSFER(DATA(FAULT_READ_ALL), FAULT_SEND("426 Lost\r\n")),
     TIN_E_SERVER, "426 Lost"},
    {"552 in several lines", "STOR",
     TRANSFER(DATA(FAULT_READ_ALL), FAULT_SEND("552-Too\r\n552 much\r\n")), TIN_E_SERVER,
     "552 much"},
    {"an upload without a word", "STOR", TRANSFER(DATA(FAULT_READ_ALL), FAULT_CLOSE),
     TIN_E_CONNECTION_LOST, NULL},
    {"an upload with half a word", "STOR",
     TRANSFER(DATA(FAULT_READ_ALL), FAULT_SEND("22"), FAULT_CLOSE), TIN_E_CONNECTION_LOST, NULL},
};

static tin_result read_or_write(const struct ending *ending, tin_handle file)
{
    uint64_t bytes;
    size_t written;

    if (strcmp(ending->command, "RETR") == 0)
        return read_pattern(ending->name, file, 0, &bytes);
    assert_gives(tin_read_file(file, &bytes, 1, &written), TIN_E_STATE);
    assert_ok(tin_write_file(file, "some bytes", 10, &written));
    assert_int_equal(written, 10);
    return (tin_result){TIN_OK, 0};
}

static void check_ending(const struct ending *ending)
{
    const DWORD access = strcmp(ending->command, "RETR") == 0 ? GENERIC_READ : GENERIC_WRITE;
    transfer test;
    tin_handle file;
    tin_result result, closed;

    begin(&test, 500, ending->command, ending->script);
    assert_ok(tin_ftp_open_file(test.connection, "f", access, 0, NULL, &file));
    result = read_or_write(ending, file);
    if (access == GENERIC_READ && !tin_ok(result) && ending->words != NULL)
        assert_words(ending->name, file, ending->words);
    closed = tin_close_handle(file);
    if (access == GENERIC_WRITE)
        result = closed;
    else
        assert_ok(closed);
    if (result.error != ending->error)
        fail_msg("%s: %s, %u", ending->name, tin_error_name(result.error),
                 (unsigned)result.last_error);
    if (ending->words != NULL)
        assert_words(ending->name, test.connection, ending->words);
    assert_gives(ask_command(test.connection),
                 ending->error == TIN_E_CONNECTION_LOST ? TIN_E_CONNECTION_LOST : TIN_OK);
    end(&test);
}

static void transfers_end_as_the_server_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(endings); i++)
        if (test_has_turn(i))
            check_ending(&endings[i]);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void what_is_written_arrives(void **state)
{
    static const struct {
        const char *name;
        size_t size, piece, buffer;
    } rows[] = {
        {"nothing", 0, 1, 0},          {"a byte", 1, 1, 0},           {"in one", 200000, 200000, 0},
        {"in pieces", 200000, 999, 0}, {"gathered", 200000, 7, 4096},
    };
    static char bytes[200000], arrived[200000];

    (void)state;
    fault_pattern_fill(0, bytes, sizeof bytes);
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        transfer test;
        tin_handle file;
        size_t written;

        begin(&test, 0, "NONE", usual);
        assert_ok(tin_ftp_open_file(test.connection, "f", GENERIC_WRITE, 0, NULL, &file));
        assert_ok(tin_set_write_buffer_size(file, rows[i].buffer));
        for (size_t at = 0; at < rows[i].size; at += written) {
            const size_t left = rows[i].size - at;

            assert_ok(tin_write_file(file, bytes + at, left < rows[i].piece ? left : rows[i].piece,
                                     &written));
        }
        assert_ok(tin_close_handle(file));
        memset(arrived, 0, sizeof arrived);
        if (uploaded(&test, arrived, sizeof arrived) != rows[i].size ||
            memcmp(arrived, bytes, rows[i].size) != 0)
            fail_msg("%s: something else arrived", rows[i].name);
        end(&test);
    }
}

/* The server breaks the data connection off while it is written to, and says why. */
static void an_upload_that_is_broken_off_fails_with_the_servers_words(void **state)
{
    static char bytes[1 << 20];
    transfer test;
    tin_handle file;
    tin_result result = {0};
    size_t written;

    (void)state;
    begin(&test, 0, "STOR",
          TRANSFER(DATA(FAULT_READ_BYTES(100), FAULT_RST), FAULT_SEND("452 Disk full\r\n")));
    assert_ok(tin_ftp_open_file(test.connection, "f", GENERIC_WRITE, 0, NULL, &file));
    for (int i = 0; i < 200 && tin_ok(result); i++)
        result = tin_write_file(file, bytes, sizeof bytes, &written);
    assert_gives(result, TIN_E_CONNECTION_LOST);
    assert_gives(tin_write_file(file, bytes, 1, &written), TIN_E_CONNECTION_LOST);
    assert_gives(tin_close_handle(file), TIN_E_SERVER);
    assert_words("452", test.connection, "452 Disk full");
    assert_ok(ask_command(test.connection));
    end(&test);
}

static void writing_to_a_server_that_does_not_read_is_timed_out(void **state)
{
    static char bytes[1 << 20];
    transfer test;
    tin_handle file;
    tin_result result = {0};
    size_t written;

    (void)state;
    begin(&test, 0, "STOR", TRANSFER(DATA(FAULT_HOLD), FAULT_SEND("226 OK\r\n")));
    assert_ok(tin_ftp_open_file(test.connection, "f", GENERIC_WRITE, 0, NULL, &file));
    assert_ok(tin_set_option_dword(file, INTERNET_OPTION_DATA_SEND_TIMEOUT, TIMEOUT_MS));
    for (int i = 0; i < 200 && tin_ok(result); i++)
        result = tin_write_file(file, bytes, sizeof bytes, &written);
    assert_gives(result, TIN_E_TIMEOUT);
    assert_gives(tin_close_handle(file), TIN_E_TIMEOUT);
    assert_gives(ask_command(test.connection), TIN_E_TIMEOUT);
    fault_server_release(test.server);
    end(&test);
}

static void a_mute_end_of_an_upload_is_timed_out(void **state)
{
    transfer test;
    tin_handle file;
    size_t written;

    (void)state;
    begin(&test, 0, "STOR", TRANSFER(DATA(FAULT_READ_ALL), FAULT_MUTE));
    assert_ok(tin_ftp_open_file(test.connection, "f", GENERIC_WRITE, 0, NULL, &file));
    assert_ok(tin_set_option_dword(file, INTERNET_OPTION_RECEIVE_TIMEOUT, TIMEOUT_MS));
    assert_ok(tin_write_file(file, "x", 1, &written));
    assert_gives(tin_close_handle(file), TIN_E_TIMEOUT);
    assert_gives(ask_command(test.connection), TIN_E_TIMEOUT);
    end(&test);
}

/* ---- closing in the middle ------------------------------------------------------------------- */

/* Closing does not wait for the server's last word on the transfer, the next call does: else it
 * would take that word for its own. */
static void the_next_call_waits_for_the_last_word_on_a_file(void **state)
{
    transfer test;
    tin_handle file;
    char bytes[100];
    size_t got;
    uint64_t began;

    (void)state;
    begin(&test, 0, "RETR",
          TRANSFER(DATA(FAULT_PAUSE(100), FAULT_SEND_COUNTER(1000), FAULT_READ_ALL),
                   FAULT_PAUSE(300), FAULT_SEND("426 You hung up\r\n")));
    for (int i = 0; i < 3; i++) {
        assert_ok(tin_ftp_open_file(test.connection, "f", GENERIC_READ, 0, NULL, &file));
        assert_ok(tin_read_file(file, bytes, sizeof bytes, &got));
        began = test_now_ms();
        assert_ok(tin_close_handle(file));
        assert_true(test_now_ms() - began < 200);
        assert_ok(tin_ftp_command(test.connection, "SYST", false, 0, NULL, NULL));
        assert_words("SYST", test.connection, "215 ");
    }
    end(&test);
}

static void a_last_word_that_never_comes_is_timed_out(void **state)
{
    transfer test;
    tin_handle file;
    char bytes[100];
    size_t got;
    uint64_t began, elapsed_ms;

    (void)state;
    begin(&test, 0, "RETR", TRANSFER(DATA(FAULT_SEND_COUNTER(1000), FAULT_READ_ALL), FAULT_MUTE));
    assert_ok(tin_ftp_open_file(test.connection, "f", GENERIC_READ, 0, NULL, &file));
    assert_ok(tin_read_file(file, bytes, sizeof bytes, &got));
    assert_ok(tin_close_handle(file));
    assert_ok(tin_set_option_dword(test.connection, INTERNET_OPTION_RECEIVE_TIMEOUT, TIMEOUT_MS));
    began = test_now_ms();
    assert_gives(ask_command(test.connection), TIN_E_TIMEOUT);
    elapsed_ms = test_now_ms() - began;
    assert_true(elapsed_ms + 20 >= TIMEOUT_MS && elapsed_ms < TIMEOUT_MS + 10 * LATE_MS);
    assert_gives(ask_read(test.connection), TIN_E_TIMEOUT);
    assert_int_equal(times_said(test.server, "NOOP"), 0);
    end(&test);
}

static void a_file_below_waits_for_the_last_word_as_well(void **state)
{
    transfer test;
    tin_handle file;
    char bytes[100];
    size_t got;
    uint64_t all;

    (void)state;
    begin(&test, 5000, "RETR odd",
          TRANSFER(DATA(FAULT_SEND_COUNTER(1000), FAULT_READ_ALL), FAULT_PAUSE(200),
                   FAULT_SEND("426 You hung up\r\n")));
    assert_ok(tin_ftp_open_file(test.connection, "odd", GENERIC_READ, 0, NULL, &file));
    assert_ok(tin_read_file(file, bytes, sizeof bytes, &got));
    assert_ok(tin_close_handle(file));
    assert_ok(tin_ftp_open_file(test.connection, "f", GENERIC_READ, 0, NULL, &file));
    assert_ok(read_pattern("f", file, 0, &all));
    assert_int_equal(all, 5000);
    end(&test);
}

/* ---- a thread of WinInet's that keeps the file a little longer ------------------------------- */

/* In Wine 8 a file whose first bytes had to be waited for is held by another thread, which lets it
 * go some time after its REQUEST_COMPLETE: here, after InternetCloseHandle has returned. */
static volatile LONG lingers;
static HANDLE closed;
static fault_server *volatile holder; /* holds the first bytes back until they are asked for */
static INTERNET_STATUS_CALLBACK our_callback;

TIN_WRAP(InternetCloseHandle);
TIN_WRAP(InternetQueryDataAvailable);
TIN_WRAP(InternetSetStatusCallbackW);

static BOOL WINAPI wrap_InternetQueryDataAvailable(HINTERNET file, LPDWORD available, DWORD flags,
                                                   DWORD_PTR context)
{
    fault_server *server = InterlockedExchangePointer((void *volatile *)&holder, NULL);

    if (server != NULL)
        fault_server_release_one(server);
    return real_InternetQueryDataAvailable(file, available, flags, context);
}

static BOOL WINAPI wrap_InternetCloseHandle(HINTERNET handle)
{
    const BOOL done = real_InternetCloseHandle(handle);

    if (lingers)
        SetEvent(closed);
    return done;
}

static void CALLBACK linger(HINTERNET handle, DWORD_PTR context, DWORD code, LPVOID data,
                            DWORD size)
{
    our_callback(handle, context, code, data, size);
    if (code == INTERNET_STATUS_REQUEST_COMPLETE && lingers)
        WaitForSingleObject(closed, TEST_PATIENCE_MS);
}

static INTERNET_STATUS_CALLBACK WINAPI
wrap_InternetSetStatusCallbackW(HINTERNET handle, INTERNET_STATUS_CALLBACK callback)
{
    our_callback = callback;
    return real_InternetSetStatusCallbackW(handle, callback != NULL ? linger : NULL);
}

static void the_last_word_is_heard_by_whoever_closes_the_file(void **state)
{
    const struct {
        const char *name;
        const fault_step *replies;
        bool whole; /* it is read to its end */
        tin_error end, next;
        const char *words; /* NULL: none */
    } rows[] = {
        {"whole",
         TRANSFER(DATA(FAULT_HOLD, FAULT_PAUSE(100), FAULT_SEND("x")), FAULT_SEND("226 OK\r\n")),
         true, TIN_OK, TIN_OK, NULL},
        {"broken off",
         TRANSFER(DATA(FAULT_HOLD, FAULT_PAUSE(100), FAULT_SEND("x")), FAULT_SEND("426 Off\r\n")),
         true, TIN_E_TRUNCATED, TIN_OK, "426 Off"},
        {"closed in the middle",
         TRANSFER(DATA(FAULT_HOLD, FAULT_PAUSE(100), FAULT_SEND("xy"), FAULT_READ_ALL),
                  FAULT_PAUSE(50), FAULT_SEND("426 You hung up\r\n")),
         false, TIN_OK, TIN_OK, NULL},
        {"closed in the middle, mute",
         TRANSFER(DATA(FAULT_HOLD, FAULT_PAUSE(100), FAULT_SEND("xy"), FAULT_READ_ALL), FAULT_MUTE),
         false, TIN_OK, TIN_E_TIMEOUT, NULL},
        {"mute", TRANSFER(DATA(FAULT_HOLD, FAULT_PAUSE(100), FAULT_SEND("x")), FAULT_MUTE), true,
         TIN_E_TIMEOUT, TIN_E_TIMEOUT, NULL},
        {"lost", TRANSFER(DATA(FAULT_HOLD, FAULT_PAUSE(100), FAULT_SEND("x")), FAULT_FIN), true,
         TIN_E_TIMEOUT, TIN_E_TIMEOUT, NULL},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        transfer test;
        tin_handle file;
        char byte;
        size_t got;

        begin(&test, 0, "RETR", rows[i].replies);
        closed = CreateEventW(NULL, TRUE, FALSE, NULL);
        InterlockedExchange(&lingers, TRUE);
        holder = test.server;
        assert_ok(tin_ftp_open_file(test.connection, "f", GENERIC_READ, 0, NULL, &file));
        if (rows[i].next == TIN_E_TIMEOUT)
            assert_ok(tin_set_option_dword(file, INTERNET_OPTION_RECEIVE_TIMEOUT, TIMEOUT_MS));
        assert_ok(tin_read_file(file, &byte, 1, &got));
        if (rows[i].whole)
            assert_error(rows[i].name, tin_read_file(file, &byte, 1, &got), rows[i].end);
        if (rows[i].words != NULL)
            assert_words(rows[i].name, file, rows[i].words);
        assert_ok(tin_close_handle(file));
        assert_error(rows[i].name, ask_command(test.connection), rows[i].next);
        assert_int_equal(WaitForSingleObject(closed, TEST_PATIENCE_MS), WAIT_OBJECT_0);
        InterlockedExchange(&lingers, FALSE);
        end(&test);
        CloseHandle(closed);
    }
}

static void a_read_that_was_given_up_ends_the_connection(void **state)
{
    transfer test;
    tin_handle file;
    char bytes[1000];
    size_t got;
    uint64_t began;

    (void)state;
    begin(&test, 0, "RETR", TRANSFER(DATA(FAULT_SEND_COUNTER(500), FAULT_MUTE)));
    assert_ok(tin_ftp_open_file(test.connection, "f", GENERIC_READ, 0, NULL, &file));
    assert_ok(tin_set_option_dword(file, INTERNET_OPTION_DATA_RECEIVE_TIMEOUT, TIMEOUT_MS));
    assert_ok(tin_read_file(file, bytes, sizeof bytes, &got));
    assert_int_equal(got, 500);
    assert_gives(tin_read_file(file, bytes, sizeof bytes, &got), TIN_E_TIMEOUT);
    assert_ok(tin_close_handle(file));
    began = test_now_ms();
    assert_gives(ask_command(test.connection), TIN_E_TIMEOUT);
    assert_gives(ask_find(test.connection), TIN_E_TIMEOUT);
    assert_true(test_now_ms() - began < 5000); /* nothing is waited for any more */
    end(&test);
}

typedef struct reading {
    tin_handle file;
    tin_result result;
} reading;

static void read_on(void *context)
{
    reading *read = context;
    char bytes[1000];
    size_t got;

    do /* who looks whether it has begun may be in the way */
        read->result = tin_read_file(read->file, bytes, sizeof bytes, &got);
    while (read->result.error == TIN_E_STATE);
}

/* The thread that reads may still be on its way out: for the connection the file is closed. */
static void a_file_that_was_closed_in_mid_read_is_not_open_any_more(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        test_thread *thread;
        transfer test;
        reading read;
        tin_result result;

        begin(&test, 0, "RETR", TRANSFER(DATA(FAULT_MUTE)));
        assert_ok(tin_ftp_open_file(test.connection, "f", GENERIC_READ, 0, NULL, &read.file));
        assert_ok(tin_set_option_dword(test.connection, INTERNET_OPTION_RECEIVE_TIMEOUT, 300));
        thread = test_thread_start(read_on, &read);
        while (tin_set_read_buffer_size(read.file, 0).error != TIN_E_STATE)
            Sleep(1);
        assert_ok(tin_close_handle(read.file));
        result = ask_command(test.connection);
        if (result.error != TIN_E_CANCELLED && result.error != TIN_E_TIMEOUT)
            fail_msg("%s", tin_error_name(result.error));
        test_thread_join(thread, TEST_PATIENCE_MS);
        assert_gives(read.result, TIN_E_CANCELLED);
        fault_server_release(test.server);
        end(&test);
    }
}

/* Two threads that close it: WinInet's handle is closed once, and takes nothing after that. */
static void a_file_whose_writing_was_ended_is_left_alone(void **state)
{
    transfer test;
    tin_handle file;
    size_t written;

    (void)state;
    begin(&test, 0, "NONE", usual);
    assert_ok(tin_ftp_open_file(test.connection, "f", GENERIC_WRITE, 0, NULL, &file));
    assert_ok(tin_write_file(file, "x", 1, &written));
    assert_ok(tin__end_writing(file));
    assert_gives(tin__end_writing(file), TIN_E_HANDLE);
    assert_gives(tin_write_file(file, "x", 1, &written), TIN_E_HANDLE);
    assert_gives(tin_close_handle(file), TIN_E_HANDLE);
    assert_gives(tin_close_handle(file), TIN_E_HANDLE);
    assert_ok(ask_command(test.connection));
    end(&test);
}

/* ---- whole files ----------------------------------------------------------------------------- */

static void whole_files_come_and_go(void **state)
{
    static const uint64_t sizes[] = {0, 1, 65536, 200001};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(sizes); i++) {
        static char arrived[200001];
        const char *path = test_file_path();
        transfer test;
        size_t size;
        char *bytes;

        begin(&test, sizes[i], "NONE", usual);
        assert_ok(tin_ftp_get_file(test.connection, "f", path, true, 0, 0, NULL));
        bytes = test_file_read(path, &size);
        assert_int_equal(size, sizes[i]);
        assert_true(fault_pattern_matches(0, bytes, size));
        assert_ok(tin_ftp_put_file(test.connection, path, "g", 0, NULL));
        assert_said("put", test.server, "STOR g");
        assert_int_equal(uploaded(&test, arrived, sizeof arrived), size);
        assert_memory_equal(arrived, bytes, size);
        free(bytes);
        end(&test);
    }
}

static const wchar_t *wide(const char *path)
{
    static wchar_t text[1024];

    MultiByteToWideChar(CP_UTF8, 0, path, -1, text, (int)TEST_COUNT_OF(text));
    return text;
}

static DWORD attributes_of(const char *path)
{
    return GetFileAttributesW(wide(path));
}

static void the_utf16_twins_copy_files_as_well(void **state)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){.size = 1000});
    const tin_handle session = open_session();
    const char *path = test_file_path();
    wchar_t wide[MAX_PATH];
    tin_handle connection;
    char *bytes;
    size_t size;

    (void)state;
    assert_true(MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, MAX_PATH) != 0);
    assert_ok(tin_connect_w(session, L"127.0.0.1", fault_server_port(server), L"b\u00F6b", L"",
                            INTERNET_SERVICE_FTP, 0, NULL, &connection));
    assert_int_equal(times_said(server, "USER b\xC3\xB6"
                                        "b"),
                     1);
    assert_ok(tin_ftp_get_file_w(connection, L"caf\u00E9", wide, true, 0, 0, NULL));
    assert_int_equal(times_said(server, "RETR caf\xC3\xA9"), 1);
    bytes = test_file_read(path, &size);
    assert_int_equal(size, 1000);
    assert_true(fault_pattern_matches(0, bytes, size));
    free(bytes);
    assert_ok(tin_ftp_put_file_w(connection, wide, L"\u00E9t\u00E9", 0, NULL));
    assert_int_equal(times_said(server, "STOR \xC3\xA9t\xC3\xA9"), 1);
    assert_ok(tin_close_handle(session));
    fault_server_stop(server);
}

static void make_writable(const char *path)
{
    (void)SetFileAttributesW(wide(path), FILE_ATTRIBUTE_NORMAL);
}

static void the_local_file_gets_its_attributes(void **state)
{
    const char *path = test_file_path();
    transfer test;

    (void)state;
    begin(&test, 100, "NONE", usual);
    assert_ok(tin_ftp_get_file(test.connection, "f", path, true, FILE_ATTRIBUTE_READONLY, 0, NULL));
    assert_true((attributes_of(path) & FILE_ATTRIBUTE_READONLY) != 0);
    make_writable(path);
    assert_ok(tin_ftp_get_file(test.connection, "f", path, false, 0, 0, NULL));
    end(&test);
}

static void a_local_file_that_exists_is_kept_if_asked(void **state)
{
    const char *path = test_file("old", 3);
    transfer test;
    char *bytes;
    size_t size;
    uint64_t lines;

    (void)state;
    begin(&test, 100, "RETR none", REPLY("550 None"));
    lines = fault_server_count(test.server, FAULT_REQUESTS);
    assert_gives(tin_ftp_get_file(test.connection, "f", path, true, 0, 0, NULL), TIN_E_EXISTS);
    assert_int_equal(fault_server_count(test.server, FAULT_REQUESTS), lines);
    assert_gives(tin_ftp_get_file(test.connection, "none", path, false, 0, 0, NULL), TIN_E_SERVER);
    bytes = test_file_read(path, &size);
    assert_int_equal(size, 3); /* nothing came in its place */
    free(bytes);
    assert_ok(tin_ftp_get_file(test.connection, "f", path, false, 0, 0, NULL));
    bytes = test_file_read(path, &size);
    assert_int_equal(size, 100);
    free(bytes);
    end(&test);
}

static bool exists(const char *path)
{
    return attributes_of(path) != INVALID_FILE_ATTRIBUTES;
}

static void a_file_that_came_in_part_is_deleted(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(endings); i++) {
        const char *path = test_file_path();
        transfer test;
        tin_result result;

        if (strcmp(endings[i].command, "RETR") != 0)
            continue;
        begin(&test, 0, "RETR", endings[i].script);
        result =
            tin_ftp_get_file(test.connection, "f", path, true, FILE_ATTRIBUTE_READONLY, 0, NULL);
        if (result.error != endings[i].error || exists(path) != tin_ok(result))
            fail_msg("%s: %s", endings[i].name, tin_error_name(result.error));
        if (endings[i].words != NULL)
            assert_words(endings[i].name, test.connection, endings[i].words);
        make_writable(path);
        end(&test);
    }
}

static void a_file_that_came_in_part_replaces_nothing(void **state)
{
    const char *path = test_file("old", 3);
    transfer test;
    char *bytes;
    size_t size;

    (void)state;
    begin(&test, 0, "RETR", TRANSFER(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("426 Lost\r\n")));
    assert_gives(tin_ftp_get_file(test.connection, "f", path, false, 0, 0, NULL), TIN_E_TRUNCATED);
    bytes = test_file_read(path, &size);
    assert_int_equal(size, 3);
    assert_memory_equal(bytes, "old", 3);
    free(bytes);
    end(&test);
}

static void uploads_end_as_the_server_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(endings); i++) {
        const char *path = test_file("some bytes", 10);
        transfer test;
        tin_result result;

        if (strcmp(endings[i].command, "STOR") != 0)
            continue;
        begin(&test, 0, "STOR", endings[i].script);
        result = tin_ftp_put_file(test.connection, path, "f", 0, NULL);
        if (result.error != endings[i].error)
            fail_msg("%s: %s", endings[i].name, tin_error_name(result.error));
        if (endings[i].words != NULL)
            assert_words(endings[i].name, test.connection, endings[i].words);
        end(&test);
    }
}

static void local_failures_are_told(void **state)
{
    const char *none = test_file_path();
    char below[1024];
    transfer test;
    uint64_t lines;

    (void)state;
    snprintf(below, sizeof below, "%s\\none\\f", none);
    begin(&test, 100, "NONE", usual);
    lines = fault_server_count(test.server, FAULT_REQUESTS);
    assert_gives(tin_ftp_put_file(test.connection, none, "f", 0, NULL), TIN_E_NOT_FOUND);
    assert_int_equal(fault_server_count(test.server, FAULT_REQUESTS), lines);
    assert_gives(tin_ftp_get_file(test.connection, "f", below, true, 0, 0, NULL), TIN_E_NOT_FOUND);
    assert_ok(ask_command(test.connection));
    end(&test);
}

/* ---- whole files that are cancelled ---------------------------------------------------------- */

typedef struct copying {
    transfer test;
    bool puts;
    const char *path;
    tin_handle file; /* as HANDLE_CREATED announced it */
    tin_result result;
} copying;

static void on_status(tin_handle handle, void *context, const tin_status *status)
{
    copying *copy = context;

    (void)handle;
    if (copy != NULL && status->code == INTERNET_STATUS_HANDLE_CREATED)
        copy->file = status->handle;
}

static void run(void *context)
{
    copying *copy = context;

    copy->result = copy->puts
                       ? tin_ftp_put_file(copy->test.connection, copy->path, "f", 0, copy)
                       : tin_ftp_get_file(copy->test.connection, "f", copy->path, true, 0, 0, copy);
}

/* Larger than what the system takes before the server has read any of it. */
static const char *large_file(void)
{
    static const char *path;
    static char bytes[32 << 20];

    if (path == NULL)
        path = test_file(bytes, sizeof bytes);
    return path;
}

enum { ON_SESSION, ON_CONNECTION, ON_FILE, LEVELS };

static tin_handle level_of(const copying *copy, int level)
{
    if (level == ON_SESSION)
        return copy->test.session;
    return level == ON_CONNECTION ? copy->test.connection : copy->file;
}

/* Cancelled within a call it is lost; cancelled between two, it waits for the last word. */
static void check_connection(const copying *copy)
{
    tin_result result;

    assert_ok(
        tin_set_option_dword(copy->test.connection, INTERNET_OPTION_RECEIVE_TIMEOUT, TIMEOUT_MS));
    result = ask_command(copy->test.connection);
    if (result.error != TIN_E_CANCELLED && result.error != TIN_E_TIMEOUT)
        fail_msg("then %s", tin_error_name(result.error));
}

static void check_cancel(bool puts, const fault_step *script, int level,
                         tin_result (*act)(tin_handle handle))
{
    uint64_t returned_ms = 0;

    for (int try = 0; try < TRIES; try++) {
        copying copy = {.puts = puts};
        test_thread *thread;
        uint64_t began;

        copy.path = puts ? large_file() : test_file_path();
        begin(&copy.test, 0, puts ? "STOR" : "RETR", script);
        assert_ok(tin_set_status_callback(copy.test.connection, on_status, NULL));
        thread = test_thread_start(run, &copy);
        assert_true(fault_server_wait(copy.test.server, FAULT_HOLDS, 1, TEST_PATIENCE_MS));
        began = test_now_ms();
        (void)act(level_of(&copy, level));
        test_thread_join(thread, TEST_PATIENCE_MS);
        returned_ms = test_now_ms() - began;
        if (copy.result.error != TIN_E_CANCELLED || (!puts && exists(copy.path)))
            fail_msg("level %d: %s", level, tin_error_name(copy.result.error));
        if (level == ON_FILE)
            check_connection(&copy);
        (void)tin_close_handle(copy.test.session);
        fault_server_stop(copy.test.server);
        if (returned_ms <= CANCEL_MS)
            return;
    }
    fail_msg("level %d: returned after %u ms", level, (unsigned)returned_ms);
}

static void copies_return_when_another_thread_cancels_or_closes(void **state)
{
    const fault_step *const gets[] = {
        (const fault_step[]){FAULT_MUTE, FAULT_END},
        TRANSFER(DATA(FAULT_MUTE)),
        TRANSFER(DATA(FAULT_SEND_COUNTER(100000), FAULT_MUTE)),
        TRANSFER(DATA(FAULT_SEND_COUNTER(100000)), FAULT_MUTE),
    };
    const fault_step *const puts[] = {
        (const fault_step[]){FAULT_MUTE, FAULT_END},
        TRANSFER(DATA(FAULT_READ_BYTES(1000), FAULT_HOLD)),
        TRANSFER(DATA(FAULT_READ_ALL), FAULT_MUTE),
    };

    (void)state;
    for (size_t level = 0; level < LEVELS; level++) {
        for (size_t i = 0; i < TEST_COUNT_OF(gets); i++)
            check_cancel(false, gets[i], (int)level,
                         test_has_turn(level + i) ? tin_cancel : tin_close_handle);
        for (size_t i = 0; i < TEST_COUNT_OF(puts); i++)
            check_cancel(true, puts[i], (int)level,
                         test_has_turn(level + i) ? tin_close_handle : tin_cancel);
    }
}

static void copies_that_stall_are_timed_out(void **state)
{
    const char *path = test_file_path();
    transfer test;

    (void)state;
    begin(&test, 0, "RETR", TRANSFER(DATA(FAULT_SEND_COUNTER(100000), FAULT_MUTE)));
    assert_ok(
        tin_set_option_dword(test.connection, INTERNET_OPTION_DATA_RECEIVE_TIMEOUT, TIMEOUT_MS));
    assert_gives(tin_ftp_get_file(test.connection, "f", path, true, 0, 0, NULL), TIN_E_TIMEOUT);
    assert_false(exists(path));
    assert_gives(ask_command(test.connection), TIN_E_TIMEOUT);
    end(&test);
}

/* ---- a real server --------------------------------------------------------------------------- */

static void a_real_server_takes_and_gives(void **state)
{
    static char bytes[700001];
    const char *from, *to = test_file_path();
    tin_handle session;
    const tin_handle connection = log_on_to_real(&session);
    const char *name = "upload/sp ace \xE2\x82\xAC.bin";
    uint64_t length;
    char *back;
    size_t size;

    (void)state;
    fault_pattern_fill(0, bytes, sizeof bytes);
    from = test_file(bytes, sizeof bytes);
    assert_ok(tin_ftp_put_file(connection, from, name, 0, NULL));
    assert_ok(tin_ftp_get_file_size(connection, name, &length));
    assert_int_equal(length, sizeof bytes);
    assert_ok(tin_ftp_get_file(connection, name, to, true, 0, 0, NULL));
    back = test_file_read(to, &size);
    assert_int_equal(size, sizeof bytes);
    assert_memory_equal(back, bytes, size);
    free(back);
    assert_ok(tin_ftp_delete_file(connection, name));
    assert_gives(tin_ftp_put_file(connection, from, "no/such/folder", 0, NULL), TIN_E_SERVER);
    assert_words("553", connection, "553 ");
    assert_ok(tin_close_handle(session));
}

static void a_real_server_resumes_beyond_4_gib(void **state)
{
    tin_handle session, file;
    const tin_handle connection = log_on_to_real(&session);
    char bytes[17] = "";
    size_t got;

    (void)state;
    assert_ok(tin_ftp_command(connection, "REST 4294967296", false, 0, NULL, NULL));
    assert_ok(tin_ftp_open_file(connection, "5g.bin", GENERIC_READ, 0, NULL, &file));
    assert_ok(tin_read_file(file, bytes, 16, &got));
    assert_string_equal(bytes, "<from 4 GiB on.>");
    assert_ok(tin_close_handle(file)); /* in the middle */
    assert_ok(tin_ftp_open_file(connection, "hello.txt", GENERIC_READ, 0, NULL, &file));
    assert_ok(tin_read_file(file, bytes, 5, &got));
    assert_memory_equal(bytes, "Hello", 5);
    assert_ok(tin_close_handle(session));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_connection_reads_file_after_file),
        cmocka_unit_test(a_later_part_is_read_after_rest),
        cmocka_unit_test(types_are_those_of_the_flags),
        cmocka_unit_test(transfers_end_as_the_server_says),
        cmocka_unit_test(what_is_written_arrives),
        cmocka_unit_test(an_upload_that_is_broken_off_fails_with_the_servers_words),
        cmocka_unit_test(writing_to_a_server_that_does_not_read_is_timed_out),
        cmocka_unit_test(a_mute_end_of_an_upload_is_timed_out),
        cmocka_unit_test(the_next_call_waits_for_the_last_word_on_a_file),
        cmocka_unit_test(a_last_word_that_never_comes_is_timed_out),
        cmocka_unit_test(a_file_below_waits_for_the_last_word_as_well),
        cmocka_unit_test(the_last_word_is_heard_by_whoever_closes_the_file),
        cmocka_unit_test(a_read_that_was_given_up_ends_the_connection),
        cmocka_unit_test(a_file_that_was_closed_in_mid_read_is_not_open_any_more),
        cmocka_unit_test(a_file_whose_writing_was_ended_is_left_alone),
        cmocka_unit_test_teardown(whole_files_come_and_go, test_files_remove),
        cmocka_unit_test_teardown(the_utf16_twins_copy_files_as_well, test_files_remove),
        cmocka_unit_test_teardown(the_local_file_gets_its_attributes, test_files_remove),
        cmocka_unit_test_teardown(a_local_file_that_exists_is_kept_if_asked, test_files_remove),
        cmocka_unit_test_teardown(a_file_that_came_in_part_is_deleted, test_files_remove),
        cmocka_unit_test_teardown(a_file_that_came_in_part_replaces_nothing, test_files_remove),
        cmocka_unit_test_teardown(uploads_end_as_the_server_says, test_files_remove),
        cmocka_unit_test_teardown(local_failures_are_told, test_files_remove),
        cmocka_unit_test_teardown(copies_return_when_another_thread_cancels_or_closes,
                                  test_files_remove),
        cmocka_unit_test_teardown(copies_that_stall_are_timed_out, test_files_remove),
        cmocka_unit_test_teardown(a_real_server_takes_and_gives, test_files_remove),
        cmocka_unit_test(a_real_server_resumes_beyond_4_gib),
    };

    return test_run_group(tests, NULL, test_files_remove);
}
