/* SPDX-License-Identifier: MIT */
/**
 * \file session.h
 * A session: open, set options, watch the status, cancel, close.
 */
#ifndef THININET_SESSION_H
#define THININET_SESSION_H

#include <thininet/result.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A session, a connection, a request or a file; NULL is none.
 *
 * A checked token, not an address: a handle that was closed, a number that never was a handle and a
 * handle of the wrong type all give TIN_E_HANDLE. A value is not handed out again for a long time
 * after it was closed (64-bit: never).
 */
typedef struct tin_handle_tag *tin_handle;

/**
 * Milliseconds for all that is done on a request or file, name resolution and TLS included, counted
 * from its first call; INFINITE (the default) for none. An option for any handle, or NULL.
 */
#define TIN_OPTION_TOTAL_TIMEOUT 0x54490001u
/**
 * How many redirects are followed before TIN_E_REDIRECT; 10 by default, 0 for none. An option for
 * any handle, or NULL.
 */
#define TIN_OPTION_MAX_REDIRECTS 0x54490002u

/** What INTERNET_OPTION_HANDLE_TYPE answers for a local file, which is no WinInet handle. */
#define TIN_HANDLE_TYPE_LOCAL_FILE 0x54490001u

/**
 * Begins a session (InternetOpen).
 *
 * Opens WinInet asynchronously underneath, which is what makes time-outs and cancelling possible;
 * your calls block all the same. The time-outs start as: connect 60 s, send 30 s, receive 30 s.
 *
 * \param agent         The User-Agent; NULL for none.
 * \param access_type   INTERNET_OPEN_TYPE_PRECONFIG, _DIRECT, _PROXY or
 *                      _PRECONFIG_WITH_NO_AUTOPROXY.
 * \param proxy         For INTERNET_OPEN_TYPE_PROXY: WinInet's proxy list; else NULL.
 * \param proxy_bypass  Hosts that are reached without the proxy, or NULL.
 * \param flags         INTERNET_FLAG_OFFLINE or 0; INTERNET_FLAG_ASYNC gives TIN_E_UNSUPPORTED.
 * \param session       The session; close it with tin_close_handle(). NULL on failure.
 * \returns TIN_OK; TIN_E_ARGUMENT, also for a control character in a text; TIN_E_UNSUPPORTED;
 *          TIN_E_MEMORY; what InternetOpenW said.
 * \threadsafety Any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_open(const char *agent, DWORD access_type, const char *proxy,
                                          const char *proxy_bypass, DWORD flags,
                                          tin_handle *session);
/** UTF-16 twin of tin_open(). */
TIN_API TIN_NODISCARD tin_result tin_open_w(const wchar_t *agent, DWORD access_type,
                                            const wchar_t *proxy, const wchar_t *proxy_bypass,
                                            DWORD flags, tin_handle *session);

/**
 * Ends a session, connection, request or file (InternetCloseHandle).
 *
 * What was opened under it is closed first, local files included. A call in progress on any of them
 * returns TIN_E_CANCELLED. WinInet's own tear-down, which may wait for the network, goes on in the
 * background: this function does not wait for it. Each closed handle's status callback gets
 * INTERNET_STATUS_HANDLE_CLOSING, on this thread, as its last event: when this function has
 * returned, the callback is not running and will not be called again, so its context may be freed.
 * For that it waits for a callback that is running in another thread; a close made from within a
 * status callback does not wait.
 *
 * A file that is open for writing is finished first, unless a call on it is in progress: what has
 * not left yet is written, and an FTP server is asked how the transfer ended, within the file's
 * time-outs. Closing its parent does not, nor does closing a request: the transfer is cut off.
 *
 * \param handle  Any handle; invalid from here on, whatever is returned.
 * \returns TIN_OK; TIN_E_HANDLE; for a file that is open for writing, why not all of it was stored.
 * \threadsafety Any thread, also while a call is in progress and from within a status callback.
 */
TIN_API tin_result tin_close_handle(tin_handle handle);

