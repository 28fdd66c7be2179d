/* SPDX-License-Identifier: MIT */
/* The tests' own tool: a WinInet function that is replaced at link time (support/wrap.h). */
#include "test.h"

#include <wininet.h>

#include "wrap.h"

TIN_WRAP(InternetOpenW);
TIN_WRAP(InternetReadFileExW);

static int opened;

static HINTERNET WINAPI wrap_InternetOpenW(LPCWSTR agent, DWORD access, LPCWSTR proxy,
                                           LPCWSTR bypass, DWORD flags)
{
    opened++;
    return real_InternetOpenW(agent, access, proxy, bypass, flags);
}

static BOOL WINAPI wrap_InternetReadFileExW(HINTERNET file, LPINTERNET_BUFFERSW buffers,
                                            DWORD flags, DWORD_PTR context)
{
    (void)file, (void)buffers, (void)flags, (void)context;
    SetLastError(4711);
    return FALSE;
}

static void a_replaced_function_can_call_the_real_one(void **state)
{
    (void)state;
    HINTERNET session = InternetOpenW(L"test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0);

    assert_non_null(session);
    assert_int_equal(opened, 1);
    assert_true(InternetCloseHandle(session));
}

static void a_replaced_function_can_fail_as_the_test_likes(void **state)
{
    (void)state;
    assert_false(InternetReadFileExW(NULL, NULL, 0, 0));
    assert_int_equal(GetLastError(), 4711);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_replaced_function_can_call_the_real_one),
        cmocka_unit_test(a_replaced_function_can_fail_as_the_test_likes),
    };
    return test_run_group(tests, NULL, NULL);
}
