/* SPDX-License-Identifier: MIT */
/*
 * WinInet, and what else of Windows the library calls, played by the test: no network, every call
 * may fail, completions come when and as often as the test says, every handle is accounted for.
 *
 * Compiled into the test program itself (see wrap.h):
 *
 *     thininet_add_test(test_x SOURCES test_x.c support/fake_wininet.c WRAP InternetOpenW ...)
 *
 * It has one site. Over HTTP and FTP every URL is FAKE_BODY, in which can be sought; local files
 * are those of the system.
 */
#ifndef TIN_TEST_FAKE_WININET_H
#define TIN_TEST_FAKE_WININET_H

#include "test.h"

#include <wininet.h>

#define FAKE_BODY "All that there is to read.\n"

/* ---- calls that fail ------------------------------------------------------------------------- */

#define FAKE_FUNCTION_MAP(X)                                                                       \
    X(InternetOpenW)                                                                               \
    X(InternetOpenUrlW)                                                                            \
    X(InternetConnectW)                                                                            \
    X(HttpOpenRequestW)                                                                            \
    X(HttpAddRequestHeadersW)                                                                      \
    X(HttpSendRequestW)                                                                            \
    X(HttpSendRequestExW)                                                                          \
    X(HttpEndRequestW)                                                                             \
    X(InternetWriteFile)                                                                           \
    X(InternetConnectA)                                                                            \
    X(FtpOpenFileA)                                                                                \
    X(FtpCommandA)                                                                                 \
    X(FtpFindFirstFileA)                                                                           \
    X(InternetFindNextFileA)                                                                       \
    X(FtpGetCurrentDirectoryA)                                                                     \
    X(FtpSetCurrentDirectoryA)                                                                     \
    X(FtpCreateDirectoryA)                                                                         \
    X(FtpRemoveDirectoryA)                                                                         \
    X(FtpDeleteFileA)                                                                              \
    X(FtpRenameFileA)                                                                              \
    X(InternetReadFileExW)                                                                         \
    X(InternetReadFile)                                                                            \
    X(InternetQueryDataAvailable)                                                                  \
    X(HttpQueryInfoW)                                                                              \
    X(InternetQueryOptionW)                                                                        \
    X(InternetSetOptionW)                                                                          \
    X(InternetSetStatusCallbackW)                                                                  \
    X(InternetGetLastResponseInfoA)                                                                \
    X(CreateFileW)                                                                                 \
    X(ReadFile)                                                                                    \
    X(WriteFile)                                                                                   \
    X(GetFileSizeEx)                                                                               \
    X(GetOverlappedResult)                                                                         \
    X(GetFileType)                                                                                 \
    X(CloseHandle)                                                                                 \
    X(GetFileAttributesW)                                                                          \
    X(MoveFileExW)                                                                                 \
    X(InitOnceExecuteOnce)                                                                         \
    X(TlsAlloc)                                                                                    \
    X(VirtualAlloc)                                                                                \
    X(CreateThread)                                                                                \
    X(TrySubmitThreadpoolCallback)

typedef enum fake_function {
#define FAKE_ENUMERATOR(name) FAKE_##name,
    FAKE_FUNCTION_MAP(FAKE_ENUMERATOR)
#undef FAKE_ENUMERATOR
        FAKE_FUNCTIONS
} fake_function;

const char *fake_name(fake_function function);

/** Lets the \p nth call of \p function from now on fail, once, with this GetLastError value. */
void fake_fail(fake_function function, unsigned nth, DWORD error);
/** How often it was called since fake_reset. */
unsigned fake_calls(fake_function function);
/** Whether that call has been made; no call fails from now on. */
bool fake_has_failed(void);

/* ---- how asynchronous calls go --------------------------------------------------------------- */

typedef enum fake_when {
    FAKE_NEVER,
    FAKE_AT_ONCE,   /* on the caller's thread, before the call returns */
    FAKE_ELSEWHERE, /* on another thread, maybe before the call has returned */
    FAKE_LATE       /* at fake_release */
} fake_when;

/** One call of InternetOpenUrlW or InternetReadFileExW. */
typedef struct fake_call {
    unsigned created; /* InternetOpenUrlW: how often HANDLE_CREATED comes */
    DWORD returns;    /* 0: done, ERROR_IO_PENDING, or why it failed */
    unsigned bytes;   /* InternetReadFileExW: how many it stores before it returns */
    unsigned claims;  /* and how many it says, if not 0 */
    fake_when completes;
    unsigned times; /* how often it completes then; 0 counts as 1 */
    bool fails;     /* the completion says dwResult 0 and this: */
    DWORD error;
    bool closed_for_us; /* it closes its handle itself before it completes */
    bool starts_late; /* InternetOpenUrlW: no event of the request's own comes before fake_release;
                           until then the handle must not be closed */
} fake_call;

/** How InternetOpenUrlW goes; at first it completes elsewhere. */
void fake_plan_open(const fake_call *call);
/** How the calls of InternetReadFileExW go, one by one; after those they succeed at once. */
void fake_plan_reads(const fake_call *calls, size_t count);
/** How the calls of HttpSendRequestW, HttpSendRequestExW, HttpEndRequestW or InternetWriteFile (on
 * a request) go; at first they complete elsewhere. While one of HttpSendRequestExW is to complete
 * late, its handle must not be closed. */
void fake_plan_calls(fake_function function, const fake_call *call);
/** The next so many answers to requests are 307, to the same site. */
void fake_plan_redirects(unsigned count);
/** When HANDLE_CLOSING comes; at first at once. */
void fake_plan_closing(fake_when when);
/** HANDLE_CLOSING comes so often; at first once. */
void fake_plan_closings(unsigned times);
/** Events of an exchange come without data, or with data of odd sizes; at first they do not. */
void fake_plan_odd_events(void);
/** INTERNET_OPTION_REQUEST_FLAGS and _SECURITY_FLAGS of each request. */
void fake_plan_flags(DWORD request, DWORD security);
/** What the FTP server says when a file is closed. */
void fake_plan_last_words(const char *words);

/** Makes happen what was to come late, now and from now on; returns when it has. */
void fake_release(void);
/** Waits for what goes on on other threads: completions, and what the library gave to the pool. */
void fake_await_others(void);

/* ---- the account ----------------------------------------------------------------------------- */

/** Back to the first state. */
void fake_reset(void);
/** Waits for other threads; then why the handles are not all closed exactly once, or NULL. */
const char *fake_complaint(void);

#endif
