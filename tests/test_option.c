/* SPDX-License-Identifier: MIT */
/* What options do: what is kept, inherited, handed to WinInet and told by it; test_option_table.c
 * has the checks that are the same for all of them. */
#include "option_fixture.h"

/* ---- numbers that are kept ------------------------------------------------------------------- */

static void a_new_session_has_the_documented_settings(void **state)
{
    static const struct {
        const char *name;
        DWORD option, value;
    } defaults[] = {
        {"CONNECT_TIMEOUT", INTERNET_OPTION_CONNECT_TIMEOUT, 60000},
        {"SEND_TIMEOUT", INTERNET_OPTION_SEND_TIMEOUT, 30000},
        {"RECEIVE_TIMEOUT", INTERNET_OPTION_RECEIVE_TIMEOUT, 30000},
        {"DATA_SEND_TIMEOUT", INTERNET_OPTION_DATA_SEND_TIMEOUT, 30000},
        {"DATA_RECEIVE_TIMEOUT", INTERNET_OPTION_DATA_RECEIVE_TIMEOUT, 30000},
        {"TOTAL_TIMEOUT", TIN_OPTION_TOTAL_TIMEOUT, INFINITE},
        {"MAX_REDIRECTS", TIN_OPTION_MAX_REDIRECTS, 10},
        {"CONNECT_RETRIES", INTERNET_OPTION_CONNECT_RETRIES, 1},
        {"SECURITY_FLAGS", INTERNET_OPTION_SECURITY_FLAGS, 0},
        {"HTTP_DECODING", INTERNET_OPTION_HTTP_DECODING, FALSE},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(defaults); i++) {
        DWORD value = 99;
        const tin_result result = tin_query_option_dword(session, defaults[i].option, &value);

        if (!tin_ok(result) || value != defaults[i].value)
            fail_msg("%s: %s, %u", defaults[i].name, tin_error_name(result.error), (unsigned)value);
    }
}

/* A value need not be aligned. */
static void a_number_may_lie_anywhere_in_memory(void **state)
{
    BYTE bytes[8] = {0, 0x39, 0x30, 0, 0, 0, 0, 0};
    DWORD size = 4;

    (void)state;
    assert_ok(tin_set_option(session, INTERNET_OPTION_SEND_TIMEOUT, bytes + 1, 4));
    assert_ok(tin_query_option(session, INTERNET_OPTION_SEND_TIMEOUT, bytes + 3, &size));
    assert_memory_equal(bytes + 3, "\x39\x30\0\0", 4);
}

static void ftp_data_timeouts_follow_the_others_until_they_are_set(void **state)
{
    static const struct {
        const char *name;
        DWORD data, other;
    } pairs[] = {
        {"send", INTERNET_OPTION_DATA_SEND_TIMEOUT, INTERNET_OPTION_SEND_TIMEOUT},
        {"receive", INTERNET_OPTION_DATA_RECEIVE_TIMEOUT, INTERNET_OPTION_RECEIVE_TIMEOUT},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(pairs); i++) {
        DWORD value = 0;

        assert_ok(tin_set_option_dword(session, pairs[i].other, 1111));
        assert_ok(tin_query_option_dword(session, pairs[i].data, &value));
        if (value != 1111)
            fail_msg("%s: does not follow", pairs[i].name);
        assert_ok(tin_set_option_dword(session, pairs[i].data, 2222));
        assert_ok(tin_set_option_dword(session, pairs[i].other, 3333));
        assert_ok(tin_query_option_dword(session, pairs[i].data, &value));
        if (value != 2222)
            fail_msg("%s: still follows", pairs[i].name);
    }
}

/* ---- text ------------------------------------------------------------------------------------ */

#define NARROW "J\xC3\xB6rg \xE2\x82\xAC \xF0\x9F\x92\xA9"
#define WIDE L"J\x00F6rg \x20AC \xD83D\xDCA9"

static const struct {
    const char *name;
    DWORD option;
} text_options[] = {
    {"USERNAME", INTERNET_OPTION_USERNAME},
    {"PASSWORD", INTERNET_OPTION_PASSWORD},
    {"PROXY_USERNAME", INTERNET_OPTION_PROXY_USERNAME},
    {"PROXY_PASSWORD", INTERNET_OPTION_PROXY_PASSWORD},
    {"USER_AGENT", INTERNET_OPTION_USER_AGENT},
};

/* The protocol of sizes, for buffers of every size from none to more than enough. */
static void check_narrow_sizes(const char *name, tin_handle handle, DWORD option, const char *text)
{
    const size_t needed = strlen(text) + 1;
    size_t size = 1000;

    if (tin_query_option_text(handle, option, NULL, &size).error != TIN_E_BUFFER_TOO_SMALL ||
        size != needed)
        fail_msg("%s: %u bytes needed, not %u", name, (unsigned)size, (unsigned)needed);
    for (size_t room = 0; room < needed + 4; room++) {
        char buffer[256];
        tin_result result;

        memset(buffer, 0x55, sizeof buffer);
        size = room;
        result = tin_query_option_text(handle, option, buffer, &size);
        if (room < needed) {
            if (result.error != TIN_E_BUFFER_TOO_SMALL || size != needed || buffer[0] != 0x55)
                fail_msg("%s, room for %u: %s, %u", name, (unsigned)room,
                         tin_error_name(result.error), (unsigned)size);
        } else if (!tin_ok(result) || size != needed - 1 || strcmp(buffer, text) != 0 ||
                   buffer[needed] != 0x55) {
            fail_msg("%s, room for %u: %s, %u, \"%s\"", name, (unsigned)room,
                     tin_error_name(result.error), (unsigned)size, buffer);
        }
    }
}

