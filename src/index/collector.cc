#include "index/collector.h"

#include <algorithm>
#include <functional>

namespace winnow {

Collector::Collector(std::size_t keep)
    : keep_(keep),
      capacity_(std::max(3 * keep, keep + 256)),
      scores_(new std::int32_t[capacity_ + kSlack]),
      positions_(new std::uint32_t[capacity_ + kSlack]),
      keys_(new std::uint64_t[capacity_ + kSlack]) {}

void Collector::make_keys() {
  for (std::size_t i = 0; i < size_; ++i) {
    const std::uint32_t score = static_cast<std::uint32_t>(scores_[i]) ^ 0x80000000u;
    keys_[i] = (std::uint64_t{score} << 32) | (~positions_[i]);
  }
}

void Collector::take_from_keys(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    scores_[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(keys_[i] >> 32) ^ 0x80000000u);
    positions_[i] = ~static_cast<std::uint32_t>(keys_[i]);
  }
  size_ = count;
}

void Collector::cut() {
  if (size_ <= keep_) return;
  make_keys();
  std::uint64_t* const begin = keys_.get();
  std::nth_element(begin, begin + (keep_ - 1), begin + size_, std::greater<>());
  take_from_keys(keep_);
  threshold_ = scores_[keep_ - 1];
}

std::span<const std::uint32_t> Collector::finish() {
  cut();
  return {positions_.get(), size_};
}

std::span<const std::uint32_t> Collector::finish_sorted() {
  cut();
  make_keys();
  std::sort(keys_.get(), keys_.get() + size_, std::greater<>());
  take_from_keys(size_);
  return {positions_.get(), size_};
}

}  // namespace winnow
