/* SPDX-License-Identifier: MIT */
/* Plays rows of faults, a few at a time, and compares. */
#include "fault_row.h"

/* SAFE_MS bounds the tear-down, too: a send of Wine 8 may miss that its peer has gone. */
enum { TRIES = 5, FEW = 3, CHUNK = 4096, SAFE_MS = 4000, TICK_MS = 20 };

static fault_server *good_server; /* for all rows of a table */

/* ---- one row --------------------------------------------------------------------------------- */

void fault_complain(fault_trial *trial, const char *format, ...)
{
    const size_t length = strlen(trial->complaint);
    va_list arguments;

    va_start(arguments, format);
    if (length < sizeof trial->complaint - 2) {
        strcpy(trial->complaint + length, length != 0 ? "; " : "");
        vsnprintf(trial->complaint + strlen(trial->complaint),
                  sizeof trial->complaint - strlen(trial->complaint), format, arguments);
    }
    va_end(arguments);
}

static bool ends_by_time(const fault_trial *trial)
{
    return trial->outcome->error == TIN_E_TIMEOUT;
}

static void set_timeouts(fault_trial *trial, DWORD timeout_ms)
{
    static const DWORD options[] = {INTERNET_OPTION_CONNECT_TIMEOUT, INTERNET_OPTION_SEND_TIMEOUT,
                                    INTERNET_OPTION_RECEIVE_TIMEOUT};

    for (size_t i = 0; i < TEST_COUNT_OF(options); i++)
        if (!tin_ok(tin_set_option_dword(trial->session, options[i], timeout_ms)))
            fault_complain(trial, "a time-out could not be set");
}

void fault_begin(fault_trial *trial, const fault_outcome *outcome, const char *proxy)
{
    trial->outcome = outcome;
    if (trial->timeout_ms == 0)
        trial->timeout_ms = FAULT_SHORT_MS;
    if (!tin_ok(tin_open("test",
                         proxy != NULL ? INTERNET_OPEN_TYPE_PROXY : INTERNET_OPEN_TYPE_DIRECT,
                         proxy, NULL, 0, &trial->session)))
        fault_complain(trial, "no session");
    set_timeouts(trial, ends_by_time(trial) ? trial->timeout_ms : SAFE_MS);
    trial->began = test_now_ms();
}

static bool is_right(const fault_trial *trial, const char *bytes, size_t size)
{
    const fault_outcome *outcome = trial->outcome;

    if (trial->bytes + size > outcome->bytes)
        return false;
    return outcome->text != NULL ? memcmp(outcome->text + trial->bytes, bytes, size) == 0
                                 : fault_pattern_matches(trial->bytes, bytes, size);
}

void fault_read(fault_trial *trial, tin_handle file)
{
    char buffer[CHUNK];
    size_t got = 1;

    while (got != 0) {
        trial->result = tin_read_file(file, buffer, sizeof buffer, &got);
        if (got != 0 && !tin_ok(trial->result))
            fault_complain(trial, "bytes with a failure");
        if (got != 0 && !is_right(trial, buffer, got)) {
            fault_complain(trial, "wrong or too many bytes after %u", (unsigned)trial->bytes);
            break;
        }
        trial->bytes += got;
    }
    for (int i = 0; i < 3 && got == 0; i++) { /* it stays so */
        const tin_result again = tin_read_file(file, buffer, 1, &got);

        if (again.error != trial->result.error || again.last_error != trial->result.last_error ||
            got != 0)
            fault_complain(trial, "then %s", tin_error_name(again.error));
    }
}

static bool is_expected(const fault_trial *trial)
{
    const fault_outcome *outcome = trial->outcome;

    return trial->result.error == outcome->error ||
           (outcome->or_else != TIN_OK && trial->result.error == outcome->or_else);
}