static void check_wide_sizes(const char *name, tin_handle handle, DWORD option, const wchar_t *text)
{
    const size_t needed = (wcslen(text) + 1) * sizeof *text;
    size_t size = 1000;

    if (tin_query_option_text_w(handle, option, NULL, &size).error != TIN_E_BUFFER_TOO_SMALL ||
        size != needed)
        fail_msg("%s: %u bytes needed, not %u", name, (unsigned)size, (unsigned)needed);
    for (size_t room = 0; room < needed + 4; room++) {
        wchar_t buffer[256];
        tin_result result;

        memset(buffer, 0x55, sizeof buffer);
        size = room;
        result = tin_query_option_text_w(handle, option, buffer, &size);
        if (room < needed) {
            if (result.error != TIN_E_BUFFER_TOO_SMALL || size != needed || buffer[0] != 0x5555)
                fail_msg("%s, room for %u: %s, %u", name, (unsigned)room,
                         tin_error_name(result.error), (unsigned)size);
        } else if (!tin_ok(result) || size != needed - sizeof *text || wcscmp(buffer, text) != 0 ||
                   buffer[needed / sizeof *text] != 0x5555) {
            fail_msg("%s, room for %u: %s, %u", name, (unsigned)room, tin_error_name(result.error),
                     (unsigned)size);
        }
    }
}

static void text_set_in_utf8_reads_back_in_utf8_and_utf16(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(text_options); i++) {
        assert_ok(tin_set_option_text(session, text_options[i].option, NARROW));
        check_narrow_sizes(text_options[i].name, session, text_options[i].option, NARROW);
        check_wide_sizes(text_options[i].name, session, text_options[i].option, WIDE);
    }
}

static void text_set_in_utf16_reads_back_in_utf8_and_utf16(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(text_options); i++) {
        assert_ok(tin_set_option_text_w(session, text_options[i].option, WIDE));
        check_narrow_sizes(text_options[i].name, session, text_options[i].option, NARROW);
        check_wide_sizes(text_options[i].name, session, text_options[i].option, WIDE);
    }
}

static void text_may_be_empty(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(text_options); i++) {
        assert_ok(tin_set_option_text(session, text_options[i].option, "before"));
        assert_ok(tin_set_option_text(session, text_options[i].option, ""));
        check_narrow_sizes(text_options[i].name, session, text_options[i].option, "");
        check_wide_sizes(text_options[i].name, session, text_options[i].option, L"");
    }
}

static void text_that_was_never_set_is_empty(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(text_options); i++)
        if (text_options[i].option != INTERNET_OPTION_USER_AGENT)
            check_narrow_sizes(text_options[i].name, session, text_options[i].option, "");
}

static void text_that_is_null_or_malformed_is_refused_and_changes_nothing(void **state)
{
    static const char *const malformed[] = {NULL,      "\xFF",     "a\x80",
                                            "caf\xE9", "\xC0\xAF", "\xED\xA0\x80"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(text_options); i++) {
        const DWORD option = text_options[i].option;

        assert_ok(tin_set_option_text(session, option, "before"));
        watch(true, 0);
        for (size_t j = 0; j < TEST_COUNT_OF(malformed); j++)
            if (tin_set_option_text(session, option, malformed[j]).error != TIN_E_ARGUMENT)
                fail_msg("%s takes malformed text %u", text_options[i].name, (unsigned)j);
        assert_gives(tin_set_option_text_w(session, option, NULL), TIN_E_ARGUMENT);
        assert_int_equal(wininet.calls, 0);
        watch(false, 0);
        check_narrow_sizes(text_options[i].name, session, option, "before");
    }
}

static void credentials_are_kept_and_never_asked_of_wininet(void **state)
{
    (void)state;
    watch(true, 0);
    for (size_t i = 0; i < TEST_COUNT_OF(text_options); i++)
        for (const location *place = places; place < END(places); place++) {
            char text[16];
            size_t size = sizeof text;
            const DWORD option = text_options[i].option;

            if (option == INTERNET_OPTION_USER_AGENT || place->level == 'N')
                continue;
            assert_ok(tin_set_option_text(*place->handle, option, "secret"));
            assert_ok(tin_query_option_text(*place->handle, option, text, &size));
            if (wininet.calls != 0 || strcmp(text, "secret") != 0)
                fail_msg("%s, %s: \"%s\"", text_options[i].name, place->name, text);
        }
}

static void a_password_is_in_no_block_that_is_freed(void **state)
{
    static const wchar_t wide[] = L"hunter2";
    static const struct {
        const char *name;
        const void *bytes;
        size_t size;
    } secrets[] = {{"UTF-8", "hunter2", 7}, {"UTF-16", wide, 14}};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(secrets); i++) {
        char text[16];
        wchar_t wide_text[16];
        size_t size = sizeof text, wide_size = sizeof wide_text;
        const tin_handle own = open_session();

        guarded_heap_look_for(secrets[i].bytes, secrets[i].size);
        assert_ok(tin_set_option_text(own, INTERNET_OPTION_PASSWORD, "hunter2"));
        assert_ok(tin_set_option_text_w(own, INTERNET_OPTION_PASSWORD, wide)); /* frees the first */
        assert_ok(tin_query_option_text(own, INTERNET_OPTION_PASSWORD, text, &size));
        assert_ok(tin_query_option_text_w(own, INTERNET_OPTION_PASSWORD, wide_text, &wide_size));
        assert_ok(tin_close_handle(open_url(own, fault_server_url(http, "/"))));
        assert_ok(tin_close_handle(own));
        if (guarded_heap_found() != 0)
            fail_msg("%s: found %u times", secrets[i].name, (unsigned)guarded_heap_found());
        guarded_heap_look_for(NULL, 0);
    }
}

/* What WinInet answers when it is asked for a text of 2,000 characters. */
static BOOL says_bytes(void *value, DWORD *size)
{
    const DWORD needed = 2001 * sizeof(wchar_t);
    const bool fits = *size >= needed;

    *size = needed;
    if (fits)
        for (int i = 0; i < 2000; i++)
            ((wchar_t *)value)[i] = L'x';
    SetLastError(fits ? ERROR_SUCCESS : ERROR_INSUFFICIENT_BUFFER);
    return fits;
}

