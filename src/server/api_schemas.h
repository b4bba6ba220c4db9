// The schemas of what goes in and out of the HTTP API; docs/http-api.md is their prose.
#pragma once

#include "server/schema.h"

namespace winnow::schema {

inline constexpr std::size_t kMaxBatch = 1000;
inline constexpr std::size_t kMaxExcluded = 1000;
inline constexpr std::size_t kMaxCursor = 12 * 1024;  // they name what the pages before have shown
inline constexpr std::size_t kMaxSessionEvents = 100;
inline constexpr std::size_t kMaxCategoriesAsked = 64;

Schema error();  // {"error":{"code","message","field"}}

Schema event();          // in requests
Schema session_event();  // the same without its own ids
Schema item();           // in requests; `id` required
Schema item_body();      // of PUT, whose path has the id
Schema user();
Schema user_body();
Schema recommend_body();

Schema stored_event();  // in answers
Schema item_answer();
Schema user_answer();
Schema recommendation();
Schema item_list();
Schema events_accepted();
Schema stats();
Schema dead_letter();
Schema erase_report();
Schema page_of(std::string name, std::string list, Schema element);

}  // namespace winnow::schema
