// The tree kernels with AVX-512: 64 rows are one register of codes. What a row does at a node is the highest
// bit of its byte of the average of its code and the node's; selections between nodes act on whole registers,
// and only that bit of them has a meaning.
#if defined(__x86_64__)

// GCC 12's own headers begin registers of no matter with themselves, and it warns of that where they are
// inlined.
#pragma GCC diagnostic ignored "-Wuninitialized"

#include <immintrin.h>

#include "models/gbdt/tree_kernels.h"

#define WINNOW_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,popcnt")))
#define WINNOW_AVX512_INLINE WINNOW_AVX512 __attribute__((always_inline)) inline

namespace winnow::avx512 {
namespace {

WINNOW_AVX512 bool rank(const ThresholdColumn& column, const float* rows, std::size_t stride,
                        std::size_t count, std::uint8_t* codes) {
  const __m512 splitters = _mm512_load_ps(column.splitters.data());
  bool missing = false;
  for (std::size_t r = 0; r < count; ++r) {
    const float number = rows[r * stride + column.feature];
    const __m512 value = _mm512_set1_ps(number);
    const auto block =
        static_cast<unsigned>(__builtin_popcount(_mm512_cmp_ps_mask(splitters, value, _CMP_LE_OQ)));
    const __m512 thresholds = _mm512_load_ps(column.thresholds.data() + std::size_t{block} * 16);
    const auto within =
        static_cast<unsigned>(__builtin_popcount(_mm512_cmp_ps_mask(thresholds, value, _CMP_LE_OQ)));
    codes[r] = static_cast<std::uint8_t>(block * 16 + within);
    missing |= number != number;
  }
  return missing;
}

struct Levels {
  __m512i right[kBlockLevels];
};

// Of rows that stand at `node` after `level` more levels than this: where they go from there, at `depth`.
template <std::size_t node, std::size_t level, std::size_t depth>
WINNOW_AVX512_INLINE __m512i go(const TreeBlock& block, const std::uint8_t* codes, const Levels& levels) {
  if constexpr (level == depth) {
    const NodeTest& test = block.tests[node];
    return _mm512_avg_epu8(_mm512_load_si512(codes + test.codes),
                           _mm512_set1_epi32(static_cast<int>(test.inverted)));
  } else {
    const __m512i left = go<2 * node, level + 1, depth>(block, codes, levels);
    const __m512i right = go<2 * node + 1, level + 1, depth>(block, codes, levels);
    return _mm512_ternarylogic_epi64(levels.right[level], right, left, 0xCA);
  }
}

// The bit of one level, moved to its place in an exit's number.
template <std::size_t level>
WINNOW_AVX512_INLINE __m512i with_bit(__m512i exits, const Levels& levels) {
  const __m512i bit = _mm512_set1_epi8(static_cast<char>(kBlockExits / 2 >> level));
  const __m512i moved = _mm512_srli_epi16(levels.right[level], 2 + level);
  return _mm512_ternarylogic_epi64(exits, moved, bit, 0xF8);
}

WINNOW_AVX512_INLINE __m512i exits_of(const TreeBlock& block, const std::uint8_t* codes) {
  Levels levels;
  levels.right[0] = go<1, 0, 0>(block, codes, levels);
  levels.right[1] = go<1, 0, 1>(block, codes, levels);
  levels.right[2] = go<1, 0, 2>(block, codes, levels);
  levels.right[3] = go<1, 0, 3>(block, codes, levels);
  levels.right[4] = go<1, 0, 4>(block, codes, levels);
  levels.right[5] = go<1, 0, 5>(block, codes, levels);
  __m512i exits = with_bit<0>(_mm512_setzero_si512(), levels);
  exits = with_bit<1>(exits, levels);
  exits = with_bit<2>(exits, levels);
  exits = with_bit<3>(exits, levels);
  exits = with_bit<4>(exits, levels);
  return with_bit<5>(exits, levels);
}

// A block's leaves in registers.
struct Leaves {
  __m512 a, b, c, d;
};

template <int quarter>
WINNOW_AVX512_INLINE __m512 values_of(__m512i exits, const Leaves& leaves) {
  const __m512i exit = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(exits, quarter));
  const __m512 low = _mm512_permutex2var_ps(leaves.a, exit, leaves.b);
  const __m512 high = _mm512_permutex2var_ps(leaves.c, exit, leaves.d);
  return _mm512_mask_blend_ps(_mm512_test_epi32_mask(exit, _mm512_set1_epi32(32)), low, high);
}

WINNOW_AVX512 void add_leaves(const TreeBlock* blocks, std::size_t count, const std::uint8_t* codes,
                              float* sums) {
  __m512 first = _mm512_load_ps(sums);
  __m512 second = _mm512_load_ps(sums + 16);
  __m512 third = _mm512_load_ps(sums + 32);
  __m512 fourth = _mm512_load_ps(sums + 48);
  for (const TreeBlock* block = blocks; block != blocks + count; ++block) {
    const __m512i exits = exits_of(*block, codes);
    const float* values = block->leaves.data();
    const Leaves leaves = {_mm512_load_ps(values), _mm512_load_ps(values + 16), _mm512_load_ps(values + 32),
                           _mm512_load_ps(values + 48)};
    first = _mm512_add_ps(first, values_of<0>(exits, leaves));
    second = _mm512_add_ps(second, values_of<1>(exits, leaves));
    third = _mm512_add_ps(third, values_of<2>(exits, leaves));
    fourth = _mm512_add_ps(fourth, values_of<3>(exits, leaves));
  }
  _mm512_store_ps(sums, first);
  _mm512_store_ps(sums + 16, second);
  _mm512_store_ps(sums + 32, third);
  _mm512_store_ps(sums + 48, fourth);
}

WINNOW_AVX512 void find_exits(const TreeBlock& block, const std::uint8_t* codes, std::uint8_t* exits) {
  _mm512_store_si512(exits, exits_of(block, codes));
}

constexpr std::array<std::uint8_t, kTreeRows> in_order() {
  std::array<std::uint8_t, kTreeRows> places{};
  for (std::size_t r = 0; r < kTreeRows; ++r) places[r] = static_cast<std::uint8_t>(r);
  return places;
}

}  // namespace

const TreeKernels kTreeKernels = {in_order(), false, rank, add_leaves, find_exits};

}  // namespace winnow::avx512

#endif
