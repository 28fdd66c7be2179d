/* SPDX-License-Identifier: MIT */
/*
 * Thousands of requests by many threads on one session, answered well and badly, and what memory
 * the program has in between; the same with WinInet alone, for what WinInet itself keeps. ci/soak
 * compares the two.
 *
 *     soak ours|raw [requests [threads [seed]]]
 */
#include "test.h"

#include <psapi.h>

#include "chance.h"
#include "fault_server.h"
#include "fuzz_http.h"
#include "guarded_heap.h"
#include "internal.h"

enum { MOST_THREADS = 64, ROUNDS = 10, WARM_ROUND = 3, KIB = 1024 };

#define FLAGS                                                                                      \
    (INTERNET_FLAG_RELOAD | INTERNET_FLAG_NO_CACHE_WRITE | INTERNET_FLAG_NO_COOKIES |              \
     INTERNET_FLAG_NO_AUTO_REDIRECT)

static struct {
    bool raw;
    unsigned requests, threads, seed;
    fault_server *server;
    tin_handle session;
    HINTERNET wininet;
    volatile LONG next, end; /* requests of this round */
    volatile LONG good, bad;
    size_t live; /* blocks of the library while nothing but the session is open */
} soak;

typedef struct memory {
    size_t working_set, committed;
    size_t in_use; /* blocks of all heaps together, WinInet's and the test's own among them */
} memory;

/* ---- the server ------------------------------------------------------------------------------ */

/* No redirects: each request of the user's is one of WinInet's. */
static fuzz_http answer_for(unsigned number)
{
    for (;; number += 1000000) {
        fuzz_http answer = fuzz_http_answer(soak.seed, number, 0, fault_server_port(soak.server));

        if (!answer.redirects)
            return answer;
        free(answer.wire);
    }
}

static bool serve(fault_connection *connection, const void *context)
{
    static const fault_step reset[] = {FAULT_RST, FAULT_END};
    const char *message = fault_read_message(connection, "\r\n\r\n");
    unsigned number = 0;
    fuzz_http answer;
    bool sent;

    (void)context;
    if (message == NULL)
        return false;
    (void)sscanf(message, "%*s /%u", &number);
    answer = answer_for(number);
    sent = fault_send(connection, answer.wire, answer.size);
    free(answer.wire);
    return sent && (!answer.reset || fault_play(connection, reset));
}

/* ---- requests -------------------------------------------------------------------------------- */

static bool request_ours(const char *url)
{
    BYTE buffer[4096];
    size_t got = 1;
    tin_handle file;
    tin_result result = tin_open_url(soak.session, url, NULL, FLAGS, NULL, &file);

    if (!tin_ok(result))
        return false;
    while (tin_ok(result) && got != 0)
        result = tin_read_file(file, buffer, sizeof buffer, &got);
    (void)tin_close_handle(file);
    return tin_ok(result);
}

static bool request_raw(const char *url)
{
    BYTE buffer[4096];
    DWORD got = 1;
    BOOL ok = TRUE;
    wchar_t wide[100];
    HINTERNET file;

    swprintf(wide, TEST_COUNT_OF(wide), L"%hs", url);
    file = InternetOpenUrlW(soak.wininet, wide, NULL, 0, FLAGS, 0);
    if (file == NULL)
        return false;
    while (ok && got != 0)
        ok = InternetReadFile(file, buffer, sizeof buffer, &got);
    InternetCloseHandle(file);
    return ok;
}

static void run_client(void *context)
{
    LONG number;

    (void)context;
    while ((number = InterlockedIncrement(&soak.next)) <= soak.end) {
        char url[100];

        snprintf(url, sizeof url, "http://127.0.0.1:%u/%ld", fault_server_port(soak.server),
                 number);
        if (soak.raw ? request_raw(url) : request_ours(url))
            InterlockedIncrement(&soak.good);
        else
            InterlockedIncrement(&soak.bad);
    }
}

/* ---- memory ---------------------------------------------------------------------------------- */

static size_t bytes_in_use(HANDLE heap)
{
    PROCESS_HEAP_ENTRY entry = {.lpData = NULL};
    size_t bytes = 0;

    HeapLock(heap);
    while (HeapWalk(heap, &entry))
        if ((entry.wFlags & PROCESS_HEAP_ENTRY_BUSY) != 0)
            bytes += entry.cbData;
    HeapUnlock(heap);
    return bytes;
}

