// The candidates of one user, from all sources' scores of the whole vocabulary: what a request retrieves
// source by source, done at once for training and evaluation.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "math/scored_row.h"
#include "models/blend/blend.h"

namespace winnow {

// How many items every source proposes.
inline constexpr std::size_t kBlendDepth = 200;

struct BlendCandidates {
  std::vector<std::uint32_t> items;          // each once, ascending
  std::vector<std::vector<float>> opinions;  // by source, as items: the raw score of every candidate
};

// The union of every source's `depth` best rows. scores: by source, one per item. masked: items to keep out.
// A score of exactly zero is no opinion and proposes nothing; a source whose span is empty proposes nothing
// and gives every candidate zero. O(items * sources).
BlendCandidates blend_candidates(std::span<const std::span<const float>> scores,
                                 std::span<const std::uint32_t> masked, std::size_t depth = kBlendDepth);

// The k best by blend(), ties by the lower row. weights: by source.
std::vector<ScoredRow> rank_candidates(const BlendCandidates& candidates, std::span<const float> weights,
                                       std::size_t k);

}  // namespace winnow
