/* SPDX-License-Identifier: MIT */
/*
 * Certificates and versions of TLS, by nginx.
 *
 * Wine 8 and Windows do not find the same faults: rows have what each may say. What is said of
 * Windows is Microsoft's documentation of the error codes; it was not tried there.
 */
#include "real_server.h"

#define ALL_FAULTS                                                                                 \
    (SECURITY_FLAG_IGNORE_CERT_DATE_INVALID | SECURITY_FLAG_IGNORE_CERT_CN_INVALID |               \
     SECURITY_FLAG_IGNORE_UNKNOWN_CA | SECURITY_FLAG_IGNORE_REVOCATION |                           \
     SECURITY_FLAG_IGNORE_WRONG_USAGE)

/* clang-format off */
static const struct {
    const char *name;
    const char *server;
    tin_error error;
    tin_error or_else;  /* the same, or what the other system says */
    DWORD permission;   /* SECURITY_FLAG_*, of which none may be missing */
} faults[] = {
    {"expired",         "TIN_TEST_HTTPS_EXPIRED",         TIN_E_CERT_EXPIRED,    TIN_E_CERT_EXPIRED,
     SECURITY_FLAG_IGNORE_CERT_DATE_INVALID},
    {"not yet valid",   "TIN_TEST_HTTPS_NOT_YET_VALID",   TIN_E_CERT_EXPIRED,    TIN_E_CERT_EXPIRED,
     SECURITY_FLAG_IGNORE_CERT_DATE_INVALID},
    {"wrong name",      "TIN_TEST_HTTPS_WRONG_NAME",      TIN_E_CERT_NAME,       TIN_E_CERT_NAME,
     SECURITY_FLAG_IGNORE_CERT_CN_INVALID},
    {"self-signed",     "TIN_TEST_HTTPS_SELF_SIGNED",     TIN_E_CERT_UNTRUSTED,  TIN_E_CERT_UNTRUSTED,
     SECURITY_FLAG_IGNORE_UNKNOWN_CA},
    /* Wine 8 says 12057, and wants both permissions */
    {"unknown issuer",  "TIN_TEST_HTTPS_UNKNOWN_ISSUER",  TIN_E_CERT_REVOCATION, TIN_E_CERT_UNTRUSTED,
     SECURITY_FLAG_IGNORE_UNKNOWN_CA | SECURITY_FLAG_IGNORE_REVOCATION},
    {"not for servers", "TIN_TEST_HTTPS_NOT_FOR_SERVERS", TIN_E_CERT_INVALID,    TIN_E_CERT_INVALID,
     SECURITY_FLAG_IGNORE_WRONG_USAGE},
};

/* What Wine 8 does not look at: it asks nobody whether a certificate was revoked, and takes any
 * signature that is right. */
static const struct {
    const char *name;
    const char *server;
    tin_error on_windows[2];
} unseen[] = {
    {"revoked",          "TIN_TEST_HTTPS_REVOKED", {TIN_E_CERT_REVOKED, TIN_E_CERT_REVOCATION}},
    {"signed with SHA-1", "TIN_TEST_HTTPS_SHA1",   {TIN_E_CERT_WEAK,    TIN_E_CERT_UNTRUSTED}},
    {"signed with MD5",   "TIN_TEST_HTTPS_MD5",    {TIN_E_CERT_WEAK,    TIN_E_CERT_UNTRUSTED}},
};
/* clang-format on */

static void permit(const char *name, tin_handle session, DWORD flags)
{
    DWORD read_back;

    assert_error(name, tin_set_option_dword(session, INTERNET_OPTION_SECURITY_FLAGS, flags),
                 TIN_OK);
    assert_error(name, tin_query_option_dword(session, INTERNET_OPTION_SECURITY_FLAGS, &read_back),
                 TIN_OK);
    assert_row(name, read_back == flags);
}

static void assert_refused(size_t row, tin_handle session, const char *url)
{
    tin_handle file;
    const tin_result result = tin_open_url(session, url, NULL, FLAGS, NULL, &file);

    if (result.error != faults[row].or_else)
        assert_error(faults[row].name, result, faults[row].error);
    assert_row(faults[row].name, file == NULL);
}

/* The order counts: WinInet may remember a certificate for which it was told to look away. */
static void each_fault_is_told_and_passes_with_its_own_permission_alone(void **state)
{
    size_t row;

    for (row = 0; row < TEST_COUNT_OF(faults); row++) {
        const char *name = faults[row].name;
        const char *url = url_of(faults[row].server, "/hello.txt");
        DWORD flag;

        permit(name, *state, 0);
        assert_refused(row, *state, url);
        permit(name, *state, ALL_FAULTS & ~faults[row].permission);
        assert_refused(row, *state, url);
        for (flag = 1; test_under_wine() && flag <= faults[row].permission; flag <<= 1)
            if ((flag & faults[row].permission) != 0) {
                permit(name, *state, ALL_FAULTS & ~flag);
                assert_refused(row, *state, url);
            }
        permit(name, *state, faults[row].permission);
        assert_fetches(name, *state, url, is_hello);
    }
}

