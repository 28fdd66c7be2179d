/* SPDX-License-Identifier: MIT */
/*
 * Each place in which a call can stall for ever, times each level at which a time-out can be set,
 * times the two that govern it: its own, and the total one. The call comes back when that is over,
 * no sooner, and no later than was promised.
 */
#include "fault_row.h"
#include "internal.h"
#include "wrap.h"

#define TIMEOUT_MS 250u
#define FTP_TIMEOUT_MS 500u /* Wine 8 takes its time to log on */
#define LATE_MS 100u        /* promised: no later than this after the deadline */
#define TICK_MS 20u         /* GetTickCount64 moves in steps of up to 16 ms on Windows */
#define OTHERS_MS 3000u
#define THREADS 16 /* they do nothing but wait */

/* ---- a resolver that does not answer --------------------------------------------------------- */

/* WinInet resolves names behind a function that nobody else can see; but it tells before, on the
 * same thread: what that event is kept waiting, the resolver is. Its hosts are "held-<n>.invalid",
 * so each row has its own. */
enum { HELD = 32 };
static HANDLE held[HELD];
static volatile LONG held_count;
static INTERNET_STATUS_CALLBACK our_callback;

TIN_WRAP(InternetSetStatusCallbackW);

static void CALLBACK hold_names(HINTERNET handle, DWORD_PTR context, DWORD code, LPVOID data,
                                DWORD size)
{
    unsigned number;

    our_callback(handle, context, code, data, size);
    if (code == INTERNET_STATUS_RESOLVING_NAME && data != NULL &&
        swscanf(data, L"held-%u.", &number) == 1 && number < HELD)
        WaitForSingleObject(held[number], TEST_PATIENCE_MS);
}

static INTERNET_STATUS_CALLBACK WINAPI
wrap_InternetSetStatusCallbackW(HINTERNET handle, INTERNET_STATUS_CALLBACK callback)
{
    our_callback = callback;
    return real_InternetSetStatusCallbackW(handle, callback != NULL ? hold_names : NULL);
}

/* ---- the clients ----------------------------------------------------------------------------- */

typedef enum level { ON_SESSION, ON_CONNECTION, ON_FILE, LEVELS } level;
static const char *const level_names[] = {"session", "connection", "file or request"};

typedef struct client client;
typedef void client_function(client *me);

/* A peer that stalls, the call that it stalls, and what ends that. */
typedef struct stall {
    const char *name;
    client_function *run;
    DWORD option; /* the time-out that governs it; 0: only the total one, it makes progress */
    const fault_step *script;
    fault_ftp ftp;
    bool full, resolves; /* instead of a script: connects hang; names are not resolved */
    const char *scheme;  /* NULL: http */
    unsigned levels;     /* at which it can be set: bits */
} stall;

#define AT_SESSION (1u << ON_SESSION)
#define AT_CONNECTION (1u << ON_CONNECTION)
#define AT_FILE (1u << ON_FILE)

struct client {
    const stall *row;
    level at;
    bool total;
    fault_trial *trial;
    fault_server *server;
    char host[32];
    tin_handle connection;
    unsigned created; /* HANDLE_CREATED events */
    uint64_t called;  /* the call that is blocked; the first one, where the total time counts */
    uint64_t began;   /* the same, but for what it does before its clock starts */
    tin_result result;
};

static client_function send_body;

static bool is_ftp(const client *me)
{
    return me->row->scheme != NULL && strcmp(me->row->scheme, "ftp") == 0;
}

static unsigned timeout_of(const client *me)
{
    return is_ftp(me) ? FTP_TIMEOUT_MS : TIMEOUT_MS;
}

static void set_timeout(client *me, tin_handle handle, level at)
{
    const DWORD option = me->total ? (DWORD)TIN_OPTION_TOTAL_TIMEOUT : me->row->option;

    if (at == me->at && !tin_ok(tin_set_option_dword(handle, option, timeout_of(me))))
        fault_complain(me->trial, "the time-out could not be set");
}

/* What is opened by a call that stalls gets its time-out as soon as there is a handle. */
static void on_status(tin_handle handle, void *context, const tin_status *status)
{
    client *me = context;
    const bool ftp_connection = me->created == 0 && is_ftp(me);

    (void)handle;
    if (status->code == INTERNET_STATUS_CONNECTING_TO_SERVER && me->row->run == send_body)
        me->began = test_now_ms(); /* before that, the body is copied */
    if (status->code != INTERNET_STATUS_HANDLE_CREATED)
        return;
    set_timeout(me, status->handle, ftp_connection ? ON_CONNECTION : ON_FILE);
    me->created++;
}

