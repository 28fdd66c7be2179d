/* SPDX-License-Identifier: MIT */
/* The fault server does what its scripts say, seen through plain Winsock clients. */
#include "test.h"

#include "fault_ftp.h"
#include "fault_server.h"

#include <ws2tcpip.h>

enum { SHORT_MS = 300 };

/* Wine 8 shows a client some resets of its connection as an orderly end: its server polls the
 * socket and so consumes the error. What must be a reset is tried until it is seen as one. */
enum { RESET_TRIALS = 50 };

#define GET "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static int start_winsock(void **state)
{
    WSADATA data;

    (void)state;
    return WSAStartup(MAKEWORD(2, 2), &data);
}

static int end_winsock(void **state)
{
    (void)state;
    return WSACleanup();
}

/* ---- The client: every wait is bounded by SO_RCVTIMEO and SO_SNDTIMEO ------------------------ */

static struct sockaddr_in loopback(unsigned short port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void set_patience(SOCKET client, DWORD ms)
{
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof(ms));
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, (const char *)&ms, sizeof(ms));
}

static SOCKET connect_to(const fault_server *server)
{
    struct sockaddr_in address = loopback(fault_server_port(server));
    SOCKET client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

    set_patience(client, TEST_PATIENCE_MS);
    assert_int_equal(connect(client, (const struct sockaddr *)&address, sizeof(address)), 0);
    return client;
}

static void client_send(SOCKET client, const char *text)
{
    assert_int_equal(send(client, text, (int)strlen(text), 0), strlen(text));
}

static SOCKET connect_and_send(const fault_server *server, const char *text)
{
    SOCKET client = connect_to(server);

    client_send(client, text);
    return client;
}

/* Fills \p bytes unless the connection ends first; what ended it is 0, or Winsock's error. */
static size_t client_read(SOCKET client, void *bytes, size_t size, int *ended)
{
    size_t total = 0;
    int got = 1;

    *ended = 0;
    while (total < size && got > 0) {
        got = recv(client, (char *)bytes + total, (int)(size - total), 0);
        if (got > 0)
            total += (size_t)got;
    }
    if (got < 0)
        *ended = WSAGetLastError();
    return total;
}

static void assert_reads(SOCKET client, const char *expected)
{
    char text[4096];
    int ended;
    size_t got;

    assert_in_range(strlen(expected), 0, sizeof(text) - 1);
    got = client_read(client, text, strlen(expected), &ended);
    text[got] = '\0';
    if (strcmp(text, expected) != 0)
        fail_msg("read \"%s\" instead of \"%s\" (Winsock error %d)", text, expected, ended);
}

static void assert_ends(SOCKET client, int expected)
{
    char byte;
    int ended;

    assert_int_equal(client_read(client, &byte, 1, &ended), 0);
    assert_int_equal(ended, expected);
}

static void assert_silent(SOCKET client)
{
    set_patience(client, SHORT_MS);
    assert_ends(client, WSAETIMEDOUT);
    set_patience(client, TEST_PATIENCE_MS);
}

static void assert_comes(fault_server *server, fault_counter counter, uint64_t count)
{
    assert_true(fault_server_wait(server, counter, count, TEST_PATIENCE_MS));
}

/* ---- Sending and ending ---------------------------------------------------------------------- */

static void send_keeps_nuls_and_ends_with_fin(void **state)
{
    static const fault_step script[] = {FAULT_SEND("a\0b"), FAULT_END};
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_to(server);
    char bytes[8];
    int ended;

    (void)state;
    assert_int_equal(client_read(client, bytes, sizeof(bytes), &ended), 3);
    assert_int_equal(ended, 0);
    assert_memory_equal(bytes, "a\0b", 3);
    closesocket(client);
    assert_comes(server, FAULT_CLOSED, 1);
    fault_server_stop(server);
}

static void end_does_not_reset_a_client_that_still_sends(void **state)
{
    static const fault_step script[] = {FAULT_SEND(OK), FAULT_END};
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_and_send(server, GET GET GET);

    (void)state;
    assert_reads(client, OK);
    assert_ends(client, 0);
    client_send(client, GET);
    client_send(client, GET);
    closesocket(client);
    fault_server_stop(server);
}

static void send_times_repeats(void **state)
{
    static const fault_step script[] = {FAULT_SEND_TIMES("ab", 3), FAULT_SEND("."), FAULT_END};
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_to(server);

    (void)state;
    assert_reads(client, "ababab.");
    assert_ends(client, 0);
    closesocket(client);
    fault_server_stop(server);
}

static void endless_send_ends_when_the_client_goes(void **state)
{
    static const fault_step script[] = {FAULT_SEND_TIMES("ab", FAULT_FOREVER), FAULT_END};
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_to(server);

    (void)state;
    assert_reads(client, "abababab");
    closesocket(client);
    assert_comes(server, FAULT_CLOSED, 1);
    fault_server_stop(server);
}

