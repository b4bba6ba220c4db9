// Products with panels against their slow reference, on every instruction set that this machine has.
#include "math/panel_matrix.h"

#include <gmock/gmock.h>
#include <hwy/targets.h>

#include <bit>
#include <cmath>

#include "base/random.h"
#include "math/bfloat16.h"
#include "math/testing_targets.h"
#include "math/testing_vectors.h"

namespace winnow {
namespace {

TEST(PanelMatrix, MultiplyAgreesWithTheReferenceForEveryNumberOfRows) {
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
          for (std::size_t i = 0; i < fast.size(); ++i) ASSERT_NEAR(fast[i], slow[i], 1e-4) << "at " << i;
        }
      }
    }
  });
}

TEST(PanelMatrix, PanelsHoldTheMatrixThatWasGiven) {
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
