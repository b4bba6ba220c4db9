// ObjectPool<T>: values that are dear to make, lent and taken back.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace winnow {

// As many values as there were ever loans at once. Thread-safe. T is default-constructible; a value comes
// back as its borrower left it.
template <class T>
class ObjectPool final {
 public:
  class Loan final {
   public:
    Loan(ObjectPool& pool, std::unique_ptr<T> value) : pool_(&pool), value_(std::move(value)) {}
    Loan(Loan&&) noexcept = default;
    Loan& operator=(Loan&&) = delete;
    ~Loan() {
      if (value_) pool_->give_back(std::move(value_));
    }
    T& operator*() const { return *value_; }
    T* operator->() const { return value_.get(); }

   private:
    ObjectPool* pool_;
    std::unique_ptr<T> value_;
  };

  // The pool outlives the loan.
  Loan take() WINNOW_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (spare_.empty()) return {*this, std::make_unique<T>()};
    std::unique_ptr<T> value = std::move(spare_.back());
    spare_.pop_back();
    return {*this, std::move(value)};
  }

 private:
  void give_back(std::unique_ptr<T> value) WINNOW_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    spare_.push_back(std::move(value));
  }

  Mutex mutex_;
  std::vector<std::unique_ptr<T>> spare_ WINNOW_GUARDED_BY(mutex_);
};

}  // namespace winnow
