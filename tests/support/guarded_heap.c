/* SPDX-License-Identifier: MIT */
#include "guarded_heap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

enum {
    ALIGNMENT = 16,
    NEW_BYTE = 0xA5,
    SLACK_BYTE = 0xFB, /* between the block's end and the guard page */
    QUARANTINE = 512,  /* freed blocks that stay inaccessible, of each kind */
    SLOTS = 2048       /* for small blocks: 16 MiB of addresses */
};
static const size_t quarantine_bytes = 64u << 20;

/* Right before each block. */
typedef struct header {
    size_t size;
    uint32_t kind;
    uint32_t unused;
} header;
_Static_assert(sizeof(header) <= ALIGNMENT, "the header fits before an aligned block");

enum { KIND_PLAIN = 0x6E6C5054, KIND_GUARDED = 0x64724754, KIND_SLOT = 0x746F6C53 };

#ifdef NDEBUG
static bool pages;
#else
static bool pages = true;
#endif

static SRWLOCK lock = SRWLOCK_INIT; /* for all that follows */
static size_t live;
static uint64_t asked;
static uint64_t fail_at;
static bool failed;
static const void *secret;
static size_t secret_size;
static size_t found;
static struct {
    void *base;
    size_t size;
} freed[QUARANTINE];
static size_t freed_first;
static size_t freed_count;
static size_t freed_bytes;
static char *slots;                      /* NULL until the first */
static volatile LONG used[SLOTS];        /* has a live block: read without the lock */
static unsigned short free_slots[SLOTS]; /* a ring */
static size_t free_first;
static size_t free_count;

static _Noreturn void die(const char *what, const void *block)
{
    fflush(stdout);
    fprintf(stderr, "guarded heap: %s: %p\n", what, block);
    fflush(stderr);
    TerminateProcess(GetCurrentProcess(), 3);
    abort();
}

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

static size_t page_size(void)
{
    static volatile LONG size; /* asking is a system call */
    SYSTEM_INFO info;

    if (size == 0) {
        GetSystemInfo(&info);
        size = (LONG)info.dwPageSize;
    }
    return (size_t)size;
}

static header *header_of(const void *block)
{
    return (header *)((uintptr_t)block - sizeof(header));
}

/* ---- Regions: [ ... header | block | slack ][ guard page ] ----------------------------------- */

static size_t region_size(size_t size)
{
    return round_up(ALIGNMENT + round_up(size, ALIGNMENT), page_size()) + page_size();
}

