#include "batch/impressions/look_ahead.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "batch/impressions/testing_impressions.h"

namespace winnow {
namespace {

constexpr TimestampMs kStart = 1'700'000'000'000;
constexpr TimestampMs kGapMs = 30'000;

std::string written(const LookAhead::Step& step) {
  std::string out = std::to_string(step.record.position) + ":";
  for (const ShownGroup& group : step.groups) {
    out += " " + group.subject + "@" + std::to_string(group.time_ms - kStart);
    for (const ShownItem& item : group.items) out += "," + item.item_id;
  }
  return out;
}

// What comes from record `from` on, by a look-ahead that was saved there; 0: never.
std::vector<std::string> steps(const TestingEventLog& log, std::uint64_t from) {
  const auto first = by_position(log, log.statistics().last);
  LookAhead whole(*first, kGapMs, true);
  std::vector<std::string> out;
  for (std::uint64_t n = 0; n < from; ++n) out.push_back(written(**whole.next({})));
  ByteWriter saved;
  whole.save(saved);
  const auto again = by_position(log, log.statistics().last);
  for (std::uint64_t n = 0; n < from; ++n) EXPECT_EQ(again->next(1)->size(), 1u);
  LookAhead resumed(*again, kGapMs, true);
  const std::string bytes = saved.take();
  ByteReader in(bytes);
  resumed.restore(in);
  for (;;) {
    auto step = resumed.next({});
    if (!step->has_value()) break;
    out.push_back(written(**step));
  }
  return out;
}

// A is open; B, whose time is earlier, is due before it; C comes after B has gone, and belongs to A.
TEST(LookAhead, WhatAnImpressionJoinsDoesNotDependOnGroupsThatHaveGone) {
  std::vector<Event> events;
  const auto pad = [&](std::size_t size) {
    while (events.size() < size) events.push_back(did("other", "x", Action::click, kStart));
  };
  pad(5);
  events.push_back(did("u", "x", Action::click, kStart + 500'000));
  pad(10);
  events.push_back(shown("u", "a", kStart + 1'000'000));
  events.push_back(shown("u", "b", kStart + 400'000));
  pad(LookAhead::kRecords + 8);
  events.push_back(shown("u", "c", kStart + 1'000'001));
  pad(LookAhead::kRecords + 20);
  const TestingEventLog log = log_of(std::move(events));
  const std::vector<std::string> whole = steps(log, 0);
  EXPECT_EQ(whole[5], "6: u@400000,b");
  EXPECT_EQ(whole[10], "11: u@1000000,a,c");
  for (std::uint64_t from = 1; from < 15; ++from) EXPECT_EQ(steps(log, from), whole) << from;
}

TEST(LookAhead, GoesOnAsIfItHadNeverStopped) {
  Random random(3);
  const TestingEventLog log = log_of(
      random_log(random, kStart, "r", {.users = 3, .answers = 2500, .span_ms = 20 * kHourMs, .moved = 40}));
  const std::uint64_t records = log.statistics().events;
  ASSERT_GT(records, LookAhead::kRecords + 5000);
  const std::vector<std::string> whole = steps(log, 0);
  for (std::uint64_t from = 211; from < records; from += 1997) {
    ASSERT_TRUE(steps(log, from) == whole) << from;
  }
}

}  // namespace
}  // namespace winnow
