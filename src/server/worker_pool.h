// WorkerPool: a few threads for calls that may wait for the disk, so that the event loop never does.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace winnow {

class WorkerPool final {
 public:
  WorkerPool(unsigned threads, std::size_t max_waiting);
  ~WorkerPool() { stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False, and the task is not taken, when too many wait already or the pool has stopped. Tasks must not
  // throw.
  bool submit(std::function<void()> task);

  // Finishes what is running and drops what waits. Afterwards no task runs.
  void stop();

 private:
  void work();

  const std::size_t max_waiting_;
  Mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_ WINNOW_GUARDED_BY(mutex_);
  bool stopped_ WINNOW_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace winnow
