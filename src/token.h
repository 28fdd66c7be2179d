/* SPDX-License-Identifier: MIT */
/* Which values are handles. */
#ifndef TIN_TOKEN_H
#define TIN_TOKEN_H

#include "result.h"

typedef enum tin__kind {
    TIN__SESSION = 1 << 0,
    TIN__HTTP_FILE = 1 << 1,
    TIN__FTP_FILE = 1 << 2,
    TIN__LOCAL_FILE = 1 << 3,
    TIN__HTTP_CONNECTION = 1 << 4,
    TIN__FTP_CONNECTION = 1 << 5,
    TIN__FTP_FIND = 1 << 6,
    TIN__NATIVE = 1 << 7, /* not a handle of the user's: the context that WinInet is given */

    TIN__CONNECTION = TIN__HTTP_CONNECTION | TIN__FTP_CONNECTION,
    TIN__FILE = TIN__HTTP_FILE | TIN__FTP_FILE | TIN__LOCAL_FILE,
    TIN__ANY = TIN__SESSION | TIN__CONNECTION | TIN__FTP_FIND | TIN__FILE
} tin__kind;

typedef enum tin__access {
    TIN__SHARED,    /* beside any other call */
    TIN__EXCLUSIVE, /* one call at a time, else TIN_E_STATE */
    TIN__CLOSING,   /* the one call that closes */
    TIN__INTERNAL   /* also after it was closed */
} tin__access;

/* A new token for `item`, with one reference; one more if it is entered exclusively at once. */
bool tin__token_create(void *item, tin__kind kind, tin__access access, tin_handle *token);
/* Takes a reference; NULL with *error set where the token is not one of `kinds` that may be
 * entered. */
void *tin__token_enter(tin_handle token, unsigned kinds, tin__access access, tin_error *error);
/* Drops a reference, and by TIN__CLOSING also the one it was created with; true if none is left,
 * which makes the token stale. */
bool tin__token_leave(tin_handle token, tin__access access);
/* Whether nobody else is inside, nor will be; for who entered it with TIN__CLOSING. */
bool tin__token_is_alone(tin_handle token);
/* The memory of an item that had a token is gone. */
void tin__token_forget(void);
bool tin__wait_until_idle(DWORD timeout_ms); /* for tests: until no such memory is left */

#endif
