/* SPDX-License-Identifier: MIT */
/* Plays scripts: what each step does, and which one a request gets. */
#include "fault_internal.h"

const fault_step fault_script_mute[] = {FAULT_MUTE, FAULT_END};
const fault_step fault_script_sink[] = {FAULT_HOLD, FAULT_END};

/* ---- Steps: each returns whether the script goes on ------------------------------------------ */

typedef bool step_function(fault_connection *connection, const fault_step *step);

static bool rest(const fault_connection *connection, uint64_t ms)
{
    return WaitForSingleObject(connection->server->stop, (DWORD)ms) == WAIT_TIMEOUT;
}

static bool step_read_request(fault_connection *connection, const fault_step *step)
{
    (void)step;
    connection->counter = 0;
    return fault_read_message(connection, "\r\n\r\n") != NULL;
}

static bool step_read_body(fault_connection *connection, const fault_step *step)
{
    uint64_t size = step->amount != 0 ? step->amount : fault__content_length(connection);

    if (!fault__read_body(connection, size))
        return false;
    fault__count(connection->server, FAULT_BODIES, 1);
    return true;
}

static bool step_read_all(fault_connection *connection, const fault_step *step)
{
    (void)step;
    if (!fault__read_all(connection))
        return false;
    fault__count(connection->server, FAULT_BODIES, 1);
    return true;
}

static bool step_send(fault_connection *connection, const fault_step *step)
{
    uint64_t round = 0;

    do {
        if (!fault_send(connection, step->data, (size_t)step->amount))
            return false;
        if (step->pause_ms != 0 && !rest(connection, step->pause_ms))
            return false;
    } while (++round < step->times);
    return true;
}

static bool step_send_filled(fault_connection *connection, const fault_step *step)
{
    static const char mark[] = "{port}";
    const char *text = step->data;
    const char *found;

    while ((found = strstr(text, mark)) != NULL) {
        if (!fault_send(connection, text, (size_t)(found - text)) ||
            !fault_send_format(connection, "%u", connection->server->port))
            return false;
        text = found + sizeof(mark) - 1;
    }
    return fault_send(connection, text, strlen(text));
}

static bool step_send_counter(fault_connection *connection, const fault_step *step)
{
    char block[BLOCK];
    uint64_t left = step->amount;

    while (left > 0) {
        size_t size = left < sizeof(block) ? (size_t)left : sizeof(block);

        fault_pattern_fill(connection->counter, block, size);
        if (!fault_send(connection, block, size))
            return false;
        connection->counter += size;
        left -= size;
    }
    return true;
}

static bool step_seek(fault_connection *connection, const fault_step *step)
{
    connection->counter = step->amount;
    return true;
}

static bool step_pause(fault_connection *connection, const fault_step *step)
{
    return rest(connection, step->amount);
}

static bool step_hold(fault_connection *connection, const fault_step *step)
{
    fault__woken woken;

    (void)step;
    fault__count(connection->server, FAULT_HOLDS, 1);
    do {
        if (connection->client_gone)
            return false;
        woken = fault__await(connection, FAULT__FOR_RELEASE);
    } while (woken == FAULT__SOCKET);
    return woken != FAULT__STOP;
}

static bool step_mute(fault_connection *connection, const fault_step *step)
{
    fault__woken woken = FAULT__SOCKET;
    char waste[BLOCK];

    (void)step;
    fault__count(connection->server, FAULT_HOLDS, 1);
    while (woken == FAULT__SOCKET) {
        int got = recv(connection->socket, waste, sizeof(waste), 0);

        if (got == 0 || (got < 0 && WSAGetLastError() != WSAEWOULDBLOCK))
            return false;
        if (got > 0)
            fault__count(connection->server, FAULT_BYTES_RECEIVED, (uint64_t)got);
        else
            woken = fault__await(connection, FAULT__FOR_RELEASE);
    }
    return woken != FAULT__STOP;
}

static bool step_fin(fault_connection *connection, const fault_step *step)
{
    (void)step;
    return shutdown(connection->socket, SD_SEND) == 0;
}

static bool step_close(fault_connection *connection, const fault_step *step)
{
    (void)step;
    fault__close_socket(connection);
    return false;
}

static bool step_rst(fault_connection *connection, const fault_step *step)
{
    const struct linger at_once = {1, 0};

    setsockopt(connection->socket, SOL_SOCKET, SO_LINGER, (const char *)&at_once, sizeof(at_once));
    return step_close(connection, step);
}

static bool step_call(fault_connection *connection, const fault_step *step)
{
    return step->call(connection, step->data);
}

