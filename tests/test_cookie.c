/* SPDX-License-Identifier: MIT */
/* The cookie jar: what is set is sent, what a server sets is told, and nothing is injected. */
#include "test.h"

#include "fault_server.h"
#include "guarded_heap.h"

#include <thininet/thininet.h>

#include "wrap.h"

#include <wchar.h>

#define assert_row(name, condition)                                                                \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("%s: %s", name, #condition);                                                  \
    } while (0)

static void assert_error(const char *name, tin_result is, tin_error should_be)
{
    if (is.error != should_be)
        fail_msg("%s: is %s (%lu), should be %s", name, tin_error_name(is.error),
                 (unsigned long)is.last_error, tin_error_name(should_be));
}

/* ---- how WinInet answers --------------------------------------------------------------------- */

TIN_WRAP(InternetGetCookieExW);
TIN_WRAP(InternetSetCookieExW);

/* What other systems might do. */
static enum { AS_IT_IS, IN_BYTES, TELLS_NOTHING, FAILS } get_way;
static DWORD set_state, set_error; /* the error 0: as it is */
static unsigned native_calls;

static const wchar_t many[] = L"one=1; two=2; three=3";

static BOOL WINAPI wrap_InternetGetCookieExW(LPCWSTR url, LPCWSTR name, LPWSTR data, LPDWORD size,
                                             DWORD flags, LPVOID reserved)
{
    native_calls++;
    if (get_way == AS_IT_IS)
        return real_InternetGetCookieExW(url, name, data, size, flags, reserved);
    if (get_way == FAILS) {
        SetLastError(ERROR_INTERNET_INTERNAL_ERROR);
        return FALSE;
    }
    memset(data, 0, *size * sizeof *data); /* all of it is there */
    if (*size < 10000) {
        if (get_way == IN_BYTES)
            *size *= 3;
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    memcpy(data, many, sizeof many);
    return TRUE;
}

static DWORD WINAPI wrap_InternetSetCookieExW(LPCWSTR url, LPCWSTR name, LPCWSTR data, DWORD flags,
                                              DWORD_PTR reserved)
{
    native_calls++;
    if (set_error == 0)
        return real_InternetSetCookieExW(url, name, data, flags, reserved);
    SetLastError(set_error);
    return set_state;
}

static int as_it_is(void **state)
{
    (void)state;
    get_way = AS_IT_IS;
    set_error = 0;
    native_calls = 0;
    return 0;
}

/* ---- the jar --------------------------------------------------------------------------------- */

/* Of this run alone: an earlier one may have left cookies in the profile. */
static const char *host(void)
{
    static char name[64];

    if (name[0] == '\0')
        snprintf(name, sizeof name, "t%lu-%lu.thininet.test", (unsigned long)GetCurrentProcessId(),
                 (unsigned long)GetTickCount());
    return name;
}

/* "{h}" becomes the host of this run. */
static const char *fill(const char *text)
{
    static char rooms[4][1024];
    static unsigned next;
    char *room = rooms[next++ % TEST_COUNT_OF(rooms)];
    const char *mark = strstr(text, "{h}");

    if (mark == NULL)
        snprintf(room, sizeof rooms[0], "%s", text);
    else
        snprintf(room, sizeof rooms[0], "%.*s%s%s", (int)(mark - text), text, host(), mark + 3);
    return room;
}

/* The cookies, or the name of the error. */
static const char *cookies(const char *url, const char *name, DWORD flags)
{
    static char text[8192];
    size_t size = sizeof text;
    const tin_result result = tin_get_cookie_ex(fill(url), name, flags, text, &size);

    if (!tin_ok(result))
        return size == 0 ? tin_error_name(result.error) : "size not 0";
    return size == strlen(text) ? text : "wrong size";
}

static void assert_cookies(const char *name, const char *url, const char *should_be)
{
    const char *are = cookies(url, NULL, 0);

    if (strcmp(are, should_be) != 0)
        fail_msg("%s: %s has \"%s\", should have \"%s\"", name, url, are, should_be);
}

/* clang-format off */
static const struct {
    const char *name;
    const char *url, *cookie, *data;
    const char *seen_from, *seen;
} rows[] = {
    {"for its own page", "http://own.{h}/", "a", "1", "http://own.{h}/", "a=1"},
    {"for all pages of its folder", "http://folder.{h}/x/y", "a", "1", "http://folder.{h}/x/z?q#f", "a=1"},
    {"below its folder", "http://below.{h}/x/y", "a", "1", "http://below.{h}/x/y/z", "a=1"},
    {"not above its folder", "http://above.{h}/x/y", "a", "1", "http://above.{h}/", "TIN_E_NOT_FOUND"},
    {"for a path", "http://path.{h}/x/y", "a", "1; path=/", "http://path.{h}/z", "a=1"},
    {"not for another host", "http://one.{h}/", "a", "1", "http://two.{h}/", "TIN_E_NOT_FOUND"},
    {"for a domain", "http://x.domain.{h}/", "a", "1; domain=domain.{h}", "http://y.domain.{h}/", "a=1"},
    {"for another port", "http://port.{h}:81/", "a", "1", "http://port.{h}:82/", "a=1"},
    {"for https", "http://tls.{h}/", "a", "1", "https://tls.{h}/", "a=1"},
    {"secure over https", "https://secure.{h}/", "a", "1; secure", "https://secure.{h}/", "a=1"},
    {"case of the host", "http://CASE.{h}/", "a", "1", "HTTP://case.{h}/", "a=1"},
    {"user info does not count", "http://u:p@user.{h}/", "a", "1", "http://user.{h}/", "a=1"},
    {"name in the data", "http://data.{h}/", NULL, "a=1=2; path=/", "http://data.{h}/", "a=1=2"},
    {"spaces and signs", "http://signs.{h}/", "a-b_c", "x y,z=\"1\"", "http://signs.{h}/", "a-b_c=x y,z=\"1\""},
    {"until a day", "http://day.{h}/", "a", "1; expires=Fri, 01-Jan-2038 00:00:00 GMT", "http://day.{h}/", "a=1"},
    {"day in the past", "http://past.{h}/", "a", "1; expires=Fri, 01-Jan-1999 00:00:00 GMT", "http://past.{h}/", "TIN_E_NOT_FOUND"},
    {"unknown attribute", "http://odd.{h}/", "a", "1; odd=2", "http://odd.{h}/", "a=1"},
    {"IPv6", "http://[::2]/", "a", "1", "http://[0:0::2]:81/", "a=1"},
    {"never set", "http://set.{h}/", "a", "1", "http://never.{h}/", "TIN_E_NOT_FOUND"},
};
/* clang-format on */

static void remove_cookie(const char *url, const char *name)
{
    char data[256];

    snprintf(data, sizeof data, "; expires=Fri, 01-Jan-1999 00:00:00 GMT");
    (void)!tin_ok(tin_set_cookie_ex(fill(url), name, data, INTERNET_COOKIE_HTTPONLY));
}

static void cookies_are_found_where_they_belong(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        assert_error(rows[i].name,
                     tin_set_cookie(fill(rows[i].url), rows[i].cookie, fill(rows[i].data)), TIN_OK);
        assert_cookies(rows[i].name, rows[i].seen_from, rows[i].seen);
        remove_cookie(rows[i].url, "a");
    }
}

