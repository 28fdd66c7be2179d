/* SPDX-License-Identifier: MIT */
#include "url.h"
#include "url_split.h"

#include <string.h>
#include <wchar.h>

/* What neither a URL nor a local name may be. A local file " x" can still be opened as ".\ x". */
bool tin__is_acceptable_url(const wchar_t *text)
{
    const size_t length = wcsnlen(text, TIN__LONGEST_URL + 1);
    size_t i;

    if (length > TIN__LONGEST_URL || text[0] == L' ' || text[length - 1] == L' ')
        return false;
    for (i = 0; i < length; i++)
        if (tin__is_control(text[i]))
            return false;
    return true;
}

bool tin__is_utf16(const wchar_t *text)
{
    return WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, -1, NULL, 0, NULL, NULL) != 0;
}

size_t tin__scheme_length(const wchar_t *text)
{
    size_t length = 0;

    if (!tin__is_letter(text[0]))
        return 0;
    while (tin__is_letter(text[length]) || (text[length] >= L'0' && text[length] <= L'9') ||
           (text[length] != L'\0' && wcschr(L"+.-", text[length]) != NULL))
        length++;
    return text[length] == L':' ? length : 0;
}

/* Every segment starts with its '/'. */
void tin__remove_dot_segments(wchar_t *path)
{
    const wchar_t *query = path + wcscspn(path, L"?");
    const wchar_t *in = path;
    wchar_t *out = path;

    while (in < query) {
        const size_t length = 1 + wcscspn(in + 1, L"/?");
        const bool up = length == 3 && in[1] == L'.' && in[2] == L'.';
        const bool here = length == 2 && in[1] == L'.';

        while (up && out > path && *--out != L'/')
            ;
        if (!up && !here) {
            wmemmove(out, in, length);
            out += length;
        } else if (in + length == query) {
            *out++ = L'/';
        }
        in += length;
    }
    wmemmove(out, query, wcslen(query) + 1);
}

static tin__piece take(const wchar_t **text, size_t length)
{
    const tin__piece piece = {*text, length};

    *text += length;
    return piece;
}

void tin__split_url(const wchar_t *text, tin__pieces *pieces)
{
    const size_t scheme = tin__scheme_length(text);

    memset(pieces, 0, sizeof *pieces);
    if (scheme >= 2 || (scheme == 1 && text[2] != L'\\' && text[2] != L'/')) {
        pieces->scheme = take(&text, scheme);
        text++;
    }
    if (text[0] == L'/' && text[1] == L'/') {
        text += 2;
        pieces->authority = take(&text, wcscspn(text, L"/?#"));
    }
    pieces->path = take(&text, wcscspn(text, L"?#"));
    if (*text == L'?')
        pieces->query = take(&text, wcscspn(text, L"#"));
    if (*text == L'#')
        pieces->fragment = take(&text, wcslen(text));
}
