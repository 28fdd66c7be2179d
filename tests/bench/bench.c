/* SPDX-License-Identifier: MIT */
/*
 * One piece of work by one side, for ci/bench:
 *
 *     bench WORK SIDE NUMBER URL [PATH]
 *
 *     read      with a buffer of NUMBER bytes            prints bytes and seconds
 *     gets      NUMBER of them, one after the other      requests and seconds
 *     parallel  NUMBER of them at once                   requests and seconds, at the median
 *     lines     NUMBER is not used                       lines and seconds
 *     download  to PATH                                  bytes and seconds, and the peak of memory
 *     upload    of NUMBER bytes, by 64 KiB               bytes and seconds
 *     gathered  the same, gathered to 256 KiB            bytes and seconds
 *     large     the same, by 1 MiB                       bytes and seconds
 *     calls     without I/O, on NUMBER threads           calls and seconds, by kind
 */
#include "bench.h"

#include <psapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 7
#define MOST_THREADS 256

char bench_piece[BENCH_LARGEST_PIECE];

static const bench_side *const sides[] = {
    &bench_thininet, &bench_wininet, &bench_async,
#ifdef BENCH_OTHERS
    &bench_winhttp,  &bench_curl,    &bench_urlmon,
#endif
};

/* Threads that begin together: the clock knows neither of their start nor of their end. */
typedef struct crowd {
    volatile LONG coming, working; /* so many are not there yet, or not done */
    HANDLE there, go, done;
} crowd;

/* Calls without I/O: so often each thread goes round, with so many calls. */
static const struct calls_kind {
    int rounds, calls;
} kinds[] = {{20000, 1}, {20000, 1}, {10000, 2}};

typedef struct job {
    const bench_side *side;
    void *session;
    const char *url;
    int number, kind;
    crowd *with;
    bool good;
} job;

static double now(void)
{
    LARGE_INTEGER count, per_second;

    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&per_second);
    return (double)count.QuadPart / (double)per_second.QuadPart;
}

static bool get(const job *it, void *session)
{
    uint64_t bytes = 0;

    return it->side->read(session, it->url, 4096, &bytes) && bytes != 0;
}

static void begin_together(crowd *with)
{
    if (InterlockedDecrement(&with->coming) == 0)
        SetEvent(with->there);
    WaitForSingleObject(with->go, INFINITE);
}

static void be_done(crowd *with)
{
    if (InterlockedDecrement(&with->working) == 0)
        SetEvent(with->done);
}

/* libcurl has a session for each thread; the others share one. */
static DWORD WINAPI get_on_thread(void *context)
{
    job *it = context;
    void *own = strcmp(it->side->name, "libcurl") == 0 ? it->side->open() : NULL;

    begin_together(it->with);
    it->good = get(it, own != NULL ? own : it->session);
    be_done(it->with);
    if (own != NULL)
        it->side->close(own);
    return 0;
}

static DWORD WINAPI call_on_thread(void *context)
{
    job *it = context;

    begin_together(it->with);
    it->good = true;
    for (int i = 0; it->good && i < kinds[it->kind].rounds; i++)
        it->good = it->side->call(it->session, it->kind);
    be_done(it->with);
    return 0;
}

static HANDLE new_event(void)
{
    return CreateEventW(NULL, TRUE, FALSE, NULL);
}

/* The seconds from the first to the last of so many, or -1. */
static double run_threads(const job *like, LPTHREAD_START_ROUTINE function, int count)
{
    static job jobs[MOST_THREADS];
    HANDLE threads[MOST_THREADS];
    crowd all = {count, count, new_event(), new_event(), new_event()};
    bool good = true;
    double began, seconds;

    for (int i = 0; i < count; i++) {
        jobs[i] = *like;
        jobs[i].with = &all;
        threads[i] = CreateThread(NULL, 0, function, &jobs[i], 0, NULL);
        if (threads[i] == NULL) {
            fputs("bench: no thread\n", stderr);
            exit(1);
        }
    }
    WaitForSingleObject(all.there, INFINITE);
    began = now();
    SetEvent(all.go);
    WaitForSingleObject(all.done, INFINITE);
    seconds = now() - began;
    for (int i = 0; i < count; i++) {
        WaitForSingleObject(threads[i], INFINITE);
        CloseHandle(threads[i]);
        good = good && jobs[i].good;
    }
    CloseHandle(all.there);
    CloseHandle(all.go);
    CloseHandle(all.done);
    return good ? seconds : -1;
}

