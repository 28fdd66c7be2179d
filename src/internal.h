/* SPDX-License-Identifier: MIT */
/*
 * What the files in src/ share. Each line uses its own and the lines below it:
 *
 *   session, option, open, stream        what the public headers promise
 *   http_open, http_request, http_upload requests of the caller's own
 *   http_query, http_headers, http_date  what an answer says, what a request says
 *   ftp_command, ftp_directory, ftp_file, ftp_find, ftp_transfer
 *                                        what a connection to an FTP server is asked for
 *   http, redirect, ftp, local_file      where bytes come from
 *   call, status, handle, native         how one call is made, what is heard meanwhile, who lives
 *   token, settings                      which values are handles; options that are kept
 *   result, text, url                    what things mean
 */
#ifndef TIN_INTERNAL_H
#define TIN_INTERNAL_H

#include <thininet/thininet.h>

#include "text.h"
#include "url.h"

/* ---- result.c -------------------------------------------------------------------------------- */

tin_result tin__fail(tin_error error);  /* found by thininet itself: no GetLastError value */
tin_result tin__from_win32(DWORD code); /* what GetLastError said; 0 is a failure, too */

static inline tin_result tin__success(void)
{
    const tin_result result = {TIN_OK, 0};

    return result;
}

typedef struct tin__object tin__object; /* what a tin_handle stands for */
typedef struct tin__native tin__native; /* what WinInet, or the file system, opened for it */
typedef struct tin__range tin__range;   /* what seeking on an HTTP server needs */

/* ---- token.c: which values are handles ------------------------------------------------------- */

typedef enum tin__kind {
    TIN__SESSION = 1 << 0,
    TIN__HTTP_FILE = 1 << 1,
    TIN__FTP_FILE = 1 << 2,
    TIN__LOCAL_FILE = 1 << 3,
    TIN__HTTP_CONNECTION = 1 << 4,
    TIN__FTP_CONNECTION = 1 << 5,
    TIN__FTP_FIND = 1 << 6,
    TIN__NATIVE = 1 << 7, /* not a handle of the user's: the context that WinInet is given */

    TIN__CONNECTION = TIN__HTTP_CONNECTION | TIN__FTP_CONNECTION,
    TIN__FILE = TIN__HTTP_FILE | TIN__FTP_FILE | TIN__LOCAL_FILE,
    TIN__ANY = TIN__SESSION | TIN__CONNECTION | TIN__FTP_FIND | TIN__FILE
} tin__kind;

typedef enum tin__access {
    TIN__SHARED,    /* beside any other call */
    TIN__EXCLUSIVE, /* one call at a time, else TIN_E_STATE */
    TIN__CLOSING,   /* the one call that closes */
    TIN__INTERNAL   /* also after it was closed */
} tin__access;

/* A new token for `item`, with one reference; one more if it is entered exclusively at once. */
bool tin__token_create(void *item, tin__kind kind, tin__access access, tin_handle *token);
/* Takes a reference; NULL with *error set where the token is not one of `kinds` that may be
 * entered. */
void *tin__token_enter(tin_handle token, unsigned kinds, tin__access access, tin_error *error);
/* Drops a reference; true if it was the last, which makes the token stale. */
bool tin__token_leave(tin_handle token, tin__access access);

/* ---- settings.c: options that thininet keeps, because WinInet would forget them -------------- */

typedef enum tin__number {
    TIN__CONNECT_TIMEOUT,
    TIN__SEND_TIMEOUT,
    TIN__RECEIVE_TIMEOUT,
    TIN__DATA_SEND_TIMEOUT, /* FTP data; 0: as TIN__SEND_TIMEOUT */
    TIN__DATA_RECEIVE_TIMEOUT,
    TIN__TOTAL_TIMEOUT,
    TIN__CONNECT_RETRIES,
    TIN__MAX_REDIRECTS,
    TIN__SECURITY_FLAGS,
    TIN__HTTP_DECODING,
    TIN__NUMBERS
} tin__number;

typedef enum tin__words {
    TIN__USER,
    TIN__PASSWORD,
    TIN__PROXY_USER,
    TIN__PROXY_PASSWORD,
    TIN__WORDS
} tin__words;

