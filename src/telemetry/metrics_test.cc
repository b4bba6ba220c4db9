#include "telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace winnow {
namespace {

using testing::HasSubstr;

TEST(Metrics, RendersFamiliesWithHelpTypeAndEscapedLabels) {
  Metrics metrics;
  metrics.counter("winnow_b_total", "Things.\nMany.", {{"path", "a\"b\\c\nd"}}).add(3);
  metrics.gauge("winnow_a", "A level.").set(1.5);
  EXPECT_EQ(metrics.render(),
            "# HELP winnow_a A level.\n# TYPE winnow_a gauge\nwinnow_a 1.5\n"
            "# HELP winnow_b_total Things.\\nMany.\n# TYPE winnow_b_total counter\n"
            "winnow_b_total{path=\"a\\\"b\\\\c\\nd\"} 3\n");
}

TEST(Metrics, GivesTheSameInstrumentForTheSameNameAndLabels) {
  Metrics metrics;
  Counter& first = metrics.counter("winnow_x_total", "x", {{"k", "1"}});
  EXPECT_EQ(&first, &metrics.counter("winnow_x_total", "x", {{"k", "1"}}));
  EXPECT_NE(&first, &metrics.counter("winnow_x_total", "x", {{"k", "2"}}));
}

TEST(Metrics, HistogramBucketsAreCumulativeAndEndAtTheCount) {
  Metrics metrics;
  auto& histogram = metrics.histogram("winnow_t_seconds", "Time.", {{"stage", "rank"}});
  histogram.record_us(80);
  histogram.record_us(700);
  histogram.record_s(60);
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("winnow_t_seconds_bucket{stage=\"rank\",le=\"5e-05\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("winnow_t_seconds_bucket{stage=\"rank\",le=\"0.0001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("winnow_t_seconds_bucket{stage=\"rank\",le=\"0.001\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("winnow_t_seconds_bucket{stage=\"rank\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("winnow_t_seconds_count{stage=\"rank\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("winnow_t_seconds_sum{stage=\"rank\"} 60.00078\n"));
}

TEST(Metrics, FunctionsAreAskedWhenRead) {
  Metrics metrics;
  double level = 1;
  metrics.gauge_function("winnow_level", "Level.", {}, [&] { return level; });
  level = 7;
  EXPECT_THAT(metrics.render(), HasSubstr("winnow_level 7\n"));
}

TEST(Metrics, CountsFromManyThreadsWhileBeingRead) {
  Metrics metrics;
  Counter& counter = metrics.counter("winnow_n_total", "n");
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) counter.add();
    });
  }
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(metrics.render().empty());
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 40'000u);
}

}  // namespace
}  // namespace winnow
