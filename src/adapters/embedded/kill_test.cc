// kill -9 at any moment loses no acknowledged event and doubles none.
//
// A writer is killed again and again at random points: while it opens the store, between commits, inside one.
// Each time the next one starts some events before the last acknowledged one, as a client that is not sure
// would.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "adapters/embedded/embedded_event_log.h"
#include "adapters/embedded/store.h"
#include "base/random.h"
#include "base/testing_folder.h"
#include "base/text.h"

namespace winnow {
namespace {

struct Killed {
  std::int64_t acknowledged = 0;  // events below this number
  bool by_us = false;             // and not by an error of its own
};

// Runs a writer from `first` on and kills it: after `delay`, counted from the start or from its `lines`-th
// answer.
Killed run_and_kill(const std::filesystem::path& folder, std::int64_t first, std::uint64_t seed, int lines,
                    std::chrono::microseconds delay) {
  int ends[2];
  if (::pipe(ends) != 0) return {};
  const std::string first_text = std::to_string(first);
  const std::string seed_text = std::to_string(seed);
  const pid_t writer = ::fork();
  if (writer == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    ::execl(WINNOW_LOG_WRITER, WINNOW_LOG_WRITER, folder.c_str(), first_text.c_str(), seed_text.c_str(),
            nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  std::string answers;
  char buffer[4096];
  const auto read_some = [&] {
    const ssize_t size = ::read(ends[0], buffer, sizeof buffer);
    if (size > 0) answers.append(buffer, static_cast<std::size_t>(size));
    return size > 0;
  };
  while (std::count(answers.begin(), answers.end(), '\n') < lines && read_some()) {
  }
  std::this_thread::sleep_for(delay);  // not a wait for something: the moment of the kill
  ::kill(writer, SIGKILL);
  while (read_some()) {
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(writer, &status, 0);

  Killed killed;
  killed.by_us = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  const std::size_t end = answers.rfind('\n');
  if (end != std::string::npos) {
    const std::string_view whole = std::string_view(answers).substr(0, end);
    const std::size_t start = whole.rfind('\n');
    killed.acknowledged =
        parse_int(whole.substr(start == std::string_view::npos ? 0 : start + 1)).value_or(0);
  }
  return killed;
}

void expect_whole(const std::filesystem::path& folder, std::int64_t acknowledged) {
  const SystemClock clock;
  auto store = Store::open(folder);
  ASSERT_TRUE(store.ok()) << store.error().message;
  auto log = EmbeddedEventLog::open(**store, {}, clock);
  ASSERT_TRUE(log.ok()) << log.error().message;
  std::set<std::int64_t> numbers;
  std::uint64_t records = 0;
  for (LogPosition from = 1;;) {
    const auto page = (*log)->read(from, 50'000);
    ASSERT_TRUE(page.ok()) << page.error().message;
    if (page->empty()) break;
    for (const LogRecord& record : *page) {
      const auto number = parse_int(std::string_view(record.event.event_id).substr(6));
      ASSERT_TRUE(number.has_value());
      EXPECT_TRUE(numbers.insert(*number).second) << "twice: " << record.event.event_id;
    }
    records += page->size();
    from = page->back().position + 1;
  }
  EXPECT_EQ(records, (*log)->statistics().events);
  for (std::int64_t number = 0; number < acknowledged; ++number) {
    ASSERT_TRUE(numbers.contains(number)) << "acknowledged, and lost: event-" << number;
  }
}

TEST(Kill, AtAnyMomentLosesNoAcknowledgedEventAndDoublesNone) {
  constexpr int kKills = 110;
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  Random random(seed);
  TestFolder folder;
  const std::filesystem::path place = folder.path() / "store";
  std::int64_t acknowledged = 0;
  int with_progress = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    const std::int64_t overlap = random.below(300);
    const std::int64_t first = std::max<std::int64_t>(0, acknowledged - overlap);
    const bool early = random.below(3) == 0;
    const int lines = early ? 0 : static_cast<int>(random.below(30));
    const std::chrono::microseconds delay(random.below(early ? 150'000 : 8'000));
    const Killed killed = run_and_kill(place, first, random.next() >> 1, lines, delay);
    ASSERT_TRUE(killed.by_us) << "the writer ended by itself in round " << kill;
    if (killed.acknowledged > acknowledged) {
      acknowledged = killed.acknowledged;
      ++with_progress;
    }
    if (kill % 30 == 29) expect_whole(place, acknowledged);
    if (testing::Test::HasFatalFailure()) return;
  }
  expect_whole(place, acknowledged);
  EXPECT_GT(with_progress, kKills / 4) << "most writers were killed before they did anything";
  std::printf("seed %llu: %d kills, %lld acknowledged events\n", static_cast<unsigned long long>(seed),
              kKills, static_cast<long long>(acknowledged));
}

}  // namespace
}  // namespace winnow
