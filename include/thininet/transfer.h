/* SPDX-License-Identifier: MIT */
/**
 * \file transfer.h
 * Whole transfers: a URL to a file, a file to a URL, a URL to memory.
 *
 * All of it is done with the functions of the other headers, on the caller's thread, within the
 * session's options: time-outs, user names, redirects. The session's status callback is told what
 * it is always told. tin_cancel() or tin_close_handle() of the session, or of the file that
 * INTERNET_STATUS_HANDLE_CREATED announced, end a transfer with TIN_E_CANCELLED.
 *
 * Besides what each function names, all of them return what tin_open_url() returns, and for an
 * answer that is not the file: TIN_E_NOT_FOUND (404, 410), TIN_E_AUTH (401), TIN_E_PROXY (407),
 * TIN_E_ACCESS (403), TIN_E_REDIRECT (a 3xx that was not followed), TIN_E_SERVER (any other).
 */
#ifndef THININET_TRANSFER_H
#define THININET_TRANSFER_H

#include <thininet/http.h>
#include <thininet/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How far a transfer has come. */
typedef struct tin_progress {
    uint64_t done;             /**< Bytes of the file so far, those of earlier calls included;
                                  * of an upload, up to 4 MiB of them may still be leaving */
    uint64_t total;            /**< Bytes of the file; 0 where it is not known */
    bool total_known;          /**< Whether it is */
    uint64_t bytes_per_second; /**< Of this call, on average */
    uint64_t elapsed_ms;       /**< Since this call began */
} tin_progress;

/**
 * Is told how far a transfer has come: about ten times a second while bytes move, and once at its
 * good end.
 *
 * \param context   As given with the callback.
 * \param progress  Valid during the call.
 * \returns False to cancel: the transfer ends with TIN_E_CANCELLED.
 */
typedef bool tin_progress_callback(void *context, const tin_progress *progress);

/**
 * Copies a URL to a local file (no WinInet counterpart; URLDownloadToFile).
 *
 * What comes is written to a file with ".part" behind its name, which gets its name, and replaces
 * what had it, when all of it is there: half a file never bears the name, and a failure leaves what
 * was there before. An answer that is not the file, such as 404, is a failure and writes nothing.
 * Where the server says no length, all of it is what comes before the end of the connection: see
 * tin_read_file().
 *
 * A body that breaks off is asked for again from there, where tin_set_file_pointer() can do that,
 * until INTERNET_OPTION_CONNECT_RETRIES tries in a row (by default one) have brought no more than
 * 64 KiB. A server that falls silent costs a receive time-out for each; TIN_OPTION_TOTAL_TIMEOUT is
 * one for them all.
 *
 * With \p resume the ".part" of a failed or cancelled download from an HTTP server is kept, beside
 * a ".part.from" that says which version of which URL it is of; the next call with \p resume asks
 * for the rest ("Range", "If-Range"), and starts again where the server has another version, or
 * does no ranges. With INTERNET_OPTION_HTTP_DECODING it always starts again. Without \p resume a
 * failure leaves neither.
 *
 * \param session   An open session.
 * \param url       As for tin_open_url().
 * \param headers   As for tin_open_url(); not Range or If-Range.
 * \param flags     INTERNET_FLAG_*; for a file that is surely new, INTERNET_FLAG_RELOAD and
 *                  INTERNET_FLAG_NO_CACHE_WRITE.
 * \param path      The file's name; of an existing folder, no URL.
 * \param resume    Go on with what an earlier call left, and leave it to a later one.
 * \param progress  NULL for none.
 * \param context   Handed to \p progress.
 * \param status    The answer's HTTP status, also on failure; 0 where there is none. May be NULL.
 * \returns TIN_OK; TIN_E_ARGUMENT, also where \p path is a folder; TIN_E_ACCESS; TIN_E_NOT_FOUND;
 *          TIN_E_DISK; TIN_E_TRUNCATED; TIN_E_PROTOCOL, also for a part (206) that was not asked
 *          for; TIN_E_TIMEOUT; TIN_E_CANCELLED; TIN_E_CONNECTION_LOST; TIN_E_MEMORY; TIN_E_HANDLE;
 *          see \ref transfer.h.
 * \threadsafety Any number of threads on one session, each with its own \p path.
 */
TIN_API TIN_NODISCARD tin_result tin_download(tin_handle session, const char *url,
                                              const char *headers, DWORD flags, const char *path,
                                              bool resume, tin_progress_callback *progress,
                                              void *context, DWORD *status);
