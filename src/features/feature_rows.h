// What a FeatureFrame is filled with, looked up item by item.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "features/feature_frame.h"

namespace winnow {

struct FeatureRows {
  std::vector<PastItem> past;
  std::vector<ItemTraits> traits;      // by candidate
  std::vector<ItemActivity> activity;  // by candidate
};

// look(ItemIndex) -> PastItem; what look.prefetch(ItemIndex) fetches, where there is such a thing, is asked
// for some items ahead. described: as in FeatureInputs; the other rows say nothing. O(described).
template <class Look>
FeatureRows feature_rows(std::span<const Interaction> history, std::span<const ItemIndex> items,
                         const Look& look, std::span<const std::uint32_t> described = {}) {
  FeatureRows out;
  const std::size_t past = std::min(history.size(), FeatureInputs::kPastItems);
  out.past.reserve(past);
  for (const Interaction& interaction : history.last(past)) out.past.push_back(look(interaction.item));
  out.traits.resize(items.size());
  out.activity.resize(items.size());
  const auto describe = [&](std::size_t count, const auto& row_at) {
    constexpr std::size_t kAhead = 8;
    for (std::size_t i = 0; i < count; ++i) {
      if constexpr (requires { look.prefetch(ItemIndex{}); }) {
        if (i + kAhead < count) look.prefetch(items[row_at(i + kAhead)]);
      }
      const std::size_t row = row_at(i);
      const PastItem found = look(items[row]);
      out.traits[row] = found.traits;
      out.activity[row] = found.activity;
    }
  };
  if (described.empty()) {
    describe(items.size(), [](std::size_t i) { return i; });
  } else {
    describe(described.size(), [&](std::size_t i) { return described[i]; });
  }
  return out;
}

}  // namespace winnow
