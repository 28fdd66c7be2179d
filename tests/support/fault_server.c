/* SPDX-License-Identifier: MIT */
/* A server from start to stop: its threads, what it counts, what it keeps. */
#include "fault_internal.h"

enum {
    STACK = 256 * 1024, /* of a thread: thousands fit into 32 bits */
    FILL_MS = 300,      /* a connect on loopback that takes longer hangs */
    JOIN_MS = 20000,    /* a thread that outlives the stop so long is a defect */
    RELEASE_LIMIT = 1 << 30
};

void fault__die(const char *what)
{
    fprintf(stderr, "fault server: %s (error %lu)\n", what, GetLastError());
    fflush(stderr);
    TerminateProcess(GetCurrentProcess(), 3);
    abort();
}

void *fault__allocate(void *old, size_t size)
{
    void *memory = realloc(old, size);

    if (memory == NULL)
        fault__die("out of memory");
    return memory;
}

/* ---- Counting and keeping -------------------------------------------------------------------- */

void fault__count(fault_server *server, fault_counter counter, uint64_t amount)
{
    EnterCriticalSection(&server->lock);
    server->counters[counter] += amount;
    LeaveCriticalSection(&server->lock);
    WakeAllConditionVariable(&server->changed);
}

uint64_t fault_server_count(fault_server *server, fault_counter counter)
{
    uint64_t value;

    EnterCriticalSection(&server->lock);
    value = server->counters[counter];
    LeaveCriticalSection(&server->lock);
    return value;
}

bool fault_server_wait(fault_server *server, fault_counter counter, uint64_t wanted,
                       uint32_t timeout_ms)
{
    ULONGLONG start = GetTickCount64();
    ULONGLONG passed = 0;
    bool reached;

    EnterCriticalSection(&server->lock);
    while (server->counters[counter] < wanted && passed < timeout_ms) {
        SleepConditionVariableCS(&server->changed, &server->lock, timeout_ms - (DWORD)passed);
        passed = GetTickCount64() - start;
    }
    reached = server->counters[counter] >= wanted;
    LeaveCriticalSection(&server->lock);
    return reached;
}

static void keep_text(log_entry *entry, const char *bytes, size_t size)
{
    if (size > LOG_TEXT - entry->size)
        size = LOG_TEXT - entry->size;
    entry->text = fault__allocate(entry->text, entry->size + size + 1);
    if (size != 0) /* else there may be no bytes at all */
        memcpy(entry->text + entry->size, bytes, size);
    entry->size += size;
}

void fault__log_request(fault_connection *connection, const char *text, size_t size)
{
    fault_server *server = connection->server;
    log_entry *entry;

    EnterCriticalSection(&server->lock);
    entry = &server->log[server->counters[FAULT_REQUESTS] % LOG_SIZE];
    entry->size = 0;
    keep_text(entry, text, size);
    connection->logged = ++server->counters[FAULT_REQUESTS];
    LeaveCriticalSection(&server->lock);
    WakeAllConditionVariable(&server->changed);
}

static bool is_kept(const fault_server *server, uint64_t index)
{
    uint64_t total = server->counters[FAULT_REQUESTS];

    return index < total && total - index <= LOG_SIZE;
}

void fault__log_body(fault_connection *connection, const char *bytes, size_t size)
{
    fault_server *server = connection->server;
    uint64_t index = connection->logged - 1;

    EnterCriticalSection(&server->lock);
    if (connection->logged != 0 && is_kept(server, index))
        keep_text(&server->log[index % LOG_SIZE], bytes, size);
    LeaveCriticalSection(&server->lock);
}

size_t fault_server_request(fault_server *server, uint64_t index, char *text, size_t size)
{
    size_t length = 0;
    size_t copied = 0;

    EnterCriticalSection(&server->lock);
    if (is_kept(server, index)) {
        const log_entry *entry = &server->log[index % LOG_SIZE];

        length = entry->size;
        copied = length < size ? length : size - 1;
        memcpy(text, entry->text, copied);
    }
    LeaveCriticalSection(&server->lock);
    text[copied] = '\0';
    return length;
}

