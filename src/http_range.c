/* SPDX-License-Identifier: MIT */
/*
 * Positions in files on HTTP servers: another request, for the rest of the same file. It goes to
 * the URL that answered, with the same headers, and its answer is believed only if it is what was
 * asked for. (WinInet's own InternetSetFilePointer always fails in Wine 8.)
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "http.h"

/* The headers of a request that was given up: WinInet may still look at them. */
typedef struct kept_text {
    struct kept_text *next;
    wchar_t text[];
} kept_text;

/* All of it is one block, with the texts behind it. */
struct tin__range {
    tin__url url;   /* that answered: what is needed to ask for it again */
    uint64_t first; /* in the file: where the stream begins; not 0 if the caller asked for a part */
    uint64_t total; /* of the whole file */
    bool total_known;
    bool bounded; /* the part that the caller asked for ends before the file does, or may */
    DWORD validated_by;
    wchar_t *validator; /* that header's value; NULL: none */
    kept_text *kept;
    wchar_t *end; /* of the texts */
    wchar_t texts[];
};

static void drop(kept_text *kept)
{
    SecureZeroMemory(kept->text, wcslen(kept->text) * sizeof(wchar_t));
    free(kept);
}

void tin__range_free(tin__range *range)
{
    if (range == NULL)
        return;
    while (range->kept != NULL) {
        kept_text *next = range->kept->next;

        drop(range->kept);
        range->kept = next;
    }
    SecureZeroMemory(range->texts, (size_t)(range->end - range->texts) * sizeof *range->texts);
    free(range);
}

/* ---- headers -------------------------------------------------------------------------------- */

static bool take_character(const wchar_t **text, wchar_t character)
{
    return *(*text)++ == character;
}

typedef struct part {
    uint64_t first, last, total;
    bool total_known;
} part;

/* "bytes 0-499/1234", or with "*" for the total. */
static bool parse_part(const wchar_t *text, part *is)
{
    if (text == NULL || !tin__starts_with(text, L"bytes "))
        return false;
    text += wcslen(L"bytes ");
    if (!tin__take_number(&text, &is->first) || !take_character(&text, L'-') ||
        !tin__take_number(&text, &is->last) || !take_character(&text, L'/'))
        return false;
    is->total_known = *text != L'*';
    if (is->total_known ? !tin__take_number(&text, &is->total) : !take_character(&text, L'*'))
        return false;
    return *text == L'\0' && is->first <= is->last && (!is->total_known || is->last < is->total);
}

static tin_result read_part(tin__native *native, part *is)
{
    tin__room room;
    tin_result result = tin__http_look(native, HTTP_QUERY_CONTENT_RANGE, 0, &room);

    if (tin_ok(result) && !parse_part(room.bytes, is))
        result = tin__fail(TIN_E_PROTOCOL);
    tin__leave_room(&room);
    return result;
}

/* Positions count the bytes of the file, not those of a coding. */
static tin_result is_coded(tin__native *native, bool *coded)
{
    tin__room coding;
    const tin_result result = tin__http_look(native, HTTP_QUERY_CONTENT_ENCODING, 0, &coding);

    *coded = coding.bytes != NULL && _wcsicmp(coding.bytes, L"identity") != 0;
    tin__leave_room(&coding);
    return result;
}

static tin_result accepts_ranges(tin__native *native, bool *accepts)
{
    tin__room unit;
    const tin_result result = tin__http_look(native, HTTP_QUERY_ACCEPT_RANGES, 0, &unit);

    *accepts = unit.bytes != NULL && _wcsicmp(unit.bytes, L"bytes") == 0;
    tin__leave_room(&unit);
    return result;
}

/* ---- what is kept of the first answer ------------------------------------------------------- */

static tin_result copy_url(const tin__url *from, tin__url *to)
{
    tin_result result = tin__copy_wide(from->text, &to->text);

    to->scheme = from->scheme;
    to->port = from->port;
    wcscpy(to->host, from->host);
    if (tin_ok(result))
        result = tin__copy_wide(from->user, &to->user);
    if (tin_ok(result))
        result = tin__copy_wide(from->password, &to->password);
    return result;
}

static bool is_printable(const wchar_t *text)
{
    while (*text >= L' ' && *text <= L'~')
        text++;
    return *text == L'\0';
}

