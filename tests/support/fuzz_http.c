/* SPDX-License-Identifier: MIT */
#include "fuzz_http.h"

#include "chance.h"
#include "fault_server.h"

enum { SMALL = 3000, LARGE = 150000 };

/* ---- bytes that grow ------------------------------------------------------------------------- */

static void add(fuzz_http *answer, const void *bytes, size_t size)
{
    answer->wire = realloc(answer->wire, answer->size + size + 1);
    if (answer->wire == NULL)
        abort();
    memcpy(answer->wire + answer->size, bytes, size);
    answer->size += size;
}

static void add_text(fuzz_http *answer, const char *format, ...)
    __attribute__((format(__MINGW_PRINTF_FORMAT, 2, 3)));
static void add_text(fuzz_http *answer, const char *format, ...)
{
    char text[512];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text)
        abort();
    add(answer, text, (size_t)length);
}

static void add_pattern(fuzz_http *answer, uint64_t from, size_t size)
{
    char *bytes = malloc(size + 1);

    if (bytes == NULL)
        abort();
    fault_pattern_fill(from, bytes, size);
    add(answer, bytes, size);
    free(bytes);
}

static void add_times(fuzz_http *answer, char byte, size_t count)
{
    while (count-- != 0)
        add(answer, &byte, 1);
}

static void add_noise(chance *from, fuzz_http *answer, size_t count)
{
    while (count-- != 0) {
        const char byte = (char)choose(from, 256);

        add(answer, &byte, 1);
    }
}

static size_t body_size(chance *from)
{
    return once_in(from, 12) ? choose(from, LARGE) : once_in(from, 6) ? 0 : choose(from, SMALL);
}

/* ---- kinds of answers ------------------------------------------------------------------------ */

/* A head that is good, with a length that is good, or not all of what it says, or more. */
static void lengths_that_hold_or_not(chance *from, fuzz_http *answer)
{
    static const unsigned statuses[] = {200, 200, 200, 404, 500, 203, 410, 599, 400, 299};
    const size_t size = body_size(from);
    const unsigned what = choose(from, 4);

    answer->announced = answer->plain = true;
    answer->length = size;
    answer->body = size;
    if (what == 1)
        answer->body = choose(from, (unsigned)size + 1);
    add_text(answer, "HTTP/1.1 %u Said\r\nContent-Length: %u\r\n%s\r\n",
             choose_from(from, statuses), (unsigned)size,
             once_in(from, 3) ? "Connection: close\r\n" : "");
    add_pattern(answer, answer->from, (size_t)answer->body);
    if (what == 2)
        add_noise(from, answer, choose(from, 200));
    answer->whole = answer->body == answer->length;
}

/* Ended by the connection's end alone. */
static void no_length(chance *from, fuzz_http *answer)
{
    answer->plain = answer->whole = true;
    answer->body = body_size(from);
    add_text(answer, "HTTP/1.%u 200 OK\r\nConnection: close\r\n\r\n", choose(from, 2));
    add_pattern(answer, answer->from, (size_t)answer->body);
}

static const char *const bad_chunk_sizes[] = {"zz",
                                              "",
                                              "-5",
                                              "0x5",
                                              "5g",
                                              " 5",
                                              "100000005",
                                              "10000000000000000",
                                              "1000000000000000005",
                                              "FFFFFFFF",
                                              "80000000",
                                              "7FFFFFFF",
                                              "FFFFFFFFFFFFFFFF",
                                              "+5",
                                              "5;",
                                              "5;a=\"",
                                              "00000000000005",
                                              "\t5",
                                              "5 5",
                                              "0;x",
                                              "5\0006"};

static void chunks(chance *from, fuzz_http *answer)
{
    const unsigned count = choose(from, 6);
    const unsigned bad = once_in(from, 2) ? choose(from, count + 1) : count + 1;
    const bool cut = once_in(from, 4);

    add_text(answer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n",
             once_in(from, 6) ? "Chunked" : "chunked");
    if (once_in(from, 5))
        add_text(answer, "Content-Length: %u\r\n", choose(from, SMALL)); /* it does not count */
    add_text(answer, "\r\n");
    answer->plain = bad > count && !cut;
    answer->whole = answer->plain;
    for (unsigned i = 0; i <= count; i++) {
        const unsigned size = i < count ? 1 + choose(from, 800) : 0;

        if (i == bad)
            add_text(answer, "%s\r\n", choose_from(from, bad_chunk_sizes));
        else
            add_text(answer, once_in(from, 2) ? "%x\r\n" : "%X;name=value\r\n", size);
        add_pattern(answer, answer->from + answer->body, size);
        if (size != 0)
            add_text(answer, "\r\n");
        answer->body += size;
    }
    if (once_in(from, 4))
        add_text(answer, "Trailer: 1\r\n");
    add_text(answer, "\r\n");
    if (cut)
        answer->size -= choose(from, (unsigned)answer->size / 2);
}

