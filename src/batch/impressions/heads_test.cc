#include "batch/impressions/heads.h"

#include <gtest/gtest.h>

#include <vector>

#include "batch/impressions/shown_context.h"

namespace winnow {
namespace {

Event event_of(Action action, double value = 0) {
  Event event;
  event.action = action;
  event.value = value;
  return event;
}

TEST(Heads, LabelsRiseWithinTheirWindowsAndNeverFall) {
  const auto heads = Heads::parse(default_heads());
  ASSERT_TRUE(heads.ok());
  std::vector<float> labels(heads->size());
  heads->update(labels, event_of(Action::watch, 45), 60, kHourMs);
  EXPECT_EQ(labels, (std::vector<float>{0, 0.75f, 0, 0, 0}));  // too late for a click
  heads->update(labels, event_of(Action::watch, 15), 60, kMinuteMs);
  EXPECT_EQ(labels, (std::vector<float>{1, 0.75f, 0, 0, 0}));
  heads->update(labels, event_of(Action::watch, 600), 60, kMinuteMs);
  EXPECT_EQ(labels[1], 1);
  heads->update(labels, event_of(Action::hide), 60, kMinuteMs);
  heads->update(labels, event_of(Action::finish), 60, kDayMs + 1);
  EXPECT_EQ(labels, (std::vector<float>{1, 1, 0, 0, 1}));
}

TEST(Heads, AreWhatSettingsName) {
  const std::vector<HeadOptions> options = {{.name = "subscribe", .rules = {"follow"}, .window_ms = kHourMs},
                                            {.name = "long_watch", .rules = {"watch>=0.9", "finish"}}};
  const auto heads = Heads::parse(options);
  ASSERT_TRUE(heads.ok());
  EXPECT_EQ(heads->names(), (std::vector<std::string>{"subscribe", "long_watch"}));
  EXPECT_EQ(heads->longest_window_ms(), kDayMs);
  std::vector<float> labels(2);
  heads->update(labels, event_of(Action::watch, 50), 60, 0);
  EXPECT_EQ(labels, (std::vector<float>{0, 0}));
  heads->update(labels, event_of(Action::watch, 54), 60, 0);
  EXPECT_EQ(labels, (std::vector<float>{0, 1}));
}

TEST(Heads, ErrorsNameTheSetting) {
  const auto field_of = [](HeadOptions head) {
    const std::vector<HeadOptions> options = {{.name = "click", .rules = {"click"}}, std::move(head)};
    return Heads::parse(options).error().field;
  };
  EXPECT_EQ(field_of({.name = "click", .rules = {"view"}}), "training_set.heads.click");
  EXPECT_EQ(field_of({.name = "a b", .rules = {"view"}}), "training_set.heads.a b");
  EXPECT_EQ(field_of({.name = "x", .rules = {"view"}, .window_ms = 0}), "training_set.heads.x");
  const std::vector<HeadOptions> nothing = {{.name = "x", .rules = {}}};
  EXPECT_EQ(Heads::parse(nothing).error().field, "training_set.heads");
}

TEST(ShownContext, IsReadFromWhatSendersWrite) {
  const ShownContext shown = read_shown_context(R"({"position":3,"surface":"home","explored":true,"x":[1]})");
  EXPECT_EQ(shown.place, 3);
  EXPECT_EQ(shown.surface, "home");
  EXPECT_TRUE(shown.explored);
  for (const std::string_view other : {"", "[]", "3", "{", R"({"position":"3"})", R"({"position":-1})",
                                       R"({"position":70000,"explored":1})"}) {
    const ShownContext nothing = read_shown_context(other);
    EXPECT_EQ(nothing.place, 0) << other;
    EXPECT_FALSE(nothing.explored) << other;
    EXPECT_TRUE(nothing.surface.empty()) << other;
  }
}

}  // namespace
}  // namespace winnow
