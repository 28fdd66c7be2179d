// SPDX-License-Identifier: MIT
// The same in C++, with a class that closes.
#include <cstdio>
#include <string>
#include <thininet/thininet.h>

class session
{
  public:
    session()
    {
        result = tin_open("consumer/1.0", INTERNET_OPEN_TYPE_DIRECT, nullptr, nullptr, 0, &handle);
    }
    session(const session &) = delete;
    session &operator=(const session &) = delete;
    ~session()
    {
        tin_close_handle(handle);
    }

    tin_result read(const std::string &url, std::string &text)
    {
        char part[16];
        size_t got = 0;
        tin_handle file = nullptr;
        tin_result read_result = result;

        if (tin_ok(read_result))
            read_result = tin_open_url(handle, url.c_str(), nullptr, 0, nullptr, &file);
        while (tin_ok(read_result) &&
               tin_ok(read_result = tin_read_file(file, part, sizeof part, &got)) && got != 0)
            text.append(part, got);
        return read_result;
    }

  private:
    tin_handle handle = nullptr;
    tin_result result;
};

int main(int argc, char **argv)
{
    session session;
    std::string text;

    if (argc != 3)
        return 2;
    const tin_result result = session.read(argv[1], text);
    if (!tin_ok(result) || text != argv[2]) {
        std::fprintf(stderr, "%s: %s\n", argv[1], tin_error_name(result.error));
        return 1;
    }
    if (session.read("http://host:99999/", text).error != TIN_E_URL)
        return 1;
    std::printf("consumer %s: it works\n", THININET_VERSION);
    return 0;
}
