// Item-to-item neighbours from co-occurrence: "people who liked this also liked".
//
// Similarity of items i and j over users that had to do with both, normalised by how frequent each is (cosine
// with an exponent, after Sarwar et al. 2001 and Deshpande and Karypis 2004), shrunk where the evidence is
// thin, keeping the `neighbours` largest of each item.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "models/interactions.h"

namespace winnow {

struct ItemToItemOptions {
  std::uint32_t neighbours = 100;   // kept per item
  float shrinkage = 0;              // added to the denominator
  float popularity_exponent = 0.5;  // of each item's norm product; 0.5 is cosine
  float user_exponent = 0;  // a user of n items counts n^-user_exponent: heavy users say less per pair
  float history_half_life_days = 0;  // at request time older history counts less; 0: all alike
};

class ItemToItemModel final {
 public:
  // offsets: items + 1; neighbours of item i in order of falling score.
  ItemToItemModel(ItemToItemOptions options, std::vector<std::uint64_t> offsets,
                  std::vector<ScoredRow> neighbours);

  std::uint32_t items() const { return static_cast<std::uint32_t>(offsets_.size() - 1); }
  const ItemToItemOptions& options() const { return options_; }
  std::span<const ScoredRow> neighbours(std::uint32_t item) const {
    return std::span(neighbours_).subspan(offsets_[item], offsets_[item + 1] - offsets_[item]);
  }

  // Adds to scores (items()) the similarity of every item to the history. O(|history| * neighbours);
  // thread-safe.
  void score_all(std::span<const HistoryEntry> history, std::span<float> scores) const;

  // The history entry that speaks most for `item`, as an index into history; -1 when none does.
  int strongest(std::span<const HistoryEntry> history, std::uint32_t item) const;

  std::string encode() const;
  static Result<ItemToItemModel> decode(std::string_view bytes);

 private:
  ItemToItemOptions options_;
  std::vector<std::uint64_t> offsets_;
  std::vector<ScoredRow> neighbours_;
};

// O(sum over users of n^2) time, O(items) extra memory. Errors: no interactions, options out of range.
Result<ItemToItemModel> train_item_to_item(const Interactions& data, const ItemToItemOptions& options,
                                           const TrainProgress& progress = {});

}  // namespace winnow
