/* SPDX-License-Identifier: MIT */
/*
 * get: downloads URLs to files, as curl -O and wget do, with tin_download().
 *
 *     get [-o NAME] [-c] [-t SECONDS] [--trace] URL...
 */
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <thininet/thininet.h>

#include "ctrl_c.h"
#include "event.h"
#include "failure.h"
#include "file_name.h"
#include "progress_bar.h"

typedef struct arguments {
    const wchar_t *output;
    bool resume, trace;
    DWORD timeout_s;
    wchar_t **urls;
    int count;
} arguments;

/* One download. */
typedef struct job {
    tin_handle file; /* while it is open */
    file_name name;
    bool named;    /* by the user, or by the server */
    bool terminal; /* progress is drawn rather than told */
    bool drawn;    /* it has been */
    bool trace;
    tin_progress last;
    ULONGLONG began, before; /* GetTickCount64 */
} job;

/* By what to do about the failure. */
static int exit_code(tin_error error)
{
    switch (error) {
    case TIN_OK:
        return 0;
    case TIN_E_URL:
    case TIN_E_ARGUMENT:
    case TIN_E_UNSUPPORTED:
        return 2;
    case TIN_E_DNS:
    case TIN_E_CONNECT:
    case TIN_E_OFFLINE:
    case TIN_E_PROXY:
        return 3;
    case TIN_E_TIMEOUT:
    case TIN_E_CONNECTION_LOST:
    case TIN_E_TRUNCATED:
        return 4;
    case TIN_E_NOT_FOUND:
    case TIN_E_SERVER:
    case TIN_E_REDIRECT:
    case TIN_E_PROTOCOL:
        return 5;
    case TIN_E_AUTH:
    case TIN_E_ACCESS:
        return 6;
    case TIN_E_DISK:
        return 7;
    default:
        return error >= TIN_E_TLS && error <= TIN_E_CLIENT_CERT ? 8 : 1;
    }
}

static void usage(void)
{
    fputs(
        "get: usage: get [options] URL...\n"
        "  Saves each URL (http, https, ftp, file) in this folder, by the name that the server\n"
        "  gives it (Content-Disposition), or else the URL as it stands here, whatever a redirect\n"
        "  leads to. Ctrl-C ends it.\n"
        "  -o NAME     saves one URL by this name\n"
        "  -c          goes on with what an earlier get -c left\n"
        "  -t SECONDS  gives up when it takes so long to connect, or until something is sent or\n"
        "              received (30)\n"
        "  --trace     shows what happens, and how many milliseconds after what went before\n"
        "  exit code: 0 all is well; 2 arguments; 3 no connection; 4 it broke off: -c may help;\n"
        "  5 the server does not have it; 6 it may not be had, or written; 7 the disk; 8 no trust\n"
        "  in the server; 130 Ctrl-C; 1 anything else; of several failures that of the first\n",
        stderr);
}

static bool parse(int count, wchar_t **argv, arguments *options)
{
    int i = 1;

    for (; i < count && argv[i][0] == L'-'; i++) {
        if (wcscmp(argv[i], L"-c") == 0)
            options->resume = true;
        else if (wcscmp(argv[i], L"--trace") == 0)
            options->trace = true;
        else if (wcscmp(argv[i], L"-o") == 0 && i + 1 < count)
            options->output = argv[++i];
        else if (wcscmp(argv[i], L"-t") == 0 && i + 1 < count)
            options->timeout_s = wcstoul(argv[++i], NULL, 10);
        else
            return false;
    }
    options->urls = argv + i;
    options->count = count - i;
    return options->count > 0 && options->timeout_s > 0 && options->timeout_s < 1000000 &&
           (options->output == NULL ||
            (options->count == 1 && wcslen(options->output) < LONGEST_NAME));
}

/* ---- what is shown --------------------------------------------------------------------------- */

static bool show_progress(void *context, const tin_progress *progress)
{
    job *it = context;

    if (!it->named) /* the answer is here now, and with it the server's own name for the file */
        take_name_of_server(it->name, it->file);
    it->named = true;
    it->last = *progress;
    it->drawn = it->terminal;
    if (it->drawn)
        draw_progress(progress);
    return true;
}

