// RequestContext: all that a request may look at, pinned once at its start so that every stage sees one
// state.
#pragma once

#include <memory>
#include <vector>

#include "catalog/item_table.h"
#include "domain/query.h"
#include "features/co_occurrence.h"
#include "features/trends.h"
#include "features/user_state.h"

namespace winnow {

// Who asks, after one look-up. Defaults (an unknown visitor) when nothing is known or the look-up failed.
struct UserContext {
  std::shared_ptr<const UserState> state;  // never null
  std::vector<Interaction> history;        // the log's and the request's own session events, oldest first
  std::vector<SeenItem>
      session_seen;  // by item: what the request's own session events and visit add to state->seen
  std::vector<NameKey> follows;  // creators, from the profile and from events, ascending
  NameKey country = 0;           // 0: unknown
  std::shared_ptr<const std::vector<std::uint64_t>> profile_facts;  // features/profile_facts.h; null: none
  bool defaulted = false;                                           // the feature store failed
};

struct RequestContext {
  const Query* query = nullptr;
  LogPosition state_position = 0;  // of the event log: what the user's state knows at least
  UserContext user;
  std::shared_ptr<const ItemSnapshot> items;
  std::shared_ptr<const Trends> trends;         // never null; empty before the first event
  const CoOccurrence* co_occurrence = nullptr;  // what the stream knows; null: nothing. Not of one moment.
};

}  // namespace winnow
