/* SPDX-License-Identifier: MIT */
/* <thininet/url.h>: URLs taken apart, put together, combined, in canonical form. */
#include "test.h"

#include "guarded_heap.h"

#include <thininet/thininet.h>

#include <wchar.h>

#define assert_row(name, condition)                                                                \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("%s: %s", name, #condition);                                                  \
    } while (0)

#define TEXT_SIZE 4096

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void assert_text(const char *name, const char *is, const char *should_be)
{
    if (!same(is, should_be))
        fail_msg("%s: is \"%s\", should be \"%s\"", name, is == NULL ? "(NULL)" : is,
                 should_be == NULL ? "(NULL)" : should_be);
}

static void assert_error(const char *name, tin_result is, tin_error should_be)
{
    if (is.error != should_be)
        fail_msg("%s: is %s, should be %s", name, tin_error_name(is.error),
                 tin_error_name(should_be));
}

static wchar_t *widen(const char *text)
{
    static wchar_t rooms[4][TEXT_SIZE];
    static unsigned next;
    wchar_t *room = rooms[next++ % TEST_COUNT_OF(rooms)];

    assert_true(MultiByteToWideChar(CP_UTF8, 0, text, -1, room, TEXT_SIZE) > 0);
    return room;
}

static void assert_twin(const char *name, const wchar_t *wide, const char *narrow)
{
    char text[TEXT_SIZE];

    assert_row(name, (wide == NULL) == (narrow == NULL));
    if (wide == NULL)
        return;
    assert_true(WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, sizeof text, NULL, NULL) > 0);
    assert_text(name, text, narrow);
}

