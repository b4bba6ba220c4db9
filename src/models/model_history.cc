#include "models/model_history.h"

#include <algorithm>

namespace winnow {

namespace {

struct Named {
  std::uint32_t number;  // what the entry's item is called
  const Interaction* interaction;
};

std::vector<HistoryEntry> history_of(std::vector<Named> named, double decay_per_day, TimestampMs as_of_ms) {
  // Stable: within an item the events stay in order of time.
  std::stable_sort(named.begin(), named.end(),
                   [](const Named& a, const Named& b) { return a.number < b.number; });
  std::vector<HistoryEntry> history;
  for (std::size_t begin = 0; begin < named.size();) {
    std::size_t end = begin;
    HistoryEntry entry{named[begin].number, 0, 0};
    bool disliked = false;  // by the newest event that says either
    for (; end < named.size() && named[end].number == entry.item; ++end) {
      const Interaction& interaction = *named[end].interaction;
      if (interaction.signal != Signal::neutral) disliked = interaction.signal == Signal::negative;
      if (interaction.signal == Signal::negative) continue;
      const double age_days = static_cast<double>(as_of_ms - interaction.time_ms) / kDayMs;
      entry.weight += static_cast<float>(interaction.weight * decayed_share(age_days, decay_per_day));
      entry.time_ms = std::max(entry.time_ms, interaction.time_ms);
    }
    if (!disliked && entry.weight > 0) history.push_back(entry);
    begin = end;
  }
  return history;
}

}  // namespace

std::vector<HistoryEntry> model_history(const UserContext& user, const Vocabulary& vocabulary,
                                        double decay_per_day, TimestampMs as_of_ms) {
  std::vector<Named> known;
  known.reserve(user.history.size());
  for (const Interaction& interaction : user.history) {
    const std::uint32_t model_row = vocabulary.model_row(interaction.item);
    if (model_row != Vocabulary::kNoRow) known.push_back({model_row, &interaction});
  }
  return history_of(std::move(known), decay_per_day, as_of_ms);
}

std::vector<HistoryEntry> unknown_history(const UserContext& user, const Vocabulary& vocabulary,
                                          double decay_per_day, TimestampMs as_of_ms) {
  std::vector<Named> unknown;
  for (const Interaction& interaction : user.history) {
    const bool is_unknown = vocabulary.model_row(interaction.item) == Vocabulary::kNoRow;
    if (is_unknown) unknown.push_back({row(interaction.item), &interaction});
  }
  return history_of(std::move(unknown), decay_per_day, as_of_ms);
}

}  // namespace winnow
