// The fast kernels against their slow references, on every instruction set that this machine has.
#include <gmock/gmock.h>
#include <hwy/targets.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "math/exponentials.h"
#include "math/logarithms.h"
#include "math/ridge.h"
#include "math/sparse_rows.h"
#include "math/testing_targets.h"
#include "math/testing_vectors.h"
#include "math/top_k.h"
#include "math/vector_kernels.h"

namespace winnow {
namespace {

TEST(VectorKernels, AgreeWithTheScalarReferenceOnEveryInstructionSet) {
  on_every_target([] {
    Random random(7);
    for (std::size_t n = 0; n < 150; ++n) {
      const auto a = random_vector(random, n);
      const auto b = random_vector(random, n);
      EXPECT_NEAR(dot(a, b), reference::dot(a, b), 1e-5 * (1.0 + static_cast<double>(n)));
      auto fast = b;
      auto slow = b;
      axpy(0.5f, a, fast);
      reference::axpy(0.5f, a, slow);
      for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(fast[i], slow[i], 1e-6);
    }
    for (const std::size_t dims : {1u, 7u, 16u, 64u, 70u}) {
      for (const std::size_t rows : {0u, 1u, 3u, 4u, 9u}) {
        const auto matrix = random_vector(random, rows * dims);
        const auto query = random_vector(random, dims);
        std::vector<float> fast(rows);
        std::vector<float> slow(rows);
        score_rows(matrix, query, fast);
        reference::score_rows(matrix, query, slow);
        for (std::size_t i = 0; i < rows; ++i) EXPECT_NEAR(fast[i], slow[i], 1e-4);
      }
    }
  });
}

TEST(Logarithms, AreCloseAndDoNotDependOnTheirPlace) {
  on_every_target([] {
    std::vector<float> numbers = {0, 1e-30f, 1e-7f, 1e-4f, 0.1f, 0.5f, 1, 2, 10, 1e3f, 1e6f, 1e12f, 1e30f};
    numbers.push_back(std::numeric_limits<float>::quiet_NaN());
    for (const float number : numbers) {
      for (std::size_t n = 1; n < 40; ++n) {
        std::vector<float> values(n, number);
        log1p_in_place(values);
        for (const float value : values) {
          EXPECT_EQ(std::bit_cast<std::uint32_t>(value), std::bit_cast<std::uint32_t>(values[0])) << number;
        }
        if (std::isnan(number)) {
          EXPECT_TRUE(std::isnan(values[0]));
        } else {
          const double wanted = std::log1p(static_cast<double>(number));
          EXPECT_NEAR(values[0], wanted, 1e-6 * wanted) << number;
        }
      }
    }
  });
}

TEST(TopK, AgreesWithAFullSortAndBreaksTiesByTheLowerRow) {
  on_every_target([] {
    Random random(11);
    for (int round = 0; round < 300; ++round) {
      const std::size_t n = random.below(500);
      std::vector<float> scores(n);
      for (float& score : scores) {
        // Few distinct values, so that ties are common, and masks in between.
        score = random.below(5) == 0 ? kMasked : static_cast<float>(random.below(40)) - 20.0f;
      }
      const std::size_t k = random.below(60);
      EXPECT_EQ(top_k(scores, k), reference::top_k(scores, k))
          << "n " << n << " k " << k << " round " << round;
    }
  });
}

TEST(TopK, IsExactWhateverASampleOfTheScoresPromises) {
  Random random(12);
  for (int round = 0; round < 60; ++round) {
    const std::size_t n = 2000 + random.below(6000);
    const std::size_t k = 1 + random.below(300);
    std::vector<float> scores(n);
    for (std::size_t i = 0; i < n; ++i) {
      switch (round % 4) {
        case 0:  // in no order
          scores[i] = static_cast<float>(random.uniform());
          break;
        case 1:  // few values
          scores[i] = static_cast<float>(random.below(3));
          break;
        case 2:  // the best lie together, where a sample may miss them
          scores[i] = static_cast<float>(i);
          break;
        default:  // nearly all masked
          scores[i] = random.below(50) == 0 ? 1.0f : kMasked;
      }
    }
    EXPECT_EQ(top_k(scores, k), reference::top_k(scores, k)) << "n " << n << " k " << k << " round " << round;
  }
}

TEST(TopK, SelectsNothingWhenEverythingIsMasked) {
  EXPECT_TRUE(top_k(std::vector<float>(100, kMasked), 10).empty());
  EXPECT_TRUE(top_k({}, 10).empty());
  EXPECT_TRUE(top_k(std::vector<float>(100, 1.0f), 0).empty());
}

struct RandomProblem {
  std::vector<float> matrix;
  std::vector<std::uint32_t> rows;
  std::vector<float> confidence;
  std::vector<float> penalty;
  RidgeProblem problem() const { return {matrix, rows, confidence, penalty}; }
};

RandomProblem random_problem(Random& random, std::uint32_t dims) {
  RandomProblem out;
  const std::uint32_t table = 50;
  out.matrix = random_vector(random, std::size_t{table} * dims);
  out.rows.resize(random.below(90));
  for (auto& row : out.rows) row = random.below(table);
  if (random.below(2) == 0) {
    for (std::size_t i = 0; i < out.rows.size(); ++i) {
      out.confidence.push_back(static_cast<float>(0.1 + 3 * random.uniform()));
    }
  }
  for (std::uint32_t k = 0; k < dims; ++k)
    out.penalty.push_back(static_cast<float>(1 + 50 * random.uniform()));
  return out;
}

TEST(RidgeSolver, ReachesTheCholeskySolutionOnEveryInstructionSet) {
  on_every_target([] {
    Random random(3);
    for (const std::uint32_t dims : {16u, 32u, 48u, 64u, 128u}) {
      RidgeSolver solver(dims);
      for (int round = 0; round < 20; ++round) {
        const RandomProblem random_one = random_problem(random, dims);
        const std::vector<float> exact = RidgeSolver::solve_exactly(random_one.problem());
        std::vector<float> x = random_vector(random, dims);
        solver.solve(random_one.problem(), 200, x);
        for (std::uint32_t k = 0; k < dims; ++k) EXPECT_NEAR(x[k], exact[k], 2e-3) << "dims " << dims;
      }
    }
  });
}

TEST(RidgeSolver, ComesNearerWithEveryStep) {
  Random random(5);
  RidgeSolver solver(64);
  const RandomProblem random_one = random_problem(random, 64);
  const std::vector<float> exact = RidgeSolver::solve_exactly(random_one.problem());
  const auto distance_after = [&](std::uint32_t steps) {
    std::vector<float> x(64);
    solver.solve(random_one.problem(), steps, x);
    axpy(-1.0f, exact, x);
    return std::sqrt(dot(x, x));
  };
  EXPECT_LT(distance_after(3), distance_after(1));
  EXPECT_LT(distance_after(10), distance_after(3));
}

TEST(SparseRows, AgreeWithTheScalarReferenceOnEveryInstructionSet) {
  on_every_target([] {
    Random random(11);
    for (const std::size_t dims : {1u, 5u, 16u, 64u, 70u}) {
      const auto matrix = random_vector(random, 30 * dims);
      for (const std::size_t count : {0u, 1u, 7u, 40u}) {
        std::vector<std::uint32_t> rows(count);
        for (auto& row : rows) row = random.below(30);
        const auto weights = random_vector(random, count);
        std::vector<float> fast(dims, 9.0f);
        std::vector<float> slow(dims);
        sum_rows(matrix, rows, weights, fast);
        reference::sum_rows(matrix, rows, weights, slow);
        for (std::size_t i = 0; i < dims; ++i) EXPECT_NEAR(fast[i], slow[i], 1e-4);
      }
    }
  });
}

TEST(Exponentials, AgreeWithTheLibraryOnEveryInstructionSet) {
  on_every_target([] {
    Random random(12);
    for (std::size_t n = 0; n < 70; ++n) {
      const auto before = random_vector(random, n);
      auto values = before;
      const float sum = exponentiate(values, 10.0f, 10.0f);
      double expected = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const double power = std::exp(10.0 * before[i] - 10.0);
        EXPECT_NEAR(values[i], power, 1e-5 * power);
        expected += power;
      }
      EXPECT_NEAR(sum, expected, 1e-5 * expected);
    }
  });
}

TEST(Exponentials, BelowTheHighestAgreeWithTheLibraryOnEveryInstructionSet) {
  on_every_target([] {
    Random random(13);
    for (std::size_t n = 1; n < 70; ++n) {
      std::vector<std::uint16_t> halves(n);
      std::vector<float> values(n);
      for (std::size_t i = 0; i < n; ++i) {
        halves[i] = static_cast<std::uint16_t>(
            std::bit_cast<std::uint32_t>(static_cast<float>(200 * random.uniform() - 100)) >> 16);
        values[i] = std::bit_cast<float>(std::uint32_t{halves[i]} << 16);
      }
      const std::vector<float> before = values;
      const double highest = *std::ranges::max_element(before);
      double sum = 0;
      for (const float value : before) sum += std::exp(value - highest);
      const Exponentials of_floats = exponentiate_below_highest(values);
      const Exponentials of_halves = exponentiate_below_highest(halves);
      EXPECT_EQ(of_floats.highest, highest);
      EXPECT_EQ(of_halves.highest, highest);
      EXPECT_NEAR(of_floats.sum, sum, 1e-5 * sum);
      EXPECT_NEAR(of_halves.sum, sum, 1e-5 * sum);
      for (std::size_t i = 0; i < n; ++i) {
        const double power = std::exp(before[i] - highest);
        EXPECT_NEAR(values[i], power, 1e-5 * power + 1e-30);
        EXPECT_NEAR(std::bit_cast<float>(std::uint32_t{halves[i]} << 16), power, power / 256 + 1e-30);
      }
    }
  });
}

}  // namespace
}  // namespace winnow
