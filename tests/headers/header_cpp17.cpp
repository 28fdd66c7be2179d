/* SPDX-License-Identifier: MIT */
/* The public header, and nothing else, in a C++17 program that is compiled with -pedantic. */
#include <thininet/thininet.h>

int main()
{
    const tin_result result{TIN_OK, 0};

    return tin_ok(result) ? 0 : 1;
}
