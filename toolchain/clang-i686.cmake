# SPDX-License-Identifier: MIT
# Windows i686 (32 bits) with clang, mingw-w64's headers and libraries, and gcc's libgcc.
set(mingw i686-w64-mingw32)
set(mingw_compiler clang)
include("${CMAKE_CURRENT_LIST_DIR}/mingw-w64.cmake")
