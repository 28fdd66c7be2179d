/* SPDX-License-Identifier: MIT */
/* The examples that Ctrl-C ends: how soon, and what they leave behind. */
#include "test.h"

#include "fault_server.h"
#include "program.h"

#define IN_TIME_MS 50
#define TRIES 6

static const fault_step silent[] = {FAULT_HOLD, FAULT_END};
static const fault_step line[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\none line\n"), FAULT_HOLD, FAULT_END};
static const fault_step half[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\nETag: \"v\"\r\nContent-Length: 10\r\n\r\n01234"), FAULT_HOLD,
    FAULT_END};
static const fault_route routes[] = {
    {"/silent", silent}, {"/line", line}, {"*", half}, {NULL, NULL}};

static const char *const nothing[] = {NULL};

/* Once the server is silent, and the program has printed this. */
static uint64_t stop_once(const char *program, fault_server *server, const char *path,
                          const char *printed)
{
    const uint64_t held = fault_server_count(server, FAULT_HOLDS);
    program_run run;
    uint64_t took_ms;

    start_program(&run, program, fault_server_url(server, path));
    assert_true(fault_server_wait(server, FAULT_HOLDS, held + 1, TEST_PATIENCE_MS));
    await_output(&run, printed);
    took_ms = press_ctrl_c(&run);
    end_program(&run);
    expect(&run, 130, nothing);
    return took_ms;
}

static void watch_ends_within_50_ms(void **state)
{
    static const struct {
        const char *path, *printed;
    } rows[] = {{"/silent", ""}, {"/line", "one line\n"}};
    fault_server *server = fault_server_start_routes(routes);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        uint64_t best = UINT64_MAX;

        for (int n = 0; n < TRIES && best > IN_TIME_MS; n++) {
            const uint64_t took =
                stop_once("examples\\watch.exe", server, rows[i].path, rows[i].printed);

            best = took < best ? took : best;
        }
        print_message("%s: %llu ms\n", rows[i].path, (unsigned long long)best);
        if (best > IN_TIME_MS)
            fail_msg("%s: the best of %d tries took more than %d ms", rows[i].path, TRIES,
                     IN_TIME_MS);
    }
    fault_server_stop(server);
}

/* Until get has stored what the server sent. */
static void await_file(const char *path, const char *text)
{
    const uint64_t until = test_now_ms() + TEST_PATIENCE_MS;
    bool is_there = false;

    while (!is_there && test_now_ms() < until) {
        size_t size;
        char *bytes = test_file_read(path, &size);

        is_there = bytes != NULL && strcmp(bytes, text) == 0;
        free(bytes);
        SwitchToThread();
    }
    expect_file(path, text);
}

static bool send_rest(fault_connection *connection, const void *context)
{
    const char *request = fault_read_message(connection, "\r\n\r\n");

    (void)context;
    return request != NULL && strstr(request, "\r\nRange: bytes=5-\r\n") != NULL &&
           fault_send_format(connection, "HTTP/1.1 206 Part\r\nETag: \"v\"\r\nContent-Range: bytes "
                                         "5-9/10\r\nContent-Length: 5\r\n\r\n56789");
}

static void get_keeps_what_it_can_go_on_with(void **state)
{
    static const fault_step first[] = {
        FAULT_READ_REQUEST,
        FAULT_SEND("HTTP/1.1 200 OK\r\nETag: \"v\"\r\nContent-Length: 10\r\n\r\n01234"), FAULT_HOLD,
        FAULT_END};
    static const fault_step second[] = {FAULT_CALL(send_rest, NULL), FAULT_END};
    fault_server *server =
        fault_server_start_many((const fault_step *const[]){first, second, NULL});
    const char *path = test_file_path();
    char arguments[1024], part[1024], from[1024];
    program_run run;

    (void)state;
    snprintf(part, sizeof part, "%s.part", path);
    snprintf(from, sizeof from, "%s.part.from", path);
    snprintf(arguments, sizeof arguments, "-c -o \"%s\" %s", path, fault_server_url(server, "/f"));
    start_program(&run, "examples\\get.exe", arguments);
    await_file(part, "01234");
    print_message("get: %llu ms\n", (unsigned long long)press_ctrl_c(&run));
    end_program(&run);
    expect(&run, 130, (const char *const[]){"TIN_E_CANCELLED", NULL});
    expect_file(path, NULL);
    expect_file(part, "01234");
    run_program(&run, "examples\\get.exe", arguments);
    expect(&run, 0, nothing);
    expect_file(path, "0123456789");
    expect_file(part, NULL);
    expect_file(from, NULL);
    fault_server_stop(server);
}

static void get_leaves_nothing_and_goes_no_further(void **state)
{
    fault_server *server = fault_server_start_routes(routes);
    wchar_t folder[MAX_PATH];
    char name[64], urls[512], path[3 * MAX_PATH + 64];
    program_run run;

    (void)state;
    snprintf(name, sizeof name, "/thininet-get-%lu", GetCurrentProcessId());
    snprintf(urls, sizeof urls, "%s %s", fault_server_url(server, name),
             fault_server_url(server, "/silent"));
    assert_true(GetTempPathW(MAX_PATH, folder) != 0);
    assert_true(WideCharToMultiByte(CP_UTF8, 0, folder, -1, path, 3 * MAX_PATH, NULL, NULL) != 0);
    strcat(strcat(path, name + 1), ".part");
    start_program(&run, "examples\\get.exe", urls);
    await_file(path, "01234");
    press_ctrl_c(&run);
    end_program(&run);
    expect(&run, 130, nothing);
    expect_file(path, NULL);
    assert_int_equal(fault_server_count(server, FAULT_REQUESTS), 1);
    fault_server_stop(server);
}

int main(int count, char **arguments)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(watch_ends_within_50_ms),
        cmocka_unit_test_teardown(get_keeps_what_it_can_go_on_with, test_files_remove),
        cmocka_unit_test(get_leaves_nothing_and_goes_no_further),
    };

    if (is_ctrl_c_helper(count, arguments))
        return press_ctrl_c_as_helper(arguments);
    return test_run_group(tests, NULL, NULL);
}