/** UTF-16 twin of tin_download(). */
TIN_API TIN_NODISCARD tin_result tin_download_w(tin_handle session, const wchar_t *url,
                                                const wchar_t *headers, DWORD flags,
                                                const wchar_t *path, bool resume,
                                                tin_progress_callback *progress, void *context,
                                                DWORD *status);

/**
 * Copies a local file to a URL (no WinInet counterpart).
 *
 * To http and https by a request whose body is the file. Up to 256 KiB it is sent in one piece,
 * which can be sent again to a server that asks for a user, or where a redirect leads (307, 308). A
 * larger file is streamed, whatever its size: a redirect that asks for it again is TIN_E_REDIRECT,
 * and where the URL has a user whom the server asks for, it is sent once more, by Microsoft's
 * documentation then with the user. Wine 8 does not name the user of a streamed body: TIN_E_AUTH.
 * To ftp as tin_ftp_put_file(), with progress. User and password in the URL are decoded.
 *
 * \param session   An open session.
 * \param path      The file's name.
 * \param verb      NULL for PUT; POST; ignored for ftp.
 * \param url       http, https or ftp.
 * \param headers   As for tin_http_send_request(); ignored for ftp. NULL for none.
 * \param flags     INTERNET_FLAG_*; for ftp as for tin_ftp_open_file().
 * \param progress  NULL for none. The end is told when the server has accepted the file.
 * \param context   Handed to \p progress.
 * \param status    The answer's HTTP status, also on failure; 0 where there is none. May be NULL.
 * \returns TIN_OK; TIN_E_ARGUMENT; TIN_E_URL; TIN_E_UNSUPPORTED (the scheme); TIN_E_NOT_FOUND,
 *          TIN_E_ACCESS, TIN_E_DISK (also the local file); TIN_E_TRUNCATED (the local file became
 *          shorter meanwhile; what is added to it is not sent); TIN_E_TIMEOUT; TIN_E_CANCELLED;
 *          TIN_E_CONNECTION_LOST; TIN_E_MEMORY; TIN_E_HANDLE; see \ref transfer.h.
 * \threadsafety Any number of threads on one session.
 */
TIN_API TIN_NODISCARD tin_result tin_upload(tin_handle session, const char *path, const char *verb,
                                            const char *url, const char *headers, DWORD flags,
                                            tin_progress_callback *progress, void *context,
                                            DWORD *status);
/** UTF-16 twin of tin_upload(). */
TIN_API TIN_NODISCARD tin_result tin_upload_w(tin_handle session, const wchar_t *path,
                                              const wchar_t *verb, const wchar_t *url,
                                              const wchar_t *headers, DWORD flags,
                                              tin_progress_callback *progress, void *context,
                                              DWORD *status);

/**
 * Reads all of a URL into memory (no WinInet counterpart).
 *
 * A part (206) is taken where \p headers ask for one ("Range"), or where it is the whole.
 *
 * \param session  An open session.
 * \param url      As for tin_open_url().
 * \param headers  As for tin_open_url().
 * \param flags    As for tin_open_url().
 * \param limit    The most bytes that are wanted. A larger body is refused: before any of it is
 *                 read where the server says its length.
 * \param status   The answer's HTTP status, also on failure; 0 where there is none. May be NULL.
 * \param body     The bytes, with a NUL behind them that \p size does not count; free them with
 *                 tin_free(). NULL on failure.
 * \param size     Bytes; 0 on failure.
 * \returns TIN_OK; TIN_E_BUFFER_TOO_SMALL for a body of more than \p limit bytes; TIN_E_ARGUMENT;
 *          TIN_E_PROTOCOL, also for a part that was not asked for; TIN_E_TRUNCATED; TIN_E_TIMEOUT;
 *          TIN_E_CANCELLED; TIN_E_CONNECTION_LOST; TIN_E_MEMORY; TIN_E_HANDLE; see
 *          \ref transfer.h.
 * \threadsafety Any number of threads on one session.
 */
TIN_API TIN_NODISCARD tin_result tin_get(tin_handle session, const char *url, const char *headers,
                                         DWORD flags, size_t limit, DWORD *status, void **body,
                                         size_t *size);
/** UTF-16 twin of tin_get(). */
TIN_API TIN_NODISCARD tin_result tin_get_w(tin_handle session, const wchar_t *url,
                                           const wchar_t *headers, DWORD flags, size_t limit,
                                           DWORD *status, void **body, size_t *size);

/**
 * Frees what tin_get() handed out (no WinInet counterpart): a DLL has a heap of its own.
 *
 * \param bytes  From tin_get(), or NULL.
 * \threadsafety Any thread.
 */
TIN_API void tin_free(void *bytes);

#ifdef __cplusplus
}
#endif

#endif
