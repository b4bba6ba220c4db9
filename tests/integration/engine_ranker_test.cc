// A live version's ranker: what it decides, and what becomes of one that fails.
#include <gtest/gtest.h>

#include "integration/testing_engine.h"

namespace winnow {
namespace {

using EngineRankerTest = EngineTest;

// A ranker of trees, each a leaf or one split: nothing of it needs training.
std::shared_ptr<RankerModel> ranker_by(const std::string& feature, float below, float above) {
  auto ranker = std::make_shared<RankerModel>();
  ranker->full_features = {feature};
  ranker->heads = {"like"};
  ranker->worth = {1};
  ranker->calibration.resize(1);
  TreeModel trees;
  trees.features = 1;
  trees.base = {0};
  trees.link = TreeLink::logistic;
  trees.trees = {{0, {{1, 2, 0, false, 0}, {0, 0, 0, false, below}, {0, 0, 0, false, above}}}};
  ranker->trees = {trees};
  return ranker;
}

TEST_F(EngineRankerTest, TheRankerOfTheLiveVersionDecidesTheOrder) {
  put_items(60);
  append_tastes(30, 60);
  engine_->start();
  await_version(train_and_promote(60, ranker_by("source.blend", 3, -3)));  // the worst of the blend first
  const Response turned = recommend("user0");
  await_version(train_and_promote(60, ranker_by("source.blend", -3, 3)));
  const Response kept = recommend("user0");
  ASSERT_FALSE(turned.items.empty());
  ASSERT_FALSE(kept.items.empty());
  EXPECT_NE(turned.items.front().item_id, kept.items.front().item_id);
}

TEST_F(EngineRankerTest, ARankerThatMakesNoNumbersGivesWayToTheVersionBefore) {
  put_items(60);
  append_tastes(30, 60);
  engine_->start();
  const std::string good = train_and_promote(60);
  await_version(good);

  // Infinity x 0 behind the first layer: the model opens, and makes no number of a candidate.
  auto broken = ranker_by("source.blend", 0, 0);
  broken->trees.clear();
  MmoeModel network;
  network.shape = {
      .inputs = 1, .experts = 1, .expert_hidden = 1, .expert_outputs = 1, .heads = 1, .head_hidden = 1};
  network.expert_first = {{{3e38f}, {0}}};
  network.expert_second = {{{1e3f}, {0}}};
  network.gates = {{{0}, {0}}};
  network.head_first = {{{1}, {0}}};
  network.head_second = {{{0}, {0}}};
  network.sample = {0};
  broken->network = network;
  const std::string bad = train_and_promote(60, broken);
  await_version(bad);
  const Response answered = recommend("user0");
  EXPECT_EQ(answered.items.size(), 10u) << "the blend ranks meanwhile";
  await_version(good);
  std::string stage;
  const std::vector<VersionInfo> versions = registry_->versions().value();
  for (const VersionInfo& version : versions) {
    if (version.version == bad) stage = version.stage;
  }
  EXPECT_EQ(stage, "rejected");
}

}  // namespace
}  // namespace winnow
