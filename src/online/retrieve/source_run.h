// SourceRun: one source's part in one request, on the request's thread or on another.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "online/retrieve/retrieve.h"

namespace winnow {

class SourceRun final {
 public:
  struct Outcome {
    std::unique_ptr<PreparedSource> prepared;  // null when the source failed
    std::vector<ScoredItem> found;
    double us = 0;
  };

  // position: of the source in the scope's model.
  SourceRun(std::shared_ptr<const RequestScope> scope, std::size_t position, std::size_t limit)
      : scope_(std::move(scope)), position_(position), limit_(limit) {}

  std::size_t position() const { return position_; }

  // Prepares and retrieves. Call once, on any thread.
  void run() WINNOW_EXCLUDES(mutex_);

  // The outcome once run() is through, waited for until the deadline (steady_seconds); nothing after that,
  // and a run that has not begun then never will.
  std::optional<Outcome> wait(double deadline_s) WINNOW_EXCLUDES(mutex_);

 private:
  std::shared_ptr<const RequestScope> scope_;  // before the outcome: what was prepared refers to it
  std::size_t position_;
  std::size_t limit_;
  Mutex mutex_;
  std::condition_variable done_;
  std::optional<Outcome> outcome_ WINNOW_GUARDED_BY(mutex_);
  bool abandoned_ WINNOW_GUARDED_BY(mutex_) = false;
};

}  // namespace winnow
