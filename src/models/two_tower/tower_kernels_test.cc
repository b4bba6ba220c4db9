// The user tower's kernels against their slow references, on every instruction set that this machine has.
#include "models/two_tower/tower_kernels.h"

#include <gmock/gmock.h>
#include <hwy/targets.h>

#include <bit>
#include <cmath>

#include "base/random.h"
#include "math/testing_targets.h"

namespace winnow {
namespace {

std::vector<float> random_vector(Random& random, std::size_t size) {
  std::vector<float> out(size);
  for (float& value : out) value = static_cast<float>(random.normal());
  return out;
}

void expect_near(const std::vector<float>& fast, const std::vector<float>& slow, double bound) {
  ASSERT_EQ(fast.size(), slow.size());
  for (std::size_t i = 0; i < fast.size(); ++i) ASSERT_NEAR(fast[i], slow[i], bound) << "at " << i;
}

TEST(TowerKernels, MultiplyAgreesWithTheReferenceForEveryNumberOfRows) {
  on_every_target([] {
    Random random(1);
    for (const std::size_t outputs : {32u, 96u}) {
      const PanelMatrix matrix(random_vector(random, 33 * outputs), 33, outputs);
      const auto bias = random_vector(random, outputs);
      for (std::size_t count = 0; count <= 40; ++count) {
        const auto rows = random_vector(random, count * 33);
        for (const Activation activation : {Activation::none, Activation::relu}) {
          std::vector<float> fast(count * outputs);
          std::vector<float> slow(count * outputs);
          multiply(rows, matrix, bias, activation, fast);
          reference::multiply(rows, matrix, bias, activation, slow);
          expect_near(fast, slow, 1e-4);
        }
      }
    }
  });
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

TEST(TowerKernels, PanelsHoldTheMatrixThatWasGiven) {
  Random random(4);
  const auto weights = random_vector(random, 7 * 64);
  EXPECT_EQ(PanelMatrix(weights, 7, 64).weights(), weights);
}

TEST(Bfloat16, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(from_bfloat16(to_bfloat16(1.0f)), 1.0f);
  EXPECT_EQ(to_bfloat16(std::bit_cast<float>(0x3F808000u)), 0x3F80u);  // a tie: down to the even one
  EXPECT_EQ(to_bfloat16(std::bit_cast<float>(0x3F818000u)), 0x3F82u);  // a tie: up to the even one
  EXPECT_EQ(to_bfloat16(std::bit_cast<float>(0x3F808001u)), 0x3F81u);
  Random random(5);
  for (int k = 0; k < 1000; ++k) {
    const auto value = static_cast<float>(random.normal());
    EXPECT_LE(std::abs(from_bfloat16(to_bfloat16(value)) - value), std::abs(value) / 256);
  }
}

}  // namespace
}  // namespace winnow