static void *allocate_region(size_t size)
{
    const size_t region = region_size(size);
    char *base = VirtualAlloc(NULL, region, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    char *guard = base + region - page_size();
    DWORD before;

    if (base == NULL)
        return NULL;
    if (!VirtualProtect(guard, page_size(), PAGE_NOACCESS, &before))
        die("VirtualProtect", base);
    memset(guard - ALIGNMENT, SLACK_BYTE, ALIGNMENT);
    return guard - round_up(size, ALIGNMENT);
}

static void release_oldest(void)
{
    VirtualFree(freed[freed_first].base, 0, MEM_RELEASE);
    freed_bytes -= freed[freed_first].size;
    freed_first = (freed_first + 1) % QUARANTINE;
    freed_count--;
}

static void check_slack(const void *block, size_t size)
{
    const unsigned char *bytes = block;

    for (size_t i = size; i < round_up(size, ALIGNMENT); i++) {
        if (bytes[i] != SLACK_BYTE)
            die("written behind its end", block);
    }
}

static void free_region(void *block, size_t size)
{
    const size_t region = region_size(size);
    char *base = (char *)block + round_up(size, ALIGNMENT) + page_size() - region;

    check_slack(block, size);
    if (!VirtualFree(base, region, MEM_DECOMMIT))
        die("VirtualFree", block);
    AcquireSRWLockExclusive(&lock);
    while (freed_count == QUARANTINE || (freed_count > 0 && freed_bytes > quarantine_bytes))
        release_oldest();
    freed[(freed_first + freed_count) % QUARANTINE].base = base;
    freed[(freed_first + freed_count) % QUARANTINE].size = region;
    freed_count++;
    freed_bytes += region;
    ReleaseSRWLockExclusive(&lock);
}

/* ---- Slots: regions of two pages, which are made once and used again ------------------------- */

/* Under Wine, changing the protection of a page costs a third of making a region and giving it
 * back, and the page need not be cleared. */
static void make_slots(void)
{
    slots = VirtualAlloc(NULL, SLOTS * 2 * page_size(), MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS);
    if (slots == NULL)
        die("VirtualAlloc", NULL);
    for (; free_count < SLOTS; free_count++)
        free_slots[free_count] = (unsigned short)free_count;
}

/* The one that is free for longest; SLOTS if few are left. */
static size_t take_slot(void)
{
    size_t slot = SLOTS;

    AcquireSRWLockExclusive(&lock);
    if (slots == NULL)
        make_slots();
    if (free_count > QUARANTINE) {
        slot = free_slots[free_first];
        free_first = (free_first + 1) % SLOTS;
        free_count--;
    }
    ReleaseSRWLockExclusive(&lock);
    return slot;
}

static void give_slot_back(size_t slot)
{
    AcquireSRWLockExclusive(&lock);
    free_slots[(free_first + free_count) % SLOTS] = (unsigned short)slot;
    free_count++;
    ReleaseSRWLockExclusive(&lock);
}

static void protect_slot(size_t slot, DWORD protection)
{
    DWORD before;

    if (!VirtualProtect(slots + slot * 2 * page_size(), page_size(), protection, &before))
        die("VirtualProtect", slots);
}

/* NULL if it does not fit into one, or few are left. */
static void *allocate_slot(size_t size)
{
    const size_t slot = region_size(size) == 2 * page_size() ? take_slot() : SLOTS;
    char *base;

    if (slot == SLOTS)
        return NULL;
    base = slots + slot * 2 * page_size();
    protect_slot(slot, PAGE_READWRITE);
    memset(base, SLACK_BYTE, page_size());
    used[slot] = true;
    return base + page_size() - round_up(size, ALIGNMENT);
}

/* SLOTS if it is in none. */
static size_t slot_of(const void *block)
{
    const size_t offset = (size_t)((uintptr_t)block - (uintptr_t)slots);

    return slots != NULL && offset < SLOTS * 2 * page_size() ? offset / (2 * page_size()) : SLOTS;
}

static void free_slot(void *block, size_t size)
{
    const size_t slot = slot_of(block);

    check_slack(block, size);
    if (!InterlockedExchange(&used[slot], false))
        die("freed before, or never allocated", block);
    protect_slot(slot, PAGE_NOACCESS);
    give_slot_back(slot);
}

/* ---- Counting -------------------------------------------------------------------------------- */

/* Counts an allocation; false if it is the one to fail. */
static bool ask(void)
{
    bool fails;

    AcquireSRWLockExclusive(&lock);
    asked++;
    fails = fail_at != 0 && asked == fail_at;
    failed |= fails;
    ReleaseSRWLockExclusive(&lock);
    return !fails;
}

static void count_live(size_t change)
{
    AcquireSRWLockExclusive(&lock);
    live += change;
    ReleaseSRWLockExclusive(&lock);
}

size_t guarded_heap_live(void)
{
    size_t value;

    AcquireSRWLockShared(&lock);
    value = live;
    ReleaseSRWLockShared(&lock);
    return value;
}

uint64_t guarded_heap_asked(void)
{
    uint64_t value;

    AcquireSRWLockShared(&lock);
    value = asked;
    ReleaseSRWLockShared(&lock);
    return value;
}

void guarded_heap_fail_nth(uint64_t n)
{
    AcquireSRWLockExclusive(&lock);
    fail_at = n != 0 ? asked + n : 0;
    failed = false;
    ReleaseSRWLockExclusive(&lock);
}

bool guarded_heap_has_failed(void)
{
    bool value;

    AcquireSRWLockExclusive(&lock);
    value = failed;
    fail_at = 0;
    ReleaseSRWLockExclusive(&lock);
    return value;
}

bool guarded_heap_use_pages(bool on)
{
    const bool before = pages;

    pages = on;
    return before;
}

/* ---- Secrets --------------------------------------------------------------------------------- */

void guarded_heap_look_for(const void *bytes, size_t size)
{
    AcquireSRWLockExclusive(&lock);
    secret = bytes;
    secret_size = size;
    found = 0;
    ReleaseSRWLockExclusive(&lock);
}

size_t guarded_heap_found(void)
{
    size_t value;

    AcquireSRWLockShared(&lock);
    value = found;
    ReleaseSRWLockShared(&lock);
    return value;
}

static bool has_secret(const char *block, size_t size)
{
    for (; secret != NULL && size >= secret_size; block++, size--) {
        if (memcmp(block, secret, secret_size) == 0)
            return true;
    }
    return false;
}

static void look_for_secret(const void *block, size_t size)
{
    AcquireSRWLockExclusive(&lock);
    found += has_secret(block, size);
    ReleaseSRWLockExclusive(&lock);
}

/* ---- The functions of C ---------------------------------------------------------------------- */

static void *allocate_plain(size_t size)
{
    char *memory = malloc(ALIGNMENT + size); /* in 32 bits the header alone would shift the block */

    return memory != NULL ? memory + ALIGNMENT : NULL;
}

static void *allocate(size_t size)
{
    const bool guarded = pages;
    uint32_t kind = KIND_SLOT;
    void *block;

    if (!ask() || size > SIZE_MAX / 2)
        return NULL;
    block = guarded ? allocate_slot(size) : NULL;
    if (block == NULL) {
        kind = guarded ? KIND_GUARDED : KIND_PLAIN;
        block = guarded ? allocate_region(size) : allocate_plain(size);
    }
    if (block == NULL)
        return NULL;
    *header_of(block) = (header){size, kind, 0};
    memset(block, NEW_BYTE, size);
    count_live(1);
    return block;
}

/* Asks the system only where no block can be malloc's: the answer costs more than malloc. */
static bool is_readable(const void *block)
{
    const size_t slot = slot_of(block);
    MEMORY_BASIC_INFORMATION memory;

    if (slot != SLOTS)
        return used[slot];
    return !pages || (VirtualQuery(header_of(block), &memory, sizeof(memory)) != 0 &&
                      memory.State == MEM_COMMIT);
}

/* The header of a live block; anything else is a defect of the caller. */
static header *check(const void *block)
{
    header *kept = header_of(block);

    if (!is_readable(block))
        die("freed before, or never allocated", block);
    if (kept->kind != KIND_GUARDED && kept->kind != KIND_PLAIN && kept->kind != KIND_SLOT)
        die("not allocated by the library, or overwritten before its beginning", block);
    return kept;
}

void guarded_free(void *block)
{
    header *before;

    if (block == NULL)
        return;
    before = check(block);
    look_for_secret(block, before->size);
    count_live((size_t)-1);
    if (before->kind == KIND_SLOT) {
        free_slot(block, before->size);
    } else if (before->kind == KIND_GUARDED) {
        free_region(block, before->size);
    } else {
        before->kind = 0;
        free((char *)block - ALIGNMENT);
    }
}

void *guarded_malloc(size_t size)
{
    return allocate(size);
}

void *guarded_calloc(size_t count, size_t size)
{
    void *block = allocate(size != 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size);

    if (block != NULL)
        memset(block, 0, count * size);
    return block;
}

/* Always moves, so that pointers into the old block are found out. */
void *guarded_realloc(void *block, size_t size)
{
    void *moved = allocate(size);

    if (block == NULL || moved == NULL)
        return moved;
    memcpy(moved, block, check(block)->size < size ? check(block)->size : size);
    guarded_free(block);
    return moved;
}

void *guarded_copy(const void *bytes, size_t size, void **block)
{
    const size_t room = round_up(size, ALIGNMENT);

    *block = guarded_malloc(room);
    if (*block == NULL)
        die("no memory for a copy", bytes);
    return memcpy((char *)*block + room - size, bytes, size);
}
