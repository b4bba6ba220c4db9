#include "batch/train/tune.h"

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "batch/train/opinions.h"
#include "evaluation/ranking_metrics.h"
#include "math/top_k.h"
#include "models/blend/candidates.h"
#include "models/blend/learn_blend.h"

namespace winnow {

namespace {

constexpr std::size_t kCutoff = 10;

// NDCG@10 of popularity for one user: the most popular of the items the user does not know yet. `ranked`:
// best first, long enough to have ten left.
double popularity_ndcg(std::span<const ScoredRow> ranked, std::span<const std::uint32_t> known,
                       std::span<const std::uint32_t> relevant) {
  std::vector<std::uint32_t> list;
  for (const ScoredRow& row : ranked) {
    if (std::binary_search(known.begin(), known.end(), row.item)) continue;
    list.push_back(row.item);
    if (list.size() == kCutoff) break;
  }
  return list.empty() ? 0 : user_metrics(list, relevant, kCutoff).ndcg;
}

}  // namespace

HeldOut sample_users(const HeldOut& part, std::size_t most, std::uint64_t seed) {
  if (part.users() <= most) return part;
  std::vector<std::size_t> rows(part.users());
  std::iota(rows.begin(), rows.end(), 0);
  Random random(seed);
  random.shuffle(rows);
  rows.resize(most);
  std::sort(rows.begin(), rows.end());
  HeldOut out;
  for (const std::size_t row : rows) {
    out.user.push_back(part.user[row]);
    for (std::size_t i = part.offsets[row]; i < part.offsets[row + 1]; ++i) {
      out.item.push_back(part.item[i]);
      out.time_ms.push_back(part.time_ms[i]);
    }
    out.offsets.push_back(out.item.size());
  }
  return out;
}

double choose_half_life(const Interactions& fit, const HeldOut& validation,
                        std::span<const double> candidates) {
  double best = candidates.front();
  double best_sum = -1;
  std::size_t longest_history = 0;
  for (const std::uint32_t user : validation.user) {
    longest_history = std::max(longest_history, fit.items_of(user).size());
  }
  for (const double half_life_days : candidates) {
    const auto model = train_popularity(fit, {.half_life_days = half_life_days});
    if (!model.ok()) continue;
    const std::vector<ScoredRow> ranked = top_k(model->scores(), longest_history + kCutoff);
    double sum = 0;
    for (std::size_t k = 0; k < validation.users(); ++k) {
      sum += popularity_ndcg(ranked, fit.items_of(validation.user[k]), validation.items_of(k));
    }
    if (sum > best_sum) {
      best_sum = sum;
      best = half_life_days;
    }
  }
  return best;
}

BlendWeights choose_blend(const TrainedModels& models, const Interactions& fit, const HeldOut& validation) {
  Opinions opinions(models);
  std::vector<BlendExample> examples;
  examples.reserve(validation.users());
  for (std::size_t k = 0; k < validation.users(); ++k) {
    const std::uint32_t user = validation.user[k];
    const auto scores = opinions.about(history_of(fit, user));
    examples.push_back(blend_example(blend_candidates(scores, fit.items_of(user)), validation.items_of(k)));
  }
  return learn_blend(examples, kCutoff).weights;
}

}  // namespace winnow
