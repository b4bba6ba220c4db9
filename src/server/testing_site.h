// A Site that lives in memory, for the tests of this room: it stores what it is told and answers predictably.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "online/site.h"

namespace winnow::testing {

class TestSite final : public Site {
 public:
  explicit TestSite(const Clock& clock) : clock_(clock) {}
  ~TestSite() override {
    for (std::thread& thread : log_threads_) thread.join();
  }

  Result<Response> recommend(const Query& query, RequestTrace&) const override {
    if (query.user_id == "throws") throw std::runtime_error("secret path /var/lib/winnow");
    if (query.user_id == "waits") wait_for_release();
    if (query.cursor == "broken") return Error{ErrorCode::invalid, "cursor is not one of ours", "cursor"};
    Response response;
    response.recommendation_id = "r-" + query.user_id;
    for (std::size_t i = 0; i < query.count; ++i) {
      const std::string id = std::to_string(i + 1);
      if (std::find(query.exclude.begin(), query.exclude.end(), id) != query.exclude.end()) continue;
      response.items.push_back({id,
                                1.0f / static_cast<float>(i + 1),
                                {"similar_to", "Because you liked \"Toy Story\" (1995)", "3114"},
                                {{"als", 0.71f}, {"item_to_item", 2.2f}}});
    }
    response.dropped = {{"seen", query.session_events.size()}};
    response.model_version = "v1";
    response.took_ms = 0.41;
    response.candidates = 400;
    return response;
  }

  // Requests and events of the user "waits" are not answered before this.
  void release() {
    MutexLock lock(waiting_mutex_);
    released_ = true;
    released_or_waiting_.notify_all();
  }
  void until_one_waits() const {
    MutexLock lock(waiting_mutex_);
    while (!waiting_) lock.wait(released_or_waiting_);
  }

  Result<ItemList> similar(std::string_view item_id, std::size_t) const override {
    WINNOW_TRY(const Item found, item(item_id));
    return ItemList{{{found.id, 1, {"similar_to", "Like it", found.id}, {{"als", 1}}}}, "v1"};
  }

  Result<ItemList> trending(const ListQuery&) const override { return ItemList{}; }

  // Answers on a thread of its own, as a log does.
  void append_events(std::vector<Event> events, EventsDone done) override {
    MutexLock lock(mutex_);
    log_threads_.emplace_back([this, events = std::move(events), done = std::move(done)] {
      if (!events.empty() && events.front().user_id == "waits") wait_for_release();
      done(store(events));
    });
  }

  Result<EventPage> user_events(std::string_view user_id, LogPosition before,
                                std::size_t count) const override {
    MutexLock lock(mutex_);
    EventPage page;
    for (auto record = log_.rbegin(); record != log_.rend(); ++record) {
      if (record->event.user_id != user_id || (before > 0 && record->position >= before)) continue;
      if (page.records.size() == count) {
        page.next_before = page.records.back().position;
        break;
      }
      page.records.push_back(*record);
    }
    return page;
  }

  Status put_items(std::span<const Item> items) override { return put(items_, items); }
  Result<Item> item(std::string_view id) const override { return find(items_, id, "item"); }
  Result<bool> erase_item(std::string_view id) override {
    MutexLock lock(mutex_);
    return items_.erase(std::string(id)) > 0;
  }
  Result<CatalogPage<Item>> items(std::string_view after, std::size_t limit) const override {
    return page(items_, after, limit);
  }
  Result<std::vector<Item>> search_items(std::string_view text, std::size_t limit) const override {
    MutexLock lock(mutex_);
    std::vector<Item> found;
    for (const auto& [id, item] : items_) {
      if (found.size() < limit && (id == text || item.title.find(text) != std::string::npos))
        found.push_back(item);
    }
    return found;
  }

  Status put_users(std::span<const User> users) override { return put(users_, users); }
  Result<User> user(std::string_view id) const override { return find(users_, id, "user"); }
  Result<CatalogPage<User>> users(std::string_view after, std::size_t limit) const override {
    return page(users_, after, limit);
  }
  Result<EraseReport> erase_user(std::string_view id) override {
    MutexLock lock(mutex_);
    EraseReport report;
    report.profile = users_.erase(std::string(id)) > 0;
    report.events = std::erase_if(log_, [&](const LogRecord& record) { return record.event.user_id == id; });
    return report;
  }

