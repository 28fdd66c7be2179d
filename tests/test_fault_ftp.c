/* SPDX-License-Identifier: MIT */
/* FTP servers that fail in what they say, or in the data. */
#include "fault_row.h"

/* DIALOGUE_MS is for the logon, and what else is said before the fault. test_deadline is exact. */
enum { TIMEOUT_MS = 400, DIALOGUE_MS = 400 };

/* ---- what is asked of them ------------------------------------------------------------------- */

typedef struct ftp_row ftp_row;
typedef void ftp_use(fault_trial *trial, tin_handle connection, const ftp_row *row);

/* Whatever the client does is done on a connection; the first row of what fails ends it. */
struct ftp_row {
    const char *name;
    ftp_use *use; /* NULL: it is a URL that is read */
    fault_ftp ftp;
    fault_outcome outcome;
    DWORD flags;    /* of the connection */
    tin_error then; /* what a later command gives on the connection, where there still is one */
    bool lost;      /* nothing is said of what comes then */
    bool kills_wine;
};

static void use_read(fault_trial *trial, tin_handle connection, const ftp_row *row)
{
    tin_handle file;

    (void)row;
    trial->result = tin_ftp_open_file(connection, "file", GENERIC_READ, 0, NULL, &file);
    if (!tin_ok(trial->result))
        return;
    fault_read(trial, file);
    if (!tin_ok(tin_close_handle(file)))
        fault_complain(trial, "the file was not closed");
}

/* The last word on an upload is what closing says. */
static void use_write(fault_trial *trial, tin_handle connection, const ftp_row *row)
{
    static const char piece[1 << 16];
    size_t written;
    tin_handle file;
    tin_result closed;

    (void)row;
    trial->result = tin_ftp_open_file(connection, "file", GENERIC_WRITE, 0, NULL, &file);
    if (!tin_ok(trial->result))
        return;
    for (int i = 0; i < 400 && tin_ok(trial->result); i++)
        trial->result = tin_write_file(file, piece, sizeof piece, &written);
    if (!tin_ok(trial->result) &&
        tin_write_file(file, piece, 1, &written).error != trial->result.error)
        fault_complain(trial, "then it can be written to");
    closed = tin_close_handle(file);
    if (tin_ok(trial->result))
        trial->result = closed;
    else if (tin_ok(closed))
        fault_complain(trial, "a broken upload was closed as a good one");
}

static void use_little(fault_trial *trial, tin_handle connection, const ftp_row *row)
{
    size_t written;
    tin_handle file;

    (void)row;
    trial->result = tin_ftp_open_file(connection, "file", GENERIC_WRITE, 0, NULL, &file);
    if (!tin_ok(trial->result))
        return;
    trial->result = tin_write_file(file, "some bytes", 10, &written);
    if (tin_ok(trial->result))
        trial->result = tin_close_handle(file);
    else
        (void)!tin_ok(tin_close_handle(file));
}

