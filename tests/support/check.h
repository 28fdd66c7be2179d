/* SPDX-License-Identifier: MIT */
/* Results, checked: a failure says what was called, or which row it was, and what came of it. */
#ifndef TIN_TEST_CHECK_H
#define TIN_TEST_CHECK_H

#include "test.h"

#include <thininet/thininet.h>

static inline void check_result(tin_result result, tin_error error, const char *call, int line)
{
    char text[256];

    if (result.error == error)
        return;
    tin_describe(result, text, sizeof text);
    fail_msg("line %d: %s: should be %s, is: %s", line, call, tin_error_name(error), text);
}

#define assert_gives(call, error) check_result(call, error, #call, __LINE__)
#define assert_ok(call) assert_gives(call, TIN_OK)

/** The same in a table: the row's name instead of the call. */
#define assert_error(name, result, error) check_result(result, error, name, __LINE__)

#define assert_row(name, condition)                                                                \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("line %d: %s: %s", __LINE__, name, #condition);                               \
    } while (0)

/** What a function must not leave in an out-parameter. */
#define GARBAGE ((tin_handle)(ULONG_PTR)0x5A5A)

#endif
