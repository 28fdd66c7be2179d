/* SPDX-License-Identifier: MIT */
#include "fuzz_ftp.h"

#include "chance.h"

enum { MOST = 60000 };

/* One control connection. */
typedef struct dialogue {
    fuzz_ftp *ftp;
    unsigned number, count; /* of the case; of the commands so far */
    chance choices;         /* for the next reply */
    fault_connection *control;
} dialogue;

static bool say(dialogue *with, const char *text)
{
    return fault_send(with->control, text, strlen(text));
}

static bool is_current(const dialogue *with)
{
    return with->number == with->ftp->number; /* else its client is gone */
}

static void be_hostile(const dialogue *with)
{
    if (is_current(with))
        InterlockedIncrement(&with->ftp->hostile);
}

static void end(const dialogue *with, fuzz_end how)
{
    if (is_current(with))
        with->ftp->said = how;
}

/* ---- replies --------------------------------------------------------------------------------- */

static const char *const replies[] = {"",
                                      "2",
                                      "22",
                                      "220",
                                      "220-",
                                      "220-a\r\n220-b\r\n 220 c\r\n220 d",
                                      "999 x",
                                      "000 x",
                                      "-1 x",
                                      "abc",
                                      "226 x",
                                      "331 x",
                                      "230 x",
                                      "530 no",
                                      "421 bye",
                                      "150 x",
                                      "550 x\r\n226 y",
                                      "220 \xFF\xFE",
                                      "2 2 0",
                                      "1234567890",
                                      "\t220 x",
                                      "257 \"",
                                      "257 \"\"",
                                      "257 \"a\"\"b\" x",
                                      "257 no quotes",
                                      "213 -1",
                                      "213 99999999999999999999",
                                      "213 x",
                                      "213 ",
                                      "350",
                                      "227 x",
                                      "200-\r\n200-\r\n200 x",
                                      "220\r\r\r\n",
                                      "\n\n\n220 x",
                                      "120 later",
                                      "332 account"};

static bool say_something(dialogue *with)
{
    char noise[3000];
    const unsigned what = choose(&with->choices, 12);
    unsigned size;

    be_hostile(with);
    /* No resets: Wine 8 now and then does not tell them to who waits for a reply, which it then
     * does for 30 s more. */
    if (what <= 1)
        return false; /* says nothing and goes */
    if (what > 4)
        return say(with, choose_from(&with->choices, replies)) && say(with, "\r\n");
    if (what == 4 && !say(with, "220 "))
        return false;
    size = choose(&with->choices, once_in(&with->choices, 2) ? 100 : sizeof noise);
    for (unsigned i = 0; i < size; i++)
        noise[i] = what == 4 ? 'x' : (char)choose(&with->choices, 256);
    return fault_send(with->control, noise, size) && say(with, "\r\n");
}

static bool reply(dialogue *with, const char *text)
{
    return once_in(&with->choices, 25) ? say_something(with) : say(with, text);
}

static bool reply_pasv(dialogue *with)
{
    static const char *const answers[] = {"227 ",
                                          "227 Entering Passive Mode",
                                          "227 (1,2,3)",
                                          "227 (127,0,0,1,256,256)",
                                          "227 (127,0,0,1,-1,-1)",
                                          "227 (127,0,0,1,0,0)",
                                          "227 (127,0,0,1,0,1)",
                                          "227 (127,0,0,999,0,1)",
                                          "227 ((((",
                                          "227 (127,0,0,1,99999999999,1)",
                                          "227 =127,0,0,1,0,1",
                                          "227 (127.0.0.1.4.1)",
                                          "229 (|||1|)",
                                          "500 no",
                                          "227 (a,b,c,d,e,f)",
                                          "227 (,,,,,)",
                                          "227 (127,0,0,1,0,1",
                                          "227 127,0,0,1,0,1",
                                          "227 (127, 0, 0, 1, 0, 1)",
                                          "227 (%s%n%x)"};
    char text[80];
    unsigned port;

    if (once_in(&with->choices, 10)) {
        be_hostile(with);
        return say(with, choose_from(&with->choices, answers)) && say(with, "\r\n");
    }
    port = fault_listen(with->control);
    snprintf(text, sizeof text, "227 Entering Passive Mode (127,0,0,1,%u,%u).\r\n", port >> 8,
             port & 255);
    return reply(with, text);
}

/* ---- listings: no line is empty or blank, which is a crash of Wine 8's own ------------------- */

static const char *const lines[] = {"-rw-r--r-- 1 u g 64 Jan 01 2020 one",
                                    "drwxr-xr-x 2 u g 4096 Feb 29 12:34 two",
                                    "lrwxrwxrwx 1 u g 3 Mar 03 2021 three -> one",
                                    "01-02-20  03:04PM  <DIR>  four",
                                    "01-02-20  03:04AM  123 five",
                                    "total 5",
                                    "-",
                                    "d",
                                    "-rw-r--r--",
                                    "-rw-r--r-- 1",
                                    "-rw-r--r-- 1 u",
                                    "-rw-r--r-- 1 u g",
                                    "-rw-r--r-- 1 u g x",
                                    "-rw-r--r-- 1 u g 99999999999999999999",
                                    "-rw-r--r-- 1 u g 5 Foo",
                                    "-rw-r--r-- 1 u g 5 Foo 99",
                                    "-rw-r--r-- 1 u g 5 Jan 99 99:99",
                                    "-rw-r--r-- 1 u g 5 Jan 01 2020",
                                    "-rw-r--r-- 1 u g -5 Jan 01 -2020 x",
                                    "99-99-99",
                                    "01-02-20 03:04",
                                    "01-02-20 03:04PM",
                                    "01-02-20 03:04PM x",
                                    "+i8388621.48594,m825718503,r,s280,\tsix",
                                    "type=file;size=5; seven",
                                    "x x x x x x x x x x x x x",
                                    "-rw 1 u g 5 Jan 01 2020 ../../x",
                                    "-rw-r--r-- 1 u g 5 Jan 01 2020 \xC3\xBC",
                                    "-rw-r--r-- 1 u g 5 Jan 01 2020 \xFF\x01"};

