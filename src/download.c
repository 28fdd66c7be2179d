/* SPDX-License-Identifier: MIT */
/*
 * A URL to a local file. Bytes go to "<path>.part", which gets its name when all of them are there.
 * "<path>.part.from" says what the part is a part of: a number made of the URL, which may hold what
 * nobody else is to read, and the validator that the server gave with the first bytes.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "transfer.h"
#include "whole_file.h"

/* Of 256 KiB, 1, 2 and 4 MiB 2 MiB were the fastest under Wine 8: what is written is still in the
 * processor's cache, and the server fills the socket meanwhile. A disk that is slow with them gets
 * the first, for nothing stops a call while it writes. */
#define FIRST_PIECE ((size_t)256 << 10)
#define LARGEST_PIECE ((size_t)2 << 20)
#define SLOW_MS 32u /* GetTickCount64 goes by 16 */
#define ENOUGH_FOR_ANOTHER_TRY ((uint64_t)64 << 10)
#define LONGEST_VALIDATOR 512

typedef struct download {
    tin_handle session;
    const wchar_t *url, *headers;
    DWORD flags;
    bool resume;
    bool owned; /* the part is this call's to delete */
    wchar_t *part_name, *from_name;
    HANDLE part;
    tin_handle file;
    DWORD status;
    uint64_t done;
    char validator[LONGEST_VALIDATOR]; /* "" for none */
    tin__meter meter;
} download;

/* ---- what a part is of ---------------------------------------------------------------------- */

#define SEAL_LENGTH 17 /* 16 digits and a blank */

