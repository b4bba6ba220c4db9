// The engines that a ranking set is judged by (judge_ranking.h): rankers, and what stands in the set's
// features.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "batch/ranking/judge_ranking.h"
#include "models/ranking/ranker_model.h"
#include "models/ranking/ranking_set.h"

namespace winnow {

// In the order of popularity ("item.popularity") and of the blend of the sources ("source.blend"), what the
// set has of them.
std::vector<RankingEngine> plain_engines(const RankingSet& set);

// Every row by the full ranker: calibrated probabilities, in the order of their worth. Heads go by name.
// unsupported: this release lacks a feature of the model; invalid: the set does, or the model fails its
// check.
Result<RankingEngine> full_engine(std::string name, const RankerModel& model, const RankingSet& set);

// Every row by the light ranker, which must be there. Errors as above.
Result<RankingEngine> light_engine(std::string name, const RankerModel& model, const RankingSet& set);

}  // namespace winnow
