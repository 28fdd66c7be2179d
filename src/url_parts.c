/* SPDX-License-Identifier: MIT */
/*
 * Why not InternetCrackUrl: see url.c.
 */
#include "url_parts.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* clang-format off */
static const tin__scheme_row schemes[] = {
    [INTERNET_SCHEME_FTP]        = {L"ftp", INTERNET_DEFAULT_FTP_PORT, INTERNET_SERVICE_FTP, true},
    [INTERNET_SCHEME_GOPHER]     = {L"gopher", INTERNET_DEFAULT_GOPHER_PORT, INTERNET_SERVICE_GOPHER, false},
    [INTERNET_SCHEME_HTTP]       = {L"http", INTERNET_DEFAULT_HTTP_PORT, INTERNET_SERVICE_HTTP, true},
    [INTERNET_SCHEME_HTTPS]      = {L"https", INTERNET_DEFAULT_HTTPS_PORT, INTERNET_SERVICE_HTTP, true},
    [INTERNET_SCHEME_FILE]       = {L"file", 0, 0, false},
    [INTERNET_SCHEME_NEWS]       = {L"news", 0, 0, false},
    [INTERNET_SCHEME_MAILTO]     = {L"mailto", 0, 0, false},
    [INTERNET_SCHEME_SOCKS]      = {L"socks", INTERNET_DEFAULT_SOCKS_PORT, 0, false},
    [INTERNET_SCHEME_JAVASCRIPT] = {L"javascript", 0, 0, false},
    [INTERNET_SCHEME_VBSCRIPT]   = {L"vbscript", 0, 0, false},
    [INTERNET_SCHEME_RES]        = {L"res", 0, 0, false},
};
/* clang-format on */
static const tin__scheme_row any_other = {L"", 0, 0, false};

const tin__scheme_row *tin__scheme_row_of(INTERNET_SCHEME scheme)
{
    return scheme >= INTERNET_SCHEME_FIRST && scheme <= INTERNET_SCHEME_LAST ? &schemes[scheme]
                                                                             : &any_other;
}

INTERNET_SCHEME tin__find_scheme(const wchar_t *name)
{
    for (int i = INTERNET_SCHEME_FIRST; i <= INTERNET_SCHEME_LAST; i++)
        if (wcscmp(name, schemes[i].name) == 0)
            return (INTERNET_SCHEME)i;
    return INTERNET_SCHEME_UNKNOWN;
}

void tin__free_parts(tin__parts *parts)
{
    for (size_t i = 0; i < TIN__URL_TEXTS; i++)
        tin__wipe_text(parts->texts[i]);
    memset(parts, 0, sizeof *parts);
}

tin_result tin__check_url_flags(DWORD flags, DWORD others)
{
    const DWORD encode = ICU_ENCODE_SPACES_ONLY | ICU_ENCODE_PERCENT;
    const DWORD known =
        encode | ICU_NO_ENCODE | ICU_DECODE | ICU_BROWSER_MODE | ICU_NO_META | others;
    const bool contradict =
        ((flags & ICU_NO_ENCODE) != 0 && (flags & encode) != 0) ||
        ((flags & (ICU_DECODE | ICU_ESCAPE)) != 0 && (flags & ICU_ENCODE_PERCENT) != 0);

    return (flags & ~known) != 0 || contradict ? tin__fail(TIN_E_ARGUMENT) : tin__success();
}

static tin_result copy_piece(tin__piece piece, wchar_t **copy)
{
    *copy = calloc(piece.length + 1, sizeof **copy);
    if (*copy == NULL)
        return tin__fail(TIN_E_MEMORY);
    if (piece.length > 0)
        wmemcpy(*copy, piece.text, piece.length);
    return tin__success();
}

/* What was cut into pieces meanwhile. */
static void wipe_piece(wchar_t *copy, size_t length)
{
    if (copy != NULL)
        SecureZeroMemory(copy, length * sizeof *copy);
    free(copy);
}

static tin_result read_scheme(tin__piece piece, tin__parts *parts)
{
    wchar_t *name;
    tin_result result = copy_piece(piece, &name);

    parts->texts[TIN__SCHEME_TEXT] = name;
    if (!tin_ok(result))
        return result;
    tin__lower(name);
    parts->scheme = tin__find_scheme(name);
    parts->service = tin__scheme_row_of(parts->scheme)->service;
    parts->port = tin__scheme_row_of(parts->scheme)->port;
    return result;
}

