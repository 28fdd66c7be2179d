/* SPDX-License-Identifier: MIT */
/* What URLs are made of, as text (RFC 3986), which the files that read and write them share. */
#ifndef TIN_URL_SYNTAX_H
#define TIN_URL_SYNTAX_H

#include "url.h"

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

/* RFC 3986, 5.2.2: what `reference`, which has no scheme, means at `base`. New text for free(), or
 * NULL on failure. Dot segments stay. */
tin_result tin__resolve(const tin__pieces *base, const tin__pieces *reference, wchar_t **resolved);

/* "scheme://host:port/path": an IPv6 host gets its brackets, the path a '/' where it does not begin
 * with one. New text for free(), or NULL on failure. */
tin_result tin__compose_url(const wchar_t *scheme, const wchar_t *host, unsigned port,
                            const wchar_t *path, wchar_t **url);

/* A colon and digits; "" for port 0. */
const wchar_t *tin__port_text(unsigned port, wchar_t room[TIN__NUMBER_SIZE + 1]);

/* ---- url_escape.c: percent-escapes, which stand for bytes of UTF-8 --------------------------- */

wchar_t *tin__write_escape(wchar_t *out, unsigned char byte); /* returns its end */
int tin__escaped_byte(const char *escape); /* of "%41"; -1 if it is wrong or cut */
/* Not allowed anywhere in a URL (RFC 3986). '[' and ']' are, to WinInet: "?item[]=1" is common. */
bool tin__must_be_escaped(unsigned char byte);

/*
 * A part of a URL, decoded, as new text for free(); NULL on failure. TIN_E_URL: a wrong or cut
 * escape, what is not UTF-8 when it is decoded, and escaped control characters: NUL would cut the
 * text, CR LF would end an FTP command. TIN_E_ARGUMENT: a lone surrogate. What is allocated on
 * the way is wiped, as the part may be a password.
 */
tin_result tin__unescape(const wchar_t *escaped, wchar_t **plain);

/*
 * A path and query for the wire, in a room, which is left empty on failure. It starts with '/'.
 * What RFC 3986 allows nowhere in a URL is escaped; good escapes stay as they are. '\' becomes
 * '/' in the path, as for WinInet and browsers, and "%5C" in the query, which WinInet would
 * change as well (Wine 8), as it would remove dot segments there: they become "%2E". TIN_E_URL: a
 * wrong or cut escape. TIN_E_ARGUMENT: a lone surrogate.
 */
tin_result tin__escape_path(const wchar_t *text, tin__room *path);

/* ---- url_file.c: "file:" URLs, in all the spellings that have been in use -------------------- */

/*
 * The path for CreateFileW: new text for free(), or NULL on failure. The URL starts with
 * "file:", in any case.
 *
 * One rule covers RFC 8089, MFC's "file://C:\x" and what browsers and editors write: escapes are
 * decoded, both slashes mean the same, and then
 *   a drive after any number of slashes, or after "//localhost/", starts the path: "C:\x" (also
 *     "C|/x");
 *   two slashes and a name are a server's: "\\server\share\f"; four slashes or more, too;
 *   one or three slashes start at the root of the current drive: "\x";
 *   none start at the current folder: "file:notes.txt".
 *
 * '?' and '#' end the file's name as in any URL, unless '\' comes first: then it is a path with
 * "file:" before it, as MFC has it, and "file://C:\a#b.txt" is C:\a#b.txt. Elsewhere it is
 * written "a%23b.txt".
 *
 * TIN_E_URL: no name at all, wrong escapes, escapes that are not UTF-8 or are control characters.
 */
tin_result tin__local_name(const wchar_t *url, wchar_t **path);

#endif
