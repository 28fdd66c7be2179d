/* SPDX-License-Identifier: MIT */
/*
 * Bad input to every public function: a typed error, out-parameters that are zero or NULL, and no
 * call of WinInet, nor of the file system. What is good is accepted, so that nothing here passes by
 * refusing everything.
 */
#include "test.h"

#include "check.h"
#include "fault_server.h"
#include "internal.h"
#include "wrap.h"

#include <wchar.h>

/* ---- whoever must not be called -------------------------------------------------------------- */

static volatile LONG calls;
static const char *volatile called = "";

static void note(const char *name)
{
    InterlockedIncrement(&calls);
    called = name;
}

#define COUNTED(type, name, parameters, arguments)                                                 \
    TIN_WRAP(name);                                                                                \
    static type WINAPI wrap_##name parameters                                                      \
    {                                                                                              \
        note(#name);                                                                               \
        return real_##name arguments;                                                              \
    }

COUNTED(HINTERNET, InternetOpenW,
        (LPCWSTR agent, DWORD type, LPCWSTR proxy, LPCWSTR bypass, DWORD flags),
        (agent, type, proxy, bypass, flags))
COUNTED(HINTERNET, InternetOpenUrlW,
        (HINTERNET session, LPCWSTR url, LPCWSTR headers, DWORD size, DWORD flags,
         DWORD_PTR context),
        (session, url, headers, size, flags, context))
COUNTED(HINTERNET, InternetConnectW,
        (HINTERNET session, LPCWSTR server, INTERNET_PORT port, LPCWSTR user, LPCWSTR password,
         DWORD service, DWORD flags, DWORD_PTR context),
        (session, server, port, user, password, service, flags, context))
COUNTED(HINTERNET, FtpOpenFileW,
        (HINTERNET connection, LPCWSTR name, DWORD access, DWORD flags, DWORD_PTR context),
        (connection, name, access, flags, context))
COUNTED(BOOL, InternetReadFile, (HINTERNET file, LPVOID buffer, DWORD size, LPDWORD got),
        (file, buffer, size, got))
COUNTED(BOOL, InternetReadFileExW,
        (HINTERNET file, LPINTERNET_BUFFERSW buffers, DWORD flags, DWORD_PTR context),
        (file, buffers, flags, context))
COUNTED(BOOL, InternetQueryDataAvailable,
        (HINTERNET file, LPDWORD available, DWORD flags, DWORD_PTR context),
        (file, available, flags, context))
COUNTED(BOOL, HttpQueryInfoW,
        (HINTERNET request, DWORD info, LPVOID buffer, LPDWORD size, LPDWORD index),
        (request, info, buffer, size, index))
COUNTED(BOOL, InternetSetOptionW, (HINTERNET handle, DWORD option, LPVOID value, DWORD size),
        (handle, option, value, size))
COUNTED(BOOL, InternetQueryOptionW, (HINTERNET handle, DWORD option, LPVOID value, LPDWORD size),
        (handle, option, value, size))
COUNTED(BOOL, InternetGetLastResponseInfoW, (LPDWORD code, LPWSTR text, LPDWORD size),
        (code, text, size))
COUNTED(HANDLE, CreateFileW,
        (LPCWSTR name, DWORD access, DWORD share, LPSECURITY_ATTRIBUTES security, DWORD disposition,
         DWORD flags, HANDLE model),
        (name, access, share, security, disposition, flags, model))

/* ---- one session, one file of each kind ------------------------------------------------------ */

static const fault_step ok[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"),
    FAULT_AGAIN,
};
static const fault_route all_ok[] = {{"*", ok}, {NULL, NULL}};

static fault_server *server;
static tin_handle session, http_file, local_file;

static int open_all(void **state)
{
    (void)state;
    server = fault_server_start_routes(all_ok);
    assert_ok(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session));
    assert_ok(tin_open_url(session, fault_server_url(server, "/"), NULL, 0, NULL, &http_file));
    assert_ok(tin_open_url(session, test_file("0123456789", 10), NULL, 0, NULL, &local_file));
    calls = 0;
    return 0;
}

