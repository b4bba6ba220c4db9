// BSPM: the filters of the item graph, sharpened (Choi et al. 2023, "Blurring-Sharpening Process Models for
// Collaborative Filtering", the variant that merges early).
//
//     blurred   = (S + smooth_weight * low-pass filter) r      S, low-pass filter: spectral.h; r: the history
//     sharpened = blurred after `time` of  dx/dt = -S x,  by one step of Runge and Kutta's of fourth order
//
// Blurring adds what the neighbourhood has in common, and sharpening takes away again what everybody has. All
// of S is needed, five times a user, which is milliseconds: for comparison, for lists made ahead, and as the
// teacher of graph.h.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "models/graph/propagation.h"
#include "models/interactions.h"
#include "models/item_vectors/item_vectors.h"
#include "models/scoring_model.h"

namespace winnow {

// smooth_weight and time are what its authors give for Gowalla, where they take 448 dimensions.
struct BspmOptions {
  std::uint32_t dims = 512;      // 1 to 1024; no more than there are items
  std::uint32_t iterations = 6;  // as SpectralOptions
  float smooth_weight = 0.2f;    // 0 to 100
  float time = 2.5f;             // 0 to 10
  std::uint64_t seed = 1;
};

class BspmModel final : public ScoringModel {
 public:
  // Both of the same items.
  BspmModel(Propagation graph, ItemVectorsModel smooth, const BspmOptions& options);

  std::uint32_t items() const override { return smooth_.items(); }
  // O(pairs + items * dims) a history.
  void score_all(std::span<const std::span<const HistoryEntry>> histories,
                 std::span<float> scores) const override;

 private:
  // scores: histories x items; in place.
  void score_block(std::span<const std::span<const HistoryEntry>> histories, std::span<float> scores) const;

  Propagation graph_;
  ItemVectorsModel smooth_;
  BspmOptions options_;
};

// Deterministic as train_spectral. Errors: those of train_spectral; options out of range (the field is
// named).
Result<BspmModel> train_bspm(const Interactions& data, const BspmOptions& options,
                             const TrainProgress& progress = {});

}  // namespace winnow
