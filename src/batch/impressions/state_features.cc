#include "batch/impressions/state_features.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "features/feature_rows.h"
#include "features/profile_facts.h"

namespace winnow {

namespace {

struct ProfileInputs {
  std::vector<NameKey> follows;  // ascending
  std::size_t facts = 0;
};

// Of the profile and of follow events; an anonymous visitor has no profile.
Result<ProfileInputs> profile_inputs(const ImpressionMoment& moment, const Catalog& catalog) {
  ProfileInputs out{moment.user.follows, 0};
  if (moment.subject.starts_with(kAnonymousPrefix)) return out;
  const Result<User> user = catalog.user(moment.subject);
  if (!user.ok()) {
    if (user.error().code == ErrorCode::not_found) return out;
    return user.error();
  }
  for (const std::string& creator : user->follows) out.follows.push_back(name_key(creator));
  std::ranges::sort(out.follows);
  out.follows.erase(std::ranges::unique(out.follows).begin(), out.follows.end());
  out.facts = profile_facts(*user).size();
  return out;
}

}  // namespace

MomentFeatures state_features(FeatureList features, const Catalog& catalog) {
  return [features = std::move(features), &catalog](const ImpressionMoment& moment,
                                                    std::span<float> rows) -> Status {
    WINNOW_TRY(const ProfileInputs profile, profile_inputs(moment, catalog));
    const FeatureRows looked = feature_rows(moment.user.history, moment.items, [&](ItemIndex item) {
      return PastItem{moment.catalog.attributes(item), moment.statistics.activity(item)};
    });
    FeatureInputs inputs;
    inputs.state = &moment.user;
    inputs.history = moment.user.history;
    inputs.past = looked.past;
    inputs.follows = profile.follows;
    inputs.profile_facts = profile.facts;
    inputs.now_ms = moment.time_ms;
    inputs.surface = moment.surface.empty() ? "home" : moment.surface;
    inputs.items = moment.items;
    inputs.traits = looked.traits;
    inputs.activity = looked.activity;
    std::vector<std::uint32_t> all(moment.items.size());
    std::iota(all.begin(), all.end(), 0u);
    compute_features(FeatureFrame(inputs), features, all, rows);
    return {};
  };
}

}  // namespace winnow
