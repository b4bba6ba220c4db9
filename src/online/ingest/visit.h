// visit_of: what an event says about which items go together.
#pragma once

#include <optional>

#include "features/apply_event.h"
#include "features/co_occurrence.h"
#include "features/user_state.h"

namespace winnow {

// `before`: the user's state that the event is then applied to. Nothing when the event does not speak for its
// item, or when the history already holds one that does: a person counts once for an item. What the newest
// event about an item speaks against is no company. O(history).
std::optional<Visit> visit_of(const UserState& before, const ResolvedEvent& event);

}  // namespace winnow