static const char *const bad_lengths[] = {"-1",
                                          "-5",
                                          "abc",
                                          "5abc",
                                          "",
                                          " ",
                                          "+5",
                                          "0x10",
                                          "18446744073709551615",
                                          "18446744073709551616",
                                          "99999999999999999999999",
                                          "4294967296",
                                          "4294967301",
                                          "1e3",
                                          "5 5",
                                          "5, 5",
                                          "5,6",
                                          "5;5",
                                          "\t5",
                                          "005",
                                          "9223372036854775808",
                                          "1.5"};

static void hostile_lengths(chance *from, fuzz_http *answer)
{
    const size_t size = choose(from, 100);

    add_text(answer, "HTTP/1.1 200 OK\r\n");
    for (unsigned i = 0, count = 1 + choose(from, 3); i < count; i++)
        if (once_in(from, 3))
            add_text(answer, "Content-Length: %u\r\n", choose(from, 3) + (unsigned)size);
        else
            add_text(answer, "Content-Length: %s\r\n", choose_from(from, bad_lengths));
    add_text(answer, "\r\n");
    add_pattern(answer, answer->from, size);
}

static const char *const bad_status_lines[] = {"",
                                               "\r\n",
                                               "HTTP/1.1",
                                               "HTTP/1.1 ",
                                               "HTTP/1.1 abc",
                                               "HTTP/1.1 99999 X",
                                               "HTTP/1.1 0 X",
                                               "HTTP/1.1 -200 X",
                                               "HTTP/1.1 20",
                                               "HTTP/1.1 2000 X",
                                               "HTTP/1.1 099 X",
                                               "HTTP/1.1 600 X",
                                               "HTTP/9.9 200 OK",
                                               "HTTP/1.1200 OK",
                                               "ICY 200 OK",
                                               "http/1.1 200 ok",
                                               "HTTP/1.1\t200\tOK",
                                               "HTTP/ 200",
                                               "HTTP/1 200 OK",
                                               "HTTP/1.1 4294967496 X",
                                               "220 FTP here",
                                               "SSH-2.0-x",
                                               "HTTP/1.1  200  OK",
                                               " HTTP/1.1 200 OK",
                                               "HTTP/1.1 100 Continue",
                                               "HTTP/1.1 103 Hints",
                                               "HTTP/1.1 204 None",
                                               "HTTP/1.1 304 Same",
                                               "HTTP/1.1 205 Reset",
                                               "HTTP/1.1 199 X",
                                               "HTTP/1.1 407 Proxy",
                                               "HTTP/1.1 206 Part",
                                               "HTTP/1.1 416 Range",
                                               "HTTP/0.9 200 OK"};

static void hostile_status_line(chance *from, fuzz_http *answer)
{
    const unsigned size = choose(from, 50);

    if (once_in(from, 8))
        add_noise(from, answer, choose(from, 300));
    else
        add_text(answer, "%s", choose_from(from, bad_status_lines));
    if (once_in(from, 4))
        return; /* that is all */
    if (once_in(from, 8))
        add_times(answer, 'x', choose(from, 6000));
    add_text(answer, "\r\nContent-Length: %u\r\n\r\n", size);
    add_pattern(answer, answer->from, size);
}

