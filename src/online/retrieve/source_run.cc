#include "online/retrieve/source_run.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/clock.h"

namespace winnow {

void SourceRun::run() {
  {
    MutexLock lock(mutex_);
    if (abandoned_) return;
  }
  const double start_s = steady_seconds();
  Outcome outcome;
  const CandidateSource& source = *scope_->model->sources()[position_];
  if (auto prepared = source.prepare(scope_->context); prepared.ok()) {
    outcome.prepared = *std::move(prepared);
    outcome.found = outcome.prepared->retrieve(limit_);
  }
  outcome.us = (steady_seconds() - start_s) * 1e6;
  scope_->model->pace(position_).record(outcome.us);
  {
    MutexLock lock(mutex_);
    outcome_ = std::move(outcome);
  }
  done_.notify_one();
}

std::optional<SourceRun::Outcome> SourceRun::wait(double deadline_s) {
  MutexLock lock(mutex_);
  while (!outcome_) {
    const double left_s = deadline_s - steady_seconds();
    if (left_s <= 0) break;
    lock.wait_for(done_, std::chrono::duration<double>(left_s));
  }
  if (!outcome_) {
    abandoned_ = true;
    return {};
  }
  return std::exchange(outcome_, std::nullopt);
}

}  // namespace winnow
