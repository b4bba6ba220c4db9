// What the trained models promise: agreement with slow references, the same bytes for the same seed,
// encodings that read back, and errors for whatever is damaged.
#include <gmock/gmock.h>

#include <algorithm>
#include <barrier>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <thread>

#include "base/random.h"
#include "math/ridge.h"
#include "math/vector_kernels.h"
#include "models/als/als.h"
#include "models/als/objective.h"
#include "models/item_to_item/item_to_item.h"
#include "models/item_to_item/similarity.h"
#include "models/popularity/popularity.h"
#include "models/testing_scores.h"

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Users of two tastes: of items below and above the middle, with a little noise.
Interactions two_tastes(std::uint32_t users, std::uint32_t items, std::uint64_t seed) {
  Random random(seed);
  Interactions out;
  out.users = users;
  out.items = items;
  for (std::uint32_t user = 0; user < users; ++user) {
    std::set<std::uint32_t> chosen;
    const std::uint32_t taste = user % 2;
    for (int n = 0; n < 8; ++n) {
      const bool noise = random.below(20) == 0;
      chosen.insert(random.below(items / 2) + (noise ? 1 - taste : taste) * (items / 2));
    }
    for (const std::uint32_t item : chosen) {
      out.item.push_back(item);
      out.weight.push_back(1.0f + static_cast<float>(random.below(3)));
      out.time_ms.push_back(static_cast<TimestampMs>(random.below(100)) * kDayMs);
    }
    out.offsets.push_back(out.item.size());
  }
  return out;
}

std::vector<HistoryEntry> history_of(std::initializer_list<std::uint32_t> items) {
  std::vector<HistoryEntry> out;
  for (const std::uint32_t item : items) out.push_back({item, 1, 0});
  return out;
}

TEST(Interactions, TransposedTwiceIsTheSame) {
  const Interactions data = two_tastes(30, 20, 1);
  const Interactions again = data.transposed().transposed();
  EXPECT_EQ(again.offsets, data.offsets);
  EXPECT_EQ(again.item, data.item);
  EXPECT_EQ(again.weight, data.weight);
  EXPECT_EQ(again.time_ms, data.time_ms);
}

TEST(Als, ScoresTheUsersOwnTasteAboveTheOther) {
  const Interactions data = two_tastes(200, 40, 2);
  const auto model = train_als(data, {.dims = 16});
  ASSERT_TRUE(model.ok());
  const std::vector<float> scores = scores_of(*model, history_of({1, 3, 5}));
  double own = 0;
  double other = 0;
  for (std::size_t i = 0; i < 20; ++i) own += scores[i];
  for (std::size_t i = 20; i < 40; ++i) other += scores[i];
  EXPECT_GT(own, 4 * std::abs(other));
}

TEST(Als, ConjugateGradientsReachTheScoresOfTheCholeskyOracle) {
  const Interactions data = two_tastes(100, 40, 3);
  AlsOptions options{.dims = 16, .epochs = 6, .cg_steps = 20};
  const auto fast = train_als(data, options);
  options.exact = true;
  const auto exact = train_als(data, options);
  ASSERT_TRUE(fast.ok() && exact.ok());
  const std::vector<float> fast_scores = scores_of(*fast, history_of({2, 4}));
  const std::vector<float> exact_scores = scores_of(*exact, history_of({2, 4}));
  for (std::size_t i = 0; i < 40; ++i) EXPECT_NEAR(fast_scores[i], exact_scores[i], 2e-3) << i;
}

TEST(Als, FoldInSolvesTheUsersEquationsAlsoWithWeights) {
  const Interactions data = two_tastes(100, 40, 4);
  const auto model = train_als(data, {.dims = 16, .confidence = 2});
  ASSERT_TRUE(model.ok());
  const std::vector<HistoryEntry> history = {
      {1, 5, 0}, {7, 1, 0}, {30, 0.5f, 0}, {99, 1, 0}};  // 99 is unknown
  // The equations written down directly: sum c v v' + a0 sum y y' + lambda.
  const double sum = [&] {
    double weights = 0;
    for (const float weight : data.weight) weights += weight;
    return weights;
  }();
  const AlsObjective objective(model->options(), static_cast<float>(sum / static_cast<double>(data.size())));
  std::vector<float> confidence;
  std::vector<std::uint32_t> rows;
  for (std::size_t h = 0; h < 3; ++h) {
    rows.push_back(history[h].item);
    confidence.push_back(objective.confidence(history[h].weight));
  }
  const float ridge = objective.ridge(confidence, 40);
  const std::vector<float> user = model->fold_in(history);
  for (std::uint32_t k = 0; k < 16; ++k) {
    double left = ridge * user[k];
    double right = 0;
    for (std::uint32_t item = 0; item < 40; ++item) {
      left += model->options().unobserved_weight * dot(user, model->item_vector(item)) *
              model->item_vector(item)[k];
    }
    for (std::size_t h = 0; h < 3; ++h) {
      left += confidence[h] * dot(user, model->item_vector(rows[h])) * model->item_vector(rows[h])[k];
      right += confidence[h] * model->item_vector(rows[h])[k];
    }
    EXPECT_NEAR(left, right, 1e-3) << k;
  }
}

