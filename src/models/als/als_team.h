// The processes that train one ALS model together. Each holds all data and all factors and solves its share
// of the rows; what they solved is exchanged after every half of an epoch. Everything else (Gramians,
// rotations) is done by each of them alike, so the factors come out the same to the last bit however many
// they are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/interactions.h"

namespace winnow {

class AlsTeam {
 public:
  virtual ~AlsTeam() = default;
  virtual std::uint32_t size() const = 0;
  virtual std::uint32_t rank() const = 0;  // below size()
  // Every member has filled its share of `matrix`, the floats [bounds[rank], bounds[rank + 1]), and has all
  // of it afterwards. bounds: size() + 1, the same for all.
  virtual Status exchange(std::span<float> matrix, std::span<const std::uint64_t> bounds) = 0;
};

// Row bounds of each member's share (members + 1): consecutive rows with about as many pairs each.
std::vector<std::uint32_t> shares_of_rows(const Interactions& data, std::uint32_t members);

}  // namespace winnow