/* ---- Connections ----------------------------------------------------------------------------- */

static DWORD WINAPI run_connection(void *context)
{
    fault_connection *connection = context;

    fault__serve(connection);
    fault__count(connection->server, FAULT_CLOSED, 1);
    InterlockedExchange(&connection->ended, TRUE);
    return 0;
}

static HANDLE start_thread(LPTHREAD_START_ROUTINE function, void *context)
{
    HANDLE thread =
        CreateThread(NULL, STACK, function, context, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);

    if (thread == NULL)
        fault__die("CreateThread");
    return thread;
}

static const fault_step *script_for(const fault_server *server, uint64_t number)
{
    const fault_step *const *scripts = server->scripts;

    if (scripts == NULL)
        return server->script;
    while (number-- > 0 && scripts[1] != NULL)
        scripts++;
    return *scripts;
}

static void take_connection(fault_server *server, SOCKET socket)
{
    fault_connection *connection = fault__new_connection(server, socket);

    connection->script = script_for(server, fault_server_count(server, FAULT_CONNECTIONS));
    connection->next = server->connections;
    server->connections = connection;
    fault__count(server, FAULT_CONNECTIONS, 1);
    connection->thread = start_thread(run_connection, connection);
}

static void join(HANDLE thread)
{
    if (WaitForSingleObject(thread, JOIN_MS) != WAIT_OBJECT_0)
        fault__die("a thread does not end");
    CloseHandle(thread);
}

/* Joins and frees the connections that are over, or, at the stop, all. */
static void reap_connections(fault_server *server, bool all)
{
    fault_connection **link = &server->connections;

    while (*link != NULL) {
        fault_connection *connection = *link;

        if (connection->ended || all) {
            *link = connection->next;
            join(connection->thread);
            fault__free_connection(connection);
        } else {
            link = &connection->next;
        }
    }
}

/* Accepts without FD_ACCEPT: Wine 8 signals that no more after a signal behind which accept found
 * nothing, and such signals happen. The stop wakes the thread with a connection of its own. */
static DWORD WINAPI run_acceptor(void *context)
{
    fault_server *server = context;

    while (!server->stopping) {
        SOCKET socket = accept(server->listener, NULL, NULL);

        if (server->stopping)
            closesocket(socket);
        else if (socket != INVALID_SOCKET)
            take_connection(server, socket);
        else if (WSAGetLastError() != WSAECONNRESET)
            fault__die("accept");
        reap_connections(server, false);
    }
    return 0;
}

/* ---- Servers --------------------------------------------------------------------------------- */

static fault_server *new_server(void)
{
    fault_server *server = fault__allocate(NULL, sizeof(*server));
    WSADATA data;

    memset(server, 0, sizeof(*server));
    InitializeCriticalSection(&server->lock);
    InitializeConditionVariable(&server->changed);
    server->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    server->release_all = CreateEventW(NULL, TRUE, FALSE, NULL);
    server->release_one = CreateSemaphoreW(NULL, 0, RELEASE_LIMIT, NULL);
    if (server->stop == NULL || server->release_all == NULL || server->release_one == NULL ||
        WSAStartup(MAKEWORD(2, 2), &data) != 0)
        fault__die("no events");
    server->listener = fault__bind_loopback(&server->port);
    return server;
}

static fault_server *start(fault_server *server)
{
    if (listen(server->listener, SOMAXCONN) != 0)
        fault__die("listen");
    server->acceptor = start_thread(run_acceptor, server);
    return server;
}

fault_server *fault_server_start(const fault_step *script)
{
    fault_server *server = new_server();

    server->script = script;
    return start(server);
}

fault_server *fault_server_start_many(const fault_step *const *scripts)
{
    fault_server *server = new_server();

    server->scripts = scripts;
    return start(server);
}

