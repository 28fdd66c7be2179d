/* SPDX-License-Identifier: MIT */
/* Percent-escapes, which stand for bytes of UTF-8. */
#ifndef TIN_ESCAPE_H
#define TIN_ESCAPE_H

#include "text.h"

/*
 * A part of a URL, decoded, as new text for free(); NULL on failure. TIN_E_URL: a wrong or cut
 * escape, what is not UTF-8 when it is decoded, and escaped control characters: NUL would cut the
 * text, CR LF would end an FTP command. TIN_E_ARGUMENT: a lone surrogate. What is allocated on
 * the way is wiped, as the part may be a password.
 */
tin_result tin__unescape(const wchar_t *escaped, wchar_t **plain);

/*
 * A path and query for the wire, as new text for free(); NULL on failure. It starts with '/'.
 * What RFC 3986 allows nowhere in a URL is escaped; good escapes stay as they are. '\' becomes
 * '/' in the path, as for WinInet and browsers, and "%5C" in the query, which WinInet would
 * change as well (Wine 8), as it would remove dot segments there: they become "%2E". TIN_E_URL: a
 * wrong or cut escape. TIN_E_ARGUMENT: a lone surrogate.
 */
tin_result tin__escape_path(const wchar_t *text, wchar_t **path);

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

#endif
