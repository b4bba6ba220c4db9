// What every DeadLetterLog must do. Harness: DeadLetterLog& open();  // opens or re-opens the same log
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "events/event_log.h"

namespace winnow {

template <class Harness>
class DeadLetterConformance : public ::testing::Test {
 protected:
  static LogRecord record(LogPosition position, std::string user) {
    Event event;
    event.event_id = "e" + std::to_string(position);
    event.user_id = std::move(user);
    event.item_id = "item";
    event.context = R"({"poison":true})";
    return {position, 1000, event};
  }
  Harness harness_;
};
TYPED_TEST_SUITE_P(DeadLetterConformance);

TYPED_TEST_P(DeadLetterConformance, KeepsLettersInOrderUntilTheyAreRemoved) {
  {
    DeadLetterLog& log = this->harness_.open();
    EXPECT_EQ(log.size(), 0u);
    EXPECT_TRUE(log.list(0, 10)->empty());
    for (LogPosition p = 1; p <= 5; ++p) {
      ASSERT_TRUE(log.add(this->record(p, "u" + std::to_string(p % 2)), "no such item", 3).ok());
    }
  }
  DeadLetterLog& log = this->harness_.open();
  EXPECT_EQ(log.size(), 5u);
  const auto letters = log.list(0, 10);
  ASSERT_TRUE(letters.ok()) << letters.error().message;
  ASSERT_EQ(letters->size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ((*letters)[i].record.position, i + 1);
    EXPECT_EQ((*letters)[i].record.event, this->record(i + 1, "u" + std::to_string((i + 1) % 2)).event);
    EXPECT_EQ((*letters)[i].reason, "no such item");
    EXPECT_EQ((*letters)[i].tries, 3u);
  }
  EXPECT_EQ(log.list((*letters)[1].id, 2)->front().id, (*letters)[2].id);
  ASSERT_TRUE(log.remove(letters->back().id).ok());
  EXPECT_EQ(log.remove(letters->back().id).error().code, ErrorCode::not_found);
  EXPECT_EQ(log.size(), 4u);
}

TYPED_TEST_P(DeadLetterConformance, ReplacesALetterOfTheSamePosition) {
  for (const std::string_view why : {"no such item", "no creator"}) {
    DeadLetterLog& log = this->harness_.open();
    ASSERT_TRUE(log.add(this->record(7, "u"), why, 1).ok());
    EXPECT_EQ(log.size(), 1u);
    const auto letters = log.list(0, 10);
    ASSERT_EQ(letters->size(), 1u);
    EXPECT_EQ(letters->front().id, 7u);
    EXPECT_EQ(letters->front().reason, why);
  }
}

TYPED_TEST_P(DeadLetterConformance, ErasesASubjectAndNobodyElse) {
  DeadLetterLog& log = this->harness_.open();
  for (LogPosition p = 1; p <= 6; ++p)
    ASSERT_TRUE(log.add(this->record(p, p % 2 ? "odd" : "even"), "why", 1).ok());
  EXPECT_EQ(log.erase_subject("odd").value(), 3u);
  EXPECT_EQ(log.erase_subject("odd").value(), 0u);
  EXPECT_EQ(log.size(), 3u);
  const auto left = log.list(0, 10);
  for (const DeadLetter& letter : *left) EXPECT_EQ(letter.record.event.user_id, "even");
}

REGISTER_TYPED_TEST_SUITE_P(DeadLetterConformance, KeepsLettersInOrderUntilTheyAreRemoved,
                            ReplacesALetterOfTheSamePosition, ErasesASubjectAndNobodyElse);

}  // namespace winnow
