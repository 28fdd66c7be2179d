/* SPDX-License-Identifier: MIT */
/* Many files at once, many in a row, large ones. */
#include "real_server.h"

#define GIB ((uint64_t)1 << 30)

/* Debug builds read only what is near 4 GiB, and ask for no more: in Wine 8, WinInet reads what was
 * left unread when the file is closed. */
static void a_file_above_4_gib_is_read_to_its_end(void **state)
{
    static const struct {
        const char *range;
        uint64_t from, to;
    } all = {NULL, 0, 5 * GIB},
      some = {"Range: bytes=4261412864-4328521727", 4 * GIB - 32 * MIB, 4 * GIB + 32 * MIB};
    static const struct {
        uint64_t offset;
        const char *mark;
    } marks[] = {
        {0, "<the beginning.>"},
        {4 * GIB - 16, "<below  4 GiB..>"},
        {4 * GIB, "<from 4 GiB on.>"},
        {5 * GIB - 16, "<it ends here..>"},
    };
    const bool whole = test_moves_gibibytes();
    const uint64_t from = whole ? all.from : some.from;
    const uint64_t to = whole ? all.to : some.to;
    char *buffer = malloc(MIB);
    uint64_t position = from, length;
    size_t seen = 0, expected = 0, got, i;
    tin_handle file;

    assert_non_null(buffer);
    assert_error("open",
                 tin_open_url(*state, url_of("TIN_TEST_HTTP", "/5g.bin"),
                              whole ? all.range : some.range, FLAGS, NULL, &file),
                 TIN_OK);
    assert_error("length", tin_get_length(file, &length), TIN_OK);
    assert_true(length == to - from);
    for (i = 0; i < TEST_COUNT_OF(marks); i++)
        expected += marks[i].offset >= from && marks[i].offset < to;
    do {
        assert_error("read", tin_read_file(file, buffer, MIB, &got), TIN_OK);
        for (i = 0; i < TEST_COUNT_OF(marks); i++)
            if (marks[i].offset >= position && marks[i].offset + 16 <= position + got) {
                assert_memory_equal(buffer + (marks[i].offset - position), marks[i].mark, 16);
                seen++;
            }
        position += got;
    } while (got != 0);
    assert_int_equal(seen, expected);
    assert_true(position == to);
    close_page("close", file);
    free(buffer);
}

/* ---- Many at once, many in a row ------------------------------------------------------------ */

enum { VISITORS = 16, VISITS = 9 };

typedef struct job {
    const char *url;
    body_check *check;
} job;

typedef struct visitor {
    tin_handle session;
    const job *jobs;
    size_t count;
    size_t first; /* the job to begin with */
    size_t wrong;
    tin_result result; /* of a wrong one */
    size_t wrong_job;
    event_log log;
} visitor;

static void visit(void *context)
{
    visitor *me = context;
    size_t i;

    me->log.thread = GetCurrentThreadId();
    for (i = 0; i < VISITS; i++) {
        const size_t number = (me->first + i) % me->count;
        body read = fetch(me->session, me->jobs[number].url, NULL, FLAGS, &me->log);

        if (!tin_ok(read.result) || !me->jobs[number].check(&read)) {
            me->wrong++;
            me->result = read.result;
            me->wrong_job = number;
        }
        free(read.bytes);
    }
}

static void many_threads_share_one_session(void **state)
{
    const job jobs[] = {
        {url_of("TIN_TEST_HTTP", "/hello.txt"), is_hello},
        {url_of("TIN_TEST_FTP", "/page.html"), is_page},
        {url_of("TIN_TEST_HTTP", "/1m.bin"), is_counter},
        {url_of("TIN_TEST_HTTPS", "/page.html"), is_page},
        {url_of("TIN_TEST_HTTP", "/redirect/chain/2"), is_hello},
        {url_of("TIN_TEST_HTTP_OTHER", "/empty.txt"), is_empty},
        {url_of("TIN_TEST_HTTPS", "/1m.bin"), is_counter},
        {url_of("TIN_TEST_FTP", "/1m.bin"), is_counter},
        {url_with_user("TIN_TEST_HTTP", "user:pass%20word%3A%40@", "/auth/hello.txt"), is_hello},
    };
    visitor *visitors = calloc(VISITORS, sizeof *visitors);
    test_thread *threads[VISITORS];
    size_t i;

    assert_non_null(visitors);
    assert_error("callback", tin_set_status_callback(*state, count_events, NULL), TIN_OK);
    for (i = 0; i < VISITORS; i++) {
        visitors[i].session = *state;
        visitors[i].jobs = jobs;
        visitors[i].count = TEST_COUNT_OF(jobs);
        visitors[i].first = i;
        threads[i] = test_thread_start(visit, &visitors[i]);
    }
    for (i = 0; i < VISITORS; i++)
        test_thread_join(threads[i], 3 * TEST_PATIENCE_MS);
    for (i = 0; i < VISITORS; i++) {
        const char *wrong_url = jobs[visitors[i].wrong_job].url;

        if (visitors[i].wrong != 0)
            assert_error(wrong_url, visitors[i].result, TIN_OK);
        assert_row(wrong_url, visitors[i].wrong == 0);
        assert_int_equal(visitors[i].log.strays, 0);
        assert_true(visitors[i].log.count >= VISITS * 3);
    }
    free(visitors);
}

static void a_kept_connection_serves_many_requests(void **state)
{
    static event_log log;
    int i;

    watch(*state, count_events, &log);
    for (i = 0; i < 100; i++) {
        body read = fetch(*state, url_of("TIN_TEST_HTTP", "/page.html"), NULL,
                          FLAGS | INTERNET_FLAG_KEEP_CONNECTION, NULL);

        assert_true(is_page(&read));
        free(read.bytes);
    }
    assert_in_range(log.connects, 0, 2); /* 0: one that was kept before */
    assert_true(log.count >= 100 * 3);
}

/* WinInet still reads what is left of them (Wine 8), behind the caller's back. */
static void files_closed_in_mid_body_are_gone_at_once(void **state)
{
    int i;

    for (i = 0; i < 20; i++) {
        tin_handle file;
        char byte;
        size_t got;

        file = open_page("open", *state, url_of("TIN_TEST_HTTP", "/1m.bin"));
        assert_error("read", tin_read_file(file, &byte, 1, &got), TIN_OK);
        close_page("close", file);
        assert_error("read", tin_read_file(file, &byte, 1, &got), TIN_E_HANDLE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_above_4_gib_is_read_to_its_end),
        TEST(many_threads_share_one_session),
        TEST(a_kept_connection_serves_many_requests),
        TEST(files_closed_in_mid_body_are_gone_at_once),
    };

    return test_run_group(tests, NULL, NULL);
}