/* of the call that may be blocked */
static void now(client *me)
{
    if (!me->total || me->called == 0)
        me->called = me->began = test_now_ms();
}

static void read_to_the_end(client *me, tin_handle file)
{
    char buffer[256];
    size_t got = 1;

    while (tin_ok(me->result) && got != 0) {
        now(me);
        me->result = tin_read_available(file, buffer, sizeof buffer, &got);
    }
}

static void open_url(client *me)
{
    const char *scheme = me->row->scheme != NULL ? me->row->scheme : "http";
    char url[100];
    tin_handle file;

    snprintf(url, sizeof url, "%s://%s:%u/file", scheme, me->host, fault_server_port(me->server));
    me->created++; /* it has no connection that can be seen */
    now(me);
    me->result = tin_open_url(me->trial->session, url, NULL, INTERNET_FLAG_RELOAD, NULL, &file);
    read_to_the_end(me, file);
}

static tin_handle open_request(client *me)
{
    const DWORD secure = me->row->scheme != NULL ? INTERNET_FLAG_SECURE : 0;
    tin_handle request = NULL;

    me->created = 2; /* those are opened without a stall */
    me->result = tin_connect(me->trial->session, me->host, fault_server_port(me->server), NULL,
                             NULL, INTERNET_SERVICE_HTTP, 0, NULL, &me->connection);
    if (tin_ok(me->result))
        set_timeout(me, me->connection, ON_CONNECTION);
    if (tin_ok(me->result))
        me->result = tin_http_open_request(me->connection, "PUT", "/", NULL, NULL, NULL,
                                           INTERNET_FLAG_RELOAD | secure, NULL, &request);
    return request;
}

static void send_request(client *me)
{
    const tin_handle request = open_request(me);

    now(me);
    if (tin_ok(me->result))
        me->result = tin_http_send_request(request, NULL, NULL, 0);
    read_to_the_end(me, request);
}

#define LARGE ((size_t)16 << 20) /* more than the system takes for itself */
static char *large;

static void send_body(client *me)
{
    const tin_handle request = open_request(me);

    now(me);
    if (tin_ok(me->result))
        me->result = tin_http_send_request(request, NULL, large, LARGE);
}

static void send_pieces(client *me)
{
    const tin_handle request = open_request(me);
    size_t written;

    now(me);
    if (tin_ok(me->result))
        me->result = tin_http_send_request_ex(request, NULL, 1u << 30);
    for (size_t at = 0; tin_ok(me->result) && at < 1u << 30; at += 1 << 16) {
        now(me);
        me->result = tin_write_file(request, large, 1 << 16, &written);
    }
}

static void end_pieces(client *me)
{
    const tin_handle request = open_request(me);
    size_t written;

    now(me);
    if (tin_ok(me->result))
        me->result = tin_http_send_request_ex(request, NULL, 5);
    if (tin_ok(me->result))
        me->result = tin_write_file(request, "hello", 5, &written);
    now(me);
    if (tin_ok(me->result))
        me->result = tin_http_end_request(request);
}

static void log_on(client *me)
{
    now(me);
    me->result = tin_connect(me->trial->session, me->host, fault_server_port(me->server), "bob",
                             "x", INTERNET_SERVICE_FTP, 0, NULL, &me->connection);
    if (tin_ok(me->result))
        me->called = 0; /* the total time is each call's own, and each file's */
}

static void make_directory(client *me)
{
    log_on(me);
    now(me);
    if (tin_ok(me->result))
        me->result = tin_ftp_create_directory(me->connection, "new");
}

static void read_file(client *me)
{
    tin_handle file = NULL;

    log_on(me);
    now(me);
    if (tin_ok(me->result))
        me->result = tin_ftp_open_file(me->connection, "file", GENERIC_READ, 0, NULL, &file);
    read_to_the_end(me, file);
}

static tin_handle open_to_write(client *me)
{
    tin_handle file = NULL;

    log_on(me);
    now(me);
    if (tin_ok(me->result))
        me->result = tin_ftp_open_file(me->connection, "file", GENERIC_WRITE, 0, NULL, &file);
    return file;
}