static void drip_rests_between_pieces(void **state)
{
    static const fault_step script[] = {FAULT_DRIP("x", 5, 50), FAULT_END};
    fault_server *server = fault_server_start(script);
    uint64_t start = test_now_ms();
    SOCKET client = connect_to(server);

    (void)state;
    assert_reads(client, "xxxxx");
    assert_ends(client, 0);
    assert_in_range(test_now_ms() - start, 200, TEST_PATIENCE_MS);
    closesocket(client);
    fault_server_stop(server);
}

static void pause_delays(void **state)
{
    static const fault_step script[] = {FAULT_PAUSE(150), FAULT_SEND("x"), FAULT_END};
    fault_server *server = fault_server_start(script);
    uint64_t start = test_now_ms();
    SOCKET client = connect_to(server);

    (void)state;
    assert_reads(client, "x");
    assert_in_range(test_now_ms() - start, 130, TEST_PATIENCE_MS);
    closesocket(client);
    fault_server_stop(server);
}

static void send_filled_names_the_port(void **state)
{
    static const fault_step script[] = {FAULT_SEND_FILLED("[{port}][{port}] {"), FAULT_END};
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_to(server);
    char expected[64];

    (void)state;
    snprintf(expected, sizeof(expected), "[%u][%u] {", fault_server_port(server),
             fault_server_port(server));
    assert_reads(client, expected);
    closesocket(client);
    fault_server_stop(server);
}

/* How the connection ends for a client that sends \p text and has received what there was: 0, or
 * Winsock's error. */
static int play_ending(const fault_step *script, const char *text)
{
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_and_send(server, text);
    char byte;
    int ended;

    assert_reads(client, "x");
    fault_server_release(server);
    assert_int_equal(client_read(client, &byte, 1, &ended), 0);
    closesocket(client);
    fault_server_stop(server);
    return ended;
}

static void endings_are_seen_as_such(void **state)
{
    static const fault_step fin[] = {FAULT_SEND("x"), FAULT_HOLD, FAULT_FIN, FAULT_END};
    static const fault_step rst[] = {FAULT_SEND("x"), FAULT_HOLD, FAULT_RST, FAULT_END};
    static const fault_step close[] = {FAULT_SEND("x"), FAULT_HOLD, FAULT_CLOSE, FAULT_END};
    static const struct {
        const char *name;
        const fault_step *script;
        const char *sent;
        bool resets;
    } rows[] = {
        {"FIN", fin, "", false},
        {"FIN, bytes unread", fin, GET, false},
        {"RST", rst, "", true},
        {"CLOSE, everything read", close, "", false},
        {"CLOSE, bytes unread", close, GET, true},
    };
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        int ended = 0;
        int trial;

        for (trial = 0; trial < RESET_TRIALS && ended == 0; trial++)
            ended = play_ending(rows[i].script, rows[i].sent);
        if (ended != (rows[i].resets ? WSAECONNRESET : 0))
            fail_msg("%s: ended with %d", rows[i].name, ended);
    }
}

static void fin_leaves_the_other_direction_open(void **state)
{
    static const fault_step script[] = {FAULT_SEND("x"), FAULT_FIN, FAULT_READ_REQUEST, FAULT_END};
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_to(server);

    (void)state;
    assert_reads(client, "x");
    assert_ends(client, 0);
    client_send(client, GET);
    assert_comes(server, FAULT_REQUESTS, 1);
    closesocket(client);
    fault_server_stop(server);
}

/* ---- The pattern ----------------------------------------------------------------------------- */

static void pattern_is_the_same_from_any_offset(void **state)
{
    static const uint64_t offsets[] = {0, 1, 7, 8, 4096, 0xFFFFFFFF, 0x100000001, 1ull << 62};
    uint8_t whole[64];
    uint8_t part[32];
    size_t i;
    size_t skip_bytes;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(offsets); i++) {
        fault_pattern_fill(offsets[i], whole, sizeof(whole));
        for (skip_bytes = 0; skip_bytes < 32; skip_bytes++) {
            fault_pattern_fill(offsets[i] + skip_bytes, part, sizeof(part));
            assert_memory_equal(part, whole + skip_bytes, sizeof(part));
        }
        assert_true(fault_pattern_matches(offsets[i], whole, sizeof(whole)));
        assert_false(fault_pattern_matches(offsets[i] + 8, whole, sizeof(whole)));
        whole[63] ^= 1;
        assert_false(fault_pattern_matches(offsets[i], whole, sizeof(whole)));
    }
}

/* Reads \p size bytes; returns whether they were the pattern from \p offset on. */
static bool reads_pattern(SOCKET client, uint64_t offset, uint64_t size)
{
    enum { BLOCK = 1 << 20 };
    char *block = malloc(BLOCK);
    bool right = block != NULL;

    while (right && size > 0) {
        size_t part = size < BLOCK ? (size_t)size : BLOCK;
        int ended;

        right = client_read(client, block, part, &ended) == part &&
                fault_pattern_matches(offset, block, part);
        offset += part;
        size -= part;
    }
    free(block);
    return right;
}

