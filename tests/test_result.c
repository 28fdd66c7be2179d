/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "internal.h"

/* Written apart from src/error_table.h: numbers, symbols and errors are literals here. */
static const struct {
    uint32_t code;
    const char *symbol;
    tin_error error;
} known_codes[] = {
    {997, "ERROR_IO_PENDING", TIN_PENDING},

    {87, "ERROR_INVALID_PARAMETER", TIN_E_ARGUMENT},
    {123, "ERROR_INVALID_NAME", TIN_E_ARGUMENT},
    {131, "ERROR_NEGATIVE_SEEK", TIN_E_ARGUMENT},
    {160, "ERROR_BAD_ARGUMENTS", TIN_E_ARGUMENT},
    {161, "ERROR_BAD_PATHNAME", TIN_E_ARGUMENT},
    {206, "ERROR_FILENAME_EXCED_RANGE", TIN_E_ARGUMENT},
    {1113, "ERROR_NO_UNICODE_TRANSLATION", TIN_E_ARGUMENT},
    {12010, "ERROR_INTERNET_BAD_OPTION_LENGTH", TIN_E_ARGUMENT},
    {12011, "ERROR_INTERNET_OPTION_NOT_SETTABLE", TIN_E_ARGUMENT},
    {12024, "ERROR_INTERNET_NO_CONTEXT", TIN_E_ARGUMENT},
    {12025, "ERROR_INTERNET_NO_CALLBACK", TIN_E_ARGUMENT},
    {12027, "ERROR_INTERNET_INCORRECT_FORMAT", TIN_E_ARGUMENT},
    {12154, "ERROR_HTTP_INVALID_QUERY_REQUEST", TIN_E_ARGUMENT},

    {6, "ERROR_INVALID_HANDLE", TIN_E_HANDLE},
    {12018, "ERROR_INTERNET_INCORRECT_HANDLE_TYPE", TIN_E_HANDLE},

    {10056, "WSAEISCONN", TIN_E_STATE},
    {12012, "ERROR_INTERNET_SHUTDOWN", TIN_E_STATE},
    {12016, "ERROR_INTERNET_INVALID_OPERATION", TIN_E_STATE},
    {12019, "ERROR_INTERNET_INCORRECT_HANDLE_STATE", TIN_E_STATE},
    {12026, "ERROR_INTERNET_REQUEST_PENDING", TIN_E_STATE},
    {12036, "ERROR_INTERNET_HANDLE_EXISTS", TIN_E_STATE},
    {12172, "ERROR_INTERNET_NOT_INITIALIZED", TIN_E_STATE},

    {50, "ERROR_NOT_SUPPORTED", TIN_E_UNSUPPORTED},
    {120, "ERROR_CALL_NOT_IMPLEMENTED", TIN_E_UNSUPPORTED},
    {127, "ERROR_PROC_NOT_FOUND", TIN_E_UNSUPPORTED},
    {12006, "ERROR_INTERNET_UNRECOGNIZED_SCHEME", TIN_E_UNSUPPORTED},
    {12008, "ERROR_INTERNET_PROTOCOL_NOT_FOUND", TIN_E_UNSUPPORTED},
    {12009, "ERROR_INTERNET_INVALID_OPTION", TIN_E_UNSUPPORTED},
    {12130, "ERROR_GOPHER_PROTOCOL_ERROR", TIN_E_UNSUPPORTED},
    {12131, "ERROR_GOPHER_NOT_FILE", TIN_E_UNSUPPORTED},
    {12132, "ERROR_GOPHER_DATA_ERROR", TIN_E_UNSUPPORTED},
    {12133, "ERROR_GOPHER_END_OF_DATA", TIN_E_UNSUPPORTED},
    {12134, "ERROR_GOPHER_INVALID_LOCATOR", TIN_E_UNSUPPORTED},
    {12135, "ERROR_GOPHER_INCORRECT_LOCATOR_TYPE", TIN_E_UNSUPPORTED},
    {12136, "ERROR_GOPHER_NOT_GOPHER_PLUS", TIN_E_UNSUPPORTED},
    {12137, "ERROR_GOPHER_ATTRIBUTE_NOT_FOUND", TIN_E_UNSUPPORTED},
    {12138, "ERROR_GOPHER_UNKNOWN_LOCATOR", TIN_E_UNSUPPORTED},

    {4, "ERROR_TOO_MANY_OPEN_FILES", TIN_E_MEMORY},
    {8, "ERROR_NOT_ENOUGH_MEMORY", TIN_E_MEMORY},
    {14, "ERROR_OUTOFMEMORY", TIN_E_MEMORY},
    {1450, "ERROR_NO_SYSTEM_RESOURCES", TIN_E_MEMORY},
    {1455, "ERROR_COMMITMENT_LIMIT", TIN_E_MEMORY},
    {10024, "WSAEMFILE", TIN_E_MEMORY},
    {10055, "WSAENOBUFS", TIN_E_MEMORY},
    {10059, "WSAETOOMANYREFS", TIN_E_MEMORY},
    {12001, "ERROR_INTERNET_OUT_OF_HANDLES", TIN_E_MEMORY},
    {12047, "ERROR_INTERNET_ASYNC_THREAD_FAILED", TIN_E_MEMORY},

    {122, "ERROR_INSUFFICIENT_BUFFER", TIN_E_BUFFER_TOO_SMALL},
    {234, "ERROR_MORE_DATA", TIN_E_BUFFER_TOO_SMALL},

    {2, "ERROR_FILE_NOT_FOUND", TIN_E_NOT_FOUND},
    {3, "ERROR_PATH_NOT_FOUND", TIN_E_NOT_FOUND},
    {67, "ERROR_BAD_NET_NAME", TIN_E_NOT_FOUND},
    {12028, "ERROR_INTERNET_ITEM_NOT_FOUND", TIN_E_NOT_FOUND},
    {12150, "ERROR_HTTP_HEADER_NOT_FOUND", TIN_E_NOT_FOUND},

    {18, "ERROR_NO_MORE_FILES", TIN_E_NO_MORE},
    {259, "ERROR_NO_MORE_ITEMS", TIN_E_NO_MORE},

    {12005, "ERROR_INTERNET_INVALID_URL", TIN_E_URL},

    {121, "ERROR_SEM_TIMEOUT", TIN_E_TIMEOUT},
    {258, "WAIT_TIMEOUT", TIN_E_TIMEOUT},
    {1460, "ERROR_TIMEOUT", TIN_E_TIMEOUT},
    {10060, "WSAETIMEDOUT", TIN_E_TIMEOUT},
    {12002, "ERROR_INTERNET_TIMEOUT", TIN_E_TIMEOUT},

    {995, "ERROR_OPERATION_ABORTED", TIN_E_CANCELLED},
    {1223, "ERROR_CANCELLED", TIN_E_CANCELLED},
    {12017, "ERROR_INTERNET_OPERATION_CANCELLED", TIN_E_CANCELLED},

    {10062, "WSAELOOP", TIN_E_DNS},
    {10063, "WSAENAMETOOLONG", TIN_E_DNS},
    {11001, "WSAHOST_NOT_FOUND", TIN_E_DNS},
    {11002, "WSATRY_AGAIN", TIN_E_DNS},
    {11003, "WSANO_RECOVERY", TIN_E_DNS},
    {11004, "WSANO_DATA", TIN_E_DNS},
    {12007, "ERROR_INTERNET_NAME_NOT_RESOLVED", TIN_E_DNS},

    {53, "ERROR_BAD_NETPATH", TIN_E_CONNECT},
    {1225, "ERROR_CONNECTION_REFUSED", TIN_E_CONNECT},
    {1231, "ERROR_NETWORK_UNREACHABLE", TIN_E_CONNECT},
    {1232, "ERROR_HOST_UNREACHABLE", TIN_E_CONNECT},
    {10013, "WSAEACCES", TIN_E_CONNECT},
    {10048, "WSAEADDRINUSE", TIN_E_CONNECT},
    {10049, "WSAEADDRNOTAVAIL", TIN_E_CONNECT},
    {10051, "WSAENETUNREACH", TIN_E_CONNECT},
    {10061, "WSAECONNREFUSED", TIN_E_CONNECT},
    {10064, "WSAEHOSTDOWN", TIN_E_CONNECT},
    {10065, "WSAEHOSTUNREACH", TIN_E_CONNECT},
    {12023, "ERROR_INTERNET_NO_DIRECT_ACCESS", TIN_E_CONNECT},
    {12029, "ERROR_INTERNET_CANNOT_CONNECT", TIN_E_CONNECT},
    {12058, "ERROR_INTERNET_SOURCE_PORT_IN_USE", TIN_E_CONNECT},
    {12080, "ERROR_INTERNET_NO_CM_CONNECTION", TIN_E_CONNECT},
    {12159, "ERROR_INTERNET_TCPIP_NOT_INSTALLED", TIN_E_CONNECT},
    {12164, "ERROR_INTERNET_SERVER_UNREACHABLE", TIN_E_CONNECT},

    {1222, "ERROR_NO_NETWORK", TIN_E_OFFLINE},
    {10050, "WSAENETDOWN", TIN_E_OFFLINE},
    {12163, "ERROR_INTERNET_DISCONNECTED", TIN_E_OFFLINE},

    {59, "ERROR_UNEXP_NET_ERR", TIN_E_CONNECTION_LOST},
    {64, "ERROR_NETNAME_DELETED", TIN_E_CONNECTION_LOST},
    {1236, "ERROR_CONNECTION_ABORTED", TIN_E_CONNECTION_LOST},
    {10052, "WSAENETRESET", TIN_E_CONNECTION_LOST},
    {10053, "WSAECONNABORTED", TIN_E_CONNECTION_LOST},
    {10054, "WSAECONNRESET", TIN_E_CONNECTION_LOST},
    {10057, "WSAENOTCONN", TIN_E_CONNECTION_LOST},
    {10058, "WSAESHUTDOWN", TIN_E_CONNECTION_LOST},
    {12000, "INTERNET_ERROR_BASE", TIN_E_CONNECTION_LOST},
    {12030, "ERROR_INTERNET_CONNECTION_ABORTED", TIN_E_CONNECTION_LOST},
    {12031, "ERROR_INTERNET_CONNECTION_RESET", TIN_E_CONNECTION_LOST},
    {12111, "ERROR_FTP_DROPPED", TIN_E_CONNECTION_LOST},

    {12147, "ERROR_HTTP_PUSH_STATUS_CODE_NOT_SUPPORTED", TIN_E_PROTOCOL},
    {12148, "ERROR_HTTP_PUSH_RETRY_NOT_SUPPORTED", TIN_E_PROTOCOL},
    {12149, "ERROR_HTTP_PUSH_ENABLE_FAILED", TIN_E_PROTOCOL},
    {12151, "ERROR_HTTP_DOWNLEVEL_SERVER", TIN_E_PROTOCOL},
    {12152, "ERROR_HTTP_INVALID_SERVER_RESPONSE", TIN_E_PROTOCOL},
    {12153, "ERROR_HTTP_INVALID_HEADER", TIN_E_PROTOCOL},
    {12190, "ERROR_INTERNET_HTTP_PROTOCOL_MISMATCH", TIN_E_PROTOCOL},

    {12175, "ERROR_INTERNET_DECODING_FAILED", TIN_E_DECODING},

    {12048, "ERROR_INTERNET_REDIRECT_SCHEME_CHANGE", TIN_E_REDIRECT},
    {12060, "ERROR_HTTP_HSTS_REDIRECT_REQUIRED", TIN_E_REDIRECT},
    {12156, "ERROR_HTTP_REDIRECT_FAILED", TIN_E_REDIRECT},
    {12160, "ERROR_HTTP_NOT_REDIRECTED", TIN_E_REDIRECT},
    {12168, "ERROR_HTTP_REDIRECT_NEEDS_CONFIRMATION", TIN_E_REDIRECT},

    {12020, "ERROR_INTERNET_NOT_PROXY_REQUEST", TIN_E_PROXY},
    {12033, "ERROR_INTERNET_INVALID_PROXY_REQUEST", TIN_E_PROXY},
    {12061, "ERROR_INTERNET_PROXY_ALERT", TIN_E_PROXY},
    {12165, "ERROR_INTERNET_PROXY_SERVER_UNREACHABLE", TIN_E_PROXY},
    {12166, "ERROR_INTERNET_BAD_AUTO_PROXY_SCRIPT", TIN_E_PROXY},
    {12167, "ERROR_INTERNET_UNABLE_TO_DOWNLOAD_SCRIPT", TIN_E_PROXY},

    {1326, "ERROR_LOGON_FAILURE", TIN_E_AUTH},
    {12013, "ERROR_INTERNET_INCORRECT_USER_NAME", TIN_E_AUTH},
    {12014, "ERROR_INTERNET_INCORRECT_PASSWORD", TIN_E_AUTH},
    {12015, "ERROR_INTERNET_LOGIN_FAILURE", TIN_E_AUTH},
    {12054, "ERROR_INTERNET_FORTEZZA_LOGIN_NEEDED", TIN_E_AUTH},
    {12173, "ERROR_INTERNET_NEED_MSN_SSPI_PKG", TIN_E_AUTH},
    {12174, "ERROR_INTERNET_LOGIN_FAILURE_DISPLAY_ENTITY_BODY", TIN_E_AUTH},

    {12059, "ERROR_INTERNET_INSECURE_FALLBACK_REQUIRED", TIN_E_TLS},
    {12157, "ERROR_INTERNET_SECURITY_CHANNEL_ERROR", TIN_E_TLS},
    {12188, "ERROR_INTERNET_SECURE_FAILURE_PROXY", TIN_E_TLS},

    {12037, "ERROR_INTERNET_SEC_CERT_DATE_INVALID", TIN_E_CERT_EXPIRED},
    {12038, "ERROR_INTERNET_SEC_CERT_CN_INVALID", TIN_E_CERT_NAME},
    {12045, "ERROR_INTERNET_INVALID_CA", TIN_E_CERT_UNTRUSTED},
    {12170, "ERROR_INTERNET_SEC_CERT_REVOKED", TIN_E_CERT_REVOKED},
    {12056, "ERROR_INTERNET_SEC_CERT_NO_REV", TIN_E_CERT_REVOCATION},
    {12057, "ERROR_INTERNET_SEC_CERT_REV_FAILED", TIN_E_CERT_REVOCATION},
    {12169, "ERROR_INTERNET_SEC_INVALID_CERT", TIN_E_CERT_INVALID},
    {12062, "ERROR_INTERNET_SEC_CERT_WEAK_SIGNATURE", TIN_E_CERT_WEAK},
    {12055, "ERROR_INTERNET_SEC_CERT_ERRORS", TIN_E_CERT_SEVERAL},

    {12044, "ERROR_INTERNET_CLIENT_AUTH_CERT_NEEDED", TIN_E_CLIENT_CERT},
    {12046, "ERROR_INTERNET_CLIENT_AUTH_NOT_SETUP", TIN_E_CLIENT_CERT},
    {12187, "ERROR_INTERNET_CLIENT_AUTH_CERT_NEEDED_PROXY", TIN_E_CLIENT_CERT},

    {12039, "ERROR_INTERNET_HTTP_TO_HTTPS_ON_REDIR", TIN_E_SECURITY_ZONE},
    {12040, "ERROR_INTERNET_HTTPS_TO_HTTP_ON_REDIR", TIN_E_SECURITY_ZONE},
    {12041, "ERROR_INTERNET_MIXED_SECURITY", TIN_E_SECURITY_ZONE},
    {12042, "ERROR_INTERNET_CHG_POST_IS_NON_SECURE", TIN_E_SECURITY_ZONE},
    {12043, "ERROR_INTERNET_POST_IS_NON_SECURE", TIN_E_SECURITY_ZONE},
    {12052, "ERROR_INTERNET_HTTPS_HTTP_SUBMIT_REDIR", TIN_E_SECURITY_ZONE},
    {12171, "ERROR_INTERNET_FAILED_DUETOSECURITYCHECK", TIN_E_SECURITY_ZONE},

    {12003, "ERROR_INTERNET_EXTENDED_ERROR", TIN_E_SERVER},

    {12110, "ERROR_FTP_TRANSFER_IN_PROGRESS", TIN_E_FTP},
    {12112, "ERROR_FTP_NO_PASSIVE_MODE", TIN_E_FTP},

    {5, "ERROR_ACCESS_DENIED", TIN_E_ACCESS},
    {19, "ERROR_WRITE_PROTECT", TIN_E_ACCESS},
    {32, "ERROR_SHARING_VIOLATION", TIN_E_ACCESS},
    {33, "ERROR_LOCK_VIOLATION", TIN_E_ACCESS},
    {65, "ERROR_NETWORK_ACCESS_DENIED", TIN_E_ACCESS},

    {80, "ERROR_FILE_EXISTS", TIN_E_EXISTS},
    {183, "ERROR_ALREADY_EXISTS", TIN_E_EXISTS},
    {12155, "ERROR_HTTP_HEADER_ALREADY_EXISTS", TIN_E_EXISTS},

    {21, "ERROR_NOT_READY", TIN_E_DISK},
    {23, "ERROR_CRC", TIN_E_DISK},
    {29, "ERROR_WRITE_FAULT", TIN_E_DISK},
    {30, "ERROR_READ_FAULT", TIN_E_DISK},
    {39, "ERROR_HANDLE_DISK_FULL", TIN_E_DISK},
    {112, "ERROR_DISK_FULL", TIN_E_DISK},
    {1117, "ERROR_IO_DEVICE", TIN_E_DISK},

    {12051, "ERROR_INTERNET_NO_NEW_CONTAINERS", TIN_E_CACHE},
    {12158, "ERROR_INTERNET_UNABLE_TO_CACHE_FILE", TIN_E_CACHE},

    {12161, "ERROR_HTTP_COOKIE_NEEDS_CONFIRMATION", TIN_E_COOKIE},
    {12162, "ERROR_HTTP_COOKIE_DECLINED", TIN_E_COOKIE},

    {12034, "ERROR_INTERNET_NEED_UI", TIN_E_USER_INPUT},
    {12049, "ERROR_INTERNET_DIALOG_PENDING", TIN_E_USER_INPUT},
    {12050, "ERROR_INTERNET_RETRY_DIALOG", TIN_E_USER_INPUT},
    {12053, "ERROR_INTERNET_INSERT_CDROM", TIN_E_USER_INPUT},

    {12032, "ERROR_INTERNET_FORCE_RETRY", TIN_E_RETRY},

    {12021, "ERROR_INTERNET_REGISTRY_VALUE_NOT_FOUND", TIN_E_CONFIG},
    {12022, "ERROR_INTERNET_BAD_REGISTRY_PARAMETER", TIN_E_CONFIG},
    {12191, "ERROR_INTERNET_GLOBAL_CALLBACK_FAILED", TIN_E_CONFIG},
    {12192, "ERROR_INTERNET_FEATURE_DISABLED", TIN_E_CONFIG},

    {12004, "ERROR_INTERNET_INTERNAL_ERROR", TIN_E_INTERNAL},
};

