// Trends: what the whole audience does, as of one moment. Built by the speed layer, immutable, pinned by
// requests.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/partition_place.h"
#include "domain/event.h"
#include "domain/item.h"
#include "math/aligned.h"

namespace winnow {

struct ScoredItem {
  ItemIndex item = kNoItem;
  float score = 0;
  friend bool operator==(const ScoredItem&, const ScoredItem&) = default;
};

// What requests and features read of an item: its counters as of the newest event.
struct ItemActivity {
  float popularity = 0;  // decayed positives x smoothed rate
  float fast = 0;        // decayed numbers of positives
  float slow = 0;
  float velocity = 0;  // standard deviations by which the fast rate exceeds the slow one
  float rate = 0;      // positives among positives and negatives, smoothed
  float positives = 0;
  float negatives = 0;
  float impressions = 0;
  friend bool operator==(const ItemActivity&, const ItemActivity&) = default;
};

struct Trends {
  LogPosition position = 0;           // of the event log: what they know
  TimestampMs as_of_ms = 0;           // time of the newest event
  HugeVector<ItemActivity> activity;  // by item index
  ItemActivity of_others;             // of an item that was not there yet
  std::vector<ScoredItem> popular;    // each list in order of falling score
  std::vector<ScoredItem> trending;   // rising fastest against their own past
  std::vector<ScoredItem> newest;     // score: freshness, from 1 for the newest item down to 0
  // By item: what rises within the last hour against its own day. Score: standard deviations, above 1.
  std::vector<ScoredItem> surging;
  std::unordered_map<NameKey, std::vector<ScoredItem>> by_category;
  std::unordered_map<NameKey, std::vector<ScoredItem>> by_country;
  std::unordered_map<NameKey, std::vector<ScoredItem>> trending_by_category;

  ItemActivity activity_of(ItemIndex item) const {
    return row(item) < activity.size() ? activity[row(item)] : of_others;
  }
  void prefetch_activity(ItemIndex item) const {
    if (row(item) < activity.size()) __builtin_prefetch(&activity[row(item)]);
  }
  // 0 where it does not rise. O(log surging).
  float surge_of(ItemIndex item) const {
    const std::size_t place = partition_place<ScoredItem>(
        surging, [&](const ScoredItem& entry) { return row(entry.item) < row(item); });
    return place < surging.size() && surging[place].item == item ? surging[place].score : 0;
  }
};

}  // namespace winnow