/**
 * Cancels what is in progress (no WinInet counterpart: InternetCloseHandle wakes no blocked call).
 *
 * The calls in progress on the handle, and on what was opened under it, return TIN_E_CANCELLED.
 * A cancelled file or request stays cancelled: later calls on it return TIN_E_CANCELLED too, and of
 * what was written to it, what has not begun to leave never does. A session stays usable for new
 * work.
 *
 * \param handle  Any handle. While tin_open_url() is running, the new file's handle comes with
 *                INTERNET_STATUS_HANDLE_CREATED.
 * \returns TIN_OK; TIN_E_HANDLE.
 * \threadsafety Any thread, also from within a status callback.
 */
TIN_API tin_result tin_cancel(tin_handle handle);

/**
 * Sets an option that is not text (InternetSetOption).
 *
 * The time-outs hold for one step each, and a call that is in a step for longer ends in
 * TIN_E_TIMEOUT: INTERNET_OPTION_CONNECT_TIMEOUT for finding the address, connecting and TLS;
 * _SEND_TIMEOUT for sending the request, or a piece of what is written; _RECEIVE_TIMEOUT for the
 * head of the answer, and anew for each time that bytes are waited for. _DATA_SEND_TIMEOUT and
 * _DATA_RECEIVE_TIMEOUT are those of FTP's data; until they are set, the other two hold there, too.
 * INTERNET_OPTION_CONNECT_RETRIES is how often a request that may be repeated is sent again when it
 * got no byte of an answer; by default once, and only where its connection had been kept open.
 *
 * Options that thininet knows are checked for level, type and size before WinInet sees them; what
 * WinInet would accept and then forget (time-outs on a session, retries, security flags, user
 * names) is kept, holds for everything opened under the handle afterwards, and reads back as it was
 * set. Options that it does not know go to WinInet as they are.
 *
 * A time-out may not be 0; INFINITE is none. INTERNET_OPTION_CONNECT_RETRIES and
 * TIN_OPTION_MAX_REDIRECTS may be 0 but not INFINITE. Where a value is a struct, it is that of the
 * W function. Wine 8 refuses INTERNET_OPTION_PROXY on a session.
 *
 * \param handle  Any handle; NULL for the whole process (sessions that are opened later).
 * \param option  INTERNET_OPTION_* or TIN_OPTION_*.
 * \param value   Borrowed for the call.
 * \param size    Bytes.
 * \returns TIN_OK; TIN_E_ARGUMENT for a wrong type, size, level or value, and for text options
 *          (see tin_set_option_text()); TIN_E_HANDLE; TIN_E_STATE where WinInet has no handle yet;
 *          TIN_E_UNSUPPORTED; what InternetSetOptionW said.
 * \threadsafety Any thread, also while a call is in progress and from within a status callback.
 */
TIN_API TIN_NODISCARD tin_result tin_set_option(tin_handle handle, DWORD option, const void *value,
                                                DWORD size);

/**
 * Reads an option that is not text (InternetQueryOption).
 *
 * Structs are those of the W function, but the texts in INTERNET_CERTIFICATE_INFO are ANSI.
 *
 * \param handle  Any handle; NULL for the whole process.
 * \param option  INTERNET_OPTION_* or TIN_OPTION_*.
 * \param value   Receives the value; NULL asks for the size.
 * \param size    In: the size of \p value in bytes. Out: the value's size; on
 *                TIN_E_BUFFER_TOO_SMALL the size needed; else 0.
 * \returns TIN_OK; TIN_E_BUFFER_TOO_SMALL; TIN_E_ARGUMENT; TIN_E_HANDLE; TIN_E_STATE;
 *          TIN_E_UNSUPPORTED; what InternetQueryOptionW said.
 * \threadsafety Any thread, also while a call is in progress and from within a status callback.
 */
TIN_API TIN_NODISCARD tin_result tin_query_option(tin_handle handle, DWORD option, void *value,
                                                  DWORD *size);