/* A strong ETag, or else Last-Modified. */
static tin_result find_validator(tin__native *native, DWORD *kind, tin__room *value)
{
    static const DWORD kinds[] = {HTTP_QUERY_ETAG, HTTP_QUERY_LAST_MODIFIED};
    tin_result result = tin__success();

    value->bytes = NULL;
    for (size_t i = 0; i < 2 && tin_ok(result) && value->bytes == NULL; i++) {
        const wchar_t *text;

        *kind = kinds[i];
        result = tin__http_look(native, kinds[i], 0, value);
        text = value->bytes;
        if (text != NULL &&
            (!is_printable(text) || (text[0] != L'"' && kinds[i] == HTTP_QUERY_ETAG)))
            tin__leave_room(value);
    }
    return result;
}

static tin_result keep(tin__object *object, const tin__range *found, const wchar_t *validator)
{
    const tin__url *url = &object->native->url;
    tin__range *range =
        malloc(sizeof *range + tin__text_size(validator) + tin__text_size(url->text) +
               tin__text_size(url->user) + tin__text_size(url->password));

    if (range == NULL)
        return tin__fail(TIN_E_MEMORY);
    *range = *found;
    range->end = range->texts;
    range->validator = tin__put_text(&range->end, validator);
    range->url = *url;
    range->url.text = tin__put_text(&range->end, url->text);
    range->url.user = tin__put_text(&range->end, url->user);
    range->url.password = tin__put_text(&range->end, url->password);
    object->range = range;
    object->stream.seekable = true;
    return tin__success();
}

static bool decodes(const tin__object *object)
{
    return object->settings.numbers[TIN__HTTP_DECODING] != 0; /* Wine 8 hides then what was coded */
}

/* Can the answer be sought in: 200 with the whole file, or 206 with what the caller asked for? */
static tin_result look_at_answer(tin__object *object, DWORD status, tin__range *range, bool *can)
{
    const tin__stream *stream = &object->stream;
    part is = {0};
    bool coded = false;
    tin_result result = tin__success();

    range->total = stream->length;
    range->total_known = stream->length_known;
    if (status == HTTP_STATUS_OK) {
        result = accepts_ranges(object->native, can);
    } else if (status == HTTP_STATUS_PARTIAL_CONTENT) {
        result = read_part(object->native, &is);
        *can = tin_ok(result) && stream->length_known && stream->length == is.last - is.first + 1;
        if (result.error == TIN_E_PROTOCOL) /* several parts, for one */
            result = tin__success();
        range->first = is.first;
        range->total = is.total;
        range->total_known = is.total_known;
        range->bounded = true;
    }
    if (tin_ok(result) && *can)
        result = is_coded(object->native, &coded);
    *can = *can && !coded && !decodes(object);
    return result;
}

tin_result tin__range_keep(tin__object *object, DWORD status)
{
    tin__range found = {0};
    tin__room validator;
    bool can = false;
    tin_result result = look_at_answer(object, status, &found, &can);

    tin__range_free(object->range); /* of an answer before this one */
    object->range = NULL;
    object->stream.seekable = false;
    if (!tin_ok(result) || !can)
        return result;
    result = find_validator(object->native, &found.validated_by, &validator);
    if (tin_ok(result) && (validator.bytes != NULL || found.total_known))
        result = keep(object, &found, validator.bytes);
    tin__leave_room(&validator);
    return result;
}

/* ---- the next request ----------------------------------------------------------------------- */

static void append_number(wchar_t *text, uint64_t number)
{
    wchar_t room[TIN__NUMBER_SIZE];

    wcscat(text, tin__digits(number, room));
}

/* The caller's headers, but for those of his that ask for another part, and ours. */
static kept_text *make_headers(const tin__object *object, uint64_t position)
{
    const tin__range *range = object->range;
    const wchar_t *own = object->headers != NULL ? object->headers : L"";
    const wchar_t *validator = range->validator != NULL ? range->validator : L"";
    const size_t length = wcslen(own) + wcslen(validator) + (size_t)2 * TIN__NUMBER_SIZE + 64;
    kept_text *made = calloc(1, sizeof *made + length * sizeof(wchar_t));
    wchar_t *text;

    if (made == NULL)
        return NULL;
    text = wcscpy(made->text, own);
    tin__strip_headers(text, TIN__RANGE_HEADERS);
    if (*text != L'\0' && text[wcslen(text) - 1] != L'\n')
        wcscat(text, L"\r\n");
    append_number(wcscat(text, L"Range: bytes="), range->first + position);
    wcscat(text, L"-");
    if (range->bounded)
        append_number(text, range->first + object->stream.length - 1);
    wcscat(text, L"\r\n");
    if (range->validator != NULL)
        wcscat(wcscat(wcscat(text, L"If-Range: "), validator), L"\r\n");
    return made;
}

