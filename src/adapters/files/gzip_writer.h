// A gzip file written from front to back, with the SHA-256 of its bytes. The same text gives the same bytes:
// the header holds neither time nor name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace winnow {

class GzipWriter final {
 public:
  struct Closed {
    std::uint64_t bytes = 0;
    std::string sha256;
  };

  // Replaces a file that is there.
  static Result<GzipWriter> create(const std::filesystem::path& path);
  GzipWriter(GzipWriter&&) noexcept;
  GzipWriter& operator=(GzipWriter&&) noexcept;
  ~GzipWriter();  // without close(), what was written is no gzip file

  Status write(std::string_view text);  // exhausted when the disk is full
  // Ends the file and makes it durable. The last call.
  Result<Closed> close();

 private:
  struct State;
  explicit GzipWriter(std::unique_ptr<State> state);
  Status deflate(std::string_view text, bool last);
  std::unique_ptr<State> state_;
};

}  // namespace winnow
