#include "models/model_history.h"

#include <algorithm>

namespace winnow {

std::vector<HistoryEntry> weighed_history(std::vector<RowInteraction> known, double decay_per_day,
                                          TimestampMs as_of_ms) {
  // Stable: within an item the events stay in order of time.
  std::stable_sort(known.begin(), known.end(),
                   [](const RowInteraction& a, const RowInteraction& b) { return a.row < b.row; });
  std::vector<HistoryEntry> history;
  for (std::size_t begin = 0; begin < known.size();) {
    std::size_t end = begin;
    HistoryEntry entry{known[begin].row, 0, 0};
    bool disliked = false;  // by the newest event that says either
    for (; end < known.size() && known[end].row == entry.item; ++end) {
      const Interaction& interaction = *known[end].interaction;
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

}  // namespace winnow