/* The values are part of the binary interface: programs have them compiled in. */
static const struct {
    int value;
    tin_error error;
    const char *name;
} known_errors[] = {
    {0, TIN_OK, "TIN_OK"},
    {1, TIN_PENDING, "TIN_PENDING"},
    {2, TIN_E_ARGUMENT, "TIN_E_ARGUMENT"},
    {3, TIN_E_HANDLE, "TIN_E_HANDLE"},
    {4, TIN_E_STATE, "TIN_E_STATE"},
    {5, TIN_E_UNSUPPORTED, "TIN_E_UNSUPPORTED"},
    {6, TIN_E_MEMORY, "TIN_E_MEMORY"},
    {7, TIN_E_BUFFER_TOO_SMALL, "TIN_E_BUFFER_TOO_SMALL"},
    {8, TIN_E_NOT_FOUND, "TIN_E_NOT_FOUND"},
    {9, TIN_E_NO_MORE, "TIN_E_NO_MORE"},
    {10, TIN_E_URL, "TIN_E_URL"},
    {11, TIN_E_TIMEOUT, "TIN_E_TIMEOUT"},
    {12, TIN_E_CANCELLED, "TIN_E_CANCELLED"},
    {13, TIN_E_DNS, "TIN_E_DNS"},
    {14, TIN_E_CONNECT, "TIN_E_CONNECT"},
    {15, TIN_E_OFFLINE, "TIN_E_OFFLINE"},
    {16, TIN_E_CONNECTION_LOST, "TIN_E_CONNECTION_LOST"},
    {17, TIN_E_TRUNCATED, "TIN_E_TRUNCATED"},
    {18, TIN_E_PROTOCOL, "TIN_E_PROTOCOL"},
    {19, TIN_E_DECODING, "TIN_E_DECODING"},
    {20, TIN_E_REDIRECT, "TIN_E_REDIRECT"},
    {21, TIN_E_PROXY, "TIN_E_PROXY"},
    {22, TIN_E_AUTH, "TIN_E_AUTH"},
    {23, TIN_E_TLS, "TIN_E_TLS"},
    {24, TIN_E_CERT_EXPIRED, "TIN_E_CERT_EXPIRED"},
    {25, TIN_E_CERT_NAME, "TIN_E_CERT_NAME"},
    {26, TIN_E_CERT_UNTRUSTED, "TIN_E_CERT_UNTRUSTED"},
    {27, TIN_E_CERT_REVOKED, "TIN_E_CERT_REVOKED"},
    {28, TIN_E_CERT_REVOCATION, "TIN_E_CERT_REVOCATION"},
    {29, TIN_E_CERT_INVALID, "TIN_E_CERT_INVALID"},
    {30, TIN_E_CERT_WEAK, "TIN_E_CERT_WEAK"},
    {31, TIN_E_CERT_SEVERAL, "TIN_E_CERT_SEVERAL"},
    {32, TIN_E_CLIENT_CERT, "TIN_E_CLIENT_CERT"},
    {33, TIN_E_SECURITY_ZONE, "TIN_E_SECURITY_ZONE"},
    {34, TIN_E_SERVER, "TIN_E_SERVER"},
    {35, TIN_E_FTP, "TIN_E_FTP"},
    {36, TIN_E_ACCESS, "TIN_E_ACCESS"},
    {37, TIN_E_EXISTS, "TIN_E_EXISTS"},
    {38, TIN_E_DISK, "TIN_E_DISK"},
    {39, TIN_E_CACHE, "TIN_E_CACHE"},
    {40, TIN_E_COOKIE, "TIN_E_COOKIE"},
    {41, TIN_E_USER_INPUT, "TIN_E_USER_INPUT"},
    {42, TIN_E_RETRY, "TIN_E_RETRY"},
    {43, TIN_E_CONFIG, "TIN_E_CONFIG"},
    {44, TIN_E_INTERNAL, "TIN_E_INTERNAL"},
};

