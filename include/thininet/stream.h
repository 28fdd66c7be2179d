/* SPDX-License-Identifier: MIT */
/**
 * \file stream.h
 * What can be read: pages, files on FTP servers, local files.
 */
#ifndef THININET_STREAM_H
#define THININET_STREAM_H

#include <thininet/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Opens a URL or a local name for reading (InternetOpenUrl).
 *
 * http and https go to InternetOpenUrlW; the answer's status line and lengths are checked, and
 * redirects are followed by thininet itself: at most TIN_OPTION_MAX_REDIRECTS of them, never from
 * https to http, never to another scheme or with user info, else TIN_E_REDIRECT. With
 * INTERNET_FLAG_NO_AUTO_REDIRECT the 3xx answer itself is opened. As with WinInet, an answer such
 * as 404 is a success whose body can be read.
 *
 * ftp goes to InternetConnect and FtpOpenFile, passive and in a WinInet session of its own that is
 * not asynchronous: in Wine 8 an asynchronous InternetOpenUrlW whose FTP connection is refused
 * never ends, and FTP reads block all the same. That session is opened like yours; what
 * tin_set_option() handed to WinInet for yours does not reach it.
 *
 * "file:" URLs in all usual spellings, drive paths, UNC paths and relative paths open a local file
 * (CreateFileW), as MFC's CInternetSession::OpenURL does; InternetOpenUrl would say 12006. What has
 * no scheme is a local name: "www.example.com" is a file.
 *
 * \param session  An open session.
 * \param url      http, https, ftp, file, or a local path; at most 65,535 characters. Checked
 *                 before WinInet sees it. User info is percent-decoded.
 * \param headers  For http and https: additional request headers, "Name: value" lines separated
 *                 by CR LF; else ignored. NULL for none.
 * \param flags    INTERNET_FLAG_*.
 * \param context  Handed to the status callback; NULL for the session's.
 * \param file     The open file; close it with tin_close_handle(). NULL on failure.
 * \returns TIN_OK; TIN_E_ARGUMENT (NULL, malformed UTF-8, malformed headers); TIN_E_URL;
 *          TIN_E_UNSUPPORTED (the scheme); TIN_E_DNS; TIN_E_CONNECT; TIN_E_TIMEOUT;
 *          TIN_E_CANCELLED; TIN_E_CONNECTION_LOST; TIN_E_OFFLINE; TIN_E_PROTOCOL; TIN_E_REDIRECT;
 *          TIN_E_PROXY; TIN_E_CERT_*; TIN_E_CLIENT_CERT; TIN_E_TLS; TIN_E_AUTH; TIN_E_SERVER (see
 *          tin_get_last_response_info()); TIN_E_NOT_FOUND, TIN_E_ACCESS, TIN_E_DISK (local
 *          files); TIN_E_MEMORY; TIN_E_HANDLE; TIN_E_INTERNAL.
 * \threadsafety Any number of threads on one session.
 */
TIN_API TIN_NODISCARD tin_result tin_open_url(tin_handle session, const char *url,
                                              const char *headers, DWORD flags, void *context,
                                              tin_handle *file);
/** UTF-16 twin of tin_open_url(). */
TIN_API TIN_NODISCARD tin_result tin_open_url_w(tin_handle session, const wchar_t *url,
                                                const wchar_t *headers, DWORD flags, void *context,
                                                tin_handle *file);

