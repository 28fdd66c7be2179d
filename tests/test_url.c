/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "guarded_heap.h"
#include "internal.h"

#include <wchar.h>

#define assert_row(name, condition)                                                                \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("%s: %s", name, #condition);                                                  \
    } while (0)

static const tin__url nothing;

static bool same(const wchar_t *a, const wchar_t *b)
{
    return a == NULL || b == NULL ? a == b : wcscmp(a, b) == 0;
}

/* From a guarded text: nothing behind it is looked at. */
static tin_result parse(const wchar_t *text, tin__url *url)
{
    void *block = NULL;
    const wchar_t *copy = NULL;
    tin_result result;

    if (text != NULL)
        copy = guarded_copy(text, (wcslen(text) + 1) * sizeof *text, &block);
    result = tin__parse_url(copy, url);
    guarded_free(block);
    return result;
}

/* Shows what is wrong, as a condition alone cannot. */
static void assert_text(const char *name, const wchar_t *is, const wchar_t *should_be)
{
    if (!same(is, should_be))
        fail_msg("%s: is \"%ls\", should be \"%ls\"", name, is == NULL ? L"(NULL)" : is,
                 should_be == NULL ? L"(NULL)" : should_be);
}

/* WinInet is given a text that says the same as the one it was made from. */
static void assert_stable(const char *name, const tin__url *url)
{
    tin__url again;

    assert_row(name, tin_ok(tin__parse_url(url->text, &again)));
    assert_text(name, again.text, url->text);
    assert_text(name, again.host, url->host);
    assert_text(name, again.path, url->path);
    assert_row(name, again.scheme == url->scheme && again.port == url->port);
    assert_row(name, again.user == NULL && again.password == NULL && again.transfer_type == 0);
    tin__free_url(&again);
}

