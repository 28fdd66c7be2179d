/* SPDX-License-Identifier: MIT */
/*
 * All that the files in src/ share, for tests. The files themselves include the header of their own
 * floor, which brings those below it:
 *
 *   open, stream                     what the public headers promise
 *   http, ftp                        where bytes come from
 *   call <- handle <- native         how one call is made, what is heard meanwhile, who lives
 *   token, settings                  which values are handles; options that are kept
 *   result, text, url                what things mean
 */
#ifndef TIN_INTERNAL_H
#define TIN_INTERNAL_H

#include "ftp.h"
#include "http.h"
#include "open.h"
#include "stream.h"

#endif