static void use_get(fault_trial *trial, tin_handle connection, const ftp_row *row)
{
    wchar_t folder[MAX_PATH], path[MAX_PATH];
    HANDLE file;

    (void)row;
    GetTempPathW(MAX_PATH, folder);
    GetTempFileNameW(folder, L"tin", 0, path);
    DeleteFileW(path);
    trial->result =
        tin_ftp_get_file_w(connection, L"file", path, true, FILE_ATTRIBUTE_NORMAL, 0, NULL);
    file = CreateFileW(path, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    if ((file != INVALID_HANDLE_VALUE) != tin_ok(trial->result))
        fault_complain(trial, "a file that is not whole is there, or a whole one is not");
    if (file != INVALID_HANDLE_VALUE) {
        trial->bytes = GetFileSize(file, NULL);
        CloseHandle(file);
    }
    DeleteFileW(path);
}

static void use_list(fault_trial *trial, tin_handle connection, const ftp_row *row)
{
    tin_find_data data;
    tin_handle find;

    (void)row;
    trial->result = tin_ftp_find_first_file(connection, "*", 0, NULL, &data, &find);
    while (tin_ok(trial->result))
        trial->result = tin_find_next_file(find, &data);
    if (find != NULL)
        (void)!tin_ok(tin_close_handle(find));
}

static void use_size(fault_trial *trial, tin_handle connection, const ftp_row *row)
{
    uint64_t size;

    (void)row;
    trial->result = tin_ftp_get_file_size(connection, "file", &size);
}

static void use_directory(fault_trial *trial, tin_handle connection, const ftp_row *row)
{
    char text[300];
    size_t size = sizeof text;

    (void)row;
    trial->result = tin_ftp_get_current_directory(connection, text, &size);
}

static void use_rename(fault_trial *trial, tin_handle connection, const ftp_row *row)
{
    (void)row;
    trial->result = tin_ftp_rename_file(connection, "a", "b");
}

static void use_make(fault_trial *trial, tin_handle connection, const ftp_row *row)
{
    (void)row;
    trial->result = tin_ftp_create_directory(connection, "new");
}

static void use_command(fault_trial *trial, tin_handle connection, const ftp_row *row)
{
    (void)row;
    trial->result = tin_ftp_command(connection, "NOOP", false, 0, NULL, NULL);
}

static void read_url(fault_trial *trial, fault_server *server)
{
    tin_handle file;

    trial->result = tin_open_url(trial->session, fault_server_url_for(server, "ftp", "/file"), NULL,
                                 INTERNET_FLAG_RELOAD, NULL, &file);
    if ((file != NULL) != tin_ok(trial->result))
        fault_complain(trial, "a file and a failure, or neither");
    if (tin_ok(trial->result))
        fault_read(trial, file);
}

/* What failed by time or lost its connection stays so; any other failure leaves it usable. */
static void use_again(fault_trial *trial, tin_handle connection, const ftp_row *row)
{
    const bool over = trial->result.error == TIN_E_TIMEOUT;
    tin_result again;

    if (row->lost)
        return;
    again = tin_ftp_command(connection, "NOOP", false, 0, NULL, NULL);
    if (again.error != (over ? TIN_E_TIMEOUT : row->then))
        fault_complain(trial, "then NOOP: %s", tin_error_name(again.error));
}

static void use_connection(fault_trial *trial, fault_server *server, const ftp_row *row)
{
    tin_handle connection;

    trial->result = tin_connect(trial->session, "127.0.0.1", fault_server_port(server), "bob", "x",
                                INTERNET_SERVICE_FTP, row->flags, NULL, &connection);
    if (!tin_ok(trial->result))
        return;
    row->use(trial, connection, row);
    fault_judge(trial);
    use_again(trial, connection, row);
}

static void play_ftp(fault_trial *trial, const void *data)
{
    const ftp_row *row = data;
    fault_server *server;

    if (row->kills_wine && test_under_wine())
        return;
    server = fault_ftp_start(&row->ftp);
    trial->timeout_ms = TIMEOUT_MS;
    trial->slack_ms = DIALOGUE_MS;
    fault_begin(trial, &row->outcome, NULL);
    if (row->use == NULL)
        read_url(trial, server);
    else
        use_connection(trial, server, row);
    if (row->use == NULL || trial->result.error == TIN_E_AUTH)
        fault_judge(trial);
    fault_server_release(server);
    fault_end(trial);
    fault_server_stop(server);
}

/* ---- scripts --------------------------------------------------------------------------------- */

#define REPLY(text) ((const fault_step[]){FAULT_SEND(text "\r\n"), FAULT_END})
#define STEPS(...) ((const fault_step[]){__VA_ARGS__, FAULT_END})
#define ON(command, ...)                                                                           \
    {                                                                                              \
        .replies = ((const fault_route[]){{command, __VA_ARGS__}, {NULL, NULL}})                   \
    }
#define TRANSFER(...) STEPS(FAULT_SEND("150 Here it comes\r\n"), __VA_ARGS__)
#define DATA(...) FAULT_FTP_DATA(STEPS(__VA_ARGS__))
#define GONE STEPS(FAULT_CLOSE)
#define LOST FAILS_EITHER(TIN_E_CONNECTION_LOST, TIN_E_SERVER)

/* ---- control --------------------------------------------------------------------------------- */

static const ftp_row control[] = {
    {"greeting a byte at a time",
     NULL,
     {.greeting = STEPS(FAULT_DRIP("2", 2, 5), FAULT_DRIP("0", 1, 5), FAULT_DRIP(" ", 1, 5),
                        FAULT_DRIP("x", 3, 5), FAULT_DRIP("\r", 1, 5), FAULT_DRIP("\n", 1, 5)),
      .size = 10},
     ARRIVES_COUNTER(10)},
    {"greeting of many lines",
     NULL,
     {.greeting = STEPS(FAULT_SEND("220-Hello\r\n"), FAULT_SEND_TIMES("220-more\r\n", 20),
                        FAULT_SEND(" 220 not yet\r\n220 now\r\n")),
      .size = 10},
     ARRIVES_COUNTER(10)},
    {"greeting cut off",
     NULL,
     {.greeting = STEPS(FAULT_SEND("220 Hel"), FAULT_CLOSE)},
     FAILS(TIN_E_CONNECTION_LOST)},
    {"greeting of many lines cut off",
     NULL,
     {.greeting = STEPS(FAULT_SEND("220-Hello\r\n220-more\r\n"), FAULT_CLOSE)},
     FAILS(TIN_E_CONNECTION_LOST)},
    {"greeting of many lines that stops",
     NULL,
     {.greeting = STEPS(FAULT_SEND("220-Hello\r\n220-more\r\n"), FAULT_MUTE)},
     FAILS(TIN_E_TIMEOUT)},
    {"greeting without an end",
     NULL,
     {.greeting = STEPS(FAULT_DRIP("220-more\r\n", FAULT_FOREVER, 10))},
     FAILS(TIN_E_TIMEOUT)},
    {"greeting of one line without an end",
     NULL,
     {.greeting = STEPS(FAULT_SEND("220 "), FAULT_DRIP("x", FAULT_FOREVER, 10))},
     FAILS(TIN_E_TIMEOUT)},
    {"greeting reset", NULL, {.greeting = STEPS(FAULT_RST)}, FAILS(TIN_E_CONNECTION_LOST)},
    {"greeting 120",
     NULL,
     {.greeting = STEPS(FAULT_SEND("120 Wait\r\n"), FAULT_MUTE)},
     FAILS_EITHER(TIN_E_TIMEOUT, TIN_E_PROTOCOL)},
    {"greeting of HTTP",
     NULL,
     {.greeting = STEPS(FAULT_SEND("HTTP/1.1 400 Bad Request\r\n\r\n"), FAULT_CLOSE)},
     FAILS_EITHER(TIN_E_INTERNAL, TIN_E_PROTOCOL)}, /* Wine 8 fails without a reason */
    {"greeting 530",
     NULL,
     {.greeting = STEPS(FAULT_SEND("530 Not from there\r\n"), FAULT_CLOSE)},
     FAILS_EITHER(TIN_E_AUTH, TIN_E_SERVER)},
    {"USER: 500", NULL, ON("USER", REPLY("500 What?")), FAILS_EITHER(TIN_E_SERVER, TIN_E_AUTH)},
    {"USER: 421", NULL, ON("USER", STEPS(FAULT_SEND("421 Bye\r\n"), FAULT_CLOSE)),
     FAILS_EITHER(TIN_E_SERVER, TIN_E_AUTH)},
    {"USER: 332", NULL, ON("USER", REPLY("332 Account?")), FAILS_EITHER(TIN_OK, TIN_E_AUTH)},
    {"USER: cut off", NULL, ON("USER", STEPS(FAULT_SEND("331 Pas"), FAULT_CLOSE)),
     FAILS(TIN_E_CONNECTION_LOST)},
    {"USER: reset", NULL, ON("USER", STEPS(FAULT_RST)), FAILS(TIN_E_CONNECTION_LOST)},
    {"PASS: 332", NULL, ON("PASS", REPLY("332 Account?")), FAILS_EITHER(TIN_OK, TIN_E_AUTH)},
    {"PASS: 421", NULL, ON("PASS", STEPS(FAULT_SEND("421 Bye\r\n"), FAULT_CLOSE)),
     FAILS_EITHER(TIN_E_SERVER, TIN_E_AUTH)},
    {"PASS: many lines cut off", NULL,
     ON("PASS", STEPS(FAULT_SEND("230-Hi\r\n230-\r\n"), FAULT_CLOSE)),
     FAILS(TIN_E_CONNECTION_LOST)},
    {"PASS: many lines that stop", NULL,
     ON("PASS", STEPS(FAULT_SEND("230-Hi\r\n 230 no\r\n"), FAULT_MUTE)), FAILS(TIN_E_TIMEOUT)},
    {"PASS: lines without an end", NULL,
     ON("PASS", STEPS(FAULT_DRIP("230-more\r\n", FAULT_FOREVER, 10))), FAILS(TIN_E_TIMEOUT)},
    {"PASS: 20 lines",
     NULL,
     {.replies = ((const fault_route[]){
          {"PASS", STEPS(FAULT_SEND_TIMES("230-more\r\n", 20), FAULT_SEND("230 in\r\n"))},
          {NULL, NULL}}),
      .size = 10},
     ARRIVES_COUNTER(10)},
    {"a reply of 260 characters", use_make,
     ON("MKD", STEPS(FAULT_SEND("550 "), FAULT_SEND(TEXT_256), FAULT_SEND("\r\n"))),
     FAILS_EITHER(TIN_E_SERVER, TIN_E_CONNECTION_LOST), .lost = true},
    {"a reply with line feeds alone", use_make, ON("MKD", STEPS(FAULT_SEND("550 No\n"))),
     FAILS_EITHER(TIN_E_SERVER, TIN_E_TIMEOUT)},
    {"a reply with NUL", use_make, ON("MKD", STEPS(FAULT_SEND("550 No\0pe\r\n"))),
     FAILS(TIN_E_SERVER)},
    {"a reply without a number", use_make, ON("MKD", STEPS(FAULT_SEND("hello\r\n"), FAULT_MUTE)),
     FAILS_EITHER(TIN_E_INTERNAL, TIN_E_PROTOCOL), .lost = true},
    {"a reply of two digits", use_make, ON("MKD", STEPS(FAULT_SEND("55 No\r\n"), FAULT_MUTE)),
     FAILS_EITHER(TIN_E_CONNECTION_LOST, TIN_E_PROTOCOL), .lost = true},
    /* Wine 8 waits for a space */
    {"a reply without a text", use_make, ON("MKD", REPLY("550")),
     FAILS_EITHER(TIN_E_TIMEOUT, TIN_E_SERVER), .lost = true},
    {"a reply of another kind", use_make, ON("MKD", REPLY("150 Here it comes")),
     FAILS(TIN_E_PROTOCOL), .lost = true},
    {"a reply of many lines, cut off", use_make,
     ON("MKD", STEPS(FAULT_SEND("257-Made\r\n257-it\r\n"), FAULT_CLOSE)),
     FAILS(TIN_E_CONNECTION_LOST), .then = TIN_E_CONNECTION_LOST},
    {"a reply that was reset", use_make, ON("MKD", STEPS(FAULT_RST)), FAILS(TIN_E_CONNECTION_LOST),
     .then = TIN_E_CONNECTION_LOST},
    {"a reply that stops", use_make, ON("MKD", STEPS(FAULT_SEND("257 Ma"), FAULT_MUTE)),
     FAILS(TIN_E_TIMEOUT)},
    {"a reply that drips", use_make, ON("MKD", STEPS(FAULT_DRIP("257-x\r\n", FAULT_FOREVER, 10))),
     FAILS(TIN_E_TIMEOUT)},
    {"421 in the middle", use_make, ON("MKD", STEPS(FAULT_SEND("421 Bye\r\n"), FAULT_CLOSE)),
     FAILS(TIN_E_SERVER), .then = TIN_E_CONNECTION_LOST},
    {"RNFR: 550", use_rename, ON("RNFR", REPLY("550 None")), FAILS(TIN_E_SERVER)},
    {"RNTO: 553", use_rename, ON("RNTO", REPLY("553 No")), FAILS(TIN_E_SERVER)},
    {"RNTO: reset", use_rename, ON("RNTO", STEPS(FAULT_RST)), FAILS(TIN_E_CONNECTION_LOST),
     .then = TIN_E_CONNECTION_LOST},
    {"RNTO: stops", use_rename, ON("RNTO", STEPS(FAULT_MUTE)), FAILS(TIN_E_TIMEOUT)},
    {"PWD without quotes", use_directory, ON("PWD", REPLY("257 nothing")),
     FAILS_EITHER(TIN_OK, TIN_E_PROTOCOL)},
    {"PWD with one quote", use_directory, ON("PWD", REPLY("257 \"/half")),
     FAILS_EITHER(TIN_OK, TIN_E_PROTOCOL)},
    {"PWD: reset", use_directory, ON("PWD", STEPS(FAULT_RST)), FAILS(TIN_E_CONNECTION_LOST),
     .then = TIN_E_CONNECTION_LOST},
    {"SIZE of letters", use_size, ON("SIZE", REPLY("213 many")), FAILS(TIN_E_PROTOCOL)},
    {"SIZE negative", use_size, ON("SIZE", REPLY("213 -1")), FAILS(TIN_E_PROTOCOL)},
    {"SIZE beyond 64 bits", use_size, ON("SIZE", REPLY("213 18446744073709551616")),
     FAILS(TIN_E_PROTOCOL)},
    {"SIZE beyond 32 bits", use_size, ON("SIZE", REPLY("213 4294967296")), ARRIVES("")},
    {"SIZE: stops", use_size, ON("SIZE", STEPS(FAULT_MUTE)), FAILS(TIN_E_TIMEOUT)},
    {"NOOP: 500", use_command, ON("NOOP", REPLY("500 What?")), FAILS(TIN_E_SERVER), .lost = true},
    {"NOOP: reset", use_command, ON("NOOP", STEPS(FAULT_RST)), FAILS(TIN_E_CONNECTION_LOST),
     .then = TIN_E_CONNECTION_LOST},
};

/* ---- the data connection --------------------------------------------------------------------- */

#define PASV(address) ON("PASV", REPLY("227 Entering Passive Mode (" address ")"))
#define RETR(...) ON("RETR", TRANSFER(__VA_ARGS__))
#define STOR(...) ON("STOR", TRANSFER(__VA_ARGS__))
#define LIST(...) ON("LIST", TRANSFER(__VA_ARGS__))
#define DONE FAULT_SEND("226 Done\r\n")
#define LOST_DATA GIVES(TIN_E_CONNECTION_LOST, TIN_E_TRUNCATED, 500, NULL, true)

static const ftp_row data_rows[] = {
    {"PASV: cut off", use_read, ON("PASV", STEPS(FAULT_SEND("227 Ent"), FAULT_CLOSE)),
     FAILS(TIN_E_CONNECTION_LOST), .then = TIN_E_CONNECTION_LOST},
    {"PASV: reset", use_read, ON("PASV", STEPS(FAULT_RST)), FAILS(TIN_E_CONNECTION_LOST),
     .then = TIN_E_CONNECTION_LOST},
    {"PASV: stops", use_read, ON("PASV", STEPS(FAULT_MUTE)), FAILS(TIN_E_TIMEOUT)},
    {"PASV: 500", use_read, ON("PASV", REPLY("500 No")), FAILS(TIN_E_SERVER)},
    {"PASV: port 0", use_read, PASV("127,0,0,1,0,0"), FAILS_EITHER(TIN_E_CONNECT, TIN_E_INTERNAL),
     .lost = true},
    {"PASV: port 1", use_read, PASV("127,0,0,1,0,1"), FAILS_EITHER(TIN_E_CONNECT, TIN_E_INTERNAL),
     .lost = true},
    {"PASV: numbers beyond 255", use_read, PASV("127,0,0,1,999,999"),
     GIVES(TIN_E_CONNECT, TIN_E_INTERNAL, 0, NULL, false), .lost = true},
    {"PASV: an address of letters", use_read, PASV("a,b,c,d,e,f"),
     FAILS_EITHER(TIN_E_INTERNAL, TIN_E_PROTOCOL), .lost = true},
    {"PASV: nothing", use_read, ON("PASV", REPLY("227 ")),
     FAILS_EITHER(TIN_E_INTERNAL, TIN_E_PROTOCOL), .lost = true},
    {"PASV: another host that refuses", use_read, PASV("127,0,0,2,0,1"),
     FAILS_EITHER(TIN_E_CONNECT, TIN_E_INTERNAL), .lost = true},
    {"TYPE: reset", use_read, ON("TYPE", STEPS(FAULT_RST)), FAILS(TIN_E_CONNECTION_LOST),
     .then = TIN_E_CONNECTION_LOST},
    {"RETR: 425", use_read, ON("RETR", REPLY("425 No data connection")),
     FAILS_EITHER(TIN_E_CONNECT, TIN_E_SERVER)},
    {"RETR: 150, then 550", use_read, RETR(DATA(FAULT_FIN), FAULT_SEND("550 After all, no\r\n")),
     FAILS(TIN_E_TRUNCATED)},
    {"RETR: 226 at once", use_read, ON("RETR", STEPS(FAULT_SEND("226 Empty\r\n"))),
     FAILS(TIN_E_PROTOCOL), .lost = true},
    {"RETR: reset", use_read, ON("RETR", STEPS(FAULT_RST)), FAILS(TIN_E_CONNECTION_LOST),
     .then = TIN_E_CONNECTION_LOST},
    {"RETR: stops", use_read, ON("RETR", STEPS(FAULT_MUTE)), FAILS(TIN_E_TIMEOUT)},
    {"RETR: stops in its reply", use_read, ON("RETR", STEPS(FAULT_SEND("150 Her"), FAULT_MUTE)),
     FAILS(TIN_E_TIMEOUT)},
    {"RETR: 425, active", use_read, ON("RETR", REPLY("425 Cannot connect")),
     FAILS_EITHER(TIN_E_CONNECT, TIN_E_SERVER), .flags = TIN_FLAG_ACTIVE},
    {"PORT: 500, active", use_read, ON("PORT", REPLY("500 No")), FAILS(TIN_E_SERVER),
     .flags = TIN_FLAG_ACTIVE},
    {"active, whole", use_read, RETR(DATA(FAULT_SEND_COUNTER(5000)), DONE), ARRIVES_COUNTER(5000),
     .flags = TIN_FLAG_ACTIVE},
    {"active, 426", use_read, RETR(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("426 Cut\r\n")),
     ENDS_COUNTER(TIN_E_TRUNCATED, 500), .flags = TIN_FLAG_ACTIVE},
    {"data a byte at a time", use_read, RETR(DATA(FAULT_DRIP("x", 10, 3)), DONE),
     ARRIVES("xxxxxxxxxx")},
    {"no data", use_read, RETR(DATA(FAULT_FIN), DONE), ARRIVES("")},
    {"data reset before the first byte", use_read,
     RETR(DATA(FAULT_PAUSE(20), FAULT_RST), FAULT_SEND("426 Cut\r\n")),
     GIVES(TIN_E_CONNECTION_LOST, TIN_E_TRUNCATED, 0, NULL, false), .lost = true},
    {"data reset in the middle", use_read,
     RETR(DATA(FAULT_SEND_COUNTER(500), FAULT_PAUSE(20), FAULT_RST), FAULT_SEND("426 Cut\r\n")),
     LOST_DATA, .lost = true},
    {"data stops before the first byte", use_read, RETR(DATA(FAULT_MUTE)), FAILS(TIN_E_TIMEOUT)},
    {"data stops in the middle", use_read, RETR(DATA(FAULT_SEND_COUNTER(500), FAULT_MUTE)),
     ENDS_COUNTER(TIN_E_TIMEOUT, 500)},
    {"all data, then silence", use_read, RETR(DATA(FAULT_SEND_COUNTER(500)), FAULT_MUTE),
     ENDS_COUNTER(TIN_E_TIMEOUT, 500)},
    {"all data, then half a word", use_read,
     RETR(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("22"), FAULT_MUTE),
     ENDS_COUNTER(TIN_E_TIMEOUT, 500)},
    {"all data, then reset", use_read, RETR(DATA(FAULT_SEND_COUNTER(500)), FAULT_RST),
     ENDS_COUNTER(TIN_E_CONNECTION_LOST, 500), .then = TIN_E_CONNECTION_LOST},
    {"all data, then many lines cut off", use_read,
     RETR(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("226-Do\r\n226-ne\r\n"), FAULT_CLOSE),
     GIVES(TIN_OK, TIN_E_CONNECTION_LOST, 500, NULL, false), .lost = true}, /* it said 226 */
    {"all data, then 552", use_read,
     RETR(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("552 Too much\r\n")),
     ENDS_COUNTER(TIN_E_TRUNCATED, 500)},
    {"all data, then 421", use_read,
     RETR(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("421 Bye\r\n"), FAULT_CLOSE),
     ENDS_COUNTER(TIN_E_TRUNCATED, 500), .lost = true},
    {"426 before any data, on the URL", NULL, RETR(DATA(FAULT_FIN), FAULT_SEND("426 Cut\r\n")),
     FAILS(TIN_E_TRUNCATED)},
    {"a file that is cut", use_get, RETR(DATA(FAULT_SEND_COUNTER(500)), FAULT_SEND("426 Cut\r\n")),
     FAILS(TIN_E_TRUNCATED)},
    {"a file that is reset", use_get,
     RETR(DATA(FAULT_SEND_COUNTER(500), FAULT_PAUSE(20), FAULT_RST), FAULT_SEND("426 Cut\r\n")),
     FAILS_EITHER(TIN_E_CONNECTION_LOST, TIN_E_TRUNCATED), .lost = true},
    {"a file that stops", use_get, RETR(DATA(FAULT_SEND_COUNTER(500), FAULT_MUTE)),
     FAILS(TIN_E_TIMEOUT)},
    {"a file without a last word", use_get, RETR(DATA(FAULT_SEND_COUNTER(500)), FAULT_MUTE),
     FAILS(TIN_E_TIMEOUT)},
    {"a whole file", use_get, RETR(DATA(FAULT_SEND_COUNTER(500)), DONE), ARRIVES_COUNTER(500)},
    {"STOR: 553", use_little, ON("STOR", REPLY("553 No")), FAILS(TIN_E_SERVER)},
    {"STOR: 150, then 552", use_little, STOR(DATA(FAULT_READ_ALL), FAULT_SEND("552 Full\r\n")),
     FAILS(TIN_E_SERVER)},
    {"STOR: no last word", use_little, STOR(DATA(FAULT_READ_ALL), FAULT_MUTE),
     FAILS(TIN_E_TIMEOUT)},
    {"STOR: reset behind the data", use_little, STOR(DATA(FAULT_READ_ALL), FAULT_RST),
     FAILS(TIN_E_CONNECTION_LOST), .then = TIN_E_CONNECTION_LOST},
    {"STOR: the data reset", use_write,
     STOR(DATA(FAULT_READ_BYTES(50000), FAULT_RST), FAULT_SEND("426 Cut\r\n")),
     FAILS(TIN_E_CONNECTION_LOST), .lost = true},
    {"STOR: 426 in the data", use_write,
     STOR(DATA(FAULT_READ_BYTES(50000), FAULT_CLOSE), FAULT_SEND("426 Cut\r\n")),
     FAILS(TIN_E_CONNECTION_LOST), .lost = true},
    {"STOR: nobody reads", use_write, STOR(DATA(FAULT_HOLD)), FAILS(TIN_E_TIMEOUT)},
    {"STOR: whole", use_write, STOR(DATA(FAULT_READ_ALL), DONE), ARRIVES("")},
    {"LIST: 550", use_list, ON("LIST", REPLY("550 None")), FAILS(TIN_E_SERVER)},
    {"LIST: stops", use_list,
     LIST(DATA(FAULT_SEND("-rw-r--r-- 1 a b 5 Jan 1 2001 f\r\n"), FAULT_MUTE)),
     FAILS(TIN_E_TIMEOUT)},
    {"LIST: garbage", use_list, LIST(DATA(FAULT_SEND("?? %s%n !!\r\n\\ //\x01\r\n")), DONE),
     FAILS_EITHER(TIN_E_NO_MORE, TIN_E_NOT_FOUND), .lost = true},
    {"LIST: a long line", use_list,
     LIST(DATA(FAULT_SEND("-rw-r--r-- 1 a b 5 Jan 1 2001 "), FAULT_SEND_TIMES(TEXT_64, 10)), DONE),
     FAILS_EITHER(TIN_E_NO_MORE, TIN_E_NOT_FOUND), .lost = true},
    /* Wine 8 ends the whole program on such a line: it takes a word of it that is not there */
    {"LIST: an empty line", use_list, LIST(DATA(FAULT_SEND("\r\n")), DONE),
     FAILS_EITHER(TIN_E_NO_MORE, TIN_E_NOT_FOUND), .lost = true, .kills_wine = true},
    {"LIST: nothing", use_list, LIST(DATA(FAULT_FIN), DONE),
     FAILS_EITHER(TIN_E_NO_MORE, TIN_E_NOT_FOUND)},
};

static void faults_in_what_the_server_says(void **state)
{
    (void)state;
    FAULT_RUN_ROWS("FTP control", play_ftp, control);
}

static void faults_in_the_data(void **state)
{
    (void)state;
    FAULT_RUN_ROWS("FTP data", play_ftp, data_rows);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_in_what_the_server_says),
        cmocka_unit_test(faults_in_the_data),
    };

    return test_run_group(tests, NULL, NULL);
}