static void add_hostile_header(chance *from, fuzz_http *answer)
{
    static const char *const lines[] = {"no colon",
                                        ": no name",
                                        "Name :value",
                                        " folded",
                                        "\tfolded",
                                        "X:",
                                        ":",
                                        "X: \xC3\x28",
                                        "X: \xFF\xFE",
                                        "Content-Type: text/html; charset=\x80",
                                        "Last-Modified: yesterday",
                                        "Last-Modified: Sun, 99 Foo 99999 99:99:99 GMT",
                                        "Date: Sun Nov  6 08:49:37",
                                        "Accept-Ranges: bytes",
                                        "ETag: \"",
                                        "Content-Range: bytes 5-1/2",
                                        "Content-Range: bytes */*",
                                        "Content-Range: bytes 0-18446744073709551615/1",
                                        "Content-Encoding: br",
                                        "Content-Encoding: gzip, gzip",
                                        "Connection: keep-alive, close",
                                        "Keep-Alive: timeout=-1",
                                        "WWW-Authenticate: Basic realm=\"",
                                        "WWW-Authenticate: Digest",
                                        "WWW-Authenticate: NTLM TlRMTVNTUAAC",
                                        "WWW-Authenticate: Negotiate \x01",
                                        "Proxy-Authenticate: Basic",
                                        "Refresh: 0; url=x",
                                        "Content-Disposition: attachment; a=\"",
                                        "Expires: 0",
                                        "Cache-Control: max-age=99999999999999999999",
                                        "Pragma: \r",
                                        "Status: 999"};

    switch (choose(from, 5)) {
    case 0:
        add_text(answer, "X-Long: ");
        add_times(answer, 'y', choose(from, once_in(from, 4) ? 70000 : 5000));
        break;
    case 1:
        add_text(answer, "X-Noise: ");
        add_noise(from, answer, choose(from, 60));
        break;
    case 2:
        for (unsigned i = choose(from, 200); i != 0; i--)
            add_text(answer, "X-%u: %u\r\n", i, i);
        add_text(answer, "X: y");
        break;
    default:
        add_text(answer, "%s", choose_from(from, lines));
        break;
    }
    add_text(answer, once_in(from, 8) ? "\n" : "\r\n");
}

static void hostile_headers(chance *from, fuzz_http *answer)
{
    answer->body = answer->length = choose(from, 500);
    add_text(answer, "HTTP/1.1 %u Said\r\n", once_in(from, 6) ? 401 : 200);
    add_text(answer, "Content-Length: %u\r\n", (unsigned)answer->length);
    for (unsigned i = 1 + choose(from, 4); i != 0; i--)
        add_hostile_header(from, answer);
    add_text(answer, "\r\n");
    add_pattern(answer, answer->from, (size_t)answer->body);
}

/* ---- redirects: only to this computer -------------------------------------------------------- */

static const char *const targets[] = {"",
                                      "?",
                                      "#",
                                      "/",
                                      "//",
                                      "///",
                                      ":",
                                      "http:",
                                      "http://",
                                      "http:///x",
                                      "%",
                                      "%zz",
                                      "/%00",
                                      "/a b",
                                      "/\xC3\xBC",
                                      "/\xFF",
                                      "../../../../../../etc",
                                      "/./././x",
                                      "file:///C:/x",
                                      "ftp://127.0.0.1/x",
                                      "https://127.0.0.1:1/x",
                                      "http://127.0.0.1:1/",
                                      "http://127.0.0.1:99999/",
                                      "http://127.0.0.1:/x",
                                      "http://127.0.0.1:0/",
                                      "http://u@127.0.0.1/",
                                      "http://u:p@127.0.0.1/",
                                      "javascript:x",
                                      "mailto:a@b",
                                      "data:,x",
                                      "http://[::1",
                                      "http://[::1]:1/",
                                      "\\\\127.0.0.1\\x",
                                      "/\\x",
                                      "http://127.0.0.1:1\\@x/",
                                      "http:x",
                                      "HTTP://127.0.0.1:1/",
                                      "http://127.0.0.1:1/#\"<>",
                                      "\t/x",
                                      "/x\ty",
                                      "C:\\x",
                                      "http://127.1:1/",
                                      "http://2130706433:1/",
                                      "res://x",
                                      "*"};

static void redirect(chance *from, fuzz_http *answer, unsigned number, unsigned hop, unsigned port)
{
    static const unsigned statuses[] = {301, 302, 303, 307, 308, 300, 305};
    const unsigned size = choose(from, 20);

    answer->redirects = true;
    add_text(answer, "HTTP/1.1 %u Away\r\n", choose_from(from, statuses));
    switch (choose(from, 9)) {
    case 0:
        add_text(answer, "Location: /%u/", number);
        add_times(answer, 'z', choose(from, 6000));
        add_text(answer, "\r\n");
        break;
    case 1:
        break; /* nowhere */
    case 2:
        add_text(answer, "Location: /%u/z", number);
        add_noise(from, answer, choose(from, 60));
        add_text(answer, "\r\n");
        break;
    case 3:
    case 4:
        add_text(answer, "Location: %s\r\n", choose_from(from, targets));
        break;
    case 5:
        add_text(answer, "Location: http://127.0.0.1:%u/%u/%u\r\n", port, number, hop); /* a loop */
        break;
    default:
        add_text(answer, "Location: /%u/%u#x\r\n", number, hop + 1);
        break;
    }
    add_text(answer, "Content-Length: %u\r\n\r\n", size);
    add_pattern(answer, answer->from, size);
}

