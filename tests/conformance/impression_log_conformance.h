// What every ImpressionLog must do. Harness: ImpressionLog& open(ImpressionLogOptions = {});  // opens or
// re-opens the same log
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "events/impression_log.h"

namespace winnow {

template <class Harness>
class ImpressionLogConformance : public ::testing::Test {
 protected:
  static ServedImpression served(const std::string& id, std::string subject, TimestampMs time_ms) {
    return {.recommendation_id = id,
            .subject = std::move(subject),
            .surface = "home",
            .model_version = "m1",
            .time_ms = time_ms,
            .state_position = 7,
            .schema = 99,
            .items = {{ItemIndex{1}, 1, 3, 1}, {ItemIndex{2}, 2, 1, 0.5f}},
            .features = {1, 2, 3, static_cast<float>(time_ms)}};
  }
  static std::vector<std::string> all_ids(const ImpressionLog& log, std::size_t page_size) {
    std::vector<std::string> ids;
    std::string after;
    do {
      const auto page = log.read(after, page_size);
      EXPECT_TRUE(page.ok());
      for (const ServedImpression& impression : page->impressions)
        ids.push_back(impression.recommendation_id);
      after = page->next_after;
    } while (!after.empty());
    return ids;
  }
  Harness harness_;
};
TYPED_TEST_SUITE_P(ImpressionLogConformance);

TYPED_TEST_P(ImpressionLogConformance, WhatWasServedIsFoundExactlyAlsoAfterARestart) {
  {
    ImpressionLog& log = this->harness_.open();
    EXPECT_TRUE(log.offer(this->served("a", "u", 5)));
    EXPECT_TRUE(log.offer(this->served("b", "v", 6)));
    ASSERT_TRUE(log.flush().ok());
    EXPECT_EQ(log.find("a")->value(), this->served("a", "u", 5));
  }
  ImpressionLog& log = this->harness_.open();
  EXPECT_EQ(log.find("b")->value(), this->served("b", "v", 6));
  EXPECT_FALSE(log.find("c")->has_value());
  EXPECT_EQ(log.statistics().impressions, 2u);
  EXPECT_EQ(log.statistics().dropped, 0u);
}

TYPED_TEST_P(ImpressionLogConformance, ClosingStoresWhatWasTaken) {
  this->harness_.open().offer(this->served("a", "u", 5));
  EXPECT_TRUE(this->harness_.open().find("a")->has_value());
}

TYPED_TEST_P(ImpressionLogConformance, IsReadInOrderOfTimePageByPage) {
  ImpressionLog& log = this->harness_.open();
  for (const int time : {30, 10, 50, 20, 40}) {
    log.offer(this->served("r" + std::to_string(time), "u", time));
  }
  ASSERT_TRUE(log.flush().ok());
  const std::vector<std::string> wanted = {"r10", "r20", "r30", "r40", "r50"};
  for (const std::size_t page : {1, 2, 5, 9}) EXPECT_EQ(this->all_ids(log, page), wanted) << page;
}

TYPED_TEST_P(ImpressionLogConformance, AnAnswerIsOneImpressionTheNewest) {
  ImpressionLog& log = this->harness_.open();
  log.offer(this->served("a", "u", 5));
  ASSERT_TRUE(log.flush().ok());
  log.offer(this->served("a", "v", 8));
  log.offer(this->served("a", "w", 9));
  ASSERT_TRUE(log.flush().ok());
  EXPECT_EQ(log.find("a")->value(), this->served("a", "w", 9));
  EXPECT_EQ(this->all_ids(log, 10), (std::vector<std::string>{"a"}));
  EXPECT_EQ(log.statistics().impressions, 1u);
  EXPECT_EQ(log.erase_subject("u").value(), 0u);
  EXPECT_TRUE(log.find("a")->has_value());
}

TYPED_TEST_P(ImpressionLogConformance, AFullQueueDropsAndCounts) {
  ImpressionLog& log = this->harness_.open({.queue_bytes = 2000, .write_interval_ms = 60'000});
  std::size_t taken = 0;
  for (int i = 0; i < 1000; ++i) taken += log.offer(this->served(std::to_string(i), "u", i));
  EXPECT_LT(taken, 1000u);
  EXPECT_GT(taken, 0u);
  ASSERT_TRUE(log.flush().ok());
  EXPECT_EQ(log.statistics().impressions, taken);
  EXPECT_EQ(log.statistics().dropped, 1000 - taken);
}

TYPED_TEST_P(ImpressionLogConformance, IsRetainedByAgeAndByBytes) {
  {
    ImpressionLog& log = this->harness_.open({.retention_ms = 100});
    for (int i = 0; i < 50; ++i) log.offer(this->served(std::to_string(i), "u", 10 * i));
    ASSERT_TRUE(log.flush().ok());
    EXPECT_EQ(log.enforce_retention(300, 15).value(), 15u);
    EXPECT_TRUE(log.find("15")->has_value());
    EXPECT_EQ(log.enforce_retention(300, 15).value(), 5u);
    EXPECT_EQ(log.enforce_retention(300, 15).value(), 0u);
    EXPECT_FALSE(log.find("19")->has_value());
    EXPECT_TRUE(log.find("20")->has_value());
  }
  const std::uint64_t bytes = this->harness_.open().statistics().bytes;
  ImpressionLog& log = this->harness_.open({.retention_ms = 0, .max_bytes = bytes / 2});
  EXPECT_EQ(log.enforce_retention(300, 1000).value(), 15u);
  EXPECT_EQ(log.statistics().impressions, 15u);
  EXPECT_LE(log.statistics().bytes, bytes / 2);
  EXPECT_TRUE(log.find("49")->has_value());
}

TYPED_TEST_P(ImpressionLogConformance, ErasesASubjectAndNobodyElse) {
  ImpressionLog& log = this->harness_.open();
  for (int i = 0; i < 6; ++i) log.offer(this->served(std::to_string(i), i % 2 ? "odd" : "even", i));
  EXPECT_EQ(log.erase_subject("odd").value(), 3u);
  EXPECT_EQ(log.erase_subject("odd").value(), 0u);
  EXPECT_EQ(this->all_ids(log, 10), (std::vector<std::string>{"0", "2", "4"}));
  EXPECT_EQ(log.statistics().impressions, 3u);
}

TYPED_TEST_P(ImpressionLogConformance, ManyThreadsOfferAtOnce) {
  ImpressionLog& log = this->harness_.open();
  std::atomic<std::uint64_t> taken = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        taken += log.offer(this->served(std::to_string(t) + "-" + std::to_string(i), "u", i));
        if (i % 100 == 0) {
          EXPECT_TRUE(log.flush().ok());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(log.flush().ok());
  EXPECT_EQ(log.statistics().impressions, taken);
  EXPECT_EQ(this->all_ids(log, 100).size(), taken);
}

REGISTER_TYPED_TEST_SUITE_P(ImpressionLogConformance, WhatWasServedIsFoundExactlyAlsoAfterARestart,
                            ClosingStoresWhatWasTaken, IsReadInOrderOfTimePageByPage,
                            AnAnswerIsOneImpressionTheNewest, AFullQueueDropsAndCounts,
                            IsRetainedByAgeAndByBytes, ErasesASubjectAndNobodyElse, ManyThreadsOfferAtOnce);

}  // namespace winnow
