#include "math/transpose.h"

#include <gtest/gtest.h>

#include <numeric>
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

}  // namespace
}  // namespace winnow
