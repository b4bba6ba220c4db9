#include "batch/ranking/validation_past.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <unordered_map>

namespace winnow {
namespace {

constexpr std::uint32_t kNoRow = std::numeric_limits<std::uint32_t>::max();
constexpr TimestampMs kNever = std::numeric_limits<TimestampMs>::min();

// The last moment that belongs to what is known of each user.
std::vector<TimestampMs> last_known(const Interactions& known, CutKind kind) {
  std::vector<TimestampMs> out(known.users, kNever);
  for (std::uint32_t user = 0; user < known.users; ++user) {
    for (const TimestampMs time : known.times_of(user)) out[user] = std::max(out[user], time);
  }
  if (kind == CutKind::by_time && !out.empty()) {
    std::ranges::fill(out, *std::ranges::max_element(out));
  }
  return out;
}

// old row -> row of the data; kNoRow where it has none.
std::vector<std::uint32_t> rows_of_users(const Dataset& data, std::uint32_t users) {
  std::vector<std::uint32_t> out(users, kNoRow);
  for (std::uint32_t row = 0; row < data.user_rows.size(); ++row) out[data.user_rows[row]] = row;
  return out;
}

std::vector<std::uint32_t> rows_of_items(const Dataset& data, const std::vector<std::string>& item_ids) {
  std::unordered_map<std::string_view, std::uint32_t> known;
  for (std::uint32_t row = 0; row < data.item_ids.size(); ++row) known.emplace(data.item_ids[row], row);
  std::vector<std::uint32_t> out;
  for (const std::string& id : item_ids) {
    const auto found = known.find(id);
    out.push_back(found == known.end() ? kNoRow : found->second);
  }
  return out;
}

}  // namespace

Result<TraitColumns> trait_columns(const Catalog& catalog, const std::vector<std::string>& item_ids) {
  std::unordered_map<std::string_view, std::uint32_t> rows;
  for (std::uint32_t row = 0; row < item_ids.size(); ++row) rows.emplace(item_ids[row], row);
  TraitColumns traits;
  WINNOW_RETURN_IF_ERROR(catalog.for_each_item([&](ItemIndex, const Item& item) -> Status {
    const auto row = rows.find(item.id);
    if (row != rows.end()) traits.set(row->second, item);
    return {};
  }));
  return traits;
}

Past validation_past(const EventColumns& events, const Dataset& data, const Parts& parts,
                     const FeedbackPolicy& feedback, const TraitColumns& traits,
                     const ReplayOptions& options) {
  const std::vector<bool> judged = judged_rows(parts.validation);
  Past past{ReplayedState(traits, judged, options), {}};
  const std::vector<TimestampMs> before_validation = last_known(parts.fit, parts.kind);
  const std::vector<TimestampMs> before_test = last_known(parts.test.history, parts.kind);
  const TimestampMs overall = before_validation.empty() ? kNever : std::ranges::max(before_validation);
  const std::vector<std::uint32_t> users = rows_of_users(data, events.users);
  const std::vector<std::uint32_t> items = rows_of_items(data, events.item_ids);
  for (std::size_t k = 0; k < events.size(); ++k) {
    const std::uint32_t item = items[events.item[k]];
    if (item == kNoRow) continue;
    const std::uint32_t user = users[events.user[k]];
    const double duration_s = traits.of(item).duration_s;
    const TimedInteraction event{
        .user = user,
        .item = item,
        .time_ms = events.time_ms[k],
        .signal = feedback.signal(events.action[k], events.value[k], duration_s),
        .action = events.action[k],
        .value = events.value[k],
        .evidence = static_cast<float>(feedback.evidence(events.action[k], events.value[k], duration_s))};
    if (event.time_ms <= (user == kNoRow ? overall : before_validation[user])) {
      past.state.apply(event);
    } else if (user != kNoRow && judged[user] && event.time_ms <= before_test[user] &&
               event.action != Action::impression) {
      past.later[user].push_back(event);
    }
  }
  return past;
}

}  // namespace winnow