static step_function *const step_functions[] = {
    [FAULT_STEP_READ_REQUEST] = step_read_request,
    [FAULT_STEP_READ_BODY] = step_read_body,
    [FAULT_STEP_READ_ALL] = step_read_all,
    [FAULT_STEP_SEND] = step_send,
    [FAULT_STEP_SEND_FILLED] = step_send_filled,
    [FAULT_STEP_SEND_COUNTER] = step_send_counter,
    [FAULT_STEP_SEEK] = step_seek,
    [FAULT_STEP_PAUSE] = step_pause,
    [FAULT_STEP_HOLD] = step_hold,
    [FAULT_STEP_MUTE] = step_mute,
    [FAULT_STEP_FIN] = step_fin,
    [FAULT_STEP_CLOSE] = step_close,
    [FAULT_STEP_RST] = step_rst,
    [FAULT_STEP_CALL] = step_call,
};

/* ---- Scripts and routes ---------------------------------------------------------------------- */

enum outcome { OUTCOME_OVER, OUTCOME_END, OUTCOME_AGAIN };

static enum outcome play_once(fault_connection *connection, const fault_step *step)
{
    for (; step->action > FAULT_STEP_AGAIN; step++) {
        if (!step_functions[step->action](connection, step))
            return OUTCOME_OVER;
    }
    return step->action == FAULT_STEP_AGAIN ? OUTCOME_AGAIN : OUTCOME_END;
}

static enum outcome play_repeatedly(fault_connection *connection, const fault_step *steps)
{
    enum outcome outcome;

    do
        outcome = play_once(connection, steps);
    while (outcome == OUTCOME_AGAIN);
    return outcome;
}

bool fault_play(fault_connection *connection, const fault_step *steps)
{
    return play_repeatedly(connection, steps) == OUTCOME_END;
}

/* "GET http://host:1/a?b HTTP/1.1" fits "/a", "CONNECT host:1 HTTP/1.1" fits "host:1". */
static bool fits(const char *request, const char *path)
{
    const char *target = strchr(request, ' ');
    const char *authority;
    size_t length;

    if (strcmp(path, "*") == 0)
        return true;
    if (target == NULL)
        return false;
    target++;
    length = strcspn(target, "? \r");
    authority = strstr(target, "://");
    if (authority != NULL && authority < target + length) {
        size_t skipped = (size_t)(authority - target) + 3;

        skipped += strcspn(target + skipped, "/? \r");
        target += skipped;
        length -= skipped;
    }
    return strlen(path) == length && strncmp(path, target, length) == 0;
}

static const fault_step *find_route(const fault_route *route, const char *request)
{
    static const fault_step not_found[] = {
        FAULT_READ_BODY,
        FAULT_SEND("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        FAULT_AGAIN,
    };

    for (; route->path != NULL; route++) {
        if (fits(request, route->path))
            return route->steps;
    }
    return not_found;
}

static enum outcome play_routes(fault_connection *connection)
{
    static const fault_step read_request[] = {FAULT_READ_REQUEST, FAULT_END};
    const fault_route *routes = connection->server->routes;
    enum outcome outcome;

    do {
        outcome = play_once(connection, read_request);
        if (outcome != OUTCOME_OVER)
            outcome = play_once(connection, find_route(routes, connection->message));
    } while (outcome == OUTCOME_AGAIN);
    return outcome;
}

/* Reads away what the client still sends, so that the answer is not lost in a reset. */
static void finish(fault_connection *connection)
{
    char waste[BLOCK];

    if (shutdown(connection->socket, SD_SEND) != 0)
        return;
    while (fault__receive(connection, waste, sizeof(waste)) > 0)
        ;
}

void fault__serve(fault_connection *connection)
{
    enum outcome outcome;

    if (connection->server->routes != NULL)
        outcome = play_routes(connection);
    else
        outcome = play_repeatedly(connection, connection->script);
    if (outcome == OUTCOME_END)
        finish(connection);
    if (connection->socket != INVALID_SOCKET)
        fault__close_socket(connection);
}

/* ---- The pattern ----------------------------------------------------------------------------- */

static uint8_t pattern_byte(uint64_t offset)
{
    return (uint8_t)(offset / 8 >> offset % 8 * 8);
}

void fault_pattern_fill(uint64_t offset, void *bytes, size_t size)
{
    uint8_t *next = bytes;

    for (; size > 0 && offset % 8 != 0; size--)
        *next++ = pattern_byte(offset++);
    for (; size >= 8; size -= 8, offset += 8, next += 8) {
        const uint64_t number = offset / 8;

        memcpy(next, &number, 8); /* Windows is little-endian */
    }
    for (; size > 0; size--)
        *next++ = pattern_byte(offset++);
}

bool fault_pattern_matches(uint64_t offset, const void *bytes, size_t size)
{
    uint8_t expected[4096];
    const uint8_t *next = bytes;

    while (size > 0) {
        size_t part = size < sizeof(expected) ? size : sizeof(expected);

        fault_pattern_fill(offset, expected, part);
        if (memcmp(next, expected, part) != 0)
            return false;
        offset += part;
        next += part;
        size -= part;
    }
    return true;
}
