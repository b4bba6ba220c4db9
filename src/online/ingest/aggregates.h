// Aggregates: what the speed layer knows of all items together, derived from the event log alone.
//
// Not thread-safe but for what CoOccurrence lets readers do: the speed layer owns it. The same events in the
// same order give the same bytes. Format: docs/formats/aggregates.md.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "features/co_occurrence.h"
#include "features/item_statistics.h"

namespace winnow {

struct Aggregates {
  ItemStatistics statistics;
  CoOccurrence co_occurrence;

  void clear();
  std::string encode() const;
  // An older release's bytes hold no co-occurrence: it is learned from then on. Errors: corrupt.
  Status decode(std::string_view bytes);
};

}  // namespace winnow