TEST(Als, AnEmptyHistoryFoldsInToZero) {
  const auto model = train_als(two_tastes(50, 20, 5), {.dims = 16});
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->fold_in({}), std::vector<float>(16));
  EXPECT_EQ(model->fold_in(history_of({500})), std::vector<float>(16));
}

TEST(Als, TheSameSeedGivesTheSameBytesAndTheyReadBack) {
  const Interactions data = two_tastes(60, 30, 6);
  const auto first = train_als(data, {.dims = 16});
  const auto second = train_als(data, {.dims = 16});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->encode(), second->encode());
  const auto decoded = AlsModel::decode(first->encode());
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->encode(), first->encode());
  EXPECT_EQ(decoded->fold_in(history_of({1})), first->fold_in(history_of({1})));
}

TEST(Als, WeightsOfOneSizeChangeNothingWhateverTheConfidence) {
  Interactions data = two_tastes(60, 30, 7);
  std::fill(data.weight.begin(), data.weight.end(), 3.0f);
  const auto without = train_als(data, {.dims = 16, .confidence = 0});
  const auto with = train_als(data, {.dims = 16, .confidence = 5});
  ASSERT_TRUE(without.ok() && with.ok());
  for (std::size_t k = 0; k < without->item_vectors().size(); ++k) {
    EXPECT_NEAR(std::abs(without->item_vectors()[k]), std::abs(with->item_vectors()[k]), 1e-2);
  }
}

TEST(Als, OptionsOutOfRangeAreNamed) {
  const Interactions data = two_tastes(10, 10, 8);
  EXPECT_EQ(train_als(data, {.dims = 17}).error().field, "als.dims");
  EXPECT_EQ(train_als(data, {.epochs = 0}).error().field, "als.epochs");
  EXPECT_EQ(train_als(data, {.regularization = 0}).error().field, "als.regularization");
  EXPECT_EQ(train_als(data, {.cg_steps = 0}).error().field, "als.cg_steps");
}

TEST(Als, TrainingStopsWhenProgressSaysSo) {
  std::size_t calls = 0;
  const auto model =
      train_als(two_tastes(20, 10, 9), {.dims = 16}, [&](std::size_t, std::size_t) { return ++calls < 3; });
  EXPECT_TRUE(model.ok());
  EXPECT_EQ(calls, 3u);
}

// The smallest share that lies within z standard deviations, its own, of what was seen in n trials.
double least_share(double seen, double n, double z) {
  double below = 0;
  double within = seen;
  for (int step = 0; step < 60; ++step) {
    const double middle = (below + within) / 2;
    (seen - middle <= z * std::sqrt(middle * (1 - middle) / n) ? within : below) = middle;
  }
  return within;
}

// Every pair counted the long way, then cut to each item's best and turned round.
std::map<std::pair<std::uint32_t, std::uint32_t>, float> naive_lists(const Interactions& data,
                                                                     const ItemToItemOptions& options) {
  std::vector<std::vector<float>> strength(data.users, std::vector<float>(data.items));
  for (std::uint32_t user = 0; user < data.users; ++user) {
    for (std::uint64_t at = data.offsets[user]; at < data.offsets[user + 1]; ++at) {
      strength[user][data.item[at]] = std::sqrt(data.weight[at]);
    }
  }
  std::map<std::pair<std::uint32_t, std::uint32_t>, float> out;
  for (std::uint32_t i = 0; i < data.items; ++i) {
    std::vector<ScoredRow> row;
    for (std::uint32_t j = 0; j < data.items; ++j) {
      double together = 0;
      double norm_i = 0;
      double norm_j = 0;
      double most_i = 0;
      double most_j = 0;
      for (std::uint32_t user = 0; user < data.users; ++user) {
        const double size = static_cast<double>(data.items_of(user).size());
        const double share = std::pow(size, -options.user_exponent);
        together += strength[user][i] * strength[user][j] * share;
        most_i += strength[user][i] * strength[user][i] * share;
        most_j += strength[user][j] * strength[user][j] * share;
        norm_i += strength[user][i] * strength[user][i];
        norm_j += strength[user][j] * strength[user][j];
      }
      if (i == j || together == 0) continue;
      const double most = std::sqrt(most_i * most_j);
      if (options.wilson_z > 0) together = most * least_share(together / most, most, options.wilson_z);
      const double norm = std::pow(norm_i * norm_j, options.popularity_exponent) + options.shrinkage;
      row.push_back({j, static_cast<float>(together / norm)});
    }
    std::sort(row.begin(), row.end(), ranks_before);
    row.resize(std::min<std::size_t>(row.size(), options.neighbours));
    for (const ScoredRow& neighbour : row) out[{neighbour.item, i}] = neighbour.score;
  }
  return out;
}

