// The rows that an import could not use, for people to look at and mend: one JSON object a line,
//
//   {"file":"ratings.csv","line":12,"field":"timestamp","reason":"timestamp is \"soon\":
//   ...","row":"1,2,5,soon"}
//
// `field` is missing where no single one is to blame; `row` holds at most kMaxRejectedRowBytes of the row. An
// import that goes on where an earlier one stopped keeps what that one wrote about rows it will not read
// again, and nothing else, so that every rejected row stands here once.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "adapters/files/rejection.h"
#include "base/result.h"

namespace winnow {

class RejectsFile final {
 public:
  // By file: rows on lines before this one were dealt with by an earlier import.
  using DoneLines = std::map<std::string, std::uint64_t>;

  // Leaves no file behind while there is nothing to say.
  static Result<RejectsFile> open(const std::filesystem::path& path, const DoneLines& done);

  // On return the operating system has it: it outlives this process, though not a loss of power.
  Status add(const std::vector<Rejection>& rejections);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  explicit RejectsFile(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace winnow
