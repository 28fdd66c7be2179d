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

/** For tin_connect() to an FTP server: it connects to this computer for each transfer, rather than
 * this computer to it, as WinInet does without INTERNET_FLAG_PASSIVE. */
#define TIN_FLAG_ACTIVE 0x00000008u

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
 * \param flags       For FTP: TIN_FLAG_ACTIVE for the active mode. The passive mode is the default
 *                    here: INTERNET_FLAG_PASSIVE changes nothing. For HTTP: 0.
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

/**
 * Opens a request, for any method (HttpOpenRequest).
 *
 * Nothing is sent yet. The connection's server and the object make a URL, which is checked and
 * escaped as by tin_open_url(): a fragment is dropped, dot segments are removed. The connection's
 * options hold, those set later for it do not.
 *
 * \param connection    From tin_connect() with INTERNET_SERVICE_HTTP.
 * \param verb          The method; NULL for GET.
 * \param object        Path and query; NULL for "/", which is also put before what has none.
 * \param version       NULL for "HTTP/1.1"; "HTTP/1.0".
 * \param referrer      The Referer header, of which a user, a password and a fragment are left out;
 *                      NULL for none.
 * \param accept_types  The Accept header's types, ended by NULL; NULL for none.
 * \param flags         INTERNET_FLAG_*; INTERNET_FLAG_SECURE for https,
 *                      INTERNET_FLAG_NO_AUTO_REDIRECT to get a 3xx answer itself.
 * \param context       Handed to the status callback; NULL: as the connection's.
 * \param request       The request; close it with tin_close_handle(). NULL on failure.
 * \returns TIN_OK; TIN_E_ARGUMENT (a verb that is no token, a control character in the referrer or
 *          a type, another version, malformed UTF-8); TIN_E_URL; TIN_E_STATE while the connection
 *          is still being made; TIN_E_HANDLE; TIN_E_MEMORY.
 * \threadsafety Any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_http_open_request(tin_handle connection, const char *verb,
                                                       const char *object, const char *version,
                                                       const char *referrer,
                                                       const char *const *accept_types, DWORD flags,
                                                       void *context, tin_handle *request);
/** UTF-16 twin of tin_http_open_request(). */
TIN_API TIN_NODISCARD tin_result tin_http_open_request_w(
    tin_handle connection, const wchar_t *verb, const wchar_t *object, const wchar_t *version,
    const wchar_t *referrer, const wchar_t *const *accept_types, DWORD flags, void *context,
    tin_handle *request);

/**
 * Adds, replaces or removes headers of a request (HttpAddRequestHeaders).
 *
 * They go with every later send and every redirect; Authorization, Cookie, Proxy-Authorization and
 * Host only to the first server. All lines are taken, or none. Content-Length is always the body's
 * own, whatever is said here. With INTERNET_OPTION_HTTP_DECODING, and without an Accept-Encoding
 * here, "gzip, deflate" is asked for.
 *
 * \param request    From tin_http_open_request().
 * \param headers    "Name: value" lines separated by CR LF.
 * \param modifiers  HTTP_ADDREQ_FLAG_ADD (also a second one of the name), _ADD_IF_NEW, _REPLACE
 *                   (all of the name; an empty value removes them), _ADD with _REPLACE,
 *                   _COALESCE_WITH_COMMA, _COALESCE_WITH_SEMICOLON.
 * \returns TIN_OK; TIN_E_ARGUMENT; TIN_E_EXISTS (_ADD_IF_NEW); TIN_E_NOT_FOUND (_REPLACE without
 *          _ADD); TIN_E_CANCELLED; TIN_E_STATE during a call; TIN_E_HANDLE; TIN_E_MEMORY.
 * \threadsafety One call at a time per handle (else TIN_E_STATE).
 */
TIN_API TIN_NODISCARD tin_result tin_http_add_request_headers(tin_handle request,
                                                              const char *headers, DWORD modifiers);
/** UTF-16 twin of tin_http_add_request_headers(). */
TIN_API TIN_NODISCARD tin_result tin_http_add_request_headers_w(tin_handle request,
                                                                const wchar_t *headers,
                                                                DWORD modifiers);

