// The graph model: item vectors that start as the graph's smoothest and are learned by softmax.
//
//     p(i | x) = exp(<x, q_i> / temperature) / sum over all items j of exp(<x, q_j> / temperature)
//     x_u = the unit vector that maximises  sum over the history i of  w_i log p(i | x_u)
//     Q, unit vectors, minimises  - sum over pairs (u, i) of  n_u^-user_exponent w_ui log p(t_i | x_u)
//     score of j = <x_u, q_j> + temperature * popularity_exponent * log n_j
//
// t_i is i, or for neighbour_share of it one of the items nearest to i (as the linear filter of gf_cf.h
// counts them, in proportion to that), so that items learn from more users than their own: what UltraGCN (Mao
// et al. 2021) does with its item graph.
//
// Factorisation by softmax on cosines (Wu et al. 2024, "On the Effectiveness of Sampled Softmax Loss for Item
// Recommendation") but without learned users: a user's vector is the best one for the history, found by
//
//     x <- (x + mean of the history's q - mean of all q under p(. | x)), scaled to length 1
//
// in training and in serving alike. So any history is folded in as well as one that was trained on, and there
// is one set of vectors to learn. Since x_u is a maximum, the slope by Q needs no way through it (the
// envelope theorem; nearly so, as t_i is not always i). Cosines leave no room for how popular an item is; the
// last dimension says it: 1 in users, temperature * popularity_exponent * log n_j in items, whence p(j | x)
// is multiplied by n_j^popularity_exponent.
//
// Sums over all items are estimated from items drawn alike: anew for each batch in training, once for all
// (the landmarks) in serving. Q starts from the graph's leading eigenvectors (spectral.h), a far better start
// than random ones: what LightGCN (He et al. 2020) gets from its layers. Adam (Kingma and Ba 2015), its rate
// falling along a half cosine. docs/quality.md says what it is worth beside other graph models.
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

struct GraphOptions {
  std::uint32_t dims = 64;  // 2 to 1024, that of popularity included
  std::uint32_t epochs = 60;
  std::uint32_t batch_users = 1024;  // at most: few users are learned from in smaller batches
  std::uint32_t negatives = 4096;    // drawn for a batch; no more than there are items
  float learning_rate = 0.02f;
  float temperature = 0.12f;
  std::uint32_t neighbours = 10;  // of an item; 1 to 10,000
  float neighbour_share = 0.4f;   // 0 to 1
  float user_exponent = 0;        // heavy users say less per pair: each counts n_u^-user_exponent
  float popularity_exponent = 0.5f;
  float history_half_life_days = 0;
  std::uint64_t seed = 1;
};

// What a GraphModel is made of, all of the same dims; the last dimension is that of popularity.
struct GraphVectors {
  AlignedFloats answers;    // items x dims; a row of zeros is an item that is not known
  AlignedFloats landmarks;  // items drawn to stand for all, any number above 0 x dims
};

class GraphModel final : public VectorModel {
 public:
  // history_half_life_days: at request time older history counts less; 0: all alike.
  GraphModel(std::uint32_t dims, float temperature, GraphVectors vectors, float history_half_life_days = 0);

  std::uint32_t items() const override { return static_cast<std::uint32_t>(vectors_.answers.size() / dims_); }
  std::uint32_t dims() const override { return dims_; }
  std::span<const float> item_vectors() const override { return vectors_.answers; }

  // The user's vector (dims): of length 1 but for the last, which is 1; zeros for a history that says
  // nothing. Entries beyond items() are passed over. Thread-safe. O((|history| + landmarks) * dims).
  std::vector<float> fold_in(std::span<const HistoryEntry> history) const override;

  // The model of a vocabulary whose item i has the row rows[i] here; it has no opinion of items whose row is
  // not below items().
  GraphModel with_items(std::span<const std::uint32_t> rows) const;

  std::string encode() const;  // docs/formats/models.md
  static Result<GraphModel> decode(std::string_view bytes);

 private:
  std::uint32_t dims_;
  float temperature_;
  float history_half_life_days_;
  GraphVectors vectors_;
};

// Same data, options and seed give the same bytes on one machine type. When `progress` returns false, the
// model is what was learned so far. O(epochs * users * negatives * dims). Errors: no interactions, options
// out of range (the field is named).
Result<GraphModel> train_graph(const Interactions& data, const GraphOptions& options,
                               const TrainProgress& progress = {});

}  // namespace winnow
