/* SPDX-License-Identifier: MIT */
/* Opens, reads, closes, with thininet. */
#include <thininet/thininet.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    const char *url = argc > 1 ? argv[1] : "http://www.example.com/";
    char text[4096];
    size_t got = 0;
    tin_handle session, file;
    tin_result result = tin_open("size/1.0", INTERNET_OPEN_TYPE_PRECONFIG, NULL, NULL, 0, &session);

    if (tin_ok(result))
        result = tin_open_url(session, url, NULL, 0, NULL, &file);
    while (tin_ok(result) && tin_ok(result = tin_read_file(file, text, sizeof text, &got)) &&
           got != 0)
        fwrite(text, 1, got, stdout);
    tin_close_handle(session);
    return tin_ok(result) ? 0 : 1;
}
