// Vectors that were upserted since the lists were packed, chained to the list that each belongs to.
//
// One writer appends, any number of readers walk the chains at the same time without a lock: a slot is filled
// first, then released by the store that puts it at the head of its list, and never changes again except for
// its `live` flag. So a search pays for the few fresh items of the lists it reads anyway.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "index/exact_scores.h"
#include "math/aligned.h"

namespace winnow {

class FreshSegment final {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFu;

  FreshSegment(std::uint32_t capacity, std::uint32_t lists, std::uint32_t dims, std::uint32_t code_bytes)
      : capacity_(capacity),
        dims_(dims),
        code_bytes_(code_bytes),
        heads_(lists),
        live_(capacity),
        rows_(capacity),
        next_(capacity) {
    for (auto& head : heads_) head.store(kNone, std::memory_order_relaxed);
    vectors_.resize(std::size_t{capacity} * dims);
    codes_.resize(std::size_t{capacity} * code_bytes);
  }

  // The writer's side.
  std::uint32_t capacity() const { return capacity_; }
  // size() < capacity(). Returns the slot.
  std::uint32_t append(std::uint32_t row, std::uint32_t list, std::span<const float> vector,
                       std::span<const std::uint8_t> code) {
    const std::uint32_t slot = size_.load(std::memory_order_relaxed);
    std::copy(vector.begin(), vector.end(),
              vectors_.begin() + static_cast<std::ptrdiff_t>(std::size_t{slot} * dims_));
    std::copy(code.begin(), code.end(),
              codes_.begin() + static_cast<std::ptrdiff_t>(std::size_t{slot} * code_bytes_));
    const float length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0f));
    longest_.store(std::max(longest_.load(std::memory_order_relaxed), length), std::memory_order_relaxed);
    rows_[slot] = row;
    next_[slot] = heads_[list].load(std::memory_order_relaxed);
    live_[slot].store(true, std::memory_order_relaxed);
    heads_[list].store(slot, std::memory_order_release);
    size_.store(slot + 1, std::memory_order_release);
    return slot;
  }
  void erase(std::uint32_t slot) { live_[slot].store(false, std::memory_order_release); }

  // The readers' side: slots below a size() seen, or reached through a head.
  std::uint32_t size() const { return size_.load(std::memory_order_acquire); }
  std::uint32_t head(std::uint32_t list) const { return heads_[list].load(std::memory_order_acquire); }
  std::uint32_t next(std::uint32_t slot) const { return next_[slot]; }
  // No vector that a reader of heads has seen is longer.
  float longest() const { return longest_.load(std::memory_order_relaxed); }
  bool live(std::uint32_t slot) const { return live_[slot].load(std::memory_order_acquire); }
  std::uint32_t row(std::uint32_t slot) const { return rows_[slot]; }
  const std::uint8_t* code(std::uint32_t slot) const {
    return codes_.data() + std::size_t{slot} * code_bytes_;
  }
  // By slot instead of by row.
  StoredVectors vectors() const { return {vectors_.data(), dims_, capacity_, nullptr}; }

 private:
  std::uint32_t capacity_;
  std::uint32_t dims_;
  std::uint32_t code_bytes_;
  std::atomic<std::uint32_t> size_ = 0;
  std::atomic<float> longest_ = 0;
  std::vector<std::atomic<std::uint32_t>> heads_;
  std::vector<std::atomic<bool>> live_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint32_t> next_;
  AlignedFloats vectors_;
  std::vector<std::uint8_t, CacheAligned<std::uint8_t>> codes_;
};

}  // namespace winnow
