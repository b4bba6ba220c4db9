// The narrow kernels with AVX2: multiply-add of unsigned codes by signed weights into 16 bits, a group of
// lines added up there (narrow_layer.h says why that is exact), then into 32 bits.
#if defined(__x86_64__)

#include <immintrin.h>

#include "math/narrow_kernels.h"

#define WINNOW_AVX2 __attribute__((target("avx2,fma")))
#define WINNOW_AVX2_INLINE WINNOW_AVX2 __attribute__((always_inline)) inline
#define WINNOW_UNROLL _Pragma("GCC unroll 16")
// GCC otherwise reorders the 16-bit sums, and then runs out of registers.
#define WINNOW_PIN(vector) __asm__("" : "+x"(vector))

namespace winnow::avx2 {
namespace {

constexpr std::size_t kLine = 64;

enum class Into { floats, relu, codes };

WINNOW_AVX2_INLINE __m256i broadcast_codes(const std::uint8_t* codes) {
  std::int32_t word;
  __builtin_memcpy(&word, codes, sizeof word);
  return _mm256_set1_epi32(word);
}

// The codes of eight numbers, before they are cut to 0 .. 127 from below.
WINNOW_AVX2_INLINE __m256i words_of(__m256 numbers) {
  // In this order a number that is not one stays so, and ends as 0.
  return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_set1_ps(kLargestCode), numbers));
}

// Sums of kRows rows by one panel, which all stay in registers.
template <int kRows>
struct Sums {
  __m256i a, b;
  Sums<kRows - 1> rest;
};
template <>
struct Sums<0> {};

template <int kRows>
WINNOW_AVX2_INLINE void clear(Sums<kRows>& sums) {
  if constexpr (kRows > 0) {
    sums.a = sums.b = _mm256_setzero_si256();
    clear(sums.rest);
  }
}

WINNOW_AVX2_INLINE __m256i load_half(const std::uint8_t* line) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(line));
}

// Products of a line, begun with or added up in 16 bits.
template <bool begin, int kRows>
WINNOW_AVX2_INLINE void add_line(Sums<kRows>& group, const std::uint8_t* row, std::size_t inputs, __m256i a,
                                 __m256i b) {
  if constexpr (kRows > 0) {
    const __m256i codes = broadcast_codes(row);
    const __m256i first = _mm256_maddubs_epi16(codes, a);
    const __m256i second = _mm256_maddubs_epi16(codes, b);
    group.a = begin ? first : _mm256_add_epi16(group.a, first);
    group.b = begin ? second : _mm256_add_epi16(group.b, second);
    WINNOW_PIN(group.a);
    WINNOW_PIN(group.b);
    add_line<begin>(group.rest, row + inputs, inputs, a, b);
  }
}

template <int kRows>
WINNOW_AVX2_INLINE void add_group(Sums<kRows>& sums, const Sums<kRows>& group) {
  if constexpr (kRows > 0) {
    const __m256i ones = _mm256_set1_epi16(1);
    sums.a = _mm256_add_epi32(sums.a, _mm256_madd_epi16(group.a, ones));
    sums.b = _mm256_add_epi32(sums.b, _mm256_madd_epi16(group.b, ones));
    add_group(sums.rest, group.rest);
  }
}

// Eight outputs, from `column` on.
WINNOW_AVX2_INLINE __m256 numbers_of(__m256i sums, const Int8Layer& layer, const float* bias,
                                     std::size_t column) {
  return _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums), _mm256_load_ps(&layer.scale[column]),
                         _mm256_load_ps(bias + column));
}

// The sixteen outputs of a row that a panel gives.
template <Into into, class Out>
WINNOW_AVX2_INLINE void store(__m256 left, __m256 right, Out* out) {
  if constexpr (into == Into::codes) {
    // Packing cuts what it narrows to the range, and weaves left and right together by fours.
    const __m256i halves = _mm256_packs_epi32(words_of(left), words_of(right));
    const __m256i codes = _mm256_packus_epi16(halves, halves);
    const __m256i row = _mm256_permutevar8x32_epi32(codes, _mm256_setr_epi32(0, 4, 1, 5, 0, 4, 1, 5));
    _mm_store_si128(reinterpret_cast<__m128i*>(out), _mm256_castsi256_si128(row));
  } else {
    if constexpr (into == Into::relu) {
      left = _mm256_max_ps(left, _mm256_setzero_ps());
      right = _mm256_max_ps(right, _mm256_setzero_ps());
    }
    _mm256_store_ps(out, left);
    _mm256_store_ps(out + 8, right);
  }
}

