/* SPDX-License-Identifier: MIT */
/* How one call is made, and what is heard meanwhile. */
#ifndef TIN_CALL_H
#define TIN_CALL_H

#include "handle.h"

/* ---- status.c: events in, typed events out --------------------------------------------------- */

void CALLBACK tin__on_status(HINTERNET handle, DWORD_PTR context, DWORD code, LPVOID data,
                             DWORD size);
bool tin__can_call_back(void); /* before anything else here */
/* What was heard; with the lock held, which it lets go meanwhile. */
void tin__deliver(tin__object *object);
void tin__notify(tin__object *object, const tin_status_w *status); /* an event of our own */
/* HANDLE_CLOSING, once no callback runs, and silence from then on; with the lock held, but for
 * meanwhile. */
void tin__notify_last(tin__object *object);
void tin__await_callback(tin__object *object); /* that is running in another thread */
void tin__silence(tin__object *object);        /* no more events */
void tin__await_silence(tin__object *object);
void tin__watch_free(tin__watch *watch);
void *tin__context(const tin__object *object); /* what the callback is handed; with the lock held */

/* ---- call.c: how one call is made: start, wait, deadline, cancel, abandon ------------------- */

/* Stands for GetLastError() == 0 after a failure; see tin__last_error(). */
#define TIN__SAID_NOTHING 0xFFFFFFFFu

DWORD tin__last_error(void);
tin_result tin__result_of(DWORD error); /* of tin__last_error(), or ERROR_SUCCESS */
void tin__begin_phase(tin__object *object, tin__phase phase); /* starts its clock anew */
void tin__set_phase(tin__object *object, tin__phase phase);   /* the same, with the lock held */
DWORD tin__phase_timeout(const tin__object *object, tin__phase phase); /* in ms; INFINITE: none */
/* Only if it is another; with the lock held. */
void tin__change_phase(tin__object *object, tin__phase phase);
/* One call of the current native: on this thread, a pool thread, or one of its own, which keeps
 * what an FTP server says. */
tin_result tin__call(tin__object *object, tin__start *start);
tin_result tin__call_on_pool(tin__object *object, tin__start *start);
tin_result tin__call_on_thread(tin__object *object, tin__start *start);
/* The same in two: what is under way between them is the system's, and the object can be left.
 * Waits until it has completed, or only until it is so far; what was given up is known by its
 * failure alone. */
typedef bool tin__reached(const tin__native *native); /* with the lock held */
tin__reached tin__has_completed;
tin_result tin__begin_on_pool(tin__object *object, tin__start *start);
tin_result tin__await(tin__object *object, tin__reached *reached);

#endif