static int close_all(void **state)
{
    tin_close_handle(session);
    fault_server_stop(server);
    return test_files_remove(state);
}

static int nothing_is_left(void **state)
{
    (void)state;
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
    return 0;
}

/* The error is thininet's own, and nobody was called. */
static void expect(const char *name, const char *call, tin_result result, tin_error error)
{
    if (result.error != error || result.last_error != 0)
        fail_msg("%s, %s: %s, %u, not %s", name, call, tin_error_name(result.error),
                 (unsigned)result.last_error, tin_error_name(error));
    if (calls != 0)
        fail_msg("%s, %s: %s was called", name, call, called);
}

static void expect_no_file(const char *name, const char *url, const char *headers, tin_error error)
{
    tin_handle file = GARBAGE;

    expect(name, "tin_open_url", tin_open_url(session, url, headers, 0, NULL, &file), error);
    if (file != NULL)
        fail_msg("%s: the file is not NULL", name);
}

static void expect_no_file_w(const char *name, const wchar_t *url, const wchar_t *headers,
                             tin_error error)
{
    tin_handle file = GARBAGE;

    expect(name, "tin_open_url_w", tin_open_url_w(session, url, headers, 0, NULL, &file), error);
    if (file != NULL)
        fail_msg("%s: the file is not NULL", name);
}

/* ---- text that is no text -------------------------------------------------------------------- */

static const struct {
    const char *name, *text;
} malformed[] = {
    {"lone continuation", "\x80"},
    {"lone continuation, last", "\xBF"},
    {"cut after the first of two", "\xC3"},
    {"cut after the first of three", "\xE2"},
    {"cut after the second of three", "\xE2\x82"},
    {"cut after the third of four", "\xF0\x9F\x92"},
    {"ASCII instead of a continuation", "\xC3z"},
    {"overlong slash in two", "\xC0\xAF"},
    {"overlong NUL in two", "\xC0\x80"},
    {"overlong slash in three", "\xE0\x80\xAF"},
    {"overlong slash in four", "\xF0\x80\x80\xAF"},
    {"high surrogate", "\xED\xA0\x80"},
    {"low surrogate", "\xED\xBF\xBF"},
    {"surrogate pair in six bytes", "\xED\xA0\xBD\xED\xB2\xA9"},
    {"above U+10FFFF", "\xF4\x90\x80\x80"},
    {"five bytes", "\xF8\x88\x80\x80\x80"},
    {"six bytes", "\xFC\x84\x80\x80\x80\x80"},
    {"FE", "\xFE"},
    {"FF", "\xFF"},
    {"Latin-1", "caf\xE9"},
};

/* Where it stands among good text. */
static const char *const frames[] = {"%s",
                                     "%sz",
                                     "http://127.0.0.1/%s",
                                     "http://%s/",
                                     "C:\\%s",
                                     "http://%s:x@127.0.0.1/",
                                     "ftp://127.0.0.1/%s.txt",
                                     "X: %s"};

static void expect_malformed_refused(const char *name, const char *text)
{
    tin_handle handle = GARBAGE;

    expect(name, "agent", tin_open(text, INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &handle),
           TIN_E_ARGUMENT);
    assert_null(handle);
    handle = GARBAGE;
    expect(name, "proxy", tin_open("a", INTERNET_OPEN_TYPE_PROXY, text, NULL, 0, &handle),
           TIN_E_ARGUMENT);
    assert_null(handle);
    handle = GARBAGE;
    expect(name, "bypass", tin_open("a", INTERNET_OPEN_TYPE_PROXY, "p", text, 0, &handle),
           TIN_E_ARGUMENT);
    assert_null(handle);
    expect_no_file(name, text, NULL, TIN_E_ARGUMENT);
    expect_no_file(name, "http://127.0.0.1/", text, TIN_E_ARGUMENT);
    expect_no_file(name, "C:\\", text, TIN_E_ARGUMENT);
    expect(name, "kept option", tin_set_option_text(session, INTERNET_OPTION_USERNAME, text),
           TIN_E_ARGUMENT);
    expect(name, "option", tin_set_option_text(session, INTERNET_OPTION_USER_AGENT, text),
           TIN_E_ARGUMENT);
}

