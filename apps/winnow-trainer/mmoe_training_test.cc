// What `winnow-trainer mmoe` promises: a loss that is right, models of features as they are, that learn what
// is to be learned, the same again with the same seed and after a checkpoint.
#include "mmoe_training.h"

#include <gmock/gmock.h>

#include <cmath>
#include <stdexcept>

#include "base/temporary_folder.h"
#include "evaluation/classification_metrics.h"
#include "mmoe_data.h"
#include "models/ranking/testing_ranking_set.h"

namespace winnow {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

MmoeTrainerOptions quick() {
  MmoeTrainerOptions options;
  options.experts = 2;
  options.expert_hidden = 16;
  options.expert_outputs = 8;
  options.head_hidden = 8;
  options.epochs = 4;
  options.batch_rows = 256;
  options.hold_out.folds = 1;
  return options;
}

MmoeModel trained(const RankingSet& set, const MmoeTrainerOptions& options,
                  const MmoeTrainingReport& report = {}) {
  auto model = train(set, options, report);
  EXPECT_TRUE(model.ok()) << model.error().message;
  return std::move(model).value();
}

std::vector<float> scores_of_head(const MmoeModel& model, const RankingSet& set, std::size_t head) {
  const std::vector<float> scores = run_plainly(model, set.values).scores;
  std::vector<float> out;
  for (std::size_t r = 0; r < set.rows(); ++r) out.push_back(scores[r * set.heads.size() + head]);
  return out;
}

double auc_of(const MmoeModel& model, const RankingSet& set, std::size_t head) {
  return auc({scores_of_head(model, set, head), labels_of_head(set, head)}).value();
}

RowBatch all_rows(const MmoeData& data) {
  std::vector<std::uint32_t> groups(data.group_count());
  std::iota(groups.begin(), groups.end(), 0u);
  return batches_of_groups(data, groups, 1'000'000)[0];
}

// Parameters that are not as they begin: gates and biases are zero then.
MmoeTensors any_tensors(const MmoeData& data) {
  torch::manual_seed(3);
  MmoeTensors out = initial_tensors(data.shape, data.base_rates);
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& tensor : out.all()) tensor.add_(torch::randn_like(tensor) * 0.3);
  return out;
}

TEST(MmoeTraining, TheModelOfFeaturesAsTheyAreIsThatOfStandardisedOnes) {
  RankingSet set = random_ranking_set({.groups = 10});
  set.features.emplace_back("constant");
  std::vector<float> values;
  for (std::size_t r = 0; r < set.rows(); ++r) {
    values.insert(values.end(), set.values.begin() + static_cast<std::ptrdiff_t>(r * 6),
                  set.values.begin() + static_cast<std::ptrdiff_t>(r * 6 + 6));
    values.push_back(1e6f);
  }
  set.values = values;
  const MmoeData data = mmoe_data(set, quick());
  const MmoeTensors tensors = any_tensors(data);
  const torch::Tensor expected = logits(tensors, data.shape, data.features).sigmoid();
  const MmoeModel model = model_of(tensors, data.shape, data.transform);
  const std::vector<float> scores = run_plainly(model, set.values).scores;
  for (std::size_t r = 0; r < set.rows(); ++r) {
    for (std::size_t t = 0; t < 2; ++t)
      ASSERT_NEAR(scores[r * 2 + t], expected[static_cast<int>(t)][static_cast<int>(r)].item<float>(), 1e-5);
  }
}

TEST(MmoeTraining, FeaturesAreStandardisedAndMissingOnesAreTheMean) {
  const RankingSet set = random_ranking_set({.missing = 0.1});
  const MmoeData data = mmoe_data(set, quick());
  EXPECT_LT(data.features.mean(0).abs().max().item<float>(), 1e-4);
  for (std::size_t k = 0; k < set.values.size(); ++k) {
    const float value = data.features.view(-1)[static_cast<std::int64_t>(k)].item<float>();
    if (std::isnan(set.values[k])) {
      ASSERT_EQ(value, 0);
    }
  }
}

TEST(MmoeTraining, ARareCategoryIsNotBlownUp) {
  RankingSet set = random_ranking_set({.groups = 100});
  for (std::size_t r = 0; r < set.rows(); ++r) {
    set.values[r * 6] = r == 7 ? 1.0f : 0.0f;
    set.values[r * 6 + 1] = static_cast<float>(r % 3);
  }
  const MmoeData data = mmoe_data(set, quick());
  EXPECT_NEAR(data.features[7][0].item<float>(), 2, 0.01);
  EXPECT_NEAR(data.features[8][0].item<float>(), 0, 0.01);
  EXPECT_NEAR(data.features[0][1].item<float>(), -std::sqrt(1.5), 0.01);
}

