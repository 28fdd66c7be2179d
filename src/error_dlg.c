/* SPDX-License-Identifier: MIT */
/* The only function that shows something. */
#include "internal.h"

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
    native = tin__native_hold(object);
    if (native == NULL)
        return tin__leave(object, tin__fail(TIN_E_STATE));
    *answer = InternetErrorDlg(window, native->handle, last_error, flags, data);
    tin__native_release(native);
    return tin__leave(object, result_of(*answer));
}
