// Item-to-item as a candidate source: the neighbours of what the user liked, and of the item on screen.
#pragma once

#include <memory>
#include <string_view>

#include "models/item_to_item/item_to_item.h"
#include "models/item_to_item/similarity.h"
#include "models/vocabulary.h"
#include "stages/candidate_source.h"

namespace winnow {

class ItemToItemSource final : public CandidateSource {
 public:
  // Both outlive the source. decay_per_day: of history weights, as in training.
  ItemToItemSource(const ItemToItemModel& model, const Vocabulary& vocabulary, double decay_per_day)
      : model_(model), vocabulary_(vocabulary), decay_per_day_(decay_per_day) {}

  std::string_view name() const override { return "item_to_item"; }
  Result<std::unique_ptr<PreparedSource>> prepare(const RequestContext& context) const override;

 private:
  const ItemToItemModel& model_;
  const Vocabulary& vocabulary_;
  double decay_per_day_;
  mutable Similarity::Pool pool_;
};

}  // namespace winnow
