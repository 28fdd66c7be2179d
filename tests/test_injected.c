/* SPDX-License-Identifier: MIT */
/*
 * Every call that the library makes fails, completes late, twice or never, and every allocation
 * fails, once: after each the right error, nothing leaked, every handle closed exactly once, and
 * the session as usable as before.
 */
#include "test.h"

#include "fake_wininet.h"
#include "guarded_heap.h"
#include "internal.h"

#define TIMEOUT_MS 20u

#define assert_ok(call) assert_int_equal((call).error, TIN_OK)

static const char *local_path;
static char written_path[MAX_PATH + 8]; /* of a file that is not there */

static int write_local_file(void **state)
{
    (void)state;
    local_path = test_file(FAKE_BODY, strlen(FAKE_BODY));
    snprintf(written_path, sizeof written_path, "%s.new", local_path);
    return 0;
}

/* ---- what is done with the library ----------------------------------------------------------- */

/* Set where an out-parameter was not zero after a failure, or a body was not the right one. */
static const char *wrong;

static void expect(bool condition, const char *what)
{
    if (!condition)
        wrong = what;
}

static tin_result read_body(tin_handle file, size_t size)
{
    char body[100];
    size_t length = 0;

    for (;;) {
        size_t got = 99;
        const tin_result result = tin_read_file(file, body + length, size, &got);

        if (!tin_ok(result)) {
            char byte;
            size_t again_got = 99;
            const tin_result again = tin_read_file(file, &byte, 1, &again_got);

            expect(got == 0 && (tin_ok(again) || again_got == 0), "bytes with a failure");
            /* want of memory is no failure of the transfer: it may go on */
            expect(result.error == TIN_E_MEMORY ||
                       (again.error == result.error && again.last_error == result.last_error),
                   "a failure that did not stay");
        }
        length += got;
        expect(length <= strlen(FAKE_BODY) && memcmp(body, FAKE_BODY, length) == 0, "wrong bytes");
        if (tin_ok(result) && got == 0)
            expect(length == strlen(FAKE_BODY), "a body that is cut and whole");
        if (!tin_ok(result) || got == 0 || wrong != NULL)
            return result;
    }
}

static tin_result open_and_read(tin_handle session, const char *url)
{
    tin_handle file = session;
    tin_result result = tin_open_url(session, url, "X-Header: 1", 0, NULL, &file);

    if (!tin_ok(result)) {
        expect(file == NULL, "a handle with a failure");
        return result;
    }
    result = read_body(file, 10);
    assert_ok(tin_close_handle(file));
    return result;
}

static void hear(tin_handle handle, void *context, const tin_status *status)
{
    (void)handle, (void)context;
    expect(status->code != INTERNET_STATUS_RESOLVING_NAME || status->text != NULL,
           "an event without its text");
}

static tin_result do_nothing(tin_handle session)
{
    (void)session;
    return tin__success();
}

static tin_result do_http(tin_handle session)
{
    return open_and_read(session, "http://user:password@fake.example/");
}

static tin_result do_http_watched(tin_handle session)
{
    const tin_result result = tin_set_status_callback(session, hear, NULL);

    return tin_ok(result) ? do_http(session) : result;
}

static tin_result do_ftp(tin_handle session)
{
    return open_and_read(session, "ftp://user:password@fake.example/file");
}

static tin_result do_ftp_watched(tin_handle session)
{
    const tin_result result = tin_set_status_callback(session, hear, NULL);

    return tin_ok(result) ? do_ftp(session) : result;
}

static tin_result do_broken_ftp(tin_handle session)
{
    fake_plan_last_words("426 Transfer aborted");
    return do_ftp(session);
}

static tin_result do_local(tin_handle session)
{
    return open_and_read(session, local_path);
}

/* Closes what was opened, and passes the result on; a write ends with it. */
static tin_result end(tin_handle handle, tin_result result)
{
    const tin_result closed = tin_close_handle(handle);

    return tin_ok(result) ? closed : result;
}

static tin_result open_request(tin_handle session, const char *verb, tin_handle *request)
{
    static const char *const types[] = {"text/plain", NULL};
    tin_handle connection = session;
    tin_result result = tin_connect(session, "fake.example", 0, "user", "password",
                                    INTERNET_SERVICE_HTTP, 0, NULL, &connection);

    *request = NULL;
    if (!tin_ok(result)) {
        expect(connection == NULL, "a connection with a failure");
        return result;
    }
    result = tin_http_open_request(connection, verb, "/path", NULL, "http://referrer/", types, 0,
                                   NULL, request);
    if (tin_ok(result))
        return result;
    expect(*request == NULL, "a request with a failure");
    return end(connection, result);
}

static tin_result ask_request(tin_handle request)
{
    char text[100];
    size_t size = sizeof text;
    DWORD status = 99;
    tin_result result = tin_http_status(request, &status);

    expect(status == (tin_ok(result) ? 200u : 0u), "a wrong status");
    if (tin_ok(result))
        result = tin_http_query_info(request, HTTP_QUERY_ETAG, text, &size, NULL);
    expect(tin_ok(result) ? strcmp(text, "\"1\"") == 0 : true, "a wrong text");
    return result;
}

static tin_result do_request(tin_handle session)
{
    tin_handle request;
    tin_result result = open_request(session, "POST", &request);

    if (!tin_ok(result))
        return result;
    result = tin_http_add_request_headers(request, "X-One: 1\r\nX-Two: 2", HTTP_ADDREQ_FLAG_ADD);
    if (tin_ok(result))
        result = tin_http_send_request(request, "X-Three: 3", "body", 4);
    if (tin_ok(result))
        result = ask_request(request);
    if (tin_ok(result))
        result = read_body(request, 10);
    return end(request, result);
}

static tin_result do_redirect(tin_handle session)
{
    fake_plan_redirects(1);
    return do_request(session);
}

