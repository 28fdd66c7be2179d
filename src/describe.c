/* SPDX-License-Identifier: MIT */
/* Results in words. */
#include "result.h"

#include <string.h>

#define SECURITY_WIN32 /* asked for by <sspi.h>, which comes with <winineti.h> */
#include <winineti.h>  /* codes 12051, 12058, 12059, 12061, 12080, 12147 to 12149 */

typedef struct named_error {
    const char *name;
    const char *sentence; /* without its full stop, as tin_describe goes on after it */
} named_error;

/* Indexed by tin_error. */
static const named_error errors[] = {
#define NAMED_ERROR(name, sentence) {#name, sentence},
    TIN_ERROR_MAP(NAMED_ERROR)
#undef NAMED_ERROR
};

typedef struct win32_error {
    uint32_t code;
    const char *words; /* the symbol, a NUL, and the sentence, which may be empty */
} win32_error;

static const win32_error win32_errors[] = {
#define ROW(symbol, error, sentence) {symbol, #symbol "\0" sentence},
#include "error_table.h"
#undef ROW
};

/* The longest line has about 150 characters; the tests walk them all. */
enum { LINE_SIZE = 256 };

typedef struct line_buffer {
    char text[LINE_SIZE];
    size_t length;
} line_buffer;

static const named_error *find_named(tin_error error)
{
    static const named_error unknown = {"TIN_E_UNKNOWN", "This is no result of thininet"};
    size_t index = (size_t)error;

    return index < sizeof errors / sizeof errors[0] ? &errors[index] : &unknown;
}

static const win32_error *find_win32(uint32_t code)
{
    const win32_error *end = win32_errors + sizeof win32_errors / sizeof win32_errors[0];

    for (const win32_error *row = win32_errors; row < end; row++) {
        if (row->code == code)
            return row;
    }
    return NULL;
}

static void append(line_buffer *line, const char *text)
{
    for (; *text != '\0' && line->length < LINE_SIZE; text++)
        line->text[line->length++] = *text;
}

static void append_number(line_buffer *line, uint32_t number)
{
    char digits[sizeof "4294967295"];
    char *first = digits + sizeof digits - 1;

    *first = '\0';
    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    append(line, first);
}

static void compose(line_buffer *line, tin_result result)
{
    const named_error *named = find_named(result.error);
    const win32_error *row = find_win32(result.last_error);
    const char *sentence = named->sentence;

    if (row != NULL && tin__from_win32(row->code).error == result.error &&
        row->words[strlen(row->words) + 1] != '\0')
        sentence = row->words + strlen(row->words) + 1;
    line->length = 0;
    append(line, sentence);
    append(line, " (");
    append(line, named->name);
    if (result.last_error != 0) {
        append(line, ", ");
        append_number(line, result.last_error);
    }
    if (row != NULL) {
        append(line, " ");
        append(line, row->words);
    }
    append(line, ").");
}

/* How many of a line's characters fit before the NUL, where there is room for at least that. */
static size_t fit(const line_buffer *line, size_t room)
{
    return line->length < room ? line->length : room - 1;
}

const char *tin_error_name(tin_error error)
{
    return find_named(error)->name;
}

size_t tin_describe(tin_result result, char *text, size_t size)
{
    line_buffer line;

    compose(&line, result);
    if (text != NULL && size > 0) {
        size_t kept = fit(&line, size);

        memcpy(text, line.text, kept);
        text[kept] = '\0';
    }
    return line.length;
}

size_t tin_describe_w(tin_result result, wchar_t *text, size_t size)
{
    line_buffer line;
    size_t room = size / sizeof *text;

    compose(&line, result);
    if (text != NULL && room > 0) {
        size_t kept = fit(&line, room);

        for (size_t i = 0; i < kept; i++)
            text[i] = (wchar_t)line.text[i]; /* ASCII */
        text[kept] = L'\0';
    }
    return line.length * sizeof *text;
}
