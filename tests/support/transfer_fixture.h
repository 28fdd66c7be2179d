/* SPDX-License-Identifier: MIT */
/* What the tests of whole transfers share: a session, a server of one file that breaks off or
 * changes its mind, and a look at the progress. */
#ifndef TIN_TEST_TRANSFER_FIXTURE_H
#define TIN_TEST_TRANSFER_FIXTURE_H

#include "check.h"

#include <inttypes.h>

#include "fault_server.h"

/* ---- a session ------------------------------------------------------------------------------ */

static tin_handle session;

static inline int open_session(void **state)
{
    (void)state;
    return !tin_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
}

static inline int close_session(void **state)
{
    test_files_remove(state);
    return !tin_ok(tin_close_handle(session));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_session, close_session)

/* ---- the server ----------------------------------------------------------------------------*/

#define WHOLE 300000
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define TAG "ETag: \"one\"\r\n"
#define OTHER_TAG "ETag: \"two\"\r\n"
#define WEAK_TAG "ETag: W/\"one\"\r\n"
#define MODIFIED "Last-Modified: " DATE "\r\n"

/* How it serves a file of WHOLE bytes of the pattern, to the n-th request. */
typedef struct serving {
    const char *validator; /* a header line, or "" */
    uint64_t cut;          /* the connection ends behind so many bytes of the body; 0: never */
    int status;            /* 0: 200, or 206 if a range is asked for */
    bool no_ranges, no_length, wrong_part;
    bool held; /* instead of ending, it waits until the client has gone */
} serving;

#define ALL_OF(line)                                                                               \
    {                                                                                              \
        .validator = line                                                                          \
    }
#define CUT(line, bytes)                                                                           \
    {                                                                                              \
        .validator = line, .cut = bytes                                                            \
    }

typedef struct plan {
    serving servings[4]; /* the last one again and again */
    size_t count;
    volatile LONG requests;
} plan;

static inline bool send_pattern(fault_connection *connection, uint64_t from, uint64_t to)
{
    char bytes[8192];

    while (from < to) {
        const size_t size = to - from < sizeof bytes ? (size_t)(to - from) : sizeof bytes;

        fault_pattern_fill(from, bytes, size);
        if (!fault_send(connection, bytes, size))
            return false;
        from += size;
    }
    return true;
}

/* If-Range is the value of the validator's line. */
static inline bool is_asked_of_this(const char *request, const char *validator)
{
    const char *condition = strstr(request, "\r\nIf-Range: ");
    const char *value = strstr(validator, ": ");

    return condition == NULL || (value != NULL && strncmp(condition + strlen("\r\nIf-Range: "),
                                                          value + 2, strlen(value + 2)) == 0);
}

static inline bool send_head(fault_connection *connection, const serving *how, int status,
                             uint64_t first)
{
    const uint64_t from = how->wrong_part ? first + 1 : first;

    if (status == 206)
        return fault_send_format(connection,
                                 "HTTP/1.1 206 Part\r\nContent-Range: bytes %" PRIu64
                                 "-%d/%d\r\nContent-Length: %" PRIu64 "\r\n%s\r\n",
                                 from, WHOLE - 1, WHOLE, WHOLE - from, how->validator);
    if (status != 200)
        return fault_send_format(connection, "HTTP/1.1 %d Told\r\nContent-Length: 4\r\n\r\nnone",
                                 status);
    if (how->no_length)
        return fault_send_format(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    return fault_send_format(connection, "HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n%s\r\n",
                             how->no_ranges ? "" : "Accept-Ranges: bytes\r\n", WHOLE,
                             how->validator);
}

static inline bool serve(fault_connection *connection, const void *context)
{
    plan *all = (plan *)(uintptr_t)context;

    for (;;) {
        const char *request = fault_read_message(connection, "\r\n\r\n");
        size_t n = (size_t)InterlockedIncrement(&all->requests) - 1;
        const serving *how = &all->servings[n < all->count ? n : all->count - 1];
        const char *range;
        uint64_t first = 0, end;
        int status = how->status;

        if (request == NULL)
            return false;
        range = strstr(request, "\r\nRange: bytes=");
        if (status == 0 && range != NULL && !how->no_ranges &&
            is_asked_of_this(request, how->validator)) {
            first = strtoull(range + strlen("\r\nRange: bytes="), NULL, 10);
            status = first < WHOLE ? 206 : 416;
        } else if (status == 0) {
            status = 200;
        }
        end = how->cut != 0 && first + how->cut < WHOLE ? first + how->cut : WHOLE;
        if (!send_head(connection, how, status, first))
            return false;
        if (how->held)
            return send_pattern(connection, first, end) &&
                   fault_read_message(connection, "\r\n\r\n") != NULL;
        if (status == 200 || status == 206)
            if (!send_pattern(connection, first, end) || end != WHOLE || how->no_length)
                return true;
    }
}

/* ---- progress ------------------------------------------------------------------------------- */

typedef struct watcher {
    unsigned calls;
    tin_progress last;
    uint64_t stop_at; /* bytes */
    DWORD thread;
    bool strange;
} watcher;

static inline bool watch(void *context, const tin_progress *progress)
{
    watcher *it = context;

    it->strange |= GetCurrentThreadId() != it->thread || progress->done < it->last.done ||
                   (progress->total_known && progress->done > progress->total);
    it->calls++;
    it->last = *progress;
    return it->stop_at == 0 || progress->done < it->stop_at;
}

#endif
