/* SPDX-License-Identifier: MIT */
/*
 * Options that thininet keeps itself. WinInet accepts most of them and then forgets them: under
 * Wine 8 time-outs on a session and security flags off a request are answered with TRUE and
 * ignored, and proxy credentials on a session are refused. So they live here, are inherited by
 * copy, and are handed to each request before it sends anything.
 */
#include <stdlib.h>
#include <string.h>

#include "settings.h"

/* WinInet's own time-outs only bound its tear-down, after ours has already answered the caller. */
#define TEAR_DOWN_MS 1000u

struct tin__shared_text {
    volatile LONG references;
    size_t size; /* of text in bytes, with the NUL */
    wchar_t text[];
};

static SRWLOCK user_lock = SRWLOCK_INIT; /* see apply_user() */
static tin__settings defaults = {.numbers = {
                                     [TIN__CONNECT_TIMEOUT] = 60000,
                                     [TIN__SEND_TIMEOUT] = 30000,
                                     [TIN__RECEIVE_TIMEOUT] = 30000,
                                     [TIN__TOTAL_TIMEOUT] = INFINITE,
                                     [TIN__CONNECT_RETRIES] = TIN__DEFAULT_RETRIES,
                                     [TIN__MAX_REDIRECTS] = 10,
                                 }};

static void release(tin__shared_text *text)
{
    if (text == NULL || InterlockedDecrement(&text->references) != 0)
        return;
    SecureZeroMemory(text->text, text->size);
    free(text);
}

void tin__settings_copy(tin__settings *to, const tin__settings *from)
{
    *to = *from;
    for (int i = 0; i < TIN__WORDS; i++)
        if (to->words[i] != NULL)
            InterlockedIncrement(&to->words[i]->references);
}

void tin__settings_default(tin__settings *settings)
{
    for (int i = 0; i < TIN__NUMBERS; i++)
        settings->numbers[i] = defaults.numbers[i];
}

void tin__settings_free(tin__settings *settings)
{
    for (int i = 0; i < TIN__WORDS; i++)
        release(settings->words[i]);
    memset(settings->words, 0, sizeof settings->words);
}

void tin__settings_set_number(tin__settings *settings, tin__number which, DWORD value)
{
    if (settings == NULL)
        settings = &defaults;
    settings->numbers[which] = value;
}

/* FTP's data time-outs follow the others until they are set. */
static DWORD effective(const tin__settings *settings, tin__number which)
{
    const DWORD value = settings->numbers[which];

    if (value == 0 && which == TIN__DATA_SEND_TIMEOUT)
        return settings->numbers[TIN__SEND_TIMEOUT];
    if (value == 0 && which == TIN__DATA_RECEIVE_TIMEOUT)
        return settings->numbers[TIN__RECEIVE_TIMEOUT];
    if (value == TIN__DEFAULT_RETRIES && which == TIN__CONNECT_RETRIES)
        return 1;
    return value;
}

DWORD tin__settings_number(const tin__settings *settings, tin__number which)
{
    return effective(settings != NULL ? settings : &defaults, which);
}

tin_result tin__settings_set_words(tin__settings *settings, tin__words which, const wchar_t *text)
{
    const size_t size = (wcslen(text) + 1) * sizeof(wchar_t);
    tin__shared_text *copy;

    if (wcspbrk(text, L"\r\n") != NULL) /* to an FTP server they would be commands */
        return tin__fail(TIN_E_ARGUMENT);
    copy = malloc(sizeof *copy + size);
    if (copy == NULL)
        return tin__fail(TIN_E_MEMORY);
    copy->references = 1;
    copy->size = size;
    memcpy(copy->text, text, size);
    release(settings->words[which]);
    settings->words[which] = copy;
    return tin__success();
}

void tin__settings_drop_words(tin__settings *settings, tin__words which)
{
    release(settings->words[which]);
    settings->words[which] = NULL;
}

const wchar_t *tin__settings_words(const tin__settings *settings, tin__words which)
{
    return settings->words[which] != NULL ? settings->words[which]->text : NULL;
}

static void apply_number(HINTERNET handle, DWORD option, DWORD value)
{
    InternetSetOptionW(handle, option, &value, sizeof value);
}

