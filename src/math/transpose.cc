#include "math/transpose.h"

#include <algorithm>

#include "base/check.h"

namespace winnow {
namespace {

// The compilers' own vectors: four floats fit every processor's registers.
using Four = float __attribute__((vector_size(16)));

Four load(const float* from) {
  Four out;
  __builtin_memcpy(&out, from, sizeof out);
  return out;
}

void store(Four four, float* to) { __builtin_memcpy(to, &four, sizeof four); }

// Four rows of four columns, which are `rows` apart; the rows of out are `width` apart.
void transpose_tile(const float* columns, std::size_t rows, float* out, std::size_t width) {
  const Four a = load(columns);
  const Four b = load(columns + rows);
  const Four c = load(columns + 2 * rows);
  const Four d = load(columns + 3 * rows);
  const Four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const Four ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const Four cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store(__builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5), out);
  store(__builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7), out + width);
  store(__builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5), out + 2 * width);
  store(__builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7), out + 3 * width);
}

}  // namespace

void transpose(std::span<const float> columns, std::size_t rows, std::span<float> out) {
  transpose(columns, rows, out, rows == 0 ? 0 : columns.size() / rows);
}

void transpose(std::span<const float> columns, std::size_t rows, std::span<float> out, std::size_t stride) {
  WINNOW_CHECK(rows == 0 ? columns.empty() : columns.size() % rows == 0);
  constexpr std::size_t kTile = 4;
  const std::size_t width = rows == 0 ? 0 : columns.size() / rows;
  WINNOW_CHECK(width <= stride && out.size() == (width == 0 ? 0 : (rows - 1) * stride + width));
  const std::size_t whole = width / kTile * kTile;
  for (std::size_t first = 0; first < rows; first += kTile) {
    const std::size_t last = std::min(rows, first + kTile);
    std::size_t column = 0;
    for (; last - first == kTile && column < whole; column += kTile)
      transpose_tile(&columns[column * rows + first], rows, &out[first * stride + column], stride);
    for (; column < width; ++column) {
      for (std::size_t row = first; row < last; ++row)
        out[row * stride + column] = columns[column * rows + row];
    }
  }
}

}  // namespace winnow
