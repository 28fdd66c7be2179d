/* SPDX-License-Identifier: MIT */
/*
 * Peers that fail in TLS: in the handshake, which the fault server can play by itself, and behind
 * it, with a relay (tests/servers/tls-relay) between the client and the fault server.
 */
#include "fault_row.h"

/* ---- the handshake --------------------------------------------------------------------------- */

#define HELLO FAULT_READ_BYTES(40) /* a part of the client's */
#define RECORD(type, text) FAULT_SEND(type "\x03\x03" text)
#define HANDSHAKE(...) AT_ONCE(__VA_ARGS__), .url = "https://127.0.0.1:{port}/"
/* What a connection that ends in the handshake is called differs between systems, and races. */
#define BROKEN FAILS_EITHER(TIN_E_TLS, TIN_E_CONNECTION_LOST)

static const fault_http_row handshakes[] = {
    {"FIN at once", HANDSHAKE(FAULT_FIN), BROKEN},
    {"RST at once", HANDSHAKE(FAULT_RST), BROKEN},
    {"closed at once", HANDSHAKE(FAULT_CLOSE), BROKEN},
    {"FIN after the client's hello", HANDSHAKE(HELLO, FAULT_FIN), BROKEN},
    {"RST after the client's hello", HANDSHAKE(HELLO, FAULT_RST), BROKEN},
    {"closed in the client's hello", HANDSHAKE(HELLO, FAULT_CLOSE), BROKEN},
    {"text", HANDSHAKE(HELLO, FAULT_SEND("hello, who is there?\r\n")), BROKEN},
    {"an answer of HTTP", HANDSHAKE(HELLO, FAULT_SEND("HTTP/1.1 400 No\r\n\r\nplain text")),
     BROKEN},
    {"a greeting of FTP", HANDSHAKE(FAULT_SEND("220 Ready\r\n"), HELLO), BROKEN},
    {"garbage", HANDSHAKE(HELLO, FAULT_SEND_COUNTER(5000)), BROKEN},
    {"zeros", HANDSHAKE(HELLO, FAULT_SEND_TIMES("\0\0\0\0\0\0\0\0", 100)), BROKEN},
    {"alert: handshake failure", HANDSHAKE(HELLO, RECORD("\x15", "\0\x02\x02\x28")), BROKEN},
    {"alert: internal error", HANDSHAKE(HELLO, RECORD("\x15", "\0\x02\x02\x50")), BROKEN},
    {"alert: unknown name", HANDSHAKE(HELLO, RECORD("\x15", "\0\x02\x02\x70")), BROKEN},
    {"alert: an old version", HANDSHAKE(HELLO, RECORD("\x15", "\0\x02\x02\x46")), BROKEN},
    {"alert: closed", HANDSHAKE(HELLO, RECORD("\x15", "\0\x02\x01\0")), BROKEN},
    {"an alert that is cut", HANDSHAKE(HELLO, RECORD("\x15", "\0\x02\x02")), BROKEN},
    {"data in the place of a hello", HANDSHAKE(HELLO, RECORD("\x17", "\0\x05hello")), BROKEN},
    {"an empty record", HANDSHAKE(HELLO, RECORD("\x16", "\0\0")), BROKEN},
    {"half a record, FIN", HANDSHAKE(HELLO, RECORD("\x16", "\0\x40\x02\0\0\x3C")), BROKEN},
    {"half a record, RST", HANDSHAKE(HELLO, RECORD("\x16", "\0\x40\x02\0\0\x3C"), FAULT_RST),
     BROKEN},
    {"a hello of nonsense", HANDSHAKE(HELLO, RECORD("\x16", "\0\x08\x02\0\0\x04\x03\x03\xFF\xFF")),
     BROKEN},
    {"a record that is too long",
     HANDSHAKE(HELLO, RECORD("\x16", "\xFF\xFF"), FAULT_SEND_TIMES(TEXT_1024, 64)), BROKEN},
    {"silence", HANDSHAKE(FAULT_MUTE), FAILS(TIN_E_TIMEOUT)},
    {"silence after a byte", HANDSHAKE(HELLO, FAULT_SEND("\x16"), FAULT_MUTE),
     FAILS(TIN_E_TIMEOUT)},
    {"silence in a record", HANDSHAKE(HELLO, RECORD("\x16", "\0\x40\x02\0\0\x3C"), FAULT_MUTE),
     FAILS(TIN_E_TIMEOUT)},
    {"a record that drips",
     HANDSHAKE(HELLO, RECORD("\x16", "\x40\0\x02"), FAULT_DRIP("x", FAULT_FOREVER, 10)),
     FAILS(TIN_E_TIMEOUT)},
};

/* ---- behind the handshake -------------------------------------------------------------------- */

typedef struct tls_row {
    const char *name;
    const char *end; /* of TLS: see tests/servers/tls-relay */
    fault_http_row http;
} tls_row;

#define NOTIFY "notify"
#define BARE "bare"
#define HOLD "hold"
#define ROW(...)                                                                                   \
    {                                                                                              \
        .name = "", __VA_ARGS__                                                                    \
    }
#define SCRIPT(...) .script = ANSWER(__VA_ARGS__)
/* Wine 8 says the same of a reset and of a failure of TLS. */
#define RESET_TLS(bytes) GIVES(TIN_E_CONNECTION_LOST, TIN_E_TRUNCATED, bytes, NULL, true)

/* Wine 8 does not tell that there is an answer before more of its body has come: then there is
 * nothing to read. */
#define STOPS_TLS(bytes, text) GIVES(TIN_E_TIMEOUT, TIN_OK, bytes, text, true)