static BOOL says_characters(void *value, DWORD *size)
{
    const BOOL fits = says_bytes(value, size);

    *size = fits ? 2000 : 2001;
    return fits;
}

static BOOL says_nothing(void *value, DWORD *size)
{
    const DWORD before = *size;
    const BOOL fits = says_bytes(value, size);

    *size = before;
    return fits;
}

static BOOL says_1(void *value, DWORD *size)
{
    const BOOL fits = says_bytes(value, size);

    *size = fits ? *size : 1;
    return fits;
}

static void wininets_text_arrives_whole_however_wininet_counts(void **state)
{
    static const struct {
        const char *name;
        stand_in *query;
    } countings[] = {
        {"bytes", says_bytes},
        {"characters", says_characters},
        {"nothing", says_nothing},
        {"1", says_1},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(countings); i++) {
        char text[2002];
        size_t size = sizeof text;

        watch(true, 0);
        wininet.query = countings[i].query;
        assert_ok(tin_query_option_text(http_file, INTERNET_OPTION_DATAFILE_NAME, text, &size));
        if (size != 2000 || strlen(text) != 2000 || strspn(text, "x") != 2000)
            fail_msg("%s: %u", countings[i].name, (unsigned)size);
    }
}

static BOOL never_fits(void *value, DWORD *size)
{
    (void)value, (void)size;
    SetLastError(ERROR_INSUFFICIENT_BUFFER);
    return FALSE;
}

static void a_text_that_never_fits_is_given_up(void **state)
{
    char text[8] = "before";
    size_t size = sizeof text;

    (void)state;
    watch(true, 0);
    wininet.query = never_fits;
    assert_gives(tin_query_option_text(http_file, INTERNET_OPTION_DATAFILE_NAME, text, &size),
                 TIN_E_INTERNAL);
    assert_int_equal(size, 0);
    assert_in_range(wininet.calls, 2, 100);
}

static const char ansi[] = "Subject:\r\nM\xFCller, 100 \x80";

static BOOL says_ansi(void *value, DWORD *size)
{
    if (*size == sizeof(DWORD)) { /* there is a certificate */
        *(DWORD *)value = SECURITY_FLAG_SECURE;
        return TRUE;
    }
    if (*size < sizeof ansi) {
        *size = 1;
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    memcpy(value, ansi, sizeof ansi);
    *size = sizeof ansi - 1;
    return TRUE;
}

static void the_certificates_text_comes_out_of_the_ansi_code_page(void **state)
{
    wchar_t wide[100], got[100];
    char narrow[100], got_narrow[100];
    size_t size = sizeof got, narrow_size = sizeof got_narrow;

    (void)state;
    watch(true, 0);
    wininet.query = says_ansi;
    assert_ok(tin_query_option_text_w(http_file, INTERNET_OPTION_SECURITY_CERTIFICATE, got, &size));
    assert_ok(tin_query_option_text(http_file, INTERNET_OPTION_SECURITY_CERTIFICATE, got_narrow,
                                    &narrow_size));
    assert_true(MultiByteToWideChar(CP_ACP, 0, ansi, -1, wide, 100) > 0);
    assert_true(WideCharToMultiByte(CP_UTF8, 0, wide, -1, narrow, 100, NULL, NULL) > 0);
    assert_int_equal(size, wcslen(wide) * sizeof *wide);
    assert_memory_equal(got, wide, size + sizeof *wide);
    assert_string_equal(got_narrow, narrow);
}

static tin_result set_narrow(void)
{
    return tin_set_option_text(session, INTERNET_OPTION_USERNAME, "after");
}

static tin_result set_wide(void)
{
    return tin_set_option_text_w(session, INTERNET_OPTION_USERNAME, L"after");
}

static tin_result set_wininets(void)
{
    return tin_set_option_text(session, INTERNET_OPTION_USER_AGENT, "after");
}

static tin_result query_kept(void)
{
    char text[16];
    size_t size = sizeof text;
    const tin_result result = tin_query_option_text(session, INTERNET_OPTION_USERNAME, text, &size);

    if (!tin_ok(result))
        assert_int_equal(size, 0);
    return result;
}

static tin_result query_wininets(void)
{
    char text[2002];
    size_t size = sizeof text;

    wininet.query = says_nothing;
    return tin_query_option_text(http_file, INTERNET_OPTION_DATAFILE_NAME, text, &size);
}

static tin_result query_ansi(void)
{
    char text[100];
    size_t size = sizeof text;

    wininet.query = says_ansi;
    return tin_query_option_text(http_file, INTERNET_OPTION_SECURITY_CERTIFICATE, text, &size);
}

static void every_allocation_that_fails_is_told_and_changes_nothing(void **state)
{
    static const struct {
        const char *name;
        tin_result (*call)(void);
        unsigned allocations; /* at least */
    } calls[] = {
        {"set, UTF-8", set_narrow, 1},          {"set, UTF-16", set_wide, 1},
        {"set WinInet's", set_wininets, 0},     {"query", query_kept, 1},
        {"query WinInet's", query_wininets, 4}, {"query WinInet's ANSI text", query_ansi, 2},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(calls); i++) {
        assert_ok(tin_set_option_text(session, INTERNET_OPTION_USERNAME, "before"));
        watch(true, 0);
        for (unsigned n = 1;; n++) {
            tin_result result;
            bool failed;

            guarded_heap_fail_nth(n);
            result = calls[i].call();
            failed = guarded_heap_has_failed();
            if (result.error != (failed ? TIN_E_MEMORY : TIN_OK) ||
                (!failed && n <= calls[i].allocations))
                fail_msg("%s, allocation %u: %s", calls[i].name, n, tin_error_name(result.error));
            if (!failed)
                break;
            expect_text(session, INTERNET_OPTION_USERNAME, "before");
        }
        watch(false, 0);
    }
}

/* ---- what WinInet answers -------------------------------------------------------------------- */

static const struct {
    const char *name;
    DWORD said;
    tin_error error;
} refusals[] = {
    {"the option is not known (Windows; setting under Wine 8)", 12009, TIN_E_UNSUPPORTED},
    {"the option is not known (asking under Wine 8)", 12018, TIN_E_UNSUPPORTED},
    {"wrong size", 12010, TIN_E_ARGUMENT},
    {"not settable", 12011, TIN_E_ARGUMENT},
    {"wrong value", 87, TIN_E_ARGUMENT},
    {"wrong value under Wine 8", 160, TIN_E_ARGUMENT},
    {"not now", 12016, TIN_E_STATE},
    {"nothing there", 12028, TIN_E_NOT_FOUND},
    {"no memory", 8, TIN_E_MEMORY},
    {"nothing said", 0, TIN_E_INTERNAL},
    {"unheard-of", 4711, TIN_E_INTERNAL},
};

static BOOL refuse(void *value, DWORD *size)
{
    (void)value, (void)size;
    SetLastError(wininet.error);
    return FALSE;
}

static void check_refusal(const char *name, const char *call, tin_result result, tin_error error,
                          DWORD said)
{
    if (result.error != error || result.last_error != said)
        fail_msg("%s, %s: %s, %u", name, call, tin_error_name(result.error),
                 (unsigned)result.last_error);
}

static void what_wininet_refuses_is_a_typed_error_with_its_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(refusals); i++) {
        const char *name = refusals[i].name;
        const tin_error error = refusals[i].error;
        const DWORD said = refusals[i].said;
        DWORD value = 99, size = sizeof value;
        size_t text_size = 99;
        char text[4];

        watch(true, said);
        wininet.query = refuse;
        if (said != 0)
            check_refusal(name, "set", tin_set_option_dword(http_file, 4711, 1), error, said);
        check_refusal(name, "query", tin_query_option(http_file, 4711, &value, &size), error, said);
        assert_int_equal(size, 0);
        check_refusal(name, "query dword", tin_query_option_dword(http_file, 4711, &value), error,
                      said);
        assert_int_equal(value, 0);
        check_refusal(name, "query text", tin_query_option_text(http_file, 4711, text, &text_size),
                      error, said);
        assert_int_equal(text_size, 0);
    }
}