static void apply_timeout(HINTERNET handle, DWORD option, DWORD timeout_ms)
{
    const bool finite = timeout_ms < INFINITE - TEAR_DOWN_MS;

    apply_number(handle, option, finite ? timeout_ms + TEAR_DOWN_MS : INFINITE);
}

/* Whether it need not, or cannot, be set. */
static bool is_set(HINTERNET handle, DWORD option, const wchar_t *text)
{
    DWORD size = (DWORD)(wcslen(text) + 1) * sizeof *text;
    const DWORD whole = size;
    wchar_t *now = calloc(2, size);
    bool same;

    if (now == NULL)
        return false;
    if (InternetQueryOptionW(handle, option, now, &size))
        same = wcscmp(now, text) == 0;
    else
        same = GetLastError() == ERROR_INTERNET_INCORRECT_HANDLE_TYPE;
    SecureZeroMemory(now, whole);
    free(now);
    return same;
}

/* Wine 8 keeps a proxy's user for the whole session and a server's for the whole connection, and
 * frees the old one while another thread may be sending it. So they are only set where they change:
 * not by a connection's own handle, of which Wine 8 does not tell, for requests do it themselves.
 * A user without a password crashes Wine 8 when Basic authentication is asked for. */
static void apply_user(HINTERNET handle, DWORD user_option, const wchar_t *user,
                       DWORD password_option, const wchar_t *password)
{
    if (user == NULL)
        return;
    if (password == NULL)
        password = L"";
    AcquireSRWLockExclusive(&user_lock);
    if (!is_set(handle, user_option, user) || !is_set(handle, password_option, password)) {
        InternetSetOptionW(handle, user_option, (void *)user, (DWORD)wcslen(user));
        InternetSetOptionW(handle, password_option, (void *)password, (DWORD)wcslen(password));
    }
    ReleaseSRWLockExclusive(&user_lock);
}

/* Wine 8 keeps connections for the whole process and takes one again without a look at its
 * certificate: one whose faults were let pass would let them pass for everybody. */
static void keep_to_itself(HINTERNET handle)
{
    static const wchar_t header[] = L"Connection: close\r\n";

    HttpAddRequestHeadersW(handle, header, (DWORD)wcslen(header),
                           HTTP_ADDREQ_FLAG_ADD | HTTP_ADDREQ_FLAG_REPLACE);
}

/* Failures are not reported: what counts is kept here and enforced by call.c; FTP connections, for
 * one, do not take all of these. */
void tin__settings_apply(const tin__settings *settings, HINTERNET handle, const tin__url *url,
                         bool credentials)
{
    const wchar_t *user = tin__settings_words(settings, TIN__USER);
    const wchar_t *password = tin__settings_words(settings, TIN__PASSWORD);

    apply_timeout(handle, INTERNET_OPTION_CONNECT_TIMEOUT,
                  effective(settings, TIN__CONNECT_TIMEOUT));
    apply_timeout(handle, INTERNET_OPTION_SEND_TIMEOUT, effective(settings, TIN__SEND_TIMEOUT));
    apply_timeout(handle, INTERNET_OPTION_RECEIVE_TIMEOUT,
                  effective(settings, TIN__RECEIVE_TIMEOUT));
    if (settings->numbers[TIN__SECURITY_FLAGS] != 0) {
        apply_number(handle, INTERNET_OPTION_SECURITY_FLAGS,
                     settings->numbers[TIN__SECURITY_FLAGS]);
        keep_to_itself(handle);
    }
    apply_number(handle, INTERNET_OPTION_HTTP_DECODING, settings->numbers[TIN__HTTP_DECODING]);
    if (credentials && url->user != NULL) {
        user = url->user;
        password = url->password;
    }
    if (credentials)
        apply_user(handle, INTERNET_OPTION_USERNAME, user, INTERNET_OPTION_PASSWORD, password);
    apply_user(handle, INTERNET_OPTION_PROXY_USERNAME,
               tin__settings_words(settings, TIN__PROXY_USER), INTERNET_OPTION_PROXY_PASSWORD,
               tin__settings_words(settings, TIN__PROXY_PASSWORD));
}
