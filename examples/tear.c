/* SPDX-License-Identifier: MIT */
/*
 * tear: fetches a page and prints it; the job of MFC's TEAR sample, in plain C.
 *
 *     tear [/F] [/P] [/S] [/L] URL
 */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <wchar.h>

#include <thininet/thininet.h>

#include "event.h"
#include "failure.h"

typedef struct arguments {
    const wchar_t *url;
    DWORD access_type;
    DWORD flags;
    bool progress;
    bool strip;
} arguments;

static void usage(void)
{
    fputs("tear: usage: tear [options] URL\n"
          "  URL is http, https, ftp or file, or the name of a local file\n"
          "  options are any of\n"
          "  /F  force reload of the page\n"
          "  /P  show detailed progress information\n"
          "  /S  strip HTML tags from the page\n"
          "  /L  use local Internet access: no proxy\n",
          stderr);
}

static bool parse_option(const wchar_t *text, arguments *options)
{
    if (_wcsicmp(text, L"/F") == 0)
        options->flags |= INTERNET_FLAG_RELOAD | INTERNET_FLAG_NO_CACHE_WRITE;
    else if (_wcsicmp(text, L"/P") == 0)
        options->progress = true;
    else if (_wcsicmp(text, L"/S") == 0)
        options->strip = true;
    else if (_wcsicmp(text, L"/L") == 0)
        options->access_type = INTERNET_OPEN_TYPE_DIRECT;
    else
        return false;
    return true;
}

static bool parse(int count, wchar_t **argv, arguments *options)
{
    for (int i = 1; i < count; i++)
        if (!parse_option(argv[i], options)) {
            if (options->url != NULL)
                return false;
            options->url = argv[i];
        }
    return options->url != NULL;
}

static void show_status(tin_handle handle, void *context, const tin_status *status)
{
    (void)handle, (void)context;
    fprintf(stderr, "[%lu] ", status->code);
    print_event(status);
}

/* Leaves out what stands between '<' and '>', across the pieces that a page comes in. */
static size_t strip_tags(char *text, size_t size, bool *in_tag)
{
    size_t kept = 0;

    for (size_t i = 0; i < size; i++) {
        if (text[i] == '<')
            *in_tag = true;
        else if (text[i] == '>' && *in_tag)
            *in_tag = false;
        else if (!*in_tag)
            text[kept++] = text[i];
    }
    return kept;
}

static tin_result print_body(tin_handle file, bool strip)
{
    bool in_tag = false;

    for (;;) {
        char text[4096];
        size_t got;
        const tin_result result = tin_read_available(file, text, sizeof text, &got);

        if (!tin_ok(result) || got == 0)
            return result;
        fwrite(text, 1, strip ? strip_tags(text, got, &in_tag) : got, stdout);
    }
}

static tin_result tear(tin_handle session, const arguments *options)
{
    tin_handle file;
    tin_result result =
        tin_set_status_callback(session, options->progress ? show_status : NULL, NULL);

    if (tin_ok(result))
        result = tin_open_url_w(session, options->url, NULL, options->flags, NULL, &file);
    if (!tin_ok(result)) {
        print_response("tear", session);
        return result;
    }
    result = print_body(file, options->strip);
    fflush(stdout);
    if (!tin_ok(result))
        print_response("tear", file);
    tin_close_handle(file);
    return result;
}

int wmain(int count, wchar_t **argv)
{
    arguments options = {.access_type = INTERNET_OPEN_TYPE_PRECONFIG};
    tin_handle session;
    tin_result result;

    if (!parse(count, argv, &options)) {
        usage();
        return 2;
    }
    _setmode(_fileno(stdout), _O_BINARY); /* bodies go out byte by byte */
    result = tin_open("TEAR/2.0 (thininet)", options.access_type, NULL, NULL, 0, &session);
    if (tin_ok(result))
        result = tear(session, &options);
    if (!tin_ok(result))
        print_failure("tear", result);
    tin_close_handle(session);
    return tin_ok(result) ? 0 : 1;
}