/* ---- http and https -------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const wchar_t *input;
    tin__scheme scheme;
    const wchar_t *text;
    const wchar_t *host;
    INTERNET_PORT port;
} web[] = {
    {"http", L"http://h/x", TIN__HTTP, L"http://h/x", L"h", 80},
    {"https", L"https://h/x", TIN__HTTPS, L"https://h/x", L"h", 443},
    {"case of scheme and host", L"HtTpS://WWW.Example.COM/Path?Q", TIN__HTTPS,
     L"https://www.example.com/Path?Q", L"www.example.com", 443},
    {"no path", L"http://h", TIN__HTTP, L"http://h/", L"h", 80},
    {"query without a path", L"http://h?q", TIN__HTTP, L"http://h/?q", L"h", 80},
    {"empty query", L"http://h/x?", TIN__HTTP, L"http://h/x?", L"h", 80},
    {"double slashes stay", L"http://h//a//", TIN__HTTP, L"http://h//a//", L"h", 80},
    {"at sign in the path", L"http://h/a@b", TIN__HTTP, L"http://h/a@b", L"h", 80},
    {"at sign in the query", L"http://h?a@b", TIN__HTTP, L"http://h/?a@b", L"h", 80},
    {"URL in the query", L"http://h/x?u=http://u:p@o/", TIN__HTTP, L"http://h/x?u=http://u:p@o/",
     L"h", 80},
    {"what may stand in a URL", L"http://h/-._~!$&'()*+,;=:@[]?-._~!$&'()*+,;=:@/?[]", TIN__HTTP,
     L"http://h/-._~!$&'()*+,;=:@[]?-._~!$&'()*+,;=:@/?[]", L"h", 80},

    {"port", L"http://h:8080/x", TIN__HTTP, L"http://h:8080/x", L"h", 8080},
    {"lowest port", L"http://h:1/", TIN__HTTP, L"http://h:1/", L"h", 1},
    {"highest port", L"http://h:65535/", TIN__HTTP, L"http://h:65535/", L"h", 65535},
    {"own port of http", L"http://h:80/", TIN__HTTP, L"http://h/", L"h", 80},
    {"own port of https", L"https://h:443/", TIN__HTTPS, L"https://h/", L"h", 443},
    {"port of the other one", L"https://h:80/", TIN__HTTPS, L"https://h:80/", L"h", 80},
    {"port with zeroes before it", L"http://h:0000008080/", TIN__HTTP, L"http://h:8080/", L"h",
     8080},
    {"empty port", L"http://h:/x", TIN__HTTP, L"http://h/x", L"h", 80},
    {"port without a path", L"http://h:99", TIN__HTTP, L"http://h:99/", L"h", 99},
    {"port before a query", L"http://h:99?q", TIN__HTTP, L"http://h:99/?q", L"h", 99},

    {"fragment", L"http://h/x#f", TIN__HTTP, L"http://h/x", L"h", 80},
    {"fragment after a query", L"http://h/x?q#f?g#h", TIN__HTTP, L"http://h/x?q", L"h", 80},
    {"fragment after the host", L"http://h#f/x@y", TIN__HTTP, L"http://h/", L"h", 80},
    {"wrong escape in the fragment", L"http://h/#%zz", TIN__HTTP, L"http://h/", L"h", 80},

    {"space in the path", L"http://h/a b", TIN__HTTP, L"http://h/a%20b", L"h", 80},
    {"space in the query", L"http://h/x?a b", TIN__HTTP, L"http://h/x?a%20b", L"h", 80},
    {"not allowed in URLs", L"http://h/\"<>^`{|}", TIN__HTTP, L"http://h/%22%3C%3E%5E%60%7B%7C%7D",
     L"h", 80},
    {"not allowed in queries", L"http://h/?\"<>^`{|}", TIN__HTTP,
     L"http://h/?%22%3C%3E%5E%60%7B%7C%7D", L"h", 80},
    {"backslash in the path", L"http://h/a\\b", TIN__HTTP, L"http://h/a/b", L"h", 80},
    {"backslash in the query", L"http://h/a?b\\c", TIN__HTTP, L"http://h/a?b%5Cc", L"h", 80},
    {"two bytes", L"http://h/\x00E9", TIN__HTTP, L"http://h/%C3%A9", L"h", 80},
    {"three bytes in the query", L"http://h/?\x20AC", TIN__HTTP, L"http://h/?%E2%82%AC", L"h", 80},
    {"four bytes", L"http://h/\xD83D\xDCA9", TIN__HTTP, L"http://h/%F0%9F%92%A9", L"h", 80},
    {"C1 control character", L"http://h/\x0085", TIN__HTTP, L"http://h/%C2%85", L"h", 80},
    {"good escapes stay", L"http://h/%41%e9%00%0d%0A%2F%2e?%23%5c", TIN__HTTP,
     L"http://h/%41%e9%00%0d%0A%2F%2e?%23%5c", L"h", 80},
    {"plus stays", L"http://h/a+b?c+d", TIN__HTTP, L"http://h/a+b?c+d", L"h", 80},

    {"dot segments", L"http://h/a/./b/../c", TIN__HTTP, L"http://h/a/c", L"h", 80},
    {"dots above the root", L"http://h/../../a", TIN__HTTP, L"http://h/a", L"h", 80},
    {"dot at the end", L"http://h/a/.", TIN__HTTP, L"http://h/a/", L"h", 80},
    {"two dots at the end", L"http://h/a/b/..", TIN__HTTP, L"http://h/a/", L"h", 80},
    {"only two dots", L"http://h/..", TIN__HTTP, L"http://h/", L"h", 80},
    {"two dots before a query", L"http://h/a/..?q", TIN__HTTP, L"http://h/?q", L"h", 80},
    {"dots in the query stay", L"http://h/a?/../b/./c", TIN__HTTP, L"http://h/a?/%2E./b/%2E/c",
     L"h", 80},
    {"escaped dots stay", L"http://h/a/%2e%2E/b", TIN__HTTP, L"http://h/a/%2e%2E/b", L"h", 80},
    {"dots that are names", L"http://h/.../.a/a./..b", TIN__HTTP, L"http://h/.../.a/a./..b", L"h",
     80},
    {"empty segment before two dots", L"http://h/a//../b", TIN__HTTP, L"http://h/a/b", L"h", 80},
    {"dots between backslashes", L"http://h/a\\..\\b", TIN__HTTP, L"http://h/b", L"h", 80},

    {"IPv4", L"http://127.0.0.1:99/", TIN__HTTP, L"http://127.0.0.1:99/", L"127.0.0.1", 99},
    {"IPv6", L"http://[::1]:99/x", TIN__HTTP, L"http://[::1]:99/x", L"::1", 99},
    {"IPv6 keeps its port", L"http://[::1]/x", TIN__HTTP, L"http://[::1]:80/x", L"::1", 80},
    {"IPv6 with an empty port", L"https://[::1]:", TIN__HTTPS, L"https://[::1]:443/", L"::1", 443},
    {"IPv6 in long", L"http://[2001:DB8:0:0:0:0:0:00A1]/", TIN__HTTP, L"http://[2001:db8::a1]:80/",
     L"2001:db8::a1", 80},
    {"IPv6 with an IPv4 tail", L"http://[::ffff:1.2.3.4]/", TIN__HTTP,
     L"http://[::ffff:1.2.3.4]:80/", L"::ffff:1.2.3.4", 80},

    {"underscore and hyphens", L"http://a_b.-c-.d--e/", TIN__HTTP, L"http://a_b.-c-.d--e/",
     L"a_b.-c-.d--e", 80},
    {"dot at the end of the host", L"http://h.example./", TIN__HTTP, L"http://h.example./",
     L"h.example.", 80},
    {"longest label", L"http://0123456789012345678901234567890123456789012345678901234567890ab/",
     TIN__HTTP, L"http://0123456789012345678901234567890123456789012345678901234567890ab/",
     L"0123456789012345678901234567890123456789012345678901234567890ab", 80},
    {"umlaut", L"http://b\u00FCcher.example/", TIN__HTTP, L"http://xn--bcher-kva.example/",
     L"xn--bcher-kva.example", 80},
    {"upper-case umlaut", L"http://WWW.B\u00DCCHER.Example:81/\x00FC", TIN__HTTP,
     L"http://www.xn--bcher-kva.example:81/%C3%BC", L"www.xn--bcher-kva.example", 81},
    {"decomposed umlaut", L"http://bu\u0308cher.example/", TIN__HTTP,
     L"http://xn--bcher-kva.example/", L"xn--bcher-kva.example", 80},
    {"Japanese", L"http://\x4F8B\x3048.\x30C6\x30B9\x30C8/", TIN__HTTP,
     L"http://xn--r8jz45g.xn--zckzah/", L"xn--r8jz45g.xn--zckzah", 80},
    {"outside the basic plane", L"http://\xD83D\xDCA9.la/", TIN__HTTP, L"http://xn--ls8h.la/",
     L"xn--ls8h.la", 80},
    {"ideographic full stop", L"http://a\u3002b/", TIN__HTTP, L"http://a.b/", L"a.b", 80},
    {"full-width letter", L"http://\xFF21.example/", TIN__HTTP, L"http://a.example/", L"a.example",
     80},
    {"punycode already", L"http://XN--BCHER-KVA.example/", TIN__HTTP,
     L"http://xn--bcher-kva.example/", L"xn--bcher-kva.example", 80},
};

static void web_urls_are_made_ready_for_wininet(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(web); i++) {
        tin__url url;

        assert_row(web[i].name, tin_ok(parse(web[i].input, &url)));
        assert_row(web[i].name, url.scheme == web[i].scheme && url.port == web[i].port);
        assert_text(web[i].name, url.text, web[i].text);
        assert_text(web[i].name, url.host, web[i].host);
        assert_row(web[i].name, url.user == NULL && url.password == NULL && url.path == NULL);
        assert_row(web[i].name, url.transfer_type == 0);
        assert_stable(web[i].name, &url);
        tin__free_url(&url);
    }
}

static const wchar_t *wininet_host(const wchar_t *text, wchar_t host[64], INTERNET_PORT *port)
{
    URL_COMPONENTSW parts = {.dwStructSize = sizeof parts, .lpszHostName = host};
    size_t length;

    parts.dwHostNameLength = 64;
    if (!InternetCrackUrlW(text, 0, 0, &parts))
        return NULL;
    *port = parts.nPort;
    length = wcslen(host);
    if (host[0] != L'[')
        return host;
    host[length - 1] = L'\0';
    return host + 1;
}

static void wininet_finds_the_same_host_and_port(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(web); i++) {
        wchar_t host[64];
        INTERNET_PORT port = 0;

        if (wcslen(web[i].host) >= 60)
            continue;
        assert_text(web[i].name, wininet_host(web[i].text, host, &port), web[i].host);
        assert_row(web[i].name, port == web[i].port);
    }
}

/* ---- User info ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const wchar_t *input;
    const wchar_t *text;
    const wchar_t *user;
    const wchar_t *password;
} logins[] = {
    {"user and password", L"http://u:p@h:81/x", L"http://h:81/x", L"u", L"p"},
    {"user alone", L"http://u@h/", L"http://h/", L"u", L""},
    {"empty password", L"http://u:@h/", L"http://h/", L"u", L""},
    {"password alone", L"http://:p@h/", L"http://h/", L"", L"p"},
    {"both empty", L"http://:@h/", L"http://h/", L"", L""},
    {"nobody", L"http://@h/", L"http://h/", NULL, NULL},
    {"colons in the password", L"http://u:p:q:@h/", L"http://h/", L"u", L"p:q:"},
    {"escapes", L"http://user%40x:p%3Aq%40%2f%25@h/", L"http://h/", L"user@x", L"p:q@/%"},
    {"escaped UTF-8", L"http://%C3%A9:%F0%9F%92%A9@h/", L"http://h/", L"\x00E9", L"\xD83D\xDCA9"},
    {"UTF-16", L"http://\x00E9:\x20AC@h/", L"http://h/", L"\x00E9", L"\x20AC"},
    {"escaped space", L"http://a%20b:c%20d@h/", L"http://h/", L"a b", L"c d"},
    {"plus", L"http://a+b@h/", L"http://h/", L"a+b", L""},
    {"IPv6", L"https://u:p@[::1]:444/", L"https://[::1]:444/", L"u", L"p"},
    {"IDN", L"http://u:p@b\u00FCcher.example/", L"http://xn--bcher-kva.example/", L"u", L"p"},
    {"bracket in the password", L"http://u:[p@h/", L"http://h/", L"u", L"[p"},
    {"ftp", L"ftp://u%40h:p@h/x", L"ftp://h/x", L"u@h", L"p"},
};

static void user_info_is_decoded_and_kept_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(logins); i++) {
        tin__url url;

        assert_row(logins[i].name, tin_ok(parse(logins[i].input, &url)));
        assert_text(logins[i].name, url.text, logins[i].text);
        assert_text(logins[i].name, url.user, logins[i].user);
        assert_text(logins[i].name, url.password, logins[i].password);
        assert_stable(logins[i].name, &url);
        tin__free_url(&url);
    }
}

/* ---- ftp ------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const wchar_t *input;
    const wchar_t *text;
    INTERNET_PORT port;
    const wchar_t *path;
    DWORD type;
} ftp[] = {
    {"file", L"ftp://h/file", L"ftp://h/file", 21, L"file", 0},
    {"own port", L"FTP://H:21/file", L"ftp://h/file", 21, L"file", 0},
    {"port", L"ftp://h:2121/a/b/c", L"ftp://h:2121/a/b/c", 2121, L"a/b/c", 0},
    {"login folder", L"ftp://h/", L"ftp://h/", 21, L"", 0},
    {"login folder without a slash", L"ftp://h", L"ftp://h/", 21, L"", 0},
    {"folder", L"ftp://h/a/", L"ftp://h/a/", 21, L"a/", 0},
    {"absolute by RFC 1738", L"ftp://h/%2Fetc/motd", L"ftp://h/%2Fetc/motd", 21, L"/etc/motd", 0},
    {"absolute by habit", L"ftp://h//etc/motd", L"ftp://h//etc/motd", 21, L"/etc/motd", 0},
    {"escapes", L"ftp://h/a%20b%3Bc%23d%3F", L"ftp://h/a%20b%3Bc%23d%3F", 21, L"a b;c#d?", 0},
    {"space", L"ftp://h/a b", L"ftp://h/a%20b", 21, L"a b", 0},
    {"UTF-8", L"ftp://h/%C3%A9\x00E9", L"ftp://h/%C3%A9%C3%A9", 21, L"\x00E9\x00E9", 0},
    {"question mark", L"ftp://h/a?b", L"ftp://h/a?b", 21, L"a?b", 0},
    {"fragment", L"ftp://h/a#b;type=i", L"ftp://h/a", 21, L"a", 0},
    {"dot segments", L"ftp://h/a/../b", L"ftp://h/b", 21, L"b", 0},
    {"binary", L"ftp://h/a;type=i", L"ftp://h/a", 21, L"a", FTP_TRANSFER_TYPE_BINARY},
    {"ASCII", L"ftp://h/a;type=a", L"ftp://h/a", 21, L"a", FTP_TRANSFER_TYPE_ASCII},
    {"binary in capitals", L"ftp://h/a;TYPE=I", L"ftp://h/a", 21, L"a", FTP_TRANSFER_TYPE_BINARY},
    {"ASCII in capitals", L"ftp://h/a;Type=A", L"ftp://h/a", 21, L"a", FTP_TRANSFER_TYPE_ASCII},
    {"type of the login folder", L"ftp://h/;type=a", L"ftp://h/", 21, L"", FTP_TRANSFER_TYPE_ASCII},
    {"other semicolons", L"ftp://h/a;b;type;type=i", L"ftp://h/a;b;type", 21, L"a;b;type",
     FTP_TRANSFER_TYPE_BINARY},
    {"escaped type is a name", L"ftp://h/a%3Btype=i", L"ftp://h/a%3Btype=i", 21, L"a;type=i", 0},
    {"IPv6", L"ftp://[::1]/a", L"ftp://[::1]:21/a", 21, L"a", 0},
};

static void ftp_urls_give_a_path_and_a_transfer_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(ftp); i++) {
        tin__url url;

        assert_row(ftp[i].name, tin_ok(parse(ftp[i].input, &url)));
        assert_row(ftp[i].name, url.scheme == TIN__FTP && url.port == ftp[i].port);
        assert_text(ftp[i].name, url.text, ftp[i].text);
        assert_text(ftp[i].name, url.path, ftp[i].path);
        assert_row(ftp[i].name, url.transfer_type == ftp[i].type);
        assert_stable(ftp[i].name, &url);
        tin__free_url(&url);
    }
}

/* ---- Local names ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const wchar_t *input;
    const wchar_t *path;
} local[] = {
    {"drive", L"C:\\x", L"C:\\x"},
    {"drive and slash", L"C:/x", L"C:/x"},
    {"current folder of a drive", L"c:x", L"c:x"},
    {"one letter and a colon", L"h://x", L"h://x"},
    {"name", L"notes.txt", L"notes.txt"},
    {"dot", L".\\x", L".\\x"},
    {"folder", L"dir\\x", L"dir\\x"},
    {"folder above", L"../x", L"../x"},
    {"root", L"\\x", L"\\x"},
    {"UNC", L"\\\\server\\share\\f", L"\\\\server\\share\\f"},
    {"UNC and slashes", L"//server/share/f", L"//server/share/f"},
    {"long path", L"\\\\?\\C:\\x", L"\\\\?\\C:\\x"},
    {"no escapes", L"C:\\100%25%zz%.txt", L"C:\\100%25%zz%.txt"},
    {"no fragment", L"C:\\a#b?c", L"C:\\a#b?c"},
    {"UTF-16 as it is", L"C:\\\x00E9\xD83D\xDCA9\xD800.txt", L"C:\\\x00E9\xD83D\xDCA9\xD800.txt"},
    {"spaces inside", L"C:\\a b c", L"C:\\a b c"},
    {"stream with a dot before it", L".\\notes.txt:s", L".\\notes.txt:s"},
    {"web site without a scheme", L"www.example.com/x", L"www.example.com/x"},
    {"starts with a digit", L"1a:x", L"1a:x"},
    {"scheme with a wrong character", L"ht_tp:x", L"ht_tp:x"},
    {"scheme without its colon", L"http", L"http"},

    {"file: three slashes", L"file:///C:/d/x", L"C:\\d\\x"},
    {"file: MFC", L"file://C:\\d\\x", L"C:\\d\\x"},
    {"file: two slashes", L"file://C:/d/x", L"C:\\d\\x"},
    {"file: localhost", L"file://localhost/C:/d/x", L"C:\\d\\x"},
    {"file: localhost in capitals", L"FILE://LOCALHOST/C:/d/x", L"C:\\d\\x"},
    {"file: no slash", L"file:C:/d/x", L"C:\\d\\x"},
    {"file: no slash, backslashes", L"file:C:\\d\\x", L"C:\\d\\x"},
    {"file: one slash", L"file:/C:/d/x", L"C:\\d\\x"},
    {"file: four slashes", L"file:////C:/d/x", L"C:\\d\\x"},
    {"file: bar", L"file:///C|/d/x", L"C:\\d\\x"},
    {"file: bar after two slashes", L"file://C|/d/x", L"C:\\d\\x"},
    {"file: bar alone", L"file:///C|", L"C:"},
    {"file: bar in a name", L"file:///a|b", L"\\a|b"},
    {"file: backslashes", L"file:\\\\\\C:\\d\\x", L"C:\\d\\x"},
    {"file: escaped colon", L"file:///c%3A/d/x", L"c:\\d\\x"},
    {"file: current folder of a drive", L"file:c:x", L"c:x"},
    {"file: current folder", L"file:notes.txt", L"notes.txt"},
    {"file: folder above", L"file:../x", L"..\\x"},
    {"file: root", L"file:///etc/x", L"\\etc\\x"},
    {"file: root, one slash", L"file:/etc/x", L"\\etc\\x"},
    {"file: root on localhost", L"file://localhost/etc/x", L"\\etc\\x"},
    {"file: UNC", L"file://server/share/f", L"\\\\server\\share\\f"},
    {"file: UNC, four slashes", L"file:////server/share/f", L"\\\\server\\share\\f"},
    {"file: UNC, five slashes", L"file://///server/share/f", L"\\\\server\\share\\f"},
    {"file: UNC, backslashes", L"file:\\\\server\\share\\f", L"\\\\server\\share\\f"},
    {"file: UNC on localhost", L"file://localhost//server/share/f", L"\\\\server\\share\\f"},
    {"file: server named like localhost", L"file://localhost2/s/f", L"\\\\localhost2\\s\\f"},
    {"file: long path", L"file:\\\\?\\C:\\d\\x", L"\\\\?\\C:\\d\\x"},
    {"file: escapes", L"file:///C:/a%20b%23c%25", L"C:\\a b#c%"},
    {"file: escaped UTF-8", L"file:///C:/%C3%A9%E2%82%AC", L"C:\\\x00E9\x20AC"},
    {"file: UTF-16", L"file:///C:/\x00E9\xD83D\xDCA9", L"C:\\\x00E9\xD83D\xDCA9"},
    {"file: space", L"file:///C:/a b", L"C:\\a b"},
    {"file: plus", L"file:///C:/a+b", L"C:\\a+b"},
    {"file: fragment", L"file:///C:/x#f", L"C:\\x"},
    {"file: query", L"file:///C:/x?q\\r", L"C:\\x"},
    {"file: MFC, sharp in the name", L"file://C:\\a#b.txt", L"C:\\a#b.txt"},
    {"file: MFC, escapes", L"file://C:\\a%20b", L"C:\\a b"},
    {"file: dots stay", L"file:///C:/a/../b", L"C:\\a\\..\\b"},
};

static void local_names_become_paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(local); i++) {
        tin__url url;

        assert_row(local[i].name, tin_ok(parse(local[i].input, &url)));
        assert_row(local[i].name, url.scheme == TIN__LOCAL && url.port == 0);
        assert_text(local[i].name, url.text, local[i].path);
        assert_row(local[i].name, *url.host == L'\0' && url.user == NULL && url.password == NULL);
        assert_row(local[i].name, url.path == NULL && url.transfer_type == 0);
        tin__free_url(&url);
    }
}

/* The spellings that name the same file do open it. */
static void local_names_open_one_file(void **state)
{
    static const char *const starts[] = {
        "", "file:///", "file://", "file:", "file:/", "file://localhost/", "file:\\\\\\"};
    const char *path = test_file("content", 7);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(starts); i++) {
        char name[2 * MAX_PATH];
        wchar_t *wide;
        tin__url url;
        HANDLE file;

        snprintf(name, sizeof name, "%s%s", starts[i], path);
        assert_row(name, tin_ok(tin__wide(name, &wide)) && tin_ok(tin__parse_url(wide, &url)));
        file = CreateFileW(url.text, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
        assert_row(name, file != INVALID_HANDLE_VALUE);
        CloseHandle(file);
        tin__free_url(&url);
        guarded_free(wide);
    }
}

