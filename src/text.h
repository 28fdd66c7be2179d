/* SPDX-License-Identifier: MIT */
/* Text: UTF-8 outside, UTF-16 inside; how it is handed out, and how it is forgotten. */
#ifndef TIN_TEXT_H
#define TIN_TEXT_H

#include "result.h"

/*
 * New text for free(), or NULL on failure. NULL gives NULL and TIN_OK. TIN_E_ARGUMENT: malformed
 * (overlong forms, lone surrogates), or longer than Windows can convert at once; TIN_E_MEMORY.
 */
tin_result tin__wide(const char *utf8, wchar_t **wide);
tin_result tin__narrow(const wchar_t *wide, char **utf8);

/* What an FTP server sent: UTF-8, or else the ANSI code page. New text for free(), or NULL for want
 * of memory. */
wchar_t *tin__wide_of_bytes(const char *bytes);

/* New text for free(), or NULL on failure. NULL gives NULL and TIN_OK. TIN_E_MEMORY. */
tin_result tin__copy_wide(const wchar_t *text, wchar_t **copy);

/*
 * The protocol of every function that fills a text buffer. *size is the buffer's size in bytes on
 * the way in. On the way out it is, in bytes: with TIN_OK the length without the NUL; with
 * TIN_E_BUFFER_TOO_SMALL the size needed with the NUL, the buffer untouched; else 0. A NULL text
 * asks for the size. A NULL value is an empty one. A lone surrogate becomes U+FFFD in UTF-8: what
 * WinInet says is shown as well as it can be. TIN_E_ARGUMENT: size is NULL.
 */
tin_result tin__copy_text(const wchar_t *value, char *text, size_t *size);
tin_result tin__copy_text_w(const wchar_t *value, wchar_t *text, size_t *size);

/* Below the space, and DEL: what neither a URL nor the name of a file may hold. */
static inline bool tin__is_control(wchar_t character)
{
    return character < L' ' || character == 0x7F;
}

static inline bool tin__is_letter(wchar_t character)
{
    return (character >= L'A' && character <= L'Z') || (character >= L'a' && character <= L'z');
}

/* Without regard to case, nor to the locale, in which "FILE" need not be "file" (Turkish). */
bool tin__starts_with(const wchar_t *text, const wchar_t *start);

/* Overwrites and frees what may be a secret; NULL is allowed. */
void tin__wipe_text(wchar_t *text);

#endif
