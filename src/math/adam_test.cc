#include "math/adam.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace winnow {
namespace {

TEST(Adam, MovesEachParameterByTheMomentsOfItsGradient) {
  constexpr std::size_t kParameters = 37;  // whole vectors and a rest
  Random random(1);
  std::vector<float> parameters(kParameters, 1.0f);
  std::vector<double> expected(kParameters, 1.0);
  std::vector<double> first(kParameters);
  std::vector<double> second(kParameters);
  Adam optimiser(kParameters);
  for (int step = 1; step <= 20; ++step) {
    std::vector<float> gradient(kParameters);
    for (float& value : gradient) value = static_cast<float>(random.normal());
    optimiser.step(gradient, 0.01f, parameters);
    for (std::size_t k = 0; k < kParameters; ++k) {
      const double slope = gradient[k];
      first[k] = 0.9 * first[k] + 0.1 * slope;
      second[k] = 0.99 * second[k] + 0.01 * slope * slope;
      expected[k] -=
          0.01 * first[k] / (1 - std::pow(0.9, step)) / std::sqrt(second[k] / (1 - std::pow(0.99, step)));
      EXPECT_NEAR(parameters[k], expected[k], 1e-5) << step << ' ' << k;
    }
  }
}

TEST(Adam, FindsTheBottomOfABowl) {
  std::vector<float> at = {5, -3};
  Adam optimiser(at.size());
  for (int step = 0; step < 2000; ++step)
    optimiser.step(std::vector<float>{2 * (at[0] - 1), at[1]}, 0.01f, at);
  EXPECT_NEAR(at[0], 1, 0.02);
  EXPECT_NEAR(at[1], 0, 0.02);
}

}  // namespace
}  // namespace winnow
