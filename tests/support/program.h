/* SPDX-License-Identifier: MIT */
/* Other programs of the build, run as by a user: what they print, how they end, Ctrl-C. */
#ifndef TIN_TEST_PROGRAM_H
#define TIN_TEST_PROGRAM_H

#include "test.h"

typedef struct program_run {
    DWORD exit_code;
    char output[8192]; /* of both streams, as far as it was read */
    size_t length;
    HANDLE process, pipe;
    DWORD id;
} program_run;

/**
 * Runs a program to its end.
 *
 * \param program    Below the folder above this program's: "examples\\get.exe".
 * \param arguments  UTF-8, as on a command line. The current folder is the temporary folder.
 */
void run_program(program_run *run, const char *program, const char *arguments);

/** Fails the test unless the program ended with this code and printed these texts, NULL-ended. */
void expect(const program_run *run, DWORD exit_code, const char *const *parts);

/** The same unless the file has this text; NULL: unless there is none. */
void expect_file(const char *path, const char *text);

/* ---- While it runs --------------------------------------------------------------------------- */

/** Starts a program that has a console of its own, without a window; end it with end_program. */
void start_program(program_run *run, const char *program, const char *arguments);
/** Waits until \p text has been printed; the test fails where the program ends without it. */
void await_output(program_run *run, const char *text);
/** What is left of the output, and the exit code. */
void end_program(program_run *run);

/**
 * Presses Ctrl-C in the program's console, and waits for its end.
 *
 * That takes a second process, which joins the console: let main() begin with
 * "if (is_ctrl_c_helper(count, arguments)) return press_ctrl_c_as_helper(arguments);".
 *
 * \returns Milliseconds from the event to the end.
 */
uint64_t press_ctrl_c(program_run *run);
bool is_ctrl_c_helper(int count, char **arguments);
int press_ctrl_c_as_helper(char **arguments);

#endif
