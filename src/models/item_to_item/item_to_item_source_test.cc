#include "models/item_to_item/item_to_item_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "models/testing_items.h"

namespace winnow {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr TimestampMs kNowMs = 1000 * kDayMs;

// Items 0 to 9; the model knows 0 to 4 and that 0 and 1 go together.
class ItemToItemSourceTest : public testing::Test {
 protected:
  static ItemTable& filled(ItemTable& table) {
    add_titled_items(table, 10);
    return table;
  }

  ItemToItemSourceTest() {
    context_.query = &query_;
    context_.items = table_.pin();
    context_.trends = std::make_shared<const Trends>(Trends{.as_of_ms = kNowMs});
    context_.co_occurrence = &stream_;
  }

  void together(std::uint32_t one, std::uint32_t other, int times = 1) {
    for (int i = 0; i < times; ++i) {
      for (const auto& [item, before] : {std::pair(one, other), std::pair(other, one)}) {
        Visit visit;
        visit.item = ItemIndex{item};
        visit.time_ms = kNowMs;
        stream_.add(visit);  // so that both are known
        if (item != one) continue;
        visit.before[visit.window++] = ItemIndex{before};
        stream_.add(visit);
      }
    }
  }

  void liked(std::uint32_t item) {
    context_.user.history.push_back({ItemIndex{item}, Action::like, Signal::positive, 5, kNowMs, 0});
  }

  std::vector<ItemIndex> found(const ItemToItemSource& source) {
    prepared_ = source.prepare(context_).value();
    std::vector<ItemIndex> items;
    for (const ScoredItem& hit : prepared_->retrieve(100)) {
      EXPECT_GT(hit.score, 0);
      EXPECT_FLOAT_EQ(score(hit.item), hit.score);
      items.push_back(hit.item);
    }
    return items;
  }

  float score(ItemIndex item) {
    float score = 0;
    prepared_->score(std::span(&item, 1), std::span(&score, 1));
    return score;
  }

  std::string reason(std::uint32_t item) { return prepared_->explain(ItemIndex{item}).because_item; }

  ItemTable table_;
  CoOccurrence stream_{{}};
  Query query_;
  RequestContext context_;
  Vocabulary vocabulary_{{"0", "1", "2", "3", "4"}, filled(table_)};
  ItemToItemModel model_{{}, {0, 1, 2, 2, 2, 2}, {{1, 0.5f}, {0, 0.5f}}};
  ItemToItemSource source_{model_, vocabulary_, 0};
  Vocabulary nothing_{{}, table_};
  ItemToItemSource without_model_{nothing_};
  std::unique_ptr<PreparedSource> prepared_;  // not beyond its source
};

TEST_F(ItemToItemSourceTest, AnItemThatTheModelDoesNotKnowIsProposedBecauseOfOneThatItKnows) {
  liked(0);
  EXPECT_THAT(found(source_), UnorderedElementsAre(ItemIndex{1}));
  together(7, 0);
  EXPECT_THAT(found(source_), UnorderedElementsAre(ItemIndex{1}, ItemIndex{7}));
  EXPECT_EQ(reason(7), "0");
  EXPECT_EQ(reason(1), "0");
  // What came together in the meantime is found too: nothing is remembered for longer than it is true.
  together(8, 0);
  EXPECT_THAT(found(source_), UnorderedElementsAre(ItemIndex{1}, ItemIndex{7}, ItemIndex{8}));
}

TEST_F(ItemToItemSourceTest, AnItemThatTheModelDoesNotKnowSpeaksForItsCompanions) {
  together(7, 3, 3);
  together(7, 8);
  liked(7);
  EXPECT_THAT(found(source_), UnorderedElementsAre(ItemIndex{3}, ItemIndex{8}));
  EXPECT_GT(score(ItemIndex{3}), score(ItemIndex{8}));
  EXPECT_EQ(reason(3), "7");
  EXPECT_EQ(reason(8), "7");
  EXPECT_EQ(score(ItemIndex{9}), 0);
}

TEST_F(ItemToItemSourceTest, OfWhatTheModelKnowsTheStreamHasNoSay) {
  together(0, 2, 5);
  liked(0);
  EXPECT_THAT(found(source_), UnorderedElementsAre(ItemIndex{1}));
  EXPECT_FLOAT_EQ(score(ItemIndex{1}), 5 * 0.5f);
}

TEST_F(ItemToItemSourceTest, SimilaritiesOfSeveralItemsAddUpAndTheStrongestExplains) {
  together(7, 0);
  together(7, 2, 4);
  liked(0);
  found(source_);
  const float of_one = score(ItemIndex{7});
  liked(2);
  found(source_);
  EXPECT_GT(score(ItemIndex{7}), 2 * of_one);
  EXPECT_EQ(reason(7), "2");
}

TEST_F(ItemToItemSourceTest, WhatTheUserDislikesDoesNotSpeak) {
  together(7, 3);
  liked(7);
  context_.user.history.push_back({ItemIndex{7}, Action::dislike, Signal::negative, 0, kNowMs, 0});
  EXPECT_THAT(found(source_), IsEmpty());
}

TEST_F(ItemToItemSourceTest, WorksWithoutAModel) {
  liked(0);
  EXPECT_THAT(found(without_model_), IsEmpty());
  together(0, 2);
  EXPECT_THAT(found(without_model_), UnorderedElementsAre(ItemIndex{2}));
  EXPECT_EQ(reason(2), "0");
}

TEST_F(ItemToItemSourceTest, WorksWithoutAStream) {
  together(0, 7);
  context_.co_occurrence = nullptr;
  liked(0);
  liked(7);
  EXPECT_THAT(found(source_), UnorderedElementsAre(ItemIndex{1}));
}

TEST_F(ItemToItemSourceTest, AnItemNewerThanTheRequestExplainsNothing) {
  together(30, 2);
  liked(30);
  EXPECT_THAT(found(source_), UnorderedElementsAre(ItemIndex{2}));
  EXPECT_EQ(reason(2), "");
}

}  // namespace
}  // namespace winnow
