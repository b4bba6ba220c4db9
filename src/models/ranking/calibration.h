// Calibration of predicted probabilities, one monotone map per head: fitted on rows that were not trained on.
//
//     isotonic   the best ascending step function (pool adjacent violators; Zadrozny and Elkan 2002) whose
//                steps have at least 50 rows, and half a row more of either outcome. Read between the
//                centres of its steps, so that order within a step is kept, and beyond the outermost along
//                the score's own log-odds
//     platt      sigmoid(slope * logit(p) + offset) by maximum likelihood (Platt 1999): two numbers, for few
//                rows
//
// Rows of which some were left out are weighed by what they stand for (weights_of_all_rows).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "evaluation/classification_metrics.h"

namespace winnow {

enum class CalibrationMethod : std::uint8_t { none, isotonic, platt };

// p / (p + (1 - p) / kept). kept: in (0, 1], the share of rows without outcome that was kept.
double corrected_for_sampling(double p, double kept);

// The ascending values next to `values` by weighted squared distance. weights: as many, > 0. O(n).
std::vector<double> pool_adjacent_violators(std::span<const double> values, std::span<const double> weights);

// A map of probabilities to probabilities; never descending. Immutable, thread-safe.
struct HeadCalibration {
  CalibrationMethod method = CalibrationMethod::none;
  double slope = 1;           // platt; >= 0
  double offset = 0;          // platt
  std::vector<float> scores;  // isotonic: strictly ascending, where steps have their centres
  std::vector<float> values;  // isotonic: as many, ascending in (0, 1)
  double negatives_kept = 1;  // below 1 in models made before rows were so weighed

  // p: in [0, 1]. O(log steps).
  float operator()(float p) const;

  // invalid where a number is out of its range.
  Status check() const;
};

// Rows whose label is unknown are left out, weights are honoured, soft labels too. Where labels are all of
// one class, or there are no rows, the method is none. O(n log n).
HeadCalibration calibrate(CalibrationMethod method, const ScoredRows& rows);

// Of all heads of a model, in their order. Format: docs/formats/models.md.
std::string encode_calibration(std::span<const HeadCalibration> heads);
// corrupt, unsupported.
Result<std::vector<HeadCalibration>> decode_calibration(std::string_view bytes);

}  // namespace winnow
