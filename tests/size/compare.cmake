# SPDX-License-Identifier: MIT
#   cmake -DRAW=<exe> -DOURS=<exe> -DLIMIT=<bytes> -P compare.cmake
message("[ RUN      ] thininet_adds_little_to_a_program")
file(SIZE "${RAW}" raw)
file(SIZE "${OURS}" ours)
math(EXPR growth "${ours} - ${raw}")
message("over raw WinInet: ${raw} bytes; over thininet: ${ours} bytes, which is ${growth} more of at most ${LIMIT}")
if(growth GREATER LIMIT)
  message("[  FAILED  ] thininet_adds_little_to_a_program")
  message(FATAL_ERROR "The program has grown too much")
endif()
message("[       OK ] thininet_adds_little_to_a_program")
