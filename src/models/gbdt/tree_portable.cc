// The tree kernels in plain C++.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/gbdt/tree_kernels.h"

namespace winnow {

namespace portable {
namespace {

bool rank(const ThresholdColumn& column, const float* rows, std::size_t stride, std::size_t count,
          std::uint8_t* codes) {
  const float* const begin = column.thresholds.data();
  bool missing = false;
  for (std::size_t r = 0; r < count; ++r) {
    const float value = rows[r * stride + column.feature];
    const bool absent = std::isnan(value);
    const auto below = std::upper_bound(begin, begin + column.count, value) - begin;
    codes[r] = absent ? 0 : static_cast<std::uint8_t>(below);
    missing = missing || absent;
  }
  return missing;
}

// The exit of the row at `place`.
std::size_t exit_of(const TreeBlock& block, const std::uint8_t* codes, std::size_t place) {
  std::size_t node = 1;
  for (std::size_t level = 0; level < kBlockLevels; ++level) {
    const NodeTest& test = block.tests[node];
    node = 2 * node + (codes[test.codes + place] + (test.inverted & 0xFFu) >= 255 ? 1 : 0);
  }
  return node - kBlockExits;
}

void add_leaves(const TreeBlock* blocks, std::size_t count, const std::uint8_t* codes, float* sums) {
  for (std::size_t b = 0; b < count; ++b) {
    for (std::size_t r = 0; r < kTreeRows; ++r) sums[r] += blocks[b].leaves[exit_of(blocks[b], codes, r)];
  }
}

void find_exits(const TreeBlock& block, const std::uint8_t* codes, std::uint8_t* exits) {
  for (std::size_t r = 0; r < kTreeRows; ++r) exits[r] = static_cast<std::uint8_t>(exit_of(block, codes, r));
}

constexpr std::array<std::uint8_t, kTreeRows> in_order() {
  std::array<std::uint8_t, kTreeRows> places{};
  std::iota(places.begin(), places.end(), std::uint8_t{0});
  return places;
}

}  // namespace

const TreeKernels kTreeKernels = {in_order(), false, rank, add_leaves, find_exits};

}  // namespace portable

const TreeKernels& tree_kernels(CpuLevel level) {
#if defined(__x86_64__)
  if (level >= CpuLevel::avx512_vnni) return avx512::kTreeKernels;
  if (level == CpuLevel::avx2) return avx2::kTreeKernels;
#endif
  static_cast<void>(level);
  return portable::kTreeKernels;
}

}  // namespace winnow
