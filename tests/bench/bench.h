/* SPDX-License-Identifier: MIT */
/* The same work by different libraries. A side returns false where the work failed. */
#ifndef BENCH_H
#define BENCH_H

#include <winsock2.h>
#include <windows.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_AGENT "bench"
#define BENCH_LARGEST_PIECE ((size_t)1 << 20)

typedef struct bench_side {
    const char *name;
    void *(*open)(void); /* a session; NULL: it has none */
    void (*close)(void *session);
    /* Reads a URL with a buffer of this size; *bytes is how many came. */
    bool (*read)(void *session, const char *url, size_t size, uint64_t *bytes);
    bool (*lines)(void *session, const char *url, uint64_t *lines);
    bool (*download)(void *session, const char *url, const char *path, uint64_t *bytes);
    /* In pieces of this size; a side that can gather them does so up to `gather` bytes. */
    bool (*upload)(void *session, const char *url, uint64_t size, size_t piece, size_t gather);
    bool (*call)(void *session, int which); /* without I/O: option, sentence, handle */
} bench_side;

extern const bench_side bench_thininet, bench_wininet, bench_async;
extern const bench_side bench_winhttp, bench_curl, bench_urlmon; /* not in 32 bits */

/* What is sent up. */
extern char bench_piece[BENCH_LARGEST_PIECE];

#endif