/**
 * Reads the next bytes of the body (InternetReadFile).
 *
 * Fills the buffer unless the body ends or fails first; the end is TIN_OK with *got == 0. Bytes
 * that arrived before a failure are delivered with TIN_OK and a short count; the next call then
 * returns the failure. Small reads are served from a read buffer.
 *
 * \param file    Open for reading.
 * \param buffer  Borrowed for the call; its first *got bytes are meaningful.
 * \param size    Bytes, at least 1.
 * \param got     Bytes read; 0 on failure.
 * \returns TIN_OK; TIN_E_TRUNCATED when the body ended before its announced length, or an FTP
 *          server broke it off; TIN_E_TIMEOUT; TIN_E_CANCELLED; TIN_E_CONNECTION_LOST;
 *          TIN_E_PROTOCOL; TIN_E_DECODING; TIN_E_DISK, TIN_E_ACCESS (local files); TIN_E_MEMORY;
 *          TIN_E_ARGUMENT; TIN_E_STATE; TIN_E_HANDLE. Failures of the transfer repeat on every
 *          later read.
 * \threadsafety One call at a time per handle (else TIN_E_STATE); tin_cancel() and
 *               tin_close_handle() from any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_read_file(tin_handle file, void *buffer, size_t size,
                                               size_t *got);

/**
 * Reads what is there, waiting only for the first byte (InternetReadFileEx with IRF_NO_WAIT).
 *
 * A short count says nothing about the end, which is TIN_OK with *got == 0.
 *
 * \param file    Open for reading.
 * \param buffer  Borrowed for the call; its first *got bytes are meaningful.
 * \param size    Bytes, at least 1.
 * \param got     Bytes read; 0 on failure.
 * \returns as tin_read_file().
 * \threadsafety as tin_read_file().
 */
TIN_API TIN_NODISCARD tin_result tin_read_available(tin_handle file, void *buffer, size_t size,
                                                    size_t *got);

/**
 * Writes all of \p size bytes (InternetWriteFile; WriteFile).
 *
 * For a request after tin_http_send_request_ex(), for files opened for writing. Returns when the
 * system has taken the bytes; with a write buffer (tin_set_write_buffer_size()) maybe before.
 *
 * \param file     Open for writing.
 * \param buffer   Borrowed for the call.
 * \param size     Bytes, at least 1.
 * \param written  \p size on success; 0 on failure: how much has arrived is not known then.
 * \returns TIN_OK; TIN_E_ARGUMENT, also for more than was announced; TIN_E_STATE if it is not open
 *          for writing; TIN_E_TIMEOUT; TIN_E_CANCELLED; TIN_E_CONNECTION_LOST; TIN_E_DISK;
 *          TIN_E_HANDLE. Failures repeat on every later write.
 * \threadsafety One call at a time per handle (else TIN_E_STATE); tin_cancel() and
 *               tin_close_handle() from any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_write_file(tin_handle file, const void *buffer, size_t size,
                                                size_t *written);

/**
 * Sends what the write buffer holds (no WinInet counterpart).
 *
 * \param file  Open for writing.
 * \returns as tin_write_file().
 * \threadsafety as tin_write_file().
 */
TIN_API TIN_NODISCARD tin_result tin_flush(tin_handle file);

/**
 * Sets how many bytes are gathered before they are sent (no WinInet counterpart that works).
 *
 * By default none are: every tin_write_file() sends its own. What was gathered before goes first.
 *
 * \param file  Open for writing.
 * \param size  Bytes, 1 to 64 MiB; 0 for none.
 * \returns TIN_OK; TIN_E_ARGUMENT; else as tin_write_file().
 * \threadsafety as tin_write_file().
 */
TIN_API TIN_NODISCARD tin_result tin_set_write_buffer_size(tin_handle file, size_t size);

/**
 * The length of the whole body in bytes (HttpQueryInfo with HTTP_QUERY_CONTENT_LENGTH;
 * GetFileSizeEx).
 *
 * \param file    Open for reading.
 * \param length  Bytes, whatever was read already; 0 on failure.
 * \returns TIN_OK; TIN_E_NOT_FOUND where the server did not say; TIN_E_ARGUMENT; TIN_E_HANDLE.
 * \threadsafety Any thread, also while a call is in progress.
 */
TIN_API TIN_NODISCARD tin_result tin_get_length(tin_handle file, uint64_t *length);

/**
 * Sets how much small reads fetch at once (no WinInet counterpart that works for HTTP).
 *
 * By default the buffer starts at 16 KiB and grows with the stream up to 1 MiB. It exists only once
 * something smaller than it was read; reads of its size or more bypass it where that is safe.
 *
 * \param file  Open for reading.
 * \param size  Bytes, 1 to 64 MiB; 0 for the default. Bytes already fetched are kept.
 * \returns TIN_OK; TIN_E_ARGUMENT; TIN_E_STATE; TIN_E_HANDLE.
 * \threadsafety One call at a time per handle.
 */
TIN_API TIN_NODISCARD tin_result tin_set_read_buffer_size(tin_handle file, size_t size);

#ifdef __cplusplus
}
#endif

#endif
