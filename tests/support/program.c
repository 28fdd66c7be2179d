/* SPDX-License-Identifier: MIT */
#include "program.h"

#define HELPER "--press-ctrl-c-of"

/* Both streams of a new process go to one pipe, of which run->pipe is the end to read from. */
static void start(program_run *run, const wchar_t *command, const wchar_t *folder, DWORD flags)
{
    SECURITY_ATTRIBUTES inheritable = {sizeof inheritable, NULL, TRUE};
    STARTUPINFOW how = {.cb = sizeof how, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION process;
    wchar_t writable[1024];

    *run = (program_run){.exit_code = STILL_ACTIVE};
    assert_true(wcslen(command) < TEST_COUNT_OF(writable));
    wcscpy(writable, command);
    assert_true(CreatePipe(&run->pipe, &how.hStdOutput, &inheritable, 0));
    assert_true(SetHandleInformation(run->pipe, HANDLE_FLAG_INHERIT, 0));
    how.hStdError = how.hStdOutput;
    if (!CreateProcessW(NULL, writable, NULL, NULL, TRUE, flags, NULL, folder, &how, &process))
        fail_msg("%ls: error %lu", command, GetLastError());
    CloseHandle(how.hStdOutput);
    CloseHandle(process.hThread);
    run->process = process.hProcess;
    run->id = process.dwProcessId;
}

static void start_below(program_run *run, const char *program, const char *arguments, DWORD flags)
{
    wchar_t folder[MAX_PATH], command[2 * MAX_PATH + 512], tail[512];
    char utf8[512];

    assert_true(GetModuleFileNameW(NULL, folder, MAX_PATH) < MAX_PATH);
    *wcsrchr(folder, L'\\') = L'\0';
    snprintf(utf8, sizeof utf8, "%s\" %s", program, arguments);
    assert_true(MultiByteToWideChar(CP_UTF8, 0, utf8, -1, tail, TEST_COUNT_OF(tail)) != 0);
    wcscpy(command, L"\"");
    wcscat(wcscat(wcscat(command, folder), L"\\..\\"), tail);
    assert_true(GetTempPathW(MAX_PATH, folder) != 0); /* for files without a folder */
    start(run, command, folder, flags);
}

/* False at the end of the output. */
static bool read_more(program_run *run)
{
    const size_t room = sizeof run->output - 1 - run->length;
    DWORD got;

    if (room == 0 || !ReadFile(run->pipe, run->output + run->length, (DWORD)room, &got, NULL) ||
        got == 0)
        return false;
    run->length += got;
    return true;
}

void await_output(program_run *run, const char *text)
{
    while (strstr(run->output, text) == NULL)
        if (!read_more(run))
            fail_msg("\"%s\" is not in:\n%s", text, run->output);
}

void end_program(program_run *run)
{
    while (read_more(run))
        ;
    assert_int_equal(WaitForSingleObject(run->process, TEST_PATIENCE_MS), WAIT_OBJECT_0);
    assert_true(GetExitCodeProcess(run->process, &run->exit_code));
    CloseHandle(run->process);
    CloseHandle(run->pipe);
}

void run_program(program_run *run, const char *program, const char *arguments)
{
    start_below(run, program, arguments, 0);
    end_program(run);
}

void expect(const program_run *run, DWORD exit_code, const char *const *parts)
{
    if (run->exit_code != exit_code)
        fail_msg("exit code %lu:\n%s", run->exit_code, run->output);
    for (; *parts != NULL; parts++)
        if (strstr(run->output, *parts) == NULL)
            fail_msg("\"%s\" is not in:\n%s", *parts, run->output);
}

void expect_file(const char *path, const char *text)
{
    size_t size;
    char *bytes = test_file_read(path, &size);

    if (text == NULL ? bytes != NULL : bytes == NULL || strcmp(bytes, text) != 0)
        fail_msg("%s has: %s", path, bytes != NULL ? bytes : "(there is none)");
    free(bytes);
}

/* ---- Ctrl-C --------------------------------------------------------------------------------- */

void start_program(program_run *run, const char *program, const char *arguments)
{
    assert_true(SetConsoleCtrlHandler(NULL, FALSE)); /* who ignores Ctrl-C hands that down */
    start_below(run, program, arguments, CREATE_NO_WINDOW);
}

uint64_t press_ctrl_c(program_run *run)
{
    wchar_t path[MAX_PATH], command[MAX_PATH + 64];
    program_run helper;
    uint64_t ended;
    bool in_time;

    assert_true(GetModuleFileNameW(NULL, path, MAX_PATH) < MAX_PATH);
    _snwprintf(command, TEST_COUNT_OF(command), L"\"%ls\" " HELPER " %lu", path, run->id);
    start(&helper, command, NULL, 0);
    in_time = WaitForSingleObject(run->process, TEST_PATIENCE_MS) == WAIT_OBJECT_0;
    ended = test_now_ms();
    if (!in_time)
        TerminateProcess(run->process, 1);
    end_program(&helper);
    if (!in_time || helper.exit_code != 0)
        fail_msg("Ctrl-C did not end the program: %s", helper.output);
    return ended - _strtoui64(helper.output, NULL, 10);
}

bool is_ctrl_c_helper(int count, char **arguments)
{
    return count == 3 && strcmp(arguments[1], HELPER) == 0;
}

/* The event goes to all who share the console; this process ignores it. */
int press_ctrl_c_as_helper(char **arguments)
{
    uint64_t before;

    FreeConsole(); /* there may be none */
    if (!AttachConsole(strtoul(arguments[2], NULL, 10)) || !SetConsoleCtrlHandler(NULL, TRUE)) {
        printf("no console: error %lu\n", GetLastError());
        return 1;
    }
    before = test_now_ms();
    if (!GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0)) {
        printf("no event: error %lu\n", GetLastError());
        return 1;
    }
    printf("%llu\n", (unsigned long long)before);
    return 0;
}
