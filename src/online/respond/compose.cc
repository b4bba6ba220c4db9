#include "online/respond/compose.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

// positions[p]: the reservation that position p belongs to, or kNotReserved.
std::vector<std::size_t> reserved_positions(std::size_t count, const std::vector<Reservation>& reservations) {
  std::vector<std::size_t> positions(count, Placement::kNotReserved);
  const std::size_t first = count / 3;
  std::size_t wanted = 0;
  for (const Reservation& r : reservations) {
    wanted += static_cast<std::size_t>(std::floor(r.share * static_cast<double>(count)));
  }
  if (wanted == 0 || first >= count) return positions;
  const double step = static_cast<double>(count - first) / static_cast<double>(wanted);
  std::size_t placed = 0;
  for (std::size_t r = 0; r < reservations.size(); ++r) {
    const auto slots =
        static_cast<std::size_t>(std::floor(reservations[r].share * static_cast<double>(count)));
    for (std::size_t k = 0; k < slots; ++k, ++placed) {
      const auto at = first + static_cast<std::size_t>((static_cast<double>(placed) + 0.5) * step);
      if (at < count) positions[at] = r;
    }
  }
  return positions;
}

// The unused entry that `source` proposed and thinks best of; entries.size() when there is none.
std::size_t best_of_source(const Ranked& ranked, std::size_t source, const std::vector<bool>& used) {
  const auto better = [&](const Ranked::Entry& a, const Ranked::Entry& b) {
    const float x = ranked.opinions.at(source, a.column);
    const float y = ranked.opinions.at(source, b.column);
    return x != y ? x > y : row(a.item) < row(b.item);
  };
  std::size_t best = ranked.entries.size();
  for (std::size_t e = 0; e < ranked.entries.size(); ++e) {
    const Ranked::Entry& entry = ranked.entries[e];
    if (used[e] || (entry.proposed_by & (SourceMask{1} << source)) == 0) continue;
    if (best == ranked.entries.size() || better(entry, ranked.entries[best])) best = e;
  }
  return best;
}

}  // namespace

std::vector<Placement> compose(const Ranked& ranked, std::size_t count,
                               const std::vector<Reservation>& reservations) {
  std::vector<Placement> placements;
  std::vector<bool> used(ranked.entries.size(), false);
  const std::vector<std::size_t> positions = reserved_positions(count, reservations);
  std::size_t next = 0;
  for (std::size_t position = 0; position < count; ++position) {
    Placement placement;
    placement.entry = ranked.entries.size();
    if (positions[position] != Placement::kNotReserved) {
      const std::size_t source = reservations[positions[position]].source;
      placement.entry = best_of_source(ranked, source, used);
      if (placement.entry < ranked.entries.size()) placement.reserved_for = source;
    }
    if (placement.entry == ranked.entries.size()) {
      while (next < ranked.entries.size() && used[next]) ++next;
      if (next == ranked.entries.size()) break;
      placement.entry = next;
    }
    used[placement.entry] = true;
    placements.push_back(placement);
  }
  return placements;
}

}  // namespace winnow
