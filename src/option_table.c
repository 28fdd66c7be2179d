/* SPDX-License-Identifier: MIT */
/*
 * The options of Microsoft's page "Option Flags", and ours. What it calls "not implemented" is
 * refused: systems differ in what of that they accept, to do nothing.
 */
#include "option.h"

#include <string.h>

/* Newer than <wininet.h> of mingw-w64 10. */
#ifndef INTERNET_OPTION_OPT_IN_WEAK_SIGNATURE
#define INTERNET_OPTION_OPT_IN_WEAK_SIGNATURE 176
#endif
/* CONTEXT_VALUE by pointer, as before Internet Explorer 4; WinInet still takes it. */
#define INTERNET_OPTION_OLD_CONTEXT_VALUE 10

enum {
    N = TIN__AT_PROCESS,
    S = TIN__AT_SESSION,
    C = TIN__AT_CONNECTION,
    R = TIN__AT_REQUEST,
    HANDLES = S | C | R,
    ALL = N | HANDLES
};

#define NUMBER TIN__IS_NUMBER, sizeof(DWORD)
#define TIMEOUT TIN__IS_TIMEOUT, sizeof(DWORD)
#define COUNT TIN__IS_COUNT, sizeof(DWORD)
#define POINTER TIN__IS_POINTER, sizeof(DWORD_PTR)
#define STRUCT(type) TIN__IS_STRUCT, sizeof(type)
#define RECORD(type) TIN__IS_RECORD, sizeof(type)
#define WIDE TIN__IS_TEXT, 0
#define ANSI TIN__IS_ANSI_TEXT, 0
#define SIGNAL TIN__IS_SIGNAL, 0
#define ANYTHING TIN__IS_ANYTHING, 0