/* Whole sentences, one for each shape that a description can have. */
static const struct {
    const char *name;
    tin_result result;
    const char *text;
} descriptions[] = {
    {"success", {TIN_OK, 0}, "The operation succeeded (TIN_OK)."},
    {"found by thininet",
     {TIN_E_TRUNCATED, 0},
     "The body ended before its announced length (TIN_E_TRUNCATED)."},
    {"code with its own sentence",
     {TIN_E_TIMEOUT, 12002},
     "The server did not answer in time (TIN_E_TIMEOUT, 12002 ERROR_INTERNET_TIMEOUT)."},
    {"code without its own sentence",
     {TIN_E_DNS, 12007},
     "No address was found for the host name (TIN_E_DNS, 12007 ERROR_INTERNET_NAME_NOT_RESOLVED)."},
    {"time-out called aborted",
     {TIN_E_TIMEOUT, 12030},
     "The operation did not finish in time (TIN_E_TIMEOUT, 12030 "
     "ERROR_INTERNET_CONNECTION_ABORTED)."},
    {"cancel called reset",
     {TIN_E_CANCELLED, 12031},
     "The operation was cancelled before it finished (TIN_E_CANCELLED, 12031 "
     "ERROR_INTERNET_CONNECTION_RESET)."},
    {"unknown code",
     {TIN_E_INTERNAL, 4294967295u},
     "WinInet or the system failed and gave no reason that thininet knows (TIN_E_INTERNAL, "
     "4294967295)."},
    {"unknown error", {(tin_error)45, 0}, "This is no result of thininet (TIN_E_UNKNOWN)."},
    {"unknown error with a known code",
     {(tin_error)-1, 5},
     "This is no result of thininet (TIN_E_UNKNOWN, 5 ERROR_ACCESS_DENIED)."},
};