/* "res://C:\x.dll/23": what is behind the slashes is a file. */
static tin_result read_authority(tin__piece piece, tin__parts *parts)
{
    tin__url url = {.port = parts->port};
    tin_result result;
    wchar_t *authority;

    if (tin__scheme_row_of(parts->scheme)->needs_host && piece.length == 0)
        return tin__fail(TIN_E_URL);
    if (piece.text == NULL)
        return tin__success();
    if (piece.length == 0 || parts->scheme == INTERNET_SCHEME_RES)
        return copy_piece(piece, &parts->texts[TIN__HOST_TEXT]);
    result = copy_piece(piece, &authority);
    if (tin_ok(result))
        result = tin__read_authority(authority, &url);
    wipe_piece(authority, piece.length);
    parts->texts[TIN__USER_TEXT] = url.user;
    parts->texts[TIN__PASSWORD_TEXT] = url.password;
    parts->port = url.port;
    return tin_ok(result) ? tin__copy_wide(url.host, &parts->texts[TIN__HOST_TEXT]) : result;
}

static tin_result start_with_slash(wchar_t **path)
{
    wchar_t *old = *path;
    const tin_result result = tin__join((const wchar_t *const[]){L"/", old}, 2, path);

    free(old);
    return result;
}

/* Dots go after the escapes were decoded, so that a second time changes nothing. */
static tin_result read_path(tin__piece piece, DWORD flags, tin__parts *parts)
{
    wchar_t **path = &parts->texts[TIN__PATH_TEXT];
    const bool has_host = parts->texts[TIN__HOST_TEXT] != NULL;
    tin_result result;

    result = copy_piece(piece, path);
    if (tin_ok(result) && **path != L'/' && tin__scheme_row_of(parts->scheme)->needs_host)
        result = start_with_slash(path); /* none, or ftp's "?x" */
    if (tin_ok(result) && (has_host || **path == L'/'))
        tin__turn(*path, L'\\', L'/');
    if (tin_ok(result))
        result = tin__write_over(path, TIN__PATH_PART, flags);
    if (tin_ok(result) && **path == L'/' && (flags & ICU_NO_META) == 0)
        tin__remove_dot_segments(*path);
    return result;
}

static tin_result read_remote(const tin__pieces *pieces, DWORD flags, tin__parts *parts)
{
    const wchar_t *extra = pieces->path.text + pieces->path.length;
    tin__piece path = pieces->path;
    tin_result result;

    if (parts->scheme == INTERNET_SCHEME_FTP) { /* knows no query */
        path.length += pieces->query.length;
        extra += pieces->query.length;
    }
    result = read_authority(pieces->authority, parts);
    if (tin_ok(result))
        result = read_path(path, flags, parts);
    if (tin_ok(result))
        result = tin__write_part(extra, TIN__EXTRA_PART, flags, &parts->texts[TIN__EXTRA_TEXT]);
    return result;
}

/* What ends the name is as in url_syntax.h. */
static tin_result read_file(const wchar_t *url, DWORD flags, tin__parts *parts)
{
    const wchar_t *extra = url + wcslen(L"file:");
    tin_result result = tin__local_name(url, &parts->texts[TIN__PATH_TEXT]);

    extra += wcscspn(extra, L"\\?#");
    if (tin_ok(result))
        result = tin__write_part(*extra != L'\\' ? extra : L"", TIN__EXTRA_PART, flags,
                                 &parts->texts[TIN__EXTRA_TEXT]);
    return result;
}

static tin_result read_checked(const wchar_t *url, DWORD flags, tin__parts *parts)
{
    tin__pieces pieces;
    tin_result result;

    tin__split_url(url, &pieces);
    if (pieces.scheme.text == NULL)
        return tin__fail(TIN_E_URL);
    result = read_scheme(pieces.scheme, parts);
    if (!tin_ok(result))
        return result;
    return parts->scheme == INTERNET_SCHEME_FILE ? read_file(url, flags, parts)
                                                 : read_remote(&pieces, flags, parts);
}

tin_result tin__read_parts(const wchar_t *url, DWORD flags, tin__parts *parts)
{
    tin_result result;

    memset(parts, 0, sizeof *parts);
    if (url == NULL || *url == L'\0' || !tin__is_utf16(url))
        return tin__fail(TIN_E_ARGUMENT);
    if (!tin__is_acceptable_url(url))
        return tin__fail(TIN_E_URL);
    result = read_checked(url, flags, parts);
    if (!tin_ok(result))
        tin__free_parts(parts);
    return result;
}
