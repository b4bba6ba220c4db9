// The tree kernels with AVX2: as with AVX-512 (tree_avx512.cc), on two registers of 32 rows. Leaves are
// looked up by shuffles, a byte of their values at a time, which leaves rows in an order that `places` undoes
// beforehand.
#if defined(__x86_64__)

#include <immintrin.h>

#include "models/gbdt/tree_kernels.h"

#define WINNOW_AVX2 __attribute__((target("avx2,popcnt")))
#define WINNOW_AVX2_INLINE WINNOW_AVX2 __attribute__((always_inline)) inline

namespace winnow::avx2 {
namespace {

// Bytes 0 to 15 and 16 to 31 of a register are unpacked side by side, four of each at a time.
constexpr std::array<std::uint8_t, kTreeRows> unpacked_order() {
  std::array<std::uint8_t, kTreeRows> places{};
  for (std::size_t r = 0; r < kTreeRows; ++r) {
    const std::size_t in = r % 32;
    places[r] = static_cast<std::uint8_t>(r / 32 * 32 + in % 8 / 4 * 16 + in / 8 * 4 + in % 4);
  }
  return places;
}
constexpr std::array<std::uint8_t, kTreeRows> kPlaces = unpacked_order();

// Twice as many as of sixteen thresholds are not above the value: two bits for each of them.
WINNOW_AVX2_INLINE unsigned twice_count_up_to(const float* thresholds, __m256 value) {
  const __m256 low = _mm256_cmp_ps(_mm256_load_ps(thresholds), value, _CMP_LE_OQ);
  const __m256 high = _mm256_cmp_ps(_mm256_load_ps(thresholds + 8), value, _CMP_LE_OQ);
  const __m256i both = _mm256_packs_epi32(_mm256_castps_si256(low), _mm256_castps_si256(high));
  return static_cast<unsigned>(__builtin_popcount(static_cast<unsigned>(_mm256_movemask_epi8(both))));
}

WINNOW_AVX2 bool rank(const ThresholdColumn& column, const float* rows, std::size_t stride, std::size_t count,
                      std::uint8_t* codes) {
  bool missing = false;
  for (std::size_t r = 0; r < count; ++r) {
    const float number = rows[r * stride + column.feature];
    const __m256 value = _mm256_set1_ps(number);
    const unsigned before = twice_count_up_to(column.splitters.data(), value) * 8;
    const unsigned within = twice_count_up_to(column.thresholds.data() + before, value) / 2;
    codes[kPlaces[r]] = static_cast<std::uint8_t>(before + within);
    missing |= number != number;
  }
  return missing;
}

struct Levels {
  __m256i right[kBlockLevels];
};

template <std::size_t node, std::size_t level, std::size_t depth>
WINNOW_AVX2_INLINE __m256i go(const TreeBlock& block, const std::uint8_t* codes, const Levels& levels) {
  if constexpr (level == depth) {
    const NodeTest& test = block.tests[node];
    return _mm256_avg_epu8(_mm256_load_si256(reinterpret_cast<const __m256i*>(codes + test.codes)),
                           _mm256_set1_epi32(static_cast<int>(test.inverted)));
  } else {
    const __m256i left = go<2 * node, level + 1, depth>(block, codes, levels);
    const __m256i right = go<2 * node + 1, level + 1, depth>(block, codes, levels);
    return _mm256_blendv_epi8(left, right, levels.right[level]);
  }
}

template <std::size_t level>
WINNOW_AVX2_INLINE __m256i bit_of(const Levels& levels) {
  const __m256i bit = _mm256_set1_epi8(static_cast<char>(kBlockExits / 2 >> level));
  return _mm256_and_si256(_mm256_srli_epi16(levels.right[level], 2 + level), bit);
}

WINNOW_AVX2_INLINE Levels levels_of(const TreeBlock& block, const std::uint8_t* codes) {
  Levels levels;
  levels.right[0] = go<1, 0, 0>(block, codes, levels);
  levels.right[1] = go<1, 0, 1>(block, codes, levels);
  levels.right[2] = go<1, 0, 2>(block, codes, levels);
  levels.right[3] = go<1, 0, 3>(block, codes, levels);
  levels.right[4] = go<1, 0, 4>(block, codes, levels);
  levels.right[5] = go<1, 0, 5>(block, codes, levels);
  return levels;
}

// The lower four bits of the exits.
WINNOW_AVX2_INLINE __m256i low_bits_of(const Levels& levels) {
  return _mm256_or_si256(_mm256_or_si256(bit_of<2>(levels), bit_of<3>(levels)),
                         _mm256_or_si256(bit_of<4>(levels), bit_of<5>(levels)));
}

WINNOW_AVX2_INLINE __m256i sixteen(const std::uint8_t* from) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(from)));
}