/* clang-format off */
static const struct {
    const char *name;
    const char *url, *cookie, *data;
    DWORD flags;
    tin_error error;
} refused[] = {
    {"NULL URL", NULL, "a", "1", 0, TIN_E_ARGUMENT},
    {"empty URL", "", "a", "1", 0, TIN_E_ARGUMENT},
    {"NULL data", "http://{h}/", "a", NULL, 0, TIN_E_ARGUMENT},
    {"empty name", "http://{h}/", "", "1", 0, TIN_E_ARGUMENT},
    {"no name anywhere", "http://{h}/", NULL, "1", 0, TIN_E_ARGUMENT},
    {"empty name in the data", "http://{h}/", NULL, "=1", 0, TIN_E_ARGUMENT},
    {"attributes before the name", "http://{h}/", NULL, "1; path=/", 0, TIN_E_ARGUMENT},
    {"name with a sign", "http://{h}/", "a=b", "1", 0, TIN_E_ARGUMENT},
    {"name with a semicolon", "http://{h}/", "a;b", "1", 0, TIN_E_ARGUMENT},
    {"name with a space", "http://{h}/", "a b", "1", 0, TIN_E_ARGUMENT},
    {"name with a comma", "http://{h}/", "a,b", "1", 0, TIN_E_ARGUMENT},
    {"name with a line break", "http://{h}/", "a\r\nX: y", "1", 0, TIN_E_ARGUMENT},
    {"data with CR", "http://{h}/", "a", "1\rX: y", 0, TIN_E_ARGUMENT},
    {"data with LF", "http://{h}/", "a", "1\nX: y", 0, TIN_E_ARGUMENT},
    {"data with a tab", "http://{h}/", "a", "1\t", 0, TIN_E_ARGUMENT},
    {"data with DEL", "http://{h}/", "a", "1\x7F", 0, TIN_E_ARGUMENT},
    {"data that is not ASCII", "http://{h}/", "a", "\xC3\xA9", 0, TIN_E_ARGUMENT},
    {"name that is not ASCII", "http://{h}/", "\xC3\xA9", "1", 0, TIN_E_ARGUMENT},
    {"malformed data", "http://{h}/", "a", "\xC3", 0, TIN_E_ARGUMENT},
    {"malformed URL", "http://{h}/\xC3", "a", "1", 0, TIN_E_ARGUMENT},
    {"unknown flag", "http://{h}/", "a", "1", INTERNET_COOKIE_THIRD_PARTY, TIN_E_UNSUPPORTED},
    {"local name", "www.example.com", "a", "1", 0, TIN_E_URL},
    {"drive", "C:\\x", "a", "1", 0, TIN_E_URL},
    {"ftp", "ftp://{h}/", "a", "1", 0, TIN_E_UNSUPPORTED},
    {"file", "file:///C:/x", "a", "1", 0, TIN_E_UNSUPPORTED},
    {"gopher", "gopher://{h}/", "a", "1", 0, TIN_E_UNSUPPORTED},
    {"port 99999", "http://{h}:99999/", "a", "1", 0, TIN_E_URL},
    {"no host", "http:///x", "a", "1", 0, TIN_E_URL},
    {"line break in the URL", "http://{h}/\r\n", "a", "1", 0, TIN_E_URL},
    {"foreign domain", "http://{h}/", "a", "1; domain=other.test", 0, TIN_E_COOKIE},
    {"domain of all", "http://{h}/", "a", "1; domain=test", 0, TIN_E_COOKIE},
    {"httponly from a script", "http://{h}/", "a", "1; httponly", 0, TIN_E_COOKIE},
};
/* clang-format on */

