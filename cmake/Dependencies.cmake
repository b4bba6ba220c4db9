# What Winnow is built on. All of it is packaged by Debian 12; tools/install-dependencies has the list.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(GTest REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(RocksDB REQUIRED)
find_package(simdjson REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(hwy REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(openblas REQUIRED IMPORTED_TARGET openblas)
find_path(WINNOW_EIGEN_DIR Eigen/Core PATH_SUFFIXES eigen3 REQUIRED)
find_path(WINNOW_TOMLPLUSPLUS_DIR toml++/toml.h REQUIRED)
find_path(WINNOW_BOOST_DIR boost/asio.hpp REQUIRED)

add_library(winnow_eigen INTERFACE)
target_include_directories(winnow_eigen SYSTEM INTERFACE ${WINNOW_EIGEN_DIR})