static const tls_row behind[] = {
    {"a page", NOTIFY, ROW(SCRIPT(FAULT_SEND(LENGTH(5) "hello")), ARRIVES("hello"))},
    {"a large page", NOTIFY,
     ROW(SCRIPT(FAULT_SEND(LENGTH(1000000)), FAULT_SEND_COUNTER(1000000)),
         ARRIVES_COUNTER(1000000))},
    {"a page, no word of TLS", BARE, ROW(SCRIPT(FAULT_SEND(LENGTH(5) "hello")), ARRIVES("hello"))},
    {"in chunks", NOTIFY, ROW(SCRIPT(FAULT_SEND(CHUNKED "2\r\nok\r\n0\r\n\r\n")), ARRIVES("ok"))},
    {"a byte at a time", NOTIFY,
     ROW(SCRIPT(FAULT_SEND(LENGTH(10)), FAULT_DRIP("x", 10, 3)), ARRIVES("xxxxxxxxxx"))},
    {"no length", NOTIFY,
     ROW(SCRIPT(FAULT_SEND(CLOSES), FAULT_SEND_COUNTER(5000)), ARRIVES_COUNTER(5000))},
    {"cut by a word of TLS", NOTIFY,
     ROW(SCRIPT(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(2500)),
         ENDS_COUNTER(TIN_E_TRUNCATED, 2500))},
    {"cut by FIN", BARE,
     ROW(SCRIPT(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(2500)),
         GIVES(TIN_E_TRUNCATED, TIN_E_CONNECTION_LOST, 2500, NULL, false))},
    {"cut by RST", BARE,
     ROW(SCRIPT(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(2500), FAULT_PAUSE(20), FAULT_RST),
         RESET_TLS(2500))},
    {"cut before the first byte", NOTIFY,
     ROW(SCRIPT(FAULT_SEND(LENGTH(5000))), ENDS_COUNTER(TIN_E_TRUNCATED, 0))},
    {"cut before the last byte by FIN", BARE,
     ROW(SCRIPT(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(4999)),
         GIVES(TIN_E_TRUNCATED, TIN_E_CONNECTION_LOST, 4999, NULL, false))},
    {"a word of TLS, but no FIN", HOLD,
     ROW(SCRIPT(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(2500)),
         GIVES(TIN_E_TIMEOUT, TIN_E_TRUNCATED, 2500, NULL, true))},
    {"more than the length", NOTIFY,
     ROW(SCRIPT(FAULT_SEND(LENGTH(5) "hello, and more")), ARRIVES("hello"))},
    {"stops in the body", NOTIFY,
     ROW(SCRIPT(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(2500), FAULT_MUTE),
         STOPS_TLS(2500, NULL))},
    {"stops in a chunk", NOTIFY,
     ROW(SCRIPT(FAULT_SEND(CHUNKED "10\r\n0123"), FAULT_MUTE), STOPS_TLS(4, "0123"))},
    {"stops in the headers", NOTIFY,
     ROW(SCRIPT(FAULT_SEND(OK_HEAD "Content-"), FAULT_MUTE), FAILS(TIN_E_TIMEOUT))},
    {"stops before the status line", NOTIFY, ROW(SCRIPT(FAULT_MUTE), FAILS(TIN_E_TIMEOUT))},
    {"nothing", NOTIFY,
     ROW(SCRIPT(FAULT_FIN), FAILS_EITHER(TIN_E_PROTOCOL, TIN_E_CONNECTION_LOST))},
    {"nothing, no word of TLS", BARE,
     ROW(SCRIPT(FAULT_FIN), FAILS_EITHER(TIN_E_PROTOCOL, TIN_E_CONNECTION_LOST))},
    {"RST before the status line", BARE, ROW(SCRIPT(FAULT_RST), RESET_BEFORE_ANSWER)},
    {"half a status line", NOTIFY, ROW(SCRIPT(FAULT_SEND("HTTP/1.1 2")), FAILS(TIN_E_PROTOCOL))},
    {"garbage", NOTIFY, ROW(SCRIPT(FAULT_SEND("what?\r\n\r\n")), FAILS(TIN_E_PROTOCOL))},
    {"two lengths", NOTIFY,
     ROW(SCRIPT(FAULT_SEND(OK_HEAD "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx")),
         FAILS(TIN_E_PROTOCOL))},
    {"sent on to http", NOTIFY,
     ROW(SCRIPT(FAULT_SEND("HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:1/\r\n\r\n")),
         FAILS(TIN_E_REDIRECT))},
    {"sent on to a file", NOTIFY,
     ROW(SCRIPT(FAULT_SEND("HTTP/1.1 302 X\r\nLocation: file:///C:/x\r\n\r\n")),
         FAILS(TIN_E_REDIRECT))},
};

static void play_tls(fault_trial *trial, const void *data)
{
    const tls_row *row = data;
    fault_http_row http = row->http;
    char url[100];

    snprintf(url, sizeof url, "%s/{port}/%s/", test_env_or_null("TIN_TEST_TLS_RELAY"), row->end);
    http.url = url;
    http.name = row->name;
    trial->timeout_ms = 600; /* the handshake has to be over */
    trial->slack_ms = 600;
    fault_play_http(trial, &http);
}

FAULT_HTTP(faults_in_the_handshake, "TLS handshake", handshakes)

static void faults_behind_the_handshake(void **state)
{
    (void)state;
    test_env("TIN_TEST_TLS_RELAY");
    FAULT_RUN_ROWS("TLS", play_tls, behind);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_in_the_handshake),
        cmocka_unit_test(faults_behind_the_handshake),
    };

    return test_run_group(tests, NULL, NULL);
}
