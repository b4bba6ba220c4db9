#include "math/transpose.h"

#include <gtest/gtest.h>

#include <numeric>
#include <span>
#include <vector>

namespace winnow {
namespace {

TEST(Transpose, PutsEveryNumberInItsPlaceWhateverTheShape) {
  for (std::size_t rows = 0; rows <= 9; ++rows) {
    for (std::size_t width = 0; width <= 9; ++width) {
      std::vector<float> columns(rows * width);
      std::iota(columns.begin(), columns.end(), 1.0f);
      std::vector<float> out(columns.size());
      transpose(columns, rows, out);
      for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t column = 0; column < width; ++column)
          ASSERT_EQ(out[row * width + column], columns[column * rows + row]) << rows << " x " << width;
      }
    }
  }
}

TEST(Transpose, FillsTheFirstPlacesOfWiderRowsAndTouchesNoOther) {
  constexpr std::size_t kStride = 11;
  for (const std::size_t rows : {1u, 4u, 6u}) {
    for (const std::size_t width : {1u, 5u, 8u}) {
      std::vector<float> columns(rows * width);
      std::iota(columns.begin(), columns.end(), 1.0f);
      std::vector<float> out(rows * kStride, -1.0f);
      transpose(columns, rows, std::span(out).first((rows - 1) * kStride + width), kStride);
      for (std::size_t at = 0; at < out.size(); ++at) {
        const std::size_t column = at % kStride;
        ASSERT_EQ(out[at], column < width ? columns[column * rows + at / kStride] : -1.0f)
            << rows << " x " << width;
      }
    }
  }
}

}  // namespace
}  // namespace winnow
