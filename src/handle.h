/* SPDX-License-Identifier: MIT */
/* Objects: what the user holds handles to; their parents and children. */
#ifndef TIN_HANDLE_H
#define TIN_HANDLE_H

#include <stdatomic.h>

#include "native.h"

typedef struct tin__range tin__range; /* what seeking on an HTTP server needs: http_range.c */
void tin__range_free(tin__range *range);
typedef struct tin__sender tin__sender; /* how a request is made: http.h */

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
    bool silent;        /* it has been told HANDLE_CLOSING */
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
    /* One call on a pool thread: what is queued leaves; then closing calls `finish`. NULL: cannot
     * be written. */
    tin__start *write;
    tin__phase write_phase;
    bool behind; /* a write need not wait until its bytes have left */
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
    size_t filled;            /* by the last fetch to the caller: a larger one would pay */
    size_t buffer_size;       /* as set; 0: automatic */
    size_t write_buffer_size; /* as set; 0: none */
    BYTE *gathered;           /* of that size: what is still to be written */
} tin__stream;

/* How a session was opened, for the further WinInet sessions that FTP needs. */
typedef struct tin__session {
    const wchar_t *agent, *proxy, *bypass;
    DWORD access_type, flags;
} tin__session;

/* What a request to an HTTP server is made of, again for every hop. */
typedef struct tin__request {
    const tin__sender *sender;
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
    tin__object *parent;          /* whose memory stays for as long as this; NULL: none */
    bool listed;                  /* among its children; guarded by its lock, with the next line */
    tin__object *next, *previous; /* of those */

    SRWLOCK lock; /* guards what follows; a parent's is taken before its child's */
    tin__object *first_child;
    volatile bool closed; /* takes no more children, and no event but HANDLE_CLOSING */
    CONDITION_VARIABLE wake;
    unsigned sleeping; /* so many wait for it */
    volatile LONG cancelled;
    void *context;
    tin__watch watch;
    tin__native first_native;    /* the memory of one: see native.c */
    bool first_used;             /* only the call in progress makes them */
    tin__native *_Atomic native; /* set without the lock: other threads read it once, with it */
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
    size_t size;     /* of what follows, in bytes */
    wchar_t texts[]; /* a session's, one behind the other */
};

/* A new object, entered exclusively, with room for texts of this size. Its context is that of the
 * parent where `context` is NULL. */
tin_result tin__create(tin__kind kind, tin__object *parent, void *context, size_t size,
                       tin__object **object);
tin__object *tin__enter(tin_handle handle, unsigned kinds, tin_result *result);
tin__object *tin__enter_shared(tin_handle handle, unsigned kinds, tin_result *result);
tin_result tin__leave(tin__object *object, tin_result result);
tin_result tin__leave_shared(tin__object *object, tin_result result);
tin_result tin__close_handle(tin_handle handle);
void tin__discard(tin__object *object); /* closes an object that was just created, and leaves it */
void tin__sleep(tin__object *object, DWORD timeout_ms); /* until tin__wake(); with the lock held */
void tin__wake(tin__object *object);                    /* the same */
void tin__keep(tin__object *object);                    /* its memory */
void tin__unkeep(tin__object *object);
/* Gives up the one before; NULL: none. */
void tin__set_native(tin__object *object, tin__native *native);
/* WinInet's session for it, opened in the same way as `as`. */
tin_result tin__open_session(tin__object *object, const tin__session *as, DWORD more_flags);
bool tin__has_children(tin__object *object); /* that are open */
/* What the server said, of which it takes over the text; NULL: nothing. */
void tin__set_response(tin__object *object, wchar_t *text);
void tin__set_length(tin__object *object, uint64_t length, bool promised);
void tin__take_url(tin__object *object, tin__url *url); /* its native's, which has none then */

#endif