/**
 * Sends a request and waits for the head of the answer (HttpSendRequest).
 *
 * An answer such as 404 or 401 is a success; tin_http_status() tells. Its body is read with
 * tin_read_file(). The answer is checked, and redirects are followed, as by tin_open_url(): 307 and
 * 308 keep method and body, 303 and a POST's 301 and 302 become GET without one.
 *
 * It can be sent again: with other options or credentials, another body, after any failure but a
 * cancel. What was left of the answer before is given up, and the request stands where the last
 * redirect led, with the method that it had there. A user name or password set on the request
 * itself is for the server where it stands; those inherited are for the first one.
 *
 * In Wine 8 an https request through a proxy shows it the headers, cookies and Authorization among
 * them: they go with CONNECT, too, in the clear, unless the connection to the server is there
 * already.
 *
 * A method that does no harm twice (GET, HEAD, PUT, DELETE, OPTIONS, TRACE) is tried again where
 * nothing was answered, as INTERNET_OPTION_CONNECT_RETRIES says; WinInet may also repeat others on
 * a connection that the server has closed in the meantime.
 *
 * \param request  From tin_http_open_request().
 * \param headers  As for tin_http_add_request_headers() with _ADD and _REPLACE; NULL for none.
 * \param body     Copied; NULL for none.
 * \param size     Bytes, less than 4 GiB; for more see tin_http_send_request_ex().
 * \returns TIN_OK; TIN_E_ARGUMENT; TIN_E_DNS; TIN_E_CONNECT; TIN_E_TIMEOUT; TIN_E_CANCELLED;
 *          TIN_E_CONNECTION_LOST; TIN_E_OFFLINE; TIN_E_PROTOCOL; TIN_E_REDIRECT; TIN_E_PROXY;
 *          TIN_E_CERT_*; TIN_E_CLIENT_CERT; TIN_E_TLS; TIN_E_MEMORY; TIN_E_STATE; TIN_E_HANDLE.
 * \threadsafety One call at a time per handle (else TIN_E_STATE); tin_cancel() and
 *               tin_close_handle() from any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_http_send_request(tin_handle request, const char *headers,
                                                       const void *body, size_t size);
/** UTF-16 twin of tin_http_send_request(). */
TIN_API TIN_NODISCARD tin_result tin_http_send_request_w(tin_handle request, const wchar_t *headers,
                                                         const void *body, size_t size);

/**
 * Sends a request's head; the body is written with tin_write_file() (HttpSendRequestEx).
 *
 * tin_http_end_request() ends it. The body is gone once it was sent: a redirect that asks for it
 * again gives TIN_E_REDIRECT, and WinInet answers a 401 only with the caller's help: send again.
 * In Wine 8 an https upload through a proxy gives TIN_E_PROXY before anything of the body goes out,
 * unless the connection to the server is there already: Wine would write it to the proxy.
 *
 * \param request     From tin_http_open_request().
 * \param headers     As for tin_http_send_request().
 * \param total_size  Of the body in bytes; exactly that many are to be written.
 * \returns as tin_http_send_request().
 * \threadsafety as tin_http_send_request().
 */
TIN_API TIN_NODISCARD tin_result tin_http_send_request_ex(tin_handle request, const char *headers,
                                                          uint64_t total_size);
/** UTF-16 twin of tin_http_send_request_ex(). */
TIN_API TIN_NODISCARD tin_result tin_http_send_request_ex_w(tin_handle request,
                                                            const wchar_t *headers,
                                                            uint64_t total_size);

/**
 * Ends a body and waits for the head of the answer (HttpEndRequest).
 *
 * What tin_write_file() has not sent yet is sent first. Then all is as after
 * tin_http_send_request().
 *
 * \param request  After tin_http_send_request_ex().
 * \returns TIN_E_STATE if there was none, or if less was written than was announced, which leaves
 *          it open for more; what a write failed with; else as tin_http_send_request().
 * \threadsafety as tin_http_send_request().
 */
TIN_API TIN_NODISCARD tin_result tin_http_end_request(tin_handle request);

/**
 * What the answer, or the request, says (HttpQueryInfo).
 *
 * \param request  A request that was sent, or a file of tin_open_url().
 * \param info     HTTP_QUERY_*, also _RAW_HEADERS_CRLF and _RAW_HEADERS, whose lines each end with
 *                 NUL; with HTTP_QUERY_FLAG_REQUEST_HEADERS of the request, also before it is sent.
 *                 For HTTP_QUERY_CUSTOM \p text holds the header's name on the way in; see also
 *                 tin_http_query_header().
 * \param text     Receives the text; NULL asks for the size.
 * \param size     In: the size of \p text in bytes. Out: the length in bytes without the NUL; on
 *                 TIN_E_BUFFER_TOO_SMALL the size needed with the NUL; else 0.
 * \param index    Which of several headers of the name, from 0; on success the next one's. NULL for
 *                 the first.
 * \returns TIN_OK; TIN_E_BUFFER_TOO_SMALL, with \p text untouched; TIN_E_NOT_FOUND; TIN_E_STATE
 *          while there is no answer, or no request any more; TIN_E_ARGUMENT, also for
 *          HTTP_QUERY_FLAG_NUMBER, _NUMBER64 and _SYSTEMTIME; TIN_E_HANDLE; TIN_E_MEMORY.
 * \threadsafety One call at a time per handle (else TIN_E_STATE).
 */