/* ---- What is refused ------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const wchar_t *input;
    tin_error error;
} refused[] = {
    {"NULL", NULL, TIN_E_ARGUMENT},
    {"empty", L"", TIN_E_ARGUMENT},
    {"high surrogate in the path", L"http://h/\xD800", TIN_E_ARGUMENT},
    {"low surrogate in the query", L"http://h/?\xDC00z", TIN_E_ARGUMENT},
    {"surrogate in the fragment", L"http://h/#\xD800", TIN_E_ARGUMENT},
    {"surrogate in the host", L"http://h\xD800/", TIN_E_ARGUMENT},
    {"surrogate in the password", L"http://u:\xDC00@h/", TIN_E_ARGUMENT},
    {"surrogate in a file: URL", L"file:///C:/\xD800", TIN_E_ARGUMENT},

    {"gopher", L"gopher://h/", TIN_E_UNSUPPORTED},
    {"mailto", L"mailto:a@b", TIN_E_UNSUPPORTED},
    {"javascript", L"javascript:alert(1)", TIN_E_UNSUPPORTED},
    {"foo", L"foo://h/", TIN_E_UNSUPPORTED},
    {"two letters", L"ab:x", TIN_E_UNSUPPORTED},
    {"letter and digit", L"a1:x", TIN_E_UNSUPPORTED},
    {"every character of schemes", L"a+b-c.9:x", TIN_E_UNSUPPORTED},
    {"longer than http", L"httpx://h/", TIN_E_UNSUPPORTED},
    {"shorter than http", L"htt://h/", TIN_E_UNSUPPORTED},
    {"host and port without a scheme", L"localhost:8080/x", TIN_E_UNSUPPORTED},
    {"stream of a file", L"notes.txt:s", TIN_E_UNSUPPORTED},
    {"device", L"con:", TIN_E_UNSUPPORTED},
    {"listing", L"ftp://h/a;type=d", TIN_E_UNSUPPORTED},
    {"listing in capitals", L"ftp://h/a;TYPE=D", TIN_E_UNSUPPORTED},

    {"scheme alone", L"http:", TIN_E_URL},
    {"one slash", L"http:/h/x", TIN_E_URL},
    {"no slash", L"http:h/x", TIN_E_URL},
    {"backslashes", L"http:\\\\h\\x", TIN_E_URL},
    {"mixed slashes", L"http:/\\h/x", TIN_E_URL},
    {"space before the slashes", L"http: //h/", TIN_E_URL},
    {"ftp without slashes", L"ftp:h", TIN_E_URL},

    {"two slashes alone", L"http://", TIN_E_URL},
    {"no host", L"http:///x", TIN_E_URL},
    {"no host, port", L"http://:80/", TIN_E_URL},
    {"no host, user", L"http://u@/", TIN_E_URL},
    {"no host, user and port", L"http://u@:80/", TIN_E_URL},
    {"no host, query", L"http://?q", TIN_E_URL},
    {"no host, fragment", L"http://#f", TIN_E_URL},
    {"dot for a host", L"http://./", TIN_E_URL},
    {"dot at the start", L"http://.h/", TIN_E_URL},
    {"empty label", L"http://a..b/", TIN_E_URL},
    {"two dots at the end of the host", L"http://a../", TIN_E_URL},
    {"label too long", L"http://0123456789012345678901234567890123456789012345678901234567890abc/",
     TIN_E_URL},
    {"space in the host", L"http://a b/", TIN_E_URL},
    {"escape in the host", L"http://a%41/", TIN_E_URL},
    {"exclamation mark in the host", L"http://a!/", TIN_E_URL},
    {"comma in the host", L"http://a,b/", TIN_E_URL},
    {"less-than in the host", L"http://<h>/", TIN_E_URL},
    {"star in the host", L"http://*.h/", TIN_E_URL},
    {"bracket in the host", L"http://a[b]/", TIN_E_URL},
    {"quotation mark in the host", L"http://\"h\"/", TIN_E_URL},
    {"full-width solidus in the host", L"http://a\uFF0Fb/", TIN_E_URL},
    {"full-width percent in the host", L"http://\xFF05\xFF14\xFF11.com/", TIN_E_URL},
    {"full-width at in the host", L"http://\x00E9\xFF20h/", TIN_E_URL},
    {"account-of sign in the host", L"http://\x2100.h/", TIN_E_URL},
    {"space from an ideographic one", L"http://a\u3000b/", TIN_E_URL},
    {"soft hyphen for a host", L"http://\x00AD/", TIN_E_URL},
    {"joiner for a host", L"http://\x200D/", TIN_E_URL},
    {"empty label, not ASCII", L"http://\x00E9..b/", TIN_E_URL},

    {"IPv6 not closed", L"http://[::1/", TIN_E_URL},
    {"IPv6 not opened", L"http://::1]/", TIN_E_URL},
    {"IPv6 without brackets", L"http://::1/", TIN_E_URL},
    {"IPv6 empty", L"http://[]/", TIN_E_URL},
    {"IPv6 with a letter", L"http://[::g]/", TIN_E_URL},
    {"IPv6 with two gaps", L"http://[1::2::3]/", TIN_E_URL},
    {"IPv6 too short", L"http://[1:2]/", TIN_E_URL},
    {"IPv6 too long", L"http://[1:2:3:4:5:6:7:8:9]/", TIN_E_URL},
    {"IPv6 with a zone", L"http://[fe80::1%25eth0]/", TIN_E_URL},
    {"IPv6 with a space", L"http://[::1 ]/", TIN_E_URL},
    {"IPv6 that is IPv4", L"http://[127.0.0.1]/", TIN_E_URL},
    {"IPv6 that is a name", L"http://[h]/", TIN_E_URL},
    {"IPv6 of the future", L"http://[v1.x]/", TIN_E_URL},
    {"IPv6 and more", L"http://[::1]x/", TIN_E_URL},
    {"IPv6, bad port", L"http://[::1]:0/", TIN_E_URL},

    {"port 0", L"http://h:0/", TIN_E_URL},
    {"port 65536", L"http://h:65536/", TIN_E_URL},
    {"port 99999", L"http://h:99999/", TIN_E_URL},
    {"port of 2^32 + 80", L"http://h:4294967376/", TIN_E_URL},
    {"port of 2^64 + 80", L"http://h:18446744073709551696/", TIN_E_URL},
    {"port abc", L"http://h:abc/", TIN_E_URL},
    {"port 80x", L"http://h:80x/", TIN_E_URL},
    {"port 0x50", L"http://h:0x50/", TIN_E_URL},
    {"port -1", L"http://h:-1/", TIN_E_URL},
    {"port +80", L"http://h:+80/", TIN_E_URL},
    {"port with a space", L"http://h: 80/", TIN_E_URL},
    {"two ports", L"http://h:80:80/", TIN_E_URL},
    {"port in Arabic digits", L"http://h:\x0668\x0660/", TIN_E_URL},

    {"two at signs", L"http://u@@h/", TIN_E_URL},
    {"two users", L"http://a@b@c/", TIN_E_URL},
    {"at sign in the password", L"http://u:p@q@h/", TIN_E_URL},
    {"space in the user", L"http://a b@h/", TIN_E_URL},
    {"backslash in the user", L"http://d\\u:p@h/", TIN_E_URL},
    {"backslash after the host", L"http://h\\echo", TIN_E_URL},
    {"backslash before an at sign", L"http://h\\@evil/", TIN_E_URL},
    {"wrong escape in the user", L"http://%zz@h/", TIN_E_URL},
    {"cut escape in the password", L"http://u:%4@h/", TIN_E_URL},
    {"NUL in the user", L"http://a%00b@h/", TIN_E_URL},
    {"NUL in the password", L"http://u:a%00b@h/", TIN_E_URL},
    {"line break in the user", L"ftp://a%0d%0aDELE%20x@h/", TIN_E_URL},
    {"line break in the password", L"ftp://u:a%0Ab@h/", TIN_E_URL},
    {"not UTF-8 in the user", L"http://%E9@h/", TIN_E_URL},
    {"overlong in the password", L"http://u:%C0%AF@h/", TIN_E_URL},
    {"surrogate in the password, escaped", L"http://u:%ED%A0%80@h/", TIN_E_URL},

    {"wrong escape", L"http://h/%zz", TIN_E_URL},
    {"half-wrong escape", L"http://h/%4z", TIN_E_URL},
    {"cut escape", L"http://h/%4", TIN_E_URL},
    {"percent alone", L"http://h/100%", TIN_E_URL},
    {"percent before a slash", L"http://h/%/x", TIN_E_URL},
    {"escape cut by the query", L"http://h/%4?1", TIN_E_URL},
    {"escape cut by the fragment", L"http://h/%4#1", TIN_E_URL},
    {"wrong escape in the query", L"http://h/?a=%zz", TIN_E_URL},
    {"full-width digits in an escape", L"http://h/%\xFF14\xFF11", TIN_E_URL},

    {"space at the start", L" http://h/", TIN_E_URL},
    {"space at the end", L"http://h/ ", TIN_E_URL},
    {"only a space", L" ", TIN_E_URL},
    {"tab at the start", L"\thttp://h/", TIN_E_URL},
    {"line break at the end", L"http://h/\n", TIN_E_URL},
    {"tab inside", L"http://h/a\tb", TIN_E_URL},
    {"line break inside", L"http://h/a\r\nX: y", TIN_E_URL},
    {"line break in the scheme", L"ht\ntp://h/", TIN_E_URL},
    {"line break in the host", L"http://a\nb/", TIN_E_URL},
    {"line break in the fragment", L"http://h/#a\nb", TIN_E_URL},
    {"escape character", L"http://h/\x1B[0m", TIN_E_URL},
    {"delete character", L"http://h/\x7F", TIN_E_URL},
    {"control character in a local name", L"C:\\a\nb", TIN_E_URL},
    {"space before a local name", L" notes.txt", TIN_E_URL},
    {"space after a local name", L"notes.txt ", TIN_E_URL},
    {"control character before an unknown scheme", L"fo\x01o:x", TIN_E_URL},

    {"ftp, line break in the path", L"ftp://h/a%0d%0aDELE%20b", TIN_E_URL},
    {"ftp, line feed in the path", L"ftp://h/a%0Ab", TIN_E_URL},
    {"ftp, NUL in the path", L"ftp://h/a%00b", TIN_E_URL},
    {"ftp, delete in the path", L"ftp://h/a%7Fb", TIN_E_URL},
    {"ftp, not UTF-8", L"ftp://h/%E9", TIN_E_URL},
    {"ftp, wrong escape", L"ftp://h/%zz", TIN_E_URL},
    {"ftp, unknown type", L"ftp://h/a;type=x", TIN_E_URL},
    {"ftp, no type", L"ftp://h/a;type=", TIN_E_URL},
    {"ftp, type of two letters", L"ftp://h/a;type=ii", TIN_E_URL},
    {"ftp, type in the middle", L"ftp://h/a;type=i/b", TIN_E_URL},
    {"ftp, two types", L"ftp://h/a;type=a;type=i", TIN_E_URL},

    {"file: nothing", L"file:", TIN_E_URL},
    {"file: two slashes", L"file://", TIN_E_URL},
    {"file: three slashes", L"file:///", TIN_E_URL},
    {"file: localhost alone", L"file://localhost/", TIN_E_URL},
    {"file: only a fragment", L"file:#x", TIN_E_URL},
    {"file: NUL", L"file:///C:/a%00.txt", TIN_E_URL},
    {"file: line break", L"file:///C:/a%0Ab", TIN_E_URL},
    {"file: wrong escape", L"file:///C:/%zz", TIN_E_URL},
    {"file: cut escape", L"file:///C:/a%4", TIN_E_URL},
    {"file: wrong escape, MFC", L"file://C:\\100%.txt", TIN_E_URL},
    {"file: not UTF-8", L"file:///C:/%E9", TIN_E_URL},
};

static void what_is_wrong_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(refused); i++) {
        tin_result result;
        tin__url url;

        memset(&url, 0xA5, sizeof url);
        result = parse(refused[i].input, &url);
        if (result.error != refused[i].error)
            fail_msg("%s: %s", refused[i].name, tin_error_name(result.error));
        assert_row(refused[i].name, result.last_error == 0);
        assert_row(refused[i].name, memcmp(&url, &nothing, sizeof url) == 0);
        assert_row(refused[i].name, guarded_heap_live() == 0);
    }
}

/* ---- Lengths --------------------------------------------------------------------------------- */

