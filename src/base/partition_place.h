// std::partition_point without branches, for short ranges that are asked for one thing after another: which
// half is the right one is what no processor can foretell, and then most of the time.
#pragma once

#include <cstddef>
#include <span>

namespace winnow {

// The number of leading values that are before, all of them in front of those that are not. O(log values).
template <class T, class IsBefore>
constexpr std::size_t partition_place(std::span<const T> values, const IsBefore& is_before) {
  std::size_t place = 0;
  for (std::size_t size = values.size(); size > 0;) {
    const std::size_t half = (size + 1) / 2;
    place += is_before(values[place + half - 1]) ? half : 0;
    size -= half;
  }
  return place;
}

}  // namespace winnow
