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

#include "status_name.h"

#define LONGEST_NAME 200

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
    wchar_t name[LONGEST_NAME + 1];
    bool named;    /* by the user, or by the server */
    bool terminal; /* progress is drawn rather than told */
    tin_progress last;
    bool trace;
    ULONGLONG began, before; /* GetTickCount64 */
} job;

/* ---- exit codes: by what to do about the failure --------------------------------------------- */

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
        "  Saves each URL (http, https, ftp, file) in this folder, by the name that the server or\n"
        "  the URL gives it.\n"
        "  -o NAME     saves one URL by this name\n"
        "  -c          goes on with what an earlier get left\n"
        "  -t SECONDS  gives up when nothing came for so long (30)\n"
        "  --trace     shows what happens, and how many milliseconds after what went before\n"
        "  exit code: 0 all is well; 2 arguments; 3 no connection; 4 it broke off: -c may help;\n"
        "  5 the server does not have it; 6 it may not be had, or written; 7 the disk; 8 no trust\n"
        "  in the server; 1 anything else; of several failures that of the first\n",
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

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_device(const wchar_t *name)
{
    static const wchar_t *const devices[] = {L"CON", L"PRN", L"AUX", L"NUL", L"CONIN$", L"CONOUT$"};
    const size_t length = wcscspn(name, L". ");

    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
        if (length == wcslen(devices[i]) && _wcsnicmp(name, devices[i], length) == 0)
            return true;
    return length == 4 && (_wcsnicmp(name, L"COM", 3) == 0 || _wcsnicmp(name, L"LPT", 3) == 0);
}

/* What a name may not have; a terminal takes some of these for commands. */
static bool is_odd(wchar_t c)
{
    return c < L' ' || (c >= 0x7F && c < 0xA0) || wcschr(L"*?\"<>|", c) != NULL;
}

/* A name from outside may lead nowhere: no folder, no device, no stream. Nothing is taken where
 * nothing is left of it. */
static void take_name(job *it, const wchar_t *from)
{
    wchar_t name[LONGEST_NAME + 1];
    const wchar_t *last = from;
    size_t length = 0;

    for (const wchar_t *at = from; *at != L'\0'; at++)
        if (wcschr(L"/\\:", *at) != NULL)
            last = at + 1;
    if (is_device(last))
        name[length++] = L'_';
    for (; *last != L'\0' && length < LONGEST_NAME; last++)
        name[length++] = is_odd(*last) ? L'_' : *last;
    while (length != 0 && wcschr(L". ", name[length - 1]) != NULL)
        length--;
    name[length] = L'\0';
    if (length != 0)
        wcscpy(it->name, name);
}

static void name_by_url(job *it, const wchar_t *url)
{
    tin_url_parts_w *parts;

    wcscpy(it->name, L"index.html");
    if (tin_ok(tin_crack_url_w(url, ICU_DECODE, &parts))) {
        take_name(it, parts->path);
        tin_free_url_parts_w(parts);
    } else { /* a local file */
        take_name(it, url);
    }
}

/* Content-Disposition: attachment; filename="name". What stands in filename*, in a character set of
 * its own, is left to the URL. */
static void name_by_header(job *it)
{
    wchar_t text[1024], *name;
    size_t size = sizeof text, length;

    if (!tin_ok(tin_http_query_info_w(it->file, HTTP_QUERY_CONTENT_DISPOSITION, text, &size, NULL)))
        return;
    name = wcsstr(text, L"filename=");
    if (name == NULL)
        return;
    name += wcslen(L"filename=");
    length = *name == L'"' ? wcscspn(++name, L"\"") : wcscspn(name, L"; ");
    name[length] = L'\0';
    take_name(it, name);
}

/* ---- what is shown --------------------------------------------------------------------------- */

static void print_name(const job *it)
{
    char name[3 * LONGEST_NAME + 1];

    if (WideCharToMultiByte(CP_UTF8, 0, it->name, -1, name, sizeof name, NULL, NULL) != 0)
        fputs(name, stderr);
}

