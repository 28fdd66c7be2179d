/* SPDX-License-Identifier: MIT */
/*
 * Hostile answers over HTTP, made from a seed (support/fuzz_http.c): every call returns in time,
 * what is delivered was sent, what is short is never called whole, a failure stays.
 *
 * TIN_FUZZ_CASES is how many, TIN_FUZZ_SEED what they grow from; TIN_FUZZ_CASE repeats one.
 */
#include "test.h"

#include "chance.h"
#include "fault_server.h"
#include "fuzz_case.h"
#include "fuzz_http.h"
#include "internal.h"

#define DEFAULT_CASES 400u
#define CLIENTS 4u
#define TIMEOUT_MS 3000u /* of a step: nothing here is meant to come to it */
#define RETURN_MS 10000u
#define TRIES 5u
#define LONGEST_URL 20000u
#define RETRIES 5u    /* on connections that were kept, and that the server has closed meanwhile */
#define AGENT "fuzz-" /* and the client's number */
#define FLAGS (INTERNET_FLAG_RELOAD | INTERNET_FLAG_NO_CACHE_WRITE | INTERNET_FLAG_NO_COOKIES)

typedef struct test_client {
    unsigned first, step, end;
    tin_handle session;
    LONG requests;       /* that the case has sent */
    volatile LONG asked; /* requests of this client that the server has read */
    unsigned opened, whole, failed, strays;
    uint64_t longest_ms;
    volatile LONG failures;
    char failure[400];
} test_client;

static struct {
    unsigned seed;
    fault_server *server;
    test_client clients[CLIENTS];
} fuzz;

/* One case. */
typedef struct test_case {
    test_client *client;
    unsigned number;
    chance choices; /* what the client does */
    tin_handle connection, file;
    bool by_request;
    fuzz_http answer; /* the last hop's */
    BYTE *got;
    size_t size, capacity;
} test_case;

static void complain(const test_case *one, const char *what, tin_result result)
{
    if (InterlockedIncrement(&one->client->failures) == 1)
        snprintf(one->client->failure, sizeof one->client->failure,
                 "TIN_FUZZ_SEED=%u TIN_FUZZ_CASE=%u (%s, %u pieces): %s: %s (%u), %u bytes of %u",
                 fuzz.seed, one->number, one->answer.name, one->answer.pieces, what,
                 tin_error_name(result.error), result.last_error, (unsigned)one->size,
                 (unsigned)one->answer.body);
}

/* ---- the server ------------------------------------------------------------------------------ */

static bool send_answer(fault_connection *connection, const fuzz_http *answer)
{
    static const fault_step pause[] = {FAULT_PAUSE(1), FAULT_END};
    static const fault_step reset[] = {FAULT_RST, FAULT_END};

    for (unsigned i = 0; i < answer->pieces; i++) {
        const size_t begin = answer->size * i / answer->pieces;
        const size_t end = answer->size * (i + 1) / answer->pieces;

        if (!fault_send(connection, answer->wire + begin, end - begin) ||
            (i + 1 < answer->pieces && !fault_play(connection, pause)))
            return false;
    }
    return !answer->reset || fault_play(connection, reset);
}

static test_client *client_of(const char *message)
{
    const char *agent = strstr(message, "\r\nUser-Agent: " AGENT);
    unsigned number = CLIENTS;

    if (agent == NULL || sscanf(agent, "\r\nUser-Agent: " AGENT "%u", &number) != 1 ||
        number >= CLIENTS)
        abort();
    return &fuzz.clients[number];
}

/* Each answer ends its connection: none waits for a length that does not come. */
static bool serve(fault_connection *connection, const void *context)
{
    static const fault_step body[] = {FAULT_READ_BODY, FAULT_END};
    const char *message = fault_read_message(connection, "\r\n\r\n");
    unsigned number = 0, hop = 0;
    fuzz_http answer;
    bool sent;

    (void)context;
    if (message == NULL)
        return false;
    InterlockedIncrement(&client_of(message)->asked);
    (void)sscanf(message, "%*s /%u/%u", &number, &hop);
    if (!fault_play(connection, body))
        return false;
    answer = fuzz_http_answer(fuzz.seed, number, hop, fault_server_port(fuzz.server));
    sent = send_answer(connection, &answer);
    free(answer.wire);
    return sent;
}

/* ---- what must hold -------------------------------------------------------------------------- */

