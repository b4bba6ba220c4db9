// The graph model: what the filters of the item graph think of a history, distilled into two short vectors
// for every item.
//
//     teacher  t_uj, the opinion of bspm.h of item j, which is not in the history u; the `taught` best count
//     target   q_uj = t_uj^sharpness / the sum of that over those
//     student  x_u = n_u^-user_exponent * sum over the history i of w_i s_i,   n_u = sum of w_i
//              p(j | u) = exp <x_u, a_j> / the sum of that over all items outside the history
//
// S (how an item speaks for its users) and A (how it answers) minimise, in the mean over histories,
// - sum over j of q_uj log p(j | u).
//
// The filters look five times through all interactions for one user and keep hundreds of dimensions. What
// they think of a history can be had for any history though, without labels, so a model of a few dimensions
// can learn to repeat it (knowledge distillation: Hinton, Vinyals and Dean 2015; of rankings: Tang and Wang
// 2018). The result is an ItemVectorsModel: a user is a weighted sum, and an index holds the answers.
//
// Where users are few, random halves of their histories are taught besides. The sum over all items is
// estimated from items drawn alike, anew for each batch. S and A start from the graph's leading eigenvectors
// (spectral.h). Adam (Kingma and Ba 2015), its rate falling along a half cosine. docs/quality.md says what it
// is worth beside its teacher and other graph models.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "models/interactions.h"
#include "models/item_vectors/item_vectors.h"

namespace winnow {

struct GraphOptions {
  std::uint32_t dims = 64;           // 1 to 1024
  std::uint32_t histories = 65'536;  // to learn from, at most; 1 to 10 million
  std::uint32_t epochs = 25;
  std::uint32_t batch = 512;       // histories, at most: few are learned from in smaller batches; 1 to 65,536
  std::uint32_t negatives = 4096;  // drawn for a batch; no more than there are items; 1 to 1 million
  float learning_rate = 0.02f;     // above 0, to 10
  float user_exponent = 0.75f;     // 0 to 1
  std::uint32_t taught = 200;      // 1 to 1000
  float sharpness = 3;             // 0 to 20
  // The teacher: BspmOptions.
  std::uint32_t filter_dims = 512;
  float smooth_weight = 0.2f;
  float time = 2.5f;
  float history_half_life_days = 0;  // of the student, at request time
  std::uint64_t seed = 1;
};

// Same data, options and seed give the same bytes on one machine type. When `progress` returns false, the
// model is what was learned so far. O(histories * (pairs + items * filter_dims) + epochs * histories *
// negatives * dims). Errors: no interactions, options out of range (the field is named).
Result<ItemVectorsModel> train_graph(const Interactions& data, const GraphOptions& options,
                                     const TrainProgress& progress = {});

}  // namespace winnow
