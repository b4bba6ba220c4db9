// How good predicted probabilities are: of one head, over rows of any number of groups.
//
// A row has a score, a label in [0, 1] (a soft label y counts as a positive of weight y and a negative of
// weight 1 - y) and a weight. Rows whose label is NaN, unknown, are left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace winnow {

struct ScoredRows {
  std::span<const float> scores;
  std::span<const float> labels;     // as many
  std::span<const float> weights{};  // as many, > 0; empty: all 1
};

// The probability that a positive has the higher score of the two, ties counting half. Nothing where either
// class is missing. O(n log n).
std::optional<double> auc(const ScoredRows& rows);

// The mean AUC of groups, each counting by the weight of its rows; groups that lack a class are left out.
// groups: groups + 1 ascending offsets into the rows. Nothing where no group is left. (Zhu et al. 2017)
std::optional<double> grouped_auc(const ScoredRows& rows, std::span<const std::uint64_t> groups);

// The mean of -y log p - (1 - y) log(1 - p), p kept within [1e-7, 1 - 1e-7]; scores are probabilities. 0
// without rows.
double log_loss(const ScoredRows& rows);

// Expected calibration error: rows in order of their score are cut into bins of equal weight; the mean over
// rows of |mean score - mean label| of their bin. Equal scores share a bin. 0 without rows. O(n log n).
double calibration_error(const ScoredRows& rows, std::size_t bins = 15);

}  // namespace winnow
