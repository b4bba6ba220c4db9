// fetch_context: everything a request looks at, pinned once.
#pragma once

#include "features/feature_store.h"
#include "online/ingest/speed_layer.h"
#include "online/query/profile_cache.h"
#include "stages/request_context.h"

namespace winnow {

// Reads the user's state (one look-up, and one more for a signed-in user's anonymous past when the query
// names the session), adds the request's own session events as if they had been consumed already, and pins
// items and trends. A feature store that fails gives default features, marked as such. `query` must outlive
// the context.
class ContextFetcher final {
 public:
  ContextFetcher(const FeatureStore& features, const ProfileCache& profiles, const ItemTable& table,
                 const SpeedLayer& speed, UserStateOptions options)
      : features_(features), profiles_(profiles), table_(table), speed_(speed), options_(options) {}

  RequestContext fetch(const Query& query) const;

 private:
  const FeatureStore& features_;
  const ProfileCache& profiles_;
  const ItemTable& table_;
  const SpeedLayer& speed_;
  UserStateOptions options_;
};

}  // namespace winnow
