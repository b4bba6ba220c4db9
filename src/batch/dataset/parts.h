// Three parts of the training data, cut by time: fit the models, choose the blend, judge the result.
//
//     fit          before the first cut: what the judged models are trained on
//     validation   between the cuts: what the blend's weights are learned on
//     test         after the second cut: what everything is judged on, once
//
// A user's history while the test part is predicted is fit and validation together, as it would be in
// serving.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "batch/dataset/dataset.h"
#include "batch/evaluate/split.h"
#include "models/interactions.h"

namespace winnow {

struct PartOptions {
  double validation_share = 0.1;  // of the pairs, by time
  double test_share = 0.1;
  std::size_t min_users = 200;    // fewer users to judge by: each user's own last pairs are held out instead
  std::size_t max_users = 5'000;  // more users than this are sampled: they add hours, not certainty
  std::uint64_t seed = 1;         // of the sample
};

enum class CutKind : std::uint8_t { by_time, by_user };

// In `validation` and `test`: history, masked and test rows by user; `train` is empty but for its shape.
struct Parts {
  CutKind kind = CutKind::by_time;
  Interactions fit;
  EvaluationSplit validation;
  EvaluationSplit test;
};

// By one moment for all users, as in life; where that leaves fewer than min_users to judge by, by each user's
// own last pairs. Only liked pairs are predicted; where nothing is liked (a site of views), all are. Users
// without a history are not judged. The parts keep the rows of `data`. O(n log n).
Parts divide(const Dataset& data, const PartOptions& options);

// How many users have something to predict.
std::size_t judged_users(const EvaluationSplit& split);

// Only what happened after `cut_ms`; `data` has the times.
EvaluationSplit predicted_after(TimestampMs cut_ms, const EvaluationSplit& split, const Dataset& data);

}  // namespace winnow