TEST(ItemToItem, AgreesWithCountingEveryPair) {
  const Interactions data = two_tastes(60, 24, 10);
  for (const ItemToItemOptions& options :
       {ItemToItemOptions{.neighbours = 100},
        ItemToItemOptions{.neighbours = 100, .shrinkage = 2, .user_exponent = 1},
        ItemToItemOptions{
            .neighbours = 100, .popularity_exponent = 1, .user_exponent = 0, .wilson_z = 1.5f}}) {
    const auto model = train_item_to_item(data, options);
    ASSERT_TRUE(model.ok());
    const auto expected = naive_lists(data, options);
    std::size_t found = 0;
    for (std::uint32_t item = 0; item < data.items; ++item) {
      float before = std::numeric_limits<float>::max();
      for (const ScoredRow& neighbour : model->neighbours(item)) {
        ASSERT_TRUE(expected.contains({item, neighbour.item}));
        EXPECT_NEAR(neighbour.score, expected.at({item, neighbour.item}), 1e-4);
        EXPECT_LE(neighbour.score, before);
        before = neighbour.score;
        ++found;
      }
    }
    EXPECT_EQ(found, expected.size());
  }
}

// At its fixed point ALS solves every item against the users it solved: folding the item in from its users'
// vectors gives back its factor.
TEST(Als, FoldingInAnItemFromItsUsersGivesItsFactorBack) {
  const Interactions data = two_tastes(120, 40, 21);
  const auto model = train_als(data, {.dims = 16, .epochs = 200, .confidence = 2, .cg_steps = 10});
  ASSERT_TRUE(model.ok());
  const Interactions by_item = data.transposed();
  for (const std::uint32_t item : {0u, 7u, 33u}) {
    std::vector<std::vector<float>> vectors;
    std::vector<AlsModel::ItemUser> users;
    for (std::uint64_t at = by_item.offsets[item]; at < by_item.offsets[item + 1]; ++at) {
      const std::uint32_t user = by_item.item[at];
      std::vector<HistoryEntry> history;
      for (std::uint64_t k = data.offsets[user]; k < data.offsets[user + 1]; ++k) {
        history.push_back({data.item[k], data.weight[k], data.time_ms[k]});
      }
      vectors.push_back(model->fold_in(history));
      users.push_back({{}, by_item.weight[at], static_cast<std::uint32_t>(history.size())});
    }
    for (std::size_t k = 0; k < users.size(); ++k) users[k].vector = vectors[k];
    const std::vector<float> factor = model->fold_in_item(users);
    ASSERT_EQ(factor.size(), 16u);
    for (std::size_t k = 0; k < 16; ++k)
      EXPECT_NEAR(factor[k], model->item_vector(item)[k], 0.02) << item << " " << k;
  }
  EXPECT_TRUE(model->fold_in_item({}).empty());
}

// Members of a team as threads that wait for each other.
class ThreadTeam final : public AlsTeam {
 public:
  struct Shared {
    explicit Shared(std::uint32_t members) : matrices(members), barrier(members) {}
    std::vector<std::span<float>> matrices;
    std::barrier<> barrier;
  };
  ThreadTeam(Shared& shared, std::uint32_t rank) : shared_(shared), rank_(rank) {}
  std::uint32_t size() const override { return static_cast<std::uint32_t>(shared_.matrices.size()); }
  std::uint32_t rank() const override { return rank_; }
  Status exchange(std::span<float> matrix, std::span<const std::uint64_t> bounds) override {
    shared_.matrices[rank_] = matrix;
    shared_.barrier.arrive_and_wait();
    for (std::uint32_t other = 0; other < size(); ++other) {
      if (other == rank_) continue;
      const auto share = shared_.matrices[other].subspan(bounds[other], bounds[other + 1] - bounds[other]);
      std::ranges::copy(share, matrix.begin() + static_cast<std::ptrdiff_t>(bounds[other]));
    }
    shared_.barrier.arrive_and_wait();
    return {};
  }

