// Companions: how many people turned to an item lately, and which other items most of them turned to as well.
//
// A bounded list of counters. The established ones are kept by Space-Saving (Metwally, Agrawal, El Abbadi
// 2005) with randomized admission (Ben Basat, Einziger, Friedman, Kassner 2017): an item takes over the
// smallest counter with a probability of what it brings over what would then be in it, and remembers what it
// took over as its possible error, so count - error is never more than what was really counted for it.
// Without the coin the many items that come once would keep throwing out each other and what matters. The
// last few counters are for those that wait to be admitted, the oldest of which goes when another comes: what
// is new is there at once.
//
// All numbers decay. It is forward decay (Cormode, Shkapenyuk, Srivastava, Xu 2009): old counts do not
// shrink, newer ones weigh more, 2^(half-lives since the epoch), and the numbers move to a later epoch before
// they grow too large. So an event costs O(kCounters), and the mere passing of time costs nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace winnow {

// A time as an epoch, kEpochHalfLives long from 1970 on, and what one unit counted then is worth in it.
struct DecayMoment {
  static constexpr double kEpochHalfLives = 32;

  TimestampMs time_ms = 0;
  std::int64_t epoch = 0;
  float unit = 1;  // from 1 to 2^kEpochHalfLives

  static DecayMoment at(TimestampMs time_ms, double half_life_ms);
};

class Companions final {
 public:
  static constexpr std::size_t kEstablished = 20;
  static constexpr std::size_t kWaiting = 4;
  static constexpr std::size_t kCounters = kEstablished + kWaiting;

  struct Counter {
    ItemIndex item = kNoItem;
    float count = 0;
    float error = 0;  // from 0 to count
    friend bool operator==(const Counter&, const Counter&) = default;
  };

  // In units of the epoch.
  struct Numbers {
    std::int64_t epoch = 0;
    double people = 0;
    TimestampMs newest_ms = 0;      // of what was counted last
    std::vector<Counter> counters;  // at most kCounters; those from kEstablished on wait, the oldest first
    friend bool operator==(const Numbers&, const Numbers&) = default;
  };

  Companions() = default;
  explicit Companions(Numbers numbers) : numbers_(std::move(numbers)) {}
  const Numbers& numbers() const { return numbers_; }

  // Goes on to the moment when that is later. Returns what a unit counted at that moment is worth.
  float unit_at(const DecayMoment& moment);

  bool is_empty() const { return numbers_.people == 0 && numbers_.counters.empty(); }

  // In units of the epoch.
  void add_person(float amount) { numbers_.people += amount; }
  void subtract_person(float amount);

  // amount: > 0, in units of the epoch. coin: random, in [0, 1). True when the set of items changed.
  bool add(ItemIndex item, float amount, double coin);
  // Takes an amount back out; an item that was counted for nothing else goes. Exact up to rounding for an
  // item that has kept its counter all the while; what it had lost to others stays lost. True as above.
  bool subtract(ItemIndex item, float amount);

 private:
  Numbers numbers_;
};

}  // namespace winnow
