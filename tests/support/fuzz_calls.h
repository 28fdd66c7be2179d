/* SPDX-License-Identifier: MIT */
/*
 * Every function of the public headers, called with hostile arguments: once with CHARACTER as char
 * and once as wchar_t, by test_fuzz_arguments.c, which includes this file twice. F(name) is the
 * function or its UTF-16 twin; functions without text stand in the second half, which is compiled
 * once. tests/contract.cmake sees that none is missing in that program's table.
 *
 * The functions named *_argument choose a value, those named *_out a place for one, which is
 * checked when the call has returned.
 */

#define TEXT_ARGUMENT (const CHARACTER *)text_argument(from, WIDE)
#define CALL(call) note(from, (call))

/* ---- functions with text --------------------------------------------------------------------- */

static void F(fuzz_tin_open)(fuzz *from)
{
    static const DWORD types[] = {INTERNET_OPEN_TYPE_PRECONFIG,
                                  INTERNET_OPEN_TYPE_DIRECT,
                                  INTERNET_OPEN_TYPE_PROXY,
                                  4,
                                  2,
                                  99};
    const DWORD type = choose_from(&from->choices, types);
    const CHARACTER *agent = TEXT_ARGUMENT, *proxy = TEXT_ARGUMENT, *bypass = TEXT_ARGUMENT;

    CALL(F(tin_open)(agent, type, proxy, bypass, flags_argument(from), handle_out(from)));
}

static void F(fuzz_tin_set_option_text)(fuzz *from)
{
    const tin_handle handle = handle_argument(from, ANY);

    CALL(F(tin_set_option_text)(handle, option_argument(from), TEXT_ARGUMENT));
}

static void F(fuzz_tin_query_option_text)(fuzz *from)
{
    const tin_handle handle = handle_argument(from, ANY);
    CHARACTER *text = text_out(from);

    CALL(F(tin_query_option_text)(handle, option_argument(from), text, size_out(from)));
}

static void F(fuzz_tin_set_status_callback)(fuzz *from)
{
    void *context = (void *)(ULONG_PTR)choose(&from->choices, 9);

    CALL(F(tin_set_status_callback)(handle_argument(from, ANY),
                                    once_in(&from->choices, 2) ? F(on_status) : NULL, context));
}

static void F(fuzz_tin_get_last_response_info)(fuzz *from)
{
    const tin_handle handle = handle_argument(from, ANY);
    CHARACTER *text = text_out(from);

    CALL(F(tin_get_last_response_info)(handle, text, size_out(from)));
}

static void F(fuzz_tin_open_url)(fuzz *from)
{
    const tin_handle session = handle_argument(from, SESSION);
    const CHARACTER *url = TEXT_ARGUMENT, *headers = TEXT_ARGUMENT;

    CALL(F(tin_open_url)(session, url, headers, flags_argument(from), NULL, handle_out(from)));
}

/* Only for reading: nothing is to be created wherever a hostile name leads. */
static void F(fuzz_tin_open_local_file)(fuzz *from)
{
    const tin_handle session = handle_argument(from, SESSION);
    const DWORD access =
        once_in(&from->choices, 6) ? number_argument(from) & ~WRITES : (DWORD)GENERIC_READ;

    CALL(F(tin_open_local_file)(session, TEXT_ARGUMENT, access,
                                once_in(&from->choices, 6) ? 99 : OPEN_EXISTING, NULL,
                                handle_out(from)));
}

static void F(fuzz_tin_connect)(fuzz *from)
{
    static const INTERNET_PORT ports[] = {0, 1, 65535};
    const tin_handle session = handle_argument(from, SESSION);
    const CHARACTER *server = (const CHARACTER *)server_argument(from, WIDE);
    const CHARACTER *user = TEXT_ARGUMENT, *password = TEXT_ARGUMENT;

    CALL(F(tin_connect)(session, server, choose_from(&from->choices, ports), user, password,
                        choose(&from->choices, 5), flags_argument(from), NULL, handle_out(from)));
}

static void F(fuzz_tin_http_open_request)(fuzz *from)
{
    const tin_handle connection = handle_argument(from, HTTP_CONNECTION);
    const CHARACTER *verb = TEXT_ARGUMENT, *object = TEXT_ARGUMENT, *version = TEXT_ARGUMENT;
    const CHARACTER *referrer = TEXT_ARGUMENT;
    const CHARACTER *types[] = {TEXT_ARGUMENT, TEXT_ARGUMENT, NULL};

    CALL(F(tin_http_open_request)(
        connection, once_in(&from->choices, 2) ? NULL : verb, object,
        once_in(&from->choices, 2) ? NULL : version, once_in(&from->choices, 2) ? NULL : referrer,
        once_in(&from->choices, 2) ? NULL : types, flags_argument(from), NULL, handle_out(from)));
}

