/* SPDX-License-Identifier: MIT */
/* Peers that fail in the body, or behind its end. */
#include "fault_row.h"

/* ---- length ---------------------------------------------------------------------------------- */

static const fault_http_row lengths[] = {
    {"a byte at a time", ANSWER(FAULT_SEND(LENGTH(20)), FAULT_DRIP("x", 20, 3)),
     ARRIVES("xxxxxxxxxxxxxxxxxxxx")},
    {"FIN with the last byte", ANSWER(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(5000)),
     ARRIVES_COUNTER(5000)},
    {"cut after one byte", ANSWER(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(1)),
     ENDS_COUNTER(TIN_E_TRUNCATED, 1)},
    {"cut where a read ends", ANSWER(FAULT_SEND(LENGTH(8193)), FAULT_SEND_COUNTER(8192)),
     ENDS_COUNTER(TIN_E_TRUNCATED, 8192)},
    {"cut after a pause",
     ANSWER(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(100), FAULT_PAUSE(30),
            FAULT_SEND_COUNTER(100), FAULT_PAUSE(30)),
     ENDS_COUNTER(TIN_E_TRUNCATED, 200)},
    {"a request's body, cut", ANSWER(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(4000)),
     ENDS_COUNTER(TIN_E_TRUNCATED, 4000), .verb = "POST"},
    {"an upload's answer, cut",
     ANSWER(FAULT_READ_BODY, FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(4000)),
     ENDS_COUNTER(TIN_E_TRUNCATED, 4000), .verb = "PUT", .body = 10, .streamed = true},
    {"an error page, cut", SAYS("HTTP/1.1 500 X\r\nContent-Length: 10\r\n\r\nsorr"),
     ENDS(TIN_E_TRUNCATED, "sorr"), .status = 500},
    {"a part, cut",
     SAYS("HTTP/1.1 206 X\r\nContent-Range: bytes 0-9/10\r\nContent-Length: 10\r\n\r\n0123"),
     ENDS(TIN_E_TRUNCATED, "0123"), .status = 206},
    {"HTTP/1.0, cut", SAYS("HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\n0123"),
     ENDS(TIN_E_TRUNCATED, "0123")},
    {"to be closed, cut", SAYS(OK_HEAD "Connection: close\r\nContent-Length: 10\r\n\r\n0123"),
     ENDS(TIN_E_TRUNCATED, "0123")},
    {"RST before the first byte", ANSWER(FAULT_SEND(LENGTH(5000)), FAULT_PAUSE(20), FAULT_RST),
     RESET_COUNTER(0)},
    {"RST after one byte",
     ANSWER(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(1), FAULT_PAUSE(20), FAULT_RST),
     RESET_COUNTER(1)},
    {"RST in the middle",
     ANSWER(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(2500), FAULT_PAUSE(20), FAULT_RST),
     RESET_COUNTER(2500)},
    {"RST before the last byte",
     ANSWER(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(4999), FAULT_PAUSE(20), FAULT_RST),
     RESET_COUNTER(4999)},
    {"RST after much", ANSWER(FAULT_SEND(LENGTH(3000000)), FAULT_SEND_COUNTER(2000000), FAULT_RST),
     RESET_COUNTER(2000000)},
    {"stops before the first byte", ANSWER(FAULT_SEND(LENGTH(5000)), FAULT_MUTE),
     FAILS(TIN_E_TIMEOUT)},
    {"stops in the middle", ANSWER(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(2500), FAULT_MUTE),
     ENDS_COUNTER(TIN_E_TIMEOUT, 2500)},
    {"stops before the last byte",
     ANSWER(FAULT_SEND(LENGTH(5000)), FAULT_SEND_COUNTER(4999), FAULT_MUTE),
     ENDS_COUNTER(TIN_E_TIMEOUT, 4999)},
    {"nothing of 4 GiB", SAYS(LENGTH(4294967296)), ENDS(TIN_E_TRUNCATED, "")},
    {"4 GiB less a byte: one of it", SAYS(LENGTH(4294967295) "x"), ENDS(TIN_E_TRUNCATED, "x")},
    {"8 EiB: one byte of it", SAYS(LENGTH(9223372036854775808) "x"), ENDS(TIN_E_TRUNCATED, "x")},
    {"more in the same piece", SAYS(LENGTH(5) "hello, there is more"), ARRIVES("hello")},
    {"more in a later piece",
     ANSWER(FAULT_SEND(LENGTH(5) "hello"), FAULT_PAUSE(20), FAULT_SEND(" and more")),
     ARRIVES("hello")},
    {"more without an end",
     ANSWER(FAULT_SEND(LENGTH(5) "hello"), FAULT_SEND_TIMES(TEXT_1024, FAULT_FOREVER)),
     ARRIVES("hello")},
    {"something behind length 0", SAYS(LENGTH(0) "hello"), ARRIVES("")},
    {"another answer behind it", SAYS(LENGTH(5) "hello" LENGTH(4) "evil"), ARRIVES("hello")},
    {"205 with a body", SAYS("HTTP/1.1 205 X\r\nContent-Length: 0\r\n\r\nhello"), ARRIVES(""),
     .status = 205},
    {"204, chunked", SAYS("HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n"), ARRIVES(""),
     .status = 204},
    {"HEAD with a body", SAYS(LENGTH(5) "hello"), ARRIVES(""), .verb = "HEAD"},
    {"HEAD, cut after the head", SAYS(LENGTH(5)), ARRIVES(""), .verb = "HEAD"},
    {"HEAD with contradicting lengths",
     SAYS(OK_HEAD "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"), FAILS(TIN_E_PROTOCOL),
     .verb = "HEAD"},
    {"no length, FIN", ANSWER(FAULT_SEND(CLOSES), FAULT_SEND_COUNTER(70000)),
     ARRIVES_COUNTER(70000)},
    {"no length, no word about the end", SAYS(OK_HEAD "\r\nhello"), ARRIVES("hello")},
    {"no length, FIN at once", SAYS(CLOSES), ARRIVES("")},
    /* the end that is seen of a reset is then a good one: nothing says that there should be more */
    {"no length, RST",
     ANSWER(FAULT_SEND(CLOSES), FAULT_SEND_COUNTER(2500), FAULT_PAUSE(20), FAULT_RST),
     GIVES(TIN_OK, TIN_E_CONNECTION_LOST, 2500, NULL, true)},
    {"no length, stops", ANSWER(FAULT_SEND(CLOSES), FAULT_SEND_COUNTER(2500), FAULT_MUTE),
     ENDS_COUNTER(TIN_E_TIMEOUT, 2500)},
};