static void counter_goes_on_until_the_next_request(void **state)
{
    static const fault_step script[] = {
        FAULT_READ_REQUEST,     FAULT_SEND_COUNTER(70001), FAULT_SEND("|"), FAULT_SEND_COUNTER(99),
        FAULT_SEEK(1ull << 33), FAULT_SEND_COUNTER(10),    FAULT_AGAIN,
    };
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_to(server);
    int round;

    (void)state;
    for (round = 0; round < 2; round++) {
        client_send(client, GET);
        assert_true(reads_pattern(client, 0, 70001));
        assert_reads(client, "|");
        assert_true(reads_pattern(client, 70001, 99));
        assert_true(reads_pattern(client, 1ull << 33, 10));
    }
    closesocket(client);
    fault_server_stop(server);
}

static void counter_passes_4_gib(void **state)
{
    static const uint64_t before = (1ull << 32) - 100000;
    static const fault_step script[] = {FAULT_SEEK((1ull << 32) - 100000),
                                        FAULT_SEND_COUNTER(200000), FAULT_END};
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_to(server);

    (void)state;
    assert_true(reads_pattern(client, before, 200000));
    assert_ends(client, 0);
    closesocket(client);
    assert_int_equal(fault_server_count(server, FAULT_BYTES_SENT), 200000);
    fault_server_stop(server);
}

static void amounts_have_64_bits(void **state)
{
    static const fault_step script[] = {FAULT_SEND_COUNTER((1ull << 32) + 5), FAULT_END};
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_to(server);

    (void)state;
    assert_true(reads_pattern(client, 0, 8 << 20));
    closesocket(client);
    fault_server_stop(server);
}

/* ---- Requests -------------------------------------------------------------------------------- */

static void request_and_body_are_kept(void **state)
{
    static const fault_step script[] = {FAULT_READ_REQUEST, FAULT_READ_BODY, FAULT_SEND(OK),
                                        FAULT_END};
    static const char request[] = "POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\n12345";
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_and_send(server, "POST / HT");
    char text[256];

    (void)state;
    client_send(client, "TP/1.1\r\ncontent-length: 5\r\n\r");
    assert_false(fault_server_wait(server, FAULT_REQUESTS, 1, 50));
    client_send(client, "\n123");
    assert_comes(server, FAULT_REQUESTS, 1);
    assert_false(fault_server_wait(server, FAULT_BODIES, 1, 50));
    client_send(client, "45");
    assert_comes(server, FAULT_BODIES, 1);
    assert_reads(client, OK);
    assert_int_equal(fault_server_request(server, 0, text, sizeof(text)), sizeof(request) - 1);
    assert_string_equal(text, request);
    assert_int_equal(fault_server_request(server, 0, text, 5), sizeof(request) - 1);
    assert_string_equal(text, "POST");
    assert_int_equal(fault_server_request(server, 1, text, sizeof(text)), 0);
    assert_string_equal(text, "");
    closesocket(client);
    fault_server_stop(server);
}

static void long_request_is_read_whole(void **state)
{
    static const fault_step script[] = {FAULT_READ_REQUEST, FAULT_SEND(OK), FAULT_END};
    enum { SIZE = 100 * 1024 };
    char *request = calloc(1, SIZE + 1);
    char *kept = calloc(1, SIZE + 1);
    fault_server *server = fault_server_start(script);
    SOCKET client;

    (void)state;
    memset(request, 'a', SIZE);
    memcpy(request + SIZE - 4, "\r\n\r\n", 4);
    client = connect_and_send(server, request);
    assert_reads(client, OK);
    assert_int_equal(fault_server_request(server, 0, kept, SIZE + 1), SIZE);
    assert_memory_equal(kept, request, SIZE);
    closesocket(client);
    fault_server_stop(server);
    free(request);
    free(kept);
}

static void read_all_reads_to_the_clients_end(void **state)
{
    static const fault_step script[] = {FAULT_READ_REQUEST, FAULT_READ_ALL, FAULT_SEND("thanks"),
                                        FAULT_END};
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_and_send(server, "PUT\r\n\r\nabc");
    char text[64];

    (void)state;
    client_send(client, "def");
    shutdown(client, SD_SEND);
    assert_reads(client, "thanks");
    fault_server_request(server, 0, text, sizeof(text));
    assert_string_equal(text, "PUT\r\n\r\nabcdef");
    closesocket(client);
    fault_server_stop(server);
}

static void kept_connection_serves_pipelined_requests(void **state)
{
    static const fault_step script[] = {FAULT_READ_REQUEST, FAULT_SEND(OK), FAULT_AGAIN};
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_and_send(server, GET GET GET);

    (void)state;
    assert_reads(client, OK OK OK);
    assert_int_equal(fault_server_count(server, FAULT_CONNECTIONS), 1);
    assert_int_equal(fault_server_count(server, FAULT_REQUESTS), 3);
    closesocket(client);
    assert_comes(server, FAULT_CLOSED, 1);
    fault_server_stop(server);
}

