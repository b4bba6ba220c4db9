#include "batch/ranking/moments.h"

#include <utility>

namespace winnow {

ReplayedState::ReplayedState(const TraitColumns& traits, std::vector<bool> users,
                             const ReplayOptions& options)
    : traits_(traits), wanted_(std::move(users)), options_(options.user), statistics_(options.items) {}

void ReplayedState::apply(const TimedInteraction& event) {
  const ItemIndex item{event.item};
  if (event.user < wanted_.size() && wanted_[event.user]) {
    apply_event(users_[event.user],
                {.item = item,
                 .traits = traits_.of(event.item),
                 .action = event.action,
                 .signal = event.signal,
                 .weight = event.evidence,
                 .time_ms = event.time_ms,
                 .received_ms = event.time_ms,
                 .session = 0},
                options_);
  }
  statistics_.add({.item = item,
                   .action = event.action,
                   .signal = event.signal,
                   .weight = event.evidence,
                   .time_ms = event.time_ms});
}

const UserState& ReplayedState::user(std::uint32_t row) const {
  static const UserState kUnknown;
  const auto found = users_.find(row);
  return found == users_.end() ? kUnknown : found->second;
}

std::vector<bool> judged_rows(const EvaluationSplit& split) {
  std::vector<bool> out(split.test.size());
  for (std::size_t user = 0; user < out.size(); ++user) out[user] = !split.test[user].empty();
  return out;
}

Past Past::of(const DividedEvents& events, const EvaluationSplit& split, const TraitColumns& traits,
              const ReplayOptions& options) {
  const std::vector<bool> judged = judged_rows(split);
  Past past{ReplayedState(traits, judged, options), {}};
  for (const TimedInteraction& event : events.known) past.state.apply(event);
  for (const TimedInteraction& event : events.later) {
    if (judged[event.user]) past.later[event.user].push_back(event);
  }
  return past;
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
