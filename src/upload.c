/* SPDX-License-Identifier: MIT */
/* A local file to a URL: the body of a request, or a file on an FTP server. */
#include <stdlib.h>
#include <wchar.h>

#include <thininet/ftp.h>
#include <thininet/url.h>

#include "transfer.h"
#include "whole_file.h"

#define PIECE ((size_t)256 << 10) /* a file that is no larger is sent with its request */

typedef struct upload {
    tin_handle session;
    const wchar_t *verb, *url, *headers;
    DWORD flags;
    HANDLE local;
    DWORD status;
    BYTE *buffer;
    tin__meter meter;
} upload;

/* ---- the bytes ------------------------------------------------------------------------------ */

/* As many as were announced, whatever becomes of the local file meanwhile. */
static tin_result copy(upload *it, tin_handle to)
{
    const uint64_t total = it->meter.progress.total;
    uint64_t done = 0;

    while (done < total) {
        const size_t size = total - done < PIECE ? (size_t)(total - done) : PIECE;
        size_t got, written;
        tin_result result = tin__load(it->local, it->buffer, size, &got);

        if (tin_ok(result) && got == 0)
            return tin__fail(TIN_E_TRUNCATED);
        if (tin_ok(result))
            result = tin__told(tin_write_file(to, it->buffer, got, &written));
        if (tin_ok(result))
            result = tin__meter_advance(&it->meter, done += got);
        if (!tin_ok(result))
            return result;
    }
    return tin__success();
}

static tin_result rewind_local(upload *it)
{
    const LARGE_INTEGER begin = {.QuadPart = 0};

    return SetFilePointerEx(it->local, begin, NULL, FILE_BEGIN) ? tin__success()
                                                                : tin__from_win32(GetLastError());
}

/* ---- http ----------------------------------------------------------------------------------- */

static tin_result stream(upload *it, tin_handle request)
{
    tin_result result = rewind_local(it);

    if (tin_ok(result))
        result = tin_http_send_request_ex_w(request, it->headers, it->meter.progress.total);
    if (tin_ok(result))
        result = copy(it, request);
    return tin_ok(result) ? tin_http_end_request(request) : result;
}

/* WinInet can send it again by itself: to who asks for a user, or to where a redirect leads. */
static tin_result send_at_once(upload *it, tin_handle request)
{
    size_t got;
    tin_result result = tin__load(it->local, it->buffer, PIECE, &got);

    if (tin_ok(result))
        result = tin__meter_advance(&it->meter, got);
    return tin_ok(result) ? tin_http_send_request_w(request, it->headers, it->buffer, got) : result;
}

static tin_result send_file(upload *it, tin_handle request)
{
    const bool at_once = it->meter.progress.total <= PIECE;
    tin_result result = at_once ? send_at_once(it, request) : stream(it, request);

    return tin_ok(result) ? tin__transfer_status(request, &it->status) : tin__told(result);
}

/* What was streamed is gone when the server asks for a user. */
static tin_result send_body(upload *it, tin_handle request, bool has_user)
{
    tin_result result = send_file(it, request);

    if (result.error == TIN_E_AUTH && has_user && it->meter.progress.total > PIECE)
        result = send_file(it, request);
    return result;
}

static tin_result open_request(const upload *it, tin_handle connection, const tin_url_parts_w *to,
                               tin_handle *request)
{
    const DWORD secure = to->scheme == INTERNET_SCHEME_HTTPS ? INTERNET_FLAG_SECURE : 0;
    wchar_t *object;
    tin_result result = tin__join((const wchar_t *const[]){to->path, to->extra}, 2, &object);

    if (tin_ok(result)) /* which drops the fragment */
        result = tin_http_open_request_w(connection, it->verb != NULL ? it->verb : L"PUT", object,
                                         NULL, NULL, NULL, it->flags | secure, NULL, request);
    tin__wipe_text(object);
    return result;
}

