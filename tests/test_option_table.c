/* SPDX-License-Identifier: MIT */
/* Every option, at every level, through every function, with values of every size. */
#include "option_fixture.h"

/* ---- the options, written apart from the table in src/option_table.c ------------------------- */

typedef enum shape {
    NUMBER,
    TIMEOUT,
    COUNT,
    POINTER,
    STRUCT,
    RECORD,
    WORDS,
    SIGNAL,
    ANYTHING
} shape;
typedef enum keeper { KEPT, SHARED, OWN, WININET, NOBODY } keeper;

#define BITS(of_64, of_32) (sizeof(void *) == 8 ? (of_64) : (of_32))

/* Levels: N is the whole process, S sessions, R files and requests. */
typedef struct option_row {
    const char *name;
    DWORD option;
    shape shape;
    DWORD size;
    const char *set, *query;
    keeper keeper;
} option_row;

static const option_row rows[] = {
    {"CONNECT_TIMEOUT", 2, TIMEOUT, 4, "NSR", "NSR", KEPT},
    {"SEND_TIMEOUT", 5, TIMEOUT, 4, "NSR", "NSR", KEPT},
    {"RECEIVE_TIMEOUT", 6, TIMEOUT, 4, "NSR", "NSR", KEPT},
    {"DATA_SEND_TIMEOUT", 7, TIMEOUT, 4, "NSR", "NSR", KEPT},
    {"DATA_RECEIVE_TIMEOUT", 8, TIMEOUT, 4, "NSR", "NSR", KEPT},
    {"TIN_OPTION_TOTAL_TIMEOUT", 0x54490001, TIMEOUT, 4, "NSR", "NSR", KEPT},
    {"TIN_OPTION_MAX_REDIRECTS", 0x54490002, COUNT, 4, "NSR", "NSR", KEPT},
    {"CONNECT_RETRIES", 3, COUNT, 4, "NSR", "NSR", KEPT},
    {"HTTP_DECODING", 65, NUMBER, 4, "SR", "SR", KEPT},
    {"SECURITY_FLAGS", 31, NUMBER, 4, "SR", "SR", SHARED},
    {"USERNAME", 28, WORDS, 0, "SR", "SR", KEPT},
    {"PASSWORD", 29, WORDS, 0, "SR", "SR", KEPT},
    {"PROXY_USERNAME", 43, WORDS, 0, "SR", "SR", KEPT},
    {"PROXY_PASSWORD", 44, WORDS, 0, "SR", "SR", KEPT},

    {"HANDLE_TYPE", 9, NUMBER, 4, "", "SR", OWN},
    {"PARENT_HANDLE", 21, POINTER, BITS(8, 4), "", "SR", OWN},
    {"CONTEXT_VALUE", 45, POINTER, BITS(8, 4), "SR", "SR", OWN},
    {"URL", 34, WORDS, 0, "", "R", OWN},

    {"USER_AGENT", 41, WORDS, 0, "S", "SR", WININET},
    {"PROXY", 38, RECORD, BITS(24, 12), "NS", "NS", WININET},
    {"PER_CONNECTION_OPTION", 75, STRUCT, BITS(32, 20), "NS", "NS", WININET},
    {"PROXY_SETTINGS_CHANGED", 95, SIGNAL, 0, "NSR", "", WININET},
    {"SETTINGS_CHANGED", 39, SIGNAL, 0, "NSR", "", WININET},
    {"REFRESH", 37, SIGNAL, 0, "NS", "", WININET},
    {"END_BROWSER_SESSION", 42, SIGNAL, 0, "NS", "", WININET},
    {"RESET_URLCACHE_SESSION", 60, SIGNAL, 0, "NS", "", WININET},
    {"DIGEST_AUTH_UNLOAD", 76, SIGNAL, 0, "NS", "", WININET},
    {"SUPPRESS_BEHAVIOR", 81, NUMBER, 4, "N", "", WININET},
    {"MAX_CONNS_PER_SERVER", 73, NUMBER, 4, "N", "N", WININET},
    {"MAX_CONNS_PER_1_0_SERVER", 74, NUMBER, 4, "N", "N", WININET},
    {"MAX_CONNS_PER_PROXY", 103, NUMBER, 4, "N", "N", WININET},
    {"HTTP_VERSION", 59, STRUCT, 8, "N", "N", WININET},
    {"VERSION", 40, STRUCT, 8, "", "N", WININET},
    {"EXTENDED_ERROR", 24, NUMBER, 4, "", "N", WININET},
    {"CONNECTED_STATE", 50, ANYTHING, 0, "NSR", "NSR", WININET},
    {"IGNORE_OFFLINE", 77, ANYTHING, 0, "NSR", "NSR", WININET},
    {"FROM_CACHE_TIMEOUT", 63, NUMBER, 4, "NSR", "NSR", WININET},
    {"BYPASS_EDITED_ENTRY", 64, NUMBER, 4, "NSR", "NSR", WININET},
    {"ENABLE_HTTP_PROTOCOL", 148, NUMBER, 4, "NSR", "", WININET},
    {"ENCODE_EXTRA", 155, NUMBER, 4, "NSR", "NSR", WININET},
    {"HSTS", 157, NUMBER, 4, "NSR", "NSR", WININET},
    {"OPT_IN_WEAK_SIGNATURE", 176, ANYTHING, 0, "NSR", "", WININET},

    {"READ_BUFFER_SIZE", 12, NUMBER, 4, "R", "R", WININET},
    {"WRITE_BUFFER_SIZE", 13, NUMBER, 4, "R", "R", WININET},
    {"CODEPAGE", 68, NUMBER, 4, "R", "", WININET},
    {"CODEPAGE_PATH", 100, NUMBER, 4, "R", "", WININET},
    {"CODEPAGE_EXTRA", 101, NUMBER, 4, "R", "", WININET},
    {"IDN", 102, NUMBER, 4, "R", "", WININET},
    {"ENTERPRISE_CONTEXT", 159, WORDS, 0, "SR", "", WININET},
    {"DATAFILE_EXT", 96, WORDS, 0, "SR", "", WININET},
    {"DATAFILE_NAME", 33, WORDS, 0, "", "R", WININET},
    {"ERROR_MASK", 62, NUMBER, 4, "R", "R", WININET},
    {"REQUEST_FLAGS", 23, NUMBER, 4, "", "R", WININET},
    {"REQUEST_PRIORITY", 58, NUMBER, 4, "R", "R", WININET},
    {"SUPPRESS_SERVER_AUTH", 104, SIGNAL, 0, "R", "", WININET},
    {"ENABLE_REDIRECT_CACHE_READ", 122, NUMBER, 4, "R", "", WININET},
    {"HTTP_PROTOCOL_USED", 149, NUMBER, 4, "", "R", WININET},
    {"COMPRESSED_CONTENT_LENGTH", 147, STRUCT, 8, "", "R", WININET},
    {"CACHE_TIMESTAMPS", 69, STRUCT, 16, "", "R", WININET},
    {"DIAGNOSTIC_SOCKET_INFO", 67, STRUCT, BITS(24, 16), "", "R", WININET},
    {"CLIENT_CERT_CONTEXT", 84, STRUCT, BITS(40, 20), "R", "", WININET},
    {"SERVER_CERT_CHAIN_CONTEXT", 105, POINTER, BITS(8, 4), "", "R", WININET},
    {"SECURITY_CERTIFICATE_STRUCT", 32, STRUCT, BITS(64, 40), "", "R", WININET},
    {"SECURITY_CERTIFICATE", 35, WORDS, 0, "", "R", WININET},
    {"SECURITY_KEY_BITNESS", 36, NUMBER, 4, "", "R", WININET},

    {"CALLBACK", 1, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"CONNECT_BACKOFF", 4, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"CONTEXT_VALUE_OLD", 10, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"LISTEN_TIMEOUT", 11, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"ASYNC_ID", 15, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"ASYNC_PRIORITY", 16, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"KEEP_CONNECTION", 22, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"OFFLINE_MODE", 26, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"CACHE_STREAM_HANDLE", 27, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"ASYNC", 30, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"POLICY", 48, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"DISCONNECTED_TIMEOUT", 49, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"IDLE_STATE", 51, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"OFFLINE_SEMANTICS", 52, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"CALLBACK_FILTER", 54, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"CONNECT_TIME", 55, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"SEND_THROUGHPUT", 56, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"RECEIVE_THROUGHPUT", 57, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"DISABLE_AUTODIAL", 70, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"IDENTITY", 78, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"REMOVE_IDENTITY", 79, ANYTHING, 0, "NSR", "NSR", NOBODY},
    {"ALTER_IDENTITY", 80, ANYTHING, 0, "NSR", "NSR", NOBODY},

    {"unknown, of WinInet's own", 46, ANYTHING, 0, "NSR", "NSR", WININET},
    {"unknown, newer", 4711, ANYTHING, 0, "NSR", "NSR", WININET},
    {"unknown, 0", 0, ANYTHING, 0, "NSR", "NSR", WININET},
};

