# SPDX-License-Identifier: MIT
# One way to use thininet, for ctest:
#   cmake -DWAY=<way> -DSOURCE=... -DBUILD=... -DDIR=... [...] -P run.cmake
# WAY is install, choice, pkg_config, find_package, add_subdirectory or FetchContent; the programs run under
# EMULATOR, linked with the DLL when SHARED is ON.

cmake_policy(VERSION 3.21)
file(TO_CMAKE_PATH "${DIR}" DIR)
set(both ${DIR}/moved) # where install leaves what it installed
set(name ${WAY})
if(DEFINED SHARED)
  set(name ${WAY}_static)
  if(SHARED)
    set(name ${WAY}_dll)
  endif()
endif()
set(work ${DIR}/${name})
set(programs consumer_c consumer_cpp)
if(WAY MATCHES "add_subdirectory|FetchContent")
  set(programs consumer_c) # the sources are thininet's, whoever uses them
endif()
message("[ RUN      ] ${name}")

function(fail)
  message("[  FAILED  ] ${name}")
  message(FATAL_ERROR ${ARGV})
endfunction()

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    fail("${output}\n${command} ended with: ${status}")
  endif()
endfunction()

# --- install: to one place, and then moved to another ---------------------------------------------------

function(install_and_move)
  set(first ${DIR}/first)
  file(REMOVE_RECURSE ${first} ${both} ${DIR}/static ${DIR}/shared)
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${first})
  foreach(file lib/libthininet.a lib/libthininet.dll.a bin/thininet.dll include/thininet/thininet.h
      lib/pkgconfig/thininet.pc share/doc/thininet/LICENSE)
    if(NOT EXISTS ${first}/${file})
      fail("${file} is not installed")
    endif()
  endforeach()
  file(GLOB texts ${first}/lib/cmake/thininet/* ${first}/lib/pkgconfig/*)
  foreach(text IN LISTS texts)
    file(READ ${text} content)
    foreach(path ${first} ${BUILD} ${SOURCE})
      string(FIND "${content}" "${path}" at)
      if(NOT at EQUAL -1)
        fail("${text} holds the path ${path}")
      endif()
    endforeach()
  endforeach()
  file(RENAME ${first} ${both})

  # what two builds would have installed, one with -DTHININET_BUILD_BOTH=OFF and each BUILD_SHARED_LIBS
  foreach(kind static shared)
    file(COPY ${both}/ DESTINATION ${DIR}/${kind})
  endforeach()
  file(GLOB no_static ${DIR}/shared/lib/libthininet.a ${DIR}/shared/lib/cmake/thininet/thininet-static*)
  file(GLOB no_shared ${DIR}/static/lib/libthininet.dll.a ${DIR}/static/bin ${DIR}/static/lib/cmake/thininet/thininet-shared*)
  file(REMOVE_RECURSE ${no_static} ${no_shared})
endfunction()

# --- building ---------------------------------------------------------------------------------------

# Anew where anything is another: what is installed, the project, this file or the tools. The same gives the same.
set(stamp ${work}/built-from.txt)

function(remove_what_is_out_of_date)
  set(from "${C_COMPILER} ${CXX_COMPILER} ${TOOLCHAIN} ${GENERATOR}\n")
  file(GLOB_RECURSE inputs ${both}/* ${SOURCE}/tests/consumer/project/*)
  list(FILTER inputs EXCLUDE REGEX "/share/doc/")
  foreach(input IN LISTS inputs ITEMS ${CMAKE_CURRENT_LIST_FILE})
    file(SHA256 ${input} hash)
    string(APPEND from "${hash} ${input}\n")
  endforeach()
  set(built_from "${from}" PARENT_SCOPE)

  set(before "")
  if(EXISTS ${stamp})
    file(READ ${stamp} before)
  endif()
  if(NOT before STREQUAL from)
    file(REMOVE_RECURSE ${work})
  endif()
endfunction()

function(build_with_make)
  set(options STATIC=1)
  if(SHARED)
    set(options "")
  endif()
  find_program(pkg_config NAMES pkgconf pkg-config)
  find_program(make NAMES make mingw32-make)
  if(NOT pkg_config OR NOT make)
    fail("pkg-config or make is missing: ci/setup installs them on Debian and Ubuntu")
  endif()
  file(MAKE_DIRECTORY ${work})
  run(${CMAKE_COMMAND} -E env PKG_CONFIG_LIBDIR=${both}/lib/pkgconfig ${make} -C ${work}
    -f ${SOURCE}/tests/consumer/project/Makefile CC=${C_COMPILER} CXX=${CXX_COMPILER} PKG_CONFIG=${pkg_config} ${options})
  if(SHARED)
    file(COPY ${both}/bin/thininet.dll DESTINATION ${work})
  endif()
endfunction()

function(build_with_cmake)
  set(type Release)
  if(NOT WAY STREQUAL find_package)
    set(type "") # the library is compiled as well, and that is quicker without optimizing
  endif()
  if(NOT EXISTS ${stamp}) # else only what the build finds
    run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE}/tests/consumer/project -B ${work} -DUSE=${WAY} -DBUILD_SHARED_LIBS=${SHARED}
      -DCMAKE_TOOLCHAIN_FILE=${TOOLCHAIN} -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER}
      -DCMAKE_BUILD_TYPE=${type} -DCMAKE_RUNTIME_OUTPUT_DIRECTORY=${work} -DCMAKE_PREFIX_PATH=${both}
      -DTHININET_SOURCE=${SOURCE} -DFETCHCONTENT_SOURCE_DIR_THININET=${SOURCE})
  endif()
  run(${CMAKE_COMMAND} --build ${work} --target ${programs})
endfunction()

function(choose)
  run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE}/tests/consumer/choice -B ${work} -DBITS=${BITS}
    -DBOTH=${both} -DSTATIC=${DIR}/static -DSHARED=${DIR}/shared)
endfunction()

# --- running ----------------------------------------------------------------------------------------

function(run_program program)
  execute_process(COMMAND ${OBJDUMP} -p ${work}/${program}.exe OUTPUT_VARIABLE dump COMMAND_ERROR_IS_FATAL ANY)
  set(uses_dll FALSE)
  if(dump MATCHES "DLL Name: thininet\\.dll")
    set(uses_dll TRUE)
  endif()
  if((SHARED AND NOT uses_dll) OR (NOT SHARED AND uses_dll))
    fail("${program} was linked with the wrong library")
  endif()
  if(DEFINED SKIP AND EXISTS "${SKIP}")
    file(STRINGS "${SKIP}" reason)
    if("$ENV{CI}" STREQUAL "true")
      fail("Cannot run, and may not be skipped under CI=true: ${reason}")
    endif()
    message("test program skipped: ${reason}")
    return()
  endif()

  # Through files, as in tests/run.cmake. Wine exits with 0 for a program that it cannot load.
  file(WRITE ${work}/hello.txt "hello from a file")
  set(log ${work}/${program}.log)
  execute_process(COMMAND ${EMULATOR} ${work}/${program}.exe hello.txt "hello from a file" TIMEOUT 30
    WORKING_DIRECTORY ${work} RESULT_VARIABLE status OUTPUT_FILE ${log} ERROR_FILE ${log})
  file(READ ${log} output)
  if(NOT status EQUAL 0 OR NOT output MATCHES "consumer ${VERSION}: it works")
    fail("${program} ended with: ${status}\n${output}")
  endif()
endfunction()

# ----------------------------------------------------------------------------------------------------

if(WAY STREQUAL install)
  install_and_move()
else()
  if(WAY STREQUAL choice)
    file(REMOVE_RECURSE ${work})
    choose()
  else()
    set(built_from "")
    if(NOT WAY MATCHES "add_subdirectory|FetchContent") # these compile the library: the build sees what is new
      remove_what_is_out_of_date()
    endif()
    if(WAY STREQUAL pkg_config)
      build_with_make()
    else()
      build_with_cmake()
    endif()
    foreach(program IN LISTS programs)
      run_program(${program})
    endforeach()
    if(built_from)
      file(WRITE ${stamp} "${built_from}")
    endif()
  endif()
endif()
message("[       OK ] ${name}")
