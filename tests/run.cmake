# SPDX-License-Identifier: MIT
# Runs one test program for ctest:
#   cmake -DPROGRAM=<exe> [-DEMULATOR=<wine>] [-DENVIRONMENT=<file>] [-DSKIP=<file>] [-DTIMEOUT=<s>]
#     [-DNICE=<n>] [-DPARALLEL=ON] -P run.cmake
# ENVIRONMENT is a file of NAME=value lines that tests/servers/start wrote. SKIP is a file that, when it
# is there, says why the program cannot run on this machine. NICE is for ci/wine. PARALLEL: on all processors.
# A run without cmocka's closing line has failed: Wine exits with 0 for a program that it cannot load.

if(DEFINED SKIP AND EXISTS "${SKIP}")
  file(READ "${SKIP}" reason)
  string(STRIP "${reason}" reason)
  if("$ENV{CI}" STREQUAL "true")
    message(FATAL_ERROR "Cannot run, and may not be skipped under CI=true: ${reason}")
  endif()
  message("test program skipped: ${reason}")
  return()
endif()

if(DEFINED ENVIRONMENT AND "$ENV{CI}" STREQUAL "true")
  set(ENV{TIN_TEST_REQUIRE} 1) # a server that is missing is then a failure
endif()
if(DEFINED ENVIRONMENT AND EXISTS "${ENVIRONMENT}")
  file(STRINGS "${ENVIRONMENT}" lines)
  foreach(line IN LISTS lines)
    string(FIND "${line}" "=" end)
    string(SUBSTRING "${line}" 0 ${end} name)
    math(EXPR begin "${end} + 1")
    string(SUBSTRING "${line}" ${begin} -1 value)
    set(ENV{${name}} "${value}")
  endforeach()
endif()

if(DEFINED NICE)
  set(ENV{TIN_WINE_NICE} ${NICE})
endif()

if(PARALLEL)
  find_program(TASKSET taskset)
  cmake_host_system_information(RESULT processors QUERY NUMBER_OF_LOGICAL_CORES)
  math(EXPR last "${processors} - 1")
  if(TASKSET)
    set(EMULATOR ${TASKSET} -c 0-${last} ${EMULATOR})
  endif()
endif()

# The output goes through a file: Wine's own processes, which the program may have started, inherit it and
# would keep a pipe open after the program has ended.
set(log "${PROGRAM}.log")
execute_process(COMMAND ${EMULATOR} "${PROGRAM}" TIMEOUT ${TIMEOUT}
  RESULT_VARIABLE status OUTPUT_FILE "${log}" ERROR_FILE "${log}")
file(READ "${log}" output)
execute_process(COMMAND "${CMAKE_COMMAND}" -E cat "${log}")

if(NOT status EQUAL 0)
  message(FATAL_ERROR "The test program ended with: ${status}")
endif()
string(REGEX MATCHALL "\\[==========\\] Running [0-9]+ test" begun "${output}")
string(REGEX MATCHALL "\\[==========\\] [^\n]*[0-9]+ test\\(s\\) run" ended "${output}")
list(LENGTH begun begun)
list(LENGTH ended ended)
if(NOT output MATCHES "\\[ RUN      \\]")
  message(FATAL_ERROR "No test was run: the program could not be loaded, or has no tests")
elseif(NOT begun EQUAL ended)
  message(FATAL_ERROR "The test program ended in the middle of its tests")
elseif(NOT output MATCHES "\\[       OK \\]" AND output MATCHES "\\[  SKIPPED \\]")
  message("test program skipped: each of its tests was")
endif()