void fault_judge(fault_trial *trial)
{
    const uint64_t took = test_now_ms() - trial->began;
    const fault_outcome *outcome = trial->outcome;
    const uint64_t limit =
        ends_by_time(trial) ? trial->timeout_ms + FAULT_LATE_MS + trial->slack_ms : FAULT_LIMIT_MS;

    if (!is_expected(trial))
        fault_complain(trial, "%s (%u), not %s", tin_error_name(trial->result.error),
                       (unsigned)trial->result.last_error, tin_error_name(outcome->error));
    if (outcome->fewer ? trial->bytes > outcome->bytes : trial->bytes != outcome->bytes) {
        trial->late = ends_by_time(trial); /* on a busy machine it may be over before the bytes */
        fault_complain(trial, "%u bytes, not %u", (unsigned)trial->bytes, (unsigned)outcome->bytes);
    }
    if (took > limit || (ends_by_time(trial) && took + TICK_MS < trial->timeout_ms)) {
        trial->late = true;
        fault_complain(trial, "took %u ms", (unsigned)took);
    }
}

void fault_end(fault_trial *trial)
{
    char text[8];
    size_t got = 0;
    tin_handle file;
    tin_result result;

    set_timeouts(trial, SAFE_MS);
    result = tin_open_url(trial->session, fault_server_url(good_server, "/"), NULL,
                          INTERNET_FLAG_RELOAD, NULL, &file);
    if (tin_ok(result))
        result = tin_read_file(file, text, sizeof text, &got);
    if (!tin_ok(result) || got != 4 || memcmp(text, "good", 4) != 0)
        fault_complain(trial, "the session is not usable: %s", tin_error_name(result.error));
    if (!tin_ok(tin_close_handle(trial->session)))
        fault_complain(trial, "the session was not closed");
}

/* ---- all rows -------------------------------------------------------------------------------- */

/* A table while it is played. */
typedef struct play {
    const fault_table *table;
    volatile LONG next;
    fault_trial *trials;
    bool first; /* time; then those that were late */
} play;

static void play_row(const play *all, size_t index)
{
    const fault_table *table = all->table;
    const char *row = (const char *)table->rows + index * table->size;
    fault_trial *trial = &all->trials[index];

    memset(trial, 0, sizeof *trial);
    trial->name = *(const char *const *)(const void *)row;
    table->play(trial, row);
}

static bool has_turn(const fault_table *table, size_t index)
{
    return !table->turns || test_has_turn(index);
}

static void play_rows(void *context)
{
    play *all = context;

    for (;;) {
        const size_t index = (size_t)InterlockedIncrement(&all->next) - 1;

        if (index >= all->table->count)
            return;
        if (all->first ? has_turn(all->table, index) : all->trials[index].late)
            play_row(all, index);
    }
}

static unsigned tell(const play *all)
{
    unsigned bad = 0;

    for (size_t i = 0; i < all->table->count; i++)
        if (all->trials[i].complaint[0] != '\0') {
            print_error("%s: %s\n", all->trials[i].name, all->trials[i].complaint);
            bad++;
        }
    return bad;
}

static void play_all(play *all, size_t count)
{
    test_thread *threads[FAULT_MOST_THREADS];

    all->next = 0;
    for (size_t i = 0; i < count; i++)
        threads[i] = test_thread_start(play_rows, all);
    for (size_t i = 0; i < count; i++) {
        if (!test_thread_wait(threads[i], 3 * TEST_PATIENCE_MS))
            tell(all); /* before the program ends */
        test_thread_join(threads[i], 0);
    }
    all->first = false;
}

static bool has_late(const play *all)
{
    size_t i = 0;

    while (i < all->table->count && !all->trials[i].late)
        i++;
    return i < all->table->count;
}

void fault_run_rows(const char *phase, const fault_table *table)
{
    static const fault_step good[] = {
        FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"), FAULT_AGAIN};
    static const fault_route routes[] = {{"*", good}, {NULL, NULL}};
    play all = {.table = table, .first = true};
    unsigned bad, played = 0;

    all.trials = calloc(table->count, sizeof *all.trials);
    assert_non_null(all.trials);
    assert_in_range(table->threads, 1, FAULT_MOST_THREADS);
    good_server = fault_server_start_routes(routes);
    play_all(&all, table->threads);
    for (int tries = 1; tries < TRIES && has_late(&all); tries++)
        play_all(&all, tries < TRIES / 2 ? FEW : 1); /* they may have been in each other's way */
    fault_server_stop(good_server);
    bad = tell(&all);
    free(all.trials);
    for (size_t i = 0; i < table->count; i++)
        played += has_turn(table, i);
    print_message("phase %s: %u rows\n", phase, played);
    if (bad != 0)
        fail_msg("%s: %u of %u rows", phase, bad, played);
}
