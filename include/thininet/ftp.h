/* SPDX-License-Identifier: MIT */
/**
 * \file ftp.h
 * FTP servers: directories, files, what is in a directory, any command.
 *
 * All of it is asked of a connection, which tin_connect() opens. A connection takes one call at a
 * time (else TIN_E_STATE), and none while a file or a find of it is open (TIN_E_FTP, as WinInet's
 * 12110): close that first. Several things at once need several connections.
 *
 * A call that ended in TIN_E_TIMEOUT or TIN_E_CANCELLED, on the connection or on a file or find of
 * it, leaves WinInet in the middle of the dialogue with the server: every later call on that
 * connection gives the same result. Close it and open another.
 *
 * On a connection TIN_OPTION_TOTAL_TIMEOUT is the time of one call, on a file or find of all calls.
 *
 * Names and commands are sent in UTF-8 (RFC 2640), in one line: NULL, an empty one and one with
 * control characters give TIN_E_ARGUMENT, and the server is told nothing. What the server said of a
 * failure is found at the connection: tin_get_last_response_info().
 *
 * Besides what each function names, all of them return TIN_E_SERVER when the server refused;
 * TIN_E_PROTOCOL for a reply that cannot be; TIN_E_CONNECT for a data connection that could not be
 * made; TIN_E_CONNECTION_LOST; TIN_E_TIMEOUT; TIN_E_CANCELLED; TIN_E_FTP; TIN_E_STATE;
 * TIN_E_HANDLE; TIN_E_MEMORY; TIN_E_INTERNAL.
 */
#ifndef THININET_FTP_H
#define THININET_FTP_H

#include <thininet/http.h>
#include <thininet/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Directories and names ------------------------------------------------------------------- */

/**
 * Changes to another directory (FtpSetCurrentDirectory).
 *
 * \param connection  To an FTP server.
 * \param directory   From the root with a '/' in front, else from the current one.
 * \returns TIN_OK; TIN_E_ARGUMENT; see \ref ftp.h.
 * \threadsafety One call at a time per connection (else TIN_E_STATE); tin_cancel() and
 *               tin_close_handle() from any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_ftp_set_current_directory(tin_handle connection,
                                                               const char *directory);
/** UTF-16 twin of tin_ftp_set_current_directory(). */
TIN_API TIN_NODISCARD tin_result tin_ftp_set_current_directory_w(tin_handle connection,
                                                                 const wchar_t *directory);

/**
 * The current directory (FtpGetCurrentDirectory).
 *
 * The server is asked each time, also for the size alone.
 *
 * \param connection  To an FTP server.
 * \param text        Receives the directory; NULL asks for the size.
 * \param size        In: the size of \p text in bytes. Out: the length in bytes without the NUL; on
 *                    TIN_E_BUFFER_TOO_SMALL the size needed with the NUL; else 0.
 * \returns TIN_OK; TIN_E_BUFFER_TOO_SMALL, with \p text untouched; TIN_E_ARGUMENT; see \ref ftp.h.
 * \threadsafety as tin_ftp_set_current_directory().
 */
TIN_API TIN_NODISCARD tin_result tin_ftp_get_current_directory(tin_handle connection, char *text,
                                                               size_t *size);
/** UTF-16 twin of tin_ftp_get_current_directory(); sizes in bytes here, too. */
TIN_API TIN_NODISCARD tin_result tin_ftp_get_current_directory_w(tin_handle connection,
                                                                 wchar_t *text, size_t *size);

/**
 * The current directory as "ftp://host[:port]/directory" (no WinInet counterpart; MFC's
 * CFtpConnection::GetCurrentDirectoryAsURL).
 *
 * Percent-encoded, without user name and password. As with MFC, the whole directory stands behind
 * the host: where the server's login folder is not its root, tin_open_url() takes it for one below
 * that folder.
 *
 * \param connection  To an FTP server.
 * \param text        Receives the URL; NULL asks for the size.
 * \param size        as tin_ftp_get_current_directory().
 * \returns as tin_ftp_get_current_directory().
 * \threadsafety as tin_ftp_set_current_directory().
 */
TIN_API TIN_NODISCARD tin_result tin_ftp_get_current_directory_url(tin_handle connection,
                                                                   char *text, size_t *size);
/** UTF-16 twin of tin_ftp_get_current_directory_url(); sizes in bytes here, too. */
TIN_API TIN_NODISCARD tin_result tin_ftp_get_current_directory_url_w(tin_handle connection,
                                                                     wchar_t *text, size_t *size);