/* ---- crack ----------------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *name;
    const char *url;
    DWORD flags;
    tin_url_parts parts;
} cracked[] = {
#define PARTS(number, service, name, user, password, host, port, path, extra) {INTERNET_SCHEME_##number, service, name, user, password, host, port, path, extra}
#define WEB(host, port, path, extra) PARTS(HTTP, INTERNET_SERVICE_HTTP, "http", NULL, NULL, host, port, path, extra)
#define FTP(host, path, extra) PARTS(FTP, INTERNET_SERVICE_FTP, "ftp", NULL, NULL, host, 21, path, extra)
#define LOCAL(path, extra) PARTS(FILE, 0, "file", NULL, NULL, NULL, 0, path, extra)
#define OTHER(name, host, port, path, extra) PARTS(UNKNOWN, 0, name, NULL, NULL, host, port, path, extra)
    {"http", "http://h/x", 0, WEB("h", 80, "/x", "")},
    {"https", "HTTPS://H.Example/x", 0, PARTS(HTTPS, INTERNET_SERVICE_HTTP, "https", NULL, NULL, "h.example", 443, "/x", "")},
    {"everything", "https://u:p@h:8443/a/b?q=1#f", 0, PARTS(HTTPS, INTERNET_SERVICE_HTTP, "https", "u", "p", "h", 8443, "/a/b", "?q=1#f")},
    {"no path", "http://h", 0, WEB("h", 80, "/", "")},
    {"no path, query", "http://h?q", 0, WEB("h", 80, "/", "?q")},
    {"no path, fragment", "http://h#f", 0, WEB("h", 80, "/", "#f")},
    {"query alone", "http://h/x?q", 0, WEB("h", 80, "/x", "?q")},
    {"empty query", "http://h/x?", 0, WEB("h", 80, "/x", "?")},
    {"fragment alone", "http://h/x#f?g", 0, WEB("h", 80, "/x", "#f?g")},
    {"slash in the query", "http://h?a/b@c:d", 0, WEB("h", 80, "/", "?a/b@c:d")},
    {"empty port", "http://h:/", 0, WEB("h", 80, "/", "")},
    {"own port", "http://h:80/", 0, WEB("h", 80, "/", "")},
    {"port of another", "https://h:80/", 0, PARTS(HTTPS, INTERNET_SERVICE_HTTP, "https", NULL, NULL, "h", 80, "/", "")},
    {"highest port", "http://h:65535/", 0, WEB("h", 65535, "/", "")},
    {"IPv6", "http://[::1]/x", 0, WEB("::1", 80, "/x", "")},
    {"IPv6 with a port", "http://[0:0::1]:81/x", 0, WEB("::1", 81, "/x", "")},
    {"IPv4", "http://127.0.0.1/", 0, WEB("127.0.0.1", 80, "/", "")},
    {"IDN", "http://b\xC3\xBC" "cher.example/", 0, WEB("xn--bcher-kva.example", 80, "/", "")},
    {"user", "http://u@h/", 0, PARTS(HTTP, INTERNET_SERVICE_HTTP, "http", "u", "", "h", 80, "/", "")},
    {"user, empty password", "http://u:@h/", 0, PARTS(HTTP, INTERNET_SERVICE_HTTP, "http", "u", "", "h", 80, "/", "")},
    {"password alone", "http://:p@h/", 0, PARTS(HTTP, INTERNET_SERVICE_HTTP, "http", "", "p", "h", 80, "/", "")},
    {"nobody", "http://@h/", 0, WEB("h", 80, "/", "")},
    {"user info is decoded", "http://a%40b:%3A%2f%C3%A9@h/", 0, PARTS(HTTP, INTERNET_SERVICE_HTTP, "http", "a@b", ":/\xC3\xA9", "h", 80, "/", "")},
    {"colon in the password", "http://u:a:b@h/", 0, PARTS(HTTP, INTERNET_SERVICE_HTTP, "http", "u", "a:b", "h", 80, "/", "")},
    {"escaped", "http://h/a b\xC3\xA9?c d#e f", 0, WEB("h", 80, "/a%20b%C3%A9", "?c%20d#e%20f")},
    {"escapes stay", "http://h/%41%2f?%41", 0, WEB("h", 80, "/%41%2f", "?%41")},
    {"dot segments", "http://h/a/../b/./c?../d", 0, WEB("h", 80, "/b/c", "?../d")},
    {"backslashes", "http://h/a\\b?c\\d", 0, WEB("h", 80, "/a/b", "?c%5Cd")},
    {"decoded", "http://h/a%20b%2Fc?%3D%26#%C3%A9", ICU_DECODE, WEB("h", 80, "/a b/c", "?=&#\xC3\xA9")},
    {"decoded by the other flag", "http://h/%41?%41", (DWORD)ICU_ESCAPE, WEB("h", 80, "/A", "?A")},
    {"decoded once", "http://h/%2541", ICU_DECODE, WEB("h", 80, "/%41", "")},
    {"decoded in browser mode", "http://h/%41?%41%zz", ICU_DECODE | ICU_BROWSER_MODE, WEB("h", 80, "/A", "?%41%zz")},
    {"not encoded", "http://h/a b?c\xC3\xA9", ICU_NO_ENCODE, WEB("h", 80, "/a b", "?c\xC3\xA9")},
    {"dots kept", "http://h/a/../b", ICU_NO_META, WEB("h", 80, "/a/../b", "")},
    {"ftp", "ftp://u:p@h/a/b;type=i", 0, PARTS(FTP, INTERNET_SERVICE_FTP, "ftp", "u", "p", "h", 21, "/a/b;type=i", "")},
    {"ftp has no query", "ftp://h/a?b/../c#f", 0, FTP("h", "/c", "#f")},
    {"ftp, no path but what looks like a query", "ftp://h?x", 0, FTP("h", "/%3Fx", "")},
    {"ftp root", "ftp://h/%2Fetc/x", 0, FTP("h", "/%2Fetc/x", "")},
    {"gopher", "gopher://h/0x", 0, PARTS(GOPHER, INTERNET_SERVICE_GOPHER, "gopher", NULL, NULL, "h", 70, "/0x", "")},
    {"socks", "socks://h", 0, PARTS(SOCKS, 0, "socks", NULL, NULL, "h", 1080, "", "")},
    {"mailto", "mailto:a@b.example?subject=x y", 0, PARTS(MAILTO, 0, "mailto", NULL, NULL, NULL, 0, "a@b.example", "?subject=x%20y")},
    {"news", "news:comp.lang.c", 0, PARTS(NEWS, 0, "news", NULL, NULL, NULL, 0, "comp.lang.c", "")},
    {"news server", "news://h:119/g", 0, PARTS(NEWS, 0, "news", NULL, NULL, "h", 119, "/g", "")},
    {"javascript", "javascript:alert('\\a')", 0, PARTS(JAVASCRIPT, 0, "javascript", NULL, NULL, NULL, 0, "alert('%5Ca')", "")},
    {"vbscript", "vbscript:x", 0, PARTS(VBSCRIPT, 0, "vbscript", NULL, NULL, NULL, 0, "x", "")},
    {"res", "res://C:\\x.dll/23/5", 0, PARTS(RES, 0, "res", NULL, NULL, "C:\\x.dll", 0, "/23/5", "")},
    {"unknown, opaque", "urn:isbn:1/../2", 0, OTHER("urn", NULL, 0, "isbn:1/../2", "")},
    {"unknown, rooted", "x-y+z.1:/a/../b", 0, OTHER("x-y+z.1", NULL, 0, "/b", "")},
    {"unknown, host", "LDAP://u:p@H:389/a b?q", 0, PARTS(UNKNOWN, 0, "ldap", "u", "p", "h", 389, "/a%20b", "?q")},
    {"unknown, no port", "ldap://h", 0, OTHER("ldap", "h", 0, "", "")},
    {"unknown, port of http", "ldap://h:80", 0, OTHER("ldap", "h", 80, "", "")},
    {"unknown, empty host", "foo:///a", 0, OTHER("foo", "", 0, "/a", "")},
    {"unknown, nothing", "about:", 0, OTHER("about", NULL, 0, "", "")},
    {"file", "file:///C:/a%20b.txt", 0, LOCAL("C:\\a b.txt", "")},
    {"file of MFC", "file://C:\\a#b.txt", 0, LOCAL("C:\\a#b.txt", "")},
    {"file on a server", "file://server/share/f#x", 0, LOCAL("\\\\server\\share\\f", "#x")},
    {"file at localhost", "file://localhost/C|/f", 0, LOCAL("C:\\f", "")},
    {"file in the current folder", "file:a.txt?q", 0, LOCAL("a.txt", "?q")},
    {"file, decoded once", "file:///C:/%2541#%41", ICU_DECODE, LOCAL("C:\\%41", "#A")},
};

static const struct {
    const char *name;
    const char *url;
    DWORD flags;
    tin_error error;
} refused[] = {
    {"NULL", NULL, 0, TIN_E_ARGUMENT},
    {"empty", "", 0, TIN_E_ARGUMENT},
    {"malformed UTF-8", "http://h/\xC3", 0, TIN_E_ARGUMENT},
    {"unknown flag", "http://h/", 1, TIN_E_ARGUMENT},
    {"ICU_USERNAME", "http://h/", ICU_USERNAME, TIN_E_ARGUMENT},
    {"contradiction", "http://h/", ICU_NO_ENCODE | ICU_ENCODE_PERCENT, TIN_E_ARGUMENT},
    {"another one", "http://h/", ICU_NO_ENCODE | ICU_ENCODE_SPACES_ONLY, TIN_E_ARGUMENT},
    {"a third one", "http://h/", ICU_DECODE | ICU_ENCODE_PERCENT, TIN_E_ARGUMENT},
    {"no scheme", "www.example.com", 0, TIN_E_URL},
    {"a drive", "C:\\x", 0, TIN_E_URL},
    {"a drive with a slash", "C:/x", 0, TIN_E_URL},
    {"a path", "/x", 0, TIN_E_URL},
    {"authority alone", "//h/x", 0, TIN_E_URL},
    {"colon alone", ":", 0, TIN_E_URL},
    {"port 0", "http://h:0/", 0, TIN_E_URL},
    {"port 65536", "http://h:65536/", 0, TIN_E_URL},
    {"port 99999", "http://h:99999/", 0, TIN_E_URL},
    {"port of letters", "http://h:abc/", 0, TIN_E_URL},
    {"port 99999 of another scheme", "ldap://h:99999/", 0, TIN_E_URL},
    {"no host", "http:///x", 0, TIN_E_URL},
    {"no slashes", "http:x", 0, TIN_E_URL},
    {"one slash", "https:/h/x", 0, TIN_E_URL},
    {"no host of ftp", "ftp://", 0, TIN_E_URL},
    {"user without a host", "foo://u@/x", 0, TIN_E_URL},
    {"second at sign", "http://a@b@c/", 0, TIN_E_URL},
    {"backslash in the host", "http://h\\echo", 0, TIN_E_URL},
    {"space in the host", "http://a b/", 0, TIN_E_URL},
    {"escape in the host", "http://a%20b/", 0, TIN_E_URL},
    {"IPv6 without its end", "http://[::1/", 0, TIN_E_URL},
    {"full-width solidus", "http://a\xEF\xBC\x8F" "b/", 0, TIN_E_URL},
    {"line break", "http://h/a\r\nb", 0, TIN_E_URL},
    {"control character", "mailto:a\x01", 0, TIN_E_URL},
    {"DEL", "urn:a\x7F", 0, TIN_E_URL},
    {"space before", " http://h/", 0, TIN_E_URL},
    {"space behind", "http://h/ ", 0, TIN_E_URL},
    {"wrong escape", "http://h/%zz", 0, TIN_E_URL},
    {"cut escape", "http://h/?%4", 0, TIN_E_URL},
    {"wrong escape, opaque", "urn:%", 0, TIN_E_URL},
    {"wrong escape in the user", "http://%zz@h/", 0, TIN_E_URL},
    {"escaped NUL in the user", "http://%00@h/", 0, TIN_E_URL},
    {"escaped NUL, decoded", "http://h/%00", ICU_DECODE, TIN_E_URL},
    {"escaped line break, decoded", "http://h/?%0d%0a", ICU_DECODE, TIN_E_URL},
    {"escape that is not UTF-8, decoded", "http://h/%E9", ICU_DECODE, TIN_E_URL},
    {"file without a name", "file:///", 0, TIN_E_URL},
    {"file with an escaped NUL", "file:///C:/a%00.txt", 0, TIN_E_URL},
};
/* clang-format on */

static void assert_parts(const char *name, const tin_url_parts *is, const tin_url_parts *should_be)
{
    assert_text(name, is->scheme_name, should_be->scheme_name);
    assert_text(name, is->user, should_be->user);
    assert_text(name, is->password, should_be->password);
    assert_text(name, is->host, should_be->host);
    assert_text(name, is->path, should_be->path);
    assert_text(name, is->extra, should_be->extra);
    assert_row(name, is->scheme == should_be->scheme);
    assert_row(name, is->service == should_be->service);
    assert_row(name, is->port == should_be->port);
}

static void assert_parts_twin(const char *name, const tin_url_parts_w *wide,
                              const tin_url_parts *narrow)
{
    assert_twin(name, wide->scheme_name, narrow->scheme_name);
    assert_twin(name, wide->user, narrow->user);
    assert_twin(name, wide->password, narrow->password);
    assert_twin(name, wide->host, narrow->host);
    assert_twin(name, wide->path, narrow->path);
    assert_twin(name, wide->extra, narrow->extra);
    assert_row(name, wide->scheme == narrow->scheme && wide->service == narrow->service &&
                         wide->port == narrow->port);
}

