// Content: items that are described alike. An item is a sparse vector over its terms; a user is the sum of
// the vectors of their history; the score is the inner product.
//
//     weight of term t in item i:  kind_weight * idf_t * tf (k1 + 1) / (tf + k1),  every vector of length 1
//     idf_t = log((n + 1) / (n_t + 0.5)),  n_t of n items have t
//
// (Salton and Buckley 1988, with BM25's saturation of the term frequency, Robertson and Zaragoza 2009.)
// Nothing is learned from users, so an item can be recommended from the moment it is described. A term that
// one item alone has says nothing about others, and one that more than `common_share` have says too little:
// both are left out.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "models/content/item_terms.h"
#include "models/interactions.h"
#include "models/scoring_model.h"

namespace winnow {

struct ContentOptions {
  // By TermKind; 0 leaves the kind out.
  std::array<float, kTermKinds> kind_weights = {1.0f, 1.0f, 1.0f, 0.7f};
  float common_share = 0.2f;         // of all items, from 0 (nothing is common but in theory) to 1
  float saturation = 1.2f;           // k1
  float history_half_life_days = 0;  // at request time older history counts less; 0: all alike
};

class ContentModel final : public ScoringModel {
 public:
  // Errors: an option out of range (the field is named); no term is shared by two items.
  static Result<ContentModel> build(const ItemTerms& items, const ContentOptions& options);

  std::uint32_t items() const override { return static_cast<std::uint32_t>(item_offsets_.size() - 1); }
  const ContentOptions& options() const { return options_; }

  void score_all(std::span<const std::span<const HistoryEntry>> histories,
                 std::span<float> scores) const override;
  bool zero_is_no_evidence() const override { return true; }

  struct Entry {  // of an item's or a user's vector: a term; of a term's list: an item
    std::uint32_t row = 0;
    float weight = 0;
  };

  std::uint32_t terms() const { return static_cast<std::uint32_t>(keys_.size()); }
  // Ascending by item.
  std::span<const Entry> items_of_term(std::uint32_t term) const {
    return std::span(term_entries_)
        .subspan(term_offsets_[term], term_offsets_[term + 1] - term_offsets_[term]);
  }

  // The user's vector, ascending by term. Entries of the history beyond items() are passed over.
  // O(terms of the history); thread-safe.
  std::vector<Entry> user_terms(std::span<const HistoryEntry> history) const;

  // Cosine of two items, 0 to 1. O(terms of both).
  float similarity(std::uint32_t a, std::uint32_t b) const;

 private:
  std::span<const Entry> terms_of_item(std::uint32_t item) const {
    return std::span(item_entries_)
        .subspan(item_offsets_[item], item_offsets_[item + 1] - item_offsets_[item]);
  }
  void index_terms();
  // Calls each(term, product) for every term that both have.
  template <class Each>
  void for_common(std::uint32_t a, std::uint32_t b, const Each& each) const;

  ContentOptions options_;
  std::vector<std::uint64_t> keys_;  // of each term, ascending
  std::vector<std::uint64_t> item_offsets_{0};
  std::vector<Entry> item_entries_;  // ascending by term within an item
  std::vector<std::uint64_t> term_offsets_{0};
  std::vector<Entry> term_entries_;  // the same, by term: ascending by item
};

}  // namespace winnow