static bool is_dword(const option_row *row)
{
    return row->shape == NUMBER || row->shape == TIMEOUT || row->shape == COUNT ||
           row->shape == ANYTHING;
}

/* ---- what is expected ------------------------------------------------------------------------ */

static void expect(const option_row *row, const location *place, const char *call,
                   tin_result result, tin_error error, unsigned calls)
{
    if (result.error != error || wininet.calls != calls)
        fail_msg("%s, %s, %s: %s with %u calls of WinInet, not %s with %u", row->name, place->name,
                 call, tin_error_name(result.error), wininet.calls, tin_error_name(error), calls);
    wininet.calls = 0;
}

static bool has_level(const char *levels, const location *place)
{
    return strchr(levels, place->level) != NULL;
}

/* How often WinInet is asked for a right value. */
static unsigned calls_for(const option_row *row, const location *place)
{
    if (row->keeper == SHARED)
        return *place->handle == http_file;
    if (row->keeper != WININET || *place->handle == local_file)
        return 0;
    /* the certificate's options ask first whether there is one */
    return row->option == INTERNET_OPTION_SECURITY_CERTIFICATE ||
                   row->option == INTERNET_OPTION_SECURITY_CERTIFICATE_STRUCT
               ? 2
               : 1;
}

/* What a right value gives. */
static tin_error outcome(const option_row *row, const location *place, const char *levels)
{
    if (row->keeper == NOBODY)
        return TIN_E_UNSUPPORTED;
    if (!has_level(levels, place))
        return TIN_E_ARGUMENT;
    if (row->keeper == WININET && *place->handle == local_file)
        return TIN_E_UNSUPPORTED;
    return TIN_OK;
}

