/* SPDX-License-Identifier: MIT */
/*
 * A hostile FTP server, whose replies, answers to PASV, data and listings are chosen by a seed and
 * a number. It leads nobody to another computer than this one.
 */
#ifndef TIN_TEST_FUZZ_FTP_H
#define TIN_TEST_FUZZ_FTP_H

#include "fault_server.h"

typedef enum fuzz_end {
    FUZZ_UNKNOWN, /* something that may be taken for either */
    FUZZ_GOOD,    /* "226" */
    FUZZ_BAD      /* refused, or broken off */
} fuzz_end;

/** What a server is to do, and what it did in its last case. */
typedef struct fuzz_ftp {
    unsigned seed;
    volatile unsigned number; /* of the case: connections that come belong to it */

    volatile long hostile;  /* so many things that no good server does */
    volatile long sent;     /* bytes of the pattern, from 8 times the number on */
    volatile fuzz_end said; /* how the transfer ended */
} fuzz_ftp;

fault_server *fuzz_ftp_start(fuzz_ftp *ftp);

#endif
