#include "models/two_tower/new_items.h"

#include <algorithm>
#include <utility>

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

}  // namespace winnow