static void only_the_last_requests_are_kept(void **state)
{
    static const fault_step script[] = {FAULT_READ_REQUEST, FAULT_SEND("."), FAULT_AGAIN};
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_to(server);
    char text[64];
    int i;

    (void)state;
    for (i = 0; i < 300; i++) {
        snprintf(text, sizeof(text), "%d\r\n\r\n", i);
        client_send(client, text);
        assert_reads(client, ".");
    }
    assert_int_equal(fault_server_request(server, 43, text, sizeof(text)), 0);
    assert_int_equal(fault_server_request(server, 44, text, sizeof(text)), 6);
    assert_string_equal(text, "44\r\n\r\n");
    fault_server_request(server, 299, text, sizeof(text));
    assert_string_equal(text, "299\r\n\r\n");
    closesocket(client);
    fault_server_stop(server);
}

/* ---- Which script ---------------------------------------------------------------------------- */

static void nth_connection_plays_nth_script(void **state)
{
    static const fault_step first[] = {FAULT_SEND("1"), FAULT_END};
    static const fault_step second[] = {FAULT_SEND("2"), FAULT_END};
    static const fault_step *const scripts[] = {first, second, NULL};
    static const char *const expected[] = {"1", "2", "2", "2"};
    fault_server *server = fault_server_start_many(scripts);
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(expected); i++) {
        SOCKET client = connect_to(server);

        assert_reads(client, expected[i]);
        closesocket(client);
    }
    fault_server_stop(server);
}

