/* SPDX-License-Identifier: MIT */
/* What the examples call the events of a status callback. */
#ifndef STATUS_NAME_H
#define STATUS_NAME_H

#include <windows.h>
#include <wininet.h>

/* clang-format off */
static inline const char *status_name(DWORD code)
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

#endif
