/* SPDX-License-Identifier: MIT */
/* Which case of a fuzzing program a crash belongs to: the program says so before it dies. */
#ifndef TIN_TEST_FUZZ_CASE_H
#define TIN_TEST_FUZZ_CASE_H

/** From here on a crash is reported with what fuzz_case_begin() was told last by each thread. */
void fuzz_case_watch(unsigned seed);
/** This thread, one of at most 16, works on a case; \p name is borrowed. */
void fuzz_case_begin(unsigned thread, unsigned number, const char *name);

#endif
