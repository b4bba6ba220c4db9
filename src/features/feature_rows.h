// What a FeatureFrame is filled with, looked up item by item.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "features/feature_frame.h"

namespace winnow {

struct FeatureRows {
  std::vector<PastItem> past;
  std::vector<ItemTraits> traits;      // by candidate
  std::vector<ItemActivity> activity;  // by candidate
};

// look(ItemIndex) -> PastItem. O(candidates).
template <class Look>
FeatureRows feature_rows(std::span<const Interaction> history, std::span<const ItemIndex> items,
                         const Look& look) {
  FeatureRows out;
  const std::size_t past = std::min(history.size(), FeatureInputs::kPastItems);
  out.past.reserve(past);
  for (const Interaction& interaction : history.last(past)) out.past.push_back(look(interaction.item));
  out.traits.reserve(items.size());
  out.activity.reserve(items.size());
  for (const ItemIndex item : items) {
    const PastItem found = look(item);
    out.traits.push_back(found.traits);
    out.activity.push_back(found.activity);
  }
  return out;
}

}  // namespace winnow
