#include "winnow/cli/interruption.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>

#include "base/check.h"

namespace winnow {
namespace {

constexpr char kEndOfWatch = 0;  // no signal has this number

// A handler has no other way to reach what it serves.
std::atomic<int> write_end{-1};
static_assert(std::atomic<int>::is_always_lock_free);

void pass_on(int signal) {
  const int saved = errno;
  const char byte = static_cast<char>(signal);
  [[maybe_unused]] const ssize_t written = write(write_end.load(), &byte, 1);
  errno = saved;
}

}  // namespace

Interruption::Interruption() {
  std::array<int, 2> ends{};
  WINNOW_CHECK(write_end.load() == -1);
  WINNOW_CHECK(pipe2(ends.data(), O_CLOEXEC) == 0);
  read_end_ = ends[0];
  write_end.store(ends[1]);
  watcher_ = std::thread([this] { watch(); });
  struct sigaction action {};
  action.sa_handler = pass_on;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, &previous_interrupt_);
  sigaction(SIGTERM, &action, &previous_terminate_);
}

Interruption::~Interruption() {
  sigaction(SIGINT, &previous_interrupt_, nullptr);
  sigaction(SIGTERM, &previous_terminate_, nullptr);
  const int end = write_end.load();
  [[maybe_unused]] const ssize_t written = write(end, &kEndOfWatch, 1);
  watcher_.join();
  write_end.store(-1);
  close(end);
  close(read_end_);
}

void Interruption::watch() {
  for (char signal = 0;;) {
    const ssize_t size = read(read_end_, &signal, 1);
    if (size < 0 && errno == EINTR) continue;
    if (size != 1 || signal == kEndOfWatch) return;
    if (source_.request_stop()) continue;
    // Asked a second time: die of the signal itself, so that the parent sees it.
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

bool Interruption::wait_for(std::chrono::milliseconds time) const {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, token(), time, [] { return false; });
  return requested();
}

}  // namespace winnow
