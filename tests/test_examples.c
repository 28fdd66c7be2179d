/* SPDX-License-Identifier: MIT */
/* The programs of the README and of the porting guide, and the examples, run as by a user. */
#include "test.h"

#include "fault_ftp.h"
#include "fault_server.h"
#include "program.h"

static const fault_step page[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 34\r\n\r\n<p>Hello, <b class=\"x\">you</b></p>"),
    FAULT_END};
static const fault_step missing[] = {
    FAULT_SEND("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone"), FAULT_END};
static const fault_step cut[] = {
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe beginning"), FAULT_END};
static const fault_route routes[] = {
    {"/page", page}, {"/missing", missing}, {"/cut", cut}, {NULL, NULL}};

static void the_program_of_the_readme_does_all_seven_steps(void **state)
{
    static const char *const good[] = {"[10] 127.0.0.1",
                                       "[20] 127.0.0.1",
                                       "[31] ",
                                       "[41] ",
                                       "<p>Hello, <b class=\"x\">you</b></p>",
                                       "[70] ",
                                       NULL};
    static const char *const bad[] = {"the beginning", "TIN_E_TRUNCATED", NULL};
    fault_server *server = fault_server_start_routes(routes);
    program_run run;

    (void)state;
    run_program(&run, "tests\\readme_program.exe", fault_server_url(server, "/page"));
    expect(&run, 0, good);
    run_program(&run, "tests\\readme_program.exe", fault_server_url(server, "/cut"));
    expect(&run, 1, bad);
    fault_server_stop(server);
}

static void the_program_of_the_readme_opens_local_files(void **state)
{
    static const char *const good[] = {"local text", NULL};
    program_run run;

    (void)state;
    run_program(&run, "tests\\readme_program.exe", test_file("local text", 10));
    expect(&run, 0, good);
}

/* ---- the porting guide ---------------------------------------------------------------------- */

static void the_guide_shows_a_page_by_url(void **state)
{
    static const char *const good[] = {"<p>Hello, <b class=\"x\">you</b></p>", NULL};
    fault_server *server = fault_server_start_routes(routes);
    program_run run;

    (void)state;
    run_program(&run, "tests\\port_open_url.exe", fault_server_url(server, "/page"));
    expect(&run, 0, good);
    run_program(&run, "tests\\port_open_url.exe", fault_server_url(server, "/cut"));
    expect(&run, 1, (const char *const[]){"the beginning", NULL});
    fault_server_stop(server);
}

static void the_guide_shows_a_page_and_its_status(void **state)
{
    static const char *const good[] = {"status 200", "<p>Hello, ", NULL};
    static const char *const none[] = {"status 404", "none", NULL};
    fault_server *server = fault_server_start_routes(routes);
    char arguments[256], request[1024];
    program_run run;

    (void)state;
    snprintf(arguments, sizeof arguments, "127.0.0.1 %u /page", fault_server_port(server));
    run_program(&run, "tests\\port_open_request.exe", arguments);
    expect(&run, 0, good);
    fault_server_request(server, 0, request, sizeof request);
    assert_non_null(strstr(request, "GET /page HTTP/1.1\r\n"));
    assert_non_null(strstr(request, "Accept: text/*\r\n"));
    assert_non_null(strstr(request, "Accept-Language: en\r\n"));
    snprintf(arguments, sizeof arguments, "127.0.0.1 %u /missing", fault_server_port(server));
    run_program(&run, "tests\\port_open_request.exe", arguments);
    expect(&run, 0, none);
    fault_server_stop(server);
}

static void the_guide_posts_a_form(void **state)
{
    static const fault_step echo[] = {
        FAULT_READ_REQUEST, FAULT_READ_BODY,
        FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nposted"), FAULT_END};
    fault_server *server = fault_server_start(echo);
    char arguments[256], request[1024];
    program_run run;

    (void)state;
    snprintf(arguments, sizeof arguments, "127.0.0.1 %u /form a=1&b=2", fault_server_port(server));
    run_program(&run, "tests\\port_post.exe", arguments);
    expect(&run, 0, (const char *const[]){"posted", NULL});
    fault_server_request(server, 0, request, sizeof request);
    assert_non_null(strstr(request, "POST /form HTTP/1.1\r\n"));
    assert_non_null(strstr(request, "Content-Length: 7\r\n"));
    assert_non_null(strstr(request, "\r\n\r\na=1&b=2"));
    fault_server_stop(server);
}

static void the_guide_downloads_by_ftp(void **state)
{
    fault_server *server = fault_ftp_start(&(fault_ftp){.size = 10000});
    const char *path = test_file_path();
    char arguments[512], *bytes;
    program_run run;
    size_t size;

    (void)state;
    snprintf(arguments, sizeof arguments, "127.0.0.1 %u file.bin \"%s\"", fault_server_port(server),
             path);
    run_program(&run, "tests\\port_ftp_download.exe", arguments);
    expect(&run, 0, (const char *const[]){"TIN_OK", NULL});
    bytes = test_file_read(path, &size);
    assert_non_null(bytes);
    assert_int_equal(size, 10000);
    assert_true(fault_pattern_matches(0, bytes, size));
    free(bytes);
    fault_server_stop(server);
}

static void the_guide_lists_by_ftp(void **state)
{
    static const fault_step lines[] = {FAULT_SEND("-rw-r--r-- 1 u g 1234 Jan 02 2020 first.txt\r\n"
                                                  "-rw-r--r-- 1 u g 5 Jan 02 2020 second.txt\r\n"),
                                       FAULT_END};
    static const fault_step list[] = {FAULT_SEND("150 here it comes\r\n"), FAULT_FTP_DATA(lines),
                                      FAULT_SEND("226 that was it\r\n"), FAULT_END};
    static const fault_route replies[] = {{"LIST", list}, {NULL, NULL}};
    fault_server *server = fault_ftp_start(&(fault_ftp){.replies = replies});
    char arguments[256];
    program_run run;

    (void)state;
    snprintf(arguments, sizeof arguments, "127.0.0.1 %u", fault_server_port(server));
    run_program(&run, "tests\\port_ftp_list.exe", arguments);
    expect(&run, 0, (const char *const[]){"1234  first.txt", "5  second.txt", NULL});
    fault_server_stop(server);
}

/* ---- tear ----------------------------------------------------------------------------------- */

static void tear_prints_pages_and_strips_tags(void **state)
{
    static const char *const as_it_is[] = {"<p>Hello, <b class=\"x\">you</b></p>", NULL};
    static const char *const stripped[] = {"Hello, you", NULL};
    static const char *const none[] = {"none", NULL};
    fault_server *server = fault_server_start_routes(routes);
    char arguments[256];
    program_run run;

    (void)state;
    run_program(&run, "examples\\tear.exe", fault_server_url(server, "/page"));
    expect(&run, 0, as_it_is);
    assert_null(strstr(run.output, "handle"));
    snprintf(arguments, sizeof arguments, "/s /F %s", fault_server_url(server, "/page"));
    run_program(&run, "examples\\tear.exe", arguments);
    expect(&run, 0, stripped);
    run_program(&run, "examples\\tear.exe", fault_server_url(server, "/missing"));
    expect(&run, 0, none);
    fault_server_stop(server);
}

static void tear_takes_names_beyond_ascii(void **state)
{
    static const char *const missing_file[] = {"TIN_E_NOT_FOUND", NULL};
    program_run run;

    (void)state;
    run_program(&run, "examples\\tear.exe", "\"C:\\na\xC3\xAFve \xE4\xBD\xA0.txt\"");
    expect(&run, 1, missing_file);
}

static void tear_shows_the_status_events(void **state)
{
    static const char *const events[] = {"[60] handle created",
                                         "[10] resolving name: 127.0.0.1",
                                         "[20] connecting to server: 127.0.0.1",
                                         "[21] connected to server",
                                         "[30] sending request",
                                         "[31] request sent: ",
                                         "[41] response received: ",
                                         "[100] request complete: TIN_OK",
                                         "[70] handle closing",
                                         NULL};
    fault_server *server = fault_server_start_routes(routes);
    char arguments[256];
    program_run run;

    (void)state;
    snprintf(arguments, sizeof arguments, "/P %s", fault_server_url(server, "/page"));
    run_program(&run, "examples\\tear.exe", arguments);
    expect(&run, 0, events);
    fault_server_stop(server);
}

static void tear_prints_errors_as_sentences(void **state)
{
    static const struct {
        const char *url;
        const char *parts[3];
    } rows[] = {
        {"gopher://127.0.0.1/", {"tear: ", "TIN_E_UNSUPPORTED", NULL}},
        {"http://127.0.0.1:99999/", {"tear: ", "TIN_E_URL", NULL}},
        {"C:\\there\\is\\no\\such.txt", {"tear: ", "TIN_E_NOT_FOUND", NULL}},
    };
    static const char *const usage[] = {"usage", "/S", NULL};
    static const char *const truncated[] = {"the beginning", "TIN_E_TRUNCATED", NULL};
    fault_server *server = fault_server_start_routes(routes);
    program_run run;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        run_program(&run, "examples\\tear.exe", rows[i].url);
        expect(&run, 1, rows[i].parts);
    }
    run_program(&run, "examples\\tear.exe", fault_server_url(server, "/cut"));
    expect(&run, 1, truncated);
    run_program(&run, "examples\\tear.exe", "");
    expect(&run, 2, usage);
    fault_server_stop(server);
}

/* ---- get ------------------------------------------------------------------------------------ */

static const fault_step whole[] = {
    FAULT_SEND(
        "HTTP/1.1 200 OK\r\nAccept-Ranges: bytes\r\nETag: \"v\"\r\nContent-Length: 10\r\n\r\n"
        "0123456789"),
    FAULT_END};
static const fault_route whole_routes[] = {{"*", whole}, {NULL, NULL}};
static const fault_step half[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\nETag: \"v\"\r\nContent-Length: 10\r\n\r\n01234"), FAULT_END};
static const fault_step rest[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 206 Part\r\nETag: \"v\"\r\nContent-Range: bytes 5-9/10\r\n"
               "Content-Length: 5\r\n\r\n56789"),
    FAULT_END};
