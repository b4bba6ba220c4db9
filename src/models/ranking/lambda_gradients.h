// Gradients of LambdaMART (Burges 2010): every pair of a group's rows pulls apart by what swapping it would
// change in NDCG, as LightGBM works them out: pairs whose better-placed row is among the first `truncation`,
// each change divided by 0.01 + the distance of its scores, and the group's sum s scaled to log2(1 + s).
#pragma once

#include <cstddef>
#include <span>

namespace winnow {

struct LambdaOptions {
  std::size_t truncation = 30;  // > 0
  double grades = 1;            // a label y in [0, 1] is worth 2^(grades y) - 1
};

// Of one group, by descending scores; ties in the order of rows. labels: as many, NaN rows are left out (0).
// gradients, hessians: as many, written. O(n log n + truncation x n).
void lambda_gradients(std::span<const float> scores, std::span<const float> labels,
                      const LambdaOptions& options, std::span<float> gradients, std::span<float> hessians);

// A label's gain: 2^(grades y) - 1.
double gain_of(double label, double grades);

// NDCG@k of a group by descending scores (ties in the order of rows), of known labels; negative where no row
// has a gain. O(n log n).
double graded_ndcg(std::span<const float> scores, std::span<const float> labels, std::size_t k,
                   double grades);

}  // namespace winnow
