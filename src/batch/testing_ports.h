// The ports that a job reads, in memory, for tests; and a small site whose users have tastes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "catalog/catalog.h"
#include "events/event_log.h"
#include "events/impression_log.h"

namespace winnow {

class TestingEventLog final : public EventLog {
 public:
  Result<std::vector<AppendOutcome>> append(std::vector<Event> events) override {
    std::vector<AppendOutcome> outcomes;
    for (Event& event : events) {
      records_.push_back({++last_, static_cast<TimestampMs>(last_), std::move(event)});
      outcomes.push_back({AppendOutcome::Kind::stored, last_});
    }
    return outcomes;
  }
  Result<std::vector<AppendOutcome>> append(std::vector<Event> events, Marker) override {
    return append(std::move(events));
  }
  Result<std::string> marker(std::string_view) const override { return std::string(); }
  void append_async(std::vector<Event> events, AppendDone done) override { done(append(std::move(events))); }
  Result<std::vector<LogRecord>> read(LogPosition from, std::size_t limit) const override {
    const auto first =
        std::lower_bound(records_.begin(), records_.end(), from,
                         [](const LogRecord& record, LogPosition at) { return record.position < at; });
    std::vector<LogRecord> page;
    for (auto it = first; it != records_.end() && page.size() < limit; ++it) page.push_back(*it);
    return page;
  }
  Result<std::vector<LogRecord>> read_partition(std::uint32_t, LogPosition from,
                                                std::size_t limit) const override {
    return read(from, limit);
  }
  std::uint32_t partitions() const override { return 1; }
  Result<EventPage> read_subject(std::string_view, LogPosition, std::size_t) const override {
    return EventPage{};
  }
  bool wait_beyond(LogPosition position, TimestampMs) const override { return last_ > position; }
  Result<std::uint64_t> erase_subject(std::string_view subject) override {
    return std::erase_if(records_,
                         [&](const LogRecord& record) { return subject_of(record.event) == subject; });
  }
  Result<std::uint64_t> enforce_retention(TimestampMs) override { return std::uint64_t{0}; }
  LogStatistics statistics() const override {
    return {.events = records_.size(),
            .bytes = 0,
            .first = last_ == 0 ? LogPosition{0} : LogPosition{1},
            .last = last_};
  }

 private:
  std::vector<LogRecord> records_;
  LogPosition last_ = 0;
};

// Impressions that were served, put in by the test.
class TestingImpressionLog final : public ImpressionLog {
 public:
  bool offer(ServedImpression impression) override {
    impressions_.push_back(std::move(impression));
    return true;
  }
  Status flush() override { return {}; }
  Result<std::optional<ServedImpression>> find(std::string_view recommendation_id) const override {
    for (const ServedImpression& impression : impressions_) {
      if (impression.recommendation_id == recommendation_id) return std::optional(impression);
    }
    return std::optional<ServedImpression>();
  }
  Result<ImpressionPage> read(std::string_view, std::size_t) const override {
    return ImpressionPage{impressions_, {}};
  }
  Result<std::uint64_t> erase_subject(std::string_view subject) override {
    return std::erase_if(impressions_, [&](const auto& each) { return each.subject == subject; });
  }
  Result<std::uint64_t> enforce_retention(TimestampMs, std::uint64_t) override { return std::uint64_t{0}; }
  ImpressionLogStatistics statistics() const override { return {.impressions = impressions_.size()}; }

 private:
  std::vector<ServedImpression> impressions_;
};

class TestingCatalog final : public Catalog {
 public:
  Result<std::vector<ItemIndex>> put_items(std::span<const Item> items) override {
    std::vector<ItemIndex> indexes;
    for (const Item& item : items) {
      indexes.push_back(ItemIndex{static_cast<std::uint32_t>(items_.size())});
      items_.push_back(item);
    }
    return indexes;
  }
  Result<Item> item(std::string_view id) const override {
    for (const Item& item : items_) {
      if (item.id == id) return item;
    }
    return Error{ErrorCode::not_found, "no such item"};
  }
  Result<bool> erase_item(std::string_view) override { return false; }
  Result<CatalogPage<Item>> items(std::string_view, std::size_t) const override {
    return CatalogPage<Item>{};
  }
  Status for_each_item(const std::function<Status(ItemIndex, const Item&)>& each) const override {
    for (std::uint32_t i = 0; i < items_.size(); ++i) WINNOW_RETURN_IF_ERROR(each(ItemIndex{i}, items_[i]));
    return {};
  }
  Status for_each_index(const std::function<Status(ItemIndex, std::string_view)>& each) const override {
    return for_each_item([&](ItemIndex index, const Item& item) { return each(index, item.id); });
  }
  Status put_users(std::span<const User> users) override {
    users_.insert(users_.end(), users.begin(), users.end());
    return {};
  }
  Result<User> user(std::string_view) const override { return Error{ErrorCode::not_found, "no such user"}; }
  Result<bool> erase_user(std::string_view) override { return false; }
  // A page holds one user; `after` counts those before it.
  Result<CatalogPage<User>> users(std::string_view after, std::size_t) const override {
    const auto at = after.empty() ? std::size_t{0} : std::stoul(std::string(after));
    CatalogPage<User> page;
    if (at < users_.size()) page.entries.push_back(users_[at]);
    if (at + 1 < users_.size()) page.next_after = std::to_string(at + 1);
    return page;
  }
  std::uint64_t item_count() const override { return items_.size(); }
  std::uint64_t user_count() const override { return users_.size(); }

 private:
  std::vector<Item> items_;
  std::vector<User> users_;
};

struct TasteOptions {
  std::uint32_t users = 120;
  std::uint32_t items = 80;
  std::uint32_t tastes = 4;     // a user likes the items of one taste
  std::uint32_t per_user = 16;  // clicks, one a day
  TimestampMs start_ms = 1'700'000'000'000;
  std::uint64_t seed = 1;
};

// One event: user u's k-th deed.
inline Event click(std::string user, std::string item, TimestampMs time_ms) {
  return {.event_id = {},
          .user_id = std::move(user),
          .item_id = std::move(item),
          .action = Action::click,
          .time_ms = time_ms};
}

// Clicks in order of time: nine of ten on items of the user's taste, so that every model beats popularity.
inline std::vector<Event> tasteful_events(const TasteOptions& options) {
  Random random(options.seed);
  std::vector<Event> events;
  const std::uint32_t per_taste = options.items / options.tastes;
  for (std::uint32_t k = 0; k < options.per_user; ++k) {
    for (std::uint32_t user = 0; user < options.users; ++user) {
      const std::uint32_t taste =
          random.below(10) == 0 ? random.below(options.tastes) : user % options.tastes;
      const std::uint32_t item = taste * per_taste + random.below(per_taste);
      events.push_back(click("user-" + std::to_string(user), "item-" + std::to_string(item),
                             options.start_ms + k * kDayMs + user * kMinuteMs));
    }
  }
  return events;
}

}  // namespace winnow