static void show_status(tin_handle handle, void *context, const tin_status *status)
{
    const ULONGLONG now = GetTickCount64();
    job *it = context;

    (void)handle;
    if (status->code == INTERNET_STATUS_HANDLE_CREATED)
        it->file = status->handle;
    if (!it->trace)
        return;
    fprintf(stderr, "%7llu ms  +%-5llu ", now - it->began, now - it->before);
    print_event(status);
    it->before = now;
}

static void report(const job *it, tin_result result, DWORD status)
{
    char name[3 * LONGEST_NAME + 1], text[512], done[AMOUNT_SIZE], speed[AMOUNT_SIZE];

    if (WideCharToMultiByte(CP_UTF8, 0, it->name, -1, name, sizeof name, NULL, NULL) == 0)
        name[0] = '\0';
    fprintf(stderr, "%sget: %s: ", it->drawn ? "\n" : "", name);
    if (tin_ok(result)) {
        fprintf(stderr, "%s in %.1f s, %s/s\n", amount((double)it->last.done, done),
                (double)it->last.elapsed_ms / 1000,
                amount((double)it->last.bytes_per_second, speed));
        return;
    }
    tin_describe(result, text, sizeof text);
    fputs(text, stderr);
    if (status >= 300)
        fprintf(stderr, " The server answered %lu.", status);
    fputc('\n', stderr);
}

/* ---- the work -------------------------------------------------------------------------------- */

/* By the name that the URL gives it; then it gets the one that the server gave, if that is free. */
static tin_result download(tin_handle session, const arguments *options, const wchar_t *url,
                           job *it)
{
    const DWORD flags = INTERNET_FLAG_RELOAD | INTERNET_FLAG_NO_CACHE_WRITE;
    file_name path;
    DWORD status;
    tin_result result;

    it->began = it->before = GetTickCount64();
    it->drawn = false;
    it->named = options->output != NULL;
    if (it->named)
        wcscpy(it->name, options->output);
    else
        take_name_of_url(it->name, url);
    wcscpy(path, it->name);
    result = tin_download_w(session, url, NULL, flags, path, options->resume, show_progress, it,
                            &status);
    if (tin_ok(result) && wcscmp(path, it->name) != 0 && !MoveFileExW(path, it->name, 0))
        wcscpy(it->name, path);
    report(it, result, status);
    return result;
}

static tin_result set_timeouts(tin_handle session, DWORD timeout_ms)
{
    static const DWORD kinds[] = {INTERNET_OPTION_CONNECT_TIMEOUT, INTERNET_OPTION_SEND_TIMEOUT,
                                  INTERNET_OPTION_RECEIVE_TIMEOUT};
    tin_result result = {TIN_OK, 0};

    for (size_t i = 0; tin_ok(result) && i < sizeof kinds / sizeof kinds[0]; i++)
        result = tin_set_option_dword(session, kinds[i], timeout_ms);
    return result;
}

int wmain(int count, wchar_t **argv)
{
    arguments options = {.timeout_s = 30};
    job it = {.name = L""};
    tin_handle session;
    tin_result first;

    if (!parse(count, argv, &options)) {
        usage();
        return 2;
    }
    it.trace = options.trace;
    it.terminal = !it.trace && is_terminal();
    first = tin_open("get/1.0 (thininet)", INTERNET_OPEN_TYPE_PRECONFIG, NULL, NULL, 0, &session);
    end_by_ctrl_c(session);
    if (tin_ok(first))
        first = set_timeouts(session, options.timeout_s * 1000);
    if (tin_ok(first))
        first = tin_set_status_callback(session, show_status, &it);
    if (!tin_ok(first)) {
        print_failure("get", first);
        options.count = 0;
    }
    for (int i = 0; !ctrl_c_pressed && i < options.count; i++) {
        const tin_result result = download(session, &options, options.urls[i], &it);

        if (tin_ok(first))
            first = result;
    }
    tin_close_handle(session);
    return ctrl_c_pressed ? CTRL_C_EXIT_CODE : exit_code(first.error);
}