typedef struct tin__shared_text tin__shared_text; /* counted, immutable, wiped at the end */

typedef struct tin__settings {
    DWORD numbers[TIN__NUMBERS];
    tin__shared_text *words[TIN__WORDS];
} tin__settings;

/* CONNECT_RETRIES until it is set: once, and only on a connection that was kept; it reads back
 * as 1. */
#define TIN__DEFAULT_RETRIES INFINITE

void tin__settings_default(tin__settings *settings); /* the process-wide ones */
void tin__settings_copy(tin__settings *to, const tin__settings *from);
void tin__settings_free(tin__settings *settings);
/* `settings` NULL: the process-wide ones. */
void tin__settings_set_number(tin__settings *settings, tin__number which, DWORD value);
DWORD tin__settings_number(const tin__settings *settings, tin__number which);
tin_result tin__settings_set_words(tin__settings *settings, tin__words which, const wchar_t *text);
void tin__settings_drop_words(tin__settings *settings, tin__words which);
const wchar_t *tin__settings_words(const tin__settings *settings, tin__words which); /* or NULL */
/* Hands them, and the URL's user, down to a request or connection before it does anything. */
void tin__settings_apply(const tin__settings *settings, HINTERNET handle, const tin__url *url,
                         bool credentials);

/* ---- native.c: what the system opened, and when it is closed --------------------------------- */

typedef BOOL(WINAPI tin__close)(HANDLE handle); /* InternetCloseHandle, CloseHandle */
/* One call: ERROR_SUCCESS with *value, ERROR_IO_PENDING, or why not. A handle that it opened is
 * *value. */
typedef DWORD tin__start(tin__native *native, DWORD_PTR *value);
/* One FTP function of WinInet's: what it returned. */
typedef DWORD_PTR tin__ftp_function(tin__native *native);

/*
 * Closed once nobody uses it: neither its owner, nor a child, nor a call on a pool thread. Freed
 * once the system is done with it: for an asynchronous one that is INTERNET_STATUS_HANDLE_CLOSING.
 * Members are guarded by the owner's lock, but for those that the call in progress uses.
 */
struct tin__native {
    tin_handle token; /* WinInet's context: late callbacks find nothing rather than freed memory */
    tin__native *parent;
    tin__object *owner;
    tin__object *listener; /* whose call events belong to; NULL: the owner's */
    unsigned users;
    HANDLE handle; /* HINTERNET or file; NULL while there is none */
    tin__close *close;
    bool asynchronous; /* completes by REQUEST_COMPLETE, is gone with HANDLE_CLOSING */
    bool quiet;        /* closing it will not wait for the network */
    bool pending;      /* a call was started and has not completed */
    bool patient;      /* it is not closed while one is pending */
    bool started;      /* an event of its own has come */
    bool on_pool;      /* its start has not returned yet: only that tells what a completion means */
    bool early;        /* one came meanwhile, with this error */
    DWORD early_error;
    bool closing; /* closed, or about to be */
    bool gone;    /* closed for good */
    bool freed;
    volatile LONG given_up; /* its owner wants nothing more of it */

    /* the call in progress, or the last one */
    tin__start *start;
    bool completed;
    bool waited;    /* it did not complete at once */
    bool connected; /* a connection was made for it, rather than reused */
    bool asked;     /* WinInet waits, or waited, for an answer */
    bool answered;  /* some of it has come */
    DWORD error;

    /* what calls work on; theirs until they have completed */
    tin__url url;
    DWORD flags;
    bool credentials; /* user names and passwords may be sent to this server */
    BYTE *body;       /* of the request: a copy, for a call that was given up may still send it */
    DWORD body_size;
    BYTE *buffer;
    size_t capacity;
    DWORD wanted;
    DWORD transferred;
    uint64_t position; /* in a file */
    INTERNET_BUFFERSW request;
    wchar_t *response; /* FTP: what the server said when a call on a thread failed */

    /* FTP: the function to call, and its names, in UTF-8 */
    tin__ftp_function *function;
    char *names[2];
    bool wants_words;  /* the function says so: the server's answer is kept when it succeeds, too */
    tin_result failed; /* of a connection: a call below it was given up in mid-dialogue */
};