/* "http://h/aaaa...", of the given length, with the last units replaced. */
static wchar_t *long_text(const wchar_t *start, size_t length, const wchar_t *end)
{
    wchar_t *text = malloc((length + 1) * sizeof *text);

    assert_non_null(text);
    wmemset(text, L'a', length);
    wmemcpy(text, start, wcslen(start));
    wmemcpy(text + length - wcslen(end), end, wcslen(end) + 1);
    return text;
}

static const struct {
    const char *name;
    const wchar_t *start;
    size_t length;
    const wchar_t *end;
    tin_error error;
} lengths[] = {
    {"60,000", L"http://h/", 60000, L"", TIN_OK},
    {"the longest", L"http://h/", 65535, L"", TIN_OK},
    {"one too many", L"http://h/", 65536, L"", TIN_E_URL},
    {"100 KB", L"http://h/", 102400, L"", TIN_E_URL},
    {"10 MB", L"http://h/", 10485760, L"", TIN_E_URL},
    {"the longest, a space to escape", L"http://h/", 65533, L" a", TIN_OK},
    {"too long once it is escaped", L"http://h/", 65534, L" a", TIN_E_URL},
    {"too long with the slash", L"http://h?", 65535, L"", TIN_E_URL},
    {"the longest with a fragment", L"http://h/", 65535, L"#f", TIN_OK},
    {"the longest ftp", L"ftp://h/", 65535, L"", TIN_OK},
    {"the longest local name", L"C:\\", 65535, L"", TIN_OK},
    {"local name too long", L"C:\\", 65536, L"", TIN_E_URL},
    {"100 KB of an unknown scheme", L"foo:", 102400, L"", TIN_E_URL},
    {"100 KB of a scheme", L"", 102400, L":", TIN_E_URL},
    {"host too long", L"http://", 7 + 257, L"", TIN_E_URL},
    {"long user", L"http://", 60000, L"@h/", TIN_OK},
};

