/* SPDX-License-Identifier: MIT */
/*
 * Why not InternetCrackUrl, InternetCanonicalizeUrl and InternetCombineUrl, as seen in Wine 8:
 * the first takes port 99999 for 34463 and looks for the port of "http://[::1]/" inside the
 * brackets; the second encodes a path but not a query, and turns '\' in a query into '/'; the
 * third gets 10 of 39 examples of RFC 3986, 5.4 wrong ("?y", "", "/../g", "g?y/../x"), and
 * UrlCombineW the same ones.
 */
#include "url_syntax.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

typedef struct scheme_row {
    const wchar_t *name;
    tin__scheme scheme;
    INTERNET_PORT port;
} scheme_row;

static const scheme_row schemes[] = {
    {L"http", TIN__HTTP, INTERNET_DEFAULT_HTTP_PORT},
    {L"https", TIN__HTTPS, INTERNET_DEFAULT_HTTPS_PORT},
    {L"ftp", TIN__FTP, INTERNET_DEFAULT_FTP_PORT},
    {L"file", TIN__LOCAL, 0},
};

static const scheme_row *find_scheme(const wchar_t *text)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (tin__starts_with(text, schemes[i].name) && text[wcslen(schemes[i].name)] == L':')
            return &schemes[i];
    return NULL;
}

/* ---- The authority: user:password@host:port ------------------------------------------------- */

static tin_result read_user_info(wchar_t *info, tin__url *url)
{
    wchar_t *password = info + wcscspn(info, L":");
    tin_result result;

    if (*info == L'\0') /* "http://@host": nobody */
        return tin__success();
    if (*password == L':')
        *password++ = L'\0';
    result = tin__unescape(info, &url->user);
    if (tin_ok(result)) /* at least an empty one: without any, a 401 makes Wine 8 crash */
        result = tin__unescape(password, &url->password);
    return result;
}

/* "" and ":" leave the scheme's own port, as in RFC 3986. */
static bool read_port(const wchar_t *text, INTERNET_PORT *port)
{
    uint64_t value;

    if (*text == L'\0' || (text[0] == L':' && text[1] == L'\0'))
        return true;
    if (*text++ != L':' || !tin__take_number(&text, &value) || *text != L'\0')
        return false;
    *port = (INTERNET_PORT)value;
    return value != 0 && value <= INTERNET_MAX_PORT_NUMBER_VALUE;
}

static tin_result read_host_and_port(wchar_t *text, tin__url *url)
{
    const bool ipv6 = text[0] == L'[';
    wchar_t *end = text + wcscspn(text, ipv6 ? L"]" : L":");

    if (ipv6 && *end == L'\0')
        return tin__fail(TIN_E_URL);
    if (!read_port(ipv6 ? end + 1 : end, &url->port))
        return tin__fail(TIN_E_URL);
    *end = L'\0';
    if (!(ipv6 ? tin__ipv6_address(text + 1, url->host) : tin__host_name(text, url->host)))
        return tin__fail(TIN_E_URL);
    return tin__success();
}

tin_result tin__read_authority(wchar_t *authority, tin__url *url)
{
    wchar_t *at = wcschr(authority, L'@');
    tin_result result;

    if (wcspbrk(authority, L"\\ ") != NULL)
        return tin__fail(TIN_E_URL);
    if (at == NULL)
        return read_host_and_port(authority, url);
    *at = L'\0'; /* a second one would be in the host, which allows none */
    result = read_user_info(authority, url);
    return tin_ok(result) ? read_host_and_port(at + 1, url) : result;
}

/* ---- The path, with the query --------------------------------------------------------------- */

/*
 * ";type=" and one letter, at the very end (RFC 1738); Wine 8 takes it for part of the name. In a
 * name it is written "%3Btype=". 'd' asks for a listing, which is no file.
 */
static tin_result cut_transfer_type(wchar_t *path, DWORD *type)
{
    wchar_t *option = wcschr(path, L';');

    while (option != NULL && !tin__starts_with(option, L";type="))
        option = wcschr(option + 1, L';');
    if (option == NULL)
        return tin__success();
    *option = L'\0';
    option += wcslen(L";type=");
    if (option[0] == L'\0' || option[1] != L'\0')
        return tin__fail(TIN_E_URL);

    switch (option[0]) {
    case L'a':
    case L'A':
        *type = FTP_TRANSFER_TYPE_ASCII;
        return tin__success();
    case L'i':
    case L'I':
        *type = FTP_TRANSFER_TYPE_BINARY;
        return tin__success();
    case L'd':
    case L'D':
        return tin__fail(TIN_E_UNSUPPORTED);
    default:
        return tin__fail(TIN_E_URL);
    }
}

static tin_result read_ftp_path(wchar_t *path, tin__url *url)
{
    tin_result result = cut_transfer_type(path, &url->transfer_type);

    return tin_ok(result) ? tin__unescape(path + 1, &url->path) : result;
}