/* A native without a handle yet; takes over *url. */
tin_result tin__native_create(tin__object *owner, tin__native *parent, tin__close *close,
                              bool asynchronous, tin__url *url, tin__native **native);
void tin__native_use(tin__native *native);     /* one more; tin__native_release() ends it */
void tin__native_give_up(tin__native *native); /* the owner's use */
void tin__native_release(tin__native *native); /* a held one */
/* A use of the current one; NULL: no handle yet. */
tin__native *tin__native_hold(tin__object *object);
void tin__native_close(tin__native *native); /* within a call: for what closing itself says */
void tin__native_spoil(tin__native *native, tin_result why); /* it can make no more calls */
void tin__native_leave(tin__native *native);          /* a reference to the memory, by its token */
DWORD tin__native_run_on_pool(tin__native *native);   /* its start; ERROR_IO_PENDING, or why not */
DWORD tin__native_run_on_thread(tin__native *native); /* a new one: for what the server says */
void tin__native_complete(tin__native *native, DWORD_PTR value, DWORD error);
void tin__native_created(tin__native *native, HANDLE handle); /* HANDLE_CREATED */
void tin__native_started(tin__native *native);                /* the first other event */
void tin__native_gone(tin__native *native, HANDLE handle);    /* HANDLE_CLOSING */

/* ---- handle.c: objects, their parents and children ------------------------------------------- */

typedef enum tin__phase {
    TIN__IDLE,
    TIN__CONNECT,
    TIN__SEND,
    TIN__RECEIVE,
    TIN__DATA_SEND,
    TIN__DATA_RECEIVE
} tin__phase;

/* The user's callback, and what it has not been told yet. */
typedef struct tin__event {
    DWORD code;
    wchar_t *text;
    uint64_t bytes;
    DWORD value;
} tin__event;

typedef struct tin__watch {
    tin_status_callback *narrow;
    tin_status_callback_w *wide;
    void *context;
    unsigned running;   /* calls of it that have not returned */
    bool closing;       /* it will only be told HANDLE_CLOSING */
    bool silent;        /* it has been */
    bool lost;          /* an event could not be kept for want of memory */
    tin__event *events; /* a queue: `count` of them from `first` on */
    unsigned first, count, capacity;
} tin__watch;

/* How one kind of stream gets its bytes. */
typedef struct tin__stream_type {
    /* At least one byte, or the end (*got == 0), or a failure, maybe with the bytes before it. */
    tin_result (*fill)(tin__object *object, void *buffer, size_t size, size_t *got);
    /* Called once at the end: was it a good one? NULL: yes. */
    tin_result (*finish)(tin__object *object);
    bool direct; /* fill may write to the caller's memory: nothing stores there after it returned */
    /* One call on a pool thread: writes `wanted` bytes of the native's buffer, or the first of
     * them; `transferred` says how many; then closing calls `finish`. NULL: cannot be written. */
    tin__start *write;
    tin__phase write_phase;
    /* The next byte read or written is that at `position`. NULL: cannot. */
    tin_result (*seek)(tin__object *object, uint64_t position);
    void (*measure)(tin__object *object); /* the length now; NULL: it does not change */
} tin__stream_type;

typedef struct tin__stream {
    const tin__stream_type *type;
    tin_result failed; /* sticky */
    bool ended;
    bool at_end;   /* it was sought to: no bytes, whatever could still be fetched */
    bool seekable; /* its type's `seek` can be called */
    bool length_known;
    bool length_promised; /* another number of bytes is an error */
    uint64_t length;
    uint64_t fetched;         /* where the next byte to be fetched is */
    uint64_t position;        /* of the next byte that the caller reads or writes */
    size_t begin, end;        /* of what is left in the native's buffer, or was gathered */
    size_t buffer_size;       /* as set; 0: automatic */
    size_t write_buffer_size; /* as set; 0: none */
    BYTE *gathered;           /* of that size: what is still to be written */
} tin__stream;

/* How a session was opened, for the further WinInet sessions that FTP needs. */
typedef struct tin__session {
    wchar_t *agent, *proxy, *bypass;
    DWORD access_type, flags;
} tin__session;

