// Items, users and events as lines of JSONL, as the HTTP API writes them; fields that hold nothing are left
// out.
//
// What is written here is read back by json_row.h to the same record. Line ends inside the JSON text of an
// attribute, which are white space there, become blanks; a context with such line ends is written as a JSON
// string instead.
#pragma once

#include <string>

#include "domain/event.h"
#include "domain/item.h"
#include "domain/user.h"

namespace winnow {

// Each appends one line with its end.
void append_json_line(std::string& out, const Item& item);
void append_json_line(std::string& out, const User& user);
void append_json_line(std::string& out, const Event& event);

}  // namespace winnow