static void length_is_limited(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(lengths); i++) {
        wchar_t *text = long_text(lengths[i].start, lengths[i].length, lengths[i].end);
        tin_result result;
        tin__url url;

        result = parse(text, &url);
        if (result.error != lengths[i].error)
            fail_msg("%s: %s", lengths[i].name, tin_error_name(result.error));
        if (tin_ok(result) && url.scheme != TIN__LOCAL)
            assert_stable(lengths[i].name, &url);
        tin__free_url(&url);
        free(text);
    }
}

static void host_may_have_256_characters(void **state)
{
    wchar_t text[7 + INTERNET_MAX_HOST_NAME_LENGTH + 2] = L"http://";
    size_t i;
    tin__url url;

    (void)state;
    for (i = 7; i < 7 + INTERNET_MAX_HOST_NAME_LENGTH; i++)
        text[i] = (i - 7) % 64 == 63 ? L'.' : L'a';
    assert_int_equal(tin__parse_url(text, &url).error, TIN_OK);
    assert_int_equal(wcslen(url.host), INTERNET_MAX_HOST_NAME_LENGTH);
    tin__free_url(&url);
    text[i] = L'a';
    assert_int_equal(tin__parse_url(text, &url).error, TIN_E_URL);
}

/* ---- References ------------------------------------------------------------------------------ */

