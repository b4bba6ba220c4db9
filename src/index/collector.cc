#include "index/collector.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
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

// Divides the range of the scores into steps and counts them: that takes a part of the time of an exact cut.
std::int32_t Collector::floor_of_best() const {
  constexpr unsigned kStepBits = 9;
  std::int32_t least = scores_[0];
  std::int32_t most = scores_[0];
  for (std::size_t i = 0; i < size_; ++i) {
    least = std::min(least, scores_[i]);
    most = std::max(most, scores_[i]);
  }
  // Without a sign, since scores may lie further apart than their type reaches.
  const auto height = [least](std::int32_t score) {
    return static_cast<std::uint32_t>(score) - static_cast<std::uint32_t>(least);
  };
  const auto bits = static_cast<unsigned>(std::bit_width(height(most)));
  const unsigned shift = bits > kStepBits ? bits - kStepBits : 0;
  std::array<std::uint32_t, std::size_t{1} << kStepBits> counts{};
  for (std::size_t i = 0; i < size_; ++i) ++counts[height(scores_[i]) >> shift];
  std::uint32_t step = height(most) >> shift;
  for (std::size_t above = counts[step]; above < keep_; above += counts[step]) --step;
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(least) + (step << shift));
}

void Collector::raise_threshold(std::int64_t score) {
  threshold_ = static_cast<std::int32_t>(
      std::max<std::int64_t>(score - margin_, std::numeric_limits<std::int32_t>::min()));
}

void Collector::cut() {
  if (size_ <= keep_) return;
  raise_threshold(std::int64_t{floor_of_best()} - 1);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    const std::int32_t score = scores_[i];
    scores_[kept] = score;
    positions_[kept] = positions_[i];
    kept += score > threshold_ ? 1 : 0;
  }
  size_ = kept;
  // Where scores are the same, or within the margin.
  if (size_ > capacity_ / 2) cut_exactly();
  // So that the next cut comes after a share of new ones.
  if (size_ > capacity_ / 2) reserve(2 * capacity_);
}

void Collector::cut_exactly() {
  if (size_ <= keep_) return;
  const std::uint64_t worst = key_at_rank(keep_);
  raise_threshold(integer_score_of(worst));
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
}

std::int32_t Collector::score_at_rank(std::size_t rank) { return integer_score_of(key_at_rank(rank)); }

std::span<const std::uint32_t> Collector::finish() {
  cut_exactly();
  return {positions_.get(), size_};
}

}  // namespace winnow