static void routes_go_by_path(void **state)
{
    static const fault_step a[] = {FAULT_SEND("a"), FAULT_AGAIN};
    static const fault_step post[] = {FAULT_READ_BODY, FAULT_SEND("posted"), FAULT_AGAIN};
    static const fault_step tunnel[] = {FAULT_SEND("no tunnel"), FAULT_AGAIN};
    static const fault_step last[] = {FAULT_SEND("last"), FAULT_END};
    static const fault_route routes[] = {
        {"/a", a}, {"/post", post}, {"host:443", tunnel}, {"/last", last}, {NULL, NULL},
    };
    static const struct {
        const char *request;
        const char *answer;
    } rows[] = {
        {GET, "a"},
        {"GET /a?b=/post HTTP/1.1\r\n\r\n", "a"},
        {"GET http://host:80/a HTTP/1.1\r\n\r\n", "a"},
        {"GET /a/ HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
        {"GET /A HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
        {"POST /post HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "posted"},
        {"CONNECT host:443 HTTP/1.1\r\n\r\n", "no tunnel"},
        {"GET /last HTTP/1.1\r\n\r\n", "last"},
    };
    fault_server *server = fault_server_start_routes(routes);
    SOCKET client = connect_to(server);
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        client_send(client, rows[i].request);
        assert_reads(client, rows[i].answer);
    }
    assert_ends(client, 0);
    closesocket(client);
    fault_server_stop(server);
}

static void star_route_takes_the_rest(void **state)
{
    static const fault_step other[] = {FAULT_SEND("other"), FAULT_AGAIN};
    static const fault_route routes[] = {{"*", other}, {NULL, NULL}};
    fault_server *server = fault_server_start_routes(routes);
    SOCKET client = connect_and_send(server, GET);

    (void)state;
    assert_reads(client, "other");
    closesocket(client);
    fault_server_stop(server);
}

static bool answer_with_length(fault_connection *connection, const void *context)
{
    const fault_step tail[] = {FAULT_SEND("!"), FAULT_END};

    return fault_send_format(connection, "%s %u", (const char *)context,
                             (unsigned)strlen(fault_last_message(connection))) &&
           fault_play(connection, tail);
}

static void call_answers_by_a_function(void **state)
{
    static const fault_step script[] = {FAULT_READ_REQUEST, FAULT_CALL(answer_with_length, "got"),
                                        FAULT_AGAIN};
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_and_send(server, "a\r\n\r\nab\r\n\r\n");

    (void)state;
    assert_reads(client, "got 5!got 6!");
    closesocket(client);
    fault_server_stop(server);
}

/* ---- Stalls ---------------------------------------------------------------------------------- */

static void hold_lasts_until_the_release(void **state)
{
    static const fault_step script[] = {FAULT_SEND("a"), FAULT_HOLD, FAULT_SEND("b"), FAULT_HOLD,
                                        FAULT_SEND("c"), FAULT_HOLD, FAULT_SEND("d"), FAULT_END};
    fault_server *server = fault_server_start(script);
    SOCKET client = connect_to(server);

    (void)state;
    assert_reads(client, "a");
    assert_comes(server, FAULT_HOLDS, 1);
    assert_silent(client);
    fault_server_release_one(server);
    assert_reads(client, "b");
    assert_comes(server, FAULT_HOLDS, 2);
    assert_silent(client);
    fault_server_release(server);
    assert_reads(client, "cd");
    assert_ends(client, 0);
    closesocket(client);
    fault_server_stop(server);
}

static void hold_ends_when_the_client_goes(void **state)
{
    static const fault_step hold[] = {FAULT_READ_REQUEST, FAULT_HOLD, FAULT_END};
    static const fault_step mute[] = {FAULT_MUTE, FAULT_END};
    static const fault_step *const scripts[] = {hold, mute};
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(scripts); i++) {
        fault_server *server = fault_server_start(scripts[i]);
        SOCKET client = connect_and_send(server, GET);

        assert_comes(server, FAULT_HOLDS, 1);
        assert_int_equal(fault_server_count(server, FAULT_CLOSED), 0);
        closesocket(client);
        assert_comes(server, FAULT_CLOSED, 1);
        fault_server_stop(server);
    }
}

static void mute_reads_but_does_not_speak(void **state)
{
    fault_server *server = fault_server_start(fault_script_mute);
    SOCKET client = connect_to(server);
    static char flood[1 << 20];
    int i;

    (void)state;
    for (i = 0; i < 32; i++)
        assert_int_equal(send(client, flood, sizeof(flood), 0), sizeof(flood));
    assert_silent(client);
    assert_comes(server, FAULT_BYTES_RECEIVED, 32u << 20);
    closesocket(client);
    fault_server_stop(server);
}

static void sink_blocks_the_sender(void **state)
{
    fault_server *server = fault_server_start(fault_script_sink);
    SOCKET client = connect_to(server);
    static char flood[1 << 20];
    int sent = 1;
    int i;

    (void)state;
    set_patience(client, SHORT_MS);
    for (i = 0; i < 256 && sent > 0; i++)
        sent = send(client, flood, sizeof(flood), 0);
    assert_int_equal(sent, SOCKET_ERROR);
    assert_int_equal(WSAGetLastError(), WSAETIMEDOUT);
    assert_int_equal(fault_server_count(server, FAULT_BYTES_RECEIVED), 0);
    closesocket(client);
    fault_server_stop(server);
}

static void refusing_port_refuses(void **state)
{
    fault_server *server = fault_server_start_refusing();
    struct sockaddr_in address = loopback(fault_server_port(server));
    SOCKET client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

    (void)state;
    assert_int_equal(connect(client, (const struct sockaddr *)&address, sizeof(address)), -1);
    assert_int_equal(WSAGetLastError(), WSAECONNREFUSED);
    closesocket(client);
    fault_server_stop(server);
}

static void full_port_lets_connect_hang(void **state)
{
    fault_server *server = fault_server_start_full();
    struct timeval patience = {1, 500 * 1000};
    struct sockaddr_in address;
    SOCKET client;
    u_long on = 1;
    fd_set done;

    (void)state;
    if (server == NULL)
        test_skip("connect does not hang on this system when a queue is full");
    address = loopback(fault_server_port(server));
    client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    ioctlsocket(client, (long)FIONBIO, &on);
    FD_ZERO(&done);
    FD_SET(client, &done);
    assert_int_equal(connect(client, (const struct sockaddr *)&address, sizeof(address)), -1);
    assert_int_equal(WSAGetLastError(), WSAEWOULDBLOCK);
    assert_int_equal(select(0, NULL, &done, NULL, &patience), 0);
    closesocket(client);
    fault_server_stop(server);
}

/* ---- FTP ------------------------------------------------------------------------------------- */

/* Says each command after the answer to the one before; the first answer is the greeting. */
static void converse(SOCKET control, const char *const *commands, const char *const *answers)
{
    assert_reads(control, *answers);
    for (; *commands != NULL; commands++) {
        client_send(control, *commands);
        assert_reads(control, *++answers);
    }
}

static SOCKET log_in(const fault_server *server)
{
    static const char *const commands[] = {"USER me\r\n", "PASS secret\r\n", NULL};
    static const char *const answers[] = {"220 OK\r\n", "331 OK\r\n", "230 OK\r\n"};
    SOCKET control = connect_to(server);

    converse(control, commands, answers);
    return control;
}

static void read_line(SOCKET client, char *line, size_t size)
{
    size_t length = 0;
    int ended;

    while (length + 1 < size && client_read(client, line + length, 1, &ended) == 1) {
        if (line[length++] == '\n')
            break;
    }
    line[length] = '\0';
}

static SOCKET open_passive(SOCKET control, bool extended)
{
    SOCKET client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    struct sockaddr_in address;
    unsigned high = 0;
    unsigned low = 0;
    char line[128];

    client_send(control, extended ? "EPSV\r\n" : "PASV\r\n");
    read_line(control, line, sizeof(line));
    if (extended)
        assert_int_equal(sscanf(line, "229 %*[^(](|||%u|)", &low), 1);
    else
        assert_int_equal(sscanf(line, "227 %*[^(](127,0,0,1,%u,%u)", &high, &low), 2);
    address = loopback((unsigned short)(high << 8 | low));
    set_patience(client, TEST_PATIENCE_MS);
    assert_int_equal(connect(client, (const struct sockaddr *)&address, sizeof(address)), 0);
    return client;
}

static void ftp_greets_and_logs_in(void **state)
{
    static const char *const commands[] = {
        "USER me\r\n",       "PASS secret\r\n", "TYPE I\r\n", "PWD\r\n", "SIZE a.txt\r\n",
        "SPAM and eggs\r\n", "TYPES\r\n",       "QUIT\r\n",   NULL,
    };
    static const char *const answers[] = {
        "220 OK\r\n",         "331 OK\r\n",       "230 OK\r\n",       "200 OK\r\n", "257 \"/\"\r\n",
        "213 8589934592\r\n", "502 Not here\r\n", "502 Not here\r\n", "221 OK\r\n",
    };
    fault_server *server = fault_ftp_start(&(fault_ftp){.size = 1ull << 33});
    SOCKET control = connect_to(server);
    char text[64];

    (void)state;
    converse(control, commands, answers);
    assert_ends(control, 0);
    assert_int_equal(fault_server_count(server, FAULT_REQUESTS), 8);
    fault_server_request(server, 1, text, sizeof(text));
    assert_string_equal(text, "PASS secret\r\n");
    closesocket(control);
    fault_server_stop(server);
}

static void ftp_sends_files_passive_and_resumed(void **state)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){.size = 100000});
    SOCKET control = log_in(server);
    SOCKET data = open_passive(control, false);

    (void)state;
    client_send(control, "RETR a.bin\r\n");
    assert_reads(control, "150 OK\r\n");
    assert_true(reads_pattern(data, 0, 100000));
    assert_ends(data, 0);
    assert_reads(control, "226 OK\r\n");
    closesocket(data);

    data = open_passive(control, true);
    client_send(control, "REST 99900\r\n");
    assert_reads(control, "350 99900\r\n");
    client_send(control, "RETR a.bin\r\n");
    assert_true(reads_pattern(data, 99900, 100));
    assert_ends(data, 0);
    closesocket(data);
    closesocket(control);
    fault_server_stop(server);
}

