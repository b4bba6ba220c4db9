#include "features/feature_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "base/random.h"
#include "features/feature_rows.h"

namespace winnow {
namespace {

using testing::HasSubstr;

constexpr TimestampMs kNow = 1'700'000'000'000;

// A user with a taste, two candidates of which one suits it, and two sources.
class FeatureSchemaTest : public testing::Test {
 protected:
  FeatureSchemaTest() {
    state_.history = {
        {ItemIndex{7}, Action::like, Signal::positive, 5, kNow - 2 * kDayMs, 0},
        {ItemIndex{8}, Action::click, Signal::positive, 3, kNow - kDayMs, 0},
    };
    state_.categories = {{11, 3, 0, kNow}, {12, 1, 1, kNow}};
    state_.creators = {{99, 2, 0, kNow}};
    state_.seen = {{ItemIndex{1}, SeenItem::shown, kNow}};
    state_.events = 4;
  }

  FeatureInputs inputs() {
    rows_ = feature_rows(state_.history, std::span<const ItemIndex>(items_), [&](ItemIndex item) {
      PastItem out;
      if (item == ItemIndex{0} || item == ItemIndex{8}) out.traits.categories = good_;
      if (item == ItemIndex{0}) out.traits.creator = 99;
      if (item == ItemIndex{1}) out.traits.created_ms = kNow - 366 * kDayMs;
      out.activity.popularity = static_cast<float>(row(item));
      return out;
    });
    FeatureInputs in;
    in.state = &state_;
    in.history = state_.history;
    in.past = rows_.past;
    in.now_ms = kNow;
    in.surface = "home";
    in.items = items_;
    in.traits = rows_.traits;
    in.activity = rows_.activity;
    in.sources = opinions_;
    in.blend = als_;
    return in;
  }

  float value(std::string_view feature, std::uint32_t candidate) {
    const std::vector<std::string> names = {std::string(feature)};
    const FeatureFrame frame(inputs());
    float out = 0;
    compute_features(frame, features_named(names).value(), std::span(&candidate, 1), std::span(&out, 1));
    return out;
  }

  UserState state_;
  std::vector<ItemIndex> items_ = {ItemIndex{0}, ItemIndex{1}};
  std::vector<NameKey> good_ = {11};
  std::vector<float> als_ = {3, 1};
  std::vector<float> foreign_ = {1, 1};
  std::vector<SourceOpinion> opinions_ = {{"als", als_}, {"no such source", foreign_}};
  FeatureRows rows_;
};

TEST_F(FeatureSchemaTest, NamesAreTheirOwnAndEveryFeatureIsDocumented) {
  std::set<std::string> names;
  for (const FeatureDefinition& feature : feature_definitions()) {
    EXPECT_TRUE(names.insert(feature.name).second) << feature.name;
    EXPECT_FALSE(feature.meaning.empty()) << feature.name;
    EXPECT_TRUE(std::isfinite(feature.fallback)) << feature.name;
  }
  EXPECT_GE(names.size(), 100u);
  EXPECT_LE(names.size(), 200u);
  EXPECT_LT(core_features().size(), all_features().size() / 2);
}

TEST_F(FeatureSchemaTest, TellsWhatSuitsTheUserFromWhatDoesNot) {
  EXPECT_FLOAT_EQ(value("pair.liking", 0), 0.75f);
  EXPECT_FLOAT_EQ(value("pair.liking", 1), 0);
  EXPECT_FLOAT_EQ(value("pair.creator_liking", 0), 1);
  EXPECT_FLOAT_EQ(value("pair.last_overlap", 0), 1) << "the last item has its category";
  EXPECT_FLOAT_EQ(value("pair.shown_only", 1), 1);
  EXPECT_FLOAT_EQ(value("pair.seen", 0), 0);
}

TEST_F(FeatureSchemaTest, StandardisesASourceAndSaysNothingOfOneThatIsAbsent) {
  EXPECT_FLOAT_EQ(value("source.als", 0), 1);
  EXPECT_FLOAT_EQ(value("source.als", 1), -1);
  EXPECT_FLOAT_EQ(value("source.als_below_best", 1), 2);
  EXPECT_FLOAT_EQ(value("source.graph", 0), 0);
  EXPECT_FLOAT_EQ(value("source.graph_speaks", 0), 0);
}

TEST_F(FeatureSchemaTest, WhatIsNotKnownIsTheFallback) {
  EXPECT_FLOAT_EQ(value("item.age_years", 0), 0) << "no time of creation";
  EXPECT_FLOAT_EQ(value("item.age_known", 0), 0);
  EXPECT_NEAR(value("item.age_years", 1), 1, 0.01);
  EXPECT_FLOAT_EQ(value("pair.days_since_category", 1), 7);
}

TEST_F(FeatureSchemaTest, SomeRowsHaveTheValuesOfAll) {
  const FeatureFrame frame(inputs());
  const FeatureList features = all_features();
  std::vector<float> both(2 * features.size());
  const std::vector<std::uint32_t> rows = {0, 1};
  compute_features(frame, features, rows, both);
  std::vector<float> second(features.size());
  compute_features(frame, features, std::span(rows).subspan(1), second);
  EXPECT_TRUE(
      std::equal(second.begin(), second.end(), both.begin() + static_cast<std::ptrdiff_t>(features.size())));
}

TEST_F(FeatureSchemaTest, AStrangerHasFiniteFeaturesToo) {
  state_ = UserState();
  const FeatureFrame frame(inputs());
  const FeatureList features = all_features();
  std::vector<float> values(2 * features.size());
  compute_features(frame, features, std::vector<std::uint32_t>{0, 1}, values);
  for (std::size_t k = 0; k < values.size(); ++k)
    EXPECT_TRUE(std::isfinite(values[k])) << feature_definitions()[k % features.size()].name;
}

TEST_F(FeatureSchemaTest, AnUnknownNameComesFromAnotherRelease) {
  const std::vector<std::string> names = {"item.popularity", "item.smell"};
  const auto found = features_named(names);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::unsupported);
  EXPECT_THAT(found.error().message, HasSubstr("item.smell"));
}

}  // namespace
}  // namespace winnow
