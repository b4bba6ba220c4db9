// A row that could not be used, and why.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "adapters/files/row_reader.h"
#include "base/result.h"

namespace winnow {

struct Rejection {
  std::filesystem::path file;
  std::uint64_t line = 0;
  Error error;
  std::string row;  // the front of it, as UTF-8 and without control characters
};

inline constexpr std::size_t kMaxRejectedRowBytes = 1024;

Rejection rejection_of(const std::filesystem::path& file, const Row& row, Error error);

}  // namespace winnow
