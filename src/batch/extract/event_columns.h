// Events as columns of numbers: 21 bytes an event instead of a struct of strings, so that 100 million fit
// into memory.
//
// Users and items are rows, numbered in the order in which they first appear; a user's id is not kept at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "batch/extract/columns.h"
#include "domain/event.h"

namespace winnow {

struct EventColumns {
  std::uint32_t users = 0;            // rows given out; some may have no event left
  std::vector<std::string> item_ids;  // row -> external id
  std::vector<std::uint32_t> user;
  std::vector<std::uint32_t> item;
  std::vector<Action> action;
  std::vector<float> value;
  std::vector<TimestampMs> time_ms;

  std::size_t size() const { return user.size(); }

  // Keeps the events for which keep(index) holds, in their order. Returns how many went.
  template <class Keep>
  std::size_t keep_if(Keep keep) {
    return keep_rows(keep, user, item, action, value, time_ms);
  }

  // Calls each(begin, end) for every run of events of one user. The events must lie by user.
  template <class Each>
  void for_each_user(Each each) const {
    for (std::size_t begin = 0; begin < size();) {
      std::size_t end = begin + 1;
      while (end < size() && user[end] == user[begin]) ++end;
      each(begin, end);
      begin = end;
    }
  }
};

// By user, then by time; events of one user and time keep their order. O(n + users) when each user's events
// come in order of time already, as they mostly do.
EventColumns by_user_and_time(EventColumns events);

}  // namespace winnow
