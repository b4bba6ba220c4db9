#include "batch/evaluate/rankings.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "evaluation/ranking_metrics.h"
#include "math/top_k.h"
#include "models/blend/candidates.h"

namespace winnow {
namespace {

// Users are scored together, so that a model of factors is one product of matrices.
constexpr std::size_t kBlockUsers = 128;
constexpr std::size_t kBlockScores = std::size_t{16} << 20;

constexpr std::size_t kEverybody = std::numeric_limits<std::size_t>::max();

// Users with a test set, at most `limit` of them, evenly spread.
std::vector<std::uint32_t> users_with_test(const EvaluationSplit& split, std::size_t limit = kEverybody) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t user = 0; user < split.test.size(); ++user) {
    if (!split.test[user].empty()) out.push_back(user);
  }
  if (out.size() > limit) {
    for (std::size_t k = 0; k < limit; ++k) out[k] = out[k * out.size() / limit];
    out.resize(limit);
  }
  return out;
}

// The histories of a block of users.
class BlockHistories final {
 public:
  BlockHistories(const Interactions& data, std::span<const std::uint32_t> users) {
    std::vector<std::size_t> begins;
    for (const std::uint32_t user : users) {
      begins.push_back(entries_.size());
      for (std::uint64_t at = data.offsets[user]; at < data.offsets[user + 1]; ++at) {
        entries_.push_back({data.item[at], data.weight[at], data.time_ms[at]});
      }
    }
    begins.push_back(entries_.size());
    for (std::size_t u = 0; u < users.size(); ++u) {
      spans_.push_back(std::span(entries_).subspan(begins[u], begins[u + 1] - begins[u]));
    }
  }

  std::span<const std::span<const HistoryEntry>> all() const { return spans_; }

 private:
  std::vector<HistoryEntry> entries_;
  std::vector<std::span<const HistoryEntry>> spans_;
};

// Calls each(user, by_source) with every source's scores of all items.
template <class Each>
void score_users(std::span<const ScoringModel* const> sources, const EvaluationSplit& split,
                 std::span<const std::uint32_t> users, const Each& each) {
  const std::size_t items = split.train.items;
  for (const ScoringModel* source : sources) WINNOW_CHECK(source->items() == items);
  const std::size_t block_users =
      std::clamp<std::size_t>(kBlockScores / std::max<std::size_t>(1, items), 1, kBlockUsers);
  std::vector<std::vector<float>> scores(sources.size());
  std::vector<std::span<const float>> by_source(sources.size());
  for (std::size_t begin = 0; begin < users.size(); begin += block_users) {
    const auto block = users.subspan(begin, std::min(block_users, users.size() - begin));
    const BlockHistories histories(split.history, block);
    for (std::size_t s = 0; s < sources.size(); ++s) {
      scores[s].resize(block.size() * items);
      sources[s]->score_all(histories.all(), scores[s]);
    }
    for (std::size_t u = 0; u < block.size(); ++u) {
      for (std::size_t s = 0; s < sources.size(); ++s) {
        by_source[s] = std::span(scores[s]).subspan(u * items, items);
      }
      each(block[u], std::span<const std::span<const float>>(by_source));
    }
  }
}

std::vector<std::uint32_t> items_of(std::span<const ScoredRow> rows) {
  std::vector<std::uint32_t> out;
  out.reserve(rows.size());
  for (const ScoredRow& row : rows) out.push_back(row.item);
  return out;
}

// The best of one model's scores. Where zero is no evidence, it is no recommendation.
std::vector<std::uint32_t> best_of(std::span<const float> scores, std::span<const std::uint32_t> masked,
                                   std::size_t length, bool zero_is_no_evidence) {
  std::vector<float> allowed(scores.begin(), scores.end());
  for (const std::uint32_t item : masked) allowed[item] = kMasked;
  std::vector<ScoredRow> out = top_k(allowed, length);
  if (zero_is_no_evidence) std::erase_if(out, [](const ScoredRow& row) { return row.score <= 0; });
  return items_of(out);
}

void rank_some(const ScoringModel& model, const EvaluationSplit& split, std::span<const std::uint32_t> users,
               std::size_t length, const EachRanking& each) {
  const ScoringModel* const source = &model;
  score_users(std::span(&source, 1), split, users,
              [&](std::uint32_t user, std::span<const std::span<const float>> scores) {
                each(user, best_of(scores[0], split.masked[user], length, model.zero_is_no_evidence()));
              });
}

}  // namespace

BlendedModels blended_models(const ModelSet& models, const BlendWeights& weights) {
  BlendedModels out;
  for (const auto& [name, model] : scoring_models(models)) {
    out.sources.push_back(model);
    out.weights.push_back(weights.of(name));
  }
  return out;
}

void rank_users(const ScoringModel& model, const EvaluationSplit& split, std::size_t length,
                const EachRanking& each) {
  rank_some(model, split, users_with_test(split), length, each);
}

void rank_users(const BlendedModels& models, const EvaluationSplit& split, std::size_t length,
                const EachRanking& each) {
  score_users(models.sources, split, users_with_test(split),
              [&](std::uint32_t user, std::span<const std::span<const float>> scores) {
                const BlendCandidates candidates = blend_candidates(scores, split.masked[user]);
                each(user, items_of(rank_candidates(candidates, models.weights, length)));
              });
}

double mean_ndcg(const ScoringModel& model, const EvaluationSplit& split, std::size_t k, std::size_t limit) {
  const std::vector<std::uint32_t> users = users_with_test(split, limit);
  double sum = 0;
  rank_some(model, split, users, k, [&](std::uint32_t user, std::span<const std::uint32_t> list) {
    sum += user_metrics(list, split.test[user], k).ndcg;
  });
  return users.empty() ? 0 : sum / static_cast<double>(users.size());
}

void for_each_candidates(std::span<const ScoringModel* const> sources, const EvaluationSplit& split,
                         std::size_t limit, const EachCandidates& each) {
  score_users(sources, split, users_with_test(split, limit),
              [&](std::uint32_t user, std::span<const std::span<const float>> scores) {
                each(user, blend_candidates(scores, split.masked[user]));
              });
}

std::vector<BlendExample> blend_examples(std::span<const ScoringModel* const> sources,
                                         const EvaluationSplit& split, std::size_t limit) {
  std::vector<BlendExample> out;
  for_each_candidates(sources, split, limit, [&](std::uint32_t user, const BlendCandidates& candidates) {
    if (!candidates.items.empty()) out.push_back(blend_example(candidates, split.test[user]));
  });
  return out;
}

}  // namespace winnow
