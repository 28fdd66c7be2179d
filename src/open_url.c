/* SPDX-License-Identifier: MIT */
/* Opening by URL: which of those who open is meant. */
#include "ftp.h"
#include "http.h"
#include "local_file.h"

typedef struct target {
    tin__url url;
    wchar_t *headers;
    DWORD flags;
} target;

static tin_result open_target(tin__object *object, tin__object *session, void *how)
{
    target *what = how;

    object->headers = what->headers;
    what->headers = NULL;
    switch (what->url.scheme) {
    case TIN__LOCAL:
        return tin__open_local(object, &what->url);
    case TIN__FTP:
        return tin__open_ftp(object, session, &what->url, what->flags);
    default:
        return tin__open_http(object, &what->url, what->flags);
    }
}

static tin__kind kind_of(tin__scheme scheme)
{
    if (scheme == TIN__LOCAL)
        return TIN__LOCAL_FILE;
    return scheme == TIN__FTP ? TIN__FTP_FILE : TIN__HTTP_FILE;
}

tin_result tin_open_url_w(tin_handle session, const wchar_t *url, const wchar_t *headers,
                          DWORD flags, void *context, tin_handle *file)
{
    target what = {.flags = flags};
    tin_result result;

    if (file == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    *file = NULL;
    result = tin__check_headers(headers);
    if (tin_ok(result))
        result = tin__parse_url(url, &what.url);
    if (tin_ok(result))
        result = tin__copy_wide(headers, &what.headers);
    if (tin_ok(result))
        result = tin__open_child(session, TIN__SESSION, kind_of(what.url.scheme), context,
                                 open_target, &what, file);
    tin__wipe_text(what.headers);
    tin__free_url(&what.url);
    return result;
}

tin_result tin_open_url(tin_handle session, const char *url, const char *headers, DWORD flags,
                        void *context, tin_handle *file)
{
    tin__wide_texts wide;
    tin_result result = TIN__WIDEN(&wide, url, headers);

    if (tin_ok(result))
        result = tin_open_url_w(session, wide.text[0], wide.text[1], flags, context, file);
    else if (file != NULL)
        *file = NULL;
    return tin__forget(&wide, result);
}