static const fault_step *const half_then_rest[] = {half, rest, NULL};

static void get_saves_a_file(void **state)
{
    static const char *const good[] = {"10 bytes in ", NULL};
    static const char *const traced[] = {" ms  +", "connecting to server: 127.0.0.1",
                                         "request complete: TIN_OK", "10 bytes in ", NULL};
    fault_server *server = fault_server_start_routes(whole_routes);
    const char *path = test_file_path();
    char arguments[1024];
    program_run run;

    (void)state;
    snprintf(arguments, sizeof arguments, "-o \"%s\" %s", path, fault_server_url(server, "/"));
    run_program(&run, "examples\\get.exe", arguments);
    expect(&run, 0, good);
    expect_file(path, "0123456789");
    snprintf(arguments, sizeof arguments, "--trace -o \"%s\" %s", path,
             fault_server_url(server, "/"));
    run_program(&run, "examples\\get.exe", arguments);
    expect(&run, 0, traced);
    fault_server_stop(server);
}

static void get_goes_on_with_what_is_there(void **state)
{
    static const char *const cut_off[] = {"TIN_E_TRUNCATED", NULL};
    static const char *const good[] = {"10 bytes in ", NULL};
    const char *path = test_file_path();
    fault_server *server = fault_server_start_many(half_then_rest);
    char arguments[1024], part[1024];
    program_run run;

    (void)state;
    snprintf(part, sizeof part, "%s.part", path);
    snprintf(arguments, sizeof arguments, "-c -o \"%s\" %s", path, fault_server_url(server, "/f"));
    run_program(&run, "examples\\get.exe", arguments);
    expect(&run, 4, cut_off);
    expect_file(path, NULL);
    expect_file(part, "01234");
    run_program(&run, "examples\\get.exe", arguments);
    expect(&run, 0, good);
    expect_file(path, "0123456789");
    expect_file(part, NULL);
    fault_server_stop(server);
}

