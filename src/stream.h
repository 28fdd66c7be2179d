/* SPDX-License-Identifier: MIT */
/* What is read and written, wherever the bytes come from or go to. */
#ifndef TIN_STREAM_H
#define TIN_STREAM_H

#include "call.h"

/* ---- stream.c -------------------------------------------------------------------------------- */

/* What every function that hands out bytes begins with. NULL: *result says why not. */
tin__object *tin__enter_to_read(tin_handle file, const void *buffer, size_t size, size_t *got,
                                tin_result *result);
/* Fills the native's own buffer, for a call that was given up may still write there: one call on a
 * pool thread, which reads `wanted` bytes at the most and says how many in `transferred`. */
tin_result tin__fill_on_pool(tin__object *object, size_t size, size_t *got, tin__phase phase,
                             tin__start *start);
tin_result tin__read_ahead(tin__object *object); /* some bytes in the read buffer; none: the end */

/* ---- write.c --------------------------------------------------------------------------------- */

tin__start tin__start_write; /* InternetWriteFile */

tin_result tin__flush(tin__object *object);   /* sends what was gathered, until it has left */
tin_result tin__end_writing(tin_handle file); /* what closing a file has to wait for */

/* ---- write_queue.c --------------------------------------------------------------------------- */

/* What the call on the pool thread does: `write` writes the `wanted` bytes of the native's buffer,
 * or the first of them; `transferred` says how many. */
DWORD tin__send_queue(tin__native *native, tin__start *write, DWORD_PTR *value);
bool tin__make_queue(tin__object *object); /* its memory; false: there is none */
/* At most a piece, which leaves later. */
tin_result tin__queue(tin__object *object, const BYTE *bytes, size_t size, size_t *queued);
tin_result tin__drain_queue(tin__object *object); /* until all has left */

#endif
