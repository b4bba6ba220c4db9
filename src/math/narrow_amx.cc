// The narrow kernels with AMX: tiles of 16 rows by 64 bytes, two of inputs by two of weights at a time, so
// that four products are taken of four loads.
#if defined(__x86_64__)

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

// Sums of 32 rows by 32 columns, laid down as four tiles; of the upper 16 rows only, where there are no more.
template <class Numbers, bool lower>
WINNOW_AMX_INLINE void sum_up(const typename Numbers::Number* rows, std::size_t inputs,
                              const std::uint8_t* lines, std::size_t panel_bytes, std::int32_t* sums) {
  const std::size_t stride = inputs * sizeof(*rows);
  _tile_zero(0);
  _tile_zero(1);
  if constexpr (lower) {
    _tile_zero(2);
    _tile_zero(3);
  }
  // A tile of inputs is 64 bytes wide, which is sixteen lines of weights.
  constexpr std::size_t kStep = kTile * Numbers::kPerWord;
  for (std::size_t i = 0; i < inputs; i += kStep, lines += kTile * kLine) {
    _tile_loadd(4, rows + i, stride);
    _tile_loadd(6, lines, kLine);
    _tile_loadd(7, lines + panel_bytes, kLine);
    add_upper_products(Numbers());
    if constexpr (!lower) continue;
    _tile_loadd(5, rows + kTile * inputs + i, stride);
    add_lower_products(Numbers());
  }
  _tile_stored(0, sums, kLine);
  _tile_stored(1, sums + kTile * kTile, kLine);
  if constexpr (!lower) return;
  _tile_stored(2, sums + 2 * kTile * kTile, kLine);
  _tile_stored(3, sums + 3 * kTile * kTile, kLine);
}

// So many tiles of sums, as sum_up laid them down, become outputs from this row and column on.
template <class Numbers, Into into, class Out>
WINNOW_AMX_INLINE void lay_out(const std::int32_t* sums, std::size_t tiles,
                               const typename Numbers::Layer& layer, std::size_t row, std::size_t column,
                               Out* out) {
  const std::size_t outputs = layer.outputs;
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    const std::size_t at = column + tile % 2 * kTile;
    const auto columns = avx512::columns_of(layer, at);
    Out* to = out + (row + tile / 2 * kTile) * outputs + at;
    const std::int32_t* from = sums + tile * kTile * kTile;
    for (std::size_t r = 0; r < kTile; ++r, from += kTile, to += outputs) {
      avx512::store<into>(avx512::numbers_of(reinterpret_cast<avx512::Sum>(_mm512_load_si512(from)), columns),
                          to);
    }
  }
}

// The sums of one piece are laid out behind the products of the next, so that the units for tiles and those
// for vectors work at the same time.
template <class Numbers, Into into, class Out>
WINNOW_AMX_INLINE void multiply(const typename Numbers::Number* rows, std::size_t count,
                                const typename Numbers::Layer& layer, Out* out) {
  static_assert(kNarrowRows % (2 * kTile) == 0 && kNarrowWidth % (2 * kTile) == 0);
  const TileConfig config;
  _tile_loadconfig(&config);
  constexpr std::size_t kSums = 4 * kTile * kTile;
  alignas(64) std::int32_t sums[2 * kSums];
  const std::size_t panel_bytes = layer.inputs / Numbers::kPerWord * kLine;
  const std::size_t down = (count + 2 * kTile - 1) / (2 * kTile);
  const std::size_t pieces = down * (layer.outputs / (2 * kTile));
  const auto is_whole = [&](std::size_t piece) { return piece % down * 2 * kTile + kTile < count; };
  for (std::size_t piece = 0; piece <= pieces; ++piece) {
    if (piece < pieces) {
      const auto* from = rows + piece % down * 2 * kTile * layer.inputs;
      const std::uint8_t* lines = layer.lines.data() + piece / down * 2 * panel_bytes;
      std::int32_t* to = sums + piece % 2 * kSums;
      if (is_whole(piece)) {
        sum_up<Numbers, true>(from, layer.inputs, lines, panel_bytes, to);
      } else {
        sum_up<Numbers, false>(from, layer.inputs, lines, panel_bytes, to);
      }
    }
    if (piece > 0) {
      const std::size_t last = piece - 1;
      lay_out<Numbers, into>(sums + last % 2 * kSums, is_whole(last) ? 4 : 2, layer, last % down * 2 * kTile,
                             last / down * 2 * kTile, out);
    }
  }
  // Without it every switch of threads would save the tiles.
  _tile_release();
}

WINNOW_AMX void int8_floats(const std::uint8_t* rows, std::size_t count, const Int8Layer& layer,
                            Activation activation, float* out) {
  if (activation == Activation::relu) return multiply<Codes, Into::relu>(rows, count, layer, out);
  multiply<Codes, Into::floats>(rows, count, layer, out);
}

WINNOW_AMX void int8_codes(const std::uint8_t* rows, std::size_t count, const Int8Layer& layer,
                           std::uint8_t* out) {
  multiply<Codes, Into::codes>(rows, count, layer, out);
}

WINNOW_AMX void bfloat16_floats(const std::uint16_t* rows, std::size_t count, const Bfloat16Layer& layer,
                                Activation activation, float* out) {
  if (activation == Activation::relu) return multiply<Halves, Into::relu>(rows, count, layer, out);
  multiply<Halves, Into::floats>(rows, count, layer, out);
}

WINNOW_AMX void bfloat16_halves(const std::uint16_t* rows, std::size_t count, const Bfloat16Layer& layer,
                                std::uint16_t* out) {
  multiply<Halves, Into::halves>(rows, count, layer, out);
}

}  // namespace

const NarrowKernels kNarrowKernels = {int8_floats, int8_codes, bfloat16_floats, bfloat16_halves};

}  // namespace winnow::amx

#endif