enum { TEXT_SIZE = 512, GUARD = 0x5a };

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* "Some words (": a capital letter, printable ASCII, two words or more, no stop at the end. */
static bool starts_with_sentence(const char *text)
{
    const char *end = strstr(text, " (");

    if (end == NULL || text[0] < 'A' || text[0] > 'Z' ||
        memchr(text, ' ', (size_t)(end - text)) == NULL)
        return false;
    for (const char *c = text; c < end; c++) {
        if (*c < ' ' || *c > '~')
            return false;
    }
    return end[-1] != '.' && end[-1] != ' ';
}

/* Describes a result, and fails the test where the UTF-8 and the UTF-16 function disagree. */
static const char *describe(tin_result result)
{
    static char text[TEXT_SIZE];
    wchar_t wide[TEXT_SIZE];
    size_t length = tin_describe(result, text, sizeof text);

    assert_true(length < sizeof text);
    assert_int_equal(length, strlen(text));
    assert_int_equal(tin_describe_w(result, wide, sizeof wide), length * sizeof *wide);
    for (size_t i = 0; i <= length; i++)
        assert_int_equal(wide[i], text[i]);
    return text;
}

static void assert_row(const char *name, const char *text, bool right)
{
    if (!right)
        fail_msg("%s: \"%s\"", name, text);
}

