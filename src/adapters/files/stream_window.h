// A window that moves over a stream: the unread bytes lie in one piece, and more are fetched when asked.
//
// The window is followed by kPaddingBytes of readable memory, as simdjson wants it. Memory stays within about
// twice the longest piece that anyone asks to see at once.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "adapters/files/byte_source.h"

namespace winnow {

// A place between two records, from which reading can go on another day.
struct Place {
  std::uint64_t offset = 0;  // unzipped bytes before it
  std::uint64_t line = 1;    // number of the line that begins here
  friend bool operator==(const Place&, const Place&) = default;
};

class StreamWindow final {
 public:
  static constexpr std::size_t kPaddingBytes = 64;

  explicit StreamWindow(ByteSource source, Place from = {})
      : source_(std::move(source)), buffer_(kChunkBytes + kPaddingBytes), place_(from) {}

  std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }
  Place place() const { return place_; }
  const ByteSource& source() const { return source_; }

  // Appends to the window; what unread() gave before is void. False at the end of the stream.
  Result<bool> grow() {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (buffer_.size() - kPaddingBytes - end_ < kChunkBytes / 2) buffer_.resize(2 * buffer_.size());
    WINNOW_TRY(const std::size_t n,
               source_.read({buffer_.data() + end_, buffer_.size() - kPaddingBytes - end_}));
    end_ += n;
    return n > 0;
  }

  // Moves past the first `bytes` unread bytes, which hold `lines` line ends.
  void consume(std::size_t bytes, std::uint64_t lines) {
    begin_ += bytes;
    place_.offset += bytes;
    place_.line += lines;
  }

 private:
  static constexpr std::size_t kChunkBytes = 256 << 10;
  ByteSource source_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  Place place_;
};

}  // namespace winnow
