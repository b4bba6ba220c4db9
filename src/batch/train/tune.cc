#include "batch/train/tune.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "batch/evaluate/rankings.h"
#include "evaluation/ranking_metrics.h"
#include "math/top_k.h"
#include "models/blend/learn_blend.h"

namespace winnow {

namespace {

constexpr std::size_t kCutoff = 10;

// NDCG@10 of the most popular of the items that are not masked. `ranked`: best first, long enough to have ten
// left.
double ndcg_of_popular(std::span<const ScoredRow> ranked, std::span<const std::uint32_t> masked,
                       std::span<const std::uint32_t> relevant) {
  std::vector<std::uint32_t> list;
  for (const ScoredRow& row : ranked) {
    if (list.size() == kCutoff) break;
    if (!std::binary_search(masked.begin(), masked.end(), row.item)) list.push_back(row.item);
  }
  return user_metrics(list, relevant, kCutoff).ndcg;
}

}  // namespace

double choose_half_life(const Interactions& fit, const EvaluationSplit& validation,
                        std::span<const double> candidates) {
  std::vector<std::uint32_t> users;
  std::size_t longest_mask = 0;
  for (std::uint32_t user = 0; user < validation.test.size(); ++user) {
    if (validation.test[user].empty()) continue;
    users.push_back(user);
    longest_mask = std::max(longest_mask, validation.masked[user].size());
  }
  double best = candidates.front();
  double best_sum = -1;
  for (const double half_life_days : candidates) {
    const auto model = train_popularity(fit, {.half_life_days = half_life_days});
    if (!model.ok()) continue;
    // One ranking serves all users: each skips what is masked.
    const std::vector<ScoredRow> ranked = top_k(model->scores(), longest_mask + kCutoff);
    double sum = 0;
    for (const std::uint32_t user : users) {
      sum += ndcg_of_popular(ranked, validation.masked[user], validation.test[user]);
    }
    if (sum <= best_sum) continue;
    best_sum = sum;
    best = half_life_days;
  }
  return best;
}

BlendWeights choose_blend(const ModelSet& models, const EvaluationSplit& validation) {
  std::vector<std::string_view> names;
  std::vector<const ScoringModel*> sources;
  for (const auto& [name, model] : scoring_models(models)) {
    names.push_back(name);
    sources.push_back(model);
  }
  const std::vector<BlendExample> examples = blend_examples(sources, validation);
  BlendWeights weights = BlendWeights::unlearned(names);
  if (examples.empty()) return weights;
  const LearnedBlend learned = learn_blend(examples, kCutoff);
  for (std::size_t k = 0; k < weights.entries.size(); ++k) weights.entries[k].weight = learned.weights[k];
  return weights;
}

}  // namespace winnow
