// Trainings and refreshes that a server starts by itself: `winnow train` as a process of its own, so that
// learning shares no memory with serving and cannot take it down. At most one runs at a time.
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
  TimestampMs every_ms = 0;            // between two trainings; 0: none
  TimestampMs refresh_every_ms = 0;    // between two refreshes; 0: none
  std::filesystem::path program;       // of this process
  std::vector<std::string> arguments;  // "train", "--data", ...; a refresh adds "--refresh"
  std::filesystem::path output;        // where the training's words go; written anew by each
};

class TrainingSchedule final {
 public:
  explicit TrainingSchedule(TrainingScheduleOptions options) : options_(std::move(options)) {}
  TrainingSchedule(const TrainingSchedule&) = delete;
  TrainingSchedule& operator=(const TrainingSchedule&) = delete;
  ~TrainingSchedule() { stop(); }

  // When the newest versions were made; 0: there is none.
  struct Newest {
    TimestampMs trained_ms = 0;  // by a training
    TimestampMs any_ms = 0;      // by a training or a refresh
  };

  // Looks after a training that has ended, and starts what is due: a training every_ms after the last one
  // that this server started or, before the first, after the newest trained version; else a refresh
  // refresh_every_ms after the last of either kind, once there is a version. Returns what happened, for
  // people.
  std::optional<std::string> tick(TimestampMs now_ms, const std::function<Newest()>& newest);

  bool running() const { return child_ > 0; }
  // Interrupts a running training, which the next one goes on from, and waits for its end.
  void stop();

 private:
  std::optional<std::string> start(bool refresh);

  TrainingScheduleOptions options_;
  TimestampMs training_started_ms_ = 0;
  TimestampMs last_started_ms_ = 0;  // training or refresh
  pid_t child_ = 0;
};

}  // namespace winnow