/* What a request to an HTTP server is made of, again for every hop. */
typedef struct tin__request {
    wchar_t *verb; /* NULL: it was opened by tin_open_url() */
    wchar_t *version;
    wchar_t *place; /* the URL at which it stands: a redirect moves it */
    DWORD flags;
    bool credentials; /* user names and passwords may be sent there */
    bool streamed;    /* its body is gone once it was sent */
    uint64_t total;   /* of a streamed body, in bytes */
} tin__request;

struct tin__object {
    tin_handle token;
    tin__kind kind;
    volatile LONG memory; /* references to this memory: itself, children, natives */

    tin_handle parent_token;
    tin__object *parent; /* guarded by the tree's lock, with the next two lines */
    tin__object *first_child, *next, *previous;
    bool closed; /* takes no more children */

    SRWLOCK lock; /* guards what follows */
    CONDITION_VARIABLE wake;
    volatile LONG cancelled;
    void *context;
    tin__watch watch;
    tin__native *native;
    tin__native *base; /* WinInet's session for what is opened here; NULL: the native itself */
    tin__phase phase;
    ULONGLONG phase_began, began; /* GetTickCount64; began 0: no call yet */
    tin__settings settings;
    wchar_t *response;

    wchar_t *headers;     /* of the user's, for every hop */
    tin__request request; /* but for `credentials`, only touched by the call in progress */
    tin__range *range;    /* HTTP: what seeking needs; NULL: cannot */
    tin__stream stream;   /* the same */
    tin__session session;
};

/* A new object, entered exclusively. Its context is the parent's where `context` is NULL. */
tin_result tin__create(tin__kind kind, tin__object *parent, void *context, tin__object **object);
tin__object *tin__enter(tin_handle handle, unsigned kinds, tin_result *result);
tin__object *tin__enter_shared(tin_handle handle, unsigned kinds, tin_result *result);
tin_result tin__leave(tin__object *object, tin_result result);
tin_result tin__leave_shared(tin__object *object, tin_result result);
tin_result tin__close_handle(tin_handle handle);
void tin__discard(tin__object *object); /* closes an object that was just created, and leaves it */
void tin__keep(tin__object *object);    /* its memory */
void tin__unkeep(tin__object *object);
/* Gives up the one before; NULL: none. */
void tin__set_native(tin__object *object, tin__native *native);
/* WinInet's session for it, opened in the same way as `as`. */
tin_result tin__open_session(tin__object *object, const tin__session *as, DWORD more_flags);
bool tin__has_children(tin__object *object); /* that are open */
void tin__set_length(tin__object *object, uint64_t length, bool promised);
void tin__take_url(tin__object *object, tin__url *url); /* its native's, which has none then */
bool tin__wait_until_idle(DWORD timeout_ms); /* for tests: until no object's memory is left */

/* ---- status.c: events in, typed events out --------------------------------------------------- */

void CALLBACK tin__on_status(HINTERNET handle, DWORD_PTR context, DWORD code, LPVOID data,
                             DWORD size);
bool tin__can_call_back(void); /* before anything else here */
/* What was heard; with the lock held, which it lets go meanwhile. */
void tin__deliver(tin__object *object);
void tin__notify(tin__object *object, const tin_status_w *status); /* an event of our own */
void tin__await_callback(tin__object *object); /* that is running in another thread */
void tin__silence(tin__object *object);        /* no more events */
void tin__await_silence(tin__object *object);
void tin__watch_free(tin__watch *watch);
void *tin__context(const tin__object *object); /* what the callback is handed; with the lock held */

/* ---- call.c: how one call is made: start, wait, deadline, cancel, abandon ------------------- */

/* Stands for GetLastError() == 0 after a failure; see tin__last_error(). */
#define TIN__SAID_NOTHING 0xFFFFFFFFu

DWORD tin__last_error(void);
tin_result tin__result_of(DWORD error); /* of tin__last_error(), or ERROR_SUCCESS */
void tin__begin_phase(tin__object *object, tin__phase phase); /* starts its clock anew */
/* Only if it is another; with the lock held. */
void tin__change_phase(tin__object *object, tin__phase phase);
/* One call of the current native: on this thread, a pool thread, or one of its own, which keeps
 * what an FTP server says. */
