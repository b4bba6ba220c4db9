// Runs the steps of a job: finished ones are taken from the work folder, the others are done, timed and kept.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "batch/job_report.h"
#include "batch/progress.h"
#include "batch/work_folder.h"

namespace winnow {

class JobRun final {
 public:
  // Both outlive the run.
  JobRun(const WorkFolder& work, const JobProgress& progress) : work_(work), progress_(progress) {}

  // The output of `make`, or the kept one of an earlier run. T has encode() and T::decode(bytes). `key` tells
  // outputs of the same step apart that depend on more than the job's fingerprint.
  template <class T>
  Result<T> step(std::string_view name, const std::function<Result<T>()>& make, std::string_view key = {}) {
    const std::string file = std::string(name) + std::string(key);
    if (const auto saved = work_.load(file)) {
      ByteReader in(*saved);
      StepTime time{std::string(name), in.fixed<double>(), in.fixed<double>(), true};
      auto output = T::decode(in.string());
      if (output.ok() && !in.failed()) {
        times_.push_back(std::move(time));
        return output;
      }
    }
    WINNOW_TRY(T output, unsaved<T>(name, make));
    ByteWriter out;
    out.fixed(times_.back().seconds);
    out.fixed(times_.back().cpu_seconds);
    out.string(output.encode());
    WINNOW_RETURN_IF_ERROR(work_.save(file, out.bytes()));
    return output;
  }

  // A step whose output is quicker made again than kept.
  template <class T>
  Result<T> unsaved(std::string_view name, const std::function<Result<T>()>& make) {
    WINNOW_RETURN_IF_ERROR(announce(name, 0));
    const double seconds = steady_seconds();
    const double cpu = cpu_seconds();
    WINNOW_TRY(T output, make());
    times_.push_back({std::string(name), steady_seconds() - seconds, cpu_seconds() - cpu, false});
    WINNOW_RETURN_IF_ERROR(announce(name, 1));
    return output;
  }

  // Training's progress as this job's.
  TrainProgress within(std::string_view name) const {
    return [this, name](std::size_t done, std::size_t total) {
      return !progress_ || progress_(name, done, total);
    };
  }

  const std::vector<StepTime>& times() const { return times_; }

 private:
  Status announce(std::string_view name, std::size_t done) const {
    if (!progress_ || progress_(name, done, 1)) return {};
    return Error{ErrorCode::unavailable,
                 "stopped at step \"" + std::string(name) + "\": run it again and it goes on from there"};
  }

  const WorkFolder& work_;
  const JobProgress& progress_;
  std::vector<StepTime> times_;
};

}  // namespace winnow
