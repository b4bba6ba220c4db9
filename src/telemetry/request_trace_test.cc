#include "telemetry/request_trace.h"

#include <gtest/gtest.h>

#include <string>

namespace winnow {
namespace {

TEST(RequestTrace, KeepsStagesInOrderAndAddsUpRepeats) {
  RequestTrace trace;
  { auto timer = trace.stage("retrieve"); }
  trace.add("rank", 5);
  trace.add("rank", 7);
  ASSERT_EQ(trace.entries().size(), 2u);
  EXPECT_EQ(trace.entries()[0].stage, "retrieve");
  EXPECT_GE(trace.entries()[0].us, 0);
  EXPECT_EQ(trace.entries()[1].stage, "rank");
  EXPECT_EQ(trace.entries()[1].us, 12);
  EXPECT_GE(trace.total_us(), trace.entries()[0].us);
}

TEST(RequestTrace, LeavesOutStagesBeyondItsRoom) {
  static const std::string kNames = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  RequestTrace trace;
  for (std::size_t i = 0; i < kNames.size(); ++i) trace.add(std::string_view(kNames).substr(i, 1), 1);
  EXPECT_EQ(trace.entries().size(), RequestTrace::kMaxStages);
}

}  // namespace
}  // namespace winnow
