/* SPDX-License-Identifier: MIT */
/* The only file that knows what a GetLastError value means. */
#include "result.h"

#include <string.h>

#define SECURITY_WIN32 /* asked for by <sspi.h>, which comes with <winineti.h> */
#include <winineti.h>  /* codes 12051, 12058, 12059, 12061, 12080, 12147 to 12149 */

_Static_assert(sizeof(tin_result) == 8, "a tin_result is returned in a register");

typedef struct named_error {
    const char *name;
    const char *sentence; /* without its full stop, as tin_describe goes on after it */
} named_error;

/* Indexed by tin_error. */
static const named_error errors[] = {
#define NAMED_ERROR(name, sentence) {#name, sentence},
    TIN_ERROR_MAP(NAMED_ERROR)
#undef NAMED_ERROR
};

typedef struct win32_error {
    uint32_t code;
    tin_error error; /* here, as nothing is lost between the members then */
    const char *symbol;
    const char *sentence; /* NULL: the code says no more than its tin_error does */
} win32_error;

#define ROW(symbol, error, sentence)                                                               \
    {                                                                                              \
        symbol, error, #symbol, sentence                                                           \
    }
#define NO_GOPHER "The gopher protocol is not supported"

/* By number. A sentence is here where it tells more than that of the tin_error. */
static const win32_error win32_errors[] = {
    /* Windows: files of this computer and its neighbours, memory, arguments. */
    ROW(ERROR_FILE_NOT_FOUND, TIN_E_NOT_FOUND, "The file does not exist"),
    ROW(ERROR_PATH_NOT_FOUND, TIN_E_NOT_FOUND, "The folder does not exist"),
    ROW(ERROR_TOO_MANY_OPEN_FILES, TIN_E_MEMORY, "Too many files are open"),
    ROW(ERROR_ACCESS_DENIED, TIN_E_ACCESS, "Permission was denied"),
    ROW(ERROR_INVALID_HANDLE, TIN_E_HANDLE, "The handle is not open"),
    ROW(ERROR_NOT_ENOUGH_MEMORY, TIN_E_MEMORY, "Memory has run out"),
    ROW(ERROR_OUTOFMEMORY, TIN_E_MEMORY, "Memory has run out"),
    ROW(ERROR_NO_MORE_FILES, TIN_E_NO_MORE, "There are no more files"),
    ROW(ERROR_WRITE_PROTECT, TIN_E_ACCESS, "The disk may not be written to"),
    ROW(ERROR_NOT_READY, TIN_E_DISK, "There is no disk in the drive, or it is not ready"),
    ROW(ERROR_CRC, TIN_E_DISK, "The disk holds damaged data"),
    ROW(ERROR_WRITE_FAULT, TIN_E_DISK, "Writing to the disk failed"),
    ROW(ERROR_READ_FAULT, TIN_E_DISK, "Reading from the disk failed"),
    ROW(ERROR_SHARING_VIOLATION, TIN_E_ACCESS, "The file is in use elsewhere"),
    ROW(ERROR_LOCK_VIOLATION, TIN_E_ACCESS, "That part of the file is locked elsewhere"),
    ROW(ERROR_HANDLE_DISK_FULL, TIN_E_DISK, "The disk is full"),
    ROW(ERROR_NOT_SUPPORTED, TIN_E_UNSUPPORTED, NULL),
    ROW(ERROR_BAD_NETPATH, TIN_E_CONNECT, "The file server could not be reached"),
    ROW(ERROR_UNEXP_NET_ERR, TIN_E_CONNECTION_LOST, "The connection to the file server failed"),
    ROW(ERROR_NETNAME_DELETED, TIN_E_CONNECTION_LOST, "The connection to the file server was lost"),
    ROW(ERROR_NETWORK_ACCESS_DENIED, TIN_E_ACCESS, "The file server denied permission"),
    ROW(ERROR_BAD_NET_NAME, TIN_E_NOT_FOUND, "The file server has no share of this name"),
    ROW(ERROR_FILE_EXISTS, TIN_E_EXISTS, "The file exists already"),
    ROW(ERROR_INVALID_PARAMETER, TIN_E_ARGUMENT, NULL),
    ROW(ERROR_DISK_FULL, TIN_E_DISK, "The disk is full"),
    ROW(ERROR_CALL_NOT_IMPLEMENTED, TIN_E_UNSUPPORTED, "This system does not have this function"),
    ROW(ERROR_SEM_TIMEOUT, TIN_E_TIMEOUT, "The file server did not answer in time"),
    ROW(ERROR_INSUFFICIENT_BUFFER, TIN_E_BUFFER_TOO_SMALL, NULL),
    ROW(ERROR_INVALID_NAME, TIN_E_ARGUMENT, "The file name is not valid"),
    ROW(ERROR_PROC_NOT_FOUND, TIN_E_UNSUPPORTED, "This system's WinInet lacks this function"),
    ROW(ERROR_NEGATIVE_SEEK, TIN_E_ARGUMENT, "The position lies before the start of the file"),
    ROW(ERROR_BAD_ARGUMENTS, TIN_E_ARGUMENT, NULL), /* Wine 8.0: an option was given the value 0 */
    ROW(ERROR_BAD_PATHNAME, TIN_E_ARGUMENT, "The path is not valid"),
    ROW(ERROR_ALREADY_EXISTS, TIN_E_EXISTS, NULL),
    ROW(ERROR_FILENAME_EXCED_RANGE, TIN_E_ARGUMENT, "The file name is too long"),
    ROW(ERROR_MORE_DATA, TIN_E_BUFFER_TOO_SMALL, NULL),
    ROW(WAIT_TIMEOUT, TIN_E_TIMEOUT, NULL),
    ROW(ERROR_NO_MORE_ITEMS, TIN_E_NO_MORE, NULL),
    ROW(ERROR_OPERATION_ABORTED, TIN_E_CANCELLED, NULL),
    ROW(ERROR_IO_PENDING, TIN_PENDING, NULL),
    ROW(ERROR_NO_UNICODE_TRANSLATION, TIN_E_ARGUMENT, "The text is not valid UTF-8 or UTF-16"),
    ROW(ERROR_IO_DEVICE, TIN_E_DISK, "The disk failed"),
    ROW(ERROR_NO_NETWORK, TIN_E_OFFLINE, NULL),
    ROW(ERROR_CANCELLED, TIN_E_CANCELLED, "The user cancelled the operation"),
    ROW(ERROR_CONNECTION_REFUSED, TIN_E_CONNECT, "The server refused the connection"),
    ROW(ERROR_NETWORK_UNREACHABLE, TIN_E_CONNECT, "There is no route to the server"),
    ROW(ERROR_HOST_UNREACHABLE, TIN_E_CONNECT, "There is no route to the server"),
    ROW(ERROR_CONNECTION_ABORTED, TIN_E_CONNECTION_LOST, "This computer aborted the connection"),
    ROW(ERROR_LOGON_FAILURE, TIN_E_AUTH, NULL),
    ROW(ERROR_NO_SYSTEM_RESOURCES, TIN_E_MEMORY, NULL),
    ROW(ERROR_COMMITMENT_LIMIT, TIN_E_MEMORY, "The paging file is full"),
    ROW(ERROR_TIMEOUT, TIN_E_TIMEOUT, NULL),

    /* Winsock: Wine 8.0 lets 10053, 10054 and 10060 out of reads, writes and sends. */
    ROW(WSAEACCES, TIN_E_CONNECT, "This computer, perhaps its firewall, forbids the connection"),
    ROW(WSAEMFILE, TIN_E_MEMORY, "Too many sockets are open"),
    ROW(WSAEADDRINUSE, TIN_E_CONNECT, "The local port is in use"),
    ROW(WSAEADDRNOTAVAIL, TIN_E_CONNECT, "The address or port cannot be connected to"),
    ROW(WSAENETDOWN, TIN_E_OFFLINE, "The network of this computer is down"),
    ROW(WSAENETUNREACH, TIN_E_CONNECT, "There is no route to the server"),
    ROW(WSAENETRESET, TIN_E_CONNECTION_LOST, "The connection was found dead"),
    ROW(WSAECONNABORTED, TIN_E_CONNECTION_LOST, "This computer aborted the connection"),
    ROW(WSAECONNRESET, TIN_E_CONNECTION_LOST, "The server reset the connection"),
    ROW(WSAENOBUFS, TIN_E_MEMORY, "Network buffers have run out"),
    ROW(WSAEISCONN, TIN_E_STATE, "The socket is connected already"),
    ROW(WSAENOTCONN, TIN_E_CONNECTION_LOST, "The socket is no longer connected"),
    ROW(WSAESHUTDOWN, TIN_E_CONNECTION_LOST, "The socket has been shut down"),
    ROW(WSAETOOMANYREFS, TIN_E_MEMORY, NULL),
    ROW(WSAETIMEDOUT, TIN_E_TIMEOUT, "The server did not answer in time"),
    ROW(WSAECONNREFUSED, TIN_E_CONNECT, "The server refused the connection"),
    ROW(WSAELOOP, TIN_E_DNS, NULL),
    ROW(WSAENAMETOOLONG, TIN_E_DNS, "The host name is too long"),
    ROW(WSAEHOSTDOWN, TIN_E_CONNECT, "The server is down"),
    ROW(WSAEHOSTUNREACH, TIN_E_CONNECT, "There is no route to the server"),
    ROW(WSAHOST_NOT_FOUND, TIN_E_DNS, "The host name does not exist"),
    ROW(WSATRY_AGAIN, TIN_E_DNS, "The name server did not answer; later it may"),
    ROW(WSANO_RECOVERY, TIN_E_DNS, "The name server failed"),
    ROW(WSANO_DATA, TIN_E_DNS, "The host name exists, but has no address"),

    /* WinInet */
    /* Wine 8.0: the FTP data connection was reset; this number is no error in any header. */
    ROW(INTERNET_ERROR_BASE, TIN_E_CONNECTION_LOST, "The FTP data connection was lost"),
    ROW(ERROR_INTERNET_OUT_OF_HANDLES, TIN_E_MEMORY, "WinInet has no more handles"),
    ROW(ERROR_INTERNET_TIMEOUT, TIN_E_TIMEOUT, "The server did not answer in time"),
    ROW(ERROR_INTERNET_EXTENDED_ERROR, TIN_E_SERVER, NULL),
    ROW(ERROR_INTERNET_INTERNAL_ERROR, TIN_E_INTERNAL, "WinInet failed in its own code"),
    ROW(ERROR_INTERNET_INVALID_URL, TIN_E_URL, NULL),
    ROW(ERROR_INTERNET_UNRECOGNIZED_SCHEME, TIN_E_UNSUPPORTED, "The URL's scheme is not supported"),
    ROW(ERROR_INTERNET_NAME_NOT_RESOLVED, TIN_E_DNS, NULL),
    ROW(ERROR_INTERNET_PROTOCOL_NOT_FOUND, TIN_E_UNSUPPORTED, "The protocol is not supported"),
    ROW(ERROR_INTERNET_INVALID_OPTION, TIN_E_UNSUPPORTED, "WinInet does not know this option"),
    ROW(ERROR_INTERNET_BAD_OPTION_LENGTH, TIN_E_ARGUMENT, "The option's value has the wrong size"),
    ROW(ERROR_INTERNET_OPTION_NOT_SETTABLE, TIN_E_ARGUMENT, "The option can only be read"),
    ROW(ERROR_INTERNET_SHUTDOWN, TIN_E_STATE, "WinInet is shutting down"),
    ROW(ERROR_INTERNET_INCORRECT_USER_NAME, TIN_E_AUTH, "The user name was not accepted"),
    ROW(ERROR_INTERNET_INCORRECT_PASSWORD, TIN_E_AUTH, "The password was not accepted"),
    ROW(ERROR_INTERNET_LOGIN_FAILURE, TIN_E_AUTH, "The server did not let the user log in"),
    ROW(ERROR_INTERNET_INVALID_OPERATION, TIN_E_STATE, "The handle cannot do this"),
    ROW(ERROR_INTERNET_OPERATION_CANCELLED, TIN_E_CANCELLED, NULL),
    ROW(ERROR_INTERNET_INCORRECT_HANDLE_TYPE, TIN_E_HANDLE, "The handle is of the wrong kind"),
    ROW(ERROR_INTERNET_INCORRECT_HANDLE_STATE, TIN_E_STATE, NULL),
    ROW(ERROR_INTERNET_NOT_PROXY_REQUEST, TIN_E_PROXY, "The request does not go through a proxy"),
    ROW(ERROR_INTERNET_REGISTRY_VALUE_NOT_FOUND, TIN_E_CONFIG,
        "A registry value that WinInet needs is missing"),
    ROW(ERROR_INTERNET_BAD_REGISTRY_PARAMETER, TIN_E_CONFIG,
        "A registry value that WinInet needs is wrong"),
    ROW(ERROR_INTERNET_NO_DIRECT_ACCESS, TIN_E_CONNECT, "The network has no direct way out"),
    ROW(ERROR_INTERNET_NO_CONTEXT, TIN_E_ARGUMENT, "A context value is needed"),
    ROW(ERROR_INTERNET_NO_CALLBACK, TIN_E_ARGUMENT, "A status callback is needed"),
    ROW(ERROR_INTERNET_REQUEST_PENDING, TIN_E_STATE, "The handle is busy with another request"),
    ROW(ERROR_INTERNET_INCORRECT_FORMAT, TIN_E_ARGUMENT, "The request has the wrong format"),
    ROW(ERROR_INTERNET_ITEM_NOT_FOUND, TIN_E_NOT_FOUND, NULL),
    ROW(ERROR_INTERNET_CANNOT_CONNECT, TIN_E_CONNECT, NULL),
    /* Wine 8.0 says this also of time-outs before the body and in TLS; the caller has the clock. */
    ROW(ERROR_INTERNET_CONNECTION_ABORTED, TIN_E_CONNECTION_LOST, NULL),
    ROW(ERROR_INTERNET_CONNECTION_RESET, TIN_E_CONNECTION_LOST, "The server reset the connection"),
    ROW(ERROR_INTERNET_FORCE_RETRY, TIN_E_RETRY, NULL),
    ROW(ERROR_INTERNET_INVALID_PROXY_REQUEST, TIN_E_PROXY, "The proxy cannot take this request"),
    ROW(ERROR_INTERNET_NEED_UI, TIN_E_USER_INPUT, NULL),
    ROW(ERROR_INTERNET_HANDLE_EXISTS, TIN_E_STATE, "There is such a handle already"),
    ROW(ERROR_INTERNET_SEC_CERT_DATE_INVALID, TIN_E_CERT_EXPIRED, NULL),
    ROW(ERROR_INTERNET_SEC_CERT_CN_INVALID, TIN_E_CERT_NAME, NULL),
    ROW(ERROR_INTERNET_HTTP_TO_HTTPS_ON_REDIR, TIN_E_SECURITY_ZONE,
        "A redirect from http to https was refused"),
    ROW(ERROR_INTERNET_HTTPS_TO_HTTP_ON_REDIR, TIN_E_SECURITY_ZONE,
        "A redirect from https to http was refused"),
    ROW(ERROR_INTERNET_MIXED_SECURITY, TIN_E_SECURITY_ZONE, "The page mixes http with https"),
    ROW(ERROR_INTERNET_CHG_POST_IS_NON_SECURE, TIN_E_SECURITY_ZONE,
        "A form would be sent on without encryption"),
    ROW(ERROR_INTERNET_POST_IS_NON_SECURE, TIN_E_SECURITY_ZONE,
        "A form would be sent without encryption"),
    ROW(ERROR_INTERNET_CLIENT_AUTH_CERT_NEEDED, TIN_E_CLIENT_CERT,
        "The server asks for a client certificate"),
    ROW(ERROR_INTERNET_INVALID_CA, TIN_E_CERT_UNTRUSTED, NULL),
    ROW(ERROR_INTERNET_CLIENT_AUTH_NOT_SETUP, TIN_E_CLIENT_CERT,
        "Client certificates are not set up on this computer"),
    ROW(ERROR_INTERNET_ASYNC_THREAD_FAILED, TIN_E_MEMORY, "WinInet could not start a thread"),
    ROW(ERROR_INTERNET_REDIRECT_SCHEME_CHANGE, TIN_E_REDIRECT,
        "A redirect leads to another kind of URL"),
    ROW(ERROR_INTERNET_DIALOG_PENDING, TIN_E_USER_INPUT, "A dialog is waiting for its answer"),
    ROW(ERROR_INTERNET_RETRY_DIALOG, TIN_E_USER_INPUT, "The dialog has to be shown once more"),
    ROW(ERROR_INTERNET_NO_NEW_CONTAINERS, TIN_E_CACHE, "The cache takes no new containers"),
    ROW(ERROR_INTERNET_HTTPS_HTTP_SUBMIT_REDIR, TIN_E_SECURITY_ZONE,
        "A redirect would send a form from https to http"),
    ROW(ERROR_INTERNET_INSERT_CDROM, TIN_E_USER_INPUT, "The user has to insert a CD-ROM"),
    ROW(ERROR_INTERNET_FORTEZZA_LOGIN_NEEDED, TIN_E_AUTH, "A Fortezza log-in is needed"),
    ROW(ERROR_INTERNET_SEC_CERT_ERRORS, TIN_E_CERT_SEVERAL, NULL),
    ROW(ERROR_INTERNET_SEC_CERT_NO_REV, TIN_E_CERT_REVOCATION, NULL),
    /* Wine 8.0 says this of an issuer that it does not know; Windows, by documentation, 12045. */
    ROW(ERROR_INTERNET_SEC_CERT_REV_FAILED, TIN_E_CERT_REVOCATION,
        "The server's certificate could not be checked for revocation, or its issuer is unknown"),
    ROW(ERROR_INTERNET_SOURCE_PORT_IN_USE, TIN_E_CONNECT, "The local port is in use"),
    ROW(ERROR_INTERNET_INSECURE_FALLBACK_REQUIRED, TIN_E_TLS,
        "The server knows only versions of TLS that are not safe"),
    ROW(ERROR_HTTP_HSTS_REDIRECT_REQUIRED, TIN_E_REDIRECT, "The host demands https, not http"),
    ROW(ERROR_INTERNET_PROXY_ALERT, TIN_E_PROXY, "The proxy needs attention"),
    ROW(ERROR_INTERNET_SEC_CERT_WEAK_SIGNATURE, TIN_E_CERT_WEAK, NULL),
    ROW(ERROR_INTERNET_NO_CM_CONNECTION, TIN_E_CONNECT, "No dial-up connection could be made"),
    ROW(ERROR_FTP_TRANSFER_IN_PROGRESS, TIN_E_FTP, "The FTP connection is busy with a transfer"),
    ROW(ERROR_FTP_DROPPED, TIN_E_CONNECTION_LOST, "The FTP server ended the connection"),
    ROW(ERROR_FTP_NO_PASSIVE_MODE, TIN_E_FTP, "The FTP server has no passive mode"),
    ROW(ERROR_GOPHER_PROTOCOL_ERROR, TIN_E_UNSUPPORTED, NO_GOPHER),
    ROW(ERROR_GOPHER_NOT_FILE, TIN_E_UNSUPPORTED, NO_GOPHER),
    ROW(ERROR_GOPHER_DATA_ERROR, TIN_E_UNSUPPORTED, NO_GOPHER),
    ROW(ERROR_GOPHER_END_OF_DATA, TIN_E_UNSUPPORTED, NO_GOPHER),
    ROW(ERROR_GOPHER_INVALID_LOCATOR, TIN_E_UNSUPPORTED, NO_GOPHER),
    ROW(ERROR_GOPHER_INCORRECT_LOCATOR_TYPE, TIN_E_UNSUPPORTED, NO_GOPHER),
    ROW(ERROR_GOPHER_NOT_GOPHER_PLUS, TIN_E_UNSUPPORTED, NO_GOPHER),
    ROW(ERROR_GOPHER_ATTRIBUTE_NOT_FOUND, TIN_E_UNSUPPORTED, NO_GOPHER),
    ROW(ERROR_GOPHER_UNKNOWN_LOCATOR, TIN_E_UNSUPPORTED, NO_GOPHER),
    ROW(ERROR_HTTP_PUSH_STATUS_CODE_NOT_SUPPORTED, TIN_E_PROTOCOL,
        "A pushed answer has a status that is not allowed"),
    ROW(ERROR_HTTP_PUSH_RETRY_NOT_SUPPORTED, TIN_E_PROTOCOL, "A pushed answer cannot be retried"),
    ROW(ERROR_HTTP_PUSH_ENABLE_FAILED, TIN_E_PROTOCOL, "HTTP push could not be turned on"),
    ROW(ERROR_HTTP_HEADER_NOT_FOUND, TIN_E_NOT_FOUND, "There is no such header"),
    ROW(ERROR_HTTP_DOWNLEVEL_SERVER, TIN_E_PROTOCOL, "The server sent no headers"),
    ROW(ERROR_HTTP_INVALID_SERVER_RESPONSE, TIN_E_PROTOCOL, NULL),
    /* Wine 8.0: HttpQueryInfo was asked for a number and the server sent none. A header that is to
       be sent does not come here, as thininet has checked it. */
    ROW(ERROR_HTTP_INVALID_HEADER, TIN_E_PROTOCOL, "A header is not valid"),
    ROW(ERROR_HTTP_INVALID_QUERY_REQUEST, TIN_E_ARGUMENT, "Nothing like this can be queried"),
    ROW(ERROR_HTTP_HEADER_ALREADY_EXISTS, TIN_E_EXISTS, "The request has this header already"),
    ROW(ERROR_HTTP_REDIRECT_FAILED, TIN_E_REDIRECT, "The redirects lead nowhere"),
    ROW(ERROR_INTERNET_SECURITY_CHANNEL_ERROR, TIN_E_TLS, NULL),
    ROW(ERROR_INTERNET_UNABLE_TO_CACHE_FILE, TIN_E_CACHE, NULL),
    ROW(ERROR_INTERNET_TCPIP_NOT_INSTALLED, TIN_E_CONNECT, "This computer has no TCP/IP"),
    ROW(ERROR_HTTP_NOT_REDIRECTED, TIN_E_REDIRECT, "The request was not redirected"),
    ROW(ERROR_HTTP_COOKIE_NEEDS_CONFIRMATION, TIN_E_COOKIE, "The user must consent to the cookie"),
    ROW(ERROR_HTTP_COOKIE_DECLINED, TIN_E_COOKIE, "The cookie was declined"),
    ROW(ERROR_INTERNET_DISCONNECTED, TIN_E_OFFLINE, NULL),
    ROW(ERROR_INTERNET_SERVER_UNREACHABLE, TIN_E_CONNECT, NULL),
    ROW(ERROR_INTERNET_PROXY_SERVER_UNREACHABLE, TIN_E_PROXY, "The proxy could not be reached"),
    ROW(ERROR_INTERNET_BAD_AUTO_PROXY_SCRIPT, TIN_E_PROXY, "The proxy script has an error"),
    ROW(ERROR_INTERNET_UNABLE_TO_DOWNLOAD_SCRIPT, TIN_E_PROXY,
        "The proxy script could not be fetched"),
    ROW(ERROR_HTTP_REDIRECT_NEEDS_CONFIRMATION, TIN_E_REDIRECT,
        "The user must consent to the redirect"),
    ROW(ERROR_INTERNET_SEC_INVALID_CERT, TIN_E_CERT_INVALID, NULL),
    ROW(ERROR_INTERNET_SEC_CERT_REVOKED, TIN_E_CERT_REVOKED, NULL),
    ROW(ERROR_INTERNET_FAILED_DUETOSECURITYCHECK, TIN_E_SECURITY_ZONE,
        "A security check of this computer refused it"),
    ROW(ERROR_INTERNET_NOT_INITIALIZED, TIN_E_STATE, "WinInet has not been started"),
    ROW(ERROR_INTERNET_NEED_MSN_SSPI_PKG, TIN_E_AUTH, "The log-in needs MSN's security package"),
    ROW(ERROR_INTERNET_LOGIN_FAILURE_DISPLAY_ENTITY_BODY, TIN_E_AUTH,
        "The log-in failed; the body of the answer says why"),
    ROW(ERROR_INTERNET_DECODING_FAILED, TIN_E_DECODING, NULL),
    ROW(ERROR_INTERNET_CLIENT_AUTH_CERT_NEEDED_PROXY, TIN_E_CLIENT_CERT,
        "The proxy asks for a client certificate"),
    ROW(ERROR_INTERNET_SECURE_FAILURE_PROXY, TIN_E_TLS,
        "A secure connection to the proxy could not be negotiated"),
    ROW(ERROR_INTERNET_HTTP_PROTOCOL_MISMATCH, TIN_E_PROTOCOL,
        "The server needs another version of HTTP"),
    ROW(ERROR_INTERNET_GLOBAL_CALLBACK_FAILED, TIN_E_CONFIG,
        "A callback that watches all WinInet calls failed"),
    ROW(ERROR_INTERNET_FEATURE_DISABLED, TIN_E_CONFIG, "The feature is turned off"),
};

