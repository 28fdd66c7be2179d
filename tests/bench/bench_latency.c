/* SPDX-License-Identifier: MIT */
/*
 * How long after its arrival is a line of a slow stream with its reader? Prints microseconds, the
 * median and the worst of each: thininet's tin_read_line and tin_read_available, WinInet's reads of
 * one byte.
 */
#include "test.h"

#include "fault_server.h"

#include <thininet/thininet.h>

#define LINES 40
#define LINE "a line of the stream\n"

static volatile LONGLONG sent[LINES];
static LONGLONG delays[LINES];

static LONGLONG now(void)
{
    LARGE_INTEGER count, per_second;

    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&per_second);
    return (LONGLONG)((double)count.QuadPart * 1e6 / (double)per_second.QuadPart);
}

static bool serve(fault_connection *connection, const void *context)
{
    static const fault_step pause[] = {FAULT_PAUSE(50), FAULT_END};

    (void)context;
    if (fault_read_message(connection, "\r\n\r\n") == NULL ||
        !fault_send_format(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"))
        return false;
    for (int i = 0; i < LINES; i++) {
        if (!fault_play(connection, pause))
            return false;
        sent[i] = now();
        if (!fault_send(connection, LINE, strlen(LINE)))
            return false;
    }
    return true;
}

static int compare(const void *left, const void *right)
{
    const LONGLONG a = *(const LONGLONG *)left, b = *(const LONGLONG *)right;

    return (a > b) - (a < b);
}

static int report(const char *name, int lines)
{
    if (lines != LINES)
        return 1;
    qsort(delays, LINES, sizeof delays[0], compare);
    printf("%s %lld %lld\n", name, (long long)delays[LINES / 2], (long long)delays[LINES - 1]);
    return 0;
}

static int by_thininet(tin_handle session, const char *url, bool by_line)
{
    char text[256];
    size_t got = 0;
    int lines = 0;
    tin_handle file;
    tin_result result = tin_open_url(session, url, NULL, INTERNET_FLAG_RELOAD, NULL, &file);

    while (tin_ok(result) && lines < LINES) {
        result = by_line ? tin_read_line(file, text, sizeof text, &got)
                         : tin_read_available(file, text, sizeof text, &got);
        if (tin_ok(result) && got != 0 && text[got - 1] == '\n') {
            delays[lines] = now() - sent[lines];
            lines++;
        }
    }
    tin_close_handle(file);
    return report(by_line ? "tin_read_line" : "tin_read_available", lines);
}

static int by_wininet(const char *url)
{
    HINTERNET session = InternetOpenA("bench", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0);
    HINTERNET file = InternetOpenUrlA(session, url, NULL, 0, INTERNET_FLAG_RELOAD, 0);
    char byte;
    DWORD got = 0;
    int lines = 0;

    while (lines < LINES && InternetReadFile(file, &byte, 1, &got) && got != 0)
        if (byte == '\n') {
            delays[lines] = now() - sent[lines];
            lines++;
        }
    InternetCloseHandle(file);
    InternetCloseHandle(session);
    return report("InternetReadFile", lines);
}

int main(void)
{
    fault_server *server = fault_server_start_call(serve, NULL);
    const char *url = fault_server_url(server, "/");
    tin_handle session;
    int failed;

    if (!tin_ok(tin_open("bench", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session)))
        return 1;
    failed = by_thininet(session, url, true) | by_thininet(session, url, false) | by_wininet(url);
    tin_close_handle(session);
    fault_server_stop(server);
    return failed;
}