/* FNV-1a, as digits. */
static void seal(const wchar_t *url, char text[SEAL_LENGTH])
{
    uint64_t hash = 14695981039346656037u;

    for (; *url != L'\0'; url++)
        hash = (hash ^ *url) * 1099511628211u;
    for (int i = 0; i < 16; i++)
        text[i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
    text[16] = ' ';
}

/* A strong ETag, or else Last-Modified: what If-Range takes. */
static void read_validator(download *it)
{
    static const DWORD kinds[] = {HTTP_QUERY_ETAG, HTTP_QUERY_LAST_MODIFIED};

    for (size_t i = 0; i < (it->resume ? 2u : 0u); i++) {
        size_t size = sizeof it->validator;

        if (tin_ok(tin_http_query_info(it->file, kinds[i], it->validator, &size, NULL)) &&
            (it->validator[0] == '"' || kinds[i] != HTTP_QUERY_ETAG))
            return;
        it->validator[0] = '\0';
    }
}

/* Before the first byte of the part is there: nothing older may stand beside that. Without a
 * validator the part is of no use later. */
static tin_result keep_from(const download *it)
{
    char text[SEAL_LENGTH];
    HANDLE file;
    tin_result result;

    if (!DeleteFileW(it->from_name) && GetLastError() != ERROR_FILE_NOT_FOUND)
        return tin__from_win32(GetLastError());
    if (it->validator[0] == '\0')
        return tin__success();
    /* CREATE_NEW: not through a link that somebody has put there since */
    file =
        CreateFileW(it->from_name, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return tin__from_win32(GetLastError());
    seal(it->url, text);
    result = tin__store(file, text, sizeof text);
    if (tin_ok(result))
        result = tin__store(file, it->validator, strlen(it->validator));
    if (!CloseHandle(file) && tin_ok(result))
        result = tin__from_win32(GetLastError());
    return result;
}

static bool is_printable(const char *text)
{
    while (*text >= ' ' && *text <= '~')
        text++;
    return *text == '\0';
}

/* Sets the validator of the part that is there, if it is one of this URL. */
static void find_from(download *it)
{
    char expected[SEAL_LENGTH], found[SEAL_LENGTH];
    HANDLE file;
    size_t got = 0, length = 0;

    if (!tin_ok(tin__open_to_load(it->from_name, &file)))
        return;
    seal(it->url, expected);
    if (tin_ok(tin__load(file, found, sizeof found, &got)) && got == sizeof found &&
        memcmp(found, expected, sizeof found) == 0 &&
        tin_ok(tin__load(file, it->validator, sizeof it->validator - 1, &length)))
        it->validator[length] = '\0';
    if (!is_printable(it->validator))
        it->validator[0] = '\0';
    CloseHandle(file);
}

/* ---- the part ------------------------------------------------------------------------------- */

static tin_result win32_result(BOOL good)
{
    return good ? tin__success() : tin__from_win32(GetLastError());
}

static tin_result open_part(download *it)
{
    LARGE_INTEGER size = {.QuadPart = 0};

    it->part = CreateFileW(it->part_name, GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_ALWAYS,
                           FILE_ATTRIBUTE_NORMAL, NULL);
    if (it->part == INVALID_HANDLE_VALUE)
        return tin__from_win32(GetLastError());
    it->owned = GetLastError() != ERROR_ALREADY_EXISTS;
    if (it->resume)
        find_from(it);
    if (it->validator[0] == '\0')
        return tin__success();
    if (!GetFileSizeEx(it->part, &size))
        return tin__from_win32(GetLastError());
    it->done = (uint64_t)size.QuadPart;
    return tin__success();
}

/* What is as long as that is not cut there: ext4 writes a file that was made empty to the disk
 * while it is closed, which took a fifth of the whole. */
static tin_result move_part(const download *it, uint64_t position)
{
    const LARGE_INTEGER to = {.QuadPart = (LONGLONG)position};
    LARGE_INTEGER size;

    return win32_result(GetFileSizeEx(it->part, &size) &&
                        SetFilePointerEx(it->part, to, NULL, FILE_BEGIN) &&
                        (size.QuadPart == to.QuadPart || SetEndOfFile(it->part)));
}

/* ---- the answer ----------------------------------------------------------------------------- */

static wchar_t *make_headers(const download *it)
{
    const wchar_t *own = it->headers != NULL ? it->headers : L"";
    const size_t length = wcslen(own), size = length + strlen(it->validator) + 96;
    const bool ended = length == 0 || own[length - 1] == L'\n';
    wchar_t *text = malloc(size * sizeof *text);

    if (text != NULL)
        _snwprintf(text, size, L"%ls%lsRange: bytes=%I64u-\r\nIf-Range: %hs\r\n", own,
                   ended ? L"" : L"\r\n", it->done, it->validator);
    return text;
}

static tin_result ask(download *it)
{
    const bool rest = it->done != 0;
    wchar_t *headers = rest ? make_headers(it) : NULL;
    tin_result result = tin__fail(TIN_E_MEMORY);

    if (!rest || headers != NULL)
        result = tin_open_url_w(it->session, it->url, rest ? headers : it->headers, it->flags, NULL,
                                &it->file);
    tin__wipe_text(headers);
    return tin_ok(result) ? tin__transfer_status(it->file, &it->status) : result;
}

static tin_result start_again(download *it)
{
    tin_close_handle(it->file);
    it->file = NULL;
    it->done = 0;
    return ask(it);
}

/* The whole file, or the rest of it: then it->done is still where that begins. A part that nobody
 * asked for is neither. */
static tin_result open_file(download *it)
{
    tin_result result = ask(it);

    if (it->done != 0 &&
        (it->status == 416 || (tin_ok(result) && it->status == HTTP_STATUS_PARTIAL_CONTENT &&
                               !tin__is_rest(it->file, it->done))))
        result = start_again(it);
    if (!tin_ok(result))
        return result;
    if (it->status != HTTP_STATUS_PARTIAL_CONTENT)
        it->done = 0; /* all of it comes */
    else if (!tin__is_rest(it->file, it->done))
        return tin__fail(TIN_E_PROTOCOL);
    return result;
}

/* ---- the bytes ------------------------------------------------------------------------------ */

static size_t next_piece(size_t piece, ULONGLONG began)
{
    if (GetTickCount64() - began >= SLOW_MS)
        return FIRST_PIECE;
    return piece < LARGEST_PIECE ? 2 * piece : piece;
}

static tin_result copy(download *it, BYTE *buffer)
{
    for (size_t piece = FIRST_PIECE;;) {
        ULONGLONG began;
        size_t got;
        tin_result result = tin_read_available(it->file, buffer, piece, &got);

        if (!tin_ok(result) || got == 0)
            return tin__told(result);
        began = GetTickCount64();
        result = tin__store(it->part, buffer, got);
        piece = next_piece(piece, began);
        if (tin_ok(result))
            result = tin__meter_advance(&it->meter, it->done += got);
        if (!tin_ok(result)) {
            tin_cancel(it->file); /* no other try */
            return result;
        }
    }
}

/* What broke off goes on from there. */
static tin_result copy_all(download *it, BYTE *buffer)
{
    DWORD tries = 1, left;
    tin_result result =
        tin_query_option_dword(it->session, INTERNET_OPTION_CONNECT_RETRIES, &tries);

    if (!tin_ok(result))
        return tin__told(result);
    for (left = tries;; left--) {
        const uint64_t before = it->done;
        uint64_t position;

        result = copy(it, buffer);
        if (it->done - before >= ENOUGH_FOR_ANOTHER_TRY)
            left = tries;
        if (tin_ok(result) || left == 0 ||
            !tin_ok(tin_set_file_pointer(it->file, 0, FILE_CURRENT, &position)))
            return result;
    }
}

static tin_result receive(download *it)
{
    BYTE *buffer = malloc(LARGEST_PIECE);
    uint64_t length;
    tin_result result = tin__fail(TIN_E_MEMORY);

    if (buffer == NULL)
        return result;
    it->owned = true;
    result = move_part(it, it->done);
    if (tin_ok(result) && it->done == 0) {
        read_validator(it);
        result = keep_from(it);
    }
    if (tin_ok(result)) {
        it->meter.first = it->done;
        it->meter.progress.total_known = tin_ok(tin_get_length(it->file, &length));
        it->meter.progress.total = it->meter.progress.total_known ? it->done + length : 0;
        result = copy_all(it, buffer);
    }
    free(buffer);
    return result;
}

/* ---- in order ------------------------------------------------------------------------------- */

static tin_result finish(download *it, const wchar_t *path, tin_result result)
{
    const bool kept = it->validator[0] != '\0' && it->done != 0;

    tin_close_handle(it->file);
    if (!CloseHandle(it->part) && tin_ok(result))
        result = tin__fail(TIN_E_DISK);
    if (tin_ok(result))
        result = win32_result(MoveFileExW(it->part_name, path, MOVEFILE_REPLACE_EXISTING));
    if (tin_ok(result) || (it->owned && !kept)) {
        DeleteFileW(it->part_name);
        DeleteFileW(it->from_name);
    }
    return tin_ok(result) ? tin__meter_end(&it->meter) : result;
}

/* A range is one of the bytes that were sent, and not of those that WinInet makes of them. */
static bool decodes(tin_handle session)
{
    DWORD decoding;

    return tin_ok(tin_query_option_dword(session, INTERNET_OPTION_HTTP_DECODING, &decoding)) &&
           decoding != 0;
}

static tin_result run(download *it, const wchar_t *path)
{
    tin_result result;

    it->resume = it->resume && !decodes(it->session);
    result = open_part(it);
    if (!tin_ok(result))
        return result;
    result = open_file(it);
    if (tin_ok(result))
        result = receive(it);
    return finish(it, path, result);
}

/* A plain name, of something else than a folder. */
static tin_result check_path(const wchar_t *path)
{
    DWORD attributes;

    if (path == NULL || *path == L'\0' || wcsstr(path, L"://") != NULL ||
        _wcsnicmp(path, L"file:", 5) == 0)
        return tin__fail(TIN_E_ARGUMENT);
    attributes = GetFileAttributesW(path);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return tin__success();
    return (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0 ? tin__success()
                                                        : tin__fail(TIN_E_ARGUMENT);
}

tin_result tin_download_w(tin_handle session, const wchar_t *url, const wchar_t *headers,
                          DWORD flags, const wchar_t *path, bool resume,
                          tin_progress_callback *progress, void *context, DWORD *status)
{
    download it = {.session = session,
                   .url = url,
                   .headers = headers,
                   .flags = flags,
                   .resume = resume,
                   .meter = tin__meter_begin(progress, context)};
    tin_result result = url != NULL ? check_path(path) : tin__fail(TIN_E_ARGUMENT);

    if (tin_ok(result))
        result = tin__join((const wchar_t *const[]){path, L".part"}, 2, &it.part_name);
    if (tin_ok(result))
        result = tin__join((const wchar_t *const[]){path, L".part.from"}, 2, &it.from_name);
    if (tin_ok(result))
        result = run(&it, path);
    free(it.part_name);
    free(it.from_name);
    if (status != NULL)
        *status = it.status;
    return result;
}

tin_result tin_download(tin_handle session, const char *url, const char *headers, DWORD flags,
                        const char *path, bool resume, tin_progress_callback *progress,
                        void *context, DWORD *status)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, url, headers, path);

    if (status != NULL)
        *status = 0;
    if (tin_ok(result))
        result = tin_download_w(session, wide.text[0], wide.text[1], flags, wide.text[2], resume,
                                progress, context, status);
    return tin__forget(&wide, result);
}
