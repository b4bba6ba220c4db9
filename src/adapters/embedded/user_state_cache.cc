#include "adapters/embedded/user_state_cache.h"

#include <utility>

namespace winnow {

namespace {

std::size_t bytes_of(const std::string& subject, const UserState& state) {
  constexpr std::size_t kOverhead = 160;  // list node, map node, reference count
  return kOverhead + 2 * subject.size() + sizeof state + state.history.capacity() * sizeof(Interaction) +
         state.seen.capacity() * sizeof(SeenItem) + state.categories.capacity() * sizeof(Affinity) +
         state.creators.capacity() * sizeof(Affinity) + state.follows.capacity() * sizeof(NameKey);
}

}  // namespace

UserStateCache::UserStateCache(std::size_t max_bytes) : max_bytes_(max_bytes / kShards), shards_(kShards) {}

UserStateCache::Lookup UserStateCache::find(std::string_view subject) const {
  Shard& shard = this->shard(subject);
  MutexLock lock(shard.mutex);
  const auto found = shard.places.find(subject);
  if (found == shard.places.end()) return {nullptr, shard.version};
  const auto entry = found->second;
  if (!entry->dirty) shard.clean.splice(shard.clean.begin(), shard.clean, entry);
  return {entry->state, shard.version};
}

bool UserStateCache::contains(std::string_view subject) const {
  Shard& shard = this->shard(subject);
  MutexLock lock(shard.mutex);
  return shard.places.find(subject) != shard.places.end();
}

bool UserStateCache::put(UserUpdate update) {
  Shard& shard = this->shard(update.subject);
  MutexLock lock(shard.mutex);
  const std::size_t bytes = bytes_of(update.subject, *update.state);
  const auto [place, fresh] = shard.places.try_emplace(update.subject);
  if (fresh) {
    shard.dirty.push_front({std::move(update.subject), std::move(update.state), bytes, true});
    place->second = shard.dirty.begin();
    return true;
  }
  Entry& entry = *place->second;
  if (!entry.dirty) {
    shard.clean_bytes -= entry.bytes;
    shard.dirty.splice(shard.dirty.begin(), shard.clean, place->second);
  }
  entry.state = std::move(update.state);
  entry.bytes = bytes;
  entry.dirty = true;
  return false;
}

void UserStateCache::offer(std::string_view subject, std::shared_ptr<const UserState> state,
                           std::uint64_t version) {
  Shard& shard = this->shard(subject);
  MutexLock lock(shard.mutex);
  if (shard.version != version) return;
  const auto [place, fresh] = shard.places.try_emplace(std::string(subject));
  if (!fresh) return;
  const std::size_t bytes = bytes_of(place->first, *state);
  shard.clean.push_front({place->first, std::move(state), bytes, false});
  place->second = shard.clean.begin();
  shard.clean_bytes += bytes;
  make_room(shard);
}

std::vector<UserUpdate> UserStateCache::dirty() const {
  std::vector<UserUpdate> updates;
  for (Shard& shard : shards_) {
    MutexLock lock(shard.mutex);
    for (const Entry& entry : shard.dirty) updates.push_back({entry.subject, entry.state});
  }
  return updates;
}

void UserStateCache::mark_clean(const std::vector<UserUpdate>& saved) {
  for (const UserUpdate& update : saved) {
    Shard& shard = this->shard(update.subject);
    MutexLock lock(shard.mutex);
    const auto found = shard.places.find(update.subject);
    // Another state may have been put since.
    if (found == shard.places.end() || found->second->state != update.state || !found->second->dirty)
      continue;
    found->second->dirty = false;
    shard.clean.splice(shard.clean.begin(), shard.dirty, found->second);
    shard.clean_bytes += found->second->bytes;
    make_room(shard);
  }
}

void UserStateCache::make_room(Shard& shard) {
  while (shard.clean_bytes > max_bytes_ && !shard.clean.empty()) {
    const Entry& oldest = shard.clean.back();
    shard.clean_bytes -= oldest.bytes;
    shard.places.erase(shard.places.find(oldest.subject));
    shard.clean.pop_back();
    ++shard.version;
  }
}

bool UserStateCache::erase(std::string_view subject) {
  Shard& shard = this->shard(subject);
  MutexLock lock(shard.mutex);
  ++shard.version;
  const auto found = shard.places.find(subject);
  if (found == shard.places.end()) return false;
  const auto entry = found->second;
  if (!entry->dirty) shard.clean_bytes -= entry->bytes;
  (entry->dirty ? shard.dirty : shard.clean).erase(entry);
  shard.places.erase(found);
  return true;
}

void UserStateCache::clear() {
  for (Shard& shard : shards_) {
    MutexLock lock(shard.mutex);
    ++shard.version;
    shard.places.clear();
    shard.clean.clear();
    shard.dirty.clear();
    shard.clean_bytes = 0;
  }
}

}  // namespace winnow