static tin_error error_of(DWORD status)
{
    switch (status) {
    case HTTP_STATUS_PARTIAL_CONTENT:
        return TIN_OK;
    case HTTP_STATUS_OK: /* it has changed, or the server does no ranges after all */
    case HTTP_STATUS_NOT_FOUND:
    case HTTP_STATUS_GONE:
    case HTTP_STATUS_PRECOND_FAILED:
    case 416: /* it has become shorter */
        return TIN_E_NOT_FOUND;
    case HTTP_STATUS_DENIED:
        return TIN_E_AUTH;
    case HTTP_STATUS_PROXY_AUTH_REQ:
        return TIN_E_PROXY;
    default:
        if (status < 300)
            return TIN_E_PROTOCOL;
        return status < 400 ? TIN_E_REDIRECT : TIN_E_SERVER;
    }
}

/* Is it the rest of what was opened, all of it? */
static bool fits(const tin__object *object, const part *is, uint64_t position)
{
    const tin__range *range = object->range;

    if (is->first != range->first + position)
        return false;
    if (is->total_known && range->total_known && is->total != range->total)
        return false;
    if (range->bounded)
        return is->last == range->first + object->stream.length - 1;
    if (is->total_known)
        return is->last == is->total - 1;
    return range->total_known && is->last == range->total - 1;
}

static tin_result is_as_it_was(const tin__object *object, bool *same)
{
    const tin__range *range = object->range;
    tin__room value;
    tin_result result;

    *same = true;
    if (range->validator == NULL)
        return tin__success();
    result = tin__http_look(object->native, range->validated_by, 0, &value);
    *same = value.bytes == NULL || wcscmp(value.bytes, range->validator) == 0;
    tin__leave_room(&value);
    return result;
}

static tin_result check_answer(tin__object *object, DWORD status, uint64_t position)
{
    part is = {0};
    bool coded = false, same = false;
    tin_result result;

    if (error_of(status) != TIN_OK)
        return tin__fail(error_of(status));
    result = read_part(object->native, &is);
    if (tin_ok(result))
        result = is_coded(object->native, &coded);
    if (tin_ok(result))
        result = is_as_it_was(object, &same);
    if (tin_ok(result) && (coded || !same || !fits(object, &is, position)))
        result = tin__fail(TIN_E_PROTOCOL);
    if (tin_ok(result) && !object->stream.length_known) {
        object->range->total = is.total;
        object->range->total_known = true;
    }
    if (tin_ok(result))
        tin__set_length(object, is.last + 1 - object->range->first, true);
    return result;
}

static tin_result request(tin__object *object, kept_text *headers, tin__url *url, uint64_t position)
{
    const DWORD flags = INTERNET_FLAG_RELOAD | INTERNET_FLAG_NO_CACHE_WRITE;
    tin__stream *stream = &object->stream;
    wchar_t *own = object->headers;
    DWORD status;
    tin_result result;

    object->headers = headers->text;
    result = tin__http_again(object, url, flags, &status);
    object->headers = own;
    if (tin_ok(result))
        result = check_answer(object, status, position);
    if (!tin_ok(result)) { /* what the stream was is gone */
        stream->failed = result;
        stream->begin = stream->end = 0;
        stream->at_end = false;
    }
    return result;
}

tin_result tin__range_seek(tin__object *object, uint64_t position)
{
    tin__range *range = object->range;
    kept_text *headers;
    tin__url url = {0};
    tin_result result;

    if (decodes(object))
        return tin__fail(TIN_E_UNSUPPORTED);
    headers = make_headers(object, position);
    if (headers == NULL)
        return tin__fail(TIN_E_MEMORY);
    result = copy_url(&range->url, &url);
    if (tin_ok(result))
        result = request(object, headers, &url, position);
    tin__free_url(&url);
    if (object->native == NULL) { /* given up */
        headers->next = range->kept;
        range->kept = headers;
    } else {
        drop(headers);
    }
    return result;
}