static void print_amount(double amount)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;

    for (; amount >= 1000 && unit < 4; unit++)
        amount /= 1024;
    fprintf(stderr, unit == 0 ? "%.0f %s" : "%.1f %s", amount, units[unit]);
}

static void draw(const tin_progress *progress)
{
    const double part = progress->total != 0 ? (double)progress->done / (double)progress->total : 0;

    fputc('\r', stderr);
    if (progress->total_known) {
        char bar[31];

        for (int i = 0; i < 30; i++)
            bar[i] = i < part * 30 ? '=' : ' ';
        bar[30] = '\0';
        fprintf(stderr, "%3.0f%% [%s] ", part * 100, bar);
    }
    print_amount((double)progress->done);
    fputs(", ", stderr);
    print_amount((double)progress->bytes_per_second);
    fputs("/s", stderr);
    if (progress->total_known && progress->bytes_per_second != 0) {
        const uint64_t left = (progress->total - progress->done) / progress->bytes_per_second;

        fprintf(stderr, ", %llu:%02u left", (unsigned long long)(left / 60), (unsigned)(left % 60));
    }
    fputs("        ", stderr);
}

static bool show_progress(void *context, const tin_progress *progress)
{
    job *it = context;

    if (!it->named) /* the answer is here now, and with it the server's own name for the file */
        name_by_header(it);
    it->named = true;
    it->last = *progress;
    if (it->terminal)
        draw(progress);
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
    fprintf(stderr, "%7llu ms  +%-5llu %s", now - it->began, now - it->before,
            status_name(status->code));
    if (status->text != NULL)
        fprintf(stderr, ": %s", status->text);
    if (status->bytes != 0)
        fprintf(stderr, ": %llu bytes", (unsigned long long)status->bytes);
    if (status->code == INTERNET_STATUS_REQUEST_COMPLETE)
        fprintf(stderr, ": %s", tin_error_name(status->result.error));
    fputc('\n', stderr);
    it->before = now;
}

static void report(const job *it, tin_result result, DWORD status)
{
    char text[512];

    if (it->terminal)
        fputc('\n', stderr);
    fputs("get: ", stderr);
    print_name(it);
    fputs(": ", stderr);
    if (tin_ok(result)) {
        print_amount((double)it->last.done);
        fprintf(stderr, " in %.1f s, ", (double)it->last.elapsed_ms / 1000);
        print_amount((double)it->last.bytes_per_second);
        fputs("/s\n", stderr);
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
    wchar_t path[LONGEST_NAME + 1];
    DWORD status;
    tin_result result;

    it->began = it->before = GetTickCount64();
    it->named = options->output != NULL;
    name_by_url(it, url);
    if (it->named)
        _snwprintf(it->name, LONGEST_NAME, L"%ls", options->output);
    wcscpy(path, it->name);
    result = tin_download_w(session, url, NULL, flags, path, options->resume, show_progress, it,
                            &status);
    if (tin_ok(result) && wcscmp(path, it->name) != 0 && !MoveFileExW(path, it->name, 0))
        wcscpy(it->name, path);
    report(it, result, status);
    return result;
}

int wmain(int count, wchar_t **argv)
{
    arguments options = {.timeout_s = 30};
    job it = {.name = L""};
    DWORD mode;
    tin_handle session;
    tin_result first;

    if (!parse(count, argv, &options)) {
        usage();
        return 2;
    }
    it.trace = options.trace;
    it.terminal = !it.trace && GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &mode);
    first = tin_open("get/1.0 (thininet)", INTERNET_OPEN_TYPE_PRECONFIG, NULL, NULL, 0, &session);
    if (tin_ok(first))
        first = tin_set_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT,
                                     options.timeout_s * 1000);
    if (tin_ok(first))
        first = tin_set_status_callback(session, show_status, &it);
    for (int i = 0; session != NULL && i < options.count; i++) {
        const tin_result result = download(session, &options, options.urls[i], &it);

        if (tin_ok(first))
            first = result;
    }
    tin_close_handle(session);
    return exit_code(first.error);
}
