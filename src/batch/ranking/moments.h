// Moments of the past, as rankers learn from them: a user, the candidates that a request would have had, and
// their features as of then.
//
// What is known at a moment are the events that were replayed before it, through the code that the speed
// layer runs. What came of the candidates are the user's later events.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "batch/evaluate/split.h"
#include "batch/impressions/state_replay.h"
#include "batch/ranking/trait_columns.h"
#include "features/apply_event.h"
#include "features/feature_rows.h"
#include "features/feature_schema.h"
#include "features/item_statistics.h"
#include "features/user_state.h"
#include "models/blend/candidates.h"
#include "models/ranking/ranking_set.h"

namespace winnow {

// What the stream would know after these events. A user's events come in order of time.
class ReplayedState final {
 public:
  // traits outlives the value. users: of whom states are kept, by row; the others only count. options: those
  // of the speed layer.
  ReplayedState(const TraitColumns& traits, std::vector<bool> users, const ReplayOptions& options);
  void apply(const TimedInteraction& event);

  const UserState& user(std::uint32_t row) const;
  PastItem look(ItemIndex item) const { return {traits_.of(row(item)), statistics_.activity(item)}; }

 private:
  const TraitColumns& traits_;
  std::vector<bool> wanted_;
  std::unordered_map<std::uint32_t, UserState> users_;
  UserStateOptions options_;
  ItemStatistics statistics_;
};

// What was known when users were looked at, and what came of it.
struct Past {
  ReplayedState state;
  // Of the users whose states are kept, by row: their later events, in order of time.
  std::unordered_map<std::uint32_t, std::vector<TimedInteraction>> later;

  // Users with something to predict in the split. traits outlives the value.
  static Past of(const DividedEvents& events, const EvaluationSplit& split, const TraitColumns& traits,
                 const ReplayOptions& options);
};

// Users with something to predict.
std::vector<bool> judged_rows(const EvaluationSplit& split);

// The candidates of one user at one moment.
struct RankingMoment {
  std::uint32_t user = 0;
  TimestampMs now_ms = 0;
  const BlendCandidates& candidates;
  std::span<const std::string> sources;  // names of the candidates' opinions
  std::span<const float> blend;          // of the candidates
};

// The frame of a moment, with what it views.
class MomentFrame final {
 public:
  // state and moment outlive the value.
  MomentFrame(const ReplayedState& state, const RankingMoment& moment);
  MomentFrame(const MomentFrame&) = delete;
  MomentFrame& operator=(const MomentFrame&) = delete;

  const FeatureFrame& frame() const { return *frame_; }

 private:
  std::vector<ItemIndex> items_;
  FeatureRows looked_;
  std::vector<SourceOpinion> opinions_;
  std::optional<FeatureFrame> frame_;
};

// What came of items, one user's: the heads of implicit data.
inline constexpr std::array<std::string_view, 3> kOutcomes = {"click", "like", "dislike"};
struct LaterEvents {
  std::span<const TimedInteraction> events;  // one user's, by time
  // By outcome: 1 where some event about the item says so.
  std::array<float, kOutcomes.size()> outcomes_of(std::uint32_t item) const;
};

}  // namespace winnow
