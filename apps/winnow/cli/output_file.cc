#include "winnow/cli/output_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string>
#include <system_error>

namespace winnow {

Status check_output_file(std::string_view flag, const std::filesystem::path& file) {
  const auto wrong = [&](ErrorCode code, std::string_view why) {
    return Error{code, fmt::format("{} is \"{}\", {}", flag, file.string(), why), std::string(flag)};
  };
  std::error_code ignored;
  if (!file.has_filename() || std::filesystem::is_directory(file, ignored))
    return wrong(ErrorCode::invalid, "which is a folder: name a file in it");
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (!std::filesystem::is_directory(folder, ignored)) {
    return wrong(
        ErrorCode::not_found,
        fmt::format("and there is no folder {}: make it, or name a file elsewhere", folder.string()));
  }
  if (::access(folder.c_str(), W_OK) != 0) {
    return wrong(ErrorCode::forbidden,
                 fmt::format("and {} is not yours to write to: name a file elsewhere", folder.string()));
  }
  return {};
}

}  // namespace winnow