/* Wine 8 keeps connections for all sessions of a process: one that was let pass must not be among
 * them. */
static void a_permission_of_one_session_is_none_in_another(void **state)
{
    size_t row;

    for (row = 0; row < TEST_COUNT_OF(faults); row++) {
        const char *name = faults[row].name;
        const char *url = url_of(faults[row].server, "/hello.txt");
        tin_handle other;

        permit(name, *state, faults[row].permission);
        assert_fetches(name, *state, url, is_hello);
        assert_error(name, tin_open("other", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &other),
                     TIN_OK);
        assert_refused(row, other, url);
        close_page(name, other);
    }
}

/* ---- Requests -------------------------------------------------------------------------------- */

static tin_handle request_at(size_t row, tin_handle session)
{
    return request_to(faults[row].name, session, faults[row].server, "GET", "/hello.txt");
}

static void assert_send_refused(size_t row, tin_handle request)
{
    const tin_result result = tin_http_send_request(request, NULL, NULL, 0);

    if (result.error != faults[row].or_else)
        assert_error(faults[row].name, result, faults[row].error);
}

static void assert_sends(size_t row, tin_handle request)
{
    body read;

    assert_error(faults[row].name, tin_http_send_request(request, NULL, NULL, 0), TIN_OK);
    assert_row(faults[row].name, http_status(request) == 200);
    read = read_body(request, CHUNK, tin_read_file);
    assert_row(faults[row].name, is_hello(&read));
    free(read.bytes);
}

/* What is permitted to one request is permitted to no other, before, beside, or after it. */
static void a_permission_of_a_request_is_its_own(void **state)
{
    size_t row;

    for (row = 0; row < TEST_COUNT_OF(faults); row++) {
        const char *name = faults[row].name;
        tin_handle one = request_at(row, *state), other = request_at(row, *state);

        permit(name, one, faults[row].permission);
        assert_sends(row, one);
        assert_send_refused(row, other);
        close_page(name, one);
        assert_send_refused(row, other);
        assert_send_refused(row, request_at(row, *state));
        assert_refused(row, *state, url_of(faults[row].server, "/hello.txt"));
    }
}

/* Once it was sent, the option reads what the connection has come to. */
static void permit_now(const char *name, tin_handle request, DWORD flags)
{
    assert_error(name, tin_set_option_dword(request, INTERNET_OPTION_SECURITY_FLAGS, flags),
                 TIN_OK);
}

/* As InternetErrorDlg does it: look at why it failed, permit it, send again. */
static void a_request_that_failed_can_be_permitted_and_sent_again(void **state)
{
    size_t row;

    for (row = 0; row < TEST_COUNT_OF(faults); row++) {
        const char *name = faults[row].name;
        tin_handle request = request_at(row, *state);

        assert_send_refused(row, request);
        permit_now(name, request, ALL_FAULTS & ~faults[row].permission);
        assert_send_refused(row, request);
        permit_now(name, request, faults[row].permission);
        assert_sends(row, request);
        permit_now(name, request, 0);
        assert_send_refused(row, request);
        assert_send_refused(row, request_at(row, *state));
    }
}

/* An upload, too: nothing of its body can be written. */
static void an_upload_is_refused_before_its_body(void **state)
{
    size_t row, written;

    for (row = 0; row < TEST_COUNT_OF(faults); row++) {
        const char *name = faults[row].name;
        tin_handle request = request_to(name, *state, faults[row].server, "PUT", "/sink");
        tin_result result = tin_http_send_request_ex(request, NULL, 4);

        if (result.error != faults[row].or_else)
            assert_error(name, result, faults[row].error);
        assert_error(name, tin_write_file(request, "body", 4, &written), result.error);
        permit_now(name, request, faults[row].permission);
        assert_error(name, tin_http_send_request_ex(request, NULL, 4), TIN_OK);
        assert_error(name, tin_write_file(request, "body", 4, &written), TIN_OK);
        assert_error(name, tin_http_end_request(request), TIN_OK);
        assert_row(name, http_status(request) == 204);
    }
}

static void faults_that_wine_does_not_see(void **state)
{
    size_t row;

    for (row = 0; row < TEST_COUNT_OF(unseen); row++) {
        const char *name = unseen[row].name;
        const char *url = url_of(unseen[row].server, "/hello.txt");
        body read = fetch(*state, url, NULL, FLAGS, NULL);

        if (test_under_wine())
            assert_row(name, is_hello(&read));
        else if (read.result.error != unseen[row].on_windows[0] &&
                 read.result.error != unseen[row].on_windows[1])
            assert_error(name, read.result, TIN_OK);
        free(read.bytes);
    }
}

static void a_server_that_wants_a_client_certificate_gets_none(void **state)
{
    const char *url = url_of("TIN_TEST_HTTPS_CLIENT_CERT", "/hello.txt");
    tin_handle file;
    tin_result result = tin_open_url(*state, url, NULL, FLAGS, NULL, &file);
    body read;

    if (result.error == TIN_E_CLIENT_CERT) /* Windows, by Microsoft's documentation */
        return;
    assert_error("open", result, TIN_OK);
    assert_int_equal(http_status(file), 400);
    read = read_body(file, CHUNK, tin_read_file);
    assert_non_null(strstr(read.bytes, "No required SSL certificate was sent"));
    free(read.bytes);
    close_page("close", file);
}