static bool send_name(fault_connection *connection, const void *context)
{
    const char *request = fault_read_message(connection, "\r\n\r\n");

    return request != NULL &&
           fault_send_format(connection,
                             "HTTP/1.1 200 OK\r\nContent-Disposition: attachment; "
                             "filename=\"%s\"\r\nContent-Length: 4\r\n\r\nsafe",
                             (const char *)context);
}

/* What a server says, and where that is saved; %lu is a number of this process's own. */
static void check_name(const char *sent, const char *saved)
{
    static const char *const good[] = {"4 bytes in ", NULL};
    wchar_t folder[MAX_PATH];
    char full[256], name[128], by_url[64], path[3 * MAX_PATH + 128];
    fault_server *server;
    program_run run;

    snprintf(full, sizeof full, sent, GetCurrentProcessId());
    snprintf(by_url, sizeof by_url, "/by-url-%lu.txt", GetCurrentProcessId());
    snprintf(name, sizeof name, saved, GetCurrentProcessId());
    assert_true(GetTempPathW(MAX_PATH, folder) != 0);
    assert_true(WideCharToMultiByte(CP_UTF8, 0, folder, -1, path, 3 * MAX_PATH, NULL, NULL) != 0);
    strcat(path, name);
    server = fault_server_start_call(send_name, full);
    run_program(&run, "examples\\get.exe", fault_server_url(server, by_url));
    expect(&run, 0, good);
    expect(&run, 0, (const char *const[]){name, NULL});
    expect_file(path, "safe");
    assert_int_equal(remove(path), 0);
    fault_server_stop(server);
}

