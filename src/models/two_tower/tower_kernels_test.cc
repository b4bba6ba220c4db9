// The user tower's kernels against their slow references, on every instruction set that this machine has.
#include "models/two_tower/tower_kernels.h"

#include <gmock/gmock.h>
#include <hwy/targets.h>

#include <cmath>

#include "base/random.h"
#include "math/testing_targets.h"
#include "math/testing_vectors.h"

namespace winnow {
namespace {

void expect_near(const std::vector<float>& fast, const std::vector<float>& slow, double bound) {
  ASSERT_EQ(fast.size(), slow.size());
  for (std::size_t i = 0; i < fast.size(); ++i) ASSERT_NEAR(fast[i], slow[i], bound) << "at " << i;
}

TEST(TowerKernels, NormalizedRowsAgreeWithTheReferenceAlsoInPlace) {
  on_every_target([] {
    Random random(2);
    for (const std::size_t width : {16u, 64u, 160u}) {
      const auto gain = random_vector(random, width);
      const auto bias = random_vector(random, width);
      auto rows = random_vector(random, 5 * width);
      std::vector<float> slow(rows.size());
      reference::normalize_rows(rows, gain, bias, slow);
      normalize_rows(rows, gain, bias, rows);
      expect_near(rows, slow, 1e-4);
    }
  });
}

TEST(TowerKernels, AttentionAgreesWithTheReferenceForEveryLengthOfHistory) {
  on_every_target([] {
    Random random(3);
    const AttentionShape shape{.heads = 3, .width = 96, .key_stride = 200};
    for (std::size_t positions = 1; positions <= 50; ++positions) {
      const auto query = random_vector(random, 96);
      const auto keys_values = random_vector(random, positions * 200);
      const auto bias = random_vector(random, 3 * 50);
      std::vector<float> scratch(positions);
      std::vector<float> fast(96);
      std::vector<float> slow(96);
      attend(shape, query, keys_values.data(), keys_values.data() + 100, positions, bias, scratch, fast);
      reference::attend(shape, query, keys_values.data(), keys_values.data() + 100, positions, bias, scratch,
                        slow);
      expect_near(fast, slow, 1e-4);
    }
  });
}

TEST(TowerKernels, AttentionStaysFiniteWhenLogitsAreHuge) {
  const AttentionShape shape{.heads = 1, .width = 16, .key_stride = 32};
  const std::vector<float> query(16, 100.0f);
  std::vector<float> keys_values(2 * 32, 100.0f);
  for (std::size_t i = 0; i < 16; ++i) keys_values[32 + i] = -100.0f;
  std::vector<float> scratch(2);
  std::vector<float> out(16);
  attend(shape, query, keys_values.data(), keys_values.data() + 16, 2, std::vector<float>(2), scratch, out);
  EXPECT_THAT(out, testing::Each(100.0f));
}

}  // namespace
}  // namespace winnow