/**
 * Makes a directory (FtpCreateDirectory).
 *
 * \param connection  To an FTP server.
 * \param directory   Its name.
 * \returns TIN_OK; TIN_E_ARGUMENT; see \ref ftp.h.
 * \threadsafety as tin_ftp_set_current_directory().
 */
TIN_API TIN_NODISCARD tin_result tin_ftp_create_directory(tin_handle connection,
                                                          const char *directory);
/** UTF-16 twin of tin_ftp_create_directory(). */
TIN_API TIN_NODISCARD tin_result tin_ftp_create_directory_w(tin_handle connection,
                                                            const wchar_t *directory);

/**
 * Removes an empty directory (FtpRemoveDirectory).
 *
 * \param connection  To an FTP server.
 * \param directory   Its name.
 * \returns TIN_OK; TIN_E_ARGUMENT; see \ref ftp.h.
 * \threadsafety as tin_ftp_set_current_directory().
 */
TIN_API TIN_NODISCARD tin_result tin_ftp_remove_directory(tin_handle connection,
                                                          const char *directory);
/** UTF-16 twin of tin_ftp_remove_directory(). */
TIN_API TIN_NODISCARD tin_result tin_ftp_remove_directory_w(tin_handle connection,
                                                            const wchar_t *directory);

/**
 * Gives a file or directory another name (FtpRenameFile).
 *
 * \param connection  To an FTP server.
 * \param existing    Its name.
 * \param new_name    Its new name; whether a file of that name is replaced is the server's choice.
 * \returns TIN_OK; TIN_E_ARGUMENT; see \ref ftp.h.
 * \threadsafety as tin_ftp_set_current_directory().
 */
TIN_API TIN_NODISCARD tin_result tin_ftp_rename_file(tin_handle connection, const char *existing,
                                                     const char *new_name);
/** UTF-16 twin of tin_ftp_rename_file(). */
TIN_API TIN_NODISCARD tin_result tin_ftp_rename_file_w(tin_handle connection,
                                                       const wchar_t *existing,
                                                       const wchar_t *new_name);

/**
 * Deletes a file (FtpDeleteFile).
 *
 * \param connection  To an FTP server.
 * \param name        Its name.
 * \returns TIN_OK; TIN_E_ARGUMENT; see \ref ftp.h.
 * \threadsafety as tin_ftp_set_current_directory().
 */
TIN_API TIN_NODISCARD tin_result tin_ftp_delete_file(tin_handle connection, const char *name);
/** UTF-16 twin of tin_ftp_delete_file(). */
TIN_API TIN_NODISCARD tin_result tin_ftp_delete_file_w(tin_handle connection, const wchar_t *name);

/**
 * The size of a file (FtpCommand with "TYPE I" and "SIZE"; FtpGetFileSize is empty in Wine 8).
 *
 * \param connection  To an FTP server.
 * \param name        The file's name.
 * \param size        Bytes; 0 on failure.
 * \returns TIN_OK; TIN_E_ARGUMENT; TIN_E_UNSUPPORTED where WinInet does not hand the reply over;
 *          see \ref ftp.h. A server that does not know SIZE refuses.
 * \threadsafety as tin_ftp_set_current_directory().
 */
TIN_API TIN_NODISCARD tin_result tin_ftp_get_file_size(tin_handle connection, const char *name,
                                                       uint64_t *size);
/** UTF-16 twin of tin_ftp_get_file_size(). */
TIN_API TIN_NODISCARD tin_result tin_ftp_get_file_size_w(tin_handle connection, const wchar_t *name,
                                                         uint64_t *size);

/* ---- Files ----------------------------------------------------------------------------------- */

/**
 * Opens a file for reading or for writing (FtpOpenFile).
 *
 * Read it with tin_read_file(): its end is a good one only if the server says so, else
 * TIN_E_TRUNCATED. Write it with tin_write_file(), which replaces a file of that name;
 * tin_close_handle() then asks the server how it went and returns TIN_E_SERVER if it did not store
 * all of it, TIN_E_CONNECTION_LOST if it said nothing.
 *
 * A file can be read from a later place on, as after a broken transfer:
 *
 *     result = tin_ftp_command(connection, "REST 1000", false, 0, NULL, NULL);
 *     if (tin_ok(result))
 *         result = tin_ftp_open_file(connection, "f", GENERIC_READ, 0, NULL, &file);
 *
 * \param connection  To an FTP server; busy until the file is closed. Closing a file that was not
 *                    read to its end, or whose writing was cancelled, does not wait, the
 *                    connection's next call does.
 * \param name        The file's name.
 * \param access      GENERIC_READ or GENERIC_WRITE.
 * \param flags       FTP_TRANSFER_TYPE_ASCII for text; else it is FTP_TRANSFER_TYPE_BINARY. Others
 *                    go to WinInet as they are.
 * \param context     Handed to the status callback; NULL: as the connection's.
 * \param file        The open file; close it with tin_close_handle(). NULL on failure.
 * \returns TIN_OK; TIN_E_ARGUMENT; see \ref ftp.h.
 * \threadsafety as tin_ftp_set_current_directory().
 */