// The definition, row by row.
double plain_loss(const RankingSet& set, const MmoeTrainOptions& options, const torch::Tensor& scores) {
  double sum = 0;
  for (std::size_t t = 0; t < set.heads.size(); ++t) {
    double loss = 0, weight = 0;
    for (std::size_t r = 0; r < set.rows(); ++r) {
      const double y = set.labels_of(r)[t];
      if (std::isnan(y)) continue;
      const double p = 1 / (1 + std::exp(-scores[static_cast<int>(t)][static_cast<int>(r)].item<double>()));
      loss -= set.weights[r] * (y * std::log(p) + (1 - y) * std::log(1 - p));
      weight += set.weights[r];
    }
    sum += options.head_weights[t] * loss / weight * static_cast<double>(set.rows());
  }
  return sum;
}

TEST(MmoeTraining, TheLossIsTheCrossEntropyOfKnownLabelsByWeight) {
  RankingSet set = random_ranking_set({.groups = 6, .group_rows = 5});
  set.labels[0] = kUnknown;
  set.labels[7] = 0.3f;
  set.weights[2] = 4;
  MmoeTrainerOptions options = quick();
  options.head_weights = {1, 0.5};
  const MmoeData data = mmoe_data(set, options);
  const MmoeTensors tensors = any_tensors(data);
  const double loss = loss_sum(data, options, all_rows(data), tensors).item<double>();
  EXPECT_NEAR(loss, plain_loss(set, options, logits(tensors, data.shape, data.features)), 1e-3);
}

TEST(MmoeTraining, TheListwiseLossIsASoftmaxOverKnownRowsOfAGroup) {
  RankingSet set = random_ranking_set({.groups = 12, .group_rows = 5});
  for (std::size_t r = 0; r < 10; ++r) set.labels[r * 2] = r % 2 == 0 ? 1.0f : 0.0f;
  set.labels[6] = kUnknown;
  MmoeTrainerOptions options = quick();
  options.listwise_share = 1;
  const MmoeData data = mmoe_data(set, options);
  const MmoeTensors tensors = any_tensors(data);
  const torch::Tensor scores = logits(tensors, data.shape, data.features)[0];
  double mass = 0, groups = 0, losses = 0;
  const double scale =
      static_cast<double>(set.rows()) / static_cast<double>(set.rows() - 1);  // one is unknown
  for (std::size_t g = 0; g < set.group_count(); ++g) {
    double positives = 0, sum = 0, loss = 0;
    for (std::size_t r = set.groups[g]; r < set.groups[g + 1]; ++r) {
      if (std::isnan(set.labels[r * 2])) continue;
      positives += set.labels[r * 2];
      sum += std::exp(scores[static_cast<int>(r)].item<double>());
    }
    if (positives == 0) continue;
    for (std::size_t r = set.groups[g]; r < set.groups[g + 1]; ++r) {
      if (!(set.labels[r * 2] > 0)) continue;
      loss -= std::log(std::exp(scores[static_cast<int>(r)].item<double>()) / sum) / positives;
    }
    mass += positives * scale;
    ++groups;
    losses += loss;
  }
  EXPECT_NEAR(loss_sum(data, options, all_rows(data), tensors).item<double>(), losses * mass / groups, 1e-2);
}

TEST(MmoeTraining, DropoutKeepsTheMeanOfActivations) {
  const MmoeData data = mmoe_data(random_ranking_set({.groups = 100}), quick());
  const MmoeTensors tensors = any_tensors(data);
  Random random(1);
  torch::Tensor sum = torch::zeros_like(data.labels);
  for (int k = 0; k < 200; ++k) sum += logits(tensors, data.shape, data.features, {0.02, &random}).detach();
  const torch::Tensor exact = logits(tensors, data.shape, data.features);
  EXPECT_GT((logits(tensors, data.shape, data.features, {0.02, &random}) - exact).abs().max().item<float>(),
            0.1);
  EXPECT_NEAR((sum / 200 - exact).mean().item<float>(), 0, 0.03);
}

TEST(MmoeTraining, LearnsBothHeadsOnAFewHundredGroups) {
  const RankingSet set = random_ranking_set({.groups = 300, .missing = 0.02});
  const RankingSet other = random_ranking_set({.groups = 300, .seed = 2});
  MmoeTrainerOptions options = quick();
  options.epochs = 20;
  options.learning_rate = 5e-3;
  options.hold_out.folds = 0;
  const MmoeModel model = trained(set, options);
  // Of the true probabilities: 0.824 and 0.793.
  EXPECT_GT(auc_of(model, other, 0), 0.81);
  EXPECT_GT(auc_of(model, other, 1), 0.765);
  EXPECT_LT(calibration_error({scores_of_head(model, other, 1), labels_of_head(other, 1)}), 0.03);
  EXPECT_THAT(model.sample, SizeIs(256 * 6));
}

