/* SPDX-License-Identifier: MIT */
/*
 * Options that WinInet keeps, which go to it as they are:
 * - Structs are those of the W functions (INTERNET_PER_CONN_OPTION_LISTW), but the texts in an
 *   INTERNET_CERTIFICATE_INFO are in the ANSI code page, on Windows as well.
 * - INTERNET_OPTION_PROXY on a session is refused by Wine 8; tin_open() takes proxies everywhere.
 */
#include <stdlib.h>

#include "option.h"

/* Bytes of a text of WinInet's. */
#define FIRST_TEXT 512u
#define LONGEST_TEXT (1u << 20)

/* WinInet's handle for a call, held open meanwhile; NULL with TIN_OK: the whole process. */
static tin_result hold(tin__object *object, tin__native **native)
{
    *native = NULL;
    if (object == NULL)
        return tin__success();
    if (object->kind == TIN__LOCAL_FILE)
        return tin__fail(TIN_E_UNSUPPORTED);
    return tin__native_hold(object, native);
}

static void give_back(tin__native *native)
{
    if (native != NULL)
        tin__native_release(native);
}

/* What WinInet answered; gives its handle back. */
static tin_result answer(tin__native *native, BOOL done)
{
    const DWORD error = done ? ERROR_SUCCESS : GetLastError();

    give_back(native);
    if (done)
        return tin__success();
    /* the handle is open, and right for the option if we know it: Wine 8 says so of options that it
     * does not have */
    if (error == ERROR_INTERNET_INCORRECT_HANDLE_TYPE)
        return (tin_result){TIN_E_UNSUPPORTED, error};
    return tin__from_win32(error);
}

tin_result tin__set_native_option(tin__object *object, DWORD option, const void *value, DWORD size)
{
    tin__native *native;
    const tin_result result = hold(object, &native);

    if (!tin_ok(result))
        return result;
    return answer(native, InternetSetOptionW(native != NULL ? native->handle : NULL, option,
                                             (void *)value, size));
}

/* Wine 8 crashes when it is asked for the certificate of a connection that has none. */
static bool has_certificate(const tin__native *native)
{
    DWORD flags = 0, size = sizeof flags;

    return native != NULL &&
           InternetQueryOptionW(native->handle, INTERNET_OPTION_SECURITY_FLAGS, &flags, &size) &&
           (flags & SECURITY_FLAG_SECURE) != 0;
}

/* As InternetQueryOptionW, with its sizes. */
tin_result tin__query_native_option(tin__object *object, DWORD option, void *value, DWORD *size)
{
    tin__native *native;
    const tin_result result = hold(object, &native);

    if (!tin_ok(result))
        return result;
    if ((option == INTERNET_OPTION_SECURITY_CERTIFICATE ||
         option == INTERNET_OPTION_SECURITY_CERTIFICATE_STRUCT) &&
        !has_certificate(native)) {
        give_back(native);
        return tin__fail(TIN_E_STATE);
    }
    return answer(
        native, InternetQueryOptionW(native != NULL ? native->handle : NULL, option, value, size));
}

/* InternetQueryOptionW says how long a text is in bytes or in characters, or, in Wine 8, nothing
 * (DATAFILE_NAME), or 1 (SECURITY_CERTIFICATE). */
static tin_result query_bytes(tin__object *object, DWORD option, void **text)
{
    for (DWORD room = FIRST_TEXT;; room *= 2) {
        DWORD size = room;
        tin_result result;

        *text = calloc((size_t)room + 1, sizeof(wchar_t)); /* so there is a NUL in any case */
        if (*text == NULL)
            return tin__fail(TIN_E_MEMORY);
        result = tin__query_native_option(object, option, *text, &size);
        if (tin_ok(result))
            return result;
        free(*text);
        *text = NULL;
        if (result.error != TIN_E_BUFFER_TOO_SMALL)
            return result;
        if (room >= LONGEST_TEXT)
            return tin__fail(TIN_E_INTERNAL);
    }
}

/* Replaces it by UTF-16. */
static tin_result widen(void **text)
{
    const int units = MultiByteToWideChar(CP_ACP, 0, *text, -1, NULL, 0);
    wchar_t *wide = units > 0 ? malloc((size_t)units * sizeof *wide) : NULL;

    if (wide != NULL)
        MultiByteToWideChar(CP_ACP, 0, *text, -1, wide, units);
    free(*text);
    *text = wide;
    return wide != NULL ? tin__success() : tin__fail(TIN_E_MEMORY);
}

tin_result tin__query_native_text(tin__object *object, DWORD option, bool is_ansi, void **text)
{
    const tin_result result = query_bytes(object, option, text);

    return tin_ok(result) && is_ansi ? widen(text) : result;
}
