#include "base/background.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>

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

}  // namespace
}  // namespace winnow
