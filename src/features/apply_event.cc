#include "features/apply_event.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

void remember(UserState& state, const ResolvedEvent& event) {
  if (event.weight <= 0 && event.signal == Signal::neutral) return;  // an impression teaches no taste
  const Interaction interaction{event.item,   event.action,  event.signal,
                                event.weight, event.time_ms, event.session};
  const auto after =
      std::upper_bound(state.history.begin(), state.history.end(), event.time_ms,
                       [](TimestampMs t, const Interaction& other) { return t < other.time_ms; });
  state.history.insert(after, interaction);
  if (state.history.size() > UserState::kHistory) state.history.erase(state.history.begin());
}

void mark_seen(UserState& state, const ResolvedEvent& event, const UserStateOptions& options) {
  auto& seen = state.seen;
  auto at = std::lower_bound(seen.begin(), seen.end(), event.item, [](const SeenItem& entry, ItemIndex item) {
    return row(entry.item) < row(item);
  });
  if (at == seen.end() || at->item != event.item) at = seen.insert(at, {event.item, 0, 0});
  at->flags |= seen_flag(event.action, event.signal);
  // The last word counts: who likes what was once disliked, or the other way round, has changed their mind.
  if (event.action == Action::like)
    at->flags &= static_cast<std::uint8_t>(~(SeenItem::disliked | SeenItem::hidden));
  if (event.signal == Signal::negative) at->flags &= static_cast<std::uint8_t>(~SeenItem::liked);
  at->received_ms = std::max(at->received_ms, event.received_ms);
  if (seen.size() <= UserState::kMaxSeen) return;
  // Over the limit: forget what has expired, or else the oldest tenth, so that this costs O(1) per event on
  // average.
  std::vector<TimestampMs> ages;
  ages.reserve(seen.size());
  for (const SeenItem& entry : seen) ages.push_back(entry.received_ms);
  const auto tenth = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 10);
  std::nth_element(ages.begin(), tenth, ages.end());
  const TimestampMs oldest_kept = std::max(*tenth, event.received_ms - options.seen_ttl_ms);
  std::size_t surplus = seen.size() / 10 + 1;
  std::erase_if(seen, [&](const SeenItem& entry) {
    if (entry.received_ms < event.received_ms - options.seen_ttl_ms) return true;
    if (entry.item == event.item || entry.received_ms > oldest_kept || surplus == 0) return false;
    --surplus;
    return true;
  });
}

void count(std::vector<Affinity>& affinities, NameKey key, const ResolvedEvent& event,
           const UserStateOptions& options) {
  auto at = std::lower_bound(affinities.begin(), affinities.end(), key,
                             [](const Affinity& entry, NameKey k) { return entry.key < k; });
  if (at == affinities.end() || at->key != key) at = affinities.insert(at, {key, 0, 0, event.time_ms});
  const double half_life_ms = options.affinity_half_life_days * kDayMs;
  const auto gap_ms = static_cast<double>(event.time_ms - at->time_ms);
  const auto faded = static_cast<float>(std::exp2(-std::abs(gap_ms) / half_life_ms));
  float share = 1;
  if (gap_ms >= 0) {
    at->positive *= faded;
    at->negative *= faded;
    at->time_ms = event.time_ms;
  } else {
    share = faded;  // a late event has faded already
  }
  (event.signal == Signal::positive ? at->positive : at->negative) += share;
  if (affinities.size() > UserState::kMaxAffinities) {
    affinities.erase(
        std::min_element(affinities.begin(), affinities.end(), [](const Affinity& a, const Affinity& b) {
          return a.positive + a.negative < b.positive + b.negative;
        }));
  }
}

}  // namespace

std::uint8_t seen_flag(Action action, Signal signal) {
  std::uint8_t flags = 0;
  switch (action) {
    case Action::impression:
      flags = SeenItem::shown;
      break;
    case Action::purchase:
      flags = SeenItem::engaged | SeenItem::purchased;
      break;
    case Action::hide:
      flags = SeenItem::hidden;
      break;
    case Action::skip:
      flags = SeenItem::shown;
      break;
    case Action::follow:
      break;  // of the creator, not of the item
    default:
      flags = SeenItem::engaged;
  }
  if (signal == Signal::negative && action != Action::skip) flags |= SeenItem::disliked;
  if (signal == Signal::positive && action != Action::follow) flags |= SeenItem::liked;
  return flags;
}

std::uint32_t session_hash(std::string_view session_id) {
  return session_id.empty() ? 0 : static_cast<std::uint32_t>(hash64(session_id)) | 1u;
}

ResolvedEvent resolve(const Event& event, TimestampMs received_ms, ItemIndex item, const ItemTraits& traits,
                      const FeedbackPolicy& feedback) {
  ResolvedEvent resolved;
  resolved.item = item;
  resolved.traits = traits;
  resolved.action = event.action;
  resolved.signal = feedback.signal(event.action, event.value, traits.duration_s);
  resolved.weight = static_cast<float>(feedback.evidence(event.action, event.value, traits.duration_s));
  resolved.time_ms = event.time_ms;
  resolved.received_ms = received_ms;
  resolved.session = session_hash(event.session_id);
  return resolved;
}

ItemEvent item_event(const ResolvedEvent& event, NameKey country) {
  return {event.item, event.action, event.signal, event.weight, event.time_ms, country};
}

void apply_event(UserState& state, const ResolvedEvent& event, const UserStateOptions& options) {
  ++state.events;
  state.last_ms = std::max(state.last_ms, event.time_ms);
  remember(state, event);
  mark_seen(state, event, options);
  if (event.signal != Signal::neutral) {
    for (const NameKey category : event.traits.categories) count(state.categories, category, event, options);
    if (event.traits.creator != 0) count(state.creators, event.traits.creator, event, options);
  }
  if (event.action == Action::follow && event.traits.creator != 0) {
    const auto at = std::lower_bound(state.follows.begin(), state.follows.end(), event.traits.creator);
    if (at == state.follows.end() || *at != event.traits.creator)
      state.follows.insert(at, event.traits.creator);
  }
}

}  // namespace winnow
