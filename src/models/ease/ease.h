// EASE^R: item-to-item weights by ridge regression of every item on all others (Steck 2019, "Embarrassingly
// Shallow Autoencoders for Sparse Data").
//
//     minimise over B with zero diagonal:  sum over users of s_u |x_u - x_u B|^2  +  lambda |B|^2
//     G = sum of s_u x_u' x_u,  P = (G + lambda I)^-1,  B_ij = -P_ij / P_jj
//
// with x_ui = sqrt(w_ui / mean w) and s_u proportional to (items of u)^-user_exponent, 1 on average over
// pairs. The columns of B are then scaled: score of j times popularity_j^-popularity_exponent, which gives
// rarer items their due. Every item keeps its `neighbours` weights of the largest magnitude, so the result is
// an ItemToItemModel, served and explained like any other.
//
// The exact inverse takes 4 n^2 bytes for n items (6.4 GB at 40,000) and n^3 operations. Above
// `max_exact_items`, or where it would take most of the memory that is free, each item is regressed on its
// `neighbourhood` most co-occurring items alone (as fsSLIM does, Ning and Karypis 2011), which takes O(n *
// neighbourhood^3) operations and the memory of the co-occurrences.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "models/interactions.h"
#include "models/item_to_item/item_to_item.h"

namespace winnow {

struct EaseOptions {
  float regularization = 100;              // lambda, in pairs of user and item
  float user_exponent = 0;                 // heavy users say less per pair
  float popularity_exponent = 0;           // of the columns' scaling
  std::uint32_t neighbours = 500;          // weights that every item keeps
  std::uint32_t max_exact_items = 40'000;  // up to which the inverse is exact
  std::uint32_t neighbourhood = 200;       // above it
  float history_half_life_days = 0;        // as ItemToItemOptions
};

// Whether the inverse of so many items is exact on this machine, as it is now.
bool ease_is_exact(std::uint32_t items, const EaseOptions& options);

// Deterministic where ease_is_exact() is. Errors: no interactions, options out of range (the field is named).
// When `progress` stops it, items that were not reached have no neighbours.
Result<ItemToItemModel> train_ease(const Interactions& data, const EaseOptions& options,
                                   const TrainProgress& progress = {});

}  // namespace winnow