static void malformed_utf8_is_refused_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(malformed); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(frames); j++) {
            char text[100];

            snprintf(text, sizeof text, frames[j], malformed[i].text);
            expect_malformed_refused(malformed[i].name, text);
        }
}

static void lone_surrogates_in_a_url_are_refused(void **state)
{
    static const wchar_t *const urls[] = {
        L"http://127.0.0.1/\xD800", L"http://127.0.0.1/\xDC00z", L"http://127.0.0.1/\xDC00\xD800",
        L"http://\xD800/",          L"http://\xDFFF@127.0.0.1/", L"ftp://127.0.0.1/\xDBFF",
        L"file:///C:/\xD800",
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(urls); i++)
        expect_no_file_w("lone surrogate", urls[i], NULL, TIN_E_ARGUMENT);
}

/* ---- URLs ------------------------------------------------------------------------------------ */

static const struct {
    const char *name, *url;
    tin_error error;
} bad_urls[] = {
    {"NULL", NULL, TIN_E_ARGUMENT},
    {"empty", "", TIN_E_ARGUMENT},
    /* schemes */
    {"gopher", "gopher://127.0.0.1/", TIN_E_UNSUPPORTED},
    {"javascript", "javascript:alert(1)", TIN_E_UNSUPPORTED},
    {"mailto", "mailto:a@example.com", TIN_E_UNSUPPORTED},
    {"data", "data:,x", TIN_E_UNSUPPORTED},
    {"about", "about:blank", TIN_E_UNSUPPORTED},
    {"res", "res://shell32.dll/1", TIN_E_UNSUPPORTED},
    {"ws", "ws://127.0.0.1/", TIN_E_UNSUPPORTED},
    {"http and more", "httpx://127.0.0.1/", TIN_E_UNSUPPORTED},
    {"http with +", "http+x://127.0.0.1/", TIN_E_UNSUPPORTED},
    {"view-source", "view-source:http://127.0.0.1/", TIN_E_UNSUPPORTED},
    {"two letters", "ht://127.0.0.1/", TIN_E_UNSUPPORTED},
    {"scheme alone", "http:", TIN_E_URL},
    {"no slashes", "http:127.0.0.1", TIN_E_URL},
    {"one slash", "http:/127.0.0.1/", TIN_E_URL},
    {"backslashes for slashes", "http:\\\\127.0.0.1\\", TIN_E_URL},
    /* hosts */
    {"no host", "http://", TIN_E_URL},
    {"no host before the path", "http:///x", TIN_E_URL},
    {"no host before the query", "http://?x", TIN_E_URL},
    {"no host before the fragment", "http://#x", TIN_E_URL},
    {"no host before the port", "http://:80/", TIN_E_URL},
    {"no host after the user", "http://user@/", TIN_E_URL},
    {"no host between user and port", "http://user:password@:80/", TIN_E_URL},
    {"https without host", "https:///x", TIN_E_URL},
    {"ftp without host", "ftp:///x", TIN_E_URL},
    {"space in the host", "http://127.0 .0.1/", TIN_E_URL},
    {"escape in the host", "http://127%2E0.0.1/", TIN_E_URL},
    {"backslash in the host", "http://127.0.0.1\\x", TIN_E_URL},
    {"empty label", "http://a..test/", TIN_E_URL},
    {"empty first label", "http://.test/", TIN_E_URL},
    {"comma in the host", "http://a,b.test/", TIN_E_URL},
    {"asterisk in the host", "http://*.test/", TIN_E_URL},
    {"full-width slash in the host",
     "http://a\xEF\xBC\x8F"
     "b.test/",
     TIN_E_URL},
    {"label of 64", "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test/",
     TIN_E_URL},
    {"open bracket", "http://[::1", TIN_E_URL},
    {"no IPv6 address", "http://[zz]/", TIN_E_URL},
    {"text behind the bracket", "http://[::1]x/", TIN_E_URL},
    {"IPv6 without brackets", "http://::1/", TIN_E_URL},
    /* ports */
    {"port 0", "http://127.0.0.1:0/", TIN_E_URL},
    {"port 65536", "http://127.0.0.1:65536/", TIN_E_URL},
    {"port 99999", "http://127.0.0.1:99999/", TIN_E_URL},
    {"port of 32 bits and 80", "http://127.0.0.1:4294967376/", TIN_E_URL},
    {"port of 64 bits and 80", "http://127.0.0.1:18446744073709551696/", TIN_E_URL},
    {"port of letters", "http://127.0.0.1:http/", TIN_E_URL},
    {"negative port", "http://127.0.0.1:-80/", TIN_E_URL},
    {"port with a sign", "http://127.0.0.1:+80/", TIN_E_URL},
    {"port with a space", "http://127.0.0.1: 80/", TIN_E_URL},
    {"letter behind the port", "http://127.0.0.1:80a/", TIN_E_URL},
    {"two ports", "http://127.0.0.1:80:80/", TIN_E_URL},
    {"port behind IPv6", "http://[::1]:65536/", TIN_E_URL},
    {"ftp port", "ftp://127.0.0.1:65536/", TIN_E_URL},
    /* users */
    {"space in the user", "http://a b@127.0.0.1/", TIN_E_URL},
    {"backslash in the user", "http://a\\b@127.0.0.1/", TIN_E_URL},
    {"two @", "http://a@b@127.0.0.1/", TIN_E_URL},
    {"cut escape in the user", "http://a%4@127.0.0.1/", TIN_E_URL},
    {"escaped line end in the user", "http://a%0Ab@127.0.0.1/", TIN_E_URL},
    {"escaped NUL in the password", "http://a:b%00c@127.0.0.1/", TIN_E_URL},
    {"escaped Latin-1 in the user", "http://caf%E9@127.0.0.1/", TIN_E_URL},
    /* paths */
    {"wrong escape", "http://127.0.0.1/%zz", TIN_E_URL},
    {"cut escape", "http://127.0.0.1/a%4", TIN_E_URL},
    {"percent at the end", "http://127.0.0.1/100%", TIN_E_URL},
    {"wrong escape in the query", "http://127.0.0.1/?%G0", TIN_E_URL},
    {"FTP command in the path", "ftp://127.0.0.1/a%0D%0ADELE%20b", TIN_E_URL},
    {"NUL in the FTP path", "ftp://127.0.0.1/a%00.txt", TIN_E_URL},
    {"FTP listing", "ftp://127.0.0.1/a;type=d", TIN_E_UNSUPPORTED},
    {"unknown FTP type", "ftp://127.0.0.1/a;type=x", TIN_E_URL},
    {"file alone", "file:", TIN_E_URL},
    {"NUL in a file URL", "file:///C:/a%00.txt", TIN_E_URL},
    {"line end in a file URL", "file:///C:/a%0A.txt", TIN_E_URL},
    {"wrong escape in a file URL", "file:///C:/a%zz.txt", TIN_E_URL},
    /* spaces around it */
    {"space before a URL", " http://127.0.0.1/", TIN_E_URL},
    {"space after a URL", "http://127.0.0.1/ ", TIN_E_URL},
    {"space before a name", " C:\\x", TIN_E_URL},
    {"space after a name", "C:\\x ", TIN_E_URL},
};