static void get_takes_no_path_from_a_server(void **state)
{
    (void)state;
    check_name("..\\..\\thininet get %lu.txt", "thininet get %lu.txt");
    check_name("../C:thininet get %lu.txt", "thininet get %lu.txt");
    check_name("file:thininet get %lu.txt. . .", "thininet get %lu.txt");
    check_name("thininet\tget<%lu>", "thininet_get_%lu_");
    check_name("x/con.thininet get %lu", "_con.thininet get %lu");
    check_name("LPT9 .thininet get %lu", "_LPT9 .thininet get %lu");
    check_name("conout$.thininet get %lu", "_conout$.thininet get %lu");
    check_name("..", "by-url-%lu.txt");
}

static void get_tells_failures_apart(void **state)
{
    fault_server *server = fault_server_start_routes(routes);
    fault_server *refusing = fault_server_start_refusing();
    char urls[256];
    program_run run;

    (void)state;
    run_program(&run, "examples\\get.exe", "");
    expect(&run, 2, (const char *const[]){"usage: get", NULL});
    run_program(&run, "examples\\get.exe", "-o a b c");
    expect(&run, 2, (const char *const[]){"usage: get", NULL});
    run_program(&run, "examples\\get.exe", "http://127.0.0.1:99999/x");
    expect(&run, 2, (const char *const[]){"TIN_E_URL", NULL});
    run_program(&run, "examples\\get.exe", fault_server_url(refusing, "/x"));
    expect(&run, 3, (const char *const[]){"TIN_E_CONNECT", NULL});
    run_program(&run, "examples\\get.exe", fault_server_url(server, "/cut"));
    expect(&run, 4, (const char *const[]){"TIN_E_TRUNCATED", NULL});
    snprintf(urls, sizeof urls, "%s %s", fault_server_url(server, "/missing"),
             fault_server_url(server, "/cut"));
    run_program(&run, "examples\\get.exe", urls);
    expect(&run, 5, (const char *const[]){"The server answered 404.", "TIN_E_TRUNCATED", NULL});
    fault_server_stop(server);
    fault_server_stop(refusing);
}

static void expect_to_give_up(fault_server *server)
{
    const uint64_t begin = test_now_ms();
    char arguments[256];
    program_run run;

    snprintf(arguments, sizeof arguments, "-t 1 %s", fault_server_url(server, "/x"));
    run_program(&run, "examples\\get.exe", arguments);
    expect(&run, 4, (const char *const[]){"TIN_E_TIMEOUT", NULL});
    assert_true(test_now_ms() - begin < TEST_PATIENCE_MS);
}

static void get_gives_up_when_no_answer_comes(void **state)
{
    fault_server *server = fault_server_start(fault_script_mute);

    (void)state;
    expect_to_give_up(server);
    fault_server_stop(server);
}

static void get_gives_up_when_it_cannot_connect(void **state)
{
    fault_server *server = fault_server_start_full();

    (void)state;
    if (server == NULL)
        test_skip("this system refuses connections instead");
    expect_to_give_up(server);
    fault_server_stop(server);
}

/* ---- post, ftpls, watch --------------------------------------------------------------------- */