static BOOL eight_bytes(void *value, DWORD *size)
{
    *size = 8;
    SetLastError(ERROR_INSUFFICIENT_BUFFER);
    (void)value;
    return FALSE;
}

static BOOL one_byte(void *value, DWORD *size)
{
    *(BYTE *)value = 1;
    *size = 1;
    return TRUE;
}

static void an_unknown_option_that_is_no_dword_is_not_cut_to_one(void **state)
{
    static stand_in *const answers[] = {eight_bytes, one_byte};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(answers); i++) {
        DWORD value = 99;

        watch(true, 0);
        wininet.query = answers[i];
        assert_gives(tin_query_option_dword(session, 4711, &value), TIN_E_ARGUMENT);
        assert_int_equal(value, 0);
    }
}

static void an_option_that_wininet_does_not_have_is_unsupported(void **state)
{
    DWORD value;

    (void)state;
    assert_gives(tin_set_option_dword(session, 4711, 1), TIN_E_UNSUPPORTED);
    assert_gives(tin_query_option_dword(session, 4711, &value), TIN_E_UNSUPPORTED);
    assert_gives(tin_set_option_dword(http_file, 4711, 1), TIN_E_UNSUPPORTED);
    assert_gives(tin_query_option_dword(http_file, 4711, &value), TIN_E_UNSUPPORTED);
}

static void wininets_version_can_be_asked_for(void **state)
{
    INTERNET_VERSION_INFO version = {0, 0};
    DWORD size = sizeof version;

    (void)state;
    assert_ok(tin_query_option(NULL, INTERNET_OPTION_VERSION, &version, &size));
    assert_int_equal(size, sizeof version);
    assert_in_range(version.dwMajorVersion, 1, 100);
}

static void process_wide_limits_reach_wininet(void **state)
{
    DWORD before, now;

    (void)state;
    assert_ok(tin_query_option_dword(NULL, INTERNET_OPTION_MAX_CONNS_PER_SERVER, &before));
    assert_ok(tin_set_option_dword(NULL, INTERNET_OPTION_MAX_CONNS_PER_SERVER, 17));
    assert_ok(tin_query_option_dword(NULL, INTERNET_OPTION_MAX_CONNS_PER_SERVER, &now));
    assert_int_equal(now, 17);
    assert_ok(tin_set_option_dword(NULL, INTERNET_OPTION_MAX_CONNS_PER_SERVER, before));
}

static void the_proxy_of_a_session_is_a_record_with_its_texts(void **state)
{
    BYTE room[512];
    const INTERNET_PROXY_INFO *info = (const INTERNET_PROXY_INFO *)room;
    DWORD size = 0, needed;
    tin_handle proxied;

    (void)state;
    assert_ok(
        tin_open("test", INTERNET_OPEN_TYPE_PROXY, "http=127.0.0.1:9", "<local>", 0, &proxied));
    assert_gives(tin_query_option(proxied, INTERNET_OPTION_PROXY, NULL, &size),
                 TIN_E_BUFFER_TOO_SMALL);
    assert_in_range(size, sizeof *info + sizeof L"http=127.0.0.1:9", sizeof room);
    needed = size--;
    assert_gives(tin_query_option(proxied, INTERNET_OPTION_PROXY, room, &size),
                 TIN_E_BUFFER_TOO_SMALL);
    assert_int_equal(size, needed);
    assert_ok(tin_query_option(proxied, INTERNET_OPTION_PROXY, room, &size));
    assert_int_equal(info->dwAccessType, INTERNET_OPEN_TYPE_PROXY);
    assert_int_equal(wcscmp((const wchar_t *)info->lpszProxy, L"http=127.0.0.1:9"), 0);
    assert_ok(tin_close_handle(proxied));
}

