// XXH3 hashes: checksums of files and records, shard choice, keys that must not spell out an id.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace winnow {

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
  // 16 bytes, big-endian: sorts like the number, usable as a store key.
  std::array<char, 16> bytes() const;
};

Hash128 hash128(std::string_view bytes);

// For unordered containers keyed by std::string that are looked up by string_view.
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view s) const { return hash64(s); }
};

}  // namespace winnow

template <>
struct std::hash<winnow::Hash128> {
  std::size_t operator()(const winnow::Hash128& h) const noexcept { return h.low; }
};
