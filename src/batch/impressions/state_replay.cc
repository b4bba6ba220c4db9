#include "batch/impressions/state_replay.h"

#include <unordered_set>
#include <utility>

namespace winnow {

namespace {

// What the store knows a subject by.
std::string pseudonym_of(const std::string& subject) {
  const auto bytes = hash128(subject).bytes();
  return {bytes.data(), bytes.size()};
}

}  // namespace

StateReplay::StateReplay(const Catalog& catalog, const FeedbackPolicy& feedback, FeatureStore& states,
                         const ReplayOptions& options)
    : catalog_(catalog),
      feedback_(feedback),
      states_(states),
      options_(options),
      statistics_(options.items) {}

Result<std::unique_ptr<StateReplay>> StateReplay::start(const Catalog& catalog,
                                                        const FeedbackPolicy& feedback, FeatureStore& states,
                                                        const ReplayOptions& options) {
  std::unique_ptr<StateReplay> replay(new StateReplay(catalog, feedback, states, options));
  WINNOW_RETURN_IF_ERROR(replay->table_.load(catalog));
  replay->items_ = replay->table_.pin();
  return replay;
}

void StateReplay::expect(std::span<const LogRecord> records) {
  std::vector<std::string> ids;
  std::unordered_set<std::string_view> named;
  for (const LogRecord& record : records) {
    const std::string& id = record.event.item_id;
    if (table_.find(id) == kNoItem && named.insert(id).second) ids.push_back(id);
  }
  add_missing(ids);
}

void StateReplay::add_missing(std::span<const std::string> ids) {
  if (ids.empty()) return;
  std::vector<ItemTable::Change> changes;
  std::uint32_t next = items_->size();
  for (const std::string& id : ids) {
    Item item;
    item.id = id;
    changes.push_back({ItemIndex{next++}, id, std::move(item)});
    missing_.push_back(id);
  }
  table_.apply(changes);
  items_ = table_.pin();
}

Result<UserState*> StateReplay::working_state(const std::string& subject) {
  const auto found = working_.find(subject);
  if (found != working_.end()) return found->second.get();
  WINNOW_TRY(const std::shared_ptr<const UserState> stored, states_.user(pseudonym_of(subject)));
  auto state = stored ? std::make_shared<UserState>(*stored) : std::make_shared<UserState>();
  return working_.emplace(subject, std::move(state)).first->second.get();
}

Result<const UserState*> StateReplay::user(const std::string& subject) {
  WINNOW_TRY(const UserState* state, working_state(subject));
  return state;
}

Result<NameKey> StateReplay::country_of(const std::string& user_id) {
  if (user_id.empty()) return NameKey{0};
  const std::uint64_t key = hash64(user_id);
  if (const auto found = countries_.find(key); found != countries_.end()) return found->second;
  const Result<User> user = catalog_.user(user_id);
  if (!user.ok() && user.error().code != ErrorCode::not_found) return user.error();
  const NameKey country = user.ok() && !user->country.empty() ? name_key(user->country) : 0;
  countries_.emplace(key, country);
  return country;
}

Result<bool> StateReplay::apply(const LogRecord& record) {
  const Event& event = record.event;
  const ItemIndex item = table_.find(event.item_id);
  if (item == kNoItem || row(item) >= items_->size()) return false;
  const ItemAttributes attributes = items_->attributes(item);
  if (!can_apply(event.action, attributes)) return false;
  WINNOW_TRY(UserState* const state, working_state(subject_of(event)));
  WINNOW_TRY(const NameKey country, country_of(event.user_id));
  const ResolvedEvent resolved = resolve(event, record.received_ms, item, attributes, feedback_);
  apply_event(*state, resolved, options_.user);
  statistics_.add(item_event(resolved, country));
  return true;
}

Status StateReplay::hand_over() {
  std::vector<UserUpdate> updates;
  updates.reserve(working_.size());
  for (auto& [subject, state] : working_) updates.push_back({pseudonym_of(subject), std::move(state)});
  working_.clear();
  return states_.put_users(std::move(updates));
}

void StateReplay::save(ByteWriter& out) const {
  out.string(statistics_.encode());
  out.varint(missing_.size());
  for (const std::string& id : missing_) out.string(id);
}

Status StateReplay::restore(ByteReader& in) {
  const std::string_view statistics = in.string();
  std::vector<std::string> ids;
  for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) ids.emplace_back(in.string());
  if (in.failed()) return {};
  add_missing(ids);
  return statistics_.decode(statistics);
}

}  // namespace winnow
