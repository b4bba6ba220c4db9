#include "models/graph/bspm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "models/graph/spectral.h"
#include "models/graph/testing_graph.h"

namespace winnow {
namespace {

std::vector<double> times(const auto& s, const std::vector<double>& x) {
  std::vector<double> out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < x.size(); ++j) out[i] += s[i][j] * x[j];
  }
  return out;
}

TEST(Bspm, SharpensTheSumOfBothFiltersByOneStepOfFourthOrder) {
  const Interactions some = pairs_of_tastes(70);
  const BspmOptions options{.dims = 3, .iterations = 40, .smooth_weight = 0.7f, .time = 1.5f};
  const auto model = train_bspm(some, options);
  ASSERT_TRUE(model.ok()) << model.error().message;
  const auto [degree, s] = written_down(some);
  const auto smooth = train_spectral(some, {.dims = 3, .iterations = 40, .seed = options.seed});

  std::vector<std::vector<HistoryEntry>> histories(some.users);
  for (std::uint32_t user = 0; user < some.users; ++user) {
    for (const std::uint32_t item : some.items_of(user)) histories[user].push_back({item});
  }
  const std::vector<std::span<const HistoryEntry>> asked(histories.begin(), histories.end());
  std::vector<float> scores(std::size_t{some.users} * some.items);
  model->score_all(asked, scores);
  std::vector<float> low(scores.size());
  low_pass(*smooth, 0.7f, asked, low);

  for (std::uint32_t user = 0; user < some.users; ++user) {
    std::vector<double> x(some.items);
    for (const std::uint32_t item : some.items_of(user)) x[item] = 1;
    x = times(s, x);
    for (std::uint32_t i = 0; i < some.items; ++i) x[i] += low[user * some.items + i];
    // The four slopes of Runge and Kutta's classic step.
    const double h = 1.5;
    const auto slope = [&](const std::vector<double>& at) {
      std::vector<double> out = times(s, at);
      for (double& value : out) value = -value;
      return out;
    };
    const auto moved = [](std::vector<double> at, const std::vector<double>& by, double far) {
      for (std::size_t i = 0; i < at.size(); ++i) at[i] += far * by[i];
      return at;
    };
    const auto a = slope(x);
    const auto b = slope(moved(x, a, h / 2));
    const auto c = slope(moved(x, b, h / 2));
    const auto d = slope(moved(x, c, h));
    for (std::uint32_t i = 0; i < some.items; ++i) {
      const double expected = x[i] + h / 6 * (a[i] + 2 * b[i] + 2 * c[i] + d[i]);
      EXPECT_NEAR(scores[user * some.items + i], expected, 1e-4) << user << " " << i;
    }
  }
}

TEST(Bspm, AnOptionOutOfRangeIsNamed) {
  EXPECT_EQ(train_bspm(pairs_of_tastes(70), {.smooth_weight = -1}).error().field, "bspm.smooth_weight");
  EXPECT_EQ(train_bspm(pairs_of_tastes(70), {.time = 11}).error().field, "bspm.time");
  EXPECT_EQ(train_bspm(pairs_of_tastes(70), {.dims = 0}).error().field, "spectral.dims");
}

}  // namespace
}  // namespace winnow
