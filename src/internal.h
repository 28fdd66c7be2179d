/* SPDX-License-Identifier: MIT */
/*
 * All that the files in src/ share, for tests. The files themselves include the header of their own
 * floor, which brings those below it:
 *
 *   http, ftp, local_file            where bytes come from
 *   open, stream                     what all that is opened has in common
 *   call <- handle <- native         how one call is made, what is heard meanwhile, who lives
 *   token, settings                  which values are handles; options that are kept
 *   result, text, url                what things mean
 */
#ifndef TIN_INTERNAL_H
#define TIN_INTERNAL_H

#include "ftp.h"
#include "http.h"
#include "local_file.h"
#include "stream.h"

#endif
