// Domain values as JSON, in the shapes that api_schemas.h describes.
#pragma once

#include <span>
#include <string_view>

#include "domain/item.h"
#include "domain/query.h"
#include "domain/user.h"
#include "events/event_log.h"
#include "online/site.h"
#include "server/json_writer.h"

namespace winnow {

void write(JsonWriter& json, const Response& response);
void write(JsonWriter& json, const ItemList& list);
void write(JsonWriter& json, const Item& item);
void write(JsonWriter& json, const User& user);
void write(JsonWriter& json, const LogRecord& record);
void write(JsonWriter& json, const DeadLetter& letter);
void write(JsonWriter& json, const VersionInfo& model);
void write(JsonWriter& json, const IndexStatus& index);
void write(JsonWriter& json, std::span<const EventOutcome> outcomes);

}  // namespace winnow