static void write_file(client *me)
{
    const tin_handle file = open_to_write(me);
    size_t written;

    for (size_t i = 0; tin_ok(me->result) && i < 2000; i++) {
        now(me);
        me->result = tin_write_file(file, large, 1 << 16, &written);
    }
}

static void close_file(client *me)
{
    const tin_handle file = open_to_write(me);
    size_t written;

    if (tin_ok(me->result))
        me->result = tin_write_file(file, "hello", 5, &written);
    now(me);
    if (tin_ok(me->result))
        me->result = tin_close_handle(file);
}

/* ---- the stalls ------------------------------------------------------------------------------ */

#define BY_URL .run = open_url, .levels = AT_SESSION | AT_FILE
#define BY_REQUEST(function) .run = function, .levels = AT_SESSION | AT_CONNECTION | AT_FILE
#define FTP .scheme = "ftp"
#define BY_LOGON FTP, .run = log_on, .levels = AT_SESSION | AT_CONNECTION
#define BY_COMMAND FTP, .run = make_directory, .levels = AT_SESSION | AT_CONNECTION
#define BY_FILE(function) FTP, .run = function, .levels = AT_SESSION | AT_CONNECTION | AT_FILE
#define CONNECT .option = INTERNET_OPTION_CONNECT_TIMEOUT
#define SENDING .option = INTERNET_OPTION_SEND_TIMEOUT
#define RECEIVE .option = INTERNET_OPTION_RECEIVE_TIMEOUT
#define DATA_SEND .option = INTERNET_OPTION_DATA_SEND_TIMEOUT
#define DATA_RECEIVE .option = INTERNET_OPTION_DATA_RECEIVE_TIMEOUT
#define MUTE_AFTER(...) .script = ANSWER(__VA_ARGS__, FAULT_MUTE)
#define STEPS(...) ((const fault_step[]){__VA_ARGS__, FAULT_END})
#define GREETS(...) .ftp = {.greeting = STEPS(__VA_ARGS__)}
#define ON(command, ...)                                                                           \
    .ftp = {.replies = ((const fault_route[]){{command, STEPS(__VA_ARGS__)}, {NULL, NULL}})}
#define COMES FAULT_SEND("150 Here it comes\r\n")
#define DATA(...) FAULT_FTP_DATA(STEPS(__VA_ARGS__))

