/* SPDX-License-Identifier: MIT */
#include <winsock2.h>
#include <ws2tcpip.h>

#include "url.h"

#include <wchar.h>

#define LONGEST_LABEL 63 /* of a DNS name */

static bool is_ascii(const wchar_t *text)
{
    while (*text != L'\0' && *text < 0x80)
        text++;
    return *text == L'\0';
}

void tin__lower(wchar_t *text)
{
    for (; *text != L'\0'; text++)
        if (*text >= L'A' && *text <= L'Z')
            *text = (wchar_t)(*text - L'A' + L'a');
}

static bool may_be_in_label(wchar_t c)
{
    return (c >= L'a' && c <= L'z') || tin__is_digit(c) || c == L'-' || c == L'_';
}

/* Labels that are not empty, with dots between them and perhaps one at the end. */
static bool is_host_name(const wchar_t *name)
{
    size_t length = 0;

    if (*name == L'\0')
        return false;
    for (; *name != L'\0'; name++) {
        if (*name == L'.' ? length == 0 : !may_be_in_label(*name))
            return false;
        length = *name == L'.' ? 0 : length + 1;
        if (length > LONGEST_LABEL)
            return false;
    }
    return true;
}

/*
 * WinInet in Wine 8 has no INTERNET_OPTION_IDN. IdnToAscii there refuses every letter outside
 * ASCII when it is told to use the STD3 rules, so what it makes without them is checked
 * afterwards: a full-width solidus has become '/' by then.
 */
bool tin__host_name(const wchar_t *text, wchar_t name[TIN__HOST_SIZE])
{
    const size_t length = wcslen(text);
    int converted;

    if (length >= TIN__HOST_SIZE)
        return false;
    if (is_ascii(text)) {
        wmemcpy(name, text, length + 1);
    } else {
        converted = IdnToAscii(0, text, (int)length, name, TIN__HOST_SIZE - 1);
        if (converted <= 0)
            return false;
        name[converted] = L'\0';
    }
    tin__lower(name);
    return is_host_name(name);
}

bool tin__ipv6_address(const wchar_t *text, wchar_t address[TIN__HOST_SIZE])
{
    struct in6_addr binary;

    return InetPtonW(AF_INET6, text, &binary) == 1 &&
           InetNtopW(AF_INET6, &binary, address, TIN__HOST_SIZE) != NULL;
}
