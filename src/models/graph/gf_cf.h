// GF-CF: two filters of the item graph added up (Shen et al. 2021, "How Powerful is Graph Convolution for
// Recommendation?").
//
//     score of j = sum over the history i of  S_ij + smooth_weight * n_i^-1/2 <V_i, V_j> n_j^1/2
//
// with S and V of spectral.h. The first sum is the linear filter, which is item_to_item with
// popularity_exponent 1/2 and user_exponent 1, of the `neighbours` largest entries an item; the second the
// ideal low-pass filter. They are added as they are: how much of a user's history the graph's smooth part
// explains decides how much it says, which a blend of scores that are standardised user by user cannot know.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "models/interactions.h"
#include "models/item_to_item/item_to_item.h"
#include "models/item_vectors/item_vectors.h"
#include "models/scoring_model.h"

namespace winnow {

struct GfCfOptions {
  std::uint32_t dims = 256;           // 1 to 1024; no more than there are items
  std::uint32_t iterations = 6;       // as SpectralOptions
  float smooth_weight = 0.3f;         // 0 to 100
  std::uint32_t neighbours = 10'000;  // as ItemToItemOptions
  float history_half_life_days = 0;
  std::uint64_t seed = 1;
};

class GfCfModel final : public ScoringModel {
 public:
  // Both of the same items.
  GfCfModel(ItemToItemModel linear, ItemVectorsModel smooth, float smooth_weight);

  std::uint32_t items() const override { return linear_.items(); }
  // O(items * dims + |history| * neighbours) a history.
  void score_all(std::span<const std::span<const HistoryEntry>> histories,
                 std::span<float> scores) const override;

 private:
  ItemToItemModel linear_;
  ItemVectorsModel smooth_;
  float smooth_weight_;
};

// Deterministic as train_spectral. Errors: those of the two models; options out of range (the field is
// named).
Result<GfCfModel> train_gf_cf(const Interactions& data, const GfCfOptions& options,
                              const TrainProgress& progress = {});

}  // namespace winnow
