/* SPDX-License-Identifier: MIT */
/* Handles that are stale, closed twice, made up, of the wrong type, or closed by somebody else. */
#include "test.h"

#include "fault_server.h"
#include "guarded_heap.h"
#include "internal.h"

#define ROUNDS 300000u /* a 32-bit token has room for 131,072 generations of a slot */
#define LAST_SLOT ((uintptr_t)0x7FFF) /* token.c: INDEX_BITS */

static const fault_step endless[] = {
    FAULT_READ_REQUEST,
    FAULT_SEND("HTTP/1.1 200 OK\r\n\r\nfirst bytes"),
    FAULT_MUTE,
    FAULT_END,
};

static tin_handle open_session(void)
{
    tin_handle session;

    assert_int_equal(tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session).error,
                     TIN_OK);
    return session;
}

static tin_handle open_file(tin_handle session, const char *url)
{
    tin_handle file;

    assert_int_equal(tin_open_url(session, url, NULL, 0, NULL, &file).error, TIN_OK);
    return file;
}

/* Every function that takes a handle. */
static tin_error call_close(tin_handle handle)
{
    return tin_close_handle(handle).error;
}

static tin_error call_cancel(tin_handle handle)
{
    return tin_cancel(handle).error;
}

static tin_error call_open_url(tin_handle handle)
{
    tin_handle file = (tin_handle)&file;
    const tin_error error = tin_open_url(handle, "C:\\", NULL, 0, NULL, &file).error;

    return file == NULL ? error : TIN_E_INTERNAL;
}

static tin_error call_read(tin_handle handle)
{
    char byte;
    size_t got = 99;
    const tin_error error = tin_read_file(handle, &byte, 1, &got).error;

    return got == 0 ? error : TIN_E_INTERNAL;
}

static tin_error call_read_available(tin_handle handle)
{
    char byte;
    size_t got = 99;
    const tin_error error = tin_read_available(handle, &byte, 1, &got).error;

    return got == 0 ? error : TIN_E_INTERNAL;
}

static tin_error call_get_length(tin_handle handle)
{
    uint64_t length = 99;
    const tin_error error = tin_get_length(handle, &length).error;

    return length == 0 ? error : TIN_E_INTERNAL;
}

static tin_error call_set_buffer(tin_handle handle)
{
    return tin_set_read_buffer_size(handle, 100).error;
}

static tin_error call_set_callback(tin_handle handle)
{
    return tin_set_status_callback(handle, NULL, NULL).error;
}

static tin_error call_set_option(tin_handle handle)
{
    return tin_set_option_dword(handle, INTERNET_OPTION_RECEIVE_TIMEOUT, 1000).error;
}

static tin_error call_query_option(tin_handle handle)
{
    DWORD value = 99;
    const tin_error error =
        tin_query_option_dword(handle, INTERNET_OPTION_RECEIVE_TIMEOUT, &value).error;

    return error == TIN_OK || value == 0 ? error : TIN_E_INTERNAL;
}

static tin_error call_last_response(tin_handle handle)
{
    char text[8];
    size_t size = sizeof text;
    const tin_error error = tin_get_last_response_info(handle, text, &size).error;

    return error == TIN_OK || size == 0 ? error : TIN_E_INTERNAL;
}

static tin_error call_native(tin_handle handle)
{
    return tin_native_handle(handle) == NULL ? TIN_E_HANDLE : TIN_OK;
}

enum { FOR_SESSIONS = 1, FOR_FILES = 2, FOR_ANY = 3, NULL_IS_PROCESS = 4 };

static const struct {
    const char *name;
    tin_error (*call)(tin_handle handle);
    unsigned accepts;
} calls[] = {
    {"tin_open_url", call_open_url, FOR_SESSIONS},
    {"tin_read_file", call_read, FOR_FILES},
    {"tin_read_available", call_read_available, FOR_FILES},
    {"tin_get_length", call_get_length, FOR_FILES},
    {"tin_set_read_buffer_size", call_set_buffer, FOR_FILES},
    {"tin_set_status_callback", call_set_callback, FOR_ANY},
    {"tin_set_option_dword", call_set_option, FOR_ANY | NULL_IS_PROCESS},
    {"tin_query_option_dword", call_query_option, FOR_ANY | NULL_IS_PROCESS},
    {"tin_get_last_response_info", call_last_response, FOR_ANY},
    {"tin_native_handle", call_native, FOR_ANY},
    {"tin_cancel", call_cancel, FOR_ANY},
    {"tin_close_handle", call_close, FOR_ANY},
};

static void refused_by_all(tin_handle handle, const char *what)
{
    for (size_t i = 0; i < TEST_COUNT_OF(calls); i++) {
        if (handle == NULL && (calls[i].accepts & NULL_IS_PROCESS) != 0)
            continue;
        if (calls[i].call(handle) != TIN_E_HANDLE)
            fail_msg("%s took %s", calls[i].name, what);
    }
}

static void null_and_made_up_values_are_refused(void **state)
{
    static const uintptr_t values[] = {0, 1, 2, 3, 4, 0x00CC0004, 0x10001, 0x7FFFFFFF, UINTPTR_MAX};
    const tin_handle session = open_session();

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(values); i++)
        refused_by_all((tin_handle)values[i], "a made-up value");
    refused_by_all((tin_handle)&values, "a pointer");
    refused_by_all((tin_handle)INVALID_HANDLE_VALUE, "INVALID_HANDLE_VALUE");
    assert_int_equal(tin_close_handle(session).error, TIN_OK);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void random_values_are_refused(void **state)
{
    const tin_handle session = open_session();
    uint64_t seed = 20261120;

    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        const tin_handle handle = (tin_handle)(uintptr_t)next_random(&seed);

        if (handle != session && calls[i % TEST_COUNT_OF(calls)].call(handle) != TIN_E_HANDLE &&
            handle != NULL)
            fail_msg("%s took %p, round %u", calls[i % TEST_COUNT_OF(calls)].name, (void *)handle,
                     i);
    }
    assert_int_equal(tin_close_handle(session).error, TIN_OK);
}

