// Turns the first SIGINT or SIGTERM into a request to stop at the next safe place; a second one ends the
// process at once, as the system would have.
#pragma once

#include <chrono>
#include <csignal>
#include <stop_token>
#include <thread>

namespace winnow {

class Interruption final {
 public:
  // Make it before any other thread: the signals are blocked in this thread and those it starts.
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  bool requested() const { return source_.stop_requested(); }
  // Blocks until a signal asks to stop or the time is up; true when asked to stop.
  bool wait_for(std::chrono::milliseconds time) const;

 private:
  void watch(const std::stop_token& done);

  std::stop_source source_;
  sigset_t previous_{};
  std::jthread watcher_;
};

}  // namespace winnow
