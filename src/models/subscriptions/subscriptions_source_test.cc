#include "models/subscriptions/subscriptions_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace winnow {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TimestampMs kNowMs = 1000 * kDayMs;

class SubscriptionsTest : public ::testing::Test {
 protected:
  void put(std::uint32_t index, std::string creator, TimestampMs created_ms, bool available = true) {
    Item item;
    item.id = "i" + std::to_string(index);
    item.creator = std::move(creator);
    item.created_ms = created_ms;
    item.available = available;
    table_.apply(std::vector<ItemTable::Change>{{ItemIndex{index}, item.id, item}});
  }

  // What someone who follows these creators gets, best first.
  std::vector<ItemIndex> found(const std::vector<std::string>& follows, std::size_t limit = 10) {
    query_.now_ms = kNowMs;
    context_.query = &query_;
    context_.items = table_.pin();
    context_.user.follows.clear();
    for (const std::string& creator : follows) context_.user.follows.push_back(name_key(creator));
    prepared_ = SubscriptionsSource(table_).prepare(context_).value();
    std::vector<ScoredItem> items = prepared_->retrieve(limit);
    std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    std::vector<ItemIndex> out;
    for (const ScoredItem& item : items) out.push_back(item.item);
    return out;
  }

  ItemTable table_;
  Query query_;
  RequestContext context_;
  std::unique_ptr<PreparedSource> prepared_;
};

TEST_F(SubscriptionsTest, BringsTheNewestOfWhoIsFollowedFirst) {
  put(0, "ann", kNowMs - 9 * kDayMs);
  put(1, "ann", kNowMs - 1 * kDayMs);
  put(2, "bob", kNowMs - 5 * kDayMs);
  put(3, "eve", kNowMs);
  EXPECT_THAT(found({"ann", "bob"}), ElementsAre(ItemIndex{1}, ItemIndex{2}, ItemIndex{0}));
  EXPECT_THAT(found({"ann", "bob"}, 1), ElementsAre(ItemIndex{1}));
  EXPECT_THAT(found({}), IsEmpty());
  EXPECT_THAT(found({"nobody"}), IsEmpty());
}

TEST_F(SubscriptionsTest, AnItemIsFoundAsSoonAsItIsInTheCatalogue) {
  put(0, "ann", kNowMs - kDayMs);
  EXPECT_THAT(found({"ann"}), ElementsAre(ItemIndex{0}));
  put(1, "ann", kNowMs);
  EXPECT_THAT(found({"ann"}), ElementsAre(ItemIndex{1}, ItemIndex{0}));
}

TEST_F(SubscriptionsTest, LeavesOutWhatIsUnavailableYetToComeOrNowAnotherCreators) {
  put(0, "ann", kNowMs - kDayMs, false);
  put(1, "ann", kNowMs + kDayMs);
  put(2, "ann", kNowMs - kDayMs);
  put(2, "bob", kNowMs - kDayMs);
  EXPECT_THAT(found({"ann"}), IsEmpty());
  EXPECT_THAT(found({"bob"}), ElementsAre(ItemIndex{2}));
}

TEST_F(SubscriptionsTest, ItemsWithoutADateComeLastTheLatestOfThemFirst) {
  put(0, "ann", 0);
  put(1, "ann", 0);
  put(2, "ann", 1);
  EXPECT_THAT(found({"ann"}), ElementsAre(ItemIndex{2}, ItemIndex{1}, ItemIndex{0}));
}

TEST_F(SubscriptionsTest, SaysWhomTheItemComesFrom) {
  put(0, "Ann", kNowMs);
  ASSERT_THAT(found({"Ann"}), ElementsAre(ItemIndex{0}));
  EXPECT_EQ(prepared_->explain(ItemIndex{0}).code, "followed");
  EXPECT_EQ(prepared_->explain(ItemIndex{0}).text, "From Ann, whom you follow");
}

}  // namespace
}  // namespace winnow
