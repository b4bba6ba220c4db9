#include "batch/dataset/dataset.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/random.h"
#include "batch/dataset/parts.h"

namespace winnow {
namespace {

Pairs sparse_pairs() {
  return {.user = {3, 3, 7},
          .item = {2, 9, 2},
          .weight = {1, 2, 3},
          .liked = {1, 0, 1},
          .action = {Action::like, Action::click, Action::share},
          .time_ms = {10, 20, 30}};
}

std::vector<std::string> ids(std::uint32_t count) {
  std::vector<std::string> out;
  for (std::uint32_t i = 0; i < count; ++i) out.push_back("item-" + std::to_string(i));
  return out;
}

// `users` users with `each` pairs, one an hour, user u's k-th at hour k * users + u.
Dataset regular_data(std::uint32_t users, std::uint32_t each) {
  Pairs pairs;
  for (std::uint32_t user = 0; user < users; ++user) {
    for (std::uint32_t k = 0; k < each; ++k) {
      pairs.user.push_back(user);
      pairs.item.push_back(k);
      pairs.weight.push_back(1);
      pairs.liked.push_back(1);
      pairs.action.push_back(Action::like);
      pairs.time_ms.push_back((TimestampMs{k} * users + user + 1) * kHourMs);
    }
  }
  return make_dataset(std::move(pairs), ids(each));
}

std::vector<std::uint32_t> row(const RowLists& rows, std::size_t at) {
  return {rows[at].begin(), rows[at].end()};
}

TEST(Dataset, NumbersUsersAndItemsWithoutGaps) {
  const Dataset data = make_dataset(sparse_pairs(), ids(10));
  EXPECT_EQ(data.pairs.users, 2u);
  EXPECT_EQ(data.pairs.items, 2u);
  EXPECT_EQ(data.item_ids, (std::vector<std::string>{"item-2", "item-9"}));
  EXPECT_EQ(data.pairs.offsets, (std::vector<std::uint64_t>{0, 2, 3}));
  EXPECT_EQ(data.pairs.item, (std::vector<std::uint32_t>{0, 1, 0}));
  EXPECT_EQ(data.pairs.weight, (std::vector<float>{1, 2, 3}));
}

TEST(Dataset, KeepsTheProfilesOfTheUsersThatAreLeft) {
  FeatureBags profiles;
  profiles.buckets = 100;
  for (std::uint32_t user = 0; user < 8; ++user) profiles.add(std::vector<std::uint32_t>{user, user + 50});
  const Dataset data = make_dataset(sparse_pairs(), ids(10), profiles);
  EXPECT_EQ(data.profiles.buckets, 100u);
  EXPECT_THAT(data.profiles[0], testing::ElementsAre(3, 53));
  EXPECT_THAT(data.profiles[1], testing::ElementsAre(7, 57));
  const auto read = Dataset::decode(data.encode());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->profiles.features, data.profiles.features);
}

TEST(Dataset, ComesBackFromItsBytesAndNotFromOthers) {
  const Dataset data = make_dataset(sparse_pairs(), ids(10));
  const std::string bytes = data.encode();
  const auto read = Dataset::decode(bytes);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->encode(), bytes);
  EXPECT_EQ(read->pairs.action, data.pairs.action);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Dataset::decode(std::string_view(bytes).substr(0, size)).ok());
  }
  Random random(1);
  for (int round = 0; round < 5000; ++round) {  // no crash, and rows within bounds when it does decode
    std::string damaged = bytes;
    damaged[random.below(static_cast<std::uint32_t>(bytes.size()))] = static_cast<char>(random.next());
    const auto other = Dataset::decode(damaged);
    EXPECT_TRUE(!other.ok() || other->pairs.offsets.back() == other->pairs.item.size());
  }
}

TEST(Dataset, MayBeEmpty) {
  const Dataset data = make_dataset({}, {});
  EXPECT_EQ(data.pairs.users, 0u);
  EXPECT_TRUE(Dataset::decode(data.encode()).ok());
  EXPECT_EQ(divide(data, {}).fit.size(), 0u);
}

