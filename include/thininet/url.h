/* SPDX-License-Identifier: MIT */
/**
 * \file url.h
 * URLs as text: taken apart, put together, combined, in canonical form. Nothing is opened.
 *
 * These are thininet's own, not calls of WinInet, whose functions disagree with RFC 3986, with
 * themselves and with what is sent: in Wine 8 InternetCrackUrl takes port 99999 for 34463 and looks
 * for the port of "http://[::1]/" inside the brackets, InternetCanonicalizeUrl leaves queries as
 * they are, InternetCombineUrl gets 10 of 39 examples of RFC 3986, 5.4 wrong, and InternetCreateUrl
 * escapes nothing, so that a '@' in a password names another host. The rules here are those by
 * which tin_open_url() reads a URL.
 *
 * Any scheme will do. What may not be in a URL anywhere is TIN_E_URL: control characters, spaces at
 * either end, more than 65,535 characters, a '%' without two hexadecimal digits; no scheme at all
 * ("www.example.com", "C:\x"); a host with wrong characters or a port outside 1..65535; for http,
 * https and ftp also no host.
 */
#ifndef THININET_URL_H
#define THININET_URL_H

#include <thininet/result.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The parts of a URL (URL_COMPONENTS).
 *
 * Made by tin_crack_url(), or filled in for tin_create_url(): all zero first, then what there is.
 */
typedef struct tin_url_parts {
    INTERNET_SCHEME scheme;  /**< INTERNET_SCHEME_UNKNOWN where WinInet has no number for it */
    DWORD service;           /**< For tin_connect(): INTERNET_SERVICE_HTTP for http and https,
                                  INTERNET_SERVICE_FTP, INTERNET_SERVICE_GOPHER; else 0 */
    const char *scheme_name; /**< In lower case, without the colon: "https" */
    const char *user;        /**< Decoded; NULL for none */
    const char *password;    /**< Decoded; "" for a user without one; NULL without a user */
    const char *host;        /**< In lower case, IDN as punycode, IPv6 without brackets: ready for
                                  tin_connect(). NULL where there is no "//", and for file */
    INTERNET_PORT port;      /**< The scheme's own where none was given; 0 where it has none */
    const char *path;        /**< Never NULL. "/" at least for http, https and ftp; a file's local
                                  name for file: "C:\a b.txt", "\\server\share\f" */
    const char *extra;       /**< Query and fragment, with '?' and '#' before them; "" for none */
} tin_url_parts;

/** The UTF-16 twin of tin_url_parts. */
typedef struct tin_url_parts_w {
    INTERNET_SCHEME scheme;
    DWORD service;
    const wchar_t *scheme_name;
    const wchar_t *user;
    const wchar_t *password;
    const wchar_t *host;
    INTERNET_PORT port;
    const wchar_t *path;
    const wchar_t *extra;
} tin_url_parts_w;

/**
 * Takes a URL apart (InternetCrackUrl, AfxParseURLEx).
 *
 * As AfxParseURLEx it puts the URL into canonical form first, by tin_canonicalize_url()'s flags.
 * Unlike with WinInet user and password are always decoded, as tin_connect() and tin_open_url() use
 * them. ftp knows no query: '?' belongs to its path, as "%3F".
 *
 * \param url    Not a local name; see above for what is refused.
 * \param flags  As for tin_canonicalize_url(), but with ICU_DECODE (or ICU_ESCAPE, the same here)
 *               every escape in path and extra is decoded, which can change what they mean: "%2F"
 *               becomes a '/'. An escaped control character is TIN_E_URL then.
 * \param parts  One block: free it with tin_free_url_parts(). The pointers in it may be replaced
 *               before. NULL on failure.
 * \returns TIN_OK; TIN_E_URL; TIN_E_ARGUMENT (NULL, malformed text, flags); TIN_E_MEMORY.
 * \threadsafety Any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_crack_url(const char *url, DWORD flags, tin_url_parts **parts);
/** UTF-16 twin of tin_crack_url(). */
TIN_API TIN_NODISCARD tin_result tin_crack_url_w(const wchar_t *url, DWORD flags,
                                                 tin_url_parts_w **parts);

/**
 * Frees what tin_crack_url() made, and overwrites it first: it may hold a password (no WinInet
 * counterpart).
 *
 * \param parts  From tin_crack_url(), not one of your own; NULL is allowed.
 * \threadsafety Any thread.
 */
TIN_API void tin_free_url_parts(tin_url_parts *parts);
/** UTF-16 twin of tin_free_url_parts(). */
TIN_API void tin_free_url_parts_w(tin_url_parts_w *parts);

