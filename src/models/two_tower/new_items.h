// NewItems: items that a two-tower model has not learned, with the vectors that their features give them.
//
// Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/published.h"
#include "features/trends.h"
#include "math/aligned.h"
#include "models/content/item_terms.h"
#include "models/two_tower/two_tower.h"

namespace winnow {

class NewItems final {
 public:
  // Of more, the newest count: a request's exact search of them is bounded.
  static constexpr std::size_t kMost = 10'000;

  // terms: of all items of the catalogue. learned: of as many items. O(items of the catalogue + kMost *
  // dims^2).
  NewItems(std::shared_ptr<const TwoTowerModel> model, const ItemTerms& terms,
           const std::vector<bool>& learned);

  const TwoTowerModel* model() const { return model_.get(); }
  std::span<const ItemIndex> items() const { return items_; }  // ascending
  std::span<const float> vectors() const { return vectors_; }  // items x dims
  // The row of an item in items() and vectors(); items().size() when it is none of them. O(log items).
  std::size_t find(ItemIndex item) const;
  std::span<const float> vector(std::size_t row) const {
    return std::span(vectors_).subspan(row * model_->dims(), model_->dims());
  }

 private:
  std::shared_ptr<const TwoTowerModel> model_;
  std::vector<ItemIndex> items_;
  AlignedFloats vectors_;
};

// What one user's vector says of new items.
class NewItemScores final {
 public:
  // published: may be null, as what is published; what belongs to another model than `model` is left alone,
  // and an empty user has no opinion.
  NewItemScores(const Published<NewItems>* published, const VectorModel& model, std::span<const float> user);

  // The `limit` best, in no order.
  std::vector<ScoredItem> best(std::size_t limit) const;
  // 0, and nothing, for an item that is none of them.
  float score(ItemIndex item) const;
  std::span<const float> vector(ItemIndex item) const;

 private:
  std::shared_ptr<const NewItems> items_;  // null: there are none
  std::vector<float> scores_;
};

}  // namespace winnow