static tin_error expected_error(uint32_t code)
{
    for (size_t i = 0; i < TEST_COUNT_OF(known_codes); i++) {
        if (known_codes[i].code == code)
            return known_codes[i].error;
    }
    return TIN_E_INTERNAL;
}

/* ---- Codes --------------------------------------------------------------------------------- */

static void every_code_becomes_its_error_and_keeps_its_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(known_codes); i++) {
        tin_result result = tin__from_win32(known_codes[i].code);

        assert_row(known_codes[i].symbol, tin_error_name(result.error),
                   result.error == known_codes[i].error);
        assert_int_equal(result.last_error, known_codes[i].code);
    }
}

static void every_code_has_a_sentence_with_its_names_and_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(known_codes); i++) {
        char end[TEXT_SIZE];
        const char *text = describe(tin__from_win32(known_codes[i].code));

        snprintf(end, sizeof end, " (%s, %lu %s).", tin_error_name(known_codes[i].error),
                 (unsigned long)known_codes[i].code, known_codes[i].symbol);
        assert_row(known_codes[i].symbol, text, ends_with(text, end));
        assert_row(known_codes[i].symbol, text, starts_with_sentence(text));
    }
}

static void every_other_code_is_internal_and_keeps_its_number(void **state)
{
    static const uint32_t far_away[] = {65536, 0x7fffffff, 0x80072efd, 0x80072ee2, 0xffffffff};

    (void)state;
    for (uint32_t code = 0; code < 20000; code++) {
        tin_result result = tin__from_win32(code);

        assert_int_equal(result.error, expected_error(code));
        assert_int_equal(result.last_error, code);
    }
    for (size_t i = 0; i < TEST_COUNT_OF(far_away); i++) {
        tin_result result = tin__from_win32(far_away[i]);

        assert_int_equal(result.error, TIN_E_INTERNAL);
        assert_int_equal(result.last_error, far_away[i]);
    }
}

