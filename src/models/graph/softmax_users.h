// A step of users towards the vectors that explain their histories best, by softmax over items: graph.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "math/aligned.h"

namespace winnow {

// Each user's softmax over the items that stand for all.
struct Softmaxes {
  AlignedFloats weights;    // users x items: exp((<user, item> - 1) / temperature)
  std::vector<float> sums;  // of a user's weights, above 0
};

// users: any number x dims, items: any number above 0 x dims, no longer than 1 each. O(users * items * dims).
Softmaxes softmaxes_of(std::span<const float> users, std::span<const float> items, std::uint32_t dims,
                       float temperature);

// users <- users + means - the mean of `items` under their softmaxes, scaled to length 1. users, means: as
// many as the softmaxes are of x dims; means: of what each chose. O(users * items * dims).
void move_towards(std::span<const float> means, const Softmaxes& softmaxes, std::span<const float> items,
                  std::span<float> users);

// Scales every row to length 1; returns the lengths before. A row of zeros stays.
std::vector<float> normalise_rows(std::span<float> matrix, std::uint32_t dims);

// From the gradient of normalised rows to that of the rows before they were normalised.
void unnormalise_gradient(std::span<const float> normalised, std::span<const float> lengths,
                          std::uint32_t dims, std::span<float> gradient);

}  // namespace winnow
