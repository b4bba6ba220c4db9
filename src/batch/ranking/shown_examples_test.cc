#include "batch/ranking/shown_examples.h"

#include <gtest/gtest.h>

#include "batch/impressions/testing_impressions.h"
#include "batch/ranking/train_ranker.h"
#include "features/feature_schema.h"
#include "models/gbdt/xgboost_library.h"

namespace winnow {
namespace {

constexpr TimestampMs kStart = 1'700'000'000'000;
constexpr std::uint32_t kShown = 6;

std::size_t feature_number(std::string_view name) {
  const auto& all = feature_definitions();
  return static_cast<std::size_t>(std::ranges::find(all, name, &FeatureDefinition::name) - all.begin());
}

// Answers of a server that likes what users do not: who sees an item of a high popularity score clicks it,
// and the blend says nothing of it.
struct Store {
  TestingEventLog log;
  TestingImpressionLog served;
  TestingCatalog catalog;
  FeedbackPolicy feedback;
  MemoryFeatureStore states;

  void fill(std::uint32_t answers, std::uint32_t clicked_of_ten) {
    std::vector<Item> items(kShown);
    for (std::uint32_t i = 0; i < kShown; ++i) items[i].id = "i" + std::to_string(i);
    ASSERT_TRUE(catalog.put_items(items).ok());
    const std::size_t width = all_features().size();
    const std::uint64_t schema = schema_fingerprint(names_of(all_features()));
    const std::size_t popular = feature_number("source.popular");
    const std::size_t blend = feature_number("source.blend");
    Random random(4);
    for (std::uint32_t a = 0; a < answers; ++a) {
      const TimestampMs time_ms = kStart + a * kMinuteMs;
      ServedImpression impression{.recommendation_id = "r" + std::to_string(a),
                                  .subject = "u" + std::to_string(a % 50),
                                  .schema = schema};
      const std::uint32_t best = random.below(kShown);
      for (std::uint32_t i = 0; i < kShown; ++i) {
        impression.items.push_back({ItemIndex{i}, static_cast<std::uint16_t>(i + 1)});
        std::vector<float> row(width);
        row[popular] = static_cast<float>(i == best ? 2 + random.uniform() : random.uniform());
        row[blend] = static_cast<float>(random.uniform());
        impression.features.insert(impression.features.end(), row.begin(), row.end());
        ASSERT_TRUE(
            log.append({shown(impression.subject, items[i].id, time_ms, impression.recommendation_id)}).ok());
      }
      if (random.below(10) < clicked_of_ten) {
        ASSERT_TRUE(log.append({did(impression.subject, items[best].id, Action::click, time_ms + 1000,
                                    impression.recommendation_id)})
                        .ok());
      }
      served.offer(std::move(impression));
    }
    ASSERT_TRUE(log.append({did("z", "i0", Action::view, kStart + 90 * kDayMs)}).ok());
  }

  ShownExamples examples(const ShownExampleOptions& options) {
    auto made = shown_examples({log, catalog, feedback, served, states, log.statistics().last}, options);
    EXPECT_TRUE(made.ok());
    return std::move(made).value();
  }
};

ShownExampleOptions at_least(std::uint64_t least) {
  ShownExampleOptions options;
  options.set.window_days = 0;
  options.least = least;
  return options;
}

TEST(ShownExamples, AreWholeAnswersWithTheFeaturesThatWereServed) {
  Store store;
  store.fill(300, 3);
  const ShownExamples made = store.examples(at_least(50));
  EXPECT_EQ(made.answers, 300u);
  ASSERT_GT(made.with_outcome, 60u);
  ASSERT_TRUE(made.set.check().ok());
  EXPECT_EQ(made.set.heads, (std::vector<std::string>{"click", "watch", "like", "finish", "dislike"}));
  EXPECT_EQ(groups_with_outcome(made.set, 0), made.with_outcome);
  EXPECT_EQ(made.set.negatives_kept, 1);
  // As many answers without an outcome as with one, about, and they weigh for all of them.
  const std::size_t without = made.set.group_count() - made.with_outcome;
  EXPECT_NEAR(static_cast<double>(without), static_cast<double>(made.with_outcome), 25);
  double weight = 0;
  for (std::size_t g = 0; g < made.set.group_count(); ++g) {
    ASSERT_EQ(made.set.groups[g + 1] - made.set.groups[g], kShown);
    weight += static_cast<double>(made.set.weights[made.set.groups[g]]);
  }
  EXPECT_NEAR(weight, 300, 60);
  EXPECT_GT(made.set.row(0)[feature_number("source.popular")], 0) << "sources' scores are there";
}

TEST(ShownExamples, TooFewAnswersOrOutcomesGiveNone) {
  Store store;
  store.fill(300, 3);
  EXPECT_EQ(store.examples(at_least(301)).set.rows(), 0u);
  const ShownExamples few = store.examples(at_least(290));
  EXPECT_EQ(few.set.rows(), 0u);
  EXPECT_GT(few.with_outcome, 60u) << "they were counted";
}

TEST(ShownExamples, OfManyAnswersAnEvenShareIsTaken) {
  Store store;
  store.fill(400, 10);
  ShownExampleOptions options = at_least(50);
  options.most = 200;
  const ShownExamples made = store.examples(options);
  EXPECT_NEAR(static_cast<double>(made.set.group_count()), 200, 50);
}

TEST(ShownExamples, ARankerLearnsFromThemWhatTheBlendMissed) {
  if (!XgboostLibrary::open({}).ok()) GTEST_SKIP() << "XGBoost's library is not installed";
  Store store;
  store.fill(800, 7);
  const ShownExamples made = store.examples(at_least(100));
  RankerOptions options;
  options.network = false;
  options.tree.rounds = 20;
  const auto trained = train_ranker(made.set, options);
  ASSERT_TRUE(trained.ok()) << trained.error().message;
  const RankingJudgement& judgement = trained->report.judgement;
  EXPECT_GT(judgement.ndcg("full"), judgement.ndcg("blend") + 0.2);
  EXPECT_GT(judgement.find("all", "click", "full")->auc.value_or(0), 0.9);
  EXPECT_EQ(trained->model.heads, made.set.heads);
}

}  // namespace
}  // namespace winnow