/* ---- The whole ------------------------------------------------------------------------------ */

/* An IPv6 host keeps its port: without one, Wine 8 looks for it inside the brackets. */
static tin_result compose(const scheme_row *scheme, const wchar_t *path, tin__url *url)
{
    const bool needs_port = url->port != scheme->port || wcschr(url->host, L':') != NULL;
    const tin_result result =
        tin__compose_url(scheme->name, url->host, needs_port ? url->port : 0, path, &url->text);

    return tin_ok(result) && wcslen(url->text) > TIN__LONGEST_URL ? tin__fail(TIN_E_URL) : result;
}

/* What follows "http:"; it is cut into pieces. */
static tin_result read_remote(wchar_t *rest, const scheme_row *scheme, tin__url *url)
{
    tin_result result;
    wchar_t *after;
    tin__room path;

    if (wcsncmp(rest, L"//", 2) != 0)
        return tin__fail(TIN_E_URL);
    rest += 2;
    rest[wcscspn(rest, L"#")] = L'\0'; /* WinInet would send the fragment (Wine 8) */
    after = rest + wcscspn(rest, L"/?");

    result = tin__escape_path(after, &path);
    *after = L'\0';
    if (tin_ok(result))
        tin__remove_dot_segments(path.bytes);
    if (tin_ok(result))
        result = tin__read_authority(rest, url);
    if (tin_ok(result) && scheme->scheme == TIN__FTP)
        result = read_ftp_path(path.bytes, url);
    if (tin_ok(result))
        result = compose(scheme, path.bytes, url);
    tin__leave_room(&path);
    return result;
}

static tin_result parse_remote(const wchar_t *rest, const scheme_row *scheme, tin__url *url)
{
    const size_t bytes = (wcslen(rest) + 1) * sizeof *rest;
    tin_result result;
    tin__room copy;

    if (tin__take_room(&copy, bytes) == NULL)
        return tin__fail(TIN_E_MEMORY);
    memcpy(copy.bytes, rest, bytes);
    url->port = scheme->port;
    result = read_remote(copy.bytes, scheme, url);
    tin__leave_room(&copy);
    return result;
}

static tin_result parse(const wchar_t *text, tin__url *url)
{
    const scheme_row *scheme;
    size_t length;

    if (!tin__is_acceptable_url(text))
        return tin__fail(TIN_E_URL);
    length = tin__scheme_length(text);
    if (length < 2) /* none, or a drive; names of files need not be well-formed UTF-16 */
        return tin__copy_wide(text, &url->text);
    if (!tin__is_utf16(text))
        return tin__fail(TIN_E_ARGUMENT);
    scheme = find_scheme(text);
    if (scheme == NULL)
        return tin__fail(TIN_E_UNSUPPORTED);
    url->scheme = scheme->scheme;
    if (scheme->scheme == TIN__LOCAL)
        return tin__local_name(text, &url->text);
    return parse_remote(text + length + 1, scheme, url);
}

tin_result tin__parse_url(const wchar_t *text, tin__url *url)
{
    tin_result result;

    memset(url, 0, sizeof *url);
    if (text == NULL || *text == L'\0')
        return tin__fail(TIN_E_ARGUMENT);
    result = parse(text, url);
    if (!tin_ok(result))
        tin__free_url(url);
    return result;
}

/* A user may be as secret as a password ("https://token@host/"), and so may a query be. */
void tin__free_url(tin__url *url)
{
    tin__wipe_text(url->text);
    tin__wipe_text(url->user);
    tin__wipe_text(url->password);
    tin__wipe_text(url->path);
    memset(url, 0, sizeof *url);
}

static tin_result resolve(const tin__url *base, const wchar_t *location, tin__url *target)
{
    tin__pieces from, to;
    tin_result result;
    wchar_t *resolved;

    if (tin__scheme_length(location) > 0) /* also that of "C:\\x" */
        return tin__parse_url(location, target);
    tin__split_url(base->text, &from);
    tin__split_url(location, &to);
    result = tin__resolve(&from, &to, &resolved);
    if (tin_ok(result))
        result = tin__parse_url(resolved, target);
    tin__wipe_text(resolved);
    return result;
}

tin_result tin__resolve_url(const tin__url *base, const wchar_t *location, tin__url *target)
{
    tin_result result;

    memset(target, 0, sizeof *target);
    if (base == NULL || base->scheme == TIN__LOCAL || location == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    if (*location != L'\0' && !tin__is_acceptable_url(location))
        return tin__fail(TIN_E_URL);
    result = resolve(base, location, target);
    if (tin_ok(result) && target->scheme == TIN__LOCAL) {
        tin__free_url(target);
        result = tin__fail(TIN_E_UNSUPPORTED);
    }
    return result;
}

bool tin__same_origin(const tin__url *a, const tin__url *b)
{
    return a->scheme != TIN__LOCAL && a->scheme == b->scheme && a->port == b->port &&
           wcscmp(a->host, b->host) == 0;
}