static void bad_urls_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(bad_urls); i++) {
        wchar_t wide[200] = L"";
        const char *url = bad_urls[i].url;

        expect_no_file(bad_urls[i].name, url, NULL, bad_urls[i].error);
        if (url != NULL)
            MultiByteToWideChar(CP_UTF8, 0, url, -1, wide, 200);
        expect_no_file_w(bad_urls[i].name, url != NULL ? wide : NULL, NULL, bad_urls[i].error);
    }
}

static void control_characters_in_a_url_are_refused_wherever_they_are(void **state)
{
    static const char *const places[] = {
        "%chttp://127.0.0.1/",    "ht%ctp://127.0.0.1/",
        "http://%c127.0.0.1/",    "http://u%c@127.0.0.1",
        "http://127.0.0.1:8%c0/", "http://127.0.0.1/a%cb",
        "http://127.0.0.1/?%c",   "http://127.0.0.1/#%c",
        "http://127.0.0.1/%c",    "ftp://127.0.0.1/a%cb",
        "file:///C:/a%cb",        "C:\\a%cb",
        "\\\\server\\a%cb",       "a%cb",
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(places); i++)
        for (int c = 1; c <= 0x7F; c = c == 0x1F ? 0x7F : c + 1) {
            char url[64], name[64];

            snprintf(url, sizeof url, places[i], c);
            snprintf(name, sizeof name, "%s with %d", places[i], c);
            expect_no_file(name, url, NULL, TIN_E_URL);
        }
}