static HINTERNET native_of(const location *place)
{
    return *place->handle != NULL ? tin_native_handle(*place->handle) : NULL;
}

static void expect_call(const option_row *row, const location *place, const char *call)
{
    if (wininet.handle != native_of(place) || wininet.option != row->option)
        fail_msg("%s, %s, %s: another handle or option", row->name, place->name, call);
}

/* ---- levels, shapes, sizes ------------------------------------------------------------------- */

static void a_right_value_is_set_where_it_may_be(void **state)
{
    static const BYTE value[64] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

    (void)state;
    watch(true, 0);
    for (const option_row *row = rows; row < END(rows); row++) {
        for (const location *place = places; place < END(places); place++) {
            const DWORD size = row->shape == ANYTHING ? 7 : row->size;
            const tin_error error = outcome(row, place, row->set);
            const unsigned calls = error == TIN_OK ? calls_for(row, place) : 0;
            tin_result result;

            if (row->shape == WORDS)
                continue;
            result = tin_set_option(*place->handle, row->option, value, size);
            expect(row, place, "set", result, error, calls);
            if (calls == 0)
                continue;
            expect_call(row, place, "set");
            if (wininet.size != size || wininet.value != (size != 0 ? value : NULL))
                fail_msg("%s, %s: another value or size", row->name, place->name);
        }
    }
}

static void a_value_is_asked_for_where_it_may_be(void **state)
{
    (void)state;
    watch(true, 0);
    for (const option_row *row = rows; row < END(rows); row++) {
        for (const location *place = places; place < END(places); place++) {
            const DWORD right = row->shape == ANYTHING ? 7 : row->size;
            const tin_error error = outcome(row, place, row->query);
            const unsigned calls = error == TIN_OK ? calls_for(row, place) : 0;
            BYTE value[64] = {0};
            DWORD size = right;

            if (row->shape == WORDS)
                continue;
            expect(row, place, "query", tin_query_option(*place->handle, row->option, value, &size),
                   error, calls);
            if (size != (error == TIN_OK ? right : 0))
                fail_msg("%s, %s: size %u", row->name, place->name, (unsigned)size);
            if (calls == 0)
                continue;
            expect_call(row, place, "query");
            for (DWORD i = 0; i < sizeof value; i++)
                if (value[i] != (i < right ? 0x5B : 0))
                    fail_msg("%s, %s: wrong byte %u", row->name, place->name, (unsigned)i);
        }
    }
}