TIN_API TIN_NODISCARD tin_result tin_ftp_open_file(tin_handle connection, const char *name,
                                                   DWORD access, DWORD flags, void *context,
                                                   tin_handle *file);
/** UTF-16 twin of tin_ftp_open_file(). */
TIN_API TIN_NODISCARD tin_result tin_ftp_open_file_w(tin_handle connection, const wchar_t *name,
                                                     DWORD access, DWORD flags, void *context,
                                                     tin_handle *file);

/**
 * Copies a file from the server to this computer (FtpGetFile).
 *
 * Not by FtpGetFile itself, which blocks for the whole transfer without a sign of progress, so that
 * no time-out but one for all of it could hold: by FtpOpenFile and InternetReadFile. What comes is
 * written to a file "tin....tmp" beside the local one, which gets its name, and replaces what had
 * it, when the transfer has ended well; on any failure it is deleted, and what was there before is
 * kept.
 *
 * Meanwhile tin_cancel() or tin_close_handle() on the connection, the session, or the file that
 * INTERNET_STATUS_HANDLE_CREATED announced make it return TIN_E_CANCELLED.
 *
 * \param connection      To an FTP server.
 * \param remote          The file's name there.
 * \param local           The new file's name here.
 * \param fail_if_exists  A local file of that name is TIN_E_EXISTS, before the server is asked;
 *                        false replaces it.
 * \param attributes      FILE_ATTRIBUTE_* of the local file; 0 is FILE_ATTRIBUTE_NORMAL.
 * \param flags           as tin_ftp_open_file().
 * \param context         as tin_ftp_open_file().
 * \returns TIN_OK; TIN_E_ARGUMENT; TIN_E_EXISTS; TIN_E_TRUNCATED; TIN_E_DISK, TIN_E_ACCESS,
 *          TIN_E_NOT_FOUND (the local file); see \ref ftp.h.
 * \threadsafety as tin_ftp_set_current_directory().
 */
TIN_API TIN_NODISCARD tin_result tin_ftp_get_file(tin_handle connection, const char *remote,
                                                  const char *local, bool fail_if_exists,
                                                  DWORD attributes, DWORD flags, void *context);
/** UTF-16 twin of tin_ftp_get_file(). */
TIN_API TIN_NODISCARD tin_result tin_ftp_get_file_w(tin_handle connection, const wchar_t *remote,
                                                    const wchar_t *local, bool fail_if_exists,
                                                    DWORD attributes, DWORD flags, void *context);

/**
 * Copies a file of this computer to the server (FtpPutFile).
 *
 * By FtpOpenFile and InternetWriteFile, and cancelled, as with tin_ftp_get_file(). After a failure
 * the server may keep what it got: it cannot tell that from a whole file.
 *
 * \param connection  To an FTP server.
 * \param local       The file's name here.
 * \param remote      Its name there; a file of that name is replaced.
 * \param flags       as tin_ftp_open_file().
 * \param context     as tin_ftp_open_file().
 * \returns TIN_OK; TIN_E_ARGUMENT; TIN_E_NOT_FOUND, TIN_E_ACCESS, TIN_E_DISK (the local file, the
 *          first two before the server is asked); see \ref ftp.h.
 * \threadsafety as tin_ftp_set_current_directory().
 */
TIN_API TIN_NODISCARD tin_result tin_ftp_put_file(tin_handle connection, const char *local,
                                                  const char *remote, DWORD flags, void *context);
/** UTF-16 twin of tin_ftp_put_file(). */
TIN_API TIN_NODISCARD tin_result tin_ftp_put_file_w(tin_handle connection, const wchar_t *local,
                                                    const wchar_t *remote, DWORD flags,
                                                    void *context);

/* ---- Any command ----------------------------------------------------------------------------- */

/**
 * Sends a command as it is (FtpCommand).
 *
 * What the server answered is found by tin_get_last_response_info(), of a success as well.
 *
 * \param connection       To an FTP server.
 * \param command          One line, such as "SITE CHMOD 644 f".
 * \param expect_response  Whether the server answers by a data connection, which is read like a
 *                         file and closed like one. Wine 8 does not support that:
 *                         TIN_E_UNSUPPORTED.
 * \param flags            FTP_TRANSFER_TYPE_*, for the data connection.
 * \param context          as tin_ftp_open_file().
 * \param data             With \p expect_response the data connection's handle, else NULL; may be
 *                         NULL then. NULL on failure.
 * \returns TIN_OK; TIN_E_ARGUMENT; TIN_E_UNSUPPORTED; see \ref ftp.h.
 * \threadsafety as tin_ftp_set_current_directory().
 */
