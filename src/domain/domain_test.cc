// The rules of events, items, users and feedback.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/ids.h"
#include "domain/event.h"
#include "domain/feedback.h"
#include "domain/item.h"
#include "domain/user.h"

namespace winnow {
namespace {

constexpr TimestampMs kNowMs = 1'700'000'000'000;

Event good_event() {
  Event event;
  event.user_id = "u";
  event.item_id = "i";
  event.time_ms = kNowMs;
  return event;
}

std::string field_of(const Event& event) {
  const Status status = validate(event, kNowMs);
  return status.ok() ? "" : status.error().field;
}

TEST(Event, AGoodOnePasses) { EXPECT_EQ(field_of(good_event()), ""); }

TEST(Event, EachBrokenRuleNamesItsField) {
  const auto broken = [](auto change) {
    Event event = good_event();
    change(event);
    return field_of(event);
  };
  EXPECT_EQ(broken([](Event& e) { e.user_id.clear(); }), "user_id");
  EXPECT_EQ(broken([](Event& e) { e.item_id.clear(); }), "item_id");
  EXPECT_EQ(broken([](Event& e) { e.item_id = std::string(kMaxIdBytes + 1, 'x'); }), "item_id");
  EXPECT_EQ(broken([](Event& e) { e.user_id = "\xFF"; }), "user_id");
  EXPECT_EQ(broken([](Event& e) { e.time_ms = -1; }), "timestamp");
  EXPECT_EQ(broken([](Event& e) { e.time_ms = kNowMs + kDayMs; }), "timestamp");
  EXPECT_EQ(broken([](Event& e) { e.value = std::numeric_limits<double>::quiet_NaN(); }), "value");
  EXPECT_EQ(broken([](Event& e) { e.action = Action::watch, e.value = -1; }), "value");
  EXPECT_EQ(broken([](Event& e) { e.context = std::string(5000, ' '); }), "context");
  EXPECT_EQ(broken([](Event& e) { e.session_id = "a\x01"; }), "session_id");
  EXPECT_EQ(broken([](Event& e) { e.recommendation_id = std::string(300, 'r'); }), "recommendation_id");
}

TEST(Event, AnAnonymousSessionIsNoUserOfTheSameName) {
  EXPECT_NE(subject_of("x", ""), subject_of("", "x"));
  EXPECT_EQ(subject_of("x", "s"), "x");
}

TEST(Event, EveryActionHasANameThatLeadsBackToIt) {
  for (std::size_t i = 0; i < kActionCount; ++i) {
    const auto action = static_cast<Action>(i);
    EXPECT_EQ(action_named(name_of(action)), action);
  }
  EXPECT_EQ(action_named("buy"), std::nullopt);
}

TEST(Feedback, DefaultsReadRatingsAndWatchingByThreshold) {
  const FeedbackPolicy policy;
  EXPECT_EQ(policy.signal(Action::rating, 4, 0), Signal::positive);
  EXPECT_EQ(policy.signal(Action::rating, 3, 0), Signal::neutral);
  EXPECT_EQ(policy.signal(Action::rating, 1.5, 0), Signal::negative);
  EXPECT_EQ(policy.signal(Action::watch, 60, 100), Signal::positive);
  EXPECT_EQ(policy.signal(Action::watch, 40, 100), Signal::neutral);
  EXPECT_EQ(policy.signal(Action::watch, 40, 0), Signal::positive);  // against kFullWatchSeconds
  EXPECT_EQ(policy.signal(Action::dislike, 0, 0), Signal::negative);
  EXPECT_EQ(policy.signal(Action::impression, 0, 0), Signal::neutral);
  EXPECT_EQ(policy.weight(Action::purchase), 10);
  EXPECT_EQ(policy.weight(Action::click), 3);
  EXPECT_EQ(policy.weight(Action::view), 1);
}

TEST(Feedback, NegativeBeatsPositive) {
  const std::vector<std::string> positive = {"rating"};
  const std::vector<std::string> negative = {"rating < 3"};
  const auto policy = FeedbackPolicy::parse(positive, negative);
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(policy->signal(Action::rating, 2, 0), Signal::negative);
  EXPECT_EQ(policy->signal(Action::rating, 3, 0), Signal::positive);
}

TEST(Feedback, ABadRuleIsNamedWithItsRemedy) {
  const std::vector<std::string> bad = {"rateing>=4"};
  const auto policy = FeedbackPolicy::parse(bad, {});
  ASSERT_FALSE(policy.ok());
  EXPECT_EQ(policy.error().field, "feedback.positive");
  EXPECT_NE(policy.error().message.find("\"rating\""), std::string::npos);
  const std::vector<std::string> worse = {"rating>=four"};
  EXPECT_FALSE(FeedbackPolicy::parse(worse, {}).ok());
}

TEST(Item, BrokenRulesNameTheirField) {
  Item item;
  item.id = "i";
  EXPECT_TRUE(validate(item).ok());
  for (const double price : {-1.0, 1.1e15, 4e38, std::nan("")}) {
    item.price = price;
    EXPECT_EQ(validate(item).error().field, "price") << price;
  }
  item.price = kMaxPrice;
  EXPECT_TRUE(validate(item).ok());
  item.price = 0;
  item.duration_s = 2 * kMaxDurationS;
  EXPECT_EQ(validate(item).error().field, "duration");
  item.duration_s = 0;
  item.categories.assign(100, "c");
  EXPECT_EQ(validate(item).error().field, "categories");
  item.categories.clear();
  item.created_ms = -5;
  EXPECT_EQ(validate(item).error().field, "created_at");
}

TEST(User, BrokenRulesNameTheirField) {
  User user;
  user.id = "u";
  EXPECT_TRUE(validate(user).ok());
  user.country = std::string(100, 'x');
  EXPECT_EQ(validate(user).error().field, "country");
}

}  // namespace
}  // namespace winnow
