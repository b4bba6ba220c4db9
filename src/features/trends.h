// Trends: what the whole audience does, as of one moment. Built by the speed layer, immutable, pinned by
// requests.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "domain/item.h"

namespace winnow {

struct ScoredItem {
  ItemIndex item = kNoItem;
  float score = 0;
  friend bool operator==(const ScoredItem&, const ScoredItem&) = default;
};

struct Trends {
  TimestampMs as_of_ms = 0;          // time of the newest event
  std::vector<float> popularity;     // by item index: decayed, smoothed count of positives; >= 0
  std::vector<ScoredItem> popular;   // each list in order of falling score
  std::vector<ScoredItem> trending;  // rising fastest against their own past
  std::vector<ScoredItem> newest;    // score: freshness, from 1 for the newest item down to 0
  std::unordered_map<NameKey, std::vector<ScoredItem>> by_category;
  std::unordered_map<NameKey, std::vector<ScoredItem>> by_country;
  std::unordered_map<NameKey, std::vector<ScoredItem>> trending_by_category;

  float popularity_of(ItemIndex item) const {
    return row(item) < popularity.size() ? popularity[row(item)] : 0.0f;
  }
};

}  // namespace winnow