static void a_text_goes_where_it_may(void **state)
{
    (void)state;
    watch(true, 0);
    for (const option_row *row = rows; row < END(rows); row++) {
        for (const location *place = places; place < END(places); place++) {
            const bool fits = row->shape == WORDS || row->shape == ANYTHING;
            const tin_error set = fits ? outcome(row, place, row->set) : TIN_E_ARGUMENT;
            const tin_error query = fits ? outcome(row, place, row->query) : TIN_E_ARGUMENT;
            const unsigned calls = calls_for(row, place);
            size_t size = 99;

            expect(row, place, "set text", tin_set_option_text(*place->handle, row->option, "ab"),
                   set, set == TIN_OK ? calls : 0);
            if (set == TIN_OK && calls != 0) {
                expect_call(row, place, "set text");
                assert_int_equal(wininet.size, 2);
            }
            expect(row, place, "set text_w",
                   tin_set_option_text_w(*place->handle, row->option, L"ab"), set,
                   set == TIN_OK ? calls : 0);
            expect(row, place, "query text",
                   tin_query_option_text(*place->handle, row->option, NULL, &size),
                   query == TIN_OK ? TIN_E_BUFFER_TOO_SMALL : query, query == TIN_OK ? calls : 0);
            if ((query == TIN_OK) != (size != 0))
                fail_msg("%s, %s: size %u", row->name, place->name, (unsigned)size);
        }
    }
}

static void a_wrong_size_never_reaches_wininet(void **state)
{
    static const DWORD sizes[] = {0, 1, 3, 4, 5, 7, 8, 9, 12, 16, 20, 24, 32, 40, 64, 65, 1000};
    static const BYTE value[1000] = {1};

    (void)state;
    watch(true, 0);
    for (const option_row *row = rows; row < END(rows); row++) {
        if (row->shape == ANYTHING || row->shape == WORDS)
            continue;
        for (const location *place = places; place < END(places); place++) {
            for (size_t i = 0; i < TEST_COUNT_OF(sizes); i++)
                if (sizes[i] != row->size)
                    expect(row, place, "set with a wrong size",
                           tin_set_option(*place->handle, row->option, value, sizes[i]),
                           TIN_E_ARGUMENT, 0);
            if (row->size != 0)
                expect(row, place, "set NULL",
                       tin_set_option(*place->handle, row->option, NULL, row->size), TIN_E_ARGUMENT,
                       0);
        }
    }
}

static void what_has_no_size_needs_a_value_all_the_same(void **state)
{
    (void)state;
    watch(true, 0);
    for (const option_row *row = rows; row < END(rows); row++)
        if (row->shape == ANYTHING && row->keeper == WININET)
            for (const location *place = places; place < END(places); place++)
                expect(row, place, "set NULL", tin_set_option(*place->handle, row->option, NULL, 4),
                       TIN_E_ARGUMENT, 0);
}

static void a_short_buffer_gets_the_size_and_nothing_else(void **state)
{
    (void)state;
    watch(true, 0);
    for (const option_row *row = rows; row < END(rows); row++) {
        if (row->size == 0 || row->shape == RECORD)
            continue;
        for (const location *place = places; place < END(places); place++) {
            if (outcome(row, place, row->query) != TIN_OK)
                continue;
            for (DWORD room = 0; room < row->size; room++) {
                BYTE value[64] = {0};
                DWORD size = room;

                expect(row, place, "query with a short buffer",
                       tin_query_option(*place->handle, row->option, value, &size),
                       TIN_E_BUFFER_TOO_SMALL, 0);
                assert_int_equal(size, row->size);
                for (size_t i = 0; i < sizeof value; i++)
                    assert_int_equal(value[i], 0);
            }
        }
    }
}

static void a_null_buffer_asks_for_the_size(void **state)
{
    (void)state;
    watch(true, 0);
    for (const option_row *row = rows; row < END(rows); row++) {
        if (row->size == 0 || row->shape == RECORD)
            continue;
        for (const location *place = places; place < END(places); place++) {
            DWORD size = 1000;

            if (outcome(row, place, row->query) != TIN_OK)
                continue;
            expect(row, place, "query NULL",
                   tin_query_option(*place->handle, row->option, NULL, &size),
                   TIN_E_BUFFER_TOO_SMALL, 0);
            assert_int_equal(size, row->size);
        }
    }
}

