/* SPDX-License-Identifier: MIT */
/* Servers that send the client elsewhere, and proxies that fail. */
#include "fault_row.h"

/* ---- redirects ------------------------------------------------------------------------------- */

static const fault_step there[] = {FAULT_READ_BODY, FAULT_SEND(LENGTH(5) "there"), FAULT_AGAIN};

#define HOP(status, lines)                                                                         \
    ((const fault_step[]){                                                                         \
        FAULT_READ_BODY,                                                                           \
        FAULT_SEND_FILLED("HTTP/1.1 " status " X\r\n" lines "Content-Length: 4\r\n\r\ngone"),      \
        FAULT_AGAIN})
#define ROUTES(...) .routes = ((const fault_route[]){__VA_ARGS__, {"/there", there}, {NULL, NULL}})
/* "/" says this Location; {port} is the server's own. */
#define TO(location) ROUTES({"/", HOP("302", "Location: " location "\r\n")})
#define REFUSED FAILS(TIN_E_REDIRECT), .requests = 1
#define FOLLOWED ARRIVES("there"), .requests = 2
/* As with WinInet, an answer that leads nowhere is an answer. */
#define SHOWN ARRIVES("gone"), .requests = 1

static const fault_http_row redirects[] = {
    {"to a path", TO("/there"), FOLLOWED},
    {"to a whole URL", TO("http://127.0.0.1:{port}/there"), FOLLOWED},
    {"to another host's path", TO("//127.0.0.1:{port}/there"), FOLLOWED},
    {"to a name", TO("there"), FOLLOWED},
    {"to dots", TO("../../x/./../there"), FOLLOWED},
    {"with a query", TO("/there?a=b&c=http://d/"), FOLLOWED},
    {"with a fragment", TO("/there#fragment"), FOLLOWED},
    {"with spaces around", TO("  /there  "), FOLLOWED},
    {"scheme in upper case", TO("HTTP://127.0.0.1:{port}/there"), FOLLOWED},
    {"no Location", ROUTES({"/", HOP("302", "")}), SHOWN, .status = 302},
    {"300", ROUTES({"/", HOP("300", "Location: /there\r\n")}), SHOWN, .status = 300},
    {"305", ROUTES({"/", HOP("305", "Location: /there\r\n")}), SHOWN, .status = 305},
    {"306", ROUTES({"/", HOP("306", "Location: /there\r\n")}), SHOWN, .status = 306},
    {"201 with a Location", ROUTES({"/", HOP("201", "Location: /there\r\n")}), SHOWN,
     .status = 201},
    {"307 with a body", ROUTES({"/", HOP("307", "Location: /there\r\n")}), FOLLOWED, .verb = "POST",
     .body = 10},
    {"308 in pieces", ROUTES({"/", HOP("308", "Location: /there\r\n")}), REFUSED, .verb = "PUT",
     .body = 10, .streamed = true},
    {"303 in pieces", ROUTES({"/", HOP("303", "Location: /there\r\n")}), FOLLOWED, .verb = "PUT",
     .body = 10, .streamed = true},
    {"empty", TO(""), REFUSED},
    {"to a file", TO("file:///C:/windows/win.ini"), REFUSED},
    {"to a share", TO("file://server/share/x"), REFUSED},
    {"to FTP", TO("ftp://127.0.0.1:{port}/there"), REFUSED},
    {"to gopher", TO("gopher://127.0.0.1:{port}/there"), REFUSED},
    {"to a script", TO("javascript:alert(1)"), REFUSED},
    {"to data", TO("data:text/plain,there"), REFUSED},
    {"to mail", TO("mailto:somebody@example.com"), REFUSED},
    {"to a scheme that nobody knows", TO("foo://127.0.0.1:{port}/there"), REFUSED},
    {"with a user", TO("http://user@127.0.0.1:{port}/there"), REFUSED},
    {"with a user and a password", TO("http://user:pass@127.0.0.1:{port}/there"), REFUSED},
    {"with an empty user", TO("http://@127.0.0.1:{port}/there"),
     GIVES(TIN_OK, TIN_E_REDIRECT, 5, "there", true)},
    {"without a host", TO("http:///there"), REFUSED},
    {"a scheme alone", TO("http://"), REFUSED},
    {"garbage for a URL", TO(":::%%%"), REFUSED},
    {"port 0", TO("http://127.0.0.1:0/there"), REFUSED},
    {"port 99999", TO("http://127.0.0.1:99999/there"), REFUSED},
    {"port of letters", TO("http://127.0.0.1:http/there"), REFUSED},
    {"a backslash in the host", TO("http://127.0.0.1:{port}\\\\@elsewhere.invalid/there"), REFUSED},
    {"a space in the host", TO("http://127.0 .0.1/there"), REFUSED},
    {"a control character", TO("/the\x01re"), REFUSED},
    {"a line break that is escaped",
     ROUTES({"/", HOP("302", "Location: /there%0d%0aX-Evil:%20yes\r\n")},
            {"/there%0d%0aX-Evil:%20yes", there}),
     FOLLOWED},
    {"a Location of 5,000 characters",
     ROUTES(
         {"/", ((const fault_step[]){FAULT_SEND("HTTP/1.1 302 X\r\nLocation: /there?"),
                                     FAULT_SEND_TIMES("0123456789", 500),
                                     FAULT_SEND("\r\nContent-Length: 0\r\n\r\n"), FAULT_AGAIN})}),
     FAILS_EITHER(TIN_E_REDIRECT, TIN_OK)},
    {"two Locations: the first one", /* which one is not for us to say */
     ROUTES({"/", HOP("302", "Location: /there\r\nLocation: http://elsewhere.invalid/\r\n")}),
     FOLLOWED},
    {"two Locations: a refused one first",
     ROUTES({"/", HOP("302", "Location: file:///C:/x\r\nLocation: /there\r\n")}), REFUSED},
    {"to a port that refuses", TO("http://127.0.0.1:1/"), FAILS(TIN_E_CONNECT), .requests = 1},
    {"to a host that is not there", TO("http://elsewhere.invalid/"), FAILS(TIN_E_DNS),
     .requests = 1},
    {"to itself", TO("/"), FAILS(TIN_E_REDIRECT), .requests = 11},
    {"in a circle",
     ROUTES({"/", HOP("302", "Location: /a\r\n")}, {"/a", HOP("307", "Location: /b\r\n")},
            {"/b", HOP("308", "Location: /\r\n")}),
     FAILS(TIN_E_REDIRECT), .requests = 11},
    {"a chain that grows",
     ROUTES({"/", HOP("302", "Location: ?x\r\n")}, {"/x", HOP("302", "Location: x/x\r\n")}),
     FAILS(TIN_E_REDIRECT), .requests = 11},
    {"to nothing", ROUTES({"/", HOP("302", "Location: /a\r\n")}, {"/a", AT_ONCE(FAULT_FIN)}),
     FAILS(TIN_E_PROTOCOL)},
    {"to a reset", ROUTES({"/", HOP("302", "Location: /a\r\n")}, {"/a", AT_ONCE(FAULT_RST)}),
     RESET_BEFORE_ANSWER},
    {"to garbage",
     ROUTES({"/", HOP("302", "Location: /a\r\n")}, {"/a", AT_ONCE(FAULT_SEND("what?\r\n\r\n"))}),
     FAILS(TIN_E_PROTOCOL)},
    {"to a body that is cut",
     ROUTES({"/", HOP("302", "Location: /a\r\n")}, {"/a", AT_ONCE(FAULT_SEND(LENGTH(9) "ther"))}),
     ENDS(TIN_E_TRUNCATED, "ther")},
    {"to silence", ROUTES({"/", HOP("302", "Location: /a\r\n")}, {"/a", fault_script_mute}),
     FAILS(TIN_E_TIMEOUT)},
    {"with contradicting lengths",
     ROUTES({"/", AT_ONCE(FAULT_SEND("HTTP/1.1 302 X\r\nLocation: /there\r\nContent-Length: 1\r\n"
                                     "Content-Length: 2\r\n\r\nxx"))}),
     GIVES(TIN_OK, TIN_E_PROTOCOL, 5, "there", true)},
    {"with a body that is cut",
     ROUTES({"/", AT_ONCE(FAULT_SEND("HTTP/1.1 302 X\r\nLocation: /there\r\n"
                                     "Content-Length: 9\r\n\r\nxx"))}),
     FOLLOWED},
    {"with a body that stops",
     ROUTES({"/", AT_ONCE(FAULT_SEND("HTTP/1.1 302 X\r\nLocation: /there\r\n"
                                     "Content-Length: 9\r\n\r\nxx"),
                          FAULT_MUTE)}),
     FOLLOWED},
    {"with a body without an end",
     ROUTES({"/", AT_ONCE(FAULT_SEND("HTTP/1.1 302 X\r\nLocation: /there\r\n\r\n"),
                          FAULT_SEND_TIMES(TEXT_1024, FAULT_FOREVER))}),
     FOLLOWED},
    {"cut before its Location", SAYS("HTTP/1.1 302 X\r\nLoca"),
     FAILS_EITHER(TIN_OK, TIN_E_PROTOCOL)},
    {"stops before its Location", ANSWER(FAULT_SEND("HTTP/1.1 302 X\r\nLoca"), FAULT_MUTE),
     FAILS(TIN_E_TIMEOUT)},
};

