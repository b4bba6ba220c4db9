// NewItems: items that a two-tower model has not learned, with the vectors that their features give them.
//
// Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/ids.h"
#include "math/aligned.h"
#include "models/content/item_terms.h"
#include "models/two_tower/two_tower.h"

namespace winnow {

class NewItems final {
 public:
  // Of more, the newest count, so that a request's exact search of them stays below a tenth of a millisecond.
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

}  // namespace winnow
