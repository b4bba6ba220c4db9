// SourcePace: how long a source takes, from what it took lately.
#pragma once

#include <atomic>

namespace winnow {

class SourcePace final {
 public:
  // A rise counts at once and fades within some twenty runs: a source that was slow is not trusted too soon.
  void record(double us) {
    const double now = us_.load(std::memory_order_relaxed);
    us_.store(us > now ? us : now + (us - now) * kWeight, std::memory_order_relaxed);
  }
  // Microseconds; 0 before the first run. Thread-safe: of two at once one may get lost.
  double us() const { return us_.load(std::memory_order_relaxed); }

 private:
  static constexpr double kWeight = 0.1;
  std::atomic<double> us_{0};
};

}  // namespace winnow