static void a_failure_with_code_0_is_still_a_failure(void **state)
{
    (void)state;
    assert_false(tin_ok(tin__from_win32(0)));
    assert_int_equal(tin__from_win32(0).error, TIN_E_INTERNAL);
}

static void the_headers_own_definitions_have_the_systems_values(void **state)
{
    (void)state;
    assert_int_equal(ERROR_HTTP_HSTS_REDIRECT_REQUIRED, 12060);
    assert_int_equal(ERROR_INTERNET_SEC_CERT_WEAK_SIGNATURE, 12062);
    assert_int_equal(ERROR_INTERNET_DECODING_FAILED, 12175);
    assert_int_equal(ERROR_INTERNET_CLIENT_AUTH_CERT_NEEDED_PROXY, 12187);
    assert_int_equal(ERROR_INTERNET_SECURE_FAILURE_PROXY, 12188);
    assert_int_equal(ERROR_INTERNET_HTTP_PROTOCOL_MISMATCH, 12190);
    assert_int_equal(ERROR_INTERNET_GLOBAL_CALLBACK_FAILED, 12191);
    assert_int_equal(ERROR_INTERNET_FEATURE_DISABLED, 12192);
}

/* ---- Results and names --------------------------------------------------------------------- */

static void a_result_is_eight_bytes(void **state)
{
    (void)state;
    assert_int_equal(sizeof(tin_result), 8);
    assert_int_equal(offsetof(tin_result, last_error), 4);
}

