#include "features/apply_event.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace winnow {
namespace {

ResolvedEvent event_of(std::uint32_t item, Action action, TimestampMs time_ms = 1000) {
  static const FeedbackPolicy kPolicy;
  ResolvedEvent event;
  event.item = ItemIndex{item};
  event.action = action;
  event.signal = kPolicy.signal(action, 0, 0);
  event.weight = static_cast<float>(kPolicy.weight(action));
  event.time_ms = event.received_ms = time_ms;
  return event;
}

TEST(ApplyEvent, KeepsTheNewestHundredInOrderOfTime) {
  UserState state;
  Random random(11);
  std::vector<TimestampMs> times;
  for (int i = 0; i < 500; ++i) {
    times.push_back(random.below(1'000'000));
    apply_event(state, event_of(random.below(50), Action::click, times.back()), {});
  }
  ASSERT_EQ(state.history.size(), UserState::kHistory);
  EXPECT_TRUE(
      std::is_sorted(state.history.begin(), state.history.end(),
                     [](const Interaction& a, const Interaction& b) { return a.time_ms < b.time_ms; }));
  std::sort(times.begin(), times.end());
  EXPECT_EQ(state.history.front().time_ms, times[times.size() - UserState::kHistory]);
  EXPECT_EQ(state.events, 500u);
}

TEST(ApplyEvent, AnImpressionIsSeenButTeachesNoTaste) {
  UserState state;
  apply_event(state, event_of(3, Action::impression), {});
  EXPECT_TRUE(state.history.empty());
  ASSERT_NE(state.find_seen(ItemIndex{3}), nullptr);
  EXPECT_EQ(state.find_seen(ItemIndex{3})->flags, SeenItem::shown);
}

TEST(ApplyEvent, ALikeTakesADislikeBack) {
  UserState state;
  apply_event(state, event_of(3, Action::dislike), {});
  EXPECT_TRUE(state.find_seen(ItemIndex{3})->flags & SeenItem::disliked);
  apply_event(state, event_of(3, Action::like), {});
  EXPECT_FALSE(state.find_seen(ItemIndex{3})->flags & SeenItem::disliked);
}

TEST(ApplyEvent, CountsLikingAndDislikingOfCategoriesAndCreators) {
  UserState state;
  const NameKey drama = name_key("Drama");
  ResolvedEvent event = event_of(1, Action::like);
  event.traits.categories = std::span(&drama, 1);
  event.traits.creator = name_key("Kubrick");
  apply_event(state, event, {});
  apply_event(state, event, {});
  event.signal = Signal::negative;
  apply_event(state, event, {});
  ASSERT_EQ(state.categories.size(), 1u);
  EXPECT_FLOAT_EQ(state.categories[0].positive, 2);
  EXPECT_FLOAT_EQ(state.categories[0].negative, 1);
  EXPECT_EQ(state.creators[0].key, name_key("Kubrick"));
}

TEST(ApplyEvent, FollowingIsRememberedOnce) {
  UserState state;
  ResolvedEvent event = event_of(1, Action::follow);
  event.traits.creator = 42;
  apply_event(state, event, {});
  apply_event(state, event, {});
  EXPECT_EQ(state.follows, std::vector<NameKey>{42});
}

TEST(ApplyEvent, TheSeenSetStaysWithinItsLimitAndKeepsTheNewest) {
  UserState state;
  constexpr std::uint32_t kEvents = 25'000;
  for (std::uint32_t i = 0; i < kEvents; ++i) apply_event(state, event_of(i, Action::view, 1000 + i), {});
  EXPECT_LE(state.seen.size(), UserState::kMaxSeen);
  EXPECT_GE(state.seen.size(), UserState::kMaxSeen * 8 / 10);
  EXPECT_NE(state.find_seen(ItemIndex{kEvents - 1}), nullptr);
  EXPECT_EQ(state.find_seen(ItemIndex{0}), nullptr);
  EXPECT_TRUE(std::is_sorted(state.seen.begin(), state.seen.end(),
                             [](const SeenItem& a, const SeenItem& b) { return row(a.item) < row(b.item); }));
}

}  // namespace
}  // namespace winnow
