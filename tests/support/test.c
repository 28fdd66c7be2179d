/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "guarded_heap.h"
#include "internal.h"

enum { NAME_CHARS = 64, VALUE_CHARS = 32768, VARIABLES = 64, FILES = 64, TOLD_FROM_MS = 200 };

uint64_t test_now_ms(void)
{
    LARGE_INTEGER frequency;
    LARGE_INTEGER now;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&now);
    return (uint64_t)now.QuadPart / ((uint64_t)frequency.QuadPart / 1000);
}

bool test_under_wine(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

bool test_moves_gibibytes(void)
{
#ifdef NDEBUG
    return true;
#else
    return false;
#endif
}

bool test_has_turn(size_t n)
{
    const size_t shift = sizeof(void *) == 8 ? 0 : 1;

    return ((n + shift) % 2 == 0) == test_moves_gibibytes();
}

/* For what would make the rest of the program's results worthless. */
static _Noreturn void die(const char *what)
{
    fflush(stdout);
    fprintf(stderr, "test support: %s (error %lu)\n", what, GetLastError());
    fflush(stderr);
    TerminateProcess(GetCurrentProcess(), 3);
    abort();
}

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);

    if (memory == NULL)
        die("out of memory");
    return memory;
}

static char *to_utf8(const wchar_t *wide)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    char *text = allocate((size_t)size + 1);

    WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, size, NULL, NULL);
    return text;
}

static wchar_t *to_utf16(const char *text)
{
    int chars = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    wchar_t *wide = allocate(((size_t)chars + 1) * sizeof(*wide));

    MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, chars);
    return wide;
}

/* ---- Groups ---------------------------------------------------------------------------------- */

/* cmocka runs the tests one by one, in their order; this one is running, or has just run. */
static struct {
    const struct CMUnitTest *next;
    const struct CMUnitTest *test;
    bool looked_at;
    bool passed;
    size_t live; /* before it */
    uint64_t began;
} running;

static struct {
    CMFixtureFunction teardown;
    bool torn_down;
} group;

/* What was closed may still be torn down in the background: its memory goes then. */
static const char *what_is_left(size_t live)
{
    static char text[128];

    if (!tin__wait_until_idle(TEST_PATIENCE_MS))
        return "a handle was not closed, or what it stood for is never freed";
    if (guarded_heap_live() == live)
        return NULL;
    snprintf(text, sizeof(text), "the library has not freed %d of its blocks",
             (int)(guarded_heap_live() - live));
    return text;
}

static int set_up(void **state)
{
    running.test = running.next++;
    running.passed = false;
    running.looked_at = tin__wait_until_idle(0);
    running.live = guarded_heap_live();
    running.began = test_now_ms();
    return running.test->setup_func != NULL ? running.test->setup_func(state) : 0;
}

static void run_watched(void **state)
{
    running.test->test_func(state);
    running.passed = true; /* an assertion that fails does not come back */
}

/* Where the time of a run goes. */
static void tell_time(void)
{
    const uint64_t took_ms = test_now_ms() - running.began;

    if (took_ms >= TOLD_FROM_MS)
        print_message("took %u ms\n", (unsigned)took_ms);
}

static int tear_down(void **state)
{
    const CMFixtureFunction own = running.test->teardown_func;
    const int result = own != NULL ? own(state) : 0;
    const char *left = running.passed && running.looked_at ? what_is_left(running.live) : NULL;

    tell_time();

    if (left != NULL)
        fail_msg("%s", left);
    return result;
}

static int tear_group_down(void **state)
{
    const int result = group.teardown != NULL ? group.teardown(state) : 0;

    group.torn_down = result == 0;
    return result;
}

int test_run_group_named(const char *name, const struct CMUnitTest *tests, size_t count,
                         CMFixtureFunction setup, CMFixtureFunction teardown)
{
    struct CMUnitTest *watched = allocate(count * sizeof(*watched));
    const char *left;
    int failures;

    for (size_t i = 0; i < count; i++) {
        watched[i] = tests[i];
        watched[i].setup_func = set_up;
        watched[i].test_func = run_watched;
        watched[i].teardown_func = tear_down;
    }
    running.next = tests;
    group.teardown = teardown;
    failures = _cmocka_run_group_tests(name, watched, count, setup, tear_group_down);
    free(watched);

    left = failures == 0 ? what_is_left(0) : NULL;
    if (left != NULL)
        print_error("%s: after all tests: %s\n", name, left);
    /* cmocka 1.1.5 says that a group's teardown has failed, but does not count it */
    return failures + (left != NULL || !group.torn_down);
}

/* ---- Environment ----------------------------------------------------------------------------- */

static char *read_variable(const char *name)
{
    wchar_t *wide_name = to_utf16(name);
    wchar_t *value = allocate(VALUE_CHARS * sizeof(*value));
    DWORD length = GetEnvironmentVariableW(wide_name, value, VALUE_CHARS);
    char *text = length > 0 && length < VALUE_CHARS ? to_utf8(value) : NULL;

    free(value);
    free(wide_name);
    return text;
}

