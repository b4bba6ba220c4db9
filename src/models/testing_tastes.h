// Interactions of users with separate tastes, for tests: what a model must find out.
#pragma once

#include <set>

#include "base/random.h"
#include "models/interactions.h"

namespace winnow {

// User u is of taste u % tastes and item i of taste i % tastes; users choose about `chosen` items each, one
// in twenty of another taste. Weights from 1 to 3, times within 100 days.
inline Interactions users_of_tastes(std::uint32_t users, std::uint32_t items, std::uint32_t tastes,
                                    std::uint32_t chosen, std::uint64_t seed) {
  Random random(seed);
  Interactions out;
  out.users = users;
  out.items = items;
  for (std::uint32_t user = 0; user < users; ++user) {
    std::set<std::uint32_t> own;
    for (std::uint32_t n = 0; n < chosen; ++n) {
      const std::uint32_t taste = random.below(20) == 0 ? random.below(tastes) : user % tastes;
      own.insert(random.below(items / tastes) * tastes + taste);
    }
    for (const std::uint32_t item : own) {
      out.item.push_back(item);
      out.weight.push_back(static_cast<float>(1 + random.below(3)));
      out.time_ms.push_back(static_cast<TimestampMs>(random.below(100)) * kDayMs);
    }
    out.offsets.push_back(out.item.size());
  }
  return out;
}

}  // namespace winnow