static void what_is_wrong_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(refused); i++) {
        const char *url = refused[i].url != NULL ? fill(refused[i].url) : NULL;
        char text[64] = "untouched";
        size_t size = sizeof text;

        SetLastError(ERROR_FILE_NOT_FOUND); /* of somebody else's */
        const tin_result result =
            tin_set_cookie_ex(url, refused[i].cookie, refused[i].data, refused[i].flags);
        assert_error(refused[i].name, result, refused[i].error);
        assert_row(refused[i].name, result.last_error != ERROR_FILE_NOT_FOUND);
        if (refused[i].data != NULL && strcmp(refused[i].data, "1") != 0)
            continue;
        if (refused[i].data == NULL || refused[i].cookie == NULL)
            continue;
        assert_error(refused[i].name,
                     tin_get_cookie_ex(url, refused[i].cookie, refused[i].flags, text, &size),
                     refused[i].error);
        assert_row(refused[i].name, size == 0 && strcmp(text, "untouched") == 0);
    }
    assert_cookies("nothing was stored", "http://{h}/", "TIN_E_NOT_FOUND");
}

/* Wine 8 copies all that follows "expires=" to 128 characters on its stack. */
static void what_would_overrun_wininet_is_refused(void **state)
{
    static const char start[] = "1; Expires=";
    char data[512];

    (void)state;
    for (size_t behind = 120; behind < 140; behind++) {
        memset(data, 0, sizeof data);
        strcpy(data, start);
        memset(data + strlen(start), 'x', behind);
        data[strlen(start) + 29] = ';';
        assert_error("expires", tin_set_cookie(fill("http://expires.{h}/"), "a", data),
                     behind <= 126 ? TIN_OK : TIN_E_ARGUMENT);
    }
    strcpy(data, "1; path=/");
    memset(data + strlen(data), 'x', 300);
    strcpy(data + 309, "/; expires=Fri, 01-Jan-1999 00:00:00 GMT");
    assert_error("last", tin_set_cookie(fill("http://expires.{h}/"), "a", data), TIN_OK);
    remove_cookie("http://expires.{h}/", "a");
}

