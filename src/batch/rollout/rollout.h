// The last step: a version becomes live, or is kept as rejected with the reason, and old versions go.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "registry/model_registry.h"

namespace winnow {

struct RolloutOptions {
  std::size_t keep_versions = 5;  // the live one and the one before it stay in any case
};

struct Rollout {
  std::string version;
  bool promoted = false;
};

// refusal: why the version may not serve; empty when it may. Every part is safe to repeat: the same bundle
// gives the same version, and a version that is live stays live.
Result<Rollout> roll_out(ModelRegistry& registry, ModelBundle bundle, const std::string& refusal,
                         const RolloutOptions& options);

}  // namespace winnow