static void send_listing(dialogue *with, fault_connection *data)
{
    char text[3000];

    be_hostile(with);
    for (unsigned i = choose(&with->choices, 20); i != 0; i--) {
        unsigned size = choose(&with->choices, 300);

        switch (choose(&with->choices, 6)) {
        case 0:
            for (unsigned k = 0; k < size; k++)
                text[k] = (char)(' ' + choose(&with->choices, 256 - ' '));
            text[0] = 'x';
            size++;
            break;
        case 1:
            size = (unsigned)snprintf(text, sizeof text, "-rw-r--r-- 1 u g 5 Jan 01 2020 ");
            memset(text + size, 'n', sizeof text - size);
            size += choose(&with->choices, sizeof text - size);
            break;
        default:
            size = (unsigned)snprintf(text, sizeof text, "%s", choose_from(&with->choices, lines));
            break;
        }
        if (!fault_send(data, text, size) ||
            !fault_send(data, "\r\n", once_in(&with->choices, 9) ? 1 : 2))
            return;
    }
}

/* ---- transfers ------------------------------------------------------------------------------- */

static void send_file(dialogue *with, fault_connection *data)
{
    const unsigned size = choose(&with->choices, once_in(&with->choices, 5) ? MOST : 2000);
    const fault_step steps[] = {FAULT_SEEK((uint64_t)with->number * 8), FAULT_SEND_COUNTER(size),
                                FAULT_END};
    static const fault_step reset[] = {FAULT_RST, FAULT_END};

    if (is_current(with))
        with->ftp->sent = (long)size;
    fault_play(data, steps);
    if (once_in(&with->choices, 15)) {
        be_hostile(with); /* some of it may be lost, and Wine 8 may not show it */
        fault_play(data, reset);
    }
}

static bool end_transfer(dialogue *with)
{
    switch (choose(&with->choices, 9)) {
    case 0:
        end(with, FUZZ_BAD);
        be_hostile(with);
        return say(with, "426 Broken off\r\n");
    case 1:
        end(with, FUZZ_BAD);
        be_hostile(with);
        return false;
    case 2:
        end(with, FUZZ_UNKNOWN);
        return say_something(with);
    default:
        end(with, FUZZ_GOOD);
        return say(with, "226 Done\r\n");
    }
}

static bool transfer(dialogue *with, const char *command)
{
    static const fault_step take[] = {FAULT_READ_ALL, FAULT_END};
    fault_connection *data;

    if (once_in(&with->choices, 10)) {
        be_hostile(with);
        return say(with, "550 There is none\r\n");
    }
    if (!reply(with, "150 Here\r\n"))
        return false;
    data = fault_accept(with->control);
    if (data == NULL)
        return false;
    if (strncmp(command, "RETR", 4) == 0)
        send_file(with, data);
    else if (strncmp(command, "STOR", 4) == 0)
        fault_play(data, take);
    else
        send_listing(with, data);
    fault_hang_up(data);
    return end_transfer(with);
}

/* ---- the dialogue ---------------------------------------------------------------------------- */

static bool answer(dialogue *with, const char *command)
{
    static const struct {
        const char *command, *reply;
    } usual[] = {{"USER", "331 Password?\r\n"},  {"PASS", "230 Logged in\r\n"},
                 {"TYPE", "200 Type set\r\n"},   {"PWD", "257 \"/\" is it\r\n"},
                 {"CWD", "250 There\r\n"},       {"SIZE", "213 5\r\n"},
                 {"REST", "350 From there\r\n"}, {"MKD", "257 \"/new\" made\r\n"},
                 {"DELE", "250 Deleted\r\n"},    {"RNFR", "350 To what?\r\n"},
                 {"RNTO", "250 Renamed\r\n"},    {"RMD", "250 Removed\r\n"},
                 {"NOOP", "200 Fine\r\n"},       {"QUIT", "221 Bye\r\n"}};

    if (strncmp(command, "PASV", 4) == 0)
        return reply_pasv(with);
    if (strncmp(command, "RETR", 4) == 0 || strncmp(command, "STOR", 4) == 0 ||
        strncmp(command, "LIST", 4) == 0 || strncmp(command, "NLST", 4) == 0)
        return transfer(with, command);
    for (size_t i = 0; i < TEST_COUNT_OF(usual); i++)
        if (strncmp(command, usual[i].command, strlen(usual[i].command)) == 0)
            return reply(with, usual[i].reply);
    return reply(with, "502 Not here\r\n");
}

static bool converse(fault_connection *connection, const void *context)
{
    fuzz_ftp *ftp = (fuzz_ftp *)context;
    dialogue with = {.ftp = ftp, .number = ftp->number, .control = connection};
    const char *command;
    bool goes_on;

    with.choices = chance_for(ftp->seed, with.number);
    goes_on = reply(&with, "220 Ready\r\n");
    while (goes_on && (command = fault_read_message(connection, "\r\n")) != NULL) {
        with.choices = chance_for(ftp->seed + ++with.count * 7919, with.number);
        goes_on = answer(&with, command);
    }
    return false;
}

fault_server *fuzz_ftp_start(fuzz_ftp *ftp)
{
    return fault_server_start_call(converse, ftp);
}
