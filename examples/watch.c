/* SPDX-License-Identifier: MIT */
/*
 * watch: prints the lines of a URL as they arrive, until it ends or Ctrl-C is pressed.
 *
 *     watch URL
 *
 * The exit code is 0 at the end, 1 after a failure, 130 after Ctrl-C.
 */
#include <stdio.h>

#include <thininet/thininet.h>

static tin_handle session;

/* On a thread of its own: the read that waits returns at once, with TIN_E_CANCELLED. */
static BOOL WINAPI stop(DWORD event)
{
    (void)event;
    tin_cancel(session);
    return TRUE;
}

static tin_result watch(const char *url)
{
    char line[1024];
    size_t got = 0;
    tin_handle file;
    tin_result result = tin_open_url(session, url, NULL, INTERNET_FLAG_RELOAD, NULL, &file);

    while (tin_ok(result) && tin_ok(result = tin_read_line(file, line, sizeof line, &got)) &&
           got != 0) {
        fwrite(line, 1, got, stdout);
        fflush(stdout);
    }
    return result;
}

int main(int count, char **argv)
{
    char text[512];
    tin_result result;

    if (count != 2) {
        fputs("watch: usage: watch URL\n", stderr);
        return 2;
    }
    result = tin_open("watch/1.0", INTERNET_OPEN_TYPE_PRECONFIG, NULL, NULL, 0, &session);
    if (tin_ok(result)) /* a stream may be silent for as long as it likes */
        result = tin_set_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT, INFINITE);
    SetConsoleCtrlHandler(stop, TRUE);
    if (tin_ok(result))
        result = watch(argv[1]);
    tin_close_handle(session);
    if (tin_ok(result))
        return 0;
    tin_describe(result, text, sizeof text);
    fprintf(stderr, "watch: %s\n", text);
    return result.error == TIN_E_CANCELLED ? 130 : 1;
}
