// A model's opinion of every item, for one history.
#pragma once

#include <span>
#include <vector>

#include "models/scoring_model.h"

namespace winnow {

inline std::vector<float> scores_of(const ScoringModel& model, const std::vector<HistoryEntry>& history) {
  std::vector<float> scores(model.items());
  const std::span<const HistoryEntry> whose(history);
  model.score_all(std::span(&whose, 1), scores);
  return scores;
}

}  // namespace winnow
