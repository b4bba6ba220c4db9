#include "models/two_tower/two_tower_source.h"

#include <algorithm>
#include <cmath>
#include <ranges>
#include <unordered_map>
#include <unordered_set>

#include "index/flat.h"
#include "math/vector_kernels.h"

namespace winnow {
namespace {

class PreparedTwoTower final : public PreparedSource {
 public:
  PreparedTwoTower(const TwoTowerModel& model, const Vocabulary& vocabulary, const RequestContext& context,
                   std::vector<TowerAction> actions)
      : model_(model), vocabulary_(vocabulary), context_(context), actions_(std::move(actions)) {
    if (!actions_.empty()) user_ = model.user_vector(actions_);
  }

  std::vector<ScoredItem> retrieve(std::size_t limit) override {
    std::vector<ScoredItem> found;
    if (user_.empty()) return found;
    for (const ScoredRow& hit : flat_search(model_.item_vectors(), user_, limit)) {
      const ItemIndex item = vocabulary_.item(hit.item);
      if (item != kNoItem && std::isfinite(hit.score)) found.push_back({item, hit.score});
    }
    return found;
  }

  void score(std::span<const ItemIndex> items, std::span<float> scores) const override {
    for (std::size_t k = 0; k < items.size(); ++k) {
      const std::uint32_t model_row = vocabulary_.model_row(items[k]);
      const bool known = !user_.empty() && model_row != Vocabulary::kNoRow;
      scores[k] = known ? dot(user_, model_.item_vector(model_row)) : 0.0f;
    }
  }

  // The tower reads the history as a whole; of its items the one whose vector is most like this one's is
  // named.
  Reason explain(ItemIndex item) const override {
    Reason unspecific{"next", "Goes with what you did last", ""};
    const std::uint32_t model_row = vocabulary_.model_row(item);
    if (model_row == Vocabulary::kNoRow) return unspecific;
    const auto vector = model_.item_vector(model_row);
    ItemIndex because = kNoItem;
    float best = 0;
    for (const TowerAction& action : actions_) {
      const auto other = model_.item_vector(action.item);
      const float length = std::sqrt(dot(other, other));
      const float likeness = length > 0 ? dot(vector, other) / length : 0;
      if (likeness <= best || action.item == model_row) continue;
      best = likeness;
      because = vocabulary_.item(action.item);
    }
    if (because == kNoItem) return unspecific;
    const ItemView view = context_.items->view(because);
    return {"next", "Often follows " + std::string(view.title.empty() ? view.id : view.title),
            std::string(view.id)};
  }

 private:
  const TwoTowerModel& model_;
  const Vocabulary& vocabulary_;
  const RequestContext& context_;
  std::vector<TowerAction> actions_;
  std::vector<float> user_;  // empty when the history holds nothing that the model knows
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

Result<std::unique_ptr<PreparedSource>> TwoTowerSource::prepare(const RequestContext& context) const {
  return std::unique_ptr<PreparedSource>(std::make_unique<PreparedTwoTower>(
      model_, vocabulary_, context, tower_actions(context.user, vocabulary_)));
}

}  // namespace winnow
