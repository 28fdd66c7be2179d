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

/* ---- UTF-8 to UTF-16 and back ---------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *utf8;
    const wchar_t *wide;
} pairs[] = {
    {"empty", "", L""},
    {"ASCII", "Aa0 ~\x7F", L"Aa0 ~\x7F"},
    {"control characters", "\x01\r\n\t", L"\x01\r\n\t"},
    {"first and last of two bytes", "\xC2\x80\xDF\xBF", L"\x0080\x07FF"},
    {"first and last of three bytes", "\xE0\xA0\x80\xEF\xBF\xBF", L"\x0800\xFFFF"},
    {"around the surrogates", "\xED\x9F\xBF\xEE\x80\x80", L"\xD7FF\xE000"},
    {"first and last of four bytes", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
     L"\xD800\xDC00\xDBFF\xDFFF"},
    {"mixed", "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x92\xA9z", L"a\x00E9\x20AC\xD83D\xDCA9z"},
    {"byte order mark is text", "\xEF\xBB\xBFx", L"\xFEFFx"},
    {"replacement character is text", "\xEF\xBF\xBD", L"\xFFFD"},
    {"decomposed stays decomposed", "e\xCC\x81", L"e\x0301"},
};

static void wide_and_narrow_are_inverse(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(pairs); i++) {
        wchar_t *wide;
        char *utf8;

        assert_row(pairs[i].name, tin_ok(tin__wide(pairs[i].utf8, &wide)));
        assert_row(pairs[i].name, wcscmp(wide, pairs[i].wide) == 0);
        assert_row(pairs[i].name, tin_ok(tin__narrow(wide, &utf8)));
        assert_row(pairs[i].name, strcmp(utf8, pairs[i].utf8) == 0);
        guarded_free(wide);
        guarded_free(utf8);
    }
}

static const struct {
    const char *name;
    const char *utf8;
} malformed_utf8[] = {
    {"lone continuation", "a\x80z"},
    {"two of two bytes cut", "a\xC3"},
    {"three bytes cut after one", "\xE2"},
    {"three bytes cut after two", "\xE2\x82"},
    {"four bytes cut after three", "\xF0\x9F\x92"},
    {"ASCII instead of a continuation", "\xC3z"},
    {"overlong slash in two", "\xC0\xAF"},
    {"overlong NUL in two", "\xC0\x80"},
    {"overlong in two, upper end", "\xC1\xBF"},
    {"overlong slash in three", "\xE0\x80\xAF"},
    {"overlong in three, upper end", "\xE0\x9F\xBF"},
    {"overlong slash in four", "\xF0\x80\x80\xAF"},
    {"overlong in four, upper end", "\xF0\x8F\xBF\xBF"},
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

static void wide_refuses_malformed_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(malformed_utf8); i++) {
        wchar_t *wide = (wchar_t *)-1;
        tin_result result;

        result = tin__wide(malformed_utf8[i].utf8, &wide);
        assert_row(malformed_utf8[i].name, result.error == TIN_E_ARGUMENT);
        assert_row(malformed_utf8[i].name, wide == NULL);
    }
}

/* With lone surrogates: refused on the way in, replaced on the way out. */
static const struct {
    const char *name;
    const wchar_t *wide;
    const char *shown;
} malformed_utf16[] = {
    {"high at the end", L"a\xD800", "a\xEF\xBF\xBD"},
    {"high in the middle", L"a\xD83Dz", "a\xEF\xBF\xBDz"},
    {"low alone", L"\xDC00z", "\xEF\xBF\xBDz"},
    {"pair the wrong way round", L"\xDCA9\xD83D", "\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"high before a pair", L"\xD83D\xD83D\xDCA9", "\xEF\xBF\xBD\xF0\x9F\x92\xA9"},
    {"low after a pair", L"\xD83D\xDCA9\xDCA9", "\xF0\x9F\x92\xA9\xEF\xBF\xBD"},
};

static void narrow_refuses_lone_surrogates(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(malformed_utf16); i++) {
        char *utf8 = (char *)-1;
        tin_result result;

        result = tin__narrow(malformed_utf16[i].wide, &utf8);
        assert_row(malformed_utf16[i].name, result.error == TIN_E_ARGUMENT);
        assert_row(malformed_utf16[i].name, utf8 == NULL);
    }
}

