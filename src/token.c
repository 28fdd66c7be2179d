/* SPDX-License-Identifier: MIT */
/*
 * Which values are handles: a table of slots, each with one word that says all about it, so that
 * checking a handle, taking a reference and refusing a second call is one compare-and-swap. A token
 * names a slot and the slot's generation, which the next token in it moves on. There is no lock.
 */
#include "token.h"

/* word: generation (32 bits) | busy | closed | kind (8 bits) | references (22 bits) */
#define REFERENCE ((LONG64)1)
#define REFERENCES ((LONG64)0x3FFFFF)
#define KIND_SHIFT 22
#define KIND ((LONG64)0xFF << KIND_SHIFT)
#define CLOSED ((LONG64)1 << 30)
#define BUSY ((LONG64)1 << 31)
#define GENERATION_SHIFT 32

#define INDEX_BITS 15
#define SLOTS (1u << INDEX_BITS)
/* New tokens take the slots in turn, among at least twice as many as there are tokens: so a slot is
 * taken once in some 1,024 times. With 17 bits of generation in a 32-bit token, a stale token comes
 * to life again after 134 million handles, where most slots are free. */
#define FEWEST_SLOTS 2048u

/* Small numbers and pointers are no tokens. */
#ifdef _WIN64
#define TOKEN_MASK ((ULONG_PTR)0x9E3779B97F4A7C15)
#define GENERATION_BITS 0xFFFFFFFFu
#else
#define TOKEN_MASK ((ULONG_PTR)0x9E3779B9)
#define GENERATION_BITS (0xFFFFFFFFu >> INDEX_BITS)
#endif

typedef struct slot {
    volatile LONG64 word;
    void *item;
} slot;

/* Reserved once, at the first handle; pages that were never used take no memory. No static array:
 * with -fdata-sections mingw's linker writes its zeros into the program. */
static slot *volatile slots;
static volatile LONG items;   /* with a token, or about to have one, until their memory is gone */
static volatile LONG awaited; /* so many wait until there are none */
static SRWLOCK idle_lock = SRWLOCK_INIT;
static CONDITION_VARIABLE idle = CONDITION_VARIABLE_INIT;
static volatile LONG turn;

static LONG64 load(const volatile LONG64 *word)
{
#ifdef _WIN64
    return *word;
#else
    return InterlockedCompareExchange64((volatile LONG64 *)word, 0, 0);
#endif
}

static unsigned generation(LONG64 word)
{
    return (unsigned)((ULONG64)word >> GENERATION_SHIFT) & GENERATION_BITS;
}

static tin_handle token_of(unsigned index, LONG64 word)
{
    const ULONG_PTR value = (ULONG_PTR)generation(word) << INDEX_BITS | index;

    return (tin_handle)(value ^ TOKEN_MASK);
}

static slot *slot_of(tin_handle token, unsigned *expected)
{
    const ULONG_PTR value = (ULONG_PTR)token ^ TOKEN_MASK;
    const ULONG_PTR upper = value >> INDEX_BITS;

    *expected = (unsigned)upper & GENERATION_BITS;
    return slots != NULL && upper == *expected ? &slots[value % SLOTS] : NULL;
}