// One byte of the leaves' values. plane: that byte of all 64.
WINNOW_AVX2_INLINE __m256i look_up(const std::uint8_t* plane, __m256i low_bits, const Levels& levels) {
  const __m256i a = _mm256_shuffle_epi8(sixteen(plane), low_bits);
  const __m256i b = _mm256_shuffle_epi8(sixteen(plane + 16), low_bits);
  const __m256i c = _mm256_shuffle_epi8(sixteen(plane + 32), low_bits);
  const __m256i d = _mm256_shuffle_epi8(sixteen(plane + 48), low_bits);
  return _mm256_blendv_epi8(_mm256_blendv_epi8(a, b, levels.right[1]),
                            _mm256_blendv_epi8(c, d, levels.right[1]), levels.right[0]);
}

WINNOW_AVX2_INLINE void add_to(float* sums, __m256i values) {
  _mm256_store_ps(sums, _mm256_add_ps(_mm256_load_ps(sums), _mm256_castsi256_ps(values)));
}

WINNOW_AVX2_INLINE void add_half(const TreeBlock& block, const std::uint8_t* codes, float* sums) {
  const Levels levels = levels_of(block, codes);
  const __m256i low_bits = low_bits_of(levels);
  const auto* planes = reinterpret_cast<const std::uint8_t*>(block.leaves.data());
  const __m256i first = look_up(planes, low_bits, levels);
  const __m256i second = look_up(planes + 64, low_bits, levels);
  const __m256i third = look_up(planes + 128, low_bits, levels);
  const __m256i fourth = look_up(planes + 192, low_bits, levels);
  const __m256i a = _mm256_unpacklo_epi8(first, second);
  const __m256i b = _mm256_unpackhi_epi8(first, second);
  const __m256i c = _mm256_unpacklo_epi8(third, fourth);
  const __m256i d = _mm256_unpackhi_epi8(third, fourth);
  add_to(sums, _mm256_unpacklo_epi16(a, c));
  add_to(sums + 8, _mm256_unpackhi_epi16(a, c));
  add_to(sums + 16, _mm256_unpacklo_epi16(b, d));
  add_to(sums + 24, _mm256_unpackhi_epi16(b, d));
}

WINNOW_AVX2 void add_leaves(const TreeBlock* blocks, std::size_t count, const std::uint8_t* codes,
                            float* sums) {
  for (const TreeBlock* block = blocks; block != blocks + count; ++block) {
    add_half(*block, codes, sums);
    add_half(*block, codes + 32, sums + 32);
  }
}

WINNOW_AVX2_INLINE void find_half(const TreeBlock& block, const std::uint8_t* codes, std::uint8_t* exits) {
  const Levels levels = levels_of(block, codes);
  const __m256i high_bits = _mm256_or_si256(bit_of<0>(levels), bit_of<1>(levels));
  _mm256_store_si256(reinterpret_cast<__m256i*>(exits), _mm256_or_si256(high_bits, low_bits_of(levels)));
}

WINNOW_AVX2 void find_exits(const TreeBlock& block, const std::uint8_t* codes, std::uint8_t* exits) {
  find_half(block, codes, exits);
  find_half(block, codes + 32, exits + 32);
}

}  // namespace

const TreeKernels kTreeKernels = {kPlaces, true, rank, add_leaves, find_exits};

}  // namespace winnow::avx2

#endif
