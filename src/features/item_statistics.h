// ItemStatistics: counters of every item, fed by the event stream in order.
//
// Decayed sums follow s(t) = sum over events of w * 2^-((t - t_event) / half-life). A sum is kept at the time
// of its newest event and brought forward when it is read, so an event costs O(1). An event that arrives late
// is added with the decay it has by then. Rates are smoothed towards the rate of the whole catalogue (a Beta
// prior of `prior_strength` pseudo-events), so that one lucky view does not make a hit.
//
// Not thread-safe: the speed layer owns it. The same events in the same order give the same bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "domain/feedback.h"
#include "features/trends.h"

namespace winnow {

struct ItemStatisticsOptions {
  double popular_half_life_days = 30;
  double trending_fast_hours = 24;  // trending compares the last hours...
  double trending_slow_days = 14;   // ...with the item's own weeks before
  double rising_hours = 1;          // a surge compares the last hour with trending_fast_hours
  double prior_strength = 20;       // pseudo-events of the smoothed rate
  double new_item_days = 30;        // how long an item counts as new
};

struct ItemCounters {
  double popular = 0;  // decayed weight of positives, half-life popular_half_life_days
  double fast = 0;     // decayed number of positives, half-life trending_fast_hours
  double slow = 0;     // the same with trending_slow_days
  double recent = 0;   // the same with rising_hours
  std::uint32_t positives = 0;
  std::uint32_t negatives = 0;
  std::uint32_t impressions = 0;
  TimestampMs newest_ms = 0;  // the time that the decayed sums stand at
};

// What one event means to the counters.
struct ItemEvent {
  ItemIndex item = kNoItem;
  Action action = Action::view;
  Signal signal = Signal::neutral;
  double weight = 0;
  TimestampMs time_ms = 0;
  NameKey country = 0;  // 0: unknown
};

class ItemStatistics final {
 public:
  explicit ItemStatistics(ItemStatisticsOptions options) : options_(options) {}

  void add(const ItemEvent& event) { apply(event, 1); }
  // Takes an event of an erased user back out; equal to never having had it up to rounding.
  void subtract(const ItemEvent& event) { apply(event, -1); }

  // Positives among positives and negatives, smoothed; in (0, 1).
  double smoothed_rate(ItemIndex item) const;
  // Zeros for an item without events.
  ItemCounters counters(ItemIndex item) const;

  // Sums decayed to `newest_ms`, the time of the newest event.
  TimestampMs newest_ms() const { return newest_ms_; }
  double popularity(ItemIndex item) const;  // decayed positives x smoothed rate
  double velocity(ItemIndex item) const;    // standard deviations by which the fast rate exceeds the slow one
  double surge(ItemIndex item) const;  // standard deviations by which the recent rate exceeds the fast one
  ItemActivity activity(ItemIndex item) const;
  std::size_t size() const { return counters_.size(); }
  // item -> decayed positives, of every country seen.
  const std::map<NameKey, std::unordered_map<std::uint32_t, ItemCounters>>& countries() const {
    return countries_;
  }
  double country_popularity(const ItemCounters& counters) const;

  void clear();
  std::string encode() const;
  Status decode(std::string_view bytes);

 private:
  void apply(const ItemEvent& event, int sign);
  void accumulate(ItemCounters& counters, const ItemEvent& event, int sign) const;
  double sum_now(double sum, TimestampMs at_ms, double half_life_ms) const;

  ItemStatisticsOptions options_;
  std::vector<ItemCounters> counters_;  // by item index
  std::map<NameKey, std::unordered_map<std::uint32_t, ItemCounters>> countries_;
  std::uint64_t positives_ = 0;
  std::uint64_t negatives_ = 0;
  TimestampMs newest_ms_ = 0;
};

}  // namespace winnow
