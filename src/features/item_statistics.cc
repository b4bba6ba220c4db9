#include "features/item_statistics.h"

#include <algorithm>
#include <cmath>

#include "base/bytes.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 2;  // 1 lacks the recent sums: they start at 0, as for a quiet hour

double decay(double age_ms, double half_life_ms) { return std::exp2(-age_ms / half_life_ms); }

// A sum that stands at `at_ms`, with `weight` of an event at `event_ms` added to it.
double added(double sum, TimestampMs at_ms, double weight, TimestampMs event_ms, double half_life_ms) {
  const auto gap_ms = static_cast<double>(event_ms - at_ms);
  return gap_ms >= 0 ? sum * decay(gap_ms, half_life_ms) + weight
                     : sum + weight * decay(-gap_ms, half_life_ms);
}

// A decayed sum of events, and its half-life.
struct DecayedSum {
  double sum = 0;
  double half_life_ms = 0;
};

// By how many standard deviations the short sum exceeds what it would be if the item went on at the rate of
// the long one: a decayed sum is proportional to its half-life. One event more is expected, so that a single
// one is no rise.
double deviations_above(const DecayedSum& recent, const DecayedSum& past) {
  const double expected = past.sum * recent.half_life_ms / past.half_life_ms;
  return (recent.sum - expected) / std::sqrt(expected + 1);
}

void add_sign(std::uint32_t& counter, int sign) {
  if (sign > 0) {
    ++counter;
  } else if (counter > 0) {
    --counter;
  }
}

void write(ByteWriter& out, const ItemCounters& c) {
  out.fixed(c.popular);
  out.fixed(c.fast);
  out.fixed(c.slow);
  out.fixed(c.recent);
  out.varint(c.positives);
  out.varint(c.negatives);
  out.varint(c.impressions);
  out.signed_varint(c.newest_ms);
}

ItemCounters read(ByteReader& in, std::uint8_t format) {
  ItemCounters c;
  c.popular = in.fixed<double>();
  c.fast = in.fixed<double>();
  c.slow = in.fixed<double>();
  if (format > 1) c.recent = in.fixed<double>();
  c.positives = static_cast<std::uint32_t>(in.varint());
  c.negatives = static_cast<std::uint32_t>(in.varint());
  c.impressions = static_cast<std::uint32_t>(in.varint());
  c.newest_ms = in.signed_varint();
  return c;
}

}  // namespace

void ItemStatistics::accumulate(ItemCounters& counters, const ItemEvent& event, int sign) const {
  if (event.action == Action::impression) add_sign(counters.impressions, sign);
  if (event.signal == Signal::negative) add_sign(counters.negatives, sign);
  if (event.signal != Signal::positive) return;
  add_sign(counters.positives, sign);
  if (counters.newest_ms == 0) counters.newest_ms = event.time_ms;
  const auto update = [&](double& sum, double weight, double half_life_ms) {
    sum = std::max(0.0, added(sum, counters.newest_ms, sign * weight, event.time_ms, half_life_ms));
  };
  update(counters.popular, event.weight, options_.popular_half_life_days * kDayMs);
  update(counters.fast, 1, options_.trending_fast_hours * kHourMs);
  update(counters.slow, 1, options_.trending_slow_days * kDayMs);
  update(counters.recent, 1, options_.rising_hours * kHourMs);
  counters.newest_ms = std::max(counters.newest_ms, event.time_ms);
}

void ItemStatistics::apply(const ItemEvent& event, int sign) {
  if (row(event.item) >= counters_.size()) counters_.resize(std::size_t{row(event.item)} + 1);
  accumulate(counters_[row(event.item)], event, sign);
  if (event.country != 0 && event.signal == Signal::positive) {
    accumulate(countries_[event.country][row(event.item)], event, sign);
  }
  const auto count = [sign](std::uint64_t& counter) {
    if (sign > 0 || counter > 0) counter += static_cast<std::uint64_t>(sign);
  };
  if (event.signal == Signal::positive) count(positives_);
  if (event.signal == Signal::negative) count(negatives_);
  newest_ms_ = std::max(newest_ms_, event.time_ms);
}

ItemCounters ItemStatistics::counters(ItemIndex item) const {
  return row(item) < counters_.size() ? counters_[row(item)] : ItemCounters{};
}

double ItemStatistics::smoothed_rate(ItemIndex item) const {
  const ItemCounters c = counters(item);
  const double overall = (static_cast<double>(positives_) + 1) /
                         (static_cast<double>(positives_) + static_cast<double>(negatives_) + 2);
  return (c.positives + options_.prior_strength * overall) /
         (static_cast<double>(c.positives) + c.negatives + options_.prior_strength);
}