static memory look(void)
{
    PROCESS_MEMORY_COUNTERS counters = {.cb = sizeof counters};
    HANDLE heaps[64];
    const DWORD count = GetProcessHeaps(TEST_COUNT_OF(heaps), heaps);
    memory seen = {0};

    if (GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters))
        seen = (memory){counters.WorkingSetSize, counters.PagefileUsage, 0};
    for (DWORD i = 0; i < count && i < TEST_COUNT_OF(heaps); i++)
        seen.in_use += bytes_in_use(heaps[i]);
    return seen;
}

/* What was closed is torn down in the background: its blocks go then. */
static bool wait_for_quiet(void)
{
    const uint64_t end_ms = test_now_ms() + TEST_PATIENCE_MS;

    while (guarded_heap_live() > soak.live && test_now_ms() < end_ms)
        Sleep(10);
    Sleep(300); /* the threads of the server and of WinInet, whose ends nobody tells */
    return guarded_heap_live() <= soak.live;
}

static void run_round(unsigned round)
{
    test_thread *threads[MOST_THREADS];

    soak.end = (LONG)(soak.requests * round / ROUNDS);
    for (unsigned i = 0; i < soak.threads; i++)
        threads[i] = test_thread_start(run_client, NULL);
    for (unsigned i = 0; i < soak.threads; i++)
        test_thread_join(threads[i], 600000);
    soak.next = soak.end; /* each thread has taken one too many */
}

static void set_up(void)
{
    guarded_heap_use_pages(false); /* their regions rest for a while when they are freed */
    soak.server = fault_server_start_call(serve, NULL);
    if (soak.raw)
        soak.wininet = InternetOpenW(L"soak", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0);
    else if (!tin_ok(tin_open("soak", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &soak.session)) ||
             !tin_ok(tin_set_option_dword(soak.session, INTERNET_OPTION_CONNECT_RETRIES, 0)))
        abort();
    soak.live = guarded_heap_live();
}

static bool tear_down(void)
{
    if (soak.raw)
        InternetCloseHandle(soak.wininet);
    else
        (void)tin_close_handle(soak.session);
    fault_server_stop(soak.server);
    return tin__wait_until_idle(TEST_PATIENCE_MS) && guarded_heap_live() == 0;
}

int main(int argc, char **argv)
{
    memory now, warm = {0};
    bool quiet = true, whole;

    soak.raw = argc > 1 && strcmp(argv[1], "raw") == 0;
    soak.requests = argc > 2 ? (unsigned)atoi(argv[2]) : 20000;
    soak.threads = argc > 3 ? (unsigned)atoi(argv[3]) : MOST_THREADS;
    soak.seed = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 0) : 1;
    if (soak.threads == 0 || soak.threads > MOST_THREADS)
        return 2;
    set_up();
    printf(
        "requests    good     bad   working set   committed   heaps in use   library's blocks\n");
    for (unsigned round = 1; round <= ROUNDS; round++) {
        run_round(round);
        quiet &= wait_for_quiet();
        now = look();
        if (round == WARM_ROUND)
            warm = now;
        printf("%8ld%8ld%8ld%10u KiB%8u KiB%11u KiB%12u\n", soak.end, soak.good, soak.bad,
               (unsigned)(now.working_set / KIB), (unsigned)(now.committed / KIB),
               (unsigned)(now.in_use / KIB), (unsigned)(guarded_heap_live() - soak.live));
        fflush(stdout);
    }
    whole = tear_down();
    printf("growth since request %u: working set %d KiB, committed %d KiB, heaps in "
           "use %d KiB\n",
           soak.requests * WARM_ROUND / ROUNDS,
           ((int)(now.working_set / KIB) - (int)(warm.working_set / KIB)),
           ((int)(now.committed / KIB) - (int)(warm.committed / KIB)),
           ((int)(now.in_use / KIB) - (int)(warm.in_use / KIB)));
    printf("%s\n", !quiet   ? "LEAK: what was closed was not freed"
                   : !whole ? "LEAK: something was left when the session was closed"
                            : "nothing was left");
    return quiet && whole ? 0 : 1;
}
