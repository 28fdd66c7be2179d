/* SPDX-License-Identifier: MIT */
/* Whole transfers by nginx and vsftpd. */
#include "real_server.h"

#define MOST (2 * MIB)

static bool is_1m(const void *bytes, size_t size)
{
    const body read = {.size = size, .bytes = (char *)(uintptr_t)bytes};

    return is_counter(&read);
}

static bool file_is_1m(const char *path)
{
    size_t size;
    char *bytes = test_file_read(path, &size);
    const bool is = bytes != NULL && is_1m(bytes, size);

    free(bytes);
    return is;
}

/* The first piece is less than all. */
static bool stop_in_the_middle(void *context, const tin_progress *progress)
{
    bool *stopped = context;

    *stopped = progress->done < progress->total;
    return !*stopped;
}

static void downloads_are_whole(void **state)
{
    static const struct {
        const char *name, *server, *path;
        DWORD status;
    } rows[] = {
        {"http", "TIN_TEST_HTTP", "/1m.bin", 200},
        {"https", "TIN_TEST_HTTPS", "/1m.bin", 200},
        {"ftp", "TIN_TEST_FTP", "/1m.bin", 0},
    };

    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *path = test_file_path(), *url = url_of(rows[i].server, rows[i].path);
        void *bytes;
        size_t size;
        DWORD status = 1;

        assert_error(rows[i].name,
                     tin_download(*state, url, NULL, FLAGS, path, false, NULL, NULL, &status),
                     TIN_OK);
        assert_row(rows[i].name, file_is_1m(path) && status == rows[i].status);
        assert_error(rows[i].name, tin_get(*state, url, NULL, FLAGS, MOST, NULL, &bytes, &size),
                     TIN_OK);
        assert_row(rows[i].name, is_1m(bytes, size));
        tin_free(bytes);
    }
}

static void a_stopped_download_is_resumed(void **state)
{
    const char *path = test_file_path(), *url = url_of("TIN_TEST_HTTP", "/1m.bin");
    bool stopped = false;
    DWORD status;

    assert_error(
        "stopped",
        tin_download(*state, url, NULL, FLAGS, path, true, stop_in_the_middle, &stopped, NULL),
        TIN_E_CANCELLED);
    assert_true(stopped);
    assert_error("resumed", tin_download(*state, url, NULL, FLAGS, path, true, NULL, NULL, &status),
                 TIN_OK);
    assert_int_equal(status, 206);
    assert_true(file_is_1m(path));
}

static void uploads_come_back_as_they_went(void **state)
{
    static const struct {
        const char *name, *server, *path;
        DWORD status;
    } rows[] = {
        {"PUT", "TIN_TEST_HTTP", "/upload/transfer%20a.bin", 201},
        {"PUT, https", "TIN_TEST_HTTPS", "/upload/transfer%20b.bin", 201},
        {"ftp", "TIN_TEST_FTP", "/upload/transfer%20c.bin", 0},
    };
    const char *source = test_file_path();

    assert_error("source",
                 tin_download(*state, url_of("TIN_TEST_HTTP", "/1m.bin"), NULL, FLAGS, source,
                              false, NULL, NULL, NULL),
                 TIN_OK);
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *url = url_of(rows[i].server, rows[i].path);
        void *bytes;
        size_t size;
        DWORD status = 1;

        assert_error(rows[i].name,
                     tin_upload(*state, source, NULL, url, NULL, 0, NULL, NULL, &status), TIN_OK);
        assert_row(rows[i].name, status == rows[i].status || status == 204);
        assert_error(rows[i].name, tin_get(*state, url, NULL, FLAGS, MOST, NULL, &bytes, &size),
                     TIN_OK);
        assert_row(rows[i].name, is_1m(bytes, size));
        tin_free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(downloads_are_whole),
        TEST(a_stopped_download_is_resumed),
        TEST(uploads_come_back_as_they_went),
    };

    return test_run_group(tests, NULL, test_files_remove);
}