/**
 * Sets an option that is a DWORD or BOOL (InternetSetOption).
 *
 * \param handle  Any handle; NULL for the whole process (sessions that are opened later).
 * \param option  INTERNET_OPTION_* or TIN_OPTION_*.
 * \param value   Time-outs in milliseconds, at least 1; INFINITE for none.
 * \returns as tin_set_option().
 * \threadsafety as tin_set_option().
 */
TIN_API TIN_NODISCARD tin_result tin_set_option_dword(tin_handle handle, DWORD option, DWORD value);

/**
 * Reads an option that is a DWORD or BOOL (InternetQueryOption).
 *
 * \param handle  Any handle; NULL for the whole process.
 * \param option  INTERNET_OPTION_* or TIN_OPTION_*.
 * \param value   The value; 0 on failure.
 * \returns as tin_query_option().
 * \threadsafety as tin_query_option().
 */
TIN_API TIN_NODISCARD tin_result tin_query_option_dword(tin_handle handle, DWORD option,
                                                        DWORD *value);

/**
 * Sets an option that is text, such as INTERNET_OPTION_USER_AGENT (InternetSetOption).
 *
 * \param handle  Any handle.
 * \param option  An option whose value is text.
 * \param text    Copied.
 * \returns as tin_set_option().
 * \threadsafety as tin_set_option().
 */
TIN_API TIN_NODISCARD tin_result tin_set_option_text(tin_handle handle, DWORD option,
                                                     const char *text);
/** UTF-16 twin of tin_set_option_text(). */
TIN_API TIN_NODISCARD tin_result tin_set_option_text_w(tin_handle handle, DWORD option,
                                                       const wchar_t *text);

/**
 * Reads an option that is text, such as INTERNET_OPTION_URL (InternetQueryOption).
 *
 * Text that was never set is empty.
 *
 * \param handle  Any handle.
 * \param option  An option whose value is text.
 * \param text    Receives the text; NULL asks for the size.
 * \param size    In: the size of \p text in bytes. Out: the length in bytes without the NUL; on
 *                TIN_E_BUFFER_TOO_SMALL the size needed with the NUL; else 0.
 * \returns as tin_query_option().
 * \threadsafety as tin_query_option().
 */
TIN_API TIN_NODISCARD tin_result tin_query_option_text(tin_handle handle, DWORD option, char *text,
                                                       size_t *size);
/** UTF-16 twin of tin_query_option_text(); sizes in bytes here, too. */
TIN_API TIN_NODISCARD tin_result tin_query_option_text_w(tin_handle handle, DWORD option,
                                                         wchar_t *text, size_t *size);

/** What a status callback is told; valid during the call. What a code does not use is 0. */
typedef struct tin_status {
    DWORD code;        /**< INTERNET_STATUS_*, see tin_status_callback */
    const char *text;  /**< UTF-8 host name, address or URL; NULL for codes without one */
    uint64_t bytes;    /**< REQUEST_SENT, RESPONSE_RECEIVED */
    DWORD value;       /**< STATE_CHANGE and other codes that carry a number */
    tin_handle handle; /**< HANDLE_CREATED, HANDLE_CLOSING: the handle that it is about */
    tin_result result; /**< REQUEST_COMPLETE: how opening or sending ended */
} tin_status;

/** The UTF-16 twin of tin_status. */
typedef struct tin_status_w {
    DWORD code;
    const wchar_t *text;
    uint64_t bytes;
    DWORD value;
    tin_handle handle;
    tin_result result;
} tin_status_w;