static tin_result do_upload(tin_handle session)
{
    size_t written = 99;
    tin_handle request;
    tin_result result = open_request(session, "PUT", &request);

    if (!tin_ok(result))
        return result;
    result = tin_http_send_request_ex(request, "X-One: 1", 8);
    for (int i = 0; tin_ok(result) && i < 2; i++) {
        result = tin_write_file(request, "body", 4, &written);
        expect(written == (tin_ok(result) ? 4u : 0u), "written with a failure");
    }
    if (tin_ok(result))
        result = tin_http_end_request(request);
    if (tin_ok(result))
        result = read_body(request, 10);
    return end(request, result);
}

static tin_result do_seek(tin_handle session)
{
    char bytes[4];
    uint64_t position = 99;
    size_t got;
    tin_handle file;
    tin_result result = tin_open_url(session, "http://fake.example/", NULL, 0, NULL, &file);

    if (!tin_ok(result))
        return result;
    result = tin_set_file_pointer(file, -4, FILE_END, &position);
    expect(position == (tin_ok(result) ? strlen(FAKE_BODY) - 4 : 0), "a wrong position");
    if (tin_ok(result))
        result = tin_read_file(file, bytes, 4, &got);
    if (tin_ok(result))
        expect(got == 4 && memcmp(bytes, &FAKE_BODY[strlen(FAKE_BODY) - 4], 4) == 0, "wrong bytes");
    return end(file, result);
}

static tin_result log_on(tin_handle session, tin_handle *connection)
{
    const tin_result result = tin_connect(session, "fake.example", 0, "user", "password",
                                          INTERNET_SERVICE_FTP, 0, NULL, connection);

    expect((*connection == NULL) == !tin_ok(result), "a connection with a failure");
    return result;
}

static tin_result do_ftp_commands(tin_handle session)
{
    char text[100];
    uint64_t file_size = 99;
    size_t size = sizeof text;
    tin_handle connection;
    tin_result result = log_on(session, &connection);

    if (!tin_ok(result))
        return result;
    result = tin_ftp_set_current_directory(connection, "here");
    if (tin_ok(result))
        result = tin_ftp_get_current_directory(connection, text, &size);
    if (tin_ok(result))
        expect(strcmp(text, "/here") == 0, "a wrong directory");
    if (tin_ok(result))
        result = tin_ftp_create_directory(connection, "new");
    if (tin_ok(result))
        result = tin_ftp_rename_file(connection, "new", "other");
    if (tin_ok(result))
        result = tin_ftp_remove_directory(connection, "other");
    if (tin_ok(result))
        result = tin_ftp_delete_file(connection, "file");
    if (tin_ok(result))
        result = tin_ftp_command(connection, "NOOP", false, 0, NULL, NULL);
    fake_plan_last_words("213 27");
    if (tin_ok(result)) {
        result = tin_ftp_get_file_size(connection, "file", &file_size);
        expect(file_size == (tin_ok(result) ? 27u : 0u), "a wrong size");
    }
    fake_plan_last_words("226 Transfer complete");
    return end(connection, result);
}

static tin_result do_ftp_get(tin_handle session)
{
    tin_handle connection;
    tin_result result = log_on(session, &connection);

    if (!tin_ok(result))
        return result;
    result =
        tin_ftp_get_file(connection, "file", written_path, true, FILE_ATTRIBUTE_NORMAL, 0, NULL);
    expect((GetFileAttributesA(written_path) != INVALID_FILE_ATTRIBUTES) == tin_ok(result),
           "half a file, or none");
    DeleteFileA(written_path);
    return end(connection, result);
}

static tin_result do_ftp_put(tin_handle session)
{
    tin_handle connection;
    tin_result result = log_on(session, &connection);

    if (!tin_ok(result))
        return result;
    return end(connection, tin_ftp_put_file(connection, local_path, "file", 0, NULL));
}

static tin_result do_ftp_find(tin_handle session)
{
    tin_find_data entry;
    tin_handle connection, find = NULL;
    tin_result result = log_on(session, &connection);

    if (!tin_ok(result))
        return result;
    result = tin_ftp_find_first_file(connection, NULL, 0, NULL, &entry, &find);
    expect((find == NULL) == !tin_ok(result), "a find with a failure");
    expect(strcmp(entry.name, tin_ok(result) ? "large" : "") == 0, "a wrong entry");
    if (tin_ok(result))
        result = tin_find_next_file(find, &entry);
    if (tin_ok(result)) {
        expect(strcmp(entry.name, "small") == 0 && entry.size == 27, "a wrong entry");
        result = tin_find_next_file(find, &entry);
    }
    expect(tin_ok(result) || entry.size != 0 || entry.name[0] == '\0', "an entry with a failure");
    if (find != NULL)
        assert_ok(tin_close_handle(find));
    return end(connection, result);
}

static tin_result do_local_write(tin_handle session)
{
    uint64_t position;
    size_t written;
    tin_handle file;
    tin_result result =
        tin_open_local_file(session, written_path, GENERIC_WRITE, CREATE_ALWAYS, NULL, &file);

    if (!tin_ok(result))
        return result;
    result = tin_set_write_buffer_size(file, 8);
    if (tin_ok(result))
        result = tin_write_file(file, "0123", 4, &written);
    if (tin_ok(result))
        result = tin_set_file_pointer(file, 2, FILE_BEGIN, &position);
    if (tin_ok(result))
        result = tin_write_file(file, "4567", 4, &written);
    result = end(file, result);
    DeleteFileA(written_path);
    return result;
}

