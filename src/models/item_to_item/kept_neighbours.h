// From "what each item keeps" to "who keeps it": the lists of an ItemToItemModel, collected item by item.
#pragma once

#include <cstdint>
#include <vector>

#include "models/item_to_item/item_to_item.h"

namespace winnow {

class KeptNeighbours final {
 public:
  // An item speaks for at most so many others, those with the largest magnitude: what hits have in common
  // with half of a large catalogue would cost requests more than all else, and tells next to nothing (on
  // MovieLens and Gowalla the fourth digit of NDCG).
  static constexpr std::size_t kMostKeepers = 1000;

  // The next item keeps these, in any order: the `keep` of the largest magnitude. Items come in order of row.
  void add(std::vector<ScoredRow> neighbours, std::uint32_t keep);

  // items: of the whole catalogue; those never added keep nothing.
  ItemToItemModel model(const ItemToItemOptions& options, std::uint32_t items) &&;

 private:
  std::vector<std::uint64_t> offsets_{0};
  std::vector<ScoredRow> kept_;
};

}  // namespace winnow