static void a_large_buffer_gets_the_value_and_its_size(void **state)
{
    (void)state;
    watch(true, 0);
    for (const option_row *row = rows; row < END(rows); row++) {
        if (row->size == 0 || row->shape == RECORD)
            continue;
        for (const location *place = places; place < END(places); place++) {
            BYTE value[100];
            DWORD size = sizeof value;

            if (outcome(row, place, row->query) != TIN_OK)
                continue;
            memset(value, 0xEE, sizeof value);
            expect(row, place, "query with a large buffer",
                   tin_query_option(*place->handle, row->option, value, &size), TIN_OK,
                   calls_for(row, place));
            assert_int_equal(size, row->size);
            for (size_t i = size; i < sizeof value; i++)
                assert_int_equal(value[i], 0xEE);
        }
    }
}

static void a_null_size_is_refused(void **state)
{
    BYTE value[64];

    (void)state;
    watch(true, 0);
    for (const option_row *row = rows; row < END(rows); row++) {
        expect(row, &places[1], "query", tin_query_option(session, row->option, value, NULL),
               TIN_E_ARGUMENT, 0);
        expect(row, &places[1], "query text",
               tin_query_option_text(session, row->option, (char *)value, NULL), TIN_E_ARGUMENT, 0);
        expect(row, &places[1], "query text_w",
               tin_query_option_text_w(session, row->option, (wchar_t *)value, NULL),
               TIN_E_ARGUMENT, 0);
        expect(row, &places[1], "query dword", tin_query_option_dword(session, row->option, NULL),
               TIN_E_ARGUMENT, 0);
    }
}

static void dword_functions_are_for_dwords(void **state)
{
    (void)state;
    watch(true, 0);
    for (const option_row *row = rows; row < END(rows); row++) {
        for (const location *place = places; place < END(places); place++) {
            const bool fits = is_dword(row);
            const tin_error set = fits ? outcome(row, place, row->set) : TIN_E_ARGUMENT;
            const tin_error query = fits ? outcome(row, place, row->query) : TIN_E_ARGUMENT;
            DWORD value = 99;

            expect(row, place, "set dword", tin_set_option_dword(*place->handle, row->option, 7),
                   set, set == TIN_OK ? calls_for(row, place) : 0);
            expect(row, place, "query dword",
                   tin_query_option_dword(*place->handle, row->option, &value), query,
                   query == TIN_OK ? calls_for(row, place) : 0);
            if (query != TIN_OK && value != 0)
                fail_msg("%s, %s: a value on failure", row->name, place->name);
        }
    }
}

static void text_is_refused_by_the_functions_for_values(void **state)
{
    (void)state;
    watch(true, 0);
    for (const option_row *row = rows; row < END(rows); row++) {
        if (row->shape != WORDS)
            continue;
        for (const location *place = places; place < END(places); place++) {
            wchar_t text[32] = L"text";
            DWORD size = sizeof text;

            expect(row, place, "set", tin_set_option(*place->handle, row->option, text, 8),
                   TIN_E_ARGUMENT, 0);
            expect(row, place, "set nothing", tin_set_option(*place->handle, row->option, NULL, 0),
                   TIN_E_ARGUMENT, 0);
            expect(row, place, "query", tin_query_option(*place->handle, row->option, text, &size),
                   TIN_E_ARGUMENT, 0);
            assert_int_equal(size, 0);
        }
    }
}

/* ---- numbers that are kept ------------------------------------------------------------------- */

static void kept_numbers_read_back_as_set_at_every_level(void **state)
{
    static const DWORD values[] = {1, 7, 0x01020304, 0x80000000, 0xFFFFFFFE};

    (void)state;
    watch(true, 0);
    for (const option_row *row = rows; row < END(rows); row++) {
        if ((row->keeper != KEPT && row->keeper != SHARED) || row->shape == WORDS)
            continue;
        for (const location *place = places; place < END(places); place++) {
            if (!has_level(row->set, place) || calls_for(row, place) != 0)
                continue;
            for (size_t i = 0; i < TEST_COUNT_OF(values); i++) {
                DWORD value = 0;

                expect(row, place, "set",
                       tin_set_option_dword(*place->handle, row->option, values[i]), TIN_OK, 0);
                expect(row, place, "query",
                       tin_query_option_dword(*place->handle, row->option, &value), TIN_OK, 0);
                if (value != values[i])
                    fail_msg("%s, %s: %u, not %u", row->name, place->name, (unsigned)value,
                             (unsigned)values[i]);
            }
        }
    }
}

