/* SPDX-License-Identifier: MIT */
/* Results: what thininet found itself, and what the system said. */
#ifndef TIN_RESULT_H
#define TIN_RESULT_H

#include <thininet/thininet.h>

tin_result tin__from_win32(DWORD code); /* what GetLastError said; 0 is a failure, too */

/* A handle that another thread closed, or closes just now, although only its status callback knows
 * it: what was going on was cancelled. (With a number, it is WinInet's handle that is not
 * valid.) */
tin_result tin__told(tin_result result);

static inline tin_result tin__success(void)
{
    const tin_result result = {TIN_OK, 0};

    return result;
}

/* Found by thininet itself: no GetLastError value. Here, so that analyzers see it fail. */
static inline tin_result tin__fail(tin_error error)
{
    const tin_result result = {error, 0};

    return result;
}

#endif
