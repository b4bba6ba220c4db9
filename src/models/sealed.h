// Files with a checksum at their end: model files travel between programs and machines.
#pragma once

#include <string>
#include <string_view>

#include "base/hash.h"
#include "models/encoding.h"

namespace winnow {

// All that was written, then its hash64.
inline std::string sealed(ByteWriter out) {
  out.fixed(hash64(out.bytes()));
  return out.take();
}

// A reader behind the frame (encoding.h) of sealed bytes. corrupt when the checksum differs.
inline Result<ByteReader> open_sealed(std::string_view bytes, std::string_view tag, std::uint32_t version,
                                      std::string_view name) {
  if (bytes.size() < sizeof(std::uint64_t)) return corrupt_model(name);
  const std::string_view body = bytes.substr(0, bytes.size() - sizeof(std::uint64_t));
  ByteReader checksum(bytes.substr(body.size()));
  if (checksum.fixed<std::uint64_t>() != hash64(body)) return corrupt_model(name);
  return open_model(body, tag, version, name);
}

}  // namespace winnow
