#include "features/feature_definitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/hash.h"
#include "math/logarithms.h"

namespace winnow {
namespace {

using Rows = std::span<const std::uint32_t>;
using Column = std::span<float>;
using Frame = const FeatureFrame&;
using Compute = FeatureDefinition::Compute;

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

float log1p_of(double value) { return static_cast<float>(std::log1p(std::max(0.0, value))); }

// One number for all rows, one from an item's place in the rows.
template <auto kValue>
void same(Frame frame, std::size_t, Rows, Column column) {
  std::ranges::fill(column, kValue(frame));
}
template <auto kValue>
void each(Frame frame, std::size_t, Rows rows, Column column) {
  for (std::size_t k = 0; k < rows.size(); ++k) column[k] = kValue(frame, rows[k]);
}
// log(1 + that), what is below 0 as 0.
template <auto kValue>
void log_of_each(Frame frame, std::size_t, Rows rows, Column column) {
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const float value = kValue(frame, rows[k]);
    column[k] = value < 0 ? 0.0f : value;  // NaN stays
  }
  log1p_in_place(column);
}

// Of the user ---------------------------------------------------------------

float user_events(Frame f) { return log1p_of(static_cast<double>(f.in.state->events)); }
float user_history(Frame f) { return log1p_of(static_cast<double>(f.in.history.size())); }
float user_seen(Frame f) { return log1p_of(static_cast<double>(f.in.state->seen.size())); }

float user_positive_share(Frame f) {
  // Half of what is not known counts as positive: a Beta prior of two events.
  double positives = 1;
  double judged = 2;
  for (const Interaction& past : f.in.history) {
    positives += past.signal == Signal::positive ? 1 : 0;
    judged += past.signal != Signal::neutral ? 1 : 0;
  }
  return static_cast<float>(positives / judged);
}

float days_before_now(Frame f, TimestampMs time_ms) {
  return log1p_of(static_cast<double>(f.in.now_ms - time_ms) / kDayMs);
}
float user_idle(Frame f) {
  return f.in.history.empty() ? kUnknown : days_before_now(f, f.in.history.back().time_ms);
}
float user_span(Frame f) {
  return f.in.history.empty() ? kUnknown : days_before_now(f, f.in.history.front().time_ms);
}

// The last actions without a pause of half an hour.
float user_session(Frame f) {
  constexpr TimestampMs kPauseMs = 30 * kMinuteMs;
  TimestampMs next_ms = f.in.now_ms;
  std::size_t length = 0;
  for (auto past = f.in.history.rbegin(); past != f.in.history.rend(); ++past) {
    if (next_ms - past->time_ms > kPauseMs) break;
    next_ms = past->time_ms;
    ++length;
  }
  return log1p_of(static_cast<double>(length));
}

void user_action_share(Frame f, std::size_t action, Rows, Column column) {
  const auto n = std::ranges::count(f.in.history, static_cast<Action>(action), &Interaction::action);
  std::ranges::fill(
      column, f.in.history.empty() ? 0.0f : static_cast<float>(n) / static_cast<float>(f.in.history.size()));
}

float user_categories(Frame f) { return log1p_of(static_cast<double>(f.in.state->categories.size())); }
float user_creators(Frame f) { return log1p_of(static_cast<double>(f.in.state->creators.size())); }
float user_follows(Frame f) { return log1p_of(static_cast<double>(f.in.follows.size())); }
float user_facts(Frame f) { return log1p_of(static_cast<double>(f.in.profile_facts)); }
float user_positives(Frame f) { return log1p_of(f.user.positives); }
float user_negatives(Frame f) { return log1p_of(f.user.negatives); }
float user_top_share(Frame f) { return f.user.top_share; }
float user_entropy(Frame f) { return f.user.entropy; }
float user_popularity(Frame f) { return f.user.popularity_mean; }
float user_popularity_deviation(Frame f) { return f.user.popularity_deviation; }
float user_age(Frame f) { return f.user.age_mean; }
float user_age_deviation(Frame f) { return f.user.age_deviation; }
float user_duration(Frame f) { return f.user.duration_mean; }

void user_category_share(Frame f, std::size_t bucket, Rows, Column column) {
  std::ranges::fill(column, f.user.categories[bucket]);
}

// Of the moment -------------------------------------------------------------

constexpr double kFullTurn = 2 * std::numbers::pi;
double turn_of_day(Frame f) { return kFullTurn * static_cast<double>(f.in.now_ms % kDayMs) / kDayMs; }
double turn_of_week(Frame f) {
  constexpr TimestampMs kWeekMs = 7 * kDayMs;
  return kFullTurn * static_cast<double>(f.in.now_ms % kWeekMs) / kWeekMs;
}
float context_day_sine(Frame f) { return static_cast<float>(std::sin(turn_of_day(f))); }
float context_day_cosine(Frame f) { return static_cast<float>(std::cos(turn_of_day(f))); }
float context_week_sine(Frame f) { return static_cast<float>(std::sin(turn_of_week(f))); }
float context_week_cosine(Frame f) { return static_cast<float>(std::cos(turn_of_week(f))); }
float context_item(Frame f) { return f.in.has_context_item ? 1.0f : 0.0f; }
void context_surface(Frame f, std::size_t bucket, Rows, Column column) {
  std::ranges::fill(column, hash64(f.in.surface) % kSurfaceBuckets == bucket ? 1.0f : 0.0f);
}

// Of the item ---------------------------------------------------------------

template <float ItemActivity::*kMember>
float activity_of(Frame f, std::size_t r) {
  return f.in.activity[r].*kMember;
}
void item_velocity(Frame f, std::size_t, Rows rows, Column column) {
  const auto velocity = activity_of<&ItemActivity::velocity>;
  for (std::size_t k = 0; k < rows.size(); ++k) column[k] = std::abs(velocity(f, rows[k]));
  log1p_in_place(column);
  for (std::size_t k = 0; k < rows.size(); ++k) column[k] = std::copysign(column[k], velocity(f, rows[k]));
}

// Positives for each time that it was shown, drawn towards one in ten by a hundred impressions.
float item_response(Frame f, std::size_t r) {
  const ItemActivity& activity = f.in.activity[r];
  return (std::min(activity.positives, activity.impressions) + 10) / (activity.impressions + 100);
}

float item_age(Frame f, std::size_t r) { return years_between(f.in.traits[r].created_ms, f.in.now_ms); }
float item_age_days(Frame f, std::size_t r) { return item_age(f, r) * 365.25f; }
float item_age_known(Frame f, std::size_t r) { return f.in.traits[r].created_ms == 0 ? 0.0f : 1.0f; }
float item_duration(Frame f, std::size_t r) {
  const float seconds = f.in.traits[r].duration_s;
  return seconds > 0 ? seconds : kUnknown;
}
float item_categories(Frame f, std::size_t r) { return static_cast<float>(f.in.traits[r].categories.size()); }
float item_has_creator(Frame f, std::size_t r) { return f.in.traits[r].creator == 0 ? 0.0f : 1.0f; }

void item_category(Frame f, std::size_t bucket, Rows rows, Column column) {
  for (std::size_t k = 0; k < rows.size(); ++k)
    column[k] = static_cast<float>(f.pairs[rows[k]].category_buckets >> bucket & 1u);
}

// Of both -------------------------------------------------------------------

template <float FeatureFrame::Pair::*kMember>
float pair_of(Frame f, std::size_t r) {
  return f.pairs[r].*kMember;
}
template <bool FeatureFrame::Pair::*kMember>
float pair_flag(Frame f, std::size_t r) {
  return f.pairs[r].*kMember ? 1.0f : 0.0f;
}

float pair_category_rate(Frame f, std::size_t r) {
  const FeatureFrame::Pair& pair = f.pairs[r];
  constexpr float kPrior = 0.05f;
  return (pair.liking_mean + kPrior) / (pair.liking_mean + pair.disliking_mean + 2 * kPrior);
}
template <Compute kColumn, auto kMean>
void above(Frame f, std::size_t place, Rows rows, Column column) {
  kColumn(f, place, rows, column);
  const float mean = kMean(f);
  for (float& value : column) value -= mean;
}
float pair_age_gap(Frame f, std::size_t r) { return item_age(f, r) - f.user.age_mean; }
float pair_age_distance(Frame f, std::size_t r) {
  return std::abs(pair_age_gap(f, r)) / (f.user.age_deviation + 1);
}

// Of the sources ------------------------------------------------------------

const FeatureFrame::Source& source_at(Frame f, std::size_t place) {
  return place < f.sources.size() ? f.sources[place] : f.blend;
}
void source_score(Frame f, std::size_t place, Rows rows, Column column) {
  const FeatureFrame::Source& source = source_at(f, place);
  for (std::size_t k = 0; k < rows.size(); ++k)
    column[k] = source.scores.empty() ? 0.0f : source.scale.of(source.scores[rows[k]]);
}
void source_below_best(Frame f, std::size_t place, Rows rows, Column column) {
  const FeatureFrame::Source& source = source_at(f, place);
  for (std::size_t k = 0; k < rows.size(); ++k)
    column[k] = source.scores.empty() ? 0.0f : source.best - source.scale.of(source.scores[rows[k]]);
}
void source_speaks(Frame f, std::size_t place, Rows rows, Column column) {
  const std::span<const float> scores = f.sources[place].scores;
  for (std::size_t k = 0; k < rows.size(); ++k)
    column[k] = !scores.empty() && scores[rows[k]] != 0 ? 1.0f : 0.0f;
}
float source_count(Frame f, std::size_t r) { return f.source_counts[r]; }

}  // namespace

