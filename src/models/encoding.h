// The frame that every encoded model starts with: a tag of four letters and a format version.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace winnow {

// tag: four bytes.
inline ByteWriter begin_model(std::string_view tag, std::uint32_t version) {
  WINNOW_CHECK(tag.size() == 4);
  ByteWriter out;
  out.raw(tag);
  out.fixed(version);
  return out;
}

inline Error corrupt_model(std::string_view name) {
  return {
      ErrorCode::corrupt,
      "the " + std::string(name) + " model is damaged; go back to the version before it, or train a new one",
      std::string(name)};
}

// A reader behind the frame. corrupt for another tag, unsupported for another version.
inline Result<ByteReader> open_model(std::string_view bytes, std::string_view tag, std::uint32_t version,
                                     std::string_view name) {
  ByteReader in(bytes);
  if (in.raw(4) != tag) return corrupt_model(name);
  const auto found = in.fixed<std::uint32_t>();
  if (in.failed()) return corrupt_model(name);
  if (found != version) {
    return Error{ErrorCode::unsupported,
                 "the " + std::string(name) + " model has format " + std::to_string(found) +
                     ", this release reads " + std::to_string(version) +
                     "; train a new one with this release",
                 std::string(name)};
  }
  return in;
}

}  // namespace winnow