static void F(fuzz_tin_http_add_request_headers)(fuzz *from)
{
    const tin_handle request = handle_argument(from, REQUEST);
    const DWORD modifiers = once_in(&from->choices, 2)
                                ? (DWORD)HTTP_ADDREQ_FLAG_ADD | HTTP_ADDREQ_FLAG_REPLACE
                                : number_argument(from);

    CALL(F(tin_http_add_request_headers)(request, TEXT_ARGUMENT, modifiers));
}

static void F(fuzz_tin_http_send_request)(fuzz *from)
{
    const tin_handle request = handle_argument(from, REQUEST);
    const CHARACTER *headers = TEXT_ARGUMENT;
    size_t size;
    const void *body = bytes_argument(from, &size);

    CALL(F(tin_http_send_request)(request, headers, body, size));
}

static void F(fuzz_tin_http_send_request_ex)(fuzz *from)
{
    static const uint64_t sizes[] = {0, 1, 5, 4294967296u, UINT64_MAX, INT64_MAX};
    const tin_handle request = handle_argument(from, REQUEST);

    CALL(F(tin_http_send_request_ex)(request, TEXT_ARGUMENT, choose_from(&from->choices, sizes)));
}

static void F(fuzz_tin_http_query_info)(fuzz *from)
{
    const tin_handle request = handle_argument(from, REQUEST);
    CHARACTER *text = text_out(from);
    size_t *size = size_out(from);

    CALL(F(tin_http_query_info)(request, info_argument(from), text, size, index_out(from)));
}

static void F(fuzz_tin_http_query_header)(fuzz *from)
{
    const tin_handle request = handle_argument(from, REQUEST);
    const CHARACTER *name = TEXT_ARGUMENT;
    CHARACTER *text = text_out(from);
    size_t *size = size_out(from);

    CALL(F(tin_http_query_header)(request, name, text, size, index_out(from)));
}

