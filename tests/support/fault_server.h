/* SPDX-License-Identifier: MIT */
/*
 * A server that misbehaves as told, on threads of the test program itself, so that the same test
 * runs under Wine and on Windows. It listens on a free port of 127.0.0.1; every connection has a
 * thread of its own and plays a script, a table of steps:
 *
 *     static const fault_step cut[] = {
 *         FAULT_READ_REQUEST,
 *         FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
 *         FAULT_SEND_COUNTER(500),
 *         FAULT_RST,
 *         FAULT_END,
 *     };
 *     fault_server *server = fault_server_start(cut);
 *
 * Nothing here sleeps to let another thread get somewhere: HOLD waits for fault_server_release, and
 * fault_server_wait tells when a connection has come to a point. PAUSE only makes a peer slow.
 *
 * A server that cannot be set up (no port, no memory, no thread) ends the program with a message.
 * The functions named fault_server_* may be called from any thread.
 */
#ifndef TIN_TEST_FAULT_SERVER_H
#define TIN_TEST_FAULT_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h> /* __MINGW_PRINTF_FORMAT */

typedef struct fault_server fault_server;
typedef struct fault_connection fault_connection;

/* ---- Scripts --------------------------------------------------------------------------------- */

typedef enum fault_action {
    FAULT_STEP_END = 0,
    FAULT_STEP_AGAIN,
    FAULT_STEP_READ_REQUEST,
    FAULT_STEP_READ_BODY,
    FAULT_STEP_READ_ALL,
    FAULT_STEP_SEND,
    FAULT_STEP_SEND_FILLED,
    FAULT_STEP_SEND_COUNTER,
    FAULT_STEP_SEEK,
    FAULT_STEP_PAUSE,
    FAULT_STEP_HOLD,
    FAULT_STEP_MUTE,
    FAULT_STEP_FIN,
    FAULT_STEP_CLOSE,
    FAULT_STEP_RST,
    FAULT_STEP_CALL
} fault_action;

/** A step of one's own; false ends the connection. */
typedef bool fault_function(fault_connection *connection, const void *context);

/** One row of a script. Written with the macros below; a generator may fill in the fields. */
typedef struct fault_step {
    fault_action action;
    const void *data;     /* SEND: bytes; CALL: the function's context; borrowed until the stop */
    uint64_t amount;      /* bytes; PAUSE: milliseconds */
    uint64_t times;       /* SEND: how often; 0 counts as 1 */
    uint32_t pause_ms;    /* SEND: rest after each round */
    fault_function *call; /* CALL */
} fault_step;

#define FAULT_FOREVER UINT64_MAX

/* clang-format off */

/* The end of the table: FIN, then whatever the client still sends is read away until it closes. */
#define FAULT_END {.action = FAULT_STEP_END}
/* Instead of FAULT_END: the script starts again on the same connection; in a table of routes, the
 * next request is read. */
#define FAULT_AGAIN {.action = FAULT_STEP_AGAIN}

/* Reads up to the blank line and keeps it for fault_server_request; the counter restarts at 0. */
#define FAULT_READ_REQUEST {.action = FAULT_STEP_READ_REQUEST}
/* Reads the Content-Length bytes of the last request. */
#define FAULT_READ_BODY {.action = FAULT_STEP_READ_BODY}
/* Reads the first bytes of a body only. */
#define FAULT_READ_BYTES(count) {.action = FAULT_STEP_READ_BODY, .amount = (count)}
/* Reads until the client ends its side. */
#define FAULT_READ_ALL {.action = FAULT_STEP_READ_ALL}

/* A string literal, NULs inside included, as one segment. */
#define FAULT_SEND(literal) FAULT_SEND_BYTES("" literal, sizeof(literal) - 1)
#define FAULT_SEND_BYTES(bytes, size)                                                              \
    {.action = FAULT_STEP_SEND, .data = (bytes), .amount = (size)}
/* The literal over and over: a count, or FAULT_FOREVER. */
#define FAULT_SEND_TIMES(literal, count)                                                           \
    {.action = FAULT_STEP_SEND, .data = "" literal, .amount = sizeof(literal) - 1, .times = (count)}
/* The same with a rest of so many milliseconds after each: FAULT_DRIP("x", 100, 10). */
#define FAULT_DRIP(literal, count, rest_ms)                                                        \
    {.action = FAULT_STEP_SEND,                                                                    \
     .data = "" literal,                                                                           \
     .amount = sizeof(literal) - 1,                                                                \
     .times = (count),                                                                             \
     .pause_ms = (rest_ms)}
/* Text in which every "{port}" becomes the server's port: for redirects back to itself. */
#define FAULT_SEND_FILLED(text) {.action = FAULT_STEP_SEND_FILLED, .data = (text)}
/* So many bytes of the known pattern (fault_pattern_matches), going on where the last one ended. */
#define FAULT_SEND_COUNTER(count) {.action = FAULT_STEP_SEND_COUNTER, .amount = (count)}
/* Where in the pattern the next FAULT_SEND_COUNTER starts: for answers to ranges. */
#define FAULT_SEEK(offset) {.action = FAULT_STEP_SEEK, .amount = (offset)}

/* Slowness, in milliseconds. */
#define FAULT_PAUSE(ms) {.action = FAULT_STEP_PAUSE, .amount = (ms)}
/* Waits for a release and reads nothing; ends the connection when the client has gone, which is not
 * seen while bytes of the client are unread: use MUTE, or release, where many clients give up. */
#define FAULT_HOLD {.action = FAULT_STEP_HOLD}
/* Waits for a release and reads everything away. */
#define FAULT_MUTE {.action = FAULT_STEP_MUTE}