TIN_API TIN_NODISCARD tin_result tin_ftp_command(tin_handle connection, const char *command,
                                                 bool expect_response, DWORD flags, void *context,
                                                 tin_handle *data);
/** UTF-16 twin of tin_ftp_command(). */
TIN_API TIN_NODISCARD tin_result tin_ftp_command_w(tin_handle connection, const wchar_t *command,
                                                   bool expect_response, DWORD flags, void *context,
                                                   tin_handle *data);

/* ---- What is in a directory ------------------------------------------------------------------ */

/** What a find has found, with its name in UTF-8. */
typedef struct tin_find_data {
    char name[3 * MAX_PATH + 1]; /**< Without the directory; WinInet cuts at MAX_PATH. */
    uint64_t size;               /**< Bytes; 0 for directories. */
    FILETIME created;            /**< The three times are what WinInet makes of the listing. In */
    FILETIME accessed;           /**< Wine 8 they are the same, of the server's own clock and */
    FILETIME written;            /**< without seconds, or 0; one without a year is of this year. */
    DWORD attributes;            /**< FILE_ATTRIBUTE_DIRECTORY, as far as the listing tells */
} tin_find_data;

/** The UTF-16 twin of tin_find_data. */
typedef struct tin_find_data_w {
    wchar_t name[MAX_PATH];
    uint64_t size;
    FILETIME created;
    FILETIME accessed;
    FILETIME written;
    DWORD attributes;
} tin_find_data_w;

/**
 * Finds the first file or directory of a name (FtpFindFirstFile).
 *
 * There is no look-ahead as with MFC's CFtpFileFind::FindNextFile, which tells whether there is one
 * more. The loop:
 *
 *     result = tin_ftp_find_first_file(connection, "*.txt", 0, NULL, &data, &find);
 *     while (tin_ok(result)) {
 *         puts(data.name);
 *         result = tin_find_next_file(find, &data);
 *     }
 *     tin_close_handle(find);
 *     // a good end is TIN_E_NO_MORE
 *
 * The whole listing is fetched here, within INTERNET_OPTION_RECEIVE_TIMEOUT.
 *
 * \param connection  To an FTP server; busy until the find is closed.
 * \param search      A name, or a pattern with '*' and '?' in its last part; NULL for all that is
 *                    in the current directory.
 * \param flags       INTERNET_FLAG_RELOAD for a listing that comes from no cache (Windows keeps
 *                    them), or 0.
 * \param context     Handed to the status callback; NULL: as the connection's.
 * \param first       The first one; all zero on failure.
 * \param find        For tin_find_next_file(); close it with tin_close_handle(). NULL on failure.
 * \returns TIN_OK; TIN_E_NO_MORE when there is none, also in an empty directory; TIN_E_TRUNCATED
 *          when the server broke the listing off; TIN_E_ARGUMENT; see \ref ftp.h.
 * \threadsafety as tin_ftp_set_current_directory().
 */
TIN_API TIN_NODISCARD tin_result tin_ftp_find_first_file(tin_handle connection, const char *search,
                                                         DWORD flags, void *context,
                                                         tin_find_data *first, tin_handle *find);
/** UTF-16 twin of tin_ftp_find_first_file(). */
TIN_API TIN_NODISCARD tin_result tin_ftp_find_first_file_w(tin_handle connection,
                                                           const wchar_t *search, DWORD flags,
                                                           void *context, tin_find_data_w *first,
                                                           tin_handle *find);

/**
 * Finds the next one (InternetFindNextFile).
 *
 * \param find  From tin_ftp_find_first_file().
 * \param data  The next one; all zero on failure.
 * \returns TIN_OK; TIN_E_NO_MORE at the end, and from then on; TIN_E_ARGUMENT; see \ref ftp.h.
 * \threadsafety One call at a time per handle (else TIN_E_STATE); tin_cancel() and
 *               tin_close_handle() from any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_find_next_file(tin_handle find, tin_find_data *data);
/** UTF-16 twin of tin_find_next_file(). */
TIN_API TIN_NODISCARD tin_result tin_find_next_file_w(tin_handle find, tin_find_data_w *data);

#ifdef __cplusplus
}
#endif

#endif
