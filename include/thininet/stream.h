/* SPDX-License-Identifier: MIT */
/**
 * \file stream.h
 * What can be read and written: pages, files on FTP servers, local files.
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
 * In Wine 8 a proxy is shown the headers of an https request, see tin_http_send_request().
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
 * A body without an announced length ends with its connection: one that is cut off looks whole.
 * So does a chunked body under Wine 8.
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
 * Reads a line, or the next part of a long one (no WinInet counterpart; CInternetFile::ReadString).
 *
 * A line is bytes up to and with a line feed. It keeps its '\n'; CR LF becomes a single '\n', any
 * other CR stays. A line of \p size bytes or more comes in parts of \p size - 1 bytes. So what
 * ends in '\n' is the end of a line (an empty one is "\n"), and what does not is a part, whose line
 * goes on with the next call, or the last line of a body that does not end in a line feed:
 *
 *     while (tin_ok(result = tin_read_line(file, line, sizeof line, &got)) && got != 0) {
 *         const bool whole = line[got - 1] == '\n';
 *         ...
 *     }
 *
 * How lines are cut depends on their bytes and \p size alone, not on how they arrived, unless the
 * body fails. It waits for no more than the line needs; a full part that ends in CR needs the byte
 * behind that. Bytes before a failure are delivered first, as in tin_read_file().
 *
 * \param file  Open for reading.
 * \param line  Borrowed for the call; always ends in a NUL. NULs in the body are delivered, too.
 * \param size  Bytes, at least 2.
 * \param got   Bytes in \p line without the last NUL; 0 at the end, and on failure.
 * \returns as tin_read_file().
 * \threadsafety as tin_read_file().
 */
TIN_API TIN_NODISCARD tin_result tin_read_line(tin_handle file, char *line, size_t size,
                                               size_t *got);

/**
 * Says how many bytes can be read without waiting (InternetQueryDataAvailable).
 *
 * Waits until there are some, or the end, as a read would: they are in the read buffer then.
 *
 * \param file       Open for reading.
 * \param available  Bytes; 0 at the end, and on failure.
 * \returns as tin_read_file().
 * \threadsafety as tin_read_file().
 */
TIN_API TIN_NODISCARD tin_result tin_query_data_available(tin_handle file, size_t *available);

/**
 * Moves to where the next byte is read or written (InternetSetFilePointer; SetFilePointer).
 *
 * Works for local files, where what was gathered for writing is written first, but not for pipes
 * and FTP; and for what an HTTP server sent with 200 and "Accept-Ranges: bytes", or with 206,
 * unless it has a content coding or INTERNET_OPTION_HTTP_DECODING is on. Places in the read
 * buffer, and the end of a known length, need no request. For any other, the URL that answered is
 * asked for the rest, with the same headers, "Range", and "If-Range" if the server gave a strong
 * ETag or a date; this function waits for the answer and follows no redirect. What is left of the
 * answer before is thrown away in the background; Wine 8 reads all of it for that.
 *
 * A read that failed with TIN_E_TRUNCATED, TIN_E_TIMEOUT, TIN_E_CONNECTION_LOST or a failure of
 * reaching the server again does not bind: moving 0 bytes from FILE_CURRENT resumes it. (A local
 * file's time-out is final.)
 *
 * \param file         Open for reading or writing.
 * \param distance     Bytes, may be negative.
 * \param move_method  From where: FILE_BEGIN, FILE_CURRENT or FILE_END.
 * \param position     The new position from the beginning; 0 on failure.
 * \returns TIN_OK. With nothing changed: TIN_E_UNSUPPORTED, also for FILE_END without a length;
 *          TIN_E_ARGUMENT, also for a place before 0 or behind a known end; TIN_E_STATE;
 *          TIN_E_HANDLE; an earlier failure that binds. From the request, and from every read after
 *          it: TIN_E_NOT_FOUND where the file is not there any more as it was, or the server sends
 *          all of it; TIN_E_PROTOCOL for a part that does not fit;
 *          TIN_E_REDIRECT; TIN_E_SERVER for another refusal; else as tin_open_url().
 * \threadsafety as tin_read_file().
 */