static tin_result do_options(tin_handle session)
{
    char text[100];
    size_t size = sizeof text;
    tin_result result = tin_set_option_text(session, INTERNET_OPTION_USERNAME, "user");

    if (tin_ok(result))
        result = tin_set_option_text(session, INTERNET_OPTION_USER_AGENT, "an agent");
    if (!tin_ok(result))
        return result;
    result = tin_query_option_text(session, INTERNET_OPTION_USERNAME, text, &size);
    expect(tin_ok(result) ? strcmp(text, "user") == 0 : size == 0, "a text with a failure");
    if (!tin_ok(result))
        return result;
    size = sizeof text;
    result = tin_query_option_text(session, INTERNET_OPTION_USER_AGENT, text, &size);
    expect(tin_ok(result) ? strcmp(text, "an agent") == 0 : size == 0, "a text with a failure");
    return result;
}

static const struct operation {
    const char *name;
    tin_result (*run)(tin_handle session);
    tin_error usual; /* how it ends when nothing fails */
} operations[] = {
    {"open and close", do_nothing, TIN_OK},
    {"http", do_http, TIN_OK},
    {"http with a callback", do_http_watched, TIN_OK},
    {"ftp", do_ftp, TIN_OK},
    {"ftp with a callback", do_ftp_watched, TIN_OK},
    {"ftp that breaks off", do_broken_ftp, TIN_E_TRUNCATED},
    {"local file", do_local, TIN_OK},
    {"options", do_options, TIN_OK},
    {"request", do_request, TIN_OK},
    {"redirect with a body", do_redirect, TIN_OK},
    {"upload", do_upload, TIN_OK},
    {"seek", do_seek, TIN_OK},
    {"ftp commands", do_ftp_commands, TIN_OK},
    {"ftp get", do_ftp_get, TIN_OK},
    {"ftp put", do_ftp_put, TIN_OK},
    {"ftp find", do_ftp_find, TIN_E_NO_MORE},
    {"local file, written", do_local_write, TIN_OK},
};

/* With retries it would go well the second time. */
static tin_result open_session(tin_handle *session)
{
    tin_result result = tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, session);

    if (!tin_ok(result)) {
        expect(*session == NULL, "a session with a failure");
        return result;
    }
    assert_ok(tin_set_option_dword(*session, INTERNET_OPTION_CONNECT_RETRIES, 0));
    assert_ok(tin_set_option_dword(*session, INTERNET_OPTION_CONNECT_TIMEOUT, TEST_PATIENCE_MS));
    assert_ok(tin_set_option_dword(*session, INTERNET_OPTION_RECEIVE_TIMEOUT, TEST_PATIENCE_MS));
    return result;
}

static bool failure_was_asked_for; /* it fires within the first round of run() only */

/* Opens a session, does it, does it once more when nothing fails any more, and closes. */
static tin_result run(const struct operation *operation, bool (*has_failed)(void))
{
    tin_handle session = NULL;
    tin_result result = open_session(&session);

    if (tin_ok(result))
        result = operation->run(session);
    failure_was_asked_for = has_failed();
    if (session != NULL) {
        expect(operation->run(session).error == operation->usual, "the session is not usable");
        assert_ok(tin_close_handle(session));
    }
    return result;
}

/* What must hold behind whatever has happened; `fault` says what was injected. */
static void assert_tidy(const char *name, const char *fault)
{
    const char *complaint;

    if (!tin__wait_until_idle(TEST_PATIENCE_MS))
        fail_msg("%s, %s: something is never freed", name, fault);
    if (guarded_heap_live() != 0)
        fail_msg("%s, %s: %u blocks are left", name, fault, (unsigned)guarded_heap_live());
    complaint = fake_complaint();
    if (complaint != NULL)
        fail_msg("%s, %s: %s", name, fault, complaint);
    if (wrong != NULL)
        fail_msg("%s, %s: %s", name, fault, wrong);
}

static void begin(void)
{
    wrong = NULL;
    fake_reset();
}

static bool nothing_fails(void)
{
    return false;
}

static void everything_goes_well_when_nothing_fails(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(operations); i++) {
        tin_result result;

        begin();
        result = run(&operations[i], nothing_fails);
        if (result.error != operations[i].usual)
            fail_msg("%s: %s", operations[i].name, tin_error_name(result.error));
        assert_tidy(operations[i].name, "nothing failed");
    }
}

/* Runs first: what a program needs once is not there yet. */
static void the_first_session_may_lack_everything(void **state)
{
    unsigned n = 0;
    tin_handle session;
    tin_result result;

    (void)state;
    begin();
    guarded_free(guarded_malloc(1)); /* its own pages come first */
    fake_fail(FAKE_TlsAlloc, 1, ERROR_NOT_ENOUGH_MEMORY);
    assert_int_equal(open_session(&session).error, TIN_E_MEMORY);
    assert_true(fake_has_failed());
    do {
        fake_fail(FAKE_VirtualAlloc, ++n, ERROR_NOT_ENOUGH_MEMORY);
        result = open_session(&session);
        failure_was_asked_for = fake_has_failed();
        if (tin_ok(result))
            assert_ok(tin_close_handle(session));
        else
            assert_int_equal(result.error, TIN_E_MEMORY);
    } while (failure_was_asked_for);
    assert_ok(result);
    assert_true(n > 1);
    assert_tidy("the first session", "a missing slot, and missing memory");
}

/* ---- allocations ----------------------------------------------------------------------------- */

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(operations); i++) {
        unsigned n;

        for (n = test_has_turn(i) ? 1 : 2;; n += 2) {
            char fault[64];
            tin_result result;

            begin();
            snprintf(fault, sizeof fault, "allocation %u", n);
            guarded_heap_fail_nth(n);
            result = run(&operations[i], guarded_heap_has_failed);
            if (result.error != TIN_E_MEMORY && result.error != operations[i].usual)
                fail_msg("%s, %s: %s", operations[i].name, fault, tin_error_name(result.error));
            if (!failure_was_asked_for && result.error != operations[i].usual)
                fail_msg("%s, without a failure: %s", operations[i].name,
                         tin_error_name(result.error));
            assert_tidy(operations[i].name, fault);
            if (!failure_was_asked_for)
                break;
        }
        print_message("%s: at most %u allocations\n", operations[i].name, n - 1);
        assert_true(n > 1);
    }
}