static void urls_of_100_kilobytes_are_refused(void **state)
{
    static const char *const starts[] = {
        "http://127.0.0.1/",  "http://",    "http://127.0.0.1:",
        "http://127.0.0.1/?", "https://u:", "ftp://h/",
        "file:///C:/",        "C:\\",       "\\\\server\\share",
        "javascript:",        "x",
    };
    static char url[100 * 1024 + 64];

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(starts); i++) {
        memset(url, '1', sizeof url - 1);
        memcpy(url, starts[i], strlen(starts[i]));
        expect_no_file(starts[i], url, NULL, TIN_E_URL);
    }
}

/* ---- headers --------------------------------------------------------------------------------- */

static const struct {
    const char *name, *headers;
} bad_headers[] = {
    {"no colon", "Accept"},
    {"no colon in the second line", "A: b\r\nAccept"},
    {"no name", ": b"},
    {"no name in the second line", "A: b\r\n: c"},
    {"space in the name", "A B: c"},
    {"space before the name", " A: b"},
    {"space before the colon", "A : b"},
    {"tab before the colon", "A\t: b"},
    {"folded value", "A: b\r\n c"},
    {"value folded with a tab", "A: b\r\n\tc"},
    {"LF alone", "A: b\nC: d"},
    {"CR alone", "A: b\rC: d"},
    {"LF at the end", "A: b\n"},
    {"CR at the end", "A: b\r"},
    {"LF CR", "A: b\n\rC: d"},
    {"CR CR LF", "A: b\r\r\nC: d"},
    {"line end first", "\r\nA: b"},
    {"blank line between", "A: b\r\n\r\nGET / HTTP/1.1"},
    {"LF in the name", "A\n: b"},
    {"U+0100", "A: \xC4\x80"},
    {"euro sign", "A: \xE2\x82\xAC"},
    {"beyond 16 bits", "A: \xF0\x9F\x92\xA9"},
    {"U+010A, whose low byte is LF", "A: b\xC4\x8A"
                                     "C: d"},
    {"not ASCII in the name", "caf\xC3\xA9: b"},
};

static void bad_headers_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(bad_headers); i++) {
        wchar_t wide[100];

        MultiByteToWideChar(CP_UTF8, 0, bad_headers[i].headers, -1, wide, 100);
        expect_no_file(bad_headers[i].name, "http://127.0.0.1/", bad_headers[i].headers,
                       TIN_E_ARGUMENT);
        expect_no_file_w(bad_headers[i].name, L"http://127.0.0.1/", wide, TIN_E_ARGUMENT);
    }
}

