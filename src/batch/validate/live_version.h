// The live version, judged on the training data of its successor.
//
// It may have been trained on some of what is held out, and would look better than it is; so it is compared
// on what happened after its training only. Where too little did, but its own recorded figure is about the
// same held-out part, that figure is compared.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "batch/dataset/dataset.h"
#include "batch/evaluate/split.h"
#include "registry/model_registry.h"

namespace winnow {

// Names of statistics that a bundle carries for its successor.
inline constexpr const char* kNewestEventStatistic = "newest_event_ms";
inline constexpr const char* kHeldOutStatistic = "held_out_id";

// 1 in a version that came of refreshing another.
inline constexpr const char* kRefreshedStatistic = "refreshed";

// For each of `ids` its row among `others`; Vocabulary::kNoRow where it has none. O(ids + others).
std::vector<std::uint32_t> rows_in(const std::vector<std::string>& ids,
                                   const std::vector<std::string>& others);

// NDCG@10 of the live blend for each user with a test row, in order of user. The live version recommends from
// its own vocabulary; what the dataset does not know counts as a miss.
std::vector<double> ndcg_of_live(const ModelBundle& live, const Dataset& data, const EvaluationSplit& split);

// The statistic's value, or `otherwise` when the bundle has none.
double statistic_of(const ModelBundle& bundle, const std::string& name, double otherwise);

}  // namespace winnow
