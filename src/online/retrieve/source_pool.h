// SourcePool: threads for the sources that would hold a request up.
//
// A source that blocks cannot be interrupted, only no longer waited for; so the queue is bounded, and once
// hung sources occupy all threads and the queue is full, further tasks are refused instead of piling up.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace winnow {

class SourcePool final {
 public:
  explicit SourcePool(std::size_t threads);
  // Waits for the tasks that run; those still queued are dropped.
  ~SourcePool();
  SourcePool(const SourcePool&) = delete;
  SourcePool& operator=(const SourcePool&) = delete;

  // False when there is no thread, or the queue is full. Tasks do not throw. Thread-safe, never blocks.
  bool submit(std::function<void()> task) WINNOW_EXCLUDES(mutex_);

 private:
  static constexpr std::size_t kQueuedPerThread = 64;
  void run();

  Mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_ WINNOW_GUARDED_BY(mutex_);
  bool stopping_ WINNOW_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace winnow
