// Trees through XGBoost's library; where it is not installed, what needs it is skipped.
#include "models/ranking/train_trees.h"

#include <gmock/gmock.h>

#include <bit>
#include <cmath>

#include "evaluation/classification_metrics.h"
#include "models/gbdt/tree_scorer.h"
#include "models/gbdt/xgboost_model.h"
#include "models/ranking/lambda_gradients.h"
#include "models/ranking/testing_ranking_set.h"

namespace winnow {
namespace {

using testing::HasSubstr;

class TrainTreesTest : public testing::Test {
 protected:
  void SetUp() override {
    auto library = XgboostLibrary::open();
    if (!library.ok()) GTEST_SKIP() << library.error().message;
    library_.push_back(std::move(library).value());
  }

  const XgboostLibrary& library() const { return library_[0]; }

  TreeModel trained(const RankingSet& set, const TreeTrainOptions& options,
                    const TrainerProgress& progress = {}) {
    auto model = train_trees(set, options, library(), progress);
    EXPECT_TRUE(model.ok()) << model.error().message;
    return std::move(model).value();
  }

  std::vector<XgboostLibrary> library_;
};

std::vector<float> predictions(const TreeModel& model, const RankingSet& set) {
  const TreeScorer scorer = TreeScorer::open(model).value();
  std::vector<float> out(set.rows());
  scorer.predict(set.values, out);
  return out;
}

double mean_ndcg(const TreeModel& model, const RankingSet& set) {
  const std::vector<float> scores = predictions(model, set);
  const std::vector<float> labels = labels_of_head(set, 0);
  double sum = 0, groups = 0;
  for (std::size_t g = 0; g < set.group_count(); ++g) {
    const std::size_t from = set.groups[g], count = set.groups[g + 1] - from;
    const double ndcg =
        graded_ndcg(std::span(scores).subspan(from, count), std::span(labels).subspan(from, count), 5, 1);
    if (ndcg < 0) continue;
    sum += ndcg;
    ++groups;
  }
  return sum / groups;
}

TreeTrainOptions quick() {
  TreeTrainOptions options;
  options.rounds = 60;
  options.learning_rate = 0.1;
  options.depth = 4;
  return options;
}

TEST_F(TrainTreesTest, OurScorerGivesXgboostsPredictionsToTheBit) {
  const RankingSet set = random_ranking_set({.groups = 100, .missing = 0.1});
  const XgboostMatrix matrix = XgboostMatrix::create(library(), set.values, set.features.size()).value();
  const XgboostMatrix* const cached[] = {&matrix};
  XgboostBooster booster =
      XgboostBooster::create(
          cached,
          {{"objective", "binary:logistic"}, {"base_score", "0.3"}, {"nthread", "1"}, {"verbosity", "0"}})
          .value();
  const std::vector<float> labels = labels_of_head(set, 1);
  for (int round = 0; round < 20; ++round) {
    const auto margins = booster.predict(matrix, XgboostBooster::Output::margins).value();
    std::vector<float> gradients, hessians;
    for (std::size_t r = 0; r < set.rows(); ++r) {
      const float p = 1 / (1 + std::exp(-margins[r]));
      gradients.push_back(p - labels[r]);
      hessians.push_back(p * (1 - p));
    }
    ASSERT_TRUE(booster.boost(matrix, gradients, hessians).ok());
  }
  const TreeModel model = read_xgboost_model(booster.save().value()).value();
  EXPECT_EQ(model.trees.size(), 20u);
  const TreeScorer scorer = TreeScorer::open(model).value();
  std::vector<float> margins(set.rows()), probabilities(set.rows());
  scorer.margins(set.values, margins);
  scorer.predict(set.values, probabilities);
  // A matrix of its own: predictions of `matrix` were kept up tree by tree.
  const XgboostMatrix again = XgboostMatrix::create(library(), set.values, set.features.size()).value();
  const auto their_margins = booster.predict(again, XgboostBooster::Output::margins).value();
  const auto theirs = booster.predict(again, XgboostBooster::Output::predictions).value();
  for (std::size_t r = 0; r < set.rows(); ++r) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(margins[r]), std::bit_cast<std::uint32_t>(their_margins[r])) << r;
    ASSERT_EQ(std::bit_cast<std::uint32_t>(probabilities[r]), std::bit_cast<std::uint32_t>(theirs[r])) << r;
  }
}

