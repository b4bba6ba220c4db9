// The narrow kernels with AMX: tiles of 16 rows by 64 bytes, two of inputs by two of weights at a time, so
// that four products are taken of four loads.
#if defined(__x86_64__)

#include <utility>

#include "math/narrow_avx512.h"

#define WINNOW_AMX                                                                             \
  __attribute__((                                                                              \
      target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16,amx-tile,amx-int8,amx-" \
             "bf16")))
#define WINNOW_AMX_INLINE WINNOW_AMX __attribute__((always_inline)) inline

namespace winnow::amx {
namespace {

using avx512::Codes;
using avx512::Halves;
using avx512::Into;
using avx512::kLine;

constexpr std::size_t kTile = 16;  // rows, and columns of 32 bits

// Eight tiles of 16 rows by 64 bytes: 0 to 3 are sums, 4 and 5 inputs, 6 and 7 weights.
struct alignas(64) TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t first_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

WINNOW_AMX_INLINE void add_upper_products(Codes /*numbers*/) {
  _tile_dpbusd(0, 4, 6);
  _tile_dpbusd(1, 4, 7);
}
WINNOW_AMX_INLINE void add_lower_products(Codes /*numbers*/) {
  _tile_dpbusd(2, 5, 6);
  _tile_dpbusd(3, 5, 7);
}

WINNOW_AMX_INLINE void add_upper_products(Halves /*numbers*/) {
  _tile_dpbf16ps(0, 4, 6);
  _tile_dpbf16ps(1, 4, 7);
}
WINNOW_AMX_INLINE void add_lower_products(Halves /*numbers*/) {
  _tile_dpbf16ps(2, 5, 6);
  _tile_dpbf16ps(3, 5, 7);
}

constexpr std::size_t kPiece = 2 * kTile;  // rows, and columns, whose sums are taken at a time

// The codes of sixteen numbers, before they are cut to 0 .. 127 from below.
WINNOW_AMX_INLINE __m512i words_of(__m512 numbers) {
  // In this order a number that is not one stays so, and ends as 0.
  return _mm512_cvtps_epi32(_mm512_min_ps(_mm512_set1_ps(kLargestCode), numbers));
}

// Outputs of two rows by 32 columns, of the sums of a and b, and of c and d.
template <Into into, class Out>
WINNOW_AMX_INLINE void store_pair(__m512 a, __m512 b, __m512 c, __m512 d, std::size_t outputs, Out* out) {
  if constexpr (into == Into::codes) {
    // Packing cuts what it narrows to the range, and weaves a, b, c and d together by fours.
    const __m512i halves_above = _mm512_packs_epi32(words_of(a), words_of(b));
    const __m512i halves_below = _mm512_packs_epi32(words_of(c), words_of(d));
    const __m512i codes =
        _mm512_max_epi8(_mm512_packs_epi16(halves_above, halves_below), _mm512_setzero_si512());
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m512i rows = _mm512_permutexvar_epi32(order, codes);
    _mm256_store_si256(reinterpret_cast<__m256i*>(out), _mm512_castsi512_si256(rows));
    _mm256_store_si256(reinterpret_cast<__m256i*>(out + outputs), _mm512_extracti64x4_epi64(rows, 1));
  } else {
    avx512::store<into>(a, out);
    avx512::store<into>(b, out + kTile);
    avx512::store<into>(c, out + outputs);
    avx512::store<into>(d, out + outputs + kTile);
  }
}

template <class Columns>
WINNOW_AMX_INLINE __m512 numbers_at(const std::int32_t* sums, const Columns& columns) {
  return avx512::numbers_of(reinterpret_cast<avx512::Sum>(_mm512_load_si512(sums)), columns);
}

// The rows of a piece whose sums have still to become outputs.
template <class Columns, class Out>
struct Waiting {
  const std::int32_t* sums = nullptr;  // kPiece a row
  std::size_t pairs = 0;               // of rows
  Columns left{};                      // of columns, sixteen
  Columns right{};                     // and the next sixteen
  Out* out = nullptr;                  // outputs of the first of the rows
};

// Makes outputs of so many pairs of rows, or of as many as there are.
template <Into into, class Columns, class Out>
WINNOW_AMX_INLINE void lay_out(Waiting<Columns, Out>& waiting, std::size_t pairs, std::size_t outputs) {
  pairs = pairs < waiting.pairs ? pairs : waiting.pairs;
  waiting.pairs -= pairs;
  for (; pairs > 0; --pairs, waiting.sums += 2 * kPiece, waiting.out += 2 * outputs) {
    const std::int32_t* above = waiting.sums;
    const std::int32_t* below = waiting.sums + kPiece;
    store_pair<into>(numbers_at(above, waiting.left), numbers_at(above + kTile, waiting.right),
                     numbers_at(below, waiting.left), numbers_at(below + kTile, waiting.right), outputs,
                     waiting.out);
  }
}

// A piece's rows are laid out between the products of the next one, some after each step. So near to each
// other, the processor has both in sight, and its unit for tiles works at the same time as those for vectors.
template <class Numbers, Into into, class Out>
WINNOW_AMX_INLINE void multiply(const typename Numbers::Number* rows, std::size_t count,
                                const typename Numbers::Layer& layer, const float* bias, Out* out) {
  static_assert(kNarrowRows % kPiece == 0 && kNarrowWidth % kPiece == 0);
  const TileConfig config;
  _tile_loadconfig(&config);
  // A tile of inputs is 64 bytes wide, which is sixteen lines of weights.
  constexpr std::size_t kStep = kTile * Numbers::kPerWord;
  constexpr std::size_t kSumsStride = kPiece * sizeof(std::int32_t);
  const std::size_t inputs = layer.inputs;
  const std::size_t outputs = layer.outputs;
  const std::size_t stride = inputs * sizeof(*rows);
  const std::size_t panel_bytes = inputs / Numbers::kPerWord * kLine;
  const std::size_t pairs_per_step = (kTile + inputs / kStep - 1) / (inputs / kStep);
  alignas(64) std::int32_t sums[2][kPiece * kPiece];
  std::int32_t* to = sums[0];
  std::int32_t* other = sums[1];
  Waiting<decltype(avx512::columns_of(layer, bias, 0)), Out> waiting;
  for (std::size_t column = 0; column < layer.breadth; column += kPiece) {
    const std::uint8_t* const panels = layer.lines.data() + column / kTile * panel_bytes;
    for (std::size_t row = 0; row < count; row += kPiece) {
      const bool lower = row + kTile < count;  // are there any rows below the upper 16?
      const auto* upper_rows = rows + row * inputs;
      const auto* lower_rows = upper_rows + kTile * inputs;
      const std::uint8_t* lines = panels;
      _tile_zero(0);
      _tile_zero(1);
      _tile_zero(2);
      _tile_zero(3);
      for (std::size_t i = 0; i < inputs; i += kStep, lines += kTile * kLine) {
        _tile_loadd(4, upper_rows + i, stride);
        _tile_loadd(6, lines, kLine);
        _tile_loadd(7, lines + panel_bytes, kLine);
        add_upper_products(Numbers());
        if (lower) {
          _tile_loadd(5, lower_rows + i, stride);
          add_lower_products(Numbers());
        }
        lay_out<into>(waiting, pairs_per_step, outputs);
      }
      _tile_stored(0, to, kSumsStride);
      _tile_stored(1, to + kTile, kSumsStride);
      if (lower) {
        _tile_stored(2, to + kTile * kPiece, kSumsStride);
        _tile_stored(3, to + kTile * kPiece + kTile, kSumsStride);
      }
      waiting = {to, lower ? kTile : kTile / 2, avx512::columns_of(layer, bias, column),
                 avx512::columns_of(layer, bias, column + kTile), out + row * outputs + column};
      std::swap(to, other);
    }
  }
  lay_out<into>(waiting, kTile, outputs);
  // Without it every switch of threads would save the tiles.
  _tile_release();
}

// Of so few rows, tiles would be mostly air. (Sums of bfloat16 would come out in another order elsewhere.)
constexpr std::size_t kFewRows = 4;

WINNOW_AMX void int8_floats(const std::uint8_t* rows, std::size_t count, const Int8Layer& layer,
                            const float* bias, Activation activation, float* out) {
  if (count <= kFewRows) return avx512::kNarrowKernels.int8_floats(rows, count, layer, bias, activation, out);
  if (activation == Activation::relu) return multiply<Codes, Into::relu>(rows, count, layer, bias, out);
  multiply<Codes, Into::floats>(rows, count, layer, bias, out);
}

WINNOW_AMX void int8_codes(const std::uint8_t* rows, std::size_t count, const Int8Layer& layer,
                           const float* bias, std::uint8_t* out) {
  if (count <= kFewRows) return avx512::kNarrowKernels.int8_codes(rows, count, layer, bias, out);
  multiply<Codes, Into::codes>(rows, count, layer, bias, out);
}

WINNOW_AMX void bfloat16_floats(const std::uint16_t* rows, std::size_t count, const Bfloat16Layer& layer,
                                const float* bias, Activation activation, float* out) {
  if (activation == Activation::relu) return multiply<Halves, Into::relu>(rows, count, layer, bias, out);
  multiply<Halves, Into::floats>(rows, count, layer, bias, out);
}

WINNOW_AMX void bfloat16_halves(const std::uint16_t* rows, std::size_t count, const Bfloat16Layer& layer,
                                const float* bias, std::uint16_t* out) {
  multiply<Halves, Into::halves>(rows, count, layer, bias, out);
}

}  // namespace

const NarrowKernels kNarrowKernels = {int8_floats, int8_codes, bfloat16_floats, bfloat16_halves};

}  // namespace winnow::amx

#endif
