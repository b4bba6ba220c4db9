// The narrow kernels with AVX-512: vpdpbusd multiplies and adds four codes by four weights in each 32-bit
// lane, vdpbf16ps two numbers of bfloat16.
#if defined(__x86_64__)

#include "math/narrow_avx512.h"

namespace winnow::avx512 {
namespace {

constexpr int kTileRows = 6;

WINNOW_AVX512_INLINE Sum add_products(Codes /*numbers*/, Sum sums, __m512i row, __m512i weights) {
  return reinterpret_cast<Sum>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sums), row, weights));
}

WINNOW_AVX512_INLINE Sum add_products(Halves /*numbers*/, Sum sums, __m512i row, __m512i weights) {
  return reinterpret_cast<Sum>(_mm512_dpbf16_ps(
      reinterpret_cast<__m512>(sums), reinterpret_cast<__m512bh>(row), reinterpret_cast<__m512bh>(weights)));
}

WINNOW_AVX512_INLINE __m512i broadcast_word(const void* word) {
  std::int32_t value;
  __builtin_memcpy(&value, word, sizeof value);
  return _mm512_set1_epi32(value);
}

// Sums of kRows rows by four panels, which all stay in registers.
template <int kRows>
struct Sums {
  Sum a, b, c, d;
  Sums<kRows - 1> rest;
};
template <>
struct Sums<0> {};

template <int kRows>
WINNOW_AVX512_INLINE void clear(Sums<kRows>& sums) {
  if constexpr (kRows > 0) {
    sums.a = sums.b = sums.c = sums.d = Sum{};
    clear(sums.rest);
  }
}

template <class Numbers, int kRows>
WINNOW_AVX512_INLINE void add_line(Sums<kRows>& sums, const typename Numbers::Number* row, std::size_t inputs,
                                   __m512i a, __m512i b, __m512i c, __m512i d) {
  if constexpr (kRows > 0) {
    const __m512i word = broadcast_word(row);
    sums.a = add_products(Numbers(), sums.a, word, a);
    sums.b = add_products(Numbers(), sums.b, word, b);
    sums.c = add_products(Numbers(), sums.c, word, c);
    sums.d = add_products(Numbers(), sums.d, word, d);
    add_line<Numbers>(sums.rest, row + inputs, inputs, a, b, c, d);
  }
}

template <Into into, int kRows, class Layer, class Out>
WINNOW_AVX512_INLINE void store_rows(const Sums<kRows>& sums, const Layer& layer, const float* bias,
                                     std::size_t column, Out* out) {
  if constexpr (kRows > 0) {
    store<into>(numbers_of(sums.a, columns_of(layer, bias, column)), out + column);
    store<into>(numbers_of(sums.b, columns_of(layer, bias, column + 16)), out + column + 16);
    store<into>(numbers_of(sums.c, columns_of(layer, bias, column + 32)), out + column + 32);
    store<into>(numbers_of(sums.d, columns_of(layer, bias, column + 48)), out + column + 48);
    store_rows<into>(sums.rest, layer, bias, column, out + layer.outputs);
  }
}

template <class Numbers, Into into, int kRows, class Out>
WINNOW_AVX512_INLINE void tile(const typename Numbers::Number* rows, const typename Numbers::Layer& layer,
                               const float* bias, std::size_t column, Out* out) {
  const std::size_t inputs = layer.inputs;
  const std::size_t panel_bytes = inputs / Numbers::kPerWord * kLine;
  const std::uint8_t* lines = layer.lines.data() + column / 16 * panel_bytes;
  Sums<kRows> sums;
  clear(sums);
  for (std::size_t i = 0; i < layer.depth; i += Numbers::kPerWord, lines += kLine) {
    add_line<Numbers>(sums, rows + i, inputs, _mm512_load_si512(lines),
                      _mm512_load_si512(lines + panel_bytes), _mm512_load_si512(lines + 2 * panel_bytes),
                      _mm512_load_si512(lines + 3 * panel_bytes));
  }
  store_rows<into>(sums, layer, bias, column, out);
}

// The rows that are left over: fewer than a tile has.
template <class Numbers, Into into, int kRows, class Out>
WINNOW_AVX512_INLINE void rest(std::size_t count, const typename Numbers::Number* rows,
                               const typename Numbers::Layer& layer, const float* bias, std::size_t column,
                               Out* out) {
  if constexpr (kRows > 0) {
    if (count == kRows) return tile<Numbers, into, kRows>(rows, layer, bias, column, out);
    rest<Numbers, into, kRows - 1>(count, rows, layer, bias, column, out);
  }
}

template <class Numbers, Into into, class Out>
WINNOW_AVX512_INLINE void multiply(const typename Numbers::Number* rows, std::size_t count,
                                   const typename Numbers::Layer& layer, const float* bias, Out* out) {
  // Four panels stay in the first-level cache while all rows pass by.
  for (std::size_t column = 0; column < layer.breadth; column += kNarrowWidth) {
    std::size_t row = 0;
    for (; row + kTileRows <= count; row += kTileRows) {
      tile<Numbers, into, kTileRows>(rows + row * layer.inputs, layer, bias, column,
                                     out + row * layer.outputs);
    }
    rest<Numbers, into, kTileRows - 1>(count - row, rows + row * layer.inputs, layer, bias, column,
                                       out + row * layer.outputs);
  }
}

WINNOW_AVX512 void int8_floats(const std::uint8_t* rows, std::size_t count, const Int8Layer& layer,
                               const float* bias, Activation activation, float* out) {
  if (activation == Activation::relu) return multiply<Codes, Into::relu>(rows, count, layer, bias, out);
  multiply<Codes, Into::floats>(rows, count, layer, bias, out);
}

WINNOW_AVX512 void int8_codes(const std::uint8_t* rows, std::size_t count, const Int8Layer& layer,
                              const float* bias, std::uint8_t* out) {
  multiply<Codes, Into::codes>(rows, count, layer, bias, out);
}

WINNOW_AVX512 void bfloat16_floats(const std::uint16_t* rows, std::size_t count, const Bfloat16Layer& layer,
                                   const float* bias, Activation activation, float* out) {
  if (activation == Activation::relu) return multiply<Halves, Into::relu>(rows, count, layer, bias, out);
  multiply<Halves, Into::floats>(rows, count, layer, bias, out);
}

WINNOW_AVX512 void bfloat16_halves(const std::uint16_t* rows, std::size_t count, const Bfloat16Layer& layer,
                                   const float* bias, std::uint16_t* out) {
  multiply<Halves, Into::halves>(rows, count, layer, bias, out);
}

}  // namespace

const NarrowKernels kNarrowKernels = {int8_floats, int8_codes, nullptr, nullptr};
const NarrowKernels kNarrowBfloat16Kernels = {int8_floats, int8_codes, bfloat16_floats, bfloat16_halves};

}  // namespace winnow::avx512

#endif