/* ---- calls ----------------------------------------------------------------------------------- */

static const struct {
    DWORD code;
    tin_error error;
} errors[] = {
    {0, TIN_E_INTERNAL}, /* it failed, and GetLastError says nothing */
    {ERROR_ACCESS_DENIED, TIN_E_ACCESS},
    {ERROR_INVALID_HANDLE, TIN_E_HANDLE},
    {ERROR_NOT_ENOUGH_MEMORY, TIN_E_MEMORY},
    {ERROR_INTERNET_TIMEOUT, TIN_E_TIMEOUT},
    {ERROR_INTERNET_INTERNAL_ERROR, TIN_E_INTERNAL},
    {ERROR_INTERNET_NAME_NOT_RESOLVED, TIN_E_DNS},
    {ERROR_INTERNET_OPERATION_CANCELLED, TIN_E_CANCELLED},
    {ERROR_INTERNET_CANNOT_CONNECT, TIN_E_CONNECT},
    {ERROR_INTERNET_CONNECTION_ABORTED, TIN_E_CONNECTION_LOST},
    {ERROR_INTERNET_SEC_CERT_DATE_INVALID, TIN_E_CERT_EXPIRED},
    {ERROR_HTTP_INVALID_SERVER_RESPONSE, TIN_E_PROTOCOL},
    {ERROR_INTERNET_DECODING_FAILED, TIN_E_DECODING},
    {WSAECONNRESET, TIN_E_CONNECTION_LOST},
    {99999, TIN_E_INTERNAL}, /* nobody knows it */
};

/* What a failed call does to the operation. */
typedef enum effect {
    REPORTED,      /* it fails with what GetLastError said */
    NO_MATTER,     /* it does without */
    MAYBE,         /* either of these, by the place of the call */
    NOT_A_SUCCESS, /* nobody can tell then */
    OUT_OF_MEMORY, /* TIN_E_MEMORY, or it does without */
    DISK,          /* TIN_E_DISK, or it does without */
    NOT_SEEKABLE,  /* TIN_E_UNSUPPORTED, or it does without */
    ONCE,          /* only for the first session of a program */
    IF_IT_SAYS     /* reported; without a number it may be the end */
} effect;

static const effect effects[FAKE_FUNCTIONS] = {
    [FAKE_HttpQueryInfoW] = MAYBE,       /* whether there are any headers is asked in two ways */
    [FAKE_InternetQueryOptionW] = MAYBE, /* flags of a request: no matter */
    [FAKE_InternetSetOptionW] = MAYBE,   /* handed down to a request: no matter */
    [FAKE_InternetGetLastResponseInfoA] = NOT_A_SUCCESS, /* was the transfer whole? */
    [FAKE_FtpCommandA] = MAYBE, /* a find does without the size of a large file */
    [FAKE_FtpFindFirstFileA] = IF_IT_SAYS,
    [FAKE_GetFileSizeEx] = NO_MATTER,
    [FAKE_TrySubmitThreadpoolCallback] = OUT_OF_MEMORY,
    [FAKE_CreateThread] = OUT_OF_MEMORY,
    [FAKE_InitOnceExecuteOnce] = OUT_OF_MEMORY,
    [FAKE_CloseHandle] = DISK,
    [FAKE_GetFileType] = NOT_SEEKABLE,
    [FAKE_GetFileAttributesW] = NO_MATTER, /* then there is no file that could be in the way */
    [FAKE_TlsAlloc] = ONCE,
    [FAKE_VirtualAlloc] = ONCE,
};

static void check_failed_call(const struct operation *operation, fake_function function,
                              const char *fault, size_t row, tin_result result)
{
    const effect what = effects[function];
    const bool usual = result.error == operation->usual;
    const bool reported =
        result.error == errors[row].error && result.last_error == errors[row].code;
    const bool memory = result.error == TIN_E_MEMORY;

    if ((what == REPORTED && !reported) || (what == NO_MATTER && !usual) ||
        (what == MAYBE && !usual && !reported) || (what == NOT_A_SUCCESS && tin_ok(result)) ||
        (what == OUT_OF_MEMORY && !usual && !memory) ||
        (what == DISK && !usual && result.error != TIN_E_DISK) ||
        (what == NOT_SEEKABLE && !usual && result.error != TIN_E_UNSUPPORTED) ||
        (what == IF_IT_SAYS && !reported && (!usual || errors[row].code != 0)))
        fail_msg("%s, %s: %s, %u", operation->name, fault, tin_error_name(result.error),
                 (unsigned)result.last_error);
}

static void fail_call(const struct operation *operation, fake_function function, unsigned n,
                      size_t row)
{
    char fault[96];
    tin_result result;

    begin();
    snprintf(fault, sizeof fault, "call %u of %s says %u", n, fake_name(function),
             (unsigned)errors[row].code);
    fake_fail(function, n, errors[row].code);
    result = run(operation, fake_has_failed);
    if (failure_was_asked_for) /* what is closed on the pool, and when, is not always the same */
        check_failed_call(operation, function, fault, row, result);
    assert_tidy(operation->name, fault);
}

/* Where nobody looks at what GetLastError says, two values are enough; and for what goes the same
 * road as FtpSetCurrentDirectoryA. */
static size_t rows_for(fake_function function)
{
    switch (function) {
    case FAKE_InternetSetOptionW:
    case FAKE_FtpCreateDirectoryA:
    case FAKE_FtpRemoveDirectoryA:
    case FAKE_FtpDeleteFileA:
    case FAKE_FtpRenameFileA:
        return 2;
    default:
        return effects[function] == REPORTED || effects[function] == MAYBE ||
                       effects[function] == NOT_A_SUCCESS || effects[function] == IF_IT_SAYS
                   ? TEST_COUNT_OF(errors)
                   : 2;
    }
}

