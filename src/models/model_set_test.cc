#include "models/model_set.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "models/two_tower/testing_two_tower.h"

namespace winnow {
namespace {

constexpr std::uint32_t kItems = 6;
constexpr std::uint32_t kDims = 32;

AlignedFloats random_vectors(Random& random) {
  AlignedFloats out(std::size_t{kItems} * kDims);
  for (float& value : out) value = static_cast<float>(random.normal());
  return out;
}

ModelSet small_set() {
  Random random(1);
  const AlignedFloats factors = random_vectors(random);
  return {.als = AlsModel(kItems, AlsOptions{.dims = kDims}, factors),
          .item_to_item = ItemToItemModel({}, std::vector<std::uint64_t>(kItems + 1), {}),
          .popularity = PopularityModel({}, {1, 2, 3, 4, 5, 6})};
}

ModelSet whole_set() {
  Random random(2);
  ModelSet set = small_set();
  set.spectral.emplace(kDims, random_vectors(random), random_vectors(random));
  set.graph.emplace(kDims, random_vectors(random), random_vectors(random));
  set.two_tower.emplace(random_two_tower(
      {.items = kItems, .dims = kDims, .layers = 1, .heads = 1, .inner = 32, .length = 4}, 3));
  return set;
}

std::vector<std::string> names_of(const ModelSet& set) {
  std::vector<std::string> out;
  for (const auto& [name, model] : scoring_models(set)) out.emplace_back(name);
  return out;
}

TEST(ModelSet, NamesWhatItHolds) {
  EXPECT_EQ(names_of(small_set()), (std::vector<std::string>{"als", "item_to_item", "popular"}));
  std::vector<std::string> all = {"als", "item_to_item", "popular"};
  for (const std::string& extra : extra_model_names()) all.push_back(extra);
  const ModelSet whole = whole_set();
  EXPECT_EQ(names_of(whole), all);
  EXPECT_EQ(vector_models(whole).size(), 4u);
}

TEST(ModelSet, ReadsBackWhatItWrote) {
  for (const ModelSet& set : {small_set(), whole_set()}) {
    const auto again = ModelSet::decode(set.encode());
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(again->encode(), set.encode());
    EXPECT_EQ(names_of(*again), names_of(set));
  }
}

TEST(ModelSet, RefusesWhatIsIncompleteOrSpeaksOfOtherItems) {
  const std::string bytes = whole_set().encode();
  for (std::size_t size = 0; size < bytes.size(); size += 97) {
    EXPECT_FALSE(ModelSet::decode(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
  const auto missing = decode_models(
      [](std::string_view) -> Result<std::optional<std::string>> { return std::optional<std::string>(); });
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::corrupt);

  ModelSet other = small_set();
  other.popularity = PopularityModel({}, {1, 2, 3});
  EXPECT_FALSE(ModelSet::decode(other.encode()).ok());
}

TEST(ModelSet, FindsANumberThatIsNone) {
  EXPECT_TRUE(all_finite(whole_set()));
  Random random(4);
  AlignedFloats broken = random_vectors(random);
  broken[7] = std::numeric_limits<float>::quiet_NaN();
  ModelSet set = small_set();
  set.spectral.emplace(kDims, random_vectors(random), broken);
  EXPECT_FALSE(all_finite(set));
}

}  // namespace
}  // namespace winnow