/* The longest line has about 150 characters; the tests walk them all. */
enum { LINE_SIZE = 256 };

typedef struct line_buffer {
    char text[LINE_SIZE];
    size_t length;
} line_buffer;

static const named_error *find_named(tin_error error)
{
    static const named_error unknown = {"TIN_E_UNKNOWN", "This is no result of thininet"};
    size_t index = (size_t)error;

    return index < sizeof errors / sizeof errors[0] ? &errors[index] : &unknown;
}

/* A walk, as it stays right when a row is out of order, and failures can wait. */
static const win32_error *find_win32(uint32_t code)
{
    const win32_error *end = win32_errors + sizeof win32_errors / sizeof win32_errors[0];

    for (const win32_error *row = win32_errors; row < end; row++) {
        if (row->code == code)
            return row;
    }
    return NULL;
}

static void append(line_buffer *line, const char *text)
{
    for (; *text != '\0' && line->length < LINE_SIZE; text++)
        line->text[line->length++] = *text;
}

static void append_number(line_buffer *line, uint32_t number)
{
    char digits[sizeof "4294967295"];
    char *first = digits + sizeof digits - 1;

    *first = '\0';
    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    append(line, first);
}

static void compose(line_buffer *line, tin_result result)
{
    const named_error *named = find_named(result.error);
    const win32_error *row = find_win32(result.last_error);
    bool precise = row != NULL && row->error == result.error && row->sentence != NULL;

    line->length = 0;
    append(line, precise ? row->sentence : named->sentence);
    append(line, " (");
    append(line, named->name);
    if (result.last_error != 0) {
        append(line, ", ");
        append_number(line, result.last_error);
    }
    if (row != NULL) {
        append(line, " ");
        append(line, row->symbol);
    }
    append(line, ").");
}

