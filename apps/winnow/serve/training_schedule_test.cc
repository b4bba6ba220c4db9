#include "winnow/serve/training_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/file.h"

namespace winnow {
namespace {

using ::testing::HasSubstr;

class Schedule : public ::testing::Test {
 protected:
  Schedule()
      : output_(std::filesystem::temp_directory_path() / ("winnow-schedule-" + std::to_string(getpid()))) {}
  ~Schedule() override { std::filesystem::remove(output_); }

  TrainingScheduleOptions shell(std::string script, TimestampMs every_ms = kHourMs) {
    return {.every_ms = every_ms,
            .program = "/bin/sh",
            .arguments = {"-c", std::move(script)},
            .output = output_};
  }
  // What the end of the running training says.
  std::string wait(TrainingSchedule& schedule) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      if (auto words = schedule.tick(now_, at(now_))) return *words;
      std::this_thread::yield();
    }
    return "nothing within 20 s";
  }

  static std::function<TrainingSchedule::Newest()> at(TimestampMs time_ms) { return at(time_ms, time_ms); }
  static std::function<TrainingSchedule::Newest()> at(TimestampMs trained_ms, TimestampMs any_ms) {
    return [=] { return TrainingSchedule::Newest{trained_ms, any_ms}; };
  }

  std::filesystem::path output_;
  TimestampMs now_ = 1'700'000'000'000;
};

TEST_F(Schedule, StartsNothingWhenItIsOff) {
  TrainingSchedule schedule(shell("exit 0", 0));
  EXPECT_FALSE(schedule.tick(now_, at(0)));
  EXPECT_FALSE(schedule.running());
}

TEST_F(Schedule, StartsAtOnceWhereThereIsNoVersionAndSaysHowItEnded) {
  TrainingSchedule schedule(shell("echo hello; exit 0"));
  EXPECT_THAT(schedule.tick(now_, at(0)).value_or(""), HasSubstr("started"));
  EXPECT_TRUE(schedule.running());
  EXPECT_THAT(wait(schedule), HasSubstr("a new version is live"));
  EXPECT_EQ(read_file(output_).value(), "hello\n");
}

TEST_F(Schedule, TrainsInTheBackground) {
  // The shell starts before it is made nice, and what it starts afterwards is nice.
  TrainingSchedule schedule(shell("while [ $(nice) -lt 10 ]; do sleep 0.01; done; echo nice"));
  ASSERT_TRUE(schedule.tick(now_, at(0)));
  EXPECT_THAT(wait(schedule), HasSubstr("a new version is live"));
  EXPECT_EQ(read_file(output_).value(), "nice\n");
}

TEST_F(Schedule, WaitsItsTimeAfterTheNewestVersionAndAfterItsOwnLastTry) {
  TrainingSchedule schedule(shell("exit 7"));
  EXPECT_FALSE(schedule.tick(now_, at(now_ - kHourMs + 1)));
  EXPECT_TRUE(schedule.tick(now_, at(now_ - kHourMs)));
  EXPECT_THAT(wait(schedule), HasSubstr("a gate refused"));
  EXPECT_FALSE(schedule.tick(now_ + kHourMs - 1, at(now_ - kHourMs)));
  EXPECT_TRUE(schedule.tick(now_ + kHourMs, at(now_ - kHourMs)));
}

TEST_F(Schedule, NamesTheExitCodeAndTheSignalOfOneThatFailed) {
  TrainingSchedule failing(shell("exit 4"));
  ASSERT_TRUE(failing.tick(now_, at(0)));
  EXPECT_THAT(wait(failing), HasSubstr("code 4"));
  TrainingSchedule dying(shell("kill -9 $$"));
  ASSERT_TRUE(dying.tick(now_, at(0)));
  EXPECT_THAT(wait(dying), HasSubstr("signal 9"));
}

TEST_F(Schedule, StoppingEndsARunningTraining) {
  TrainingSchedule schedule(shell("exec sleep 600"));
  ASSERT_TRUE(schedule.tick(now_, at(0)));
  schedule.stop();
  EXPECT_FALSE(schedule.running());
}

TEST_F(Schedule, AProgramThatIsNotThereIsSaid) {
  TrainingScheduleOptions options = shell("");
  options.program = "/nonexistent/winnow";
  TrainingSchedule schedule(options);
  EXPECT_THAT(schedule.tick(now_, at(0)).value_or(""), HasSubstr("cannot start /nonexistent/winnow"));
  EXPECT_FALSE(schedule.running());
}

TEST_F(Schedule, RefreshesBetweenTrainings) {
  TrainingScheduleOptions options = shell("[ \"$0\" = --refresh ] && exit 7");
  options.refresh_every_ms = 10 * kMinuteMs;
  TrainingSchedule schedule(options);
  EXPECT_FALSE(schedule.tick(now_, at(now_ - 50 * kMinuteMs, now_ - 9 * kMinuteMs)));
  EXPECT_THAT(schedule.tick(now_, at(now_ - 50 * kMinuteMs, now_ - 10 * kMinuteMs)).value_or(""),
              HasSubstr("refresh: started"));
  EXPECT_THAT(wait(schedule), HasSubstr("gate"));  // 7: it was told to refresh
  EXPECT_FALSE(schedule.tick(now_ + 10 * kMinuteMs - 1, at(now_ - 50 * kMinuteMs, now_ - 10 * kMinuteMs)));
  EXPECT_THAT(schedule.tick(now_ + 10 * kMinuteMs, at(now_ - 50 * kMinuteMs, now_)).value_or(""),
              HasSubstr("training: started"));  // an hour since the last training
}

TEST_F(Schedule, RefreshesNothingBeforeThereIsAVersion) {
  TrainingScheduleOptions options = shell("exit 0", 0);
  options.refresh_every_ms = kMinuteMs;
  TrainingSchedule schedule(options);
  EXPECT_FALSE(schedule.tick(now_, at(0)));
}

}  // namespace
}  // namespace winnow