static void only_ok_is_ok(void **state)
{
    (void)state;
    assert_true(tin_ok(tin__fail(TIN_OK)));
    for (size_t i = 1; i < TEST_COUNT_OF(known_errors); i++)
        assert_false(tin_ok(tin__fail(known_errors[i].error)));
}

static void a_failure_that_thininet_found_has_no_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(known_errors); i++) {
        tin_result result = tin__fail(known_errors[i].error);

        assert_int_equal(result.error, known_errors[i].error);
        assert_int_equal(result.last_error, 0);
    }
}

static void every_error_keeps_its_value_and_has_its_name_and_a_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(known_errors); i++) {
        char end[TEXT_SIZE];
        const char *text = describe(tin__fail(known_errors[i].error));

        assert_int_equal(known_errors[i].error, known_errors[i].value);
        assert_string_equal(tin_error_name(known_errors[i].error), known_errors[i].name);
        snprintf(end, sizeof end, " (%s).", known_errors[i].name);
        assert_row(known_errors[i].name, text, ends_with(text, end));
        assert_row(known_errors[i].name, text, starts_with_sentence(text));
    }
}

static void a_value_that_is_no_error_has_a_name_too(void **state)
{
    static const int values[] = {TEST_COUNT_OF(known_errors), 46, 12002, INT32_MAX, INT32_MIN, -1};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(values); i++)
        assert_string_equal(tin_error_name((tin_error)values[i]), "TIN_E_UNKNOWN");
}

