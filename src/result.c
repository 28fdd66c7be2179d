/* SPDX-License-Identifier: MIT */
/* The only file that knows what a GetLastError value means. */
#include "result.h"

#define SECURITY_WIN32 /* asked for by <sspi.h>, which comes with <winineti.h> */
#include <winineti.h>  /* codes 12051, 12058, 12059, 12061, 12080, 12147 to 12149 */

_Static_assert(sizeof(tin_result) == 8, "a tin_result is returned in a register");

/* Small, as every program has it. */
typedef struct meaning {
    uint16_t code;
    uint8_t error;
} meaning;

static const meaning meanings[] = {
#define ROW(symbol, error, sentence) {symbol, error},
#include "error_table.h"
#undef ROW
};

tin_result tin__told(tin_result result)
{
    const bool closed = result.error == TIN_E_HANDLE || result.error == TIN_E_STATE;

    return closed && result.last_error == 0 ? tin__fail(TIN_E_CANCELLED) : result;
}

/* A walk, as it stays right when a row is out of order, and failures can wait. Code 0 ends as an
 * internal error as well. Wine 8: InternetConnect with a service that it lacks, and
 * FtpFindFirstFile without a match, return NULL and leave GetLastError at 0. */
tin_result tin__from_win32(DWORD code)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (meanings[i].code == code)
            return (tin_result){(tin_error)meanings[i].error, code};
    return (tin_result){TIN_E_INTERNAL, code};
}
