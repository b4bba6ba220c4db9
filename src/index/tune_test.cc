#include "index/tune.h"

#include <gmock/gmock.h>

#include "index/testing_vectors.h"

namespace winnow {
namespace {

TEST(Tune, ReachesItsTargetOnQueriesThatItDidNotSee) {
  const TestVectors data = clustered_vectors(20000, 32, 1, 400);
  const auto seen = std::span(data.queries).first(200 * 32);
  const auto unseen = std::span(data.queries).subspan(200 * 32);
  for (const IndexKind kind : {IndexKind::ivf_int8, IndexKind::ivf_int4}) {
    auto index = build_index(data.items, data.dims, {.kind = kind});
    ASSERT_TRUE(index.ok());
    std::uint32_t before = 0;
    for (const float target : {0.8f, 0.9f, 0.99f}) {
      const auto tuning = tune(**index, seen, {.limit = 20, .target_recall = target});
      ASSERT_TRUE(tuning.ok());
      EXPECT_GT(tuning->recall, target - 0.01f);
      EXPECT_EQ(tuning->queries, 100u);
      EXPECT_GE(tuning->effort.nprobe * tuning->effort.rerank, before);
      before = tuning->effort.nprobe * tuning->effort.rerank;
      (*index)->set_profile({*tuning, {}});
      EXPECT_GE(measure_recall(**index, unseen, {.limit = 20}), target);
    }
  }
}

TEST(Tune, SaysWhatItReachedWhereTheTargetIsOutOfReach) {
  const TestVectors data = clustered_vectors(500, 16, 2);
  const auto flat = build_index(data.items, data.dims, {.kind = IndexKind::flat});
  const auto tuning = tune(**flat, data.queries, {.limit = 10, .target_recall = 1});
  ASSERT_TRUE(tuning.ok());
  EXPECT_EQ(tuning->recall, 1);
  const auto coarse = build_index(data.items, data.dims, {.kind = IndexKind::ivf_int4});
  const auto best = tune(**coarse, data.queries, {.limit = 400, .target_recall = 1});
  ASSERT_TRUE(best.ok());
  EXPECT_GT(best->recall, 0.95f);
}

TEST(Tune, RefusesWhatMakesNoSense) {
  const TestVectors data = clustered_vectors(100, 16, 3);
  const auto index = build_index(data.items, data.dims, {});
  EXPECT_EQ(tune(**index, data.queries, {.target_recall = 1.5f}).error().field, "target_recall");
  EXPECT_EQ(tune(**index, data.queries, {.limit = 0}).error().field, "limit");
  EXPECT_EQ(tune(**index, data.query(0), {}).error().field, "queries");
}

TEST(HealthCheck, NoticesAnIndexThatAnswersDifferently) {
  const TestVectors data = clustered_vectors(2000, 16, 4);
  auto index = build_index(data.items, data.dims, {});
  IndexProfile profile;
  profile.health = make_health_check(**index, data.query(0));
  (*index)->set_profile(profile);
  EXPECT_TRUE(check_health(**index).ok());
  profile.health.answer[3].score += 1;
  (*index)->set_profile(profile);
  EXPECT_EQ(check_health(**index).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace winnow