static void values_out_of_range_are_refused_and_change_nothing(void **state)
{
    (void)state;
    watch(true, 0);
    for (const option_row *row = rows; row < END(rows); row++) {
        const DWORD wrong = row->shape == TIMEOUT ? 0 : INFINITE;

        if (row->shape != TIMEOUT && row->shape != COUNT)
            continue;
        for (const location *place = places; place < END(places); place++) {
            DWORD before = 0, after = 1;

            assert_ok(tin_query_option_dword(*place->handle, row->option, &before));
            expect(row, place, "set", tin_set_option_dword(*place->handle, row->option, wrong),
                   TIN_E_ARGUMENT, 0);
            assert_ok(tin_query_option_dword(*place->handle, row->option, &after));
            if (before != after)
                fail_msg("%s, %s: changed", row->name, place->name);
        }
    }
}

static void a_timeout_may_be_infinite_and_a_count_may_be_0(void **state)
{
    (void)state;
    watch(true, 0);
    for (const option_row *row = rows; row < END(rows); row++) {
        const DWORD extreme = row->shape == TIMEOUT ? INFINITE : 0;

        if (row->shape != TIMEOUT && row->shape != COUNT)
            continue;
        for (const location *place = places; place < END(places); place++) {
            DWORD value = 99;

            expect(row, place, "set", tin_set_option_dword(*place->handle, row->option, extreme),
                   TIN_OK, 0);
            assert_ok(tin_query_option_dword(*place->handle, row->option, &value));
            if (value != extreme)
                fail_msg("%s, %s: %u", row->name, place->name, (unsigned)value);
        }
    }
}

static void process_wide_numbers_hold_for_later_sessions_only(void **state)
{
    (void)state;
    for (const option_row *row = rows; row < END(rows); row++) {
        DWORD before = 0, value = 0;
        tin_handle later;

        if (row->keeper != KEPT || strchr(row->set, 'N') == NULL)
            continue;
        assert_ok(tin_query_option_dword(session, row->option, &before));
        assert_ok(tin_set_option_dword(NULL, row->option, before + 5));
        assert_ok(tin_query_option_dword(session, row->option, &value));
        if (value != before)
            fail_msg("%s: a session that exists has changed", row->name);
        later = open_session();
        assert_ok(tin_query_option_dword(later, row->option, &value));
        if (value != before + 5)
            fail_msg("%s: a later session has %u", row->name, (unsigned)value);
        assert_ok(tin_set_option_dword(later, row->option, before + 6));
        assert_ok(tin_query_option_dword(NULL, row->option, &value));
        if (value != before + 5)
            fail_msg("%s: a session has changed the process", row->name);
        assert_ok(tin_close_handle(later));
    }
}

/* ---- who has which settings ------------------------------------------------------------------ */

static DWORD number_of(tin_handle handle, const option_row *row)
{
    DWORD value = 0;

    if (!tin_ok(tin_query_option_dword(handle, row->option, &value)))
        fail_msg("%s cannot be asked for", row->name);
    return value;
}