std::vector<FeatureDefinition> make_feature_definitions() {
  using enum FeatureSubject;
  using enum Freshness;
  std::vector<FeatureDefinition> out;
  const auto add = [&out](FeatureDefinition definition) { out.push_back(std::move(definition)); };

  const auto of_user = [&](std::string_view name, Freshness freshness, std::string_view meaning,
                           Compute compute, bool core = false, float fallback = 0) {
    add({fmt::format("user.{}", name), user, freshness, fallback, core, std::string(meaning), compute, 0});
  };
  of_user("events", near_real_time, "log(1 + all events)", same<user_events>, true);
  of_user("history", real_time, "log(1 + interactions that say something, at most the last hundred)",
          same<user_history>);
  of_user("seen", near_real_time, "log(1 + items that are remembered as seen)", same<user_seen>);
  of_user("positive_share", real_time, "positives among judgements, smoothed by two",
          same<user_positive_share>);
  of_user("idle_days", real_time, "log(1 + days since the last interaction)", same<user_idle>, false, 5);
  of_user("span_days", real_time, "log(1 + days since the oldest interaction that is kept)", same<user_span>,
          false, 0);
  of_user("session", real_time, "log(1 + interactions without a pause of half an hour)", same<user_session>);
  for (std::size_t action = 1; action < kActionCount; ++action) {
    const std::string_view name = action_names()[action];
    add({fmt::format("user.{}_share", name), user, real_time, 0, false,
         fmt::format("share of the action '{}' in the history", name), user_action_share, action});
  }
  of_user("categories", near_real_time, "log(1 + categories judged)", same<user_categories>);
  of_user("creators", near_real_time, "log(1 + creators judged)", same<user_creators>);
  of_user("follows", near_real_time, "log(1 + creators followed)", same<user_follows>);
  of_user("facts", fixed, "log(1 + facts of the profile)", same<user_facts>);
  of_user("positives", near_real_time, "log(1 + decayed positives over categories)", same<user_positives>);
  of_user("negatives", near_real_time, "log(1 + decayed negatives over categories)", same<user_negatives>);
  of_user("top_category", near_real_time, "share of the best-liked category", same<user_top_share>);
  of_user("entropy", near_real_time, "entropy of liked categories, in nats", same<user_entropy>);
  of_user("popularity", near_real_time, "mean log(1 + popularity) of the last items", same<user_popularity>,
          true);
  of_user("popularity_deviation", near_real_time, "its standard deviation", same<user_popularity_deviation>);
  of_user("item_age", real_time, "mean age of the last items, in years", same<user_age>);
  of_user("item_age_deviation", real_time, "its standard deviation", same<user_age_deviation>);
  of_user("duration", real_time, "mean log(1 + seconds) of the last items", same<user_duration>);
  for (std::size_t bucket = 0; bucket < kCategoryBuckets; ++bucket) {
    add({fmt::format("user.category_{}", bucket), user, near_real_time, 0, false,
         fmt::format("share of positives in categories that hash to bucket {}", bucket), user_category_share,
         bucket});
  }

  const auto of_context = [&](std::string_view name, std::string_view meaning, Compute compute,
                              std::size_t place = 0) {
    add({fmt::format("context.{}", name), context, real_time, 0, false, std::string(meaning), compute,
         place});
  };
  of_context("day_sine", "time of day, UTC, as an angle", same<context_day_sine>);
  of_context("day_cosine", "time of day, UTC, as an angle", same<context_day_cosine>);
  of_context("week_sine", "time of the week, UTC, as an angle", same<context_week_sine>);
  of_context("week_cosine", "time of the week, UTC, as an angle", same<context_week_cosine>);
  of_context("item", "1 where the request names an item on screen", same<context_item>);
  for (std::size_t bucket = 0; bucket < kSurfaceBuckets; ++bucket) {
    of_context(fmt::format("surface_{}", bucket),
               fmt::format("1 where the surface's name hashes to bucket {}", bucket), context_surface,
               bucket);
  }

  const auto of_item = [&](std::string_view name, Freshness freshness, std::string_view meaning,
                           Compute compute, bool core = false, float fallback = 0) {
    add({fmt::format("item.{}", name), item, freshness, fallback, core, std::string(meaning), compute, 0});
  };
  of_item("popularity", near_real_time, "log(1 + decayed positives x smoothed rate)",
          log_of_each<activity_of<&ItemActivity::popularity>>, true);
  of_item("fast", near_real_time, "log(1 + positives decayed over hours)",
          log_of_each<activity_of<&ItemActivity::fast>>, true);
  of_item("slow", near_real_time, "log(1 + positives decayed over weeks)",
          log_of_each<activity_of<&ItemActivity::slow>>, true);
  of_item("velocity", near_real_time, "signed log of deviations above its own past", item_velocity, true);
  of_item("rate", near_real_time, "positives among judgements, smoothed towards the catalogue's",
          each<activity_of<&ItemActivity::rate>>, true);
  of_item("positives", near_real_time, "log(1 + positives)",
          log_of_each<activity_of<&ItemActivity::positives>>, true);
  of_item("negatives", near_real_time, "log(1 + negatives)",
          log_of_each<activity_of<&ItemActivity::negatives>>);
  of_item("impressions", near_real_time, "log(1 + times shown)",
          log_of_each<activity_of<&ItemActivity::impressions>>);
  of_item("response", near_real_time, "positives a time shown, smoothed", each<item_response>);
  of_item("age_years", fixed, "years since it was made", each<item_age>, true);
  of_item("log_age", fixed, "log(1 + days since it was made)", log_of_each<item_age_days>, true);
  of_item("age_known", fixed, "1 where the time it was made is known", each<item_age_known>);
  of_item("duration", fixed, "log(1 + seconds)", log_of_each<item_duration>);
  of_item("categories", fixed, "number of categories", each<item_categories>);
  of_item("has_creator", fixed, "1 where its creator is known", each<item_has_creator>);
  for (std::size_t bucket = 0; bucket < kCategoryBuckets; ++bucket) {
    add({fmt::format("item.category_{}", bucket), item, fixed, 0, false,
         fmt::format("1 where a category hashes to bucket {}", bucket), item_category, bucket});
  }

  using Pair = FeatureFrame::Pair;
  const auto of_pair = [&](std::string_view name, Freshness freshness, std::string_view meaning,
                           Compute compute, bool core = false, float fallback = 0) {
    add({fmt::format("pair.{}", name), pair, freshness, fallback, core, std::string(meaning), compute, 0});
  };
  of_pair("liking", near_real_time, "user's share of positives in its best-liked category",
          each<pair_of<&Pair::liking>>, true);
  of_pair("liking_mean", near_real_time, "mean of that over its categories",
          each<pair_of<&Pair::liking_mean>>, true);
  of_pair("disliking", near_real_time, "the same of negatives", each<pair_of<&Pair::disliking_mean>>, true);
  of_pair("category_rate", near_real_time, "liking against disliking, smoothed", each<pair_category_rate>,
          true);
  of_pair("known_categories", near_real_time, "share of its categories that the user has judged",
          each<pair_of<&Pair::known_categories>>);
  of_pair("days_since_category", near_real_time, "log(1 + days since one of its categories was judged)",
          log_of_each<pair_of<&Pair::days_since_category>>, false, 7);
  of_pair("last_overlap", real_time, "share of its categories that the last item has",
          each<pair_of<&Pair::last_overlap>>, true);
  of_pair("recent_overlap", real_time, "mean of that over the last five",
          each<pair_of<&Pair::recent_overlap>>, true);
  of_pair("past_overlap", real_time, "mean of that over the last thirty", each<pair_of<&Pair::past_overlap>>,
          true);
  of_pair("creator_liking", near_real_time, "user's share of positives for its creator",
          each<pair_of<&Pair::creator_liking>>, true);
  of_pair("creator_disliking", near_real_time, "the same of negatives",
          each<pair_of<&Pair::creator_disliking>>);
  of_pair("creator_in_past", real_time, "share of its creator among the last thirty",
          each<pair_of<&Pair::creator_in_past>>, true);
  of_pair("followed", near_real_time, "1 where the user follows its creator",
          each<pair_flag<&Pair::followed>>, true);
  of_pair("seen", near_real_time, "1 where the user has met the item", each<pair_flag<&Pair::seen>>);
  of_pair("shown_only", near_real_time, "1 where the user was shown it and did nothing",
          each<pair_flag<&Pair::shown_only>>);
  of_pair("popularity_gap", near_real_time, "its log popularity less that of the user's last items",
          above<log_of_each<activity_of<&ItemActivity::popularity>>, user_popularity>, true);
  of_pair("age_gap", real_time, "its age less that of the user's last items, in years", each<pair_age_gap>,
          true);
  of_pair("age_distance", real_time, "that in standard deviations, without the sign", each<pair_age_distance>,
          true);
  of_pair("duration_gap", real_time, "its log duration less that of the user's last items",
          above<log_of_each<item_duration>, user_duration>);

  const auto of_source = [&](std::string name, std::string meaning, Compute compute, std::size_t place,
                             bool core) {
    add({std::move(name), source, real_time, 0, core, std::move(meaning), compute, place});
  };
  for (std::size_t place = 0; place < kFeatureSources.size(); ++place) {
    const std::string_view name = kFeatureSources[place];
    of_source(fmt::format("source.{}", name),
              fmt::format("score of '{}', standardised over the candidates", name), source_score, place,
              true);
    of_source(fmt::format("source.{}_below_best", name), "how far that is below its best candidate",
              source_below_best, place, false);
    of_source(fmt::format("source.{}_speaks", name), fmt::format("1 where '{}' has an opinion", name),
              source_speaks, place, false);
  }
  of_source("source.blend", "the blend of the sources, standardised over the candidates", source_score,
            kFeatureSources.size(), true);
  of_source("source.blend_below_best", "how far that is below its best candidate", source_below_best,
            kFeatureSources.size(), true);
  of_source("source.count", "number of sources with an opinion", each<source_count>, 0, true);
  return out;
}

}  // namespace winnow
