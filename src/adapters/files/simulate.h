// A streaming service that does not exist: to try the engine without data, and to put load on it.
//
// People come in sessions through the day and the week, look down a list that a simple, older recommender
// shows them (favourite genres, what is popular, the same creator, new titles), pay less attention the
// farther down they are, and click, watch, like, skip or hide by how much they like what they see. Titles
// rise when they are released and fade, genres have their weeks, and tastes drift. One visitor in twenty is
// anonymous. There is enough to learn that a recommender beats popularity clearly.
//
// The same options give the same bytes on every machine. Events come in the order of time, exactly as many as
// asked for, none after end_ms. Memory: the catalogue, the users, what each has watched, and an hour of
// events.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/files/simulated_world.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "domain/event.h"

namespace winnow {

struct SimulationOptions {
  std::uint32_t users = 2000;
  std::uint32_t items = 1500;
  std::uint64_t events = 200'000;
  std::uint32_t days = 60;
  std::uint64_t seed = 1;
  TimestampMs end_ms = 0;    // when the last day ends: give the clock's now
  bool impressions = false;  // also an event for everything that was looked at: about four times as many
};

class Simulation final {
 public:
  // invalid, naming the field, for a world without users, items or days, or one that begins before 1971.
  static Result<Simulation> create(const SimulationOptions& options);

  const std::vector<Item>& items() const { return world_.items; }
  const std::vector<User>& users() const { return world_.users; }

  // The next events, up to `limit`; none at the end.
  std::vector<Event> next(std::size_t limit);

 private:
  struct Visit;  // one session
  Simulation(const SimulationOptions& options, SimulatedWorld world);
  void begin_day(std::uint32_t day);
  void simulate_hour();
  void simulate_session(TimestampMs begin_ms);
  bool simulate_slate(Visit& visit);
  void simulate_watching(Visit& visit, std::uint32_t title, double liking);
  std::uint32_t candidate(const Visit& visit);
  double excitement(std::uint32_t title, TimestampMs now_ms) const;
  void record(const Visit& visit, std::uint32_t title, Action action, double value, std::size_t position);

  SimulationOptions options_;
  SimulatedWorld world_;
  Random random_;
  std::vector<double> activity_before_;               // running sum over people
  std::vector<double> hour_share_;                    // running share of all events up to each hour's end
  std::array<float, kSimulatedGenres> genre_mood_{};  // of the day
  std::vector<std::uint32_t> charts_;                 // of the day, best first
  std::array<std::vector<std::uint32_t>, kSimulatedGenres> genre_charts_;
  std::vector<std::uint32_t> new_titles_;            // of the last two weeks
  std::vector<std::vector<std::uint32_t>> watched_;  // by person
  std::vector<Event> pending_;                       // not given out yet; sorted by time up to ready_
  std::size_t given_ = 0;                            // of pending_
  std::size_t ready_ = 0;                            // pending_[given_, ready_) can be given out
  std::uint64_t generated_ = 0;
  std::uint64_t emitted_ = 0;
  std::uint64_t sessions_ = 0;
  std::uint32_t hour_ = 0;
  TimestampMs begin_ms_ = 0;
};

}  // namespace winnow