static const stall stalls[] = {
    {"name", BY_URL, CONNECT, .resolves = true},
    {"name, of a request", BY_REQUEST(send_request), CONNECT, .resolves = true},
    {"name, https", BY_URL, CONNECT, .resolves = true, .scheme = "https"},
    {"name, FTP", BY_LOGON, CONNECT, .resolves = true},
    {"connect", BY_URL, CONNECT, .full = true},
    {"connect, of a request", BY_REQUEST(send_request), CONNECT, .full = true},
    {"connect, FTP", BY_LOGON, CONNECT, .full = true},
    {"TLS handshake", BY_URL, CONNECT, .script = fault_script_mute, .scheme = "https"},
    {"TLS handshake of a request", BY_REQUEST(send_request), CONNECT, .script = fault_script_mute,
     .scheme = "https"},
    {"TLS handshake, a part of an answer", BY_URL, CONNECT,
     .script = STEPS(FAULT_SEND("\x16\x03\x03\x40\x00\x02"), FAULT_MUTE), .scheme = "https"},
    {"request body", BY_REQUEST(send_body), SENDING, .script = fault_script_sink},
    {"request body in pieces", BY_REQUEST(send_pieces), SENDING, .script = fault_script_sink},
    {"answer to a body in pieces", BY_REQUEST(end_pieces), RECEIVE, MUTE_AFTER(FAULT_READ_BODY)},
    {"status line", BY_URL, RECEIVE, MUTE_AFTER(FAULT_PAUSE(0))},
    {"status line, of a request", BY_REQUEST(send_request), RECEIVE, MUTE_AFTER(FAULT_PAUSE(0))},
    {"half a status line", BY_URL, RECEIVE, MUTE_AFTER(FAULT_SEND("HTTP/1."))},
    {"half a header", BY_URL, RECEIVE, MUTE_AFTER(FAULT_SEND(OK_HEAD "Content-"))},
    {"half a header, of a request", BY_REQUEST(send_request), RECEIVE,
     MUTE_AFTER(FAULT_SEND(OK_HEAD "Content-"))},
    {"headers that drip", BY_URL, RECEIVE,
     .script = ANSWER(FAULT_SEND(OK_HEAD "X: "), FAULT_DRIP("x", FAULT_FOREVER, 20))},
    {"second hop of a redirect", BY_URL, RECEIVE,
     .script = ANSWER(FAULT_SEND("HTTP/1.1 302 X\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"),
                      FAULT_READ_REQUEST, FAULT_MUTE)},
    {"body", BY_URL, RECEIVE, MUTE_AFTER(FAULT_SEND(LENGTH(1000)), FAULT_SEND_COUNTER(500))},
    {"body of a request", BY_REQUEST(send_request), RECEIVE,
     MUTE_AFTER(FAULT_SEND(LENGTH(1000)), FAULT_SEND_COUNTER(500))},
    {"body before its first byte", BY_URL, RECEIVE, MUTE_AFTER(FAULT_SEND(LENGTH(1000)))},
    {"chunk", BY_URL, RECEIVE, MUTE_AFTER(FAULT_SEND(CHUNKED "100\r\nsome"))},
    {"body that drips", BY_URL,
     .script = ANSWER(FAULT_SEND(CLOSES), FAULT_DRIP("x", FAULT_FOREVER, 20))},
    {"FTP greeting", BY_LOGON, RECEIVE, GREETS(FAULT_MUTE)},
    {"FTP greeting, by URL", BY_URL, FTP, RECEIVE, GREETS(FAULT_MUTE)},
    {"FTP logon: USER", BY_LOGON, RECEIVE, ON("USER", FAULT_MUTE)},
    {"FTP logon: PASS", BY_LOGON, RECEIVE, ON("PASS", FAULT_MUTE)},
    {"FTP logon, by URL", BY_URL, FTP, RECEIVE, ON("USER", FAULT_MUTE)},
    {"FTP logon that drips", BY_LOGON, RECEIVE,
     ON("PASS", FAULT_DRIP("230-x\r\n", FAULT_FOREVER, 20))},
    {"FTP command", BY_COMMAND, RECEIVE, ON("MKD", FAULT_MUTE)},
    {"FTP data connection", BY_FILE(read_file), RECEIVE, ON("PASV", FAULT_MUTE)},
    {"FTP RETR", BY_FILE(read_file), RECEIVE, ON("RETR", FAULT_MUTE)},
    {"FTP data", BY_FILE(read_file), DATA_RECEIVE,
     ON("RETR", COMES, DATA(FAULT_SEND_COUNTER(500), FAULT_MUTE))},
    {"FTP data, by URL", BY_URL, FTP, DATA_RECEIVE,
     ON("RETR", COMES, DATA(FAULT_SEND_COUNTER(500), FAULT_MUTE))},
    {"FTP end of data", BY_FILE(read_file), RECEIVE,
     ON("RETR", COMES, DATA(FAULT_SEND_COUNTER(500)), FAULT_MUTE)},
    {"FTP data that is written", BY_FILE(write_file), DATA_SEND,
     ON("STOR", COMES, DATA(FAULT_HOLD))},
    {"FTP close", BY_FILE(close_file), RECEIVE,
     ON("STOR", COMES, DATA(FAULT_READ_ALL), FAULT_MUTE)},
};

/* ---- each stall at each level ---------------------------------------------------------------- */

typedef struct deadline_row {
    const char *name;
    const stall *row;
    level at;
    bool total;
} deadline_row;

static fault_server *start(const stall *row)
{
    if (row->full)
        return fault_server_start_full();
    if (row->script != NULL)
        return fault_server_start(row->script);
    return row->resolves ? fault_server_start(fault_script_mute) : fault_ftp_start(&row->ftp);
}

/* What does not govern this stall must not end it. (It bounds the tear-down, too: a send of Wine 8
 * may miss that its peer has gone.) */
static void begin_session(client *me)
{
    static const DWORD others[] = {INTERNET_OPTION_CONNECT_TIMEOUT, INTERNET_OPTION_SEND_TIMEOUT,
                                   INTERNET_OPTION_RECEIVE_TIMEOUT,
                                   INTERNET_OPTION_DATA_SEND_TIMEOUT,
                                   INTERNET_OPTION_DATA_RECEIVE_TIMEOUT};
    const tin_handle session = me->trial->session;

    for (size_t i = 0; i < TEST_COUNT_OF(others); i++)
        if (!tin_ok(tin_set_option_dword(session, others[i], OTHERS_MS)))
            fault_complain(me->trial, "a time-out could not be set");
    set_timeout(me, session, ON_SESSION);
    if (!tin_ok(tin_set_status_callback(session, on_status, me)))
        fault_complain(me->trial, "no callback");
}

