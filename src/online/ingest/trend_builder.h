// build_trends: item statistics -> the ranked lists that requests read.
#pragma once

#include <memory>

#include "catalog/item_table.h"
#include "features/item_statistics.h"
#include "features/trends.h"

namespace winnow {

struct TrendOptions {
  std::size_t overall = 2000;   // length of the lists over the whole catalogue
  std::size_t per_group = 300;  // of each category's and country's list
  double new_item_days = 30;    // an item is new for so long after created_at...
  double min_velocity = 1.0;    // trending: standard deviations above the item's own past
};

// Unavailable items are left out of the lists; their activity stands beside that of the others, because users
// have them in their histories. The position is the caller's to set. `now_ms`: for the age of new items,
// which is counted back from the newest creation time when the whole catalogue is older. O(items x categories
// per item).
std::shared_ptr<Trends> build_trends(const ItemStatistics& statistics, const ItemSnapshot& items,
                                     TimestampMs now_ms, const TrendOptions& options);

}  // namespace winnow
