// Item-to-item neighbours from co-occurrence: "people who liked this also liked".
//
// Similarity of items i and j over the users that had to do with both, with x = sqrt(weight):
//
//     sum over users of x_ui x_uj n_u^-user_exponent  /  ((W_i W_j)^popularity_exponent + shrinkage)
//
// where n_u is the user's number of items and W_i = sum of x_ui^2: cosine at a popularity exponent of 0.5,
// lift at 1 (after Sarwar et al. 2001 and Deshpande and Karypis 2004). With wilson_z > 0 the sum is what it
// would be at least, by the lower bound of Wilson's interval (1927) of its share of sqrt(V_i V_j), the most
// it can be: V_i = sum of x_ui^2 n_u^-user_exponent. So what few users did counts less. Every item keeps the
// `neighbours` most similar ones, and is then scored by those of them that the user has in the history. So
// the model's lists run the other way, from an item to those that keep it: what everybody knows is in many
// users' histories, but does not crowd the lists of others.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "math/aligned.h"
#include "models/interactions.h"
#include "models/scoring_model.h"

namespace winnow {

struct ItemToItemOptions {
  std::uint32_t neighbours = 100;     // that every item keeps
  float shrinkage = 0;                // added to the denominator: thin evidence counts less
  float popularity_exponent = 0.35f;  // 0.5 is cosine; less favours items that many like
  float user_exponent = 0.5f;         // heavy users say less per pair
  float wilson_z = 0;                 // standard deviations of the interval; 0: the sum as it is
  float history_half_life_days = 0;   // at request time older history counts less; 0: all alike
};

class ItemToItemModel final : public ScoringModel {
 public:
  // offsets: items + 1; the list of each item in order of falling score.
  ItemToItemModel(ItemToItemOptions options, std::vector<std::uint64_t> offsets,
                  const std::vector<ScoredRow>& neighbours);

  std::uint32_t items() const override { return static_cast<std::uint32_t>(offsets_.size() - 1); }
  const ItemToItemOptions& options() const { return options_; }
  // The items that keep `item` among their neighbours, most similar first; empty for one that nobody does.
  std::span<const ScoredRow> neighbours(std::uint32_t item) const {
    return std::span(neighbours_).subspan(offsets_[item], offsets_[item + 1] - offsets_[item]);
  }

  // How much each entry of the history says: its weight, less for its age before the newest entry.
  std::vector<float> entry_weights(std::span<const HistoryEntry> history) const;

  // Adds to scores (items()) the similarity of every item to the history. O(|history| * neighbours);
  // thread-safe.
  void add_scores(std::span<const HistoryEntry> history, std::span<float> scores) const;

  void score_all(std::span<const std::span<const HistoryEntry>> histories,
                 std::span<float> scores) const override;
  bool zero_is_no_evidence() const override { return true; }

  std::string encode() const;
  static Result<ItemToItemModel> decode(std::string_view bytes);

 private:
  ItemToItemOptions options_;
  std::vector<std::uint64_t> offsets_;
  HugeVector<ScoredRow> neighbours_;
};

// O(sum over users of n^2) time, O(items) extra memory. Errors: no interactions, options out of range.
Result<ItemToItemModel> train_item_to_item(const Interactions& data, const ItemToItemOptions& options,
                                           const TrainProgress& progress = {});

}  // namespace winnow
