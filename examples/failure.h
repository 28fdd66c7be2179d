/* SPDX-License-Identifier: MIT */
/* What the examples say of a failure. */
#ifndef FAILURE_H
#define FAILURE_H

#include <stdio.h>

#include <thininet/thininet.h>

static inline void print_failure(const char *program, tin_result result)
{
    char text[512];

    tin_describe(result, text, sizeof text);
    fprintf(stderr, "%s: %s\n", program, text);
}

/* The server's own words, on a failed transfer or a failed open. */
static inline void print_response(const char *program, tin_handle handle)
{
    char text[512];
    size_t size = sizeof text;

    if (tin_ok(tin_get_last_response_info(handle, text, &size)) && size != 0)
        fprintf(stderr, "%s: the server said: %s\n", program, text);
}

#endif