const char *test_env_or_null(const char *name)
{
    static struct {
        char name[NAME_CHARS];
        char *value;
    } known[VARIABLES];
    size_t i;

    for (i = 0; i < VARIABLES && known[i].name[0] != '\0'; i++) {
        if (strcmp(known[i].name, name) == 0)
            return known[i].value;
    }
    if (i == VARIABLES || strlen(name) >= NAME_CHARS)
        die("too many environment variables");
    strcpy(known[i].name, name);
    known[i].value = read_variable(name);
    return known[i].value;
}

const char *test_env(const char *name)
{
    const char *value = test_env_or_null(name);

    if (value == NULL)
        test_skip("%s is not set", name);
    return value;
}

void test_skip(const char *format, ...)
{
    const char *require = test_env_or_null("TIN_TEST_REQUIRE");
    char reason[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    if (require != NULL && strcmp(require, "1") == 0)
        fail_msg("must not be skipped (TIN_TEST_REQUIRE=1): %s", reason);
    print_message("skipped: %s\n", reason);
    skip();
}

/* ---- Threads --------------------------------------------------------------------------------- */

struct test_thread {
    HANDLE handle;
    test_function *function;
    void *context;
    uint64_t elapsed_ms;
};

static DWORD WINAPI run_thread(void *context)
{
    test_thread *thread = context;
    uint64_t start = test_now_ms();

    thread->function(thread->context);
    thread->elapsed_ms = test_now_ms() - start;
    return 0;
}

test_thread *test_thread_start(test_function *function, void *context)
{
    test_thread *thread = allocate(sizeof(*thread));

    thread->function = function;
    thread->context = context;
    thread->handle = CreateThread(NULL, 0, run_thread, thread, 0, NULL);
    if (thread->handle == NULL)
        die("CreateThread");
    return thread;
}

bool test_thread_wait(test_thread *thread, uint32_t timeout_ms)
{
    return WaitForSingleObject(thread->handle, timeout_ms) == WAIT_OBJECT_0;
}

uint64_t test_thread_join(test_thread *thread, uint32_t timeout_ms)
{
    uint64_t elapsed_ms;

    if (!test_thread_wait(thread, timeout_ms))
        die("a thread of this test hangs; the program ends here");
    elapsed_ms = thread->elapsed_ms;
    CloseHandle(thread->handle);
    free(thread);
    return elapsed_ms;
}

uint64_t test_run_bounded(test_function *function, void *context, uint32_t timeout_ms)
{
    return test_thread_join(test_thread_start(function, context), timeout_ms);
}

/* ---- Files ----------------------------------------------------------------------------------- */

static char *files[FILES];

const char *test_file_path(void)
{
    static volatile LONG count; /* the name is this program's alone: others run beside it */
    wchar_t folder[MAX_PATH];
    wchar_t path[MAX_PATH + 32];
    size_t i;

    for (i = 0; i < FILES && files[i] != NULL; i++)
        ;
    if (i == FILES)
        die("too many files in one test");
    if (GetTempPathW(MAX_PATH, folder) == 0)
        die("no temporary folder");
    swprintf(path, TEST_COUNT_OF(path), L"%lstin%lx-%lx.tmp", folder, GetCurrentProcessId(),
             InterlockedIncrement(&count));
    DeleteFileW(path); /* of a program long gone */
    files[i] = to_utf8(path);
    return files[i];
}

static HANDLE open_file(const char *path, DWORD access, DWORD disposition)
{
    wchar_t *wide = to_utf16(path);
    HANDLE file = CreateFileW(wide, access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, disposition,
                              FILE_ATTRIBUTE_NORMAL, NULL);

    free(wide);
    return file;
}

const char *test_file(const void *bytes, size_t size)
{
    const char *path = test_file_path();
    HANDLE file = open_file(path, GENERIC_WRITE, CREATE_NEW);
    DWORD written = 0;

    if (file == INVALID_HANDLE_VALUE || !WriteFile(file, bytes, (DWORD)size, &written, NULL) ||
        written != size)
        die("cannot write a temporary file");
    CloseHandle(file);
    return path;
}

char *test_file_read(const char *path, size_t *size)
{
    HANDLE file = open_file(path, GENERIC_READ, OPEN_EXISTING);
    LARGE_INTEGER length;
    DWORD got = 0;
    char *bytes;

    *size = 0;
    if (file == INVALID_HANDLE_VALUE)
        return NULL;
    if (!GetFileSizeEx(file, &length))
        die("cannot read a file");
    bytes = allocate((size_t)length.QuadPart + 1);
    if (!ReadFile(file, bytes, (DWORD)length.QuadPart, &got, NULL))
        die("cannot read a file");
    CloseHandle(file);
    *size = got;
    return bytes;
}

int test_files_remove(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < FILES && files[i] != NULL; i++) {
        wchar_t *wide = to_utf16(files[i]);

        DeleteFileW(wide);
        free(wide);
        free(files[i]);
        files[i] = NULL;
    }
    return 0;
}
