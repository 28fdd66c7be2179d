/* SPDX-License-Identifier: MIT */
/* What the system opened for an object, and when it is closed. */
#ifndef TIN_NATIVE_H
#define TIN_NATIVE_H

#include "settings.h"
#include "token.h"

typedef struct tin__object tin__object; /* what a tin_handle stands for: handle.h */
typedef struct tin__native tin__native; /* what WinInet, or the file system, opened for it */

typedef BOOL(WINAPI tin__close)(HANDLE handle); /* InternetCloseHandle, CloseHandle */
/* One call: ERROR_SUCCESS with *value, ERROR_IO_PENDING, or why not. A handle that it opened is
 * *value. */
typedef DWORD tin__start(tin__native *native, DWORD_PTR *value);
/* One FTP function of WinInet's: what it returned. */
typedef DWORD_PTR tin__ftp_function(tin__native *native);
typedef BOOL(WINAPI tin__ftp_by_name)(HINTERNET connection, LPCSTR name); /* FtpDeleteFileA */

typedef enum tin__phase {
    TIN__IDLE,
    TIN__CONNECT,
    TIN__SEND,
    TIN__RECEIVE,
    TIN__DATA_SEND,
    TIN__DATA_RECEIVE
} tin__phase;

/* What is written, while its writer goes on: write_queue.c. */
typedef struct tin__write_queue {
    BYTE *memory; /* of the piece that waits behind the one that is leaving */
    size_t capacity;
    size_t size;      /* of that piece; 0: none waits, and the memory is the writer's */
    size_t piece;     /* not more at once; 0: not known yet */
    tin__phase phase; /* whose time-out governs a piece */
    bool sending;     /* the call under way takes what waits, too */
    bool unawaited;   /* nobody has waited for the end of that call */
    size_t sent;      /* of the last piece, and how long it took; 0: that is known already */
    ULONGLONG sent_ms;
} tin__write_queue;

/*
 * Closed once nobody uses it: neither its owner, nor a child, nor a call on a pool thread. Freed
 * once the system is done with it: for an asynchronous one that is INTERNET_STATUS_HANDLE_CLOSING.
 * Members are guarded by the owner's lock, but for those that the call in progress uses.
 */
struct tin__native {
    tin_handle token; /* WinInet's context: late callbacks find nothing rather than freed memory.
                       * NULL: of a session or a local file, of which it tells nothing */
    tin__native *parent;
    tin__object *owner;
    tin__object *listener; /* whose call events belong to; NULL: the owner's */
    unsigned users;
    bool keeps_owner;    /* its memory. A session's does not before it is first used, by a child
                          * or a call */
    volatile bool tells; /* a session: what is opened below it is heard of */
    HANDLE handle;       /* HINTERNET or file; NULL while there is none */
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
    bool reported;          /* one that is not asynchronous: its REQUEST_COMPLETE has come */
    bool looked_at;         /* the same: a thread of WinInet's had a look, and may hold it still */
    DWORD closer;           /* the thread that called InternetCloseHandle */
    DWORD closed_by;        /* the one that HANDLE_CLOSING came on; 0: it has not */
    bool word_due; /* FTP connection: such a thread is about to hear the last word on a file */
    wchar_t *word; /* that word */

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

    tin__write_queue queue; /* its call's and the writer's, by turns */

    /* FTP: the function to call, and its names, in UTF-8 */
    tin__ftp_function *function;
    tin__ftp_by_name *by_name; /* the one that such a function calls */
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
/* A use of the current one, whose handle stays open meanwhile. TIN_E_STATE, and NULL: there is no
 * handle. */
tin_result tin__native_hold(tin__object *object, tin__native **native);
void tin__native_close(tin__native *native); /* within a call: for what closing itself says */
void tin__native_spoil(tin__native *native, tin_result why); /* it can make no more calls */
void tin__native_leave(tin__native *native);                 /* a reference to the memory */
DWORD tin__native_run_on_pool(tin__native *native);   /* its start; ERROR_IO_PENDING, or why not */
DWORD tin__native_run_on_thread(tin__native *native); /* a new one: for what the server says */
/* Within a start on a pool thread: one of several calls, and its outcome, also where it completes
 * elsewhere. ERROR_IO_PENDING: it was given up before. */
DWORD tin__native_call(tin__native *native, tin__start *start, DWORD_PTR *value);
void tin__native_complete(tin__native *native, DWORD_PTR value, DWORD error);
/* One that is not asynchronous may say ERROR_IO_PENDING all the same: before such a call; after it,
 * until REQUEST_COMPLETE has come (false: it was given up meanwhile); and when that comes. */
void tin__native_expect(tin__native *native);
bool tin__native_await(tin__native *native);
void tin__native_report(tin__native *native);
void tin__native_created(tin__native *native, HANDLE handle); /* HANDLE_CREATED */
void tin__native_started(tin__native *native);                /* the first other event */
void tin__native_gone(tin__native *native, HANDLE handle);    /* HANDLE_CLOSING */
void tin__native_answered(tin__native *native);               /* RESPONSE_RECEIVED */

#endif
