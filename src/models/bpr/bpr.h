// BPR: vectors learned from pairs of items, one that the user chose and one that they did not (Rendle et al.
// 2009), for users who are the sum of their items (models/item_vectors; Kabbur et al. 2013's FISM-auc).
//
//     minimise  sum over users u, chosen i, drawn j of  -log sigmoid(<x_u without i, answer_i - answer_j>)
//                                                        + regularization / 2 * |vectors in it|^2
//     x_u without i = n^-history_exponent * sum over the other items h of u of spoken_h
//
// by stochastic gradient descent over all pairs of an epoch, users in random order, with a rate that falls to
// nothing. j is drawn among all items in proportion to popularity^negative_exponent.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "models/interactions.h"
#include "models/item_vectors/item_vectors.h"

namespace winnow {

struct BprOptions {
  std::uint32_t dims = 64;  // 1 to 1024
  std::uint32_t epochs = 30;
  float learning_rate = 0.05f;
  float regularization = 0.005f;
  float history_exponent = 0.5f;
  float negative_exponent = 0.5f;  // 0 draws all items alike
  std::uint32_t negatives = 4;     // of each chosen item
  float history_half_life_days = 0;
  std::uint64_t seed = 1;
};

// Same data, options and seed give the same bytes on one machine type. When `progress` returns false, the
// model is what was learned so far. O(epochs * pairs * negatives * dims). Errors: no interactions, options
// out of range (the field is named).
Result<ItemVectorsModel> train_bpr(const Interactions& data, const BprOptions& options,
                                   const TrainProgress& progress = {});

}  // namespace winnow
