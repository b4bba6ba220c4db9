#include "models/ranking/onnx_model.h"

#include <gmock/gmock.h>

#include "base/testing_folder.h"
#include "models/gbdt/testing_trees.h"
#include "models/multitask/testing_mmoe.h"
#include "models/ranking/onnx_export.h"

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kColumns =
    R"({"features": ["source.blend", "item.popularity"], "heads": ["click", "like"],
  "worth": {"like": 4}})";

std::string small_model() {
  Random random(1);
  return export_onnx(random_mmoe(random, MmoeShape{2, 1, 4, 2, 2, 2}, 0));
}

TEST(OnnxColumns, AreReadWithWhatOutcomesAreWorth) {
  const auto columns = OnnxColumns::parse(kColumns);
  ASSERT_TRUE(columns.ok()) << columns.error().message;
  EXPECT_THAT(columns->features, ElementsAre("source.blend", "item.popularity"));
  EXPECT_THAT(columns->heads, ElementsAre("click", "like"));
  EXPECT_THAT(columns->worth, ElementsAre(1, 4));
}

TEST(OnnxColumns, WhatDoesNotFitIsNamed) {
  const auto message = [](std::string_view json) {
    const auto columns = OnnxColumns::parse(json);
    EXPECT_FALSE(columns.ok()) << json;
    return columns.ok() ? std::string() : columns.error().message;
  };
  EXPECT_THAT(message("[1]"), HasSubstr("JSON object"));
  EXPECT_THAT(message(R"({"heads": ["a"]})"), HasSubstr("\"features\" is missing"));
  EXPECT_THAT(message(R"({"features": ["a"], "heads": []})"), HasSubstr("\"heads\" is empty"));
  EXPECT_THAT(message(R"({"features": "a", "heads": ["a"]})"), HasSubstr("\"features\" is no list"));
  EXPECT_THAT(message(R"({"features": ["a"], "heads": ["a"], "wroth": {}})"),
              HasSubstr("\"wroth\" is unknown"));
  EXPECT_THAT(message(R"({"features": ["a", 1], "heads": ["a"]})"), HasSubstr("no name"));
  EXPECT_THAT(message(R"({"features": ["a", "a"], "heads": ["a"]})"), HasSubstr("a twice"));
  EXPECT_THAT(message(R"({"features": ["a"], "heads": ["b"], "worth": {"c": 1}})"), HasSubstr("none of"));
  EXPECT_THAT(message(R"({"features": ["a"], "heads": ["b"], "worth": {"b": 2e6}})"), HasSubstr("1000000"));
}

TEST(OnnxColumns, AreThoseOfWhatIsExported) {
  Random random(2);
  RankerModel ranker;
  ranker.light_features = {"source.blend", "item.popularity"};
  ranker.full_features = {"source.blend", "item.popularity", "user.events"};
  ranker.heads = {"click", "like"};
  ranker.worth = {1, 4};
  ranker.light = random_mmoe(random, MmoeShape{2, 1, 4, 2, 1, 2}, 0);
  ranker.network = random_mmoe(random, MmoeShape{3, 2, 4, 2, 2, 2}, 0);
  for (int head = 0; head < 2; ++head) ranker.trees.push_back(random_trees(random, {.features = 3}));
  const std::vector<ExportedFile> files = export_onnx(ranker);
  std::vector<std::string> names;
  for (std::size_t f = 0; f + 1 < files.size(); f += 2) {
    names.push_back(files[f].name);
    EXPECT_FALSE(files[f].bytes.empty());
    EXPECT_EQ(files[f + 1].name, files[f].name + ".json");
    const auto columns = OnnxColumns::parse(files[f + 1].bytes);
    ASSERT_TRUE(columns.ok()) << columns.error().message;
    EXPECT_EQ(columns->features, f == 0 ? ranker.light_features : ranker.full_features);
  }
  EXPECT_THAT(names, ElementsAre("light.onnx", "full.onnx", "full-click.onnx", "full-like.onnx"));
  const auto full = OnnxColumns::parse(files[3].bytes);
  EXPECT_EQ(full->heads, ranker.heads);
  EXPECT_EQ(full->worth, ranker.worth);
  EXPECT_THAT(OnnxColumns::parse(files[7].bytes)->heads, ElementsAre("like"));
}

TEST(OnnxModel, AMissingFileOrLibraryIsNamedWithTheSetting) {
  const TestFolder folder;
  const auto file = folder.path() / "mine.onnx";
  const auto alone = OnnxModel::load(file);
  ASSERT_FALSE(alone.ok());
  EXPECT_EQ(alone.error().field, "ranking.onnx");
  EXPECT_THAT(alone.error().message, HasSubstr("mine.onnx.json"));
  folder.write("mine.onnx.json", kColumns);
  EXPECT_THAT(OnnxModel::load(file).error().message, HasSubstr("mine.onnx"));
  folder.write("mine.onnx", small_model());
  const auto without = OnnxModel::load(file, {.library = "/nowhere/libonnxruntime.so"});
  ASSERT_FALSE(without.ok());
  EXPECT_EQ(without.error().code, ErrorCode::unavailable);
  EXPECT_THAT(without.error().message, HasSubstr("WINNOW_ONNXRUNTIME"));
  folder.write("mine.onnx.json", R"({"features": ["no.such"], "heads": ["click"]})");
  EXPECT_EQ(OnnxModel::load(file).error().code, ErrorCode::unsupported);
}

TEST(OnnxModel, ItsColumnsMustBeThoseOfTheModel) {
  if (OnnxRanker::open("").error().code == ErrorCode::unavailable)
    GTEST_SKIP() << "ONNX Runtime's library is not installed";
  const TestFolder folder;
  const auto file = folder.write("mine.onnx", small_model());
  folder.write("mine.onnx.json", kColumns);
  const auto model = OnnxModel::load(file);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ((*model)->features.size(), 2u);
  EXPECT_THAT((*model)->worth, ElementsAre(1, 4));
  folder.write("mine.onnx.json", R"({"features": ["source.blend"], "heads": ["click", "like"]})");
  const auto narrow = OnnxModel::load(file);
  ASSERT_FALSE(narrow.ok());
  EXPECT_THAT(narrow.error().message, HasSubstr("takes 2 features"));
}

}  // namespace
}  // namespace winnow
