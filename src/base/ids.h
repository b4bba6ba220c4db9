// Dense internal ids. External ids are strings; a dense id is a row number, given out by the catalogue,
// stable for the life of a store and never used again for something else.
#pragma once

#include <cstddef>
#include <cstdint>

namespace winnow {

enum class ItemIndex : std::uint32_t {};

inline constexpr ItemIndex kNoItem{0xFFFFFFFFu};

// External ids of users, items, sessions and events: any UTF-8, 1 to 256 bytes, no control characters.
inline constexpr std::size_t kMaxIdBytes = 256;

constexpr std::uint32_t row(ItemIndex item) { return static_cast<std::uint32_t>(item); }

}  // namespace winnow
