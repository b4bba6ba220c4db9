// Models that XGBoost 3.2 saved, with rows and what it predicted for them: tests/golden/xgboost_*.
#include "models/gbdt/xgboost_model.h"

#include <gmock/gmock.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/random.h"
#include "models/gbdt/tree_scorer.h"

namespace winnow {
namespace {

std::string golden(const std::string& name) {
  return read_file(WINNOW_SOURCE_DIR "/tests/golden/xgboost_" + name).value();
}

// u32 rows, features, outputs; then f32 rows, margins, predictions.
struct Golden {
  std::uint32_t rows = 0, features = 0, outputs = 0;
  std::vector<float> values, margins, predictions;
};

Golden golden_rows(const std::string& name) {
  const std::string bytes = golden(name + ".rows");
  ByteReader in(bytes);
  Golden out;
  out.rows = in.fixed<std::uint32_t>();
  out.features = in.fixed<std::uint32_t>();
  out.outputs = in.fixed<std::uint32_t>();
  const auto floats = [&](std::size_t count) {
    std::vector<float> values(count);
    for (float& value : values) value = in.fixed<float>();
    return values;
  };
  out.values = floats(std::size_t{out.rows} * out.features);
  out.margins = floats(std::size_t{out.rows} * out.outputs);
  out.predictions = floats(std::size_t{out.rows} * out.outputs);
  EXPECT_TRUE(!in.failed() && in.at_end());
  return out;
}

TEST(XgboostModel, PredictsWhatXgboostPredictedToTheBit) {
  for (const std::string name : {"logistic.json", "softmax.ubj", "ranking.json"}) {
    SCOPED_TRACE(name);
    const auto model = read_xgboost_model(golden(name));
    ASSERT_TRUE(model.ok()) << model.error().message;
    const Golden wanted = golden_rows(name.substr(0, name.find('.')));
    ASSERT_EQ(model->features, wanted.features);
    ASSERT_EQ(model->base.size(), wanted.outputs);
    for (const CpuLevel level : available_cpu_levels()) {
      const TreeScorer scorer = TreeScorer::open(*model, {.cpu = level}).value();
      std::vector<float> found(wanted.margins.size());
      scorer.margins(wanted.values, found);
      EXPECT_EQ(found, wanted.margins) << name_of(level);
      scorer.predict(wanted.values, found);
      for (std::size_t i = 0; i < found.size(); ++i) {
        // The last bit is the standard library's exponential, of whatever machine wrote the file.
        EXPECT_FLOAT_EQ(found[i], wanted.predictions[i]);
      }
    }
  }
}

TEST(XgboostModel, GoldenModelsSendMissingValuesBothWays) {
  const auto model = read_xgboost_model(golden("logistic.json"));
  std::size_t left = 0;
  std::size_t right = 0;
  for (const Tree& tree : model->trees) {
    for (const TreeNode& node : tree.nodes) {
      if (node.left != 0) ++(node.missing_left ? left : right);
    }
  }
  EXPECT_GT(left, 0);
  EXPECT_GT(right, 0);
}

std::string changed(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(XgboostModel, SaysWhatItDoesNotRead) {
  const std::string text = golden("logistic.json");
  const auto error_of = [](const std::string& bytes) { return read_xgboost_model(bytes).error(); };
  const Error booster = error_of(changed(text, "\"name\":\"gbtree\"", "\"name\":\"dart\""));
  EXPECT_EQ(booster.code, ErrorCode::unsupported);
  EXPECT_THAT(booster.message, testing::HasSubstr("'dart'"));
  const Error objective =
      error_of(changed(text, "\"name\":\"binary:logistic\"", "\"name\":\"survival:cox\""));
  EXPECT_EQ(objective.code, ErrorCode::unsupported);
  EXPECT_THAT(objective.message, testing::HasSubstr("'survival:cox'"));
  const Error categories = error_of(changed(text, "\"split_type\":[0", "\"split_type\":[1"));
  EXPECT_EQ(categories.code, ErrorCode::unsupported);
  const Error vector = error_of(changed(text, "\"size_leaf_vector\":\"1\"", "\"size_leaf_vector\":\"3\""));
  EXPECT_EQ(vector.code, ErrorCode::unsupported);
  EXPECT_EQ(
      error_of(changed(text, "\"num_feature\":\"6\",\"num_target", "\"num_feature\":\"1\",\"num_target"))
          .field,
      "feature");
  EXPECT_EQ(error_of(changed(text, "\"left_children\":[1", "\"left_children\":[0")).code, ErrorCode::corrupt);
  EXPECT_EQ(error_of(changed(text, "\"tree_info\":[0", "\"tree_info\":[0,0")).code, ErrorCode::corrupt);
}

TEST(XgboostModel, ReadsTheBaseAsEarlierReleasesWroteIt) {
  const std::string text = golden("ranking.json");
  const auto at = text.find("\"base_score\":\"[");
  ASSERT_NE(at, std::string::npos);
  const auto end = text.find("]\"", at);
  const std::string found = text.substr(at, end + 2 - at);
  const auto model = read_xgboost_model(changed(text, found, "\"base_score\":\"2.5E-1\""));
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_THAT(model->base, testing::ElementsAre(0.25f));
}

TEST(XgboostModel, ShortenedAndDamagedFilesAreRefusedOrStillTrees) {
  Random random(1);
  for (const std::string name : {"logistic.json", "softmax.ubj"}) {
    const std::string bytes = golden(name);
    for (int round = 0; round < 60; ++round) {
      const auto size = random.below(static_cast<std::uint32_t>(bytes.size()));
      EXPECT_FALSE(read_xgboost_model(std::string_view(bytes).substr(0, size)).ok());
      std::string damaged = bytes;
      damaged[size] ^= static_cast<char>(1 + random.below(255));
      const auto model = read_xgboost_model(damaged);
      if (model.ok()) {
        EXPECT_TRUE(model->check().ok());
      }
    }
  }
}

}  // namespace
}  // namespace winnow
