/* SPDX-License-Identifier: MIT */
/* In debug builds what C leaves undefined ends the program, and so fails the test. */
#include "test.h"

#include <limits.h>

static LONG WINAPI end_quietly(EXCEPTION_POINTERS *exception)
{
    TerminateProcess(GetCurrentProcess(), exception->ExceptionRecord->ExceptionCode);
    return EXCEPTION_CONTINUE_SEARCH;
}

static int overflow(void)
{
    volatile int most = INT_MAX;

    SetUnhandledExceptionFilter(end_quietly);
    most = most + 1;
    return 0;
}

static void an_overflow_ends_the_program(void **state)
{
    wchar_t command[MAX_PATH + 16];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD code = 0;

    (void)state;
#ifndef TIN_TEST_TRAPS
    print_message("not built with THININET_TRAP_UNDEFINED\n");
    skip();
#endif
    command[0] = L'"';
    GetModuleFileNameW(NULL, command + 1, MAX_PATH);
    wcscat(command, L"\" overflow");
    assert_true(
        CreateProcessW(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process));
    assert_int_equal(WaitForSingleObject(process.hProcess, TEST_PATIENCE_MS), WAIT_OBJECT_0);
    assert_true(GetExitCodeProcess(process.hProcess, &code));
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    assert_int_equal(code, (DWORD)EXCEPTION_ILLEGAL_INSTRUCTION);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_overflow_ends_the_program),
    };

    (void)argv;
    return argc > 1 ? overflow() : test_run_group(tests, NULL, NULL);
}
