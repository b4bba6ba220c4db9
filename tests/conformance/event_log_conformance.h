// What every EventLog must do. An adapter's test names a Harness and instantiates the suite:
//
//   struct Harness {
//     EventLog& open(EventLogOptions options, const Clock& clock);  // opens or re-opens the same log
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Embedded, EventLogConformance, Harness);
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "events/event_log.h"

namespace winnow {

inline Event sample_event(std::string event_id, std::string user, std::string item) {
  Event event;
  event.event_id = std::move(event_id);
  event.user_id = std::move(user);
  event.item_id = std::move(item);
  event.action = Action::click;
  event.time_ms = 1'700'000'000'000;
  return event;
}

template <class Harness>
class EventLogConformance : public ::testing::Test {
 protected:
  EventLog& open(EventLogOptions options = {}) { return harness_.open(options, clock_); }

  // Every record of the log, read in pages of the given size.
  static std::vector<LogRecord> read_all(const EventLog& log, std::size_t page = 1000) {
    std::vector<LogRecord> all;
    for (LogPosition from = 1;;) {
      auto records = log.read(from, page);
      EXPECT_TRUE(records.ok()) << records.error().message;
      if (!records.ok() || records->empty()) return all;
      from = records->back().position + 1;
      std::move(records->begin(), records->end(), std::back_inserter(all));
    }
  }

  Harness harness_;
  ManualClock clock_{1'700'000'100'000};
};
TYPED_TEST_SUITE_P(EventLogConformance);

TYPED_TEST_P(EventLogConformance, AnEmptyLogIsEmptyAndAnEmptyAppendChangesNothing) {
  EventLog& log = this->open();
  EXPECT_TRUE(log.append({})->empty());
  EXPECT_TRUE(log.read(0, 10)->empty());
  EXPECT_TRUE(log.read_subject("nobody", 0, 10)->records.empty());
  const LogStatistics statistics = log.statistics();
  EXPECT_EQ(statistics.events, 0u);
  EXPECT_EQ(statistics.first, 0u);
  EXPECT_EQ(statistics.last, 0u);
  EXPECT_FALSE(log.wait_beyond(0, 1));
}

TYPED_TEST_P(EventLogConformance, GivesBackEveryFieldInTheOrderOfAppending) {
  EventLog& log = this->open();
  Event full{"id-1", "user", "item", Action::watch, 12.5, 5, "session", "recommendation", R"({"a":1})"};
  Event anonymous{"id-2", "", "item", Action::view, 0, 6, "session", "", ""};
  const auto outcomes = log.append({full, anonymous});
  ASSERT_TRUE(outcomes.ok()) << outcomes.error().message;
  ASSERT_EQ(outcomes->size(), 2u);
  EXPECT_LT((*outcomes)[0].position, (*outcomes)[1].position);
  EXPECT_EQ((*outcomes)[0].event_id, "id-1");
  const auto records = this->read_all(log);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].event, full);
  EXPECT_EQ(records[1].event, anonymous);
  EXPECT_EQ(records[0].position, (*outcomes)[0].position);
  EXPECT_EQ(records[0].received_ms, this->clock_.now_ms());
  EXPECT_EQ(log.statistics().events, 2u);
  EXPECT_EQ(log.statistics().first, records[0].position);
  EXPECT_EQ(log.statistics().last, records[1].position);
}

TYPED_TEST_P(EventLogConformance, StoresAnEventIdOnceWithinItsWindow) {
  EventLogOptions options;
  options.dedup_window_ms = 1000;
  EventLog& log = this->open(options);
  auto outcomes =
      log.append({sample_event("a", "u", "1"), sample_event("a", "u", "2"), sample_event("b", "u", "3")});
  ASSERT_TRUE(outcomes.ok());
  EXPECT_EQ((*outcomes)[0].kind, AppendOutcome::Kind::stored);
  EXPECT_EQ((*outcomes)[1].kind, AppendOutcome::Kind::duplicate);
  EXPECT_EQ((*outcomes)[1].event_id, "a");
  EXPECT_EQ((*outcomes)[2].kind, AppendOutcome::Kind::stored);
  EXPECT_EQ(log.append({sample_event("a", "other", "9")})->front().kind, AppendOutcome::Kind::duplicate);
  this->clock_.advance(1001);
  EXPECT_EQ(log.append({sample_event("a", "u", "1")})->front().kind, AppendOutcome::Kind::stored);
  EXPECT_EQ(log.statistics().events, 3u);
}

