#include "models/model_history.h"

#include <gtest/gtest.h>

#include <cmath>

namespace winnow {
namespace {

class ModelHistoryTest : public testing::Test {
 protected:
  ModelHistoryTest() {
    std::vector<ItemTable::Change> changes;
    for (std::uint32_t i = 0; i < 5; ++i) {
      Item item;
      item.id = std::to_string(i);
      changes.push_back({ItemIndex{i}, item.id, item});
    }
    table_.apply(changes);
  }

  void happened(std::uint32_t item, Signal signal, float weight, TimestampMs time_ms) {
    user_.history.push_back({ItemIndex{item}, Action::click, signal, weight, time_ms, 0});
  }

  ItemTable table_;
  UserContext user_;
};

TEST_F(ModelHistoryTest, SpeaksInRowsOfTheModel) {
  const Vocabulary vocabulary({"3", "gone", "1"}, table_);
  happened(1, Signal::positive, 3, 10);
  happened(3, Signal::positive, 3, 20);
  happened(4, Signal::positive, 3, 30);  // unknown to the model
  const auto history = model_history(user_, vocabulary, 0, 30);
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history[0].item, 0u);
  EXPECT_EQ(history[1].item, 2u);
}

TEST_F(ModelHistoryTest, EventsWithOneItemAddUpAndFade) {
  const Vocabulary vocabulary({"1"}, table_);
  happened(1, Signal::positive, 3, 0);
  happened(1, Signal::positive, 10, kDayMs);
  const auto history = model_history(user_, vocabulary, 0.5, kDayMs);
  ASSERT_EQ(history.size(), 1u);
  EXPECT_NEAR(history[0].weight, 3 * std::exp(-0.5) + 10, 1e-5);
  EXPECT_EQ(history[0].time_ms, kDayMs);
}

TEST_F(ModelHistoryTest, AViewSpeaksForItsItemWithoutBeingALike) {
  const Vocabulary vocabulary({"1"}, table_);
  happened(1, Signal::neutral, 1, 0);
  const auto history = model_history(user_, vocabulary, 0, 0);
  ASSERT_EQ(history.size(), 1u);
  EXPECT_FLOAT_EQ(history[0].weight, 1);
}

TEST_F(ModelHistoryTest, TheLastWordOnAnItemCounts) {
  const Vocabulary vocabulary({"1", "2"}, table_);
  happened(1, Signal::positive, 3, 1);
  happened(2, Signal::negative, 0, 1);
  happened(1, Signal::negative, 0, 2);
  happened(2, Signal::positive, 3, 2);
  const auto history = model_history(user_, vocabulary, 0, 2);
  ASSERT_EQ(history.size(), 1u);
  EXPECT_EQ(history[0].item, 1u);
}

}  // namespace
}  // namespace winnow
