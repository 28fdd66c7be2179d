/* SPDX-License-Identifier: MIT */
/* What people would use instead: WinHTTP, libcurl, URLDownloadToFile. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <urlmon.h>
#include <winhttp.h>

/* ---- WinHTTP -------------------------------------------------------------------------------- */

static void *open_winhttp(void)
{
    return WinHttpOpen(L"bench", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
}

static void close_winhttp(void *session)
{
    WinHttpCloseHandle(session);
}

static bool read_winhttp(void *session, const char *url, size_t size, uint64_t *bytes)
{
    wchar_t wide[512], host[256], path[256];
    URL_COMPONENTS to = {.dwStructSize = sizeof to,
                         .lpszHostName = host,
                         .dwHostNameLength = 256,
                         .lpszUrlPath = path,
                         .dwUrlPathLength = 256};
    char *buffer = malloc(size);
    HINTERNET connection, request;
    DWORD got = 0;
    bool good;

    MultiByteToWideChar(CP_UTF8, 0, url, -1, wide, 512);
    good = WinHttpCrackUrl(wide, 0, 0, &to);
    connection = WinHttpConnect(session, host, to.nPort, 0);
    request = WinHttpOpenRequest(connection, L"GET", path, NULL, NULL, NULL, 0);
    good = good && WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0) &&
           WinHttpReceiveResponse(request, NULL);
    while (good && (good = WinHttpReadData(request, buffer, (DWORD)size, &got)) && got != 0)
        *bytes += got;
    WinHttpCloseHandle(request);
    WinHttpCloseHandle(connection);
    free(buffer);
    return good;
}

const bench_side bench_winhttp = {
    .name = "winhttp", .open = open_winhttp, .close = close_winhttp, .read = read_winhttp};

/* ---- libcurl -------------------------------------------------------------------------------- */

static void *open_curl(void)
{
    return curl_easy_init();
}

static size_t count(char *bytes, size_t size, size_t number, void *context)
{
    (void)bytes;
    *(uint64_t *)context += size * number;
    return size * number;
}

static bool read_curl(void *session, const char *url, size_t size, uint64_t *bytes)
{
    curl_easy_setopt(session, CURLOPT_URL, url);
    curl_easy_setopt(session, CURLOPT_BUFFERSIZE,
                     size < CURL_MAX_READ_SIZE ? (long)size : (long)CURL_MAX_READ_SIZE);
    curl_easy_setopt(session, CURLOPT_WRITEFUNCTION, count);
    curl_easy_setopt(session, CURLOPT_WRITEDATA, bytes);
    return curl_easy_perform(session) == CURLE_OK;
}

static size_t store(char *bytes, size_t size, size_t number, void *context)
{
    return fwrite(bytes, size, number, context);
}

static bool download_curl(void *session, const char *url, const char *path, uint64_t *bytes)
{
    FILE *to = fopen(path, "wb");
    curl_off_t got = 0;
    bool good = to != NULL;

    curl_easy_setopt(session, CURLOPT_URL, url);
    curl_easy_setopt(session, CURLOPT_WRITEFUNCTION, store);
    curl_easy_setopt(session, CURLOPT_WRITEDATA, to);
    good = good && curl_easy_perform(session) == CURLE_OK && fclose(to) == 0;
    curl_easy_getinfo(session, CURLINFO_SIZE_DOWNLOAD_T, &got);
    *bytes = (uint64_t)got;
    return good;
}

static size_t supply(char *to, size_t size, size_t number, void *context)
{
    uint64_t *left = context;
    size_t some = size * number < *left ? size * number : (size_t)*left;

    if (some > BENCH_LARGEST_PIECE)
        some = BENCH_LARGEST_PIECE;
    memcpy(to, bench_piece, some);
    *left -= some;
    return some;
}

static bool upload_curl(void *session, const char *url, uint64_t size, size_t piece, size_t gather)
{
    (void)gather;
    curl_easy_setopt(session, CURLOPT_URL, url);
    curl_easy_setopt(session, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(session, CURLOPT_UPLOAD_BUFFERSIZE, (long)piece);
    curl_easy_setopt(session, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
    curl_easy_setopt(session, CURLOPT_READFUNCTION, supply);
    curl_easy_setopt(session, CURLOPT_READDATA, &size);
    return curl_easy_perform(session) == CURLE_OK;
}

static void close_curl(void *session)
{
    curl_easy_cleanup(session);
}

const bench_side bench_curl = {.name = "libcurl",
                               .open = open_curl,
                               .close = close_curl,
                               .read = read_curl,
                               .download = download_curl,
                               .upload = upload_curl};

/* ---- URLDownloadToFile ---------------------------------------------------------------------- */

static bool download_urlmon(void *session, const char *url, const char *path, uint64_t *bytes)
{
    WIN32_FILE_ATTRIBUTE_DATA data;
    const bool good = URLDownloadToFileA(NULL, url, path, 0, NULL) == S_OK &&
                      GetFileAttributesExA(path, GetFileExInfoStandard, &data);

    (void)session;
    *bytes = good ? (uint64_t)data.nFileSizeHigh << 32 | data.nFileSizeLow : 0;
    return good;
}

const bench_side bench_urlmon = {.name = "URLDownloadToFile", .download = download_urlmon};