TYPED_TEST_P(EventLogConformance, RemembersEventIdsAndPositionsWhenOpenedAgain) {
  EventLog& first = this->open();
  const LogPosition last =
      first.append({sample_event("a", "u", "1"), sample_event("", "u", "2")})->back().position;
  const std::string given = this->read_all(first).back().event.event_id;
  EventLog& second = this->open();
  EXPECT_EQ(second.append({sample_event("a", "u", "1")})->front().kind, AppendOutcome::Kind::duplicate);
  EXPECT_EQ(second.append({sample_event(given, "u", "2")})->front().kind, AppendOutcome::Kind::duplicate);
  EXPECT_GT(second.append({sample_event("b", "u", "1")})->front().position, last);
  EXPECT_EQ(this->read_all(second).size(), 3u);
  EXPECT_EQ(second.statistics().events, 3u);
}

TYPED_TEST_P(EventLogConformance, GivesAnIdToAnEventWithoutOne) {
  EventLog& log = this->open();
  std::vector<Event> events(500, sample_event("", "u", "1"));
  const auto outcomes = log.append(events);
  ASSERT_TRUE(outcomes.ok());
  std::set<std::string> ids;
  for (const AppendOutcome& outcome : *outcomes) {
    EXPECT_EQ(outcome.kind, AppendOutcome::Kind::stored);
    EXPECT_FALSE(outcome.event_id.empty());
    ids.insert(outcome.event_id);
  }
  EXPECT_EQ(ids.size(), 500u);
  for (const LogRecord& record : this->read_all(log)) EXPECT_TRUE(ids.contains(record.event.event_id));
}

TYPED_TEST_P(EventLogConformance, ArrivalNeverFallsWhenTheClockDoes) {
  EventLog& log = this->open();
  const TimestampMs start = this->clock_.now_ms();
  ASSERT_TRUE(log.append({sample_event("a", "u", "1")}).ok());
  this->clock_.advance(-5000);
  ASSERT_TRUE(log.append({sample_event("b", "u", "1")}).ok());
  EXPECT_GE(this->read_all(log).back().received_ms, start);
}

TYPED_TEST_P(EventLogConformance, ReadsByPageOverAllPartitionsAndByPartition) {
  EventLogOptions options;
  options.partitions = 5;
  EventLog& log = this->open(options);
  ASSERT_EQ(log.partitions(), 5u);
  Random random(1);
  for (int batch = 0; batch < 30; ++batch) {
    std::vector<Event> events;
    for (std::uint32_t i = 1 + random.below(40); i > 0; --i) {
      events.push_back(sample_event("", "user-" + std::to_string(random.below(17)), "item"));
    }
    ASSERT_TRUE(log.append(std::move(events)).ok());
  }
  const auto all = this->read_all(log);
  EXPECT_EQ(all.size(), log.statistics().events);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const LogRecord& a, const LogRecord& b) {
    return a.position <= b.position;
  }));
  for (const std::size_t page : {1u, 7u, 100u}) EXPECT_EQ(this->read_all(log, page).size(), all.size());

  std::map<std::string, std::set<std::uint32_t>> partitions_of_user;
  std::size_t in_partitions = 0;
  for (std::uint32_t partition = 0; partition < 5; ++partition) {
    const auto records = log.read_partition(partition, 0, all.size());
    ASSERT_TRUE(records.ok());
    in_partitions += records->size();
    for (const LogRecord& record : *records) partitions_of_user[record.event.user_id].insert(partition);
    EXPECT_TRUE(std::is_sorted(records->begin(), records->end(), [](const LogRecord& a, const LogRecord& b) {
      return a.position <= b.position;
    }));
  }
  EXPECT_EQ(in_partitions, all.size());
  for (const auto& [user, partitions] : partitions_of_user) EXPECT_EQ(partitions.size(), 1u) << user;
  EXPECT_FALSE(log.read_partition(5, 0, 1).ok());
}

