/* SPDX-License-Identifier: MIT */
/* Downloads to memory. */
#include "transfer_fixture.h"

static void memory_has_a_limit(void **state)
{
    static const struct {
        const char *name;
        serving serving;
        size_t limit;
        tin_error error;
    } rows[] = {
        {"fits", ALL_OF(TAG), WHOLE, TIN_OK},
        {"has room", ALL_OF(TAG), SIZE_MAX, TIN_OK},
        {"one too many", ALL_OF(TAG), WHOLE - 1, TIN_E_BUFFER_TOO_SMALL},
        {"none is wanted", ALL_OF(TAG), 0, TIN_E_BUFFER_TOO_SMALL},
        {"fits, no length", {.validator = "", .no_length = true}, WHOLE, TIN_OK},
        {"has room, no length", {.validator = "", .no_length = true}, SIZE_MAX, TIN_OK},
        {"one too many, no length",
         {.validator = "", .no_length = true},
         WHOLE - 1,
         TIN_E_BUFFER_TOO_SMALL},
        {"cut", CUT(TAG, 1000), WHOLE, TIN_E_TRUNCATED},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        plan all = {.servings = {rows[i].serving}, .count = 1};
        fault_server *server = fault_server_start_call(serve, &all);
        void *body = &all;
        size_t size = 1;

        assert_error(rows[i].name,
                     tin_get(session, fault_server_url(server, "/f"), NULL, INTERNET_FLAG_RELOAD,
                             rows[i].limit, NULL, &body, &size),
                     rows[i].error);
        assert_row(rows[i].name, (body != NULL) == (rows[i].error == TIN_OK));
        assert_row(rows[i].name, size == (body != NULL ? WHOLE : 0));
        assert_row(rows[i].name, body == NULL || (fault_pattern_matches(0, body, size) &&
                                                  ((char *)body)[size] == '\0'));
        tin_free(body);
        fault_server_stop(server);
    }
}

/* A part is the answer to who asked for one; the whole, called a part, is it to anybody. */
static void memory_takes_no_part_for_the_whole(void **state)
{
    static const struct {
        const char *name, *range, *headers;
        tin_error error;
    } rows[] = {
        {"the beginning", "Content-Range: bytes 0-9/20\r\n", NULL, TIN_E_PROTOCOL},
        {"the end", "Content-Range: bytes 10-19/20\r\n", "X-A: b\r\n", TIN_E_PROTOCOL},
        {"of who knows what", "", NULL, TIN_E_PROTOCOL},
        {"all of it", "Content-Range: bytes 0-9/10\r\n", NULL, TIN_OK},
        {"asked for", "Content-Range: bytes 0-9/20\r\n", "Range: bytes=0-9\r\n", TIN_OK},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const fault_step steps[] = {
            FAULT_READ_REQUEST,
            FAULT_SEND("HTTP/1.1 206 Part\r\nContent-Length: 10\r\n"),
            FAULT_SEND_BYTES(rows[i].range, strlen(rows[i].range)),
            FAULT_SEND("\r\n0123456789"),
            FAULT_AGAIN,
        };
        fault_server *server = fault_server_start(steps);
        void *body;
        size_t size;
        DWORD status;

        assert_error(rows[i].name,
                     tin_get(session, fault_server_url(server, "/f"), rows[i].headers,
                             INTERNET_FLAG_RELOAD, 100, &status, &body, &size),
                     rows[i].error);
        assert_row(rows[i].name, status == 206);
        assert_row(rows[i].name, size == (rows[i].error == TIN_OK ? 10 : 0));
        tin_free(body);
        fault_server_stop(server);
    }
}

static void memory_takes_what_else_can_be_opened(void **state)
{
    void *body;
    size_t size;
    DWORD status = 1;
    wchar_t wide[1024];

    (void)state;
    assert_ok(tin_get(session, test_file("hello", 5), NULL, 0, 10, &status, &body, &size));
    assert_true(size == 5 && strcmp(body, "hello") == 0 && status == 0);
    tin_free(body);
    MultiByteToWideChar(CP_UTF8, 0, test_file("", 0), -1, wide, 1024);
    assert_ok(tin_get_w(session, wide, NULL, 0, 0, NULL, &body, &size));
    assert_true(size == 0 && strcmp(body, "") == 0);
    tin_free(body);
    tin_free(NULL);
    assert_gives(tin_get(session, "x", NULL, 0, 0, NULL, NULL, &size), TIN_E_ARGUMENT);
    assert_gives(tin_get(session, "x", NULL, 0, 0, NULL, &body, NULL), TIN_E_ARGUMENT);
    assert_gives(tin_get(session, "\xFF", NULL, 0, 0, &status, &body, &size), TIN_E_ARGUMENT);
    assert_true(body == NULL && size == 0 && status == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(memory_has_a_limit),
        TEST(memory_takes_no_part_for_the_whole),
        TEST(memory_takes_what_else_can_be_opened),
    };

    return test_run_group(tests, NULL, NULL);
}