static void control_characters_in_a_header_are_refused(void **state)
{
    static const char *const places[] = {"%cA: b", "A%c: b", "A:%cb", "A: b%c", "A: b%cC: d"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(places); i++)
        for (int c = 1; c <= 0x7F; c = c == 0x1F ? 0x7F : c + 1) {
            char headers[64], name[64];

            if (c == '\t' && i >= 2) /* allowed in a value */
                continue;
            snprintf(headers, sizeof headers, places[i], c);
            snprintf(name, sizeof name, "%s with %d", places[i], c);
            expect_no_file(name, "http://127.0.0.1/", headers, TIN_E_ARGUMENT);
        }
}

static void names_of_headers_are_tokens(void **state)
{
    static const char separators[] = "\"(),/;<=>?@[\\]{}";

    (void)state;
    for (const char *c = separators; *c != '\0'; c++) {
        char headers[16];

        snprintf(headers, sizeof headers, "A%cB: c", *c);
        expect_no_file(headers, "http://127.0.0.1/", headers, TIN_E_ARGUMENT);
    }
}

/* The file is not there, so whoever gets as far as TIN_E_NOT_FOUND has let the headers pass. */
static void good_headers_are_accepted(void **state)
{
    static const char *const headers[] = {
        NULL,
        "",
        "A: b",
        "A: b\r\n",
        "A: b\r\nC: d",
        "A:",
        "A:b",
        "A: b\tc",
        "A: caf\xC3\xA9",
        "A: a:b",
        "A: \"(),/;<=>?@[\\]{}\"",
        "!#$%&'*+-.^_`|~09azAZ: b",
    };
    const char *missing = test_file_path();

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(headers); i++) {
        tin_handle file = GARBAGE;
        const tin_result result = tin_open_url(session, missing, headers[i], 0, NULL, &file);

        if (result.error != TIN_E_NOT_FOUND || file != NULL)
            fail_msg("\"%s\": %s", headers[i], tin_error_name(result.error));
    }
}

static void a_good_header_arrives_as_it_was_given(void **state)
{
    char request[1000];
    tin_handle file;

    (void)state;
    assert_int_equal(tin_open_url(session, fault_server_url(server, "/x"),
                                  "X-One: a, b\r\nX-Two: caf\xC3\xA9", 0, NULL, &file)
                         .error,
                     TIN_OK);
    fault_server_request(server, fault_server_count(server, FAULT_REQUESTS) - 1, request,
                         sizeof request);
    assert_non_null(strstr(request, "\r\nX-One: a, b\r\n"));
    assert_non_null(strstr(request, "\r\nX-Two: caf\xE9\r\n"));
}

/* ---- places for answers ---------------------------------------------------------------------- */

static void a_null_place_for_the_answer_is_refused(void **state)
{
    char buffer[4];

    (void)state;
    expect("session", "tin_open", tin_open("a", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, NULL),
           TIN_E_ARGUMENT);
    expect("session", "tin_open_w",
           tin_open_w(L"a", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, NULL), TIN_E_ARGUMENT);
    expect("file", "tin_open_url",
           tin_open_url(session, fault_server_url(server, "/"), NULL, 0, NULL, NULL),
           TIN_E_ARGUMENT);
    expect("file", "tin_open_url_w", tin_open_url_w(session, L"C:\\", NULL, 0, NULL, NULL),
           TIN_E_ARGUMENT);
    expect("got", "tin_read_file", tin_read_file(http_file, buffer, 4, NULL), TIN_E_ARGUMENT);
    expect("got", "tin_read_available", tin_read_available(http_file, buffer, 4, NULL),
           TIN_E_ARGUMENT);
    expect("length", "tin_get_length", tin_get_length(http_file, NULL), TIN_E_ARGUMENT);
    expect("size", "tin_query_option",
           tin_query_option(session, INTERNET_OPTION_PROXY, buffer, NULL), TIN_E_ARGUMENT);
    expect("value", "tin_query_option_dword",
           tin_query_option_dword(session, INTERNET_OPTION_ERROR_MASK, NULL), TIN_E_ARGUMENT);
    expect("size", "tin_query_option_text",
           tin_query_option_text(session, INTERNET_OPTION_USER_AGENT, buffer, NULL),
           TIN_E_ARGUMENT);
    expect("size", "tin_query_option_text_w",
           tin_query_option_text_w(session, INTERNET_OPTION_USER_AGENT, NULL, NULL),
           TIN_E_ARGUMENT);
    expect("size", "tin_get_last_response_info", tin_get_last_response_info(session, buffer, NULL),
           TIN_E_ARGUMENT);
    expect("size", "tin_get_last_response_info_w",
           tin_get_last_response_info_w(session, NULL, NULL), TIN_E_ARGUMENT);
}

