/* SPDX-License-Identifier: MIT */
/* Reads the file that the first argument names, whose text is the second, and fails at a bad
 * URL. */
#include <stdio.h>
#include <string.h>
#include <thininet/thininet.h>

static tin_result read_all(const char *url, char *text, size_t size, size_t *got)
{
    tin_handle session, file;
    tin_result result =
        tin_open("consumer/1.0", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session);

    *got = 0;
    if (tin_ok(result))
        result = tin_open_url(session, url, NULL, 0, NULL, &file);
    if (tin_ok(result))
        result = tin_read_file(file, text, size, got);
    tin_close_handle(session);
    return result;
}

int main(int argc, char **argv)
{
    char text[256];
    size_t got;
    tin_result result;

    if (argc != 3)
        return 2;
    result = read_all(argv[1], text, sizeof text, &got);
    if (!tin_ok(result) || got != strlen(argv[2]) || memcmp(text, argv[2], got) != 0) {
        tin_describe(result, text, sizeof text);
        fprintf(stderr, "%s: %s\n", argv[1], text);
        return 1;
    }
    result = read_all("http://host:99999/", text, sizeof text, &got);
    if (result.error != TIN_E_URL) {
        fprintf(stderr, "a bad URL: %s\n", tin_error_name(result.error));
        return 1;
    }
    printf("consumer %s: it works\n", THININET_VERSION);
    return 0;
}
