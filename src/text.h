/* SPDX-License-Identifier: MIT */
/* Text: UTF-8 outside, UTF-16 inside; how it is handed out, and how it is forgotten. */
#ifndef TIN_TEXT_H
#define TIN_TEXT_H

#include <stdlib.h>

#include "result.h"

/*
 * New text for free(), or NULL on failure. NULL gives NULL and TIN_OK. TIN_E_ARGUMENT: malformed
 * (overlong forms, lone surrogates), or longer than Windows can convert at once; TIN_E_MEMORY.
 */
tin_result tin__wide(const char *utf8, wchar_t **wide);
tin_result tin__narrow(const wchar_t *wide, char **utf8);

/* Room for a text that is needed for a moment only: here where it is short, else on the heap. */
typedef struct tin__room {
    void *bytes; /* NULL: none was taken */
    size_t size;
    wchar_t here[512];
} tin__room;

void *tin__take_room(tin__room *room, size_t size); /* NULL for want of memory */
void tin__leave_room(tin__room *room); /* overwrites what was in it, which may be a secret */

/* tin__narrow() into a room, which is left empty on failure. */
tin_result tin__narrow_in(const wchar_t *wide, tin__room *room);

/* Copies in UTF-16 of what a caller passed in UTF-8; TIN__WIDEN(&wide, first, second, ...) makes
 * them, with the results of tin__wide(), and tin__forget() overwrites and frees them whatever that
 * result was. The twin in UTF-16 is called in between. */
typedef struct tin__wide_texts {
    wchar_t *text[6];
    size_t used;       /* of the next one: */
    wchar_t here[512]; /* short texts take no memory of the heap */
} tin__wide_texts;

#define TIN__WIDEN(wide, ...)                                                                      \
    tin__widen(wide, (const char *const[]){__VA_ARGS__},                                           \
               sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

tin_result tin__widen(tin__wide_texts *wide, const char *const *utf8, size_t count);
tin_result tin__forget(tin__wide_texts *wide, tin_result result); /* returns `result` */

/* What an FTP server sent: UTF-8, or else the ANSI code page. New text for free(), or NULL for want
 * of memory. */
wchar_t *tin__wide_of_bytes(const char *bytes);

/* New text for free(), or NULL on failure. NULL gives NULL and TIN_OK. TIN_E_MEMORY. */
tin_result tin__copy_wide(const wchar_t *text, wchar_t **copy);

/* One after the other, as new text for free(), or NULL on failure; NULL among them is nothing. */
tin_result tin__join(const wchar_t *const *texts, size_t count, wchar_t **joined);

/* Texts one behind the other in a block that has room for them: how many bytes one takes, and a
 * copy at *end, which moves on. NULL takes none, and stays NULL. */
size_t tin__text_size(const wchar_t *text);
wchar_t *tin__put_text(wchar_t **end, const wchar_t *text);

/* Where a text of ours goes: the caller's buffer, in UTF-8 or in UTF-16. */
typedef struct tin__out {
    char *utf8;
    wchar_t *utf16; /* one of them is used */
    bool is_wide;
    size_t *size;
} tin__out;

static inline tin__out tin__to_utf8(char *text, size_t *size)
{
    return (tin__out){text, NULL, false, size};
}

static inline tin__out tin__to_utf16(wchar_t *text, size_t *size)
{
    return (tin__out){NULL, text, true, size};
}

/*
 * The protocol of every function that fills a text buffer. *size is the buffer's size in bytes on
 * the way in. On the way out it is, in bytes: with TIN_OK the length without the NUL; with
 * TIN_E_BUFFER_TOO_SMALL the size needed with the NUL, the buffer untouched; else 0. A NULL text
 * asks for the size. A NULL value is an empty one. A lone surrogate becomes U+FFFD in UTF-8: what
 * WinInet says is shown as well as it can be. TIN_E_ARGUMENT: size is NULL.
 */
tin_result tin__copy_out(const wchar_t *value, tin__out to);
/* The same for so many units, of which the last is the NUL. */
tin_result tin__copy_units(const wchar_t *value, size_t units, tin__out to);

/* tin__copy_out() where `result` is TIN_OK; else *size becomes 0. Either way `value` is overwritten
 * and freed. */
tin_result tin__hand_out(tin_result result, wchar_t *value, tin__out to);

/* Below the space, and DEL: what neither a URL nor the name of a file may hold. */
static inline bool tin__is_control(wchar_t character)
{
    return character < L' ' || character == 0x7F;
}

/* Is one of them in a text? NULL has none. */
bool tin__has_control(const wchar_t *text);

static inline bool tin__is_digit(wchar_t character)
{
    return character >= L'0' && character <= L'9';
}

static inline bool tin__is_letter(wchar_t character)
{
    return (character >= L'A' && character <= L'Z') || (character >= L'a' && character <= L'z');
}

/* Digits, which end where *text then is. False: there are none, or too many for 64 bits. */
bool tin__take_number(const wchar_t **text, uint64_t *number);

#define TIN__NUMBER_SIZE 21 /* of the largest one, with its NUL */
wchar_t *tin__digits(uint64_t number, wchar_t room[TIN__NUMBER_SIZE]);

/* Without regard to case, nor to the locale, in which "FILE" need not be "file" (Turkish). */
bool tin__starts_with(const wchar_t *text, const wchar_t *start);

void tin__turn(wchar_t *text, wchar_t from, wchar_t to); /* one character into another */

/* free() for what is mostly NULL, which, too, goes through three DLLs: 8 ns under Wine 8. */
static inline void tin__free(void *memory)
{
    if (memory != NULL)
        free(memory);
}

/* Overwrites and frees what may be a secret; NULL is allowed. */
void tin__wipe_text(wchar_t *text);
void tin__wipe_utf8(char *text);

#endif
