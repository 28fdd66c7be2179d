# SPDX-License-Identifier: MIT
# Windows x86_64 with clang, mingw-w64's headers and libraries, and gcc's libgcc.
set(mingw x86_64-w64-mingw32)
set(mingw_compiler clang)
include("${CMAKE_CURRENT_LIST_DIR}/mingw-w64.cmake")
