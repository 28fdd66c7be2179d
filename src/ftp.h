/* SPDX-License-Identifier: MIT */
/* How a connection to an FTP server is asked. */
#ifndef TIN_FTP_H
#define TIN_FTP_H

#include "open.h"

/* Open the object's native, and set its stream; they take over *url. `session` is the object's
 * parent, and stays open meanwhile. */
tin_result tin__connect_ftp(tin__object *object, tin__object *session, tin__url *url, DWORD flags);
tin_result tin__open_ftp(tin__object *object, tin__object *session, tin__url *url, DWORD flags);

/* ---- ftp.c ----------------------------------------------------------------------------------- */

/* Enters a connection that can make a call now: none is in progress, no file or find of it is open,
 * and no call was given up, which leaves WinInet in the middle of the dialogue. */
tin__object *tin__ftp_enter(tin_handle handle, tin_result *result);
tin__object *tin__ftp_enter_for(tin_handle handle, const wchar_t *name, tin_result *result);
/* What the server is told is one line. TIN_E_ARGUMENT: NULL, empty, with control characters. */
tin_result tin__ftp_check(const wchar_t *name);
/* Calls a function of WinInet's with these names, of which either may be NULL. What the server said
 * is the native's response, of a failure the object's. */
tin_result tin__ftp_call(tin__object *connection, tin__ftp_function *function, const wchar_t *first,
                         const wchar_t *second);
/* The same for a function that opens a handle below `parent`: of a file or a find. Takes over *url,
 * if there is one. */
tin_result tin__ftp_open(tin__object *object, tin__native *parent, tin__phase phase,
                         tin__ftp_function *function, const wchar_t *name, DWORD flags,
                         tin__url *url);
/* A further call on what was opened so. */
tin_result tin__ftp_ask(tin__object *object, tin__ftp_function *function);
bool tin__ftp_say(HINTERNET connection, const char *command); /* for such functions: FtpCommand */
/* The reply in what WinInet says that the server said: its last one; NULL: there is none. */
const wchar_t *tin__ftp_reply(const wchar_t *response);
bool tin__ftp_refused(const wchar_t *response); /* 4xx, 5xx */
/* What the server said in a call that succeeded, for tin_get_last_response_info(). */
void tin__ftp_keep_response(tin__object *object, tin__native *native);
tin_result tin__ftp_read_size(const wchar_t *response, uint64_t *size); /* of "213 1234" */
DWORD tin__ftp_transfer_flags(DWORD type, DWORD flags); /* binary, unless one says otherwise */

/* ftp_file.c */
extern const tin__stream_type tin__ftp_reading;

#endif
