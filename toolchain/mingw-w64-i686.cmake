# SPDX-License-Identifier: MIT
# Windows i686 (32 bits) with mingw-w64 gcc; programs run under Wine.
set(mingw i686-w64-mingw32)
include("${CMAKE_CURRENT_LIST_DIR}/mingw-w64.cmake")
