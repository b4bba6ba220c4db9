#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/random.h"
#include "evaluation/metrics_collector.h"
#include "evaluation/ranking_metrics.h"

namespace winnow {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;
using List = std::vector<std::uint32_t>;

// The definitions word by word, as slow as they come.
UserMetrics naive_metrics(const List& list, const std::set<std::uint32_t>& relevant, std::size_t k) {
  UserMetrics out;
  const auto hit = [&](std::size_t j) { return j <= list.size() && relevant.contains(list[j - 1]); };
  const auto hits_to = [&](std::size_t j) {
    double hits = 0;
    for (std::size_t i = 1; i <= j; ++i) hits += hit(i) ? 1 : 0;
    return hits;
  };
  out.recall = hits_to(k) / static_cast<double>(relevant.size());
  double ideal = 0;
  for (std::size_t j = 1; j <= std::min(k, relevant.size()); ++j)
    ideal += 1 / std::log2(static_cast<double>(j) + 1);
  for (std::size_t j = k; j >= 1; --j) {
    if (!hit(j)) continue;
    out.ndcg += 1 / std::log2(static_cast<double>(j) + 1) / ideal;
    out.map += hits_to(j) / static_cast<double>(j) / static_cast<double>(std::min(k, relevant.size()));
    out.mrr = 1 / static_cast<double>(j);
    out.hit_rate = 1;
  }
  return out;
}

TEST(RankingMetrics, AgreeWithTheDefinitionsOnRandomLists) {
  Random random(17);
  for (int round = 0; round < 500; ++round) {
    List list(50);
    for (std::uint32_t i = 0; i < 50; ++i) list[i] = i;
    random.shuffle(list);
    list.resize(random.below(30));
    std::set<std::uint32_t> relevant = {random.below(60)};
    for (std::uint32_t n = random.below(20); n > 0; --n) relevant.insert(random.below(60));
    const std::size_t k = 1 + random.below(25);
    const UserMetrics fast = user_metrics(list, List(relevant.begin(), relevant.end()), k);
    const UserMetrics slow = naive_metrics(list, relevant, k);
    EXPECT_NEAR(fast.recall, slow.recall, 1e-12) << round;
    EXPECT_NEAR(fast.ndcg, slow.ndcg, 1e-12) << round;
    EXPECT_NEAR(fast.mrr, slow.mrr, 1e-12) << round;
    EXPECT_NEAR(fast.map, slow.map, 1e-12) << round;
    EXPECT_NEAR(fast.hit_rate, slow.hit_rate, 1e-12) << round;
    std::vector<std::uint8_t> hits;
    for (const std::uint32_t item : list) hits.push_back(relevant.contains(item) ? 1 : 0);
    EXPECT_NEAR(ndcg_of_hits(hits, relevant.size(), k), slow.ndcg, 1e-12) << round;
  }
}

TEST(RankingMetrics, APerfectListScoresOneEverywhereAlsoWhenTheTestSetIsSmallerThanK) {
  const UserMetrics metrics = user_metrics(List{4, 7, 1, 2}, List{4, 7}, 4);
  EXPECT_DOUBLE_EQ(metrics.recall, 1);
  EXPECT_DOUBLE_EQ(metrics.ndcg, 1);
  EXPECT_DOUBLE_EQ(metrics.mrr, 1);
  EXPECT_DOUBLE_EQ(metrics.map, 1);
  EXPECT_DOUBLE_EQ(metrics.hit_rate, 1);
}

TEST(Gini, IsZeroForEqualCountsAndNearOneForASingleFavourite) {
  EXPECT_NEAR(gini(List{3, 3, 3, 3}), 0, 1e-12);
  EXPECT_NEAR(gini(List{0, 0, 0, 8}), 0.75, 1e-12);
  EXPECT_EQ(gini(List{0, 0}), 0);
}

TEST(Gini, AgreesWithTheMeanAbsoluteDifference) {
  Random random(23);
  for (int round = 0; round < 100; ++round) {
    List counts(1 + random.below(30));
    for (auto& count : counts) count = random.below(9);
    double differences = 0;
    double sum = 0;
    for (const double a : counts) {
      sum += a;
      for (const double b : counts) differences += std::abs(a - b);
    }
    const double expected = sum == 0 ? 0 : differences / (2 * static_cast<double>(counts.size()) * sum);
    EXPECT_NEAR(gini(counts), expected, 1e-12) << round;
  }
}

MetricsContext small_context() {
  MetricsContext context;
  context.items = 4;
  context.train_users = 7;
  context.train_users_of = {7, 3, 1, 0};
  context.categories = {{1, 2}, {2}, {3}, {}};
  return context;
}

TEST(MetricsCollector, MeansCarryTheirStandardErrorOverUsers) {
  const MetricsContext context = small_context();
  MetricsCollector collector(context, {1}, 1);
  collector.add(List{0}, List{0});
  collector.add(List{1}, List{0});
  collector.add(List{0}, List{0});
  collector.add(List{1}, List{0});
  const MetricValue recall = collector.values().at("recall@1");
  EXPECT_DOUBLE_EQ(recall.value, 0.5);
  const double standard_error = std::sqrt((4 * 0.25 / 3) / 4);
  EXPECT_NEAR(recall.high - recall.value, std::min(0.5, 1.96 * standard_error), 1e-4);
  EXPECT_NEAR(recall.value - recall.low, std::min(0.5, 1.96 * standard_error), 1e-4);
}

TEST(MetricsCollector, NoveltyIsTheSelfInformationOfWhatIsShown) {
  const MetricsContext context = small_context();
  MetricsCollector collector(context, {2}, 1);
  collector.add(List{0, 2}, List{1});  // -log2(8/8) = 0, -log2(2/8) = 2
  EXPECT_DOUBLE_EQ(collector.values().at("novelty@2").value, 1);
}

TEST(MetricsCollector, DiversityComparesCategoriesAndPassesOverItemsWithout) {
  const MetricsContext context = small_context();
  MetricsCollector collector(context, {2, 4}, 1);
  collector.add(List{0, 1, 3, 2}, List{1});  // pairs: (0,1) 1/2; (0,2) 1; (1,2) 1
  EXPECT_DOUBLE_EQ(collector.values().at("diversity@2").value, 0.5);
  EXPECT_NEAR(collector.values().at("diversity@4").value, 2.5 / 3, 1e-12);
}

TEST(MetricsCollector, DiversityIsLeftOutWhereNoCategoryIsKnown) {
  MetricsContext context = small_context();
  context.categories.clear();
  MetricsCollector collector(context, {2}, 1);
  collector.add(List{0, 1}, List{1});
  EXPECT_THAT(collector.values(), Not(Contains(Key("diversity@2"))));
}

TEST(MetricsCollector, CoverageCountsTheItemsThatAnyoneIsShown) {
  const MetricsContext context = small_context();
  MetricsCollector collector(context, {1, 2}, 1);
  collector.add(List{0, 1}, List{1});
  collector.add(List{0, 2}, List{1});
  const auto values = collector.values();
  EXPECT_DOUBLE_EQ(values.at("coverage@1").value, 0.25);
  EXPECT_DOUBLE_EQ(values.at("coverage@2").value, 0.75);
  EXPECT_LE(values.at("coverage@2").low, 0.75);
  EXPECT_GE(values.at("coverage@2").high, 0.75);
}

TEST(MetricsCollector, TheSameSeedGivesTheSameIntervals) {
  const MetricsContext context = small_context();
  const auto run = [&] {
    MetricsCollector collector(context, {2}, 5);
    for (std::uint32_t i = 0; i < 20; ++i) collector.add(List{i % 4, (i + 1) % 4}, List{i % 3});
    return collector.values().at("gini@2");
  };
  EXPECT_EQ(run().low, run().low);
  EXPECT_EQ(run().high, run().high);
}

}  // namespace
}  // namespace winnow