/* Wine 8 refuses it, and says so. */
static void the_proxy_of_a_session_is_changed_by_wininet_or_not_at_all(void **state)
{
    INTERNET_PROXY_INFO info = {.dwAccessType = INTERNET_OPEN_TYPE_DIRECT};
    const tin_result result = tin_set_option(session, INTERNET_OPTION_PROXY, &info, sizeof info);

    (void)state;
    if (!tin_ok(result)) {
        assert_int_equal(result.error, TIN_E_UNSUPPORTED);
        assert_int_equal(result.last_error, ERROR_INTERNET_INVALID_OPTION);
    }
}

/* ---- about the handle itself ----------------------------------------------------------------- */

static void each_handle_knows_its_type_and_parent(void **state)
{
    static const DWORD types[] = {0, INTERNET_HANDLE_TYPE_INTERNET,
                                  INTERNET_HANDLE_TYPE_HTTP_REQUEST, INTERNET_HANDLE_TYPE_FTP_FILE,
                                  TIN_HANDLE_TYPE_LOCAL_FILE};

    (void)state;
    for (size_t i = 1; i < TEST_COUNT_OF(places); i++) {
        const tin_handle handle = *places[i].handle;
        tin_handle parent = handle;
        DWORD type = 0, size = sizeof parent;

        assert_ok(tin_query_option_dword(handle, INTERNET_OPTION_HANDLE_TYPE, &type));
        assert_ok(tin_query_option(handle, INTERNET_OPTION_PARENT_HANDLE, &parent, &size));
        if (type != types[i] || parent != (handle == session ? NULL : session))
            fail_msg("%s: type %u, another parent", places[i].name, (unsigned)type);
    }
}

static void *context_of(tin_handle handle)
{
    void *context = &context;
    DWORD size = sizeof context;

    assert_ok(tin_query_option(handle, INTERNET_OPTION_CONTEXT_VALUE, &context, &size));
    assert_int_equal(size, sizeof context);
    return context;
}

static void set_context(tin_handle handle, void *context)
{
    assert_ok(tin_set_option(handle, INTERNET_OPTION_CONTEXT_VALUE, &context, sizeof context));
}

static void ignore_status(tin_handle handle, void *context, const tin_status *status)
{
    (void)handle, (void)context, (void)status;
}

static void the_context_is_the_users(void **state)
{
    int a, b, c;
    tin_handle file;

    (void)state;
    for (size_t i = 1; i < TEST_COUNT_OF(places); i++)
        assert_null(context_of(*places[i].handle));

    assert_ok(tin_set_status_callback(session, ignore_status, &a));
    assert_ptr_equal(context_of(session), &a);
    file = open_url(session, fault_server_url(http, "/"));
    assert_ptr_equal(context_of(file), &a);
    assert_ok(tin_close_handle(file));

    set_context(session, &b);
    assert_ptr_equal(context_of(session), &b);
    file = open_url(session, fault_server_url(http, "/"));
    assert_ptr_equal(context_of(file), &b);
    set_context(file, &c);
    assert_ptr_equal(context_of(file), &c);
    assert_ptr_equal(context_of(session), &b);
    assert_ok(tin_close_handle(file));

    assert_ok(tin_open_url(session, fault_server_url(http, "/"), NULL, 0, &c, &file));
    assert_ptr_equal(context_of(file), &c);
    assert_ok(tin_close_handle(file));
}

static void the_url_is_the_one_that_was_opened(void **state)
{
    static const fault_step moved[] = {
        FAULT_SEND("HTTP/1.1 302 Found\r\nLocation: /b/../c?q#f\r\nContent-Length: 0\r\n\r\n"),
        FAULT_AGAIN};
    static const fault_route routes[] = {{"/a", moved}, {"*", ok}, {NULL, NULL}};
    fault_server *server = fault_server_start_routes(routes);
    const char *path = test_file("ok", 2);
    const struct {
        const char *name, *given, *expected;
    } urls[] = {
        {"http", fault_server_url(server, "/x%20y?z#fragment"),
         fault_server_url(server, "/x%20y?z")},
        {"redirected", fault_server_url(server, "/a"), fault_server_url(server, "/c?q")},
        {"ftp", fault_server_url_for(ftp, "ftp", "/a.bin"),
         fault_server_url_for(ftp, "ftp", "/a.bin")},
        {"local", path, path},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(urls); i++) {
        const tin_handle file = open_url(session, urls[i].given);

        watch(true, 0);
        check_narrow_sizes(urls[i].name, file, INTERNET_OPTION_URL, urls[i].expected);
        assert_int_equal(wininet.calls, 0);
        watch(false, 0);
        assert_ok(tin_close_handle(file));
    }
    fault_server_stop(server);
}

static void the_url_comes_without_user_and_password(void **state)
{
    char url[100], text[100];
    size_t size = sizeof text;
    tin_handle file;

    (void)state;
    snprintf(url, sizeof url, "http://me:secret@127.0.0.1:%u/", fault_server_port(http));
    file = open_url(session, url);
    assert_ok(tin_query_option_text(file, INTERNET_OPTION_URL, text, &size));
    assert_string_equal(text, fault_server_url(http, "/"));
    assert_ok(tin_close_handle(file));
}

/* ---- settings that WinInet is told ----------------------------------------------------------- */

static void a_sessions_settings_reach_wininets_request(void **state)
{
    static const struct {
        const char *name;
        DWORD option, value;
    } numbers[] = {
        {"SECURITY_FLAGS", INTERNET_OPTION_SECURITY_FLAGS, SECURITY_FLAG_IGNORE_UNKNOWN_CA},
        {"HTTP_DECODING", INTERNET_OPTION_HTTP_DECODING, TRUE},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(numbers); i++) {
        InterlockedExchange(&told[numbers[i].option], -1);
        assert_ok(tin_set_option_dword(session, numbers[i].option, numbers[i].value));
        if (told[numbers[i].option] != -1)
            fail_msg("%s: told too early", numbers[i].name);
        assert_ok(tin_close_handle(open_url(session, fault_server_url(http, "/"))));
        if (told[numbers[i].option] != (LONG)numbers[i].value)
            fail_msg("%s: not told", numbers[i].name);
    }
}

