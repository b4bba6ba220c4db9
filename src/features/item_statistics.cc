#include "features/item_statistics.h"

#include <algorithm>
#include <cmath>

#include "base/bytes.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 1;

double decay(double age_ms, double half_life_ms) { return std::exp2(-age_ms / half_life_ms); }

// A sum that stands at `at_ms`, with `weight` of an event at `event_ms` added to it.
double added(double sum, TimestampMs at_ms, double weight, TimestampMs event_ms, double half_life_ms) {
  const auto gap_ms = static_cast<double>(event_ms - at_ms);
  return gap_ms >= 0 ? sum * decay(gap_ms, half_life_ms) + weight
                     : sum + weight * decay(-gap_ms, half_life_ms);
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
  out.varint(c.positives);
  out.varint(c.negatives);
  out.varint(c.impressions);
  out.signed_varint(c.newest_ms);
}

ItemCounters read(ByteReader& in) {
  ItemCounters c;
  c.popular = in.fixed<double>();
  c.fast = in.fixed<double>();
  c.slow = in.fixed<double>();
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
  return c.popular *
         decay(static_cast<double>(newest_ms_ - c.newest_ms), options_.popular_half_life_days * kDayMs);
}

double ItemStatistics::popularity(ItemIndex item) const {
  return country_popularity(counters(item)) * smoothed_rate(item);
}

double ItemStatistics::velocity(ItemIndex item) const {
  const ItemCounters c = counters(item);
  const auto age_ms = static_cast<double>(newest_ms_ - c.newest_ms);
  const double fast_ms = options_.trending_fast_hours * kHourMs;
  const double slow_ms = options_.trending_slow_days * kDayMs;
  const double fast = c.fast * decay(age_ms, fast_ms);
  // What the fast sum would be if the item went on at its slow rate: a decayed sum is proportional to its
  // half-life.
  const double expected = c.slow * decay(age_ms, slow_ms) * fast_ms / slow_ms;
  return (fast - expected) / std::sqrt(expected + 1);
}

ItemActivity ItemStatistics::activity(ItemIndex item) const {
  const ItemCounters c = counters(item);
  if (c.newest_ms == 0) {  // most items of a large catalogue: no exponentials for them
    return {.rate = static_cast<float>(smoothed_rate(item)),
            .negatives = static_cast<float>(c.negatives),
            .impressions = static_cast<float>(c.impressions)};
  }
  const auto age_ms = static_cast<double>(newest_ms_ - c.newest_ms);
  return {.popularity = static_cast<float>(popularity(item)),
          .fast = static_cast<float>(c.fast * decay(age_ms, options_.trending_fast_hours * kHourMs)),
          .slow = static_cast<float>(c.slow * decay(age_ms, options_.trending_slow_days * kDayMs)),
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
  if (in.fixed<std::uint8_t>() != kFormat) return damaged;
  positives_ = in.varint();
  negatives_ = in.varint();
  newest_ms_ = in.signed_varint();
  const std::uint64_t items = in.varint();
  for (std::uint64_t i = 0; i < items && !in.failed(); ++i) counters_.push_back(read(in));
  const std::uint64_t countries = in.varint();
  for (std::uint64_t i = 0; i < countries && !in.failed(); ++i) {
    auto& by_item = countries_[in.fixed<NameKey>()];
    const std::uint64_t count = in.varint();
    for (std::uint64_t k = 0; k < count && !in.failed(); ++k) {
      const auto item = static_cast<std::uint32_t>(in.varint());
      by_item[item] = read(in);
    }
  }
  if (in.failed() || !in.at_end()) {
    clear();
    return damaged;
  }
  return {};
}

}  // namespace winnow