TYPED_TEST_P(EventLogConformance, ReadsASubjectNewestFirstPageByPage) {
  EventLog& log = this->open();
  Random random(2);
  std::map<std::string, std::vector<std::string>> expected;
  for (int batch = 0; batch < 40; ++batch) {
    std::vector<Event> events;
    for (std::uint32_t i = 1 + random.below(20); i > 0; --i) {
      const std::string user = "user-" + std::to_string(random.below(9));
      const std::string item = "item-" + std::to_string(random.next());
      events.push_back(sample_event("", user, item));
      expected[user].push_back(item);
    }
    ASSERT_TRUE(log.append(std::move(events)).ok());
  }
  // A session of a user's name is somebody else.
  Event anonymous = sample_event("", "", "elsewhere");
  anonymous.session_id = "user-1";
  ASSERT_TRUE(log.append({anonymous}).ok());
  EXPECT_EQ(log.read_subject(subject_of("", "user-1"), 0, 10)->records.size(), 1u);
  for (auto& [user, items] : expected) {
    std::reverse(items.begin(), items.end());
    for (const std::size_t page : {1u, 3u, 1000u}) {
      std::vector<std::string> found;
      LogPosition before = 0;
      do {
        const auto part = log.read_subject(user, before, page);
        ASSERT_TRUE(part.ok()) << part.error().message;
        EXPECT_LE(part->records.size(), page);
        for (const LogRecord& record : part->records) found.push_back(record.event.item_id);
        before = part->next_before;
      } while (before != 0);
      EXPECT_EQ(found, items);
    }
  }
}

// An import's commits of thousands of users, between the small commits of live traffic.
TYPED_TEST_P(EventLogConformance, FindsAndErasesASubjectAmongCommitsOfManyAndOfFew) {
  EventLogOptions options;
  options.retention_ms = 1000;
  EventLog& log = this->open(options);
  Random random(6);
  std::map<std::string, std::vector<std::string>> expected;
  const auto append = [&](std::size_t count, std::uint32_t users) {
    std::vector<Event> events;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string user = "user-" + std::to_string(random.below(users));
      events.push_back(sample_event("", user, "item-" + std::to_string(random.next())));
      expected[user].insert(expected[user].begin(), events.back().item_id);
    }
    ASSERT_TRUE(log.append(std::move(events)).ok());
  };
  const auto expect_pages = [&](const std::string& user) {
    for (const std::size_t page : {2u, 1000u}) {
      std::vector<std::string> found;
      LogPosition before = 0;
      do {
        const auto part = log.read_subject(user, before, page);
        ASSERT_TRUE(part.ok()) << part.error().message;
        for (const LogRecord& record : part->records) found.push_back(record.event.item_id);
        before = part->next_before;
      } while (before != 0);
      ASSERT_EQ(found, expected[user]) << user;
    }
  };
  for (int round = 0; round < 4; ++round) {
    append(6000, 4000);
    for (int i = 0; i < 10; ++i) append(1 + random.below(30), 20);
  }
  for (int i = 0; i < 100; ++i)
    expect_pages("user-" + std::to_string(i % 2 ? random.below(4000) : random.below(20)));

  for (const std::string victim : {"user-3", "user-777"}) {
    EXPECT_EQ(log.erase_subject(victim).value(), expected[victim].size());
    expected[victim].clear();
    expect_pages(victim);
  }
  append(6000, 4000);
  append(10, 10);
  for (int i = 0; i < 50; ++i)
    expect_pages("user-" + std::to_string(i % 2 ? random.below(4000) : random.below(20)));
  expect_pages("user-777");

  // Retention takes the old ones, and leaves the index right for what follows.
  this->clock_.advance(2000);
  ASSERT_TRUE(log.enforce_retention(this->clock_.now_ms()).ok());
  EXPECT_EQ(log.statistics().events, 0u);
  expected.clear();
  append(6000, 4000);
  for (int i = 0; i < 50; ++i) expect_pages("user-" + std::to_string(random.below(4000)));
}

