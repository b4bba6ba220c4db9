#include "online/filter/filter.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

constexpr TimestampMs kNowMs = 200 * kDayMs;

// Ten items: 0 plain, 1 unavailable, 2 only in GB, 3 by a creator, 4 of a category, the rest plain.
class FilterTest : public testing::Test {
 protected:
  FilterTest() {
    std::vector<ItemTable::Change> changes;
    for (std::uint32_t i = 0; i < 10; ++i) {
      Item item;
      item.id = std::to_string(i);
      if (i == 1) item.available = false;
      if (i == 2) item.regions = {"GB"};
      if (i == 3) item.creator = "Bore";
      if (i == 4) item.categories = {"Horror"};
      changes.push_back({ItemIndex{i}, item.id, item});
    }
    table_.apply(changes);
    query_.now_ms = kNowMs;
    context_.query = &query_;
    context_.items = table_.pin();
    context_.trends = std::make_shared<const Trends>();
    context_.user.state = state_;
  }

  void see(std::uint32_t item, std::uint8_t flags, TimestampMs received_ms = kNowMs - kDayMs) {
    state_->seen.push_back({ItemIndex{item}, flags, received_ms});
  }

  std::string reason(std::uint32_t item, FilterOptions options = {}, std::vector<ItemIndex> excluded = {},
                     std::vector<ItemIndex> shown = {}) {
    const RequestFilter rules(options, context_, std::move(excluded), std::move(shown));
    const DropReason found = rules.reason_to_drop(ItemIndex{item});
    return found == DropReason::none ? "" : std::string(name_of(found));
  }

  ItemTable table_;
  Query query_;
  RequestContext context_;
  std::shared_ptr<UserState> state_ = std::make_shared<UserState>();
};

TEST_F(FilterTest, LetsAnUntouchedItemThrough) { EXPECT_EQ(reason(0), ""); }

TEST_F(FilterTest, DropsWhatIsUnavailable) { EXPECT_EQ(reason(1), "unavailable"); }

TEST_F(FilterTest, DropsAnItemOfAnotherRegionOnceTheCountryIsKnown) {
  EXPECT_EQ(reason(2), "");
  context_.user.country = name_key("FR");
  EXPECT_EQ(reason(2), "region");
  context_.user.country = name_key("GB");
  EXPECT_EQ(reason(2), "");
}

TEST_F(FilterTest, DropsWhatTheRequestExcludesOrAnEarlierPageShowed) {
  EXPECT_EQ(reason(5, {}, {ItemIndex{5}}), "excluded");
  EXPECT_EQ(reason(5, {}, {}, {ItemIndex{5}}), "shown");
}

TEST_F(FilterTest, SeenItemsComeBackAfterTheTtlButHiddenAndPurchasedOnesDoNot) {
  const TimestampMs long_ago = kNowMs - 150 * kDayMs;
  see(5, SeenItem::engaged);
  see(6, SeenItem::engaged, long_ago);
  see(7, SeenItem::engaged | SeenItem::purchased, long_ago);
  see(8, SeenItem::hidden, long_ago);
  EXPECT_EQ(reason(5), "seen");
  EXPECT_EQ(reason(6), "");
  EXPECT_EQ(reason(7), "purchased");
  EXPECT_EQ(reason(8), "hidden");
}

TEST_F(FilterTest, AnImpressionCountsAsSeenOnlyWhereSettingsSaySo) {
  see(5, SeenItem::shown);
  EXPECT_EQ(reason(5), "");
  EXPECT_EQ(reason(5, {.impressions_are_seen = true}), "seen");
}

TEST_F(FilterTest, DropsDislikedCreatorsAndCategoriesUnlessAskedFor) {
  state_->creators.push_back({name_key("Bore"), 0, 4, kNowMs});
  state_->categories.push_back({name_key("Horror"), 1, 9, kNowMs});
  EXPECT_EQ(reason(3), "disliked_creator");
  EXPECT_EQ(reason(4), "disliked_category");
  query_.categories = {"Horror"};
  EXPECT_EQ(reason(4), "");
  EXPECT_EQ(reason(0), "category");
}

TEST_F(FilterTest, AMixedOpinionIsNoDislike) {
  state_->creators.push_back({name_key("Bore"), 4, 4, kNowMs});
  EXPECT_EQ(reason(3), "");
}

TEST_F(FilterTest, ASieveForgetsNothingThatWasAddedAndPassesFewOthers) {
  constexpr std::uint32_t kAdded = 1000;
  ItemSieve sieve(kAdded);
  for (std::uint32_t i = 0; i < kAdded; ++i) sieve.add(ItemIndex{i * 7});
  std::size_t others = 0;
  for (std::uint32_t i = 0; i < 100 * kAdded; ++i) {
    const bool added = i % 7 == 0 && i < 7 * kAdded;
    if (added) {
      ASSERT_TRUE(sieve.may_contain(ItemIndex{i}));
    }
    if (!added && sieve.may_contain(ItemIndex{i})) ++others;
  }
  EXPECT_LT(others, 100 * kAdded / 8);
}

TEST_F(FilterTest, EveryDropIsCountedUnderItsReason) {
  see(5, SeenItem::engaged);
  see(6, SeenItem::engaged);
  const RequestFilter rules({}, context_, {}, {});
  Candidates candidates;
  for (std::uint32_t i = 0; i < 8; ++i) {
    candidates.items.push_back(ItemIndex{i});
    candidates.proposed_by.push_back(i);
    candidates.columns.push_back(i);
  }
  const Filtered filtered = filter(rules, std::move(candidates));
  EXPECT_EQ(filtered.dropped, (std::map<std::string, std::uint64_t>{{"seen", 2}, {"unavailable", 1}}));
  ASSERT_EQ(filtered.kept.size(), 5u);
  EXPECT_EQ(filtered.kept.items.back(), ItemIndex{7});
  EXPECT_EQ(filtered.kept.proposed_by.back(), 7u);
}

}  // namespace
}  // namespace winnow