TIN_API TIN_NODISCARD tin_result tin_set_file_pointer(tin_handle file, int64_t distance,
                                                      DWORD move_method, uint64_t *position);

/**
 * Opens a local file for reading or writing (no WinInet counterpart; CreateFile).
 *
 * A file that is open for writing can be read by others meanwhile. Writing begins at 0; for
 * appending, move to FILE_END. What tin_set_write_buffer_size() lets gather is written by
 * tin_flush(), tin_set_file_pointer() and tin_close_handle(), which returns the failure.
 *
 * \param session      An open session.
 * \param name         A local name or "file:" URL, as for tin_open_url().
 * \param access       GENERIC_READ or GENERIC_WRITE.
 * \param disposition  CREATE_NEW, CREATE_ALWAYS, OPEN_EXISTING or OPEN_ALWAYS.
 * \param context      Handed to the status callback; NULL for the session's.
 * \param file         The open file; close it with tin_close_handle(). NULL on failure.
 * \returns TIN_OK; TIN_E_ARGUMENT, also for a URL of another scheme; TIN_E_URL; TIN_E_EXISTS;
 *          TIN_E_NOT_FOUND; TIN_E_ACCESS; TIN_E_DISK; TIN_E_TIMEOUT; TIN_E_CANCELLED;
 *          TIN_E_MEMORY; TIN_E_HANDLE.
 * \threadsafety Any number of threads on one session.
 */
TIN_API TIN_NODISCARD tin_result tin_open_local_file(tin_handle session, const char *name,
                                                     DWORD access, DWORD disposition, void *context,
                                                     tin_handle *file);
/** UTF-16 twin of tin_open_local_file(). */
TIN_API TIN_NODISCARD tin_result tin_open_local_file_w(tin_handle session, const wchar_t *name,
                                                       DWORD access, DWORD disposition,
                                                       void *context, tin_handle *file);

/**
 * Writes all of \p size bytes (InternetWriteFile; WriteFile).
 *
 * For a request after tin_http_send_request_ex(), for files opened for writing. What goes to a
 * server leaves while the caller goes on: up to 2 MiB are copied and wait behind as much that is
 * leaving; the call waits only for room. A failure that is seen later, be it that a piece did not
 * leave within its time-out, is that of the next write or tin_flush(), of tin_http_end_request(),
 * or of tin_close_handle() for a file on an FTP server.
 * What goes to a local file is the system's when the call returns, unless there is a write buffer
 * (tin_set_write_buffer_size()).
 *
 * \param file     Open for writing.
 * \param buffer   Borrowed for the call.
 * \param size     Bytes, at least 1.
 * \param written  \p size on success; 0 on failure: how much has arrived is not known then.
 * \returns TIN_OK; TIN_E_ARGUMENT, also for more than was announced; TIN_E_STATE if it is not open
 *          for writing; TIN_E_TIMEOUT; TIN_E_CANCELLED; TIN_E_CONNECTION_LOST; TIN_E_DISK;
 *          TIN_E_HANDLE; TIN_E_MEMORY, with nothing taken. Failures of the transfer repeat on
 *          every later write.
 * \threadsafety One call at a time per handle (else TIN_E_STATE); tin_cancel() and
 *               tin_close_handle() from any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_write_file(tin_handle file, const void *buffer, size_t size,
                                                size_t *written);

/**
 * Sends what the write buffer holds, and returns when the system has taken all that was written
 * (no WinInet counterpart).
 *
 * \param file  Open for writing.
 * \returns as tin_write_file().
 * \threadsafety as tin_write_file().
 */
TIN_API TIN_NODISCARD tin_result tin_flush(tin_handle file);

/**
 * Sets how many bytes are gathered before they are sent (no WinInet counterpart that works).
 *
 * By default none are: no byte waits for more to come. What was gathered before is sent
 * first. What does not fit behind what was gathered sends that; of this size or more, it goes out
 * at once.
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
