#include "batch/rollout/rollout.h"

#include <utility>

namespace winnow {

Result<Rollout> roll_out(ModelRegistry& registry, ModelBundle bundle, const std::string& refusal,
                         const RolloutOptions& options) {
  WINNOW_TRY(std::string version, registry.put(std::move(bundle)));
  if (refusal.empty()) {
    WINNOW_RETURN_IF_ERROR(registry.promote(version));
  } else {
    WINNOW_RETURN_IF_ERROR(registry.reject(version, refusal));
  }
  WINNOW_RETURN_IF_ERROR(registry.prune(options.keep_versions));
  return Rollout{std::move(version), refusal.empty()};
}

}  // namespace winnow
