#include "batch/ranking/moments.h"

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

MomentFrame::MomentFrame(const ReplayedState& state, const RankingMoment& moment) {
  const UserState& user = state.user(moment.user);
  for (const std::uint32_t item : moment.candidates.items) items_.push_back(ItemIndex{item});
  looked_ = feature_rows(user.history, std::span<const ItemIndex>(items_),
                         [&](ItemIndex item) { return state.look(item); });
  for (std::size_t s = 0; s < moment.sources.size(); ++s)
    opinions_.push_back({moment.sources[s], moment.candidates.opinions[s]});
  FeatureInputs inputs;
  inputs.state = &user;
  inputs.history = user.history;
  inputs.past = looked_.past;
  inputs.follows = user.follows;
  inputs.now_ms = moment.now_ms;
  inputs.surface = "home";
  inputs.items = items_;
  inputs.traits = looked_.traits;
  inputs.activity = looked_.activity;
  inputs.sources = opinions_;
  inputs.blend = moment.blend;
  frame_.emplace(inputs);
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
