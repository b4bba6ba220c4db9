// Keeps the best of a stream of integer scores, cheaply: what beats the threshold is appended to a buffer,
// and when the buffer is full it is cut down to about the best `keep`, and the threshold raised to what the
// worst of them beats. At the end they are cut exactly. With a margin, what scores at most that much less
// than the worst of the best is kept as well, however many these are. The scan kernels append to it directly.
// Equal scores: the lower position wins within an exact cut, which comes early only where very many scores
// are equal or within the margin; one that comes after it does not displace it.
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

  // keep >= 1, margin >= 0.
  explicit Collector(std::size_t keep, std::int32_t margin = 0);

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

  // Cuts down to little more than the best `keep` and what is within the margin, and raises the threshold.
  // O(capacity).
  void cut();

  std::size_t size() const { return size_; }
  // The rank-th best score, 1 being the best. 1 <= rank <= size(). O(size).
  std::int32_t score_at_rank(std::size_t rank);

  // What was kept: the best `keep` in no order, then those within the margin. Then score(i) is the score of
  // the i-th. The span lives until the next push.
  std::span<const std::uint32_t> finish();
  std::int32_t score(std::size_t i) const { return scores_[i]; }

 private:
  std::uint64_t key_at_rank(std::size_t rank);  // makes all keys
  // A score that the best `keep` reach, and few others. size_ >= keep_.
  std::int32_t floor_of_best() const;
  void raise_threshold(std::int64_t score);  // to this less the margin
  void cut_exactly();
  void reserve(std::size_t capacity);

  std::size_t keep_;
  std::int32_t margin_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
  std::int32_t threshold_ = std::numeric_limits<std::int32_t>::min();
  std::unique_ptr<std::int32_t[]> scores_;
  std::unique_ptr<std::uint32_t[]> positions_;
  std::unique_ptr<std::uint64_t[]> keys_;
};

}  // namespace winnow