fault_server *fault_server_start_routes(const fault_route *routes)
{
    fault_server *server = new_server();

    server->routes = routes;
    return start(server);
}

fault_server *fault_server_start_call(fault_function *function, const void *context)
{
    fault_server *server = new_server();

    server->call[0] = (fault_step)FAULT_CALL(function, context);
    server->script = server->call;
    return start(server);
}

fault_server *fault_server_start_refusing(void)
{
    return new_server(); /* bound, and does not listen */
}

/* A connection that is being made; waits for nothing. */
static SOCKET start_connecting(unsigned short port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    unsigned short own_port;
    SOCKET socket = fault__bind_loopback(&own_port);
    u_long on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ioctlsocket(socket, (long)FIONBIO, &on);
    connect(socket, (const struct sockaddr *)&address, sizeof(address));
    return socket;
}

enum filling { FILLING_CONNECTED, FILLING_HANGS, FILLING_REFUSED };

static enum filling fill_one(fault_server *server)
{
    SOCKET socket = start_connecting(server->port);
    struct timeval patience = {0, FILL_MS * 1000};
    fd_set connected;
    fd_set failed;

    server->fillers[server->filler_count++] = socket;
    FD_ZERO(&connected);
    FD_ZERO(&failed);
    FD_SET(socket, &connected);
    FD_SET(socket, &failed);
    if (select(0, NULL, &connected, &failed, &patience) == 0)
        return FILLING_HANGS;
    return FD_ISSET(socket, &connected) ? FILLING_CONNECTED : FILLING_REFUSED;
}

fault_server *fault_server_start_full(void)
{
    fault_server *server = new_server();
    enum filling filling;

    if (listen(server->listener, 1) != 0)
        fault__die("listen");
    do
        filling = fill_one(server);
    while (filling == FILLING_CONNECTED && server->filler_count < FILLERS);
    if (filling == FILLING_HANGS)
        return server;
    fault_server_stop(server);
    return NULL;
}

static void free_server(fault_server *server)
{
    size_t i;

    for (i = 0; i < server->filler_count; i++)
        closesocket(server->fillers[i]);
    for (i = 0; i < LOG_SIZE; i++)
        free(server->log[i].text);
    for (i = 0; i < URLS; i++)
        free(server->urls[i]);
    CloseHandle(server->stop);
    CloseHandle(server->release_all);
    CloseHandle(server->release_one);
    DeleteCriticalSection(&server->lock);
    WSACleanup();
    free(server);
}

static void stop_acceptor(fault_server *server)
{
    SOCKET call = start_connecting(server->port);

    join(server->acceptor);
    closesocket(call);
}

void fault_server_stop(fault_server *server)
{
    if (server == NULL)
        return;
    InterlockedExchange(&server->stopping, TRUE);
    SetEvent(server->stop);
    if (server->acceptor != NULL)
        stop_acceptor(server);
    closesocket(server->listener);
    reap_connections(server, true);
    free_server(server);
}

unsigned short fault_server_port(const fault_server *server)
{
    return server->port;
}

const char *fault_server_url_for(fault_server *server, const char *scheme, const char *path)
{
    size_t size = strlen(scheme) + strlen(path) + sizeof("://127.0.0.1:65535");
    char *url;

    EnterCriticalSection(&server->lock);
    url = fault__allocate(server->urls[server->next_url], size);
    server->urls[server->next_url] = url;
    server->next_url = (server->next_url + 1) % URLS;
    snprintf(url, size, "%s://127.0.0.1:%u%s", scheme, server->port, path);
    LeaveCriticalSection(&server->lock);
    return url;
}

const char *fault_server_url(fault_server *server, const char *path)
{
    return fault_server_url_for(server, "http", path);
}

void fault_server_release(fault_server *server)
{
    SetEvent(server->release_all);
}

void fault_server_release_one(fault_server *server)
{
    ReleaseSemaphore(server->release_one, 1, NULL);
}
