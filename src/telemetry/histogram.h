// Latency histograms with log-linear buckets, after HdrHistogram (Gil Tene): every power of two of
// nanoseconds is divided into 64 equal buckets, so a quantile is off by at most 1/128 of its value (0.8 %),
// from 64 ns to 137 s.
//
// HistogramSnapshot is the plain value: add, merge, ask for quantiles. LatencyHistogram is its shared form:
// any number of threads record without locks while others take snapshots.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace winnow {

// The layout of the buckets, shared by both forms.
struct HistogramBuckets {
  static constexpr unsigned kSubBits = 6;   // 64 buckets to a power of two
  static constexpr unsigned kMaxBits = 37;  // 2^37 ns = 137 s; longer counts as that
  static constexpr std::size_t kCount = std::size_t{kMaxBits - kSubBits + 1} << kSubBits;

  static std::size_t bucket_of(std::uint64_t ns);
  static double middle_s(std::size_t bucket);
  static double upper_edge_s(std::size_t bucket);  // exclusive
};

class HistogramSnapshot final {
 public:
  HistogramSnapshot() : counts_(HistogramBuckets::kCount) {}

  void add(double seconds);
  void merge(const HistogramSnapshot& other);
  void clear();

  std::uint64_t count() const { return count_; }
  double sum_s() const { return sum_s_; }
  double max_s() const { return max_s_; }
  // The smallest recorded time that a share q in [0, 1] of all does not exceed, within 0.8 %; 0 when empty.
  // O(buckets).
  double quantile_s(double q) const;
  // How many lie in buckets that end at or below `seconds`.
  std::uint64_t count_below(double seconds) const;

 private:
  friend class LatencyHistogram;
  std::vector<std::uint32_t> counts_;
  std::uint64_t count_ = 0;
  double sum_s_ = 0;
  double max_s_ = 0;
};

class LatencyHistogram final {
 public:
  // Negative and non-finite times count as 0. Lock-free: three relaxed additions.
  void record_s(double seconds);
  void record_us(double us) { record_s(us * 1e-6); }

  // Consistent enough: a recording in flight is either counted or not; the count is that of the buckets.
  HistogramSnapshot snapshot() const;

 private:
  std::array<std::atomic<std::uint32_t>, HistogramBuckets::kCount> counts_{};
  std::atomic<std::uint64_t> sum_ns_{0};
  std::atomic<std::uint64_t> max_ns_{0};
};

}  // namespace winnow
