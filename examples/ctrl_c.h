/* SPDX-License-Identifier: MIT */
/* How Ctrl-C ends an example in good order: what waits returns at once. */
#ifndef CTRL_C_H
#define CTRL_C_H

#include <thininet/thininet.h>

#define CTRL_C_EXIT_CODE 130 /* as shells have it */

static tin_handle ctrl_c_session;
static volatile bool ctrl_c_pressed;

/* On a thread of its own. Closing the session ends the call in progress with TIN_E_CANCELLED, and
 * lets none begin; where the session is still wanted, tin_cancel() does the first alone. */
static BOOL WINAPI ctrl_c_handler(DWORD event)
{
    (void)event;
    ctrl_c_pressed = true;
    tin_close_handle(ctrl_c_session);
    return TRUE;
}

static inline void end_by_ctrl_c(tin_handle session)
{
    ctrl_c_session = session;
    SetConsoleCtrlHandler(ctrl_c_handler, TRUE);
}

#endif
