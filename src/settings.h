/* SPDX-License-Identifier: MIT */
/* Options that thininet keeps, because WinInet would forget them. */
#ifndef TIN_SETTINGS_H
#define TIN_SETTINGS_H

#include "url.h"

typedef enum tin__number {
    TIN__CONNECT_TIMEOUT,
    TIN__SEND_TIMEOUT,
    TIN__RECEIVE_TIMEOUT,
    TIN__DATA_SEND_TIMEOUT, /* FTP data; 0: as TIN__SEND_TIMEOUT */
    TIN__DATA_RECEIVE_TIMEOUT,
    TIN__TOTAL_TIMEOUT,
    TIN__CONNECT_RETRIES,
    TIN__MAX_REDIRECTS,
    TIN__SECURITY_FLAGS,
    TIN__HTTP_DECODING,
    TIN__NUMBERS
} tin__number;

typedef enum tin__words {
    TIN__USER,
    TIN__PASSWORD,
    TIN__PROXY_USER,
    TIN__PROXY_PASSWORD,
    TIN__WORDS
} tin__words;

typedef struct tin__shared_text tin__shared_text; /* counted, immutable, wiped at the end */

typedef struct tin__settings {
    volatile DWORD numbers[TIN__NUMBERS]; /* each read and written in one piece, without a lock */
    tin__shared_text *words[TIN__WORDS];
} tin__settings;

/* CONNECT_RETRIES until it is set: once, and only on a connection that was kept; it reads back
 * as 1. */
#define TIN__DEFAULT_RETRIES INFINITE

void tin__settings_default(tin__settings *settings); /* the process-wide ones */
void tin__settings_copy(tin__settings *to, const tin__settings *from);
void tin__settings_free(tin__settings *settings);
/* `settings` NULL: the process-wide ones. */
void tin__settings_set_number(tin__settings *settings, tin__number which, DWORD value);
DWORD tin__settings_number(const tin__settings *settings, tin__number which);
tin_result tin__settings_set_words(tin__settings *settings, tin__words which, const wchar_t *text);
void tin__settings_drop_words(tin__settings *settings, tin__words which);
const wchar_t *tin__settings_words(const tin__settings *settings, tin__words which); /* or NULL */
/* Hands them, and the URL's user, down to a request or connection before it does anything. */
void tin__settings_apply(const tin__settings *settings, HINTERNET handle, const tin__url *url,
                         bool credentials);

#endif
