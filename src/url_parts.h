/* SPDX-License-Identifier: MIT */
/* URLs of any scheme, taken apart and put together: what <thininet/url.h> stands on. */
#ifndef TIN_URL_PARTS_H
#define TIN_URL_PARTS_H

#include "url_syntax.h"

typedef enum tin__url_text {
    TIN__SCHEME_TEXT,
    TIN__USER_TEXT,
    TIN__PASSWORD_TEXT,
    TIN__HOST_TEXT,
    TIN__PATH_TEXT,
    TIN__EXTRA_TEXT,
    TIN__URL_TEXTS
} tin__url_text;

/* As tin_url_parts, whose comments say what is in it. */
typedef struct tin__parts {
    INTERNET_SCHEME scheme;
    DWORD service;
    INTERNET_PORT port;
    wchar_t *texts[TIN__URL_TEXTS];
} tin__parts;

/* What is known of a scheme. */
typedef struct tin__scheme_row {
    const wchar_t *name;
    INTERNET_PORT port; /* 0: none */
    DWORD service;
    bool needs_host;
} tin__scheme_row;

INTERNET_SCHEME tin__find_scheme(const wchar_t *name);             /* in lower case */
const tin__scheme_row *tin__scheme_row_of(INTERNET_SCHEME scheme); /* the name "" for others */

/* *parts is all zero on failure; tin__free_parts either way. Path and extra are written by the
 * flags. */
tin_result tin__read_parts(const wchar_t *url, DWORD flags, tin__parts *parts);
void tin__free_parts(tin__parts *parts);

/* How the path and extra of tin__write_parts are meant. */
typedef enum tin__written {
    TIN__NOT_WRITTEN, /* write them by the flags */
    TIN__WRITTEN      /* by tin__read_parts: they stay as they are */
} tin__written;

/* New text for free(), or NULL on failure. It is not checked: the next one does that. */
tin_result tin__write_parts(const tin__parts *parts, DWORD flags, tin__written written,
                            wchar_t **url);
/* Both: what tin_canonicalize_url() gives. */
tin_result tin__canonical_url(const wchar_t *url, DWORD flags, wchar_t **canonical);

/* TIN_E_ARGUMENT: flags other than these ones, or some that contradict each other. */
tin_result tin__check_url_flags(DWORD flags, DWORD others);

/* How a part of a URL is to be read, and what would end it. */
typedef enum tin__part {
    TIN__PLAIN_PART, /* not a URL's text yet: all but letters, digits and "-._~" is escaped */
    TIN__PATH_PART,  /* '?' and '#' are escaped, whatever the flags say */
    TIN__EXTRA_PART  /* query and fragment */
} tin__part;

/*
 * A part as the ICU_ flags of tin_canonicalize_url() want it, as new text for free(); NULL on
 * failure. TIN_E_URL: a wrong or cut escape. TIN_E_ARGUMENT: a lone surrogate. What is allocated
 * on the way is wiped, as the part may be a password.
 */
tin_result tin__write_part(const wchar_t *text, tin__part part, DWORD flags, wchar_t **written);
/* The same in place: wipes what it was made from. */
tin_result tin__write_over(wchar_t **text, tin__part part, DWORD flags);

#endif