#define BASE L"http://a/b/c/d;p?q"

static const struct {
    const char *name; /* of RFC 3986, 5.4, where it is the reference itself */
    const wchar_t *base;
    const wchar_t *location;
    tin_error error;
    const wchar_t *text;
} references[] = {
    {"g:h", BASE, L"g:h", TIN_E_UNSUPPORTED, NULL},
    {"g", BASE, L"g", TIN_OK, L"http://a/b/c/g"},
    {"./g", BASE, L"./g", TIN_OK, L"http://a/b/c/g"},
    {"g/", BASE, L"g/", TIN_OK, L"http://a/b/c/g/"},
    {"/g", BASE, L"/g", TIN_OK, L"http://a/g"},
    {"//g", BASE, L"//g", TIN_OK, L"http://g/"},
    {"?y", BASE, L"?y", TIN_OK, L"http://a/b/c/d;p?y"},
    {"g?y", BASE, L"g?y", TIN_OK, L"http://a/b/c/g?y"},
    {"#s", BASE, L"#s", TIN_OK, L"http://a/b/c/d;p?q"},
    {"g#s", BASE, L"g#s", TIN_OK, L"http://a/b/c/g"},
    {"g?y#s", BASE, L"g?y#s", TIN_OK, L"http://a/b/c/g?y"},
    {";x", BASE, L";x", TIN_OK, L"http://a/b/c/;x"},
    {"g;x", BASE, L"g;x", TIN_OK, L"http://a/b/c/g;x"},
    {"g;x?y#s", BASE, L"g;x?y#s", TIN_OK, L"http://a/b/c/g;x?y"},
    {"empty", BASE, L"", TIN_OK, L"http://a/b/c/d;p?q"},
    {".", BASE, L".", TIN_OK, L"http://a/b/c/"},
    {"./", BASE, L"./", TIN_OK, L"http://a/b/c/"},
    {"..", BASE, L"..", TIN_OK, L"http://a/b/"},
    {"../", BASE, L"../", TIN_OK, L"http://a/b/"},
    {"../g", BASE, L"../g", TIN_OK, L"http://a/b/g"},
    {"../..", BASE, L"../..", TIN_OK, L"http://a/"},
    {"../../", BASE, L"../../", TIN_OK, L"http://a/"},
    {"../../g", BASE, L"../../g", TIN_OK, L"http://a/g"},
    {"../../../g", BASE, L"../../../g", TIN_OK, L"http://a/g"},
    {"../../../../g", BASE, L"../../../../g", TIN_OK, L"http://a/g"},
    {"/./g", BASE, L"/./g", TIN_OK, L"http://a/g"},
    {"/../g", BASE, L"/../g", TIN_OK, L"http://a/g"},
    {"g.", BASE, L"g.", TIN_OK, L"http://a/b/c/g."},
    {".g", BASE, L".g", TIN_OK, L"http://a/b/c/.g"},
    {"g..", BASE, L"g..", TIN_OK, L"http://a/b/c/g.."},
    {"..g", BASE, L"..g", TIN_OK, L"http://a/b/c/..g"},
    {"./../g", BASE, L"./../g", TIN_OK, L"http://a/b/g"},
    {"./g/.", BASE, L"./g/.", TIN_OK, L"http://a/b/c/g/"},
    {"g/./h", BASE, L"g/./h", TIN_OK, L"http://a/b/c/g/h"},
    {"g/../h", BASE, L"g/../h", TIN_OK, L"http://a/b/c/h"},
    {"g;x=1/./y", BASE, L"g;x=1/./y", TIN_OK, L"http://a/b/c/g;x=1/y"},
    {"g;x=1/../y", BASE, L"g;x=1/../y", TIN_OK, L"http://a/b/c/y"},
    {"g?y/./x", BASE, L"g?y/./x", TIN_OK, L"http://a/b/c/g?y/%2E/x"},
    {"g?y/../x", BASE, L"g?y/../x", TIN_OK, L"http://a/b/c/g?y/%2E./x"},
    {"g#s/./x", BASE, L"g#s/./x", TIN_OK, L"http://a/b/c/g"},
    {"http:g", BASE, L"http:g", TIN_E_URL, NULL}, /* "for strict parsers" */

    {"whole URL", BASE, L"HTTPS://Other:444/x", TIN_OK, L"https://other:444/x"},
    {"own port of the new scheme", BASE, L"https://a/", TIN_OK, L"https://a/"},
    {"other host", L"https://a:81/b", L"//b/x", TIN_OK, L"https://b/x"},
    {"other host and port", L"https://a/b", L"//B:82", TIN_OK, L"https://b:82/"},
    {"port of the base", L"http://a:81/b/c", L"/x", TIN_OK, L"http://a:81/x"},
    {"IPv6 base", L"http://[::1]/b/c", L"x", TIN_OK, L"http://[::1]:80/b/x"},
    {"slash in the query of the base", L"http://a/b?c/d", L"x", TIN_OK, L"http://a/x"},
    {"base without a path", L"http://a", L"x", TIN_OK, L"http://a/x"},
    {"base without a query", L"http://a/b", L"?y", TIN_OK, L"http://a/b?y"},
    {"user info of the base is gone", L"http://u:p@a/b", L"x", TIN_OK, L"http://a/x"},
    {"user info of the target", BASE, L"http://u:p@b/", TIN_OK, L"http://b/"},
    {"empty query", BASE, L"?", TIN_OK, L"http://a/b/c/d;p?"},
    {"space and UTF-16", BASE, L"a b\x00E9", TIN_OK, L"http://a/b/c/a%20b%C3%A9"},
    {"colon after a slash", BASE, L"./a:b", TIN_OK, L"http://a/b/c/a:b"},
    {"backslash", BASE, L"\\x", TIN_OK, L"http://a/b/c//x"},
    {"backslashes are no authority", BASE, L"\\\\evil\\x", TIN_OK, L"http://a/b/c///evil/x"},
    {"slash and backslash are no authority", BASE, L"/\\evil/x", TIN_OK, L"http://a//evil/x"},
    {"ftp", L"ftp://a/b/c;type=i", L"d", TIN_OK, L"ftp://a/b/d"},
    {"to ftp", BASE, L"ftp://b/x", TIN_OK, L"ftp://b/x"},

    {"local base", L"C:\\x", L"http://a/", TIN_E_ARGUMENT, NULL},
    {"file: base", L"file:///C:/x", L"y", TIN_E_ARGUMENT, NULL},
    {"NULL", BASE, NULL, TIN_E_ARGUMENT, NULL},
    {"lone surrogate", BASE, L"\xD800", TIN_E_ARGUMENT, NULL},
    {"to a drive", BASE, L"C:\\secret.txt", TIN_E_UNSUPPORTED, NULL},
    {"to file:", BASE, L"file:///C:/secret.txt", TIN_E_UNSUPPORTED, NULL},
    {"to javascript:", BASE, L"javascript:alert(1)", TIN_E_UNSUPPORTED, NULL},
    {"to mailto:", BASE, L"mailto:a@b", TIN_E_UNSUPPORTED, NULL},
    {"colon in the first segment", BASE, L"ab:c", TIN_E_UNSUPPORTED, NULL},
    {"no host", BASE, L"//", TIN_E_URL, NULL},
    {"no host, path", BASE, L"///x", TIN_E_URL, NULL},
    {"http://", BASE, L"http://", TIN_E_URL, NULL},
    {"bad port", BASE, L"http://h:99999/", TIN_E_URL, NULL},
    {"punctuation", BASE, L":::%%%", TIN_E_URL, NULL},
    {"wrong escape", BASE, L"/%zz", TIN_E_URL, NULL},
    {"space before it", BASE, L" /x", TIN_E_URL, NULL},
    {"space after it", BASE, L"/x ", TIN_E_URL, NULL},
    {"header injection", BASE, L"/x\r\nSet-Cookie: a=b", TIN_E_URL, NULL},
};

