// The scaled training matrix of EASE: sqrt(s_u) * x_ui, by user and by item.
#pragma once

#include <cstdint>
#include <vector>

#include "models/interactions.h"

namespace winnow {

struct WeightedRows {
  Interactions by_user;               // weight: sqrt(s_u) * x_ui
  Interactions by_item;               // the same, transposed
  std::vector<float> item_frequency;  // sum of the squared weights of each item: the diagonal of G
};

WeightedRows weighted_rows(const Interactions& data, float user_exponent);

// Row `item` of G = X'X added to `row` (items); the columns that were zero before are appended to `touched`.
// O(sum over the item's users of their items).
void add_gram_row(const WeightedRows& rows, std::uint32_t item, std::vector<float>& row,
                  std::vector<std::uint32_t>& touched);

}  // namespace winnow
