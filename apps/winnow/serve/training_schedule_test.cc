#include "winnow/serve/training_schedule.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace winnow {
namespace {

using std::chrono::milliseconds;

TEST(TrainingSchedule, RunsTheCommandAgainAndAgainAndKeepsItsExitStatus) {
  const TrainingSchedule schedule({"/bin/sh", "-c", "exit 7"}, milliseconds(5));
  const double give_up_s = steady_seconds() + 20;
  while (schedule.finished() < 2 && steady_seconds() < give_up_s) std::this_thread::yield();
  EXPECT_GE(schedule.finished(), 2u);
  EXPECT_EQ(schedule.last_status(), 7);
}

TEST(TrainingSchedule, EndsATrainingThatRunsWhenItEnds) {
  const double start_s = steady_seconds();
  {
    const TrainingSchedule schedule({"/bin/sh", "-c", "sleep 600"}, milliseconds(1));
    EXPECT_EQ(schedule.finished(), 0u);
  }
  EXPECT_LT(steady_seconds() - start_s, 300);
}

TEST(TrainingSchedule, SurvivesACommandThatDoesNotExist) {
  const TrainingSchedule schedule({"/nonexistent/winnow", "train"}, milliseconds(5));
  const double give_up_s = steady_seconds() + 20;
  while (schedule.finished() < 1 && steady_seconds() < give_up_s) std::this_thread::yield();
  EXPECT_EQ(schedule.last_status(), 127);
}

}  // namespace
}  // namespace winnow
