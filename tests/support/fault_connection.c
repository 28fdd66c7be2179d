/* SPDX-License-Identifier: MIT */
/* One connection: all that it waits for, reads and sends, and its second port. */
#include "fault_internal.h"

/* ---- Waiting: every wait also ends with the server ------------------------------------------- */

enum { MESSAGE_LIMIT = 1 << 20, LOOK_UP_MS = 50 };

fault__woken fault__await(fault_connection *connection, DWORD what)
{
    const fault_server *server = connection->server;
    HANDLE handles[] = {server->stop, connection->event, server->release_all, server->release_one};
    DWORD woken = WaitForMultipleObjects(what, handles, FALSE, INFINITE);
    WSANETWORKEVENTS seen;

    if (woken == WAIT_FAILED)
        fault__die("WaitForMultipleObjects");
    if (woken == FAULT__SOCKET && connection->socket != INVALID_SOCKET &&
        WSAEnumNetworkEvents(connection->socket, NULL, &seen) == 0)
        connection->client_gone |= (seen.lNetworkEvents & FD_CLOSE) != 0;
    return (fault__woken)woken;
}

/* Whether a socket call that failed may be tried again, after waiting for its turn. */
static bool may_retry(fault_connection *connection)
{
    return WSAGetLastError() == WSAEWOULDBLOCK &&
           fault__await(connection, FAULT__FOR_SOCKET) != FAULT__STOP;
}

int fault__receive(fault_connection *connection, char *bytes, int size)
{
    int got;

    if (connection->server->stopping)
        return -1;
    do
        got = recv(connection->socket, bytes, size, 0);
    while (got < 0 && may_retry(connection));
    if (got > 0)
        fault__count(connection->server, FAULT_BYTES_RECEIVED, (uint64_t)got);
    return got;
}

static int send_some(fault_connection *connection, const char *bytes, size_t size)
{
    int sent;

    if (connection->server->stopping)
        return -1;
    do
        sent = send(connection->socket, bytes, size < BLOCK ? (int)size : BLOCK, 0);
    while (sent < 0 && may_retry(connection));
    if (sent > 0)
        fault__count(connection->server, FAULT_BYTES_SENT, (uint64_t)sent);
    return sent;
}