/* Ends the server's side only; the script goes on. */
#define FAULT_FIN {.action = FAULT_STEP_FIN}
/* Closes at once, as a server does that leaves: unread bytes make TCP reset the connection. */
#define FAULT_CLOSE {.action = FAULT_STEP_CLOSE}
/* Resets the connection; bytes that the client has not yet received are lost. Wine 8 shows about
 * one reset in seven to a waiting client as an orderly end (its server polls the socket, which
 * consumes the error): a test must not depend on a single reset being seen as one. */
#define FAULT_RST {.action = FAULT_STEP_RST}

/* Calls a function of one's own with this context. */
#define FAULT_CALL(function, argument)                                                             \
    {.action = FAULT_STEP_CALL, .data = (argument), .call = (function)}
/* clang-format on */

/** Accepts, reads, never speaks: stalls a TLS handshake, a greeting, an answer. */
extern const fault_step fault_script_mute[];
/** Accepts and reads nothing: stalls a sender once the buffers are full. */
extern const fault_step fault_script_sink[];

/** What to play for a request; "*" fits any path. The query is not compared. */
typedef struct fault_route {
    const char *path;        /* NULL ends the table */
    const fault_step *steps; /* played after the request has been read */
} fault_route;

/* ---- Servers --------------------------------------------------------------------------------- */

/** Every connection plays \p script. */
fault_server *fault_server_start(const fault_step *script);

/** The n-th connection plays the n-th script of a NULL-ended table, later ones the last. */
fault_server *fault_server_start_many(const fault_step *const *scripts);

/** Reads requests and plays the first route that fits; 404 where none does. */
fault_server *fault_server_start_routes(const fault_route *routes);

/** Every connection calls \p function, then ends as after FAULT_END, or at once if it was false. */
fault_server *fault_server_start_call(fault_function *function, const void *context);

/** A port that refuses connections, and is nobody else's until the stop. */
fault_server *fault_server_start_refusing(void);

/**
 * A port on which connect hangs: its queue of connections is full and never taken from.
 *
 * \returns NULL where the system refuses instead of hanging, as Windows does; then skip the test.
 */
fault_server *fault_server_start_full(void);

/** Ends all connections, joins all threads, frees \p server. NULL is allowed. */
void fault_server_stop(fault_server *server);

unsigned short fault_server_port(const fault_server *server);

/** "http://127.0.0.1:<port><path>"; the text is valid until 16 more were asked for. */
const char *fault_server_url(fault_server *server, const char *path);
/** The same for another scheme. */
const char *fault_server_url_for(fault_server *server, const char *scheme, const char *path);

/** Lets every HOLD and MUTE go on, also those still to come. */
void fault_server_release(fault_server *server);
/** Lets one HOLD or MUTE go on: one that waits, or else the next. */
void fault_server_release_one(fault_server *server);

/** What a server counts from its start. */
typedef enum fault_counter {
    FAULT_CONNECTIONS,    /* accepted */
    FAULT_CLOSED,         /* connections that are over */
    FAULT_REQUESTS,       /* READ_REQUEST (FTP: commands) completely read */
    FAULT_BODIES,         /* READ_BODY and READ_ALL completely read */
    FAULT_HOLDS,          /* HOLD and MUTE begun */
    FAULT_BYTES_SENT,     /* handed to the system */
    FAULT_BYTES_RECEIVED, /* read by the script */
    FAULT_COUNTERS
} fault_counter;

uint64_t fault_server_count(fault_server *server, fault_counter counter);

/** Waits until \p counter has come to \p count; false when it had not after \p timeout_ms. */
bool fault_server_wait(fault_server *server, fault_counter counter, uint64_t count,
                       uint32_t timeout_ms);

/**
 * What the client sent as request \p index (0 is the first): the head, and the body if it was read.
 *
 * The last 256 requests are kept, the first 256 KiB of each.
 *
 * \param text  Always NUL-terminated; cut at \p size bytes.
 * \returns The whole length; 0 when there is no such request.
 */
size_t fault_server_request(fault_server *server, uint64_t index, char *text, size_t size);

/** The pattern of FAULT_SEND_COUNTER: 64-bit little-endian numbers 0, 1, 2, ... */
void fault_pattern_fill(uint64_t offset, void *bytes, size_t size);
bool fault_pattern_matches(uint64_t offset, const void *bytes, size_t size);

/* ---- For functions of FAULT_CALL, on the connection's own thread ----------------------------- */

/* Each returns false (0, NULL) when the client has gone or the server stops; then return false. */
bool fault_send(fault_connection *connection, const void *bytes, size_t size);
bool fault_send_format(fault_connection *connection, const char *format, ...)
    __attribute__((format(__MINGW_PRINTF_FORMAT, 2, 3)));
/** Plays a script inside this one; true at its end. FAULT_AGAIN starts it again. */
bool fault_play(fault_connection *connection, const fault_step *steps);
/** Reads one message, up to and with \p mark, as a request: kept and counted. */
const char *fault_read_message(fault_connection *connection, const char *mark);
/** The last message that was read; "" before the first. */
const char *fault_last_message(const fault_connection *connection);

/** A pointer for functions that work together on one connection. */
void fault_set_context(fault_connection *connection, void *context);
void *fault_get_context(const fault_connection *connection);

/** Opens one more port for this connection's client, in place of an earlier one; 0 on failure. */
unsigned short fault_listen(fault_connection *connection);
/** Takes the client's connection to that port; waits until it comes or the client goes. */
fault_connection *fault_accept(fault_connection *connection);
/** Connects to a port of the client on 127.0.0.1. */
fault_connection *fault_connect(fault_connection *connection, unsigned short port);
/** Closes what fault_accept or fault_connect returned: FIN, unless it was reset before. */
void fault_hang_up(fault_connection *connection);

#endif