 private:
  Shared& shared_;
  std::uint32_t rank_;
};

TEST(Als, ATeamOfAnySizeTrainsTheSameModelToTheLastBit) {
  const Interactions data = two_tastes(150, 40, 23);
  const AlsOptions options{.dims = 16, .epochs = 3};
  const std::string alone = train_als(data, options)->encode();
  for (const std::uint32_t members : {1u, 2u, 4u, 7u}) {
    ThreadTeam::Shared shared(members);
    std::vector<std::string> trained(members);
    std::vector<std::thread> threads;
    for (std::uint32_t rank = 0; rank < members; ++rank) {
      threads.emplace_back([&, rank] {
        ThreadTeam team(shared, rank);
        trained[rank] = train_als(data, options, {}, &team)->encode();
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::string& bytes : trained) EXPECT_EQ(bytes, alone) << members;
  }
}

TEST(Als, SharesOfRowsCoverAllRowsWithAboutAsManyPairsEach) {
  const Interactions data = two_tastes(100, 40, 24);
  for (const std::uint32_t members : {1u, 3u, 8u}) {
    const auto bounds = shares_of_rows(data, members);
    ASSERT_EQ(bounds.size(), members + 1);
    EXPECT_EQ(bounds.back(), 100u);
    for (std::uint32_t k = 0; k < members; ++k) {
      EXPECT_NEAR(static_cast<double>(data.offsets[bounds[k + 1]] - data.offsets[bounds[k]]),
                  static_cast<double>(data.size()) / members, 10);
    }
  }
}

TEST(Als, RefreshingMovesAModelOnToNewDataAndNewItems) {
  const Interactions all = two_tastes(200, 40, 22);
  Interactions first = all;  // without the last ten items
  first.items = 30;
  first.item.clear();
  first.weight.clear();
  first.time_ms.clear();
  first.offsets = {0};
  for (std::uint32_t user = 0; user < all.users; ++user) {
    for (std::uint64_t at = all.offsets[user]; at < all.offsets[user + 1]; ++at) {
      if (all.item[at] >= 30) continue;
      first.item.push_back(all.item[at]);
      first.weight.push_back(all.weight[at]);
      first.time_ms.push_back(all.time_ms[at]);
    }
    first.offsets.push_back(first.item.size());
  }
  const auto before = train_als(first, {.dims = 16, .epochs = 20});
  ASSERT_TRUE(before.ok());
  std::vector<std::uint32_t> rows(40);
  std::iota(rows.begin(), rows.end(), 0u);  // the last ten are beyond the model: new
  const auto after = refresh_als(*before, rows, all, 3);
  ASSERT_TRUE(after.ok()) << after.error().message;
  EXPECT_EQ(after->items(), 40u);
  const std::vector<float> scores = scores_of(*after, history_of({21, 25, 28}));  // the second taste
  double own = 0;
  double other = 0;
  for (std::size_t i = 30; i < 40; ++i) own += scores[i] / 10;
  for (std::size_t i = 0; i < 20; ++i) other += scores[i] / 20;
  EXPECT_GT(own, 3 * std::abs(other));
  EXPECT_EQ(refresh_als(*after, rows, first).error().field, "model_row");
}

TEST(ItemToItem, EveryItemKeepsAtMostTheNeighboursAskedFor) {
  const Interactions data = two_tastes(100, 40, 11);
  const auto model = train_item_to_item(data, {.neighbours = 3});
  ASSERT_TRUE(model.ok());
  std::vector<int> keepers(data.items);
  for (std::uint32_t item = 0; item < data.items; ++item) {
    for (const ScoredRow& neighbour : model->neighbours(item)) ++keepers[neighbour.item];
  }
  EXPECT_LE(*std::max_element(keepers.begin(), keepers.end()), 3);
}

int strongest(const ItemToItemModel& model, std::span<const HistoryEntry> history, std::uint32_t row) {
  Similarity::Pool pool;
  return Similarity(pool, model, history).strongest(row);
}

TEST(ItemToItem, ScoresAndReasonsComeFromTheHistory) {
  const ItemToItemModel model({}, {0, 2, 3, 3}, {{1, 0.5f}, {2, 0.25f}, {2, 1.0f}});
  const auto history = history_of({0, 1});
  std::vector<float> scores(3);
  model.add_scores(history, scores);
  EXPECT_THAT(scores, ElementsAre(0.0f, 0.5f, 1.25f));
  EXPECT_EQ(strongest(model, history, 2), 1);
  EXPECT_EQ(strongest(model, history, 1), 0);
  EXPECT_EQ(strongest(model, history, 0), -1);
}

TEST(ItemToItem, OlderHistoryCountsLessByItsHalfLife) {
  const ItemToItemModel model({.history_half_life_days = 1}, {0, 1, 2, 2}, {{2, 1.0f}, {2, 1.0f}});
  const std::vector<HistoryEntry> history = {{0, 1, 0}, {1, 1, kDayMs}};
  std::vector<float> scores(3);
  model.add_scores(history, scores);
  EXPECT_FLOAT_EQ(scores[2], 1.5f);
  EXPECT_EQ(strongest(model, history, 2), 1);
}

TEST(ItemToItem, ReadsBackWhatItWrote) {
  const auto model = train_item_to_item(two_tastes(40, 20, 12), {});
  ASSERT_TRUE(model.ok());
  const std::string bytes = model->encode();
  const auto decoded = ItemToItemModel::decode(bytes);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->encode(), bytes);
}

TEST(Popularity, CountsWeightsAndLetsOldOnesFade) {
  Interactions data;
  data.users = 2;
  data.items = 3;
  data.offsets = {0, 2, 3};
  data.item = {0, 1, 1};
  data.weight = {1, 2, 1};
  data.time_ms = {10 * kDayMs, 0, 10 * kDayMs};
  const auto plain = train_popularity(data, {});
  ASSERT_TRUE(plain.ok());
  EXPECT_THAT(plain->scores(), ElementsAre(1.0f, 3.0f, 0.0f));
  const auto decayed = train_popularity(data, {.half_life_days = 5});
  ASSERT_TRUE(decayed.ok());
  EXPECT_THAT(decayed->scores(), ElementsAre(1.0f, 1.5f, 0.0f));
  const auto again = PopularityModel::decode(decayed->encode());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->encode(), decayed->encode());
}

