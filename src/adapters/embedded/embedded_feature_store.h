// EmbeddedFeatureStore: user states in memory over the site's store. Format: docs/formats/feature_store.md.
//
// put_users changes memory only; checkpoint writes every changed user, the aggregates and the position in one
// write, so that the store always holds the states of exactly one position. The write is not synced: after a
// power loss an older checkpoint may be the newest, and the log repeats the rest. Users come into memory when
// they are first asked for, so opening is fast however many there are.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "adapters/embedded/store.h"
#include "adapters/embedded/user_state_cache.h"
#include "base/mutex.h"
#include "features/feature_store.h"

namespace winnow {

struct FeatureStoreOptions {
  std::size_t cache_bytes = 1ull << 30;  // of user states that could also be read from the store
};

class EmbeddedFeatureStore final : public FeatureStore {
 public:
  // The store outlives it.
  static Result<std::unique_ptr<EmbeddedFeatureStore>> open(Store& store, FeatureStoreOptions options = {});

  Result<std::shared_ptr<const UserState>> user(std::string_view subject) const override;
  Status put_users(std::vector<UserUpdate> updates) override;
  Status checkpoint(LogPosition position, std::string_view aggregates) override;
  Result<Checkpoint> last_checkpoint() const override;
  Status clear() override;
  Result<bool> erase_user(std::string_view subject) override;
  Status for_each_user(
      const std::function<Status(std::string_view subject, const UserState&)>& each) const override;
  std::uint64_t user_count() const override;

 private:
  EmbeddedFeatureStore(Store& store, FeatureStoreOptions options)
      : store_(store), cache_(options.cache_bytes) {}

  Store& store_;
  mutable UserStateCache cache_;
  // Held by put_users, checkpoint, clear and erase_user: a checkpoint is of one moment. Before count_mutex_.
  mutable Mutex write_mutex_;
  mutable Mutex count_mutex_;
  std::uint64_t users_ WINNOW_GUARDED_BY(count_mutex_) = 0;
};

}  // namespace winnow