static void ftp_connects_to_an_active_client(void **state)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){.size = 10});
    SOCKET control = log_in(server);
    size_t i;

    (void)state;
    for (i = 0; i < 2; i++) {
        SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
        struct sockaddr_in address = loopback(0);
        int size = sizeof(address);
        unsigned port;
        char command[64];
        SOCKET data;

        assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(listen(listener, 1), 0);
        getsockname(listener, (struct sockaddr *)&address, &size);
        port = ntohs(address.sin_port);
        if (i == 0)
            snprintf(command, sizeof(command), "PORT 127,0,0,1,%u,%u\r\n", port >> 8, port & 255);
        else
            snprintf(command, sizeof(command), "EPRT |1|127.0.0.1|%u|\r\n", port);
        client_send(control, command);
        assert_reads(control, "200 OK\r\n");
        client_send(control, "RETR a.bin\r\n");
        data = accept(listener, NULL, NULL);
        assert_true(reads_pattern(data, 0, 10));
        assert_ends(data, 0);
        assert_reads(control, "150 OK\r\n226 OK\r\n");
        closesocket(data);
        closesocket(listener);
    }
    closesocket(control);
    fault_server_stop(server);
}

static void ftp_keeps_uploads(void **state)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){0});
    SOCKET control = log_in(server);
    SOCKET data = open_passive(control, false);
    char text[64];

    (void)state;
    client_send(control, "STOR up.txt\r\n");
    assert_reads(control, "150 OK\r\n");
    client_send(data, "what I say");
    closesocket(data);
    assert_reads(control, "226 OK\r\n");
    fault_server_request(server, 3, text, sizeof(text));
    assert_string_equal(text, "STOR up.txt\r\nwhat I say");
    closesocket(control);
    fault_server_stop(server);
}

static void ftp_faults_of_the_control_connection(void **state)
{
    static const fault_step oops[] = {FAULT_SEND("500 OOPS\r\n"), FAULT_END};
    static const fault_step no_login[] = {FAULT_SEND("530 No\r\n"), FAULT_END};
    static const fault_step missing[] = {FAULT_SEND("550 No such file\r\n"), FAULT_END};
    static const fault_step reset[] = {FAULT_RST, FAULT_END};
    static const fault_route replies[] = {
        {"PASS", no_login}, {"RETR missing.txt", missing}, {"NOOP", reset}, {NULL, NULL}};
    static const char *const commands[] = {"USER me\r\n", "PASS x\r\n", "RETR missing.txt\r\n",
                                           "SYST\r\n", NULL};
    static const char *const answers[] = {"500 OOPS\r\n", "331 OK\r\n", "530 No\r\n",
                                          "550 No such file\r\n", "215 UNIX Type: L8\r\n"};
    fault_server *server = fault_ftp_start(&(fault_ftp){.greeting = oops, .replies = replies});
    SOCKET control = connect_to(server);

    (void)state;
    converse(control, commands, answers);
    client_send(control, "NOOP\r\n");
    assert_comes(server, FAULT_CLOSED, 1);
    closesocket(control);
    fault_server_stop(server);
}

