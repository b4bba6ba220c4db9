// The ranking part of a bundle: what turns the features of candidates into an order.
//
// The light ranker looks at all candidates by a few features; the full one predicts every outcome ("head") of
// those that it leaves. The full ranker is a mixture of experts, trees for every head, or both, whose
// log-odds are averaged. Format: docs/formats/models.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "models/gbdt/tree_model.h"
#include "models/multitask/mmoe_model.h"
#include "models/ranking/calibration.h"

namespace winnow {

// What training measured of a feature, on examples that the judged ranker had not seen.
struct FeatureFact {
  // Share of rows where it differs from its default, which is often a value that is known too.
  float coverage = 0;
  // NDCG@10 that is lost when it is permuted (Breiman 2001): among the rows, or among the groups where it is
  // the same for all rows of a group.
  float importance = 0;
};

// What settings and the files of users' own models may say that an outcome is worth, either way.
inline constexpr double kMaxWorth = 1e6;

struct RankerModel {
  std::vector<std::string> light_features;
  std::optional<MmoeModel> light;  // one head; none: the blend's order stands for it
  std::vector<std::string> full_features;
  std::vector<std::string> heads;            // "click", "like", ...
  std::optional<MmoeModel> network;          // all heads, in that order
  std::vector<TreeModel> trees;              // one a head, or none; each of one output, as log-odds
  std::vector<HeadCalibration> calibration;  // one a head
  std::vector<float> worth;                  // one a head: what an outcome is worth where settings are silent

  std::vector<FeatureFact> facts;  // one a full feature, or none

  // invalid where parts do not fit each other.
  Status check() const;

  std::string encode() const;
  // corrupt, unsupported.
  static Result<RankerModel> decode(std::string_view bytes);
};

}  // namespace winnow