static bool reserve_slots(void)
{
    slot *fresh;

    if (slots != NULL)
        return true;
    fresh = VirtualAlloc(NULL, SLOTS * sizeof *slots, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (fresh != NULL &&
        InterlockedCompareExchangePointer((void *volatile *)&slots, fresh, NULL) != NULL)
        VirtualFree(fresh, 0, MEM_RELEASE); /* another thread was first */
    return slots != NULL;
}

/* Its next generation, which nobody can enter yet: it has a reference, but is of no kind. 0: it is
 * taken. */
static LONG64 claim(slot *entry, unsigned index)
{
    const LONG64 seen = load(&entry->word);
    LONG64 word = seen + REFERENCE;

    if ((seen & REFERENCES) != 0)
        return 0;
    do /* NULL and INVALID_HANDLE_VALUE are nobody's token */
        word += (LONG64)1 << GENERATION_SHIFT;
    while (token_of(index, word) == NULL || (HANDLE)token_of(index, word) == INVALID_HANDLE_VALUE);
    return InterlockedCompareExchange64(&entry->word, word, seen) == seen ? word : 0;
}

/* So many slots are taken in turn: a power of two. */
static unsigned slots_in_turn(void)
{
    const unsigned enough = 2 * (unsigned)items;
    unsigned count = FEWEST_SLOTS;

    while (count < enough && count < SLOTS)
        count *= 2;
    return count;
}

/* There is a free one, for the item that it is for is counted. */
static LONG64 take_slot(unsigned *index)
{
    LONG64 word;

    do {
        *index = (unsigned)InterlockedIncrement(&turn) & (slots_in_turn() - 1);
        word = claim(&slots[*index], *index);
    } while (word == 0);
    return word;
}

bool tin__token_create(void *item, tin__kind kind, tin__access access, tin_handle *token)
{
    unsigned index;
    LONG64 word;

    *token = NULL;
    if (InterlockedIncrement(&items) > (LONG)SLOTS || !reserve_slots()) {
        tin__token_forget();
        return false;
    }
    word = take_slot(&index);
    slots[index].item = item;
    *token = token_of(index, word);
    word |= (LONG64)kind << KIND_SHIFT;
    word += access == TIN__EXCLUSIVE ? BUSY + REFERENCE : 0;
    InterlockedExchange64(&slots[index].word, word);
    return true;
}

/* May a call enter now? */
static tin_error check(LONG64 word, unsigned expected, unsigned kinds, tin__access access)
{
    if (generation(word) != expected || (word & REFERENCES) == 0)
        return TIN_E_HANDLE;
    if (((LONG64)kinds << KIND_SHIFT & word & KIND) == 0)
        return TIN_E_HANDLE;
    if ((word & CLOSED) != 0 && access != TIN__INTERNAL)
        return TIN_E_HANDLE;
    if ((word & BUSY) != 0 && access == TIN__EXCLUSIVE)
        return TIN_E_STATE;
    return TIN_OK;
}

void *tin__token_enter(tin_handle token, unsigned kinds, tin__access access, tin_error *error)
{
    unsigned expected;
    slot *entry = slot_of(token, &expected);
    LONG64 seen, next;

    *error = TIN_E_HANDLE;
    if (entry == NULL)
        return NULL;
    for (seen = load(&entry->word);; seen = next) {
        *error = check(seen, expected, kinds, access);
        if (*error != TIN_OK)
            return NULL;
        next = seen + REFERENCE;
        if (access == TIN__EXCLUSIVE)
            next |= BUSY;
        if (access == TIN__CLOSING)
            next |= CLOSED;
        next = InterlockedCompareExchange64(&entry->word, next, seen);
        if (next == seen)
            return entry->item;
    }
}

bool tin__token_is_alone(tin_handle token)
{
    unsigned expected;

    return (load(&slot_of(token, &expected)->word) & REFERENCES) == 2 * REFERENCE;
}

bool tin__token_leave(tin_handle token, tin__access access)
{
    const LONG64 references = access == TIN__CLOSING ? 2 * REFERENCE : REFERENCE;
    unsigned expected;
    slot *entry = slot_of(token, &expected);
    LONG64 seen, next, now;

    for (seen = load(&entry->word);; seen = now) {
        next = seen - references;
        if (access == TIN__EXCLUSIVE)
            next &= ~BUSY;
        if ((next & REFERENCES) == 0)
            next &= ~(LONG64)0xFFFFFFFF;
        now = InterlockedCompareExchange64(&entry->word, next, seen);
        if (now == seen)
            break;
    }
    return (next & REFERENCES) == 0;
}

void tin__token_forget(void)
{
    if (InterlockedDecrement(&items) == 0 && awaited != 0) {
        AcquireSRWLockExclusive(&idle_lock);
        ReleaseSRWLockExclusive(&idle_lock);
        WakeAllConditionVariable(&idle);
    }
}

bool tin__wait_until_idle(DWORD timeout_ms)
{
    const ULONGLONG end = GetTickCount64() + timeout_ms;
    ULONGLONG now;

    InterlockedIncrement(&awaited); /* first: who forgets the last item looks at it after that */
    AcquireSRWLockExclusive(&idle_lock);
    while (items != 0 && (now = GetTickCount64()) < end)
        SleepConditionVariableSRW(&idle, &idle_lock, (DWORD)(end - now), 0);
    ReleaseSRWLockExclusive(&idle_lock);
    InterlockedDecrement(&awaited);
    return items == 0;
}
