#include "winnow/serve/training_schedule.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "base/background.h"
#include "winnow/cli/exit_code.h"
#include "winnow/terminal/terminal.h"

namespace winnow {
namespace {

std::string outcome_of(int status, const std::filesystem::path& output) {
  if (WIFEXITED(status)) {
    const int code = WEXITSTATUS(status);
    if (code == static_cast<int>(ExitCode::ok)) return "scheduled training: a new version is live";
    if (code == static_cast<int>(ExitCode::refused)) {
      return fmt::format("scheduled training: a gate refused the new version; see {}", output.string());
    }
    return fmt::format("scheduled training: ended with code {}; see {}", code, output.string());
  }
  return fmt::format("scheduled training: ended by signal {}; see {}", WTERMSIG(status), output.string());
}

}  // namespace

std::optional<std::string> TrainingSchedule::tick(TimestampMs now_ms, const std::function<Newest()>& newest) {
  if (options_.every_ms <= 0 && options_.refresh_every_ms <= 0) return std::nullopt;
  if (running()) {
    int status = 0;
    if (waitpid(child_, &status, WNOHANG) != child_) return std::nullopt;
    child_ = 0;
    return outcome_of(status, options_.output);
  }
  const auto is_due = [now_ms](TimestampMs every_ms, TimestampMs last_ms) {
    return every_ms > 0 && (last_ms == 0 || now_ms - last_ms >= every_ms);
  };
  const bool may_train = is_due(options_.every_ms, training_started_ms_);
  const bool may_refresh = is_due(options_.refresh_every_ms, last_started_ms_);
  if (!may_train && !may_refresh) return std::nullopt;
  const Newest made = newest();
  if (may_train && is_due(options_.every_ms, made.trained_ms)) {
    training_started_ms_ = last_started_ms_ = now_ms;
    return start(false);
  }
  if (may_refresh && made.any_ms > 0 && is_due(options_.refresh_every_ms, made.any_ms)) {
    last_started_ms_ = now_ms;
    return start(true);
  }
  return std::nullopt;
}

std::optional<std::string> TrainingSchedule::start(bool refresh) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, options_.output.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);

  // The server ignores signals that the training must hear.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t usual;
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  sigaddset(&usual, SIGHUP);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

  std::string program = options_.program.string();
  std::vector<char*> words = {program.data()};
  for (std::string& argument : options_.arguments) words.push_back(argument.data());
  std::string flag = "--refresh";
  if (refresh) words.push_back(flag.data());
  words.push_back(nullptr);
  const int failed =
      posix_spawn(&child_, options_.program.c_str(), &files, &attributes, words.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) {
    child_ = 0;
    return fmt::format("scheduled training: cannot start {}: {}", options_.program.string(),
                       std::strerror(failed));
  }
  run_in_background(child_);
  return fmt::format("scheduled {}: started (process {})", refresh ? "refresh" : "training", child_);
}

void TrainingSchedule::stop() {
  if (!running()) return;
  kill(child_, SIGTERM);
  waitpid(child_, nullptr, 0);
  child_ = 0;
}

}  // namespace winnow
