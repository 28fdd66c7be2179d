/* SPDX-License-Identifier: MIT */
/*
 * The heap of the library under test, and of nothing else in the program: counts its blocks, fails
 * its n-th allocation, and makes every overrun and every use after free fault where it happens.
 *
 * Which calls come here is decided by the linker: a copy of the library's archive in which the
 * symbols malloc, calloc, realloc and free are renamed (objcopy --redefine-sym) to those below. So
 * the object code is the one that users get, and the test, its server, cmocka and the C runtime
 * keep the ordinary heap: --wrap=malloc would count and fail their allocations too.
 *
 * All functions may be called from any thread.
 */
#ifndef TIN_TEST_GUARDED_HEAP_H
#define TIN_TEST_GUARDED_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * As the functions of C, with blocks filled with 0xA5 when new.
 *
 * A block ends at an inaccessible page (within 15 bytes, which are checked when it is freed), and
 * becomes inaccessible when freed. What is no live block ends the program with a message.
 */
void *guarded_malloc(size_t size);
void *guarded_calloc(size_t count, size_t size);
void *guarded_realloc(void *block, size_t size);
void guarded_free(void *block);

/**
 * A block for guarded_free that ends with a copy of these bytes: reading one byte too many faults.
 *
 * \returns Where the copy begins, aligned as its size is; its block is \p block.
 */
void *guarded_copy(const void *bytes, size_t size, void **block);

/**
 * Guard pages for new blocks; at first on, but off in builds with NDEBUG. Counting goes on.
 *
 * \returns Whether they were on before.
 */
bool guarded_heap_use_pages(bool on);

/** Blocks not freed; compare before and after, or with 0 at the end. */
size_t guarded_heap_live(void);
/** Allocations that were asked for since the program's start. */
uint64_t guarded_heap_asked(void);

/**
 * Lets the n-th allocation from now on return NULL, once; 0 for none. For a chaos loop:
 *
 *     do {
 *         guarded_heap_fail_nth(++n);
 *         result = ...;
 *     } while (guarded_heap_has_failed());
 */
void guarded_heap_fail_nth(uint64_t n);
/** Whether the allocation chosen last has been asked for; chooses none from now on. */
bool guarded_heap_has_failed(void);

/** Looks for a secret in every block that is freed from now on; borrowed, NULL for none. */
void guarded_heap_look_for(const void *secret, size_t size);
/** How many freed blocks had the secret in them since then. */
size_t guarded_heap_found(void);

#endif
