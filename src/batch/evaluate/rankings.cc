#include "batch/evaluate/rankings.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "base/text.h"
#include "evaluation/ranking_metrics.h"
#include "math/dense.h"
#include "math/top_k.h"

namespace winnow {
namespace {

const std::array<std::string, kModelNames> kNames = {"popular", "item_to_item", "als", "blend"};

// Users scored together, so that ALS is one product of matrices.
constexpr std::size_t kBlock = 128;

std::vector<HistoryEntry> history_of(const Interactions& history, std::uint32_t user) {
  std::vector<HistoryEntry> out;
  for (std::uint64_t at = history.offsets[user]; at < history.offsets[user + 1]; ++at) {
    out.push_back({history.item[at], history.weight[at], history.time_ms[at]});
  }
  return out;
}

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

// Every wanted source's scores of all items for a block of users.
class BlockScores final {
 public:
  BlockScores(const ModelSet& models, const EvaluationSplit& split) : models_(models), split_(split) {}

  void score(std::span<const std::uint32_t> users, bool with_als, bool with_item_to_item) {
    const std::size_t items = split_.train.items;
    als_.resize(with_als && models_.als != nullptr ? users.size() * items : 0);
    item_to_item_.assign(with_item_to_item && models_.item_to_item != nullptr ? users.size() * items : 0,
                         0.0f);
    std::vector<float> factors;
    for (std::size_t u = 0; u < users.size(); ++u) {
      const std::vector<HistoryEntry> history = history_of(split_.history, users[u]);
      if (!als_.empty()) {
        const std::vector<float> factor = models_.als->fold_in(history);
        factors.insert(factors.end(), factor.begin(), factor.end());
      }
      if (!item_to_item_.empty()) {
        models_.item_to_item->score_all(history, std::span(item_to_item_).subspan(u * items, items));
      }
    }
    if (!als_.empty()) multiply_transposed(factors, models_.als->factors(), models_.als->dims(), als_);
  }

  std::span<float> als(std::size_t u) { return row(als_, u); }
  std::span<float> item_to_item(std::size_t u) { return row(item_to_item_, u); }
  std::span<const float> popularity() const {
    return models_.popularity == nullptr ? std::span<const float>() : models_.popularity->scores();
  }

 private:
  std::span<float> row(std::vector<float>& scores, std::size_t u) const {
    const std::size_t items = split_.train.items;
    return scores.empty() ? std::span<float>() : std::span(scores).subspan(u * items, items);
  }

  const ModelSet& models_;
  const EvaluationSplit& split_;
  std::vector<float> als_;
  std::vector<float> item_to_item_;
};

BlendCandidates candidates_of(BlockScores& scores, const EvaluationSplit& split, std::size_t u,
                              std::uint32_t user) {
  std::array<std::span<const float>, kBlendSources> by_source;
  by_source[static_cast<std::size_t>(BlendSource::als)] = scores.als(u);
  by_source[static_cast<std::size_t>(BlendSource::item_to_item)] = scores.item_to_item(u);
  by_source[static_cast<std::size_t>(BlendSource::popular)] = scores.popularity();
  return blend_candidates(by_source, split.masked[user]);
}

// The best of one source's scores. A zero of item-to-item is no evidence, so no recommendation.
std::vector<ScoredRow> best_of(std::span<const float> scores, std::span<const std::uint32_t> masked,
                               std::size_t length, bool zero_is_nothing) {
  std::vector<float> allowed(scores.begin(), scores.end());
  for (const std::uint32_t item : masked) allowed[item] = kMasked;
  std::vector<ScoredRow> out = top_k(allowed, length);
  if (zero_is_nothing) std::erase_if(out, [](const ScoredRow& row) { return row.score <= 0; });
  return out;
}

}  // namespace

std::string_view name_of(ModelName model) { return kNames[static_cast<std::size_t>(model)]; }

Result<ModelName> model_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found != kNames.end()) return static_cast<ModelName>(found - kNames.begin());
  const auto near = nearest(name, kNames);
  return Error{ErrorCode::invalid,
               "there is no model '" + excerpt(name) + "'; " +
                   (near ? "did you mean " + *near + "?" : "give some of popular, item_to_item, als, blend"),
               "models"};
}

namespace {

void rank_some(const ModelSet& models, ModelName model, const EvaluationSplit& split,
               std::span<const std::uint32_t> users, std::size_t length, const EachRanking& each) {
  const bool blending = model == ModelName::blend;
  BlockScores scores(models, split);
  std::vector<std::uint32_t> list;
  for (std::size_t begin = 0; begin < users.size(); begin += kBlock) {
    const auto block = users.subspan(begin, std::min(kBlock, users.size() - begin));
    scores.score(block, blending || model == ModelName::als, blending || model == ModelName::item_to_item);
    for (std::size_t u = 0; u < block.size(); ++u) {
      const auto masked = split.masked[block[u]];
      std::vector<ScoredRow> ranked;
      switch (model) {
        case ModelName::popular:
          ranked = best_of(scores.popularity(), masked, length, false);
          break;
        case ModelName::item_to_item:
          ranked = best_of(scores.item_to_item(u), masked, length, true);
          break;
        case ModelName::als:
          ranked = best_of(scores.als(u), masked, length, false);
          break;
        case ModelName::blend:
          ranked = rank_candidates(candidates_of(scores, split, u, block[u]), models.weights, length);
          break;
      }
      list.clear();
      for (const ScoredRow& row : ranked) list.push_back(row.item);
      each(block[u], list);
    }
  }
}

}  // namespace

void rank_users(const ModelSet& models, ModelName model, const EvaluationSplit& split, std::size_t length,
                const EachRanking& each) {
  rank_some(models, model, split, users_with_test(split), length, each);
}

double mean_ndcg(const ModelSet& models, ModelName model, const EvaluationSplit& split, std::size_t k,
                 std::size_t limit) {
  const std::vector<std::uint32_t> users = users_with_test(split, limit);
  double sum = 0;
  rank_some(models, model, split, users, k, [&](std::uint32_t user, std::span<const std::uint32_t> list) {
    sum += user_metrics(list, split.test[user], k).ndcg;
  });
  return users.empty() ? 0 : sum / static_cast<double>(users.size());
}

std::vector<BlendExample> blend_examples(const ModelSet& models, const EvaluationSplit& split,
                                         std::size_t limit) {
  const std::vector<std::uint32_t> users = users_with_test(split, limit);
  std::vector<BlendExample> out;
  BlockScores scores(models, split);
  for (std::size_t begin = 0; begin < users.size(); begin += kBlock) {
    const auto block = std::span(users).subspan(begin, std::min(kBlock, users.size() - begin));
    scores.score(block, true, true);
    for (std::size_t u = 0; u < block.size(); ++u) {
      const BlendCandidates candidates = candidates_of(scores, split, u, block[u]);
      if (!candidates.items.empty()) out.push_back(blend_example(candidates, split.test[block[u]]));
    }
  }
  return out;
}

}  // namespace winnow
