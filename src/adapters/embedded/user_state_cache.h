// UserStateCache: the states of users in memory, in shards, for requests to read.
//
// Dirty entries (not yet in the store) stay; clean ones make room for others when the shard is over its share
// of the memory, the least recently used first. A reader that found nothing and has loaded the state from the
// store offers it with the version it saw before loading: when anything of the shard was dropped meanwhile,
// what was loaded may be stale and is not taken. Thread-safe; a lock is held for one map operation.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/mutex.h"
#include "features/feature_store.h"

namespace winnow {

class UserStateCache final {
 public:
  explicit UserStateCache(std::size_t max_bytes);

  struct Lookup {
    std::shared_ptr<const UserState> state;  // null: not in memory
    std::uint64_t version = 0;               // of the shard, for offer
  };
  Lookup find(std::string_view subject) const;
  bool contains(std::string_view subject) const;

  // Sets a state that the store does not have yet. True when the subject was not in memory.
  bool put(UserUpdate update);
  // Keeps a state that was read from the store, unless there is a newer one or it may be stale.
  void offer(std::string_view subject, std::shared_ptr<const UserState> state, std::uint64_t version);

  // All dirty entries, and then, once they are in the store, the mark that they are.
  std::vector<UserUpdate> dirty() const;
  void mark_clean(const std::vector<UserUpdate>& saved);

  // True when it was in memory.
  bool erase(std::string_view subject);
  void clear();

 private:
  struct Entry {
    std::string subject;
    std::shared_ptr<const UserState> state;
    std::size_t bytes = 0;
    bool dirty = false;
  };
  struct Shard {
    mutable Mutex mutex;
    std::list<Entry> clean WINNOW_GUARDED_BY(mutex);  // most recently used first
    std::list<Entry> dirty WINNOW_GUARDED_BY(mutex);
    std::unordered_map<std::string, std::list<Entry>::iterator, StringHash, std::equal_to<>> places
        WINNOW_GUARDED_BY(mutex);
    std::size_t clean_bytes WINNOW_GUARDED_BY(mutex) = 0;
    std::uint64_t version WINNOW_GUARDED_BY(mutex) = 0;
  };
  static constexpr std::size_t kShards = 64;

  Shard& shard(std::string_view subject) const { return shards_[hash64(subject) % kShards]; }
  void make_room(Shard& shard) WINNOW_REQUIRES(shard.mutex);

  const std::size_t max_bytes_;  // of the clean entries of a shard
  mutable std::vector<Shard> shards_;
};

}  // namespace winnow
