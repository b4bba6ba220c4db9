#include "online/retrieve/source_pool.h"

#include <utility>

namespace winnow {

SourcePool::SourcePool(std::size_t threads) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

SourcePool::~SourcePool() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool SourcePool::submit(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    if (queue_.size() >= kQueuedPerThread * threads_.size()) return false;
    queue_.push_back(std::move(task));
  }
  changed_.notify_one();
  return true;
}

void SourcePool::run() {
  for (;;) {
    std::function<void()> task;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) lock.wait(changed_);
      if (stopping_) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace winnow