TYPED_TEST_P(EventLogConformance, KeepsAMarkerWithTheEventsOfItsCommit) {
  {
    EventLog& log = this->open();
    EXPECT_EQ(log.marker("import").value(), "");
    ASSERT_TRUE(log.append({sample_event("a", "u", "1")}, Marker{"import", "row 1"}).ok());
    EXPECT_EQ(log.marker("import").value(), "row 1");
    ASSERT_TRUE(log.append({}, Marker{"import", "row 2"}).ok());
    ASSERT_TRUE(log.append({sample_event("a", "u", "1")}, Marker{"other", "x"}).ok());
  }
  EventLog& log = this->open();
  EXPECT_EQ(log.marker("import").value(), "row 2");
  EXPECT_EQ(log.marker("other").value(), "x");
  EXPECT_EQ(log.marker("none").value(), "");
  EXPECT_EQ(log.statistics().events, 1u);
}

TYPED_TEST_P(EventLogConformance, ErasesASubjectAndNobodyElse) {
  EventLog& log = this->open();
  Random random(3);
  std::map<std::string, std::size_t> count;
  for (int batch = 0; batch < 30; ++batch) {
    std::vector<Event> events;
    for (std::uint32_t i = 1 + random.below(30); i > 0; --i) {
      const std::string user = "user-" + std::to_string(random.below(6));
      ++count[user];
      events.push_back(sample_event("", user, "item"));
    }
    ASSERT_TRUE(log.append(std::move(events)).ok());
  }
  const auto before = this->read_all(log);
  const auto erased = log.erase_subject("user-3");
  ASSERT_TRUE(erased.ok()) << erased.error().message;
  EXPECT_EQ(*erased, count["user-3"]);
  EXPECT_TRUE(log.read_subject("user-3", 0, 10)->records.empty());
  EXPECT_EQ(log.erase_subject("user-3").value(), 0u);
  const auto after = this->read_all(log);
  EXPECT_EQ(after.size(), before.size() - count["user-3"]);
  EXPECT_EQ(log.statistics().events, after.size());
  std::size_t at = 0;
  for (const LogRecord& record : before) {
    if (record.event.user_id == "user-3") continue;
    EXPECT_EQ(after[at].position, record.position);
    EXPECT_EQ(after[at++].event, record.event);
  }
  EXPECT_EQ(log.read_subject("user-2", 0, 10'000)->records.size(), count["user-2"]);
  EXPECT_GT(log.append({sample_event("", "user-3", "again")})->front().position, before.back().position);
  EXPECT_EQ(log.read_subject("user-3", 0, 10)->records.size(), 1u);
}

TYPED_TEST_P(EventLogConformance, DropsWhatIsOlderThanItsRetention) {
  EventLogOptions options;
  options.retention_ms = 1000;
  EventLog& log = this->open(options);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(
        log.append({sample_event("", "u" + std::to_string(i % 3), "old"), sample_event("", "v", "old")})
            .ok());
  }
  this->clock_.advance(900);
  ASSERT_TRUE(log.append({sample_event("", "u1", "new")}).ok());
  EXPECT_EQ(log.enforce_retention(this->clock_.now_ms()).value(), 0u);
  this->clock_.advance(200);
  EXPECT_EQ(log.enforce_retention(this->clock_.now_ms()).value(), 20u);
  const auto left = this->read_all(log);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].event.item_id, "new");
  EXPECT_EQ(log.statistics().events, 1u);
  EXPECT_EQ(log.statistics().first, left[0].position);
  EXPECT_EQ(log.read_subject("u1", 0, 10)->records.size(), 1u);
  EXPECT_TRUE(log.read_subject("v", 0, 10)->records.empty());
}