TEST(Parts, AreCutByOneMomentWhereEnoughUsersReachBeyondIt) {
  const Dataset data = regular_data(300, 10);
  const Parts parts = divide(data, {.min_users = 200});
  EXPECT_EQ(parts.kind, CutKind::by_time);
  const TimestampMs fit_end = *std::max_element(parts.fit.time_ms.begin(), parts.fit.time_ms.end());
  const auto& known = parts.test.history.time_ms;
  EXPECT_NEAR(static_cast<double>(parts.fit.size()), 2400, 2);
  EXPECT_NEAR(static_cast<double>(known.size()), 2700, 2);
  EXPECT_GT(*std::max_element(known.begin(), known.end()), fit_end);
  EXPECT_EQ(parts.fit.size() + parts.validation.test.values.size() + parts.test.test.values.size(), 3000u);
}

TEST(Parts, AreEachUsersOwnLastPairsWhereTooFewReachBeyondAMoment) {
  const Parts parts = divide(regular_data(50, 10), {.min_users = 200});
  // A cut by time would judge by fewer users than these 50.
  EXPECT_EQ(judged_users(parts.test), 50u);
  for (std::uint32_t user = 0; user < 50; ++user) {
    EXPECT_EQ(row(parts.test.test, user), std::vector<std::uint32_t>{9});
    EXPECT_EQ(row(parts.validation.test, user), std::vector<std::uint32_t>{8});
    EXPECT_EQ(parts.fit.items_of(user).size(), 8u);
  }
}

TEST(Parts, NeverPredictWhatIsInTheHistory) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    Pairs pairs;
    for (std::uint32_t user = 0; user < 60; ++user) {
      for (std::uint32_t item = 0; item < 30; ++item) {
        if (random.below(3) != 0) continue;
        pairs.user.push_back(user);
        pairs.item.push_back(item);
        pairs.weight.push_back(1);
        pairs.liked.push_back(random.below(2) != 0);
        pairs.time_ms.push_back(random.below(1000));
      }
    }
    const Dataset data = make_dataset(std::move(pairs), ids(30));
    const Parts parts = divide(data, {.min_users = seed % 2 == 0 ? 10u : 1000u});
    for (const EvaluationSplit* split : {&parts.validation, &parts.test}) {
      ASSERT_EQ(split->test.size(), data.pairs.users);
      for (std::uint32_t user = 0; user < data.pairs.users; ++user) {
        const auto known = split->history.items_of(user);
        EXPECT_EQ(row(split->masked, user), std::vector<std::uint32_t>(known.begin(), known.end()));
        for (const std::uint32_t item : split->test[user]) {
          EXPECT_FALSE(std::binary_search(known.begin(), known.end(), item));
          EXPECT_FALSE(known.empty());
        }
      }
    }
  }
}

TEST(Parts, PredictOnlyWhatIsLikedUnlessNothingIs) {
  Dataset data = regular_data(50, 10);
  for (std::size_t i = 0; i < data.liked.size(); ++i) data.liked[i] = data.pairs.item[i] != 9;
  EXPECT_EQ(judged_users(divide(data, {}).test), 0u);
  std::fill(data.liked.begin(), data.liked.end(), std::uint8_t{0});
  EXPECT_EQ(judged_users(divide(data, {}).test), 50u);
}

TEST(Parts, SampleTheSameUsersForTheSameSeed) {
  const Dataset data = regular_data(300, 10);
  const Parts parts = divide(data, {.min_users = 10, .max_users = 40, .seed = 5});
  EXPECT_EQ(judged_users(parts.test), 40u);
  EXPECT_EQ(judged_users(parts.validation), 40u);
  EXPECT_EQ(divide(data, {.min_users = 10, .max_users = 40, .seed = 5}).test.test.values,
            parts.test.test.values);
  EXPECT_NE(divide(data, {.min_users = 10, .max_users = 40, .seed = 6}).test.test.offsets,
            parts.test.test.offsets);
}

TEST(Parts, CanBeNarrowedToWhatHappenedSince) {
  const Dataset data = regular_data(50, 10);
  const Parts parts = divide(data, {});
  const TimestampMs since = (9 * 50 + 30) * kHourMs;  // user 29's last pair is at this hour
  const EvaluationSplit narrowed = predicted_after(since, parts.test, data);
  EXPECT_EQ(judged_users(narrowed), 20u);
  EXPECT_TRUE(narrowed.test[29].empty());
  EXPECT_EQ(row(narrowed.test, 30), std::vector<std::uint32_t>{9});
}

}  // namespace
}  // namespace winnow
