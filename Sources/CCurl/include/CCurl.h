#ifndef WIREROOM_CCURL_H
#define WIREROOM_CCURL_H

#include <curl/curl.h>

/* Swift cannot call variadic functions: one typed function for each kind of argument that libcurl's setters and getters take.
 * Strings are copied by libcurl; pointers and lists are borrowed and must outlive the handle's use of them. */
CURLcode wr_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode wr_curl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode wr_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *list);
CURLcode wr_curl_set_error_buffer(CURL *handle, char *buffer);
CURLcode wr_curl_set_private(CURL *handle, void *pointer);
CURLcode wr_curl_set_callbacks(CURL *handle, curl_write_callback body, curl_write_callback header,
                               curl_opensocket_callback open_socket, void *context);
CURLMcode wr_curl_multi_set_long(CURLM *multi, CURLMoption option, long value);

CURLcode wr_curl_get_long(CURL *handle, CURLINFO info, long *value);
CURLcode wr_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value);
CURLcode wr_curl_get_string(CURL *handle, CURLINFO info, const char **value);

/* The result code of a finished transfer: a union member of CURLMsg, which Swift does not see by name. */
CURLcode wr_curl_message_result(const CURLMsg *message);

/* Writes the address that libcurl is about to connect to into `bytes`; returns 4, 16, or 0 for another family. */
int wr_curl_address_bytes(const struct curl_sockaddr *address, unsigned char bytes[16]);

/* Opens the socket that libcurl asks for, closed on exec. CURL_SOCKET_BAD on failure. */
curl_socket_t wr_curl_open_socket(const struct curl_sockaddr *address);

/* The macro CURL_SOCKET_BAD, which Swift does not import. */
curl_socket_t wr_curl_bad_socket(void);

#endif