static int print(double amount, double seconds, bool good)
{
    printf("%.0f %.9f\n", amount, seconds);
    return good && seconds >= 0 && amount > 0 ? 0 : 1;
}

static int compare(const void *one, const void *other)
{
    const double difference = *(const double *)one - *(const double *)other;

    return difference < 0 ? -1 : difference > 0;
}

/* The seconds that each of them took, the least first. */
static bool run_tries(const job *like, LPTHREAD_START_ROUTINE function, double seconds[TRIES])
{
    bool good = true;

    for (int i = 0; i < TRIES; i++) {
        seconds[i] = run_threads(like, function, like->number);
        good = good && seconds[i] >= 0;
    }
    qsort(seconds, TRIES, sizeof seconds[0], compare);
    return good;
}

/* One thread's best of several tries: whatever else the computer does can only make such short work
 * slower. Several threads' median: under Wine 8 a call takes them five times as long once they
 * queue for the heap, which the best of few tries has either met or not. */
static int calls(const job *it)
{
    int failed = 0;

    for (int kind = 0; kind < 3; kind++) {
        double seconds[TRIES];
        job one = *it;

        one.kind = kind;
        if (!run_tries(&one, call_on_thread, seconds))
            return 1;
        failed |= print((double)it->number * kinds[kind].rounds * kinds[kind].calls,
                        seconds[it->number == 1 ? 0 : TRIES / 2], true);
    }
    return failed;
}

/* The first time does not count: a program has been at it before, and has threads and
 * connections. */
static int parallel(const job *it)
{
    double seconds[TRIES];
    const bool good =
        run_threads(it, get_on_thread, it->number) >= 0 && run_tries(it, get_on_thread, seconds);

    return print(it->number, good ? seconds[TRIES / 2] : -1, good);
}

typedef struct upload_work {
    const char *name;
    size_t piece, gather;
} upload_work;

static const upload_work *find_upload(const char *work)
{
    static const upload_work works[] = {
        {"upload", 65536, 0}, {"gathered", 65536, 262144}, {"large", BENCH_LARGEST_PIECE, 0}};

    for (size_t i = 0; i < sizeof works / sizeof works[0]; i++)
        if (strcmp(works[i].name, work) == 0)
            return &works[i];
    return NULL;
}

static int work_on(const char *work, const job *it, const char *path)
{
    const bench_side *side = it->side;
    const double began = now();
    uint64_t amount = 0;
    bool good = true;
    PROCESS_MEMORY_COUNTERS memory = {.cb = sizeof memory};

    if (strcmp(work, "parallel") == 0)
        return parallel(it);
    if (strcmp(work, "calls") == 0)
        return calls(it);
    if (strcmp(work, "read") == 0) {
        good = side->read(it->session, it->url, (size_t)it->number, &amount);
    } else if (strcmp(work, "lines") == 0) {
        good = side->lines(it->session, it->url, &amount);
    } else if (find_upload(work) != NULL) {
        const upload_work *how = find_upload(work);

        amount = (uint64_t)it->number;
        good = side->upload(it->session, it->url, amount, how->piece, how->gather);
    } else if (strcmp(work, "download") == 0) {
        good = side->download(it->session, it->url, path, &amount);
        GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof memory);
        printf("%lu ", (unsigned long)(memory.PeakWorkingSetSize >> 10));
    } else {
        for (; good && amount < (uint64_t)it->number; amount++)
            good = get(it, it->session);
    }
    return print((double)amount, now() - began, good);
}

int main(int count, char **argv)
{
    job it = {.side = NULL};
    int status;

    for (size_t i = 0; count >= 5 && i < sizeof sides / sizeof sides[0]; i++)
        if (strcmp(sides[i]->name, argv[2]) == 0)
            it.side = sides[i];
    if (it.side == NULL) {
        fputs("bench: usage: bench WORK SIDE NUMBER URL [PATH]\n", stderr);
        return 2;
    }
    it.number = atoi(argv[3]);
    it.url = argv[4];
    if ((it.number > MOST_THREADS || it.number < 1) &&
        (strcmp(argv[1], "parallel") == 0 || strcmp(argv[1], "calls") == 0))
        return 2;
    it.session = it.side->open != NULL ? it.side->open() : NULL;
    status = work_on(argv[1], &it, count > 5 ? argv[5] : NULL);
    if (it.side->close != NULL)
        it.side->close(it.session);
    return status;
}