static void count_calls(const struct operation *operation, unsigned *counts)
{
    tin_handle session;

    begin();
    assert_ok(open_session(&session));
    assert_int_equal(operation->run(session).error, operation->usual);
    for (int function = 0; function < FAKE_FUNCTIONS; function++)
        counts[function] = fake_calls((fake_function)function);
    assert_ok(tin_close_handle(session));
    assert_tidy(operation->name, "counting calls");
}

/* Every way in the first operation that calls a function; one way for each other call. */
static void fail_calls(const struct operation *operation, fake_function function, unsigned count,
                       bool first)
{
    const size_t turn = (size_t)(operation - operations) + (size_t)function;

    for (unsigned n = 1; n <= count && effects[function] != ONCE; n++) {
        const bool all = n == 1 && first;
        const size_t rows = all ? rows_for(function) : 1;

        for (size_t row = 0; row < rows; row++)
            if (test_has_turn(turn + n + row))
                fail_call(operation, function, n,
                          all ? row : (n + (size_t)function) % TEST_COUNT_OF(errors));
    }
}

static void every_call_may_fail(void **state)
{
    unsigned calls[FAKE_FUNCTIONS] = {0};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(operations); i++) {
        unsigned counts[FAKE_FUNCTIONS];

        count_calls(&operations[i], counts);
        for (int function = 0; function < FAKE_FUNCTIONS; function++) {
            fail_calls(&operations[i], (fake_function)function, counts[function],
                       calls[function] == 0);
            calls[function] += counts[function];
        }
    }
    for (int function = 0; function < FAKE_FUNCTIONS; function++)
        if (calls[function] == 0 && effects[function] != ONCE)
            fail_msg("%s is never called", fake_name((fake_function)function));
}

/* ---- completions of opening ------------------------------------------------------------------ */

#define PENDING .returns = ERROR_IO_PENDING

static const struct completion {
    const char *name;
    fake_call call;
    tin_error error;
    DWORD last_error;
} opens[] = {
    /* none is done at once and completed later: that would be the next call's completion */
    {"done at once", {.created = 1}, TIN_OK, 0},
    {"done at once, and completed", {.created = 1, .completes = FAKE_AT_ONCE}, TIN_OK, 0},
    {"done at once, and completed late", {.created = 1, .completes = FAKE_LATE}, TIN_OK, 0},
    {"done at once, never announced", {.completes = FAKE_NEVER}, TIN_OK, 0},
    {"completes elsewhere", {.created = 1, PENDING, .completes = FAKE_ELSEWHERE}, TIN_OK, 0},
    {"completes before the call returns",
     {.created = 1, PENDING, .completes = FAKE_AT_ONCE},
     TIN_OK,
     0},
    {"completes twice",
     {.created = 1, PENDING, .completes = FAKE_ELSEWHERE, .times = 2},
     TIN_OK,
     0},
    {"completes twice before the call returns",
     {.created = 1, PENDING, .completes = FAKE_AT_ONCE, .times = 2},
     TIN_OK,
     0},
    {"announced twice", {.created = 2, PENDING, .completes = FAKE_ELSEWHERE}, TIN_OK, 0},
    {"never announced", {PENDING, .completes = FAKE_ELSEWHERE}, TIN_OK, 0},
    {"never announced, completes before the call returns",
     {PENDING, .completes = FAKE_AT_ONCE},
     TIN_OK,
     0},
    {"never completes", {.created = 1, PENDING, .completes = FAKE_NEVER}, TIN_E_TIMEOUT, 0},
    {"completes late", {.created = 1, PENDING, .completes = FAKE_LATE}, TIN_E_TIMEOUT, 0},
    {"completes late and twice",
     {.created = 1, PENDING, .completes = FAKE_LATE, .times = 2},
     TIN_E_TIMEOUT,
     0},
    {"completes late, never announced", {PENDING, .completes = FAKE_LATE}, TIN_E_TIMEOUT, 0},
    {"starts late",
     {.created = 1, PENDING, .completes = FAKE_LATE, .starts_late = true},
     TIN_E_TIMEOUT,
     0},
    {"starts late, and fails",
     {.created = 1,
      PENDING,
      .completes = FAKE_LATE,
      .fails = true,
      .error = 12029,
      .starts_late = true},
     TIN_E_TIMEOUT,
     0},
    {"starts late, and never completes",
     {.created = 1, PENDING, .completes = FAKE_NEVER, .starts_late = true},
     TIN_E_TIMEOUT,
     0},
    {"fails late",
     {.created = 1, PENDING, .completes = FAKE_LATE, .fails = true, .error = 12029},
     TIN_E_TIMEOUT,
     0},
    {"fails late, never announced",
     {PENDING, .completes = FAKE_LATE, .fails = true, .error = 12029},
     TIN_E_TIMEOUT,
     0},
    {"fails elsewhere",
     {.created = 1, PENDING, .completes = FAKE_ELSEWHERE, .fails = true, .error = 12029},
     TIN_E_CONNECT,
     12029},
    {"fails elsewhere, twice",
     {.created = 1,
      PENDING,
      .completes = FAKE_ELSEWHERE,
      .times = 2,
      .fails = true,
      .error = 12029},
     TIN_E_CONNECT,
     12029},
    {"fails before the call returns",
     {.created = 1, PENDING, .completes = FAKE_AT_ONCE, .fails = true, .error = 12007},
     TIN_E_DNS,
     12007},
    {"fails, never announced",
     {PENDING, .completes = FAKE_ELSEWHERE, .fails = true, .error = 12007},
     TIN_E_DNS,
     12007},
    {"fails, and WinInet closes the handle",
     {.created = 1,
      PENDING,
      .completes = FAKE_ELSEWHERE,
      .fails = true,
      .error = 12029,
      .closed_for_us = true},
     TIN_E_CONNECT,
     12029},
    {"fails and says nothing",
     {.created = 1, PENDING, .completes = FAKE_ELSEWHERE, .fails = true},
     TIN_E_INTERNAL,
     0},
    {"fails with a code that nobody knows",
     {.created = 1, PENDING, .completes = FAKE_ELSEWHERE, .fails = true, .error = 99999},
     TIN_E_INTERNAL,
     99999},
    {"fails at once after it was announced",
     {.created = 1, .returns = 12029, .completes = FAKE_NEVER},
     TIN_E_CONNECT,
     12029},
    {"fails at once, WinInet closes the handle",
     {.created = 1, .returns = 12029, .completes = FAKE_NEVER, .closed_for_us = true},
     TIN_E_CONNECT,
     12029},
    {"fails at once, and completes all the same",
     {.created = 1, .returns = 12029, .completes = FAKE_ELSEWHERE, .fails = true, .error = 12029},
     TIN_E_CONNECT,
     12029},
    {"fails at once, and completes late",
     {.created = 1, .returns = 12029, .completes = FAKE_LATE},
     TIN_E_CONNECT,
     12029},
};

