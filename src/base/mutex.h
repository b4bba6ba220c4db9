// A mutex that clang's -Wthread-safety can check. Data guarded by it says so: WINNOW_GUARDED_BY(mutex_).
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define WINNOW_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define WINNOW_THREAD_ATTRIBUTE(x)
#endif

#define WINNOW_GUARDED_BY(x) WINNOW_THREAD_ATTRIBUTE(guarded_by(x))
#define WINNOW_REQUIRES(x) WINNOW_THREAD_ATTRIBUTE(requires_capability(x))
#define WINNOW_EXCLUDES(x) WINNOW_THREAD_ATTRIBUTE(locks_excluded(x))

namespace winnow {

class WINNOW_THREAD_ATTRIBUTE(capability("mutex")) Mutex final {
 public:
  void lock() WINNOW_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() WINNOW_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  std::mutex& native() { return mutex_; }

 private:
  std::mutex mutex_;
};

class WINNOW_THREAD_ATTRIBUTE(scoped_lockable) MutexLock final {
 public:
  explicit MutexLock(Mutex& mutex) WINNOW_THREAD_ATTRIBUTE(acquire_capability(mutex))
      : lock_(mutex.native()) {}
  ~MutexLock() WINNOW_THREAD_ATTRIBUTE(release_capability()) = default;
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  // Waits on a condition; the mutex is released meanwhile and held again on return.
  void wait(std::condition_variable& condition) { condition.wait(lock_); }
  template <class Duration>
  std::cv_status wait_for(std::condition_variable& condition, Duration duration) {
    return condition.wait_for(lock_, duration);
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace winnow
