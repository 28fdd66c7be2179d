/* SPDX-License-Identifier: MIT */
/* The public header, and nothing else, in a C99 program that is compiled with -pedantic. */
#include <thininet/thininet.h>

int main(void)
{
    tin_result result = {TIN_OK, 0};

    return tin_ok(result) ? 0 : 1;
}