TEST_F(TrainTreesTest, LogisticTreesPredictProbabilities) {
  RankingSet set = random_ranking_set({.groups = 300, .missing = 0.02});
  const RankingSet other = random_ranking_set({.groups = 300, .seed = 2});
  for (std::size_t r = 0; r < 100; ++r) set.labels[r * 2 + 1] = std::numeric_limits<float>::quiet_NaN();
  TreeTrainOptions options = quick();
  options.rounds = 300;
  options.head = 1;
  const TreeModel model = trained(set, options);
  EXPECT_EQ(model.link, TreeLink::logistic);
  const std::vector<float> scores = predictions(model, other);
  // Of the true probabilities: 0.793.
  EXPECT_GT(auc({scores, labels_of_head(other, 1)}).value(), 0.755);
  EXPECT_LT(calibration_error({scores, labels_of_head(other, 1)}), 0.03);
  EXPECT_LT(model.trees.size(), 300u);
}

TEST_F(TrainTreesTest, SoftLabelsAndWeightsMoveProbabilities) {
  // One feature of two values: labels .2 (weight 1) and .8 (weight 3) below, .5 above.
  RankingSet set;
  set.features = {"x"};
  set.heads = {"h"};
  for (int r = 0; r < 400; ++r) {
    const bool below = r % 2 == 0;
    const bool high = r % 4 == 0;
    set.values.push_back(below ? 0.0f : 1.0f);
    set.labels.push_back(below ? (high ? 0.8f : 0.2f) : 0.5f);
    set.weights.push_back(below && high ? 3.0f : 1.0f);
  }
  set.groups = {0, 400};
  set.time_ms = {0};
  TreeTrainOptions options = quick();
  options.rounds = 200;
  options.depth = 1;
  const std::vector<float> p = predictions(trained(set, options), set);
  EXPECT_NEAR(p[0], (0.8 * 3 + 0.2) / 4, 0.01);
  EXPECT_NEAR(p[1], 0.5, 0.01);
}

TEST_F(TrainTreesTest, LambdamartOrdersGroups) {
  const RankingSet set = random_ranking_set({.groups = 300});
  const RankingSet other = random_ranking_set({.groups = 300, .seed = 2});
  TreeTrainOptions options = quick();
  options.objective = TreeObjective::lambdamart;
  options.rounds = 300;
  options.min_child_weight = 0.1;
  options.ndcg_k = 5;
  TreeTrainOptions untrained = options;
  untrained.rounds = 1;
  const TreeModel model = trained(set, options);
  EXPECT_EQ(model.link, TreeLink::identity);
  EXPECT_GT(mean_ndcg(model, other), mean_ndcg(trained(set, untrained), other) + 0.03);
  EXPECT_GT(grouped_auc({predictions(model, other), labels_of_head(other, 0)}, other.groups).value(), 0.80);
}

TEST_F(TrainTreesTest, TheSameSeedGivesTheSameTrees) {
  const RankingSet set = random_ranking_set({.groups = 50});
  TreeTrainOptions options = quick();
  options.row_share = 0.7;
  options.column_share = 0.7;
  const std::string first = trained(set, options).encode();
  EXPECT_EQ(trained(set, options).encode(), first);
  options.seed = 2;
  EXPECT_NE(trained(set, options).encode(), first);
}

TEST_F(TrainTreesTest, WithoutARefitTheModelIsThatOfTheBestRound) {
  const RankingSet set = random_ranking_set({.groups = 50});
  TreeTrainOptions options = quick();
  options.rounds = 400;
  options.patience = 5;
  options.hold_out.folds = 1;
  options.refit = false;
  std::size_t grown = 0;
  const TreeModel model = trained(set, options, [&](double, std::string_view) { return ++grown > 0; });
  EXPECT_EQ(grown, model.trees.size() + 5);
}

TEST_F(TrainTreesTest, ProgressCanEndItAndWrongOptionsAreRefused) {
  const RankingSet set = random_ranking_set({.groups = 20});
  const auto ended = train_trees(set, quick(), library(), [](double, std::string_view) { return false; });
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().code, ErrorCode::unavailable);
  TreeTrainOptions options = quick();
  options.depth = 17;
  EXPECT_THAT(train_trees(set, options, library()).error().message, HasSubstr("depth is 17; give 1 to 16"));
  options = quick();
  options.head = 2;
  EXPECT_EQ(train_trees(set, options, library()).error().code, ErrorCode::invalid);
}

TEST(XgboostLibraryTest, AMissingLibrarySaysHowToGetOne) {
  const auto library = XgboostLibrary::open("/nowhere/libxgboost.so");
  ASSERT_FALSE(library.ok());
  EXPECT_EQ(library.error().code, ErrorCode::unavailable);
  EXPECT_THAT(library.error().message, HasSubstr("WINNOW_XGBOOST"));
}

}  // namespace
}  // namespace winnow