static void take(test_case *one, const BYTE *bytes, size_t size)
{
    if (size == 0)
        return;
    if (one->size + size > one->capacity) {
        one->capacity = (one->size + size) * 2;
        one->got = realloc(one->got, one->capacity);
        if (one->got == NULL)
            abort();
    }
    memcpy(one->got + one->size, bytes, size);
    one->size += size;
}

/* All bytes delivered were sent, in this order. */
static bool is_within(const test_case *one)
{
    size_t at = 0;

    for (size_t i = 0; i < one->answer.size && at < one->size; i++)
        at += (BYTE)one->answer.wire[i] == one->got[at];
    return at == one->size;
}

static void check_end(test_case *one, tin_result result, bool decodes)
{
    const fuzz_http *answer = &one->answer;
    /* with INTERNET_OPTION_HTTP_DECODING no length is known to be that of what is delivered */
    const bool counted = !decodes || !answer->announced;

    if (answer->plain && counted &&
        (one->size > answer->body || !fault_pattern_matches(answer->from, one->got, one->size)))
        complain(one, "what was delivered is no beginning of the body", result);
    if (answer->decoded && decodes && tin_ok(result) &&
        !fault_pattern_matches(answer->from, one->got, one->size))
        complain(one, "what was decoded is no beginning of the body", result);
    if (!decodes && !is_within(one))
        complain(one, "bytes were delivered that were not sent", result);
    if (answer->announced && counted && tin_ok(result) && one->size != answer->length)
        complain(one, "a length was announced, and another one delivered as whole", result);
    if (answer->whole && (answer->plain || (answer->decoded && decodes)) &&
        (!tin_ok(result) || (counted && one->size != answer->body)))
        complain(one, "a good answer was not read to its end", result);
}

static void check_that_it_stays(test_case *one, tin_result result)
{
    BYTE byte;

    for (int i = 0; i < 2; i++) {
        size_t got = 99;
        const tin_result again = tin_read_file(one->file, &byte, 1, &got);

        if (again.error != result.error || got != 0)
            complain(one, "a failure, or the end, did not stay", again);
    }
}

/* ---- the client ------------------------------------------------------------------------------ */

static tin_result read_some(test_case *one, BYTE *buffer, size_t size, size_t *got)
{
    size_t available = 99;
    tin_result result;

    switch (choose(&one->choices, 4)) {
    case 0:
        return tin_read_available(one->file, buffer, size, got);
    case 1:
        result = tin_query_data_available(one->file, &available);
        if (!tin_ok(result) && available != 0)
            complain(one, "bytes are available in spite of a failure", result);
        return tin_read_file(one->file, buffer, size, got);
    default:
        return tin_read_file(one->file, buffer, size, got);
    }
}

static tin_result read_all(test_case *one)
{
    static const size_t most[] = {1, 10, 100, 5000, 70000};
    const size_t limit = choose_from(&one->choices, most);
    BYTE *buffer = malloc(limit);
    size_t got = 1;
    tin_result result = {TIN_OK, 0};

    if (buffer == NULL)
        abort();
    for (unsigned reads = 0; tin_ok(result) && got != 0; reads++) {
        const size_t size = reads < 500 ? 1 + choose(&one->choices, (unsigned)limit) : limit;

        result = read_some(one, buffer, size, &got);
        if (!tin_ok(result) && got != 0)
            complain(one, "bytes were delivered with a failure", result);
        if (got > size)
            abort();
        take(one, buffer, got);
        if (limit == 1 && one->size > 300)
            break; /* enough of that: the rest below */
    }
    free(buffer);
    while (tin_ok(result) && got != 0) {
        BYTE rest[8000];

        result = tin_read_file(one->file, rest, sizeof rest, &got);
        take(one, rest, got);
    }
    return result;
}

static void ask(test_case *one)
{
    static const DWORD infos[] = {HTTP_QUERY_CONTENT_LENGTH, HTTP_QUERY_STATUS_CODE,
                                  HTTP_QUERY_LAST_MODIFIED,  HTTP_QUERY_RAW_HEADERS_CRLF,
                                  HTTP_QUERY_LOCATION,       HTTP_QUERY_EXPIRES};
    const DWORD info = choose_from(&one->choices, infos);
    char text[300];
    size_t size = choose(&one->choices, sizeof text);
    uint64_t number = 99;
    SYSTEMTIME time;
    DWORD status = 99, index = 0;
    tin_result result = tin_http_status(one->file, &status);

    if (tin_ok(result) ? status < 100 || status > 599 : status != 0)
        complain(one, "a status that is none", result);
    result = tin_http_query_info(one->file, info, text, &size, &index);
    if (!tin_ok(result) && result.error != TIN_E_BUFFER_TOO_SMALL && size != 0)
        complain(one, "a size in spite of a failure", result);
    result = tin_http_query_info_u64(one->file, info, &number, NULL);
    if (!tin_ok(result) && number != 0)
        complain(one, "a number in spite of a failure", result);
    result = tin_http_query_info_time(one->file, info, &time, NULL);
    if (!tin_ok(result) && (time.wYear != 0 || time.wDay != 0))
        complain(one, "a date in spite of a failure", result);
    size = sizeof text;
    (void)!tin_ok(tin_http_query_header(one->file, "X-Noise", text, &size, NULL));
    result = tin_get_length(one->file, &number);
    if (!tin_ok(result) && number != 0)
        complain(one, "a length in spite of a failure", result);
}

