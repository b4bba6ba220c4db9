// Builders that turn named field texts into valid items, users and events: the one place where imported text,
// be it CSV or JSON, meets the rules of the domain.
//
// set() takes a column and its text, finish() gives the record when it breaks no rule. An empty text leaves
// the field as it is. Errors name the field as the HTTP API does.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/files/columns.h"
#include "adapters/files/field_values.h"
#include "domain/event.h"
#include "domain/item.h"
#include "domain/user.h"

namespace winnow {

struct BuildRules {
  TimeUnit time_unit = TimeUnit::automatic;
  std::optional<Action> default_action;  // of events whose row names none
  EventLimits limits;
  TimestampMs now_ms = 0;  // events beyond it are in the future
};

class ItemBuilder final {
 public:
  using Record = Item;
  static constexpr RecordKind kKind = RecordKind::items;
  explicit ItemBuilder(const BuildRules& rules) : rules_(rules) {}
  Status set(const FileColumn& column, std::string_view text);
  void set_attribute(std::string_view name, std::string json);
  Result<Item> finish();

 private:
  const BuildRules& rules_;
  Item item_;
};

class UserBuilder final {
 public:
  using Record = User;
  static constexpr RecordKind kKind = RecordKind::users;
  explicit UserBuilder(const BuildRules& rules) : rules_(rules) {}
  Status set(const FileColumn& column, std::string_view text);
  void set_attribute(std::string_view name, std::string json);
  Result<User> finish();

 private:
  const BuildRules& rules_;
  User user_;
  std::optional<double> age_;
};

class EventBuilder final {
 public:
  using Record = Event;
  static constexpr RecordKind kKind = RecordKind::events;
  explicit EventBuilder(const BuildRules& rules) : rules_(rules) {}
  Status set(const FileColumn& column, std::string_view text);
  void set_attribute(std::string_view, std::string) {}  // events have none
  // An event without an id gets one from its content, so that importing it again doubles nothing.
  Result<Event> finish();

 private:
  const BuildRules& rules_;
  Event event_;
  std::optional<Action> action_;
  std::optional<double> value_;
  std::optional<double> rating_;
  bool has_time_ = false;
};

// "im-" and 12 digits of base 36: 62 bits of a hash over all fields but event_id. 15 bytes, which std::string
// keeps without allocating.
std::string content_id(const Event& event);

}  // namespace winnow
