// Turns the first SIGINT or SIGTERM into a request to stop at the next safe place; a second one ends the
// process at once, as the system would have.
//
// A handler and not a blocked mask: libraries (OpenBLAS) start threads before main() that would take the
// signal, and die of it, unblocked. The handler only writes to a pipe; a thread reads it. One at a time in a
// process.
#pragma once

#include <chrono>
#include <csignal>
#include <stop_token>
#include <thread>

namespace winnow {

class Interruption final {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  bool requested() const { return source_.stop_requested(); }
  // Blocks until a signal asks to stop or the time is up; true when asked to stop.
  bool wait_for(std::chrono::milliseconds time) const;

 private:
  void watch();

  std::stop_source source_;
  int read_end_ = -1;
  struct sigaction previous_interrupt_ {};
  struct sigaction previous_terminate_ {};
  std::thread watcher_;
};

}  // namespace winnow
