// What the models of a bundle say about one user, computed as a request computes it: the user is folded in
// from the history, every source scores every item.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "batch/train/train_models.h"
#include "models/blend/blend.h"
#include "models/interactions.h"

namespace winnow {

// A user's pairs as request-time history.
std::vector<HistoryEntry> history_of(const Interactions& known, std::uint32_t user);

class Opinions final {
 public:
  // The models outlive this.
  Opinions(const AlsModel& als, const ItemToItemModel& item_to_item, const PopularityModel& popularity);
  explicit Opinions(const TrainedModels& models)
      : Opinions(models.als, models.item_to_item, models.popularity) {}

  // By source, one score per item; valid until the next call. O(items * dims).
  std::array<std::span<const float>, kBlendSources> about(std::span<const HistoryEntry> history);

 private:
  const AlsModel& als_;
  const ItemToItemModel& item_to_item_;
  const PopularityModel& popularity_;
  std::vector<float> als_scores_;
  std::vector<float> neighbour_scores_;
};

}  // namespace winnow
