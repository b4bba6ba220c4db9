#include "models/graph/graph.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "models/graph/bspm.h"
#include "models/graph/taught_lists.h"
#include "models/testing_scores.h"
#include "models/testing_tastes.h"

namespace winnow {
namespace {

constexpr std::uint32_t kTastes = 3;

Interactions data() { return users_of_tastes(300, 60, kTastes, 8, 1); }

GraphOptions small() { return {.dims = 8, .epochs = 20, .negatives = 30, .taught = 10, .filter_dims = 8}; }

// An opinion of five items, the same whoever asks.
class Opinionated final : public ScoringModel {
 public:
  std::uint32_t items() const override { return 5; }
  void score_all(std::span<const std::span<const HistoryEntry>> histories,
                 std::span<float> scores) const override {
    const std::vector<float> opinion = {4, 2, 1, 0, -3};
    for (std::size_t h = 0; h < histories.size(); ++h)
      std::ranges::copy(opinion, scores.begin() + static_cast<std::ptrdiff_t>(5 * h));
  }
};

Interactions three_histories() {
  return {.users = 3, .items = 5, .offsets = {0, 1, 1, 4}, .item = {0, 0, 1, 2}, .weight = {1, 1, 1, 1}};
}

TEST(TaughtLists, HoldTheBestOutsideTheHistoryByPowersOfTheScore) {
  const TaughtLists lists = lists_of(Opinionated(), three_histories(), 2, 2, {});
  EXPECT_THAT(lists.items_of(0), testing::ElementsAre(1, 2));
  EXPECT_THAT(lists.shares_of(0), testing::ElementsAre(testing::FloatEq(0.8f), testing::FloatEq(0.2f)));
  EXPECT_THAT(lists.items_of(1), testing::ElementsAre(0, 1));
  EXPECT_THAT(lists.items_of(2), testing::IsEmpty());  // nothing else is above 0
}

TEST(TaughtLists, OfHistoriesThatWereCutOffAreEmpty) {
  Interactions many{.users = 200, .items = 5};
  many.offsets.assign(201, 0);
  const TaughtLists lists =
      lists_of(Opinionated(), many, 3, 1, [](std::size_t, std::size_t) { return false; });
  EXPECT_EQ(lists.items_of(0).size(), 3u);
  EXPECT_TRUE(lists.items_of(199).empty());
}

TEST(TaughtHistories, AreTheUsersOwnAndThenHalvesOfThem) {
  const Interactions some = data();
  Random random(1);
  const Interactions few = histories_of(some, 2000, random);
  ASSERT_EQ(few.users, 1000u);
  std::set<std::vector<std::uint32_t>> whole;
  for (std::uint32_t user = 0; user < some.users; ++user)
    whole.emplace(some.items_of(user).begin(), some.items_of(user).end());
  for (std::uint32_t h = 0; h < few.users; ++h) {
    const std::vector<std::uint32_t> items(few.items_of(h).begin(), few.items_of(h).end());
    EXPECT_TRUE(std::ranges::is_sorted(items));
    EXPECT_EQ(few.weights_of(h).size(), items.size());
    const bool of_somebody =
        std::ranges::any_of(whole, [&](const auto& all) { return std::ranges::includes(all, items); });
    EXPECT_TRUE(h < some.users ? whole.contains(items) : of_somebody) << h;
  }
  EXPECT_EQ(histories_of(some, 20, random).users, 20u);
  EXPECT_EQ(histories_of(some, 1'000'000, random).users, (1 + kHalves) * some.users);
  EXPECT_EQ(
      histories_of({.users = 2, .items = 5, .offsets = {0, 0, 1}, .item = {3}, .weight = {1}}, 9, random)
          .users,
      1u);
}

TEST(Graph, RepeatsWhatItsTeacherThinks) {
  const Interactions some = data();
  GraphOptions options = small();
  options.dims = 16;
  options.epochs = 60;
  const auto student = train_graph(some, options);
  const auto teacher = train_bspm(some, {.dims = options.filter_dims, .seed = options.seed});
  ASSERT_TRUE(student.ok() && teacher.ok());
  const auto best_ten = [](const ScoringModel& model, const std::vector<HistoryEntry>& history) {
    std::vector<float> scores = scores_of(model, history);
    for (const HistoryEntry& entry : history) scores[entry.item] = -1e9f;
    std::set<std::size_t> out;
    while (out.size() < 10) {
      const auto best = std::ranges::max_element(scores);
      out.insert(static_cast<std::size_t>(best - scores.begin()));
      *best = -1e9f;
    }
    return out;
  };
  // Histories that nobody had.
  Random random(5);
  double shared = 0;
  constexpr int kAsked = 50;
  for (int k = 0; k < kAsked; ++k) {
    std::vector<HistoryEntry> history;
    const std::uint32_t taste = random.below(kTastes);
    for (std::uint32_t n = 0; n < 4; ++n)
      history.push_back({5 * kTastes * n + kTastes * random.below(5) + taste});
    const auto theirs = best_ten(*teacher, history);
    for (const std::size_t item : best_ten(*student, history)) shared += theirs.contains(item) ? 1 : 0;
  }
  EXPECT_GT(shared / kAsked, 7);
}

TEST(Graph, FindsOutTastesFromAllItemsOrFromSomeDrawn) {
  for (const std::uint32_t negatives : {10u, 60u}) {
    GraphOptions options = small();
    options.negatives = negatives;
    const auto model = train_graph(data(), options);
    ASSERT_TRUE(model.ok()) << model.error().message;
    std::vector<float> scores = scores_of(*model, {{0, 1, 0}, {3, 1, 0}});
    int own = 0;
    for (int place = 0; place < 10; ++place) {
      const auto best = std::ranges::max_element(scores);
      own += (best - scores.begin()) % kTastes == 0 ? 1 : 0;
      *best = -1e9f;
    }
    EXPECT_GE(own, 9) << negatives;
  }
}

TEST(Graph, TheSameSeedGivesTheSameBytes) {
  GraphOptions options = small();
  options.epochs = 2;
  const std::string bytes = train_graph(data(), options)->encode();
  EXPECT_EQ(train_graph(data(), options)->encode(), bytes);
  options.seed = 2;
  EXPECT_NE(train_graph(data(), options)->encode(), bytes);
}

TEST(Graph, LearnsWithMoreDimensionsThanItems) {
  const auto model = train_graph(users_of_tastes(40, 9, 3, 3, 2), {.dims = 64, .epochs = 2});
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_TRUE(all_finite(*model));
}

TEST(Graph, StopsWhenItIsToldToAndKeepsWhatItLearned) {
  for (const std::size_t wanted : {3u, 100u}) {  // while it is taught, and while it learns
    std::size_t calls = 0;
    const auto model =
        train_graph(data(), small(), [&](std::size_t, std::size_t) { return ++calls < wanted; });
    ASSERT_TRUE(model.ok());
    EXPECT_EQ(calls, wanted);
    EXPECT_TRUE(all_finite(*model));
  }
}

TEST(Graph, ProgressGoesFromNothingToAll) {
  std::size_t last = 0;
  std::size_t whole = 0;
  ASSERT_TRUE(train_graph(data(), small(), [&](std::size_t done, std::size_t total) {
                EXPECT_GE(done, last);
                last = done;
                whole = total;
                return true;
              }).ok());
  EXPECT_EQ(last, whole);
}

TEST(Graph, AnOptionOutOfRangeIsNamed) {
  EXPECT_EQ(train_graph(data(), {.dims = 0}).error().field, "graph.dims");
  EXPECT_EQ(train_graph(data(), {.learning_rate = 0}).error().field, "graph.learning_rate");
  EXPECT_EQ(train_graph(data(), {.user_exponent = 1.5f}).error().field, "graph.user_exponent");
  EXPECT_EQ(train_graph(data(), {.taught = 0}).error().field, "graph.taught");
  EXPECT_EQ(train_graph(data(), {.sharpness = -1}).error().field, "graph.sharpness");
  EXPECT_EQ(train_graph(data(), {.filter_dims = 0}).error().field, "graph.filter_dims");
  EXPECT_EQ(train_graph({}, {}).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace winnow