TIN_API TIN_NODISCARD tin_result tin_http_query_info(tin_handle request, DWORD info, char *text,
                                                     size_t *size, DWORD *index);
/** UTF-16 twin of tin_http_query_info(); sizes in bytes here, too. */
TIN_API TIN_NODISCARD tin_result tin_http_query_info_w(tin_handle request, DWORD info,
                                                       wchar_t *text, size_t *size, DWORD *index);

/**
 * A header of the answer by its name (HttpQueryInfo with HTTP_QUERY_CUSTOM).
 *
 * \param request  As for tin_http_query_info().
 * \param name     Without the colon.
 * \param text     As for tin_http_query_info().
 * \param size     As for tin_http_query_info().
 * \param index    As for tin_http_query_info().
 * \returns as tin_http_query_info().
 * \threadsafety as tin_http_query_info().
 */
TIN_API TIN_NODISCARD tin_result tin_http_query_header(tin_handle request, const char *name,
                                                       char *text, size_t *size, DWORD *index);
/** UTF-16 twin of tin_http_query_header(); sizes in bytes here, too. */
TIN_API TIN_NODISCARD tin_result tin_http_query_header_w(tin_handle request, const wchar_t *name,
                                                         wchar_t *text, size_t *size, DWORD *index);

/**
 * A number that the answer says (HttpQueryInfo with HTTP_QUERY_FLAG_NUMBER64, which Wine 8 lacks).
 *
 * \param request  As for tin_http_query_info().
 * \param info     HTTP_QUERY_*, but for HTTP_QUERY_CUSTOM; the number flags may be there.
 * \param value    The number; 0 on failure.
 * \param index    As for tin_http_query_info().
 * \returns TIN_OK; TIN_E_PROTOCOL for anything but digits; TIN_E_NOT_FOUND; TIN_E_STATE;
 *          TIN_E_ARGUMENT; TIN_E_HANDLE; TIN_E_MEMORY.
 * \threadsafety as tin_http_query_info().
 */
TIN_API TIN_NODISCARD tin_result tin_http_query_info_u64(tin_handle request, DWORD info,
                                                         uint64_t *value, DWORD *index);

/**
 * A date that the answer says, in UTC (HttpQueryInfo with HTTP_QUERY_FLAG_SYSTEMTIME).
 *
 * \param request  As for tin_http_query_info().
 * \param info     HTTP_QUERY_*, but for HTTP_QUERY_CUSTOM.
 * \param time     The date, from any of the three forms that HTTP has; all 0 on failure.
 * \param index    As for tin_http_query_info().
 * \returns as tin_http_query_info_u64(); TIN_E_PROTOCOL for what is no such date.
 * \threadsafety as tin_http_query_info().
 */
TIN_API TIN_NODISCARD tin_result tin_http_query_info_time(tin_handle request, DWORD info,
                                                          SYSTEMTIME *time, DWORD *index);

/**
 * The answer's status, such as 200 (HttpQueryInfo with HTTP_QUERY_STATUS_CODE).
 *
 * \param request  As for tin_http_query_info().
 * \param status   The status; 0 on failure.
 * \returns as tin_http_query_info_u64().
 * \threadsafety as tin_http_query_info().
 */
TIN_API TIN_NODISCARD tin_result tin_http_status(tin_handle request, DWORD *status);

/**
 * Asks the user what to do about a failure (InternetErrorDlg).
 *
 * The only function that shows something. It returns when the user has answered, without regard to
 * time-outs and tin_cancel(). What the user chose is with the request: send it again.
 *
 * \param window      The dialog's owner; NULL only with FLAGS_ERROR_UI_FLAGS_NO_UI.
 * \param request     A request that failed, or was answered with 401 or 407.
 * \param last_error  The failure's last_error; ERROR_INTERNET_INCORRECT_PASSWORD for the latter.
 * \param flags       FLAGS_ERROR_UI_*.
 * \param data        As for InternetErrorDlg; NULL where the failure has none.
 * \param answer      What InternetErrorDlg answered: ERROR_INTERNET_FORCE_RETRY to send again,
 *                    ERROR_SUCCESS, ERROR_CANCELLED; the last one on failure.
 * \returns TIN_OK for the first two; TIN_E_CANCELLED; TIN_E_STATE where WinInet's request is no
 *          longer there; TIN_E_ARGUMENT; TIN_E_HANDLE; what InternetErrorDlg said.
 * \threadsafety One call at a time per handle; the thread that owns \p window.
 */
TIN_API TIN_NODISCARD tin_result tin_error_dlg(HWND window, tin_handle request, DWORD last_error,
                                               DWORD flags, void **data, DWORD *answer);

#ifdef __cplusplus
}
#endif

#endif