static void references_are_resolved_by_rfc_3986(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(references); i++) {
        tin_result result;
        tin__url base;
        tin__url target;

        assert_row(references[i].name, tin_ok(tin__parse_url(references[i].base, &base)));
        memset(&target, 0xA5, sizeof target);
        result = tin__resolve_url(&base, references[i].location, &target);
        if (result.error != references[i].error)
            fail_msg("%s: %s", references[i].name, tin_error_name(result.error));
        assert_text(references[i].name, target.text, references[i].text);
        if (!tin_ok(result))
            assert_row(references[i].name, memcmp(&target, &nothing, sizeof target) == 0);
        tin__free_url(&target);
        tin__free_url(&base);
        assert_row(references[i].name, guarded_heap_live() == 0);
    }
}

static void resolved_user_info_is_kept_for_the_one_who_refuses_it(void **state)
{
    tin__url base;
    tin__url target;

    (void)state;
    assert_int_equal(tin__parse_url(BASE, &base).error, TIN_OK);
    assert_int_equal(tin__resolve_url(&base, L"//u:p@b/", &target).error, TIN_OK);
    assert_text("user", target.user, L"u");
    assert_text("password", target.password, L"p");
    tin__free_url(&target);
    tin__free_url(&base);
    assert_int_equal(tin__resolve_url(NULL, L"/x", &target).error, TIN_E_ARGUMENT);
}

static void resolved_urls_are_limited_in_length(void **state)
{
    wchar_t *path = long_text(L"/", 65000, L"");
    wchar_t *location = long_text(L"x/", 65000, L"");
    tin__url base;
    tin__url deep;
    tin__url target;

    (void)state;
    assert_int_equal(tin__parse_url(L"http://h/", &base).error, TIN_OK);
    path[64000] = L'/';
    assert_int_equal(tin__resolve_url(&base, path, &deep).error, TIN_OK);
    assert_int_equal(tin__resolve_url(&deep, L"/x", &target).error, TIN_OK);
    tin__free_url(&target);
    assert_int_equal(tin__resolve_url(&deep, location, &target).error, TIN_E_URL);
    tin__free_url(&deep);
    tin__free_url(&base);
    free(path);
    free(location);
}

/* ---- Origins --------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const wchar_t *a;
    const wchar_t *b;
    bool same;
} origins[] = {
    {"path", L"http://h/a", L"http://h/b?c", true},
    {"case, own port, user", L"http://u@H:80/", L"HTTP://h/", true},
    {"spelling of IPv6", L"http://[::1]/", L"http://[0:0::0:1]:80/", true},
    {"spelling of an IDN", L"http://b\u00FCcher.example/", L"http://XN--bcher-kva.example/", true},
    {"port", L"http://h/", L"http://h:81/", false},
    {"scheme", L"http://h/", L"https://h/", false},
    {"scheme on one port", L"http://h:443/", L"https://h/", false},
    {"host", L"http://h/", L"http://www.h/", false},
    {"ftp", L"ftp://h:80/", L"http://h/", false},
    {"local", L"C:\\x", L"C:\\x", false},
    {"local and not", L"C:\\x", L"http://h/", false},
};

static void origin_is_scheme_host_and_port(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(origins); i++) {
        tin__url a;
        tin__url b;

        assert_row(origins[i].name, tin_ok(tin__parse_url(origins[i].a, &a)));
        assert_row(origins[i].name, tin_ok(tin__parse_url(origins[i].b, &b)));
        assert_row(origins[i].name, tin__same_origin(&a, &b) == origins[i].same);
        assert_row(origins[i].name, tin__same_origin(&b, &a) == origins[i].same);
        tin__free_url(&a);
        tin__free_url(&b);
    }
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static const wchar_t *const allocating[] = {
    L"http://h/x",       L"https://u%40x:p@b\u00FCcher.example:444/\x00E9?q#f",
    L"http://[::1]/",    L"ftp://u:p@h/a%20b;type=i",
    L"file:///C:/a%20b", L"C:\\x",
};

static void parsing_survives_every_failed_allocation(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(allocating); i++) {
        for (unsigned n = 1;; n++) {
            tin_result result;
            tin__url url;
            bool failed;

            guarded_heap_fail_nth(n);
            result = tin__parse_url(allocating[i], &url);
            failed = guarded_heap_has_failed();
            assert_int_equal(result.error, failed ? TIN_E_MEMORY : TIN_OK);
            if (failed)
                assert_memory_equal(&url, &nothing, sizeof url);
            tin__free_url(&url);
            assert_int_equal(guarded_heap_live(), 0);
            if (!failed)
                break;
        }
    }
}

static void resolving_survives_every_failed_allocation(void **state)
{
    tin__url base;
    bool failed = true;
    size_t live;

    (void)state;
    assert_int_equal(tin__parse_url(BASE, &base).error, TIN_OK);
    live = guarded_heap_live();
    for (unsigned n = 1; failed; n++) {
        tin_result result;
        tin__url target;

        guarded_heap_fail_nth(n);
        result = tin__resolve_url(&base, L"//u:p@b/../x?y", &target);
        failed = guarded_heap_has_failed();
        assert_int_equal(result.error, failed ? TIN_E_MEMORY : TIN_OK);
        if (failed)
            assert_memory_equal(&target, &nothing, sizeof target);
        tin__free_url(&target);
        assert_int_equal(guarded_heap_live(), live);
    }
    tin__free_url(&base);
}

static void freeing_twice_or_nothing_is_harmless(void **state)
{
    tin__url url = nothing;

    (void)state;
    tin__free_url(&url);
    assert_int_equal(tin__parse_url(L"ftp://u:p@h/x", &url).error, TIN_OK);
    tin__free_url(&url);
    tin__free_url(&url);
    assert_memory_equal(&url, &nothing, sizeof url);
}

static void parse_and_forget(const wchar_t *text, const void *secret, size_t size)
{
    tin_result result;
    tin__url base;
    tin__url url;

    result = tin__parse_url(L"http://h/", &base);
    assert_int_equal(result.error, TIN_OK);
    guarded_heap_look_for(secret, size);
    result = tin__parse_url(text, &url);
    tin__free_url(&url);
    result = tin__resolve_url(&base, text, &url);
    tin__free_url(&url);
    assert_int_equal(guarded_heap_found(), 0);
    guarded_heap_look_for(NULL, 0);
    tin__free_url(&base);
    assert_int_equal(guarded_heap_live(), 0);
    (void)result;
}

static void no_freed_memory_holds_the_password(void **state)
{
    static const wchar_t *const urls[] = {
        L"http://user:s3cret@h/x",   L"ftp://user:%73%33cret@h/x",
        L"http://user:s3cret@h:0/x", L"http://user:%61%61%61%61s3cret@h/x",
        L"http://user:s3cret@a b/x", L"http://user:s3cret%00@h/x",
        L"ftp://user:s3cret@h/%00",
    };
    static const wchar_t escaped[] = L"%73%33";

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(urls); i++) {
        parse_and_forget(urls[i], L"s3cret", 6 * sizeof(wchar_t));
        parse_and_forget(urls[i], "s3cret", 6);
        parse_and_forget(urls[i], "cret", 4);
        parse_and_forget(urls[i], escaped, sizeof escaped - sizeof *escaped);
    }
}

/* ---- Chaos ----------------------------------------------------------------------------------- */

enum { CHAOS = 100000, CHAOS_SIZE = 160 };

static uint32_t seed = 20260101;

static uint32_t draw(size_t limit) /* xorshift32 */
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % (uint32_t)limit;
}

