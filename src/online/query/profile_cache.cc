#include "online/query/profile_cache.h"

#include <algorithm>
#include <utility>

#include "features/profile_facts.h"

namespace winnow {

std::shared_ptr<const Profile> ProfileCache::profile(std::string_view user_id) const {
  static const auto kUnknown = std::make_shared<const Profile>();
  if (user_id.empty()) return kUnknown;
  Shard& shard = shard_of(user_id);
  std::uint64_t changes = 0;
  {
    MutexLock lock(shard.mutex);
    const auto found = shard.profiles.find(user_id);
    if (found != shard.profiles.end()) return found->second;
    changes = shard.changes;
  }
  const Result<User> user = catalog_.user(user_id);
  if (!user.ok() && user.error().code != ErrorCode::not_found) return kUnknown;  // try again next time
  std::shared_ptr<const Profile> parsed = kUnknown;
  if (user.ok()) {
    auto profile = std::make_shared<Profile>();
    if (!user->country.empty()) profile->country = name_key(user->country);
    for (const std::string& creator : user->follows) profile->follows.push_back(name_key(creator));
    std::sort(profile->follows.begin(), profile->follows.end());
    if (auto facts = profile_facts(*user); !facts.empty()) {
      profile->facts = std::make_shared<const std::vector<std::uint64_t>>(std::move(facts));
    }
    parsed = std::move(profile);
  }
  MutexLock lock(shard.mutex);
  if (shard.changes != changes) return parsed;
  if (shard.profiles.size() >= shard_capacity_) {
    for (auto at = shard.profiles.begin();
         at != shard.profiles.end() && shard.profiles.size() > shard_capacity_ / 2;) {
      at = shard.profiles.erase(at);
    }
  }
  shard.profiles.emplace(user_id, parsed);
  return parsed;
}

void ProfileCache::forget(std::string_view user_id) {
  Shard& shard = shard_of(user_id);
  MutexLock lock(shard.mutex);
  ++shard.changes;
  const auto found = shard.profiles.find(user_id);
  if (found != shard.profiles.end()) shard.profiles.erase(found);
}

}  // namespace winnow