/**
 * Your function that watches the status (INTERNET_STATUS_CALLBACK).
 *
 * A plain C function, not CALLBACK as WinInet's is: on 32-bit Windows that is a difference.
 *
 * Called on the thread that made the thininet call, while that call runs, never elsewhere and never
 * after tin_close_handle() returned. The call's time-outs go on meanwhile. It may call
 * tin_cancel(), tin_close_handle() and the option functions on any handle; a further call on the
 * busy handle itself gives TIN_E_STATE.
 *
 * What is opened has INTERNET_STATUS_HANDLE_CREATED as its first event, REQUEST_COMPLETE when the
 * call that opens it ends, and HANDLE_CLOSING as its last. Between them come WinInet's own:
 * RESOLVING_NAME (text: the host), NAME_RESOLVED, CONNECTING_TO_SERVER and CONNECTED_TO_SERVER (the
 * address), SENDING_REQUEST, REQUEST_SENT and RESPONSE_RECEIVED (bytes), RECEIVING_RESPONSE,
 * CLOSING_CONNECTION, CONNECTION_CLOSED, and others with a number as their value. REDIRECT (the new
 * URL) is thininet's.
 *
 * \param handle   What the event is about; for INTERNET_STATUS_HANDLE_CREATED the parent.
 * \param context  The context that was given when the object was opened; where that was NULL, the
 *                 one given to tin_set_status_callback().
 * \param status   The event.
 */
typedef void tin_status_callback(tin_handle handle, void *context, const tin_status *status);
/** The UTF-16 twin of tin_status_callback. */
typedef void tin_status_callback_w(tin_handle handle, void *context, const tin_status_w *status);

/**
 * Sets the function that is told what happens (InternetSetStatusCallback).
 *
 * As with WinInet, objects inherit it when they are opened; those that exist already keep theirs.
 *
 * \param handle    Any handle.
 * \param callback  NULL for none. When this returns, the old one is not running for this handle
 *                  in another thread, unless this was called from within a status callback. One
 *                  callback may run in several threads at once where these use files of one
 *                  session.
 * \param context   Handed to \p callback; never looked into.
 * \returns TIN_OK; TIN_E_HANDLE.
 * \threadsafety Any thread, also while a call is in progress and from within a status callback.
 */
TIN_API TIN_NODISCARD tin_result tin_set_status_callback(tin_handle handle,
                                                         tin_status_callback *callback,
                                                         void *context);
/** UTF-16 twin of tin_set_status_callback(); the one set last is the one in force. */
TIN_API TIN_NODISCARD tin_result tin_set_status_callback_w(tin_handle handle,
                                                           tin_status_callback_w *callback,
                                                           void *context);

/**
 * What the server itself said when a call on this handle failed last (InternetGetLastResponseInfo).
 *
 * WinInet keeps this text per thread and drops it at the next call; thininet takes it at the moment
 * of the failure and keeps it with the handle. The text of a failed tin_open_url() is found at the
 * session: the last one's, where several threads open files.
 *
 * \param handle  Any handle.
 * \param text    Receives the text; NULL asks for the size.
 * \param size    In: the size of \p text in bytes. Out: the length in bytes without the NUL, 0
 *                when the server said nothing; on TIN_E_BUFFER_TOO_SMALL the size needed with the
 *                NUL.
 * \returns TIN_OK; TIN_E_BUFFER_TOO_SMALL, with \p text untouched; TIN_E_ARGUMENT; TIN_E_HANDLE.
 * \threadsafety Any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_get_last_response_info(tin_handle handle, char *text,
                                                            size_t *size);
/** UTF-16 twin of tin_get_last_response_info(); sizes in bytes here, too. */
TIN_API TIN_NODISCARD tin_result tin_get_last_response_info_w(tin_handle handle, wchar_t *text,
                                                              size_t *size);

/**
 * WinInet's own handle, for calls that thininet does not wrap (no WinInet counterpart).
 *
 * It was opened with INTERNET_FLAG_ASYNC (except for FTP) and with a context and callback that are
 * not to be changed. Do not close it, and do not read from it beside tin_read_file().
 *
 * \param handle  Any handle.
 * \returns The handle; NULL for local files, for handles that are not valid, and while there is
 *          none.
 * \threadsafety Any thread. A session's is valid until tin_close_handle(); a file's, besides,
 *               only until a call on it was cancelled or timed out, a redirect, a move by
 *               tin_set_file_pointer(), or the end of an FTP transfer.
 */
TIN_API TIN_NODISCARD HINTERNET tin_native_handle(tin_handle handle);

#ifdef __cplusplus
}
#endif

#endif
