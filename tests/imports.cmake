# SPDX-License-Identifier: MIT
# Every function of the system that the library calls fails in some test, or is listed here with the reason
# why it need not:
#   cmake -DNM=<nm> -DARCHIVE=<libthininet.a> -DTESTS=<folder> -P imports.cmake

cmake_policy(VERSION 3.21)
include(${CMAKE_CURRENT_LIST_DIR}/report.cmake)

# By a test of its subject, which has TIN_WRAP(<function>).
set(fails_in_test_cookie InternetGetCookieExW InternetSetCookieExW)
set(fails_in_test_http_query InternetErrorDlg)
set(fails_in_test_download SetEndOfFile SetFilePointerEx)

# They say what they were given, or that it is malformed, which tests of the text provoke.
set(depends_on_arguments_only CompareStringOrdinal FileTimeToSystemTime IdnToAscii InetNtopW InetPtonW
  MultiByteToWideChar SystemTimeToFileTime WideCharToMultiByte _snprintf _snwprintf _wcsicmp _wcsnicmp)
# By Microsoft's documentation they have no way to fail; that of sleeping is the deadline, which tests let pass.
set(cannot_fail AcquireSRWLockExclusive AcquireSRWLockShared CallbackMayRunLong GetLastError GetSystemTime
  GetCurrentThreadId GetTickCount64 ReleaseSRWLockExclusive ReleaseSRWLockShared SetLastError
  SleepConditionVariableSRW TlsGetValue TlsSetValue WakeAllConditionVariable)
# The result has failed already, or the call was given up: nothing could be done about one more failure.
set(is_tidying_up CancelIoEx DeleteFileW InternetCloseHandle SetFileAttributesW)
# Of memory that was had a moment before, where two threads open the first handle.
set(is_of_our_own VirtualFree)

set(reasons fails_in_test_cookie fails_in_test_http_query fails_in_test_download depends_on_arguments_only cannot_fail is_tidying_up is_of_our_own)
set(wrong "")

execute_process(COMMAND ${NM} -u ${ARCHIVE} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "__imp_[^\n\r]+" imports "${symbols}")
list(REMOVE_DUPLICATES imports)
set(called "")
foreach(import IN LISTS imports)
  string(REGEX REPLACE "@[0-9]+$" "" name "${import}")
  if(NOT name STREQUAL import OR symbols MATCHES " __imp__GetLastError@0") # i686 puts a _ before each name
    string(REGEX REPLACE "^__imp__" "" name "${name}")
  else()
    string(REGEX REPLACE "^__imp_" "" name "${name}")
  endif()
  list(APPEND called ${name})
endforeach()
list(LENGTH called count)
if(count LESS 50)
  message(FATAL_ERROR "Only ${count} functions of the system were found in ${ARCHIVE}")
endif()

file(READ ${TESTS}/support/fake_wininet.h text)
string(REGEX MATCHALL "X\\([A-Za-z]+\\)" rows "${text}")
string(REGEX REPLACE "X\\(([A-Za-z]+)\\)" "\\1" injected "${rows}")

foreach(name IN LISTS called)
  set(known FALSE)
  if(name IN_LIST injected)
    set(known TRUE)
  endif()
  foreach(reason IN LISTS reasons)
    if(name IN_LIST ${reason})
      set(known TRUE)
    endif()
  endforeach()
  if(NOT known)
    list(APPEND wrong "${name} is called, and no test lets it fail: see FAKE_FUNCTION_MAP")
  endif()
endforeach()
foreach(name IN LISTS injected)
  if(NOT name IN_LIST called)
    list(APPEND wrong "${name} fails in test_injected, but the library does not call it")
  endif()
endforeach()
foreach(reason IN LISTS reasons)
  foreach(name IN LISTS ${reason})
    if(NOT name IN_LIST called AND NOT name MATCHES "SRWLock")
      list(APPEND wrong "${name} is listed (${reason}), but the library does not call it")
    endif()
    if(name IN_LIST injected)
      list(APPEND wrong "${name} is listed (${reason}), and fails in test_injected")
    endif()
    if(reason MATCHES "^fails_in_(.*)")
      file(READ ${TESTS}/${CMAKE_MATCH_1}.c text)
      if(NOT text MATCHES "TIN_WRAP\\(${name}\\)")
        list(APPEND wrong "${CMAKE_MATCH_1}.c does not replace ${name}")
      endif()
    endif()
  endforeach()
endforeach()

message("${count} functions")
report(every_function_of_the_system_fails_in_some_test ${wrong})
if(failed)
  message(FATAL_ERROR "imports")
endif()
