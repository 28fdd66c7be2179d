/* SPDX-License-Identifier: MIT */
/* <thininet/tchar.h> knows every twin that the other headers declare, and nothing else. */
#include "test.h"

/* Written by CMake: the text of tchar.h, and of all the others. */
extern const char tchar_header[], other_headers[];

/* Named in tchar.h already, but not declared yet. */
static const char *const announced[] = {
    "tin_open_local_file",   "tin_http_open_request",    "tin_http_add_request_headers",
    "tin_http_send_request", "tin_http_send_request_ex", "tin_http_query_info",
    "tin_find_data",         "tin_find_next_file",       "tin_ftp_", /* and what follows */
};

static bool is_announced(const char *name)
{
    for (size_t i = 0; i < TEST_COUNT_OF(announced); i++)
        if (strcmp(name, announced[i]) == 0 ||
            (strcmp(announced[i], "tin_ftp_") == 0 && strncmp(name, "tin_ftp_", 8) == 0))
            return true;
    return false;
}

static bool is_of_a_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Whether the whole name stands outside of comments. */
static bool declares(const char *text, const char *name)
{
    const size_t length = strlen(name);
    bool comment = false;

    for (const char *at = text; *at != '\0'; at++) {
        if (strncmp(at, "/*", 2) == 0)
            comment = true;
        if (strncmp(at, "*/", 2) == 0)
            comment = false;
        if (!comment && (at == text || !is_of_a_name(at[-1])) && strncmp(at, name, length) == 0 &&
            !is_of_a_name(at[length]))
            return true;
    }
    return false;
}

/* How often tchar.h has this line. */
static unsigned count_lines(const char *name, const char *suffix)
{
    const char *at = tchar_header;
    char line[256];
    unsigned count = 0;

    snprintf(line, sizeof line, "#define %s_t %s%s\n", name, name, suffix);
    while ((at = strstr(at, line)) != NULL) {
        count++;
        at += strlen(line);
    }
    return count;
}

static void assert_named_once(const char *name)
{
    if (count_lines(name, "_w") != 1 || count_lines(name, "") != 1)
        fail_msg("tchar.h should have %s_t once with UNICODE and once without", name);
}

static void every_twin_has_its_generic_name(void **state)
{
    unsigned twins = 0;

    (void)state;
    for (const char *at = other_headers; *at != '\0'; at++) {
        char name[128];
        size_t length = 0;

        if (strncmp(at, "tin_", 4) != 0 || (at > other_headers && is_of_a_name(at[-1])))
            continue;
        while (is_of_a_name(at[length]))
            length++;
        if (length >= sizeof name || strncmp(at + length - 2, "_w", 2) != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        if (!declares(other_headers, name))
            continue;
        name[length - 2] = '\0';
        if (!declares(other_headers, name))
            fail_msg("%s_w is the twin of nothing", name);
        assert_named_once(name);
        twins++;
    }
    assert_true(twins > 15);
}

static void every_generic_name_is_that_of_a_twin(void **state)
{
    const char *at = tchar_header;
    unsigned names = 0;

    (void)state;
    while ((at = strstr(at, "#define tin_")) != NULL) {
        char name[128], twin[130];

        assert_int_equal(sscanf(at, "#define %127s", name), 1);
        at += strlen("#define ");
        assert_true(strlen(name) > 2 && strcmp(name + strlen(name) - 2, "_t") == 0);
        name[strlen(name) - 2] = '\0';
        assert_named_once(name);
        snprintf(twin, sizeof twin, "%s_w", name);
        if (!is_announced(name) &&
            (!declares(other_headers, name) || !declares(other_headers, twin)))
            fail_msg("tchar.h has %s_t, but no header has %s and %s", name, name, twin);
        names++;
    }
    assert_true(names > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_twin_has_its_generic_name),
        cmocka_unit_test(every_generic_name_is_that_of_a_twin),
    };

    return test_run_group(tests, NULL, NULL);
}