/* How many of a line's characters fit before the NUL, where there is room for at least that. */
static size_t fit(const line_buffer *line, size_t room)
{
    return line->length < room ? line->length : room - 1;
}

tin_result tin__fail(tin_error error)
{
    return (tin_result){error, 0};
}

tin_result tin__from_win32(DWORD code)
{
    const win32_error *row = find_win32(code);

    /* Code 0 ends here as well. Wine 8.0: InternetConnect with a service that it lacks, and
       FtpFindFirstFile without a match, return NULL and leave GetLastError at 0. */
    return (tin_result){row != NULL ? row->error : TIN_E_INTERNAL, code};
}

const char *tin_error_name(tin_error error)
{
    return find_named(error)->name;
}

size_t tin_describe(tin_result result, char *text, size_t size)
{
    line_buffer line;

    compose(&line, result);
    if (text != NULL && size > 0) {
        size_t kept = fit(&line, size);

        memcpy(text, line.text, kept);
        text[kept] = '\0';
    }
    return line.length;
}

size_t tin_describe_w(tin_result result, wchar_t *text, size_t size)
{
    line_buffer line;
    size_t room = size / sizeof *text;

    compose(&line, result);
    if (text != NULL && room > 0) {
        size_t kept = fit(&line, room);

        for (size_t i = 0; i < kept; i++)
            text[i] = (wchar_t)line.text[i]; /* ASCII */
        text[kept] = L'\0';
    }
    return line.length * sizeof *text;
}
