#include "base/background.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <future>
#include <thread>

#include "base/processors.h"

namespace winnow {
namespace {

TEST(RunInBackground, IsOfTheCallingThreadAlone) {
  const int before = getpriority(PRIO_PROCESS, 0);
  int of_the_thread = 0;
  std::thread([&] {
    run_in_background();
    of_the_thread = getpriority(PRIO_PROCESS, 0);
  }).join();
  EXPECT_EQ(of_the_thread, std::max(before, kBackgroundNiceness));
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), before);
}

TEST(RunInBackground, RunsAnywhereWhereverTheThreadThatStartedItKeepsTo) {
  const std::vector<int> all = allowed_processors();
  const auto mine = [] {
    cpu_set_t set;
    EXPECT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
    return static_cast<std::size_t>(CPU_COUNT(&set));
  };
  std::promise<void> kept;
  std::thread answering([&] {
    kept.get_future().wait();
    EXPECT_EQ(mine(), 1u);
    std::thread([&] {
      EXPECT_EQ(mine(), 1u);
      run_in_background();
      EXPECT_EQ(mine(), all.size());
    }).join();
  });
  keep_to_processor(answering, all.back());
  kept.set_value();
  answering.join();
}

}  // namespace
}  // namespace winnow