static void urls_come_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(cracked); i++) {
        const char *name = cracked[i].name;
        tin_url_parts *parts = NULL;
        tin_url_parts_w *wide = NULL;

        assert_error(name, tin_crack_url(cracked[i].url, cracked[i].flags, &parts), TIN_OK);
        assert_parts(name, parts, &cracked[i].parts);
        assert_error(name, tin_crack_url_w(widen(cracked[i].url), cracked[i].flags, &wide), TIN_OK);
        assert_parts_twin(name, wide, parts);
        tin_free_url_parts(parts);
        tin_free_url_parts_w(wide);
    }
}

static void what_is_wrong_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(refused); i++) {
        const char *name = refused[i].name;
        tin_url_parts *parts = (void *)1;
        tin_url_parts_w *wide = (void *)1;
        char text[64] = "untouched";
        size_t size = sizeof text;

        assert_error(name, tin_crack_url(refused[i].url, refused[i].flags, &parts),
                     refused[i].error);
        assert_row(name, parts == NULL);
        if (refused[i].url != NULL && strchr(refused[i].url, '\xC3') == NULL) {
            assert_error(name, tin_crack_url_w(widen(refused[i].url), refused[i].flags, &wide),
                         refused[i].error);
            assert_row(name, wide == NULL);
        }
        if ((refused[i].flags & ICU_DECODE) != 0 && refused[i].error == TIN_E_URL)
            continue; /* it decodes only what is harmless */
        assert_error(name, tin_canonicalize_url(refused[i].url, refused[i].flags, text, &size),
                     refused[i].error);
        assert_row(name, size == 0 && strcmp(text, "untouched") == 0);
        size = sizeof text;
        assert_error(name, tin_combine_url(refused[i].url, "x", refused[i].flags, text, &size),
                     refused[i].error);
        assert_row(name, size == 0 && strcmp(text, "untouched") == 0);
    }
}

static void lone_surrogates_are_refused(void **state)
{
    tin_url_parts_w *parts = (void *)1;
    const tin_url_parts_w own = {.host = L"h", .path = L"/\xD800"};
    wchar_t text[64];
    size_t size = sizeof text;

    (void)state;
    assert_int_equal(tin_crack_url_w(L"http://h/\xD800", 0, &parts).error, TIN_E_ARGUMENT);
    assert_null(parts);
    assert_int_equal(tin_canonicalize_url_w(L"http://h/\xDC00", 0, text, &size).error,
                     TIN_E_ARGUMENT);
    size = sizeof text;
    assert_int_equal(tin_combine_url_w(L"http://h/", L"\xDC00", 0, text, &size).error,
                     TIN_E_ARGUMENT);
    size = sizeof text;
    assert_int_equal(tin_create_url_w(&own, 0, text, &size).error, TIN_E_ARGUMENT);
    assert_int_equal(size, 0);
}

static void length_is_limited(void **state)
{
    static char url[65537];
    static char text[70000];
    size_t size = sizeof text;
    tin_url_parts *parts;

    (void)state;
    memset(url, 'x', sizeof url - 1);
    memcpy(url, "http://h/", 9);
    assert_int_equal(tin_crack_url(url, 0, &parts).error, TIN_E_URL);
    url[65535] = '\0';
    assert_int_equal(tin_crack_url(url, 0, &parts).error, TIN_OK);
    tin_free_url_parts(parts);
    assert_int_equal(tin_canonicalize_url(url, 0, text, &size).error, TIN_OK);
    assert_string_equal(text, url);
    url[65534] = ' ';
    url[65533] = '"'; /* it grows */
    url[65534] = 'x';
    size = sizeof text;
    assert_int_equal(tin_canonicalize_url(url, 0, text, &size).error, TIN_E_URL);
    assert_int_equal(size, 0);
}

