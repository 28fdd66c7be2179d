/* SPDX-License-Identifier: MIT */
/* Opening something under a handle. */
#ifndef TIN_OPEN_H
#define TIN_OPEN_H

#include "call.h"

/* Opens the object's native; `parent` stays open meanwhile. */
typedef tin_result tin__open(tin__object *object, tin__object *parent, void *how);

/* A new handle below `handle`, which is of one of `kinds`. The caller is told of it before anything
 * can block, and of the outcome; what a server said of a failure is found at the parent. */
tin_result tin__open_child(tin_handle handle, unsigned kinds, tin__kind kind, void *context,
                           tin__open *open, void *how, tin_handle *child);

/* The same below an object that the caller has entered. */
tin_result tin__open_below(tin__object *parent, tin__kind kind, void *context, tin__open *open,
                           void *how, tin_handle *child);

#endif