static void neighbours_of_a_handle_are_refused(void **state)
{
    const tin_handle session = open_session();

    (void)state;
    for (unsigned bit = 0; bit < 8 * sizeof session; bit++)
        refused_by_all((tin_handle)((uintptr_t)session ^ (uintptr_t)1 << bit),
                       "a handle with one bit changed");
    assert_int_equal(tin_close_handle(session).error, TIN_OK);
}

static void handles_of_the_wrong_type_are_refused(void **state)
{
    const char *path = test_file("x", 1);
    const tin_handle session = open_session();
    const tin_handle file = open_file(session, path);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(calls); i++) {
        if ((calls[i].accepts & FOR_SESSIONS) == 0 && calls[i].call(session) != TIN_E_HANDLE)
            fail_msg("%s took a session", calls[i].name);
        if ((calls[i].accepts & FOR_FILES) == 0 && calls[i].call(file) != TIN_E_HANDLE)
            fail_msg("%s took a file", calls[i].name);
    }
    assert_int_equal(tin_close_handle(file).error, TIN_OK);
    assert_int_equal(tin_close_handle(session).error, TIN_OK);
}

static void a_closed_handle_is_refused_for_300000_rounds(void **state)
{
    const bool guarded = guarded_heap_use_pages(false); /* there are very many allocations */
    tin_handle first = open_session();

    (void)state;
    assert_int_equal(tin_close_handle(first).error, TIN_OK);
    for (unsigned i = 0; i < ROUNDS; i++) {
        const tin_handle session = open_session();

        if (session == first)
            fail_msg("a closed handle's value came back in round %u", i);
        if (i < 1000 && (((uintptr_t)session ^ (uintptr_t)first) & LAST_SLOT) == 0)
            fail_msg("a closed handle's slot was taken again in round %u", i);
        if (calls[i % TEST_COUNT_OF(calls)].call(first) != TIN_E_HANDLE)
            fail_msg("%s took a closed handle in round %u", calls[i % TEST_COUNT_OF(calls)].name,
                     i);
        assert_int_equal(tin_close_handle(session).error, TIN_OK);
        assert_int_equal(tin_close_handle(session).error, TIN_E_HANDLE);
    }
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
    guarded_heap_use_pages(guarded);
}

static void a_session_closes_its_files_under_an_open_read(void **state)
{
    fault_server *server = fault_server_start(endless);
    const char *path = test_file("local", 5);

    (void)state;
    for (int i = 0; i < 100; i++) {
        const tin_handle session = open_session();
        const tin_handle page = open_file(session, fault_server_url(server, "/"));
        const tin_handle local = open_file(session, path);
        char text[5];
        size_t got;

        assert_int_equal(tin_read_file(page, text, sizeof text, &got).error, TIN_OK);
        assert_int_equal(got, sizeof text);
        assert_int_equal(tin_close_handle(session).error, TIN_OK);
        refused_by_all(page, "a file whose session was closed");
        refused_by_all(local, "a local file whose session was closed");
    }
    fault_server_release(server);
    fault_server_stop(server);
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
}

static void a_local_file_is_closed_with_its_session(void **state)
{
    const char *path = test_file("local", 5);
    const tin_handle session = open_session();

    (void)state;
    open_file(session, path);
    assert_int_equal(tin_close_handle(session).error, TIN_OK);
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
    assert_int_equal(remove(path), 0);
}

static void as_many_handles_as_there_are_tokens_can_be_open(void **state)
{
    static tin_handle sessions[40000];
    const bool guarded = guarded_heap_use_pages(false); /* the addresses would not suffice */
    size_t count = 0;
    tin_result result = {TIN_OK, 0};

    (void)state;
    while (count < TEST_COUNT_OF(sessions)) {
        result = tin_open("many", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &sessions[count]);
        if (!tin_ok(result))
            break;
        count++;
    }
    assert_int_equal(result.error, TIN_E_MEMORY);
    assert_null(sessions[count]);
    assert_true(count > 30000);
    while (count > 0)
        assert_int_equal(tin_close_handle(sessions[--count]).error, TIN_OK);
    assert_int_equal(tin_close_handle(open_session()).error, TIN_OK);
    assert_true(tin__wait_until_idle(TEST_PATIENCE_MS));
    guarded_heap_use_pages(guarded);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_and_made_up_values_are_refused),
        cmocka_unit_test(random_values_are_refused),
        cmocka_unit_test(neighbours_of_a_handle_are_refused),
        cmocka_unit_test_teardown(handles_of_the_wrong_type_are_refused, test_files_remove),
        cmocka_unit_test(a_closed_handle_is_refused_for_300000_rounds),
        cmocka_unit_test_teardown(a_session_closes_its_files_under_an_open_read, test_files_remove),
        cmocka_unit_test_teardown(a_local_file_is_closed_with_its_session, test_files_remove),
        cmocka_unit_test(as_many_handles_as_there_are_tokens_can_be_open),
    };

    return test_run_group(tests, NULL, NULL);
}
