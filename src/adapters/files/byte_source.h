// The bytes of a file from front to back, unzipped on the way when the file begins as gzip does.
//
// Gzip (RFC 1952) is told by its two magic bytes, never by the name; several members in a row are one stream,
// as gzip itself has it. A file that ends inside a member, or fails its checksum, is corrupt.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "base/result.h"

namespace winnow {

class ByteSource final {
 public:
  // not_found names the path; a folder, pipe or device is invalid.
  static Result<ByteSource> open(const std::filesystem::path& path);
  ByteSource(ByteSource&&) noexcept;
  ByteSource& operator=(ByteSource&&) noexcept;
  ~ByteSource();

  // Fills from the front; fewer bytes than room only near the end, 0 at the end. `into` is not empty.
  Result<std::size_t> read(std::span<char> into);
  // Leaves out `bytes` unzipped bytes: a seek in a plain file, unzipping in a packed one. corrupt beyond the
  // end.
  Status skip(std::uint64_t bytes);

  // Of the file as it lies on disk, for progress bars.
  std::uint64_t file_bytes() const;
  std::uint64_t file_bytes_read() const;

 private:
  struct State;
  explicit ByteSource(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A number that stands for the file's whole content, wherever it lies and whatever it is called.
Result<std::uint64_t> fingerprint(const std::filesystem::path& path);

}  // namespace winnow
