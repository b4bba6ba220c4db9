#include "batch/impressions/open_groups.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/check.h"

namespace winnow {

namespace {

Hash128 pair_key(std::string_view first, std::string_view second) {
  std::string text;
  text.reserve(first.size() + 1 + second.size());
  text.append(first).push_back('\0');
  text.append(second);
  return hash128(text);
}

}  // namespace

bool OpenGroups::has_row(std::string_view recommendation_id, std::string_view subject,
                         std::string_view item_id) const {
  if (recommendation_id.empty()) return false;
  const auto found = by_id_.find(pair_key(recommendation_id, item_id));
  if (found == by_id_.end()) return false;
  const Hash128 by_subject = pair_key(subject, item_id);
  return std::ranges::any_of(found->second, [&](const RowRef& ref) {
    return groups_.at(ref.group).keys[ref.row].by_subject == by_subject;
  });
}

void OpenGroups::open(ImpressionGroup group, std::string_view subject, std::string_view recommendation_id,
                      std::span<const std::string> item_ids) {
  WINNOW_CHECK(item_ids.size() == group.rows.size());
  Open open{std::move(group), {}};
  open.group.has_id = !recommendation_id.empty();
  open.group.labels.assign(open.group.rows.size() * heads_.size(), 0.0f);
  for (const std::string& item_id : item_ids) {
    const Hash128 by_id = open.group.has_id ? pair_key(recommendation_id, item_id) : Hash128{};
    open.keys.push_back({by_id, pair_key(subject, item_id)});
  }
  enter(next_++, std::move(open));
}

void OpenGroups::enter(std::uint64_t number, Open open) {
  TimestampMs newest_ms = open.group.time_ms;
  for (std::uint32_t r = 0; r < open.keys.size(); ++r) {
    const Keys& keys = open.keys[r];
    if (open.group.has_id) by_id_[keys.by_id].push_back({number, r});
    by_subject_[keys.by_subject].push_back({number, r});
    newest_ms = std::max(newest_ms, open.group.rows[r].time_ms);
  }
  by_end_.emplace(newest_ms + heads_.longest_window_ms() + late_ms_, number);
  groups_.emplace(number, std::move(open));
}

// The newest of the event's subject; where it has none, the row of the only subject that has any.
const OpenGroups::RowRef* OpenGroups::row_of_answer(const Event& event) const {
  const auto found = by_id_.find(pair_key(event.recommendation_id, event.item_id));
  if (found == by_id_.end()) return nullptr;
  const auto subject_of_row = [&](const RowRef& ref) {
    return groups_.at(ref.group).keys[ref.row].by_subject;
  };
  const std::vector<RowRef>& rows = found->second;
  const auto own = std::ranges::find(rows.rbegin(), rows.rend(), pair_key(subject_of(event), event.item_id),
                                     subject_of_row);
  if (own != rows.rend()) return &*own;
  const bool of_one = std::ranges::all_of(
      rows, [&](const RowRef& ref) { return subject_of_row(ref) == subject_of_row(rows.front()); });
  return of_one ? &rows.back() : nullptr;
}

const OpenGroups::RowRef* OpenGroups::row_of(const Event& event) const {
  const bool has_id = !event.recommendation_id.empty();
  if (has_id) {
    if (const RowRef* const row = row_of_answer(event)) return row;
  }
  const auto found = by_subject_.find(pair_key(subject_of(event), event.item_id));
  if (found == by_subject_.end()) return nullptr;
  const RowRef* newest = nullptr;
  TimestampMs newest_ms = std::numeric_limits<TimestampMs>::min();
  for (const RowRef& ref : found->second) {
    const ImpressionGroup& group = groups_.at(ref.group).group;
    const TimestampMs shown_ms = group.rows[ref.row].time_ms;
    if (shown_ms > event.time_ms || shown_ms < newest_ms || (has_id && group.has_id)) continue;
    newest = &ref;
    newest_ms = shown_ms;
  }
  return newest;
}

bool OpenGroups::follow(const Event& event, double duration_s) {
  while (!by_end_.empty() && by_end_.begin()->first < event.time_ms) {
    const std::uint64_t number = by_end_.begin()->second;
    by_end_.erase(by_end_.begin());
    close(number);
  }
  if (event.action == Action::impression) return false;
  const RowRef* ref = row_of(event);
  if (ref == nullptr) return false;
  ImpressionGroup& group = groups_.at(ref->group).group;
  // Who names the answer came after it, whatever two clocks say.
  const TimestampMs age_ms = std::max<TimestampMs>(event.time_ms - group.rows[ref->row].time_ms, 0);
  heads_.update(std::span(group.labels).subspan(ref->row * heads_.size(), heads_.size()), event, duration_s,
                age_ms);
  return true;
}

void OpenGroups::forget(const Keys& keys, std::uint64_t number) {
  const auto forget_in = [number](auto& rows_by_key, const Hash128& key) {
    const auto found = rows_by_key.find(key);
    if (found == rows_by_key.end()) return;
    std::erase_if(found->second, [&](const RowRef& ref) { return ref.group == number; });
    if (found->second.empty()) rows_by_key.erase(found);
  };
  forget_in(by_id_, keys.by_id);
  forget_in(by_subject_, keys.by_subject);
}

void OpenGroups::close(std::uint64_t number) {
  const auto found = groups_.find(number);
  for (const Keys& keys : found->second.keys) forget(keys, number);
  ImpressionGroup group = std::move(found->second.group);
  groups_.erase(found);
  closed_(std::move(group));
}

std::uint64_t OpenGroups::close_all(TimestampMs end_ms, bool whole_windows) {
  std::uint64_t early = 0;
  while (!by_end_.empty()) {
    const std::uint64_t number = by_end_.begin()->second;
    by_end_.erase(by_end_.begin());
    ImpressionGroup& group = groups_.at(number).group;
    for (std::size_t r = 0; r < group.rows.size(); ++r) {
      for (std::size_t h = 0; h < heads_.size(); ++h) {
        float& label = group.labels[r * heads_.size() + h];
        if (group.rows[r].time_ms + heads_.window_ms(h) <= end_ms) continue;
        early += label > 0 ? 1 : 0;
        if (whole_windows || label == 0) label = std::nanf("");
      }
    }
    close(number);
  }
  return early;
}

void OpenGroups::save(ByteWriter& out) const {
  out.varint(next_);
  out.varint(groups_.size());
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, open] : groups_) numbers.push_back(number);
  std::ranges::sort(numbers);
  for (const std::uint64_t number : numbers) {
    const Open& open = groups_.at(number);
    out.varint(number);
    out.fixed(open.group.subject);
    out.varint(open.group.surface);
    out.fixed(open.group.has_id);
    out.fixed(open.group.time_ms);
    out.array(std::span<const GroupRow>(open.group.rows));
    out.array(std::span<const float>(open.group.values));
    out.array(std::span<const float>(open.group.labels));
    out.array(std::span<const Keys>(open.keys));
  }
}

void OpenGroups::restore(ByteReader& in) {
  next_ = in.varint();
  for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) {
    const std::uint64_t number = in.varint();
    Open open;
    open.group.subject = in.fixed<std::uint64_t>();
    open.group.surface = static_cast<std::uint32_t>(in.varint());
    open.group.has_id = in.fixed<bool>();
    open.group.time_ms = in.fixed<TimestampMs>();
    open.group.rows = in.array<GroupRow>();
    open.group.values = in.array<float>();
    open.group.labels = in.array<float>();
    open.keys = in.array<Keys>();
    if (!in.failed()) enter(number, std::move(open));
  }
}

}  // namespace winnow
