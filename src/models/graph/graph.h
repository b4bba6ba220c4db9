// The graph model: item vectors smoothed over the graph of users and items, learned by softmax.
//
//     spoken_i = n_i^-item_exponent * smooth(E)_i,  answer_i = smooth(F)_i scaled to length 1
//     x_u = sum of spoken_i over the history, scaled to length 1
//     minimise  sum over pairs (u, i) of  -log( e(u, i) / (e(u, i) + sum over all items j of e(u, j)) ),
//     e(u, i) = exp(<x_u, answer_i> / temperature)
//
// with smooth() of propagation.h (LightGCN, He et al. 2020), the sampled softmax loss in place of BPR (Wu et
// al. 2024, "On the Effectiveness of Sampled Softmax Loss for Item Recommendation"), and users who are the
// sum of their items instead of vectors of their own, so that any history is folded in exactly. E and F are
// the same where `shared`. The sum over all items is estimated from `negatives` items that are drawn once a
// batch, all alike. Each history entry is left out with probability `dropout` while its user is learned from,
// so that an item is also predicted from the others.
//
// E and F start from the graph's smoothest vectors (spectral.h), a far better start than random ones.
// Adam (Kingma and Ba 2015), its rate falling along a half cosine. docs/quality.md says what it is worth
// beside other graph models.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "models/interactions.h"
#include "models/item_vectors/item_vectors.h"

namespace winnow {

struct GraphOptions {
  std::uint32_t dims = 64;   // 1 to 1024
  std::uint32_t layers = 1;  // of smoothing, 0 to 8
  bool shared = true;
  std::uint32_t epochs = 20;
  std::uint32_t batch_users = 1024;
  std::uint32_t negatives = 2048;  // no more than there are items
  float learning_rate = 0.015f;
  float temperature = 0.08f;
  float dropout = 0.3f;
  float item_exponent = 0.5f;
  float user_exponent = 0;  // heavy users say less per pair: each counts n_u^-user_exponent
  float history_half_life_days = 0;
  std::uint64_t seed = 1;
};

// Same data, options and seed give the same bytes on one machine type. When `progress` returns false, the
// model is what was learned so far. O(epochs * users * negatives * dims). Errors: no interactions, options
// out of range (the field is named).
Result<ItemVectorsModel> train_graph(const Interactions& data, const GraphOptions& options,
                                     const TrainProgress& progress = {});

}  // namespace winnow
