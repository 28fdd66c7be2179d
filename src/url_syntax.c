/* SPDX-License-Identifier: MIT */
#include "url_syntax.h"

#include <stdlib.h>
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
    while (tin__is_letter(text[length]) || tin__is_digit(text[length]) ||
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

/* ---- together -------------------------------------------------------------------------------- */

static tin_result join_pieces(const tin__piece *pieces, size_t count, wchar_t **joined)
{
    size_t length = 0;
    wchar_t *end;

    for (size_t i = 0; i < count; i++)
        length += pieces[i].length;
    *joined = end = calloc(length + 1, sizeof *end);
    if (end == NULL)
        return tin__fail(TIN_E_MEMORY);
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].length > 0)
            wmemcpy(end, pieces[i].text, pieces[i].length);
        end += pieces[i].length;
    }
    return tin__success();
}

/* What stays of the base's path before the reference's. */
static tin__piece kept_path(const tin__pieces *base, const tin__pieces *reference)
{
    tin__piece folder = base->path;

    if (reference->authority.text != NULL || *reference->path.text == L'/')
        return (tin__piece){NULL, 0};
    if (reference->path.length == 0)
        return folder;
    while (folder.length > 0 && folder.text[folder.length - 1] != L'/')
        folder.length--;
    return folder.length > 0 ? folder : (tin__piece){L"/", 1}; /* a host without a path */
}

tin_result tin__resolve(const tin__pieces *base, const tin__pieces *reference, wchar_t **resolved)
{
    const tin__piece authority =
        reference->authority.text != NULL ? reference->authority : base->authority;
    const bool same_page = reference->authority.text == NULL && reference->path.length == 0 &&
                           reference->query.text == NULL;
    const tin__piece pieces[] = {
        base->scheme,        {L"://", authority.text != NULL ? 3 : 1},
        authority,           kept_path(base, reference),
        reference->path,     same_page ? base->query : reference->query,
        reference->fragment,
    };

    return join_pieces(pieces, sizeof pieces / sizeof pieces[0], resolved);
}

const wchar_t *tin__port_text(unsigned port, wchar_t room[TIN__NUMBER_SIZE + 1])
{
    wchar_t *text = tin__digits(port, room + 1);

    *--text = L':';
    return port != 0 ? text : L"";
}

tin_result tin__compose_url(const wchar_t *scheme, const wchar_t *host, unsigned port,
                            const wchar_t *path, wchar_t **url)
{
    const bool ipv6 = wcschr(host, L':') != NULL;
    wchar_t room[TIN__NUMBER_SIZE + 1];
    const wchar_t *const texts[] = {scheme,
                                    ipv6 ? L"://[" : L"://",
                                    host,
                                    ipv6 ? L"]" : NULL,
                                    tin__port_text(port, room),
                                    *path != L'/' ? L"/" : NULL,
                                    path};

    return tin__join(texts, sizeof texts / sizeof texts[0], url);
}
