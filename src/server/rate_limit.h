// RateLimit: a token bucket for each caller. A bucket holds one second's worth of requests (at least one),
// fills evenly, and a request takes one token or is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"
#include "base/mutex.h"

namespace winnow {

class RateLimit final {
 public:
  explicit RateLimit(double requests_per_second) : rate_(requests_per_second) {}

  bool enabled() const { return rate_ > 0; }

  // Nothing when the request may pass; otherwise the whole seconds after which one may. Thread-safe.
  std::optional<int> refuse(std::string_view caller, double now_s);

 private:
  struct Bucket {
    double tokens = 0;
    double updated_s = 0;
  };
  static constexpr std::size_t kMaxBuckets = 10'000;

  double capacity() const { return rate_ < 1 ? 1 : rate_; }
  void forget_full_ones(double now_s) WINNOW_REQUIRES(mutex_);

  double rate_;
  Mutex mutex_;
  std::unordered_map<std::string, Bucket, StringHash, std::equal_to<>> buckets_ WINNOW_GUARDED_BY(mutex_);
};

}  // namespace winnow