bool fault_send(fault_connection *connection, const void *bytes, size_t size)
{
    const char *next = bytes;

    while (size > 0) {
        int sent = send_some(connection, next, size);

        if (sent < 0)
            return false;
        next += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool fault_send_format(fault_connection *connection, const char *format, ...)
{
    char text[4096];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(text))
        fault__die("formatted text too long");
    return fault_send(connection, text, (size_t)length);
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Receives into the input; as recv. */
static int read_more(fault_connection *connection)
{
    int got;

    if (connection->input_capacity - connection->input_size < BLOCK) {
        connection->input_capacity = connection->input_capacity * 2 + BLOCK;
        connection->input = fault__allocate(connection->input, connection->input_capacity);
    }
    got = fault__receive(connection, connection->input + connection->input_size, BLOCK);
    if (got > 0)
        connection->input_size += (size_t)got;
    return got;
}

static void drop_input(fault_connection *connection, size_t size)
{
    connection->input_size -= size;
    memmove(connection->input, connection->input + size, connection->input_size);
}

/* Where \p mark ends within the input, searching from \p start; 0 when it is not there. */
static size_t find_mark(const fault_connection *connection, const char *mark, size_t start)
{
    size_t length = strlen(mark);
    size_t at;

    for (at = start; at + length <= connection->input_size; at++) {
        if (memcmp(connection->input + at, mark, length) == 0)
            return at + length;
    }
    return 0;
}

const char *fault_read_message(fault_connection *connection, const char *mark)
{
    size_t overlap = strlen(mark) - 1;
    size_t searched = 0;
    size_t end;

    while ((end = find_mark(connection, mark, searched)) == 0) {
        searched = connection->input_size > overlap ? connection->input_size - overlap : 0;
        if (connection->input_size > MESSAGE_LIMIT || read_more(connection) <= 0)
            return NULL;
    }
    connection->message = fault__allocate(connection->message, end + 1);
    memcpy(connection->message, connection->input, end);
    connection->message[end] = '\0';
    drop_input(connection, end);
    fault__log_request(connection, connection->message, end);
    return connection->message;
}

const char *fault_last_message(const fault_connection *connection)
{
    return connection->message != NULL ? connection->message : "";
}

uint64_t fault__content_length(const fault_connection *connection)
{
    static const char name[] = "\r\nContent-Length:";
    const char *line = fault_last_message(connection);

    while ((line = strstr(line, "\r\n")) != NULL) {
        if (_strnicmp(line, name, sizeof(name) - 1) == 0)
            return strtoull(line + sizeof(name) - 1, NULL, 10);
        line += 2;
    }
    return 0;
}

bool fault__read_body(fault_connection *connection, uint64_t left)
{
    while (left > 0) {
        size_t used;

        if (connection->input_size == 0 && read_more(connection) <= 0)
            return false;
        used = connection->input_size < left ? connection->input_size : (size_t)left;
        fault__log_body(connection, connection->input, used);
        drop_input(connection, used);
        left -= used;
    }
    return true;
}

bool fault__read_all(fault_connection *connection)
{
    int got;

    do {
        fault__log_body(connection, connection->input, connection->input_size);
        connection->input_size = 0;
        got = read_more(connection);
    } while (got > 0);
    return got == 0;
}

/* ---- Opening and closing --------------------------------------------------------------------- */

SOCKET fault__bind_loopback(unsigned short *port)
{
    SOCKET socket = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    struct sockaddr_in address = {.sin_family = AF_INET};
    int size = sizeof(address);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (socket == INVALID_SOCKET ||
        bind(socket, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        getsockname(socket, (struct sockaddr *)&address, &size) != 0)
        fault__die("bind");
    *port = ntohs(address.sin_port);
    return socket;
}

fault_connection *fault__new_connection(fault_server *server, SOCKET socket)
{
    fault_connection *connection = fault__allocate(NULL, sizeof(*connection));
    const BOOL on = TRUE;

    memset(connection, 0, sizeof(*connection));
    connection->server = server;
    connection->socket = socket;
    connection->listener = INVALID_SOCKET;
    connection->event = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (connection->event == NULL ||
        WSAEventSelect(socket, connection->event, FD_READ | FD_WRITE | FD_CLOSE) != 0)
        fault__die("WSAEventSelect");
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof(on));
    return connection;
}

void fault__free_connection(fault_connection *connection)
{
    if (connection->listener != INVALID_SOCKET)
        closesocket(connection->listener);
    if (connection->socket != INVALID_SOCKET)
        closesocket(connection->socket);
    CloseHandle(connection->event);
    free(connection->message);
    free(connection->input);
    free(connection);
}

void fault__close_socket(fault_connection *connection)
{
    closesocket(connection->socket);
    connection->socket = INVALID_SOCKET;
}

/* A second connection goes on with the pattern and the kept request of the first. */
static fault_connection *new_companion(const fault_connection *connection, SOCKET socket)
{
    fault_connection *companion = fault__new_connection(connection->server, socket);

    companion->counter = connection->counter;
    companion->logged = connection->logged;
    return companion;
}

unsigned short fault_listen(fault_connection *connection)
{
    unsigned short port;

    if (connection->listener != INVALID_SOCKET)
        closesocket(connection->listener);
    connection->listener = fault__bind_loopback(&port);
    if (listen(connection->listener, 4) != 0)
        fault__die("listen");
    return port;
}

/* Whether the client has ended its side and everything before that has been read. */
static bool has_gone(const fault_connection *connection)
{
    char byte;
    int got = recv(connection->socket, &byte, 1, MSG_PEEK);

    return got == 0 || (got < 0 && WSAGetLastError() != WSAEWOULDBLOCK);
}

/* By select, and looking up now and then: an event for FD_ACCEPT can be lost (run_acceptor). */
fault_connection *fault_accept(fault_connection *connection)
{
    SOCKET listener = connection->listener;
    int ready = 0;

    while (ready == 0 && listener != INVALID_SOCKET) {
        struct timeval patience = {0, LOOK_UP_MS * 1000};
        fd_set arrived;

        if (connection->server->stopping || has_gone(connection))
            return NULL;
        FD_ZERO(&arrived);
        FD_SET(listener, &arrived);
        ready = select(0, &arrived, NULL, NULL, &patience);
    }
    return ready > 0 ? new_companion(connection, accept(listener, NULL, NULL)) : NULL;
}

fault_connection *fault_connect(fault_connection *connection, unsigned short port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    unsigned short own_port;
    SOCKET socket = fault__bind_loopback(&own_port);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        closesocket(socket);
        return NULL;
    }
    return new_companion(connection, socket);
}

void fault_hang_up(fault_connection *connection)
{
    if (connection->socket != INVALID_SOCKET)
        shutdown(connection->socket, SD_SEND);
    fault__free_connection(connection);
}

void fault_set_context(fault_connection *connection, void *context)
{
    connection->context = context;
}

void *fault_get_context(const fault_connection *connection)
{
    return connection->context;
}