tin_result tin__call(tin__object *object, tin__start *start);
tin_result tin__call_on_pool(tin__object *object, tin__start *start);
tin_result tin__call_on_thread(tin__object *object, tin__start *start);

/* ---- open.c: opening something under a handle ------------------------------------------------ */

/* Opens the object's native; `parent` stays open meanwhile. */
typedef tin_result tin__open(tin__object *object, tin__object *parent, void *how);

/* A new handle below `handle`, which is of one of `kinds`. The caller is told of it before anything
 * can block, and of the outcome; what a server said of a failure is found at the parent. */
tin_result tin__open_child(tin_handle handle, unsigned kinds, tin__kind kind, void *context,
                           tin__open *open, void *how, tin_handle *child);

/* The same below an object that the caller has entered. */
tin_result tin__open_below(tin__object *parent, tin__kind kind, void *context, tin__open *open,
                           void *how, tin_handle *child);

/* ---- stream.c -------------------------------------------------------------------------------- */

/* What every function that hands out bytes begins with. NULL: *result says why not. */
tin__object *tin__enter_to_read(tin_handle file, const void *buffer, size_t size, size_t *got,
                                tin_result *result);
tin_result tin__read_ahead(tin__object *object); /* some bytes in the read buffer; none: the end */

/* ---- write.c --------------------------------------------------------------------------------- */

tin_result tin__flush(tin__object *object);   /* sends what was gathered */
tin_result tin__end_writing(tin_handle file); /* what closing a file has to wait for */

/* ---- where bytes come from: open the object's native, set its stream ------------------------ */

/* They take over *url. `session` is the object's parent, and stays open meanwhile. */
tin_result tin__open_http(tin__object *object, tin__url *url, DWORD flags);
tin_result tin__connect_http(tin__object *object, tin__url *url); /* of which it needs the host */
tin_result tin__connect_ftp(tin__object *object, tin__object *session, tin__url *url, DWORD flags);
tin_result tin__open_ftp(tin__object *object, tin__object *session, tin__url *url, DWORD flags);
tin_result tin__open_local(tin__object *object, tin__url *url);

/* ---- ftp.c: how a connection is asked -------------------------------------------------------- */

/* Enters a connection that can make a call now: none is in progress, no file or find of it is open,
 * and no call was given up, which leaves WinInet in the middle of the dialogue. */
tin__object *tin__ftp_enter(tin_handle handle, tin_result *result);
/* What the server is told is one line. TIN_E_ARGUMENT: NULL, empty, with control characters. */
tin_result tin__ftp_check(const wchar_t *name);
/* Calls a function of WinInet's with these names, of which either may be NULL. What the server said
 * is the native's response, of a failure the object's. */
tin_result tin__ftp_call(tin__object *connection, tin__ftp_function *function, const wchar_t *first,
                         const wchar_t *second);
/* The same for a function that opens a handle below `parent`: of a file or a find. Takes over *url,
 * if there is one. */
tin_result tin__ftp_open(tin__object *object, tin__native *parent, tin__phase phase,
                         tin__ftp_function *function, const wchar_t *name, DWORD flags,
                         tin__url *url);
/* A further call on what was opened so. */
tin_result tin__ftp_ask(tin__object *object, tin__ftp_function *function);
bool tin__ftp_say(HINTERNET connection, const char *command); /* for such functions: FtpCommand */
/* The reply in what WinInet says that the server said: its last one; NULL: there is none. */
const wchar_t *tin__ftp_reply(const wchar_t *response);
bool tin__ftp_refused(const wchar_t *response); /* 4xx, 5xx */
/* What the server said in a call that succeeded, for tin_get_last_response_info(). */
void tin__ftp_keep_response(tin__object *object, tin__native *native);
tin_result tin__ftp_read_size(const wchar_t *response, uint64_t *size); /* of "213 1234" */
DWORD tin__ftp_transfer_flags(DWORD type, DWORD flags); /* binary, unless one says otherwise */

/* ftp_file.c */
extern const tin__stream_type tin__ftp_reading;
DWORD_PTR tin__ftp_open_reading(tin__native *native);