static void tls_that_is_too_new_is_told(void **state)
{
    body read = fetch(*state, url_of("TIN_TEST_HTTPS_TLS_1_3", "/hello.txt"), NULL, FLAGS, NULL);

    if (read.result.error != TIN_OK) /* newer systems speak it */
        assert_error("TLS 1.3 alone", read.result, TIN_E_TLS);
    free(read.bytes);
}

/* ---- What an open file tells ---------------------------------------------------------------- */

/* The strings are ANSI, whatever the header makes of LPTSTR, and the caller's to free. */
static void assert_part(const char *name, LPTSTR part, const char *contains)
{
    const char *text = (const char *)part;

    if (contains != NULL && (text == NULL || strstr(text, contains) == NULL))
        fail_msg("%s is \"%s\", without \"%s\"", name, text, contains);
    LocalFree(part);
}

/* While the file is open for reading: WinInet lets the connection go at the end of the body. */
static void look_at_certificate(tin_handle file)
{
    INTERNET_CERTIFICATE_INFO info;
    DWORD size = sizeof info, bits = 0, flags = 0;
    FILETIME now;
    char text[2048];
    size_t length = sizeof text;
    tin_result result;

    assert_error("text",
                 tin_query_option_text(file, INTERNET_OPTION_SECURITY_CERTIFICATE, text, &length),
                 TIN_OK);
    assert_non_null(strstr(text, "localhost"));
    assert_non_null(strstr(text, "thininet test CA"));
    result = tin_query_option_dword(file, INTERNET_OPTION_SECURITY_KEY_BITNESS, &bits);
    if (result.error != TIN_E_UNSUPPORTED) { /* Wine 8 */
        assert_error("bits", result, TIN_OK);
        assert_in_range(bits, 128, 256);
    }
    assert_error("flags", tin_query_option_dword(file, INTERNET_OPTION_SECURITY_FLAGS, &flags),
                 TIN_OK);
    assert_int_equal(flags & SECURITY_FLAG_SECURE, SECURITY_FLAG_SECURE);

    assert_error("struct",
                 tin_query_option(file, INTERNET_OPTION_SECURITY_CERTIFICATE_STRUCT, &info, &size),
                 TIN_OK);
    GetSystemTimeAsFileTime(&now);
    assert_true(CompareFileTime(&info.ftStart, &now) < 0);
    assert_true(CompareFileTime(&info.ftExpiry, &now) > 0);
    assert_in_range(info.dwKeySize, 128, 256);
    assert_part("subject", info.lpszSubjectInfo, "localhost");
    assert_part("issuer", info.lpszIssuerInfo, "thininet test CA");
    assert_part("protocol", info.lpszProtocolName, NULL);
    assert_part("signature", info.lpszSignatureAlgName, NULL);
    assert_part("encryption", info.lpszEncryptionAlgName, NULL);
}

static void certificate_can_be_looked_at(void **state)
{
    tin_handle file = open_page("open", *state, url_of("TIN_TEST_HTTPS", "/1m.bin"));

    look_at_certificate(file);
    close_page("close", file);
}

static void certificate_of_a_request_can_be_looked_at(void **state)
{
    tin_handle request = request_to("request", *state, "TIN_TEST_HTTPS", "GET", "/1m.bin");

    assert_error("send", tin_http_send_request(request, NULL, NULL, 0), TIN_OK);
    look_at_certificate(request);
    close_page("close", request);
}

static void nothing_is_secure_about_http(void **state)
{
    DWORD flags = SECURITY_FLAG_SECURE;
    char text[64];
    size_t length = sizeof text;
    tin_handle file = open_page("open", *state, url_of("TIN_TEST_HTTP", "/1m.bin"));

    assert_error("flags", tin_query_option_dword(file, INTERNET_OPTION_SECURITY_FLAGS, &flags),
                 TIN_OK);
    assert_int_equal(flags & SECURITY_FLAG_SECURE, 0);
    assert_false(
        tin_ok(tin_query_option_text(file, INTERNET_OPTION_SECURITY_CERTIFICATE, text, &length)));
    assert_int_equal(length, 0);
    close_page("close", file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_fault_is_told_and_passes_with_its_own_permission_alone),
        TEST(a_permission_of_one_session_is_none_in_another),
        TEST(a_permission_of_a_request_is_its_own),
        TEST(a_request_that_failed_can_be_permitted_and_sent_again),
        TEST(an_upload_is_refused_before_its_body),
        TEST(faults_that_wine_does_not_see),
        TEST(a_server_that_wants_a_client_certificate_gets_none),
        TEST(tls_that_is_too_new_is_told),
        TEST(certificate_can_be_looked_at),
        TEST(certificate_of_a_request_can_be_looked_at),
        TEST(nothing_is_secure_about_http),
    };

    return test_run_group(tests, NULL, NULL);
}
