/* SPDX-License-Identifier: MIT */
/**
 * \file result.h
 * Results: what happened, what to do about it, and how to say it.
 */
#ifndef THININET_RESULT_H
#define THININET_RESULT_H

/* A program that uses Winsock includes <winsock2.h> before this header, as before <windows.h>. */
#include <windows.h>
#include <wininet.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** \def TIN_API
 * Stands before each function; a program that uses thininet as a DLL defines THININET_USE_DLL. */
#if defined(THININET_BUILD_DLL)
#define TIN_API __declspec(dllexport)
#elif defined(THININET_USE_DLL)
#define TIN_API __declspec(dllimport)
#else
#define TIN_API
#endif

/** \def TIN_NODISCARD
 * Makes the compiler warn where a result is not looked at. */
#if defined(__GNUC__) || defined(__clang__)
#define TIN_NODISCARD __attribute__((warn_unused_result))
#elif defined(_MSC_VER)
#define TIN_NODISCARD _Check_return_
#else
#define TIN_NODISCARD
#endif

/* WinInet's newer error codes, for SDKs whose <wininet.h> is older (mingw-w64 10). */
#ifndef ERROR_HTTP_HSTS_REDIRECT_REQUIRED
#define ERROR_HTTP_HSTS_REDIRECT_REQUIRED (INTERNET_ERROR_BASE + 60)
#endif
#ifndef ERROR_INTERNET_SEC_CERT_WEAK_SIGNATURE
#define ERROR_INTERNET_SEC_CERT_WEAK_SIGNATURE (INTERNET_ERROR_BASE + 62)
#endif
#ifndef ERROR_INTERNET_DECODING_FAILED
#define ERROR_INTERNET_DECODING_FAILED (INTERNET_ERROR_BASE + 175)
#endif
#ifndef ERROR_INTERNET_CLIENT_AUTH_CERT_NEEDED_PROXY
#define ERROR_INTERNET_CLIENT_AUTH_CERT_NEEDED_PROXY (INTERNET_ERROR_BASE + 187)
#endif
#ifndef ERROR_INTERNET_SECURE_FAILURE_PROXY
#define ERROR_INTERNET_SECURE_FAILURE_PROXY (INTERNET_ERROR_BASE + 188)
#endif
#ifndef ERROR_INTERNET_HTTP_PROTOCOL_MISMATCH
#define ERROR_INTERNET_HTTP_PROTOCOL_MISMATCH (INTERNET_ERROR_BASE + 190)
#endif
#ifndef ERROR_INTERNET_GLOBAL_CALLBACK_FAILED
#define ERROR_INTERNET_GLOBAL_CALLBACK_FAILED (INTERNET_ERROR_BASE + 191)
#endif
#ifndef ERROR_INTERNET_FEATURE_DISABLED
#define ERROR_INTERNET_FEATURE_DISABLED (INTERNET_ERROR_BASE + 192)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Every tin_error with its sentence: X(name, sentence).
 *
 * The enumeration, tin_error_name and tin_describe all grow from this list; a program may grow its
 * own tables from it. The values count up from 0 and stay as they are: new names go to the end.
 */
#define TIN_ERROR_MAP(X)                                                                           \
    X(TIN_OK, "The operation succeeded")                                                           \
    X(TIN_PENDING, "The operation has been started and goes on in the background")                 \
    X(TIN_E_ARGUMENT, "An argument is not valid")                                                  \
    X(TIN_E_HANDLE, "The handle is not open, or is of the wrong kind")                             \
    X(TIN_E_STATE, "This cannot be done in the state that the handle is in")                       \
    X(TIN_E_UNSUPPORTED, "This is not supported")                                                  \
    X(TIN_E_MEMORY, "Memory or another system resource has run out")                               \
    X(TIN_E_BUFFER_TOO_SMALL, "The buffer is too small for the result")                            \
    X(TIN_E_NOT_FOUND, "What was asked for does not exist")                                        \
    X(TIN_E_NO_MORE, "The list has come to its end")                                               \
    X(TIN_E_URL, "The URL is not valid")                                                           \
    X(TIN_E_TIMEOUT, "The operation did not finish in time")                                       \
    X(TIN_E_CANCELLED, "The operation was cancelled before it finished")                           \
    X(TIN_E_DNS, "No address was found for the host name")                                         \
    X(TIN_E_CONNECT, "The server could not be reached")                                            \
    X(TIN_E_OFFLINE, "This computer is offline")                                                   \
    X(TIN_E_CONNECTION_LOST, "The connection to the server was lost")                              \
    X(TIN_E_TRUNCATED, "The body ended before its announced length")                               \
    X(TIN_E_PROTOCOL, "The answer of the server breaks the protocol")                              \
    X(TIN_E_DECODING, "The compressed body could not be decoded")                                  \
    X(TIN_E_REDIRECT, "A redirect was refused or could not be followed")                           \
    X(TIN_E_PROXY, "The proxy failed or could not be used")                                        \
    X(TIN_E_AUTH, "The user name or the password was not accepted")                                \
    X(TIN_E_TLS, "A secure connection could not be negotiated")                                    \
    X(TIN_E_CERT_EXPIRED, "The certificate of the server has expired or is not valid yet")         \
    X(TIN_E_CERT_NAME, "The certificate of the server belongs to another host name")               \
    X(TIN_E_CERT_UNTRUSTED, "The certificate of the server comes from an untrusted issuer")        \
    X(TIN_E_CERT_REVOKED, "The certificate of the server has been revoked")                        \
    X(TIN_E_CERT_REVOCATION, "Whether the server's certificate is revoked could not be checked")   \
    X(TIN_E_CERT_INVALID, "The certificate of the server is malformed or not meant for servers")   \
    X(TIN_E_CERT_WEAK, "The certificate of the server is signed with a weak algorithm")            \
    X(TIN_E_CERT_SEVERAL, "The certificate of the server has more than one fault")                 \
    X(TIN_E_CLIENT_CERT, "A client certificate is needed")                                         \
    X(TIN_E_SECURITY_ZONE, "The step was refused because it would change the level of security")   \
    X(TIN_E_SERVER, "The server refused and gave a reason of its own")                             \
    X(TIN_E_FTP, "The FTP connection cannot do this now")                                          \
    X(TIN_E_ACCESS, "Permission was denied, or the file is in use")                                \
    X(TIN_E_EXISTS, "What was to be created exists already")                                       \
    X(TIN_E_DISK, "The disk is full or failed")                                                    \
    X(TIN_E_CACHE, "The cache could not take the file")                                            \
    X(TIN_E_COOKIE, "A cookie was declined, or the user must consent to it first")                 \
    X(TIN_E_USER_INPUT, "The user would have to answer a dialog first")                            \
    X(TIN_E_RETRY, "The request has to be sent once more")                                         \
    X(TIN_E_CONFIG, "The internet settings of this computer are wrong or forbid this")             \
    X(TIN_E_INTERNAL, "WinInet or the system failed and gave no reason that thininet knows")