/* ---- proxies --------------------------------------------------------------------------------- */

/* Hosts behind the proxy do not exist: it is asked for them all the same. */
#define HTTP .url = "http://somewhere.invalid/", .proxy = true
#define HTTPS .url = "https://somewhere.invalid/", .proxy = true
/* Wine 8 ends the whole program when TLS fails behind a proxy's 200 (test_proxy): no row gets that
 * far. */
#define NO_TUNNEL GIVES(TIN_E_PROXY, TIN_E_PROTOCOL, 0, NULL, false)
#define LOST_TUNNEL FAILS_EITHER(TIN_E_CONNECTION_LOST, TIN_E_PROTOCOL)
#define PAGE(status) SAYS("HTTP/1.1 " status "\r\nContent-Length: 5\r\n\r\nproxy")

static const fault_http_row proxies[] = {
    {"a page", PAGE("200 OK"), ARRIVES("proxy"), HTTP},
    {"a page of the proxy's own", PAGE("502 Bad Gateway"), ARRIVES("proxy"), HTTP, .status = 502},
    {"504", PAGE("504 Gateway Timeout"), ARRIVES("proxy"), HTTP, .status = 504},
    {"407 without a question", PAGE("407 Who?"), ARRIVES("proxy"), HTTP, .status = 407},
    {"refuses", NULL, FAILS_EITHER(TIN_E_CONNECT, TIN_E_PROXY), .peer = FAULT_REFUSES, HTTP},
    {"refuses, https", NULL, FAILS_EITHER(TIN_E_CONNECT, TIN_E_PROXY), .peer = FAULT_REFUSES,
     HTTPS},
    {"FIN", SAYS(""), FAILS(TIN_E_PROTOCOL), HTTP},
    {"FIN at once", AT_ONCE(FAULT_FIN), FAILS(TIN_E_PROTOCOL), HTTP},
    {"RST", ANSWER(FAULT_RST), RESET_BEFORE_ANSWER, HTTP},
    {"garbage", SAYS("what?\r\n\r\n"), FAILS(TIN_E_PROTOCOL), HTTP},
    {"status 0", PAGE("000 X"), FAILS(TIN_E_PROTOCOL), HTTP},
    {"two lengths", SAYS(OK_HEAD "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
     FAILS(TIN_E_PROTOCOL), HTTP},
    {"a body that is cut", SAYS(LENGTH(9) "prox"), ENDS(TIN_E_TRUNCATED, "prox"), HTTP},
    {"more than the length", SAYS(LENGTH(5) "proxy, and more"), ARRIVES("proxy"), HTTP},
    {"silence", ANSWER(FAULT_MUTE), FAILS(TIN_E_TIMEOUT), HTTP},
    {"a body that stops", ANSWER(FAULT_SEND(LENGTH(9) "prox"), FAULT_MUTE),
     ENDS(TIN_E_TIMEOUT, "prox"), HTTP},
    {"a redirect to a file", SAYS("HTTP/1.1 302 X\r\nLocation: file:///C:/x\r\n\r\n"),
     FAILS(TIN_E_REDIRECT), HTTP},
    {"a redirect to a refused tunnel",
     SAYS("HTTP/1.1 302 X\r\nLocation: https://other.invalid/\r\nContent-Length: 0\r\n\r\n"),
     NO_TUNNEL, HTTP, .then = PAGE("403 No")},
    {"tunnel: 400", PAGE("400 X"), NO_TUNNEL, HTTPS},
    {"tunnel: 401", PAGE("401 X"), NO_TUNNEL, HTTPS},
    {"tunnel: 404", PAGE("404 X"), NO_TUNNEL, HTTPS},
    {"tunnel: 405", PAGE("405 X"), NO_TUNNEL, HTTPS},
    {"tunnel: 500", PAGE("500 X"), NO_TUNNEL, HTTPS},
    {"tunnel: 503, cut", SAYS("HTTP/1.1 503 X\r\nContent-Length: 500\r\n\r\nsor"), NO_TUNNEL,
     HTTPS},
    {"tunnel: 201", PAGE("201 X"), NO_TUNNEL, HTTPS},
    {"tunnel: 301", SAYS("HTTP/1.1 301 X\r\nLocation: https://evil.invalid/\r\n\r\n"), NO_TUNNEL,
     HTTPS},
    {"tunnel: 307 to itself", SAYS("HTTP/1.1 307 X\r\nLocation: /\r\n\r\n"), NO_TUNNEL, HTTPS},
    {"tunnel: status 0", PAGE("000 X"), NO_TUNNEL, HTTPS},
    {"tunnel: status 999", PAGE("999 X"), NO_TUNNEL, HTTPS},
    {"tunnel: FIN", SAYS(""), LOST_TUNNEL, HTTPS},
    {"tunnel: RST", ANSWER(FAULT_RST), LOST_TUNNEL, HTTPS},
    {"tunnel: refused, chunked",
     SAYS("HTTP/1.1 403 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nproxy\r\n0\r\n\r\n"), NO_TUNNEL,
     HTTPS},
    {"tunnel: refused, then silence",
     ANSWER(FAULT_SEND("HTTP/1.1 403 X\r\nContent-Length: 500\r\n\r\nsor"), FAULT_MUTE), NO_TUNNEL,
     HTTPS},
    {"tunnel: silence", ANSWER(FAULT_MUTE), FAILS(TIN_E_TIMEOUT), HTTPS},
    {"tunnel: endless headers",
     ANSWER(FAULT_SEND("HTTP/1.1 403 X\r\n"), FAULT_DRIP("X: x\r\n", FAULT_FOREVER, 2)),
     FAILS(TIN_E_TIMEOUT), HTTPS},
};

FAULT_HTTP(faults_in_redirects, "redirect", redirects)
FAULT_HTTP(faults_of_a_proxy, "proxy", proxies)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_in_redirects),
        cmocka_unit_test(faults_of_a_proxy),
    };

    return test_run_group(tests, NULL, NULL);
}