/* ---- create ---------------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *name;
    tin_url_parts parts;
    DWORD flags;
    tin_error error;
    const char *url;
} created[] = {
    {"host alone is http", {.host = "h"}, 0, TIN_OK, "http://h/"},
    {"by number", {.scheme = INTERNET_SCHEME_HTTPS, .host = "h", .path = "/x"}, 0, TIN_OK, "https://h/x"},
    {"by name", {.scheme_name = "HTTPS", .host = "H", .path = "/x"}, 0, TIN_OK, "https://h/x"},
    {"name before number", {.scheme = INTERNET_SCHEME_FTP, .scheme_name = "http", .host = "h"}, 0, TIN_OK, "http://h/"},
    {"unknown by name", {.scheme = INTERNET_SCHEME_UNKNOWN, .scheme_name = "foo", .host = "h"}, 0, TIN_OK, "foo://h"},
    {"everything", {.scheme_name = "http", .user = "u", .password = "p", .host = "h", .port = 81, .path = "/x", .extra = "?q#f"}, 0, TIN_OK, "http://u:p@h:81/x?q#f"},
    {"own port", {.host = "h", .port = 80}, 0, TIN_OK, "http://h/"},
    {"port of another", {.scheme_name = "https", .host = "h", .port = 80}, 0, TIN_OK, "https://h:80/"},
    {"slash is added", {.host = "h", .path = "x"}, 0, TIN_OK, "http://h/x"},
    {"fragment alone", {.host = "h", .extra = "#f"}, 0, TIN_OK, "http://h/#f"},
    {"user alone", {.user = "u", .host = "h"}, 0, TIN_OK, "http://u@h/"},
    {"empty password", {.user = "u", .password = "", .host = "h"}, 0, TIN_OK, "http://u@h/"},
    {"empty user", {.user = "", .password = "p", .host = "h"}, 0, TIN_OK, "http://:p@h/"},
    {"nobody", {.user = "", .password = "", .host = "h"}, 0, TIN_OK, "http://h/"},
    {"user info is escaped", {.user = "a@b:c/d?e#f%41", .password = "\xC3\xA9 \\[", .host = "h"}, 0, TIN_OK, "http://a%40b%3Ac%2Fd%3Fe%23f%2541:%C3%A9%20%5C%5B@h/"},
    {"path ends nowhere", {.host = "h", .path = "/a?b#c"}, 0, TIN_OK, "http://h/a%3Fb%23c"},
    {"path keeps escapes", {.host = "h", .path = "/%41 \xC3\xA9"}, 0, TIN_OK, "http://h/%41%20%C3%A9"},
    {"plain path", {.host = "h", .path = "/%41%", .extra = "?%zz"}, ICU_ENCODE_PERCENT, TIN_OK, "http://h/%2541%25?%25zz"},
    {"dots stay", {.host = "h", .path = "/a/../b"}, 0, TIN_OK, "http://h/a/../b"},
    {"IPv6", {.host = "::1", .port = 81}, 0, TIN_OK, "http://[::1]:81/"},
    {"IPv6 with brackets", {.host = "[::1]"}, 0, TIN_OK, "http://[::1]/"},
    {"IDN", {.host = "b\xC3\xBC" "cher.example"}, 0, TIN_OK, "http://xn--bcher-kva.example/"},
    {"ftp", {.scheme = INTERNET_SCHEME_FTP, .host = "h", .path = "a b"}, 0, TIN_OK, "ftp://h/a%20b"},
    {"mailto", {.scheme = INTERNET_SCHEME_MAILTO, .path = "a@b", .extra = "?subject=x"}, 0, TIN_OK, "mailto:a@b?subject=x"},
    {"empty host", {.scheme_name = "foo", .host = "", .path = "//a"}, 0, TIN_OK, "foo:////a"},
    {"res", {.scheme = INTERNET_SCHEME_RES, .host = "C:\\x.dll", .path = "/23"}, 0, TIN_OK, "res://C:\\x.dll/23"},
    {"file", {.scheme = INTERNET_SCHEME_FILE, .path = "C:\\a b#c%41\xC3\xA9.txt"}, 0, TIN_OK, "file:///C:/a%20b%23c%2541%C3%A9.txt"},
    {"file on a server", {.scheme = INTERNET_SCHEME_FILE, .path = "\\\\server\\share\\f"}, 0, TIN_OK, "file://server/share/f"},
    {"file at the root", {.scheme = INTERNET_SCHEME_FILE, .path = "\\x"}, 0, TIN_OK, "file:///x"},
    {"file in the current folder", {.scheme = INTERNET_SCHEME_FILE, .path = "a\\b", .extra = "#f"}, 0, TIN_OK, "file:a/b#f"},
    {"file with a long name's start", {.scheme = INTERNET_SCHEME_FILE, .path = "\\\\?\\C:\\x"}, 0, TIN_OK, "file://%3F/C:/x"},

    {"nothing", {0}, 0, TIN_E_URL, NULL},
    {"no host", {.path = "/x"}, 0, TIN_E_URL, NULL},
    {"no scheme", {.scheme = INTERNET_SCHEME_UNKNOWN, .host = "h"}, 0, TIN_E_ARGUMENT, NULL},
    {"no such scheme", {.scheme = (INTERNET_SCHEME)99, .host = "h"}, 0, TIN_E_ARGUMENT, NULL},
    {"a drive", {.scheme_name = "c", .path = "/x"}, 0, TIN_E_URL, NULL},
    {"scheme with more", {.scheme_name = "http://evil/?", .host = "h"}, 0, TIN_E_URL, NULL},
    {"scheme that starts with a digit", {.scheme_name = "1x", .host = "h"}, 0, TIN_E_URL, NULL},
    {"host with a path", {.host = "evil/x"}, 0, TIN_E_URL, NULL},
    {"host with a query", {.host = "evil?"}, 0, TIN_E_URL, NULL},
    {"host with a fragment", {.host = "evil#"}, 0, TIN_E_URL, NULL},
    {"host with a user", {.host = "u@evil"}, 0, TIN_E_URL, NULL},
    {"host with a port", {.host = "h:80"}, 0, TIN_E_URL, NULL},
    {"host with a port after brackets", {.host = "[::1]:80", .port = 81}, 0, TIN_E_URL, NULL},
    {"host with a backslash", {.host = "h\\x"}, 0, TIN_E_URL, NULL},
    {"host with a space", {.host = "a b"}, 0, TIN_E_URL, NULL},
    {"host with a line break", {.host = "a\r\nb"}, 0, TIN_E_URL, NULL},
    {"empty host", {.host = ""}, 0, TIN_E_URL, NULL},
    {"password without a user", {.password = "p", .host = "h"}, 0, TIN_E_ARGUMENT, NULL},
    {"user without a host", {.scheme_name = "foo", .user = "u", .path = "x"}, 0, TIN_E_ARGUMENT, NULL},
    {"user with an empty host", {.scheme_name = "foo", .user = "u", .host = ""}, 0, TIN_E_ARGUMENT, NULL},
    {"line break in the user", {.user = "a\nb", .host = "h"}, 0, TIN_E_URL, NULL},
    {"extra without its sign", {.host = "h", .extra = "q"}, 0, TIN_E_ARGUMENT, NULL},
    {"wrong escape", {.host = "h", .path = "/%zz"}, 0, TIN_E_URL, NULL},
    {"path that looks like a host", {.scheme_name = "foo", .path = "//evil/x"}, 0, TIN_E_URL, NULL},
    {"file with a host", {.scheme = INTERNET_SCHEME_FILE, .host = "h", .path = "\\x"}, 0, TIN_E_URL, NULL},
    {"file without a name", {.scheme = INTERNET_SCHEME_FILE}, 0, TIN_E_URL, NULL},
    {"malformed UTF-8", {.host = "h", .path = "/\xC3"}, 0, TIN_E_ARGUMENT, NULL},
    {"flag", {.host = "h"}, ICU_DECODE, TIN_E_ARGUMENT, NULL},
    {"user at logon", {.host = "h"}, ICU_USERNAME, TIN_E_UNSUPPORTED, NULL},
};
/* clang-format on */

static const wchar_t *widen_or_null(wchar_t *room, const char *text)
{
    if (text == NULL)
        return NULL;
    assert_true(MultiByteToWideChar(CP_UTF8, 0, text, -1, room, 256) > 0);
    return room;
}

static tin_result create_wide(const tin_url_parts *parts, DWORD flags, wchar_t *text, size_t *size)
{
    wchar_t rooms[6][256];
    const tin_url_parts_w wide = {
        .scheme = parts->scheme,
        .scheme_name = widen_or_null(rooms[0], parts->scheme_name),
        .user = widen_or_null(rooms[1], parts->user),
        .password = widen_or_null(rooms[2], parts->password),
        .host = widen_or_null(rooms[3], parts->host),
        .port = parts->port,
        .path = widen_or_null(rooms[4], parts->path),
        .extra = widen_or_null(rooms[5], parts->extra),
    };

    return tin_create_url_w(&wide, flags, text, size);
}

static void parts_make_a_url(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(created); i++) {
        const char *name = created[i].name;
        char text[TEXT_SIZE] = "untouched";
        wchar_t wide[TEXT_SIZE];
        size_t size = sizeof text;

        assert_error(name, tin_create_url(&created[i].parts, created[i].flags, text, &size),
                     created[i].error);
        assert_text(name, text, created[i].url != NULL ? created[i].url : "untouched");
        assert_row(name, size == (created[i].url != NULL ? strlen(created[i].url) : 0));
        if (created[i].parts.path != NULL && strchr(created[i].parts.path, '\xC3') != NULL &&
            created[i].url == NULL)
            continue; /* only the UTF-8 is malformed */
        size = sizeof wide;
        assert_error(name, create_wide(&created[i].parts, created[i].flags, wide, &size),
                     created[i].error);
        if (created[i].url != NULL)
            assert_twin(name, wide, created[i].url);
        assert_row(name, size == (created[i].url != NULL ? 2 * strlen(created[i].url) : 0));
    }
}

