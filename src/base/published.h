// Published<T>: one writer replaces an immutable value, readers pin the version they started with.
//
// A pinned value lives until its last reader lets go, so a request sees one version throughout.
// A mutex guards the pointer: std::atomic<std::shared_ptr> races under g++ 12's thread sanitizer, and the
// lock is held for a reference count only.
#pragma once

#include <memory>
#include <utility>

#include "base/mutex.h"

namespace winnow {

template <class T>
class Published final {
 public:
  Published() = default;
  explicit Published(std::shared_ptr<const T> value) : value_(std::move(value)) {}

  // The current value; null when nothing was published yet.
  std::shared_ptr<const T> pin() const WINNOW_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return value_;
  }

  void publish(std::shared_ptr<const T> value) WINNOW_EXCLUDES(mutex_) {
    {
      MutexLock lock(mutex_);
      value_.swap(value);
    }
    // The old value is released here, outside the lock: its destructor may be long.
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const T> value_ WINNOW_GUARDED_BY(mutex_);
};

}  // namespace winnow
