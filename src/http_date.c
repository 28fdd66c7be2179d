/* SPDX-License-Identifier: MIT */
/*
 * Dates of HTTP: "Sun, 06 Nov 1994 08:49:37 GMT", and the older "Sunday, 06-Nov-94 08:49:37 GMT"
 * and "Sun Nov  6 08:49:37 1994". HTTP_QUERY_FLAG_SYSTEMTIME takes anything for a date in Wine 8,
 * and the last two forms for wrong ones.
 */
#include <string.h>
#include <wchar.h>

#include "http.h"

static bool read_digits(const wchar_t **text, unsigned most, unsigned *number)
{
    const wchar_t *p = *text;

    for (*number = 0; *p >= L'0' && *p <= L'9' && p < *text + most; p++)
        *number = *number * 10 + (unsigned)(*p - L'0');
    if (p == *text || (*p >= L'0' && *p <= L'9'))
        return false;
    *text = p;
    return true;
}

static bool skip(const wchar_t **text, const wchar_t *separators)
{
    const size_t length = wcsspn(*text, separators);

    *text += length;
    return length != 0;
}

static bool read_name(const wchar_t **text, const wchar_t *const *names, size_t count,
                      unsigned *which)
{
    for (size_t i = 0; i < count; i++)
        if (tin__starts_with(*text, names[i])) {
            *text += wcslen(names[i]);
            *which = (unsigned)i;
            return true;
        }
    return false;
}

static bool read_month(const wchar_t **text, SYSTEMTIME *time)
{
    static const wchar_t *const months[] = {L"Jan", L"Feb", L"Mar", L"Apr", L"May", L"Jun",
                                            L"Jul", L"Aug", L"Sep", L"Oct", L"Nov", L"Dec"};
    unsigned month;

    if (!read_name(text, months, sizeof months / sizeof *months, &month))
        return false;
    time->wMonth = (WORD)(month + 1);
    return true;
}

static bool read_number(const wchar_t **text, unsigned most, WORD *number)
{
    unsigned value;

    if (!read_digits(text, most, &value))
        return false;
    *number = (WORD)value;
    return true;
}

/* Of two digits, it is not more than 50 years ahead (RFC 9110, 5.6.7). */
static bool read_year(const wchar_t **text, SYSTEMTIME *time)
{
    const wchar_t *begin = *text;
    SYSTEMTIME now;

    if (!read_number(text, 4, &time->wYear))
        return false;
    if (*text - begin == 2) {
        GetSystemTime(&now);
        time->wYear = (WORD)(time->wYear + now.wYear / 100 * 100);
        if (time->wYear > now.wYear + 50)
            time->wYear = (WORD)(time->wYear - 100);
        return true;
    }
    return *text - begin == 4;
}

static bool read_clock(const wchar_t **text, SYSTEMTIME *time)
{
    return read_number(text, 2, &time->wHour) && *(*text)++ == L':' &&
           read_number(text, 2, &time->wMinute) && *(*text)++ == L':' &&
           read_number(text, 2, &time->wSecond);
}

/* "06 Nov 1994 08:49:37 GMT", "06-Nov-94 08:49:37 GMT" */
static bool read_day_first(const wchar_t *text, SYSTEMTIME *time)
{
    if (!read_number(&text, 2, &time->wDay) || !skip(&text, L" -") || !read_month(&text, time) ||
        !skip(&text, L" -") || !read_year(&text, time) || !skip(&text, L" ") ||
        !read_clock(&text, time) || !skip(&text, L" ") ||
        (!tin__starts_with(text, L"GMT") && !tin__starts_with(text, L"UTC")))
        return false;
    text += 3;
    return text[wcsspn(text, L" ")] == L'\0';
}

/* "Nov  6 08:49:37 1994" */
static bool read_month_first(const wchar_t *text, SYSTEMTIME *time)
{
    return read_month(&text, time) && skip(&text, L" ") && read_number(&text, 2, &time->wDay) &&
           skip(&text, L" ") && read_clock(&text, time) && skip(&text, L" ") &&
           read_year(&text, time) && text[wcsspn(text, L" ")] == L'\0';
}

bool tin__parse_date(const wchar_t *text, SYSTEMTIME *time)
{
    static const wchar_t *const days[] = {
        L"Sunday", L"Monday", L"Tuesday", L"Wednesday", L"Thursday", L"Friday", L"Saturday",
        L"Sun",    L"Mon",    L"Tue",     L"Wed",       L"Thu",      L"Fri",    L"Sat"};
    FILETIME ticks;
    unsigned day;

    memset(time, 0, sizeof *time);
    skip(&text, L" ");
    if (!read_name(&text, days, sizeof days / sizeof *days, &day) || !skip(&text, L", ") ||
        !(read_day_first(text, time) || read_month_first(text, time)))
        return false;
    if (time->wSecond == 60) /* a leap second, which Windows does not have */
        time->wSecond = 59;
    return SystemTimeToFileTime(time, &ticks) &&
           FileTimeToSystemTime(&ticks, time); /* its weekday */
}
