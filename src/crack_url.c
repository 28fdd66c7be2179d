/* SPDX-License-Identifier: MIT */
#include "url_parts.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* ---- tin_url_parts and its twin: one block each ---------------------------------------------- */

/* How much there is to overwrite. */
typedef struct block {
    size_t size;
    union {
        tin_url_parts narrow;
        tin_url_parts_w wide;
    } parts;
} block;

static size_t stored_bytes(const wchar_t *text, bool is_wide)
{
    if (text == NULL)
        return 0;
    return is_wide ? (wcslen(text) + 1) * sizeof *text
                   : (size_t)WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
}

/* Stores the texts behind each other; `places` says where. */
static block *store(const tin__parts *from, bool is_wide, void *places[TIN__URL_TEXTS])
{
    size_t size = sizeof(block);
    block *stored;
    char *end;

    for (size_t i = 0; i < TIN__URL_TEXTS; i++)
        size += stored_bytes(from->texts[i], is_wide);
    stored = calloc(1, size);
    if (stored == NULL)
        return NULL;
    stored->size = size;
    end = (char *)(stored + 1);
    for (size_t i = 0; i < TIN__URL_TEXTS; i++) {
        const wchar_t *text = from->texts[i];
        const size_t bytes = stored_bytes(text, is_wide);

        places[i] = text != NULL ? end : NULL;
        if (text != NULL && is_wide)
            memcpy(end, text, bytes);
        else if (text != NULL)
            WideCharToMultiByte(CP_UTF8, 0, text, -1, end, (int)bytes, NULL, NULL);
        end += bytes;
    }
    return stored;
}

/* tin_url_parts and tin_url_parts_w differ in nothing but the type of their texts. */
#define FILLED(type, from, places)                                                                 \
    (type)                                                                                         \
    {                                                                                              \
        .scheme = (from)->scheme, .service = (from)->service, .port = (from)->port,                \
        .scheme_name = (places)[TIN__SCHEME_TEXT], .user = (places)[TIN__USER_TEXT],               \
        .password = (places)[TIN__PASSWORD_TEXT], .host = (places)[TIN__HOST_TEXT],                \
        .path = (places)[TIN__PATH_TEXT], .extra = (places)[TIN__EXTRA_TEXT]                       \
    }

static tin_url_parts_w *store_wide(const tin__parts *from)
{
    void *places[TIN__URL_TEXTS] = {NULL};
    block *stored = store(from, true, places);

    if (stored == NULL)
        return NULL;
    stored->parts.wide = FILLED(tin_url_parts_w, from, places);
    return &stored->parts.wide;
}

static tin_url_parts *store_narrow(const tin__parts *from)
{
    void *places[TIN__URL_TEXTS] = {NULL};
    block *stored = store(from, false, places);

    if (stored == NULL)
        return NULL;
    stored->parts.narrow = FILLED(tin_url_parts, from, places);
    return &stored->parts.narrow;
}

static void free_block(void *parts)
{
    block *stored;

    if (parts == NULL)
        return;
    stored = (block *)(void *)((char *)parts - offsetof(block, parts));
    SecureZeroMemory(stored, stored->size);
    free(stored);
}

void tin_free_url_parts(tin_url_parts *parts)
{
    free_block(parts);
}

void tin_free_url_parts_w(tin_url_parts_w *parts)
{
    free_block(parts);
}

/* ---- apart ---------------------------------------------------------------------------------- */

static tin_result decode_over(wchar_t **text)
{
    wchar_t *escaped = *text;
    const tin_result result = tin__unescape(escaped, text);

    tin__wipe_text(escaped);
    return result;
}

static tin_result crack(const wchar_t *url, DWORD flags, tin__parts *parts)
{
    const DWORD decode =
        ICU_DECODE | ICU_ESCAPE; /* here they mean the same, and each part wholly */
    tin_result result = tin__check_url_flags(flags, ICU_ESCAPE);

    memset(parts, 0, sizeof *parts);
    if (tin_ok(result))
        result = tin__read_parts(url, flags & ~decode, parts);
    if (!tin_ok(result) || (flags & decode) == 0)
        return result;
    if (parts->scheme != INTERNET_SCHEME_FILE) /* a name is decoded already */
        result = decode_over(&parts->texts[TIN__PATH_TEXT]);
    if (tin_ok(result) && (flags & ICU_BROWSER_MODE) == 0)
        result = decode_over(&parts->texts[TIN__EXTRA_TEXT]);
    return result;
}

