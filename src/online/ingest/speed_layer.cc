#include "online/ingest/speed_layer.h"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <unordered_set>

#include "online/ingest/visit.h"

namespace winnow {

namespace {

constexpr double kCheckpointBytesPerSecond = 8e6;

// The event itself is at fault: trying again later cannot help until something is mended.
bool is_poison(const Error& error) {
  return error.code == ErrorCode::invalid || error.code == ErrorCode::not_found ||
         error.code == ErrorCode::corrupt;
}

}  // namespace

SpeedLayer::SpeedLayer(Parts parts, FeedbackPolicy feedback, SpeedOptions options)
    : parts_(parts),
      feedback_(std::move(feedback)),
      options_(options),
      aggregates_{ItemStatistics(options.items), CoOccurrence(options.co_occurrence)},
      co_occurrence_(aggregates_.co_occurrence),
      trends_(std::make_shared<const Trends>()) {}

Status SpeedLayer::restore() {
  MutexLock lock(mutex_);
  WINNOW_TRY(const FeatureStore::Checkpoint checkpoint, parts_.features.last_checkpoint());
  if (!checkpoint.aggregates.empty()) WINNOW_RETURN_IF_ERROR(aggregates_.decode(checkpoint.aggregates));
  checkpointed_ = checkpoint.position;
  position_.store(checkpoint.position, std::memory_order_release);
  return tick(true);
}

Result<std::size_t> SpeedLayer::consume() {
  MutexLock lock(mutex_);
  return consume_locked();
}

Result<std::size_t> SpeedLayer::consume_locked() {
  WINNOW_TRY(const std::vector<LogRecord> records, parts_.log.read(position() + 1, kBatch));
  if (!records.empty()) {
    WINNOW_RETURN_IF_ERROR(apply_batch(records));
    position_.store(records.back().position, std::memory_order_release);
  }
  WINNOW_RETURN_IF_ERROR(tick(false));
  return records.size();
}

Status SpeedLayer::flush() {
  MutexLock lock(mutex_);
  return tick(true);
}

Status SpeedLayer::replay(const std::function<void(LogPosition, LogPosition)>& progress) {
  MutexLock lock(mutex_);
  WINNOW_RETURN_IF_ERROR(parts_.features.clear());
  aggregates_.clear();
  checkpointed_ = 0;
  position_.store(0, std::memory_order_release);
  for (;;) {
    WINNOW_TRY(const std::size_t count, consume_locked());
    if (count == 0) break;
    if (progress) progress(position(), parts_.log.statistics().last);
  }
  return tick(true);
}

NameKey SpeedLayer::country_of(const Event& event) const {
  return event.user_id.empty() ? 0 : parts_.profiles.profile(event.user_id)->country;
}

Result<std::shared_ptr<UserState>> SpeedLayer::working_state(const std::string& subject,
                                                             Working& working) const {
  const auto found = working.users.find(subject);
  if (found != working.users.end()) return found->second;
  WINNOW_TRY(const std::shared_ptr<const UserState> stored, parts_.features.user(subject));
  auto state = stored ? std::make_shared<UserState>(*stored) : std::make_shared<UserState>();
  working.users.emplace(subject, state);
  return state;
}

Status SpeedLayer::create_missing(std::span<const LogRecord> records) {
  if (!options_.create_missing_items || !options_.persist) return {};
  std::vector<Item> missing;
  std::unordered_set<std::string_view> named;
  for (const LogRecord& record : records) {
    const std::string& id = record.event.item_id;
    if (parts_.table.find(id) != kNoItem || !named.insert(id).second) continue;
    Item item;
    item.id = id;
    missing.push_back(std::move(item));
  }
  if (missing.empty()) return {};
  WINNOW_TRY(const std::vector<ItemIndex> indexes, parts_.catalog.put_items(missing));
  std::vector<ItemTable::Change> changes;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    changes.push_back({indexes[i], missing[i].id, std::move(missing[i])});
  }
  parts_.table.apply(changes);
  return {};
}

Status SpeedLayer::apply_record(const LogRecord& record, const ItemSnapshot& items, Working& working) const {
  const Event& event = record.event;
  const ItemIndex item = parts_.table.find(event.item_id);
  if (item == kNoItem || row(item) >= items.size()) {
    return Error{
        ErrorCode::not_found,
        "item \"" + event.item_id + "\" is not in the catalogue: add it, then replay the dead letters",
        "item_id"};
  }
  const ItemAttributes attributes = items.attributes(item);
  if (!can_apply(event.action, attributes)) {
    return Error{ErrorCode::invalid,
                 "item \"" + event.item_id +
                     "\" has no creator to follow: set its creator, then replay the dead letters",
                 "item_id"};
  }
  WINNOW_TRY(const std::shared_ptr<UserState> state, working_state(subject_of(event), working));
  const ResolvedEvent resolved = resolve(event, record.received_ms, item, attributes, feedback_);
  if (const auto visit = visit_of(*state, resolved)) working.visits.push_back(*visit);
  apply_event(*state, resolved, options_.user);
  working.item_events.push_back(item_event(resolved, country_of(event)));
  return {};
}

