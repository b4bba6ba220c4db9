#include "adapters/files/simulate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

namespace winnow {
namespace {

constexpr TimestampMs kNow = 1'750'000'000'000;

std::vector<Event> events_of(const SimulationOptions& options) {
  auto simulation = Simulation::create(options);
  EXPECT_TRUE(simulation.ok()) << simulation.error().message;
  std::vector<Event> all;
  for (;;) {
    auto some = simulation->next(777);
    if (some.empty()) return all;
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
}

TEST(Simulation, GivesValidEventsInOrderAndAsManyAsAskedFor) {
  for (const SimulationOptions& options :
       {SimulationOptions{.events = 40'000, .end_ms = kNow},
        SimulationOptions{.users = 1, .items = 1, .events = 50, .days = 1, .end_ms = kNow},
        SimulationOptions{.users = 3, .items = 500, .events = 1, .days = 400, .end_ms = kNow},
        SimulationOptions{.users = 50,
        .items = 40,
        .events = 20'000,
        .days = 3,
        .seed = 9,
        .end_ms = kNow,
        .impressions = true}}) {
    const auto simulation = Simulation::create(options);
    ASSERT_TRUE(simulation.ok());
    std::map<std::string, const Item*> items;
    std::set<std::string> users;
    for (const Item& item : simulation->items()) {
      EXPECT_TRUE(validate(item).ok());
      items[item.id] = &item;
    }
    for (const User& user : simulation->users()) {
      EXPECT_TRUE(validate(user).ok());
      users.insert(user.id);
    }
    const auto events = events_of(options);
    ASSERT_EQ(events.size(), options.events);
    std::set<std::string> ids;
    TimestampMs before = kNow - options.days * kDayMs;
    for (const Event& event : events) {
      const Status status = validate(event, kNow, {.max_future_ms = 0});
      ASSERT_TRUE(status.ok()) << status.error().message;
      ASSERT_GE(event.time_ms, before);
      before = event.time_ms;
      ASSERT_TRUE(items.contains(event.item_id));
      ASSERT_TRUE(event.user_id.empty() || users.contains(event.user_id));
      ids.insert(event.event_id);
    }
    EXPECT_EQ(ids.size(), events.size());
  }
}

TEST(Simulation, GivesTheSameBytesForTheSameSeed) {
  const SimulationOptions options{
      .users = 100, .items = 100, .events = 5000, .days = 10, .seed = 4, .end_ms = kNow};
  EXPECT_EQ(events_of(options), events_of(options));
  SimulationOptions other = options;
  other.seed = 5;
  EXPECT_NE(events_of(options), events_of(other));
}

TEST(Simulation, ShowsEveryActionThatPeopleDo) {
  std::map<Action, int> counts;
  for (const Event& event : events_of({.events = 80'000, .end_ms = kNow})) ++counts[event.action];
  for (const Action action :
       {Action::click, Action::watch, Action::like, Action::dislike, Action::finish, Action::purchase,
        Action::rating, Action::share, Action::follow, Action::skip, Action::hide}) {
    EXPECT_GT(counts[action], 20) << name_of(action);
  }
  EXPECT_EQ(counts[Action::impression], 0);
}

TEST(Simulation, RefusesAWorldOfNothing) {
  EXPECT_EQ(Simulation::create({.users = 0, .end_ms = kNow}).error().field, "users");
  EXPECT_EQ(Simulation::create({.items = 0, .end_ms = kNow}).error().field, "items");
  EXPECT_EQ(Simulation::create({.days = 0, .end_ms = kNow}).error().field, "days");
  EXPECT_EQ(Simulation::create({.days = 9999, .end_ms = kNow}).error().field, "days");
  EXPECT_EQ(Simulation::create({}).error().field, "end_ms");
}

// Hit rate at 10 on what people watch in the last fifth of the time: plain cosine of co-occurrence against
// the charts.
TEST(Simulation, HoldsMoreThanPopularityCanTell) {
  const auto events = events_of({.users = 600, .items = 500, .events = 60'000, .end_ms = kNow});
  std::map<std::string, std::set<std::string>> train;
  std::map<std::string, std::set<std::string>> test;
  const std::size_t cut = events.size() * 4 / 5;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    if (event.user_id.empty() || event.action != Action::click) continue;
    (i < cut ? train : test)[event.user_id].insert(event.item_id);
  }
  std::unordered_map<std::string, double> popularity;
  std::unordered_map<std::string, std::unordered_map<std::string, double>> together;
  for (const auto& [user, items] : train) {
    for (const auto& a : items) {
      ++popularity[a];
      for (const auto& b : items) {
        if (a != b) ++together[a][b];
      }
    }
  }
  const auto recall = [&](const auto& scores_of) {
    double sum = 0;
    int users = 0;
    for (const auto& [user, wanted] : test) {
      const auto history = train.find(user);
      if (history == train.end()) continue;
      std::unordered_map<std::string, double> scores = scores_of(history->second);
      for (const auto& item : history->second) scores.erase(item);
      std::vector<std::pair<double, std::string>> ranked;
      for (const auto& [item, score] : scores) ranked.emplace_back(-score, item);
      std::partial_sort(ranked.begin(), ranked.begin() + std::min<std::ptrdiff_t>(10, std::ssize(ranked)),
                        ranked.end());
      int hits = 0;
      int relevant = 0;
      for (const auto& item : wanted) relevant += !history->second.contains(item);
      for (std::size_t i = 0; i < std::min<std::size_t>(10, ranked.size()); ++i)
        hits += wanted.contains(ranked[i].second);
      if (relevant == 0) continue;
      sum += static_cast<double>(hits) / std::min(10, relevant);
      ++users;
    }
    EXPECT_GT(users, 300);
    return sum / users;
  };
  const double by_popularity = recall([&](const auto&) { return popularity; });
  const double by_neighbours = recall([&](const auto& history) {
    std::unordered_map<std::string, double> scores;
    for (const auto& item : history) {
      for (const auto& [other, count] : together[item]) {
        scores[other] += count / (std::sqrt(popularity[item] * popularity[other]) + 10);
      }
    }
    return scores;
  });
  RecordProperty("popularity", std::to_string(by_popularity));
  RecordProperty("neighbours", std::to_string(by_neighbours));
  EXPECT_GT(by_neighbours, 1.5 * by_popularity) << by_neighbours << " against " << by_popularity;
}

}  // namespace
}  // namespace winnow
