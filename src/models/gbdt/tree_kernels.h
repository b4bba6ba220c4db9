// The inner loops of TreeScorer, for each CpuLevel: features become byte codes, and the codes of 64 rows at
// once fall through the upper six levels of a tree, all 63 nodes of which are compared (in the spirit of
// QuickScorer, Lucchese et al. 2015: no branch depends on a row). Every level gives the same bits.
//
// A column is one feature with up to 255 distinct thresholds. The code of a number is how many of them are
// not above it; a node that splits at the j-th one (from 0) sends a row left when the row's code is at most
// j. Each column's codes are held twice: missing values have the code 0, which goes left at every node, in
// the first, and 255, which goes right, in the second.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "math/cpu_level.h"

namespace winnow {

inline constexpr std::size_t kTreeRows = 64;                // rows that are scored together
inline constexpr std::size_t kColumnCodes = 2 * kTreeRows;  // of a column: missing values left, then right
inline constexpr std::size_t kBlockLevels = 6;              // of a tree, which make a block
inline constexpr std::size_t kBlockExits = 64;              // leaves, or where lower levels begin
inline constexpr std::size_t kColumnThresholds = 255;

struct alignas(64) ThresholdColumn {
  std::array<float, kColumnThresholds + 1> thresholds{};  // ascending, then NaN
  std::array<float, 16> splitters{};                      // every sixteenth of them: thresholds[16 * i + 15]
  std::uint32_t feature = 0;
  std::uint32_t count = 0;
};

// Whether a row goes right: code + inverted >= 255, in bytes of 255 - (j + 1) each.
struct NodeTest {
  std::uint32_t codes = 0;     // where the codes of the column and direction begin
  std::uint32_t inverted = 0;  // the same byte four times
};

struct alignas(64) TreeBlock {
  std::array<NodeTest, kBlockExits> tests{};  // 1: the root; the children of n: 2n and 2n + 1
  // Per exit its value; or, for add_leaves where the kernels say so, the values' first bytes, then their
  // second ones, and so on.
  std::array<float, kBlockExits> leaves{};
};

struct TreeKernels {
  // Where a row's code lies among the 64 of its column.
  std::array<std::uint8_t, kTreeRows> places;
  bool leaf_planes;  // blocks of add_leaves hold planes of bytes

  // codes[places[r]] of row r < count <= 64, 0 where missing. rows: `stride` floats apart. True when one is
  // missing.
  bool (*rank)(const ThresholdColumn& column, const float* rows, std::size_t stride, std::size_t count,
               std::uint8_t* codes);
  // For each block in turn: sums[r] += the value of row r's leaf. codes and sums on cache lines.
  void (*add_leaves)(const TreeBlock* blocks, std::size_t count, const std::uint8_t* codes, float* sums);
  // exits[places[r]]: the exit of row r.
  void (*find_exits)(const TreeBlock& block, const std::uint8_t* codes, std::uint8_t* exits);
};

// The kernels of a level that this machine can run (available_cpu_levels()).
const TreeKernels& tree_kernels(CpuLevel level);

namespace portable {
extern const TreeKernels kTreeKernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const TreeKernels kTreeKernels;
}
namespace avx512 {
extern const TreeKernels kTreeKernels;
}
#endif

}  // namespace winnow
