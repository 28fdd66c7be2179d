/* SPDX-License-Identifier: MIT */
/* What may be opened, checked and taken apart before WinInet or the file system sees it. */
#ifndef TIN_URL_H
#define TIN_URL_H

#include "text.h"

/* The longest URL or local name, in UTF-16 units, as it was given and as WinInet is given it. */
#define TIN__LONGEST_URL 65535u

#define TIN__HOST_SIZE (INTERNET_MAX_HOST_NAME_LENGTH + 1)

typedef enum tin__scheme { TIN__LOCAL, TIN__HTTP, TIN__HTTPS, TIN__FTP } tin__scheme;

typedef struct tin__url {
    tin__scheme scheme;
    wchar_t *text; /* for WinInet: ASCII, no user info, no fragment; local: for CreateFileW */
    wchar_t host[TIN__HOST_SIZE]; /* ASCII, lower case, IPv6 without its brackets; local: "" */
    INTERNET_PORT port;           /* the scheme's own unless another was given; 0 for local names */
    wchar_t *user;                /* decoded; NULL when there is none */
    wchar_t *password;   /* decoded; empty when there is only a user; NULL without a user */
    wchar_t *path;       /* ftp: decoded, for FtpOpenFileW, "" for the login folder; else NULL */
    DWORD transfer_type; /* ftp: FTP_TRANSFER_TYPE_ASCII or _BINARY by ";type="; else 0 */
} tin__url;

/*
 * Checks a URL or a local name and takes it apart. *url is all zero on failure; tin__free_url
 * either way.
 *
 * What starts with a scheme, two characters or more before a colon, is a URL: http, https and ftp
 * with a host, or a "file:" URL (url_syntax.h). Anything else is a local name and left to
 * CreateFileW as it is, escapes, '#' and all: "C:\x" (one letter is a drive), "\\server\share\f",
 * "notes.txt", and also "www.example.com". A relative name with a colon in it
 * ("notes.txt:stream") needs ".\" before it.
 *
 * In the URL for WinInet the scheme and the host are in lower case, a host that is not ASCII is
 * in punycode, the port is left out where it is the scheme's own (but never after an IPv6
 * address), dot segments are removed, '\' in the path is '/', and what RFC 3986 does not allow in
 * a URL, spaces included, is percent-encoded as UTF-8. Good escapes stay as they are.
 *
 * The path of ftp is relative to the login folder, as RFC 1738 has it: "ftp://host/a/b" is "a/b",
 * and "ftp://host/%2Fa/b" or "ftp://host//a/b" is "/a/b". '?' belongs to it, as ftp knows no
 * query.
 *
 * TIN_E_ARGUMENT: NULL, empty, or a URL with a lone surrogate. TIN_E_UNSUPPORTED: any other
 * scheme, and ";type=d". TIN_E_MEMORY. TIN_E_URL for the rest: a control character, or a space at
 * either end (also of local names); no host, or one with wrong characters; spaces, '\' or a
 * second '@' before the path; a port outside 1..65535; a wrong escape; escaped control characters
 * where they would be decoded (user info, ftp, file); longer than TIN__LONGEST_URL.
 */
tin_result tin__parse_url(const wchar_t *text, tin__url *url);

/* Frees what the parts own and zeroes the struct; the password is overwritten. */
void tin__free_url(tin__url *url);

/*
 * Where a redirect leads: "location" as seen from "base", by RFC 3986, section 5, then as by
 * tin__parse_url. "" is the base itself. A target is never local: a server must not open our
 * files, so "file:" and drive letters are TIN_E_UNSUPPORTED. TIN_E_ARGUMENT also for a local
 * base.
 */
tin_result tin__resolve_url(const tin__url *base, const wchar_t *location, tin__url *target);

/* Scheme, host and port are the same. Local names have no origin, not even that of themselves. */
bool tin__same_origin(const tin__url *a, const tin__url *b);

/* The authority, "user:password@host:port", is cut into pieces; the port stays as it is where none
 * is given. TIN_E_URL; TIN_E_MEMORY. */
tin_result tin__read_authority(wchar_t *authority, tin__url *url);

/* ---- url_host.c: names of hosts, as a URL has them and as WinInet wants them ----------------- */

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
