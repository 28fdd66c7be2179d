/* SPDX-License-Identifier: MIT */
/*
 * Where an answer sends us, and what may go there. WinInet's own redirects have no end in a loop,
 * go from https to http without a word and carry Authorization and Cookie to other hosts (seen
 * under Wine 8), so InternetOpenUrlW is always told not to follow.
 */
#include <stdlib.h>
#include <wchar.h>

#include "http.h"

/* Wine 8 cuts header lines at 4,095 characters without a word. */
#define CUT_LINE 4095u

bool tin__is_redirect(DWORD status)
{
    return status == HTTP_STATUS_MOVED || status == HTTP_STATUS_REDIRECT ||
           status == HTTP_STATUS_REDIRECT_METHOD || status == HTTP_STATUS_REDIRECT_KEEP_VERB ||
           status == 308;
}

/* By RFC 9110, 15.4: what every client does with POST, and what only 303 asks for. */
bool tin__keeps_verb(const wchar_t *verb, DWORD status)
{
    if (verb == NULL || wcscmp(verb, L"GET") == 0 || wcscmp(verb, L"HEAD") == 0)
        return true;
    if (status == HTTP_STATUS_MOVED || status == HTTP_STATUS_REDIRECT)
        return wcscmp(verb, L"POST") != 0;
    return status != HTTP_STATUS_REDIRECT_METHOD;
}

static tin_result check_target(const tin__url *from, const tin__url *target)
{
    if (target->scheme != TIN__HTTP && target->scheme != TIN__HTTPS)
        return tin__fail(TIN_E_REDIRECT);
    if (from->scheme == TIN__HTTPS && target->scheme == TIN__HTTP)
        return tin__fail(TIN_E_REDIRECT);
    if (target->user != NULL)
        return tin__fail(TIN_E_REDIRECT);
    return tin__success();
}

tin_result tin__redirect_target(tin__native *native, tin__url *target)
{
    const wchar_t *location;
    tin__room room;
    tin_result result = tin__http_look(native, HTTP_QUERY_LOCATION, 0, &room);

    location = room.bytes;
    if (location == NULL) /* an answer like any other, as with WinInet */
        return result;
    if (*location == L'\0' || wcslen(location) + wcslen(L"Location: ") >= CUT_LINE - 1)
        result = tin__fail(TIN_E_REDIRECT);
    else
        result = tin__resolve_url(&native->url, location, target);
    tin__leave_room(&room);
    if (tin_ok(result))
        result = check_target(&native->url, target);
    if (tin_ok(result))
        return result;
    tin__free_url(target);
    return result.error == TIN_E_MEMORY ? result : tin__fail(TIN_E_REDIRECT);
}
