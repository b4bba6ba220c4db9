#include "events/dedup_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "base/random.h"

namespace winnow {
namespace {

Hash128 identity(std::uint64_t n) { return hash128("event-" + std::to_string(n)); }

TEST(DedupWindow, KnowsWhatWasAddedUntilItIsTooOld) {
  DedupWindow window({.window_ms = 100, .max_events = 1000});
  EXPECT_TRUE(window.add(identity(1)));
  EXPECT_FALSE(window.add(identity(1))) << "twice in one commit";
  window.commit(1, 1000);
  EXPECT_FALSE(window.add(identity(1)));
  EXPECT_TRUE(window.expire(1100).empty());
  EXPECT_TRUE(window.contains(identity(1)));
  EXPECT_EQ(window.expire(1101), std::vector<LogPosition>{1});
  EXPECT_FALSE(window.contains(identity(1)));
  EXPECT_TRUE(window.add(identity(1)));
}

TEST(DedupWindow, KeepsAtLeastTheNewestEvents) {
  DedupWindow window({.window_ms = 1000, .max_events = 10});
  for (std::uint64_t n = 0; n < 100; ++n) {
    window.add(identity(n));
    window.commit(n, 0);
    window.expire(0);
    for (std::uint64_t k = n < 10 ? 0 : n - 9; k <= n; ++k) EXPECT_TRUE(window.contains(identity(k)));
    EXPECT_LE(window.size(), 11u);
  }
}

TEST(DedupWindow, AFailedCommitLeavesNoTrace) {
  DedupWindow window({.window_ms = 1000, .max_events = 100'000});
  window.add(identity(1));
  window.commit(1, 0);
  for (std::uint64_t n = 2; n < 5000; ++n) EXPECT_TRUE(window.add(identity(n)));
  window.roll_back();
  EXPECT_EQ(window.size(), 1u);
  EXPECT_TRUE(window.contains(identity(1)));
  for (std::uint64_t n = 2; n < 5000; ++n) ASSERT_FALSE(window.contains(identity(n)));
}

// The obvious window: a list that is searched from end to end.
struct SlowWindow {
  struct Entry {
    std::uint64_t n;
    LogPosition key;
    TimestampMs received_ms;
  };
  std::deque<Entry> known;
  std::deque<std::uint64_t> open;
  bool contains(std::uint64_t n) const {
    return std::any_of(known.begin(), known.end(), [n](const Entry& e) { return e.n == n; }) ||
           std::find(open.begin(), open.end(), n) != open.end();
  }
};

TEST(DedupWindow, AgreesWithASlowOneOnRandomHistories) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const TimestampMs window_ms = 20;
    const std::size_t max_events = 5 + random.below(200);
    DedupWindow window({window_ms, max_events});
    SlowWindow slow;
    TimestampMs now = 0;
    LogPosition key = 0;
    for (int step = 0; step < 200; ++step) {
      for (std::uint32_t i = random.below(12); i > 0; --i) {
        const std::uint64_t n = random.below(500);
        const bool fresh = !slow.contains(n);
        if (fresh) slow.open.push_back(n);
        ASSERT_EQ(window.add(identity(n)), fresh);
      }
      if (random.below(5) == 0) {
        window.roll_back();
        slow.open.clear();
      } else {
        ++key;
        window.commit(key, now);
        for (const std::uint64_t n : slow.open) slow.known.push_back({n, key, now});
        slow.open.clear();
      }
      now += random.below(4);
      std::vector<LogPosition> dropped;
      while (!slow.known.empty()) {
        const auto oldest = slow.known.front();
        const auto in_commit = static_cast<std::size_t>(std::count_if(
            slow.known.begin(), slow.known.end(), [&](const auto& e) { return e.key == oldest.key; }));
        if (oldest.received_ms >= now - window_ms && slow.known.size() - in_commit < max_events) break;
        for (std::size_t i = 0; i < in_commit; ++i) slow.known.pop_front();
        dropped.push_back(oldest.key);
      }
      ASSERT_EQ(window.expire(now), dropped);
      ASSERT_EQ(window.size(), slow.known.size());
    }
    for (std::uint64_t n = 0; n < 500; ++n) ASSERT_EQ(window.contains(identity(n)), slow.contains(n));
  }
}

}  // namespace
}  // namespace winnow
