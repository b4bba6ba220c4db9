#include "models/ranking/held_out_groups.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"

namespace winnow {
namespace {

constexpr std::size_t kFewGroups = 10;
constexpr std::size_t kManyGroups = 2000;
constexpr std::uint32_t kFoldsOfFew = 3;

std::uint32_t folds_of(std::size_t groups, const HoldOut& options) {
  const std::uint32_t folds = options.folds;
  if (options.share <= 0 || groups < std::max<std::size_t>(kFewGroups, 2 * std::size_t{folds})) return 0;
  if (folds > 0) return folds;
  return groups < kManyGroups ? kFoldsOfFew : 1;
}

}  // namespace

std::vector<std::vector<std::uint32_t>> held_out_parts(std::size_t groups, const HoldOut& options,
                                                       std::uint64_t seed) {
  std::vector<std::uint32_t> order(groups);
  std::iota(order.begin(), order.end(), 0u);
  Random random(seed);
  random.shuffle(order);
  const std::uint32_t folds = folds_of(groups, options);
  if (folds == 1) {
    order.resize(static_cast<std::size_t>(std::ceil(options.share * static_cast<double>(groups))));
    return {order};
  }
  std::vector<std::vector<std::uint32_t>> out(folds);
  for (std::size_t k = 0; k < groups && folds > 0; ++k) out[k % folds].push_back(order[k]);
  return out;
}

std::vector<std::uint32_t> groups_without(std::size_t groups, std::span<const std::uint32_t> held_out) {
  std::vector<bool> held(groups);
  for (const std::uint32_t group : held_out) held[group] = true;
  std::vector<std::uint32_t> out;
  for (std::uint32_t group = 0; group < groups; ++group) {
    if (!held[group]) out.push_back(group);
  }
  return out;
}

}  // namespace winnow
