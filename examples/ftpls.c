/* SPDX-License-Identifier: MIT */
/*
 * ftpls: lists a folder of an FTP server.
 *
 *     ftpls ftp://[user[:password]@]host[:port]/[folder/][pattern]
 */
#include <stdio.h>
#include <string.h>

#include <thininet/thininet.h>

#include "failure.h"

static void print_entry(const tin_find_data *entry)
{
    const bool is_folder = (entry->attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    SYSTEMTIME time = {0};

    FileTimeToSystemTime(&entry->written, &time);
    printf("%c %14llu  %04u-%02u-%02u %02u:%02u  %s\n", is_folder ? 'd' : '-',
           (unsigned long long)entry->size, time.wYear, time.wMonth, time.wDay, time.wHour,
           time.wMinute, entry->name);
}

/* `path` is "/folder/pattern", decoded; either may be empty. */
static tin_result list(tin_handle connection, char *path)
{
    char *pattern = strrchr(path, '/');
    tin_find_data entry;
    tin_handle find;
    tin_result result = {TIN_OK, 0};

    *pattern++ = '\0';
    if (path[0] != '\0') /* below the folder in which the user begins */
        result = tin_ftp_set_current_directory(connection, path + 1);
    if (tin_ok(result))
        result = tin_ftp_find_first_file(connection, *pattern != '\0' ? pattern : NULL,
                                         INTERNET_FLAG_RELOAD, NULL, &entry, &find);
    while (tin_ok(result)) {
        print_entry(&entry);
        result = tin_find_next_file(find, &entry);
    }
    if (result.error == TIN_E_NO_MORE)
        result = (tin_result){TIN_OK, 0};
    return result;
}

static tin_result ftpls(tin_handle session, const char *url, tin_handle *connection)
{
    char path[1024];
    tin_url_parts *parts;
    tin_result result = tin_crack_url(url, ICU_DECODE, &parts);

    if (!tin_ok(result))
        return result;
    snprintf(path, sizeof path, "%s", parts->path);
    result = tin_connect(session, parts->host, parts->port, parts->user, parts->password,
                         parts->service, 0, NULL, connection);
    if (tin_ok(result) && parts->service == INTERNET_SERVICE_FTP)
        result = list(*connection, path);
    tin_free_url_parts(parts);
    return result;
}

int main(int count, char **argv)
{
    tin_handle session, connection = NULL;
    tin_result result;

    if (count != 2 || strncmp(argv[1], "ftp://", 6) != 0) {
        fputs("ftpls: usage: ftpls ftp://[user[:password]@]host[:port]/[folder/][pattern]\n",
              stderr);
        return 2;
    }
    result = tin_open("ftpls/1.0", INTERNET_OPEN_TYPE_PRECONFIG, NULL, NULL, 0, &session);
    if (tin_ok(result))
        result = ftpls(session, argv[1], &connection);
    if (!tin_ok(result)) {
        print_response("ftpls", connection != NULL ? connection : session);
        print_failure("ftpls", result);
    }
    tin_close_handle(session);
    return tin_ok(result) ? 0 : 1;
}
