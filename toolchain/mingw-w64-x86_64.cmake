# SPDX-License-Identifier: MIT
# Windows x86_64 with mingw-w64 gcc; programs run under Wine.
set(mingw x86_64-w64-mingw32)
include("${CMAKE_CURRENT_LIST_DIR}/mingw-w64.cmake")
