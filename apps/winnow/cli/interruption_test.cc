#include "winnow/cli/interruption.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace winnow {
namespace {

constexpr std::chrono::seconds kGenerous{20};

TEST(Interruption, ASignalAsksToStop) {
  const Interruption interruption;
  EXPECT_FALSE(interruption.wait_for(std::chrono::milliseconds(1)));
  kill(getpid(), SIGTERM);
  EXPECT_TRUE(interruption.wait_for(kGenerous));
  EXPECT_TRUE(interruption.token().stop_requested());
}

TEST(Interruption, AThreadThatWasThereBeforeDoesNotDieOfIt) {
  std::jthread other([](const std::stop_token& end) {
    while (!end.stop_requested()) std::this_thread::yield();
  });
  const Interruption interruption;
  pthread_kill(other.native_handle(), SIGINT);
  EXPECT_TRUE(interruption.wait_for(kGenerous));
}

TEST(InterruptionDeathTest, ASecondSignalEndsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto ask_twice = [] {
    const Interruption interruption;
    kill(getpid(), SIGINT);
    interruption.wait_for(kGenerous);
    kill(getpid(), SIGINT);
    sleep(20);
  };
  EXPECT_EXIT(ask_twice(), testing::KilledBySignal(SIGINT), "");
}

TEST(Interruption, LeavesTheSignalsAsTheyWere) {
  struct sigaction before {};
  sigaction(SIGTERM, nullptr, &before);
  { const Interruption interruption; }
  struct sigaction after {};
  sigaction(SIGTERM, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
}

}  // namespace
}  // namespace winnow