/* ---- canonicalize ---------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *name;
    const char *url;
    DWORD flags;
    const char *canonical;
} canonicalized[] = {
    {"http", "HTTP://H:80", 0, "http://h/"},
    {"all of it", "HTTPS://U:P@H:443/a/../b c?d e#f g", 0, "https://U:P@h/b%20c?d%20e#f%20g"},
    {"IPv6", "http://[0::1]:80/", 0, "http://[::1]/"},
    {"IDN", "http://B\xC3\xBC" "cher.example", 0, "http://xn--bcher-kva.example/"},
    {"user info", "http://%61%40:%c3%a9@h", 0, "http://a%40:%C3%A9@h/"},
    {"not allowed in URLs", "http://h/\"<>^`{|}?\"<>^`{|}\\", 0, "http://h/%22%3C%3E%5E%60%7B%7C%7D?%22%3C%3E%5E%60%7B%7C%7D%5C"},
    {"escapes stay", "http://h/%41%7e%2f%e9", 0, "http://h/%41%7e%2f%e9"},
    {"for people", "http://h/a b\xC3\xA9\"?c d", ICU_NO_ENCODE, "http://h/a b\xC3\xA9\"?c d"},
    {"question mark in an ftp name", "ftp://h/a?b", ICU_NO_ENCODE, "ftp://h/a%3Fb"},
    {"spaces only", "http://h/a b\xC3\xA9\"", ICU_ENCODE_SPACES_ONLY, "http://h/a%20b\xC3\xA9\""},
    {"percent", "http://h/%41%zz?%", ICU_ENCODE_PERCENT, "http://h/%2541%25zz?%25"},
    {"percent and spaces", "http://h/% \"", ICU_ENCODE_PERCENT | ICU_ENCODE_SPACES_ONLY, "http://h/%25%20\""},
    {"decoded", "http://h/%41%7e%2F%3f%23%25%20%00?%41%26", ICU_DECODE, "http://h/A~%2F%3f%23%25%20%00?A%26"},
    {"decoded, encoded again", "http://h/%C3%A9", ICU_DECODE, "http://h/%C3%A9"},
    {"decoded for people", "http://h/%C3%A9%e2%82%ac%F0%9F%92%A9x", ICU_DECODE | ICU_NO_ENCODE, "http://h/\xC3\xA9\xE2\x82\xAC\xF0\x9F\x92\xA9x"},
    {"decoded, spaces encoded", "http://h/%C3%A9 %20", ICU_DECODE | ICU_ENCODE_SPACES_ONLY, "http://h/\xC3\xA9%20%20"},
    {"not UTF-8", "http://h/%E9%C3%C3%A9%ED%A0%80%C0%80%F4%90%80%80%C3", ICU_DECODE | ICU_NO_ENCODE, "http://h/%E9%C3\xC3\xA9%ED%A0%80%C0%80%F4%90%80%80%C3"},
    {"decoded dots", "http://h/a/%2e%2E/b", ICU_DECODE, "http://h/b"},
    {"escaped dots", "http://h/a/%2e%2E/b", 0, "http://h/a/%2e%2E/b"},
    {"browser mode", "http://h/a b?c d%zz\xC3\xA9#e\\f", ICU_BROWSER_MODE, "http://h/a%20b?c d%zz\xC3\xA9#e\\f"},
    {"dots kept", "http://h/./a/../b", ICU_NO_META, "http://h/./a/../b"},
    {"mailto", "MAILTO:A@B", 0, "mailto:A@B"},
    {"opaque", "urn:a/../b", 0, "urn:a/../b"},
    {"file", "FILE://C:\\a b\\..\\c#d", 0, "file:///C:/c%23d"},
    {"file with dots kept", "file:///C:/a/../b", ICU_NO_META, "file:///C:/a/../b"},
    {"file does not leave its drive", "file:///C:/../../b", 0, "file:///C:/b"},
    {"file does not leave its server", "file://server/../b", 0, "file://server/b"},
    {"file for people", "file:///C:/a%20%C3%A9%23%25", ICU_NO_ENCODE, "file:///C:/a \xC3\xA9%23%25"},
    {"file's dots make no server", "file:/..//x/y", 0, "file:///x/y"},
    {"server of the name localhost", "file:////localhost/share", 0, "file:////localhost/share"},
    {"dots in a file's fragment", "file:///C:/a#/../b", 0, "file:///C:/a#/../b"},
};
/* clang-format on */

static void urls_become_canonical(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(canonicalized); i++) {
        const char *name = canonicalized[i].name;
        const DWORD flags = canonicalized[i].flags;
        char text[TEXT_SIZE] = "";
        wchar_t wide[TEXT_SIZE];
        size_t size = sizeof text;

        assert_error(name, tin_canonicalize_url(canonicalized[i].url, flags, text, &size), TIN_OK);
        assert_text(name, text, canonicalized[i].canonical);
        assert_row(name, size == strlen(text));
        size = sizeof wide;
        assert_error(name, tin_canonicalize_url_w(widen(canonicalized[i].url), flags, wide, &size),
                     TIN_OK);
        assert_twin(name, wide, text);
        assert_row(name, size == wcslen(wide) * sizeof *wide);
        if ((flags & ICU_ENCODE_PERCENT) != 0)
            continue;
        size = sizeof text; /* a second time changes nothing */
        assert_error(name, tin_canonicalize_url(canonicalized[i].canonical, flags, text, &size),
                     TIN_OK);
        assert_text(name, text, canonicalized[i].canonical);
    }
}

/* A path that would have become a host. */
static void canonical_form_is_the_same_url_or_none(void **state)
{
    char text[64];
    size_t size = sizeof text;

    (void)state;
    assert_int_equal(tin_canonicalize_url("foo:/..//evil/x", 0, text, &size).error, TIN_E_URL);
}

/* ---- combine --------------------------------------------------------------------------------- */

#define BASE "http://a/b/c/d;p?q"

