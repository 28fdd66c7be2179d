/* SPDX-License-Identifier: MIT */
#include "whole_file.h"

tin_result tin__open_to_load(const wchar_t *path, HANDLE *file)
{
    *file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                        NULL, OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    return *file != INVALID_HANDLE_VALUE ? tin__success() : tin__from_win32(GetLastError());
}

tin_result tin__load(HANDLE file, void *buffer, size_t size, size_t *got)
{
    DWORD read = 0;
    const BOOL good = ReadFile(file, buffer, size < MAXDWORD ? (DWORD)size : MAXDWORD, &read, NULL);

    *got = read;
    return good ? tin__success() : tin__from_win32(GetLastError());
}

tin_result tin__store(HANDLE file, const void *bytes, size_t size)
{
    DWORD written;

    if (!WriteFile(file, bytes, (DWORD)size, &written, NULL))
        return tin__from_win32(GetLastError());
    return written == size ? tin__success() : tin__fail(TIN_E_DISK);
}
