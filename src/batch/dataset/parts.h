// Three parts of the training data, cut by time: fit the models, choose the blend, judge the result.
//
//     fit          before the first cut: what the judged models are trained on
//     validation   between the cuts: what the blend's weights are learned on
//     test         after the second cut: what everything is judged on, once
//
// A user's history while the test part is predicted is `known`, fit and validation together, as it would be
// in serving.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "batch/dataset/dataset.h"
#include "models/interactions.h"

namespace winnow {

struct PartOptions {
  double validation_share = 0.1;  // of the pairs, by time
  double test_share = 0.1;
  std::size_t min_users = 200;  // fewer users to judge by: each user's own last pairs are held out instead
};

// What is to be predicted: rows of users who have a history before it, with the items they liked.
struct HeldOut {
  std::vector<std::uint32_t> user;        // ascending
  std::vector<std::uint64_t> offsets{0};  // users + 1
  std::vector<std::uint32_t> item;        // ascending within a user
  std::vector<TimestampMs> time_ms;       // as item

  std::size_t users() const { return user.size(); }
  std::span<const std::uint32_t> items_of(std::size_t k) const {
    return std::span(item).subspan(offsets[k], offsets[k + 1] - offsets[k]);
  }
  // Only what happened after `time_ms`; users without any of it go.
  HeldOut after(TimestampMs cut_ms) const;
};

enum class CutKind : std::uint8_t { by_time, by_user };

struct Parts {
  CutKind kind = CutKind::by_time;
  Interactions fit;
  Interactions known;
  HeldOut validation;  // users with a history in fit
  HeldOut test;        // users with a history in known
  std::uint64_t test_users_without_history = 0;
};

// By one moment for all users, as in life; where that leaves fewer than min_users to judge by, by each user's
// own last pairs. Only liked pairs are predicted; where nothing is liked (a site of views), all are. The
// parts keep the rows of `data`. O(n log n).
Parts divide(const Dataset& data, const PartOptions& options);

}  // namespace winnow
