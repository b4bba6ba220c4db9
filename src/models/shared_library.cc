#include "models/shared_library.h"

#include <dlfcn.h>

#include <cstdlib>

namespace winnow {
namespace {

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets it
  return value == nullptr ? std::string_view() : value;
}

// What pip has installed below a prefix, in any Python's folder.
void add_python_files(const std::filesystem::path& prefix, const LibrarySearch& search,
                      std::vector<std::filesystem::path>& out) {
  std::error_code ignored;
  for (const auto& python : std::filesystem::directory_iterator(prefix / "lib", ignored)) {
    for (const char* packages : {"site-packages", "dist-packages"}) {
      const auto folder = python.path() / packages / search.python_package;
      for (const auto& file : std::filesystem::directory_iterator(folder, ignored)) {
        if (file.path().filename().string().starts_with(search.python_file)) out.push_back(file.path());
      }
    }
  }
}

std::vector<std::filesystem::path> places(const LibrarySearch& search) {
  if (!search.given.empty()) return {search.given};
  if (const auto named = environment(search.variable); !named.empty()) return {named};
  std::vector<std::filesystem::path> out(search.names.begin(), search.names.end());
  if (const auto prefix = environment("VIRTUAL_ENV"); !prefix.empty()) add_python_files(prefix, search, out);
  for (const char* prefix : {"/usr/local", "/usr"}) add_python_files(prefix, search, out);
  return out;
}

}  // namespace

Result<void*> load_library(const LibrarySearch& search) {
  std::string said;
  for (const auto& place : places(search)) {
    if (void* const library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL); library != nullptr)
      return library;
    said = dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it by thread
  }
  return Error{ErrorCode::unavailable, said + "; " + std::string(search.remedy), search.field};
}

}  // namespace winnow
