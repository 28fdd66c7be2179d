/* SPDX-License-Identifier: MIT */
/*
 * Hostile arguments for every public function, made from a seed: no call crashes or hangs, reads
 * behind a text or writes behind a buffer (each ends at an inaccessible page in debug builds), and
 * out-parameters are what the headers say, whatever was wrong.
 *
 * TIN_FUZZ_CASES is how many calls, TIN_FUZZ_SEED what they grow from. Handles are opened anew
 * every so many calls; TIN_FUZZ_CASE repeats one, with those before it since then.
 *
 * Not tried: options that change the settings of the computer rather than of this program, and a
 * client certificate that is none, which the system takes for a pointer of its own.
 */
#include "test.h"

#include "chance.h"
#include "fault_ftp.h"
#include "fuzz_case.h"
#include "guarded_heap.h"
#include "internal.h"

#define DEFAULT_CASES 1000u
#define BLOCK 25u /* calls on the same handles */
#define RETURN_MS 10000u
#define GARBAGE_POINTER ((void *)(ULONG_PTR)0x5A5A5A5A)
#define WRITES ((DWORD)(GENERIC_WRITE | GENERIC_ALL))

enum { BLOCKS = 40, OUTS = 8, LONGEST = 70000 };

typedef enum kinds { SESSION, HTTP_CONNECTION, REQUEST, FTP_CONNECTION, FILES, ANY } kinds;

typedef enum stored_kind { IS_HANDLE, IS_ZERO, IS_SIZE, IS_COUNT } stored_kind;

typedef struct stored_value {
    stored_kind kind;
    void *at;
    size_t size;
} stored_value;

typedef struct fuzz {
    chance choices;
    unsigned number;
    const char *name;
    void *blocks[BLOCKS]; /* for guarded_free() */
    unsigned block_count;
    stored_value outs[OUTS];
    unsigned out_count;
    void *text; /* where text is stored, and how many bytes there are; NULL: none */
    size_t room;
    unsigned unit; /* bytes of a character */
} fuzz;

static struct {
    unsigned seed;
    fault_server *http, *ftp;
    tin_handle session, connection, request, sent, page, local, writable, remote, closed;
    unsigned succeeded, failures;
    uint64_t longest_ms;
    char failure[400];
    const char *longest;
} here;

static void complain(fuzz *from, const char *what, tin_result result)
{
    if (here.failures++ == 0)
        snprintf(here.failure, sizeof here.failure,
                 "TIN_FUZZ_SEED=%u TIN_FUZZ_CASE=%u (%s): %s: %s (%u)", here.seed, from->number,
                 from->name, what, tin_error_name(result.error), result.last_error);
}

/* ---- what was stored ------------------------------------------------------------------------- */

static bool all_zero(const void *bytes, size_t size)
{
    const BYTE *next = bytes;

    while (size != 0 && *next == 0)
        next++, size--;
    return size == 0;
}

static void check_size(fuzz *from, const stored_value *stored, tin_result result)
{
    const size_t size = *(size_t *)stored->at;

    if (tin_ok(result) && from->text != NULL &&
        (size + from->unit > from->room || !all_zero((const char *)from->text + size, from->unit)))
        complain(from, "text without an end, or longer than its room", result);
    if (result.error == TIN_E_BUFFER_TOO_SMALL && size <= from->room && from->text != NULL)
        complain(from, "the size needed is not more than there was", result);
    if (!tin_ok(result) && result.error != TIN_E_BUFFER_TOO_SMALL && size != 0)
        complain(from, "a size in spite of a failure", result);
}

static void check_out(fuzz *from, const stored_value *stored, tin_result result)
{
    tin_handle handle;

    if (stored->kind == IS_SIZE) {
        check_size(from, stored, result);
        return;
    }
    if (!tin_ok(result) && !all_zero(stored->at, stored->size))
        complain(from, "a value in spite of a failure", result);
    if (stored->kind == IS_COUNT && tin_ok(result) && from->text != NULL &&
        *(size_t *)stored->at > from->room)
        complain(from, "more than there was room for", result);
    if (stored->kind != IS_HANDLE || !tin_ok(result))
        return;
    handle = *(tin_handle *)stored->at;
    if (handle != NULL)
        (void)tin_close_handle(handle);
}

