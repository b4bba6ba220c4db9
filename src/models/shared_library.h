// Libraries that are loaded at run time where they are there: Winnow neither links nor ships them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace winnow {

struct LibrarySearch {
  std::filesystem::path given;           // when not empty, nothing else is tried
  const char* variable = "";             // of the environment; when set, the only file that is tried
  std::vector<std::string> names;        // where the loader looks
  std::filesystem::path python_package;  // within site-packages, of VIRTUAL_ENV, /usr/local or /usr
  std::string_view python_file;          // its name begins so
  std::string_view remedy;               // what an error advises
  std::string field;                     // of the error
};

// A handle for dlsym; it stays loaded until the program ends, since its threads do. unavailable with the
// remedy.
Result<void*> load_library(const LibrarySearch& search);

}  // namespace winnow