static void ftp_mute_greeting_stalls(void **state)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){.greeting = fault_script_mute});
    SOCKET control = connect_to(server);

    (void)state;
    assert_comes(server, FAULT_HOLDS, 1);
    assert_silent(control);
    closesocket(control);
    assert_comes(server, FAULT_CLOSED, 1);
    fault_server_stop(server);
}

/* Asks for a file, of which 500 bytes come before the data connection ends, then 426. */
static int play_data_ending(const fault_step *reply)
{
    const fault_route replies[] = {{"RETR", reply}, {NULL, NULL}};
    fault_server *server = fault_ftp_start(&(fault_ftp){.replies = replies, .size = 1000});
    SOCKET control = log_in(server);
    SOCKET data = open_passive(control, false);
    char byte;
    int ended;

    client_send(control, "RETR a.bin\r\n");
    assert_reads(control, "150 -\r\n");
    assert_true(reads_pattern(data, 0, 500));
    fault_server_release(server);
    assert_int_equal(client_read(data, &byte, 1, &ended), 0);
    assert_reads(control, "426 lost\r\n");
    closesocket(data);
    closesocket(control);
    fault_server_stop(server);
    return ended;
}

static void ftp_faults_of_the_data_connection(void **state)
{
    static const fault_step cut[] = {FAULT_SEND_COUNTER(500), FAULT_END};
    static const fault_step rst[] = {FAULT_SEND_COUNTER(500), FAULT_HOLD, FAULT_RST, FAULT_END};
    static const fault_step reply_cut[] = {FAULT_SEND("150 -\r\n"), FAULT_FTP_DATA(cut),
                                           FAULT_SEND("426 lost\r\n"), FAULT_END};
    static const fault_step reply_rst[] = {FAULT_SEND("150 -\r\n"), FAULT_FTP_DATA(rst),
                                           FAULT_SEND("426 lost\r\n"), FAULT_END};
    int ended = 0;
    int trial;

    (void)state;
    assert_int_equal(play_data_ending(reply_cut), 0);
    for (trial = 0; trial < RESET_TRIALS && ended == 0; trial++)
        ended = play_data_ending(reply_rst);
    assert_int_equal(ended, WSAECONNRESET);
}

static void ftp_data_connection_stalls(void **state)
{
    static const fault_step stall[] = {FAULT_SEND_COUNTER(500), FAULT_HOLD, FAULT_SEND_COUNTER(500),
                                       FAULT_END};
    static const fault_step reply[] = {FAULT_SEND("150 -\r\n"), FAULT_FTP_DATA(stall),
                                       FAULT_SEND("226 -\r\n"), FAULT_END};
    static const fault_route replies[] = {{"RETR", reply}, {NULL, NULL}};
    fault_server *server = fault_ftp_start(&(fault_ftp){.replies = replies});
    SOCKET control = log_in(server);
    SOCKET data = open_passive(control, false);

    (void)state;
    client_send(control, "RETR a.bin\r\n");
    assert_true(reads_pattern(data, 0, 500));
    assert_comes(server, FAULT_HOLDS, 1);
    assert_silent(data);
    fault_server_release(server);
    assert_true(reads_pattern(data, 500, 500));
    assert_ends(data, 0);
    assert_reads(control, "150 -\r\n226 -\r\n");
    closesocket(data);
    closesocket(control);
    fault_server_stop(server);
}

/* ---- Stopping, and many at once -------------------------------------------------------------- */

static void stop_ends_every_kind_of_wait(void **state)
{
    static const fault_step reading[] = {FAULT_SEND("x"), FAULT_READ_REQUEST, FAULT_END};
    static const fault_step sending[] = {FAULT_SEND_TIMES("x", FAULT_FOREVER), FAULT_END};
    static const fault_step pausing[] = {FAULT_SEND("x"), FAULT_PAUSE(100000), FAULT_END};
    static const fault_step holding[] = {FAULT_SEND("x"), FAULT_HOLD, FAULT_END};
    static const fault_step mute[] = {FAULT_SEND("x"), FAULT_MUTE, FAULT_END};
    static const fault_step draining[] = {FAULT_SEND("x"), FAULT_END};
    static const fault_step *const scripts[] = {reading, sending, pausing, holding, mute, draining};
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(scripts); i++) {
        fault_server *server = fault_server_start(scripts[i]);
        SOCKET client = connect_to(server);
        uint64_t start;

        assert_reads(client, "x");
        start = test_now_ms();
        fault_server_stop(server);
        assert_in_range(test_now_ms() - start, 0, 1000);
        closesocket(client);
    }
}

static void wait_gives_up_in_time(void **state)
{
    fault_server *server = fault_server_start(fault_script_mute);
    uint64_t start = test_now_ms();

    (void)state;
    assert_false(fault_server_wait(server, FAULT_CONNECTIONS, 1, 100));
    assert_in_range(test_now_ms() - start, 80, TEST_PATIENCE_MS);
    assert_true(fault_server_wait(server, FAULT_CONNECTIONS, 0, 0));
    fault_server_stop(server);
}