static void one_of_several_can_be_asked_for(void **state)
{
    (void)state;
    assert_error("a", tin_set_cookie(fill("http://several.{h}/x/"), "a", "1"), TIN_OK);
    assert_error("ab", tin_set_cookie(fill("http://several.{h}/x/"), "ab", "2"), TIN_OK);
    assert_error("b", tin_set_cookie(fill("http://several.{h}/x/"), "b", ""), TIN_OK);
    assert_error("C", tin_set_cookie(fill("http://several.{h}/x/"), "C", "4"), TIN_OK);
    assert_error("a/", tin_set_cookie(fill("http://several.{h}/x/"), "a", "5; path=/"), TIN_OK);

    assert_non_null(strstr(cookies("http://several.{h}/x/", NULL, 0), "ab=2"));
    assert_string_equal(cookies("http://several.{h}/x/", "ab", 0), "ab=2");
    assert_string_equal(cookies("http://several.{h}/x/", "b", 0), "b");
    assert_string_equal(cookies("http://several.{h}/x/", "C", 0), "C=4");
    assert_string_equal(cookies("http://several.{h}/", "a", 0), "a=5");
    const char *both = cookies("http://several.{h}/x/", "a", 0);
    assert_true(strcmp(both, "a=1; a=5") == 0 || strcmp(both, "a=5; a=1") == 0);
    assert_string_equal(cookies("http://several.{h}/x/", "B", 0), "TIN_E_NOT_FOUND");
    assert_string_equal(cookies("http://several.{h}/x/", "a=", 0), "TIN_E_ARGUMENT");
}

static void a_new_value_replaces_the_old_one_and_a_past_day_removes_it(void **state)
{
    const char *url = "http://again.{h}/";

    (void)state;
    assert_error("first", tin_set_cookie(fill(url), "a", "1"), TIN_OK);
    assert_error("second", tin_set_cookie(fill(url), "a", "2"), TIN_OK);
    assert_cookies("replaced", url, "a=2");
    remove_cookie(url, "a");
    assert_cookies("removed", url, "TIN_E_NOT_FOUND");
    assert_error("kept", tin_set_cookie(fill(url), "a", "3; expires=Fri, 01-Jan-2038 00:00:00 GMT"),
                 TIN_OK);
    assert_cookies("kept", url, "a=3");
    remove_cookie(url, "a");
    assert_cookies("removed", url, "TIN_E_NOT_FOUND");
}

static void httponly_cookies_are_for_those_who_say_so(void **state)
{
    const char *url = "http://script.{h}/";

    (void)state;
    assert_error("set", tin_set_cookie_ex(fill(url), "a", "1; HttpOnly", INTERNET_COOKIE_HTTPONLY),
                 TIN_OK);
    assert_cookies("not seen", url, "TIN_E_NOT_FOUND");
    assert_string_equal(cookies(url, NULL, INTERNET_COOKIE_HTTPONLY), "a=1");
    assert_string_equal(cookies(url, "a", INTERNET_COOKIE_HTTPONLY), "a=1");
    assert_error("not replaced", tin_set_cookie(fill(url), "a", "2"), TIN_E_COOKIE);
    assert_string_equal(cookies(url, NULL, INTERNET_COOKIE_HTTPONLY), "a=1");
    remove_cookie(url, "a");
}

