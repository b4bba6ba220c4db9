#include "features/feature_frame.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace winnow {
namespace {

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();
constexpr double kYearMs = 365.25 * kDayMs;

// What the user has to do with one name, a category's or a creator's.
struct Standing {
  NameKey key = 0;
  float positive = 0;  // share of all positives
  float negative = 0;  // share of all negatives
  TimestampMs time_ms = 0;
  float in_last = 0;  // share of the last item, of the recent ones and of all past ones that bear the name
  float in_recent = 0;
  float in_past = 0;
};

// Standings by name: every candidate asks for some of them.
class Standings final {
 public:
  explicit Standings(std::size_t most) : slots_(std::bit_ceil(2 * most + 1)) {}

  Standing& operator[](NameKey key) {
    Standing& slot = slots_[place(key)];
    slot.key = key;
    return slot;
  }
  const Standing* find(NameKey key) const {
    const Standing& slot = slots_[place(key)];
    return slot.key == key ? &slot : nullptr;
  }

 private:
  std::size_t place(NameKey key) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = key & mask;  // keys are hashes
    while (slots_[at].key != 0 && slots_[at].key != key) at = (at + 1) & mask;
    return at;
  }
  std::vector<Standing> slots_;
};

struct Sums {
  float positive = 0;
  float negative = 0;
};

// As of now: affinities stand at different times.
float faded(const Affinity& affinity, TimestampMs now_ms) {
  constexpr double kHalfLifeMs = 30.0 * kDayMs;
  return static_cast<float>(
      std::exp2(-std::max(0.0, static_cast<double>(now_ms - affinity.time_ms)) / kHalfLifeMs));
}

Sums add_affinities(std::span<const Affinity> affinities, TimestampMs now_ms, Standings& standings) {
  Sums sums;
  for (const Affinity& affinity : affinities) {
    const float share = faded(affinity, now_ms);
    Standing& standing = standings[affinity.key];
    standing.positive = affinity.positive * share;
    standing.negative = affinity.negative * share;
    standing.time_ms = affinity.time_ms;
    sums.positive += standing.positive;
    sums.negative += standing.negative;
  }
  return sums;
}

float share_of(float part, float whole) { return whole > 0 ? part / whole : 0.0f; }

struct Moments {
  double sum = 0;
  double squares = 0;
  std::size_t n = 0;
  void add(double value) {
    if (!std::isfinite(value)) return;
    sum += value;
    squares += value * value;
    ++n;
  }
  float mean() const { return n == 0 ? kUnknown : static_cast<float>(sum / static_cast<double>(n)); }
  float deviation() const {
    if (n == 0) return kUnknown;
    const double centre = sum / static_cast<double>(n);
    return static_cast<float>(std::sqrt(std::max(0.0, squares / static_cast<double>(n) - centre * centre)));
  }
};

// The names of the past items, newest last, by how many of them bear each.
void add_past(std::span<const PastItem> past, Standings& categories, Standings& creators) {
  const std::size_t recent = std::min(past.size(), FeatureFrame::kRecentItems);
  const auto add = [&](Standing& standing, std::size_t k) {
    standing.in_past += 1.0f / static_cast<float>(past.size());
    if (k + recent >= past.size()) standing.in_recent += 1.0f / static_cast<float>(recent);
    if (k + 1 == past.size()) standing.in_last = 1;
  };
  for (std::size_t k = 0; k < past.size(); ++k) {
    for (const NameKey category : past[k].traits.categories) add(categories[category], k);
    if (past[k].traits.creator != 0) add(creators[past[k].traits.creator], k);
  }
}

std::size_t names_in(std::span<const PastItem> past) {
  std::size_t out = 0;
  for (const PastItem& item : past) out += item.traits.categories.size();
  return out;
}

FeatureFrame::User describe_user(const FeatureInputs& in, const Sums& sums) {
  FeatureFrame::User user;
  user.positives = sums.positive;
  user.negatives = sums.negative;
  for (const Affinity& affinity : in.state->categories) {
    const float share = share_of(affinity.positive * faded(affinity, in.now_ms), sums.positive);
    if (share <= 0) continue;
    user.top_share = std::max(user.top_share, share);
    user.entropy -= share * std::log(share);
    user.categories[category_bucket(affinity.key)] += share;
  }
  Moments popularity;
  Moments age;
  Moments duration;
  for (const PastItem& item : in.past) {
    popularity.add(std::log1p(item.activity.popularity));
    age.add(years_between(item.traits.created_ms, in.now_ms));
    if (item.traits.duration_s > 0) duration.add(std::log1p(item.traits.duration_s));
  }
  user.popularity_mean = popularity.mean();
  user.popularity_deviation = popularity.deviation();
  user.age_mean = age.mean();
  user.age_deviation = age.deviation();
  user.duration_mean = duration.mean();
  return user;
}

