/* SPDX-License-Identifier: MIT */
/* A session and a connection to a server of the test's own, and what requests of it are tested
 * with. */
#ifndef TIN_TEST_REQUEST_FIXTURE_H
#define TIN_TEST_REQUEST_FIXTURE_H

#include "test.h"

#include "fault_server.h"
#include "guarded_heap.h"
#include "internal.h"

#define assert_result(expected, call)                                                              \
    do {                                                                                           \
        const tin_result outcome = (call);                                                         \
        if (outcome.error != (expected))                                                           \
            fail_msg("%s: %s (%lu)", #call, tin_error_name(outcome.error),                         \
                     (unsigned long)outcome.last_error);                                           \
    } while (0)

typedef struct test_link {
    fault_server *server;
    tin_handle session, connection;
} test_link;

static inline test_link link_with(fault_server *server, const char *user, const char *password)
{
    test_link link = {.server = server};

    assert_result(TIN_OK,
                  tin_open("test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &link.session));
    assert_result(TIN_OK, tin_connect(link.session, "127.0.0.1", fault_server_port(server), user,
                                      password, INTERNET_SERVICE_HTTP, 0, NULL, &link.connection));
    return link;
}

static inline test_link link_to(const fault_step *script)
{
    return link_with(fault_server_start(script), NULL, NULL);
}

static inline test_link link_to_routes(const fault_route *routes)
{
    return link_with(fault_server_start_routes(routes), NULL, NULL);
}

static inline void unlink_all(test_link *link)
{
    assert_result(TIN_OK, tin_close_handle(link->session));
    fault_server_release(link->server);
    fault_server_stop(link->server);
}

static inline tin_handle request_for(const test_link *link, const char *verb, const char *object)
{
    tin_handle request;

    assert_result(TIN_OK, tin_http_open_request(link->connection, verb, object, NULL, NULL, NULL,
                                                INTERNET_FLAG_RELOAD | INTERNET_FLAG_NO_CACHE_WRITE,
                                                NULL, &request));
    return request;
}

/* What the server got as request `index`; valid until the next call. */
static inline const char *received(fault_server *server, uint64_t index)
{
    static char text[8192];

    text[0] = '\0';
    fault_server_request(server, index, text, sizeof text);
    return text;
}

/* The first line of a text; valid until the next call. */
static inline const char *first_line(const char *text)
{
    static char line[1024];

    snprintf(line, sizeof line, "%.*s", (int)strcspn(text, "\r\n"), text);
    return line;
}

static inline bool has_line(const char *text, const char *line)
{
    const size_t length = strlen(line);

    for (const char *p = text; (p = strstr(p, line)) != NULL; p++)
        if (p != text && p[-1] == '\n' && (p[length] == '\r' || p[length] == '\0'))
            return true;
    return false;
}

static inline bool has_name(const char *text, const char *name)
{
    char start[64];

    snprintf(start, sizeof start, "\n%s:", name);
    return strstr(text, start) != NULL;
}

static inline const char *body_of(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");

    return end != NULL ? end + 4 : "";
}

static inline DWORD status_of(tin_handle request)
{
    DWORD status;

    assert_result(TIN_OK, tin_http_status(request, &status));
    return status;
}

/* The whole body as text; valid until the next call. */
static inline const char *read_text(tin_handle request)
{
    static char text[4096];
    size_t got;

    assert_result(TIN_OK, tin_read_file(request, text, sizeof text - 1, &got));
    text[got] = '\0';
    return text;
}

#endif
