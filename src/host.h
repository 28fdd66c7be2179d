/* SPDX-License-Identifier: MIT */
/* Names of hosts, as a URL has them and as WinInet wants them. */
#ifndef TIN_HOST_H
#define TIN_HOST_H

#include "text.h"

#define TIN__HOST_SIZE (INTERNET_MAX_HOST_NAME_LENGTH + 1)

/*
 * In lower case, and in punycode if it is not ASCII. False: it cannot be the name of a host.
 * Letters, digits, '-', '.' and '_' (Windows machines have it) are allowed, and no escapes. An
 * IPv4 address is taken for a name.
 */
bool tin__host_name(const wchar_t *text, wchar_t name[TIN__HOST_SIZE]);

/* In its shortest spelling, so that one address is one origin. Without brackets, without a zone. */
bool tin__ipv6_address(const wchar_t *text, wchar_t address[TIN__HOST_SIZE]);

void tin__lower(wchar_t *text); /* ASCII */

#endif