static void check_open(const struct completion *row, fake_when closing)
{
    const char *fault = closing == FAKE_AT_ONCE ? "closing at once" : "closing late";
    const bool waits = row->error == TIN_E_TIMEOUT;
    tin_handle session, file;
    tin_result result;

    begin();
    fake_plan_open(&row->call);
    fake_plan_closing(closing);
    assert_ok(open_session(&session));
    if (waits)
        assert_ok(tin_set_option_dword(session, TIN_OPTION_TOTAL_TIMEOUT, TIMEOUT_MS));
    file = session;
    result = tin_open_url(session, "http://fake.example/", NULL, 0, NULL, &file);
    if (result.error != row->error || result.last_error != row->last_error)
        fail_msg("%s: %s, %u", row->name, tin_error_name(result.error),
                 (unsigned)result.last_error);
    expect((file == NULL) == !tin_ok(result), "a handle with a failure, or none with a success");
    if (tin_ok(result)) {
        expect(tin_ok(read_body(file, 10)), "the body could not be read");
        assert_ok(tin_close_handle(file));
    }
    if (closing == FAKE_LATE && row->call.created != 0 && !tin__wait_until_idle(0))
        expect(guarded_heap_live() != 0, "memory that WinInet still knows was freed");
    if (row->call.starts_late) /* what is closed too early, is closed before it starts */
        fake_await_others();
    fake_release();
    assert_ok(tin_set_option_dword(session, TIN_OPTION_TOTAL_TIMEOUT, INFINITE));
    fake_plan_open(&(fake_call){.created = 1, PENDING, .completes = FAKE_ELSEWHERE});
    expect(tin_ok(do_http(session)), "the session is not usable");
    assert_ok(tin_close_handle(session));
    assert_tidy(row->name, fault);
}

static void opening_may_complete_at_any_time_and_in_any_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(opens); i++) {
        check_open(&opens[i], FAKE_AT_ONCE);
        check_open(&opens[i], FAKE_ELSEWHERE);
        check_open(&opens[i], FAKE_LATE);
    }
}

/* ---- completions of reading ------------------------------------------------------------------ */

static const struct {
    const char *name;
    fake_call calls[3];
    size_t count;
    size_t bytes; /* read before the failure */
    tin_error error;
    DWORD last_error;
} readings[] = {
    {"at once", {{.bytes = 100}}, 1, 27, TIN_OK, 0},
    {"in pieces", {{.bytes = 5}, {.bytes = 1}, {.bytes = 7}}, 3, 27, TIN_OK, 0},
    {"waits", {{PENDING, .completes = FAKE_ELSEWHERE}}, 1, 27, TIN_OK, 0},
    {"waits, completes before the call returns",
     {{PENDING, .completes = FAKE_AT_ONCE}},
     1,
     27,
     TIN_OK,
     0},
    {"waits, completes twice",
     {{PENDING, .completes = FAKE_ELSEWHERE, .times = 2}, {.bytes = 5}},
     2,
     27,
     TIN_OK,
     0},
    {"waits three times",
     {{PENDING, .completes = FAKE_ELSEWHERE},
      {PENDING, .completes = FAKE_AT_ONCE},
      {PENDING, .completes = FAKE_ELSEWHERE}},
     3,
     27,
     TIN_OK,
     0},
    {"at once, and completes", {{.bytes = 5, .completes = FAKE_ELSEWHERE}}, 1, 27, TIN_OK, 0},
    {"at once, completes, then waits",
     {{.bytes = 5, .completes = FAKE_ELSEWHERE}, {PENDING, .completes = FAKE_ELSEWHERE}},
     2,
     27,
     TIN_OK,
     0},
    {"ends early", {{.bytes = 5}, {.bytes = 0}}, 2, 5, TIN_E_TRUNCATED, 0},
    {"ends before the first byte", {{.bytes = 0}}, 1, 0, TIN_E_TRUNCATED, 0},
    {"waits, ends early",
     {{.bytes = 5}, {PENDING, .completes = FAKE_ELSEWHERE}, {.bytes = 0}},
     3,
     5,
     TIN_E_TRUNCATED,
     0},
    {"more than was asked for",
     {{.bytes = 5}, {.bytes = 5, .claims = 5000000}},
     2,
     5,
     TIN_E_INTERNAL,
     0},
    {"fails at once", {{.returns = 12030}}, 1, 0, TIN_E_CONNECTION_LOST, 12030},
    {"fails at once with bytes",
     {{.returns = 10054, .bytes = 5}},
     1,
     5,
     TIN_E_CONNECTION_LOST,
     10054},
    {"fails after bytes", {{.bytes = 5}, {.returns = 12175}}, 2, 5, TIN_E_DECODING, 12175},
    {"waits and fails",
     {{PENDING, .completes = FAKE_ELSEWHERE, .fails = true, .error = 12030}},
     1,
     0,
     TIN_E_CONNECTION_LOST,
     12030},
    {"waits and fails before the call returns",
     {{PENDING, .completes = FAKE_AT_ONCE, .fails = true, .error = 12030}},
     1,
     0,
     TIN_E_CONNECTION_LOST,
     12030},
    {"waits and fails twice",
     {{PENDING, .completes = FAKE_ELSEWHERE, .times = 2, .fails = true, .error = 12030}},
     1,
     0,
     TIN_E_CONNECTION_LOST,
     12030},
    {"waits, fails and says nothing",
     {{PENDING, .completes = FAKE_ELSEWHERE, .fails = true}},
     1,
     0,
     TIN_E_INTERNAL,
     0},
    {"waits for ever", {{PENDING, .completes = FAKE_NEVER}}, 1, 0, TIN_E_TIMEOUT, 0},
    {"bytes, then waits for ever",
     {{.bytes = 5}, {PENDING, .completes = FAKE_NEVER}},
     2,
     5,
     TIN_E_TIMEOUT,
     0},
    {"completes late", {{PENDING, .completes = FAKE_LATE}}, 1, 0, TIN_E_TIMEOUT, 0},
    {"fails late",
     {{PENDING, .completes = FAKE_LATE, .fails = true, .error = 12030}},
     1,
     0,
     TIN_E_TIMEOUT,
     0},
};

