#include "math/score_scale.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"

namespace winnow {
namespace {

TEST(ScoreScale, GivesAnyScoresMeanZeroAndVarianceOne) {
  Random random(3);
  for (std::size_t size = 2; size < 40; ++size) {
    std::vector<float> scores(size);
    for (float& score : scores) score = static_cast<float>(5 + 2 * random.normal());
    const ScoreScale scale = score_scale(scores);
    double sum = 0;
    double squares = 0;
    for (const float score : scores) {
      sum += scale.of(score);
      squares += scale.of(score) * scale.of(score);
    }
    EXPECT_NEAR(sum / static_cast<double>(size), 0, 1e-5) << size;
    EXPECT_NEAR(squares / static_cast<double>(size), 1, 1e-4) << size;
  }
}

TEST(ScoreScale, EqualScoresAreNoOpinion) {
  EXPECT_EQ(score_scale({}).factor, 0);
  EXPECT_EQ(score_scale(std::vector<float>(7, 0.3f)).of(0.3f), 0);
}

TEST(Largest, IsTheMaximumWhereverItStands) {
  for (std::size_t size = 1; size < 20; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      std::vector<float> numbers(size, -3.0f);
      numbers[place] = -1.5f;
      EXPECT_EQ(largest(numbers), -1.5f) << place << " of " << size;
    }
  }
}

}  // namespace
}  // namespace winnow
