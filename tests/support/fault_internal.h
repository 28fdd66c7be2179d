/* SPDX-License-Identifier: MIT */
/* What fault_server.c, fault_connection.c and fault_script.c share; for nobody else. */
#ifndef TIN_TEST_FAULT_INTERNAL_H
#define TIN_TEST_FAULT_INTERNAL_H

#include "fault_server.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winsock2.h>
#include <windows.h>

enum {
    BLOCK = 64 * 1024,     /* bytes per send and receive */
    LOG_SIZE = 256,        /* requests kept */
    LOG_TEXT = 256 * 1024, /* bytes kept of each */
    URLS = 16,             /* texts of fault_server_url that stay valid */
    FILLERS = 64           /* connections tried to fill a queue */
};

struct fault_connection {
    fault_server *server;
    fault_connection *next;
    HANDLE thread;
    volatile LONG ended; /* the thread is about to return */
    SOCKET socket;       /* INVALID_SOCKET once closed */
    HANDLE event;        /* something happened on it; resets itself */
    SOCKET listener;     /* fault_listen; INVALID_SOCKET for none */
    bool client_gone;    /* FD_CLOSE was seen */
    const fault_step *script;
    uint64_t counter; /* where the pattern goes on */
    uint64_t logged;  /* number of the last request, counted from 1; 0 before */
    char *message;    /* last request; NULL before */
    char *input;      /* received, not yet used */
    size_t input_size;
    size_t input_capacity;
    void *context;
};

typedef struct log_entry {
    char *text;
    size_t size;
} log_entry;

struct fault_server {
    SOCKET listener;
    unsigned short port;
    HANDLE acceptor; /* NULL for servers that accept nothing */
    HANDLE stop;
    volatile LONG stopping; /* the same, for what never waits */
    HANDLE release_all;
    HANDLE release_one;
    const fault_step *script;
    fault_step call[2]; /* the script of fault_server_start_call */
    const fault_step *const *scripts;
    const fault_route *routes;
    fault_connection *connections; /* only the acceptor changes the list */
    SOCKET fillers[FILLERS];
    size_t filler_count;

    CRITICAL_SECTION lock; /* what follows */
    CONDITION_VARIABLE changed;
    uint64_t counters[FAULT_COUNTERS];
    log_entry log[LOG_SIZE];
    char *urls[URLS];
    unsigned next_url;
};

/* ---- fault_server.c */
_Noreturn void fault__die(const char *what);
void *fault__allocate(void *old, size_t size); /* realloc that does not fail */
void fault__count(fault_server *server, fault_counter counter, uint64_t amount);
void fault__log_request(fault_connection *connection, const char *text, size_t size);
void fault__log_body(fault_connection *connection, const char *bytes, size_t size);

/* ---- fault_connection.c */

/* What ends a wait; the server's stop ends each one. */
typedef enum fault__woken {
    FAULT__STOP,
    FAULT__SOCKET,
    FAULT__RELEASE_ALL,
    FAULT__RELEASE_ONE
} fault__woken;
enum { FAULT__FOR_SOCKET = 2, FAULT__FOR_RELEASE = 4 };

fault__woken fault__await(fault_connection *connection, DWORD what);
fault_connection *fault__new_connection(fault_server *server, SOCKET socket);
void fault__free_connection(fault_connection *connection);
SOCKET fault__bind_loopback(unsigned short *port);
void fault__close_socket(fault_connection *connection);
int fault__receive(fault_connection *connection, char *bytes, int size); /* recv that waits */
bool fault__read_body(fault_connection *connection, uint64_t size);
bool fault__read_all(fault_connection *connection);
uint64_t fault__content_length(const fault_connection *connection);

/* ---- fault_script.c */
void fault__serve(fault_connection *connection); /* from the first step to the end */

#endif
