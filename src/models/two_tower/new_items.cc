#include "models/two_tower/new_items.h"

#include <algorithm>
#include <utility>

#include "math/top_k.h"
#include "math/vector_kernels.h"
#include "models/two_tower/tower_features.h"

namespace winnow {

NewItems::NewItems(std::shared_ptr<const TwoTowerModel> model, const ItemTerms& terms,
                   const std::vector<bool>& learned)
    : model_(std::move(model)) {
  const std::uint32_t buckets = model_->shape().item_buckets;
  if (buckets == 0) return;
  std::vector<std::pair<ItemIndex, std::vector<std::uint32_t>>> found;  // the newest first
  for (std::uint32_t item = terms.items(); item-- > 0 && found.size() < kMost;) {
    if (learned[item]) continue;
    std::vector<std::uint32_t> features = item_features(terms[item], buckets);
    if (!features.empty()) found.emplace_back(ItemIndex{item}, std::move(features));
  }
  std::ranges::reverse(found);
  for (const auto& [item, features] : found) {
    items_.push_back(item);
    const std::vector<float> vector = model_->vector_of_features(features);
    vectors_.insert(vectors_.end(), vector.begin(), vector.end());
  }
}

std::size_t NewItems::find(ItemIndex item) const {
  const auto at = std::ranges::lower_bound(items_, row(item), {}, [](ItemIndex each) { return row(each); });
  return at != items_.end() && *at == item ? static_cast<std::size_t>(at - items_.begin()) : items_.size();
}

NewItemScores::NewItemScores(const Published<NewItems>* published, const VectorModel& model,
                             std::span<const float> user) {
  if (published == nullptr || user.empty()) return;
  std::shared_ptr<const NewItems> items = published->pin();
  if (items == nullptr || items->model() != &model) return;
  items_ = std::move(items);
  scores_.resize(items_->items().size());
  score_rows(items_->vectors(), user, scores_);
}

std::vector<ScoredItem> NewItemScores::best(std::size_t limit) const {
  std::vector<ScoredItem> found;
  for (const ScoredRow& hit : select_top_k(scores_, limit)) {
    found.push_back({items_->items()[hit.item], hit.score});
  }
  return found;
}

float NewItemScores::score(ItemIndex item) const {
  const std::size_t at = items_ == nullptr ? 0 : items_->find(item);
  return at < scores_.size() ? scores_[at] : 0.0f;
}

std::span<const float> NewItemScores::vector(ItemIndex item) const {
  const std::size_t at = items_ == nullptr ? 0 : items_->find(item);
  return at < scores_.size() ? items_->vector(at) : std::span<const float>{};
}

}  // namespace winnow