  Result<std::vector<DeadLetter>> dead_letters(std::uint64_t after_id, std::size_t limit) const override {
    std::vector<DeadLetter> letters;
    for (std::uint64_t id = after_id + 1; id <= 3 && letters.size() < limit; ++id) {
      letters.push_back(
          {id, {id, 5, {.event_id = "e", .user_id = "u", .item_id = "i"}}, "cannot be applied", 3});
    }
    return letters;
  }
  Result<std::uint64_t> replay_dead_letters() override {
    return Error{ErrorCode::conflict, "a replay is running already: wait for its end"};
  }

  SiteStatus status() const override {
    MutexLock lock(mutex_);
    SiteStatus status;
    status.items = items_.size();
    status.users = users_.size();
    status.log.events = status.log.last = log_.size();
    status.applied = log_.size();
    status.model_version = "v1";
    status.indexes.push_back(
        {"als", "ivf_int8", 100, {.limit = 200, .target_recall = 0.95f, .recall = 0.75f}});
    return status;
  }
  Result<std::vector<VersionInfo>> models() const override {
    return std::vector<VersionInfo>{
        {.version = "v1", .created_ms = 7, .stage = "live", .metrics = {{"ndcg", 0.1}}}};
  }

 private:
  void wait_for_release() const {
    MutexLock lock(waiting_mutex_);
    waiting_ = true;
    released_or_waiting_.notify_all();
    while (!released_) lock.wait(released_or_waiting_);
  }

  template <class T>
  Status put(std::map<std::string, T>& into, std::span<const T> values) {
    MutexLock lock(mutex_);
    for (const T& value : values) into.insert_or_assign(value.id, value);
    return {};
  }
  template <class T>
  Result<T> find(const std::map<std::string, T>& in, std::string_view id, const char* what) const {
    MutexLock lock(mutex_);
    const auto found = in.find(std::string(id));
    if (found != in.end()) return found->second;
    return Error{ErrorCode::not_found, "there is no " + std::string(what) + " " + std::string(id), "id"};
  }
  template <class T>
  Result<CatalogPage<T>> page(const std::map<std::string, T>& in, std::string_view after,
                              std::size_t limit) const {
    MutexLock lock(mutex_);
    CatalogPage<T> page;
    for (auto at = in.upper_bound(std::string(after)); at != in.end(); ++at) {
      if (page.entries.size() == limit) {
        page.next_after = page.entries.back().id;
        break;
      }
      page.entries.push_back(at->second);
    }
    return page;
  }

  Result<std::vector<EventOutcome>> store(const std::vector<Event>& events) {
    MutexLock lock(mutex_);
    std::vector<EventOutcome> outcomes;
    for (const Event& event : events) {
      EventOutcome outcome{EventOutcome::Kind::accepted, event.event_id, {}};
      if (event.item_id == "full disk") return Error{ErrorCode::exhausted, "the disk is full: make room"};
      if (auto status = validate(event, clock_.now_ms()); !status.ok()) {
        outcome = {EventOutcome::Kind::rejected, event.event_id, status.error()};
      } else if (!event.event_id.empty() &&
                 std::any_of(log_.begin(), log_.end(), [&](const LogRecord& record) {
                   return record.event.event_id == event.event_id;
                 })) {
        outcome.kind = EventOutcome::Kind::duplicate;
      } else {
        log_.push_back({++last_, clock_.now_ms(), event});
        if (event.event_id.empty()) log_.back().event.event_id = "made-" + std::to_string(last_);
        outcome.event_id = log_.back().event.event_id;
      }
      outcomes.push_back(std::move(outcome));
    }
    return outcomes;
  }

  const Clock& clock_;
  mutable Mutex mutex_;
  std::map<std::string, Item> items_;
  std::map<std::string, User> users_;
  std::vector<LogRecord> log_;
  LogPosition last_ = 0;
  std::vector<std::thread> log_threads_;
  mutable Mutex waiting_mutex_;
  mutable std::condition_variable released_or_waiting_;
  mutable bool waiting_ WINNOW_GUARDED_BY(waiting_mutex_) = false;
  bool released_ WINNOW_GUARDED_BY(waiting_mutex_) = false;
};

}  // namespace winnow::testing
