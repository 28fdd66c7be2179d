/* SPDX-License-Identifier: MIT */
/* The only function that shows something. */
#include "call.h"

#define LONGEST_WORDS 512u

static bool ask(HINTERNET request, DWORD option, wchar_t *words)
{
    DWORD size = LONGEST_WORDS * sizeof *words;

    return InternetQueryOptionW(request, option, words, &size) && *words != L'\0';
}

/* What the user typed is only with WinInet's request: the next send would set ours over it. It is
 * for the server that asked, wherever a redirect led. */
static tin_result keep_user(tin__object *object, HINTERNET request, DWORD user_option,
                            tin__words which, DWORD password_option)
{
    wchar_t user[LONGEST_WORDS + 1] = {0}, password[LONGEST_WORDS + 1] = {0};
    tin_result result = tin__success();

    if (ask(request, user_option, user)) {
        ask(request, password_option, password);
        AcquireSRWLockExclusive(&object->lock);
        result = tin__settings_set_words(&object->settings, which, user);
        if (tin_ok(result))
            result = tin__settings_set_words(&object->settings, which + 1, password);
        object->request.credentials |= tin_ok(result) && which == TIN__USER;
        ReleaseSRWLockExclusive(&object->lock);
    }
    SecureZeroMemory(user, sizeof user);
    SecureZeroMemory(password, sizeof password);
    return result;
}

static tin_result keep_users(tin__object *object, HINTERNET request)
{
    const tin_result result =
        keep_user(object, request, INTERNET_OPTION_USERNAME, TIN__USER, INTERNET_OPTION_PASSWORD);

    if (!tin_ok(result))
        return result;
    return keep_user(object, request, INTERNET_OPTION_PROXY_USERNAME, TIN__PROXY_USER,
                     INTERNET_OPTION_PROXY_PASSWORD);
}

static tin_result result_of(DWORD answer)
{
    if (answer == ERROR_SUCCESS || answer == ERROR_INTERNET_FORCE_RETRY)
        return tin__success();
    return tin__from_win32(answer);
}

tin_result tin_error_dlg(HWND window, tin_handle request, DWORD last_error, DWORD flags,
                         void **data, DWORD *answer)
{
    tin_result result;
    tin__native *native;
    tin__object *object;

    if (answer == NULL)
        return tin__fail(TIN_E_ARGUMENT);
    *answer = ERROR_CANCELLED;
    object = tin__enter(request, TIN__HTTP_FILE, &result);
    if (object == NULL)
        return result;
    result = tin__native_hold(object, &native);
    if (!tin_ok(result))
        return tin__leave(object, result);
    *answer = InternetErrorDlg(window, native->handle, last_error, flags, data);
    result = result_of(*answer);
    if (tin_ok(result))
        result = keep_users(object, native->handle);
    tin__native_release(native);
    return tin__leave(object, result);
}