template <Into into, int kRows, class Out>
WINNOW_AVX2_INLINE void store_rows(const Sums<kRows>& sums, const Int8Layer& layer, const float* bias,
                                   std::size_t column, Out* out) {
  if constexpr (kRows > 0) {
    store<into>(numbers_of(sums.a, layer, bias, column), numbers_of(sums.b, layer, bias, column + 8),
                out + column);
    store_rows<into>(sums.rest, layer, bias, column, out + layer.outputs);
  }
}

// kLines lines, their products in 16 bits first.
template <std::size_t kLines, int kRows>
WINNOW_AVX2_INLINE void add_lines(Sums<kRows>& sums, const std::uint8_t* rows, std::size_t inputs,
                                  const std::uint8_t* lines) {
  Sums<kRows> group;
  add_line<true>(group, rows, inputs, load_half(lines), load_half(lines + 32));
  WINNOW_UNROLL for (std::size_t g = 1; g < kLines; ++g) {
    const std::uint8_t* line = lines + g * kLine;
    add_line<false>(group, rows + 4 * g, inputs, load_half(line), load_half(line + 32));
  }
  add_group(sums, group);
}

template <int kRows, Into into, class Out>
WINNOW_AVX2_INLINE void tile(const std::uint8_t* rows, const Int8Layer& layer, const float* bias,
                             std::size_t panel, Out* out) {
  const std::size_t inputs = layer.inputs;
  const std::uint8_t* lines = layer.lines.data() + panel * 16 * inputs;
  Sums<kRows> sums;
  clear(sums);
  std::size_t i = 0;
  for (; i + 4 * kNarrowGroup <= layer.depth; i += 4 * kNarrowGroup) {
    add_lines<kNarrowGroup>(sums, rows + i, inputs, lines + i / 4 * kLine);
  }
  static_assert(kNarrowStep == 4 * kNarrowGroup / 2);
  if (i < layer.depth) add_lines<kNarrowGroup / 2>(sums, rows + i, inputs, lines + i / 4 * kLine);
  store_rows<into>(sums, layer, bias, panel * 16, out);
}

constexpr std::size_t kTileRows = 3;  // six sums of 32 bits, six of 16, and what they are made of

template <Into into, class Out>
WINNOW_AVX2_INLINE void multiply(const std::uint8_t* rows, std::size_t count, const Int8Layer& layer,
                                 const float* bias, Out* out) {
  // A panel stays in the first-level cache while all rows pass by.
  for (std::size_t panel = 0; panel < layer.breadth / 16; ++panel) {
    std::size_t row = 0;
    for (; row + kTileRows <= count; row += kTileRows) {
      tile<kTileRows, into>(rows + row * layer.inputs, layer, bias, panel, out + row * layer.outputs);
    }
    for (; row < count; ++row)
      tile<1, into>(rows + row * layer.inputs, layer, bias, panel, out + row * layer.outputs);
  }
}

WINNOW_AVX2 void int8_floats(const std::uint8_t* rows, std::size_t count, const Int8Layer& layer,
                             const float* bias, Activation activation, float* out) {
  if (activation == Activation::relu) return multiply<Into::relu>(rows, count, layer, bias, out);
  multiply<Into::floats>(rows, count, layer, bias, out);
}

WINNOW_AVX2 void int8_codes(const std::uint8_t* rows, std::size_t count, const Int8Layer& layer,
                            const float* bias, std::uint8_t* out) {
  multiply<Into::codes>(rows, count, layer, bias, out);
}

}  // namespace

const NarrowKernels kNarrowKernels = {int8_floats, int8_codes, nullptr, nullptr};

}  // namespace winnow::avx2

#endif
