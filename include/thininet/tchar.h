/* SPDX-License-Identifier: MIT */
/**
 * \file tchar.h
 * Generic-text names, for code that is written with TCHAR: tin_open_url_t is tin_open_url_w where
 * UNICODE is defined, and tin_open_url where it is not. <thininet/thininet.h> does not include it.
 *
 * Every function and type that has a UTF-16 twin is here. Those without one (tin_read_file,
 * tin_close_handle) take no text.
 *
 * Without UNICODE a TCHAR is a char, and there the two worlds differ: Windows' own functions take
 * text in the ANSI code page, thininet's take UTF-8. ASCII is the same in both. Other text is
 * TIN_E_ARGUMENT, or other characters, unless the program's code page is UTF-8: build with
 * UNICODE, or convert first.
 */
#ifndef THININET_TCHAR_H
#define THININET_TCHAR_H

#ifdef UNICODE

/* <thininet/result.h> */
#define tin_describe_t tin_describe_w

/* <thininet/session.h> */
#define tin_status_t tin_status_w
#define tin_status_callback_t tin_status_callback_w
#define tin_open_t tin_open_w
#define tin_set_option_text_t tin_set_option_text_w
#define tin_query_option_text_t tin_query_option_text_w
#define tin_set_status_callback_t tin_set_status_callback_w
#define tin_get_last_response_info_t tin_get_last_response_info_w

/* <thininet/stream.h> */
#define tin_open_url_t tin_open_url_w
#define tin_open_local_file_t tin_open_local_file_w

/* <thininet/http.h> */
#define tin_connect_t tin_connect_w
#define tin_http_open_request_t tin_http_open_request_w
#define tin_http_add_request_headers_t tin_http_add_request_headers_w
#define tin_http_send_request_t tin_http_send_request_w
#define tin_http_send_request_ex_t tin_http_send_request_ex_w
#define tin_http_query_info_t tin_http_query_info_w
#define tin_http_query_header_t tin_http_query_header_w

/* <thininet/ftp.h> */
#define tin_find_data_t tin_find_data_w
#define tin_ftp_set_current_directory_t tin_ftp_set_current_directory_w
#define tin_ftp_get_current_directory_t tin_ftp_get_current_directory_w
#define tin_ftp_get_current_directory_url_t tin_ftp_get_current_directory_url_w
#define tin_ftp_create_directory_t tin_ftp_create_directory_w
#define tin_ftp_remove_directory_t tin_ftp_remove_directory_w
#define tin_ftp_rename_file_t tin_ftp_rename_file_w
#define tin_ftp_delete_file_t tin_ftp_delete_file_w
#define tin_ftp_get_file_size_t tin_ftp_get_file_size_w
#define tin_ftp_open_file_t tin_ftp_open_file_w
#define tin_ftp_get_file_t tin_ftp_get_file_w
#define tin_ftp_put_file_t tin_ftp_put_file_w
#define tin_ftp_command_t tin_ftp_command_w
#define tin_ftp_find_first_file_t tin_ftp_find_first_file_w
#define tin_find_next_file_t tin_find_next_file_w

/* <thininet/url.h> */
#define tin_url_parts_t tin_url_parts_w
#define tin_crack_url_t tin_crack_url_w
#define tin_free_url_parts_t tin_free_url_parts_w
#define tin_create_url_t tin_create_url_w
#define tin_canonicalize_url_t tin_canonicalize_url_w
#define tin_combine_url_t tin_combine_url_w

/* <thininet/cookie.h> */
#define tin_set_cookie_t tin_set_cookie_w
#define tin_set_cookie_ex_t tin_set_cookie_ex_w
#define tin_get_cookie_t tin_get_cookie_w
#define tin_get_cookie_ex_t tin_get_cookie_ex_w

/* <thininet/transfer.h> */
#define tin_download_t tin_download_w
#define tin_upload_t tin_upload_w
#define tin_get_t tin_get_w
#else

/* <thininet/result.h> */
#define tin_describe_t tin_describe

/* <thininet/session.h> */
#define tin_status_t tin_status
#define tin_status_callback_t tin_status_callback
#define tin_open_t tin_open
#define tin_set_option_text_t tin_set_option_text
#define tin_query_option_text_t tin_query_option_text
#define tin_set_status_callback_t tin_set_status_callback
#define tin_get_last_response_info_t tin_get_last_response_info

/* <thininet/stream.h> */
#define tin_open_url_t tin_open_url
#define tin_open_local_file_t tin_open_local_file

/* <thininet/http.h> */
#define tin_connect_t tin_connect
#define tin_http_open_request_t tin_http_open_request
#define tin_http_add_request_headers_t tin_http_add_request_headers
#define tin_http_send_request_t tin_http_send_request
#define tin_http_send_request_ex_t tin_http_send_request_ex
#define tin_http_query_info_t tin_http_query_info
#define tin_http_query_header_t tin_http_query_header

/* <thininet/ftp.h> */
#define tin_find_data_t tin_find_data
#define tin_ftp_set_current_directory_t tin_ftp_set_current_directory
#define tin_ftp_get_current_directory_t tin_ftp_get_current_directory
#define tin_ftp_get_current_directory_url_t tin_ftp_get_current_directory_url
#define tin_ftp_create_directory_t tin_ftp_create_directory
#define tin_ftp_remove_directory_t tin_ftp_remove_directory
#define tin_ftp_rename_file_t tin_ftp_rename_file
#define tin_ftp_delete_file_t tin_ftp_delete_file
#define tin_ftp_get_file_size_t tin_ftp_get_file_size
#define tin_ftp_open_file_t tin_ftp_open_file
#define tin_ftp_get_file_t tin_ftp_get_file
#define tin_ftp_put_file_t tin_ftp_put_file
#define tin_ftp_command_t tin_ftp_command
#define tin_ftp_find_first_file_t tin_ftp_find_first_file
#define tin_find_next_file_t tin_find_next_file

/* <thininet/url.h> */
#define tin_url_parts_t tin_url_parts
#define tin_crack_url_t tin_crack_url
#define tin_free_url_parts_t tin_free_url_parts
#define tin_create_url_t tin_create_url
#define tin_canonicalize_url_t tin_canonicalize_url
#define tin_combine_url_t tin_combine_url

/* <thininet/cookie.h> */
#define tin_set_cookie_t tin_set_cookie
#define tin_set_cookie_ex_t tin_set_cookie_ex
#define tin_get_cookie_t tin_get_cookie
#define tin_get_cookie_ex_t tin_get_cookie_ex

/* <thininet/transfer.h> */
#define tin_download_t tin_download
#define tin_upload_t tin_upload
#define tin_get_t tin_get
#endif

#endif
