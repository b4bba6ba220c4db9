#include "index/collector.h"

#include <algorithm>
#include <utility>

#include "math/score_keys.h"

namespace winnow {

Collector::Collector(std::size_t keep, std::int32_t margin) : keep_(keep), margin_(margin) {
  reserve(std::max(3 * keep, keep + 256));
}

void Collector::reserve(std::size_t capacity) {
  std::unique_ptr<std::int32_t[]> scores(new std::int32_t[capacity + kSlack]);
  std::unique_ptr<std::uint32_t[]> positions(new std::uint32_t[capacity + kSlack]);
  std::copy_n(scores_.get(), size_, scores.get());
  std::copy_n(positions_.get(), size_, positions.get());
  scores_ = std::move(scores);
  positions_ = std::move(positions);
  keys_.reset(new std::uint64_t[capacity + kSlack]);
  capacity_ = capacity;
}

std::uint64_t Collector::key_at_rank(std::size_t rank) {
  for (std::size_t i = 0; i < size_; ++i) keys_[i] = score_key(scores_[i], positions_[i]);
  return kth_biggest({keys_.get(), size_}, rank);
}

void Collector::cut() {
  if (size_ <= keep_) return;
  const std::uint64_t worst = key_at_rank(keep_);
  const std::int64_t floor = std::int64_t{integer_score_of(worst)} - margin_;
  threshold_ =
      static_cast<std::int32_t>(std::max<std::int64_t>(floor, std::numeric_limits<std::int32_t>::min()));
  std::size_t kept = 0;
  const auto sort_out = [&](std::size_t i, bool wanted) {
    std::swap(scores_[kept], scores_[i]);
    std::swap(positions_[kept], positions_[i]);
    kept += wanted ? 1 : 0;
  };
  for (std::size_t i = 0; i < size_; ++i) sort_out(i, keys_[i] >= worst);
  if (margin_ > 0) {
    for (std::size_t i = kept; i < size_; ++i) sort_out(i, scores_[i] > threshold_);
  }
  size_ = kept;
  // So that the next cut comes after a share of new ones.
  if (size_ > capacity_ / 2) reserve(2 * capacity_);
}

std::int32_t Collector::score_at_rank(std::size_t rank) { return integer_score_of(key_at_rank(rank)); }

std::span<const std::uint32_t> Collector::finish() {
  cut();
  return {positions_.get(), size_};
}

}  // namespace winnow
