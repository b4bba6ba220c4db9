// FeatureFrame: one moment of one user and the candidates looked at then, with all that features have in
// common worked out once.
//
// The same frame is filled by a request from live state, and by training from state replayed to that moment:
// what is computed from it cannot differ.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/item.h"
#include "features/item_statistics.h"
#include "features/user_state.h"
#include "math/score_scale.h"

namespace winnow {

// An item of the user's history, with what is known of it.
struct PastItem {
  ItemTraits traits;
  ItemActivity activity;
};

// One source's opinion of the candidates; 0 where it has none.
struct SourceOpinion {
  std::string_view name;
  std::span<const float> scores;
};

// Views: they outlive the frame.
struct FeatureInputs {
  const UserState* state = nullptr;
  std::span<const Interaction> history;  // oldest first; the request's own session events too
  std::span<const PastItem> past;        // of the last interactions, at most kPastItems, newest last
  std::span<const NameKey> follows;      // creators, ascending
  std::size_t profile_facts = 0;
  TimestampMs now_ms = 0;
  std::string_view surface;
  bool has_context_item = false;

  // By row.
  std::span<const ItemIndex> items;
  std::span<const ItemTraits> traits;
  std::span<const ItemActivity> activity;
  std::span<const SourceOpinion> sources;
  std::span<const float> blend;  // of all sources' opinions
  // The rows whose features will be asked for, all where it is empty: only they need traits and activity.
  // Read by the frame's constructor alone.
  std::span<const std::uint32_t> described;

  static constexpr std::size_t kPastItems = 30;
};

// The sources that features may speak of. One that a model was not trained with says nothing.
inline constexpr std::array<std::string_view, 12> kFeatureSources = {
    "als", "item_to_item", "spectral",      "graph",   "two_tower", "popular",
    "new", "trending",     "subscriptions", "content", "category",  "country"};

// The buckets that names of categories and surfaces are hashed to.
inline constexpr std::size_t kCategoryBuckets = 16;
inline constexpr std::size_t kSurfaceBuckets = 4;

struct FeatureFrame {
  static constexpr std::size_t kRecentItems = 5;

  explicit FeatureFrame(const FeatureInputs& inputs);

  // How the user stands to one candidate.
  struct Pair {
    float liking = 0;            // decayed positives of its best-liked category
    float liking_mean = 0;       // over its categories
    float disliking_mean = 0;    // the same of negatives
    float known_categories = 0;  // share of its categories that the user has judged
    float creator_liking = 0;
    float creator_disliking = 0;
    float days_since_category = 0;       // since the last judgement of one of its categories; NaN: never
    float last_overlap = 0;              // share of its categories that the last item has
    float recent_overlap = 0;            // mean of that over the last kRecentItems
    float past_overlap = 0;              // and over all past items
    std::uint32_t category_buckets = 0;  // a bit for each bucket that holds one of its categories
    float creator_in_past = 0;           // how many of the past items are its creator's
    bool followed = false;
    bool seen = false;
    bool shown_only = false;
  };
  struct User {
    float positives = 0;  // decayed, over categories
    float negatives = 0;
    float top_share = 0;        // of the best-liked category among positives
    float entropy = 0;          // of positives over categories, in nats
    float popularity_mean = 0;  // log(1 + popularity) over the past items
    float popularity_deviation = 0;
    float age_mean = 0;  // years, of the past items as of now
    float age_deviation = 0;
    float duration_mean = 0;                           // log(1 + s)
    std::array<float, kCategoryBuckets> categories{};  // shares of positives by bucket
  };

  std::size_t rows() const { return in.items.size(); }
  // Empty where the source is not there.
  std::span<const float> scores_of(std::size_t source) const { return sources[source].scores; }

  struct Source {
    std::span<const float> scores;
    ScoreScale scale;
    float best = 0;  // standardised
  };

  FeatureInputs in;
  User user;
  std::vector<Pair> pairs;           // by row
  std::vector<float> source_counts;  // by row: how many sources have an opinion of it
  std::array<Source, kFeatureSources.size()> sources;
  Source blend;
};

// Years between two moments; NaN where `from` is unknown (0).
float years_between(TimestampMs from, TimestampMs to);
std::size_t category_bucket(NameKey category);

}  // namespace winnow