tin_result tin_crack_url_w(const wchar_t *url, DWORD flags, tin_url_parts_w **parts)
{
    tin__parts read;
    tin_result result;

    if (parts == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    result = crack(url, flags, &read);
    *parts = tin_ok(result) ? store_wide(&read) : NULL;
    tin__free_parts(&read);
    return tin_ok(result) && *parts == NULL ? tin__fail(TIN_E_MEMORY) : result;
}

tin_result tin_crack_url(const char *url, DWORD flags, tin_url_parts **parts)
{
    tin__wide_texts wide;
    tin__parts read = {0};
    tin_result result;

    if (parts == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    result = TIN__WIDEN(&wide, url);
    if (tin_ok(result))
        result = crack(wide.text[0], flags, &read);
    *parts = tin_ok(result) ? store_narrow(&read) : NULL;
    tin__free_parts(&read);
    if (tin_ok(result) && *parts == NULL)
        result = tin__fail(TIN_E_MEMORY);
    return tin__forget(&wide, result);
}

/* ---- together ------------------------------------------------------------------------------- */

/* By its name or its number: a copy of the name, in lower case, takes the name's place. */
static tin_result name_scheme(tin__parts *parts)
{
    const wchar_t *given = parts->texts[TIN__SCHEME_TEXT];
    wchar_t **name = &parts->texts[TIN__SCHEME_TEXT];
    tin_result result;
    size_t length;

    if (given == NULL && parts->scheme == INTERNET_SCHEME_DEFAULT)
        parts->scheme = INTERNET_SCHEME_HTTP;
    result = tin__copy_wide(given != NULL ? given : tin__scheme_row_of(parts->scheme)->name, name);
    if (!tin_ok(result))
        return result;
    if (given == NULL)
        return **name == L'\0' ? tin__fail(TIN_E_ARGUMENT) : result;
    length = wcsspn(*name, L"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    if (length == 0 || (*name)[length] != L'\0') /* "http://other.example/?" */
        return tin__fail(TIN_E_URL);
    tin__lower(*name);
    parts->scheme = tin__find_scheme(*name);
    return result;
}

/* Writes the URL, and reads it to see that it is one. `texts` are the caller's. */
static tin_result create(INTERNET_SCHEME scheme, INTERNET_PORT port,
                         const wchar_t *const texts[TIN__URL_TEXTS], DWORD flags, wchar_t **url)
{
    tin__parts parts = {.scheme = scheme, .port = port};
    wchar_t *written = NULL;
    tin_result result;

    for (size_t i = 0; i < TIN__URL_TEXTS; i++)
        parts.texts[i] = (wchar_t *)texts[i];
    result = name_scheme(&parts);
    if (tin_ok(result))
        result = tin__write_parts(&parts, flags | ICU_NO_META, TIN__NOT_WRITTEN, &written);
    if (tin_ok(result))
        result = tin__canonical_url(written, ICU_NO_META, url);
    tin__wipe_text(written);
    tin__wipe_text(parts.texts[TIN__SCHEME_TEXT]);
    return result;
}

static tin_result check_create(const void *parts, DWORD flags)
{
    if (parts != NULL && flags == ICU_USERNAME)
        return tin__fail(TIN_E_UNSUPPORTED);
    return parts != NULL && (flags & ~(DWORD)ICU_ENCODE_PERCENT) == 0 ? tin__success()
                                                                      : tin__fail(TIN_E_ARGUMENT);
}

tin_result tin_create_url_w(const tin_url_parts_w *parts, DWORD flags, wchar_t *text, size_t *size)
{
    wchar_t *url = NULL;
    tin_result result = check_create(parts, flags);

    if (tin_ok(result)) {
        const wchar_t *const texts[] = {parts->scheme_name, parts->user, parts->password,
                                        parts->host,        parts->path, parts->extra};

        result = create(parts->scheme, parts->port, texts, flags, &url);
    }
    return tin__hand_out(result, url, tin__to_utf16(text, size));
}

tin_result tin_create_url(const tin_url_parts *parts, DWORD flags, char *text, size_t *size)
{
    tin__wide_texts wide = {0};
    wchar_t *url = NULL;
    tin_result result = check_create(parts, flags);

    if (tin_ok(result))
        result = TIN__WIDEN(&wide, parts->scheme_name, parts->user, parts->password, parts->host,
                            parts->path, parts->extra);
    if (tin_ok(result))
        result = create(parts->scheme, parts->port, (const wchar_t *const *)wide.text, flags, &url);
    return tin__forget(&wide, tin__hand_out(result, url, tin__to_utf8(text, size)));
}
