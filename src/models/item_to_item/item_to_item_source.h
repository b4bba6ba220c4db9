// Item-to-item as a candidate source: the neighbours of what the user liked, and of the item on screen; from
// the trained model, and from the event stream where the model knows nothing (stream_similarity.h).
#pragma once

#include <memory>
#include <string_view>

#include "models/item_to_item/item_to_item.h"
#include "models/item_to_item/similarity.h"
#include "models/item_to_item/stream_similarity.h"
#include "models/vocabulary.h"
#include "stages/candidate_source.h"

namespace winnow {

class ItemToItemSource final : public CandidateSource {
 public:
  // Both outlive the source. decay_per_day: of history weights, as in training.
  ItemToItemSource(const ItemToItemModel& model, const Vocabulary& vocabulary, double decay_per_day)
      : model_(model), vocabulary_(vocabulary), decay_per_day_(decay_per_day), nothing_new_(model.items()) {}

  // Without a model, from the stream alone; the vocabulary is empty.
  explicit ItemToItemSource(const Vocabulary& vocabulary);

  std::string_view name() const override { return "item_to_item"; }
  Result<std::unique_ptr<PreparedSource>> prepare(const RequestContext& context) const override;

 private:
  const ItemToItemModel& model_;
  const Vocabulary& vocabulary_;
  double decay_per_day_;
  mutable Similarity::Pool pool_;
  mutable NothingNew nothing_new_;
};

}  // namespace winnow
