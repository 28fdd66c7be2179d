/* SPDX-License-Identifier: MIT */
/* Local files as streams: what names open them, reading, typed errors, closing, and one that
 * stalls. */
#include "test.h"

#include "check.h"
#include "internal.h" /* tin__wait_until_idle alone */

#include <winioctl.h>

enum {
    MIB = 1048576,
    NAMES = 32,
    NAME_SIZE = 1024,
    SOON_MS = 50, /* in which a cancelled call returns, but on a busy machine now and then */
    HANGS_MS = 2000,
    TIMEOUT_MS = 200, /* that the tests set, and how much later than that it may be */
    LATE_MS = 100,
    TICK_MS = 16 /* of the system's clock */
};

static void assert_text(const char *name, const char *is, const char *should_be)
{
    if (strcmp(is, should_be) != 0)
        fail_msg("%s: is \"%s\", should be \"%s\"", name, is, should_be);
}

/* Valid until so many more were asked for. */
static char *next_name(void)
{
    static char names[NAMES][NAME_SIZE];
    static unsigned next;

    return names[next++ % NAMES];
}

static wchar_t *wide(const char *text)
{
    static wchar_t names[NAMES][NAME_SIZE];
    static unsigned next;
    wchar_t *name = names[next++ % NAMES];

    assert_int_not_equal(MultiByteToWideChar(CP_UTF8, 0, text, -1, name, NAME_SIZE), 0);
    return name;
}

/* ---- Each test has a session and a folder of its own, and leaves nothing behind ------------- */

/* Each file holds its own name. */
static const char *const file_names[] = {
    "plain.txt",
    "with space.txt",
    "hash#mark.txt",
    "100%.txt",
    "100%25.txt",
    "a+b;c,d=e&f.txt",
    "gr\xC3\xBC\xC3\x9F\x65-\xE4\xBD\xA0\xE5\xA5\xBD.txt",
    "smile-\xF0\x9F\x98\x80.txt",
    "no-extension",
};

static struct {
    tin_handle session;
    char folder[NAME_SIZE];      /* C:\...\x */
    wchar_t previous[NAME_SIZE]; /* the current folder before the test */
} here;

static const char *path_of(const char *file)
{
    char *path = next_name();

    snprintf(path, NAME_SIZE, "%s\\%s", here.folder, file);
    return path;
}

static HANDLE create_file(const char *path, DWORD share)
{
    return CreateFileW(wide(path), GENERIC_READ | GENERIC_WRITE, share, NULL, CREATE_NEW,
                       FILE_ATTRIBUTE_NORMAL, NULL);
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    HANDLE file = create_file(path, 0);
    DWORD written;

    assert_true(file != INVALID_HANDLE_VALUE);
    assert_true(WriteFile(file, bytes, (DWORD)size, &written, NULL));
    assert_int_equal(written, size);
    CloseHandle(file);
}

