# SPDX-License-Identifier: MIT
# Does the map of src/ in docs/how-it-works.md show the files that there are, and do they include what it says?
#   cmake -DSOURCE=<the project's folder> -P how_it_works.cmake

cmake_policy(VERSION 3.21)
include(${CMAKE_CURRENT_LIST_DIR}/report.cmake)
set(failed FALSE)

# --- the map: every `name` in the second column of the rows behind "<!-- files -->", with its floor -----------

file(READ ${SOURCE}/docs/how-it-works.md page)
string(FIND "${page}" "<!-- files -->" begin)
string(SUBSTRING "${page}" ${begin} -1 page)
string(REGEX REPLACE "\n\n.*" "" page "${page}")
string(REGEX MATCHALL "\n\\| [^|]*\\| [^|]* \\|" rows "${page}")
set(names "")
set(floor 0) # 1 is the top one; that of the table's head is not used
foreach(row IN LISTS rows)
  if(NOT row MATCHES "^\n\\| \\|")
    math(EXPR floor "${floor} + 1")
  endif()
  string(REGEX MATCHALL "`[a-z_*]+`" found "${row}")
  string(REPLACE "`" "" found "${found}")
  foreach(name IN LISTS found)
    list(APPEND names ${name})
    string(REPLACE "*" "[a-z_]+" pattern "${name}")
    set(floor_of_${name} ${floor})
    set(pattern_of_${name} "^${pattern}$")
  endforeach()
endforeach()

# --- the files --------------------------------------------------------------------------------------------

set(files "")
file(GLOB sources RELATIVE ${SOURCE}/src ${SOURCE}/src/*.[ch])
foreach(source IN LISTS sources)
  string(REGEX REPLACE "\\.[ch]$" "" file ${source})
  list(APPEND files ${file})
endforeach()
list(REMOVE_DUPLICATES files)
list(LENGTH files file_count)
list(LENGTH names name_count)
if(file_count LESS 20 OR name_count LESS 20)
  message(FATAL_ERROR "Only ${file_count} files and ${name_count} names were found")
endif()

# A name without * is a file; a file has one name, or falls under one with *.
set(without_file ${names})
list(FILTER without_file EXCLUDE REGEX "\\*")
list(REMOVE_ITEM without_file ${files})
set(without_name "")
foreach(file IN LISTS files)
  if(NOT DEFINED floor_of_${file})
    foreach(name IN LISTS names)
      if(file MATCHES "${pattern_of_${name}}")
        set(floor_of_${file} ${floor_of_${name}})
      endif()
    endforeach()
  endif()
  if(NOT DEFINED floor_of_${file})
    list(APPEND without_name ${file})
  endif()
endforeach()
report(every_file_of_src_is_on_the_map ${without_name})
report(every_name_on_the_map_is_a_file_of_src ${without_file})

# --- what they include --------------------------------------------------------------------------------------

set(upward "")
set(include_count 0)
list(REMOVE_ITEM sources internal.h) # all of them, for tests
foreach(source IN LISTS sources)
  string(REGEX REPLACE "\\.[ch]$" "" file ${source})
  file(STRINGS ${SOURCE}/src/${source} includes REGEX "^#include \"[a-z_]+\\.h\"")
  foreach(include IN LISTS includes)
    string(REGEX REPLACE "^#include \"([a-z_]+)\\.h\".*" "\\1" included "${include}")
    math(EXPR include_count "${include_count} + 1")
    if("${floor_of_${included}}" LESS "${floor_of_${file}}" OR included STREQUAL "internal")
      list(APPEND upward "${source} includes ${included}.h")
    endif()
  endforeach()
endforeach()
if(include_count LESS 40)
  message(FATAL_ERROR "Only ${include_count} #include lines were found")
endif()
report(no_file_of_src_includes_what_is_above_it ${upward})

if(failed)
  message(FATAL_ERROR "docs/how-it-works.md and src/ do not fit together")
endif()
