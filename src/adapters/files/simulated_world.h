// The people and titles of the simulated streaming service: what the catalogue shows of them, and the hidden
// tastes from which their behaviour follows.
//
// A title has a few genres and eight hidden style axes (slow or fast, dark or light, ...); creators keep to a
// genre and a style. A person likes some genres more than others and has a side on every axis. How much a
// person likes a title is their inner product, which is what a recommender can find out and popularity
// cannot.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "domain/item.h"
#include "domain/user.h"

namespace winnow {

inline constexpr std::size_t kSimulatedGenres = 16;
inline constexpr std::size_t kSimulatedStyles = 8;

struct SimulatedTitle {
  std::array<float, kSimulatedGenres> genres{};  // not negative, sum 1
  std::array<float, kSimulatedStyles> style{};   // about normal
  float quality = 0;                             // about normal; the same for everybody
  std::uint32_t main_genre = 0;
  std::uint32_t creator = 0;
};

struct SimulatedPerson {
  std::array<float, kSimulatedGenres> genres{};        // about -1 to 2, at the beginning
  std::array<float, kSimulatedGenres> later_genres{};  // where the taste drifts to
  std::array<float, kSimulatedStyles> style{};
  double activity = 0;  // relative; a few people do much, most do little
};

struct SimulatedWorld {
  std::vector<Item> items;
  std::vector<SimulatedTitle> titles;               // of items[k]
  std::vector<std::vector<std::uint32_t>> catalog;  // by creator: indexes of items
  std::vector<User> users;
  std::vector<SimulatedPerson> people;  // of users[k]
};

struct SimulatedWorldOptions {
  std::uint32_t users = 0;
  std::uint32_t items = 0;
  std::uint64_t seed = 0;
  TimestampMs begin_ms = 0;  // three quarters of the titles and two thirds of the users are older
  TimestampMs end_ms = 0;
};

// The same options give the same world. O(users + items).
SimulatedWorld make_simulated_world(const SimulatedWorldOptions& options);

// How much the person likes the title, about -2 to 3. `drift` goes from 0 to 1 while tastes move.
double affinity(const SimulatedPerson& person, const SimulatedTitle& title, double drift);

}  // namespace winnow
