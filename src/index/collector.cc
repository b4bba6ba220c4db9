#include "index/collector.h"

#include <algorithm>
#include <functional>

namespace winnow {

namespace {

std::uint64_t key_of(std::int32_t score, std::uint32_t position) {
  return (std::uint64_t{static_cast<std::uint32_t>(score) ^ 0x80000000u} << 32) | (~position);
}
std::int32_t score_of(std::uint64_t key) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(key >> 32) ^ 0x80000000u);
}

}  // namespace

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

void Collector::make_keys() {
  for (std::size_t i = 0; i < size_; ++i) keys_[i] = key_of(scores_[i], positions_[i]);
}

void Collector::take_from_keys(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    scores_[i] = score_of(keys_[i]);
    positions_[i] = ~static_cast<std::uint32_t>(keys_[i]);
  }
  size_ = count;
}

void Collector::cut() {
  if (size_ <= keep_) return;
  make_keys();
  std::uint64_t* const begin = keys_.get();
  std::uint64_t* const kept = begin + keep_;
  std::nth_element(begin, kept - 1, begin + size_, std::greater<>());
  const std::int64_t floor = std::int64_t{score_of(kept[-1])} - margin_;
  threshold_ =
      static_cast<std::int32_t>(std::max<std::int64_t>(floor, std::numeric_limits<std::int32_t>::min()));
  std::uint64_t* const end =
      margin_ == 0 ? kept : std::partition(kept, begin + size_, [&](std::uint64_t key) {
        return score_of(key) > threshold_;
      });
  take_from_keys(static_cast<std::size_t>(end - begin));
  // So that the next cut comes after a share of new ones.
  if (size_ > capacity_ / 2) reserve(2 * capacity_);
}

std::int32_t Collector::score_at_rank(std::size_t rank) {
  make_keys();
  std::nth_element(keys_.get(), keys_.get() + (rank - 1), keys_.get() + size_, std::greater<>());
  return score_of(keys_[rank - 1]);
}

std::span<const std::uint32_t> Collector::finish() {
  cut();
  return {positions_.get(), size_};
}

}  // namespace winnow