static void copy_text_replaces_lone_surrogates(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(malformed_utf16); i++) {
        char text[32];
        size_t size = sizeof text;
        tin_result result;

        result = tin__copy_out(malformed_utf16[i].wide, tin__to_utf8(text, &size));
        assert_row(malformed_utf16[i].name, tin_ok(result));
        assert_row(malformed_utf16[i].name, strcmp(text, malformed_utf16[i].shown) == 0);
        assert_row(malformed_utf16[i].name, size == strlen(text));
    }
}

static void null_text_converts_to_null(void **state)
{
    wchar_t *wide = (wchar_t *)-1;
    wchar_t *copy = (wchar_t *)-1;
    char *utf8 = (char *)-1;

    (void)state;
    assert_int_equal(tin__wide(NULL, &wide).error, TIN_OK);
    assert_null(wide);
    assert_int_equal(tin__narrow(NULL, &utf8).error, TIN_OK);
    assert_null(utf8);
    assert_int_equal(tin__copy_wide(NULL, &copy).error, TIN_OK);
    assert_null(copy);
}

static void copy_wide_copies_all_units_even_lone_surrogates(void **state)
{
    static const wchar_t text[] = L"a\xD800\x20AC z";
    wchar_t *copy;

    (void)state;
    assert_int_equal(tin__copy_wide(text, &copy).error, TIN_OK);
    assert_memory_equal(copy, text, sizeof text);
    guarded_free(copy);
}

/* ---- The size protocol: L"\x20ACx" is four bytes in both encodings --------------------------- */

static const struct {
    const char *name;
    size_t size;
    bool buffer;
    tin_error error;
    size_t size_after;
    size_t size_after_w;
} sizes[] = {
    {"NULL asks", 0, false, TIN_E_BUFFER_TOO_SMALL, 5, 6},
    {"NULL asks, whatever the size", 100, false, TIN_E_BUFFER_TOO_SMALL, 5, 6},
    {"no room", 0, true, TIN_E_BUFFER_TOO_SMALL, 5, 6},
    {"room for the NUL alone", 2, true, TIN_E_BUFFER_TOO_SMALL, 5, 6},
    {"no room for the NUL", 4, true, TIN_E_BUFFER_TOO_SMALL, 5, 6},
    {"room", 6, true, TIN_OK, 4, 4},
    {"odd room", 7, true, TIN_OK, 4, 4},
    {"more room", 16, true, TIN_OK, 4, 4},
    {"all the room there could be", SIZE_MAX, true, TIN_OK, 4, 4},
};

static void copy_text_keeps_the_size_protocol(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(sizes); i++) {
        const char *written;
        char text[16];
        size_t size = sizes[i].size;
        tin_result result;

        memset(text, '!', sizeof text);
        result = tin__copy_out(L"\x20ACx", tin__to_utf8(sizes[i].buffer ? text : NULL, &size));
        assert_row(sizes[i].name, result.error == sizes[i].error);
        assert_row(sizes[i].name, size == sizes[i].size_after);
        written = sizes[i].error == TIN_OK ? "\xE2\x82\xACx\0!" : "!!!!!!";
        assert_row(sizes[i].name, memcmp(text, written, 6) == 0);
    }
}

static void copy_text_w_keeps_the_size_protocol(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(sizes); i++) {
        const wchar_t *written;
        wchar_t text[8];
        size_t size = sizes[i].size;
        tin_result result;

        wmemset(text, L'!', TEST_COUNT_OF(text));
        result = tin__copy_out(L"\x20ACx", tin__to_utf16(sizes[i].buffer ? text : NULL, &size));
        assert_row(sizes[i].name, result.error == sizes[i].error);
        assert_row(sizes[i].name, size == sizes[i].size_after_w);
        written = sizes[i].error == TIN_OK ? L"\x20ACx\0!" : L"!!!!";
        assert_row(sizes[i].name, wmemcmp(text, written, 4) == 0);
    }
}

static void copy_text_fits_exactly(void **state)
{
    char text[5];
    wchar_t wide[3];
    size_t size = sizeof text;
    size_t size_w = sizeof wide - 1;

    (void)state;
    assert_int_equal(tin__copy_out(L"\x20ACx", tin__to_utf8(text, &size)).error, TIN_OK);
    assert_string_equal(text, "\xE2\x82\xACx");
    assert_int_equal(tin__copy_out(L"\x20ACx", tin__to_utf16(wide, &size_w)).error,
                     TIN_E_BUFFER_TOO_SMALL);
    assert_int_equal(size_w, sizeof wide);
    assert_int_equal(tin__copy_out(L"\x20ACx", tin__to_utf16(wide, &size_w)).error, TIN_OK);
    assert_int_equal(size_w, 4);
}