static void files_inherit_a_sessions_settings_when_they_are_opened(void **state)
{
    (void)state;
    for (const location *place = places; place < END(places); place++) {
        tin_handle file, sibling;

        if (place->level != 'R')
            continue;
        for (const option_row *row = rows; row < END(rows); row++)
            if ((row->keeper == KEPT || row->keeper == SHARED) && row->shape != WORDS)
                assert_ok(tin_set_option_dword(session, row->option, 20000 + row->option % 100));
        for (const option_row *row = rows; row < END(rows); row++)
            if (row->keeper == KEPT && row->shape == WORDS)
                assert_ok(tin_set_option_text(session, row->option, row->name));
        file = open_url(session, new_url(place));
        sibling = open_url(session, new_url(place));

        for (const option_row *row = rows; row < END(rows); row++) {
            const DWORD expected = 20000 + row->option % 100;

            if (row->keeper != KEPT || row->shape == WORDS)
                continue;
            if (number_of(file, row) != expected)
                fail_msg("%s, %s: not inherited", row->name, place->name);
            if (number_of(*place->handle, row) == expected)
                fail_msg("%s, %s: a file that was open has changed", row->name, place->name);
            assert_ok(tin_set_option_dword(file, row->option, 5));
            if (number_of(file, row) != 5 || number_of(session, row) != expected ||
                number_of(sibling, row) != expected)
                fail_msg("%s, %s: set for others, too", row->name, place->name);
        }
        for (const option_row *row = rows; row < END(rows); row++) {
            if (row->keeper != KEPT || row->shape != WORDS)
                continue;
            expect_text(file, row->option, row->name);
            expect_text(*place->handle, row->option, "");
            assert_ok(tin_set_option_text(file, row->option, "own"));
            expect_text(file, row->option, "own");
            expect_text(session, row->option, row->name);
            expect_text(sibling, row->option, row->name);
        }
        assert_ok(tin_close_handle(file));
        assert_ok(tin_close_handle(sibling));
    }
}

/* ---- handles that are no handles ------------------------------------------------------------- */

static void expect_no_handle(const char *name, tin_handle handle)
{
    const location nowhere = {'-', name, &no_handle};

    for (const option_row *row = rows; row < END(rows); row++) {
        static const BYTE value[64] = {1};
        const DWORD right = row->shape == ANYTHING ? 4 : row->size;
        const tin_error error = row->keeper == NOBODY ? TIN_E_UNSUPPORTED : TIN_E_HANDLE;
        BYTE answer[64];
        DWORD size = right;
        size_t text_size = sizeof answer;

        if (row->shape == WORDS) {
            expect(row, &nowhere, "set text", tin_set_option_text(handle, row->option, "text"),
                   error, 0);
            expect(row, &nowhere, "query text",
                   tin_query_option_text(handle, row->option, (char *)answer, &text_size), error,
                   0);
            assert_int_equal(text_size, 0);
        } else {
            expect(row, &nowhere, "set", tin_set_option(handle, row->option, value, right), error,
                   0);
            expect(row, &nowhere, "query", tin_query_option(handle, row->option, answer, &size),
                   error, 0);
            assert_int_equal(size, 0);
        }
    }
}

static void a_closed_handle_never_stands_for_the_process(void **state)
{
    const tin_handle closed_session = open_session();
    const tin_handle closed_file = open_url(closed_session, fault_server_url(http, "/"));
    DWORD before, now;

    (void)state;
    assert_ok(tin_close_handle(closed_session));
    assert_ok(tin_query_option_dword(NULL, INTERNET_OPTION_CONNECT_TIMEOUT, &before));
    watch(true, 0);
    expect_no_handle("closed session", closed_session);
    expect_no_handle("closed file", closed_file);
    expect_no_handle("made up", (tin_handle)(ULONG_PTR)0x1234);
    expect_no_handle("INVALID_HANDLE_VALUE", (tin_handle)INVALID_HANDLE_VALUE);
    expect_no_handle("WinInet's own", (tin_handle)tin_native_handle(session));
    assert_ok(tin_query_option_dword(NULL, INTERNET_OPTION_CONNECT_TIMEOUT, &now));
    assert_int_equal(now, before);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_all, close_all)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_right_value_is_set_where_it_may_be),
        TEST(a_value_is_asked_for_where_it_may_be),
        TEST(a_text_goes_where_it_may),
        TEST(a_wrong_size_never_reaches_wininet),
        TEST(what_has_no_size_needs_a_value_all_the_same),
        TEST(a_short_buffer_gets_the_size_and_nothing_else),
        TEST(a_null_buffer_asks_for_the_size),
        TEST(a_large_buffer_gets_the_value_and_its_size),
        TEST(a_null_size_is_refused),
        TEST(dword_functions_are_for_dwords),
        TEST(text_is_refused_by_the_functions_for_values),
        TEST(kept_numbers_read_back_as_set_at_every_level),
        TEST(values_out_of_range_are_refused_and_change_nothing),
        TEST(a_timeout_may_be_infinite_and_a_count_may_be_0),
        TEST(process_wide_numbers_hold_for_later_sessions_only),
        TEST(files_inherit_a_sessions_settings_when_they_are_opened),
        TEST(a_closed_handle_never_stands_for_the_process),
    };

    return test_run_group(tests, NULL, nothing_is_left);
}