static void check_reading(size_t row, size_t size)
{
    const char *name = readings[row].name;
    char fault[32], body[100];
    size_t length = 0, got = 1;
    tin_handle session, file;
    tin_result result = {TIN_OK, 0};

    begin();
    snprintf(fault, sizeof fault, "reads of %u", (unsigned)size);
    fake_plan_reads(readings[row].calls, readings[row].count);
    assert_ok(open_session(&session));
    assert_ok(tin_open_url(session, "http://fake.example/", NULL, 0, NULL, &file));
    if (readings[row].error == TIN_E_TIMEOUT)
        assert_ok(tin_set_option_dword(file, INTERNET_OPTION_RECEIVE_TIMEOUT, TIMEOUT_MS));
    while (tin_ok(result) && got != 0) {
        result = tin_read_file(file, body + length, size, &got);
        length += got;
    }
    if (result.error != readings[row].error || result.last_error != readings[row].last_error ||
        length != readings[row].bytes)
        fail_msg("%s, %s: %s, %u after %u bytes", name, fault, tin_error_name(result.error),
                 (unsigned)result.last_error, (unsigned)length);
    expect(memcmp(body, FAKE_BODY, length) == 0, "wrong bytes");
    for (int i = 0; i < 3; i++) {
        const tin_result again = tin_read_file(file, body, size, &got);

        expect(again.error == result.error && again.last_error == result.last_error && got == 0,
               "how it ended did not stay");
    }
    fake_release();
    assert_ok(tin_close_handle(file));
    assert_ok(tin_set_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT, TEST_PATIENCE_MS));
    expect(tin_ok(do_http(session)), "the session is not usable");
    assert_ok(tin_close_handle(session));
    assert_tidy(name, fault);
}

static void reading_may_complete_at_any_time_and_in_any_way(void **state)
{
    static const size_t sizes[] = {1, 10, 64};

    (void)state;
    assert_int_equal(strlen(FAKE_BODY), 27);
    for (size_t i = 0; i < TEST_COUNT_OF(readings); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(sizes); j++)
            check_reading(i, sizes[j]);
}

/* ---- completions of a request's calls -------------------------------------------------------- */

static const struct {
    const char *name;
    fake_call call;
    tin_error error;
    DWORD last_error;
} sendings[] = {
    {"at once", {0}, TIN_OK, 0},
    {"at once, and completed", {.completes = FAKE_AT_ONCE}, TIN_OK, 0},
    {"completes elsewhere", {PENDING, .completes = FAKE_ELSEWHERE}, TIN_OK, 0},
    {"completes before the call returns", {PENDING, .completes = FAKE_AT_ONCE}, TIN_OK, 0},
    {"completes twice", {PENDING, .completes = FAKE_ELSEWHERE, .times = 2}, TIN_OK, 0},
    {"never completes", {PENDING, .completes = FAKE_NEVER}, TIN_E_TIMEOUT, 0},
    {"completes late", {PENDING, .completes = FAKE_LATE}, TIN_E_TIMEOUT, 0},
    {"completes late and twice", {PENDING, .completes = FAKE_LATE, .times = 2}, TIN_E_TIMEOUT, 0},
    {"fails late",
     {PENDING, .completes = FAKE_LATE, .fails = true, .error = 12030},
     TIN_E_TIMEOUT,
     0},
    {"fails elsewhere",
     {PENDING, .completes = FAKE_ELSEWHERE, .fails = true, .error = 12030},
     TIN_E_CONNECTION_LOST,
     12030},
    {"fails twice",
     {PENDING, .completes = FAKE_ELSEWHERE, .times = 2, .fails = true, .error = 12030},
     TIN_E_CONNECTION_LOST,
     12030},
    {"fails before the call returns",
     {PENDING, .completes = FAKE_AT_ONCE, .fails = true, .error = 12037},
     TIN_E_CERT_EXPIRED,
     12037},
    {"fails and says nothing",
     {PENDING, .completes = FAKE_ELSEWHERE, .fails = true},
     TIN_E_INTERNAL,
     0},
    {"fails at once, and completes all the same",
     {.returns = 12030, .completes = FAKE_ELSEWHERE, .fails = true, .error = 12030},
     TIN_E_CONNECTION_LOST,
     12030},
    {"fails at once, and completes late",
     {.returns = 12030, .completes = FAKE_LATE},
     TIN_E_CONNECTION_LOST,
     12030},
};

static const struct {
    fake_function function;
    tin_result (*run)(tin_handle session);
    bool must_end; /* an unfinished body is not closed before: WinInet's own time-outs end it */
} senders[] = {
    {FAKE_HttpSendRequestW, do_request, false},
    {FAKE_HttpSendRequestExW, do_upload, true},
    {FAKE_InternetWriteFile, do_upload, true},
    {FAKE_HttpEndRequestW, do_upload, false},
};