static void urls_name_the_server(void **state)
{
    fault_server *server = fault_server_start(fault_script_mute);
    const char *first = fault_server_url(server, "/a");
    char expected[64];

    (void)state;
    snprintf(expected, sizeof(expected), "https://127.0.0.1:%u/b", fault_server_port(server));
    assert_string_equal(fault_server_url_for(server, "https", "/b"), expected);
    snprintf(expected, sizeof(expected), "http://127.0.0.1:%u/a", fault_server_port(server));
    assert_string_equal(first, expected);
    fault_server_stop(server);
}

enum { CROWDS = 16, VISITS = 20 };

struct crowd {
    const fault_server *server;
    int right; /* answers */
};

static void visit_often(void *context)
{
    struct crowd *crowd = context;
    struct sockaddr_in address = loopback(fault_server_port(crowd->server));
    int i;

    for (i = 0; i < VISITS; i++) {
        SOCKET client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
        char text[sizeof(OK)] = "";
        int ended;

        set_patience(client, TEST_PATIENCE_MS);
        connect(client, (const struct sockaddr *)&address, sizeof(address));
        send(client, GET, sizeof(GET) - 1, 0);
        client_read(client, text, sizeof(text) - 1, &ended);
        crowd->right += strcmp(text, OK) == 0;
        closesocket(client);
    }
}

static void serves_many_clients_at_once(void **state)
{
    static const fault_step script[] = {FAULT_READ_REQUEST, FAULT_SEND(OK), FAULT_END};
    fault_server *server = fault_server_start(script);
    struct crowd crowds[CROWDS];
    test_thread *threads[TEST_COUNT_OF(crowds)];
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(crowds); i++) {
        crowds[i] = (struct crowd){server, 0};
        threads[i] = test_thread_start(visit_often, &crowds[i]);
    }
    for (i = 0; i < TEST_COUNT_OF(crowds); i++)
        test_thread_join(threads[i], TEST_PATIENCE_MS);
    for (i = 0; i < TEST_COUNT_OF(crowds); i++)
        assert_int_equal(crowds[i].right, VISITS);
    assert_comes(server, FAULT_CLOSED, CROWDS * VISITS);
    assert_int_equal(fault_server_count(server, FAULT_CONNECTIONS), CROWDS * VISITS);
    fault_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(send_keeps_nuls_and_ends_with_fin),
        cmocka_unit_test(end_does_not_reset_a_client_that_still_sends),
        cmocka_unit_test(send_times_repeats),
        cmocka_unit_test(endless_send_ends_when_the_client_goes),
        cmocka_unit_test(drip_rests_between_pieces),
        cmocka_unit_test(pause_delays),
        cmocka_unit_test(send_filled_names_the_port),
        cmocka_unit_test(endings_are_seen_as_such),
        cmocka_unit_test(fin_leaves_the_other_direction_open),
        cmocka_unit_test(pattern_is_the_same_from_any_offset),
        cmocka_unit_test(counter_goes_on_until_the_next_request),
        cmocka_unit_test(counter_passes_4_gib),
        cmocka_unit_test(amounts_have_64_bits),
        cmocka_unit_test(request_and_body_are_kept),
        cmocka_unit_test(long_request_is_read_whole),
        cmocka_unit_test(read_all_reads_to_the_clients_end),
        cmocka_unit_test(kept_connection_serves_pipelined_requests),
        cmocka_unit_test(only_the_last_requests_are_kept),
        cmocka_unit_test(nth_connection_plays_nth_script),
        cmocka_unit_test(routes_go_by_path),
        cmocka_unit_test(star_route_takes_the_rest),
        cmocka_unit_test(call_answers_by_a_function),
        cmocka_unit_test(hold_lasts_until_the_release),
        cmocka_unit_test(hold_ends_when_the_client_goes),
        cmocka_unit_test(mute_reads_but_does_not_speak),
        cmocka_unit_test(sink_blocks_the_sender),
        cmocka_unit_test(refusing_port_refuses),
        cmocka_unit_test(full_port_lets_connect_hang),
        cmocka_unit_test(ftp_greets_and_logs_in),
        cmocka_unit_test(ftp_sends_files_passive_and_resumed),
        cmocka_unit_test(ftp_connects_to_an_active_client),
        cmocka_unit_test(ftp_keeps_uploads),
        cmocka_unit_test(ftp_faults_of_the_control_connection),
        cmocka_unit_test(ftp_mute_greeting_stalls),
        cmocka_unit_test(ftp_faults_of_the_data_connection),
        cmocka_unit_test(ftp_data_connection_stalls),
        cmocka_unit_test(stop_ends_every_kind_of_wait),
        cmocka_unit_test(wait_gives_up_in_time),
        cmocka_unit_test(urls_name_the_server),
        cmocka_unit_test(serves_many_clients_at_once),
    };

    return test_run_group(tests, start_winsock, end_winsock);
}
