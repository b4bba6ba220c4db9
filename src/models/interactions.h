// Training data: which user had to do with which item, how strongly, and when. Compressed sparse rows by
// user.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/result.h"
#include "domain/event.h"
#include "math/scored_row.h"

namespace winnow {

struct Interactions {
  std::uint32_t users = 0;
  std::uint32_t items = 0;
  std::vector<std::uint64_t> offsets{0};  // users + 1; row u is [offsets[u], offsets[u + 1])
  std::vector<std::uint32_t> item;        // nnz, ascending within a row, each at most once a row
  std::vector<float> weight;              // nnz, > 0: strength of the positive signal, decay included
  std::vector<TimestampMs> time_ms;       // nnz, newest event of the pair; 0 when unknown
  std::vector<Action> action;             // nnz, that event; empty when unknown

  std::size_t size() const { return item.size(); }
  std::span<const std::uint32_t> items_of(std::uint32_t user) const {
    return std::span(item).subspan(offsets[user], offsets[user + 1] - offsets[user]);
  }
  std::span<const float> weights_of(std::uint32_t user) const {
    return std::span(weight).subspan(offsets[user], offsets[user + 1] - offsets[user]);
  }

  std::span<const TimestampMs> times_of(std::uint32_t user) const {
    return std::span(time_ms).subspan(offsets[user], offsets[user + 1] - offsets[user]);
  }

  // The same data by item: rows are items, `item` holds users; without actions. O(nnz).
  Interactions transposed() const;
};

// One user's history as models see it at request time: rows of the model's own vocabulary, positives only.
struct HistoryEntry {
  std::uint32_t item = 0;
  float weight = 1;
  TimestampMs time_ms = 0;
};

// Whether training can start on this data: some interactions, and an offset for every user.
Status check_trainable(const Interactions& data);

// Called during training with the work done so far and in all; returns false to stop early.
using TrainProgress = std::function<bool(std::size_t done, std::size_t total)>;

}  // namespace winnow
