#include "telemetry/traffic.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace winnow {
namespace {

constexpr TimestampMs kNow = 1'700'000'000'500;

TEST(Traffic, CountsTheRunningSecondLast) {
  Traffic traffic;
  traffic.add_request(kNow, 0.010);
  traffic.add_request(kNow, 0.020);
  traffic.add_events(kNow, 5);
  const Traffic::Report report = traffic.report(kNow);
  ASSERT_EQ(report.seconds.size(), Traffic::kSeconds);
  EXPECT_EQ(report.start_s, 1'700'000'000 - 119);
  EXPECT_EQ(report.seconds.back().requests, 2u);
  EXPECT_EQ(report.seconds.back().events, 5u);
  EXPECT_NEAR(report.seconds.back().p50_ms, 10, 0.1);
  EXPECT_NEAR(report.seconds.back().p99_ms, 20, 0.2);
  EXPECT_EQ(report.last_minute.count(), 2u);
}

TEST(Traffic, ForgetsWhatIsOlderThanItsWindow) {
  Traffic traffic;
  traffic.add_request(kNow, 0.010);
  EXPECT_EQ(traffic.report(kNow + 119'000).seconds.front().requests, 1u);
  EXPECT_EQ(traffic.report(kNow + 119'000).last_minute.count(), 0u);
  EXPECT_EQ(traffic.report(kNow + 120'000).seconds.back().requests, 0u);
  traffic.add_request(kNow + 120'000, 0.030);
  EXPECT_NEAR(traffic.report(kNow + 120'000).seconds.back().p50_ms, 30, 0.3);
}

TEST(Traffic, RatesAreTheMeanOfTenWholeSeconds) {
  Traffic traffic;
  for (int second = 1; second <= 10; ++second) {
    for (int i = 0; i < 20; ++i) traffic.add_request(kNow - second * 1000, 0.001);
  }
  traffic.add_request(kNow, 0.001);  // the running second does not count yet
  EXPECT_NEAR(traffic.report(kNow).requests_per_second, 20, 1e-9);
}

TEST(Traffic, IsReadWhileThreadsRecord) {
  Traffic traffic;
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 3000; ++i) traffic.add_request(kNow + i, 0.001);
    });
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(traffic.report(kNow + 3000).seconds.size(), Traffic::kSeconds);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(traffic.report(kNow + 3000).last_minute.count(), 9000u);
}

}  // namespace
}  // namespace winnow
