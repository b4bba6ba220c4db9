#include "math/dense.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "math/testing_vectors.h"

namespace winnow {
namespace {

TEST(Dense, ProductsAgreeWithTheDefinition) {
  Random random(1);
  const auto left = random_vector(random, 5 * 3);
  const auto right = random_vector(random, 3 * 4);
  const auto product = multiply(left, right, 3);
  ASSERT_EQ(product.size(), 20u);
  std::vector<float> right_transposed(12);
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t j = 0; j < 4; ++j) right_transposed[j * 3 + k] = right[k * 4 + j];
  }
  std::vector<float> again(20);
  multiply_transposed(left, right_transposed, 3, again);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      float sum = 0;
      for (std::size_t k = 0; k < 3; ++k) sum += left[i * 3 + k] * right[k * 4 + j];
      EXPECT_NEAR(product[i * 4 + j], sum, 1e-5);
      EXPECT_NEAR(again[i * 4 + j], sum, 1e-5);
    }
  }
}

TEST(Dense, TheEigenBasisMakesTheGramianDiagonal) {
  Random random(2);
  const auto matrix = random_vector(random, 100 * 16);
  const EigenBasis basis = eigen_basis(gramian(matrix, 16), 16);
  const auto rotated = gramian(multiply(matrix, basis.vectors, 16), 16);
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 16; ++j) {
      EXPECT_NEAR(rotated[i * 16 + j], i == j ? basis.values[i] : 0.0f, 1e-2) << i << "," << j;
    }
  }
}

TEST(Dense, AWeightedGramianCountsEachRowByItsWeight) {
  const std::vector<float> matrix = {1, 2, 3, 4};
  const std::vector<float> weights = {4, 0.25f};
  const auto found = gramian(matrix, 2, weights);
  const std::vector<float> expected = {4 + 2.25f, 8 + 3, 8 + 3, 16 + 4};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(found[i], expected[i], 1e-5);
}

TEST(Dense, NoRowsGiveAZeroGramian) { EXPECT_EQ(gramian({}, 2), std::vector<float>(4)); }

TEST(Dense, TheInverseTimesTheMatrixIsTheIdentity) {
  Random random(8);
  for (const std::uint32_t n : {1u, 3u, 70u, 130u}) {
    std::vector<float> factor(std::size_t{n} * n);
    for (float& value : factor) value = static_cast<float>(random.normal());
    std::vector<float> matrix = gramian(factor, n);
    for (std::uint32_t k = 0; k < n; ++k) matrix[std::size_t{k} * n + k] += static_cast<float>(n);
    std::vector<float> inverse = matrix;
    ASSERT_TRUE(invert_positive_definite(inverse, n));
    for (std::uint32_t i = 0; i < n; ++i) {
      for (std::uint32_t j = 0; j < n; ++j) {
        double sum = 0;
        for (std::uint32_t k = 0; k < n; ++k) {
          sum += static_cast<double>(matrix[std::size_t{i} * n + k]) * inverse[std::size_t{k} * n + j];
        }
        EXPECT_NEAR(sum, i == j ? 1 : 0, 1e-3) << n;
      }
    }
  }
}

TEST(Dense, TheSolutionSolves) {
  std::vector<float> matrix = {4, 1, 1, 3};
  std::vector<float> right = {1, 2};
  ASSERT_TRUE(solve_positive_definite(matrix, right));
  EXPECT_NEAR(right[0], 1.0 / 11, 1e-6);
  EXPECT_NEAR(right[1], 7.0 / 11, 1e-6);
}

TEST(Dense, WhatIsNotPositiveDefiniteHasNoInverse) {
  std::vector<float> matrix = {1, 2, 2, 1};
  EXPECT_FALSE(invert_positive_definite(matrix, 2));
  matrix = {1, 2, 2, 1};
  std::vector<float> right = {1, 1};
  EXPECT_FALSE(solve_positive_definite(matrix, right));
}

}  // namespace
}  // namespace winnow
