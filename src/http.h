/* SPDX-License-Identifier: MIT */
/* Requests: one way for tin_open_url() and for those of the caller's own. */
#ifndef TIN_HTTP_H
#define TIN_HTTP_H

#include "open.h"

/* Open the object's native, and set its stream; they take over *url. */
tin_result tin__open_http(tin__object *object, tin__url *url, DWORD flags);
tin_result tin__connect_http(tin__object *object, tin__url *url); /* of which it needs the host */

/* How a request is made. */
struct tin__sender {
    /* Makes the object's native for `url`, which it takes over; `status` is that of the redirect
     * that leads there, or 0. */
    tin_result (*open)(tin__object *object, tin__url *url, DWORD status);
    tin__start *start; /* sends it */
    bool opens;        /* start opens it, too: to be sent again it needs another native */
    bool answered;     /* start ends with the answer */
};

extern const tin__sender tin__request_sender;

DWORD tin__http_flags(tin__object *object, DWORD flags); /* as they are passed to WinInet */
/* Sends it, again where nothing was answered, and where a redirect leads. */
tin_result tin__http_send(tin__object *object);
/* Sends it once, or again, and looks at no answer: by another sender for its head alone. */
tin_result tin__http_send_once(tin__object *object, const tin__sender *sender);
/* One more request for the object, as http_range.c wants it; redirects are not followed. */
tin_result tin__http_again(tin__object *object, tin__url *url, DWORD more_flags, DWORD *status);
/* Looks at the answer that is there, and follows it. */
tin_result tin__http_follow(tin__object *object);

/* ---- http_answer.c --------------------------------------------------------------------------- */

extern const tin__stream_type tin__http_reading;

/* Is it an answer at all, and the server's? */
tin_result tin__http_read_status(tin__native *native, DWORD *status);
/* Looks at the answer, and for the next place to go; next->text is NULL where there is none. */
tin_result tin__http_read_answer(tin__object *object, DWORD *status, tin__url *next);
tin_result tin__http_expect_answer(tin__native *native);
bool tin__is_proxys_own(tin__native *native);
bool tin__has_answer(const tin__object *object); /* which can be asked for its headers */

/* ---- the others ------------------------------------------------------------------------------ */

/* http_open.c: a native at `url`, which it takes over, in the place of the object's, whose body it
 * keeps */
tin_result tin__open_request(tin__object *object, tin__url *url);

/* http_request.c: what begins and ends each send */
tin__object *tin__enter_to_send(tin_handle request, const wchar_t *headers, tin_result *result);
tin_result tin__end_send(tin__object *object, tin_result result);
DWORD tin__prepare_send(tin__native *native, uint64_t size); /* within a start: of the body */
void tin__reset_stream(tin__object *object);
tin_result tin__keep_body(tin__native *native, const void *body, size_t size); /* a copy */

/* http_info.c: text for free(). `name`: of a HTTP_QUERY_CUSTOM header, else NULL. *index is that
 * of the next one on success. */
tin_result tin__http_query(tin__native *native, DWORD info, const wchar_t *name, DWORD *index,
                           wchar_t **text);
/* The same for a look at a header that need not be there: the room is left empty with TIN_OK. */
tin_result tin__http_look(tin__native *native, DWORD info, DWORD index, tin__room *room);
bool tin__parse_number(const wchar_t *text, uint64_t *number);

/* http_date.c: any of the three forms of a date in HTTP (RFC 9110, 5.6.7) */
bool tin__parse_date(const wchar_t *text, SYSTEMTIME *time);

/* The codings that INTERNET_OPTION_HTTP_DECODING undoes; WinInet does not ask for them itself. */
#define TIN__ACCEPT_ENCODING L"Accept-Encoding: gzip, deflate\r\n"

/* http_headers.c: "Name: value" lines, each but the last ended by CR LF */
bool tin__is_token(const wchar_t *text); /* a method, a name */
tin_result tin__check_headers(const wchar_t *headers);
bool tin__has_header(const wchar_t *headers, const wchar_t *name);
/* Removes the lines with these names, which are lines, too. */
void tin__strip_headers(wchar_t *headers, const wchar_t *names);
#define TIN__PRIVATE_HEADERS /* for the first server alone */                                      \
    L"Authorization:\r\nCookie:\r\nProxy-Authorization:\r\nHost:"
#define TIN__RANGE_HEADERS L"Range:\r\nIf-Range:"  /* they ask for a part */
void tin__strip_content_headers(wchar_t *headers); /* what is about a body */
tin_result tin__merge_headers(wchar_t **headers, const wchar_t *more, DWORD modifiers);
/* Gives WinInet's request the lines of `headers` whose names are in `names`, and no others of
 * these names. */
DWORD tin__give_headers(HINTERNET request, const wchar_t *names, const wchar_t *headers);

/* http_range.c */
tin_result tin__range_keep(tin__object *object, DWORD status); /* what seeking needs, if it can */
tin_result tin__range_seek(tin__object *object, uint64_t position);

/* redirect.c */
bool tin__is_redirect(DWORD status);
bool tin__keeps_verb(const wchar_t *verb, DWORD status); /* and the body; else it becomes GET */
tin_result tin__redirect_target(tin__native *native,
                                tin__url *target); /* no Location: target->text is NULL */

#endif