static const wchar_t *const chaos_starts[] = {
    L"http://www.example.com:8080/a/b/../c?x=1&y=2#frag",
    L"https://user:pass%40@b\u00FCcher.example/%41%20\x20AC",
    L"http://[2001:db8::1]:81/x?y",
    L"ftp://u:p@h:2121/a/./b%20c;type=i",
    L"file:///C:/dir/a%20b.txt?q#f",
    L"file://localhost/C|/x",
    L"file:\\\\server\\share\\f",
    L"\\\\?\\C:\\x",
    L"C:\\dir\\notes.txt",
    L"http://127.0.0.1/",
};

static const wchar_t *const chaos_pieces[] = {
    L"/",
    L"//",
    L"\\",
    L":",
    L"@",
    L"?",
    L"#",
    L"%",
    L"%00",
    L"%0d%0a",
    L"%2F",
    L"%5c",
    L"%zz",
    L"%C3%A9",
    L"%E9",
    L"[",
    L"]",
    L".",
    L"..",
    L"/../",
    L"/./",
    L" ",
    L"\t",
    L"\n",
    L"\x01",
    L"\x7F",
    L"\x00E9",
    L"\x20AC",
    L"\xD800",
    L"\xDC00",
    L"\xD83D\xDCA9",
    L"\xFF0F",
    L"\x3002",
    L"\x00AD",
    L"\xFFFF",
    L"a",
    L"Z",
    L"0",
    L"65536",
    L"::1",
    L"|",
    L"\"",
    L"<",
    L"{",
    L";type=a",
    L";",
    L"http://",
    L"https:",
    L"ftp:",
    L"file:",
    L"C:",
    L"xn--",
    L"localhost",
    L"-",
    L"_",
    L"~",
};

/* Puts a piece in the place of zero to three units, a few times. */
static void mutate(wchar_t *text)
{
    unsigned times = 1 + draw(4);

    while (times-- > 0) {
        const wchar_t *piece = chaos_pieces[draw(TEST_COUNT_OF(chaos_pieces))];
        const size_t length = wcslen(text);
        const size_t at = draw(length + 1);
        size_t gone = draw(4);

        if (gone > length - at)
            gone = length - at;
        if (length - gone + wcslen(piece) >= CHAOS_SIZE)
            return;
        wmemmove(text + at + wcslen(piece), text + at + gone, length - at - gone + 1);
        wmemcpy(text + at, piece, wcslen(piece));
    }
}

/* The name of a row of chaos: the text itself, so that it can become a row above. */
static const char *escaped_name(const wchar_t *text)
{
    static char name[6 * CHAOS_SIZE + 1];
    char *out = name;

    for (; *text != L'\0'; text++) {
        if (*text > ' ' && *text < 0x7F)
            *out++ = (char)*text;
        else
            out += snprintf(out, 7, "\\x%04X", *text);
    }
    *out = '\0';
    return name;
}

static bool has_lone_surrogate(const wchar_t *text)
{
    for (; *text != L'\0'; text++) {
        if (*text >= 0xD800 && *text < 0xDC00 && text[1] >= 0xDC00 && text[1] < 0xE000)
            text++;
        else if (*text >= 0xD800 && *text < 0xE000)
            return true;
    }
    return false;
}

static void assert_printable(const char *name, const wchar_t *text)
{
    for (; *text != L'\0'; text++)
        assert_row(name, *text > L' ' && *text < 0x7F && wcschr(L"#\\\"<>^`{|}", *text) == NULL);
}

static void assert_free_of_control(const char *name, const wchar_t *text)
{
    for (; text != NULL && *text != L'\0'; text++)
        assert_row(name, *text >= L' ' && *text != 0x7F);
}

static void assert_remote(const char *name, const tin__url *url)
{
    static const wchar_t *const starts[] = {
        [TIN__HTTP] = L"http://", [TIN__HTTPS] = L"https://", [TIN__FTP] = L"ftp://"};
    const wchar_t *authority = url->text + wcslen(starts[url->scheme]);

    assert_row(name, wcsncmp(url->text, starts[url->scheme], wcslen(starts[url->scheme])) == 0);
    assert_printable(name, url->text);
    assert_row(name, wcscspn(authority, L"/") < wcscspn(authority, L"?@"));
    assert_row(name, url->port != 0 && *url->host != L'\0');
    assert_row(name,
               wcsspn(url->host, L"abcdefghijklmnopqrstuvwxyz0123456789.-_:") == wcslen(url->host));
    assert_row(name, (url->user == NULL) == (url->password == NULL));
    assert_row(name, (url->path != NULL) == (url->scheme == TIN__FTP));
    assert_free_of_control(name, url->user);
    assert_free_of_control(name, url->password);
    assert_free_of_control(name, url->path);
    assert_stable(name, url);
}

static void assert_outcome(const wchar_t *text, tin_result result, const tin__url *url)
{
    const char *name = escaped_name(text);

    if (result.error == TIN_E_ARGUMENT)
        assert_row(name, *text == L'\0' || has_lone_surrogate(text));
    else
        assert_row(name, tin_ok(result) || result.error == TIN_E_URL ||
                             result.error == TIN_E_UNSUPPORTED);
    if (!tin_ok(result))
        assert_row(name, memcmp(url, &nothing, sizeof *url) == 0);
    else if (url->scheme != TIN__LOCAL)
        assert_remote(name, url);
    else
        assert_row(name, url->text != NULL && *url->text != L'\0' && *url->host == L'\0');
    if (tin_ok(result))
        assert_free_of_control(name, url->text);
}

static void chaos_never_breaks_the_rules(void **state)
{
    const bool guarded = guarded_heap_use_pages(false); /* there are very many allocations */
    unsigned opened = 0;
    tin__url base;
    size_t live;

    (void)state;
    assert_int_equal(tin__parse_url(L"http://h/a/b?c", &base).error, TIN_OK);
    live = guarded_heap_live();
    for (unsigned i = 0; i < CHAOS; i++) {
        wchar_t text[CHAOS_SIZE + 1];
        tin_result result;
        tin__url url;

        wcscpy(text, chaos_starts[draw(TEST_COUNT_OF(chaos_starts))]);
        mutate(text);

        result = tin__parse_url(text, &url);
        assert_outcome(text, result, &url);
        opened += tin_ok(result);
        tin__free_url(&url);

        result = tin__resolve_url(&base, text + draw(wcslen(text) + 1), &url);
        assert_true(!tin_ok(result) || url.scheme != TIN__LOCAL);
        if (tin_ok(result))
            assert_remote(escaped_name(text), &url);
        tin__free_url(&url);
        assert_int_equal(guarded_heap_live(), live);
    }
    tin__free_url(&base);
    guarded_heap_use_pages(guarded);
    print_message("%u of %u were accepted\n", opened, (unsigned)CHAOS);
    assert_in_range(opened, CHAOS / 5, CHAOS * 4 / 5); /* both outcomes were exercised */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(web_urls_are_made_ready_for_wininet),
        cmocka_unit_test(wininet_finds_the_same_host_and_port),
        cmocka_unit_test(user_info_is_decoded_and_kept_apart),
        cmocka_unit_test(ftp_urls_give_a_path_and_a_transfer_type),
        cmocka_unit_test(local_names_become_paths),
        cmocka_unit_test_teardown(local_names_open_one_file, test_files_remove),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(length_is_limited),
        cmocka_unit_test(host_may_have_256_characters),
        cmocka_unit_test(references_are_resolved_by_rfc_3986),
        cmocka_unit_test(resolved_user_info_is_kept_for_the_one_who_refuses_it),
        cmocka_unit_test(resolved_urls_are_limited_in_length),
        cmocka_unit_test(origin_is_scheme_host_and_port),
        cmocka_unit_test(parsing_survives_every_failed_allocation),
        cmocka_unit_test(resolving_survives_every_failed_allocation),
        cmocka_unit_test(freeing_twice_or_nothing_is_harmless),
        cmocka_unit_test(no_freed_memory_holds_the_password),
        cmocka_unit_test(chaos_never_breaks_the_rules),
    };

    return test_run_group(tests, NULL, NULL);
}
