/* SPDX-License-Identifier: MIT */
/*
 * Rows of faults: a table says what a peer does and what must come of it, and all its rows are
 * played, a few at a time. Each row has a session and a server of its own; afterwards the session
 * must still be usable. What fails is tried again only where time alone was missed: a busy machine
 * may be late now and then, a defect always is.
 */
#ifndef TIN_TEST_FAULT_ROW_H
#define TIN_TEST_FAULT_ROW_H

#include "test.h"

#include "fault_ftp.h"

#include <thininet/thininet.h>

#define FAULT_THREADS 6
#define FAULT_MOST_THREADS 20
#define FAULT_SHORT_MS 200u  /* the time-outs of a row that ends by one */
#define FAULT_LATE_MS 100u   /* promised: no later than this after the time-out */
#define FAULT_LIMIT_MS 2000u /* for a row that waits for nothing */

/* What must come of it. */
typedef struct fault_outcome {
    tin_error error;   /* at the end; TIN_OK: a good end */
    tin_error or_else; /* allowed as well where systems or races differ; 0: no other */
    uint64_t bytes;    /* delivered before the end: of the pattern, or of `text` */
    const char *text;
    bool fewer; /* any beginning of those: a reset takes back what has not been read yet */
} fault_outcome;

/* One row while it is played, on a thread of its own: no assertions of cmocka there. */
typedef struct fault_trial {
    const char *name;
    const fault_outcome *outcome;
    tin_handle session;
    uint64_t began;
    tin_result result; /* of the call at which it ended */
    uint64_t bytes;
    uint32_t timeout_ms; /* before fault_begin(); 0: FAULT_SHORT_MS */
    uint32_t slack_ms;   /* for what goes before the fault */
    bool late;
    char complaint[400]; /* "": none so far */
} fault_trial;

void fault_complain(fault_trial *trial, const char *format, ...)
    __attribute__((format(__MINGW_PRINTF_FORMAT, 2, 3)));

/** Opens the session, with time-outs by what is expected, and starts the clock. */
void fault_begin(fault_trial *trial, const fault_outcome *outcome, const char *proxy);
/** Reads to the end or to a failure, which must stay; the bytes must be the right ones. */
void fault_read(fault_trial *trial, tin_handle file);
/** Stops the clock, and compares with what must come of it. */
void fault_judge(fault_trial *trial);
/** Uses the session for a good page, and closes it. */
void fault_end(fault_trial *trial);

typedef void fault_row_function(fault_trial *trial, const void *row);

/** Rows of one kind; each begins with its name. */
typedef struct fault_table {
    fault_row_function *play;
    const void *rows;
    size_t size, count;
    size_t threads; /* how many are played at a time */
    bool turns;     /* builds take turns with the rows: test_has_turn() */
} fault_table;

/** Plays all rows, or those that have their turn; fails with all complaints. */
void fault_run_rows(const char *phase, const fault_table *table);
#define FAULT_RUN_ROWS(phase, play, rows)                                                          \
    fault_run_rows(phase, &(fault_table){play, rows, sizeof(rows)[0], TEST_COUNT_OF(rows),         \
                                         FAULT_THREADS, true})

/* ---- HTTP ------------------------------------------------------------------------------------ */

typedef enum fault_peer { FAULT_PLAYS, FAULT_REFUSES, FAULT_FULL } fault_peer;

/* What of it is not mentioned is zero. */
typedef struct fault_http_row {
    const char *name;
    const fault_step *script; /* of a connection, from its beginning */
    fault_outcome outcome;
    const fault_step *then;    /* of later connections; NULL: the same */
    const fault_route *routes; /* instead of a script */
    fault_peer peer;           /* instead of either */
    const char *url;           /* NULL: the server's; "{port}" is its port */
    const char *verb;          /* a request instead of tin_open_url() */
    size_t body;               /* that it sends, of the pattern */
    bool streamed;             /* by pieces, tin_http_send_request_ex() */
    bool decodes;              /* INTERNET_OPTION_HTTP_DECODING */
    bool proxy;                /* the server is one */
    DWORD status;              /* of the answer; 0: any */
    unsigned requests;         /* that the server has had in the end; 0: any */
} fault_http_row;

fault_row_function fault_play_http;

#define FAULT_HTTP(test, phase, rows)                                                              \
    static void test(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        FAULT_RUN_ROWS(phase, fault_play_http, rows);                                              \
    }

/* Scripts: what comes after the request was read, or as soon as there is a connection. */
#define AT_ONCE(...) ((const fault_step[]){__VA_ARGS__, FAULT_END})
#define ANSWER(...) ((const fault_step[]){FAULT_READ_REQUEST, __VA_ARGS__, FAULT_END})
#define SAYS(text) ANSWER(FAULT_SEND(text))
#define OK_HEAD "HTTP/1.1 200 OK\r\n"
#define LENGTH(n) OK_HEAD "Content-Length: " #n "\r\n\r\n"
#define CHUNKED OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define CLOSES OK_HEAD "Connection: close\r\n\r\n"

/* The outcome of a row. */
#define GIVES(error, or_else, bytes, text, fewer) .outcome = {error, or_else, bytes, text, fewer}
#define FAILS(error) GIVES(error, TIN_OK, 0, NULL, false)
#define FAILS_EITHER(error, or_else) GIVES(error, or_else, 0, NULL, false)
#define ARRIVES(text) GIVES(TIN_OK, TIN_OK, sizeof(text) - 1, text, false)
#define ARRIVES_COUNTER(bytes) GIVES(TIN_OK, TIN_OK, bytes, NULL, false)
#define ENDS(error, text) GIVES(error, TIN_OK, sizeof(text) - 1, text, false)
#define ENDS_COUNTER(error, bytes) GIVES(error, TIN_OK, bytes, NULL, false)
/* Wine 8 shows a reset that nobody was reading through as an orderly end (fault_server.h). */
#define RESET_COUNTER(bytes) GIVES(TIN_E_CONNECTION_LOST, TIN_E_TRUNCATED, bytes, NULL, true)
#define RESET_BEFORE_ANSWER FAILS_EITHER(TIN_E_CONNECTION_LOST, TIN_E_PROTOCOL)

/* To be sent often. */
#define TEXT_64 "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-"
#define TEXT_256 TEXT_64 TEXT_64 TEXT_64 TEXT_64
#define TEXT_1024 TEXT_256 TEXT_256 TEXT_256 TEXT_256

#endif
