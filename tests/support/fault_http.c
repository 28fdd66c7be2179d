/* SPDX-License-Identifier: MIT */
/* Rows of faults over HTTP: by URL, by request, by pieces, by a proxy. */
#include "fault_row.h"

enum { PIECE = 1 << 16, COPY_MS = 200 };

static fault_server *start(const fault_http_row *row, const fault_step **scripts)
{
    if (row->peer == FAULT_REFUSES)
        return fault_server_start_refusing();
    if (row->peer == FAULT_FULL)
        return fault_server_start_full();
    if (row->routes != NULL)
        return fault_server_start_routes(row->routes);
    scripts[0] = row->script;
    scripts[1] = row->then != NULL ? row->then : row->script;
    scripts[2] = NULL;
    return fault_server_start_many(scripts);
}

static void compose_url(const fault_http_row *row, const fault_server *server, char *url,
                        size_t size)
{
    const char *text = row->url != NULL ? row->url : "http://127.0.0.1:{port}/";
    const char *mark = strstr(text, "{port}");

    if (mark == NULL)
        snprintf(url, size, "%s", text);
    else
        snprintf(url, size, "%.*s%u%s", (int)(mark - text), text, fault_server_port(server),
                 mark + strlen("{port}"));
}

static tin_result send_pieces(tin_handle request, const char *body, size_t size)
{
    tin_result result = tin_http_send_request_ex(request, NULL, size);

    for (size_t at = 0; tin_ok(result) && at < size; at += PIECE) {
        size_t written;

        result =
            tin_write_file(request, body + at, size - at < PIECE ? size - at : PIECE, &written);
    }
    return tin_ok(result) ? tin_http_end_request(request) : result;
}

/* What is sent is a request's body, of the pattern. */
static tin_result send_request(const fault_http_row *row, tin_handle request)
{
    char *body = malloc(row->body + 1);
    tin_result result = {TIN_E_MEMORY, 0};

    if (body == NULL)
        return result;
    fault_pattern_fill(0, body, row->body);
    result = row->streamed ? send_pieces(request, body, row->body)
                           : tin_http_send_request(request, NULL, body, row->body);
    free(body);
    return result;
}

/* A failure stays with the request as well. */
static void expect_failure(fault_trial *trial, tin_handle request)
{
    char byte;
    size_t got = 1;

    for (int i = 0; i < 2; i++) {
        const tin_result again = tin_read_file(request, &byte, 1, &got);

        if (again.error != trial->result.error || got != 0)
            fault_complain(trial, "then %s", tin_error_name(again.error));
    }
}

static tin_handle make_request(const fault_http_row *row, fault_trial *trial,
                               const fault_server *server)
{
    tin_handle connection, request = NULL;

    trial->result = tin_connect(trial->session, "127.0.0.1", fault_server_port(server), NULL, NULL,
                                INTERNET_SERVICE_HTTP, 0, NULL, &connection);
    if (tin_ok(trial->result))
        trial->result = tin_http_open_request(connection, row->verb, "/", NULL, NULL, NULL,
                                              INTERNET_FLAG_RELOAD, NULL, &request);
    if (!tin_ok(trial->result))
        return NULL;
    trial->began = test_now_ms();
    trial->result = send_request(row, request);
    if (!tin_ok(trial->result))
        expect_failure(trial, request);
    return request;
}

static tin_handle ask(const fault_http_row *row, fault_trial *trial, const fault_server *server)
{
    tin_handle file;
    char url[256];

    if (row->verb != NULL)
        return make_request(row, trial, server);
    compose_url(row, server, url, sizeof url);
    trial->result = tin_open_url(trial->session, url, NULL, INTERNET_FLAG_RELOAD, NULL, &file);
    if ((file != NULL) != tin_ok(trial->result))
        fault_complain(trial, "a file and a failure, or neither");
    return file;
}

static void check_status(const fault_http_row *row, fault_trial *trial, tin_handle file)
{
    DWORD status;

    if (row->status == 0)
        return;
    if (!tin_ok(tin_http_status(file, &status)) || status != row->status)
        fault_complain(trial, "status %lu, not %lu", status, row->status);
}

void fault_play_http(fault_trial *trial, const void *data)
{
    const fault_http_row *row = data;
    const fault_step *scripts[3];
    fault_server *server = start(row, scripts);
    char proxy[32];
    tin_handle file;

    if (server == NULL) /* this system refuses where others hang */
        return;
    if (row->body > PIECE) /* it is copied first: slowly in 32-bit programs */
        trial->slack_ms += COPY_MS;
    snprintf(proxy, sizeof proxy, "127.0.0.1:%u", fault_server_port(server));
    fault_begin(trial, &row->outcome, row->proxy ? proxy : NULL);
    if (row->decodes &&
        !tin_ok(tin_set_option_dword(trial->session, INTERNET_OPTION_HTTP_DECODING, TRUE)))
        fault_complain(trial, "decoding could not be switched on");
    file = ask(row, trial, server);
    if (tin_ok(trial->result)) {
        check_status(row, trial, file);
        fault_read(trial, file);
    } else if (row->outcome.bytes != 0 && !row->outcome.fewer) {
        fault_complain(trial, "it was not opened");
    }
    fault_judge(trial);
    if (row->requests != 0 && fault_server_count(server, FAULT_REQUESTS) != row->requests)
        fault_complain(trial, "%u requests, not %u",
                       (unsigned)fault_server_count(server, FAULT_REQUESTS), row->requests);
    if (file != NULL && !tin_ok(tin_close_handle(file)))
        fault_complain(trial, "it was not closed");
    fault_server_release(server);
    if (row->proxy)
        (void)!tin_ok(tin_close_handle(trial->session)); /* it leads nowhere else */
    else
        fault_end(trial);
    fault_server_stop(server);
}
