/* SPDX-License-Identifier: MIT */
/* Names for files, of what a server or a URL calls them. */
#ifndef FILE_NAME_H
#define FILE_NAME_H

#include <wchar.h>

#include <thininet/thininet.h>

#define LONGEST_NAME 200

typedef wchar_t file_name[LONGEST_NAME + 1];

static inline bool is_device(const wchar_t *name)
{
    static const wchar_t *const devices[] = {L"CON", L"PRN", L"AUX", L"NUL", L"CONIN$", L"CONOUT$"};
    const size_t length = wcscspn(name, L". ");

    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
        if (length == wcslen(devices[i]) && _wcsnicmp(name, devices[i], length) == 0)
            return true;
    return length == 4 && (_wcsnicmp(name, L"COM", 3) == 0 || _wcsnicmp(name, L"LPT", 3) == 0);
}

/* What a name may not have; a terminal takes some of these for commands. */
static inline bool is_odd(wchar_t c)
{
    return c < L' ' || (c >= 0x7F && c < 0xA0) || wcschr(L"*?\"<>|", c) != NULL;
}

/* A name from outside may lead nowhere: no folder, no device, no stream. Where nothing is left of
 * it, `to` stays as it is. */
static inline void take_name(file_name to, const wchar_t *from)
{
    file_name name;
    const wchar_t *last = from;
    size_t length = 0;

    for (const wchar_t *at = from; *at != L'\0'; at++)
        if (wcschr(L"/\\:", *at) != NULL)
            last = at + 1;
    if (is_device(last))
        name[length++] = L'_';
    for (; *last != L'\0' && length < LONGEST_NAME; last++)
        name[length++] = is_odd(*last) ? L'_' : *last;
    while (length != 0 && wcschr(L". ", name[length - 1]) != NULL)
        length--;
    name[length] = L'\0';
    if (length != 0)
        wcscpy(to, name);
}

/* The last part of the URL's path. */
static inline void take_name_of_url(file_name to, const wchar_t *url)
{
    tin_url_parts_w *parts;

    wcscpy(to, L"index.html");
    if (tin_ok(tin_crack_url_w(url, ICU_DECODE, &parts))) {
        take_name(to, parts->path);
        tin_free_url_parts_w(parts);
    } else { /* a local file */
        take_name(to, url);
    }
}

/* Content-Disposition: attachment; filename="name". What stands in filename*, in a character set of
 * its own, is left to the URL. */
static inline void take_name_of_server(file_name to, tin_handle file)
{
    wchar_t text[1024], *name;
    size_t size = sizeof text, length;

    if (!tin_ok(tin_http_query_info_w(file, HTTP_QUERY_CONTENT_DISPOSITION, text, &size, NULL)))
        return;
    name = wcsstr(text, L"filename=");
    if (name == NULL)
        return;
    name += wcslen(L"filename=");
    length = *name == L'"' ? wcscspn(++name, L"\"") : wcscspn(name, L"; ");
    name[length] = L'\0';
    take_name(to, name);
}

#endif