/* ---- http: one way for tin_open_url() and for requests -------------------------------------- */

/* How a request is made. */
typedef struct tin__sender {
    /* Makes the object's native for `url`, which it takes over; `status` is that of the redirect
     * that leads there, or 0. */
    tin_result (*open)(tin__object *object, tin__url *url, DWORD status);
    tin__start *start; /* sends it */
    bool opens;        /* start opens it, too: to be sent again it needs another native */
    bool answered;     /* start ends with the answer */
} tin__sender;

extern const tin__sender tin__request_sender;

DWORD tin__http_flags(tin__object *object, DWORD flags); /* as they are passed to WinInet */
/* Sends it, again where nothing was answered, and where a redirect leads. */
tin_result tin__http_send(tin__object *object, const tin__sender *sender);
/* Sends it once, or again, and looks at no answer. */
tin_result tin__http_send_once(tin__object *object, const tin__sender *sender);
/* One more request for the object, as http_range.c wants it; redirects are not followed. */
tin_result tin__http_again(tin__object *object, tin__url *url, DWORD more_flags, DWORD *status);
/* Looks at the answer that is there, and follows it. */
tin_result tin__http_follow(tin__object *object, const tin__sender *sender);
tin_result tin__http_expect_answer(tin__native *native);
bool tin__is_proxys_own(tin__native *native);
bool tin__has_answer(const tin__object *object); /* which can be asked for its headers */

/* http_open.c: a native at `url`, which it takes over, in the place of the object's, whose body it
 * keeps */
tin_result tin__open_request(tin__object *object, tin__url *url);

/* http_request.c: what begins and ends each send */
tin_result tin__begin_send(tin__object *object, const wchar_t *headers);
tin_result tin__end_send(tin__object *object, tin_result result);
DWORD tin__prepare_send(tin__native *native, uint64_t size); /* within a start: of the body */
void tin__reset_stream(tin__object *object);
tin_result tin__keep_body(tin__native *native, const void *body, size_t size); /* a copy */

/* http_query.c: text for free(). `name`: of a HTTP_QUERY_CUSTOM header, else NULL. *index is that
 * of the next one on success. */
tin_result tin__http_query(tin__native *native, DWORD info, const wchar_t *name, DWORD *index,
                           wchar_t **text);
bool tin__parse_number(const wchar_t *text, uint64_t *number);

/* http_date.c: any of the three forms of a date in HTTP (RFC 9110, 5.6.7) */
bool tin__parse_date(const wchar_t *text, SYSTEMTIME *time);

/* The codings that INTERNET_OPTION_HTTP_DECODING undoes; WinInet does not ask for them itself. */
#define TIN__ACCEPT_ENCODING L"Accept-Encoding: gzip, deflate\r\n"

/* http_headers.c: "Name: value" lines, each but the last ended by CR LF */
bool tin__is_token(const wchar_t *text); /* a method, a name */
tin_result tin__check_headers(const wchar_t *headers);
bool tin__has_header(const wchar_t *headers, const wchar_t *name);
void tin__strip_headers(wchar_t *headers);         /* what is for the first server alone */
void tin__strip_ranges(wchar_t *headers);          /* what asks for a part */
void tin__strip_content_headers(wchar_t *headers); /* what is about a body */
tin_result tin__merge_headers(wchar_t **headers, const wchar_t *more, DWORD modifiers);
/* Gives WinInet's request the lines of `headers` whose names are in `names`, and no others of
 * these names. */
DWORD tin__give_headers(HINTERNET request, const wchar_t *names, const wchar_t *headers);

/* http_range.c */
tin_result tin__range_keep(tin__object *object, DWORD status); /* what seeking needs, if it can */
tin_result tin__range_seek(tin__object *object, uint64_t position);
void tin__range_free(tin__range *range);

/* redirect.c */
bool tin__is_redirect(DWORD status);
bool tin__keeps_verb(const wchar_t *verb, DWORD status); /* and the body; else it becomes GET */
tin_result tin__redirect_target(tin__native *native,
                                tin__url *target); /* no Location: target->text is NULL */

#endif
