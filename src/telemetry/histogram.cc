#include "telemetry/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace winnow {
namespace {

constexpr std::uint64_t kMaxNs = (std::uint64_t{1} << HistogramBuckets::kMaxBits) - 1;
constexpr std::uint64_t kSub = std::uint64_t{1} << HistogramBuckets::kSubBits;

std::uint64_t to_ns(double seconds) {
  if (!(seconds > 0)) return 0;  // NaN too
  return seconds >= static_cast<double>(kMaxNs) * 1e-9 ? kMaxNs : static_cast<std::uint64_t>(seconds * 1e9);
}

// Where the bucket begins, and how wide it is, in nanoseconds.
struct Span {
  std::uint64_t begin;
  std::uint64_t width;
};

Span span_of(std::size_t bucket) {
  if (bucket < kSub) return {bucket, 1};
  const std::size_t octave = (bucket >> HistogramBuckets::kSubBits) - 1;
  return {(kSub + (bucket & (kSub - 1))) << octave, std::uint64_t{1} << octave};
}

}  // namespace

// The first kSub buckets are 1 ns wide; each further group of kSub covers one power of two.
std::size_t HistogramBuckets::bucket_of(std::uint64_t ns) {
  ns = std::min(ns, kMaxNs);
  if (ns < kSub) return ns;
  const unsigned octave = static_cast<unsigned>(std::bit_width(ns)) - 1 - kSubBits;
  return (std::size_t{octave + 1} << kSubBits) + ((ns >> octave) & (kSub - 1));
}

double HistogramBuckets::middle_s(std::size_t bucket) {
  const Span span = span_of(bucket);
  return (static_cast<double>(span.begin) + static_cast<double>(span.width - 1) / 2) * 1e-9;
}

double HistogramBuckets::upper_edge_s(std::size_t bucket) {
  const Span span = span_of(bucket);
  return static_cast<double>(span.begin + span.width) * 1e-9;
}

void HistogramSnapshot::add(double seconds) {
  const std::uint64_t ns = to_ns(seconds);
  const double clamped_s = static_cast<double>(ns) * 1e-9;
  ++counts_[HistogramBuckets::bucket_of(ns)];
  ++count_;
  sum_s_ += clamped_s;
  max_s_ = std::max(max_s_, clamped_s);
}

void HistogramSnapshot::merge(const HistogramSnapshot& other) {
  if (other.count_ == 0) return;
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_s_ += other.sum_s_;
  max_s_ = std::max(max_s_, other.max_s_);
}

void HistogramSnapshot::clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  count_ = 0;
  sum_s_ = max_s_ = 0;
}

double HistogramSnapshot::quantile_s(double q) const {
  if (count_ == 0) return 0;
  const auto rank = static_cast<std::uint64_t>(
      std::clamp(std::ceil(q * static_cast<double>(count_)), 1.0, static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::min(HistogramBuckets::middle_s(i), max_s_);
  }
  return max_s_;
}

std::uint64_t HistogramSnapshot::count_below(double seconds) const {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < counts_.size() && HistogramBuckets::upper_edge_s(i) <= seconds; ++i) {
    below += counts_[i];
  }
  return below;
}

void LatencyHistogram::record_s(double seconds) {
  const std::uint64_t ns = to_ns(seconds);
  counts_[HistogramBuckets::bucket_of(ns)].fetch_add(1, std::memory_order_relaxed);
  sum_ns_.fetch_add(ns, std::memory_order_relaxed);
  std::uint64_t max = max_ns_.load(std::memory_order_relaxed);
  while (ns > max && !max_ns_.compare_exchange_weak(max, ns, std::memory_order_relaxed)) {
  }
}

HistogramSnapshot LatencyHistogram::snapshot() const {
  HistogramSnapshot out;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    out.counts_[i] = counts_[i].load(std::memory_order_relaxed);
    out.count_ += out.counts_[i];
  }
  out.sum_s_ = static_cast<double>(sum_ns_.load(std::memory_order_relaxed)) / 1e9;
  out.max_s_ = static_cast<double>(max_ns_.load(std::memory_order_relaxed)) / 1e9;
  return out;
}

}  // namespace winnow