static void open_session(void)
{
    assert_error("session",
                 tin_open("thininet test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0, &here.session),
                 TIN_OK);
}

static int set_up(void **state)
{
    size_t i;

    (void)state;
    GetCurrentDirectoryW(NAME_SIZE, here.previous);
    snprintf(here.folder, sizeof here.folder, "%s", test_file_path());
    assert_true(CreateDirectoryW(wide(here.folder), NULL));
    for (i = 0; i < TEST_COUNT_OF(file_names); i++)
        write_file(path_of(file_names[i]), file_names[i], strlen(file_names[i]));
    open_session();
    return 0;
}

static bool remove_folder(void)
{
    WIN32_FIND_DATAW found;
    HANDLE search = FindFirstFileW(wide(path_of("*")), &found);

    if (search == INVALID_HANDLE_VALUE)
        return false;
    do {
        wchar_t path[2 * NAME_SIZE];

        swprintf(path, TEST_COUNT_OF(path), L"%ls\\%ls", wide(here.folder), found.cFileName);
        if ((found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
            DeleteFileW(path);
    } while (FindNextFileW(search, &found));
    FindClose(search);
    return RemoveDirectoryW(wide(here.folder)) != 0;
}

static int tear_down(void **state)
{
    static bool leaked;
    bool idle;

    tin_close_handle(here.session); /* unless the test did */
    idle = leaked || tin__wait_until_idle(TEST_PATIENCE_MS);
    if (!idle)
        print_error("something that was opened was never given back\n");
    leaked |= !idle; /* the tests that follow are not to blame */
    SetCurrentDirectoryW(here.previous);
    if (!remove_folder()) {
        print_error("the folder of the test could not be removed: a file in it is still open\n");
        return -1;
    }
    return idle ? test_files_remove(state) : -1;
}

/* ---- Opening and reading -------------------------------------------------------------------- */

static tin_handle open_file(const char *name)
{
    tin_handle file;

    assert_error(name, tin_open_url(here.session, name, NULL, 0, NULL, &file), TIN_OK);
    return file;
}

typedef tin_result read_function(tin_handle file, void *buffer, size_t size, size_t *got);

/* To the end of a file of at most `size` bytes; how many there were. */
static size_t read_whole(const char *name, tin_handle file, void *buffer, size_t size, size_t chunk,
                         read_function *read_some)
{
    size_t total = 0;
    size_t got;

    do {
        const size_t room = size - total < chunk ? size - total : chunk;

        assert_row(name, room != 0);
        assert_error(name, read_some(file, (char *)buffer + total, room, &got), TIN_OK);
        assert_row(name, got <= room);
        total += got;
    } while (got != 0);
    return total;
}

static void assert_holds(const char *name, tin_handle file, const char *expected)
{
    char text[256];
    const size_t size = read_whole(name, file, text, sizeof text - 1, sizeof text, tin_read_file);

    text[size] = '\0';
    assert_text(name, text, expected);
}

static const char *url_option(const char *name, tin_handle file)
{
    char *text = next_name();
    size_t size = NAME_SIZE;

    assert_error(name, tin_query_option_text(file, INTERNET_OPTION_URL, text, &size), TIN_OK);
    assert_row(name, size == strlen(text));
    return text;
}

/* The share mode is 0: this works only while nobody else has it open. */
static bool is_open_nowhere(const char *path)
{
    HANDLE file = CreateFileW(wide(path), GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);

    if (file == INVALID_HANDLE_VALUE)
        return false;
    CloseHandle(file);
    return true;
}

/* ---- Names ---------------------------------------------------------------------------------- */

/*
 * In the spelling and in the path that it means:
 *   {b} the folder with backslashes, C:\...\x    {f} with slashes, C:/.../x    {p} with a bar,
 * C|/.../x {B} and {F} without the drive, \...\x and /.../x                           {d} the
 * drive, C:
 */
typedef struct spelling {
    const char *name;
    const char *spelling;
    const char *path;
    const char *file; /* which one it is, by what it holds */
} spelling;

static const spelling spellings[] = {
    {"file URL", "file:///{f}/plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"as MFC has it", "file://{b}\\plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"two slashes", "file://{f}/plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"localhost", "file://localhost/{f}/plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"no slashes", "file:{f}/plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"no slashes, backslashes", "file:{b}\\plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"one slash", "file:/{f}/plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"four slashes", "file:////{f}/plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"three slashes, then backslashes", "file:///{b}\\plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"backslashes alone", "file:\\\\\\{b}\\plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"both slashes", "file:///{f}\\plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"upper case", "FILE:///{f}/plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"localhost in upper case", "file://LOCALHOST/{f}/plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"bar for the colon", "file:///{p}/plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"URL from the root, three slashes", "file://{F}/plain.txt", "{B}\\plain.txt", "plain.txt"},
    {"URL from the root, one slash", "file:{F}/plain.txt", "{B}\\plain.txt", "plain.txt"},
    {"URL from here", "file:plain.txt", "plain.txt", "plain.txt"},
    {"URL from here with a dot", "file:./plain.txt", ".\\plain.txt", "plain.txt"},
    {"URL with dots", "file:///{f}/none/../plain.txt", "{b}\\none\\..\\plain.txt", "plain.txt"},
    {"query", "file:///{f}/plain.txt?a=b", "{b}\\plain.txt", "plain.txt"},
    {"fragment", "file:///{f}/plain.txt#part", "{b}\\plain.txt", "plain.txt"},

    {"escaped letters", "file:///{f}/%70lain%2Etxt", "{b}\\plain.txt", "plain.txt"},
    {"escaped letters, no slashes", "file:%70lain.txt", "plain.txt", "plain.txt"},
    {"escaped space", "file:///{f}/with%20space.txt", "{b}\\with space.txt", "with space.txt"},
    {"space", "file:///{f}/with space.txt", "{b}\\with space.txt", "with space.txt"},
    {"space, as MFC has it", "file://{b}\\with space.txt", "{b}\\with space.txt", "with space.txt"},
    {"escaped number sign", "file:///{f}/hash%23mark.txt", "{b}\\hash#mark.txt", "hash#mark.txt"},
    {"number sign, as MFC has it", "file://{b}\\hash#mark.txt", "{b}\\hash#mark.txt",
     "hash#mark.txt"},
    {"escaped percent sign", "file:///{f}/100%25.txt", "{b}\\100%.txt", "100%.txt"},
    {"escaped once more", "file:///{f}/100%2525.txt", "{b}\\100%25.txt", "100%25.txt"},
    {"reserved characters", "file:///{f}/a+b;c,d=e&f.txt", "{b}\\a+b;c,d=e&f.txt",
     "a+b;c,d=e&f.txt"},
    {"UTF-8", "file:///{f}/gr\xC3\xBC\xC3\x9F\x65-\xE4\xBD\xA0\xE5\xA5\xBD.txt",
     "{b}\\gr\xC3\xBC\xC3\x9F\x65-\xE4\xBD\xA0\xE5\xA5\xBD.txt",
     "gr\xC3\xBC\xC3\x9F\x65-\xE4\xBD\xA0\xE5\xA5\xBD.txt"},
    {"escaped UTF-8", "file:///{f}/gr%C3%BC%c3%9fe-%E4%BD%A0%E5%A5%BD.txt",
     "{b}\\gr\xC3\xBC\xC3\x9F\x65-\xE4\xBD\xA0\xE5\xA5\xBD.txt",
     "gr\xC3\xBC\xC3\x9F\x65-\xE4\xBD\xA0\xE5\xA5\xBD.txt"},
    {"escaped UTF-8 of four bytes", "file:///{f}/smile-%F0%9F%98%80.txt",
     "{b}\\smile-\xF0\x9F\x98\x80.txt", "smile-\xF0\x9F\x98\x80.txt"},

    {"path", "{b}\\plain.txt", "{b}\\plain.txt", "plain.txt"},
    {"path with slashes", "{f}/plain.txt", "{f}/plain.txt", "plain.txt"},
    {"path from the root", "{B}\\plain.txt", "{B}\\plain.txt", "plain.txt"},
    {"path from the drive's folder", "{d}plain.txt", "{d}plain.txt", "plain.txt"},
    {"long path", "\\\\?\\{b}\\plain.txt", "\\\\?\\{b}\\plain.txt", "plain.txt"},
    {"device path", "\\\\.\\{b}\\plain.txt", "\\\\.\\{b}\\plain.txt", "plain.txt"},
    {"relative", "plain.txt", "plain.txt", "plain.txt"},
    {"relative, with a dot", ".\\plain.txt", ".\\plain.txt", "plain.txt"},
    {"relative, with a dot and a slash", "./plain.txt", "./plain.txt", "plain.txt"},
    {"relative, with dots", "none\\..\\plain.txt", "none\\..\\plain.txt", "plain.txt"},
    {"relative, one word", "no-extension", "no-extension", "no-extension"},
    {"path with a space", "{b}\\with space.txt", "{b}\\with space.txt", "with space.txt"},
    {"relative with a space", "with space.txt", "with space.txt", "with space.txt"},
    {"path with a number sign", "{b}\\hash#mark.txt", "{b}\\hash#mark.txt", "hash#mark.txt"},
    {"relative with a number sign", "hash#mark.txt", "hash#mark.txt", "hash#mark.txt"},
    {"path with a percent sign", "{b}\\100%.txt", "{b}\\100%.txt", "100%.txt"},
    {"path with what is no escape", "{b}\\100%25.txt", "{b}\\100%25.txt", "100%25.txt"},
    {"path in UTF-8", "{b}\\gr\xC3\xBC\xC3\x9F\x65-\xE4\xBD\xA0\xE5\xA5\xBD.txt",
     "{b}\\gr\xC3\xBC\xC3\x9F\x65-\xE4\xBD\xA0\xE5\xA5\xBD.txt",
     "gr\xC3\xBC\xC3\x9F\x65-\xE4\xBD\xA0\xE5\xA5\xBD.txt"},
    {"relative in UTF-8", "smile-\xF0\x9F\x98\x80.txt", "smile-\xF0\x9F\x98\x80.txt",
     "smile-\xF0\x9F\x98\x80.txt"},
};

static void replace(char *text, char from, char to)
{
    for (; *text != '\0'; text++)
        if (*text == from)
            *text = to;
}

/* `base` is the folder, or a share. */
static const char *fill_in(const char *pattern, const char *base)
{
    char *text = next_name();
    size_t used = 0;

    for (; *pattern != '\0'; pattern++) {
        char part[NAME_SIZE];
        const char *start = part;

        snprintf(part, sizeof part, "%s", base);
        if (pattern[0] != '{') {
            part[0] = pattern[0];
            part[1] = '\0';
        } else if (pattern[1] == 'd') {
            part[2] = '\0';
        } else {
            if (strchr("fpF", pattern[1]) != NULL)
                replace(part, '\\', '/');
            if (pattern[1] == 'p')
                part[1] = '|';
            if (strchr("BF", pattern[1]) != NULL)
                start += 2;
        }
        used += (size_t)snprintf(text + used, NAME_SIZE - used, "%s", start);
        assert_true(used < NAME_SIZE);
        if (pattern[0] == '{')
            pattern += 2;
    }
    return text;
}

static void open_spellings(const spelling *rows, size_t count, const char *base)
{
    size_t i;

    for (i = 0; i < count; i++) {
        const char *name = rows[i].name;
        const char *text = fill_in(rows[i].spelling, base);
        tin_handle file;

        assert_error(name, tin_open_url(here.session, text, NULL, 0, NULL, &file), TIN_OK);
        assert_holds(name, file, rows[i].file);
        assert_text(name, url_option(name, file), fill_in(rows[i].path, base));
        assert_error(name, tin_close_handle(file), TIN_OK);

        assert_error(name, tin_open_url_w(here.session, wide(text), NULL, 0, NULL, &file), TIN_OK);
        assert_holds(name, file, rows[i].file);
        assert_error(name, tin_close_handle(file), TIN_OK);
    }
}

static void every_spelling_opens_its_file(void **state)
{
    (void)state;
    assert_true(SetCurrentDirectoryW(wide(here.folder)));
    open_spellings(spellings, TEST_COUNT_OF(spellings), here.folder);
}

/* {b} is \\server\share, {B} and {F} are server\share and server/share. */
static void every_spelling_of_a_network_path_opens_its_file(void **state)
{
    static const char hello[] = "Hello from thininet's test server.\n";
    static const spelling rows[] = {
        {"path", "{b}\\hello.txt", "{b}\\hello.txt", hello},
        {"path with slashes", "//{F}/hello.txt", "//{F}/hello.txt", hello},
        {"long path", "\\\\?\\UNC\\{B}\\hello.txt", "\\\\?\\UNC\\{B}\\hello.txt", hello},
        {"server in the URL", "file://{F}/hello.txt", "{b}\\hello.txt", hello},
        {"server in the URL, escapes", "file://{F}/hell%6F.txt", "{b}\\hello.txt", hello},
        {"four slashes", "file:////{F}/hello.txt", "{b}\\hello.txt", hello},
        {"five slashes", "file://///{F}/hello.txt", "{b}\\hello.txt", hello},
        {"path after the scheme", "file:{b}\\hello.txt", "{b}\\hello.txt", hello},
        {"path after the scheme and slashes", "file://{b}\\hello.txt", "{b}\\hello.txt", hello},
    };

    (void)state;
    open_spellings(rows, TEST_COUNT_OF(rows), test_env("TIN_TEST_UNC"));
}

/* ---- Reading -------------------------------------------------------------------------------- */

static void files_are_read_whole_in_any_size(void **state)
{
    static const struct {
        const char *name;
        read_function *read_some;
    } ways[] = {{"tin_read_file", tin_read_file}, {"tin_read_available", tin_read_available}};
    static const size_t chunks[] = {1, 3, 4096, MIB, 2 * MIB};
    const size_t size = MIB + 5;
    uint32_t *expected = malloc(size + sizeof *expected);
    char *bytes = malloc(size + 1);
    uint32_t i;
    size_t way, chunk;

    (void)state;
    assert_non_null(expected);
    assert_non_null(bytes);
    for (i = 0; i <= size / sizeof i; i++)
        expected[i] = i * 2654435761u;
    write_file(path_of("numbers"), expected, size);
    for (way = 0; way < TEST_COUNT_OF(ways); way++)
        for (chunk = 0; chunk < TEST_COUNT_OF(chunks); chunk++) {
            char *name = next_name();
            tin_handle file;

            snprintf(name, NAME_SIZE, "%s, %u", ways[way].name, (unsigned)chunks[chunk]);
            file = open_file(path_of("numbers"));
            memset(bytes, 0, size);
            assert_row(name, read_whole(name, file, bytes, size + 1, chunks[chunk],
                                        ways[way].read_some) == size);
            assert_row(name, memcmp(bytes, expected, size) == 0);
            assert_error(name, tin_close_handle(file), TIN_OK);
        }
    free(expected);
    free(bytes);
}

static void read_file_fills_its_buffer_until_the_end(void **state)
{
    char bytes[16];
    size_t got;
    tin_handle file = open_file(path_of("plain.txt"));

    (void)state;
    assert_error("first", tin_read_file(file, bytes, 5, &got), TIN_OK);
    assert_int_equal(got, 5);
    assert_error("last", tin_read_file(file, bytes + 5, sizeof bytes - 5, &got), TIN_OK);
    assert_int_equal(got, strlen("plain.txt") - 5);
    assert_memory_equal(bytes, "plain.txt", strlen("plain.txt"));
    assert_error("end", tin_read_file(file, bytes, sizeof bytes, &got), TIN_OK);
    assert_int_equal(got, 0);
    assert_error("end again", tin_read_available(file, bytes, sizeof bytes, &got), TIN_OK);
    assert_int_equal(got, 0);
    assert_error("close", tin_close_handle(file), TIN_OK);
}

static void get_length_is_the_size_of_the_file(void **state)
{
    static const char empty[] = "";
    static const struct {
        const char *name;
        const char *file;
        uint64_t length;
    } rows[] = {{"empty", "empty", 0}, {"one line", "plain.txt", sizeof "plain.txt" - 1}};
    size_t i;

    (void)state;
    write_file(path_of("empty"), empty, 0);
    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        const char *name = rows[i].name;
        tin_handle file = open_file(path_of(rows[i].file));
        uint64_t before = 1, after = 1;
        char bytes[16];

        assert_error(name, tin_get_length(file, &before), TIN_OK);
        assert_row(name, before == rows[i].length);
        assert_row(name, read_whole(name, file, bytes, sizeof bytes, sizeof bytes, tin_read_file) ==
                             rows[i].length);
        assert_error(name, tin_get_length(file, &after), TIN_OK);
        assert_row(name, after == rows[i].length);
        assert_error(name, tin_close_handle(file), TIN_OK);
    }
}

static const struct {
    uint64_t offset;
    const char *mark;
} marks[] = {
    {0, "<the beginning.>"},
    {((uint64_t)4 << 30) - 16, "<below  4 GiB..>"},
    {(uint64_t)4 << 30, "<from 4 GiB on.>"},
    {((uint64_t)5 << 30) - 16, "<it ends here..>"},
};

static uint64_t room_on_disk(void)
{
    ULARGE_INTEGER room;

    assert_true(GetDiskFreeSpaceExW(wide(here.folder), &room, NULL, NULL));
    return room.QuadPart;
}

/* Zeros that take no room on the disk, but for the marks; else the test is skipped. In Wine 8
 * FSCTL_SET_SPARSE does nothing, and GetCompressedFileSize knows the whole size only. */
static void write_sparse_file(const char *path)
{
    const uint64_t room = room_on_disk();
    HANDLE file = create_file(path, 0);
    DWORD done;
    size_t i;

    assert_true(file != INVALID_HANDLE_VALUE);
    if (!DeviceIoControl(file, FSCTL_SET_SPARSE, NULL, 0, NULL, 0, &done, NULL)) {
        CloseHandle(file);
        test_skip("the temporary folder takes no sparse files (error %lu)", GetLastError());
    }
    for (i = 0; i < TEST_COUNT_OF(marks); i++) {
        LARGE_INTEGER offset;

        offset.QuadPart = (LONGLONG)marks[i].offset;
        assert_true(SetFilePointerEx(file, offset, NULL, FILE_BEGIN));
        if (!WriteFile(file, marks[i].mark, 16, &done, NULL)) {
            CloseHandle(file);
            test_skip("the temporary folder takes no files above 4 GiB (error %lu)",
                      GetLastError());
        }
    }
    CloseHandle(file);
    if (room_on_disk() + ((uint64_t)2 << 30) < room)
        test_skip("in the temporary folder, a sparse file takes room for all its zeros");
}

/* Debug builds read its beginning, what is near 4 GiB, and its end. */
static void skip_zeros(tin_handle file, uint64_t *position)
{
    const uint64_t at_4_gib = (uint64_t)4 << 30, end = (uint64_t)5 << 30;

    if (*position == MIB)
        assert_error("skip",
                     tin_set_file_pointer(file, (int64_t)at_4_gib - MIB, FILE_BEGIN, position),
                     TIN_OK);
    else if (*position == at_4_gib + MIB)
        assert_error("skip", tin_set_file_pointer(file, (int64_t)end - MIB, FILE_BEGIN, position),
                     TIN_OK);
}

static void a_file_above_4_gib_is_read_to_its_end(void **state)
{
    const char *path =
        test_env_or_null("TIN_TEST_LARGE_FILE"); /* such a file that is there already */
    char *buffer = malloc(MIB);
    uint64_t position = 0, length;
    size_t seen = 0, got, i;
    tin_handle file;

    (void)state;
    assert_non_null(buffer);
    if (path == NULL) {
        path = path_of("large");
        write_sparse_file(path);
    }
    file = open_file(path);
    assert_error("length", tin_get_length(file, &length), TIN_OK);
    assert_true(length == (uint64_t)5 << 30);
    do {
        assert_error("read", tin_read_file(file, buffer, MIB, &got), TIN_OK);
        for (i = 0; i < TEST_COUNT_OF(marks); i++)
            if (marks[i].offset >= position && marks[i].offset + 16 <= position + got) {
                assert_memory_equal(buffer + (marks[i].offset - position), marks[i].mark, 16);
                seen++;
            }
        position += got;
        if (!test_moves_gibibytes())
            skip_zeros(file, &position);
    } while (got != 0);
    assert_int_equal(seen, TEST_COUNT_OF(marks));
    assert_true(position == length);
    assert_error("close", tin_close_handle(file), TIN_OK);
    free(buffer);
}

/* ---- What cannot be opened ------------------------------------------------------------------ */

static void what_cannot_be_opened_has_a_typed_error(void **state)
{
    static const struct {
        const char *name;
        const char *spelling;
        tin_error error;
        DWORD last_error;
    } rows[] = {
        {"missing file", "{b}\\missing", TIN_E_NOT_FOUND, ERROR_FILE_NOT_FOUND},
        {"missing file in a URL", "file:///{f}/missing", TIN_E_NOT_FOUND, ERROR_FILE_NOT_FOUND},
        {"missing relative file", "missing", TIN_E_NOT_FOUND, ERROR_FILE_NOT_FOUND},
        {"missing folder", "{b}\\missing\\plain.txt", TIN_E_NOT_FOUND, ERROR_PATH_NOT_FOUND},
        {"missing folder in a URL", "file:///{f}/missing/plain.txt", TIN_E_NOT_FOUND,
         ERROR_PATH_NOT_FOUND},
        {"folder", "{b}", TIN_E_ACCESS, ERROR_ACCESS_DENIED},
        {"folder in a URL", "file:///{f}", TIN_E_ACCESS, ERROR_ACCESS_DENIED},
        {"name that no file can have", "{b}\\a<b>c", TIN_E_ARGUMENT, ERROR_INVALID_NAME},
        {"missing pipe", "\\\\.\\pipe\\thininet test, missing", TIN_E_NOT_FOUND,
         ERROR_FILE_NOT_FOUND},
        {"URL of nothing", "file:///", TIN_E_URL, 0},
        {"wrong escape", "file:///{f}/%zz", TIN_E_URL, 0},
        {"escaped NUL", "file:///{f}/plain.txt%00", TIN_E_URL, 0},
        {"escape that is not UTF-8", "file:///{f}/%E4.txt", TIN_E_URL, 0},
    };
    size_t i;

    (void)state;
    assert_true(SetCurrentDirectoryW(wide(here.folder)));
    for (i = 0; i < TEST_COUNT_OF(rows); i++) {
        tin_handle file = here.session;
        const tin_result result = tin_open_url(here.session, fill_in(rows[i].spelling, here.folder),
                                               NULL, 0, NULL, &file);

        assert_error(rows[i].name, result, rows[i].error);
        assert_row(rows[i].name, result.last_error == rows[i].last_error);
        assert_row(rows[i].name, file == NULL);
    }
}

static void a_file_that_another_does_not_share_is_an_access_error(void **state)
{
    const char *path = path_of("locked");
    HANDLE owner = create_file(path, 0);
    tin_handle file;
    tin_result result;

    (void)state;
    assert_true(owner != INVALID_HANDLE_VALUE);
    result = tin_open_url(here.session, path, NULL, 0, NULL, &file);
    CloseHandle(owner);
    assert_error("locked", result, TIN_E_ACCESS);
    assert_int_equal(result.last_error, ERROR_SHARING_VIOLATION);
    assert_null(file);
    assert_error("unlocked", tin_close_handle(open_file(path)), TIN_OK);
}

static void a_file_that_another_writes_can_be_read_meanwhile(void **state)
{
    const char *path = path_of("log");
    HANDLE writer = create_file(path, FILE_SHARE_READ | FILE_SHARE_DELETE);
    DWORD written;
    tin_handle file;

    (void)state;
    assert_true(writer != INVALID_HANDLE_VALUE);
    assert_true(WriteFile(writer, "first ", 6, &written, NULL));
    file = open_file(path);
    assert_true(WriteFile(writer, "second", 6, &written, NULL));
    CloseHandle(writer);
    assert_holds("log", file, "first second");
    assert_error("close", tin_close_handle(file), TIN_OK);
}

/* ---- The handle ----------------------------------------------------------------------------- */

static void a_local_file_is_a_handle_of_its_own_type(void **state)
{
    int context;
    tin_handle file, parent;
    DWORD type, timeout_ms, size = sizeof parent;
    char text[8];
    size_t text_size = sizeof text;

    (void)state;
    assert_error("open", tin_open_url(here.session, path_of("plain.txt"), NULL, 0, &context, &file),
                 TIN_OK);
    assert_null(tin_native_handle(file));
    assert_error("type", tin_query_option_dword(file, INTERNET_OPTION_HANDLE_TYPE, &type), TIN_OK);
    assert_int_equal(type, TIN_HANDLE_TYPE_LOCAL_FILE);
    assert_error("parent", tin_query_option(file, INTERNET_OPTION_PARENT_HANDLE, &parent, &size),
                 TIN_OK);
    assert_ptr_equal(parent, here.session);
    assert_text("URL", url_option("URL", file), path_of("plain.txt"));
    assert_error("time-out", tin_set_option_dword(file, INTERNET_OPTION_RECEIVE_TIMEOUT, 1234),
                 TIN_OK);
    assert_error("time-out",
                 tin_query_option_dword(file, INTERNET_OPTION_RECEIVE_TIMEOUT, &timeout_ms),
                 TIN_OK);
    assert_int_equal(timeout_ms, 1234);
    assert_error("WinInet's own",
                 tin_query_option_text(file, INTERNET_OPTION_DATAFILE_NAME, text, &text_size),
                 TIN_E_UNSUPPORTED);
    assert_int_equal(text_size, 0);
    text_size = sizeof text;
    assert_error("response", tin_get_last_response_info(file, text, &text_size), TIN_OK);
    assert_int_equal(text_size, 0);
    assert_error("close", tin_close_handle(file), TIN_OK);
    assert_error("again", tin_close_handle(file), TIN_E_HANDLE);
}

/* Often: what is closed a little later is seldom seen. */
static void closing_a_file_closes_it_at_once(void **state)
{
    const char *path = path_of("plain.txt");
    char byte;
    size_t got;
    int i;

    (void)state;
    for (i = 0; i < 1000; i++) {
        tin_handle file = open_file(path);

        if (i % 2 == 0)
            assert_error("read", tin_read_file(file, &byte, 1, &got), TIN_OK);
        assert_false(is_open_nowhere(path));
        assert_error("close", tin_close_handle(file), TIN_OK);
        assert_true(is_open_nowhere(path));
        assert_error("stale", tin_read_file(file, &byte, 1, &got), TIN_E_HANDLE);
        assert_int_equal(got, 0);
    }
}

static void closing_the_session_closes_its_files_at_once(void **state)
{
    tin_handle files[TEST_COUNT_OF(file_names)];
    char byte;
    size_t got;
    size_t i;

    (void)state;
    for (i = 0; i < TEST_COUNT_OF(files); i++)
        files[i] = open_file(path_of(file_names[i]));
    assert_error("read", tin_read_file(files[0], &byte, 1, &got), TIN_OK);
    assert_error("close", tin_close_handle(here.session), TIN_OK);
    for (i = 0; i < TEST_COUNT_OF(files); i++) {
        assert_row(file_names[i], is_open_nowhere(path_of(file_names[i])));
        assert_row(file_names[i], DeleteFileW(wide(path_of(file_names[i]))));
        assert_error(file_names[i], tin_read_file(files[i], &byte, 1, &got), TIN_E_HANDLE);
        assert_error(file_names[i], tin_close_handle(files[i]), TIN_E_HANDLE);
    }
}

/* ---- Events --------------------------------------------------------------------------------- */

typedef struct event_log {
    DWORD thread;
    size_t strays; /* on another thread, or too many to be kept */
    size_t count;
    struct {
        DWORD code;
        tin_handle about;
        tin_handle handle;
        tin_result result;
    } events[16];
} event_log;

static void keep_event(tin_handle about, void *context, const tin_status *status)
{
    event_log *log = context;

    if (GetCurrentThreadId() != log->thread || log->count == TEST_COUNT_OF(log->events)) {
        log->strays++;
        return;
    }
    log->events[log->count].code = status->code;
    log->events[log->count].about = about;
    log->events[log->count].handle = status->handle;
    log->events[log->count].result = status->result;
    log->count++;
}

static void assert_events(const event_log *log, tin_handle file, tin_result result)
{
    assert_int_equal(log->strays, 0);
    assert_int_equal(log->count, 3);
    assert_int_equal(log->events[0].code, INTERNET_STATUS_HANDLE_CREATED);
    assert_ptr_equal(log->events[0].about, here.session);
    assert_ptr_equal(log->events[0].handle, file);
    assert_int_equal(log->events[1].code, INTERNET_STATUS_REQUEST_COMPLETE);
    assert_ptr_equal(log->events[1].about, file);
    assert_int_equal(log->events[1].result.error, result.error);
    assert_int_equal(log->events[1].result.last_error, result.last_error);
    assert_int_equal(log->events[2].code, INTERNET_STATUS_HANDLE_CLOSING);
    assert_ptr_equal(log->events[2].about, file);
    assert_ptr_equal(log->events[2].handle, file);
}

static void events_tell_of_opening_and_closing(void **state)
{
    static event_log log;
    tin_handle file;
    tin_result result;

    (void)state;
    log = (event_log){.thread = GetCurrentThreadId()};
    assert_error("callback", tin_set_status_callback(here.session, keep_event, &log), TIN_OK);
    result = tin_open_url(here.session, path_of("plain.txt"), NULL, 0, NULL, &file);
    assert_error("open", result, TIN_OK);
    assert_holds("plain", file, "plain.txt");
    assert_error("close", tin_close_handle(file), TIN_OK);
    assert_events(&log, file, result);
}

static void events_of_a_failed_open_end_with_its_result(void **state)
{
    static event_log log;
    tin_handle file;
    tin_result result;

    (void)state;
    log = (event_log){.thread = GetCurrentThreadId()};
    assert_error("callback", tin_set_status_callback(here.session, keep_event, &log), TIN_OK);
    result = tin_open_url(here.session, path_of("missing"), NULL, 0, NULL, &file);
    assert_error("missing", result, TIN_E_NOT_FOUND);
    assert_events(&log, log.events[0].handle, result);
}

/* ---- A file that stalls: the other end of a pipe, which says something or nothing ----------- */

typedef struct stall {
    HANDLE peer;
    const char *name;
    tin_handle file;

    test_thread *thread;
    tin_result result; /* of the read on another thread */
    size_t got;
    uint64_t returned_ms;
} stall;

static stall open_stall(void)
{
    static unsigned count;
    stall opened = {.name = next_name()};

    snprintf((char *)opened.name, NAME_SIZE, "\\\\.\\pipe\\thininet test %lu %u",
             GetCurrentProcessId(), count++);
    opened.peer = CreateNamedPipeW(wide(opened.name), PIPE_ACCESS_OUTBOUND,
                                   PIPE_TYPE_BYTE | PIPE_WAIT, 1, 4096, 4096, 0, NULL);
    assert_true(opened.peer != INVALID_HANDLE_VALUE);
    opened.file = open_file(opened.name);
    assert_true(ConnectNamedPipe(opened.peer, NULL) || GetLastError() == ERROR_PIPE_CONNECTED);
    return opened;
}

static void say(const stall *stalled, const char *text)
{
    DWORD written;

    assert_true(WriteFile(stalled->peer, text, (DWORD)strlen(text), &written, NULL));
    assert_int_equal(written, strlen(text));
}

static void read_stall(void *context)
{
    stall *stalled = context;
    char bytes[64];

    stalled->result = tin_read_file(stalled->file, bytes, sizeof bytes, &stalled->got);
    stalled->returned_ms = test_now_ms();
}

static void wait_until_read(void *context)
{
    FlushFileBuffers(((stall *)context)->peer);
}

/* One byte comes and is taken; the read then waits for the rest of what it was asked for. */
static void begin_stalled_read(stall *stalled)
{
    stalled->thread = test_thread_start(read_stall, stalled);
    say(stalled, "x");
    test_run_bounded(wait_until_read, stalled, TEST_PATIENCE_MS);
    assert_false(test_thread_wait(stalled->thread, 0));
}

typedef tin_result stop_function(tin_handle handle);

static const struct {
    const char *name;
    stop_function *stop;
    bool session;    /* it is called for the session rather than the file */
    tin_error after; /* what the next read says */
} stops[] = {
    {"tin_cancel", tin_cancel, false, TIN_E_CANCELLED},
    {"tin_cancel of the session", tin_cancel, true, TIN_E_CANCELLED},
    {"tin_close_handle", tin_close_handle, false, TIN_E_HANDLE},
    {"tin_close_handle of the session", tin_close_handle, true, TIN_E_HANDLE},
};

/* Whether it was in time. */
static bool stop_stalled_read(size_t row)
{
    const char *name = stops[row].name;
    stall stalled = open_stall();
    uint64_t stopped_ms, took_ms;
    char byte;

    begin_stalled_read(&stalled);
    stopped_ms = test_now_ms();
    assert_error(name, stops[row].stop(stops[row].session ? here.session : stalled.file), TIN_OK);
    took_ms = test_now_ms() - stopped_ms;
    test_thread_join(stalled.thread, TEST_PATIENCE_MS);
    assert_error(name, stalled.result, TIN_E_CANCELLED);
    assert_row(name, stalled.got == 0);
    if (stalled.returned_ms > stopped_ms + took_ms)
        took_ms = stalled.returned_ms - stopped_ms;
    assert_row(name, took_ms <= HANGS_MS);
    assert_error(name, tin_read_file(stalled.file, &byte, 1, &stalled.got), stops[row].after);
    CloseHandle(stalled.peer);
    if (stops[row].after == TIN_E_CANCELLED)
        assert_error(name, tin_close_handle(stalled.file), TIN_OK);
    return took_ms <= SOON_MS;
}

/* Often: the second of the two reads from the pipe may begin a little later than it is stopped. */
enum { ROUNDS = 10 };

static void a_stalled_read_returns_at_once_when_it_is_stopped(void **state)
{
    (void)state;
    for (size_t row = 0; row < TEST_COUNT_OF(stops); row++) {
        int in_time = 0;

        for (int round = 0; round < ROUNDS; round++) {
            in_time += stop_stalled_read(row);
            if (tin_native_handle(here.session) == NULL)
                open_session();
        }
        assert_row(stops[row].name, in_time >= ROUNDS / 2);
    }
}

static void a_stopped_read_is_given_back_while_its_peer_stays_silent(void **state)
{
    int round;

    (void)state;
    for (round = 0; round < ROUNDS; round++) {
        stall stalled = open_stall();
        bool idle;

        begin_stalled_read(&stalled);
        assert_error("close", tin_close_handle(here.session), TIN_OK);
        test_thread_join(stalled.thread, TEST_PATIENCE_MS);
        idle = tin__wait_until_idle(TEST_PATIENCE_MS / 10);
        CloseHandle(stalled.peer);
        assert_true(idle);
        open_session();
    }
}

/* Whether it was in time. */
static bool end_stalled_read(const char *name, DWORD option, bool session)
{
    stall stalled;
    uint64_t began_ms, took_ms;
    DWORD written;

    if (session)
        assert_error(name, tin_set_option_dword(here.session, option, TIMEOUT_MS), TIN_OK);
    began_ms = test_now_ms();
    stalled = open_stall();
    if (!session)
        assert_error(name, tin_set_option_dword(stalled.file, option, TIMEOUT_MS), TIN_OK);
    read_stall(&stalled);
    assert_error(name, stalled.result, TIN_E_TIMEOUT);
    assert_row(name, stalled.got == 0);
    took_ms = stalled.returned_ms - began_ms;
    assert_row(name, took_ms >= TIMEOUT_MS - TICK_MS);

    WriteFile(stalled.peer, "too late", 8, &written, NULL); /* where it may be closed already */
    for (int again = 0; again < 2; again++) {
        read_stall(&stalled);
        assert_error(name, stalled.result, TIN_E_TIMEOUT);
    }
    CloseHandle(stalled.peer);
    assert_error(name, tin_close_handle(stalled.file), TIN_OK);
    if (session)
        assert_error(name, tin_set_option_dword(here.session, option, INFINITE), TIN_OK);
    return took_ms <= TIMEOUT_MS + LATE_MS;
}

static void a_stalled_read_ends_at_its_deadline(void **state)
{
    static const struct {
        const char *name;
        DWORD option;
        bool session; /* it is set on the session rather than the file */
    } rows[] = {
        {"receive time-out", INTERNET_OPTION_RECEIVE_TIMEOUT, false},
        {"total time-out", TIN_OPTION_TOTAL_TIMEOUT, false},
        {"total time-out of the session", TIN_OPTION_TOTAL_TIMEOUT, true},
        {"receive time-out of the session", INTERNET_OPTION_RECEIVE_TIMEOUT, true},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT_OF(rows); i++) {
        int tries = 1;

        while (!end_stalled_read(rows[i].name, rows[i].option, rows[i].session))
            assert_row(rows[i].name, tries++ < ROUNDS / 2);
    }
}

static void bytes_before_a_stall_are_delivered_first(void **state)
{
    stall stalled = open_stall();
    char bytes[64];
    size_t got;

    (void)state;
    assert_error("time-out",
                 tin_set_option_dword(stalled.file, INTERNET_OPTION_RECEIVE_TIMEOUT, TIMEOUT_MS),
                 TIN_OK);
    say(&stalled, "first");
    assert_error("available", tin_read_available(stalled.file, bytes, sizeof bytes, &got), TIN_OK);
    assert_int_equal(got, 5);
    assert_memory_equal(bytes, "first", 5);
    say(&stalled, "second");
    assert_error("short", tin_read_file(stalled.file, bytes, sizeof bytes, &got), TIN_OK);
    assert_int_equal(got, 6);
    assert_memory_equal(bytes, "second", 6);
    assert_error("then", tin_read_file(stalled.file, bytes, sizeof bytes, &got), TIN_E_TIMEOUT);
    assert_int_equal(got, 0);
    CloseHandle(stalled.peer);
}

static void the_end_of_a_pipe_is_the_end_of_the_file(void **state)
{
    stall stalled = open_stall();
    uint64_t length;

    (void)state;
    assert_error("length", tin_get_length(stalled.file, &length), TIN_E_NOT_FOUND);
    begin_stalled_read(&stalled);
    CloseHandle(stalled.peer);
    test_thread_join(stalled.thread, TEST_PATIENCE_MS);
    assert_error("read", stalled.result, TIN_OK);
    assert_int_equal(stalled.got, 1);
    read_stall(&stalled);
    assert_error("end", stalled.result, TIN_OK);
    assert_int_equal(stalled.got, 0);
}

static void a_second_call_on_a_stalled_file_is_refused(void **state)
{
    stall stalled = open_stall();
    uint64_t length;
    char byte;
    size_t got;

    (void)state;
    begin_stalled_read(&stalled);
    assert_error("read", tin_read_file(stalled.file, &byte, 1, &got), TIN_E_STATE);
    assert_error("available", tin_read_available(stalled.file, &byte, 1, &got), TIN_E_STATE);
    assert_error("buffer", tin_set_read_buffer_size(stalled.file, 1), TIN_E_STATE);
    assert_error("length", tin_get_length(stalled.file, &length), TIN_E_NOT_FOUND);
    assert_text("URL", url_option("URL", stalled.file), stalled.name);
    CloseHandle(stalled.peer);
    test_thread_join(stalled.thread, TEST_PATIENCE_MS);
    assert_error("stalled", stalled.result, TIN_OK);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_spelling_opens_its_file),
        TEST(every_spelling_of_a_network_path_opens_its_file),
        TEST(files_are_read_whole_in_any_size),
        TEST(read_file_fills_its_buffer_until_the_end),
        TEST(get_length_is_the_size_of_the_file),
        TEST(a_file_above_4_gib_is_read_to_its_end),
        TEST(what_cannot_be_opened_has_a_typed_error),
        TEST(a_file_that_another_does_not_share_is_an_access_error),
        TEST(a_file_that_another_writes_can_be_read_meanwhile),
        TEST(a_local_file_is_a_handle_of_its_own_type),
        TEST(closing_a_file_closes_it_at_once),
        TEST(closing_the_session_closes_its_files_at_once),
        TEST(events_tell_of_opening_and_closing),
        TEST(events_of_a_failed_open_end_with_its_result),
        TEST(a_stalled_read_returns_at_once_when_it_is_stopped),
        TEST(a_stopped_read_is_given_back_while_its_peer_stays_silent),
        TEST(a_stalled_read_ends_at_its_deadline),
        TEST(bytes_before_a_stall_are_delivered_first),
        TEST(the_end_of_a_pipe_is_the_end_of_the_file),
        TEST(a_second_call_on_a_stalled_file_is_refused),
    };

    return test_run_group(tests, NULL, NULL);
}
