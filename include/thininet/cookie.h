/* SPDX-License-Identifier: MIT */
/**
 * \file cookie.h
 * WinInet's cookie jar: one for the whole process, which http and https fill and send by
 * themselves.
 *
 * INTERNET_FLAG_NO_COOKIES keeps a file or request out of it. Cookies with an expiry date live on
 * in the user's profile for later processes, others as long as this one. These functions need no
 * session and no network; they may read and write files, so they do not wait long.
 *
 * What Wine 8 does with a cookie: it goes to the host that set it and to hosts below that one
 * ("a.test" to "x.a.test"), to all ports, http and https alike, for "secure" is not looked at,
 * and to paths below that of the URL (for "http://h/a/b" that is "/a/"). A domain must have a dot
 * in it and be the host's end. max-age is ignored; only expires gives a date.
 * Of names that differ only in case there is one cookie.
 */
#ifndef THININET_COOKIE_H
#define THININET_COOKIE_H

#include <thininet/result.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Stores a cookie for a URL (InternetSetCookie).
 *
 * \param url   http or https. User info, query and fragment do not count.
 * \param name  Printable ASCII without spaces, '=', ';' and ','. NULL: \p data begins with
 *              "name=", as in a server's Set-Cookie.
 * \param data  The value, and attributes behind it: "1; path=/; expires=Fri, 01-Jan-2038 00:00:00
 *              GMT"; a date in the past removes the cookie. Only printable ASCII and spaces: what
 *              is sent for others depends on the system and its code page, so escape them first.
 *              At most 126 characters behind "expires=", so let it be the last attribute: Wine 8
 *              writes over its stack with more.
 * \returns TIN_OK; TIN_E_COOKIE where WinInet does not take it (a foreign domain; "httponly", which
 *          only a server and tin_set_cookie_ex() may say); TIN_E_URL; TIN_E_UNSUPPORTED (the
 *          scheme); TIN_E_ARGUMENT; TIN_E_MEMORY.
 * \threadsafety Any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_set_cookie(const char *url, const char *name,
                                                const char *data);
/** UTF-16 twin of tin_set_cookie(). */
TIN_API TIN_NODISCARD tin_result tin_set_cookie_w(const wchar_t *url, const wchar_t *name,
                                                  const wchar_t *data);

/**
 * Stores a cookie, also one that scripts are not to see (InternetSetCookieEx).
 *
 * \param url    As for tin_set_cookie().
 * \param name   As for tin_set_cookie().
 * \param data   As for tin_set_cookie().
 * \param flags  INTERNET_COOKIE_HTTPONLY to allow "httponly" in \p data and to replace such a
 *               cookie, or 0; others are TIN_E_UNSUPPORTED.
 * \returns as tin_set_cookie().
 * \threadsafety Any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_set_cookie_ex(const char *url, const char *name,
                                                   const char *data, DWORD flags);
/** UTF-16 twin of tin_set_cookie_ex(). */
TIN_API TIN_NODISCARD tin_result tin_set_cookie_ex_w(const wchar_t *url, const wchar_t *name,
                                                     const wchar_t *data, DWORD flags);

/**
 * The cookies that a request for a URL would carry (InternetGetCookie).
 *
 * WinInet takes a name and does not look at it (Wine 8); thininet does. Attributes are not told.
 *
 * \param url   As for tin_set_cookie().
 * \param name  Only cookies of this name, in this case; NULL for all.
 * \param text  Receives "a=1; b=2", or "a=1" for one of them; one without a value is "a". NULL asks
 *              for the size. Bytes that a server sent and that are not ASCII come in the system's
 *              code page from WinInet.
 * \param size  In: the size of \p text in bytes. Out: the length in bytes without the NUL; on
 *              TIN_E_BUFFER_TOO_SMALL the size needed with the NUL; else 0.
 * \returns TIN_OK; TIN_E_BUFFER_TOO_SMALL; TIN_E_NOT_FOUND: there is none; TIN_E_URL;
 *          TIN_E_UNSUPPORTED (the scheme); TIN_E_ARGUMENT; TIN_E_MEMORY.
 * \threadsafety Any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_get_cookie(const char *url, const char *name, char *text,
                                                size_t *size);
/** UTF-16 twin of tin_get_cookie(); sizes in bytes here, too. */
TIN_API TIN_NODISCARD tin_result tin_get_cookie_w(const wchar_t *url, const wchar_t *name,
                                                  wchar_t *text, size_t *size);

/**
 * As tin_get_cookie(), also with cookies that scripts are not to see (InternetGetCookieEx).
 *
 * \param url    As for tin_get_cookie().
 * \param name   As for tin_get_cookie().
 * \param flags  INTERNET_COOKIE_HTTPONLY for all cookies, or 0 for those without "httponly"; others
 *               are TIN_E_UNSUPPORTED.
 * \param text   As for tin_get_cookie().
 * \param size   As for tin_get_cookie().
 * \returns as tin_get_cookie().
 * \threadsafety Any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_get_cookie_ex(const char *url, const char *name, DWORD flags,
                                                   char *text, size_t *size);
/** UTF-16 twin of tin_get_cookie_ex(); sizes in bytes here, too. */
TIN_API TIN_NODISCARD tin_result tin_get_cookie_ex_w(const wchar_t *url, const wchar_t *name,
                                                     DWORD flags, wchar_t *text, size_t *size);

#ifdef __cplusplus
}
#endif

#endif
