/* SPDX-License-Identifier: MIT */
/*
 * Hostile answers of an HTTP server, chosen by a seed and a number: the same two make the same
 * answer, so that the server and whoever checks what came of it need not tell each other.
 *
 * Not among them: cookies, for Wine 8 itself writes over its stack with a long "expires=" (the
 * requests are made without cookies for that reason); heads without an end, which only a deadline
 * ends; and hosts that are not this computer.
 */
#ifndef TIN_TEST_FUZZ_HTTP_H
#define TIN_TEST_FUZZ_HTTP_H

#include "test.h"

typedef struct fuzz_http {
    const char *name; /* of its kind */
    char *wire;       /* all that is sent; for free() */
    size_t size;
    unsigned pieces; /* sent in so many */
    bool reset;      /* then RST, else FIN */
    bool redirects;

    /* What is known of it, and expected of the client. */
    bool plain;   /* the body is the pattern from `from` on, and `body` bytes of it were sent */
    bool decoded; /* the same once its content coding is taken off */
    uint64_t from, body;
    bool announced; /* one good Content-Length says `length`, and nothing outweighs it */
    uint64_t length;
    bool whole; /* good from the first byte to the last: it must be read to its end */
} fuzz_http;

/** The answer to the n-th hop of a case. */
fuzz_http fuzz_http_answer(unsigned seed, unsigned number, unsigned hop, unsigned port);

#endif
