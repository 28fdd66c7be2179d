# SPDX-License-Identifier: MIT
# cmake --install. The static library and the DLL may come from one build or from two, into one folder or
# into two. Nothing that is installed knows where: the folder may be moved.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/thininet)
set(generated_dir ${CMAKE_CURRENT_BINARY_DIR}/install)

foreach(each IN LISTS kinds)
  install(TARGETS thininet_${each} EXPORT thininet-${each}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT thininet-${each} NAMESPACE thininet:: DESTINATION ${package_dir})
endforeach()
install(DIRECTORY include/thininet DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})

# find_package(thininet)
write_basic_package_version_file(${generated_dir}/thininet-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/thininet-config.cmake ${generated_dir}/thininet-config-version.cmake DESTINATION ${package_dir})

# pkg-config
string(REPLACE ";" " -l" pc_system_libraries "-l${system_libraries}")
set(pc_dir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pc_prefix ${pc_dir} ${CMAKE_INSTALL_PREFIX})
file(RELATIVE_PATH pc_libdir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH pc_includedir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")
configure_file(cmake/thininet.pc.in ${generated_dir}/thininet.pc @ONLY)
install(FILES ${generated_dir}/thininet.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
