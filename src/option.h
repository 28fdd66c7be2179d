/* SPDX-License-Identifier: MIT */
/* What each option's value is, where it may be set and asked for, and who keeps it. */
#ifndef TIN_OPTION_H
#define TIN_OPTION_H

#include "call.h"

typedef enum tin__shape {
    TIN__IS_NUMBER,  /* a DWORD or BOOL */
    TIN__IS_TIMEOUT, /* a DWORD, not 0 */
    TIN__IS_COUNT,   /* a DWORD, not INFINITE */
    TIN__IS_POINTER, /* a DWORD_PTR */
    TIN__IS_STRUCT,  /* of this size */
    TIN__IS_RECORD,  /* the same; a query has the texts behind it that it points to */
    TIN__IS_TEXT,
    TIN__IS_ANSI_TEXT, /* also from InternetQueryOptionW */
    TIN__IS_SIGNAL,    /* has no value */
    TIN__IS_ANYTHING   /* takes more than one form, or is not known: WinInet checks */
} tin__shape;

typedef enum tin__keeper {
    TIN__BY_WININET,
    TIN__BY_NUMBER, /* a tin__number of ours */
    TIN__BY_BOTH,   /* the same; an HTTP request of WinInet's is told at once, and asked */
    TIN__BY_WORDS,  /* a tin__words of ours */
    TIN__BY_OBJECT, /* it is about the handle itself */
    TIN__BY_NOBODY  /* refused */
} tin__keeper;

/* The whole process (NULL); sessions; connections; and what is opened by them. */
typedef enum tin__level {
    TIN__AT_PROCESS = 1 << 0,
    TIN__AT_SESSION = 1 << 1,
    TIN__AT_CONNECTION = 1 << 2,
    TIN__AT_REQUEST = 1 << 3
} tin__level;

typedef struct tin__option {
    DWORD option;
    unsigned set, query; /* at which levels */
    tin__keeper keeper;
    unsigned which; /* tin__number, tin__words */
    tin__shape shape;
    DWORD size; /* of the value in bytes; 0: none, or not fixed */
} tin__option;

/* ---- option_table.c -------------------------------------------------------------------------- */

/* Never NULL: an option that is not known may be anything, anywhere, and is WinInet's. */
const tin__option *tin__find_option(DWORD option);
bool tin__option_is_dword(const tin__option *row);
bool tin__option_is_text(const tin__option *row);
/* Is this value, which is no text, of the right kind, size and range? */
bool tin__option_takes(const tin__option *row, const void *value, DWORD size);

/* ---- option_wininet.c: of the object's handle at WinInet; NULL: of the whole process --------- */

tin_result tin__set_native_option(tin__object *object, DWORD option, const void *value, DWORD size);
/* As InternetQueryOptionW, with its sizes. */
tin_result tin__query_native_option(tin__object *object, DWORD option, void *value, DWORD *size);
tin_result tin__query_native_text(tin__object *object, DWORD option, bool is_ansi, void **text);

#endif
