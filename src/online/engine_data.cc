// The half of Engine that takes data in and hands it out: events, items, users.
#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "online/engine.h"

namespace winnow {

void Engine::append_events(std::vector<Event> events, EventsDone done) {
  std::vector<EventOutcome> outcomes(events.size());
  std::vector<Event> valid;
  std::vector<std::size_t> places;  // of the valid ones in the call
  const TimestampMs now_ms = parts_.clock.now_ms();
  for (std::size_t i = 0; i < events.size(); ++i) {
    outcomes[i].event_id = events[i].event_id;
    const Status status = validate(events[i], now_ms, options_.events);
    if (!status.ok()) {
      outcomes[i].kind = EventOutcome::Kind::rejected;
      outcomes[i].error = status.error();
      continue;
    }
    places.push_back(i);
    valid.push_back(std::move(events[i]));
  }
  if (valid.empty()) return done(std::move(outcomes));
  parts_.log.append_async(
      std::move(valid), [outcomes = std::move(outcomes), places = std::move(places),
                         done = std::move(done)](Result<std::vector<AppendOutcome>> stored) mutable {
        if (!stored.ok()) return done(std::move(stored).error());
        for (std::size_t i = 0; i < places.size(); ++i) {
          EventOutcome& outcome = outcomes[places[i]];
          const AppendOutcome& fate = (*stored)[i];
          outcome.kind = fate.kind == AppendOutcome::Kind::stored ? EventOutcome::Kind::accepted
                                                                  : EventOutcome::Kind::duplicate;
          if (outcome.event_id.empty()) outcome.event_id = fate.event_id;
        }
        done(std::move(outcomes));
      });
}

Result<EventPage> Engine::user_events(std::string_view user_id, LogPosition before, std::size_t count) const {
  WINNOW_RETURN_IF_ERROR(check_id(user_id, "user_id"));
  return parts_.log.read_subject(subject_of(user_id, ""), before, count);
}

Status Engine::put_items(std::span<const Item> items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Status status = validate(items[i]);
    if (status.ok()) continue;
    Error error = status.error();
    if (items.size() > 1) error.field = "[" + std::to_string(i) + "]." + error.field;
    return error;
  }
  WINNOW_TRY(const std::vector<ItemIndex> indexes, parts_.catalog.put_items(items));
  std::vector<ItemTable::Change> changes;
  changes.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) changes.push_back({indexes[i], items[i].id, items[i]});
  table_.apply(changes);
  return {};
}

Result<Item> Engine::item(std::string_view id) const { return parts_.catalog.item(id); }

Result<bool> Engine::erase_item(std::string_view id) {
  WINNOW_TRY(const bool existed, parts_.catalog.erase_item(id));
  const ItemIndex index = table_.find(id);
  if (existed && index != kNoItem) {
    const ItemTable::Change change{index, std::string(id), std::nullopt};
    table_.apply(std::span(&change, 1));
  }
  return existed;
}

Result<CatalogPage<Item>> Engine::items(std::string_view after, std::size_t limit) const {
  return parts_.catalog.items(after, limit);
}

Result<std::vector<Item>> Engine::search_items(std::string_view text, std::size_t limit) const {
  std::vector<Item> found;
  const auto add = [&](std::string_view id) -> Status {
    Result<Item> item = parts_.catalog.item(id);
    if (item.ok()) {
      found.push_back(*std::move(item));
    } else if (item.error().code != ErrorCode::not_found) {
      return item.error();
    }
    return {};
  };
  const auto same_letter = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  };
  const std::shared_ptr<const ItemSnapshot> items = table_.pin();
  const ItemIndex exact = table_.find(text);
  if (exact != kNoItem) WINNOW_RETURN_IF_ERROR(add(text));
  for (std::uint32_t i = 0; i < items->size() && found.size() < limit; ++i) {
    const ItemView view = items->view(ItemIndex{i});
    if (!view.listed || ItemIndex{i} == exact) continue;
    const auto at = std::search(view.title.begin(), view.title.end(), text.begin(), text.end(), same_letter);
    if (at != view.title.end()) WINNOW_RETURN_IF_ERROR(add(view.id));
  }
  return found;
}

Status Engine::put_users(std::span<const User> users) {
  for (std::size_t i = 0; i < users.size(); ++i) {
    const Status status = validate(users[i]);
    if (status.ok()) continue;
    Error error = status.error();
    if (users.size() > 1) error.field = "[" + std::to_string(i) + "]." + error.field;
    return error;
  }
  WINNOW_RETURN_IF_ERROR(parts_.catalog.put_users(users));
  for (const User& user : users) profiles_.forget(user.id);
  return {};
}

Result<User> Engine::user(std::string_view id) const { return parts_.catalog.user(id); }

Result<CatalogPage<User>> Engine::users(std::string_view after, std::size_t limit) const {
  return parts_.catalog.users(after, limit);
}

Result<EraseReport> Engine::erase_user(std::string_view id) {
  WINNOW_RETURN_IF_ERROR(check_id(id, "user_id"));
  EraseReport report;
  const std::string subject = subject_of(id, "");
  WINNOW_TRY(report.dead_letters, parts_.dead_letters.erase_subject(subject));
  WINNOW_TRY(report.features, speed_.erase(subject, [&]() -> Status {
    WINNOW_TRY(report.events, parts_.log.erase_subject(subject));
    return {};
  }));
  WINNOW_TRY(report.profile, parts_.catalog.erase_user(id));
  profiles_.forget(id);
  // Last: what was answered meanwhile goes too.
  if (parts_.impressions != nullptr) {
    WINNOW_TRY(report.impressions, parts_.impressions->erase_subject(subject));
  }
  if (parts_.erase_rejected) {
    WINNOW_TRY(report.rejected_rows, parts_.erase_rejected(id));
  }
  return report;
}

Result<std::vector<DeadLetter>> Engine::dead_letters(std::uint64_t after_id, std::size_t limit) const {
  return parts_.dead_letters.list(after_id, limit);
}

Result<std::uint64_t> Engine::replay_dead_letters() { return speed_.replay_dead_letters(); }

}  // namespace winnow
