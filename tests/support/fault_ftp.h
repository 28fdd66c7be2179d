/* SPDX-License-Identifier: MIT */
/*
 * The fault server's FTP: an ordinary server, of which each reply and each data connection can be
 * replaced by a script.
 *
 *     static const fault_step cut[] = {
 *         FAULT_SEND("150 here it comes\r\n"),
 *         FAULT_FTP_DATA((const fault_step[]){FAULT_SEND_COUNTER(500), FAULT_RST, FAULT_END}),
 *         FAULT_SEND("426 lost\r\n"),
 *         FAULT_END,
 *     };
 *     static const fault_route replies[] = {{"RETR", cut}, {NULL, NULL}};
 *     fault_server *server = fault_ftp_start(&(fault_ftp){.replies = replies, .size = 1000});
 *
 * Every command counts as a request, so fault_server_request(server, 0, ...) is "USER ...\r\n";
 * what is uploaded is kept behind its command.
 */
#ifndef TIN_TEST_FAULT_FTP_H
#define TIN_TEST_FAULT_FTP_H

#include "fault_server.h"

/** All members may be zero. Borrowed until the server's stop. */
typedef struct fault_ftp {
    const fault_step *greeting; /* NULL: 220 */
    /* Replies other than the usual ones: by command ("PASV"), or by the beginning of the line
     * ("RETR missing.txt"). At the script's end the next command is read. */
    const fault_route *replies;
    /* What SIZE says, and where the pattern ends that RETR sends, from REST's place on. */
    uint64_t size;
} fault_ftp;

fault_server *fault_ftp_start(const fault_ftp *ftp);

/* For scripts of replies: opens the data connection, passive or active as the client chose, plays
 * these steps on it and closes it. NULL: what the command usually does with its data. */
#define FAULT_FTP_DATA(steps) FAULT_CALL(fault_ftp_data, steps)
/* The usual reply to the command, for scripts that only do something before or after it. */
#define FAULT_FTP_USUAL FAULT_CALL(fault_ftp_usual, NULL)

bool fault_ftp_data(fault_connection *connection, const void *steps);
bool fault_ftp_usual(fault_connection *connection, const void *unused);

#endif
