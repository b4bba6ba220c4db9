# winnow_room(NAME DEPS...): one folder, one library, one test program.
#
# Every *.cc below the calling folder belongs to the library `winnow_NAME`, except *_test.cc, which
# form the program `winnow_NAME_test`. Test helpers shared by several rooms are headers.
#
#   winnow_room(events DEPS winnow_domain TEST_DEPS winnow_testing)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(WINNOW_WERROR "Treat warnings as errors" ON)
option(WINNOW_FUZZ "Build the fuzzers (clang only)" OFF)
set(WINNOW_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")

add_library(winnow_options INTERFACE)
target_include_directories(winnow_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(winnow_options INTERFACE -Wall -Wextra -Wshadow -Wno-missing-field-initializers)
if(WINNOW_WERROR)
  target_compile_options(winnow_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside its own headers when -O2 inlines std::string.
  target_compile_options(winnow_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow
                         -Wno-array-bounds)
else()
  target_compile_options(winnow_options INTERFACE -Wthread-safety)
endif()
if(WINNOW_SANITIZE)
  target_compile_options(winnow_options INTERFACE -fsanitize=${WINNOW_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(winnow_options INTERFACE -fsanitize=${WINNOW_SANITIZE})
endif()

find_program(WINNOW_MOLD mold)
if(WINNOW_MOLD)
  target_link_options(winnow_options INTERFACE -fuse-ld=mold)
endif()
find_program(WINNOW_CCACHE ccache)
if(WINNOW_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${WINNOW_CCACHE})
endif()

function(winnow_room name)
  cmake_parse_arguments(ROOM "" "" "DEPS;PRIVATE_DEPS;TEST_DEPS;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  foreach(excluded IN LISTS ROOM_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX ${excluded})
  endforeach()
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")

  if(sources)
    add_library(winnow_${name} STATIC ${sources})
    target_link_libraries(winnow_${name} PUBLIC winnow_options ${ROOM_DEPS} PRIVATE ${ROOM_PRIVATE_DEPS})
  else()
    add_library(winnow_${name} INTERFACE)
    target_link_libraries(winnow_${name} INTERFACE winnow_options ${ROOM_DEPS} ${ROOM_PRIVATE_DEPS})
  endif()

  if(tests)
    add_executable(winnow_${name}_test ${tests})
    target_link_libraries(winnow_${name}_test PRIVATE winnow_${name} ${ROOM_TEST_DEPS} GTest::gmock GTest::gtest_main)
    target_compile_definitions(winnow_${name}_test PRIVATE WINNOW_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND winnow_${name}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 900)
  endif()
endfunction()