/* clang-format off */
static const struct {
    const char *name; /* of RFC 3986, 5.4, where it is the reference itself */
    const char *base, *relative;
    DWORD flags;
    tin_error error;
    const char *combined;
} combined[] = {
#define RFC(relative, combined) {relative, BASE, relative, 0, TIN_OK, combined}
    RFC("g:h", "g:h"),
    RFC("g", "http://a/b/c/g"),
    RFC("./g", "http://a/b/c/g"),
    RFC("g/", "http://a/b/c/g/"),
    RFC("/g", "http://a/g"),
    RFC("//g", "http://g/"), /* with the slash of canonical form */
    RFC("?y", "http://a/b/c/d;p?y"),
    RFC("g?y", "http://a/b/c/g?y"),
    RFC("#s", "http://a/b/c/d;p?q#s"),
    RFC("g#s", "http://a/b/c/g#s"),
    RFC("g?y#s", "http://a/b/c/g?y#s"),
    RFC(";x", "http://a/b/c/;x"),
    RFC("g;x", "http://a/b/c/g;x"),
    RFC("g;x?y#s", "http://a/b/c/g;x?y#s"),
    RFC("", "http://a/b/c/d;p?q"),
    RFC(".", "http://a/b/c/"),
    RFC("./", "http://a/b/c/"),
    RFC("..", "http://a/b/"),
    RFC("../", "http://a/b/"),
    RFC("../g", "http://a/b/g"),
    RFC("../..", "http://a/"),
    RFC("../../", "http://a/"),
    RFC("../../g", "http://a/g"),
    RFC("../../../g", "http://a/g"),
    RFC("../../../../g", "http://a/g"),
    RFC("/./g", "http://a/g"),
    RFC("/../g", "http://a/g"),
    RFC("g.", "http://a/b/c/g."),
    RFC(".g", "http://a/b/c/.g"),
    RFC("g..", "http://a/b/c/g.."),
    RFC("..g", "http://a/b/c/..g"),
    RFC("./../g", "http://a/b/g"),
    RFC("./g/.", "http://a/b/c/g/"),
    RFC("g/./h", "http://a/b/c/g/h"),
    RFC("g/../h", "http://a/b/c/h"),
    RFC("g;x=1/./y", "http://a/b/c/g;x=1/y"),
    RFC("g;x=1/../y", "http://a/b/c/y"),
    RFC("g?y/./x", "http://a/b/c/g?y/./x"),
    RFC("g?y/../x", "http://a/b/c/g?y/../x"),
    RFC("g#s/./x", "http://a/b/c/g#s/./x"),
    RFC("g#s/../x", "http://a/b/c/g#s/../x"),
    RFC("http:g", "http://a/b/c/g"), /* "for backward compatibility" */

    {"same scheme, rooted", BASE, "HTTP:/g", 0, TIN_OK, "http://a/g"},
    {"same scheme, nothing", BASE, "http:", 0, TIN_OK, "http://a/b/c/d;p?q"},
    {"other scheme without a host", BASE, "https:g", 0, TIN_E_URL, NULL},
    {"whole URL", BASE, "HTTPS://U@Other:444/x#f", 0, TIN_OK, "https://U@other:444/x#f"},
    {"mailto", BASE, "mailto:a@b", 0, TIN_OK, "mailto:a@b"},
    {"javascript", BASE, "javascript:x", 0, TIN_OK, "javascript:x"},
    {"a file", BASE, "file:///C:/x", 0, TIN_OK, "file:///C:/x"},
    {"user info and port stay", "http://u:p@a:81/b", "c", 0, TIN_OK, "http://u:p@a:81/c"},
    {"user info goes with the host", "http://u:p@a:81/b", "//b/c", 0, TIN_OK, "http://b/c"},
    {"base without a path", "http://a", "g", 0, TIN_OK, "http://a/g"},
    {"base without a path, query", "http://a?x", "?y", 0, TIN_OK, "http://a/?y"},
    {"base's fragment goes", "http://a/b#f", "", 0, TIN_OK, "http://a/b"},
    {"slash in the base's query", "http://a/b?c/d", "g", 0, TIN_OK, "http://a/g"},
    {"dots in the base", "http://a/b/../c/d", "../g", 0, TIN_OK, "http://a/g"},
    {"IPv6", "http://[::1]:81/b", "c", 0, TIN_OK, "http://[::1]:81/c"},
    {"https", "https://a/b/c", "../g", 0, TIN_OK, "https://a/g"},
    {"ftp", "ftp://a/b/c;type=i", "d;type=a", 0, TIN_OK, "ftp://a/b/d;type=a"},
    {"unknown with a host", "foo://a/b/c", "../g?q#f", 0, TIN_OK, "foo://a/g?q#f"},
    {"unknown without a path", "foo://a", "g", 0, TIN_OK, "foo://a/g"},
    {"unknown, rooted", "foo:/b/c", "g", 0, TIN_OK, "foo:/b/g"},
    {"opaque and a fragment", "mailto:a", "#f", 0, TIN_OK, "mailto:a#f"},
    {"opaque and nothing", "mailto:a?b", "", 0, TIN_OK, "mailto:a?b"},
    {"opaque and a URL", "mailto:a", "http://h/", 0, TIN_OK, "http://h/"},
    {"opaque and a path", "mailto:a", "b", 0, TIN_E_URL, NULL},
    {"opaque and a root", "mailto:a", "/b", 0, TIN_E_URL, NULL},
    {"opaque and a query", "mailto:a", "?b", 0, TIN_E_URL, NULL},
    {"file", "file:///C:/a b/c.htm", "d%20e.htm#f", 0, TIN_OK, "file:///C:/a%20b/d%20e.htm#f"},
    {"file, up", "file:///C:/a/b", "../../../x", 0, TIN_OK, "file:///C:/x"},
    {"file of MFC", "file://C:\\a#b\\c.htm", "d.htm", 0, TIN_OK, "file:///C:/a%23b/d.htm"},
    {"file on a server", "file://server/share/a", "b", 0, TIN_OK, "file://server/share/b"},
    {"escaped", "http://a/\xC3\xA9/x", "b c", 0, TIN_OK, "http://a/%C3%A9/b%20c"},
    {"not escaped", "http://a/\xC3\xA9/x", "b c", ICU_NO_ENCODE, TIN_OK, "http://a/\xC3\xA9/b c"},
    {"percent, once", "http://a/%41/x", "%42", ICU_ENCODE_PERCENT, TIN_OK, "http://a/%2541/%2542"},
    {"dots kept", BASE, "../g", ICU_NO_META, TIN_OK, "http://a/b/c/../g"},
    {"backslash is no root", BASE, "\\\\evil\\x", 0, TIN_OK, "http://a/b/c///evil/x"},
    {"slash and backslash are no host", BASE, "/\\evil/x", 0, TIN_OK, "http://a//evil/x"},
    {"colon after a slash", BASE, "./a:b", 0, TIN_OK, "http://a/b/c/a:b"},

    {"NULL", BASE, NULL, 0, TIN_E_ARGUMENT, NULL},
    {"a drive", BASE, "C:\\x", 0, TIN_E_URL, NULL},
    {"a drive with a slash", BASE, "C:/x", 0, TIN_E_URL, NULL},
    {"no host", BASE, "//", 0, TIN_E_URL, NULL},
    {"no host, path", BASE, "///x", 0, TIN_E_URL, NULL},
    {"bad port", BASE, "//h:99999/", 0, TIN_E_URL, NULL},
    {"wrong escape", BASE, "%zz", 0, TIN_E_URL, NULL},
    {"space before", BASE, " x", 0, TIN_E_URL, NULL},
    {"line break", BASE, "x\r\ny", 0, TIN_E_URL, NULL},
    {"malformed UTF-8", BASE, "\xC3", 0, TIN_E_ARGUMENT, NULL},
    {"unknown flag", BASE, "x", 1, TIN_E_ARGUMENT, NULL},
};
/* clang-format on */

static void references_are_resolved_by_rfc_3986(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(combined); i++) {
        const char *name = combined[i].name;
        const char *should_be = combined[i].combined;
        char text[TEXT_SIZE] = "untouched";
        wchar_t wide[TEXT_SIZE];
        size_t size = sizeof text;

        assert_error(
            name,
            tin_combine_url(combined[i].base, combined[i].relative, combined[i].flags, text, &size),
            combined[i].error);
        assert_text(name, text, should_be != NULL ? should_be : "untouched");
        assert_row(name, size == (should_be != NULL ? strlen(should_be) : 0));
        if (combined[i].relative == NULL || strcmp(combined[i].relative, "\xC3") == 0)
            continue;
        size = sizeof wide;
        assert_error(name,
                     tin_combine_url_w(widen(combined[i].base), widen(combined[i].relative),
                                       combined[i].flags, wide, &size),
                     combined[i].error);
        if (should_be != NULL)
            assert_twin(name, wide, should_be);
        assert_row(name, size == (should_be != NULL ? wcslen(wide) * sizeof *wide : 0));
    }
}

/* ---- sizes, memory --------------------------------------------------------------------------- */

typedef tin_result text_function(char *text, size_t *size);

static tin_result create_something(char *text, size_t *size)
{
    const tin_url_parts parts = {.host = "h", .path = "/x"};

    return tin_create_url(&parts, 0, text, size);
}

static tin_result canonicalize_something(char *text, size_t *size)
{
    return tin_canonicalize_url("http://h/x", 0, text, size);
}

static tin_result combine_something(char *text, size_t *size)
{
    return tin_combine_url("http://h/y", "x", 0, text, size);
}

static tin_result create_something_w(char *text, size_t *size)
{
    const tin_url_parts_w parts = {.host = L"h", .path = L"/x"};

    return tin_create_url_w(&parts, 0, (wchar_t *)(void *)text, size);
}

static tin_result canonicalize_something_w(char *text, size_t *size)
{
    return tin_canonicalize_url_w(L"http://h/x", 0, (wchar_t *)(void *)text, size);
}

static tin_result combine_something_w(char *text, size_t *size)
{
    return tin_combine_url_w(L"http://h/y", L"x", 0, (wchar_t *)(void *)text, size);
}

static const struct {
    const char *name;
    text_function *function;
    size_t unit;
} text_functions[] = {
    {"create", create_something, 1},
    {"create_w", create_something_w, 2},
    {"canonicalize", canonicalize_something, 1},
    {"canonicalize_w", canonicalize_something_w, 2},
    {"combine", combine_something, 1},
    {"combine_w", combine_something_w, 2},
};

