/* SPDX-License-Identifier: MIT */
/* "file:" URLs, in all the spellings that have been in use, as paths for CreateFileW. */
#ifndef TIN_LOCAL_NAME_H
#define TIN_LOCAL_NAME_H

#include "text.h"

/*
 * New text for free(), or NULL on failure. The URL starts with "file:", in any case.
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
