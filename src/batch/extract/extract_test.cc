#include "batch/extract/extract.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "base/random.h"
#include "batch/extract/row_map.h"
#include "batch/testing_ports.h"

namespace winnow {
namespace {

constexpr TimestampMs kNow = 1'700'000'000'000;

Extracted extract_all(const EventLog& log, const ExtractOptions& options) {
  auto extracted = extract(log, log.statistics().last, options);
  WINNOW_CHECK(extracted.ok());
  return std::move(extracted).value();
}

TEST(Extract, CountsTheWindowBackFromTheNewestEvent) {
  TestingEventLog log;
  (void)log.append({click("a", "old", kNow - 91 * kDayMs), click("a", "edge", kNow - 90 * kDayMs),
                    click("b", "new", kNow), click("b", "middle", kNow - kDayMs)});
  const Extracted out = extract_all(log, {.window_days = 90, .window_min_events = 0});
  EXPECT_EQ(out.report.read, 4u);
  EXPECT_EQ(out.report.before_window, 1u);
  EXPECT_EQ(out.report.events, 3u);
  EXPECT_EQ(out.report.users, 2u);
  EXPECT_EQ(out.report.items, 3u);
  EXPECT_EQ(out.report.newest_ms, kNow);
  EXPECT_EQ(out.report.oldest_ms, kNow - 90 * kDayMs);
  EXPECT_FALSE(out.report.widened);
  EXPECT_EQ(std::count(out.events.item_ids.begin(), out.events.item_ids.end(), "old"), 0);
}

TEST(Extract, WidensAWindowThatHoldsTooLittle) {
  TestingEventLog log;
  for (int day = 0; day < 1000; day += 10)
    (void)log.append({click("a", "i" + std::to_string(day), kNow - day * kDayMs)});
  const Extracted out = extract_all(log, {.window_days = 90, .window_min_events = 50});
  EXPECT_EQ(out.report.events, 50u);
  EXPECT_TRUE(out.report.widened);
  EXPECT_EQ(extract_all(log, {.window_days = 90, .window_min_events = 500}).report.events, 100u);
  EXPECT_EQ(extract_all(log, {.window_days = 0, .window_min_events = 0}).report.events, 100u);
}

TEST(Extract, LiesByUserAndTimeWhateverTheOrderOfArrival) {
  Random random(7);
  TestingEventLog log;
  std::multimap<std::pair<std::string, TimestampMs>, std::string> expected;
  for (int i = 0; i < 3000; ++i) {
    const std::string user = "u" + std::to_string(random.below(40));
    const std::string item = "i" + std::to_string(random.below(60));
    const TimestampMs time = kNow - random.below(1000) * kMinuteMs;
    expected.emplace(std::pair(user, time), item);
    (void)log.append({click(user, item, time)});
  }
  const Extracted out = extract_all(log, {});
  ASSERT_EQ(out.events.size(), expected.size());
  std::size_t seen_users = 0;
  out.events.for_each_user([&](std::size_t begin, std::size_t end) {
    ++seen_users;
    EXPECT_TRUE(std::is_sorted(out.events.time_ms.begin() + begin, out.events.time_ms.begin() + end));
  });
  EXPECT_EQ(seen_users, 40u);
  std::multiset<std::pair<TimestampMs, std::string>> got, wanted;
  for (std::size_t i = 0; i < out.events.size(); ++i) {
    got.emplace(out.events.time_ms[i], out.events.item_ids[out.events.item[i]]);
  }
  for (const auto& [key, item] : expected) wanted.emplace(key.second, item);
  EXPECT_EQ(got, wanted);
}

TEST(Extract, ImpressionsDoNotFillTheWindow) {
  TestingEventLog log;
  for (int i = 0; i < 20; ++i) (void)log.append({click("a", "i", kNow - 200 * kDayMs + i)});
  for (int i = 0; i < 50; ++i) {
    Event shown = click("b", "i", kNow - i);
    shown.action = Action::impression;
    (void)log.append({shown});
  }
  const Extracted out = extract_all(log, {.window_days = 30, .window_min_events = 10});
  EXPECT_EQ(out.report.events, 60u) << "the newest ten clicks, and what was shown";
  EXPECT_TRUE(out.report.widened);
}

TEST(Extract, KeepsASessionApartFromAUserOfTheSameName) {
  TestingEventLog log;
  Event visitor = click("", "i", kNow);
  visitor.session_id = "ann";
  (void)log.append({click("ann", "i", kNow), visitor});
  EXPECT_EQ(extract_all(log, {}).report.users, 2u);
}

TEST(Extract, ReadsNothingBeyondTheGivenPosition) {
  TestingEventLog log;
  (void)log.append({click("a", "i", kNow), click("a", "j", kNow), click("a", "k", kNow)});
  const auto out = extract(log, 2, {});
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(out->report.events, 2u);
}

TEST(Extract, SaysWhichRowAUserHas) {
  TestingEventLog log;
  (void)log.append({click("a", "i", kNow), click("b", "j", kNow)});
  const Extracted out = extract_all(log, {});
  const auto row = out.users.find(identity_of("b"));
  ASSERT_TRUE(row.has_value());
  ASSERT_EQ(out.events.size(), 2u);
  EXPECT_EQ(out.events.item_ids[out.events.item[out.events.user[0] == *row ? 0 : 1]], "j");
  EXPECT_FALSE(out.users.find(identity_of("c")).has_value());
}

TEST(Extract, GivesNothingForAnEmptyLog) {
  const Extracted out = extract_all(TestingEventLog(), {});
  EXPECT_EQ(out.events.size(), 0u);
  EXPECT_EQ(out.report.newest_ms, 0);
}

TEST(Extract, StopsWhenToldTo) {
  TestingEventLog log;
  (void)log.append({click("a", "i", kNow)});
  const auto out = extract(log, 1, {}, [](std::string_view, std::size_t, std::size_t) { return false; });
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().code, ErrorCode::unavailable);
}

TEST(RowMap, NumbersIdentitiesInOrderOfAppearance) {
  Random random(3);
  RowMap rows;
  std::map<std::uint32_t, std::uint32_t> oracle;
  for (int i = 0; i < 50'000; ++i) {
    const std::uint32_t id = random.below(9000);
    const auto [row, is_new] = rows.insert(hash128(std::to_string(id)));
    const auto [found, inserted] = oracle.emplace(id, static_cast<std::uint32_t>(oracle.size()));
    ASSERT_EQ(row, found->second);
    ASSERT_EQ(is_new, inserted);
  }
  EXPECT_EQ(rows.size(), oracle.size());
}

}  // namespace
}  // namespace winnow
