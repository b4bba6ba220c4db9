// TrainingSchedule: a server's own trainings, each in a process of its own.
//
// Every interval it runs `winnow train` on the same store, which that process opens read-only. The server
// notices the new live model by itself. A training that crashes or is killed takes nothing with it, and the
// next one goes on where it stopped.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace winnow {

class TrainingSchedule final {
 public:
  // command: program and arguments. The first training starts one interval from now.
  TrainingSchedule(std::vector<std::string> command, std::chrono::milliseconds interval);
  // Ends a training that runs.
  ~TrainingSchedule();
  TrainingSchedule(const TrainingSchedule&) = delete;
  TrainingSchedule& operator=(const TrainingSchedule&) = delete;

  std::uint64_t finished() const { return finished_.load(); }
  // The exit status of the last finished one; -1 before the first, 128 + signal when it was killed.
  int last_status() const { return last_status_.load(); }

 private:
  void run();
  int train_once();
  // Sleeps until the time is up or the schedule ends; false when it ends.
  bool wait_for(std::chrono::milliseconds duration) WINNOW_EXCLUDES(mutex_);

  const std::vector<std::string> command_;
  const std::chrono::milliseconds interval_;
  std::atomic<std::uint64_t> finished_{0};
  std::atomic<int> last_status_{-1};
  Mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ WINNOW_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace winnow
