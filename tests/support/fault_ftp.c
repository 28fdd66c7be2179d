/* SPDX-License-Identifier: MIT */
#include "fault_ftp.h"

#include <stdlib.h>
#include <string.h>

/* One control connection. */
typedef struct ftp_state {
    const fault_ftp *ftp;
    unsigned short client_port; /* PORT and EPRT; 0: passive */
    uint64_t restart;           /* REST */
} ftp_state;

/* What follows the command on the last line that was read. */
static const char *argument(const fault_connection *connection)
{
    const char *space = strchr(fault_last_message(connection), ' ');

    return space != NULL ? space + 1 : "";
}

/* ---- Replies that are more than a text ------------------------------------------------------- */

static bool reply_pasv(fault_connection *connection, const void *unused)
{
    ftp_state *state = fault_get_context(connection);
    unsigned port = fault_listen(connection);

    (void)unused;
    state->client_port = 0;
    return fault_send_format(connection, "227 =(127,0,0,1,%u,%u)\r\n", port >> 8, port & 255);
}

static bool reply_epsv(fault_connection *connection, const void *unused)
{
    ftp_state *state = fault_get_context(connection);
    unsigned port = fault_listen(connection);

    (void)unused;
    state->client_port = 0;
    return fault_send_format(connection, "229 =(|||%u|)\r\n", port);
}

/* "PORT 127,0,0,1,4,1" and "EPRT |1|127.0.0.1|1025|" */
static bool reply_port(fault_connection *connection, const void *unused)
{
    ftp_state *state = fault_get_context(connection);
    unsigned high = 0;
    unsigned low = 0;

    (void)unused;
    if (sscanf(argument(connection), "%*u,%*u,%*u,%*u,%u,%u", &high, &low) == 2)
        state->client_port = (unsigned short)(high << 8 | low);
    else if (sscanf(argument(connection), "|1|%*[0-9.]|%u|", &low) == 1)
        state->client_port = (unsigned short)low;
    else
        return fault_send_format(connection, "501 what port?\r\n");
    return fault_send_format(connection, "200 OK\r\n");
}

static bool reply_size(fault_connection *connection, const void *unused)
{
    const ftp_state *state = fault_get_context(connection);

    (void)unused;
    return fault_send_format(connection, "213 %llu\r\n", (unsigned long long)state->ftp->size);
}

static bool reply_rest(fault_connection *connection, const void *unused)
{
    ftp_state *state = fault_get_context(connection);

    (void)unused;
    state->restart = strtoull(argument(connection), NULL, 10);
    return fault_send_format(connection, "350 %llu\r\n", (unsigned long long)state->restart);
}

/* ---- Data connections ------------------------------------------------------------------------ */

static bool is_upload(const fault_connection *connection)
{
    const char *line = fault_last_message(connection);

    return strncmp(line, "STOR", 4) == 0 || strncmp(line, "APPE", 4) == 0;
}

static void play_usual_data(const ftp_state *state, fault_connection *control,
                            fault_connection *data)
{
    static const fault_step upload[] = {FAULT_READ_ALL, FAULT_END};
    const uint64_t size = state->ftp->size;
    const uint64_t left = state->restart < size ? size - state->restart : 0;
    const fault_step download[] = {FAULT_SEND_COUNTER(left), FAULT_END};

    fault_play(data, is_upload(control) ? upload : download);
}

bool fault_ftp_data(fault_connection *connection, const void *steps)
{
    ftp_state *state = fault_get_context(connection);
    const fault_step restart[] = {FAULT_SEEK(state->restart), FAULT_END};
    fault_connection *data = state->client_port != 0 ? fault_connect(connection, state->client_port)
                                                     : fault_accept(connection);

    if (data == NULL)
        return false;
    fault_play(data, restart);
    if (steps != NULL)
        fault_play(data, steps);
    else
        play_usual_data(state, connection, data);
    fault_hang_up(data);
    state->restart = 0;
    return true;
}

/* ---- The dialogue ---------------------------------------------------------------------------- */

#define REPLY(text) ((const fault_step[]){FAULT_SEND(text "\r\n"), FAULT_END})
#define REPLY_BY(function) ((const fault_step[]){FAULT_CALL(function, NULL), FAULT_END})

/* Few words: WinInet reads them byte by byte, each with four requests to wineserver in Wine 8. */

static const fault_step transfer[] = {
    FAULT_SEND("150 OK\r\n"),
    FAULT_FTP_DATA(NULL),
    FAULT_SEND("226 OK\r\n"),
    FAULT_END,
};

static const fault_route usual_replies[] = {
    {"USER", REPLY("331 OK")},
    {"PASS", REPLY("230 OK")},
    {"SYST", REPLY("215 UNIX Type: L8")},
    {"TYPE", REPLY("200 OK")},
    {"MODE", REPLY("200 OK")},
    {"STRU", REPLY("200 OK")},
    {"NOOP", REPLY("200 OK")},
    {"PWD", REPLY("257 \"/\"")},
    {"CWD", REPLY("250 OK")},
    {"CDUP", REPLY("250 OK")},
    {"MKD", REPLY("257 \"/new\"")},
    {"RMD", REPLY("250 OK")},
    {"DELE", REPLY("250 OK")},
    {"RNFR", REPLY("350 OK")},
    {"RNTO", REPLY("250 OK")},
    {"ABOR", REPLY("226 OK")},
    {"QUIT", REPLY("221 OK")},
    {"PASV", REPLY_BY(reply_pasv)},
    {"EPSV", REPLY_BY(reply_epsv)},
    {"PORT", REPLY_BY(reply_port)},
    {"EPRT", REPLY_BY(reply_port)},
    {"SIZE", REPLY_BY(reply_size)},
    {"REST", REPLY_BY(reply_rest)},
    {"RETR", transfer},
    {"LIST", transfer},
    {"NLST", transfer},
    {"STOR", transfer},
    {"APPE", transfer},
    {NULL, REPLY("502 Not here")},
};

/* The row whose name begins \p line, or the last one. */
static const fault_route *find_reply(const fault_route *reply, const char *line)
{
    for (; reply->path != NULL; reply++) {
        const size_t length = strlen(reply->path);

        if (_strnicmp(line, reply->path, length) == 0 && strchr(" \r", line[length]) != NULL)
            break;
    }
    return reply;
}

bool fault_ftp_usual(fault_connection *connection, const void *unused)
{
    (void)unused;
    return fault_play(connection, find_reply(usual_replies, fault_last_message(connection))->steps);
}

static bool reply(fault_connection *connection, const fault_ftp *ftp)
{
    const char *line = fault_last_message(connection);

    if (ftp->replies != NULL && find_reply(ftp->replies, line)->path != NULL)
        return fault_play(connection, find_reply(ftp->replies, line)->steps);
    return fault_ftp_usual(connection, NULL);
}

static bool converse(fault_connection *connection, const void *context)
{
    const fault_ftp *ftp = context;
    ftp_state state = {.ftp = ftp};
    const fault_step *greeting = ftp->greeting != NULL ? ftp->greeting : REPLY("220 OK");

    fault_set_context(connection, &state);
    if (!fault_play(connection, greeting))
        return false;
    while (fault_read_message(connection, "\r\n") != NULL) {
        if (!reply(connection, ftp))
            return false;
        if (_strnicmp(fault_last_message(connection), "QUIT", 4) == 0)
            return true;
    }
    return false;
}

fault_server *fault_ftp_start(const fault_ftp *ftp)
{
    return fault_server_start_call(converse, ftp);
}
