// What the narrow kernels of AVX-512 and of AMX share: from sums to what a layer writes. Private to them.
//
// Every function has the target attribute, and is inlined into others that have it, so nothing compiled for
// AVX-512 can be linked into other code. The attribute names bfloat16 for all: a compiler uses its two
// instructions only where they are asked for.
#pragma once

// GCC 12's own headers begin registers of no matter with themselves, and it warns of that where they are
// inlined.
#pragma GCC diagnostic ignored "-Wuninitialized"

#include <immintrin.h>

#include "math/narrow_kernels.h"

#define WINNOW_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16")))
#define WINNOW_AVX512_INLINE WINNOW_AVX512 __attribute__((always_inline)) inline

namespace winnow::avx512 {

constexpr std::size_t kLine = 64;

// Sixteen sums. Members of type __m512i, which may alias anything, g++ 12 writes to memory at every change.
using Sum = std::int32_t __attribute__((vector_size(64)));

// What a layer writes.
enum class Into { floats, relu, codes, halves };

// What a layer reads: sums of its products begin at zero and end as numbers.
struct Codes {
  using Layer = Int8Layer;
  using Number = std::uint8_t;
  static constexpr std::size_t kPerWord = 4;
};
struct Halves {
  using Layer = Bfloat16Layer;
  using Number = std::uint16_t;
  static constexpr std::size_t kPerWord = 2;
};

// What turns sums of sixteen columns into numbers.
using Floats = float __attribute__((vector_size(64)));
struct Int8Columns {
  Floats scale;
  Floats bias;
};
struct Bfloat16Columns {
  Floats bias;
};

WINNOW_AVX512_INLINE Int8Columns columns_of(const Int8Layer& layer, const float* bias, std::size_t column) {
  return {_mm512_load_ps(&layer.scale[column]), _mm512_load_ps(bias + column)};
}
WINNOW_AVX512_INLINE Bfloat16Columns columns_of(const Bfloat16Layer& /*layer*/, const float* bias,
                                                std::size_t column) {
  return {_mm512_load_ps(bias + column)};
}

WINNOW_AVX512_INLINE __m512 numbers_of(Sum sums, const Int8Columns& columns) {
  return _mm512_fmadd_ps(_mm512_cvtepi32_ps(reinterpret_cast<__m512i>(sums)), columns.scale, columns.bias);
}
WINNOW_AVX512_INLINE __m512 numbers_of(Sum sums, const Bfloat16Columns& columns) {
  return _mm512_add_ps(reinterpret_cast<__m512>(sums), columns.bias);
}

// Sixteen outputs of a row, from `column` on. out: of type Out, the row's first.
template <Into into, class Out>
WINNOW_AVX512_INLINE void store(__m512 numbers, Out* out) {
  if constexpr (into != Into::floats) numbers = _mm512_max_ps(numbers, _mm512_setzero_ps());
  if constexpr (into == Into::codes) {
    const __m512i codes = _mm512_cvtps_epi32(_mm512_min_ps(numbers, _mm512_set1_ps(kLargestCode)));
    _mm_store_si128(reinterpret_cast<__m128i*>(out), _mm512_cvtepi32_epi8(codes));
  } else if constexpr (into == Into::halves) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(out),
                       reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(numbers)));
  } else {
    _mm512_store_ps(out, numbers);
  }
}

}  // namespace winnow::avx512
