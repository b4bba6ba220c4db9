// The item graph written down, for tests: S = A'A with A_ui = (n_u n_i)^-1/2.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "models/interactions.h"
#include "models/testing_tastes.h"

namespace winnow {

// Weights of 1: the graph knows only whether a pair exists.
inline Interactions pairs_of_tastes(std::uint32_t users) {
  Interactions out = users_of_tastes(users, 20, 3, 5, 4);
  out.weight.assign(out.size(), 1.0f);
  return out;
}

struct WrittenGraph {
  std::vector<double> degree;          // n_i
  std::vector<std::vector<double>> s;  // items x items
};

inline WrittenGraph written_down(const Interactions& data) {
  WrittenGraph out{std::vector<double>(data.items),
                   std::vector<std::vector<double>>(data.items, std::vector<double>(data.items))};
  for (const std::uint32_t item : data.item) ++out.degree[item];
  for (std::uint32_t user = 0; user < data.users; ++user) {
    const auto items = data.items_of(user);
    for (const std::uint32_t i : items) {
      for (const std::uint32_t j : items) {
        out.s[i][j] += 1 / (static_cast<double>(items.size()) * std::sqrt(out.degree[i] * out.degree[j]));
      }
    }
  }
  return out;
}

}  // namespace winnow
