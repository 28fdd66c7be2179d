/* SPDX-License-Identifier: MIT */
/* What whole transfers share. They are made of public functions: of src/, they use the bottom floor
 * alone. */
#ifndef TIN_TRANSFER_H
#define TIN_TRANSFER_H

#include "text.h"

/* Tells the caller how far it has come. */
typedef struct tin__meter {
    tin_progress_callback *callback;
    void *context;
    ULONGLONG began, told; /* GetTickCount64 */
    uint64_t first;        /* what was there when it began */
    tin_progress progress;
} tin__meter;

/* `progress` and `context` are the caller's; a length that the file does not say is not known. */
tin__meter tin__meter_begin(tin_progress_callback *progress, void *context);
/* So many bytes are there now: TIN_E_CANCELLED if the caller wants no more. */
tin_result tin__meter_advance(tin__meter *meter, uint64_t done);
tin_result tin__meter_end(tin__meter *meter);

/* Is this the answer that was wanted? *status is 0 for what is not HTTP. */
tin_result tin__transfer_status(tin_handle file, DWORD *status);
/* The answer is a part: is it the rest of the file from `first`, all of it? */
bool tin__is_rest(tin_handle file, uint64_t first);

#endif
