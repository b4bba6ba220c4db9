// A live version's ranker: what it decides, and what becomes of one that fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>

#include "integration/testing_engine.h"
#include "models/ranking/onnx_export.h"
#include "registry/live_file.h"

namespace winnow {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class EngineRankerTest : public EngineTest {
 protected:
  void await_error(const std::string& words) {
    const double give_up_s = steady_seconds() + 20;
    while (engine_->status().model_error.find(words) == std::string::npos && steady_seconds() < give_up_s)
      std::this_thread::yield();
    EXPECT_THAT(engine_->status().model_error, HasSubstr(words));
  }
};

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

// Of one input, which it multiplies by each of three weights in turn.
MmoeModel network_of_one(float first, float second, float last) {
  MmoeModel network;
  network.shape = {
      .inputs = 1, .experts = 1, .expert_hidden = 1, .expert_outputs = 1, .heads = 1, .head_hidden = 1};
  network.expert_first = {{{first}, {0}}};
  network.expert_second = {{{second}, {0}}};
  network.gates = {{{0}, {0}}};
  network.head_first = {{{1}, {0}}};
  network.head_second = {{{last}, {0}}};
  network.sample = {0};
  return network;
}

// Infinity x 0 behind the first layer: the model opens, and makes no number of a candidate.
MmoeModel failing_network() { return network_of_one(3e38f, 1e3f, 0); }

std::shared_ptr<RankerModel> failing_ranker() {
  auto ranker = ranker_by("source.blend", 0, 0);
  ranker->trees.clear();
  ranker->network = failing_network();
  return ranker;
}

TEST_F(EngineRankerTest, ASurfaceThatCountsRevenueShowsWhatIsDearFirst) {
  put_items(60);
  append_tastes(30, 60);
  CascadeOptions& cascade = options_.pipeline.rank.cascade;
  cascade.full = 4;
  cascade.revenue_head = "like";
  cascade.surface_revenue["shop"] = 1;
  reopen();
  engine_->start();
  auto ranker = ranker_by("source.blend", -3, 3);
  ranker->light_features = {"source.blend"};
  ranker->light = network_of_one(1, 1, 1);
  await_version(train_and_promote(60, ranker));
  const auto first_on = [&](const std::string& surface) {
    Query query;
    query.user_id = "user0";
    query.surface = surface;
    query.count = 10;
    query.now_ms = clock_.now_ms();
    RequestTrace trace;
    const Response answer = engine_->recommend(query, trace).value();
    EXPECT_EQ(answer.items.size(), 10u);
    return std::pair(answer.items.front().item_id, answer.items.back().item_id);
  };
  const auto [best, last] = first_on("home");
  Item dear = catalog_->item(last).value();
  dear.price = 1000;
  ASSERT_TRUE(engine_->put_items({&dear, 1}).ok());
  EXPECT_EQ(first_on("shop").first, last);
  EXPECT_EQ(first_on("home").first, best);
}

TEST_F(EngineRankerTest, ARankerThatMakesNoNumbersGivesWayToTheVersionBefore) {
  put_items(60);
  append_tastes(30, 60);
  engine_->start();
  const std::string good = train_and_promote(60);
  await_version(good);

  const std::string bad = train_and_promote(60, failing_ranker());
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
  // That nothing happens can only be looked at for a while.
  for (int polls = 0; polls < 3; ++polls) {
    EXPECT_THAT(engine_->status().model_error, HasSubstr(bad)) << "and it is told until another goes live";
    std::this_thread::sleep_for(std::chrono::milliseconds(options_.model_poll_ms));
  }
  clock_.advance(kHourMs);
  await_version(train_and_promote(60));
  EXPECT_EQ(engine_->status().model_error, "");
}

TEST_F(EngineRankerTest, ARankerThatMakesNoNumbersAndHasNoVersionBeforeItLeavesTheBlend) {
  put_items(60);
  append_tastes(30, 60);
  const std::string only = train_and_promote(60, failing_ranker());
  reopen();
  EXPECT_EQ(recommend("user0").items.size(), 10u);
  EXPECT_THAT(engine_->status().model_error, AllOf(HasSubstr(only), HasSubstr("the full ranker")));
  engine_->start();
  await_error("no version was live before");
  EXPECT_EQ(engine_->status().model_version, only);
  EXPECT_EQ(registry_->live().value(), only);
}

// Puts a version live past the registry's checks, as a store that another release wrote.
TEST_F(EngineRankerTest, AtTheStartAVersionThatCannotServeGivesWayToTheNewestThatCan) {
  put_items(60);
  append_tastes(30, 60);
  const std::string good = train_and_promote(60, ranker_by("source.blend", -3, 3));
  ModelBundle other = *registry_->load(good).value();
  other.ranker = ranker_by("no.such_feature", -3, 3);
  const std::string bad = registry_->put(other).value();
  ASSERT_TRUE(write_file_atomically(folder_ / "models" / "live", encode_live({bad, {good}, {}})).ok());
  reopen();
  EXPECT_EQ(engine_->status().model_version, good);
  EXPECT_THAT(engine_->status().model_error,
              AllOf(HasSubstr(bad), HasSubstr("no.such_feature"), HasSubstr(good)));
  EXPECT_EQ(recommend("user0").model_version, good);
}

// A user's own model of one feature: trees exported as ONNX.
std::shared_ptr<const OnnxModel> own_model(const TestFolder& folder, float below, float above) {
  TreeModel trees = ranker_by("source.blend", below, above)->trees[0];
  trees.link = TreeLink::identity;
  const auto file = folder.write("own.onnx", export_onnx(trees));
  folder.write("own.onnx.json", R"({"features": ["source.blend"], "heads": ["like"]})");
  auto model = OnnxModel::load(file);
  EXPECT_TRUE(model.ok()) << model.error().message;
  return model.ok() ? *std::move(model) : nullptr;
}

bool lacks_onnx_runtime() { return OnnxRanker::open("").error().code == ErrorCode::unavailable; }

TEST_F(EngineRankerTest, AUsersOwnModelRanksInPlaceOfTheVersions) {
  if (lacks_onnx_runtime()) GTEST_SKIP() << "ONNX Runtime's library is not installed";
  const TestFolder models;
  put_items(60);
  append_tastes(30, 60);
  engine_->start();
  const std::string version = train_and_promote(60, ranker_by("source.blend", -3, 3));
  await_version(version);
  const Response before = recommend("user0");
  options_.onnx = own_model(models, 3, -3);  // the worst of the blend first
  reopen();
  const Response after = recommend("user0");
  ASSERT_FALSE(after.items.empty());
  EXPECT_EQ(after.model_version, version);
  EXPECT_NE(before.items.front().item_id, after.items.front().item_id);
}

TEST_F(EngineRankerTest, AUsersOwnModelThatMakesNoNumbersIsLaidAsideAndTheVersionStays) {
  if (lacks_onnx_runtime()) GTEST_SKIP() << "ONNX Runtime's library is not installed";
  const TestFolder models;
  put_items(60);
  append_tastes(30, 60);
  engine_->start();
  await_version(train_and_promote(60));
  const std::string version = train_and_promote(60);
  await_version(version);
  options_.onnx = own_model(models, 0, std::numeric_limits<float>::infinity());
  reopen();
  engine_->start();
  EXPECT_EQ(recommend("user0").items.size(), 10u) << "the blend ranks meanwhile";
  await_error("ranking.onnx is not used any more");
  EXPECT_EQ(engine_->status().model_version, version);
  EXPECT_EQ(registry_->live().value(), version);
}

TEST_F(EngineRankerTest, AUsersOwnModelIsNotBlamedForTheVersionsLightRanker) {
  if (lacks_onnx_runtime()) GTEST_SKIP() << "ONNX Runtime's library is not installed";
  const TestFolder models;
  put_items(60);
  append_tastes(30, 60);
  const std::string good = train_and_promote(60);
  clock_.advance(kHourMs);
  auto ranker = ranker_by("source.blend", -3, 3);
  ranker->light_features = {"source.blend"};
  ranker->light = failing_network();
  const std::string bad = train_and_promote(60, ranker);
  options_.onnx = own_model(models, 3, -3);
  options_.pipeline.rank.cascade.full = 4;
  reopen();
  ASSERT_EQ(engine_->status().model_version, bad);
  engine_->start();
  EXPECT_EQ(recommend("user0").items.size(), 10u);
  await_version(good);
  EXPECT_THAT(engine_->status().model_error,
              AllOf(HasSubstr(bad), HasSubstr("light ranker"), Not(HasSubstr("ranking.onnx"))));
}

TEST_F(EngineRankerTest, ASurfaceThatWantsDiversityShowsFewerItemsOfOneKind) {
  put_items(60);
  append_tastes(30, 60);
  options_.pipeline.diversity.surface_weight["shelf"] = 20;
  reopen();
  engine_->start();
  await_version(train_and_promote(60));
  const auto even = [&](const std::string& surface) {
    Query query;
    query.user_id = "user0";  // likes even items
    query.surface = surface;
    query.count = 6;
    query.now_ms = clock_.now_ms();
    RequestTrace trace;
    const Response answer = engine_->recommend(query, trace).value();
    return std::ranges::count_if(answer.items,
                                 [](const SlateItem& item) { return (item.item_id.back() - '0') % 2 == 0; });
  };
  EXPECT_LT(even("shelf"), even("home"));
}

}  // namespace
}  // namespace winnow