static tin_result open_url(test_case *one)
{
    char path[32];

    snprintf(path, sizeof path, "/%u/0", one->number);
    return tin_open_url(one->client->session, fault_server_url(fuzz.server, path), NULL, FLAGS,
                        NULL, &one->file);
}

static tin_result send_request(test_case *one)
{
    static const char *const verbs[] = {"GET", "GET", "POST", "PUT", "OPTIONS"};
    const char *verb = choose_from(&one->choices, verbs);
    char path[32];
    tin_result result;

    snprintf(path, sizeof path, "/%u/0", one->number);
    result = tin_connect(one->client->session, "127.0.0.1", fault_server_port(fuzz.server), NULL,
                         NULL, INTERNET_SERVICE_HTTP, 0, NULL, &one->connection);
    if (!tin_ok(result))
        return result;
    result = tin_http_open_request(one->connection, verb, path, NULL, NULL, NULL, FLAGS, NULL,
                                   &one->file);
    if (!tin_ok(result))
        return result;
    return tin_http_send_request(one->file, NULL, "body", *verb == 'P' ? 4 : 0);
}

/* The answer of the hop that the file stands at; a redirect may have led anywhere. */
static void find_last_answer(test_case *one)
{
    size_t size = LONGEST_URL;
    char *url = calloc(size, 1);
    unsigned number = 0, hop = 0;
    tin_result result;

    if (url == NULL)
        abort();
    result = tin_query_option_text(one->file, INTERNET_OPTION_URL, url, &size);
    if (!tin_ok(result))
        complain(one, "no URL", result);
    (void)sscanf(url, "http://127.0.0.1:%*u/%u/%u", &number, &hop); /* as the server reads it */
    free(url);
    free(one->answer.wire);
    one->answer = fuzz_http_answer(fuzz.seed, number, hop, fault_server_port(fuzz.server));
}

static tin_result open_case(test_case *one)
{
    return one->by_request ? send_request(one) : open_url(one);
}

static void close_case(test_case *one)
{
    const tin_handle handles[] = {one->file, one->connection};

    for (size_t i = 0; i < TEST_COUNT_OF(handles); i++) {
        const tin_result result =
            handles[i] != NULL ? tin_close_handle(handles[i]) : (tin_result){TIN_OK, 0};

        if (!tin_ok(result))
            complain(one, "closing failed", result);
    }
    one->file = one->connection = NULL;
}

static void count_redirects(tin_handle handle, void *context, const tin_status *status)
{
    test_client *client = context;

    (void)handle;
    client->requests += status->code == INTERNET_STATUS_REDIRECT;
}

/* What an earlier answer left on a connection that WinInet kept is taken for the next one's (Wine
 * 8), and a POST is not sent again where such a connection was gone. The server reads one request
 * of each connection, so it has not read those: such a try says nothing, and the case is tried
 * again. */
static tin_result open_in_the_end(test_case *one)
{
    test_client *client = one->client;

    for (unsigned tries = 1;; tries++) {
        const LONG before = client->asked;
        tin_result result;

        client->requests = 1;
        result = open_case(one);
        if (client->asked - before >= client->requests || !(tin_ok(result) || one->answer.whole))
            return result;
        if (tries == TRIES) {
            complain(one, "the server was never asked", result);
            return result;
        }
        client->strays++;
        close_case(one);
    }
}

