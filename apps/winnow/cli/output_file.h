// Whether a file that a flag names can be written, asked before the work whose result it takes.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace winnow {

// flag: "--out", named in errors. invalid where it is a folder; not_found and forbidden where its folder is
// not there, or not ours to write to.
Status check_output_file(std::string_view flag, const std::filesystem::path& file);

}  // namespace winnow
