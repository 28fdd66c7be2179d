/* SPDX-License-Identifier: MIT */
/* What the examples print of an event that a status callback is told. */
#ifndef EVENT_H
#define EVENT_H

#include <stdio.h>

#include <thininet/thininet.h>

/* clang-format off */
static inline const char *event_name(DWORD code)
{
    switch (code) {
    case INTERNET_STATUS_RESOLVING_NAME:       return "resolving name";
    case INTERNET_STATUS_NAME_RESOLVED:        return "resolved name";
    case INTERNET_STATUS_CONNECTING_TO_SERVER: return "connecting to server";
    case INTERNET_STATUS_CONNECTED_TO_SERVER:  return "connected to server";
    case INTERNET_STATUS_SENDING_REQUEST:      return "sending request";
    case INTERNET_STATUS_REQUEST_SENT:         return "request sent";
    case INTERNET_STATUS_RECEIVING_RESPONSE:   return "receiving response";
    case INTERNET_STATUS_RESPONSE_RECEIVED:    return "response received";
    case INTERNET_STATUS_CLOSING_CONNECTION:   return "closing connection";
    case INTERNET_STATUS_CONNECTION_CLOSED:    return "connection closed";
    case INTERNET_STATUS_HANDLE_CREATED:       return "handle created";
    case INTERNET_STATUS_HANDLE_CLOSING:       return "handle closing";
    case INTERNET_STATUS_REQUEST_COMPLETE:     return "request complete";
    case INTERNET_STATUS_REDIRECT:             return "redirected";
    default:                                   return "status";
    }
}
/* clang-format on */

static inline void print_event(const tin_status *status)
{
    fputs(event_name(status->code), stderr);
    if (status->text != NULL)
        fprintf(stderr, ": %s", status->text);
    if (status->bytes != 0)
        fprintf(stderr, ": %llu bytes", (unsigned long long)status->bytes);
    if (status->code == INTERNET_STATUS_REQUEST_COMPLETE)
        fprintf(stderr, ": %s", tin_error_name(status->result.error));
    fputc('\n', stderr);
}

#endif