static void copy_text_takes_no_value_for_an_empty_one(void **state)
{
    char text[4] = "!!!";
    wchar_t wide[4] = L"!!!";
    size_t size = sizeof text;
    size_t size_w = sizeof wide;

    (void)state;
    assert_int_equal(tin__copy_out(NULL, tin__to_utf8(text, &size)).error, TIN_OK);
    assert_int_equal(size, 0);
    assert_string_equal(text, "");
    assert_int_equal(tin__copy_out(NULL, tin__to_utf16(wide, &size_w)).error, TIN_OK);
    assert_int_equal(size_w, 0);
    assert_int_equal(wide[0], L'\0');
}

static void copy_text_needs_a_size(void **state)
{
    char text[4] = "!!!";
    wchar_t wide[4] = L"!!!";

    (void)state;
    assert_int_equal(tin__copy_out(L"x", tin__to_utf8(text, NULL)).error, TIN_E_ARGUMENT);
    assert_int_equal(tin__copy_out(L"x", tin__to_utf16(wide, NULL)).error, TIN_E_ARGUMENT);
    assert_string_equal(text, "!!!");
    assert_int_equal(wcscmp(wide, L"!!!"), 0);
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static void conversions_survive_failed_allocations(void **state)
{
    wchar_t *wide = (wchar_t *)-1;
    wchar_t *copy = (wchar_t *)-1;
    char *utf8 = (char *)-1;

    (void)state;
    guarded_heap_fail_nth(1);
    assert_int_equal(tin__wide("text", &wide).error, TIN_E_MEMORY);
    guarded_heap_fail_nth(1);
    assert_int_equal(tin__narrow(L"text", &utf8).error, TIN_E_MEMORY);
    guarded_heap_fail_nth(1);
    assert_int_equal(tin__copy_wide(L"text", &copy).error, TIN_E_MEMORY);
    assert_true(guarded_heap_has_failed());
    assert_null(wide);
    assert_null(utf8);
    assert_null(copy);
}

static void wipe_text_overwrites_before_it_frees(void **state)
{
    static const wchar_t secret[] = L"s3cret";
    wchar_t *text;

    (void)state;
    guarded_heap_look_for(secret, sizeof secret - sizeof *secret);
    assert_true(tin_ok(tin__copy_wide(secret, &text)));
    guarded_free(text);
    assert_int_equal(guarded_heap_found(), 1); /* the test itself would notice */

    guarded_heap_look_for(secret, sizeof secret - sizeof *secret);
    assert_true(tin_ok(tin__copy_wide(secret, &text)));
    tin__wipe_text(text);
    assert_int_equal(guarded_heap_found(), 0);
    guarded_heap_look_for(NULL, 0);
}

static void wipe_text_allows_null(void **state)
{
    (void)state;
    tin__wipe_text(NULL);
}

/* ---- Characters ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    const wchar_t *text;
    const wchar_t *start;
    bool starts;
} starts[] = {
    {"same", L"http://x", L"http:", true},
    {"other case", L"HtTp://x", L"http:", true},
    {"all of it", L"file:", L"file:", true},
    {"capital I", L"FILE:x", L"file:", true},
    {"Turkish i without a dot", L"f\x0131le:", L"file:", false},
    {"Turkish I with a dot", L"F\x0130LE:", L"file:", false},
    {"cut", L"htt", L"http:", false},
    {"empty", L"", L"http:", false},
    {"later", L"xhttp:", L"http:", false},
    {"empty start", L"x", L"", true},
};

static void starts_with_ignores_case_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(starts); i++) {
        const size_t size = (wcslen(starts[i].text) + 1) * sizeof(wchar_t);
        void *block; /* nothing behind a text is looked at */
        const wchar_t *text = guarded_copy(starts[i].text, size, &block);

        assert_row(starts[i].name, tin__starts_with(text, starts[i].start) == starts[i].starts);
        guarded_free(block);
    }
}

