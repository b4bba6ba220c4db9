// Random logs of impressions and outcomes, for tests of the join.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "batch/impressions/build.h"
#include "batch/testing_ports.h"
#include "features/memory_feature_store.h"

namespace winnow {

inline Event shown(std::string user, std::string item, TimestampMs time_ms, std::string id = {},
                   std::string context = {}) {
  return {.event_id = {},
          .user_id = std::move(user),
          .item_id = std::move(item),
          .action = Action::impression,
          .time_ms = time_ms,
          .recommendation_id = std::move(id),
          .context = std::move(context)};
}

inline Event did(std::string user, std::string item, Action action, TimestampMs time_ms, std::string id = {},
                 double value = 0) {
  return {.event_id = {},
          .user_id = std::move(user),
          .item_id = std::move(item),
          .action = action,
          .value = value,
          .time_ms = time_ms,
          .recommendation_id = std::move(id)};
}

inline TestingEventLog log_of(std::vector<Event> events) {
  TestingEventLog log;
  EXPECT_TRUE(log.append(std::move(events)).ok());
  return log;
}

struct RandomLogOptions {
  std::uint32_t users = 6;
  std::uint32_t items = 20;
  std::uint32_t answers = 40;
  TimestampMs span_ms = 10 * kHourMs;
  std::uint32_t moved = 4;  // an event arrives up to so many places away from where its time puts it
};

// Answers of 1 to 6 items, half of them with an id, and outcomes of some: most with the answer's id, if it
// has one. Nearly in order of time.
inline std::vector<Event> random_log(Random& random, TimestampMs start_ms, const std::string& mark,
                                     const RandomLogOptions& options = {}) {
  std::vector<Event> events;
  static constexpr Action kOutcomes[] = {Action::view,  Action::click,  Action::like, Action::dislike,
                                         Action::watch, Action::finish, Action::skip};
  for (std::uint32_t a = 0; a < options.answers; ++a) {
    const std::string user = "u" + std::to_string(random.below(options.users));
    const std::string id = random.below(2) == 0 ? mark + std::to_string(a) : std::string();
    const TimestampMs time_ms = start_ms + random.below(static_cast<std::uint32_t>(options.span_ms));
    const std::uint32_t count = 1 + random.below(6);
    for (std::uint32_t k = 0; k < count; ++k) {
      const std::string item = "i" + std::to_string(random.below(options.items));
      events.push_back(shown(user, item, time_ms + random.below(200), id));
      for (std::uint32_t outcome = random.below(3); outcome > 0; --outcome) {
        events.push_back(did(user, item, kOutcomes[random.below(std::size(kOutcomes))],
                             time_ms + 200 + random.below(static_cast<std::uint32_t>(kHourMs)),
                             random.below(4) > 0 ? id : std::string(), random.below(90)));
      }
    }
  }
  std::ranges::stable_sort(events, {}, &Event::time_ms);
  for (std::size_t i = 0; i + 1 < events.size() && options.moved > 0; ++i) {
    const std::size_t other = std::min(events.size() - 1, i + random.below(options.moved));
    std::swap(events[i], events[other]);
  }
  return events;
}

// Features that tell any two moments apart: a hash of the user's state and one of the item's counters.
inline MomentFeatures telling_features() {
  return [](const ImpressionMoment& moment, std::span<float> rows) -> Status {
    const auto number = [](std::uint64_t hash) { return static_cast<float>(hash >> 40); };
    const float user = number(hash64(moment.user.encode()));
    for (std::size_t i = 0; i < moment.items.size(); ++i) {
      const ItemCounters counters = moment.statistics.counters(moment.items[i]);
      rows[2 * i] = user;
      rows[2 * i + 1] = static_cast<float>(counters.impressions * 1000 + counters.positives);
    }
    return {};
  };
}

inline Result<TrainingSetResult> build_set(const TestingEventLog& log, const TrainingSetOptions& options = {},
                                           const MomentFeatures& features = telling_features(),
                                           const ImpressionLog* served = nullptr) {
  const TestingCatalog catalog;
  const FeedbackPolicy feedback;
  MemoryFeatureStore states;
  return build_training_set({log, catalog, feedback, states, {"user", "item"}, features, served}, options);
}

}  // namespace winnow
