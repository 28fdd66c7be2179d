/* SPDX-License-Identifier: MIT */
/* WinInet as it is used by hand: blocking; and asynchronous, which is what thininet stands on. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wininet.h>

#define FLAGS (INTERNET_FLAG_RELOAD | INTERNET_FLAG_NO_CACHE_WRITE | INTERNET_FLAG_NO_COOKIES)

static void *open_session(void)
{
    return InternetOpenA(BENCH_AGENT, INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0);
}

static void close_session(void *session)
{
    InternetCloseHandle(session);
}

static bool read_url(void *session, const char *url, size_t size, uint64_t *bytes)
{
    char *buffer = malloc(size);
    HINTERNET file = InternetOpenUrlA(session, url, NULL, 0, FLAGS, 0);
    DWORD got = 0;
    bool good = file != NULL;

    while (good && (good = InternetReadFile(file, buffer, (DWORD)size, &got)) && got != 0)
        *bytes += got;
    InternetCloseHandle(file);
    free(buffer);
    return good;
}

/* As MFC's ReadString: over reads of 4 KiB. */
static bool read_lines(void *session, const char *url, uint64_t *lines)
{
    char buffer[4096], line[256];
    size_t length = 0;
    HINTERNET file = InternetOpenUrlA(session, url, NULL, 0, FLAGS, 0);
    DWORD got = 0;
    bool good = file != NULL;

    while (good && (good = InternetReadFile(file, buffer, sizeof buffer, &got)) && got != 0)
        for (DWORD i = 0; i < got; i++) {
            if (length < sizeof line - 1)
                line[length++] = buffer[i];
            if (buffer[i] == '\n') {
                line[length] = '\0';
                length = 0;
                ++*lines;
            }
        }
    InternetCloseHandle(file);
    return good;
}

static bool download(void *session, const char *url, const char *path, uint64_t *bytes)
{
    static char buffer[65536];
    FILE *to = fopen(path, "wb");
    HINTERNET file = InternetOpenUrlA(session, url, NULL, 0, FLAGS, 0);
    DWORD got = 0;
    bool good = file != NULL && to != NULL;

    if (to != NULL)
        setvbuf(to, NULL, _IONBF, 0);
    while (good && (good = InternetReadFile(file, buffer, sizeof buffer, &got)) && got != 0) {
        good = fwrite(buffer, 1, got, to) == got;
        *bytes += got;
    }
    InternetCloseHandle(file);
    return to != NULL && fclose(to) == 0 && good;
}

static bool upload(void *session, const char *url, uint64_t size, size_t piece, size_t gather)
{
    char host[256], path[256];
    URL_COMPONENTSA to = {.dwStructSize = sizeof to,
                          .lpszHostName = host,
                          .dwHostNameLength = sizeof host,
                          .lpszUrlPath = path,
                          .dwUrlPathLength = sizeof path};
    INTERNET_BUFFERSA buffers = {.dwStructSize = sizeof buffers, .dwBufferTotal = (DWORD)size};
    HINTERNET connection, request;
    DWORD written;
    bool good = InternetCrackUrlA(url, 0, 0, &to);

    connection = InternetConnectA(session, host, to.nPort, NULL, NULL, INTERNET_SERVICE_HTTP, 0, 0);
    request = HttpOpenRequestA(connection, "PUT", path, NULL, NULL, NULL, FLAGS, 0);
    good = good && HttpSendRequestExA(request, &buffers, NULL, 0, 0);
    (void)gather;
    for (; good && size != 0; size -= piece)
        good = InternetWriteFile(request, bench_piece, (DWORD)piece, &written);
    good = good && HttpEndRequestA(request, NULL, 0, 0);
    InternetCloseHandle(request);
    InternetCloseHandle(connection);
    return good;
}

static bool call(void *session, int which)
{
    char text[256];
    DWORD value, size = sizeof value;
    HINTERNET other;

    switch (which) {
    case 0:
        return InternetQueryOptionA(session, INTERNET_OPTION_CONNECT_TIMEOUT, &value, &size);
    case 1:
        return FormatMessageA(FORMAT_MESSAGE_FROM_HMODULE, GetModuleHandleA("wininet.dll"),
                              ERROR_INTERNET_TIMEOUT, 0, text, sizeof text, NULL) != 0;
    default:
        other = InternetOpenA(BENCH_AGENT, INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0);
        return other != NULL && InternetCloseHandle(other);
    }
}

const bench_side bench_wininet = {"wininet",  open_session, close_session, read_url,
                                  read_lines, download,     upload,        call};

/* ---- asynchronous --------------------------------------------------------------------------- */

typedef struct wait {
    HANDLE completed, closed;
    HINTERNET file;
    DWORD error;
} wait;

static void CALLBACK on_status(HINTERNET handle, DWORD_PTR context, DWORD code, LPVOID data,
                               DWORD size)
{
    wait *it = (wait *)context;
    const INTERNET_ASYNC_RESULT *result = data;

    (void)handle, (void)size;
    if (it == NULL)
        return;
    if (code == INTERNET_STATUS_HANDLE_CREATED)
        it->file = (HINTERNET)result->dwResult;
    if (code == INTERNET_STATUS_REQUEST_COMPLETE) {
        it->error = result->dwResult != 0 ? ERROR_SUCCESS : result->dwError;
        SetEvent(it->completed);
    }
    if (code == INTERNET_STATUS_HANDLE_CLOSING)
        SetEvent(it->closed);
}

static void *open_async(void)
{
    const HINTERNET session =
        InternetOpenA(BENCH_AGENT, INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, INTERNET_FLAG_ASYNC);

    InternetSetStatusCallbackA(session, on_status);
    return session;
}

static bool end(wait *it, bool started)
{
    if (started)
        return true;
    if (GetLastError() != ERROR_IO_PENDING)
        return false;
    WaitForSingleObject(it->completed, INFINITE);
    return it->error == ERROR_SUCCESS;
}

/* As a program would that is patient: without a deadline, which only adds to it. */
static bool read_async(void *session, const char *url, size_t size, uint64_t *bytes)
{
    wait it = {.completed = CreateEventW(NULL, FALSE, FALSE, NULL),
               .closed = CreateEventW(NULL, FALSE, FALSE, NULL)};
    char *buffer = malloc(size);
    INTERNET_BUFFERSA to = {.dwStructSize = sizeof to};
    bool good = end(&it, InternetOpenUrlA(session, url, NULL, 0, FLAGS, (DWORD_PTR)&it) != NULL);

    while (good) {
        BOOL now;

        to.lpvBuffer = buffer;
        to.dwBufferLength = (DWORD)size;
        now = InternetReadFileExA(it.file, &to, IRF_NO_WAIT, (DWORD_PTR)&it);
        good = end(&it, now);
        if (good && now && to.dwBufferLength == 0)
            break;
        *bytes += now ? to.dwBufferLength : 0;
    }
    if (InternetCloseHandle(it.file))
        WaitForSingleObject(it.closed, INFINITE);
    CloseHandle(it.completed);
    CloseHandle(it.closed);
    free(buffer);
    return good;
}

const bench_side bench_async = {
    .name = "async", .open = open_async, .close = close_session, .read = read_async};
