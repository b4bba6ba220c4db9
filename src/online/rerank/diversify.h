// diversify: an order in which neighbours are not all alike.
//
// Greedy maximal marginal relevance (Carbonell and Goldstein 1998): the next item is the one with the highest
// score less `weight` times its likeness to the most similar item before it. Scores are standardised, so a
// weight of 1 lets an exact repeat fall by one standard deviation of the candidates.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "domain/item.h"
#include "stages/candidates.h"

namespace winnow {

struct DiversityOptions {
  double weight = 0;       // 0: the order stays as it is
  std::size_t pool = 100;  // the best candidates, at least as many as are wanted, among which is chosen
  std::map<std::string, double, std::less<>> surface_weight;  // what differs on a surface

  double weight_on(std::string_view surface) const;
};

// What likeness is read from; a part that is empty or 0 is not known.
struct ItemLikeness {
  std::span<const NameKey> categories;
  NameKey creator = 0;
  std::span<const float> vector;  // learned; of any length, the same for all
};

// The mean, over what both items have, of: the Jaccard index of their categories, whether they have one
// creator, and the cosine of their vectors, at least 0. 0 where they have nothing in common to compare.
float likeness(const ItemLikeness& a, const ItemLikeness& b);

// The first `count` entries become the chosen ones, in their order, with what they were chosen by as score,
// which never rises. likeness_of is called once for each item of the pool. O(entries + count x pool).
void diversify(Ranked& ranked, std::size_t count, double weight, std::size_t pool,
               const std::function<ItemLikeness(ItemIndex)>& likeness_of);

}  // namespace winnow
