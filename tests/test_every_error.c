/* SPDX-License-Identifier: MIT */
/*
 * Every tin_error through the public API. Most are brought about by servers in the tests of their
 * subjects; here WinInet itself fails with a code for each of them, so that those which no server
 * of a test can produce (revoked certificates, zones, dialogs, a full cache) are seen as well.
 */
#include "test.h"

#include <thininet/thininet.h>

#include "wrap.h"

static DWORD failure; /* what InternetOpenUrlW fails with */

TIN_WRAP(InternetOpenUrlW);

static HINTERNET WINAPI wrap_InternetOpenUrlW(HINTERNET session, LPCWSTR url, LPCWSTR headers,
                                              DWORD length, DWORD flags, DWORD_PTR context)
{
    (void)session, (void)url, (void)headers, (void)length, (void)flags, (void)context;
    SetLastError(failure);
    return NULL;
}

static const struct row {
    DWORD code;
    tin_error error;
} rows[] = {
    {ERROR_INVALID_PARAMETER, TIN_E_ARGUMENT},
    {ERROR_INTERNET_INCORRECT_HANDLE_STATE, TIN_E_STATE},
    {ERROR_CALL_NOT_IMPLEMENTED, TIN_E_UNSUPPORTED},
    {ERROR_NOT_ENOUGH_MEMORY, TIN_E_MEMORY},
    {ERROR_INSUFFICIENT_BUFFER, TIN_E_BUFFER_TOO_SMALL},
    {ERROR_FILE_NOT_FOUND, TIN_E_NOT_FOUND},
    {ERROR_NO_MORE_FILES, TIN_E_NO_MORE},
    {ERROR_INTERNET_INVALID_URL, TIN_E_URL},
    {ERROR_INTERNET_TIMEOUT, TIN_E_TIMEOUT},
    {ERROR_INTERNET_OPERATION_CANCELLED, TIN_E_CANCELLED},
    {ERROR_INTERNET_NAME_NOT_RESOLVED, TIN_E_DNS},
    {ERROR_INTERNET_CANNOT_CONNECT, TIN_E_CONNECT},
    {ERROR_INTERNET_DISCONNECTED, TIN_E_OFFLINE},
    {ERROR_INTERNET_CONNECTION_RESET, TIN_E_CONNECTION_LOST},
    {ERROR_HTTP_INVALID_SERVER_RESPONSE, TIN_E_PROTOCOL},
    {ERROR_INTERNET_DECODING_FAILED, TIN_E_DECODING},
    {ERROR_HTTP_REDIRECT_FAILED, TIN_E_REDIRECT},
    {ERROR_INTERNET_PROXY_SERVER_UNREACHABLE, TIN_E_PROXY},
    {ERROR_INTERNET_LOGIN_FAILURE, TIN_E_AUTH},
    {ERROR_INTERNET_SECURITY_CHANNEL_ERROR, TIN_E_TLS},
    {ERROR_INTERNET_SEC_CERT_DATE_INVALID, TIN_E_CERT_EXPIRED},
    {ERROR_INTERNET_SEC_CERT_CN_INVALID, TIN_E_CERT_NAME},
    {ERROR_INTERNET_INVALID_CA, TIN_E_CERT_UNTRUSTED},
    {ERROR_INTERNET_SEC_CERT_REVOKED, TIN_E_CERT_REVOKED},
    {ERROR_INTERNET_SEC_CERT_REV_FAILED, TIN_E_CERT_REVOCATION},
    {ERROR_INTERNET_SEC_INVALID_CERT, TIN_E_CERT_INVALID},
    {ERROR_INTERNET_SEC_CERT_WEAK_SIGNATURE, TIN_E_CERT_WEAK},
    {ERROR_INTERNET_SEC_CERT_ERRORS, TIN_E_CERT_SEVERAL},
    {ERROR_INTERNET_CLIENT_AUTH_CERT_NEEDED, TIN_E_CLIENT_CERT},
    {ERROR_INTERNET_HTTP_TO_HTTPS_ON_REDIR, TIN_E_SECURITY_ZONE},
    {ERROR_INTERNET_EXTENDED_ERROR, TIN_E_SERVER},
    {ERROR_FTP_TRANSFER_IN_PROGRESS, TIN_E_FTP},
    {ERROR_ACCESS_DENIED, TIN_E_ACCESS},
    {ERROR_FILE_EXISTS, TIN_E_EXISTS},
    {ERROR_DISK_FULL, TIN_E_DISK},
    {ERROR_INTERNET_UNABLE_TO_CACHE_FILE, TIN_E_CACHE},
    {ERROR_HTTP_COOKIE_DECLINED, TIN_E_COOKIE},
    {ERROR_INTERNET_NEED_UI, TIN_E_USER_INPUT},
    {ERROR_INTERNET_FORCE_RETRY, TIN_E_RETRY},
    {ERROR_INTERNET_BAD_REGISTRY_PARAMETER, TIN_E_CONFIG},
    {ERROR_INTERNET_INTERNAL_ERROR, TIN_E_INTERNAL},
};

static void what_wininet_fails_with_is_a_typed_error_and_its_number(void **state)
{
    tin_handle session, file;

    (void)state;
    assert_true(tin_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session)));
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        tin_result result;

        failure = rows[i].code;
        result = tin_open_url(session, "http://127.0.0.1/", NULL, 0, NULL, &file);
        if (result.error != rows[i].error || result.last_error != rows[i].code)
            fail_msg("%lu: %s, %lu", rows[i].code, tin_error_name(result.error),
                     (unsigned long)result.last_error);
        assert_null(file);
    }
    assert_true(tin_ok(tin_close_handle(session)));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_wininet_fails_with_is_a_typed_error_and_its_number),
    };

    return test_run_group(tests, NULL, NULL);
}
