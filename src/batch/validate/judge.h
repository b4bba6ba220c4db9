// How good the trained models are on the part they have not seen, beside popularity and beside the live
// version.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "batch/dataset/dataset.h"
#include "batch/evaluate/split.h"
#include "batch/train/train_models.h"
#include "evaluation/metrics_collector.h"
#include "models/blend/blend.h"
#include "registry/model_registry.h"

namespace winnow {

// Two models' NDCG@10 for the same users.
struct Comparison {
  std::size_t users = 0;  // 0: nothing to compare
  double ours = 0;        // means
  double theirs = 0;
  double low = 0;  // 95% interval of the mean difference, ours less theirs
  double high = 0;
};

// Paired by user: the spread of the differences counts, not that of the users. ours and theirs have one size.
Comparison compare(std::span<const double> ours, std::span<const double> theirs);

struct Judgement {
  std::size_t users = 0;                                             // judged
  std::map<std::string, std::map<std::string, MetricValue>> models;  // "blend" -> "ndcg@10" -> value
  double spread = 0;  // distinct items the blend recommends, of as many as the lists have room for
  Comparison with_popular;
  Comparison with_live;
  std::string live_words;  // how the live version was compared, or why it could not be
  double held_out_id = 0;  // the same for the same held-out part: then recorded figures can be compared

  std::string encode() const;
  static Result<Judgement> decode(std::string_view bytes);
};

struct JudgeInputs {
  const Dataset& data;
  const EvaluationSplit& test;
  const ModelSet& models;
  const BlendWeights& weights;
  const std::vector<std::vector<std::uint32_t>>& categories;  // by item, for diversity; may be empty
  std::shared_ptr<const ModelBundle> live;                    // null when there is none
  std::uint64_t seed = 1;                                     // of the bootstrap
};

// O(users * items * dims).
Judgement judge(const JudgeInputs& inputs);

}  // namespace winnow
