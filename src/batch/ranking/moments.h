// Moments of the past, as rankers learn from them: a user, the candidates that a request would have had, and
// their features as of then.
//
// What is known at a moment are the events that were replayed before it, through the code that the speed
// layer runs. What came of the candidates are the user's later events.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batch/evaluate/split.h"
#include "batch/ranking/trait_columns.h"
#include "features/apply_event.h"
#include "features/feature_schema.h"
#include "features/item_statistics.h"
#include "features/user_state.h"
#include "models/blend/candidates.h"
#include "models/ranking/ranking_set.h"

namespace winnow {

// What the stream would know after these events. Events come in order of time.
class ReplayedState final {
 public:
  // traits outlives the value. users: of whom states are kept.
  ReplayedState(const TraitColumns& traits, std::uint32_t users);
  void apply(std::span<const TimedInteraction> events);

  const UserState& user(std::uint32_t row) const { return users_[row]; }
  PastItem look(ItemIndex item) const { return {traits_.of(row(item)), statistics_.activity(item)}; }

 private:
  const TraitColumns& traits_;
  std::vector<UserState> users_;
  ItemStatistics statistics_{ItemStatisticsOptions{}};
};

// The candidates of one user at one moment.
struct RankingMoment {
  std::uint32_t user = 0;
  TimestampMs now_ms = 0;
  const BlendCandidates& candidates;
  std::span<const std::string> sources;  // names of the candidates' opinions
  std::span<const float> blend;          // of the candidates
};

// Candidates x features, row-major; rows: which of the candidates.
std::vector<float> moment_features(const ReplayedState& state, const RankingMoment& moment,
                                   std::span<const std::uint32_t> rows, const FeatureList& features);

// What came of items, one user's: the heads of implicit data.
inline constexpr std::array<std::string_view, 3> kOutcomes = {"click", "like", "dislike"};
struct LaterEvents {
  std::span<const TimedInteraction> events;  // one user's, by time
  // By outcome: 1 where some event about the item says so.
  std::array<float, kOutcomes.size()> outcomes_of(std::uint32_t item) const;
};

}  // namespace winnow