/* ---- gzip, of blocks that are stored as they are --------------------------------------------- */

static uint32_t crc_of(const BYTE *bytes, size_t size)
{
    uint32_t crc = 0xFFFFFFFFu;

    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1)));
    }
    return ~crc;
}

static void add_stored(fuzz_http *answer, const BYTE *bytes, size_t size, bool last)
{
    const BYTE head[] = {last, (BYTE)size, (BYTE)(size >> 8), (BYTE)~size, (BYTE)(~size >> 8)};

    add(answer, head, sizeof head);
    add(answer, bytes, size);
}

static void gzip(chance *from, fuzz_http *answer)
{
    static const BYTE head[] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255};
    static const char *const codings[] = {"gzip",   "gzip", "gzip", "deflate",
                                          "x-gzip", "GZIP", "br"};
    const char *coding = choose_from(from, codings);
    const uint32_t size = choose(from, SMALL);
    const unsigned fault = choose(from, 5); /* 0: none */
    BYTE *bytes = malloc(size + 1);
    uint32_t tail[2];
    size_t begin;

    if (bytes == NULL)
        abort();
    fault_pattern_fill(answer->from, bytes, size);
    tail[0] = crc_of(bytes, size) + (fault == 1);
    tail[1] = size + (fault == 2);
    add_text(answer, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: %s\r\n\r\n",
             coding);
    begin = answer->size;
    add(answer, head, sizeof head);
    add_stored(answer, bytes, size / 2, false);
    add_stored(answer, bytes + size / 2, size - size / 2, true);
    add(answer, tail, sizeof tail);
    free(bytes);
    if (fault == 3)
        answer->size -= choose(from, (unsigned)(answer->size - begin));
    if (fault == 4)
        answer->wire[begin + choose(from, (unsigned)(answer->size - begin))] ^=
            (char)(1 << choose(from, 8));
    answer->decoded = fault != 4 && strcmp(coding, "gzip") == 0;
    answer->body = size;
    answer->whole = fault == 0 && answer->decoded;
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* Some bytes more, fewer or others: nothing is known of it then. Not of a redirect, which could
 * lead to another computer. */
static void mutate(chance *from, fuzz_http *answer)
{
    const size_t within = once_in(from, 2) && answer->size > 200 ? 200 : answer->size;

    for (unsigned i = 1 + choose(from, 6); i != 0 && within > 2; i--) {
        const size_t at = choose(from, (unsigned)(within < answer->size ? within : answer->size));

        if (answer->size < 3)
            break;
        if (once_in(from, 3)) {
            memmove(answer->wire + at, answer->wire + at + 1, answer->size - at - 1);
            answer->size--;
        } else if (once_in(from, 2)) {
            answer->wire[at] = (char)choose(from, 256);
        } else {
            answer->wire[at] ^= (char)(1 << choose(from, 8));
        }
    }
    answer->plain = answer->decoded = answer->announced = answer->whole = false;
}

fuzz_http fuzz_http_answer(unsigned seed, unsigned number, unsigned hop, unsigned port)
{
    static const struct {
        const char *name;
        void (*make)(chance *from, fuzz_http *answer);
        unsigned share;
    } kinds[] = {
        {"length", lengths_that_hold_or_not, 25},
        {"no length", no_length, 5},
        {"chunks", chunks, 20},
        {"hostile length", hostile_lengths, 10},
        {"status line", hostile_status_line, 15},
        {"headers", hostile_headers, 10},
        {"gzip", gzip, 8},
        {"redirect", NULL, 12},
    };
    chance from = chance_for(seed ^ hop << 24, number);
    fuzz_http answer = {.from = (uint64_t)number * 8};
    unsigned at = choose(&from, 105);
    size_t kind = 0;

    for (; at >= kinds[kind].share; kind++)
        at -= kinds[kind].share;
    if (hop != 0 && once_in(&from, 2))
        kind = 0; /* so that chains end */
    answer.name = kinds[kind].name;
    if (kinds[kind].make != NULL)
        kinds[kind].make(&from, &answer);
    else
        redirect(&from, &answer, number, hop, port);
    if (once_in(&from, 4) && !answer.redirects)
        mutate(&from, &answer);
    answer.pieces = once_in(&from, 3) ? 1 + choose(&from, 8) : 1;
    answer.reset = once_in(&from, 10);
    answer.whole &= !answer.reset; /* what is on its way may be lost with the connection */
    return answer;
}
