#include "index/collector.h"

#include <algorithm>
#include <array>
#include <bit>
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

Collector::Steps Collector::steps_around(std::size_t rank) const {
  const auto [least, most] = std::ranges::minmax(std::span(scores_.get(), size_));
  Steps steps{.least = least};
  const auto range = static_cast<std::uint32_t>(most) - static_cast<std::uint32_t>(least);
  const auto bits = static_cast<unsigned>(std::bit_width(range));
  steps.shift = bits > kStepBits ? bits - kStepBits : 0;
  std::array<std::uint32_t, kSteps> counts{};
  for (std::size_t i = 0; i < size_; ++i) ++counts[steps.of(scores_[i])];
  steps.step = kSteps;
  std::size_t down_to_it = 0;
  while (down_to_it < rank) down_to_it += counts[--steps.step];
  steps.above = down_to_it - counts[steps.step];
  return steps;
}

std::size_t Collector::split(const Steps& steps, std::uint32_t lowest) {
  std::size_t above = 0;
  std::size_t keys = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    const std::int32_t score = scores_[i];
    const std::uint32_t position = positions_[i];
    const std::uint32_t step = steps.of(score);
    scores_[above] = score;
    positions_[above] = position;
    keys_[keys] = key_of(score, position);
    above += step > steps.step ? 1 : 0;
    keys += step <= steps.step && step >= lowest ? 1 : 0;
  }
  size_ = above;
  return keys;
}

void Collector::cut() {
  if (size_ <= keep_) return;
  const Steps steps = steps_around(keep_);
  const std::size_t keys = split(steps, margin_ == 0 ? steps.step : 0);
  std::uint64_t* const begin = keys_.get();
  std::uint64_t* const kept = begin + (keep_ - steps.above);
  std::nth_element(begin, kept - 1, begin + keys, std::greater<>());
  const std::int64_t floor = std::int64_t{score_of(kept[-1])} - margin_;
  threshold_ =
      static_cast<std::int32_t>(std::max<std::int64_t>(floor, std::numeric_limits<std::int32_t>::min()));
  std::uint64_t* const end = margin_ == 0 ? kept : std::partition(kept, begin + keys, [&](std::uint64_t key) {
    return score_of(key) > threshold_;
  });
  for (const std::uint64_t* key = begin; key != end; ++key) {
    push(score_of(*key), ~static_cast<std::uint32_t>(*key));
  }
  // So that the next cut comes after a share of new ones.
  if (size_ > capacity_ / 2) reserve(2 * capacity_);
}

std::int32_t Collector::score_at_rank(std::size_t rank) {
  const Steps steps = steps_around(rank);
  std::size_t keys = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    keys_[keys] = key_of(scores_[i], positions_[i]);
    keys += steps.of(scores_[i]) == steps.step ? 1 : 0;
  }
  std::uint64_t* const found = keys_.get() + (rank - steps.above - 1);
  std::nth_element(keys_.get(), found, keys_.get() + keys, std::greater<>());
  return score_of(*found);
}

std::span<const std::uint32_t> Collector::finish() {
  cut();
  return {positions_.get(), size_};
}

}  // namespace winnow