static tin_result put_http(upload *it, tin_handle connection, const tin_url_parts_w *to)
{
    tin_handle request;
    tin_result result = open_request(it, connection, to, &request);

    return tin_ok(result) ? send_body(it, request, to->user != NULL) : tin__told(result);
}

/* ---- ftp ------------------------------------------------------------------------------------ */

/* Below the folder in which the user begins, as with tin_open_url(). What failed here is cut off:
 * the server takes whatever it got for the whole file. */
static tin_result put_ftp(upload *it, tin_handle connection, const tin_url_parts_w *to)
{
    tin_handle file;
    tin_result result =
        tin_ftp_open_file_w(connection, to->path + 1, GENERIC_WRITE, it->flags, NULL, &file);

    if (!tin_ok(result))
        return tin__told(result);
    result = copy(it, file);
    if (!tin_ok(result)) {
        (void)tin_cancel(file);
        return result;
    }
    return tin__told(tin_close_handle(file));
}

/* ---- in order ------------------------------------------------------------------------------- */

static tin_result put(upload *it, const tin_url_parts_w *to)
{
    const bool is_ftp = to->service == INTERNET_SERVICE_FTP;
    tin_handle connection;
    tin_result result = tin_connect_w(it->session, to->host, to->port, to->user, to->password,
                                      to->service, 0, NULL, &connection);

    if (!tin_ok(result))
        return result;
    result = is_ftp ? put_ftp(it, connection, to) : put_http(it, connection, to);
    tin_close_handle(connection);
    return tin_ok(result) ? tin__meter_end(&it->meter) : result;
}

/* The names that an FTP server knows are not escaped. */
static tin_result crack(const wchar_t *url, tin_url_parts_w **to)
{
    tin_result result = tin_crack_url_w(url, 0, to);

    if (!tin_ok(result) || (*to)->service != INTERNET_SERVICE_FTP)
        return result;
    tin_free_url_parts_w(*to);
    return tin_crack_url_w(url, ICU_DECODE, to);
}

static tin_result run(upload *it)
{
    tin_url_parts_w *to;
    LARGE_INTEGER size;
    tin_result result = crack(it->url, &to);

    if (!tin_ok(result))
        return result;
    if (to->service != INTERNET_SERVICE_HTTP && to->service != INTERNET_SERVICE_FTP) {
        result = tin__fail(TIN_E_UNSUPPORTED);
    } else if (!GetFileSizeEx(it->local, &size)) {
        result = tin__from_win32(GetLastError());
    } else {
        it->meter.progress.total = (uint64_t)size.QuadPart;
        it->meter.progress.total_known = true;
        result = put(it, to);
    }
    tin_free_url_parts_w(to);
    return result;
}

tin_result tin_upload_w(tin_handle session, const wchar_t *path, const wchar_t *verb,
                        const wchar_t *url, const wchar_t *headers, DWORD flags,
                        tin_progress_callback *progress, void *context, DWORD *status)
{
    upload it = {.session = session,
                 .verb = verb,
                 .url = url,
                 .headers = headers,
                 .flags = flags,
                 .meter = tin__meter_begin(progress, context)};
    tin_result result = tin__fail(TIN_E_ARGUMENT);

    if (status != NULL)
        *status = 0;
    if (path == NULL || *path == L'\0' || url == NULL)
        return result;
    result = tin__open_to_load(path, &it.local);
    if (!tin_ok(result))
        return result;
    it.buffer = malloc(PIECE);
    result = it.buffer != NULL ? run(&it) : tin__fail(TIN_E_MEMORY);
    free(it.buffer);
    CloseHandle(it.local);
    if (status != NULL)
        *status = it.status;
    return result;
}

tin_result tin_upload(tin_handle session, const char *path, const char *verb, const char *url,
                      const char *headers, DWORD flags, tin_progress_callback *progress,
                      void *context, DWORD *status)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, path, verb, url, headers);

    if (status != NULL)
        *status = 0;
    if (tin_ok(result))
        result = tin_upload_w(session, wide.text[0], wide.text[1], wide.text[2], wide.text[3],
                              flags, progress, context, status);
    return tin__forget(&wide, result);
}
