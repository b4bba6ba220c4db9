#include "adapters/embedded/embedded_feature_store.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <string>
#include <utility>

#include "adapters/embedded/store_engine.h"
#include "base/bytes.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::string_view kCheckpointKey = "checkpoint";
constexpr std::string_view kCountKey = "users";

struct StoredUser {
  std::string_view subject;
  std::string_view state;
};

std::string encode(const UserUpdate& update) {
  ByteWriter out;
  out.string(update.subject);
  out.raw(update.state->encode());
  return out.take();
}

Result<StoredUser> decode(std::string_view bytes) {
  ByteReader in(bytes);
  StoredUser stored;
  stored.subject = in.string();
  if (in.failed()) {
    return Error{ErrorCode::corrupt,
                 "the features of a user cannot be read: delete them and let the event log be replayed"};
  }
  stored.state = in.raw(in.remaining());
  return stored;
}

// How many users the column holds.
Result<std::uint64_t> stored_count(const StoreEngine& engine) {
  WINNOW_TRY(const auto count, engine.get(Column::checkpoint, kCountKey));
  return count ? read_big_endian<std::uint64_t>(*count) : 0;
}

std::string user_key(std::string_view subject) { return hash_key(hash128(subject)); }

}  // namespace

Result<std::unique_ptr<EmbeddedFeatureStore>> EmbeddedFeatureStore::open(Store& store,
                                                                         FeatureStoreOptions options) {
  std::unique_ptr<EmbeddedFeatureStore> features(new EmbeddedFeatureStore(store, options));
  WINNOW_TRY(const auto engine, store.pin());
  WINNOW_TRY(const std::uint64_t count, stored_count(*engine));
  MutexLock lock(features->count_mutex_);
  features->users_ = count;
  return features;
}

Result<std::shared_ptr<const UserState>> EmbeddedFeatureStore::user(std::string_view subject) const {
  const auto found = cache_.find(subject);
  if (found.state) return found.state;
  WINNOW_TRY(const auto engine, store_.pin());
  WINNOW_TRY(const auto bytes, engine->get(Column::features, user_key(subject)));
  if (!bytes) return std::shared_ptr<const UserState>();
  WINNOW_TRY(const StoredUser stored, decode(*bytes));
  if (stored.subject != subject) return std::shared_ptr<const UserState>();
  WINNOW_TRY(UserState state, UserState::decode(stored.state));
  auto shared = std::make_shared<const UserState>(std::move(state));
  // What another process writes would go stale in memory.
  if (!store_.read_only()) cache_.offer(subject, shared, found.version);
  return shared;
}

Status EmbeddedFeatureStore::put_users(std::vector<UserUpdate> updates) {
  MutexLock lock(write_mutex_);
  WINNOW_TRY(const auto engine, store_.pin());
  // Whom the store knows is found out before memory changes: the call counts whole or not at all.
  std::vector<std::string_view> unknown;
  for (const UserUpdate& update : updates) {
    if (cache_.contains(update.subject)) continue;
    WINNOW_TRY(const auto stored, engine->get(Column::features, user_key(update.subject)));
    if (!stored) unknown.push_back(update.subject);
  }
  std::sort(unknown.begin(), unknown.end());
  const auto fresh =
      static_cast<std::uint64_t>(std::unique(unknown.begin(), unknown.end()) - unknown.begin());
  for (UserUpdate& update : updates) cache_.put(std::move(update));
  MutexLock count_lock(count_mutex_);
  users_ += fresh;
  return {};
}

Status EmbeddedFeatureStore::checkpoint(LogPosition position, std::string_view aggregates) {
  MutexLock lock(write_mutex_);
  WINNOW_TRY(const auto engine, store_.writer());
  const std::vector<UserUpdate> dirty = cache_.dirty();
  rocksdb::WriteBatch batch;
  for (const UserUpdate& update : dirty) {
    batch.Put(engine->column(Column::features), user_key(update.subject), encode(update));
  }
  ByteWriter out;
  out.fixed(kFormat);
  out.fixed(position);
  out.fixed(hash64(aggregates));
  out.raw(aggregates);
  batch.Put(engine->column(Column::checkpoint), slice(kCheckpointKey), out.bytes());
  batch.Put(engine->column(Column::checkpoint), slice(kCountKey), number_key(user_count()));
  WINNOW_RETURN_IF_ERROR(store_.write(*engine, batch, Store::Durability::soon));
  cache_.mark_clean(dirty);
  return {};
}

