# SPDX-License-Identifier: MIT
# Do the headers, the porting guide and the tests speak of the same functions?
#   cmake -DSOURCE=<the project's folder> -P contract.cmake

cmake_policy(VERSION 3.21)
include(${CMAKE_CURRENT_LIST_DIR}/report.cmake)
set(failed FALSE)

# Reads a text so that it may be used in lists.
function(read_text file out)
  file(READ "${file}" text)
  string(REGEX REPLACE "[][;\\]" " " text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

function(read_texts out)
  set(all "")
  foreach(file IN LISTS ARGN)
    read_text("${file}" text)
    string(APPEND all "${text}\n")
  endforeach()
  set(${out} "${all}" PARENT_SCOPE)
endfunction()

# Every item must be a whole word of the text.
macro(expect_all test text_variable)
  set(missing "")
  foreach(item ${ARGN})
    if(NOT "${${text_variable}}" MATCHES "(^|[^A-Za-z0-9_])${item}($|[^A-Za-z0-9_])")
      list(APPEND missing ${item})
    endif()
  endforeach()
  report(${test} ${missing})
endmacro()

file(GLOB headers "${SOURCE}/include/thininet/*.h")
read_texts(all_header_text ${headers})
list(REMOVE_ITEM headers "${SOURCE}/include/thininet/tchar.h")
read_texts(header_text ${headers})
read_text("${SOURCE}/docs/porting-from-mfc.md" guide)
file(GLOB test_files "${SOURCE}/tests/test_*.c")
read_texts(test_text ${test_files})
list(FILTER test_files EXCLUDE REGEX "test_result\\.c$")
read_texts(other_test_text ${test_files})

# --- what there is ----------------------------------------------------------------------------------

set(functions "")
set(undocumented "")
string(REGEX MATCHALL "[^\n]*\nTIN_API[^(]*[ \n*]tin_[a-z0-9_]+\\(" declarations "${header_text}")
foreach(declaration IN LISTS declarations)
  string(REGEX MATCH "tin_[a-z0-9_]+\\($" name "${declaration}")
  string(REPLACE "(" "" name "${name}")
  list(APPEND functions ${name})
  if(NOT declaration MATCHES "^[^\n]*\\*/\n")
    list(APPEND undocumented ${name})
  endif()
endforeach()
set(narrow ${functions})
foreach(name IN LISTS functions)
  list(REMOVE_ITEM narrow ${name}_w)
endforeach()
string(REGEX MATCHALL "tin_[a-z0-9_]+" guide_names "${guide}")
list(REMOVE_DUPLICATES guide_names)
string(REGEX MATCHALL "X\\((TIN_[A-Z_]+)," error_rows "${header_text}")
string(REGEX MATCHALL "TIN_[A-Z_]+" errors "${error_rows}")
list(REMOVE_ITEM errors TIN_PENDING) # reserved
list(LENGTH functions function_count)
list(LENGTH errors error_count)
if(function_count LESS 20 OR error_count LESS 40)
  message(FATAL_ERROR "Only ${function_count} functions and ${error_count} errors were found in the headers")
endif()

# --- does it fit? -----------------------------------------------------------------------------------

set(mfc
  OpenURL GetHttpConnection GetFtpConnection GetGopherConnection SetOption QueryOption
  EnableStatusCallback OnStatusCallback GetContext SetCookie GetCookie GetCookieLength
  ServiceTypeFromHandle "operator HINTERNET" GetSession GetServerName OpenRequest AddRequestHeaders
  SendRequest SendRequestEx EndRequest QueryInfo QueryInfoStatusCode ErrorDlg GetVerb GetObject
  GetFileURL Read ReadString Write WriteString Seek GetLength SetReadBufferSize SetWriteBufferSize
  Flush Close Abort LockRange UnlockRange Duplicate SetLength SetCurrentDirectory
  GetCurrentDirectory GetCurrentDirectoryAsURL CreateDirectory RemoveDirectory Rename Remove PutFile
  GetFile OpenFile Command FindFile FindNextFile GetFileName GetCreationTime GetLastAccessTime
  GetLastWriteTime IsDirectory IsReadOnly IsHidden IsSystem IsTemporary IsNormal IsCompressed
  IsArchived GetFileTitle GetFilePath GetRoot IsDots MatchesMask m_dwError m_dwContext
  GetErrorMessage ReportError Delete AfxThrowInternetException AfxParseURL AfxParseURLEx
  AfxGetInternetHandleType InternetCanonicalizeUrl InternetCombineUrl InternetCreateUrl
  CInternetSession CInternetConnection CHttpConnection CHttpFile CInternetFile CFtpConnection
  CFtpFileFind CGopherConnection CGopherFile CGopherFileFind CGopherLocator CInternetException)

expect_all(every_member_of_mfc_is_in_the_guide guide ${mfc})
expect_all(every_function_is_in_the_guide guide ${narrow})
expect_all(every_name_of_the_guide_is_in_the_headers all_header_text ${guide_names})
report(every_function_is_documented ${undocumented})
# tchar.h has a generic name for each pair, and no other.
file(READ "${SOURCE}/include/thininet/tchar.h" tchar)
string(REGEX MATCHALL "#define tin_[a-z0-9_]+_t tin_[a-z0-9_]+" generic "${tchar}")
set(missing "")
foreach(name IN LISTS functions)
  if(name MATCHES "^(.*)_w$")
    foreach(target ${CMAKE_MATCH_1} ${name})
      if(NOT "#define ${CMAKE_MATCH_1}_t ${target}" IN_LIST generic)
        list(APPEND missing "${CMAKE_MATCH_1}_t ${target}")
      endif()
    endforeach()
  endif()
endforeach()
report(every_pair_has_its_generic_name ${missing})
string(REGEX REPLACE "#define tin_[a-z0-9_]+_t " "" generic "${generic}")
expect_all(every_generic_name_is_that_of_a_pair header_text ${generic})
expect_all(every_function_is_called_by_a_test test_text ${functions})
# what only frees is called where its block was made
read_text("${SOURCE}/tests/test_fuzz_arguments.c" fuzz)
set(missing "")
foreach(name IN LISTS narrow)
  set(row "ALONE\\(${name}\\)")
  if(${name}_w IN_LIST functions)
    set(row "TWINS\\(${name}\\)")
  endif()
  if(NOT fuzz MATCHES "${row}" AND NOT name MATCHES "^tin_free_")
    list(APPEND missing ${name})
  endif()
endforeach()
report(every_function_is_called_with_hostile_arguments ${missing})
expect_all(every_error_is_expected_by_a_test_of_another_subject other_test_text ${errors})

if(failed)
  message(FATAL_ERROR "The headers, the porting guide and the tests do not fit together")
endif()
