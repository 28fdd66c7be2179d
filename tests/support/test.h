/* SPDX-License-Identifier: MIT */
/*
 * What all test programs share. Include it first: it brings cmocka, with the headers that cmocka
 * wants before it, and Windows, with Winsock in the right order.
 */
#ifndef TIN_TEST_TEST_H
#define TIN_TEST_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winsock2.h>
#include <windows.h>

#include <cmocka.h>

#define TEST_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/**
 * cmocka_run_group_tests, with a look at the library's heap (guarded_heap.h) behind each test and
 * behind the group: all that the library allocated must have been freed.
 *
 * A test that failed, or began while something was open, is not looked at. Unlike with cmocka
 * 1.1.5, a group teardown that fails is a failure.
 */
#define test_run_group(tests, setup, teardown)                                                     \
    test_run_group_named(#tests, tests, TEST_COUNT_OF(tests), setup, teardown)
int test_run_group_named(const char *name, const struct CMUnitTest *tests, size_t count,
                         CMFixtureFunction setup, CMFixtureFunction teardown);

/** Long enough for anything that does happen; what takes longer hangs. */
#define TEST_PATIENCE_MS 20000u

/** Milliseconds on a clock that only goes forward. */
uint64_t test_now_ms(void);

/** Prints the reason and ends the running test as skipped; as failed if TIN_TEST_REQUIRE=1. */
void test_skip(const char *format, ...) __attribute__((format(__MINGW_PRINTF_FORMAT, 1, 2)));

/** Whether this is Wine, which has a function in ntdll that says so; for what Wine 8 lacks. */
bool test_under_wine(void);

/**
 * Whether whole gibibytes are to be moved: in release builds, where it is the same code that moves
 * them. A debug build goes the same way in fewer steps, and over the same boundary.
 */
bool test_moves_gibibytes(void);

/**
 * Whether this build runs the n-th of many costly rows, such as each step with each way to end it:
 * builds take turns. Each row is run by one debug build and one release build, of which one is for
 * 32 and one for 64 bits.
 */
bool test_has_turn(size_t n);

/** The UTF-8 value of an environment variable, valid for ever; unset or empty: test_skip. */
const char *test_env(const char *name);
/** The same, but NULL when it is unset or empty. */
const char *test_env_or_null(const char *name);

/* ---- Threads --------------------------------------------------------------------------------- */

typedef void test_function(void *context);
typedef struct test_thread test_thread;

/**
 * Runs \p function on a new thread. It must not use cmocka's assertions: they jump to the test's
 * own thread. Let it store its findings in \p context, and assert after the join.
 */
test_thread *test_thread_start(test_function *function, void *context);

/** Whether the function has returned within \p timeout_ms; 0 only asks. */
bool test_thread_wait(test_thread *thread, uint32_t timeout_ms);

/**
 * Waits for the function's end and frees \p thread.
 *
 * A thread that has not ended after \p timeout_ms may still write to the test's variables, so the
 * whole program is ended, with a message: a hang is never survived.
 *
 * \returns How many milliseconds the function ran.
 */
uint64_t test_thread_join(test_thread *thread, uint32_t timeout_ms);

/** Both in one: runs \p function on a thread of its own; a hang ends the program. */
uint64_t test_run_bounded(test_function *function, void *context, uint32_t timeout_ms);

/* ---- Files ----------------------------------------------------------------------------------- */

/** A new file in the temporary folder with these bytes; returns its UTF-8 path. */
const char *test_file(const void *bytes, size_t size);
/** A path in the temporary folder at which there is no file yet; removed like the others. */
const char *test_file_path(void);
/** Reads a whole file into memory for free(), with a NUL behind it; NULL if there is none. */
char *test_file_read(const char *path, size_t *size);
/** Removes those files and frees their names; a cmocka teardown, for tests and groups. */
int test_files_remove(void **state);

#endif
