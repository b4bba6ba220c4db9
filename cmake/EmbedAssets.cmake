# winnow_embed_dashboard(TARGET): builds web/ into web/dist when it is missing or stale, and compiles its files into
# TARGET as dashboard_files() (apps/winnow/dashboard/dashboard.h).
#
# Node and npm are wanted, not needed: without them, or without a way to fetch packages, the binary is built with a page
# that says how to add the dashboard. This file is both the function and, run by `cmake -P`, the step that it adds.

if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(WINNOW_EMBED_ASSETS ${CMAKE_CURRENT_LIST_FILE})
  option(WINNOW_BUILD_DASHBOARD "Build web/ with npm; OFF embeds web/dist as it is" ON)

  function(winnow_embed_dashboard target)
    set(web ${CMAKE_SOURCE_DIR}/web)
    set(fallback ${CMAKE_CURRENT_SOURCE_DIR}/dashboard/missing.html)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/dashboard_files.cc)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${web}/src/* ${web}/static/* ${web}/tools/*)
    list(FILTER sources EXCLUDE REGEX "\\.test\\.ts$")
    foreach(name IN ITEMS package.json package-lock.json tsconfig.json)
      if(EXISTS ${web}/${name})
        list(APPEND sources ${web}/${name})
      endif()
    endforeach()
    find_program(WINNOW_NPM npm)
    set(npm ${WINNOW_NPM})
    if(NOT WINNOW_BUILD_DASHBOARD)
      set(npm "")
    endif()
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} "-DWEB=${web}" "-DSOURCES=${sources}" "-DNPM=${npm}" "-DFALLBACK=${fallback}"
              "-DOUTPUT=${output}" "-DLOCK=${CMAKE_SOURCE_DIR}/build/.dashboard-lock" -P ${WINNOW_EMBED_ASSETS}
      DEPENDS ${sources} ${fallback} ${WINNOW_EMBED_ASSETS}
      COMMENT "Embedding the dashboard"
      VERBATIM)
    target_sources(${target} PRIVATE ${output})
  endfunction()
  return()
endif()

cmake_minimum_required(VERSION 3.25)

# Runs npm in web/; fails the build with what npm said, or only warns when `optional`.
function(run_npm optional result)
  execute_process(COMMAND ${NPM} ${ARGN} WORKING_DIRECTORY ${WEB} RESULT_VARIABLE status OUTPUT_VARIABLE output
                  ERROR_VARIABLE output)
  set(${result} ${status} PARENT_SCOPE)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " words)
    if(optional)
      message(WARNING "npm ${words} failed in web/; building without the dashboard.\n${output}")
    else()
      message(FATAL_ERROR "npm ${words} failed in web/:\n${output}")
    endif()
  endif()
endfunction()

function(build_dashboard)
  set(index ${WEB}/dist/index.html)
  set(stale FALSE)
  foreach(source IN LISTS SOURCES)
    if("${source}" IS_NEWER_THAN "${index}")  # also when there is no index yet
      set(stale TRUE)
    endif()
  endforeach()
  if(NOT stale OR NOT EXISTS ${WEB}/package.json)
    return()
  endif()
  if(NOT NPM)
    message(STATUS "npm was not found: building without the dashboard (tools/install-dependencies installs it)")
    return()
  endif()
  if("${WEB}/package-lock.json" IS_NEWER_THAN "${WEB}/node_modules/.package-lock.json")
    run_npm(TRUE status ci --no-audit --no-fund --loglevel=error)
    if(NOT status EQUAL 0)
      return()
    endif()
  endif()
  run_npm(FALSE status run --silent build)
endfunction()

# The file's bytes as one C++ string literal.
function(literal_of path result)
  file(READ ${path} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${hex}")
  set(${result} "\"${escaped}\"" PARENT_SCOPE)
endfunction()

file(LOCK ${LOCK} TIMEOUT 600)  # several build folders share web/dist
build_dashboard()

set(entries "")
if(EXISTS ${WEB}/dist/index.html)
  file(GLOB_RECURSE files RELATIVE ${WEB}/dist ${WEB}/dist/*)
  set(folder ${WEB}/dist)
else()
  get_filename_component(folder ${FALLBACK} DIRECTORY)
  get_filename_component(files ${FALLBACK} NAME)
endif()
list(SORT files)
foreach(name IN LISTS files)
  file(SIZE ${folder}/${name} size)
  set(path "/${name}")
  if(name STREQUAL "missing.html")
    set(path "/index.html")
  endif()
  literal_of(${folder}/${name} literal)
  string(APPEND entries "    {\"${path}\", std::string_view(${literal},\n     ${size})},\n")
endforeach()

file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[// Written by cmake/EmbedAssets.cmake from web/dist. Do not edit.
#include "winnow/dashboard/dashboard.h"

namespace winnow {
namespace {

constexpr EmbeddedFile kFiles[] = {
@entries@};

}  // namespace

std::span<const EmbeddedFile> dashboard_files() { return kFiles; }

}  // namespace winnow
]])