static const fault_step takes_post[] = {
    FAULT_READ_REQUEST, FAULT_READ_BODY,
    FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nthanks"), FAULT_AGAIN};

static void post_sends_a_form_or_a_file(void **state)
{
    static const char *const good[] = {"status 200", "thanks", NULL};
    fault_server *server = fault_server_start(takes_post);
    char arguments[1024], request[4096];
    program_run run;

    (void)state;
    snprintf(arguments, sizeof arguments, "%s \"name=a b&c\" x=1", fault_server_url(server, "/f"));
    run_program(&run, "examples\\post.exe", arguments);
    expect(&run, 0, good);
    fault_server_request(server, 0, request, sizeof request);
    assert_non_null(strstr(request, "POST /f HTTP/1.1\r\n"));
    assert_non_null(strstr(request, "Content-Type: application/x-www-form-urlencoded\r\n"));
    assert_non_null(strstr(request, "\r\n\r\nname=a+b%26c&x=1"));
    snprintf(arguments, sizeof arguments, "%s \"@%s\"", fault_server_url(server, "/f"),
             test_file("a file", 6));
    run_program(&run, "examples\\post.exe", arguments);
    expect(&run, 0, (const char *const[]){"status 200", NULL});
    fault_server_request(server, 1, request, sizeof request);
    assert_non_null(strstr(request, "\r\n\r\na file"));
    run_program(&run, "examples\\post.exe", "");
    expect(&run, 2, (const char *const[]){"usage: post", NULL});
    run_program(&run, "examples\\post.exe", "ftp://127.0.0.1/ a=b");
    expect(&run, 1, (const char *const[]){"TIN_E_UNSUPPORTED", NULL});
    fault_server_stop(server);
}

static void ftpls_lists_a_folder(void **state)
{
    static const fault_step lines[] = {FAULT_SEND("-rw-r--r-- 1 u g 1234 Jan 02 2020 first.txt\r\n"
                                                  "drwxr-xr-x 2 u g 4096 Jan 03 2020 more\r\n"),
                                       FAULT_END};
    static const fault_step listing[] = {FAULT_SEND("150 here it comes\r\n"), FAULT_FTP_DATA(lines),
                                         FAULT_SEND("226 that was it\r\n"), FAULT_END};
    static const fault_step no_folder[] = {FAULT_SEND("550 no such folder\r\n"), FAULT_END};
    static const fault_route good[] = {{"LIST", listing}, {NULL, NULL}};
    static const fault_route bad[] = {{"CWD", no_folder}, {NULL, NULL}};
    fault_server *server = fault_ftp_start(&(fault_ftp){.replies = good});
    program_run run;

    (void)state;
    run_program(&run, "examples\\ftpls.exe", fault_server_url_for(server, "ftp", "/"));
    expect(&run, 0, (const char *const[]){"1234  2020-01-02 ", "  first.txt", "d ", "more", NULL});
    fault_server_stop(server);
    server = fault_ftp_start(&(fault_ftp){.replies = bad});
    run_program(&run, "examples\\ftpls.exe", fault_server_url_for(server, "ftp", "/none/"));
    expect(&run, 1,
           (const char *const[]){"the server said: 550 no such folder", "TIN_E_SERVER", NULL});
    fault_server_stop(server);
    run_program(&run, "examples\\ftpls.exe", "http://127.0.0.1/");
    expect(&run, 2, (const char *const[]){"usage: ftpls", NULL});
}

static void watch_prints_lines_until_the_end(void **state)
{
    static const char *const good[] = {"<p>Hello", NULL};
    static const char *const bad[] = {"the beginning", "TIN_E_TRUNCATED", NULL};
    fault_server *server = fault_server_start_routes(routes);
    program_run run;

    (void)state;
    run_program(&run, "examples\\watch.exe", fault_server_url(server, "/page"));
    expect(&run, 0, good);
    run_program(&run, "examples\\watch.exe", fault_server_url(server, "/cut"));
    expect(&run, 1, bad);
    run_program(&run, "examples\\watch.exe", "");
    expect(&run, 2, (const char *const[]){"usage: watch", NULL});
    fault_server_stop(server);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(get_saves_a_file, test_files_remove),
        cmocka_unit_test_teardown(get_goes_on_with_what_is_there, test_files_remove),
        cmocka_unit_test(get_takes_no_path_from_a_server),
        cmocka_unit_test(get_tells_failures_apart),
        cmocka_unit_test(get_gives_up_when_no_answer_comes),
        cmocka_unit_test(get_gives_up_when_it_cannot_connect),
        cmocka_unit_test_teardown(post_sends_a_form_or_a_file, test_files_remove),
        cmocka_unit_test(ftpls_lists_a_folder),
        cmocka_unit_test(watch_prints_lines_until_the_end),
        cmocka_unit_test(the_program_of_the_readme_does_all_seven_steps),
        cmocka_unit_test_teardown(the_program_of_the_readme_opens_local_files, test_files_remove),
        cmocka_unit_test(the_guide_shows_a_page_by_url),
        cmocka_unit_test(the_guide_shows_a_page_and_its_status),
        cmocka_unit_test(the_guide_posts_a_form),
        cmocka_unit_test_teardown(the_guide_downloads_by_ftp, test_files_remove),
        cmocka_unit_test(the_guide_lists_by_ftp),
        cmocka_unit_test(tear_prints_pages_and_strips_tags),
        cmocka_unit_test(tear_takes_names_beyond_ascii),
        cmocka_unit_test(tear_shows_the_status_events),
        cmocka_unit_test(tear_prints_errors_as_sentences),
    };

    return test_run_group(tests, NULL, NULL);
}