/* Of every call with a result. */
static void note(fuzz *from, tin_result result)
{
    if (result.error == TIN_PENDING || (unsigned)result.error > TIN_E_INTERNAL)
        complain(from, "a result that is none", result);
    here.succeeded += tin_ok(result);
    for (unsigned i = 0; i < from->out_count; i++)
        check_out(from, &from->outs[i], result);
    from->out_count = 0;
}

/* ---- bytes that end where they end ----------------------------------------------------------- */

static void *copy(fuzz *from, const void *bytes, size_t size)
{
    if (from->block_count == BLOCKS)
        abort();
    return guarded_copy(bytes, size, &from->blocks[from->block_count++]);
}

static void *remember(fuzz *from, stored_kind kind, const void *bytes, size_t size)
{
    void *at = copy(from, bytes, size);

    if (from->out_count == OUTS)
        abort();
    from->outs[from->out_count++] = (stored_value){kind, at, size};
    return at;
}

static void *struct_out(fuzz *from, size_t size)
{
    static const BYTE garbage[2000] = {0x5A, 0x5A, 0x5A};

    return once_in(&from->choices, 12) ? NULL : remember(from, IS_ZERO, garbage, size);
}

static void *handle_out(fuzz *from)
{
    const tin_handle garbage = GARBAGE_POINTER;

    return once_in(&from->choices, 12) ? NULL : remember(from, IS_HANDLE, &garbage, sizeof garbage);
}

static void *u64_out(fuzz *from)
{
    return struct_out(from, sizeof(uint64_t));
}

static void *index_out_zero(fuzz *from)
{
    return struct_out(from, sizeof(DWORD));
}

static void *got_out(fuzz *from)
{
    const size_t garbage = 0x5A5A;

    return once_in(&from->choices, 12) ? NULL : remember(from, IS_COUNT, &garbage, sizeof garbage);
}

static DWORD *index_out(fuzz *from)
{
    const DWORD index = once_in(&from->choices, 3) ? choose(&from->choices, 3) : 0;

    return once_in(&from->choices, 2) ? NULL : copy(from, &index, sizeof index);
}

/* Room for text or bytes, often too little. */
static void *text_out(fuzz *from)
{
    static const size_t sizes[] = {0, 2, 4, 6, 8, 20, 100, 1000, 5000};
    static const BYTE garbage[5000] = {0x5A};

    from->room = choose_from(&from->choices, sizes);
    from->text = once_in(&from->choices, 8) ? NULL : copy(from, garbage, from->room);
    return from->text;
}