static void judge(client *me)
{
    const uint64_t ended = test_now_ms();
    const uint64_t took = ended - me->began;
    const unsigned timeout_ms = timeout_of(me);

    if (me->result.error != TIN_E_TIMEOUT)
        fault_complain(me->trial, "%s (%u) after %u ms", tin_error_name(me->result.error),
                       (unsigned)me->result.last_error, (unsigned)took);
    if (ended - me->called + TICK_MS < timeout_ms || took > timeout_ms + LATE_MS) {
        me->trial->late = me->result.error == TIN_E_TIMEOUT;
        fault_complain(me->trial, "%u ms became %u", timeout_ms, (unsigned)took);
    }
}

static void play_deadline(fault_trial *trial, const void *data)
{
    const deadline_row *row = data;
    client me = {.row = row->row, .at = row->at, .total = row->total, .trial = trial};
    const LONG number = InterlockedIncrement(&held_count) % HELD;

    me.server = start(me.row);
    if (me.server == NULL) /* this system refuses where others hang */
        return;
    if (me.row->resolves) {
        snprintf(me.host, sizeof me.host, "held-%ld.invalid", number);
        ResetEvent(held[number]);
    } else {
        strcpy(me.host, "127.0.0.1");
    }
    if (!tin_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &trial->session)))
        fault_complain(trial, "no session");
    begin_session(&me);
    me.row->run(&me);
    judge(&me);
    me.began = test_now_ms();
    if (!tin_ok(tin_close_handle(trial->session)))
        fault_complain(trial, "the session was not closed");
    if (test_now_ms() - me.began > LATE_MS) {
        trial->late = true;
        fault_complain(trial, "closing took %u ms", (unsigned)(test_now_ms() - me.began));
    }
    if (me.row->resolves)
        SetEvent(held[number]);
    fault_server_release(me.server);
    fault_server_stop(me.server);
}

static void run_stalls(level at, bool total)
{
    static deadline_row rows[TEST_COUNT_OF(stalls)];
    size_t count = 0;
    char phase[64];

    for (size_t i = 0; i < TEST_COUNT_OF(stalls); i++)
        if ((stalls[i].levels & 1u << at) != 0 && (total || stalls[i].option != 0) &&
            test_has_turn(i + at + total))
            rows[count++] = (deadline_row){stalls[i].name, &stalls[i], at, total};
    snprintf(phase, sizeof phase, "%s on the %s", total ? "total time-out" : "time-out",
             level_names[at]);
    fault_run_rows(phase,
                   &(fault_table){play_deadline, rows, sizeof rows[0], count, THREADS, false});
}

static void stalls_end_at_the_time_out_of_their_session(void **state)
{
    (void)state;
    run_stalls(ON_SESSION, false);
}

static void stalls_end_at_the_time_out_of_their_connection(void **state)
{
    (void)state;
    run_stalls(ON_CONNECTION, false);
}

static void stalls_end_at_their_own_time_out(void **state)
{
    (void)state;
    run_stalls(ON_FILE, false);
}

static void stalls_end_at_the_total_time_out_of_their_session(void **state)
{
    (void)state;
    run_stalls(ON_SESSION, true);
}

static void stalls_end_at_the_total_time_out_of_their_connection(void **state)
{
    (void)state;
    run_stalls(ON_CONNECTION, true);
}

static void stalls_end_at_their_own_total_time_out(void **state)
{
    (void)state;
    run_stalls(ON_FILE, true);
}

static int set_up(void **state)
{
    (void)state;
    large = calloc(1, LARGE);
    for (int i = 0; i < HELD; i++)
        held[i] = CreateEventW(NULL, TRUE, FALSE, NULL);
    return large == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    free(large);
    for (int i = 0; i < HELD; i++)
        CloseHandle(held[i]);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(stalls_end_at_the_time_out_of_their_session),
        cmocka_unit_test(stalls_end_at_the_time_out_of_their_connection),
        cmocka_unit_test(stalls_end_at_their_own_time_out),
        cmocka_unit_test(stalls_end_at_the_total_time_out_of_their_session),
        cmocka_unit_test(stalls_end_at_the_total_time_out_of_their_connection),
        cmocka_unit_test(stalls_end_at_their_own_total_time_out),
    };

    return test_run_group(tests, set_up, tear_down);
}
