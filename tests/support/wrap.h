/* SPDX-License-Identifier: MIT */
#ifndef TIN_TEST_WRAP_H
#define TIN_TEST_WRAP_H

/**
 * TIN_WRAP(InternetReadFile); sends the program's calls of InternetReadFile, thininet's included,
 * to wrap_InternetReadFile, a static function that the test defines. real_InternetReadFile is
 * WinInet's.
 *
 * The test's line in CMakeLists.txt names the function too: WRAP InternetReadFile.
 *
 * A function of a DLL is called through the pointer __imp_<name>, so it is the pointer that is
 * replaced. On i686 its name is decorated; CMake defines TIN_WRAP_BYTES_<name>, the size of the
 * arguments.
 *
 * What the headers do not declare as imported is called by its own name, through a stub. Then the
 * linker misses __wrap_<name>, which TIN_WRAP_STUB(name, parameter) makes beside TIN_WRAP.
 */
#define TIN_WRAP(name)                                                                             \
    static __typeof__(name) wrap_##name;                                                           \
    extern __typeof__(&name) real_##name __asm__(TIN_WRAP_SYMBOL("__real_", name));                \
    extern __typeof__(&name) pointer_##name __asm__(TIN_WRAP_SYMBOL("__wrap_", name));             \
    __typeof__(&name) pointer_##name = wrap_##name

/* For a function of one parameter that returns nothing. */
#define TIN_WRAP_STUB(name, parameter)                                                             \
    extern void WINAPI stub_##name(parameter) __asm__(TIN_WRAP_STUB_SYMBOL(name));                 \
    void WINAPI stub_##name(parameter it)                                                          \
    {                                                                                              \
        wrap_##name(it);                                                                           \
    }                                                                                              \
    extern int tin_wrap_needs_a_semicolon

#ifdef _WIN64
#define TIN_WRAP_SYMBOL(prefix, name) prefix "__imp_" #name
#define TIN_WRAP_STUB_SYMBOL(name) "__wrap_" #name
#else
#define TIN_WRAP_SYMBOL(prefix, name)                                                              \
    "_" prefix "_imp__" #name "@" TIN_WRAP_TEXT(TIN_WRAP_BYTES_##name)
#define TIN_WRAP_STUB_SYMBOL(name) "___wrap_" #name "@" TIN_WRAP_TEXT(TIN_WRAP_BYTES_##name)
#define TIN_WRAP_TEXT(bytes) TIN_WRAP_TEXT_OF(bytes)
#define TIN_WRAP_TEXT_OF(bytes) #bytes
#endif

#endif
