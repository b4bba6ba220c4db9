// Trainings that a server starts by itself: `winnow train` as a process of its own, so that learning shares
// no memory with serving and cannot take it down. At most one runs at a time.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace winnow {

struct TrainingScheduleOptions {
  TimestampMs every_ms = 0;            // 0: none
  std::filesystem::path program;       // of this process
  std::vector<std::string> arguments;  // "train", "--data", ...
  std::filesystem::path output;        // where the training's words go; written anew by each
};

class TrainingSchedule final {
 public:
  explicit TrainingSchedule(TrainingScheduleOptions options) : options_(std::move(options)) {}
  TrainingSchedule(const TrainingSchedule&) = delete;
  TrainingSchedule& operator=(const TrainingSchedule&) = delete;
  ~TrainingSchedule() { stop(); }

  // Looks after a training that has ended, and starts one that is due: every_ms after the last one that this
  // server started or, before the first, after `newest_version_ms` (0: there is none). Returns what happened,
  // for people.
  std::optional<std::string> tick(TimestampMs now_ms, const std::function<TimestampMs()>& newest_version_ms);

  bool running() const { return child_ > 0; }
  // Interrupts a running training, which the next one goes on from, and waits for its end.
  void stop();

 private:
  std::optional<std::string> start(TimestampMs now_ms);

  TrainingScheduleOptions options_;
  TimestampMs last_started_ms_ = 0;
  pid_t child_ = 0;
};

}  // namespace winnow
