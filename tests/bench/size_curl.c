/* SPDX-License-Identifier: MIT */
/* Opens, reads, closes, with libcurl. */
#include <curl/curl.h>

int main(int argc, char **argv)
{
    CURL *curl = curl_easy_init();
    CURLcode code;

    curl_easy_setopt(curl, CURLOPT_URL, argc > 1 ? argv[1] : "http://www.example.com/");
    code = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    return code == CURLE_OK ? 0 : 1;
}
