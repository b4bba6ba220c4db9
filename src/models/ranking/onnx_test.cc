// Exports beside our own kernels, by ONNX Runtime; where its library is not installed they are skipped.
#include <gmock/gmock.h>

#include <array>

#include "base/testing_folder.h"
#include "models/gbdt/testing_trees.h"
#include "models/gbdt/tree_scorer.h"
#include "models/multitask/testing_mmoe.h"
#include "models/ranking/onnx_export.h"
#include "models/ranking/onnx_ranker.h"
#include "models/ranking/onnx_writer.h"

namespace winnow {
namespace {

using testing::HasSubstr;

class OnnxTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto ranker = OnnxRanker::open("");
    if (ranker.error().code == ErrorCode::unavailable) GTEST_SKIP() << ranker.error().message;
  }

  static Result<OnnxRanker> open(const std::string& model) {
    const TestFolder folder;
    return OnnxRanker::open(folder.write("model.onnx", model));
  }

  static std::vector<float> scores(const std::string& model, std::span<const float> rows, std::size_t heads) {
    auto ranker = open(model);
    EXPECT_TRUE(ranker.ok()) << ranker.error().message;
    EXPECT_EQ(ranker->heads(), heads);
    std::vector<float> out(rows.size() / ranker->inputs() * heads);
    const Status status = ranker->score(rows, out);
    EXPECT_TRUE(status.ok()) << status.error().message;
    return out;
  }

  static void expect_near(const std::vector<float>& found, const std::vector<float>& expected, float within) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t k = 0; k < found.size(); ++k) ASSERT_NEAR(found[k], expected[k], within) << k;
  }
};

TEST_F(OnnxTest, MixturesOfExpertsScoreAsOurs) {
  Random random(1);
  for (const MmoeShape& shape :
       {MmoeShape{12, 4, 24, 8, 3, 6}, MmoeShape{5, 1, 7, 3, 1, 2}, MmoeShape{3, 2, 4, 4, 2, 1}}) {
    const MmoeModel model = random_mmoe(random, shape, 0);
    const std::vector<float> rows = random_rows(random, 100, shape.inputs);
    expect_near(scores(export_onnx(model), rows, shape.heads), run_plainly(model, rows).scores, 1e-5f);
  }
}

TEST_F(OnnxTest, TreesScoreAsOursMissingValuesIncluded) {
  Random random(2);
  for (const TreeLink link : {TreeLink::identity, TreeLink::logistic, TreeLink::softmax}) {
    const std::uint32_t outputs = link == TreeLink::softmax ? 3 : 1;
    TreeModel model = random_trees(random, {.features = 6, .outputs = outputs, .trees = 30, .depth = 5});
    model.link = link;
    const std::vector<float> rows = random_tree_rows(random, model, 200);
    std::vector<float> expected(200 * outputs);
    TreeScorer::open(model).value().predict(rows, expected);
    expect_near(scores(export_onnx(model), rows, outputs), expected, 1e-4f);
  }
}

TEST_F(OnnxTest, WhatIsNoModelIsRefused) {
  const auto ranker = open("nonsense");
  ASSERT_FALSE(ranker.ok());
  EXPECT_EQ(ranker.error().code, ErrorCode::invalid);
  EXPECT_THAT(ranker.error().message, HasSubstr("ONNX Runtime"));
}

TEST_F(OnnxTest, AScoreThatIsNotFiniteIsAnError) {
  TreeModel model;
  model.features = 1;
  model.base = {0};
  model.trees.resize(1);
  model.trees[0].nodes.resize(1);
  model.trees[0].nodes[0].value = std::numeric_limits<float>::infinity();
  const auto ranker = open(export_onnx(model));
  ASSERT_TRUE(ranker.ok()) << ranker.error().message;
  std::vector<float> score(1);
  EXPECT_EQ(ranker->score(std::vector<float>{1}, score).error().code, ErrorCode::invalid);
}

// scores = features (rows x 2) x weights.
std::string product(const ProtoMessage& weights) {
  const std::vector<std::string> inputs = {std::string(OnnxGraph::kInput), "weights"};
  OnnxGraph graph;
  graph.node("MatMul", inputs, std::string(OnnxGraph::kOutput));
  ProtoMessage more, model;
  more.message(5, weights);
  model.message(7, more);  // Protocol Buffers merge what follows into the same graph
  return std::move(graph).model(2, 1) + model.take();
}

ProtoMessage two_weights() {
  constexpr std::array<std::int64_t, 2> kShape = {2, 1};
  ProtoMessage out;
  out.integers(1, kShape).integer(2, 1).bytes(8, "weights");
  return out;
}

constexpr std::array<float, 2> kWeights = {2, 3};

TEST_F(OnnxTest, DataThatAModelKeepsInAFileIsFoundBesideIt) {
  const TestFolder folder;
  ProtoMessage location;
  location.bytes(1, "location").bytes(2, "weights.bin");
  folder.write("weights.bin", {reinterpret_cast<const char*>(kWeights.data()), sizeof kWeights});
  const auto model = product(two_weights().message(13, location).integer(14, 1));
  const auto ranker = OnnxRanker::open(folder.write("model.onnx", model));
  ASSERT_TRUE(ranker.ok()) << ranker.error().message;
  std::vector<float> scores(2);
  ASSERT_TRUE(ranker->score(std::vector<float>{1, 0, 1, 1}, scores).ok());
  EXPECT_THAT(scores, testing::ElementsAre(2, 5));
}

TEST_F(OnnxTest, AFixedNumberOfRowsIsRefusedWithTheRemedy) {
  std::string model = product(two_weights().array(9, std::span<const float>(kWeights)));
  ASSERT_TRUE(open(model).ok()) << open(model).error().message;
  // The dimension's name as the number 1, in as many bytes.
  const std::string name = std::string("\x12\x04") + "rows";
  const std::string number("\x08\x81\x80\x80\x80\x00", 6);
  model.replace(model.find(name), name.size(), number);
  const auto ranker = open(model);
  ASSERT_FALSE(ranker.ok());
  EXPECT_EQ(ranker.error().code, ErrorCode::invalid);
  EXPECT_THAT(ranker.error().message, HasSubstr("dynamic first axis"));
}

TEST(OnnxRanker, AMissingLibrarySaysHowToGetOne) {
  const auto ranker = OnnxRanker::open("", {.library = "/nowhere/libonnxruntime.so"});
  ASSERT_FALSE(ranker.ok());
  EXPECT_EQ(ranker.error().code, ErrorCode::unavailable);
  EXPECT_THAT(ranker.error().message, HasSubstr("WINNOW_ONNXRUNTIME"));
}

}  // namespace
}  // namespace winnow
