# SPDX-License-Identifier: MIT
# find_package(thininet [0.1] [COMPONENTS static|shared])
#   thininet::static    the static library, when it is installed
#   thininet::shared    the DLL, when it is installed
#   thininet::thininet  one of them: the component, when there is only one; else the DLL with BUILD_SHARED_LIBS
#                       and the static library without; else what is installed

foreach(_thininet_kind static shared)
  include("${CMAKE_CURRENT_LIST_DIR}/thininet-${_thininet_kind}.cmake" OPTIONAL)
endforeach()

foreach(_thininet_kind IN LISTS thininet_FIND_COMPONENTS)
  if(_thininet_kind MATCHES "^(static|shared)$" AND TARGET thininet::${_thininet_kind})
    set(thininet_${_thininet_kind}_FOUND TRUE)
  elseif(thininet_FIND_REQUIRED_${_thininet_kind})
    set(thininet_FOUND FALSE)
    set(thininet_NOT_FOUND_MESSAGE "thininet is installed without its component ${_thininet_kind}")
    return()
  endif()
endforeach()

if(NOT TARGET thininet::thininet)
  if(thininet_FIND_COMPONENTS MATCHES "^(static|shared)$")
    set(_thininet_kind ${thininet_FIND_COMPONENTS})
  elseif(BUILD_SHARED_LIBS)
    set(_thininet_kind shared)
  else()
    set(_thininet_kind static)
  endif()
  if(NOT TARGET thininet::${_thininet_kind} AND _thininet_kind STREQUAL static)
    set(_thininet_kind shared)
  elseif(NOT TARGET thininet::${_thininet_kind})
    set(_thininet_kind static)
  endif()
  add_library(thininet::thininet ALIAS thininet::${_thininet_kind})
endif()
unset(_thininet_kind)
