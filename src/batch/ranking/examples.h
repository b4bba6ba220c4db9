// Examples for rankers from a split of events: what a request would have looked at, and what came of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "batch/evaluate/rankings.h"
#include "batch/ranking/moments.h"
#include "models/ranking/ranking_set.h"

namespace winnow {

// Sources with their names, and the weights of their blend.
struct NamedBlend {
  std::vector<std::string> names;
  BlendedModels models;
};

// Of one user's candidates.
std::vector<float> blended_scores(const NamedBlend& blend, const BlendCandidates& candidates);

struct ExampleOptions {
  std::size_t users = 4000;      // at most
  std::size_t candidates = 150;  // of one user: all with an outcome, and of the others as many as fit
  std::uint64_t seed = 1;
};

// One group a user of the split: the candidates as of the user's first later event, with the outcomes
// kOutcomes.
RankingSet ranking_examples(const NamedBlend& blend, const EvaluationSplit& split, const Past& past,
                            const ExampleOptions& options);

}  // namespace winnow
