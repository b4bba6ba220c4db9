#include "telemetry/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

#include "base/random.h"

namespace winnow {
namespace {

TEST(Histogram, BucketsFollowEachOtherWithoutGaps) {
  double edge = 0;
  for (std::size_t bucket = 0; bucket < HistogramBuckets::kCount; ++bucket) {
    EXPECT_EQ(HistogramBuckets::bucket_of(static_cast<std::uint64_t>(std::llround(edge * 1e9))), bucket);
    ASSERT_GT(HistogramBuckets::upper_edge_s(bucket), edge);
    edge = HistogramBuckets::upper_edge_s(bucket);
  }
}

TEST(Histogram, QuantilesAgreeWithASortedListWithinOnePercent) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    HistogramSnapshot histogram;
    std::vector<double> times;
    const std::uint32_t count = 1 + random.below(2000);
    for (std::uint32_t i = 0; i < count; ++i) {
      times.push_back(std::exp(random.normal() * 2 - 8));
      histogram.add(times.back());
    }
    std::sort(times.begin(), times.end());
    for (const double q : {0.0, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(q * count)));
      EXPECT_NEAR(histogram.quantile_s(q), times[rank - 1], times[rank - 1] * 0.01) << q;
    }
    EXPECT_NEAR(histogram.max_s(), times.back(), 2e-9);
  }
}

TEST(Histogram, MergingEqualsRecordingTogether) {
  Random random(7);
  HistogramSnapshot left, right, both;
  for (int i = 0; i < 1000; ++i) {
    const double time = random.uniform();
    (i % 3 == 0 ? left : right).add(time);
    both.add(time);
  }
  left.merge(right);
  EXPECT_EQ(left.count(), both.count());
  EXPECT_EQ(left.quantile_s(0.5), both.quantile_s(0.5));
  EXPECT_NEAR(left.sum_s(), both.sum_s(), 1e-9);
}

TEST(Histogram, OddTimesStayInRange) {
  LatencyHistogram histogram;
  for (const double odd : {-1.0, 0.0, std::nan(""), 1e300, HUGE_VAL}) histogram.record_s(odd);
  const HistogramSnapshot snapshot = histogram.snapshot();
  EXPECT_EQ(snapshot.count(), 5u);
  EXPECT_TRUE(std::isfinite(snapshot.sum_s()));
  EXPECT_LT(snapshot.max_s(), 138);
}

TEST(Histogram, ThreadsLoseNoRecording) {
  LatencyHistogram histogram;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&histogram] {
      for (int i = 0; i < 10'000; ++i) histogram.record_us(i);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(histogram.snapshot().count(), 40'000u);
}

}  // namespace
}  // namespace winnow
