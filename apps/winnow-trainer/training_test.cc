// What the trainer promises: losses and gradients that are right, models that learn what is to be learned,
// the same model again with the same seed, after a checkpoint, and from several workers.
#include "training.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "math/vector_kernels.h"
#include "negatives.h"
#include "softmax.h"

namespace winnow {
namespace {

using torch::Tensor;

// Users who walk through the items in a circle: each item is followed by the next one.
TrainingSequences circle(std::uint32_t users, std::uint32_t items) {
  TrainingSequences out;
  out.items = items;
  for (std::uint32_t user = 0; user < users; ++user) {
    std::vector<TowerAction> actions;
    for (std::uint32_t k = 0; k < 6; ++k) actions.push_back({(user * 7 + k) % items, 0, (k + 1) * kDayMs});
    out.add_user(actions, 1);
  }
  return out;
}

TrainerOptions quick() {
  TrainerOptions options;
  options.dims = 32;
  options.layers = 1;
  options.heads = 1;
  options.length = 8;
  options.epochs = 20;
  options.epoch_steps = 1;
  options.patience = 100;
  options.batch_users = 32;
  options.learning_rate = 0.01;
  options.dropout = 0.1;
  return options;
}

TwoTowerModel trained(const TrainingSequences& sequences, const TrainerOptions& options) {
  auto weights = train(sequences, options, *one_worker(), {});
  if (!weights.ok()) throw std::runtime_error(weights.error().message);
  return TwoTowerModel(std::move(weights).value());
}

// Share of items after which, at the end of five, the model expects the next one of the circle before all
// others that are not among the five.
double hits(const TwoTowerModel& model, std::uint32_t items) {
  int right = 0;
  for (std::uint32_t item = 0; item < items; ++item) {
    std::vector<TowerAction> actions;
    for (std::uint32_t k = 0; k < 5; ++k) actions.push_back({(item + k) % items, 0, (k + 1) * kDayMs});
    const auto user = model.user_vector(actions);
    std::uint32_t best = (item + 5) % items;
    for (std::uint32_t k = 6; k < items; ++k) {
      const std::uint32_t other = (item + k) % items;
      if (dot(user, model.item_vector(other)) > dot(user, model.item_vector(best))) best = other;
    }
    right += best == (item + 5) % items ? 1 : 0;
  }
  return static_cast<double>(right) / items;
}

double relative_distance(const Tensor& tensor, const Tensor& expected) {
  return ((tensor - expected).norm() / expected.norm()).item<double>();
}

// More positions than are worked on at once, so that parts are added up.
TEST(FullSoftmax, HasTheLossAndGradientsOfItsDefinition) {
  torch::manual_seed(1);
  const Tensor targets = torch::randint(50, {1500}, torch::kLong);
  const auto leaf = [](std::int64_t rows) { return torch::randn({rows, 16}).requires_grad_(); };
  const Tensor hidden = leaf(1500);
  const Tensor table = leaf(50);
  const Tensor expected = 0.5 * torch::nn::functional::cross_entropy(
                                    torch::mm(hidden, table.t()), targets,
                                    torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kSum));
  expected.backward();
  for (const auto& [products, tolerance] :
       {std::pair(torch::kFloat, 1e-5), std::pair(torch::kBFloat16, 0.01)}) {
    const Tensor own_hidden = hidden.detach().clone().requires_grad_();
    const Tensor own_table = table.detach().clone().requires_grad_();
    const Tensor loss = full_softmax_loss(own_hidden, own_table, targets, {0.5, products});
    loss.backward();
    EXPECT_LT(relative_distance(loss.detach(), expected.detach()), tolerance) << products;
    EXPECT_LT(relative_distance(own_hidden.grad(), hidden.grad()), tolerance) << products;
    EXPECT_LT(relative_distance(own_table.grad(), table.grad()), tolerance) << products;
  }
}

// The estimate of the softmax's sum has no bias, hard negatives or not: over many draws it comes to the sum.
TEST(SampledSoftmax, EstimatesTheSumOverAllItemsWithoutBias) {
  torch::manual_seed(2);
  const TrainingSequences sequences = circle(40, 60);
  const Tensor table = torch::randn({60, 8});
  const Tensor user = torch::randn({1, 8});
  const double sum = torch::mm(user, table.t()).exp().sum().item<double>();
  for (const double hard_share : {0.0, 0.5}) {
    const NegativeSampler sampler(sequences, {32, hard_share});
    Random random(2);
    double mean = 0;
    constexpr int kDraws = 2000;
    for (int k = 0; k < kDraws; ++k) {
      const NegativePool pool = sampler.draw(random);
      const Tensor vectors = table.index_select(0, torch::tensor(pool.items));
      const Negatives chosen = sampler.choose(pool, vectors, user);
      EXPECT_EQ(chosen.rows.size(0), 32);
      const Tensor logits = torch::mm(user, table.index_select(0, chosen.rows).t()) + chosen.log_weights;
      mean += logits.exp().sum().item<double>() / kDraws;
    }
    EXPECT_NEAR(mean, sum, 0.05 * sum) << "hard share " << hard_share;
  }
}

TEST(SampledSoftmax, LeavesTheTargetOutOfItsNegatives) {
  const Tensor hidden = torch::ones({1, 4});
  const Tensor table = torch::zeros({3, 4});
  const Negatives negatives{torch::tensor({0, 1, 1}, torch::kLong), torch::zeros({3})};
  const double loss =
      sampled_softmax_loss(hidden, table, torch::tensor({1}, torch::kLong), negatives).item<double>();
  EXPECT_NEAR(loss, std::log(2.0), 1e-6);  // itself and the one draw of item 0
}

TEST(Training, LearnsWhatFollowsWhat) {
  const TrainingSequences sequences = circle(200, 40);
  EXPECT_GT(hits(trained(sequences, quick()), 40), 0.9);
}

TEST(Training, LearnsTheSameFromASample) {
  const TrainingSequences sequences = circle(200, 40);
  TrainerOptions options = quick();
  options.softmax = Softmax::sampled;
  options.negatives = 16;
  EXPECT_GT(hits(trained(sequences, options), 40), 0.9);
}

TEST(Training, TheSameSeedGivesTheSameBytes) {
  const TrainingSequences sequences = circle(100, 40);
  TrainerOptions options = quick();
  options.epochs = 2;
  const std::string bytes = trained(sequences, options).encode();
  EXPECT_EQ(trained(sequences, options).encode(), bytes);
  options.seed = 2;
  EXPECT_NE(trained(sequences, options).encode(), bytes);
}

TEST(Training, GoesOnFromACheckpointAsIfNeverEnded) {
  const auto folder = TemporaryFolder::create("trainer-test");
  ASSERT_TRUE(folder.ok());
  const TrainingSequences sequences = circle(100, 40);
  for (const Softmax softmax : {Softmax::full, Softmax::sampled}) {
    TrainerOptions options = quick();
    options.softmax = softmax;
    options.negatives = 16;
    options.epochs = 4;
    const std::string whole = trained(sequences, options).encode();
    options.checkpoint = folder->path() / std::to_string(static_cast<int>(softmax));
    options.epochs = 2;
    EXPECT_NE(trained(sequences, options).encode(), whole);
    options.resume = true;
    options.epochs = 4;
    EXPECT_EQ(trained(sequences, options).encode(), whole);
    options.dropout = 0.2;
    const auto other = train(sequences, options, *one_worker(), {});
    ASSERT_FALSE(other.ok());
    EXPECT_EQ(other.error().code, ErrorCode::conflict);
  }
}

TEST(Training, AnEpochOfSmallDataTakesAsManyStepsAsItShould) {
  const TrainingSequences sequences = circle(64, 40);
  TrainerOptions options = quick();
  options.epochs = 6;
  const double after_12_steps = hits(trained(sequences, options), 40);
  options.epoch_steps = 50;
  EXPECT_GT(hits(trained(sequences, options), 40), after_12_steps);
}

TEST(Training, EndsEarlyAndKeepsTheBestEpoch) {
  const TrainingSequences sequences = circle(100, 40);
  TrainerOptions options = quick();
  options.epochs = 500;
  options.patience = 3;
  options.rate_falls = 0;
  TrainingState last;
  double highest = 0;
  const auto weights = train(sequences, options, *one_worker(), [&](const TrainingState& state) {
    last = state;
    highest = std::max(highest, state.ndcg);
  });
  ASSERT_TRUE(weights.ok());
  EXPECT_LT(last.epoch, 500u);
  EXPECT_EQ(last.epoch, last.best_epoch + 3);
  EXPECT_EQ(last.best_ndcg, highest);
}

// Item 41 follows item 40 in what is held out alone.
TEST(Training, RefittingLearnsAlsoWhatWasHeldOut) {
  TrainingSequences sequences = circle(100, 40);
  sequences.items = 42;
  for (std::uint32_t user = 0; user < 30; ++user) {
    sequences.add_user(std::vector<TowerAction>{{user, 0, kDayMs}, {40, 0, 2 * kDayMs}, {41, 0, 3 * kDayMs}},
                       1);
  }
  TrainerOptions options = quick();
  const auto expected_after_40 = [&] {
    const TwoTowerModel model = trained(sequences, options);
    const auto user = model.user_vector(std::vector<TowerAction>{{7, 0, kDayMs}, {40, 0, 2 * kDayMs}});
    std::uint32_t best = 0;
    for (std::uint32_t item = 1; item < sequences.items; ++item) {
      if (dot(user, model.item_vector(item)) > dot(user, model.item_vector(best))) best = item;
    }
    return best;
  };
  EXPECT_NE(expected_after_40(), 41u);
  options.refit = true;
  EXPECT_EQ(expected_after_40(), 41u);
}

TEST(Training, ASpentBudgetEndsItWithAModelAndSaysSo) {
  const TrainingSequences sequences = circle(100, 40);
  for (const bool refit : {false, true}) {
    TrainerOptions options = quick();
    options.refit = refit;
    options.epochs = 2;
    TrainingState last;
    const auto keep = [&](const TrainingState& state) { last = state; };
    ASSERT_TRUE(train(sequences, options, *one_worker(), keep).ok());
    EXPECT_FALSE(last.budget_ended);
    options.epochs = 100'000;
    options.patience = 100'000;
    options.budget_s = 1e-6;
    const auto weights = train(sequences, options, *one_worker(), keep);
    ASSERT_TRUE(weights.ok());
    EXPECT_TRUE(last.budget_ended);
    EXPECT_EQ(last.share, 1);
  }
}

TEST(Training, GivesItemsThatNobodyUsedAVectorByTheirFeatures) {
  TrainingSequences sequences = circle(200, 40);
  // Item k and item k + 40, which nobody used, have the same features.
  sequences.items = 80;
  sequences.item_features.buckets = 64;
  for (std::uint32_t item = 0; item < 80; ++item) {
    sequences.item_features.add(std::vector<std::uint32_t>{item % 40});
  }
  TrainerOptions options = quick();
  options.id_dropout = 0.5;
  options.epochs = 20;
  const TwoTowerModel model = trained(sequences, options);
  int nearer = 0;
  for (std::uint32_t item = 0; item < 40; ++item) {
    const auto fresh = model.vector_of_features(std::vector<std::uint32_t>{item});
    for (std::size_t i = 0; i < fresh.size(); ++i)
      EXPECT_NEAR(fresh[i], model.item_vector(item + 40)[i], 1e-3);
    const auto user = model.user_vector(std::vector<TowerAction>{{(item + 39) % 40, 0, kDayMs}});
    nearer +=
        dot(user, fresh) > dot(user, model.vector_of_features(std::vector<std::uint32_t>{(item + 20) % 40}));
  }
  EXPECT_GT(nearer, 36);
}

TEST(Training, OurForwardPassAgreesWithLibtorchs) {
  TrainingSequences sequences = circle(100, 40);
  sequences.profiles.buckets = 8;
  for (std::uint32_t user = 0; user < 100; ++user)
    sequences.profiles.add(std::vector<std::uint32_t>{user % 8});
  TrainerOptions options = quick();
  options.layers = 2;
  options.heads = 2;
  const TwoTowerModel model = trained(sequences, options);
  EXPECT_EQ(model.weights().probes.size(), 8u);
  EXPECT_LT(model.worst_probe_error(), TwoTowerModel::kLargestProbeError);
  EXPECT_GT(model.worst_probe_error(), 0);
  EXPECT_TRUE(TwoTowerModel::decode(model.encode()).ok());
}

// By the program itself: workers are its copies.
TEST(Training, TwoWorkersLearnTogether) {
  const auto folder = TemporaryFolder::create("trainer-test");
  ASSERT_TRUE(folder.ok());
  const auto input = folder->path() / "sequences";
  const auto output = folder->path() / "model";
  ASSERT_TRUE(write_file_atomically(input, circle(200, 40).encode()).ok());
  const std::string command =
      std::string(WINNOW_TRAINER) + " --workers 2 --dims 32 --layers 1 --heads 1 --epochs 20" +
      " --epoch-steps 1 --patience 100 --batch-users 32 --learning-rate 0.01 --dropout 0.1 --input " +
      input.string() + " --output " + output.string() + " > " + (folder->path() / "said").string() + " 2>&1";
  const int outcome = std::system(command.c_str());
  const std::string said = read_file(folder->path() / "said").value_or("");
  if (said.find("built without Gloo") != std::string::npos) GTEST_SKIP() << said;
  ASSERT_EQ(outcome, 0) << said;
  const auto bytes = read_file(output);
  ASSERT_TRUE(bytes.ok());
  const auto model = TwoTowerModel::decode(*bytes);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_GT(hits(*model, 40), 0.9);
}

}  // namespace
}  // namespace winnow