double ItemStatistics::country_popularity(const ItemCounters& c) const {
  return sum_now(c.popular, c.newest_ms, options_.popular_half_life_days * kDayMs);
}

double ItemStatistics::popularity(ItemIndex item) const {
  return country_popularity(counters(item)) * smoothed_rate(item);
}

double ItemStatistics::sum_now(double sum, TimestampMs at_ms, double half_life_ms) const {
  return sum * decay(static_cast<double>(newest_ms_ - at_ms), half_life_ms);
}

double ItemStatistics::velocity(ItemIndex item) const {
  const ItemCounters c = counters(item);
  const double fast_ms = options_.trending_fast_hours * kHourMs;
  const double slow_ms = options_.trending_slow_days * kDayMs;
  return deviations_above({sum_now(c.fast, c.newest_ms, fast_ms), fast_ms},
                          {sum_now(c.slow, c.newest_ms, slow_ms), slow_ms});
}

double ItemStatistics::surge(ItemIndex item) const {
  const ItemCounters c = counters(item);
  const double recent_ms = options_.rising_hours * kHourMs;
  // Most items have been quiet for so long that a thousand events would be left as one.
  if (static_cast<double>(newest_ms_ - c.newest_ms) > 10 * recent_ms) return 0;
  const double fast_ms = options_.trending_fast_hours * kHourMs;
  return deviations_above({sum_now(c.recent, c.newest_ms, recent_ms), recent_ms},
                          {sum_now(c.fast, c.newest_ms, fast_ms), fast_ms});
}

ItemActivity ItemStatistics::activity(ItemIndex item) const {
  const ItemCounters c = counters(item);
  if (c.newest_ms == 0) {  // most items of a large catalogue: no exponentials for them
    return {.rate = static_cast<float>(smoothed_rate(item)),
            .negatives = static_cast<float>(c.negatives),
            .impressions = static_cast<float>(c.impressions)};
  }
  return {.popularity = static_cast<float>(popularity(item)),
          .fast = static_cast<float>(sum_now(c.fast, c.newest_ms, options_.trending_fast_hours * kHourMs)),
          .slow = static_cast<float>(sum_now(c.slow, c.newest_ms, options_.trending_slow_days * kDayMs)),
          .velocity = static_cast<float>(velocity(item)),
          .rate = static_cast<float>(smoothed_rate(item)),
          .positives = static_cast<float>(c.positives),
          .negatives = static_cast<float>(c.negatives),
          .impressions = static_cast<float>(c.impressions)};
}

void ItemStatistics::clear() {
  counters_.clear();
  countries_.clear();
  positives_ = negatives_ = 0;
  newest_ms_ = 0;
}

std::string ItemStatistics::encode() const {
  ByteWriter out;
  out.fixed(kFormat);
  out.varint(positives_);
  out.varint(negatives_);
  out.signed_varint(newest_ms_);
  out.varint(counters_.size());
  for (const ItemCounters& c : counters_) write(out, c);
  out.varint(countries_.size());
  for (const auto& [country, items] : countries_) {
    out.fixed(country);
    const std::map<std::uint32_t, ItemCounters> ordered(items.begin(), items.end());
    out.varint(ordered.size());
    for (const auto& [item, c] : ordered) {
      out.varint(item);
      write(out, c);
    }
  }
  return out.take();
}

Status ItemStatistics::decode(std::string_view bytes) {
  clear();
  const Error damaged{ErrorCode::corrupt,
                      "the stored item statistics are damaged: run `winnow rebuild` to derive them again"};
  ByteReader in(bytes);
  const auto format = in.fixed<std::uint8_t>();
  if (format < 1 || format > kFormat) return damaged;
  positives_ = in.varint();
  negatives_ = in.varint();
  newest_ms_ = in.signed_varint();
  const std::uint64_t items = in.varint();
  for (std::uint64_t i = 0; i < items && !in.failed(); ++i) counters_.push_back(read(in, format));
  const std::uint64_t countries = in.varint();
  for (std::uint64_t i = 0; i < countries && !in.failed(); ++i) {
    auto& by_item = countries_[in.fixed<NameKey>()];
    const std::uint64_t count = in.varint();
    for (std::uint64_t k = 0; k < count && !in.failed(); ++k) {
      const auto item = static_cast<std::uint32_t>(in.varint());
      by_item[item] = read(in, format);
    }
  }
  if (in.failed() || !in.at_end()) {
    clear();
    return damaged;
  }
  return {};
}

}  // namespace winnow