/* The size of what text_out() made; seldom smaller, never larger. */
static void *size_out(fuzz *from)
{
    if (once_in(&from->choices, 12))
        return NULL;
    if (from->text == NULL && once_in(&from->choices, 2))
        from->room = choose(&from->choices, 9);
    return remember(from, IS_SIZE, &from->room, sizeof from->room);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static const char *const texts[] = {"",
                                    " ",
                                    "a",
                                    "GET",
                                    "HTTP/1.1",
                                    "HTTP/1.0",
                                    "HTTP/9.9",
                                    "http://127.0.0.1:1/",
                                    "http://",
                                    "http:",
                                    "ftp://127.0.0.1:1/x",
                                    "file:///C:/none/x",
                                    "file:",
                                    "file://127.0.0.1/x",
                                    "C:\\none\\x",
                                    "C:",
                                    "\\",
                                    "/",
                                    "\\\\.\\none",
                                    "https://127.0.0.1:1/",
                                    ":",
                                    "//",
                                    "?",
                                    "#",
                                    "%",
                                    "%zz",
                                    "%00",
                                    "%2e%2e/",
                                    "http://127.0.0.1:99999/",
                                    "http://127.0.0.1:0/",
                                    "http://u:p@127.0.0.1:1/",
                                    "http://@127.0.0.1:1/",
                                    "http://127.0.0.1:1\\@x/",
                                    "http://[::1]:1/",
                                    "http://[",
                                    "http://[]/",
                                    "http://127.0.0.1:1/?q#f",
                                    "X: y",
                                    "X: y\r\nZ: w",
                                    "X: y\r\n\r\nGET / HTTP/1.1",
                                    "X",
                                    ": y",
                                    "X: y\nZ",
                                    "X : y",
                                    "Host: x",
                                    "Content-Length: 5",
                                    "Transfer-Encoding: chunked",
                                    "Authorization: x",
                                    "Range: bytes=5-1",
                                    "name=value",
                                    "a=b; expires=Fri, 01-Jan-1999 00:00:00 GMT", /* none stays */
                                    "a=b; expires=",
                                    "a=b; domain=.",
                                    "a; httponly",
                                    "name",
                                    "*",
                                    "*.*",
                                    "../..",
                                    "a b",
                                    "a\tb",
                                    "CWD /\r\nDELE x",
                                    "127.0.0.1:1",
                                    "u@127.0.0.1",
                                    "javascript:x",
                                    "mailto:x@y",
                                    "gopher://127.0.0.1/",
                                    "\x01",
                                    "\x7F",
                                    "\xC3\xBC",
                                    "\xC3",
                                    "\xC3\x28",
                                    "\xFF\xFE",
                                    "\xED\xA0\x80",
                                    "\xF4\x90\x80\x80",
                                    "\xC0\x80",
                                    "\xE2\x80\xAE",
                                    "\xF0\x9F\x98\x80",
                                    "http://127.0.0.1:1/\xC3\xBC",
                                    "http://127.0.0.1:1/\xC3",
                                    "xn--",
                                    "<local>",
                                    "127.0.0.1:1;127.0.0.1:2",
                                    "http=127.0.0.1:1",
                                    "\"",
                                    "a\"b",
                                    ",",
                                    ";"};

static const char *const servers[] = {"",
                                      "127.0.0.1",
                                      "127.0.0.1:1",
                                      "[::1]",
                                      " ",
                                      "a b",
                                      "\x01",
                                      "u@127.0.0.1",
                                      "127.0.0.1/",
                                      "\xC3\x28",
                                      "%",
                                      "http://127.0.0.1",
                                      "127.0.0.1\r\n",
                                      "*",
                                      "[",
                                      "1.2.3.4.5"};

/* In folders that there are not. */
static const char *const locals[] = {"",
                                     "C:\\none\\x",
                                     "C:\\none\\\xC3",
                                     "\\\\.\\none\\x",
                                     "C:\\none\\\x01",
                                     "file:///C:/none/x",
                                     "http://127.0.0.1:1/x",
                                     "|",
                                     "C:\\none\\?"};

/* A UTF-8 text as what F() wants. Wine 8's ntdll compares the first four characters of any file's
 * name, also behind the end of a shorter one: those come with more NULs. */
static const void *as_argument(fuzz *from, const char *text, bool wide)
{
    wchar_t *converted;
    const void *argument;
    int chars;

    from->unit = wide ? sizeof(wchar_t) : 1;
    if (!wide)
        return copy(from, text, strlen(text) + 1);
    chars = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    converted = calloc((size_t)chars + 4, sizeof *converted);
    if (converted == NULL)
        abort();
    MultiByteToWideChar(CP_UTF8, 0, text, -1, converted, chars);
    converted[chars - 1] = L'\0'; /* Wine 8 counts some malformed UTF-8 other than it converts it */
    if (chars > 1 && once_in(&from->choices, 12)) /* half of a pair */
        converted[choose(&from->choices, (unsigned)chars - 1)] =
            (wchar_t)(0xD800 + choose(&from->choices, 0x800));
    argument = copy(from, converted, (size_t)(chars > 4 ? chars : 4) * sizeof *converted);
    free(converted);
    return argument;
}

/* One of the texts with much behind it, or noise. */
static const void *grown_text(fuzz *from, bool wide)
{
    static const unsigned sizes[] = {10, 300, 1000, 4096, 65534, 65535, 65536, LONGEST - 200};
    const unsigned size = choose_from(&from->choices, sizes);
    const bool noise = size <= 1000 && once_in(&from->choices, 2);
    char *text = calloc(1, LONGEST);
    const void *argument;
    size_t length;

    if (text == NULL)
        abort();
    strcpy(text, choose_from(&from->choices, texts));
    length = strlen(text);
    for (unsigned i = 0; i < size; i++)
        text[length + i] = noise ? (char)(1 + choose(&from->choices, 255)) : 'a';
    argument = as_argument(from, text, wide);
    free(text);
    return argument;
}

static const void *text_argument(fuzz *from, bool wide)
{
    char text[300];

    from->unit = wide ? sizeof(wchar_t) : 1;
    switch (choose(&from->choices, 10)) {
    case 0:
        return NULL;
    case 1:
        return once_in(&from->choices, 3) ? grown_text(from, wide) : as_argument(from, "", wide);
    case 2:
        snprintf(text, sizeof text, "%s%s", choose_from(&from->choices, texts),
                 choose_from(&from->choices, texts));
        return as_argument(from, text, wide);
    case 3:
        snprintf(text, sizeof text, "http://127.0.0.1:%u/%u", fault_server_port(here.http),
                 choose(&from->choices, 9));
        return as_argument(from, text, wide);
    default:
        return as_argument(from, choose_from(&from->choices, texts), wide);
    }
}

static const void *server_argument(fuzz *from, bool wide)
{
    return once_in(&from->choices, 9)
               ? NULL
               : as_argument(from, choose_from(&from->choices, servers), wide);
}

static const void *local_argument(fuzz *from, bool wide)
{
    return once_in(&from->choices, 9)
               ? NULL
               : as_argument(from, choose_from(&from->choices, locals), wide);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static DWORD number_argument(fuzz *from)
{
    static const DWORD numbers[] = {0, 1, 2, 3, 5, 100, 200, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};

    return once_in(&from->choices, 3) ? (DWORD)choose(&from->choices, 0x7FFFFFFF) * 2
                                      : choose_from(&from->choices, numbers);
}

static DWORD flags_argument(fuzz *from)
{
    static const DWORD flags[] = {0,
                                  INTERNET_FLAG_RELOAD,
                                  INTERNET_FLAG_NO_CACHE_WRITE,
                                  INTERNET_FLAG_ASYNC,
                                  INTERNET_FLAG_NO_AUTO_REDIRECT,
                                  INTERNET_FLAG_SECURE,
                                  INTERNET_FLAG_NO_COOKIES};

    return once_in(&from->choices, 6) ? number_argument(from) : choose_from(&from->choices, flags);
}

static DWORD icu_argument(fuzz *from)
{
    static const DWORD flags[] = {0,
                                  0,
                                  ICU_NO_ENCODE,
                                  ICU_DECODE,
                                  ICU_NO_META,
                                  ICU_ENCODE_SPACES_ONLY,
                                  ICU_BROWSER_MODE,
                                  ICU_ENCODE_PERCENT,
                                  ICU_ESCAPE,
                                  ICU_USERNAME};
    const DWORD first = choose_from(&from->choices, flags);

    return once_in(&from->choices, 9) ? number_argument(from)
                                      : first | choose_from(&from->choices, flags);
}

static DWORD cookie_flags(fuzz *from)
{
    return once_in(&from->choices, 4)   ? number_argument(from)
           : once_in(&from->choices, 2) ? 0
                                        : (DWORD)INTERNET_COOKIE_HTTPONLY;
}

static DWORD info_argument(fuzz *from)
{
    const DWORD info =
        once_in(&from->choices, 3) ? number_argument(from) : (DWORD)choose(&from->choices, 80);

    return once_in(&from->choices, 3) ? info | HTTP_QUERY_FLAG_REQUEST_HEADERS : info;
}

static bool is_harmless(DWORD option)
{
    static const DWORD others[] = {INTERNET_OPTION_PROXY, INTERNET_OPTION_PER_CONNECTION_OPTION,
                                   INTERNET_OPTION_CONNECTED_STATE,
                                   INTERNET_OPTION_CLIENT_CERT_CONTEXT};

    for (size_t i = 0; i < TEST_COUNT_OF(others); i++)
        if (option == others[i])
            return false;
    return true;
}

static DWORD option_argument(fuzz *from)
{
    DWORD option;

    do
        option = once_in(&from->choices, 4)   ? number_argument(from)
                 : once_in(&from->choices, 8) ? TIN_OPTION_TOTAL_TIMEOUT + choose(&from->choices, 3)
                                              : (DWORD)choose(&from->choices, 115);
    while (!is_harmless(option));
    return option;
}

static const void *bytes_argument(fuzz *from, size_t *size)
{
    static const size_t sizes[] = {0, 1, 2, 4, 8, 100, 5000};
    static const BYTE bytes[5000];

    *size = choose_from(&from->choices, sizes);
    if (once_in(&from->choices, 9))
        return NULL;
    return copy(from, bytes, *size);
}

/* A number that may be one, or zeros: some values hold pointers. */
static const void *option_value(fuzz *from, DWORD option, size_t *size)
{
    const DWORD number = number_argument(from);

    (void)option;
    if (once_in(&from->choices, 2))
        return bytes_argument(from, size);
    *size = sizeof number;
    return copy(from, &number, sizeof number);
}

/* ---- handles --------------------------------------------------------------------------------- */

static tin_handle no_handle(fuzz *from)
{
    switch (choose(&from->choices, 6)) {
    case 0:
        return NULL;
    case 1:
        return (tin_handle)INVALID_HANDLE_VALUE;
    case 2:
        return (tin_handle)(ULONG_PTR)choose(&from->choices, 100);
    case 3:
        return here.closed;
    case 4:
        return (tin_handle)((ULONG_PTR)here.session + choose(&from->choices, 3) - 1);
    default:
        return (tin_handle)(ULONG_PTR)(from->choices.state);
    }
}

static tin_handle handle_argument(fuzz *from, kinds wanted)
{
    const tin_handle files[] = {here.sent, here.page, here.local, here.writable};
    const tin_handle all[] = {here.session, here.connection, here.request,  here.sent,
                              here.page,    here.local,      here.writable, here.remote};

    if (once_in(&from->choices, 5))
        return no_handle(from);
    if (wanted == ANY || once_in(&from->choices, 6))
        return choose_from(&from->choices, all);
    switch (wanted) {
    case SESSION:
        return here.session;
    case HTTP_CONNECTION:
        return here.connection;
    case REQUEST:
        return once_in(&from->choices, 2) ? here.request : here.sent;
    case FTP_CONNECTION:
        return here.remote;
    default:
        return choose_from(&from->choices, files);
    }
}

static void on_status(tin_handle handle, void *context, const tin_status *status)
{
    (void)handle, (void)context, (void)status;
}

static void on_status_w(tin_handle handle, void *context, const tin_status_w *status)
{
    (void)handle, (void)context, (void)status;
}

static bool stop_it(void *context, const tin_progress *progress)
{
    (void)context, (void)progress;
    return false;
}

/* ---- the calls ------------------------------------------------------------------------------- */

#define CHARACTER char
#define WIDE 0
#define F(name) name
#include "fuzz_calls.h"
#undef CHARACTER
#undef WIDE
#undef F

#define CHARACTER wchar_t
#define WIDE 1
#define F(name) name##_w
#include "fuzz_calls.h"

static const struct {
    const char *name;
    void (*call)(fuzz *from);
} calls[] = {
/* clang-format off */
#define ALONE(name) {#name, fuzz_##name},
#define TWINS(name) ALONE(name) ALONE(name##_w)
    TWINS(tin_open)
    TWINS(tin_set_option_text)
    TWINS(tin_query_option_text)
    TWINS(tin_set_status_callback)
    TWINS(tin_get_last_response_info)
    TWINS(tin_open_url)
    TWINS(tin_open_local_file)
    TWINS(tin_connect)
    TWINS(tin_http_open_request)
    TWINS(tin_http_add_request_headers)
    TWINS(tin_http_send_request)
    TWINS(tin_http_send_request_ex)
    TWINS(tin_http_query_info)
    TWINS(tin_http_query_header)
    TWINS(tin_ftp_get_current_directory)
    TWINS(tin_ftp_get_current_directory_url)
    TWINS(tin_ftp_rename_file)
    TWINS(tin_ftp_get_file_size)
    TWINS(tin_ftp_open_file)
    TWINS(tin_ftp_get_file)
    TWINS(tin_ftp_put_file)
    TWINS(tin_ftp_command)
    TWINS(tin_download)
    TWINS(tin_upload)
    TWINS(tin_get)
    TWINS(tin_ftp_find_first_file)
    TWINS(tin_find_next_file)
    TWINS(tin_crack_url)
    TWINS(tin_create_url)
    TWINS(tin_canonicalize_url)
    TWINS(tin_combine_url)
    TWINS(tin_set_cookie)
    TWINS(tin_set_cookie_ex)
    TWINS(tin_get_cookie)
    TWINS(tin_get_cookie_ex)
    TWINS(tin_describe)
    TWINS(tin_ftp_set_current_directory)
    TWINS(tin_ftp_create_directory)
    TWINS(tin_ftp_remove_directory)
    TWINS(tin_ftp_delete_file)
    ALONE(tin_error_name)
    ALONE(tin_close_handle)
    ALONE(tin_cancel)
    ALONE(tin_native_handle)
    ALONE(tin_free)
    ALONE(tin_set_option)
    ALONE(tin_query_option)
    ALONE(tin_set_option_dword)
    ALONE(tin_query_option_dword)
    ALONE(tin_query_data_available)
    ALONE(tin_set_file_pointer)
    ALONE(tin_write_file)
    ALONE(tin_flush)
    ALONE(tin_set_write_buffer_size)
    ALONE(tin_set_read_buffer_size)
    ALONE(tin_get_length)
    ALONE(tin_http_end_request)
    ALONE(tin_http_query_info_u64)
    ALONE(tin_http_query_info_time)
    ALONE(tin_http_status)
    ALONE(tin_error_dlg)
    ALONE(tin_read_file)
    ALONE(tin_read_available)
    ALONE(tin_read_line)
    /* clang-format on */
};

/* ---- all of them ----------------------------------------------------------------------------- */

/* What a call may have set for all that follows. */
static void reset_options(void)
{
    static const struct {
        DWORD option, value;
    } defaults[] = {{INTERNET_OPTION_CONNECT_TIMEOUT, 3000},
                    {INTERNET_OPTION_SEND_TIMEOUT, 3000},
                    {INTERNET_OPTION_RECEIVE_TIMEOUT, 3000},
                    {INTERNET_OPTION_DATA_SEND_TIMEOUT, 3000},
                    {INTERNET_OPTION_DATA_RECEIVE_TIMEOUT, 3000},
                    {TIN_OPTION_TOTAL_TIMEOUT, INFINITE},
                    {TIN_OPTION_MAX_REDIRECTS, 10},
                    {INTERNET_OPTION_CONNECT_RETRIES, 1}};

    for (size_t i = 0; i < TEST_COUNT_OF(defaults); i++)
        assert_true(tin_ok(tin_set_option_dword(NULL, defaults[i].option, defaults[i].value)));
}

static void open_handles(void)
{
    const DWORD flags = INTERNET_FLAG_RELOAD | INTERNET_FLAG_NO_CACHE_WRITE;
    const char *name = test_file("some text\nof two lines", 22);
    bool all;

    reset_options();
    all = tin_ok(tin_open("fuzz", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &here.session)) &&
          tin_ok(tin_connect(here.session, "127.0.0.1", fault_server_port(here.http), NULL, NULL,
                             INTERNET_SERVICE_HTTP, 0, NULL, &here.connection)) &&
          tin_ok(tin_http_open_request(here.connection, "POST", "/1", NULL, NULL, NULL, flags, NULL,
                                       &here.request)) &&
          tin_ok(tin_http_open_request(here.connection, NULL, "/2", NULL, NULL, NULL, flags, NULL,
                                       &here.sent)) &&
          tin_ok(tin_http_send_request(here.sent, NULL, NULL, 0)) &&
          tin_ok(tin_open_url(here.session, fault_server_url(here.http, "/3"), NULL, flags, NULL,
                              &here.page)) &&
          tin_ok(tin_open_url(here.session, name, NULL, 0, NULL, &here.local)) &&
          tin_ok(tin_open_local_file(here.session, test_file_path(), GENERIC_WRITE, CREATE_ALWAYS,
                                     NULL, &here.writable)) &&
          tin_ok(tin_connect(here.session, "127.0.0.1", fault_server_port(here.ftp), "bob",
                             "secret", INTERNET_SERVICE_FTP, 0, NULL, &here.remote));
    assert_true(all);
}

/* All of them, whatever is still open below the session. */
static void close_handles(void)
{
    (void)tin_close_handle(here.session);
    here.closed = here.page;
    test_files_remove(NULL);
}

static void run_case(unsigned number)
{
    fuzz one = {.choices = chance_for(here.seed, number), .number = number, .unit = 1};
    const unsigned which = choose(&one.choices, (unsigned)TEST_COUNT_OF(calls));
    const uint64_t began = test_now_ms();
    uint64_t took_ms;

    one.name = calls[which].name;
    fuzz_case_begin(0, number, one.name);
    calls[which].call(&one);
    took_ms = test_now_ms() - began;
    if (took_ms > RETURN_MS)
        complain(&one, "it took too long", (tin_result){TIN_OK, 0});
    if (took_ms > here.longest_ms) {
        here.longest_ms = took_ms;
        here.longest = one.name;
    }
    while (one.block_count != 0)
        guarded_free(one.blocks[--one.block_count]);
}

static void hostile_arguments_do_no_harm(void **state)
{
    static const fault_step page[] = {
        FAULT_READ_BODY,
        FAULT_SEND("HTTP/1.1 200 OK\r\nContent-Length: 20\r\nAccept-Ranges: bytes\r\n"
                   "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n0123456789\nabcdefghi"),
        FAULT_AGAIN};
    static const fault_route routes[] = {{"*", page}, {NULL, NULL}};
    static const fault_ftp ftp = {.size = 20};
    const unsigned cases = number_from_environment("TIN_FUZZ_CASES", DEFAULT_CASES);
    const unsigned only = number_from_environment("TIN_FUZZ_CASE", 0);
    const unsigned first = only != 0 ? only - only % BLOCK : 1, last = only != 0 ? only : cases;

    (void)state;
    memset(&here, 0, sizeof here);
    here.seed = number_from_environment("TIN_FUZZ_SEED", (unsigned)GetTickCount64());
    print_message("TIN_FUZZ_CASES=%u TIN_FUZZ_SEED=%u\n", cases, here.seed);
    fuzz_case_watch(here.seed);
    here.http = fault_server_start_routes(routes);
    here.ftp = fault_ftp_start(&ftp);
    open_handles();
    for (unsigned number = first; number <= last; number++) {
        if (number % BLOCK == 0 && number != first) {
            close_handles();
            open_handles();
        }
        run_case(number);
    }
    close_handles();
    reset_options();
    fault_server_stop(here.http);
    fault_server_stop(here.ftp);
    print_message("seed %u: %u calls of %u functions, %u succeeded; the longest took %u ms (%s)\n",
                  here.seed, last - first + 1, (unsigned)TEST_COUNT_OF(calls), here.succeeded,
                  (unsigned)here.longest_ms, here.longest != NULL ? here.longest : "none");
    if (here.failures != 0)
        fail_msg("%u failures, the first: %s", here.failures, here.failure);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_arguments_do_no_harm),
    };

    return test_run_group(tests, NULL, test_files_remove);
}
