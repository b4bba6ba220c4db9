#include "winnow/serve/training_schedule.h"

#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <utility>

extern char** environ;

namespace winnow {

namespace {

constexpr int kCouldNotStart = 127;

// Starts the command with the signals that this process blocks unblocked again; 0 when it could not be
// started.
pid_t start(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));  // NOLINT
  arguments.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, arguments.front(), nullptr, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  return failed == 0 ? child : 0;
}

}  // namespace

TrainingSchedule::TrainingSchedule(std::vector<std::string> command, std::chrono::milliseconds interval)
    : command_(std::move(command)), interval_(interval), thread_([this] { run(); }) {}

TrainingSchedule::~TrainingSchedule() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool TrainingSchedule::wait_for(std::chrono::milliseconds duration) {
  const auto end = std::chrono::steady_clock::now() + duration;
  MutexLock lock(mutex_);
  while (!stopping_) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= std::chrono::milliseconds(0)) return true;
    lock.wait_for(changed_, left);
  }
  return false;
}

void TrainingSchedule::run() {
  while (wait_for(interval_)) {
    last_status_.store(train_once());
    finished_.fetch_add(1);
  }
}

int TrainingSchedule::train_once() {
  constexpr std::chrono::milliseconds kLook{100};
  const pid_t child = start(command_);
  if (child == 0) return kCouldNotStart;
  int status = 0;
  bool ending = false;
  for (;;) {
    const pid_t ended = waitpid(child, &status, ending ? 0 : WNOHANG);
    if (ended == child) break;
    if (ended < 0 && errno != EINTR) return kCouldNotStart;
    if (!ending && !wait_for(kLook)) {
      kill(child, SIGTERM);
      ending = true;
    }
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace winnow
