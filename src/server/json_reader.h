// Domain values from JSON that was checked against their schema (schema::event and so on).
#pragma once

#include "base/clock.h"
#include "domain/event.h"
#include "domain/item.h"
#include "domain/query.h"
#include "domain/user.h"
#include "server/json_parser.h"

namespace winnow {

Event read_event(JsonValue value, TimestampMs now_ms);
Item read_item(JsonValue value);
User read_user(JsonValue value);

// Session events are checked, by the clock `judging_ms`, as events of this visitor; the error's field is
// "session_events[2].timestamp".
Result<Query> read_query(JsonValue value, TimestampMs now_ms, TimestampMs judging_ms);

}  // namespace winnow