static void check_sending(size_t row, size_t sender, fake_when closing)
{
    static const fake_call good = {PENDING, .completes = FAKE_ELSEWHERE};
    const char *name = sendings[row].name, *function = fake_name(senders[sender].function);
    tin_handle session;
    tin_result result;

    begin();
    fake_plan_calls(senders[sender].function, &sendings[row].call);
    fake_plan_closing(closing);
    assert_ok(open_session(&session));
    if (sendings[row].error == TIN_E_TIMEOUT)
        assert_ok(tin_set_option_dword(session, TIN_OPTION_TOTAL_TIMEOUT, TIMEOUT_MS));
    result = senders[sender].run(session);
    if (result.error != sendings[row].error || result.last_error != sendings[row].last_error)
        fail_msg("%s, %s: %s, %u", function, name, tin_error_name(result.error),
                 (unsigned)result.last_error);
    if (sendings[row].call.completes == FAKE_LATE)
        fake_await_others();
    fake_release();
    assert_ok(tin_set_option_dword(session, TIN_OPTION_TOTAL_TIMEOUT, INFINITE));
    fake_plan_calls(senders[sender].function, &good);
    expect(tin_ok(senders[sender].run(session)), "the session is not usable");
    assert_ok(tin_close_handle(session));
    assert_tidy(function, name);
}

static void a_requests_calls_may_complete_at_any_time_and_in_any_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(sendings); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(senders); j++) {
            if (senders[j].must_end && sendings[i].call.completes == FAKE_NEVER &&
                sendings[i].error == TIN_E_TIMEOUT)
                continue;
            check_sending(i, j, FAKE_AT_ONCE);
            check_sending(i, j, FAKE_LATE);
        }
}

/* A completion that comes after its call was given up must not reach whoever has the memory now. */
static void late_completions_reach_nobody(void **state)
{
    tin_handle session, file;

    (void)state;
    begin();
    fake_plan_open(&(fake_call){.created = 1, PENDING, .completes = FAKE_LATE, .times = 3});
    assert_ok(open_session(&session));
    assert_ok(tin_set_option_dword(session, TIN_OPTION_TOTAL_TIMEOUT, TIMEOUT_MS));
    assert_int_equal(tin_open_url(session, "http://fake.example/", NULL, 0, NULL, &file).error,
                     TIN_E_TIMEOUT);
    assert_ok(tin_close_handle(session));
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
    assert_int_equal(guarded_heap_live(), 0);
    fake_release(); /* into freed memory, if it kept an address */
    assert_tidy("late completions", "after everything was freed");
}

static void handles_may_be_gone_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(operations); i++)
        for (fake_when when = FAKE_AT_ONCE; when <= FAKE_LATE; when++) {
            tin_handle session;

            begin();
            fake_plan_closing(when);
            fake_plan_closings(2);
            assert_ok(open_session(&session));
            expect(operations[i].run(session).error == operations[i].usual, "it did not go well");
            assert_ok(tin_close_handle(session));
            fake_release();
            assert_tidy(operations[i].name, "HANDLE_CLOSING comes twice");
        }
}

static void hear_anything(tin_handle handle, void *context, const tin_status *status)
{
    (void)handle, (void)status;
    ++*(unsigned *)context;
}

static void events_may_be_without_data_or_of_odd_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(operations); i++) {
        unsigned events = 0;
        tin_handle session;

        if (operations[i].run == do_http_watched || operations[i].run == do_ftp_watched)
            continue; /* they expect their events to be complete */
        begin();
        fake_plan_odd_events();
        assert_ok(open_session(&session));
        assert_ok(tin_set_status_callback(session, hear_anything, &events));
        expect(operations[i].run(session).error == operations[i].usual, "it did not go well");
        assert_ok(tin_set_status_callback(session, NULL, NULL));
        assert_ok(tin_close_handle(session));
        assert_tidy(operations[i].name, "odd events");
    }
}

/* ---- a proxy's page -------------------------------------------------------------------------- */

static tin_error open_secure(fake_function failing, unsigned nth)
{
    tin_handle session, file;
    tin_result result;

    begin();
    fake_plan_flags(INTERNET_REQFLAG_VIA_PROXY, 0);
    assert_ok(open_session(&session));
    fake_fail(failing, nth, ERROR_INTERNET_INTERNAL_ERROR);
    result = tin_open_url(session, "https://fake.example/", NULL, 0, NULL, &file);
    (void)fake_has_failed();
    assert_ok(tin_close_handle(session));
    assert_tidy("https", "through a proxy");
    return result.error;
}

static void a_proxys_page_is_never_taken_for_the_sites(void **state)
{
    (void)state;
    assert_int_equal(open_secure(FAKE_InternetQueryOptionW, 0), TIN_E_PROXY);
    for (unsigned n = 1; n <= 3; n++)
        if (open_secure(FAKE_InternetQueryOptionW, n) == TIN_OK)
            fail_msg("it is when call %u of InternetQueryOptionW fails", n);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_session_may_lack_everything),
        cmocka_unit_test(everything_goes_well_when_nothing_fails),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(every_call_may_fail),
        cmocka_unit_test(opening_may_complete_at_any_time_and_in_any_way),
        cmocka_unit_test(reading_may_complete_at_any_time_and_in_any_way),
        cmocka_unit_test(a_requests_calls_may_complete_at_any_time_and_in_any_way),
        cmocka_unit_test(late_completions_reach_nobody),
        cmocka_unit_test(handles_may_be_gone_twice),
        cmocka_unit_test(events_may_be_without_data_or_of_odd_sizes),
        cmocka_unit_test(a_proxys_page_is_never_taken_for_the_sites),
    };

    return test_run_group(tests, write_local_file, test_files_remove);
}