float days(TimestampMs from, TimestampMs to) {
  return static_cast<float>(static_cast<double>(to - from) / kDayMs);
}

void stand_to_categories(const FeatureInputs& in, std::span<const NameKey> names, const Standings& categories,
                         const Sums& sums, FeatureFrame::Pair& pair) {
  pair.days_since_category = kUnknown;
  if (names.empty()) return;
  TimestampMs newest_ms = 0;
  for (const NameKey name : names) {
    pair.category_buckets |= 1u << category_bucket(name);
    const Standing* const standing = categories.find(name);
    if (standing == nullptr) continue;
    const float liking = share_of(standing->positive, sums.positive);
    pair.liking = std::max(pair.liking, liking);
    pair.liking_mean += liking;
    pair.disliking_mean += share_of(standing->negative, sums.negative);
    if (standing->time_ms > 0) pair.known_categories += 1;
    newest_ms = std::max(newest_ms, standing->time_ms);
    pair.last_overlap += standing->in_last;
    pair.recent_overlap += standing->in_recent;
    pair.past_overlap += standing->in_past;
  }
  const float share = 1.0f / static_cast<float>(names.size());
  for (float* const value : {&pair.liking_mean, &pair.disliking_mean, &pair.known_categories,
                             &pair.last_overlap, &pair.recent_overlap, &pair.past_overlap}) {
    *value *= share;
  }
  if (newest_ms > 0) pair.days_since_category = std::max(0.0f, days(newest_ms, in.now_ms));
}

void stand_to_creator(const FeatureInputs& in, NameKey creator, const Standings& creators, const Sums& sums,
                      FeatureFrame::Pair& pair) {
  if (creator == 0) return;
  pair.followed = std::ranges::binary_search(in.follows, creator);
  const Standing* const standing = creators.find(creator);
  if (standing == nullptr) return;
  pair.creator_liking = share_of(standing->positive, sums.positive);
  pair.creator_disliking = share_of(standing->negative, sums.negative);
  pair.creator_in_past = standing->in_past;
}

FeatureFrame::Source describe_source(std::span<const float> scores) {
  FeatureFrame::Source out{scores, score_scale(scores), 0};
  if (!scores.empty()) out.best = out.scale.of(largest(scores));
  return out;
}

}  // namespace

float years_between(TimestampMs from, TimestampMs to) {
  return from == 0 ? kUnknown : static_cast<float>(static_cast<double>(to - from) / kYearMs);
}

std::size_t category_bucket(NameKey category) { return (category >> 32) % kCategoryBuckets; }

FeatureFrame::FeatureFrame(const FeatureInputs& inputs) : in(inputs) {
  Standings categories(in.state->categories.size() + names_in(in.past));
  Standings creators(in.state->creators.size() + in.past.size());
  const Sums of_categories = add_affinities(in.state->categories, in.now_ms, categories);
  const Sums of_creators = add_affinities(in.state->creators, in.now_ms, creators);
  add_past(in.past, categories, creators);
  user = describe_user(in, of_categories);

  pairs.resize(rows());
  source_counts.resize(rows());
  const auto describe = [&](std::size_t row) {
    Pair& pair = pairs[row];
    stand_to_categories(in, in.traits[row].categories, categories, of_categories, pair);
    stand_to_creator(in, in.traits[row].creator, creators, of_creators, pair);
    if (const SeenItem* const seen = in.state->find_seen(in.items[row])) {
      pair.seen = true;
      pair.shown_only = (seen->flags & ~SeenItem::shown) == 0;
    }
  };
  if (in.described.empty()) {
    for (std::size_t row = 0; row < rows(); ++row) describe(row);
  } else {
    for (const std::uint32_t row : in.described) describe(row);
  }
  in.described = {};
  for (const SourceOpinion& opinion : in.sources) {
    const auto known = std::ranges::find(kFeatureSources, opinion.name);
    if (known == kFeatureSources.end()) continue;
    sources[static_cast<std::size_t>(known - kFeatureSources.begin())] = describe_source(opinion.scores);
    for (std::size_t row = 0; row < opinion.scores.size(); ++row)
      source_counts[row] += opinion.scores[row] != 0 ? 1.0f : 0.0f;
  }
  blend = describe_source(in.blend);
}

}  // namespace winnow
