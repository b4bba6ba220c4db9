#include "server/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace winnow {

std::optional<int> RateLimit::refuse(std::string_view caller, double now_s) {
  if (!enabled()) return std::nullopt;
  MutexLock lock(mutex_);
  auto found = buckets_.find(caller);
  if (found == buckets_.end()) {
    if (buckets_.size() >= kMaxBuckets) forget_full_ones(now_s);
    found = buckets_.emplace(std::string(caller), Bucket{capacity(), now_s}).first;
  }
  Bucket& bucket = found->second;
  bucket.tokens = std::min(capacity(), bucket.tokens + std::max(0.0, now_s - bucket.updated_s) * rate_);
  bucket.updated_s = now_s;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  return static_cast<int>(std::min(3600.0, std::ceil((1 - bucket.tokens) / rate_)));
}

// A bucket that would be full by now says nothing. When all are in use, all are forgotten: memory is bounded.
void RateLimit::forget_full_ones(double now_s) {
  std::erase_if(buckets_, [&](const auto& entry) {
    return entry.second.tokens + (now_s - entry.second.updated_s) * rate_ >= capacity();
  });
  if (buckets_.size() >= kMaxBuckets) buckets_.clear();
}

}  // namespace winnow
