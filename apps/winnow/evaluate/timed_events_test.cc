#include "winnow/evaluate/timed_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace winnow {
namespace {

Event event_of(std::string user, std::string item, Action action, double value, TimestampMs time_ms) {
  Event event;
  event.user_id = std::move(user);
  event.item_id = std::move(item);
  event.action = action;
  event.value = value;
  event.time_ms = time_ms;
  return event;
}

std::vector<std::uint32_t> row(const RowLists& lists, std::size_t user) {
  return {lists[user].begin(), lists[user].end()};
}

TEST(TimedEvents, PositivesAreThoseOfTheFeedbackRules) {
  const FeedbackPolicy feedback;
  TimedEvents events(feedback);
  for (TimestampMs t = 1; t <= 4; ++t)
    events.add(event_of("u", "old" + std::to_string(t), Action::like, 0, t));
  events.add(event_of("u", "good", Action::rating, 5, 5));
  const EvaluationData data = events.split({.share = 0.8, .by_user = true}).value();
  EXPECT_EQ(data.users, 1u);
  EXPECT_EQ(data.items, 5u);
  EXPECT_THAT(row(data.test.test, 0), ::testing::ElementsAre(4));

  TimedEvents disliked(feedback);
  for (TimestampMs t = 1; t <= 4; ++t)
    disliked.add(event_of("u", "old" + std::to_string(t), Action::like, 0, t));
  disliked.add(event_of("u", "bad", Action::rating, 1, 5));
  EXPECT_FALSE(disliked.split({.share = 0.8, .by_user = true}).ok()) << "there is no positive to predict";
}

TEST(TimedEvents, AWatchIsJudgedByTheItemsDuration) {
  const FeedbackPolicy feedback;
  TimedEvents events(feedback);
  Item film;
  film.id = "film";
  film.duration_s = 6000;
  Item clip;
  clip.id = "clip";
  clip.duration_s = 100;
  events.add(film);
  events.add(clip);
  for (TimestampMs t = 1; t <= 8; ++t)
    events.add(event_of("u", "old" + std::to_string(t), Action::like, 0, t));
  events.add(event_of("u", "film", Action::watch, 90, 9));
  events.add(event_of("u", "clip", Action::watch, 90, 10));
  const EvaluationData data = events.split({.share = 0.8, .by_user = true}).value();
  EXPECT_THAT(row(data.test.test, 0), ::testing::ElementsAre(1));  // the clip
}

TEST(TimedEvents, ImpressionsAreNobodysChoice) {
  const FeedbackPolicy feedback;
  TimedEvents events(feedback);
  events.add(event_of("u", "shown", Action::impression, 0, 1));
  EXPECT_EQ(events.size(), 0u);
}

TEST(TimedEvents, AnAnonymousSessionIsNotTheUserOfTheSameName) {
  const FeedbackPolicy feedback;
  TimedEvents events(feedback);
  for (TimestampMs t = 1; t <= 10; ++t) {
    events.add(event_of("x", "a" + std::to_string(t), Action::like, 0, t));
    Event anonymous = event_of("", "b" + std::to_string(t), Action::like, 0, t);
    anonymous.session_id = "x";
    events.add(anonymous);
  }
  EXPECT_EQ(events.split({.share = 0.8, .by_user = true}).value().users, 2u);
}

}  // namespace
}  // namespace winnow
