/* SPDX-License-Identifier: MIT */
/* A line on the terminal that shows how far a transfer has come. */
#ifndef PROGRESS_BAR_H
#define PROGRESS_BAR_H

#include <stdio.h>
#include <string.h>

#include <thininet/thininet.h>

#define PROGRESS_BAR_WIDTH 30
#define AMOUNT_SIZE 32

/* Where the standard error goes elsewhere, as into a file, nothing is drawn. */
static inline bool is_terminal(void)
{
    DWORD mode;

    return GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &mode);
}

/* "420.0 KiB"; returns `text`. */
static inline const char *amount(double bytes, char text[AMOUNT_SIZE])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;

    for (; bytes >= 1000 && unit < 4; unit++)
        bytes /= 1024;
    snprintf(text, AMOUNT_SIZE, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
    return text;
}

/* " 42% [============                  ] 420.0 KiB, 1.0 MiB/s, 0:01 left", over the line before; in
 * one piece, as a console takes its time for each. */
static inline void draw_progress(const tin_progress *progress)
{
    const double part = progress->total != 0 ? (double)progress->done / (double)progress->total : 0;
    char bar[PROGRESS_BAR_WIDTH + 16] = "", left[32] = "", done[AMOUNT_SIZE], speed[AMOUNT_SIZE];
    char line[sizeof done + sizeof speed + sizeof bar + sizeof left + 16];

    if (progress->total_known) {
        const int length = snprintf(bar, sizeof bar, "%3.0f%% [", part * 100);

        memset(bar + length, ' ', PROGRESS_BAR_WIDTH);
        memset(bar + length, '=', (size_t)(part * PROGRESS_BAR_WIDTH));
        memcpy(bar + length + PROGRESS_BAR_WIDTH, "] ", 3);
    }
    if (progress->total_known && progress->bytes_per_second != 0) {
        const uint64_t s = (progress->total - progress->done) / progress->bytes_per_second;

        snprintf(left, sizeof left, ", %llu:%02u left", (unsigned long long)(s / 60),
                 (unsigned)(s % 60));
    }
    snprintf(line, sizeof line, "\r%s%s, %s/s%s        ", bar, amount((double)progress->done, done),
             amount((double)progress->bytes_per_second, speed), left);
    fputs(line, stderr);
}

#endif
