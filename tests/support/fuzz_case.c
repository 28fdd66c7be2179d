/* SPDX-License-Identifier: MIT */
#include "fuzz_case.h"

#include "test.h"

enum { THREADS = 16 };

static unsigned seed_used;
static struct {
    volatile unsigned number;
    const char *volatile name;
} begun[THREADS];

static LONG WINAPI say_which(EXCEPTION_POINTERS *what)
{
    fprintf(stderr, "crash: code %08lx at %p; TIN_FUZZ_SEED=%u, and one of:\n",
            what->ExceptionRecord->ExceptionCode, what->ExceptionRecord->ExceptionAddress,
            seed_used);
    for (unsigned i = 0; i < THREADS; i++)
        if (begun[i].number != 0)
            fprintf(stderr, "  TIN_FUZZ_CASE=%u (%s)\n", begun[i].number, begun[i].name);
    fflush(stderr);
    TerminateProcess(GetCurrentProcess(), 5);
    return EXCEPTION_CONTINUE_SEARCH;
}

void fuzz_case_watch(unsigned seed)
{
    seed_used = seed;
    SetUnhandledExceptionFilter(say_which);
}

void fuzz_case_begin(unsigned thread, unsigned number, const char *name)
{
    begun[thread % THREADS].name = name;
    begun[thread % THREADS].number = number;
}