#define FTP_NAME(function)                                                                         \
    static void F(fuzz_##function)(fuzz * from)                                                    \
    {                                                                                              \
        const tin_handle connection = handle_argument(from, FTP_CONNECTION);                       \
                                                                                                   \
        CALL(F(function)(connection, TEXT_ARGUMENT));                                              \
    }
FTP_NAME(tin_ftp_set_current_directory)
FTP_NAME(tin_ftp_create_directory)
FTP_NAME(tin_ftp_remove_directory)
FTP_NAME(tin_ftp_delete_file)
#undef FTP_NAME

static void F(fuzz_tin_ftp_get_current_directory)(fuzz *from)
{
    const tin_handle connection = handle_argument(from, FTP_CONNECTION);
    CHARACTER *text = text_out(from);

    CALL(F(tin_ftp_get_current_directory)(connection, text, size_out(from)));
}

static void F(fuzz_tin_ftp_get_current_directory_url)(fuzz *from)
{
    const tin_handle connection = handle_argument(from, FTP_CONNECTION);
    CHARACTER *text = text_out(from);

    CALL(F(tin_ftp_get_current_directory_url)(connection, text, size_out(from)));
}

static void F(fuzz_tin_ftp_rename_file)(fuzz *from)
{
    const tin_handle connection = handle_argument(from, FTP_CONNECTION);
    const CHARACTER *existing = TEXT_ARGUMENT;

    CALL(F(tin_ftp_rename_file)(connection, existing, TEXT_ARGUMENT));
}

static void F(fuzz_tin_ftp_get_file_size)(fuzz *from)
{
    const tin_handle connection = handle_argument(from, FTP_CONNECTION);
    const CHARACTER *name = TEXT_ARGUMENT;

    CALL(F(tin_ftp_get_file_size)(connection, name, u64_out(from)));
}

static void F(fuzz_tin_ftp_open_file)(fuzz *from)
{
    static const DWORD accesses[] = {GENERIC_READ, GENERIC_READ, GENERIC_WRITE, 0, 0xFFFFFFFF, 1};
    const tin_handle connection = handle_argument(from, FTP_CONNECTION);
    const CHARACTER *name = TEXT_ARGUMENT;

    CALL(F(tin_ftp_open_file)(connection, name, choose_from(&from->choices, accesses),
                              number_argument(from), NULL, handle_out(from)));
}

/* What is local is NULL or a name in a folder that there is not: nothing is to be written. */
static void F(fuzz_tin_ftp_get_file)(fuzz *from)
{
    const tin_handle connection = handle_argument(from, FTP_CONNECTION);
    const CHARACTER *remote = TEXT_ARGUMENT;

    CALL(F(tin_ftp_get_file)(connection, remote, (const CHARACTER *)local_argument(from, WIDE),
                             once_in(&from->choices, 2), number_argument(from),
                             number_argument(from), NULL));
}

static void F(fuzz_tin_ftp_put_file)(fuzz *from)
{
    const tin_handle connection = handle_argument(from, FTP_CONNECTION);
    const CHARACTER *remote = TEXT_ARGUMENT;

    CALL(F(tin_ftp_put_file)(connection, (const CHARACTER *)local_argument(from, WIDE), remote,
                             number_argument(from), NULL));
}

/* The callback wants no more at once. */
static void F(fuzz_tin_download)(fuzz *from)
{
    const tin_handle session = handle_argument(from, SESSION);
    const CHARACTER *url = TEXT_ARGUMENT, *headers = TEXT_ARGUMENT;
    const CHARACTER *path = (const CHARACTER *)local_argument(from, WIDE);

    CALL(F(tin_download)(session, url, headers, flags_argument(from), path,
                         once_in(&from->choices, 2), once_in(&from->choices, 2) ? NULL : stop_it,
                         NULL, index_out_zero(from)));
}

static void F(fuzz_tin_upload)(fuzz *from)
{
    const tin_handle session = handle_argument(from, SESSION);
    const CHARACTER *path = (const CHARACTER *)local_argument(from, WIDE);
    const CHARACTER *verb = TEXT_ARGUMENT, *url = TEXT_ARGUMENT, *headers = TEXT_ARGUMENT;

    CALL(F(tin_upload)(session, path, verb, url, headers, flags_argument(from), stop_it, NULL,
                       index_out_zero(from)));
}

static void F(fuzz_tin_get)(fuzz *from)
{
    static const size_t limits[] = {0, 1, 100, 1000000, SIZE_MAX};
    const tin_handle session = handle_argument(from, SESSION);
    const CHARACTER *url = TEXT_ARGUMENT, *headers = TEXT_ARGUMENT;
    void *body = GARBAGE_POINTER;
    size_t size = 1;
    const tin_result result = F(tin_get)(
        session, url, headers, flags_argument(from), choose_from(&from->choices, limits), NULL,
        once_in(&from->choices, 8) ? NULL : &body, once_in(&from->choices, 8) ? NULL : &size);

    if (tin_ok(result))
        tin_free(body);
    CALL(result);
}

static void F(fuzz_tin_ftp_command)(fuzz *from)
{
    const tin_handle connection = handle_argument(from, FTP_CONNECTION);
    const CHARACTER *command = TEXT_ARGUMENT;

    CALL(F(tin_ftp_command)(connection, command, once_in(&from->choices, 4), number_argument(from),
                            NULL, handle_out(from)));
}

static void F(fuzz_tin_ftp_find_first_file)(fuzz *from)
{
    const tin_handle connection = handle_argument(from, FTP_CONNECTION);
    const CHARACTER *search = TEXT_ARGUMENT;
    void *found = struct_out(from, sizeof(F(tin_find_data)));

    CALL(F(tin_ftp_find_first_file)(connection, search, number_argument(from), NULL, found,
                                    handle_out(from)));
}

static void F(fuzz_tin_find_next_file)(fuzz *from)
{
    const tin_handle find = handle_argument(from, ANY);

    CALL(F(tin_find_next_file)(find, struct_out(from, sizeof(F(tin_find_data)))));
}

static void F(fuzz_tin_crack_url)(fuzz *from)
{
    const CHARACTER *url = TEXT_ARGUMENT;
    F(tin_url_parts) *parts = GARBAGE_POINTER, **out = once_in(&from->choices, 9) ? NULL : &parts;
    const tin_result result = F(tin_crack_url)(url, icu_argument(from), out);

    CALL(result);
    if (out != NULL && tin_ok(result) == (parts == NULL))
        complain(from, "parts that do not fit the result", result);
    if (out != NULL)
        F(tin_free_url_parts)(parts);
    if (out != NULL && tin_ok(result) && once_in(&from->choices, 4))
        F(tin_free_url_parts)(NULL);
}

static void F(fuzz_tin_create_url)(fuzz *from)
{
    F(tin_url_parts) parts = {0};
    CHARACTER *text = text_out(from);

    parts.scheme = (INTERNET_SCHEME)((int)choose(&from->choices, 12) - 3);
    parts.service = number_argument(from);
    parts.port = (INTERNET_PORT)choose(&from->choices, 65536);
    parts.scheme_name = TEXT_ARGUMENT;
    parts.user = TEXT_ARGUMENT;
    parts.password = TEXT_ARGUMENT;
    parts.host = TEXT_ARGUMENT;
    parts.path = TEXT_ARGUMENT;
    parts.extra = TEXT_ARGUMENT;
    CALL(F(tin_create_url)(once_in(&from->choices, 20) ? NULL : &parts, icu_argument(from), text,
                           size_out(from)));
}

static void F(fuzz_tin_canonicalize_url)(fuzz *from)
{
    const CHARACTER *url = TEXT_ARGUMENT;
    CHARACTER *text = text_out(from);

    CALL(F(tin_canonicalize_url)(url, icu_argument(from), text, size_out(from)));
}

static void F(fuzz_tin_combine_url)(fuzz *from)
{
    const CHARACTER *base = TEXT_ARGUMENT, *relative = TEXT_ARGUMENT;
    CHARACTER *text = text_out(from);

    CALL(F(tin_combine_url)(base, relative, icu_argument(from), text, size_out(from)));
}

static void F(fuzz_tin_set_cookie)(fuzz *from)
{
    const CHARACTER *url = TEXT_ARGUMENT, *name = TEXT_ARGUMENT;

    CALL(F(tin_set_cookie)(url, name, TEXT_ARGUMENT));
}

static void F(fuzz_tin_set_cookie_ex)(fuzz *from)
{
    const CHARACTER *url = TEXT_ARGUMENT, *name = TEXT_ARGUMENT;

    CALL(F(tin_set_cookie_ex)(url, name, TEXT_ARGUMENT, cookie_flags(from)));
}

static void F(fuzz_tin_get_cookie)(fuzz *from)
{
    const CHARACTER *url = TEXT_ARGUMENT, *name = TEXT_ARGUMENT;
    CHARACTER *text = text_out(from);

    CALL(F(tin_get_cookie)(url, name, text, size_out(from)));
}

static void F(fuzz_tin_get_cookie_ex)(fuzz *from)
{
    const CHARACTER *url = TEXT_ARGUMENT, *name = TEXT_ARGUMENT;
    CHARACTER *text = text_out(from);

    CALL(F(tin_get_cookie_ex)(url, name, cookie_flags(from), text, size_out(from)));
}

static void F(fuzz_tin_describe)(fuzz *from)
{
    const tin_result result = {(tin_error)number_argument(from), number_argument(from)};
    CHARACTER *text = text_out(from);
    const size_t room = from->room - (from->room != 0 && once_in(&from->choices, 2));
    const size_t length = F(tin_describe)(result, text, text != NULL ? room : 0);

    if (length == 0 || length > 400)
        complain(from, "a sentence of no length, or of too much", result);
}

#undef TEXT_ARGUMENT

/* ---- functions without ----------------------------------------------------------------------- */

#if WIDE

static void fuzz_tin_free(fuzz *from)
{
    (void)from;
    tin_free(NULL); /* which is all that may be tried: memory is not a handle */
}

static void fuzz_tin_error_name(fuzz *from)
{
    if (*tin_error_name((tin_error)number_argument(from)) != 'T')
        complain(from, "an error without a name", (tin_result){TIN_OK, 0});
}

static void fuzz_tin_close_handle(fuzz *from)
{
    CALL(tin_close_handle(handle_argument(from, ANY)));
}

static void fuzz_tin_cancel(fuzz *from)
{
    CALL(tin_cancel(handle_argument(from, ANY)));
}

static void fuzz_tin_native_handle(fuzz *from)
{
    (void)!tin_native_handle(handle_argument(from, ANY));
}

static void fuzz_tin_set_option(fuzz *from)
{
    const tin_handle handle = handle_argument(from, ANY);
    const DWORD option = option_argument(from);
    size_t size;
    const void *value = option_value(from, option, &size);

    CALL(tin_set_option(handle, option, value, (DWORD)size));
}

static void fuzz_tin_query_option(fuzz *from)
{
    const tin_handle handle = handle_argument(from, ANY);
    void *value = text_out(from);
    DWORD size = (DWORD)from->room;
    const DWORD before = size;
    const bool none = once_in(&from->choices, 12);
    const tin_result result =
        tin_query_option(handle, option_argument(from), value, none ? NULL : &size);

    CALL(result);
    if (!none && !tin_ok(result) && result.error != TIN_E_BUFFER_TOO_SMALL && size != 0)
        complain(from, "a size in spite of a failure", result);
    if (tin_ok(result) && value != NULL && size > before)
        complain(from, "more was stored than there was room for", result);
}

static void fuzz_tin_set_option_dword(fuzz *from)
{
    const tin_handle handle = handle_argument(from, ANY);

    CALL(tin_set_option_dword(handle, option_argument(from), number_argument(from)));
}

static void fuzz_tin_query_option_dword(fuzz *from)
{
    const tin_handle handle = handle_argument(from, ANY);

    CALL(tin_query_option_dword(handle, option_argument(from), index_out_zero(from)));
}

#define READ(function)                                                                             \
    static void fuzz_##function(fuzz *from)                                                        \
    {                                                                                              \
        const tin_handle file = handle_argument(from, FILES);                                      \
        void *buffer = text_out(from);                                                             \
                                                                                                   \
        CALL(function(file, buffer, from->room, got_out(from)));                                   \
    }
READ(tin_read_file)
READ(tin_read_available)
READ(tin_read_line)
#undef READ

static void fuzz_tin_query_data_available(fuzz *from)
{
    CALL(tin_query_data_available(handle_argument(from, FILES), got_out(from)));
}

static void fuzz_tin_set_file_pointer(fuzz *from)
{
    static const int64_t distances[] = {0, 1, -1, 10, -10, INT64_MAX, INT64_MIN, 5000, 1000000};
    const tin_handle file = handle_argument(from, FILES);

    CALL(tin_set_file_pointer(file, choose_from(&from->choices, distances),
                              choose(&from->choices, 4), u64_out(from)));
}

static void fuzz_tin_write_file(fuzz *from)
{
    const tin_handle file = handle_argument(from, FILES);
    size_t size;
    const void *bytes = bytes_argument(from, &size);

    CALL(tin_write_file(file, bytes, size, got_out(from)));
}

static void fuzz_tin_flush(fuzz *from)
{
    CALL(tin_flush(handle_argument(from, FILES)));
}

static size_t buffer_size(fuzz *from)
{
    static const size_t sizes[] = {0, 1, 2, 16, 1000, 65536, 64u << 20, (64u << 20) + 1, SIZE_MAX};

    return choose_from(&from->choices, sizes);
}

static void fuzz_tin_set_write_buffer_size(fuzz *from)
{
    const tin_handle file = handle_argument(from, FILES);

    CALL(tin_set_write_buffer_size(file, buffer_size(from)));
}

static void fuzz_tin_set_read_buffer_size(fuzz *from)
{
    const tin_handle file = handle_argument(from, FILES);

    CALL(tin_set_read_buffer_size(file, buffer_size(from)));
}

static void fuzz_tin_get_length(fuzz *from)
{
    CALL(tin_get_length(handle_argument(from, FILES), u64_out(from)));
}

static void fuzz_tin_http_end_request(fuzz *from)
{
    CALL(tin_http_end_request(handle_argument(from, REQUEST)));
}

static void fuzz_tin_http_query_info_u64(fuzz *from)
{
    const tin_handle request = handle_argument(from, REQUEST);
    uint64_t *value = u64_out(from);

    CALL(tin_http_query_info_u64(request, info_argument(from), value, index_out(from)));
}

static void fuzz_tin_http_query_info_time(fuzz *from)
{
    const tin_handle request = handle_argument(from, REQUEST);
    void *time = struct_out(from, sizeof(SYSTEMTIME));

    CALL(tin_http_query_info_time(request, info_argument(from), time, index_out(from)));
}

static void fuzz_tin_http_status(fuzz *from)
{
    CALL(tin_http_status(handle_argument(from, REQUEST), index_out_zero(from)));
}

/* Without a window and a dialog: nobody is there to answer. */
static void fuzz_tin_error_dlg(fuzz *from)
{
    DWORD answer = 99;

    CALL(tin_error_dlg(NULL, handle_argument(from, REQUEST), number_argument(from),
                       once_in(&from->choices, 2) ? FLAGS_ERROR_UI_FLAGS_NO_UI : 0, NULL,
                       once_in(&from->choices, 9) ? NULL : &answer));
}

#endif

#undef CALL
