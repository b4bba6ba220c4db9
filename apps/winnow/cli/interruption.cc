#include "winnow/cli/interruption.h"

#include <pthread.h>

#include <condition_variable>
#include <ctime>
#include <mutex>

namespace winnow {
namespace {

constexpr timespec kLookAgain{.tv_sec = 0, .tv_nsec = 50'000'000};  // for the end of the watch itself

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

Interruption::Interruption() {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, &previous_);
  watcher_ = std::jthread([this](const std::stop_token& done) { watch(done); });
}

Interruption::~Interruption() {
  watcher_.request_stop();
  watcher_.join();
  pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

void Interruption::watch(const std::stop_token& done) {
  const sigset_t signals = stop_signals();
  while (!done.stop_requested()) {
    const int signal = sigtimedwait(&signals, nullptr, &kLookAgain);
    if (signal < 0) continue;
    if (source_.request_stop()) continue;
    // Asked a second time: die of the signal itself, so that the parent sees it.
    std::signal(signal, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
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