Status SpeedLayer::apply_batch(std::span<const LogRecord> records) {
  WINNOW_RETURN_IF_ERROR(create_missing(records));
  const std::shared_ptr<const ItemSnapshot> items = parts_.table.pin();
  Working working;
  std::vector<std::pair<const LogRecord*, Error>> poison;
  for (const LogRecord& record : records) {
    Status applied;
    for (std::uint32_t attempt = 0; attempt < kTries; ++attempt) {
      applied = apply_record(record, *items, working);
      if (applied.ok()) break;
    }
    if (applied.ok()) continue;
    if (!is_poison(applied.error())) return applied;
    poison.emplace_back(&record, applied.error());
  }
  if (options_.persist) {
    for (const auto& [record, error] : poison) {
      WINNOW_RETURN_IF_ERROR(parts_.dead_letters.add(*record, error.message, kTries));
    }
  }
  return commit(working);
}

Status SpeedLayer::commit(Working& working) {
  std::vector<UserUpdate> updates;
  updates.reserve(working.users.size());
  for (auto& [subject, state] : working.users) updates.push_back({subject, std::move(state)});
  WINNOW_RETURN_IF_ERROR(parts_.features.put_users(std::move(updates)));
  for (const ItemEvent& event : working.item_events) aggregates_.statistics.add(event);
  for (const Visit& visit : working.visits) aggregates_.co_occurrence.add(visit);
  return {};
}

Status SpeedLayer::tick(bool now) {
  const double start_s = steady_seconds();
  const std::shared_ptr<const ItemSnapshot> items = parts_.table.pin();
  const bool stale = trends_position_ != position() || trends_items_ != items.get();
  if (stale && (now || start_s >= next_trends_s_)) {
    const std::shared_ptr<Trends> trends =
        build_trends(aggregates_.statistics, *items, parts_.clock.now_ms(), options_.trends);
    trends->position = position();
    trends_.publish(trends);
    trends_position_ = position();
    trends_items_ = items.get();
    // A large catalogue's trends take long: spend at most a tenth of the time on them.
    const double took_s = steady_seconds() - start_s;
    next_trends_s_ = start_s + std::max(static_cast<double>(options_.trend_interval_ms) / 1000, 10 * took_s);
  }
  if (options_.persist && checkpointed_ != position() && (now || start_s >= next_checkpoint_s_)) {
    const std::string aggregates = aggregates_.encode();
    WINNOW_RETURN_IF_ERROR(parts_.features.checkpoint(position(), aggregates));
    checkpointed_ = position();
    // Nor is a large one written all the time: what a restart then repeats is soon done.
    const double took_s = steady_seconds() - start_s;
    next_checkpoint_s_ =
        start_s + std::max({static_cast<double>(options_.checkpoint_interval_ms) / 1000, 10 * took_s,
                            static_cast<double>(aggregates.size()) / kCheckpointBytesPerSecond});
  }
  return {};
}

Result<std::uint64_t> SpeedLayer::replay_dead_letters() {
  MutexLock lock(mutex_);
  std::uint64_t applied = 0;
  std::uint64_t after = 0;
  for (;;) {
    WINNOW_TRY(const std::vector<DeadLetter> letters, parts_.dead_letters.list(after, 1000));
    if (letters.empty()) break;
    const std::shared_ptr<const ItemSnapshot> items = parts_.table.pin();
    Working working;
    std::vector<std::uint64_t> done;
    for (const DeadLetter& letter : letters) {
      after = letter.id;
      const Status status = apply_record(letter.record, *items, working);
      if (status.ok()) done.push_back(letter.id);
      if (!status.ok() && !is_poison(status.error())) return status.error();
    }
    WINNOW_RETURN_IF_ERROR(commit(working));
    for (const std::uint64_t id : done) WINNOW_RETURN_IF_ERROR(parts_.dead_letters.remove(id));
    applied += done.size();
  }
  if (applied > 0) {
    trends_position_ = checkpointed_ = 0;  // both are out of date although the position stands
    WINNOW_RETURN_IF_ERROR(tick(true));
  }
  return applied;
}

// What the subject's events added to the aggregates. Which items went together follows from the state that
// each event met, so that is derived once more, from the first event on.
Status SpeedLayer::take_out(std::string_view subject) {
  const std::shared_ptr<const ItemSnapshot> items = parts_.table.pin();
  std::vector<LogRecord> newest_first;
  LogPosition before = 0;
  do {
    WINNOW_TRY(EventPage page, parts_.log.read_subject(subject, before, 1000));
    std::ranges::move(page.records, std::back_inserter(newest_first));
    before = page.next_before;
  } while (before != 0);
  UserState state;
  for (const LogRecord& record : std::views::reverse(newest_first)) {
    const ItemIndex item = parts_.table.find(record.event.item_id);
    if (record.position > position() || item == kNoItem || row(item) >= items->size()) continue;
    const ResolvedEvent resolved =
        resolve(record.event, record.received_ms, item, items->attributes(item), feedback_);
    aggregates_.statistics.subtract(item_event(resolved, country_of(record.event)));
    if (const auto visit = visit_of(state, resolved)) aggregates_.co_occurrence.subtract(*visit);
    apply_event(state, resolved, options_.user);
  }
  return {};
}

Result<bool> SpeedLayer::erase(std::string_view subject, const std::function<Status()>& erase_log) {
  MutexLock lock(mutex_);
  WINNOW_RETURN_IF_ERROR(take_out(subject));
  WINNOW_RETURN_IF_ERROR(erase_log());
  WINNOW_TRY(const bool known, parts_.features.erase_user(subject));
  trends_position_ = checkpointed_ = 0;
  WINNOW_RETURN_IF_ERROR(tick(true));
  return known;
}

std::string SpeedLayer::encoded_aggregates() const {
  MutexLock lock(mutex_);
  return aggregates_.encode();
}

}  // namespace winnow