static void letters_and_control_characters_are_those_of_ascii(void **state)
{
    wchar_t c;

    (void)state;
    for (c = 0; c < 0x300; c++) {
        assert_int_equal(tin__is_control(c), c < 0x20 || c == 0x7F);
        assert_int_equal(tin__is_letter(c), (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
    }
}

/* ---- rooms ----------------------------------------------------------------------------------- */

static bool is_wiped(const wchar_t *text, size_t units)
{
    while (units != 0 && text[units - 1] == L'\0')
        units--;
    return units == 0;
}

static void short_texts_take_no_memory_and_are_wiped(void **state)
{
    static const struct {
        const char *name;
        size_t lengths[2]; /* of texts */
        unsigned blocks;
    } rows[] = {
        {"two short ones", {100, 100}, 0}, {"exactly full", {255, 255}, 0},
        {"one too many", {255, 256}, 1},   {"a long one, a short one", {512, 511}, 1},
        {"two long ones", {512, 512}, 2},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const uint64_t asked = guarded_heap_asked();
        const size_t live = guarded_heap_live();
        tin__wide_texts wide;
        char texts[2][600];

        for (size_t k = 0; k < 2; k++) {
            memset(texts[k], 'a' + (int)k, rows[i].lengths[k]);
            texts[k][rows[i].lengths[k]] = '\0';
        }
        assert_row(rows[i].name, tin_ok(TIN__WIDEN(&wide, texts[0], texts[1])));
        assert_row(rows[i].name, guarded_heap_asked() - asked == rows[i].blocks);
        for (size_t k = 0; k < 2; k++) {
            assert_row(rows[i].name, wcslen(wide.text[k]) == rows[i].lengths[k]);
            assert_row(rows[i].name, wide.text[k][0] == L'a' + k);
        }
        (void)tin__forget(&wide, tin__success());
        assert_row(rows[i].name, is_wiped(wide.here, wide.used));
        assert_row(rows[i].name, guarded_heap_live() == live);
    }
}

static void a_room_is_here_or_on_the_heap(void **state)
{
    const size_t live = guarded_heap_live();
    tin__room room;

    (void)state;
    assert_true(tin__take_room(&room, sizeof room.here) == room.here);
    memset(room.bytes, 'x', room.size);
    tin__leave_room(&room);
    assert_true(is_wiped(room.here, TEST_COUNT_OF(room.here)));
    assert_null(room.bytes);
    tin__leave_room(&room); /* nothing is there */
    assert_non_null(tin__take_room(&room, sizeof room.here + 1));
    assert_true(room.bytes != room.here);
    memset(room.bytes, 'x', room.size);
    guarded_heap_look_for("xxxx", 4);
    tin__leave_room(&room);
    assert_int_equal(guarded_heap_found(), 0);
    guarded_heap_look_for(NULL, 0);
    assert_int_equal(guarded_heap_live(), live);
    guarded_heap_fail_nth(1);
    assert_null(tin__take_room(&room, sizeof room.here + 1));
    assert_true(guarded_heap_has_failed());
    tin__leave_room(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_and_narrow_are_inverse),
        cmocka_unit_test(wide_refuses_malformed_utf8),
        cmocka_unit_test(narrow_refuses_lone_surrogates),
        cmocka_unit_test(copy_text_replaces_lone_surrogates),
        cmocka_unit_test(null_text_converts_to_null),
        cmocka_unit_test(copy_wide_copies_all_units_even_lone_surrogates),
        cmocka_unit_test(copy_text_keeps_the_size_protocol),
        cmocka_unit_test(copy_text_w_keeps_the_size_protocol),
        cmocka_unit_test(copy_text_fits_exactly),
        cmocka_unit_test(copy_text_takes_no_value_for_an_empty_one),
        cmocka_unit_test(copy_text_needs_a_size),
        cmocka_unit_test(conversions_survive_failed_allocations),
        cmocka_unit_test(wipe_text_overwrites_before_it_frees),
        cmocka_unit_test(wipe_text_allows_null),
        cmocka_unit_test(starts_with_ignores_case_and_nothing_else),
        cmocka_unit_test(letters_and_control_characters_are_those_of_ascii),
        cmocka_unit_test(short_texts_take_no_memory_and_are_wiped),
        cmocka_unit_test(a_room_is_here_or_on_the_heap),
    };

    return test_run_group(tests, NULL, NULL);
}
