/* SPDX-License-Identifier: MIT */
/**
 * \file thininet.h
 * WinInet for plain C: typed results, checked handles, time-outs that hold, calls that can be
 * cancelled, downloads whose end can be trusted.
 *
 * The headers below are in reading order. Text is UTF-8 in the functions without a suffix and
 * UTF-16 in their \c _w twins; sizes are bytes, times milliseconds. Out-parameters are always set:
 * the value on success, zero or NULL on failure.
 */
#ifndef THININET_THININET_H
#define THININET_THININET_H

#define THININET_VERSION_MAJOR 0 /**< Before 1, a new minor version may break programs. */
#define THININET_VERSION_MINOR 1 /**< The second number of the version. */
#define THININET_VERSION_PATCH 0 /**< The third number of the version. */
#define THININET_VERSION "0.1.0" /**< The whole version. */

#include <thininet/result.h>
#include <thininet/session.h>
#include <thininet/stream.h>
#include <thininet/http.h>
#include <thininet/ftp.h>
#include <thininet/url.h>
#include <thininet/cookie.h>
#include <thininet/transfer.h>

#endif
