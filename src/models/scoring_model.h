// ScoringModel: a trained model by the one thing that evaluation and blending need of it: its opinion of
// every item, given what a user did before.
//
// A model holds no user: whoever is asked about comes as a history, so the newest event counts and an unknown
// user needs no special case. All models of one evaluation share the rows of its vocabulary.
#pragma once

#include <cstdint>
#include <span>

#include "models/interactions.h"

namespace winnow {

class ScoringModel {
 public:
  virtual ~ScoringModel() = default;

  // Rows of the vocabulary.
  virtual std::uint32_t items() const = 0;

  // The opinion of every item for a block of users: scores is histories.size() x items(), row-major, and is
  // overwritten; finite, higher is better, comparable within a row only. A history holds positives of one
  // user, each item once, in order of row; time_ms carries their order in time. Thread-safe.
  virtual void score_all(std::span<const std::span<const HistoryEntry>> histories,
                         std::span<float> scores) const = 0;

  // Whether a score of exactly zero says nothing, so that the item is not recommended.
  virtual bool zero_is_no_evidence() const { return false; }

 protected:
  ScoringModel() = default;
  ScoringModel(const ScoringModel&) = default;
  ScoringModel& operator=(const ScoringModel&) = default;
};

}  // namespace winnow
