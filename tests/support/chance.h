/* SPDX-License-Identifier: MIT */
/*
 * Choices that grow from a seed, for tests that try things at random: the same seed chooses the
 * same. Seeds and counts come from the environment, so that a run can be repeated and made longer.
 */
#ifndef TIN_TEST_CHANCE_H
#define TIN_TEST_CHANCE_H

#include "test.h"

typedef struct chance {
    uint64_t state;
} chance;

/** Choices for one case of many: neither seeds nor numbers next to each other resemble. */
static inline chance chance_for(unsigned seed, unsigned number)
{
    uint64_t mixed = ((uint64_t)seed << 32 | number) + 0x9E3779B97F4A7C15u;

    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
    mixed ^= mixed >> 31;
    return (chance){mixed != 0 ? mixed : 1};
}

/** 0 to below - 1; 0 where below is 0. */
static inline unsigned choose(chance *from, unsigned below)
{
    from->state ^= from->state << 13;
    from->state ^= from->state >> 7;
    from->state ^= from->state << 17;
    return below != 0 ? (unsigned)(from->state >> 20) % below : 0;
}

/** True once in so many times. */
static inline bool once_in(chance *from, unsigned times)
{
    return choose(from, times) == 0;
}

#define choose_from(from, array) ((array)[choose(from, (unsigned)TEST_COUNT_OF(array))])

/** A number of the environment, or another one. */
static inline unsigned number_from_environment(const char *name, unsigned otherwise)
{
    const char *text = test_env_or_null(name);

    return text != NULL ? (unsigned)strtoul(text, NULL, 0) : otherwise;
}

#endif