Result<FeatureStore::Checkpoint> EmbeddedFeatureStore::last_checkpoint() const {
  WINNOW_TRY(const auto engine, store_.pin());
  WINNOW_TRY(const auto bytes, engine->get(Column::checkpoint, kCheckpointKey));
  Checkpoint checkpoint;
  if (!bytes) return checkpoint;
  ByteReader in(*bytes);
  const auto format = in.fixed<std::uint8_t>();
  checkpoint.position = in.fixed<LogPosition>();
  const auto checksum = in.fixed<std::uint64_t>();
  const bool short_of = in.failed();
  checkpoint.aggregates = in.raw(in.remaining());
  if (short_of || format != kFormat || hash64(checkpoint.aggregates) != checksum) {
    return Error{
        ErrorCode::corrupt,
        "the checkpoint of the features cannot be read: clear them and let the event log be replayed"};
  }
  return checkpoint;
}

Status EmbeddedFeatureStore::clear() {
  MutexLock lock(write_mutex_);
  WINNOW_TRY(const auto engine, store_.writer());
  rocksdb::WriteBatch batch;
  batch.DeleteRange(engine->column(Column::features), rocksdb::Slice(std::string(1, '\0')),
                    rocksdb::Slice(std::string(kHashKeyBytes + 1, '\xff')));
  batch.Delete(engine->column(Column::checkpoint), slice(kCheckpointKey));
  batch.Delete(engine->column(Column::checkpoint), slice(kCountKey));
  WINNOW_RETURN_IF_ERROR(store_.write(*engine, batch, Store::Durability::durable));
  cache_.clear();
  MutexLock count_lock(count_mutex_);
  users_ = 0;
  return {};
}

// Scrubs also when the subject is not there: older versions of its state may lie in the files.
Result<bool> EmbeddedFeatureStore::erase_user(std::string_view subject) {
  const std::string key = user_key(subject);
  bool known = false;
  {
    MutexLock lock(write_mutex_);
    WINNOW_TRY(const auto engine, store_.writer());
    WINNOW_TRY(const auto stored, engine->get(Column::features, key));
    known = stored.has_value() || cache_.contains(subject);
    const std::uint64_t left = user_count() - (known ? 1 : 0);
    if (stored) {
      WINNOW_TRY(const std::uint64_t saved, stored_count(*engine));
      rocksdb::WriteBatch batch;
      batch.Delete(engine->column(Column::features), key);
      batch.Put(engine->column(Column::checkpoint), slice(kCountKey),
                number_key(std::max<std::uint64_t>(saved, 1) - 1));
      WINNOW_RETURN_IF_ERROR(store_.write(*engine, batch, Store::Durability::durable));
    }
    cache_.erase(subject);
    MutexLock count_lock(count_mutex_);
    users_ = left;
  }
  const Store::Range touched[] = {{Column::features, key, key}};
  WINNOW_RETURN_IF_ERROR(store_.scrub(touched));
  return known;
}

// Memory knows what the store does not have yet: a merge of both by key.
Status EmbeddedFeatureStore::for_each_user(
    const std::function<Status(std::string_view subject, const UserState&)>& each) const {
  struct Keyed {
    std::string key;
    UserUpdate update;
  };
  std::vector<Keyed> dirty;
  std::unique_ptr<KeyWalk> walk;
  {
    MutexLock lock(write_mutex_);  // no checkpoint between the two looks
    WINNOW_TRY(const auto engine, store_.pin());
    for (UserUpdate& update : cache_.dirty()) dirty.push_back({user_key(update.subject), std::move(update)});
    walk = std::make_unique<KeyWalk>(engine, Column::features);
  }
  std::sort(dirty.begin(), dirty.end(), [](const Keyed& a, const Keyed& b) { return a.key < b.key; });
  auto next = dirty.begin();
  walk->to_first();
  while (walk->valid() || next != dirty.end()) {
    const bool from_memory = next != dirty.end() && (!walk->valid() || next->key <= walk->key());
    if (from_memory) {
      if (walk->valid() && next->key == walk->key()) walk->next();
      WINNOW_RETURN_IF_ERROR(each(next->update.subject, *next->update.state));
      ++next;
      continue;
    }
    WINNOW_TRY(const StoredUser stored, decode(walk->value()));
    WINNOW_TRY(const UserState state, UserState::decode(stored.state));
    WINNOW_RETURN_IF_ERROR(each(stored.subject, state));
    walk->next();
  }
  return walk->status();
}

std::uint64_t EmbeddedFeatureStore::user_count() const {
  if (store_.read_only()) {
    const auto engine = store_.pin();
    return engine.ok() ? stored_count(**engine).value_or(0) : 0;
  }
  MutexLock lock(count_mutex_);
  return users_;
}

}  // namespace winnow
