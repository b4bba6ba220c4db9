#include "features/companions.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow {

namespace {

// Less than this could not be told from nothing any more, and would only take a counter.
constexpr float kLeastAmount = std::numeric_limits<float>::min();
// What remains below this part of an amount that was taken out is rounding.
constexpr float kRounding = 1e-3f;

}  // namespace

DecayMoment DecayMoment::at(TimestampMs time_ms, double half_life_ms) {
  const double half_lives = static_cast<double>(time_ms) / half_life_ms;
  const double epoch = std::floor(half_lives / kEpochHalfLives);
  return {time_ms, static_cast<std::int64_t>(epoch),
          static_cast<float>(std::exp2(half_lives - epoch * kEpochHalfLives))};
}

float Companions::unit_at(const DecayMoment& moment) {
  numbers_.newest_ms = std::max(numbers_.newest_ms, moment.time_ms);
  const auto later = static_cast<double>(moment.epoch - numbers_.epoch) * DecayMoment::kEpochHalfLives;
  if (later == 0) return moment.unit;
  if (later < 0) return static_cast<float>(moment.unit * std::exp2(later));
  const double factor = std::exp2(-later);
  numbers_.people *= factor;
  for (Counter& counter : numbers_.counters) {
    counter.count = static_cast<float>(counter.count * factor);
    counter.error = static_cast<float>(counter.error * factor);
  }
  numbers_.epoch = moment.epoch;
  return moment.unit;
}

void Companions::subtract_person(float amount) {
  numbers_.people -= amount;
  if (numbers_.people <= kRounding * amount) numbers_.people = 0;
}

bool Companions::add(ItemIndex item, float amount, double coin) {
  if (!(amount >= kLeastAmount)) return false;
  std::vector<Counter>& counters = numbers_.counters;
  auto found = std::ranges::find(counters, item, &Counter::item);
  const bool is_known = found != counters.end();
  if (!is_known) {
    if (counters.size() == kCounters) {
      counters.erase(counters.begin() + kEstablished);
    } else if (counters.size() == counters.capacity()) {
      counters.reserve(std::clamp<std::size_t>(2 * counters.size(), 4, kCounters));
    }
    counters.push_back({item, 0, 0});
    found = counters.end() - 1;
  }
  found->count += amount;
  if (found - counters.begin() < static_cast<std::ptrdiff_t>(kEstablished)) return !is_known;
  const auto smallest =
      std::min_element(counters.begin(), counters.begin() + kEstablished,
                       [](const Counter& a, const Counter& b) { return a.count < b.count; });
  if (coin * (smallest->count + amount) < amount) {
    const Counter displaced = *smallest;
    *smallest = {item, displaced.count + found->count, displaced.count};
    *found = {displaced.item, displaced.count - displaced.error, 0};
  }
  return !is_known;
}

bool Companions::subtract(ItemIndex item, float amount) {
  std::vector<Counter>& counters = numbers_.counters;
  const auto found = std::ranges::find(counters, item, &Counter::item);
  if (found == counters.end()) return false;
  found->count -= amount;
  if (found->count - found->error > kRounding * amount) return false;
  counters.erase(found);
  return true;
}

}  // namespace winnow
