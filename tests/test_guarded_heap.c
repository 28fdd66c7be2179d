/* SPDX-License-Identifier: MIT */
/* The heap that the tests give the library. */
#include "test.h"

#include "guarded_heap.h"

static const size_t sizes[] = {0, 1, 15, 16, 17, 4080, 4081, 4096, 5000, 1 << 20};

/* PAGE_NOACCESS also for what is not committed. */
static DWORD access_to(const void *address)
{
    MEMORY_BASIC_INFORMATION memory;

    assert_true(VirtualQuery(address, &memory, sizeof(memory)) != 0);
    return memory.State == MEM_COMMIT ? memory.Protect : PAGE_NOACCESS;
}

static char *end_of(char *block, size_t size)
{
    return block + (size + 15) / 16 * 16;
}

static void blocks_end_at_an_inaccessible_page(void **state)
{
    size_t i;

    (void)state;
    guarded_heap_use_pages(true);
    for (i = 0; i < TEST_COUNT_OF(sizes); i++) {
        char *block = guarded_malloc(sizes[i]);

        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 16, 0);
        memset(block, 1, sizes[i]);
        assert_int_equal(access_to(end_of(block, sizes[i]) - 1), PAGE_READWRITE);
        assert_int_equal(access_to(end_of(block, sizes[i])), PAGE_NOACCESS);
        guarded_free(block);
        assert_int_equal(access_to(block), PAGE_NOACCESS);
    }
}

static void live_blocks_are_counted(void **state)
{
    static const bool modes[] = {true, false};
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(modes); i++) {
        const size_t before = guarded_heap_live();
        char *first;
        char *second;

        guarded_heap_use_pages(modes[i]);
        first = guarded_malloc(10);
        second = guarded_calloc(3, 5);
        assert_int_equal(guarded_heap_live() - before, 2);
        guarded_heap_use_pages(!modes[i]); /* blocks of both kinds live side by side */
        second = guarded_realloc(second, 100);
        assert_int_equal(guarded_heap_live() - before, 2);
        guarded_free(first);
        guarded_free(second);
        guarded_free(NULL);
        assert_int_equal(guarded_heap_live(), before);
    }
}

static void contents_are_those_of_c(void **state)
{
    static const char zeroes[5000];
    char *block = guarded_calloc(50, 100);

    (void)state;
    assert_memory_equal(block, zeroes, sizeof(zeroes));
    memset(block, 'x', 5000);
    block = guarded_realloc(block, 10);
    assert_memory_equal(block, "xxxxxxxxxx", 10);
    block = guarded_realloc(block, 20);
    assert_memory_equal(block, "xxxxxxxxxx\xA5\xA5\xA5\xA5\xA5\xA5\xA5\xA5\xA5\xA5", 20);
    guarded_free(block);
    assert_null(guarded_calloc(SIZE_MAX / 2, 3));
    assert_null(guarded_malloc(SIZE_MAX));
}

static void nth_allocation_fails_once(void **state)
{
    void *blocks[4];
    size_t i;

    (void)state;
    guarded_heap_fail_nth(3);
    for (i = 0; i < TEST_COUNT_OF(blocks); i++)
        blocks[i] = guarded_malloc(1);
    assert_true(guarded_heap_has_failed());
    for (i = 0; i < TEST_COUNT_OF(blocks); i++) {
        assert_true((blocks[i] == NULL) == (i == 2));
        guarded_free(blocks[i]);
    }
    guarded_heap_fail_nth(2);
    guarded_free(guarded_malloc(1));
    assert_false(guarded_heap_has_failed());
    blocks[0] = guarded_malloc(1);
    assert_non_null(blocks[0]);
    guarded_free(blocks[0]);
}

static void secrets_in_freed_blocks_are_found(void **state)
{
    static const bool modes[] = {true, false};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(modes); i++) {
        const bool before = guarded_heap_use_pages(modes[i]);
        char *block = guarded_calloc(1, 10);

        guarded_heap_look_for("key", 3);
        memcpy(block + 7, "key", 3); /* at the very end */
        block = guarded_realloc(block, 20);
        assert_int_equal(guarded_heap_found(), 1);
        memset(block, 0, 20);
        guarded_free(block);
        assert_int_equal(guarded_heap_found(), 1);
        guarded_free(guarded_calloc(1, 2)); /* smaller than the secret */
        guarded_heap_look_for(NULL, 0);
        assert_int_equal(guarded_heap_found(), 0);
        guarded_heap_use_pages(before);
    }
}

static void copies_end_exactly_at_an_inaccessible_page(void **state)
{
    const bool before = guarded_heap_use_pages(true);

    (void)state;
    for (size_t size = 1; size < 40; size++) {
        static const char bytes[] = "0123456789abcdefghijklmnopqrstuvwxyzABCD";
        void *block;
        char *copy = guarded_copy(bytes, size, &block);

        assert_memory_equal(copy, bytes, size);
        assert_int_equal(access_to(copy + size - 1), PAGE_READWRITE);
        assert_int_equal(access_to(copy + size), PAGE_NOACCESS);
        guarded_free(block);
    }
    guarded_heap_use_pages(before);
}

static uint64_t addresses_in_use(void)
{
    MEMORY_BASIC_INFORMATION region = {0};
    uint64_t all = 0;

    for (const char *at = NULL; VirtualQuery(at, &region, sizeof region) != 0;
         at = (const char *)region.BaseAddress + region.RegionSize)
        if (region.State != MEM_FREE)
            all += region.RegionSize;
    return all;
}

static void make_and_free(size_t size, int times)
{
    while (times-- != 0)
        guarded_free(guarded_malloc(size));
}

/* Some freed blocks stay inaccessible, but no more than so many: else a 32-bit program has no
 * addresses left some time. */
static void freed_addresses_are_given_back(void **state)
{
    static const struct {
        size_t size;
        int times;
    } rows[] = {{5000, 2000}, {8u << 20, 20}};

    (void)state;
    guarded_heap_use_pages(true);
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        uint64_t before;

        make_and_free(rows[i].size, rows[i].times);
        before = addresses_in_use();
        make_and_free(rows[i].size, rows[i].times);
        assert_in_range(addresses_in_use(), 0, before + (1u << 20));
    }
}

static void allocate_much(void *context)
{
    void *blocks[64] = {0};
    unsigned random = 1;
    int i;

    (void)context;
    for (i = 0; i < 5000; i++) {
        random = random * 1103515245u + 12345u;
        guarded_free(blocks[random >> 16 & 63]);
        blocks[random >> 16 & 63] = guarded_malloc(random >> 8 & 0xFFF);
    }
    for (i = 0; i < 64; i++)
        guarded_free(blocks[i]);
}

static void threads_may_share_it(void **state)
{
    const size_t before = guarded_heap_live();
    test_thread *threads[8];
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(threads); i++)
        threads[i] = test_thread_start(allocate_much, NULL);
    for (i = 0; i < TEST_COUNT_OF(threads); i++)
        test_thread_join(threads[i], 60000);
    assert_int_equal(guarded_heap_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_end_at_an_inaccessible_page),
        cmocka_unit_test(live_blocks_are_counted),
        cmocka_unit_test(contents_are_those_of_c),
        cmocka_unit_test(nth_allocation_fails_once),
        cmocka_unit_test(secrets_in_freed_blocks_are_found),
        cmocka_unit_test(copies_end_exactly_at_an_inaccessible_page),
        cmocka_unit_test(freed_addresses_are_given_back),
        cmocka_unit_test(threads_may_share_it),
    };

    return test_run_group(tests, NULL, NULL);
}