/* ---- chunks ---------------------------------------------------------------------------------- */

/* Wine 8 shows the end of a connection as the end of the body: a cut that cannot be told. Where it
 * can be, TIN_E_TRUNCATED is right; what has arrived is a beginning in any case. */
#define CUT(text) GIVES(TIN_OK, TIN_E_TRUNCATED, sizeof(text) - 1, text, true)
/* WinInet takes the size as it likes; what it delivers is not more than what was sent. */
#define ODD(text) GIVES(TIN_OK, TIN_E_PROTOCOL, sizeof(text) - 1, text, true)

#define CHUNKED_CLOSES OK_HEAD "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
#define CHUNKED_1_0 "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static const fault_http_row chunks[] = {
    {"a byte at a time",
     ANSWER(FAULT_SEND(CHUNKED), FAULT_DRIP("2", 1, 3), FAULT_DRIP("\r", 1, 3),
            FAULT_DRIP("\n", 1, 3), FAULT_DRIP("o", 2, 3), FAULT_DRIP("\r", 1, 3),
            FAULT_DRIP("\n", 1, 3), FAULT_DRIP("0", 1, 3), FAULT_DRIP("\r", 1, 3),
            FAULT_DRIP("\n", 1, 3), FAULT_DRIP("\r", 1, 3), FAULT_DRIP("\n", 1, 3)),
     ARRIVES("oo")},
    /* Wine 8 closes the connection itself when it has read the last size, and waits for more */
    {"stops in the last size, then goes on",
     ANSWER(FAULT_SEND(CHUNKED "4\r\n0123\r\n"), FAULT_PAUSE(40), FAULT_SEND("0\r"),
            FAULT_PAUSE(40), FAULT_SEND("\n\r\n")),
     ARRIVES("0123")},
    {"stops in a size, then goes on",
     ANSWER(FAULT_SEND(CHUNKED "4\r\n0123\r\n"), FAULT_PAUSE(20), FAULT_SEND("3\r"),
            FAULT_PAUSE(20), FAULT_SEND("\n456\r\n0\r\n\r\n")),
     ARRIVES("0123456")},
    {"cut in a size, while it is waited for",
     ANSWER(FAULT_SEND(CHUNKED "4\r\n0123\r\n5\r"), FAULT_PAUSE(20)), CUT("0123")},
    {"cut in the last size, while it is waited for",
     ANSWER(FAULT_SEND(CHUNKED "4\r\n0123\r\n0\r"), FAULT_PAUSE(20)), CUT("0123")},
    {"of one byte each",
     ANSWER(FAULT_SEND(CHUNKED), FAULT_SEND_TIMES("1\r\nx\r\n", 10), FAULT_SEND("0\r\n\r\n")),
     ARRIVES("xxxxxxxxxx")},
    {"one large one",
     ANSWER(FAULT_SEND(CHUNKED "F4240\r\n"), FAULT_SEND_COUNTER(1000000),
            FAULT_SEND("\r\n0\r\n\r\n")),
     ARRIVES_COUNTER(1000000)},
    {"none", SAYS(CHUNKED "0\r\n\r\n"), ARRIVES("")},
    {"with an extension", SAYS(CHUNKED "2;a=\"b\"\r\nok\r\n0;c\r\n\r\n"), ARRIVES("ok")},
    {"with a trailer", SAYS(CHUNKED "2\r\nok\r\n0\r\nX-Trailer: a\r\nContent-Length: 9\r\n\r\n"),
     ARRIVES("ok")},
    {"with zeros in front", SAYS(CHUNKED "0000000002\r\nok\r\n000\r\n\r\n"), ARRIVES("ok")},
    {"in lower case", SAYS(CHUNKED "a\r\n0123456789\r\n0\r\n\r\n"), ARRIVES("0123456789")},
    {"spelt otherwise", SAYS(OK_HEAD "transfer-encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
     ARRIVES("ok")},
    {"something behind the end", SAYS(CHUNKED "2\r\nok\r\n0\r\n\r\nand more"), ARRIVES("ok")},
    {"a shorter length beside it",
     SAYS(OK_HEAD "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
     ARRIVES("ok")},
    {"a longer length beside it",
     SAYS(OK_HEAD "Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
     ARRIVES("ok")},
    /* whole, but not to be told from the cuts below under Wine 8: see docs/limits.md */
    {"the last line end later",
     ANSWER(FAULT_SEND(CHUNKED "4\r\n0123\r\n0\r\n"), FAULT_PAUSE(60), FAULT_SEND("\r\n")),
     ARRIVES("0123")},
    {"the last chunk in two pieces, later",
     ANSWER(FAULT_SEND(CHUNKED "4\r\n0123\r\n"), FAULT_PAUSE(60), FAULT_SEND("0\r\n"),
            FAULT_PAUSE(60), FAULT_SEND("\r\n")),
     ARRIVES("0123")},
    {"a trailer later",
     ANSWER(FAULT_SEND(CHUNKED "4\r\n0123\r\n0\r\n"), FAULT_PAUSE(60),
            FAULT_SEND("X-Trailer: a\r\n\r\n")),
     ARRIVES("0123")},
    {"to be closed", SAYS(CHUNKED_CLOSES "4\r\n0123\r\n0\r\n\r\n"), ARRIVES("0123")},
    {"to be closed, the last chunk later",
     ANSWER(FAULT_SEND(CHUNKED_CLOSES "4\r\n0123\r\n"), FAULT_PAUSE(60), FAULT_SEND("0\r\n\r\n")),
     ARRIVES("0123")},
    {"HTTP/1.0", SAYS(CHUNKED_1_0 "4\r\n0123\r\n0\r\n\r\n"), ARRIVES("0123")},
    {"cut before the first size", SAYS(CHUNKED), CUT("")},
    {"cut in a size", SAYS(CHUNKED "2\r\nok\r\n1"), CUT("ok")},
    {"cut behind a size", SAYS(CHUNKED "2\r\nok\r\n10\r\n"), CUT("ok")},
    {"cut in the data", SAYS(CHUNKED "10\r\n0123"), CUT("0123")},
    {"cut before the data's line end", SAYS(CHUNKED "4\r\n0123"), CUT("0123")},
    {"cut in the data's line end", SAYS(CHUNKED "4\r\n0123\r"), CUT("0123")},
    {"cut between chunks", SAYS(CHUNKED "4\r\n0123\r\n"), CUT("0123")},
    {"cut behind the last size", SAYS(CHUNKED "4\r\n0123\r\n0\r\n"), CUT("0123")},
    {"cut in the trailer", SAYS(CHUNKED "4\r\n0123\r\n0\r\nX-Tra"), CUT("0123")},
    {"cut behind a line of the trailer", SAYS(CHUNKED "4\r\n0123\r\n0\r\nX-Trailer: a\r\n"),
     CUT("0123")},
    {"cut in the data, while it is waited for",
     ANSWER(FAULT_SEND(CHUNKED "10\r\n0123"), FAULT_PAUSE(20)), CUT("0123")},
    {"cut between chunks, while it is waited for",
     ANSWER(FAULT_SEND(CHUNKED "4\r\n0123\r\n"), FAULT_PAUSE(20)), CUT("0123")},
    {"cut in the data, to be closed", SAYS(CHUNKED_CLOSES "10\r\n0123"), CUT("0123")},
    {"cut in the data, HTTP/1.0", SAYS(CHUNKED_1_0 "10\r\n0123"), CUT("0123")},
    {"RST in a size", ANSWER(FAULT_SEND(CHUNKED "4\r\n0123\r\n1"), FAULT_PAUSE(20), FAULT_RST),
     GIVES(TIN_OK, TIN_E_CONNECTION_LOST, 4, "0123", true)},
    {"stops in a size", ANSWER(FAULT_SEND(CHUNKED "4\r\n0123\r\n1"), FAULT_MUTE),
     ENDS(TIN_E_TIMEOUT, "0123")},
    {"stops in the data", ANSWER(FAULT_SEND(CHUNKED "10\r\n0123"), FAULT_MUTE),
     ENDS(TIN_E_TIMEOUT, "0123")},
    {"stops before the last chunk", ANSWER(FAULT_SEND(CHUNKED "4\r\n0123\r\n"), FAULT_MUTE),
     ENDS(TIN_E_TIMEOUT, "0123")},
    {"an endless size", ANSWER(FAULT_SEND(CHUNKED), FAULT_DRIP("0", FAULT_FOREVER, 20)),
     FAILS(TIN_E_TIMEOUT)},
    {"an endless extension", ANSWER(FAULT_SEND(CHUNKED "2;"), FAULT_DRIP("x", FAULT_FOREVER, 20)),
     FAILS(TIN_E_TIMEOUT)},
    {"an endless trailer",
     ANSWER(FAULT_SEND(CHUNKED "2\r\nok\r\n0\r\n"), FAULT_DRIP("X: x\r\n", FAULT_FOREVER, 20)),
     ARRIVES("ok")}, /* Wine 8 does not read it */
    {"a size of letters", SAYS(CHUNKED "zz\r\nok\r\n0\r\n\r\n"), ODD("ok")},
    {"an empty size", SAYS(CHUNKED "\r\nok\r\n0\r\n\r\n"), ODD("ok")},
    {"a negative size", SAYS(CHUNKED "-2\r\nok\r\n0\r\n\r\n"), ODD("ok")},
    {"a size with 0x", SAYS(CHUNKED "0x2\r\nok\r\n0\r\n\r\n"), ODD("ok")},
    {"a size beyond 32 bits", SAYS(CHUNKED "100000002\r\nok\r\n0\r\n\r\n"), ODD("ok\r\n0\r\n\r\n")},
    {"a size beyond 64 bits", SAYS(CHUNKED "10000000000000002\r\nok\r\n0\r\n\r\n"),
     ODD("ok\r\n0\r\n\r\n")},
    {"the largest size of 32 bits", SAYS(CHUNKED "FFFFFFFF\r\nok\r\n0\r\n\r\n"),
     GIVES(TIN_OK, TIN_E_TRUNCATED, 9, "ok\r\n0\r\n\r\n", true)},
    {"a size that is too small", SAYS(CHUNKED "1\r\nok\r\n0\r\n\r\n"), ODD("ok")},
    {"no chunks at all", SAYS(CHUNKED "hello, this is not chunked"), ODD("")},
};

/* ---- encodings ------------------------------------------------------------------------------- */

/* clang-format off */
#define GZIP_HEAD "\037\213\010\000\000\000\000\000\000\377"
#define DEFLATED_FIRST                                                                             \
    "\063\060\064\062\066\061\065\063\267\260\114\114\112\116\111\115\113\317\310\314"             \
    "\312\316\311\315\313\057\050\054\052\056\051\055\053"
#define DEFLATED_REST                                                                              \
    "\257\250\254\162\164\162\166\161\165\163\367\360\364\362\366\361\365\363\017\010"             \
    "\014\012\016\011\015\013\217\210\214\322\323\005\000"
#define DEFLATED DEFLATED_FIRST DEFLATED_REST
#define GZIP_CRC "\160\063\264\305"
#define GZIP_SIZE "\100\000\000\000"
#define GZIP GZIP_HEAD DEFLATED GZIP_CRC GZIP_SIZE
/* clang-format on */

#define ENCODED(how, data)                                                                         \
    SAYS(OK_HEAD "Connection: close\r\nContent-Encoding: " how "\r\n\r\n" data)
#define GZIP_IN_CHUNK                                                                              \
    OK_HEAD "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n54\r\n" GZIP "\r\n"
#define ENCODED_LENGTH(n, data)                                                                    \
    SAYS(OK_HEAD "Content-Encoding: gzip\r\nContent-Length: " #n "\r\n\r\n" data)

/* Wine 8 drops the length of what it decodes, and does not say that it ended too early. */
#define CUT_ENCODED GIVES(TIN_OK, TIN_E_DECODING, 64, TEXT_64, true)

static const fault_http_row encodings[] = {
    {"gzip", ENCODED_LENGTH(84, GZIP), ARRIVES(TEXT_64), .decodes = true},
    {"gzip, a byte at a time",
     ANSWER(
         FAULT_SEND(OK_HEAD
                    "Content-Encoding: gzip\r\nConnection: close\r\n\r\n" GZIP_HEAD DEFLATED_FIRST),
         FAULT_PAUSE(5), FAULT_SEND(DEFLATED_REST GZIP_CRC), FAULT_DRIP("\100", 1, 5),
         FAULT_DRIP("\000", 3, 5)),
     ARRIVES(TEXT_64), .decodes = true},
    {"gzip in chunks",
     SAYS(OK_HEAD "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n2b\r\n" GZIP_HEAD
              DEFLATED_FIRST "\r\n29\r\n" DEFLATED_REST GZIP_CRC GZIP_SIZE "\r\n0\r\n\r\n"),
     ARRIVES(TEXT_64), .decodes = true},
    {"gzip in chunks, the last one later",
     ANSWER(FAULT_SEND(GZIP_IN_CHUNK), FAULT_PAUSE(60), FAULT_SEND("0\r\n\r\n")), ARRIVES(TEXT_64),
     .decodes = true},
    {"gzip in chunks, cut between chunks", SAYS(GZIP_IN_CHUNK),
     GIVES(TIN_OK, TIN_E_TRUNCATED, 64, TEXT_64, true), .decodes = true},
    {"gzip, not asked for", ENCODED_LENGTH(84, GZIP), ARRIVES(GZIP)},
    {"gzip, not asked for, cut", ENCODED_LENGTH(84, GZIP_HEAD DEFLATED),
     ENDS(TIN_E_TRUNCATED, GZIP_HEAD DEFLATED)},
    {"deflate", ENCODED("deflate", DEFLATED), ARRIVES(TEXT_64), .decodes = true},
    {"an encoding that nobody knows", ENCODED("strange", "hello"), ARRIVES("hello"),
     .decodes = true},
    {"gzip, cut in the data", ENCODED_LENGTH(84, GZIP_HEAD DEFLATED_FIRST), CUT_ENCODED,
     .decodes = true},
    {"gzip, cut in its head", ENCODED_LENGTH(84, "\037\213\010"), CUT_ENCODED, .decodes = true},
    {"gzip, cut before its sum", ENCODED_LENGTH(84, GZIP_HEAD DEFLATED), CUT_ENCODED,
     .decodes = true},
    {"gzip of nothing", ENCODED_LENGTH(84, ""), CUT_ENCODED, .decodes = true},
    {"gzip, stops",
     ANSWER(FAULT_SEND(OK_HEAD "Content-Encoding: gzip\r\nContent-Length: 84\r\n\r\n" GZIP_HEAD),
            FAULT_MUTE),
     FAILS(TIN_E_TIMEOUT), .decodes = true},
    {"gzip, RST",
     ANSWER(FAULT_SEND(
                OK_HEAD
                "Content-Encoding: gzip\r\nContent-Length: 84\r\n\r\n" GZIP_HEAD DEFLATED_FIRST),
            FAULT_PAUSE(20), FAULT_RST),
     GIVES(TIN_OK, TIN_E_CONNECTION_LOST, 64, TEXT_64, true), .decodes = true},
    {"gzip, a wrong sum", ENCODED("gzip", GZIP_HEAD DEFLATED "\0\0\0\0" GZIP_SIZE),
     GIVES(TIN_E_DECODING, TIN_OK, 64, TEXT_64, true), .decodes = true},
    {"gzip, a wrong size", ENCODED("gzip", GZIP_HEAD DEFLATED GZIP_CRC "\1\0\0\0"),
     GIVES(TIN_OK, TIN_E_DECODING, 64, TEXT_64, true), .decodes = true},
    {"gzip, garbage in the data",
     ENCODED("gzip", GZIP_HEAD "\377\377\377\377\377\377\377\377\377\377\377\377\377\377"),
     GIVES(TIN_E_DECODING, TIN_OK, 0, "", false), .decodes = true},
    {"gzip that is text", ENCODED("gzip", "hello, this is not gzip at all"), FAILS(TIN_E_DECODING),
     .decodes = true},
    {"deflate that is text", ENCODED("deflate", "\377hello, this is nothing"),
     FAILS(TIN_E_DECODING), .decodes = true},
    {"gzip, with more behind it", ENCODED("gzip", GZIP "and more"),
     GIVES(TIN_OK, TIN_E_DECODING, 64, TEXT_64, false), .decodes = true},
};

FAULT_HTTP(faults_in_a_body_with_a_length, "body, length", lengths)
FAULT_HTTP(faults_in_a_body_in_chunks, "body, chunks", chunks)
FAULT_HTTP(faults_in_an_encoded_body, "body, encodings", encodings)

/* ---- behind the end -------------------------------------------------------------------------- */

/* What is behind the end of one answer is not the next one: on the connection that was kept. */
typedef struct end_row {
    const char *name;
    const fault_step *script; /* of the first connection; later ones are good */
    tin_error error;          /* of the second answer */
    tin_error or_else;
    const char *stray; /* what it may be instead of "second" */
} end_row;

#define THEN_GOOD(...)                                                                             \
    ANSWER(FAULT_SEND(LENGTH(5) "first"), __VA_ARGS__, FAULT_READ_REQUEST,                         \
           FAULT_SEND(LENGTH(6) "second"))

static const end_row ends[] = {
    {"kept, and used again", THEN_GOOD(FAULT_PAUSE(0)), TIN_OK, TIN_OK, NULL},
    {"FIN behind the end", ANSWER(FAULT_SEND(LENGTH(5) "first")), TIN_OK, TIN_OK, NULL},
    {"RST behind the end", ANSWER(FAULT_SEND(LENGTH(5) "first"), FAULT_PAUSE(20), FAULT_RST),
     TIN_OK, TIN_OK, NULL},
    {"FIN when it is asked again",
     ANSWER(FAULT_SEND(LENGTH(5) "first"), FAULT_READ_REQUEST, FAULT_FIN), TIN_OK, TIN_OK, NULL},
    {"RST when it is asked again",
     ANSWER(FAULT_SEND(LENGTH(5) "first"), FAULT_READ_REQUEST, FAULT_RST), TIN_OK, TIN_OK, NULL},
    {"half an answer when it is asked again",
     ANSWER(FAULT_SEND(LENGTH(5) "first"), FAULT_READ_REQUEST, FAULT_SEND(LENGTH(6) "sec")),
     TIN_E_TRUNCATED, TIN_OK, NULL},
    {"silence when it is asked again",
     ANSWER(FAULT_SEND(LENGTH(5) "first"), FAULT_READ_REQUEST, FAULT_MUTE), TIN_E_TIMEOUT, TIN_OK,
     NULL},
    {"more behind the end, in the same piece",
     ANSWER(FAULT_SEND(LENGTH(5) "first, and this is too much"), FAULT_READ_REQUEST,
            FAULT_SEND(LENGTH(6) "second")),
     TIN_OK, TIN_E_PROTOCOL, NULL},
    {"another answer behind the end, in the same piece",
     ANSWER(FAULT_SEND(LENGTH(5) "first" LENGTH(4) "evil"), FAULT_READ_REQUEST,
            FAULT_SEND(LENGTH(6) "second")),
     TIN_OK, TIN_E_PROTOCOL, NULL},
    {"another answer behind the last chunk",
     ANSWER(FAULT_SEND(CHUNKED "5\r\nfirst\r\n0\r\n\r\n" LENGTH(4) "evil"), FAULT_READ_REQUEST,
            FAULT_SEND(LENGTH(6) "second")),
     TIN_OK, TIN_E_PROTOCOL, NULL},
    {"another answer behind the end, later",
     ANSWER(FAULT_SEND(LENGTH(5) "first"), FAULT_PAUSE(5), FAULT_SEND(LENGTH(4) "evil"),
            FAULT_READ_REQUEST, FAULT_SEND(LENGTH(6) "second")),
     TIN_OK, TIN_E_PROTOCOL, "evil"}, /* Wine 8: a server that cheats itself */
    {"the last line end later",
     ANSWER(FAULT_SEND(CHUNKED "5\r\nfirst\r\n0\r\n"), FAULT_PAUSE(20), FAULT_SEND("\r\n"),
            FAULT_READ_REQUEST, FAULT_SEND(LENGTH(6) "second")),
     TIN_OK, TIN_OK, NULL},
    {"a trailer",
     ANSWER(FAULT_SEND(CHUNKED "5\r\nfirst\r\n0\r\nX-Trailer: a\r\n\r\n"), FAULT_READ_REQUEST,
            FAULT_SEND(LENGTH(6) "second")),
     TIN_OK, TIN_OK, NULL},
    {"a trailer in two pieces",
     ANSWER(FAULT_SEND(CHUNKED "5\r\nfirst\r\n0\r\nX-Trailer: a\r\n"), FAULT_PAUSE(20),
            FAULT_SEND("\r\n"), FAULT_READ_REQUEST, FAULT_SEND(LENGTH(6) "second")),
     TIN_OK, TIN_E_PROTOCOL, NULL}, /* Wine 8: the empty line is taken for the next status line */
    {"chunks, then used again",
     ANSWER(FAULT_SEND(CHUNKED "5\r\nfirst\r\n0\r\n\r\n"), FAULT_READ_REQUEST,
            FAULT_SEND(LENGTH(6) "second")),
     TIN_OK, TIN_OK, NULL},
    {"to be closed, but kept open",
     ANSWER(FAULT_SEND(OK_HEAD "Connection: close\r\nContent-Length: 5\r\n\r\nfirst"), FAULT_MUTE),
     TIN_OK, TIN_OK, NULL},
};

static bool begins(const char *text, const char *bytes, size_t size)
{
    return size <= strlen(text) && memcmp(bytes, text, size) == 0;
}

static tin_result fetch(fault_trial *trial, fault_server *server, const char *expected,
                        const char *stray, tin_handle *file)
{
    char text[64];
    size_t got = 0;
    tin_result result =
        tin_open_url(trial->session, fault_server_url(server, "/"), NULL,
                     INTERNET_FLAG_KEEP_CONNECTION | INTERNET_FLAG_RELOAD, NULL, file);

    if (!tin_ok(result))
        return result;
    result = tin_read_file(*file, text, sizeof text, &got);
    if (!begins(expected, text, got) && (stray == NULL || !begins(stray, text, got)))
        fault_complain(trial, "not \"%s\" but \"%.*s\"", expected, (int)got, text);
    return tin_ok(result) && got != 0 ? tin_read_file(*file, text, sizeof text, &got) : result;
}

static void play_end(fault_trial *trial, const void *data)
{
    static const fault_step good[] = {FAULT_READ_REQUEST, FAULT_SEND(LENGTH(6) "second"),
                                      FAULT_AGAIN};
    const end_row *row = data;
    const fault_step *const scripts[] = {row->script, good, NULL};
    const fault_outcome outcome = {row->error, row->or_else, 0, NULL, false};
    fault_server *server = fault_server_start_many(scripts);
    tin_handle file;

    fault_begin(trial, &outcome, NULL);
    if (!tin_ok(fetch(trial, server, "first", NULL, &file)) || !tin_ok(tin_close_handle(file)))
        fault_complain(trial, "the first answer failed");
    trial->began = test_now_ms();
    trial->result = fetch(trial, server, "second", row->stray, &file);
    fault_judge(trial);
    fault_server_release(server);
    fault_end(trial);
    fault_server_stop(server);
}

static void faults_behind_the_end(void **state)
{
    (void)state;
    FAULT_RUN_ROWS("end", play_end, ends);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_in_a_body_with_a_length),
        cmocka_unit_test(faults_in_a_body_in_chunks),
        cmocka_unit_test(faults_in_an_encoded_body),
        cmocka_unit_test(faults_behind_the_end),
    };

    return test_run_group(tests, NULL, NULL);
}
