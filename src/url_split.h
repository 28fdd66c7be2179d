/* SPDX-License-Identifier: MIT */
/* Where the parts of a URL are in its text, whatever they hold (RFC 3986, appendix B). */
#ifndef TIN_URL_SPLIT_H
#define TIN_URL_SPLIT_H

#include "text.h"

/* A piece of somebody else's text. */
typedef struct tin__piece {
    const wchar_t *text; /* NULL: there is none, which is not the same as an empty one */
    size_t length;
} tin__piece;

typedef struct tin__pieces {
    tin__piece scheme;    /* without the colon; not that of "C:\x" and "C:/x" */
    tin__piece authority; /* without the slashes before it */
    tin__piece path;      /* never NULL */
    tin__piece query;     /* with its '?' */
    tin__piece fragment;  /* with its '#' */
} tin__pieces;

/* Also of a reference: without a scheme, or wholly empty. */
void tin__split_url(const wchar_t *text, tin__pieces *pieces);

/* The characters before the colon; 0 if the text does not start with a scheme. */
size_t tin__scheme_length(const wchar_t *text);

/* False: a control character, a space at either end, or too long. Not for empty texts. */
bool tin__is_acceptable_url(const wchar_t *text);
bool tin__is_utf16(const wchar_t *text);

/*
 * RFC 3986, 5.2.4, in place, for a path that starts with '/' and the query behind it. "%2e" is no
 * dot, as for WinInet.
 */
void tin__remove_dot_segments(wchar_t *path);

#endif
