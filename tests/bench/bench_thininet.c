/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <stdlib.h>

#include <thininet/thininet.h>

#define FLAGS (INTERNET_FLAG_RELOAD | INTERNET_FLAG_NO_CACHE_WRITE | INTERNET_FLAG_NO_COOKIES)

static void *open_session(void)
{
    tin_handle session;

    return tin_ok(tin_open(BENCH_AGENT, INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session))
               ? session
               : NULL;
}

static void close_session(void *session)
{
    tin_close_handle(session);
}

static bool read_url(void *session, const char *url, size_t size, uint64_t *bytes)
{
    char *buffer = malloc(size);
    size_t got = 0;
    tin_handle file;
    tin_result result = tin_open_url(session, url, NULL, FLAGS, NULL, &file);

    while (tin_ok(result) && tin_ok(result = tin_read_file(file, buffer, size, &got)) && got != 0)
        *bytes += got;
    tin_close_handle(file);
    free(buffer);
    return tin_ok(result);
}

static bool read_lines(void *session, const char *url, uint64_t *lines)
{
    char line[256];
    size_t got = 0;
    tin_handle file;
    tin_result result = tin_open_url(session, url, NULL, FLAGS, NULL, &file);

    while (tin_ok(result) && tin_ok(result = tin_read_line(file, line, sizeof line, &got)) &&
           got != 0)
        *lines += line[got - 1] == '\n';
    tin_close_handle(file);
    return tin_ok(result);
}

static bool count(void *context, const tin_progress *progress)
{
    *(uint64_t *)context = progress->done;
    return true;
}

static bool download(void *session, const char *url, const char *path, uint64_t *bytes)
{
    return tin_ok(tin_download(session, url, NULL, FLAGS, path, false, count, bytes, NULL));
}

static bool upload(void *session, const char *url, uint64_t size, size_t piece, size_t gather)
{
    tin_url_parts *to;
    tin_handle connection = NULL, request;
    tin_result result = tin_crack_url(url, 0, &to);

    if (tin_ok(result))
        result =
            tin_connect(session, to->host, to->port, NULL, NULL, to->service, 0, NULL, &connection);
    if (tin_ok(result))
        result = tin_http_open_request(connection, "PUT", to->path, NULL, NULL, NULL, FLAGS, NULL,
                                       &request);
    if (tin_ok(result))
        result = tin_http_send_request_ex(request, NULL, size);
    if (tin_ok(result))
        result = tin_set_write_buffer_size(request, gather);
    for (size_t written; tin_ok(result) && size != 0; size -= piece)
        result = tin_write_file(request, bench_piece, piece, &written);
    if (tin_ok(result))
        result = tin_http_end_request(request);
    tin_close_handle(connection);
    tin_free_url_parts(to);
    return tin_ok(result);
}

static bool call(void *session, int which)
{
    char text[256];
    DWORD value;
    tin_handle other;

    switch (which) {
    case 0:
        return tin_ok(tin_query_option_dword(session, INTERNET_OPTION_CONNECT_TIMEOUT, &value));
    case 1:
        return tin_describe((tin_result){TIN_E_TIMEOUT, ERROR_INTERNET_TIMEOUT}, text,
                            sizeof text) != 0;
    default:
        return tin_ok(tin_open(BENCH_AGENT, INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &other)) &&
               tin_ok(tin_close_handle(other));
    }
}

const bench_side bench_thininet = {"thininet", open_session, close_session, read_url,
                                   read_lines, download,     upload,        call};