/* ---- Descriptions -------------------------------------------------------------------------- */

static void describe_says_what_happened_in_one_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(descriptions); i++) {
        const char *text = describe(descriptions[i].result);

        assert_row(descriptions[i].name, text, strcmp(text, descriptions[i].text) == 0);
    }
}

static void describe_stays_within_any_buffer_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(descriptions); i++) {
        const char *whole = descriptions[i].text;
        size_t length = strlen(whole);

        for (size_t size = 0; size <= length + 2; size++) {
            char text[TEXT_SIZE];
            size_t kept = size == 0 ? 0 : size > length ? length : size - 1;

            memset(text, GUARD, sizeof text);
            assert_int_equal(tin_describe(descriptions[i].result, text, size), length);
            assert_memory_equal(text, whole, kept);
            if (size > 0)
                assert_int_equal(text[kept], '\0');
            for (size_t at = size > 0 ? kept + 1 : 0; at < sizeof text; at++)
                assert_int_equal(text[at], GUARD);
        }
    }
}

static void describe_w_stays_within_any_buffer_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(descriptions); i++) {
        const char *whole = descriptions[i].text;
        size_t length = strlen(whole);

        for (size_t size = 0; size <= 2 * length + 5; size++) {
            wchar_t text[TEXT_SIZE];
            const unsigned char *bytes = (const unsigned char *)text;
            size_t room = size / 2;
            size_t kept = room == 0 ? 0 : room > length ? length : room - 1;

            memset(text, GUARD, sizeof text);
            assert_int_equal(tin_describe_w(descriptions[i].result, text, size), 2 * length);
            for (size_t at = 0; at < kept; at++)
                assert_int_equal(text[at], whole[at]);
            if (room > 0)
                assert_int_equal(text[kept], L'\0');
            for (size_t at = room > 0 ? 2 * kept + 2 : 0; at < sizeof text; at++)
                assert_int_equal(bytes[at], GUARD);
        }
    }
}

static void describe_without_a_buffer_tells_the_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(descriptions); i++) {
        size_t length = strlen(descriptions[i].text);

        assert_int_equal(tin_describe(descriptions[i].result, NULL, 0), length);
        assert_int_equal(tin_describe(descriptions[i].result, NULL, 100), length);
        assert_int_equal(tin_describe_w(descriptions[i].result, NULL, 0), 2 * length);
        assert_int_equal(tin_describe_w(descriptions[i].result, NULL, 100), 2 * length);
    }
}

static void no_pair_of_error_and_code_has_a_cut_description(void **state)
{
    (void)state;
    for (size_t e = 0; e < TEST_COUNT_OF(known_errors); e++) {
        for (size_t c = 0; c < TEST_COUNT_OF(known_codes); c++) {
            tin_result result = {known_errors[e].error, known_codes[c].code};
            const char *text = describe(result);

            assert_row(known_codes[c].symbol, text, starts_with_sentence(text));
            assert_row(known_codes[c].symbol, text, ends_with(text, ")."));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_becomes_its_error_and_keeps_its_number),
        cmocka_unit_test(every_code_has_a_sentence_with_its_names_and_number),
        cmocka_unit_test(every_other_code_is_internal_and_keeps_its_number),
        cmocka_unit_test(a_failure_with_code_0_is_still_a_failure),
        cmocka_unit_test(the_headers_own_definitions_have_the_systems_values),
        cmocka_unit_test(a_result_is_eight_bytes),
        cmocka_unit_test(only_ok_is_ok),
        cmocka_unit_test(a_failure_that_thininet_found_has_no_code),
        cmocka_unit_test(every_error_keeps_its_value_and_has_its_name_and_a_sentence),
        cmocka_unit_test(a_value_that_is_no_error_has_a_name_too),
        cmocka_unit_test(describe_says_what_happened_in_one_sentence),
        cmocka_unit_test(describe_stays_within_any_buffer_size),
        cmocka_unit_test(describe_w_stays_within_any_buffer_size),
        cmocka_unit_test(describe_without_a_buffer_tells_the_length),
        cmocka_unit_test(no_pair_of_error_and_code_has_a_cut_description),
    };

    return test_run_group(tests, NULL, NULL);
}
