/* SPDX-License-Identifier: MIT */
/*
 * Lines. Where they are cut depends on their bytes and the caller's size alone, never on how the
 * bytes arrived.
 */
#include <string.h>

#include "stream.h"

/* Eight bytes at a time: memchr of msvcrt looks at each in Wine 8, which was a fifth of all that
 * reading lines took. NULL: there is none. */
static const BYTE *find_feed(const BYTE *bytes, size_t size)
{
    const uint64_t ones = 0x0101010101010101, feeds = '\n' * ones;

    for (; size >= sizeof ones; bytes += sizeof ones, size -= sizeof ones) {
        uint64_t word, found;

        __builtin_memcpy(&word, bytes, sizeof word);
        word ^= feeds; /* a feed's byte is zero now, and borrows from its highest bit */
        found = (word - ones) & ~word & (ones << 7);
        if (found != 0) /* the lowest bit is the first feed's: borrows only go up */
            return bytes + __builtin_ctzll(found) / 8;
    }
    for (; size != 0; bytes++, size--)
        if (*bytes == '\n')
            return bytes;
    return NULL;
}

/* The bytes up to and with the next line feed, or as many as there is room for; true with the line
 * feed. */
static bool take(tin__object *object, char *to, size_t room, size_t *taken)
{
    tin__stream *stream = &object->stream;
    const BYTE *next = object->native->buffer + stream->begin;
    const size_t there = stream->end - stream->begin < room ? stream->end - stream->begin : room;
    const BYTE *feed = find_feed(next, there);

    *taken = feed != NULL ? (size_t)(feed - next) + 1 : there;
    memcpy(to, next, *taken);
    stream->begin += *taken;
    stream->position += *taken;
    return feed != NULL;
}

/* A CR before its line feed goes; any other stays. */
static void end_line(char *line, size_t *got)
{
    if (*got < 2 || line[*got - 2] != '\r')
        return;
    line[*got - 2] = '\n';
    --*got;
}

/* The part is full but for what its CR means: with a line feed behind it, it is a whole line. */
static void end_full_line(tin__object *object, char *last)
{
    tin__stream *stream = &object->stream;

    if (object->native->buffer[stream->begin] != '\n')
        return;
    stream->begin++;
    stream->position++;
    *last = '\n';
}

static tin_result read_line(tin__object *object, char *line, size_t room, size_t *got)
{
    tin__stream *stream = &object->stream;

    for (;;) {
        size_t taken;
        tin_result result = tin__read_ahead(object);

        if (object->cancelled) {
            *got = 0;
            return tin__fail(TIN_E_CANCELLED);
        }
        if (!tin_ok(result) || stream->begin == stream->end) /* what there is first */
            return *got != 0 ? tin__success() : result;
        if (*got == room) {
            end_full_line(object, &line[room - 1]);
            return result;
        }
        if (take(object, line + *got, room - *got, &taken)) {
            *got += taken;
            end_line(line, got);
            return result;
        }
        *got += taken;
        if (*got == room && line[room - 1] != '\r')
            return result;
    }
}

tin_result tin_read_line(tin_handle file, char *line, size_t size, size_t *got)
{
    tin_result result;
    tin__object *object;

    if (line != NULL && size != 0)
        line[0] = '\0';
    object = tin__enter_to_read(file, line, size > 1 ? size : 0, got, &result);
    if (object == NULL)
        return result;
    result = read_line(object, line, size - 1, got);
    line[*got] = '\0';
    return tin__leave(object, result);
}
