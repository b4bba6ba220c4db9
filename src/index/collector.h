// Keeps the best of a stream of integer scores, cheaply: what beats the threshold is appended to a buffer,
// and when the buffer is full it is cut down to the best `keep`, whose worst becomes the threshold. The scan
// kernels append to it directly. Equal scores: the lower position wins within a cut; one that comes after the
// cut does not displace it.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>

namespace winnow {

class Collector final {
 public:
  // What a kernel may append between two looks at full().
  static constexpr std::size_t kSlack = 16;

  // keep >= 1.
  explicit Collector(std::size_t keep);

  std::int32_t threshold() const { return threshold_; }
  bool full() const { return size_ >= capacity_; }
  void push(std::int32_t score, std::uint32_t position) {
    scores_[size_] = score;
    positions_[size_] = position;
    ++size_;
  }
  // For vector stores of up to kSlack elements, of which `count` are kept.
  std::int32_t* score_end() { return scores_.get() + size_; }
  std::uint32_t* position_end() { return positions_.get() + size_; }
  void grow(std::size_t count) { size_ += count; }

  // Cuts down to the best `keep` and raises the threshold. O(capacity).
  void cut();

  // The best, at most `keep`: in no order, or best first; then score(i) is the score of the i-th. The span
  // lives until the next push.
  std::span<const std::uint32_t> finish();
  std::span<const std::uint32_t> finish_sorted();
  std::int32_t score(std::size_t i) const { return scores_[i]; }

 private:
  // Bigger keys are better: score first, then the lower position.
  void make_keys();
  void take_from_keys(std::size_t count);

  std::size_t keep_;
  std::size_t capacity_;
  std::size_t size_ = 0;
  std::int32_t threshold_ = std::numeric_limits<std::int32_t>::min();
  std::unique_ptr<std::int32_t[]> scores_;
  std::unique_ptr<std::uint32_t[]> positions_;
  std::unique_ptr<std::uint64_t[]> keys_;
};

}  // namespace winnow