typedef tin_result reader(tin_handle file, void *buffer, size_t size, size_t *got);

static const struct {
    const char *name;
    reader *read;
} readers[] = {{"tin_read_file", tin_read_file}, {"tin_read_available", tin_read_available}};

static void reading_nothing_or_nowhere_is_refused_and_reads_nothing(void **state)
{
    const tin_handle files[] = {http_file, local_file};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(readers); i++)
        for (size_t j = 0; j < TEST_COUNT_OF(files); j++) {
            char buffer[4] = "abc";
            size_t got = 99;

            expect("NULL buffer", readers[i].name, readers[i].read(files[j], NULL, 4, &got),
                   TIN_E_ARGUMENT);
            assert_int_equal(got, 0);
            got = 99;
            expect("size 0", readers[i].name, readers[i].read(files[j], buffer, 0, &got),
                   TIN_E_ARGUMENT);
            assert_int_equal(got, 0);
            got = 99;
            expect("NULL buffer, size 0", readers[i].name, readers[i].read(files[j], NULL, 0, &got),
                   TIN_E_ARGUMENT);
            assert_int_equal(got, 0);
            assert_string_equal(buffer, "abc");
        }
    for (size_t j = 0; j < TEST_COUNT_OF(files); j++) { /* it can still be read, from its start */
        char buffer[16] = "";
        size_t got = 0;

        assert_ok(tin_read_file(files[j], buffer, sizeof buffer, &got));
        assert_int_equal(got, 10);
        assert_memory_equal(buffer, "0123456789", 10);
    }
}

static void a_wrong_handle_is_refused_and_the_answer_is_nothing(void **state)
{
    const tin_handle handles[] = {NULL, GARBAGE, (tin_handle)INVALID_HANDLE_VALUE,
                                  (tin_handle)tin_native_handle(session)};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(handles); i++) {
        const tin_handle wrong = handles[i];
        char text[8], name[32];
        uint64_t length = 99;
        size_t size = sizeof text, got = 99;
        tin_handle file = GARBAGE;

        snprintf(name, sizeof name, "handle %u", (unsigned)i);
        expect(name, "tin_close_handle", tin_close_handle(wrong), TIN_E_HANDLE);
        expect(name, "tin_cancel", tin_cancel(wrong), TIN_E_HANDLE);
        expect(name, "tin_open_url",
               tin_open_url(wrong, fault_server_url(server, "/"), NULL, 0, NULL, &file),
               TIN_E_HANDLE);
        assert_null(file);
        expect(name, "tin_read_file", tin_read_file(wrong, text, 1, &got), TIN_E_HANDLE);
        assert_int_equal(got, 0);
        got = 99;
        expect(name, "tin_read_available", tin_read_available(wrong, text, 1, &got), TIN_E_HANDLE);
        assert_int_equal(got, 0);
        expect(name, "tin_get_length", tin_get_length(wrong, &length), TIN_E_HANDLE);
        assert_int_equal(length, 0);
        expect(name, "tin_set_read_buffer_size", tin_set_read_buffer_size(wrong, 1), TIN_E_HANDLE);
        expect(name, "tin_set_status_callback", tin_set_status_callback(wrong, NULL, NULL),
               TIN_E_HANDLE);
        expect(name, "tin_get_last_response_info", tin_get_last_response_info(wrong, text, &size),
               TIN_E_HANDLE);
        assert_int_equal(size, 0);
        assert_null(tin_native_handle(wrong));
    }
}

