/* SPDX-License-Identifier: MIT */
/* A line on the terminal that shows how far a transfer has come. */
#ifndef PROGRESS_BAR_H
#define PROGRESS_BAR_H

#include <stdio.h>

#include <thininet/thininet.h>

#define PROGRESS_BAR_WIDTH 30

/* Where the standard error goes elsewhere, as into a file, nothing is drawn. */
static inline bool is_terminal(void)
{
    DWORD mode;

    return GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &mode);
}

static inline void print_amount(double amount)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;

    for (; amount >= 1000 && unit < 4; unit++)
        amount /= 1024;
    fprintf(stderr, unit == 0 ? "%.0f %s" : "%.1f %s", amount, units[unit]);
}

/* " 42% [============                  ] 420 KiB, 1.0 MiB/s, 0:01 left", over the line before. */
static inline void draw_progress(const tin_progress *progress)
{
    const double part = progress->total != 0 ? (double)progress->done / (double)progress->total : 0;

    fputc('\r', stderr);
    if (progress->total_known) {
        fprintf(stderr, "%3.0f%% [", part * 100);
        for (int i = 0; i < PROGRESS_BAR_WIDTH; i++)
            fputc(i < part * PROGRESS_BAR_WIDTH ? '=' : ' ', stderr);
        fputs("] ", stderr);
    }
    print_amount((double)progress->done);
    fputs(", ", stderr);
    print_amount((double)progress->bytes_per_second);
    fputs("/s", stderr);
    if (progress->total_known && progress->bytes_per_second != 0) {
        const uint64_t left = (progress->total - progress->done) / progress->bytes_per_second;

        fprintf(stderr, ", %llu:%02u left", (unsigned long long)(left / 60), (unsigned)(left % 60));
    }
    fputs("        ", stderr);
}

#endif