static void long_cookies_come_whole(void **state)
{
    static char data[5001], text[6000];
    static wchar_t wide[6000];
    size_t size = sizeof text;

    (void)state;
    memset(data, 'x', sizeof data - 1); /* beyond the first room; Windows takes about 5 KB */
    const tin_result result = tin_set_cookie(fill("http://long.{h}/"), "a", data);
    if (result.error == TIN_E_COOKIE)
        test_skip("this system takes no cookie of 5,000 characters");
    assert_error("set", result, TIN_OK);
    assert_error("get", tin_get_cookie(fill("http://long.{h}/"), NULL, text, &size), TIN_OK);
    assert_int_equal(size, 5002);
    assert_memory_equal(text, "a=x", 3);
    assert_string_equal(text + 2, data);
    wchar_t url[128];
    MultiByteToWideChar(CP_UTF8, 0, fill("http://long.{h}/"), -1, url, 128);
    size = sizeof wide;
    assert_error("wide", tin_get_cookie_w(url, NULL, wide, &size), TIN_OK);
    assert_int_equal(size, 5002 * sizeof(wchar_t));
}

static void sizes_follow_the_one_protocol(void **state)
{
    wchar_t url[128], wide[8];
    char text[8];
    size_t size;

    (void)state;
    MultiByteToWideChar(CP_UTF8, 0, fill("http://size.{h}/"), -1, url, 128);
    assert_error("set", tin_set_cookie_w(url, L"a", L"1"), TIN_OK);
    for (size_t room = 0; room <= 5; room++) {
        memset(text, 0x55, sizeof text);
        size = room;
        assert_error("narrow", tin_get_cookie(fill("http://size.{h}/"), NULL, text, &size),
                     room < 4 ? TIN_E_BUFFER_TOO_SMALL : TIN_OK);
        assert_int_equal(size, room < 4 ? 4 : 3);
        assert_int_equal(text[room < 4 ? 0 : 4], 0x55);
    }
    size = sizeof text;
    assert_error("NULL", tin_get_cookie(fill("http://size.{h}/"), NULL, NULL, &size),
                 TIN_E_BUFFER_TOO_SMALL);
    assert_int_equal(size, 4);
    size = 7;
    assert_error("wide", tin_get_cookie_w(url, L"a", wide, &size), TIN_E_BUFFER_TOO_SMALL);
    assert_int_equal(size, 8);
    assert_error("wide", tin_get_cookie_w(url, L"a", wide, &size), TIN_OK);
    assert_int_equal(size, 6);
    assert_int_equal(wcscmp(wide, L"a=1"), 0);
    assert_error("no size", tin_get_cookie(fill("http://size.{h}/"), NULL, text, NULL),
                 TIN_E_ARGUMENT);
    assert_error("no size", tin_get_cookie_w(url, NULL, wide, NULL), TIN_E_ARGUMENT);
    size = 5;
    assert_error("NULL URL", tin_get_cookie(NULL, NULL, text, &size), TIN_E_ARGUMENT);
    assert_int_equal(size, 0);
}

static void twins_share_the_jar(void **state)
{
    wchar_t url[128], wide[64];
    size_t size = sizeof wide;

    (void)state;
    MultiByteToWideChar(CP_UTF8, 0, fill("http://twin.{h}/"), -1, url, 128);
    assert_error("set", tin_set_cookie(fill("http://twin.{h}/"), "a", "1"), TIN_OK);
    assert_error("get", tin_get_cookie_ex_w(url, NULL, 0, wide, &size), TIN_OK);
    assert_int_equal(wcscmp(wide, L"a=1"), 0);
    assert_error("set", tin_set_cookie_ex_w(url, L"a", L"2; path=/", 0), TIN_OK);
    assert_cookies("get", "http://twin.{h}/", "a=2");
    assert_error("surrogate", tin_set_cookie_w(url, L"a", L"\xD800"), TIN_E_ARGUMENT);
    size = sizeof wide;
    assert_error("surrogate", tin_get_cookie_w(url, L"\xD800", wide, &size), TIN_E_ARGUMENT);
    assert_int_equal(size, 0);
}