static void sizes_follow_the_one_protocol(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(text_functions); i++) {
        const char *name = text_functions[i].name;
        const size_t needed = (strlen("http://h/x") + 1) * text_functions[i].unit;
        _Alignas(wchar_t) char text[64];
        size_t size = 0;

        assert_error(name, text_functions[i].function(NULL, &size), TIN_E_BUFFER_TOO_SMALL);
        assert_row(name, size == needed);
        size = sizeof text; /* of no buffer */
        assert_error(name, text_functions[i].function(NULL, &size), TIN_E_BUFFER_TOO_SMALL);
        assert_row(name, size == needed);
        for (size_t room = 0; room <= needed; room++) {
            memset(text, 0x55, sizeof text);
            size = room;
            assert_error(name, text_functions[i].function(text, &size),
                         room < needed ? TIN_E_BUFFER_TOO_SMALL : TIN_OK);
            assert_row(name, size == (room < needed ? needed : needed - text_functions[i].unit));
            assert_row(name, text[room < needed ? 0 : needed] == 0x55);
        }
        assert_error(name, text_functions[i].function(text, NULL), TIN_E_ARGUMENT);
    }
}

static void nothing_to_write_to_is_refused(void **state)
{
    size_t size = 5;

    (void)state;
    assert_int_equal(tin_crack_url("http://h/", 0, NULL).error, TIN_E_ARGUMENT);
    assert_int_equal(tin_crack_url_w(L"http://h/", 0, NULL).error, TIN_E_ARGUMENT);
    assert_int_equal(tin_create_url(NULL, 0, NULL, &size).error, TIN_E_ARGUMENT);
    assert_int_equal(size, 0);
    assert_int_equal(tin_create_url_w(NULL, ICU_USERNAME, NULL, &size).error, TIN_E_ARGUMENT);
    size = 5;
    assert_int_equal(tin_combine_url_w(NULL, L"x", 0, NULL, &size).error, TIN_E_ARGUMENT);
    assert_int_equal(size, 0);
    tin_free_url_parts(NULL);
    tin_free_url_parts_w(NULL);
}

static void parts_may_be_replaced_before_they_are_freed(void **state)
{
    tin_url_parts *parts;
    char text[64];
    size_t size = sizeof text;

    (void)state;
    assert_int_equal(tin_crack_url("http://u:p@h/x?q", 0, &parts).error, TIN_OK);
    parts->user = parts->password = NULL;
    parts->path = "/other";
    parts->port = 81;
    assert_int_equal(tin_create_url(parts, 0, text, &size).error, TIN_OK);
    assert_string_equal(text, "http://h:81/other?q");
    tin_free_url_parts(parts);
}

static const char *const allocating[] = {"http://u:p@b\xC3\xBC\x63her.example:81/a b?c#d",
                                         "file:///C:/a%20b#c", "mailto:a@b?c", "res://x/y"};

static tin_error all_functions(const char *url)
{
    char text[TEXT_SIZE];
    wchar_t wide[TEXT_SIZE];
    tin_url_parts *parts = NULL;
    tin_url_parts_w *wide_parts = NULL;
    size_t size = sizeof text;
    tin_result result = tin_crack_url(url, ICU_DECODE, &parts);

    if (tin_ok(result))
        result = tin_crack_url_w(widen(url), 0, &wide_parts);
    if (tin_ok(result))
        result = tin_create_url(parts, ICU_ENCODE_PERCENT, text, &size);
    size = sizeof wide;
    if (tin_ok(result))
        result = tin_create_url_w(wide_parts, 0, wide, &size);
    size = sizeof wide;
    if (tin_ok(result))
        result = tin_canonicalize_url_w(widen(url), 0, wide, &size);
    size = sizeof text;
    if (tin_ok(result))
        result = tin_canonicalize_url(url, 0, text, &size);
    size = sizeof text;
    if (tin_ok(result))
        result = tin_combine_url(url, "#f", 0, text, &size);
    if (!tin_ok(result))
        assert_true(size == 0 || size == sizeof text || size == sizeof wide);
    tin_free_url_parts(parts);
    tin_free_url_parts_w(wide_parts);
    return result.error;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(allocating); i++) {
        const size_t live = guarded_heap_live();
        uint64_t n = 0;
        bool failed;

        do {
            tin_error error;

            guarded_heap_fail_nth(++n);
            error = all_functions(allocating[i]);
            failed = guarded_heap_has_failed();
            assert_row(allocating[i], error == (failed ? TIN_E_MEMORY : TIN_OK));
            assert_row(allocating[i], guarded_heap_live() == live);
        } while (failed);
        assert_row(allocating[i], n > 20);
    }
}

static void no_freed_memory_holds_the_password(void **state)
{
    static const char narrow[] = "geheim";
    static const wchar_t wide[] = L"geheim";
    static const struct {
        const void *secret;
        size_t size;
    } secrets[] = {{narrow, sizeof narrow - 1}, {wide, sizeof wide - sizeof *wide}};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(secrets); i++) {
        guarded_heap_look_for(secrets[i].secret, secrets[i].size);
        assert_int_equal(all_functions("http://u:geheim@h/"), TIN_OK);
        assert_int_equal(all_functions("ldap://u:geheim@h:1/"), TIN_OK);
        assert_int_equal(all_functions("http://u:geheim@h:99999/"), TIN_E_URL);
        assert_int_equal(all_functions("http://u:geheim@h/%zz"), TIN_E_URL);
        assert_int_equal(all_functions("http://u:geheim%zz@h/"), TIN_E_URL);
        assert_int_equal(guarded_heap_found(), 0);
        guarded_heap_look_for(NULL, 0);
    }
}

/* ---- chaos ----------------------------------------------------------------------------------- */

#define CHAOS 20000
#define CHAOS_SIZE 160

static uint32_t draw(uint32_t limit)
{
    static uint64_t seed = 88172645463325252u;

    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 32) % limit;
}

static const char *const chaos_starts[] = {
    "http://user:password@host.example:8080/a/b/../c%20d?q=1&r=%2F#fragment",
    "https://[2001:db8::1]:444/x/./y?z",
    "ftp://u%40x:p%3A@h/dir/file;type=a",
    "file:///C:/a%20b/../c.txt#f",
    "file://server/share/x",
    "mailto:a@b?subject=c",
    "foo://u:p@h:1/a/../b?c#d",
    "foo:/a/./b",
    "res://C:\\x.dll/1",
    "../x/./y?z#f",
};

/* clang-format off */
static const char *const chaos_pieces[] = {
    "/", "//", "///", "\\", "?", "#", ":", "@", "%", "%41", "%2F", "%2e", "%00", "%0a", "%E9", "%C3%A9", "%zz", "%25",
    ".", "..", "/../", "/./", "/..//", "[", "]", " ", "\"", "<", "|", "C:", "C|", "localhost", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x92\xA9",
    "\t", "\r\n", "\x7F", "a", "Z", "0", "65536", "http:", "file:", "foo:", "res:", ";", "&", "+", "~", "^", "",
};

static const DWORD chaos_flags[] = {
    0, 0, 0, ICU_NO_ENCODE, ICU_DECODE, ICU_NO_META, ICU_BROWSER_MODE, ICU_ENCODE_SPACES_ONLY, ICU_ENCODE_PERCENT,
    ICU_DECODE | ICU_NO_ENCODE, ICU_NO_META | ICU_NO_ENCODE, ICU_BROWSER_MODE | ICU_DECODE,
};
/* clang-format on */

static void mutate(char *text)
{
    unsigned times = draw(5);

    while (times-- > 0) {
        const char *piece = chaos_pieces[draw(TEST_COUNT_OF(chaos_pieces))];
        const size_t length = strlen(text);
        const size_t at = draw((uint32_t)length + 1);
        size_t gone = draw(4);

        if (gone > length - at)
            gone = length - at;
        if (length - gone + strlen(piece) >= CHAOS_SIZE)
            return;
        memmove(text + at + strlen(piece), text + at + gone, length - at - gone + 1);
        memcpy(text + at, piece, strlen(piece));
    }
}

