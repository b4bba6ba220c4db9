#include "batch/ranking/moments.h"

#include "features/feature_rows.h"

namespace winnow {

ReplayedState::ReplayedState(const TraitColumns& traits, std::uint32_t users)
    : traits_(traits), users_(users) {}

void ReplayedState::apply(std::span<const TimedInteraction> events) {
  for (const TimedInteraction& event : events) {
    const ItemIndex item{event.item};
    if (event.user < users_.size()) {
      apply_event(users_[event.user],
                  {.item = item,
                   .traits = traits_.of(event.item),
                   .action = event.action,
                   .signal = event.signal,
                   .weight = event.evidence,
                   .time_ms = event.time_ms,
                   .received_ms = event.time_ms,
                   .session = 0},
                  {});
    }
    statistics_.add({.item = item,
                     .action = event.action,
                     .signal = event.signal,
                     .weight = event.evidence,
                     .time_ms = event.time_ms});
  }
}

std::vector<float> moment_features(const ReplayedState& state, const RankingMoment& moment,
                                   std::span<const std::uint32_t> rows, const FeatureList& features) {
  const UserState& user = state.user(moment.user);
  std::vector<ItemIndex> items;
  for (const std::uint32_t item : moment.candidates.items) items.push_back(ItemIndex{item});
  const FeatureRows looked =
      feature_rows(user.history, items, [&](ItemIndex item) { return state.look(item); });
  std::vector<SourceOpinion> opinions;
  for (std::size_t s = 0; s < moment.sources.size(); ++s)
    opinions.push_back({moment.sources[s], moment.candidates.opinions[s]});
  FeatureInputs inputs;
  inputs.state = &user;
  inputs.history = user.history;
  inputs.past = looked.past;
  inputs.follows = user.follows;
  inputs.now_ms = moment.now_ms;
  inputs.surface = "home";
  inputs.items = items;
  inputs.traits = looked.traits;
  inputs.activity = looked.activity;
  inputs.sources = opinions;
  inputs.blend = moment.blend;
  std::vector<float> out(rows.size() * features.size());
  compute_features(FeatureFrame(inputs), features, rows, out);
  return out;
}

std::array<float, kOutcomes.size()> LaterEvents::outcomes_of(std::uint32_t item) const {
  std::array<float, kOutcomes.size()> out{};
  for (const TimedInteraction& event : events) {
    if (event.item != item) continue;
    out[0] = 1;
    if (event.signal == Signal::positive) out[1] = 1;
    if (event.signal == Signal::negative) out[2] = 1;
  }
  return out;
}

}  // namespace winnow