static void a_session_is_no_file_and_a_file_no_session(void **state)
{
    const tin_handle files[] = {http_file, local_file};
    char byte;
    size_t got = 99;
    uint64_t length = 99;

    (void)state;
    expect("session", "tin_read_file", tin_read_file(session, &byte, 1, &got), TIN_E_HANDLE);
    assert_int_equal(got, 0);
    expect("session", "tin_get_length", tin_get_length(session, &length), TIN_E_HANDLE);
    assert_int_equal(length, 0);
    expect("session", "tin_set_read_buffer_size", tin_set_read_buffer_size(session, 1),
           TIN_E_HANDLE);
    for (size_t i = 0; i < TEST_COUNT_OF(files); i++) {
        tin_handle file = GARBAGE;

        expect("file", "tin_open_url", tin_open_url(files[i], "C:\\", NULL, 0, NULL, &file),
               TIN_E_HANDLE);
        assert_null(file);
    }
}

static void a_read_buffer_has_64_mebibytes_at_most(void **state)
{
    static const size_t sizes[] = {((size_t)64 << 20) + 1, (size_t)1 << 30, SIZE_MAX};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(sizes); i++)
        expect("size", "tin_set_read_buffer_size", tin_set_read_buffer_size(http_file, sizes[i]),
               TIN_E_ARGUMENT);
    expect("largest", "tin_set_read_buffer_size",
           tin_set_read_buffer_size(http_file, (size_t)64 << 20), TIN_OK);
}

static void describing_needs_no_place(void **state)
{
    char text[4] = "abc";
    wchar_t wide[4] = L"abc";
    const tin_result result = {TIN_E_URL, 0};
    const size_t length = strlen("The URL is not valid (TIN_E_URL).");

    (void)state;
    assert_int_equal(tin_describe(result, NULL, 0), length);
    assert_int_equal(tin_describe(result, NULL, 100), length);
    assert_int_equal(tin_describe(result, text, 0), length);
    assert_int_equal(tin_describe_w(result, NULL, 100), length * sizeof(wchar_t));
    assert_int_equal(tin_describe_w(result, wide, 1), length * sizeof(wchar_t));
    assert_string_equal(text, "abc");
    assert_int_equal(wcscmp(wide, L"abc"), 0);
    assert_string_equal(tin_error_name((tin_error)-1), "TIN_E_UNKNOWN");
    assert_string_equal(tin_error_name((tin_error)9999), "TIN_E_UNKNOWN");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_all, close_all)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(malformed_utf8_is_refused_everywhere),
        TEST(lone_surrogates_in_a_url_are_refused),
        TEST(bad_urls_are_refused),
        TEST(control_characters_in_a_url_are_refused_wherever_they_are),
        TEST(urls_of_100_kilobytes_are_refused),
        TEST(bad_headers_are_refused),
        TEST(control_characters_in_a_header_are_refused),
        TEST(names_of_headers_are_tokens),
        TEST(good_headers_are_accepted),
        TEST(a_good_header_arrives_as_it_was_given),
        TEST(a_null_place_for_the_answer_is_refused),
        TEST(reading_nothing_or_nowhere_is_refused_and_reads_nothing),
        TEST(a_wrong_handle_is_refused_and_the_answer_is_nothing),
        TEST(a_session_is_no_file_and_a_file_no_session),
        TEST(a_read_buffer_has_64_mebibytes_at_most),
        TEST(describing_needs_no_place),
    };

    return test_run_group(tests, NULL, nothing_is_left);
}
