// Ranked lists of models for the users of a split: what metrics are taken of and blend weights learned from.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "batch/evaluate/split.h"
#include "models/blend/learn_blend.h"
#include "models/model_set.h"
#include "models/scoring_model.h"

namespace winnow {

// Models whose opinions are blended. They outlive the value and share one vocabulary.
struct BlendedModels {
  std::vector<const ScoringModel*> sources;
  std::vector<float> weights;  // as sources
};

// A set's models under their learned weights.
BlendedModels blended_models(const ModelSet& models, const BlendWeights& weights);

// Calls `each` for every user with a test set, in order, with the best `length` items, masked ones left out:
// of all items for a single model; for a blend, of the candidates that a request would have
// (models/blend/candidates.h), by the same function. Users are scored in blocks that take at most 64 MB a
// model (one user's scores where that is more).
using EachRanking = std::function<void(std::uint32_t user, std::span<const std::uint32_t> list)>;
void rank_users(const ScoringModel& model, const EvaluationSplit& split, std::size_t length,
                const EachRanking& each);
void rank_users(const BlendedModels& models, const EvaluationSplit& split, std::size_t length,
                const EachRanking& each);

// The candidates of at most `limit` users with a test set, evenly spread over them, as a request would have
// them. by source: every source's opinion.
using EachCandidates = std::function<void(std::uint32_t user, const BlendCandidates& candidates)>;
void for_each_candidates(std::span<const ScoringModel* const> sources, const EvaluationSplit& split,
                         std::size_t limit, const EachCandidates& each);

// Mean NDCG@k over at most `limit` users with a test set, evenly spread over them; 0 when there is none.
double mean_ndcg(const ScoringModel& model, const EvaluationSplit& split, std::size_t k, std::size_t limit);

// The candidates of at most `limit` users with a test set, evenly spread over them, as examples for
// learn_blend.
std::vector<BlendExample> blend_examples(std::span<const ScoringModel* const> sources,
                                         const EvaluationSplit& split, std::size_t limit = 2000);

}  // namespace winnow
