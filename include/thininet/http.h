/* SPDX-License-Identifier: MIT */
/**
 * \file http.h
 * Connections, and requests to HTTP servers: open, add headers, send, ask for the answer.
 */
#ifndef THININET_HTTP_H
#define THININET_HTTP_H

#include <thininet/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Opens a connection to a server (InternetConnect).
 *
 * For HTTP nothing is sent yet: each request makes, or takes again, a connection of its own. For
 * FTP it connects and logs on.
 *
 * \param session     The session.
 * \param server      A host name (not ASCII ones become punycode) or an IP address.
 * \param port        INTERNET_INVALID_PORT_NUMBER for the service's own: 80, 21. A connection to
 *                    port 443 speaks https only in requests with INTERNET_FLAG_SECURE, as with
 *                    WinInet.
 * \param user        NULL for none: then the session's INTERNET_OPTION_USERNAME, and FTP without
 *                    one logs on as "anonymous".
 * \param password    NULL with a user is an empty one; without a user it is TIN_E_ARGUMENT.
 * \param service     INTERNET_SERVICE_HTTP or INTERNET_SERVICE_FTP; INTERNET_SERVICE_GOPHER, which
 *                    no system has any more, gives TIN_E_UNSUPPORTED.
 * \param flags       For FTP: INTERNET_FLAG_PASSIVE for the passive mode; without it the server
 *                    connects to this computer. For HTTP: 0.
 * \param context     Handed to the status callback; NULL: as the session's.
 * \param connection  The connection; close it with tin_close_handle(), which closes what was opened
 *                    under it. NULL on failure.
 * \returns TIN_OK; TIN_E_ARGUMENT; TIN_E_UNSUPPORTED; TIN_E_HANDLE; TIN_E_MEMORY; FTP: TIN_E_DNS;
 *          TIN_E_CONNECT; TIN_E_TIMEOUT; TIN_E_CANCELLED; TIN_E_AUTH; TIN_E_SERVER.
 * \threadsafety Any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_connect(tin_handle session, const char *server,
                                             INTERNET_PORT port, const char *user,
                                             const char *password, DWORD service, DWORD flags,
                                             void *context, tin_handle *connection);
/** UTF-16 twin of tin_connect(). */
TIN_API TIN_NODISCARD tin_result tin_connect_w(tin_handle session, const wchar_t *server,
                                               INTERNET_PORT port, const wchar_t *user,
                                               const wchar_t *password, DWORD service, DWORD flags,
                                               void *context, tin_handle *connection);

#ifdef __cplusplus
}
#endif

#endif