/* What is taken apart goes together again, and comes apart in the same way. */
static void assert_round_trip(const char *url, const tin_url_parts *parts, DWORD create_flags,
                              DWORD crack_flags)
{
    char text[TEXT_SIZE], again_text[TEXT_SIZE];
    size_t size = sizeof text;
    tin_url_parts *again;

    assert_error(url, tin_create_url(parts, create_flags, text, &size), TIN_OK);
    assert_error(url, tin_crack_url(text, crack_flags, &again), TIN_OK);
    assert_parts(url, again, parts);
    size = sizeof again_text;
    assert_error(url, tin_create_url(again, create_flags, again_text, &size), TIN_OK);
    assert_text(url, again_text, text);
    tin_free_url_parts(again);
}

static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text >= 0x7F || strchr("\"<>^`{|}", *text) != NULL)
            return false;
    return true;
}

/* A path "//x" without a host cannot be written. */
static bool is_unwritable(const tin_url_parts *parts)
{
    return parts->host == NULL && parts->scheme != INTERNET_SCHEME_FILE &&
           strncmp(parts->path, "//", 2) == 0;
}

static bool crack_chaos(const char *url)
{
    char canonical[TEXT_SIZE], text[TEXT_SIZE];
    size_t size = sizeof canonical;
    tin_url_parts *parts;
    tin_result result = tin_crack_url(url, 0, &parts);

    if (!tin_ok(result)) {
        assert_row(url, result.error == TIN_E_URL || result.error == TIN_E_ARGUMENT);
        assert_row(url, parts == NULL);
        assert_error(url, tin_canonicalize_url(url, 0, canonical, &size), result.error);
        return false;
    }
    assert_row(url, is_plain(parts->extra));
    assert_row(url, (parts->user == NULL) == (parts->password == NULL));
    if (is_unwritable(parts)) {
        tin_free_url_parts(parts);
        return false;
    }
    assert_round_trip(url, parts, 0, ICU_NO_META);
    result = tin_canonicalize_url(url, 0, canonical, &size);
    if (parts->scheme == INTERNET_SCHEME_FILE && result.error == TIN_E_URL) {
        tin_free_url_parts(parts); /* "file:/x/..": the dots leave no name */
        return false;
    }
    assert_error(url, result, TIN_OK);
    assert_row(url, is_plain(canonical) || parts->scheme == INTERNET_SCHEME_RES);
    if (parts->scheme != INTERNET_SCHEME_FILE) { /* a file's dots stay in its name */
        size = sizeof text;
        assert_error(url, tin_create_url(parts, 0, text, &size), TIN_OK);
        assert_text(url, text, canonical);
    }
    tin_free_url_parts(parts);
    return true;
}

/* Once is as good as twice. */
static void canonicalize_chaos(const char *url, DWORD flags)
{
    char text[TEXT_SIZE], again[TEXT_SIZE];
    wchar_t wide[TEXT_SIZE];
    size_t size = sizeof text, wide_size = sizeof wide;
    const tin_result result = tin_canonicalize_url(url, flags, text, &size);

    assert_error(url, tin_canonicalize_url_w(widen(url), flags, wide, &wide_size), result.error);
    if (!tin_ok(result)) {
        assert_row(url, result.error == TIN_E_URL || result.error == TIN_E_ARGUMENT);
        return;
    }
    assert_twin(url, wide, text);
    if ((flags & ICU_ENCODE_PERCENT) != 0)
        return;
    size = sizeof again;
    assert_error(url, tin_canonicalize_url(text, flags, again, &size), TIN_OK);
    assert_text(url, again, text);
}

/* What was combined is canonical, and is what the canonical base gives. */
static void combine_chaos(const char *base, const char *relative)
{
    char text[TEXT_SIZE], again[TEXT_SIZE], canonical[TEXT_SIZE];
    size_t size = sizeof text;

    if (!tin_ok(tin_combine_url(base, relative, 0, text, &size)))
        return;
    size = sizeof again;
    assert_error(relative, tin_canonicalize_url(text, 0, again, &size), TIN_OK);
    assert_text(relative, again, text);
    size = sizeof canonical;
    if (!tin_ok(tin_canonicalize_url(base, 0, canonical, &size)))
        return; /* dots can make a path that cannot be written */
    size = sizeof again;
    assert_error(relative, tin_combine_url(canonical, text, 0, again, &size), TIN_OK);
    assert_text(relative, again, text);
}

static void chaos_never_breaks_the_rules(void **state)
{
    const bool guarded = guarded_heap_use_pages(false); /* there are very many allocations */
    const size_t live = guarded_heap_live();
    unsigned cracked_urls = 0;

    (void)state;
    for (unsigned i = 0; i < CHAOS; i++) {
        char url[CHAOS_SIZE + 1], relative[CHAOS_SIZE + 1];
        DWORD flags;

        strcpy(url, chaos_starts[draw(TEST_COUNT_OF(chaos_starts))]);
        strcpy(relative, chaos_starts[draw(TEST_COUNT_OF(chaos_starts))]);
        mutate(url);
        mutate(relative);
        flags = chaos_flags[draw(TEST_COUNT_OF(chaos_flags))];
        if (!test_has_turn(i) ||
            MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, url, -1, NULL, 0) == 0)
            continue;
        cracked_urls += crack_chaos(url);
        canonicalize_chaos(url, flags);
        combine_chaos(url, relative);
        assert_int_equal(guarded_heap_live(), live);
    }
    guarded_heap_use_pages(guarded);
    assert_true(cracked_urls > CHAOS / 2 / 5);
}

/* Any text in any part, generated. */
static void any_plain_parts_survive(void **state)
{
    const bool guarded = guarded_heap_use_pages(false);

    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        char rooms[4][64];
        tin_url_parts parts = {.scheme = INTERNET_SCHEME_HTTPS,
                               .service = INTERNET_SERVICE_HTTP,
                               .scheme_name = "https",
                               .user = rooms[0],
                               .password = rooms[1],
                               .host = "h",
                               .port = 443,
                               .path = rooms[2],
                               .extra = rooms[3]};

        for (size_t room = 0; room < TEST_COUNT_OF(rooms); room++) {
            size_t length = 0, wanted = 2 + draw(12);

            if (room >= 2)
                rooms[room][length++] = room == 2 ? '/' : '?';
            while (length < wanted)
                rooms[room][length++] = (char)(' ' + 1 + draw(0x7E - ' '));
            rooms[room][length] = '\0';
        }
        for (char *dot = rooms[2]; *dot != '\0'; dot++)
            if (*dot == '.' || *dot == '\\') /* dot segments go, and '\' is turned */
                *dot = '-';
        assert_round_trip(rooms[0], &parts, ICU_ENCODE_PERCENT, ICU_DECODE);
    }
    guarded_heap_use_pages(guarded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_come_apart),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(lone_surrogates_are_refused),
        cmocka_unit_test(length_is_limited),
        cmocka_unit_test(parts_make_a_url),
        cmocka_unit_test(urls_become_canonical),
        cmocka_unit_test(canonical_form_is_the_same_url_or_none),
        cmocka_unit_test(references_are_resolved_by_rfc_3986),
        cmocka_unit_test(sizes_follow_the_one_protocol),
        cmocka_unit_test(nothing_to_write_to_is_refused),
        cmocka_unit_test(parts_may_be_replaced_before_they_are_freed),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(no_freed_memory_holds_the_password),
        cmocka_unit_test(chaos_never_breaks_the_rules),
        cmocka_unit_test(any_plain_parts_survive),
    };

    return test_run_group(tests, NULL, NULL);
}
