/* SPDX-License-Identifier: MIT */
/* The DLL, loaded by name as a program would that does without it where it is missing. */
#include "test.h"

#include <thininet/thininet.h>

typedef struct loaded_dll {
    HMODULE module;
    wchar_t path[MAX_PATH];
} loaded_dll;

/* bin\thininet.dll lies beside this program's folder. */
static int load(void **state)
{
    static loaded_dll loaded;
    wchar_t *name;

    assert_true(GetModuleFileNameW(NULL, loaded.path, MAX_PATH) < MAX_PATH - 32);
    for (int i = 0; i < 2; i++) {
        name = wcsrchr(loaded.path, L'\\');
        assert_non_null(name);
        *name = L'\0';
    }
    wcscat(loaded.path, L"\\bin\\thininet.dll");
    loaded.module = LoadLibraryW(loaded.path);
    if (loaded.module == NULL)
        fail_msg("%ls: error %lu", loaded.path, GetLastError());
    *state = &loaded;
    return 0;
}

static FARPROC function(const loaded_dll *dll, const char *name)
{
    FARPROC address = GetProcAddress(dll->module, name);

    if (address == NULL)
        fail_msg("%s is not exported", name);
    return address;
}

/* Through void (*)(void), which gcc takes for any function. */
#define FUNCTION(dll, name) ((__typeof__(&name))(void (*)(void))function(dll, #name))

static void the_functions_of_the_dll_read_a_file(void **state)
{
    const loaded_dll *dll = *state;
    char text[32];
    size_t got;
    tin_handle session, file;

    assert_int_equal(
        FUNCTION(dll, tin_open)("dll/1.0", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session)
            .error,
        TIN_OK);
    assert_int_equal(
        FUNCTION(dll, tin_open_url)(session, test_file("from the dll", 12), NULL, 0, NULL, &file)
            .error,
        TIN_OK);
    assert_int_equal(FUNCTION(dll, tin_read_file)(file, text, sizeof text, &got).error, TIN_OK);
    assert_int_equal(got, 12);
    assert_memory_equal(text, "from the dll", 12);
    assert_int_equal(FUNCTION(dll, tin_close_handle)(session).error, TIN_OK);
    assert_int_equal(FUNCTION(dll, tin_read_file)(file, text, sizeof text, &got).error,
                     TIN_E_HANDLE);
}

static void inside_functions_are_not_exported(void **state)
{
    const loaded_dll *dll = *state;

    assert_null(GetProcAddress(dll->module, "tin__fail"));
}

static void the_version_resource_says_the_version_of_the_headers(void **state)
{
    const loaded_dll *dll = *state;
    DWORD unused;
    DWORD size = GetFileVersionInfoSizeW(dll->path, &unused);
    VS_FIXEDFILEINFO *fixed;
    wchar_t *text;
    char narrow[32];
    UINT length;
    void *info;

    assert_true(size != 0);
    info = malloc(size);
    assert_non_null(info);
    assert_true(GetFileVersionInfoW(dll->path, 0, size, info));
    assert_true(VerQueryValueW(info, L"\\", (void **)&fixed, &length));
    assert_int_equal(fixed->dwFileVersionMS,
                     MAKELONG(THININET_VERSION_MINOR, THININET_VERSION_MAJOR));
    assert_int_equal(fixed->dwFileVersionLS, MAKELONG(0, THININET_VERSION_PATCH));
    assert_int_equal(fixed->dwFileType, VFT_DLL);
    assert_true(VerQueryValueW(info, L"\\StringFileInfo\\040904b0\\ProductVersion", (void **)&text,
                               &length));
    snprintf(narrow, sizeof narrow, "%ls", text);
    assert_string_equal(narrow, THININET_VERSION);
    free(info);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_functions_of_the_dll_read_a_file),
        cmocka_unit_test(inside_functions_are_not_exported),
        cmocka_unit_test(the_version_resource_says_the_version_of_the_headers),
    };

    return test_run_group(tests, load, test_files_remove);
}