/**
 * What to do about an outcome; TIN_ERROR_MAP says what each one means.
 *
 * TIN_PENDING is reserved: no function returns it yet.
 */
typedef enum tin_error {
#define TIN_ERROR_ENUMERATOR_(name, sentence) name,
    TIN_ERROR_MAP(TIN_ERROR_ENUMERATOR_)
#undef TIN_ERROR_ENUMERATOR_
} tin_error;

/** The outcome of a call: eight bytes, returned by value, complete in itself. */
typedef struct tin_result {
    tin_error error;     /**< What to do about it: to switch on. */
    uint32_t last_error; /**< What GetLastError said, untouched; 0 where it said nothing. */
} tin_result;

/**
 * Tells whether a call succeeded.
 *
 * \param result  Any result.
 * \returns True for TIN_OK alone; TIN_PENDING is not success yet.
 * \threadsafety Any thread.
 */
static inline bool tin_ok(tin_result result)
{
    return result.error == TIN_OK;
}

/**
 * Names an error as the source code does: "TIN_E_TIMEOUT".
 *
 * \param error  Any value.
 * \returns A string that lives as long as the program; "TIN_E_UNKNOWN" for a value that is no
 *          tin_error; never NULL.
 * \threadsafety Any thread.
 */
TIN_API const char *tin_error_name(tin_error error);

/**
 * Says in one sentence what happened, with the names and the number to look it up by.
 *
 *     The server did not answer in time (TIN_E_TIMEOUT, 12002 ERROR_INTERNET_TIMEOUT).
 *     The server reset the connection (TIN_E_CONNECTION_LOST, 10054 WSAECONNRESET).
 *     The body ended before its announced length (TIN_E_TRUNCATED).
 *
 * The sentence is that of result.last_error; where thininet knows better than that code (a time-out
 * that WinInet calls an aborted connection) it is that of result.error. The symbol is left out when
 * thininet does not know the code, the code when it is 0. The texts are thininet's own, in English
 * and ASCII, the same on every system, without a line break at the end. What a server itself said
 * (TIN_E_SERVER) is not among them: tin_get_last_response_info() has it.
 *
 * \param result  Any result, also TIN_OK.
 * \param text    Receives the sentence, cut to fit and always terminated; NULL asks for the length.
 * \param size    Size of \p text in bytes; 0 writes nothing.
 * \returns The length in bytes of the whole sentence without its NUL, like snprintf: the text was
 *          cut where this is not less than \p size.
 * \threadsafety Any thread.
 */
TIN_API size_t tin_describe(tin_result result, char *text, size_t size);

/**
 * Says in one sentence, in UTF-16, what happened: see tin_describe().
 *
 * \param result  Any result, also TIN_OK.
 * \param text    Receives the sentence, cut to fit and always terminated; NULL asks for the length.
 * \param size    Size of \p text in bytes; a last odd one is not used, less than 2 writes nothing.
 * \returns The length in bytes of the whole sentence without its NUL: the text was cut where
 *          \p size has no room for those and the two of the NUL.
 * \threadsafety Any thread.
 */
TIN_API size_t tin_describe_w(tin_result result, wchar_t *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
