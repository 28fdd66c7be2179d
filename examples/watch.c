/* SPDX-License-Identifier: MIT */
/*
 * watch: prints the lines of a URL as they arrive, until it ends or Ctrl-C is pressed.
 *
 *     watch URL
 *
 * The exit code is 0 at the end, 1 after a failure, 130 after Ctrl-C.
 */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>

#include <thininet/thininet.h>

#include "ctrl_c.h"
#include "failure.h"

static tin_result watch(tin_handle session, const char *url)
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
    tin_handle session;
    tin_result result;

    if (count != 2) {
        fputs("watch: usage: watch URL\n", stderr);
        return 2;
    }
    _setmode(_fileno(stdout), _O_BINARY); /* lines go out byte by byte */
    result = tin_open("watch/1.0", INTERNET_OPEN_TYPE_PRECONFIG, NULL, NULL, 0, &session);
    if (tin_ok(result)) /* a stream may be silent for as long as it likes */
        result = tin_set_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT, INFINITE);
    end_by_ctrl_c(session);
    if (tin_ok(result))
        result = watch(session, argv[1]);
    tin_close_handle(session);
    if (tin_ok(result))
        return 0;
    print_failure("watch", result);
    return ctrl_c_pressed ? CTRL_C_EXIT_CODE : 1;
}