/* ---- other systems, no memory ---------------------------------------------------------------- */

static void sizes_may_be_told_in_any_way(void **state)
{
    (void)state;
    get_way = IN_BYTES;
    assert_cookies("in bytes", "http://{h}/", "one=1; two=2; three=3");
    assert_int_equal(native_calls, 2);
    native_calls = 0;
    get_way = TELLS_NOTHING;
    assert_cookies("not at all", "http://{h}/", "one=1; two=2; three=3");
    native_calls = 0;
    assert_string_equal(cookies("http://{h}/", "two", 0), "two=2");
    native_calls = 0;
    assert_string_equal(cookies("http://{h}/", "three", 0), "three=3");
    native_calls = 0;
    assert_string_equal(cookies("http://{h}/", "on", 0), "TIN_E_NOT_FOUND");
    get_way = FAILS;
    assert_cookies("failure", "http://{h}/", "TIN_E_INTERNAL");
}

static void states_other_than_failures_are_kept_cookies(void **state)
{
    static const tin_error errors[] = {TIN_E_COOKIE, TIN_OK, TIN_E_COOKIE,
                                       TIN_OK,       TIN_OK, TIN_E_COOKIE};

    (void)state;
    set_error = ERROR_INVALID_OPERATION;
    for (set_state = 0; set_state < TEST_COUNT_OF(errors); set_state++) {
        const tin_result result = tin_set_cookie(fill("http://{h}/"), "a", "1");

        assert_error("state", result, errors[set_state]);
        assert_int_equal(result.last_error, tin_ok(result) ? 0 : ERROR_INVALID_OPERATION);
    }
    set_state = 0;
    set_error = ERROR_NOT_ENOUGH_MEMORY;
    assert_error("memory", tin_set_cookie(fill("http://{h}/"), "a", "1"), TIN_E_MEMORY);
}

static void every_allocation_may_fail(void **state)
{
    const size_t live = guarded_heap_live();
    uint64_t n = 0;
    bool failed;

    (void)state;
    do {
        char text[64];
        size_t size = sizeof text;
        tin_result result;

        guarded_heap_fail_nth(++n);
        result = tin_set_cookie(fill("http://u:p@memory.{h}/"), "a", "1");
        if (tin_ok(result))
            result = tin_get_cookie(fill("http://u:p@memory.{h}/"), "a", text, &size);
        failed = guarded_heap_has_failed();
        assert_error("memory", result, failed ? TIN_E_MEMORY : TIN_OK);
        assert_int_equal(guarded_heap_live(), live);
    } while (failed);
    assert_true(n > 10);
}

/* ---- on the wire ----------------------------------------------------------------------------- */

#define EMPTY "Content-Length: 0\r\n\r\n"

static const fault_step plain[] = {FAULT_SEND("HTTP/1.1 200 OK\r\n" EMPTY), FAULT_AGAIN};
static const fault_step setting[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\nSet-Cookie: s1=v1; path=/wire/\r\n"
               "Set-Cookie: s2=v2; Path=/wire/; HttpOnly\r\n" EMPTY),
    FAULT_AGAIN};
static const fault_step unsetting[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\n"
               "Set-Cookie: s1=; path=/wire/; expires=Fri, 01-Jan-1999 00:00:00 GMT\r\n"
               "Set-Cookie: s2=; path=/wire/; expires=Fri, 01-Jan-1999 00:00:00 GMT\r\n" EMPTY),
    FAULT_AGAIN};
