// Two vectors for every item: how it speaks for a user who had it, and how it answers as a candidate.
//
//     user = sum over the history of weight * spoken(item), scaled to length 1;  score = <user, answer(item)>
//
// (the factored item-item model of Kabbur, Ning and Karypis 2013, "FISM"). There are no user vectors to
// learn, so training and serving fold a user in alike, exactly, in O(|history| * dims). BPR and the spectral
// model are two ways to find such vectors.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "math/aligned.h"
#include "models/interactions.h"
#include "models/vector_model.h"

namespace winnow {

class ItemVectorsModel final : public VectorModel {
 public:
  // spoken, answers: items x dims, row-major. history_half_life_days: at request time older history counts
  // less; 0: all alike.
  ItemVectorsModel(std::uint32_t dims, AlignedFloats spoken, AlignedFloats answers,
                   float history_half_life_days = 0);

  std::uint32_t items() const override { return static_cast<std::uint32_t>(answers_.size() / dims_); }
  std::uint32_t dims() const override { return dims_; }
  std::span<const float> item_vectors() const override { return answers_; }

  // The sum of the history's spoken vectors (dims), as long as it comes out.
  std::vector<float> sum_of(std::span<const HistoryEntry> history) const;

  // The user's vector (dims), of length 1; zeros for a history that says nothing. Entries beyond items() are
  // passed over. Thread-safe.
  std::vector<float> fold_in(std::span<const HistoryEntry> history) const override;

  // The model of a vocabulary whose item i has the row rows[i] here; it has no opinion of items whose row is
  // not below items().
  ItemVectorsModel with_items(std::span<const std::uint32_t> rows) const;

  std::string encode() const;  // docs/formats/models.md
  static Result<ItemVectorsModel> decode(std::string_view bytes);

 private:
  std::uint32_t dims_;
  float history_half_life_days_;
  AlignedFloats spoken_;
  AlignedFloats answers_;
};

}  // namespace winnow
