// For tests: a catalogue and an event log that lie in memory and keep the promises of their ports, except for
// outliving the process.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "catalog/catalog.h"
#include "events/event_log.h"

namespace winnow {

class MemoryCatalog final : public Catalog {
 public:
  Result<std::vector<ItemIndex>> put_items(std::span<const Item> items) override {
    std::vector<ItemIndex> indexes;
    for (const Item& item : items) {
      auto [index, fresh] = index_of_.try_emplace(item.id, static_cast<ItemIndex>(ids_.size()));
      if (fresh) ids_.push_back(item.id);
      items_[item.id] = item;
      indexes.push_back(index->second);
    }
    return indexes;
  }
  Result<Item> item(std::string_view id) const override { return found(items_, id); }
  Result<bool> erase_item(std::string_view id) override { return items_.erase(std::string(id)) > 0; }
  Result<CatalogPage<Item>> items(std::string_view after, std::size_t limit) const override {
    return page(items_, after, limit);
  }
  Status for_each_item(const std::function<Status(ItemIndex, const Item&)>& each) const override {
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      const auto item = items_.find(ids_[i]);
      if (item != items_.end()) WINNOW_RETURN_IF_ERROR(each(static_cast<ItemIndex>(i), item->second));
    }
    return {};
  }
  Status for_each_index(const std::function<Status(ItemIndex, std::string_view)>& each) const override {
    for (std::size_t i = 0; i < ids_.size(); ++i)
      WINNOW_RETURN_IF_ERROR(each(static_cast<ItemIndex>(i), ids_[i]));
    return {};
  }
  Status put_users(std::span<const User> users) override {
    for (const User& user : users) users_[user.id] = user;
    return {};
  }
  Result<User> user(std::string_view id) const override { return found(users_, id); }
  Result<bool> erase_user(std::string_view id) override { return users_.erase(std::string(id)) > 0; }
  Result<CatalogPage<User>> users(std::string_view after, std::size_t limit) const override {
    return page(users_, after, limit);
  }
  std::uint64_t item_count() const override { return items_.size(); }
  std::uint64_t user_count() const override { return users_.size(); }

 private:
  template <class T>
  static Result<T> found(const std::map<std::string, T>& in, std::string_view id) {
    const auto at = in.find(std::string(id));
    if (at == in.end()) return Error{ErrorCode::not_found, "there is no " + std::string(id)};
    return at->second;
  }
  template <class T>
  static Result<CatalogPage<T>> page(const std::map<std::string, T>& in, std::string_view after,
                                     std::size_t limit) {
    CatalogPage<T> out;
    for (auto at = in.upper_bound(std::string(after)); at != in.end(); ++at) {
      if (out.entries.size() == limit) {
        out.next_after = out.entries.back().id;
        break;
      }
      out.entries.push_back(at->second);
    }
    return out;
  }
  std::map<std::string, ItemIndex> index_of_;
  std::vector<std::string> ids_;
  std::map<std::string, Item> items_;
  std::map<std::string, User> users_;
};

class MemoryEventLog final : public EventLog {
 public:
  // From the n-th append on (counted from 0) nothing is stored and every append fails.
  void fail_from(std::size_t append) { fails_from_ = append; }
  void mend() { fails_from_.reset(); }
  const std::vector<LogRecord>& records() const { return records_; }

  Result<std::vector<AppendOutcome>> append(std::vector<Event> events) override {
    return append(std::move(events), Marker{});
  }
  Result<std::vector<AppendOutcome>> append(std::vector<Event> events, Marker marker) override {
    if (fails_from_ && appends_ >= *fails_from_)
      return Error{ErrorCode::exhausted, "the disk is full: free some space"};
    ++appends_;
    std::vector<AppendOutcome> outcomes;
    for (Event& event : events) {
      const LogPosition position = records_.size() + 1;
      if (event.event_id.empty()) event.event_id = "e" + std::to_string(position);
      if (!ids_.insert(event.event_id).second) {
        outcomes.push_back({AppendOutcome::Kind::duplicate, 0});
        continue;
      }
      outcomes.push_back({AppendOutcome::Kind::stored, position});
      records_.push_back({position, 0, std::move(event)});
    }
    if (!marker.name.empty()) markers_[marker.name] = std::move(marker.value);
    return outcomes;
  }
  Result<std::string> marker(std::string_view name) const override {
    const auto found = markers_.find(std::string(name));
    return found == markers_.end() ? std::string() : found->second;
  }
  void append_async(std::vector<Event> events, AppendDone done) override { done(append(std::move(events))); }
  Result<std::vector<LogRecord>> read(LogPosition from, std::size_t limit) const override {
    const std::size_t begin = from > 0 ? from - 1 : 0;
    if (begin >= records_.size()) return std::vector<LogRecord>();
    const std::size_t end = std::min(records_.size(), begin + limit);
    return std::vector<LogRecord>(records_.begin() + static_cast<std::ptrdiff_t>(begin),
                                  records_.begin() + static_cast<std::ptrdiff_t>(end));
  }
  Result<std::vector<LogRecord>> read_partition(std::uint32_t, LogPosition from,
                                                std::size_t limit) const override {
    return read(from, limit);
  }
  std::uint32_t partitions() const override { return 1; }
  Result<EventPage> read_subject(std::string_view subject, LogPosition before,
                                 std::size_t limit) const override {
    EventPage page;
    for (auto record = records_.rbegin(); record != records_.rend(); ++record) {
      if ((before > 0 && record->position >= before) || subject_of(record->event) != subject) continue;
      if (page.records.size() == limit) {
        page.next_before = page.records.back().position;
        break;
      }
      page.records.push_back(*record);
    }
    return page;
  }
  bool wait_beyond(LogPosition position, TimestampMs) const override { return records_.size() > position; }
  Result<std::uint64_t> erase_subject(std::string_view) override {
    return Error{ErrorCode::unsupported, "this log is for tests of files"};
  }
  Result<std::uint64_t> enforce_retention(TimestampMs) override { return std::uint64_t{0}; }
  LogStatistics statistics() const override {
    return {
        .events = records_.size(), .bytes = 0, .first = records_.empty() ? 0u : 1u, .last = records_.size()};
  }

 private:
  std::vector<LogRecord> records_;
  std::set<std::string> ids_;
  std::map<std::string, std::string> markers_;
  std::size_t appends_ = 0;
  std::optional<std::size_t> fails_from_;
};

}  // namespace winnow