/* clang-format off */
#define KEPT(name, levels, ...)                                                                    \
    {INTERNET_OPTION_##name, levels, levels, TIN__BY_NUMBER, TIN__##name, __VA_ARGS__}
#define ADDED(name, levels, ...)                                                                   \
    {TIN_OPTION_##name, levels, levels, TIN__BY_NUMBER, TIN__##name, __VA_ARGS__}
#define SHARED(name, levels, ...)                                                                  \
    {INTERNET_OPTION_##name, levels, levels, TIN__BY_BOTH, TIN__##name, __VA_ARGS__}
#define WORDS(name, levels, words)                                                                 \
    {INTERNET_OPTION_##name, levels, levels, TIN__BY_WORDS, TIN__##words, WIDE}
#define OWN(name, set, query, ...)                                                                 \
    {INTERNET_OPTION_##name, set, query, TIN__BY_OBJECT, 0, __VA_ARGS__}
#define WININET(name, set, query, ...)                                                             \
    {INTERNET_OPTION_##name, set, query, TIN__BY_WININET, 0, __VA_ARGS__}
#define REFUSED(name) {INTERNET_OPTION_##name, ALL, ALL, TIN__BY_NOBODY, 0, ANYTHING}

static const tin__option rows[] = {
    /* kept here                levels   value */
    KEPT(CONNECT_TIMEOUT,       ALL,     TIMEOUT),
    KEPT(SEND_TIMEOUT,          ALL,     TIMEOUT),
    KEPT(RECEIVE_TIMEOUT,       ALL,     TIMEOUT),
    KEPT(DATA_SEND_TIMEOUT,     ALL,     TIMEOUT),
    KEPT(DATA_RECEIVE_TIMEOUT,  ALL,     TIMEOUT),
    ADDED(TOTAL_TIMEOUT,        ALL,     TIMEOUT),
    ADDED(MAX_REDIRECTS,        ALL,     COUNT),
    KEPT(CONNECT_RETRIES,       ALL,     COUNT),
    KEPT(HTTP_DECODING,         HANDLES, NUMBER),
    SHARED(SECURITY_FLAGS,      HANDLES, NUMBER),
    WORDS(USERNAME,             HANDLES, USER),
    WORDS(PASSWORD,             HANDLES, PASSWORD),
    WORDS(PROXY_USERNAME,       HANDLES, PROXY_USER),
    WORDS(PROXY_PASSWORD,       HANDLES, PROXY_PASSWORD),

    /* the handle's own         set      query    value */
    OWN(HANDLE_TYPE,            0,       HANDLES, NUMBER),
    OWN(PARENT_HANDLE,          0,       HANDLES, POINTER),
    OWN(CONTEXT_VALUE,          HANDLES, HANDLES, POINTER),
    OWN(URL,                    0,       R,       WIDE),

    /* WinInet's                         set      query    value */
    WININET(USER_AGENT,                  S,       HANDLES, WIDE),
    WININET(PROXY,                       N | S,   N | S,   RECORD(INTERNET_PROXY_INFO)),
    WININET(PER_CONNECTION_OPTION,       N | S,   N | S,   STRUCT(INTERNET_PER_CONN_OPTION_LISTW)),
    WININET(PROXY_SETTINGS_CHANGED,      ALL,     0,       SIGNAL),
    WININET(SETTINGS_CHANGED,            ALL,     0,       SIGNAL),
    WININET(REFRESH,                     N | S,   0,       SIGNAL),
    WININET(END_BROWSER_SESSION,         N | S,   0,       SIGNAL),
    WININET(RESET_URLCACHE_SESSION,      N | S,   0,       SIGNAL),
    WININET(DIGEST_AUTH_UNLOAD,          N | S,   0,       SIGNAL),
    WININET(SUPPRESS_BEHAVIOR,           N,       0,       NUMBER),
    WININET(MAX_CONNS_PER_SERVER,        N,       N,       NUMBER),
    WININET(MAX_CONNS_PER_1_0_SERVER,    N,       N,       NUMBER),
    WININET(MAX_CONNS_PER_PROXY,         N,       N,       NUMBER),
    WININET(HTTP_VERSION,                N,       N,       STRUCT(HTTP_VERSION_INFO)),
    WININET(VERSION,                     0,       N,       STRUCT(INTERNET_VERSION_INFO)),
    WININET(EXTENDED_ERROR,              0,       N,       NUMBER),
    WININET(CONNECTED_STATE,             ALL,     ALL,     ANYTHING),
    WININET(IGNORE_OFFLINE,              ALL,     ALL,     ANYTHING),
    WININET(FROM_CACHE_TIMEOUT,          ALL,     ALL,     NUMBER),
    WININET(BYPASS_EDITED_ENTRY,         ALL,     ALL,     NUMBER),
    WININET(ENABLE_HTTP_PROTOCOL,        ALL,     0,       NUMBER),
    WININET(ENCODE_EXTRA,                ALL,     ALL,     NUMBER),
    WININET(HSTS,                        ALL,     ALL,     NUMBER),
    WININET(OPT_IN_WEAK_SIGNATURE,       ALL,     0,       ANYTHING),

    WININET(READ_BUFFER_SIZE,            C | R,   C | R,   NUMBER),
    WININET(WRITE_BUFFER_SIZE,           C | R,   C | R,   NUMBER),
    WININET(CODEPAGE,                    C | R,   0,       NUMBER),
    WININET(CODEPAGE_PATH,               C | R,   0,       NUMBER),
    WININET(CODEPAGE_EXTRA,              C | R,   0,       NUMBER),
    WININET(IDN,                         C | R,   0,       NUMBER),
    WININET(ENTERPRISE_CONTEXT,          HANDLES, 0,       WIDE),
    WININET(DATAFILE_EXT,                HANDLES, 0,       WIDE),
    WININET(DATAFILE_NAME,               0,       R,       WIDE),
    WININET(ERROR_MASK,                  R,       R,       NUMBER),
    WININET(REQUEST_FLAGS,               0,       R,       NUMBER),
    WININET(REQUEST_PRIORITY,            R,       R,       NUMBER),
    WININET(SUPPRESS_SERVER_AUTH,        R,       0,       SIGNAL),
    WININET(ENABLE_REDIRECT_CACHE_READ,  R,       0,       NUMBER),
    WININET(HTTP_PROTOCOL_USED,          0,       R,       NUMBER),
    WININET(COMPRESSED_CONTENT_LENGTH,   0,       R,       STRUCT(ULONGLONG)),
    WININET(CACHE_TIMESTAMPS,            0,       R,       STRUCT(INTERNET_CACHE_TIMESTAMPS)),
    WININET(DIAGNOSTIC_SOCKET_INFO,      0,       R,       STRUCT(INTERNET_DIAGNOSTIC_SOCKET_INFO)),
    WININET(CLIENT_CERT_CONTEXT,         R,       0,       STRUCT(CERT_CONTEXT)),
    WININET(SERVER_CERT_CHAIN_CONTEXT,   0,       R,       POINTER),
    WININET(SECURITY_CERTIFICATE_STRUCT, 0,       R,       STRUCT(INTERNET_CERTIFICATE_INFO)),
    WININET(SECURITY_CERTIFICATE,        0,       R,       ANSI),
    WININET(SECURITY_KEY_BITNESS,        0,       R,       NUMBER),

    /* tin_set_status_callback() does the first; CONTEXT_VALUE is the second, put right */
    REFUSED(CALLBACK),             REFUSED(OLD_CONTEXT_VALUE),
    /* by Microsoft's documentation not implemented, or no longer */
    REFUSED(CONNECT_BACKOFF),      REFUSED(LISTEN_TIMEOUT),      REFUSED(ASYNC_ID),
    REFUSED(ASYNC_PRIORITY),       REFUSED(KEEP_CONNECTION),     REFUSED(OFFLINE_MODE),
    REFUSED(CACHE_STREAM_HANDLE),  REFUSED(ASYNC),               REFUSED(POLICY),
    REFUSED(DISCONNECTED_TIMEOUT), REFUSED(IDLE_STATE),          REFUSED(OFFLINE_SEMANTICS),
    REFUSED(CALLBACK_FILTER),      REFUSED(CONNECT_TIME),        REFUSED(SEND_THROUGHPUT),
    REFUSED(RECEIVE_THROUGHPUT),   REFUSED(DISABLE_AUTODIAL),    REFUSED(IDENTITY),
    REFUSED(REMOVE_IDENTITY),      REFUSED(ALTER_IDENTITY),
};
/* clang-format on */

const tin__option *tin__find_option(DWORD option)
{
    static const tin__option unknown = {0, ALL, ALL, TIN__BY_WININET, 0, ANYTHING};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].option == option)
            return &rows[i];
    return &unknown;
}

bool tin__option_is_dword(const tin__option *row)
{
    return row->shape <= TIN__IS_COUNT || row->shape == TIN__IS_ANYTHING;
}

bool tin__option_is_text(const tin__option *row)
{
    return row->shape == TIN__IS_TEXT || row->shape == TIN__IS_ANSI_TEXT ||
           row->shape == TIN__IS_ANYTHING;
}

bool tin__option_takes(const tin__option *row, const void *value, DWORD size)
{
    DWORD number;

    if (row->shape == TIN__IS_SIGNAL)
        return size == 0;
    if (row->shape == TIN__IS_ANYTHING)
        return value != NULL || size == 0;
    if (row->size == 0 || value == NULL || size != row->size)
        return false;
    memcpy(&number, value, sizeof number);
    if (row->shape == TIN__IS_TIMEOUT) /* Wine 8 says 160 to some 0s, nothing to others */
        return number != 0;
    return row->shape != TIN__IS_COUNT || number != INFINITE; /* it stands for "not set" */
}
