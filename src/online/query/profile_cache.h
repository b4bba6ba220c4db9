// ProfileCache: users' profiles as requests need them, parsed once and kept in memory.
//
// Sharded by user, bounded: a full shard forgets an arbitrary half. Thread-safe.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/mutex.h"
#include "catalog/catalog.h"

namespace winnow {

struct Profile {
  NameKey country = 0;                                      // 0: unknown
  std::vector<NameKey> follows;                             // ascending
  std::shared_ptr<const std::vector<std::uint64_t>> facts;  // profile_facts(); null: none
};

class ProfileCache final {
 public:
  explicit ProfileCache(const Catalog& catalog, std::size_t capacity = 1'000'000)
      : catalog_(catalog), shard_capacity_(capacity / kShards + 1) {}

  // An empty profile for a user whom the catalogue does not know or cannot read now.
  std::shared_ptr<const Profile> profile(std::string_view user_id) const;

  // Call after the catalogue's profile changed or went.
  void forget(std::string_view user_id);

 private:
  static constexpr std::size_t kShards = 16;
  struct Shard {
    Mutex mutex;
    std::unordered_map<std::string, std::shared_ptr<const Profile>, StringHash, std::equal_to<>> profiles
        WINNOW_GUARDED_BY(mutex);
    std::uint64_t changes WINNOW_GUARDED_BY(mutex) = 0;  // a load that a change overtook is not kept
  };
  Shard& shard_of(std::string_view user_id) const { return shards_[hash64(user_id) % kShards]; }

  const Catalog& catalog_;
  std::size_t shard_capacity_;
  mutable std::array<Shard, kShards> shards_;
};

}  // namespace winnow