TEST(Models, NothingToLearnFromIsAnErrorWithTheRemedy) {
  Interactions empty;
  empty.users = 1;
  empty.items = 5;
  empty.offsets = {0, 0};
  EXPECT_THAT(train_als(empty, {.dims = 16}).error().message, HasSubstr("import events"));
  EXPECT_EQ(train_item_to_item(empty, {}).error().code, ErrorCode::invalid);
  EXPECT_EQ(train_popularity(empty, {}).error().code, ErrorCode::invalid);
}

// Cut short anywhere, or with any byte changed, a model is read as an error or as a sound model, never a
// crash.
template <class Model>
void survives_damage(const std::string& bytes) {
  for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 200) {
    EXPECT_FALSE(Model::decode(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(Model::decode(bytes + "x").ok());
  Random random(13);
  for (int round = 0; round < 300; ++round) {
    std::string damaged = bytes;
    damaged[random.below(static_cast<std::uint32_t>(bytes.size()))] ^=
        static_cast<char>(1 + random.below(255));
    const auto decoded = Model::decode(damaged);
    if (!decoded.ok()) {
      EXPECT_TRUE(decoded.error().code == ErrorCode::corrupt ||
                  decoded.error().code == ErrorCode::unsupported);
    }
  }
}

TEST(Models, DamagedBytesAreErrorsAndNeverCrashes) {
  const Interactions data = two_tastes(20, 10, 14);
  survives_damage<AlsModel>(train_als(data, {.dims = 16}).value().encode());
  survives_damage<ItemToItemModel>(train_item_to_item(data, {}).value().encode());
  survives_damage<PopularityModel>(train_popularity(data, {}).value().encode());
}

TEST(Models, AnotherFormatVersionIsUnsupportedAndSaysWhatToDo) {
  std::string bytes = train_popularity(two_tastes(20, 10, 15), {}).value().encode();
  bytes[4] = 99;
  const auto decoded = PopularityModel::decode(bytes);
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().code, ErrorCode::unsupported);
  EXPECT_THAT(decoded.error().message, HasSubstr("train a new one"));
}

}  // namespace
}  // namespace winnow
