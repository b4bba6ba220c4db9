// What can be recommended.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/result.h"

namespace winnow {

inline constexpr double kMaxDurationS = 1e12;
inline constexpr double kMaxPrice = 1e15;

struct Item {
  std::string id;
  std::string title;
  std::string description;
  std::vector<std::string> categories;  // up to 64
  std::vector<std::string> tags;        // up to 256
  std::string creator;                  // channel, author, brand: what a user can follow
  TimestampMs created_ms = 0;           // 0: unknown
  double duration_s = 0;                // 0: unknown or not a recording; up to kMaxDurationS
  double price = 0;                     // up to kMaxPrice
  bool available = true;
  std::vector<std::string> regions;  // ISO country codes where it may be shown; empty: everywhere
  std::map<std::string, std::string> attributes;  // free: name -> JSON value as text
  friend bool operator==(const Item&, const Item&) = default;
};

// Categories and creators are compared by the 64-bit hash of their name, so that columns and counters hold
// numbers; the names themselves stay with the items.
using NameKey = std::uint64_t;
inline NameKey name_key(std::string_view name) { return hash64(name); }

// What counters and features read of an item. The categories belong to whoever made the value.
struct ItemTraits {
  std::span<const NameKey> categories;
  NameKey creator = 0;         // 0: none
  TimestampMs created_ms = 0;  // 0: unknown
  float duration_s = 0;        // 0: unknown or not a recording
};

// The first rule the item breaks, with its field.
Status validate(const Item& item);

}  // namespace winnow
