/* SPDX-License-Identifier: MIT */
/* Why neither InternetCanonicalizeUrl nor InternetCombineUrl: see url.c. */
#include "url_parts.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* ---- one URL -------------------------------------------------------------------------------- */

static tin_result canonicalize(const wchar_t *url, DWORD flags, wchar_t **canonical)
{
    const tin_result result = tin__check_url_flags(flags, 0);

    *canonical = NULL;
    return tin_ok(result) ? tin__canonical_url(url, flags, canonical) : result;
}

tin_result tin_canonicalize_url_w(const wchar_t *url, DWORD flags, wchar_t *text, size_t *size)
{
    wchar_t *canonical;
    const tin_result result = canonicalize(url, flags, &canonical);

    return tin__hand_out(result, canonical, tin__to_utf16(text, size));
}

tin_result tin_canonicalize_url(const char *url, DWORD flags, char *text, size_t *size)
{
    tin__wide_texts wide;
    wchar_t *canonical = NULL;
    tin_result result = TIN__WIDEN(&wide, url);

    if (tin_ok(result))
        result = canonicalize(wide.text[0], flags, &canonical);
    return tin__forget(&wide, tin__hand_out(result, canonical, tin__to_utf8(text, size)));
}

/* ---- two ------------------------------------------------------------------------------------ */

static bool is_hierarchical(const tin__pieces *url)
{
    return url->authority.text != NULL || (url->path.length > 0 && *url->path.text == L'/');
}

/* "http:x" on a page of http: what RFC 3986, 5.4.2 leaves to us, and browsers do. */
static bool is_scheme_superfluous(const tin__pieces *base, const tin__pieces *reference)
{
    return (tin__starts_with(base->scheme.text, L"http:") ||
            tin__starts_with(base->scheme.text, L"https:") ||
            tin__starts_with(base->scheme.text, L"ftp:")) &&
           reference->authority.text == NULL && reference->scheme.length == base->scheme.length &&
           CompareStringOrdinal(base->scheme.text, (int)base->scheme.length, reference->scheme.text,
                                (int)base->scheme.length, TRUE) == CSTR_EQUAL;
}

/* `base` is canonical, but for its escapes. */
static tin_result combine_with(const wchar_t *base, const wchar_t *relative, DWORD flags,
                               wchar_t **combined)
{
    tin__pieces from, to;
    tin_result result;
    wchar_t *joined;

    tin__split_url(base, &from);
    tin__split_url(relative, &to);
    if (to.scheme.text != NULL && !is_scheme_superfluous(&from, &to))
        return tin__canonical_url(relative, flags, combined);
    if (to.scheme.text == NULL && tin__scheme_length(relative) > 0) /* "C:\x" */
        return tin__fail(TIN_E_URL);
    if (!is_hierarchical(&from) && *relative != L'\0' && *relative != L'#')
        return tin__fail(TIN_E_URL);
    result = tin__resolve(&from, &to, &joined);
    if (tin_ok(result))
        result = tin__canonical_url(joined, flags, combined);
    tin__wipe_text(joined);
    return result;
}

static tin_result combine(const wchar_t *base, const wchar_t *relative, DWORD flags,
                          wchar_t **combined)
{
    tin_result result = tin__check_url_flags(flags, 0);
    wchar_t *canonical = NULL;

    *combined = NULL;
    if (tin_ok(result) && relative == NULL)
        result = tin__fail(TIN_E_ARGUMENT);
    if (tin_ok(result) && *relative != L'\0' && !tin__is_acceptable_url(relative))
        result = tin__fail(TIN_E_URL);
    if (tin_ok(result)) /* escapes are written at the end */
        result = tin__canonical_url(base, ICU_NO_ENCODE | ICU_NO_META, &canonical);
    if (tin_ok(result))
        result = combine_with(canonical, relative, flags, combined);
    tin__wipe_text(canonical);
    return result;
}

tin_result tin_combine_url_w(const wchar_t *base, const wchar_t *relative, DWORD flags,
                             wchar_t *text, size_t *size)
{
    wchar_t *combined;
    const tin_result result = combine(base, relative, flags, &combined);

    return tin__hand_out(result, combined, tin__to_utf16(text, size));
}

tin_result tin_combine_url(const char *base, const char *relative, DWORD flags, char *text,
                           size_t *size)
{
    tin__wide_texts wide;
    wchar_t *combined = NULL;
    tin_result result = TIN__WIDEN(&wide, base, relative);

    if (tin_ok(result))
        result = combine(wide.text[0], wide.text[1], flags, &combined);
    return tin__forget(&wide, tin__hand_out(result, combined, tin__to_utf8(text, size)));
}