TEST(MmoeTraining, TheListwiseLossOrdersGroupsAndALightModelHasOneExpert) {
  const RankingSet set = random_ranking_set({.groups = 300});
  const RankingSet other = random_ranking_set({.groups = 300, .seed = 2});
  MmoeTrainerOptions options = quick();
  options.experts = 1;
  options.epochs = 20;
  options.learning_rate = 5e-3;
  options.listwise_share = 0.5;
  const MmoeModel model = trained(set, options);
  // Of the true probabilities: 0.850.
  EXPECT_GT(grouped_auc({scores_of_head(model, other, 0), labels_of_head(other, 0)}, other.groups).value(),
            0.825);
}

TEST(MmoeTraining, TheSameSeedGivesTheSameModelAndAnotherAnother) {
  const RankingSet set = random_ranking_set({.groups = 40});
  MmoeTrainerOptions options = quick();
  const std::string first = trained(set, options).encode();
  EXPECT_EQ(trained(set, options).encode(), first);
  options.seed = 2;
  EXPECT_NE(trained(set, options).encode(), first);
}

TEST(MmoeTraining, GoingOnFromACheckpointChangesNothing) {
  const RankingSet set = random_ranking_set({.groups = 40});
  const TemporaryFolder folder = TemporaryFolder::create("test").value();
  MmoeTrainerOptions options = quick();
  options.hold_out.folds = 2;
  options.listwise_share = 0.3;
  const std::string whole = trained(set, options).encode();
  options.checkpoint = folder.path() / "checkpoint";
  options.resume = true;
  // Ended by force after two epochs of the search, then after one of the refit.
  for (const auto& [refit, epoch] : {std::pair(false, 3u), std::pair(true, 2u)}) {
    EXPECT_THROW(
        static_cast<void>(train(set, options,
                                [&, refit = refit, epoch = epoch](const MmoeTrainingState& state) {
                                  if (state.epoch_ended && state.refit == refit && state.epoch == epoch)
                                    throw std::runtime_error("ended");
                                })),
        std::runtime_error);
  }
  EXPECT_EQ(trained(set, options).encode(), whole);
  options.seed = 9;
  EXPECT_EQ(train(set, options, {}).error().code, ErrorCode::conflict);
}

TEST(MmoeTraining, EndsWhereHeldOutGroupsArePredictedNoBetter) {
  const RankingSet set = random_ranking_set({.groups = 60});
  MmoeTrainerOptions options = quick();
  options.epochs = 500;
  options.patience = 2;
  options.learning_rate = 0.01;
  MmoeTrainingState last;
  std::uint32_t searched = 0;
  trained(set, options, [&](const MmoeTrainingState& state) {
    if (!state.refit) searched = state.epoch;
    last = state;
  });
  EXPECT_LT(searched, 500u);
  EXPECT_EQ(searched, last.best_epoch + 2);
  EXPECT_TRUE(last.refit);
  EXPECT_EQ(last.epoch, last.best_epoch);
  EXPECT_EQ(last.share, 1);
}

TEST(MmoeTraining, TheBudgetEndsItAndSaysSo) {
  const RankingSet set = random_ranking_set({.groups = 40});
  MmoeTrainerOptions options = quick();
  options.epochs = 100'000;
  options.patience = 1000;
  options.learning_rate = 1e-5;
  options.budget_s = 0.4;
  bool said = false;
  trained(set, options, [&](const MmoeTrainingState& state) { said = state.budget_ended; });
  EXPECT_TRUE(said);
}

TEST(MmoeTraining, OptionsThatDoNotFitTheSetAreRefused) {
  const RankingSet set = random_ranking_set({.groups = 20});
  const auto error = [&](const MmoeTrainerOptions& options) { return train(set, options, {}).error(); };
  MmoeTrainerOptions options = quick();
  options.head_weights = {1};
  EXPECT_EQ(error(options).field, "--head-weights");
  options = quick();
  options.listwise_share = 0.1;
  options.listwise_head = 2;
  EXPECT_EQ(error(options).field, "--listwise-head");
}

TEST(MmoeTraining, RunsAsAProgramForWinnow) {
  const RankingSet set = random_ranking_set({.groups = 30});
  MmoeTrainerOptions options = quick();
  options.head_weights = {1, 2};
  options.refit = false;
  std::vector<double> shares;
  const auto model = train_mmoe(set, options, WINNOW_TRAINER, [&](double share, std::string_view) {
    shares.push_back(share);
    return true;
  });
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->encode(), trained(set, options).encode());
  EXPECT_TRUE(std::ranges::is_sorted(shares));
  options.dropout = 2;
  const auto refused = train_mmoe(set, options, WINNOW_TRAINER);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("--dropout"));
}

}  // namespace
}  // namespace winnow
