// PopularSampler: draws items by how popular they are at the moment, to a power.
//
// An item's popularity is the decayed number of positive events about it (the half-life of the popular list).
// With the power 0.75 well-liked items are not only ever seen as positives, and the long tail is drawn too
// (Mikolov et al. 2013, Distributed Representations of Words and Phrases, section 2.2). Decay is forward: new
// events weigh more instead of old ones less, which leaves the shares as they are. A Fenwick tree over the
// items: O(log items) an event and a draw.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/random.h"

namespace winnow {

class PopularSampler final {
 public:
  explicit PopularSampler(double half_life_days, double power = 0.75)
      : half_life_ms_(half_life_days * kDayMs), power_(power) {}

  void count(ItemIndex item, TimestampMs time_ms);
  // Nothing before the first event was counted.
  std::optional<ItemIndex> draw(Random& random) const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);  // damage shows in the reader

 private:
  void add(std::size_t item, double weight);
  void grow(std::size_t items);

  double half_life_ms_;
  double power_;
  std::optional<TimestampMs> first_ms_;
  std::vector<double> popularity_;  // of each item, at the first event's time
  std::vector<double> tree_{0};     // 1-based partial sums of popularity_^power_
};

}  // namespace winnow
