// What rankers learn from: rows of features, and what came of the candidates they describe.
//
// Rows lie by group: the candidates of one request, or of one user at one moment. Features come in the order
// of the schema (features/feature_schema.h) or of whatever table was read; heads are outcomes to predict.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace winnow {

struct RankingSet {
  std::vector<std::string> features;
  std::vector<std::string> heads;        // "click", "like", ...
  std::vector<float> values;             // rows x features, row-major; finite, or NaN: missing
  std::vector<float> labels;             // rows x heads, row-major, in [0, 1]; NaN: unknown
  std::vector<float> weights;            // rows, > 0
  std::vector<std::uint64_t> groups{0};  // groups + 1: the rows of group g are [groups[g], groups[g + 1])
  std::vector<TimestampMs> time_ms;      // groups: when the candidates were looked at
  double negatives_kept = 1;             // of the rows without any outcome, the share that was kept

  std::size_t rows() const { return weights.size(); }
  std::size_t group_count() const { return groups.size() - 1; }
  std::span<const float> row(std::size_t r) const {
    return std::span(values).subspan(r * features.size(), features.size());
  }
  std::span<const float> labels_of(std::size_t r) const {
    return std::span(labels).subspan(r * heads.size(), heads.size());
  }

  // invalid where a size differs from the others, or a number is out of its range.
  Status check() const;
};

// How many rows each one stands for, times its weight: one without any outcome for those that were not kept.
// So weighed, probabilities of every head are as if all rows were there. (p / (p + (1 - p) / kept), He et al.
// 2014, is right for "any outcome" alone: a row that was clicked and not liked is a negative of "like", and
// was kept for sure.)
std::vector<float> weights_of_all_rows(const RankingSet& set);

// The head of that name; 0 where there is none.
std::size_t head_or_first(const RankingSet& set, std::string_view name);

// Groups in which the head's outcome happened to some row.
std::size_t groups_with_outcome(const RankingSet& set, std::size_t head);

}  // namespace winnow
