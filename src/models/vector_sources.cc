#include "models/vector_sources.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <ranges>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "math/vector_kernels.h"
#include "models/history_reason.h"
#include "models/model_history.h"
#include "models/two_tower/tower_features.h"
#include "models/vector_candidates.h"

namespace winnow {

namespace {

struct FoldedUser {
  std::vector<float> vector;           // empty: the model knows nothing of what the user did
  std::vector<std::uint32_t> history;  // model rows that an explanation may name
};

struct Source {
  std::string_view name;
  ReasonWords words;
  const VectorModel& model;
  const VectorIndex* index;
  const Vocabulary& vocabulary;
  std::function<FoldedUser(const RequestContext&)> fold_in;
  const Published<NewItems>* new_items = nullptr;  // null: the model knows no others
};

// Only the `limit` best stay.
void keep_best(std::vector<ScoredItem>& found, std::size_t limit) {
  if (found.size() <= limit) return;
  std::ranges::nth_element(found, found.begin() + static_cast<std::ptrdiff_t>(limit),
                           [](const ScoredItem& a, const ScoredItem& b) {
                             return a.score != b.score ? a.score > b.score : row(a.item) < row(b.item);
                           });
  found.resize(limit);
}

class PreparedVectors final : public PreparedSource {
 public:
  PreparedVectors(const Source& source, const RequestContext& context, FoldedUser user)
      : source_(source),
        context_(context),
        history_(std::move(user.history)),
        new_items_(source.new_items, source.model, user.vector),
        candidates_(source.model.item_vectors(), source.index, std::move(user.vector)) {}

  std::vector<ScoredItem> retrieve(std::size_t limit) override {
    std::vector<ScoredItem> found;
    for (const ScoredRow& hit : candidates_.best(limit)) {
      const ItemIndex item = source_.vocabulary.item(hit.item);
      if (item != kNoItem) found.push_back({item, hit.score});
    }
    for (const ScoredItem& hit : new_items_.best(limit)) found.push_back(hit);
    keep_best(found, limit);
    return found;
  }

  void score(std::span<const ItemIndex> items, std::span<float> scores) const override {
    std::vector<std::uint32_t> rows(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) rows[i] = source_.vocabulary.model_row(items[i]);
    candidates_.score(rows, scores);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (rows[i] == Vocabulary::kNoRow) scores[i] = new_items_.score(items[i]);
    }
  }

  // A model of vectors reads the history as a whole; of its items the one whose vector points most the way of
  // this one's is named.
  Reason explain(ItemIndex item) const override {
    const std::uint32_t model_row = source_.vocabulary.model_row(item);
    const std::span<const float> vector =
        model_row == Vocabulary::kNoRow ? new_items_.vector(item) : source_.model.item_vector(model_row);
    if (vector.empty()) return history_reason(source_.words, kNoItem, context_);
    const std::uint32_t nearest = most_alike(history_, model_row, [&](std::uint32_t other_row) {
      const std::span<const float> other = source_.model.item_vector(other_row);
      const float length = std::sqrt(dot(other, other));
      return length > 0 ? dot(vector, other) / length : 0.0f;
    });
    const ItemIndex because = nearest == Vocabulary::kNoRow ? kNoItem : source_.vocabulary.item(nearest);
    return history_reason(source_.words, because, context_);
  }

 private:
  const Source& source_;
  const RequestContext& context_;
  std::vector<std::uint32_t> history_;
  NewItemScores new_items_;
  VectorCandidates candidates_;
};

class VectorSource final : public CandidateSource {
 public:
  explicit VectorSource(Source source) : source_(std::move(source)) {}

  std::string_view name() const override { return source_.name; }
  Result<std::unique_ptr<PreparedSource>> prepare(const RequestContext& context) const override {
    return std::unique_ptr<PreparedSource>(
        std::make_unique<PreparedVectors>(source_, context, source_.fold_in(context)));
  }

 private:
  Source source_;
};

}  // namespace

std::vector<TowerAction> tower_actions(const UserContext& user, const Vocabulary& vocabulary) {
  std::unordered_map<std::uint32_t, bool> liked;  // by model row: its newest judgement, once it has one
  std::unordered_set<std::uint32_t> read;
  std::vector<TowerAction> actions;
  for (const Interaction& interaction : user.history | std::views::reverse) {
    const std::uint32_t model_row = vocabulary.model_row(interaction.item);
    if (model_row == Vocabulary::kNoRow) continue;
    if (interaction.signal != Signal::neutral) {
      liked.try_emplace(model_row, interaction.signal == Signal::positive);
    }
    if (interaction.weight > 0 && read.insert(model_row).second) {
      actions.push_back({model_row, kind_of(interaction.action), interaction.time_ms});
    }
  }
  std::erase_if(actions, [&](const TowerAction& action) {
    const auto judged = liked.find(action.item);
    return judged != liked.end() && !judged->second;
  });
  std::ranges::reverse(actions);
  return actions;
}

std::unique_ptr<CandidateSource> history_source(std::string_view name, const VectorModel& model,
                                                const VectorIndex* index, const Vocabulary& vocabulary,
                                                double decay_per_day) {
  const auto fold_in = [&model, &vocabulary, decay_per_day](const RequestContext& context) {
    FoldedUser user;
    const std::vector<HistoryEntry> history =
        model_history(context.user, vocabulary, decay_per_day, context.trends->as_of_ms);
    if (history.empty()) return user;
    user.vector = model.fold_in(history);
    for (const HistoryEntry& entry : history) user.history.push_back(entry.item);
    return user;
  };
  return std::make_unique<VectorSource>(
      Source{name, {"taste", "Fits your taste", "Fits your taste for "}, model, index, vocabulary, fold_in});
}

std::unique_ptr<CandidateSource> two_tower_source(const TwoTowerModel& model, const VectorIndex* index,
                                                  const Vocabulary& vocabulary,
                                                  const Published<NewItems>& new_items) {
  const auto fold_in = [&model, &vocabulary](const RequestContext& context) {
    FoldedUser user;
    const std::vector<TowerAction> actions = tower_actions(context.user, vocabulary);
    if (actions.empty()) return user;
    const std::uint32_t buckets = model.shape().profile_buckets;
    std::vector<std::uint32_t> profile;
    if (buckets > 0 && context.user.profile_facts) {
      profile = profile_features(*context.user.profile_facts, buckets);
    }
    user.vector = model.user_vector(actions, profile);
    for (const TowerAction& action : actions) user.history.push_back(action.item);
    return user;
  };
  return std::make_unique<VectorSource>(Source{"two_tower",
                                               {"next", "Goes with what you did last", "Often follows "},
                                               model,
                                               index,
                                               vocabulary,
                                               fold_in,
                                               &new_items});
}

}  // namespace winnow