/**
 * Puts a URL together (InternetCreateUrl).
 *
 * Each part is escaped as its place needs it, so no part can become another one: '@' in a password,
 * '?' in a path. What tin_crack_url() made of the result is what was put in.
 *
 * \param parts  scheme_name counts where it is not NULL, else scheme, of which
 *               INTERNET_SCHEME_DEFAULT (0) is http. service is not looked at. port 0 is the
 *               scheme's own, which is left out. A path behind a host gets a '/' before it where it
 *               has none; NULL is "". user and password are plain text, and so is a file's local
 *               name; path and extra keep the good escapes that they have.
 * \param flags  0, or ICU_ENCODE_PERCENT for a path and extra that are plain text, in which '%' is
 *               a character like others (tin_crack_url() with ICU_DECODE). ICU_USERNAME is
 *               TIN_E_UNSUPPORTED.
 * \param text   Receives the URL; NULL asks for the size.
 * \param size   In: the size of \p text in bytes. Out: the length in bytes without the NUL; on
 *               TIN_E_BUFFER_TOO_SMALL the size needed with the NUL; else 0.
 * \returns TIN_OK; TIN_E_BUFFER_TOO_SMALL; TIN_E_URL where the parts make no URL; TIN_E_ARGUMENT
 *          (NULL, malformed text, flags; a password without a user, either without a host; extra
 *          without '?' or '#'); TIN_E_UNSUPPORTED; TIN_E_MEMORY.
 * \threadsafety Any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_create_url(const tin_url_parts *parts, DWORD flags, char *text,
                                                size_t *size);
/** UTF-16 twin of tin_create_url(); sizes in bytes here, too. */
TIN_API TIN_NODISCARD tin_result tin_create_url_w(const tin_url_parts_w *parts, DWORD flags,
                                                  wchar_t *text, size_t *size);

/**
 * Puts a URL into canonical form (InternetCanonicalizeUrl).
 *
 * Scheme and host in lower case, IDN as punycode, without the scheme's own port, "." and ".."
 * removed, '\' in the path as '/', and percent-encoded as UTF-8 what a URL may not hold. Good
 * escapes stay as they are. User info and the fragment are kept. All spellings of a file's URL
 * become "file:///C:/x" or "file://server/share/x".
 *
 * \param url    As for tin_crack_url().
 * \param flags  0, or:
 *               ICU_NO_ENCODE           nothing is encoded, for people to read;
 *               ICU_ENCODE_SPACES_ONLY  only spaces are;
 *               ICU_ENCODE_PERCENT      '%' is, too: "%41" becomes "%2541";
 *               ICU_DECODE              escapes are decoded where that changes nothing: those of
 *                                       letters, digits, "-._~" and of characters outside ASCII,
 *                                       which are encoded again unless ICU_NO_ENCODE says not to;
 *               ICU_BROWSER_MODE        what follows '?' or '#' stays as it is;
 *               ICU_NO_META             "." and ".." stay.
 *               TIN_E_ARGUMENT: others, and those that contradict each other: ICU_NO_ENCODE with
 *               either ICU_ENCODE flag, ICU_DECODE with ICU_ENCODE_PERCENT.
 * \param text   Receives the URL; NULL asks for the size.
 * \param size   In: the size of \p text in bytes. Out: the length in bytes without the NUL; on
 *               TIN_E_BUFFER_TOO_SMALL the size needed with the NUL; else 0.
 * \returns TIN_OK; TIN_E_BUFFER_TOO_SMALL; TIN_E_URL; TIN_E_ARGUMENT; TIN_E_MEMORY.
 * \threadsafety Any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_canonicalize_url(const char *url, DWORD flags, char *text,
                                                      size_t *size);
/** UTF-16 twin of tin_canonicalize_url(); sizes in bytes here, too. */
TIN_API TIN_NODISCARD tin_result tin_canonicalize_url_w(const wchar_t *url, DWORD flags,
                                                        wchar_t *text, size_t *size);

/**
 * What a link means on a page: a URL relative to another (InternetCombineUrl).
 *
 * By RFC 3986, 5.2, with "http:x" on an http page taken for "x" as browsers do, then as by
 * tin_canonicalize_url(). Where the result leads is not restricted: a page on the web may name a
 * local file. Unlike a redirect's target it keeps its user info and fragment.
 *
 * \param base      A whole URL. One without a hierarchy ("mailto:a") takes only "", a fragment or a
 *                  whole URL, else TIN_E_URL.
 * \param relative  A whole URL, or what is to be added to or changed in \p base; "" is the base
 *                  without its fragment.
 * \param flags     As for tin_canonicalize_url().
 * \param text      Receives the URL; NULL asks for the size.
 * \param size      In: the size of \p text in bytes. Out: the length in bytes without the NUL; on
 *                  TIN_E_BUFFER_TOO_SMALL the size needed with the NUL; else 0.
 * \returns as tin_canonicalize_url().
 * \threadsafety Any thread.
 */
TIN_API TIN_NODISCARD tin_result tin_combine_url(const char *base, const char *relative,
                                                 DWORD flags, char *text, size_t *size);
/** UTF-16 twin of tin_combine_url(); sizes in bytes here, too. */
TIN_API TIN_NODISCARD tin_result tin_combine_url_w(const wchar_t *base, const wchar_t *relative,
                                                   DWORD flags, wchar_t *text, size_t *size);

#ifdef __cplusplus
}
#endif

#endif
