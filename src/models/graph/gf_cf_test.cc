#include "models/graph/gf_cf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "models/graph/spectral.h"
#include "models/graph/testing_graph.h"

namespace winnow {
namespace {

TEST(GfCf, IsTheSumOfTheLinearAndTheLowPassFilter) {
  const Interactions some = pairs_of_tastes(60);
  const GfCfOptions options{.dims = 3, .iterations = 40, .smooth_weight = 0.7f};
  const auto model = train_gf_cf(some, options);
  ASSERT_TRUE(model.ok()) << model.error().message;

  const auto [degree, s] = written_down(some);
  const AlignedFloats v = leading_eigenvectors(Propagation(some), some.items, 3, 40, options.seed);

  for (std::uint32_t user = 0; user < some.users; ++user) {
    std::vector<HistoryEntry> history;
    for (const std::uint32_t item : some.items_of(user)) history.push_back({item});
    const std::span<const HistoryEntry> asked = history;
    std::vector<float> scores(some.items);
    model->score_all(std::span(&asked, 1), scores);
    for (std::uint32_t j = 0; j < some.items; ++j) {
      if (std::ranges::binary_search(some.items_of(user), j)) continue;
      double expected = 0;
      for (const std::uint32_t i : some.items_of(user)) {
        double product = 0;
        for (std::size_t k = 0; k < 3; ++k) product += static_cast<double>(v[i * 3 + k]) * v[j * 3 + k];
        expected += s[i][j] + 0.7 * product * std::sqrt(degree[j] / degree[i]);
      }
      EXPECT_NEAR(scores[j], expected, 1e-3) << user << " " << j;
    }
  }
}

TEST(GfCf, AnOptionOutOfRangeIsNamed) {
  EXPECT_EQ(train_gf_cf(pairs_of_tastes(60), {.smooth_weight = -1}).error().field, "gf_cf.smooth_weight");
  EXPECT_EQ(train_gf_cf(pairs_of_tastes(60), {.dims = 0}).error().field, "spectral.dims");
  EXPECT_EQ(train_gf_cf({}, {}).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace winnow
