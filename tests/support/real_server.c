/* SPDX-License-Identifier: MIT */
#include "real_server.h"

#include "internal.h" /* tin__wait_until_idle alone */

void assert_error(const char *name, tin_result result, tin_error expected)
{
    char text[256];

    if (result.error == expected)
        return;
    tin_describe(result, text, sizeof text);
    fail_msg("%s: should be %s, is: %s", name, tin_error_name(expected), text);
}

void assert_text(const char *name, const char *is, const char *should_be)
{
    if (strcmp(is, should_be) != 0)
        fail_msg("%s: is \"%s\", should be \"%s\"", name, is, should_be);
}

void assert_starts(const char *name, const char *is, const char *start)
{
    if (strncmp(is, start, strlen(start)) != 0)
        fail_msg("%s: is \"%s\", should start with \"%s\"", name, is, start);
}

/* ---- Each test has a session, and leaves nothing behind ------------------------------------- */

/* WinInet sends what it knows from one session in all others of the process, too. */
void forget_logins(void)
{
    assert_error("forget", tin_set_option(NULL, INTERNET_OPTION_END_BROWSER_SESSION, NULL, 0),
                 TIN_OK);
}

int open_session(void **state)
{
    tin_handle session;

    forget_logins();
    if (!tin_ok(tin_open("thininet test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &session)))
        return -1;
    *state = session;
    return 0;
}

int close_session(void **state)
{
    static bool leaked;

    if (!tin_ok(tin_set_status_callback(*state, NULL, NULL)) || !tin_ok(tin_close_handle(*state)))
        return -1;
    if (leaked || tin__wait_until_idle(TEST_PATIENCE_MS))
        return 0;
    print_error("something that was opened was never given back\n");
    leaked = true; /* the tests that follow are not to blame */
    return -1;
}

/* ---- URLs: server is the name of an environment variable ------------------------------------ */

/* Valid until so many more were asked for. */
char *next_name(void)
{
    static char names[NAMES][NAME_SIZE];
    static unsigned next;

    return names[next++ % NAMES];
}

const char *url_of(const char *server, const char *path)
{
    char *url = next_name();

    snprintf(url, NAME_SIZE, "%s%s", test_env(server), path);
    return url;
}

const char *url_with_user(const char *server, const char *user, const char *path)
{
    const char *base = test_env(server);
    const char *host = strstr(base, "://") + 3;
    char *url = next_name();

    snprintf(url, NAME_SIZE, "%.*s%s%s%s", (int)(host - base), base, user, host, path);
    return url;
}

/* By the name "localhost", under which no other test goes there: so no connection was kept. */
const char *url_by_name(const char *server, const char *path)
{
    const char *base = test_env(server);
    const char *port = strrchr(base, ':');
    char *url = next_name();

    snprintf(url, NAME_SIZE, "%.*s://localhost%s%s", (int)strcspn(base, ":"), base, port, path);
    return url;
}

tin_handle open_with(const char *name, tin_handle session, const char *url, const char *headers,
                     DWORD flags)
{
    tin_handle file;

    assert_error(name, tin_open_url(session, url, headers, flags, NULL, &file), TIN_OK);
    return file;
}

tin_handle open_page(const char *name, tin_handle session, const char *url)
{
    return open_with(name, session, url, NULL, FLAGS);
}

void close_page(const char *name, tin_handle file)
{
    assert_error(name, tin_close_handle(file), TIN_OK);
}

tin_handle connect_to(const char *name, tin_handle session, const char *server, const char *user,
                      const char *password)
{
    char host[64] = "";
    unsigned port = 0;
    tin_handle connection;

    assert_row(name, sscanf(test_env(server), "%*[a-z]://%63[^:]:%u", host, &port) == 2);
    assert_error(name,
                 tin_connect(session, host, (INTERNET_PORT)port, user, password,
                             INTERNET_SERVICE_HTTP, 0, NULL, &connection),
                 TIN_OK);
    return connection;
}

tin_handle request_to(const char *name, tin_handle session, const char *server, const char *verb,
                      const char *path)
{
    const bool secure = strncmp(test_env(server), "https:", 6) == 0;
    const tin_handle connection = connect_to(name, session, server, NULL, NULL);
    tin_handle request;

    assert_error(name,
                 tin_http_open_request(connection, verb, path, NULL, NULL, NULL,
                                       FLAGS | (secure ? INTERNET_FLAG_SECURE : 0), NULL, &request),
                 TIN_OK);
    return request;
}

/* ---- Bodies --------------------------------------------------------------------------------- */

static void make_room(body *read, size_t *capacity, size_t more)
{
    char *bytes;

    if (read->size + more < *capacity)
        return;
    *capacity = 2 * (read->size + more);
    bytes = realloc(read->bytes, *capacity);
    if (bytes == NULL)
        abort();
    read->bytes = bytes;
}

/* To the end, or to the first failure. Asserts nothing: any thread may call it. */
body read_body(tin_handle file, size_t chunk, read_function *read_some)
{
    body read = {{TIN_OK, 0}, false, 0, NULL};
    size_t capacity = 0;
    size_t got = chunk;

    do {
        const bool was_short = got < chunk;

        make_room(&read, &capacity, chunk);
        read.result = read_some(file, read.bytes + read.size, chunk, &got);
        read.short_read |= was_short && got != 0;
        read.size += got;
    } while (tin_ok(read.result) && got != 0);
    read.bytes[read.size] = '\0';
    return read;
}

body fetch(tin_handle session, const char *url, const char *headers, DWORD flags, void *context)
{
    body read = {{TIN_OK, 0}, false, 0, NULL};
    tin_handle file;

    read.result = tin_open_url(session, url, headers, flags, context, &file);
    if (!tin_ok(read.result))
        return read;
    read = read_body(file, CHUNK, tin_read_file);
    tin_close_handle(file);
    return read;
}

bool is_text(const body *read, const char *text)
{
    return tin_ok(read->result) && read->size == strlen(text) &&
           memcmp(read->bytes, text, read->size) == 0;
}

/* 1m.bin: 32-bit little-endian numbers from 0 on. */
bool is_counter(const body *read)
{
    uint32_t i;

    if (!tin_ok(read->result) || read->size != MIB)
        return false;
    for (i = 0; i < MIB / sizeof i; i++)
        if (memcmp(read->bytes + i * sizeof i, &i, sizeof i) != 0)
            return false;
    return true;
}

bool is_page(const body *read)
{
    static const char start[] = "<!DOCTYPE html>\n";
    static const char end[] =
        "<p>Gr\xC3\xBC\xC3\x9F\x65, \xE4\xBD\xA0\xE5\xA5\xBD.</p>\n</body>\n</html>\n";
    const size_t length = sizeof end - 1;

    return tin_ok(read->result) && read->size > length &&
           strncmp(read->bytes, start, sizeof start - 1) == 0 &&
           memcmp(read->bytes + read->size - length, end, length) == 0;
}

bool is_hello(const body *read)
{
    return is_text(read, HELLO);
}

bool is_empty(const body *read)
{
    return is_text(read, "");
}

void assert_fetches(const char *name, tin_handle session, const char *url, body_check *check)
{
    body read = fetch(session, url, NULL, FLAGS, NULL);

    assert_error(name, read.result, TIN_OK);
    assert_row(name, check(&read));
    free(read.bytes);
}

void assert_open_fails(const char *name, tin_handle session, const char *url, tin_error expected)
{
    tin_handle file = session;

    assert_error(name, tin_open_url(session, url, NULL, FLAGS, NULL, &file), expected);
    assert_row(name, file == NULL);
}

/* Asked for its size first; the size must be right to the byte. */
const char *option_text(const char *name, tin_handle handle, DWORD option)
{
    char *text = next_name();
    size_t size = 0;

    assert_error(name, tin_query_option_text(handle, option, NULL, &size), TIN_E_BUFFER_TOO_SMALL);
    assert_in_range(size, 1, NAME_SIZE);
    assert_error(name, tin_query_option_text(handle, option, text, &size), TIN_OK);
    assert_row(name, size == strlen(text));
    return text;
}

DWORD http_status(tin_handle file)
{
    DWORD status = 0;
    DWORD size = sizeof status;

    HttpQueryInfoW(tin_native_handle(file), HTTP_QUERY_STATUS_CODE | HTTP_QUERY_FLAG_NUMBER,
                   &status, &size, NULL);
    return status;
}

/* ---- What the status callback hears --------------------------------------------------------- */

void keep_event(tin_handle about, void *context, const tin_status *status)
{
    event_log *log = context;
    event *kept = &log->events[log->count];

    log->connects += status->code == INTERNET_STATUS_CONNECTED_TO_SERVER;
    if (GetCurrentThreadId() != log->thread || log->count == TEST_COUNT_OF(log->events)) {
        log->strays++;
        return;
    }
    log->count++;
    *kept = (event){status->code,         about, status->handle, status->bytes, status->result,
                    status->text != NULL, ""};
    if (status->text != NULL)
        snprintf(kept->text, sizeof kept->text, "%s", status->text);
}

void count_events(tin_handle about, void *context, const tin_status *status)
{
    event_log *log = context;

    (void)about;
    log->connects += status->code == INTERNET_STATUS_CONNECTED_TO_SERVER;
    log->strays += GetCurrentThreadId() != log->thread;
    log->count++;
}

void watch(tin_handle handle, tin_status_callback *callback, event_log *log)
{
    memset(log, 0, sizeof *log);
    log->thread = GetCurrentThreadId();
    assert_error("callback", tin_set_status_callback(handle, callback, log), TIN_OK);
}

/* The n-th event with this code; NULL if there are not so many. */
const event *find_event(const event_log *log, DWORD code, size_t n)
{
    size_t i;

    for (i = 0; i < log->count; i++)
        if (log->events[i].code == code && n-- == 0)
            return &log->events[i];
    return NULL;
}

const event *only_event(const event_log *log, DWORD code)
{
    if (find_event(log, code, 0) == NULL || find_event(log, code, 1) != NULL)
        fail_msg("not exactly one event %lu", code);
    return find_event(log, code, 0);
}

/* These come in this order; others may come between them. */
void assert_order(const event_log *log, const DWORD *codes, size_t count)
{
    size_t at = 0;
    size_t i;

    for (i = 0; i < count; i++, at++) {
        while (at < log->count && log->events[at].code != codes[i])
            at++;
        if (at == log->count)
            fail_msg("event %lu is missing, or not after %lu", codes[i], i == 0 ? 0 : codes[i - 1]);
    }
}

/* One file was opened with this result and closed, and nothing was heard before or after. */
void assert_bounds(const event_log *log, tin_handle session, tin_handle file, tin_result result)
{
    const event *created = only_event(log, INTERNET_STATUS_HANDLE_CREATED);
    const event *complete = only_event(log, INTERNET_STATUS_REQUEST_COMPLETE);
    const event *closing = only_event(log, INTERNET_STATUS_HANDLE_CLOSING);

    assert_int_equal(log->strays, 0);
    assert_ptr_equal(created, &log->events[0]);
    assert_ptr_equal(created->about, session);
    assert_ptr_equal(created->handle, file);
    assert_int_equal(complete->result.error, result.error);
    assert_int_equal(complete->result.last_error, result.last_error);
    assert_ptr_equal(complete->about, file);
    assert_ptr_equal(closing, &log->events[log->count - 1]);
    assert_ptr_equal(closing->about, file);
    assert_ptr_equal(closing->handle, file);
}