TYPED_TEST_P(EventLogConformance, ManyThreadsAppendAndEveryEventIsStoredOnce) {
  EventLog& log = this->open();
  constexpr int kThreads = 6;
  constexpr int kCalls = 40;
  std::atomic<int> duplicates{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int call = 0; call < kCalls; ++call) {
        // Half of the ids are shared by all threads.
        std::vector<Event> events = {sample_event("own-" + std::to_string(t) + "-" + std::to_string(call),
                                                  "u" + std::to_string(t), "1"),
                                     sample_event("shared-" + std::to_string(call), "shared", "2")};
        const auto outcomes = log.append(std::move(events));
        ASSERT_TRUE(outcomes.ok());
        EXPECT_EQ((*outcomes)[0].kind, AppendOutcome::Kind::stored);
        if ((*outcomes)[1].kind == AppendOutcome::Kind::duplicate) ++duplicates;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(duplicates, (kThreads - 1) * kCalls);
  std::set<std::string> ids;
  const auto all = this->read_all(log);
  for (const LogRecord& record : all) ids.insert(record.event.event_id);
  EXPECT_EQ(all.size(), static_cast<std::size_t>((kThreads + 1) * kCalls));
  EXPECT_EQ(ids.size(), all.size());
}

// What the speed layer does: a reader that goes on from its last position sees every event, in order, exactly
// once.
TYPED_TEST_P(EventLogConformance, AReaderThatFollowsMissesNothing) {
  EventLog& log = this->open();
  constexpr std::size_t kEvents = 3000;
  std::thread writer([&] {
    Random random(5);
    for (std::size_t sent = 0; sent < kEvents;) {
      std::vector<Event> events;
      for (std::size_t i = std::min<std::size_t>(1 + random.below(20), kEvents - sent); i > 0; --i, ++sent) {
        events.push_back(
            sample_event("e" + std::to_string(sent), "u" + std::to_string(random.below(50)), "1"));
      }
      log.append_async(std::move(events), [](const auto& outcomes) { EXPECT_TRUE(outcomes.ok()); });
    }
  });
  std::vector<std::string> seen;
  LogPosition last = 0;
  while (seen.size() < kEvents) {
    ASSERT_TRUE(log.wait_beyond(last, 60'000));
    const auto records = log.read(last + 1, 64);
    ASSERT_TRUE(records.ok());
    for (const LogRecord& record : *records) {
      ASSERT_GT(record.position, last);
      last = record.position;
      seen.push_back(record.event.event_id);
    }
  }
  writer.join();
  for (std::size_t i = 0; i < kEvents; ++i) ASSERT_EQ(seen[i], "e" + std::to_string(i));
}

REGISTER_TYPED_TEST_SUITE_P(EventLogConformance, AnEmptyLogIsEmptyAndAnEmptyAppendChangesNothing,
                            GivesBackEveryFieldInTheOrderOfAppending, StoresAnEventIdOnceWithinItsWindow,
                            RemembersEventIdsAndPositionsWhenOpenedAgain, GivesAnIdToAnEventWithoutOne,
                            ArrivalNeverFallsWhenTheClockDoes, ReadsByPageOverAllPartitionsAndByPartition,
                            ReadsASubjectNewestFirstPageByPage,
                            FindsAndErasesASubjectAmongCommitsOfManyAndOfFew,
                            KeepsAMarkerWithTheEventsOfItsCommit, ErasesASubjectAndNobodyElse,
                            DropsWhatIsOlderThanItsRetention, ManyThreadsAppendAndEveryEventIsStoredOnce,
                            AReaderThatFollowsMissesNothing);

}  // namespace winnow
