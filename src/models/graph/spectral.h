// The ideal low-pass filter of the item graph: what a user did, seen through the graph's smoothest vectors.
//
//     S = A'A of propagation.h; V = its `dims` leading eigenvectors, items x dims
//     score of j = sum over the history i of  n_i^-history_exponent <V_i, V_j> n_j^answer_exponent
//
// gf_cf.h adds the linear filter to it (Shen et al. 2021). There is nothing to train but V, found by subspace
// iteration from random vectors (Halko, Martinsson and Tropp 2011), so this takes seconds.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "math/aligned.h"
#include "models/graph/propagation.h"
#include "models/interactions.h"
#include "models/item_vectors/item_vectors.h"

namespace winnow {

struct SpectralOptions {
  std::uint32_t dims = 256;       // 1 to 1024; no more than there are items
  std::uint32_t iterations = 6;   // 1 to 100
  float history_exponent = 0.5f;  // 0 to 2
  float answer_exponent = 0.5f;   // 0 to 2
  float history_half_life_days = 0;
  std::uint64_t seed = 1;
};

// Same data, options and seed give the same bytes on one machine type. O(iterations * (pairs * dims + items *
// dims^2)). Errors: no interactions, options out of range (the field is named).
Result<ItemVectorsModel> train_spectral(const Interactions& data, const SpectralOptions& options,
                                        const TrainProgress& progress = {});

// scores = weight * that of every history, users' vectors as long as they come out. scores: histories x
// items. O(histories * items * dims).
void low_pass(const ItemVectorsModel& model, float weight,
              std::span<const std::span<const HistoryEntry>> histories, std::span<float> scores);

// V: items x dims, orthonormal columns, that of the largest eigenvalue first; dims <= items. Columns beyond
// the rank of S are zero.
AlignedFloats leading_eigenvectors(const Propagation& graph, std::uint32_t items, std::uint32_t dims,
                                   std::uint32_t iterations, std::uint64_t seed,
                                   const TrainProgress& progress = {});

}  // namespace winnow