static const fault_route routes[] = {
    {"/wire/set", setting}, {"/wire/unset", unsetting}, {"*", plain}, {NULL, NULL}};

/* The Cookie header of a request; "" where there was none. */
static const char *sent(fault_server *server, const char *path, DWORD flags)
{
    static char request[8192];
    tin_handle session, file;
    char *line;

    assert_error("open", tin_open(NULL, INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session),
                 TIN_OK);
    assert_error("open",
                 tin_open_url(session, fault_server_url(server, path), NULL, flags, NULL, &file),
                 TIN_OK);
    assert_int_equal(tin_close_handle(session).error, TIN_OK);
    fault_server_request(server, fault_server_count(server, FAULT_REQUESTS) - 1, request,
                         sizeof request);
    line = strstr(request, "\r\nCookie: ");
    if (line == NULL)
        return "";
    line += strlen("\r\nCookie: ");
    line[strcspn(line, "\r")] = '\0';
    return line;
}

static void what_is_set_is_sent(void **state)
{
    fault_server *server = fault_server_start_routes(routes);
    const char *url = fault_server_url(server, "/wire/");

    (void)state;
    assert_string_equal(sent(server, "/wire/x", 0), "");
    assert_error("set", tin_set_cookie(url, "a", "1 2; expires=Fri, 01-Jan-2038 00:00:00 GMT"),
                 TIN_OK);
    assert_error("set", tin_set_cookie(url, "b", "2"), TIN_OK);
    const char *both = sent(server, "/wire/x", 0);
    assert_true(strcmp(both, "a=1 2; b=2") == 0 || strcmp(both, "b=2; a=1 2") == 0);
    assert_string_equal(sent(server, "/other/", 0), "");
    assert_string_equal(sent(server, "/wire/x", INTERNET_FLAG_NO_COOKIES), "");
    remove_cookie(url, "a");
    assert_string_equal(sent(server, "/wire/x", 0), "b=2");
    remove_cookie(url, "b");
    assert_string_equal(sent(server, "/wire/x", 0), "");
    fault_server_stop(server);
}

static void what_a_server_sets_is_told(void **state)
{
    fault_server *server = fault_server_start_routes(routes);
    const char *url = fault_server_url(server, "/wire/y");

    (void)state;
    (void)sent(server, "/wire/set", INTERNET_FLAG_NO_COOKIES);
    assert_cookies("not stored", url, "TIN_E_NOT_FOUND");
    (void)sent(server, "/wire/set", 0);
    assert_cookies("stored", url, "s1=v1");
    assert_string_equal(cookies(url, "s2", INTERNET_COOKIE_HTTPONLY), "s2=v2");
    assert_string_equal(cookies(url, "s2", 0), "TIN_E_NOT_FOUND");
    assert_non_null(strstr(sent(server, "/wire/x", 0), "s2=v2"));
    (void)sent(server, "/wire/unset", 0);
    assert_string_equal(cookies(url, NULL, INTERNET_COOKIE_HTTPONLY), "TIN_E_NOT_FOUND");
    assert_string_equal(sent(server, "/wire/x", 0), "");
    fault_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cookies_are_found_where_they_belong),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(what_would_overrun_wininet_is_refused),
        cmocka_unit_test(one_of_several_can_be_asked_for),
        cmocka_unit_test(a_new_value_replaces_the_old_one_and_a_past_day_removes_it),
        cmocka_unit_test(httponly_cookies_are_for_those_who_say_so),
        cmocka_unit_test(long_cookies_come_whole),
        cmocka_unit_test(sizes_follow_the_one_protocol),
        cmocka_unit_test(twins_share_the_jar),
        cmocka_unit_test_setup_teardown(sizes_may_be_told_in_any_way, as_it_is, as_it_is),
        cmocka_unit_test_setup_teardown(states_other_than_failures_are_kept_cookies, as_it_is,
                                        as_it_is),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(what_is_set_is_sent),
        cmocka_unit_test(what_a_server_sets_is_told),
    };

    return test_run_group(tests, NULL, NULL);
}
