/* SPDX-License-Identifier: MIT */
/* Files of this computer that are read or written from the beginning to the end. */
#ifndef TIN_WHOLE_FILE_H
#define TIN_WHOLE_FILE_H

#include "result.h"

tin_result tin__open_to_load(const wchar_t *path, HANDLE *file);
tin_result tin__load(HANDLE file, void *buffer, size_t size, size_t *got); /* 0: the end */
tin_result tin__store(HANDLE file, const void *bytes, size_t size);        /* all of them */

#endif
