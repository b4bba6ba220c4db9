// Ranker: a bundle's ranking part (ranker_model.h), ready to score the candidates of a request.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "features/feature_schema.h"
#include "models/gbdt/tree_scorer.h"
#include "models/multitask/mmoe_scorer.h"
#include "models/ranking/onnx_model.h"
#include "models/ranking/ranker_model.h"

namespace winnow {

// Immutable and thread-safe.
class Ranker final {
 public:
  // unsupported when this release lacks a feature; invalid when the model fails its check.
  static Result<std::shared_ptr<const Ranker>> open(const RankerModel& model,
                                                    Precision precision = Precision::fp32);

  // A user's own model as the full ranker, uncalibrated, behind the light ranker of `own` where that has one;
  // null: nothing else ranks. Errors as above, of `own`.
  static Result<std::shared_ptr<const Ranker>> open(std::shared_ptr<const OnnxModel> model,
                                                    const RankerModel* own,
                                                    Precision precision = Precision::fp32);

  // Whether the full ranker is a user's own model: its failures say nothing about the version.
  bool is_foreign() const { return foreign_ != nullptr; }
  bool has_light() const { return light_.has_value(); }
  const std::vector<std::string>& heads() const { return heads_; }
  std::span<const float> worth() const { return worth_; }
  const FeatureList& light_features() const { return light_features_; }
  const FeatureList& full_features() const { return full_features_; }

  // How much the light ranker thinks of some rows of the frame, 0 to 1. It must be there. invalid: what came
  // of it is not finite. O(rows x weights).
  Status light(const FeatureFrame& frame, std::span<const std::uint32_t> rows, std::span<float> scores) const;

  // The calibrated probability of every outcome: rows x heads. Errors as above.
  Status full(const FeatureFrame& frame, std::span<const std::uint32_t> rows,
              std::span<float> probabilities) const;
  // The same from features: rows x full_features(), row-major.
  Status full(std::span<const float> features, std::span<float> probabilities) const;
  Status light(std::span<const float> features, std::span<float> scores) const;

 private:
  Ranker() = default;
  Status open_light(const RankerModel& model, Precision precision);

  FeatureList light_features_;
  FeatureList full_features_;
  std::vector<std::string> heads_;
  std::vector<float> worth_;
  std::vector<HeadCalibration> calibration_;
  std::optional<MmoeScorer> light_;
  std::optional<MmoeScorer> network_;
  std::vector<TreeScorer> trees_;
  std::shared_ptr<const OnnxModel> foreign_;  // in place of both
};

// What a request counts of predictions.
struct OutcomeWorth {
  std::span<const float> by_head;
  // What the outcome `sale` brings beside that, by row of the frame; empty: nothing.
  std::span<const float> revenue{};
  std::size_t sale = 0;  // a head
};

// What a candidate is worth: the sum over heads of worth x probability. probabilities: rows x worth.size().
void expected_worth(std::span<const float> probabilities, std::span<const float> worth, std::span<float> out);

}  // namespace winnow