static void an_open_requests_security_flags_are_wininets(void **state)
{
    DWORD flags = 0;

    (void)state;
    watch(false, 0);
    assert_ok(tin_set_option_dword(http_file, INTERNET_OPTION_SECURITY_FLAGS,
                                   SECURITY_FLAG_IGNORE_REVOCATION));
    assert_int_equal(wininet.calls, 1);
    assert_ptr_equal(wininet.handle, tin_native_handle(http_file));
    assert_ok(tin_query_option_dword(http_file, INTERNET_OPTION_SECURITY_FLAGS, &flags));
    assert_int_equal(wininet.calls, 2);
    assert_true((flags & SECURITY_FLAG_IGNORE_REVOCATION) != 0);
}

/* Says 401 until Authorization comes. */
static bool demand_basic(fault_connection *connection, const void *realm)
{
    if (strstr(fault_last_message(connection), "\r\nAuthorization: Basic ") != NULL)
        return fault_send_format(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    return fault_send_format(connection,
                             "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n"
                             "WWW-Authenticate: Basic realm=\"%s\"\r\n\r\n",
                             (const char *)realm);
}

static void user_and_password_are_sent_when_the_server_asks(void **state)
{
    static const struct {
        const char *name, *user, *password, *header;
    } pairs[] = {
        {"both", "me", "secret", "\r\nAuthorization: Basic bWU6c2VjcmV0\r\n"},
        {"a user without password", "me", NULL, "\r\nAuthorization: Basic bWU6\r\n"},
        {"an empty password", "me", "", "\r\nAuthorization: Basic bWU6\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(pairs); i++) {
        const fault_step guarded[] = {FAULT_CALL(demand_basic, pairs[i].name), FAULT_AGAIN};
        const fault_route routes[] = {{"*", guarded}, {NULL, NULL}};
        fault_server *server = fault_server_start_routes(routes);
        const tin_handle own = open_session();
        char request[2000];

        assert_ok(tin_set_option_text(own, INTERNET_OPTION_USERNAME, pairs[i].user));
        if (pairs[i].password != NULL)
            assert_ok(tin_set_option_text(own, INTERNET_OPTION_PASSWORD, pairs[i].password));
        assert_ok(tin_close_handle(open_url(own, fault_server_url(server, "/"))));
        fault_server_request(server, 1, request, sizeof request);
        if (strstr(request, pairs[i].header) == NULL)
            fail_msg("%s: %s", pairs[i].name, request);
        assert_ok(tin_close_handle(own));
        fault_server_stop(server);
    }
}

static void ftp_logs_in_with_user_and_password(void **state)
{
    char command[64];
    uint64_t commands = fault_server_count(ftp, FAULT_REQUESTS);

    (void)state;
    assert_ok(tin_set_option_text(session, INTERNET_OPTION_USERNAME, "me"));
    assert_ok(tin_set_option_text(session, INTERNET_OPTION_PASSWORD, "secret"));
    assert_ok(tin_close_handle(open_url(session, fault_server_url_for(ftp, "ftp", "/a.bin"))));
    for (; commands < fault_server_count(ftp, FAULT_REQUESTS); commands++) {
        fault_server_request(ftp, commands, command, sizeof command);
        if (strcmp(command, "USER me\r\n") == 0)
            break;
    }
    assert_string_equal(command, "USER me\r\n");
    fault_server_request(ftp, commands + 1, command, sizeof command);
    assert_string_equal(command, "PASS secret\r\n");
}

/* ---- handles without a handle of WinInet's --------------------------------------------------- */

typedef struct early {
    tin_result kept, words, own, wininet, query, flags;
    unsigned calls;
    bool created;
} early;

/* Inside HANDLE_CREATED there is the handle, but nothing of WinInet's yet. */
static void set_early(tin_handle parent, void *context, const tin_status *status)
{
    early *seen = context;
    DWORD value = 0, size = sizeof(tin_handle);
    tin_handle above = NULL;

    if (status->code != INTERNET_STATUS_HANDLE_CREATED)
        return;
    watch(true, 0);
    seen->created = true;
    seen->kept = tin_set_option_dword(status->handle, INTERNET_OPTION_RECEIVE_TIMEOUT, 1234);
    seen->words = tin_set_option_text(status->handle, INTERNET_OPTION_USERNAME, "early");
    seen->own = tin_query_option(status->handle, INTERNET_OPTION_PARENT_HANDLE, &above, &size);
    if (above != parent)
        seen->own.error = TIN_E_INTERNAL;
    seen->wininet = tin_set_option_dword(status->handle, INTERNET_OPTION_REQUEST_PRIORITY, 1);
    seen->query = tin_query_option_dword(status->handle, INTERNET_OPTION_REQUEST_FLAGS, &value);
    seen->calls = wininet.calls;
    watch(false, 0);
    seen->flags = tin_set_option_dword(status->handle, INTERNET_OPTION_SECURITY_FLAGS, 0x80);
}

static void before_wininet_has_a_handle_the_kept_options_work(void **state)
{
    (void)state;
    for (const location *place = places; place < END(places); place++) {
        const tin_error error = *place->handle == local_file ? TIN_E_UNSUPPORTED : TIN_E_STATE;
        early seen = {.created = false};
        DWORD timeout = 0;
        tin_handle file;

        if (place->level != 'R')
            continue;
        InterlockedExchange(&told[INTERNET_OPTION_SECURITY_FLAGS], -1);
        assert_ok(tin_set_status_callback(session, set_early, &seen));
        file = open_url(session, new_url(place));
        if (!seen.created || !tin_ok(seen.kept) || !tin_ok(seen.words) || !tin_ok(seen.own) ||
            !tin_ok(seen.flags))
            fail_msg("%s: %s, %s, %s", place->name, tin_error_name(seen.kept.error),
                     tin_error_name(seen.words.error), tin_error_name(seen.own.error));
        if (seen.wininet.error != error || seen.query.error != error || seen.calls != 0)
            fail_msg("%s: %s, %s", place->name, tin_error_name(seen.wininet.error),
                     tin_error_name(seen.query.error));
        assert_ok(tin_query_option_dword(file, INTERNET_OPTION_RECEIVE_TIMEOUT, &timeout));
        assert_int_equal(timeout, 1234);
        expect_text(file, INTERNET_OPTION_USERNAME, "early");
        if (*place->handle == http_file)
            assert_int_equal(told[INTERNET_OPTION_SECURITY_FLAGS], 0x80);
        assert_ok(tin_close_handle(file));
    }
}

static void shorten_timeout(tin_handle parent, void *context, const tin_status *status)
{
    tin_result *result = context;

    (void)parent;
    if (status->code == INTERNET_STATUS_HANDLE_CREATED)
        *result = tin_set_option_dword(status->handle, INTERNET_OPTION_RECEIVE_TIMEOUT, 50);
}

static void a_timeout_set_by_the_callback_holds_for_the_open(void **state)
{
    fault_server *mute = fault_server_start(fault_script_mute);
    tin_result set = {TIN_E_INTERNAL, 0};
    tin_handle file;

    (void)state;
    assert_ok(tin_set_status_callback(session, shorten_timeout, &set));
    assert_gives(tin_open_url(session, fault_server_url(mute, "/"), NULL, 0, NULL, &file),
                 TIN_E_TIMEOUT);
    assert_ok(set);
    fault_server_release(mute);
    fault_server_stop(mute);
}

typedef struct opener {
    fault_server *server;
    HANDLE waiting;
    tin_handle file;
    tin_result result;
} opener;

static void tell_when_sent(tin_handle handle, void *context, const tin_status *status)
{
    opener *opening = context;

    if (status->code != INTERNET_STATUS_REQUEST_SENT)
        return;
    opening->file = handle;
    SetEvent(opening->waiting);
}

static void open_and_wait(void *context)
{
    opener *opening = context;
    tin_handle file;

    opening->result =
        tin_open_url(session, fault_server_url(opening->server, "/"), NULL, 0, NULL, &file);
}

static void a_timeout_set_by_another_thread_holds_for_the_call_in_progress(void **state)
{
    opener opening = {.server = fault_server_start(fault_script_mute),
                      .waiting = CreateEventW(NULL, TRUE, FALSE, NULL)};
    test_thread *thread;

    (void)state;
    assert_ok(tin_set_option_dword(session, INTERNET_OPTION_RECEIVE_TIMEOUT, INFINITE));
    assert_ok(tin_set_status_callback(session, tell_when_sent, &opening));
    thread = test_thread_start(open_and_wait, &opening);
    assert_int_equal(WaitForSingleObject(opening.waiting, TEST_PATIENCE_MS), WAIT_OBJECT_0);
    assert_ok(tin_set_option_dword(opening.file, INTERNET_OPTION_RECEIVE_TIMEOUT, 20));
    test_thread_join(thread, TEST_PATIENCE_MS);
    assert_gives(opening.result, TIN_E_TIMEOUT);
    CloseHandle(opening.waiting);
    fault_server_release(opening.server);
    fault_server_stop(opening.server);
}

static void expect_nothing_of_wininet(tin_handle file)
{
    DWORD value = 1;
    size_t size = 1;

    watch(true, 0);
    assert_gives(tin_set_option_dword(file, INTERNET_OPTION_REQUEST_PRIORITY, 1), TIN_E_STATE);
    assert_gives(tin_query_option_dword(file, INTERNET_OPTION_REQUEST_FLAGS, &value), TIN_E_STATE);
    assert_gives(tin_query_option_text(file, INTERNET_OPTION_DATAFILE_NAME, NULL, &size),
                 TIN_E_STATE);
    assert_int_equal(wininet.calls, 0);
    assert_int_equal(value, 0);
    assert_int_equal(size, 0);
    watch(false, 0);
    assert_ok(tin_set_option_dword(file, INTERNET_OPTION_RECEIVE_TIMEOUT, 77));
    assert_ok(tin_query_option_dword(file, INTERNET_OPTION_RECEIVE_TIMEOUT, &value));
    assert_int_equal(value, 77);
    assert_ok(tin_set_option_dword(file, INTERNET_OPTION_SECURITY_FLAGS, 0x80));
    assert_ok(tin_query_option_dword(file, INTERNET_OPTION_SECURITY_FLAGS, &value));
    assert_int_equal(value, 0x80);
}

static const fault_step stalls[] = {FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
                                    FAULT_MUTE, FAULT_END};
static const fault_route all_stall[] = {{"*", stalls}, {NULL, NULL}};

/* A read that times out takes WinInet's handle away. */
static void give_up(tin_handle file)
{
    char byte;
    size_t got;

    assert_ok(tin_set_option_dword(file, INTERNET_OPTION_RECEIVE_TIMEOUT, 20));
    assert_gives(tin_read_file(file, &byte, 1, &got), TIN_E_TIMEOUT);
}

static void a_file_whose_call_was_given_up_has_nothing_of_wininet_left(void **state)
{
    fault_server *server = fault_server_start_routes(all_stall);
    const tin_handle file = open_url(session, fault_server_url(server, "/"));
    size_t size = 1;

    (void)state;
    give_up(file);
    expect_nothing_of_wininet(file);
    assert_gives(tin_query_option_text(file, INTERNET_OPTION_URL, NULL, &size), TIN_E_STATE);
    assert_int_equal(size, 0);
    assert_ok(tin_close_handle(file));
    fault_server_release(server);
    fault_server_stop(server);
}

static void a_security_flag_that_wininet_refuses_is_not_kept(void **state)
{
    fault_server *server = fault_server_start_routes(all_stall);
    const tin_handle file = open_url(session, fault_server_url(server, "/"));
    DWORD flags = 99;

    (void)state;
    watch(true, ERROR_INVALID_PARAMETER);
    assert_gives(tin_set_option_dword(file, INTERNET_OPTION_SECURITY_FLAGS, 0x80), TIN_E_ARGUMENT);
    watch(false, 0);
    give_up(file);
    assert_ok(tin_query_option_dword(file, INTERNET_OPTION_SECURITY_FLAGS, &flags));
    assert_int_equal(flags, 0);
    assert_ok(tin_close_handle(file));
    fault_server_release(server);
    fault_server_stop(server);
}

/* At the end of an FTP file WinInet's handle is closed, for what the server says then. With a
 * closed handle, Wine 8 sets an option for the whole process. */
static void an_ftp_file_that_was_read_has_nothing_of_wininet_left(void **state)
{
    char bytes[32];
    size_t got;

    (void)state;
    assert_ok(tin_read_file(ftp_file, bytes, sizeof bytes, &got));
    assert_int_equal(got, 10);
    assert_ok(tin_read_file(ftp_file, bytes, sizeof bytes, &got));
    assert_int_equal(got, 0);
    expect_nothing_of_wininet(ftp_file);
}

static void a_local_file_answers_what_needs_no_wininet(void **state)
{
    DWORD value;

    (void)state;
    assert_null(tin_native_handle(local_file));
    watch(true, 0);
    assert_gives(tin_query_option_dword(local_file, INTERNET_OPTION_REQUEST_FLAGS, &value),
                 TIN_E_UNSUPPORTED);
    assert_gives(tin_set_option_dword(local_file, 4711, 1), TIN_E_UNSUPPORTED);
    assert_ok(tin_set_option_dword(local_file, INTERNET_OPTION_SECURITY_FLAGS, 0x80));
    assert_ok(tin_query_option_dword(local_file, INTERNET_OPTION_SECURITY_FLAGS, &value));
    assert_int_equal(value, 0x80);
    assert_int_equal(wininet.calls, 0);
}

/* ---- several threads ------------------------------------------------------------------------- */

typedef struct two_values {
    const char *text;
    DWORD number;
    unsigned wrong;
} two_values;

static void set_and_ask(void *context)
{
    two_values *worker = context;

    for (int i = 0; i < 3000; i++) {
        char text[16] = "";
        size_t size = sizeof text;
        DWORD number = 0;

        worker->wrong +=
            !tin_ok(tin_set_option_text(session, INTERNET_OPTION_USERNAME, worker->text));
        worker->wrong +=
            !tin_ok(tin_query_option_text(session, INTERNET_OPTION_USERNAME, text, &size));
        worker->wrong += strcmp(text, "first") != 0 && strcmp(text, "the second") != 0;
        worker->wrong +=
            !tin_ok(tin_set_option_dword(session, INTERNET_OPTION_SEND_TIMEOUT, worker->number));
        worker->wrong +=
            !tin_ok(tin_query_option_dword(session, INTERNET_OPTION_SEND_TIMEOUT, &number));
        worker->wrong += number != 0x01010101 && number != 0x02020202;
    }
}

static void two_threads_may_set_the_same_option(void **state)
{
    two_values workers[] = {{"first", 0x01010101, 0}, {"the second", 0x02020202, 0}};
    test_thread *threads[2];

    (void)state;
    for (int i = 0; i < 2; i++)
        threads[i] = test_thread_start(set_and_ask, &workers[i]);
    for (int i = 0; i < 2; i++)
        test_thread_join(threads[i], TEST_PATIENCE_MS);
    assert_int_equal(workers[0].wrong, 0);
    assert_int_equal(workers[1].wrong, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_all, close_all)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_unknown_option_that_is_no_dword_is_not_cut_to_one),
        TEST(a_new_session_has_the_documented_settings),
        TEST(a_number_may_lie_anywhere_in_memory),
        TEST(ftp_data_timeouts_follow_the_others_until_they_are_set),
        TEST(text_set_in_utf8_reads_back_in_utf8_and_utf16),
        TEST(text_set_in_utf16_reads_back_in_utf8_and_utf16),
        TEST(text_may_be_empty),
        TEST(text_that_was_never_set_is_empty),
        TEST(text_that_is_null_or_malformed_is_refused_and_changes_nothing),
        TEST(credentials_are_kept_and_never_asked_of_wininet),
        TEST(a_password_is_in_no_block_that_is_freed),
        TEST(wininets_text_arrives_whole_however_wininet_counts),
        TEST(a_text_that_never_fits_is_given_up),
        TEST(the_certificates_text_comes_out_of_the_ansi_code_page),
        TEST(every_allocation_that_fails_is_told_and_changes_nothing),
        TEST(what_wininet_refuses_is_a_typed_error_with_its_number),
        TEST(an_option_that_wininet_does_not_have_is_unsupported),
        TEST(wininets_version_can_be_asked_for),
        TEST(process_wide_limits_reach_wininet),
        TEST(the_proxy_of_a_session_is_a_record_with_its_texts),
        TEST(the_proxy_of_a_session_is_changed_by_wininet_or_not_at_all),
        TEST(each_handle_knows_its_type_and_parent),
        TEST(the_context_is_the_users),
        TEST(the_url_is_the_one_that_was_opened),
        TEST(the_url_comes_without_user_and_password),
        TEST(a_sessions_settings_reach_wininets_request),
        TEST(an_open_requests_security_flags_are_wininets),
        TEST(a_security_flag_that_wininet_refuses_is_not_kept),
        TEST(user_and_password_are_sent_when_the_server_asks),
        TEST(ftp_logs_in_with_user_and_password),
        TEST(before_wininet_has_a_handle_the_kept_options_work),
        TEST(a_timeout_set_by_the_callback_holds_for_the_open),
        TEST(a_timeout_set_by_another_thread_holds_for_the_call_in_progress),
        TEST(a_file_whose_call_was_given_up_has_nothing_of_wininet_left),
        TEST(an_ftp_file_that_was_read_has_nothing_of_wininet_left),
        TEST(a_local_file_answers_what_needs_no_wininet),
        TEST(two_threads_may_set_the_same_option),
    };

    return test_run_group(tests, NULL, nothing_is_left);
}
