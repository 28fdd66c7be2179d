/* SPDX-License-Identifier: MIT */
/*
 * post: sends a form, or a file, by POST, and prints the answer.
 *
 *     post URL name=value...
 *     post URL @FILE
 */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <thininet/thininet.h>

#include "failure.h"
#include "progress_bar.h"

/* Everything but letters, digits and "*-._" is escaped; a blank is '+'. */
static void append_escaped(char *form, const char *text)
{
    char *to = form + strlen(form);

    for (; *text != '\0'; text++)
        if (*text == ' ')
            *to++ = '+';
        else if (strchr("*-._=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                        *text) != NULL)
            *to++ = *text;
        else
            to += sprintf(to, "%%%02X", (unsigned char)*text);
    *to = '\0';
}

/* "a=b&c=d", of which each first '=' is the one that divides; for free(). */
static char *make_form(char **fields, int count)
{
    size_t size = 1;
    char *form;

    for (int i = 0; i < count; i++)
        size += 3 * strlen(fields[i]) + 1;
    form = calloc(size, 1);
    for (int i = 0; form != NULL && i < count; i++) {
        if (i != 0)
            strcat(form, "&");
        append_escaped(form, fields[i]);
    }
    return form;
}

static tin_result print_answer(tin_handle request)
{
    char bytes[4096];
    size_t got;
    DWORD status;
    tin_result result = tin_http_status(request, &status);

    if (tin_ok(result))
        fprintf(stderr, "post: status %lu\n", status);
    while (tin_ok(result) && tin_ok(result = tin_read_file(request, bytes, sizeof bytes, &got)) &&
           got != 0)
        fwrite(bytes, 1, got, stdout);
    return result;
}

static tin_result post(tin_handle session, const tin_url_parts *to, const char *form)
{
    const DWORD secure = to->scheme == INTERNET_SCHEME_HTTPS ? INTERNET_FLAG_SECURE : 0;
    char object[2048];
    tin_handle connection, request;
    tin_result result = tin_connect(session, to->host, to->port, to->user, to->password,
                                    INTERNET_SERVICE_HTTP, 0, NULL, &connection);

    snprintf(object, sizeof object, "%s%s", to->path, to->extra);
    if (tin_ok(result))
        result = tin_http_open_request(connection, "POST", object, NULL, NULL, NULL, secure, NULL,
                                       &request);
    if (tin_ok(result))
        result = tin_http_send_request(
            request, "Content-Type: application/x-www-form-urlencoded\r\n", form, strlen(form));
    return tin_ok(result) ? print_answer(request) : result;
}

static tin_result post_form(tin_handle session, const char *url, const char *form)
{
    tin_url_parts *to;
    tin_result result = tin_crack_url(url, 0, &to);

    if (!tin_ok(result))
        return result;
    if (to->service == INTERNET_SERVICE_HTTP && form != NULL)
        result = post(session, to, form);
    else
        result.error = form != NULL ? TIN_E_UNSUPPORTED : TIN_E_MEMORY;
    tin_free_url_parts(to);
    return result;
}

static bool show_progress(void *context, const tin_progress *progress)
{
    (void)context;
    draw_progress(progress);
    return true;
}

static tin_result post_file(tin_handle session, const char *url, const char *path)
{
    const bool shown = is_terminal();
    DWORD status;
    const tin_result result =
        tin_upload(session, path, "POST", url, "Content-Type: application/octet-stream\r\n", 0,
                   shown ? show_progress : NULL, NULL, &status);

    if (shown)
        fputc('\n', stderr);
    if (status != 0)
        fprintf(stderr, "post: status %lu\n", status);
    return result;
}

int main(int count, char **argv)
{
    char *form;
    tin_handle session;
    tin_result result;

    if (count < 3) {
        fputs("post: usage: post URL name=value... | post URL @FILE\n", stderr);
        return 2;
    }
    _setmode(_fileno(stdout), _O_BINARY);
    result = tin_open("post/1.0 (thininet)", INTERNET_OPEN_TYPE_PRECONFIG, NULL, NULL, 0, &session);
    if (tin_ok(result) && argv[2][0] == '@') {
        result = post_file(session, argv[1], argv[2] + 1);
    } else if (tin_ok(result)) {
        form = make_form(argv + 2, count - 2);
        result = post_form(session, argv[1], form);
        free(form);
    }
    tin_close_handle(session); /* and what was opened below it */
    if (tin_ok(result))
        return 0;
    print_failure("post", result);
    return 1;
}
