/* SPDX-License-Identifier: MIT */
/* Files without WinInet. */
#ifndef TIN_LOCAL_FILE_H
#define TIN_LOCAL_FILE_H

#include "open.h"

/* Opens the object's native, and sets its stream; takes over *url. */
tin_result tin__open_local(tin__object *object, tin__url *url);

#endif
