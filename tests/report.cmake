# SPDX-License-Identifier: MIT
# One test of a script, in cmocka's words: report(<test> [<what is wrong or missing>...]); then failed is TRUE.
function(report test)
  message("[ RUN      ] ${test}")
  if(ARGN)
    list(JOIN ARGN "\n  " wrong)
    message("  ${wrong}")
    message("[  FAILED  ] ${test}")
    set(failed TRUE PARENT_SCOPE)
  else()
    message("[       OK ] ${test}")
  endif()
endfunction()