static void run_case(test_client *client, unsigned number)
{
    test_case one = {
        .client = client, .number = number, .choices = chance_for(fuzz.seed + 1, number)};
    const bool decodes = once_in(&one.choices, 2);
    const uint64_t began = test_now_ms();
    uint64_t took_ms;
    tin_result result;

    one.by_request = once_in(&one.choices, 3);
    one.answer = fuzz_http_answer(fuzz.seed, number, 0, fault_server_port(fuzz.server));
    fuzz_case_begin((unsigned)(client - fuzz.clients), number, one.answer.name);
    if (!tin_ok(tin_set_option_dword(client->session, INTERNET_OPTION_HTTP_DECODING, decodes)))
        abort();
    result = open_in_the_end(&one);
    if (tin_ok(result)) {
        client->opened++;
        if (one.answer.redirects)
            find_last_answer(&one);
        ask(&one);
        result = read_all(&one);
        check_that_it_stays(&one, result);
        check_end(&one, result, decodes);
    } else {
        if (!one.by_request && one.file != NULL)
            complain(&one, "a handle in spite of a failure", result);
        if (one.answer.whole)
            complain(&one, "a good answer was refused", result);
    }
    client->whole += tin_ok(result);
    client->failed += !tin_ok(result);
    close_case(&one);
    took_ms = test_now_ms() - began;
    if (took_ms > RETURN_MS)
        complain(&one, "it took too long", result);
    if (took_ms > client->longest_ms)
        client->longest_ms = took_ms;
    free(one.answer.wire);
    free(one.got);
}

static void run_client(void *context)
{
    test_client *client = context;
    char agent[20];

    snprintf(agent, sizeof agent, AGENT "%u", (unsigned)(client - fuzz.clients));
    if (!tin_ok(tin_open(agent, INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &client->session)) ||
        !tin_ok(tin_set_status_callback(client->session, count_redirects, client)) ||
        !tin_ok(
            tin_set_option_dword(client->session, INTERNET_OPTION_CONNECT_TIMEOUT, TIMEOUT_MS)) ||
        !tin_ok(tin_set_option_dword(client->session, INTERNET_OPTION_CONNECT_RETRIES, RETRIES)) ||
        !tin_ok(tin_set_option_dword(client->session, INTERNET_OPTION_RECEIVE_TIMEOUT, TIMEOUT_MS)))
        abort();
    for (unsigned number = client->first; number < client->end; number += client->step)
        run_case(client, number);
    if (!tin_ok(tin_close_handle(client->session)))
        abort();
}

static void hostile_answers_do_no_harm(void **state)
{
    const unsigned cases = number_from_environment("TIN_FUZZ_CASES", DEFAULT_CASES);
    const unsigned one = number_from_environment("TIN_FUZZ_CASE", 0);
    const unsigned clients = one != 0 ? 1 : CLIENTS;
    test_thread *threads[CLIENTS];
    unsigned opened = 0, whole = 0, failed = 0, strays = 0;
    uint64_t longest_ms = 0;

    (void)state;
    memset(&fuzz, 0, sizeof fuzz);
    fuzz.seed = number_from_environment("TIN_FUZZ_SEED", (unsigned)GetTickCount64());
    print_message("TIN_FUZZ_CASES=%u TIN_FUZZ_SEED=%u\n", cases, fuzz.seed);
    fuzz_case_watch(fuzz.seed);
    fuzz.server = fault_server_start_call(serve, NULL);
    for (unsigned i = 0; i < clients; i++) {
        fuzz.clients[i].first = one != 0 ? one : i + 1;
        fuzz.clients[i].step = clients;
        fuzz.clients[i].end = one != 0 ? one + 1 : cases + 1;
        threads[i] = test_thread_start(run_client, &fuzz.clients[i]);
    }
    for (unsigned i = 0; i < clients; i++) {
        test_thread_join(threads[i], TEST_PATIENCE_MS + cases * 30);
        opened += fuzz.clients[i].opened;
        whole += fuzz.clients[i].whole;
        failed += fuzz.clients[i].failed;
        strays += fuzz.clients[i].strays;
        if (fuzz.clients[i].longest_ms > longest_ms)
            longest_ms = fuzz.clients[i].longest_ms;
    }
    fault_server_stop(fuzz.server);
    print_message("seed %u: %u answers, %u opened, %u read to their end, %u failed, %u tries "
                  "got what another had left; the longest took %u ms\n",
                  fuzz.seed, whole + failed, opened, whole, failed, strays, (unsigned)longest_ms);
    for (unsigned i = 0; i < clients; i++)
        if (fuzz.clients[i].failures != 0)
            fail_msg("%ld failures, the first: %s", fuzz.clients[i].failures,
                     fuzz.clients[i].failure);
    if (one == 0 && cases >= 100) /* the generator still makes both */
        assert_true(whole * 10 > cases && failed * 10 > cases);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_answers_do_no_harm),
    };

    return test_run_group(tests, NULL, NULL);
}
