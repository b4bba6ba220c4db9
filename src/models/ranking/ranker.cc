#include "models/ranking/ranker.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "math/aligned.h"

namespace winnow {
namespace {

float log_odds(float p) {
  constexpr float kLeast = 1e-6f;
  const float inside = std::clamp(p, kLeast, 1 - kLeast);
  return std::log(inside / (1 - inside));
}

}  // namespace

Status Ranker::open_light(const RankerModel& model, Precision precision) {
  WINNOW_TRY(light_features_, features_named(model.light_features));
  if (model.light) {
    WINNOW_TRY(light_, MmoeScorer::open(*model.light, {.precision = precision,
                                                       .common = common_features(light_features_)}));
  }
  return {};
}

Result<std::shared_ptr<const Ranker>> Ranker::open(std::shared_ptr<const OnnxModel> model,
                                                   const RankerModel* own, Precision precision) {
  std::shared_ptr<Ranker> ranker(new Ranker());
  if (own != nullptr) {
    WINNOW_RETURN_IF_ERROR(own->check());
    WINNOW_RETURN_IF_ERROR(ranker->open_light(*own, precision));
  }
  ranker->full_features_ = model->features;
  ranker->heads_ = model->heads;
  ranker->worth_ = model->worth;
  ranker->foreign_ = std::move(model);
  return std::shared_ptr<const Ranker>(std::move(ranker));
}

Result<std::shared_ptr<const Ranker>> Ranker::open(const RankerModel& model, Precision precision) {
  WINNOW_RETURN_IF_ERROR(model.check());
  std::shared_ptr<Ranker> ranker(new Ranker());
  WINNOW_RETURN_IF_ERROR(ranker->open_light(model, precision));
  WINNOW_TRY(ranker->full_features_, features_named(model.full_features));
  ranker->heads_ = model.heads;
  ranker->worth_ = model.worth;
  ranker->calibration_ = model.calibration;
  if (model.network) {
    WINNOW_TRY(ranker->network_,
               MmoeScorer::open(*model.network,
                                {.precision = precision, .common = common_features(ranker->full_features_)}));
  }
  for (const TreeModel& trees : model.trees) {
    WINNOW_TRY(TreeScorer scorer, TreeScorer::open(trees));
    ranker->trees_.push_back(std::move(scorer));
  }
  return std::shared_ptr<const Ranker>(std::move(ranker));
}

Status Ranker::light(const FeatureFrame& frame, std::span<const std::uint32_t> rows,
                     std::span<float> scores) const {
  AlignedFloats features(rows.size() * light_features_.size());
  compute_features(frame, light_features_, rows, features);
  return light(features, scores);
}

Status Ranker::light(std::span<const float> features, std::span<float> scores) const {
  WINNOW_CHECK(has_light());
  return light_->score(features, scores);
}

Status Ranker::full(const FeatureFrame& frame, std::span<const std::uint32_t> rows,
                    std::span<float> probabilities) const {
  AlignedFloats features(rows.size() * full_features_.size());
  compute_features(frame, full_features_, rows, features);
  return full(features, probabilities);
}

Status Ranker::full(std::span<const float> features, std::span<float> probabilities) const {
  const std::size_t heads = heads_.size();
  const std::size_t rows = features.size() / full_features_.size();
  WINNOW_CHECK(probabilities.size() == rows * heads);
  if (foreign_) return foreign_->session.score(features, probabilities);
  if (network_) WINNOW_RETURN_IF_ERROR(network_->score(features, probabilities));
  std::vector<float> margins(rows);
  for (std::size_t head = 0; head < trees_.size(); ++head) {
    trees_[head].margins(features, margins);
    for (std::size_t row = 0; row < rows; ++row) {
      float& p = probabilities[row * heads + head];
      const float margin = network_ ? (log_odds(p) + margins[row]) / 2 : margins[row];
      p = 1 / (1 + std::exp(-margin));
    }
  }
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t head = 0; head < heads; ++head) {
      float& p = probabilities[row * heads + head];
      p = calibration_[head](p);
    }
  }
  return {};
}

void expected_worth(std::span<const float> probabilities, std::span<const float> worth,
                    std::span<float> out) {
  WINNOW_CHECK(probabilities.size() == out.size() * worth.size());
  for (std::size_t row = 0; row < out.size(); ++row) {
    float sum = 0;
    for (std::size_t head = 0; head < worth.size(); ++head)
      sum += worth[head] * probabilities[row * worth.size() + head];
    out[row] = sum;
  }
}

}  // namespace winnow
