// What is learned from and what is held out: the form that every protocol of evaluation comes down to.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/event.h"
#include "domain/feedback.h"
#include "models/interactions.h"

namespace winnow {

// A list of numbers for every user, back to back.
struct RowLists {
  std::vector<std::uint64_t> offsets{0};
  std::vector<std::uint32_t> values;

  std::size_t size() const { return offsets.size() - 1; }
  std::span<const std::uint32_t> operator[](std::size_t row) const {
    return std::span(values).subspan(offsets[row], offsets[row + 1] - offsets[row]);
  }
  // Appends a row, sorted and without repeats.
  void add(std::vector<std::uint32_t> row);
};

// One training part with its test part. Users are rows in all of them.
struct EvaluationSplit {
  Interactions train;    // what models learn from: positives
  Interactions history;  // what is known of each user when they are recommended to; mostly the same as train
  RowLists masked;       // items that are not recommended to the user again
  RowLists test;         // what the user chose next, of positives; empty for users who are left out
  std::uint32_t users_without_history = 0;  // of those with a test set: nothing of theirs came before it
};

// One event as the time-split protocol reads it.
struct TimedInteraction {
  std::uint32_t user = 0;
  std::uint32_t item = 0;
  double weight = 1;  // training weight, > 0 for positives
  TimestampMs time_ms = 0;
  Signal signal = Signal::neutral;  // by the feedback rules of the settings
  Action action = Action::view;
  float value = 0;     // see Action
  float evidence = 0;  // FeedbackPolicy::evidence of the event
};

// Where the test part begins: after a quantile of all events' times, or after that share of each user's
// events.
struct TestFrom {
  double share = 0.8;  // strictly between 0 and 1
  bool by_user = false;

  // "0.8" or "user:0.8". Errors name the field test_from.
  static Result<TestFrom> parse(std::string_view text);
};

// Splits events by time. Ties in time keep the order of the input. Every event of the training part masks its
// item; positives are learned from, pairs that come up again add their weights and keep the newest time; the
// test set are the positives of the test part that are not masked. by_user: the first ceil(share * n) of a
// user's n events train.
EvaluationSplit split_by_time(std::span<const TimedInteraction> events, std::uint32_t users,
                              std::uint32_t items, const TestFrom& from);

// The events of the training part and those after it, each in order of time (ties: of the input): what a
// validation cut may be made of, and what came of it.
struct DividedEvents {
  std::vector<TimedInteraction> known;
  std::vector<TimedInteraction> later;
};
DividedEvents divide_events(std::span<const TimedInteraction> events, std::uint32_t users,
                            const TestFrom& from);

// One (user, item) pair for interactions_of.
struct WeightedPair {
  std::uint32_t user = 0;
  std::uint32_t item = 0;
  float weight = 1;
  TimestampMs time_ms = 0;
};

// Rows by user, items ascending; pairs that repeat add their weights and keep the newest time. O(n log n).
Interactions interactions_of(std::vector<WeightedPair> pairs, std::uint32_t users, std::uint32_t items);

}  // namespace winnow
