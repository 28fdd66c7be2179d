/* SPDX-License-Identifier: MIT */
/* Opens, reads, closes, with raw WinInet: the measure for size_thininet.c. */
#include <windows.h>
#include <wininet.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    const char *url = argc > 1 ? argv[1] : "http://www.example.com/";
    char text[4096];
    DWORD got = 0;
    HINTERNET file = NULL;
    HINTERNET session = InternetOpenA("size/1.0", INTERNET_OPEN_TYPE_PRECONFIG, NULL, NULL, 0);
    BOOL read = FALSE;

    if (session != NULL)
        file = InternetOpenUrlA(session, url, NULL, 0, 0, 0);
    while (file != NULL && (read = InternetReadFile(file, text, sizeof text, &got)) && got != 0)
        fwrite(text, 1, got, stdout);
    if (file != NULL)
        InternetCloseHandle(file);
    if (session != NULL)
        InternetCloseHandle(session);
    return read ? 0 : 1;
}
