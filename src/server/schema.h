// Schemas: what a JSON value or a parameter may be. One description both checks requests and writes
// /openapi.json.
//
// A small part of JSON Schema 2020-12, with two additions: `id` (an external id, see check_id) and `time`
// (milliseconds since 1970, or ISO 8601 text). Optional fields may also be null, which means the same as
// absent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

struct SchemaField;

struct Schema {
  enum class Kind : std::uint8_t {
    text,
    id,
    integer,
    number,
    boolean,
    time,
    object,  // exactly the fields listed
    map,     // any names; values of `element`, or anything when there is none
    array,   // of `element`
    batch,   // one `element`, an array of them, or {"<batch_name>": [...]}
    anything,
  };

  Kind kind = Kind::anything;
  std::string name{};  // of the component in the OpenAPI document; empty: written in place
  std::string doc{};
  bool nullable = false;               // answers only; in requests every optional field is
  double min = 0, max = 0;             // integer, number, time: inclusive, when min < max
  std::size_t max_length = 0;          // text: characters; array, batch, map: entries; 0: unlimited
  std::vector<std::string> choices{};  // text
  std::vector<SchemaField> fields;
  std::string rules{};  // object: further members of its JSON Schema, for rules across fields that validate()
                        // enforces
  std::vector<Schema> element{};  // none or one
  std::string batch_name{};
  bool each_alone = false;  // batch: what is wrong with one of a list does not concern the others
  bool up_to_now = false;   // time: of an event, see EventTimeLimit
};

struct SchemaField {
  std::string name;
  Schema schema;
  bool required = false;
};

// Short ways to write them.
namespace schema {

Schema text(std::size_t max_characters, std::string doc = {});
Schema choice(std::vector<std::string> choices, std::string doc = {});
Schema id(std::string doc = {});
Schema integer(double min, double max, std::string doc = {});
Schema number(std::string doc = {});
Schema number_between(double min, double max, std::string doc = {});
Schema boolean(std::string doc = {});
Schema time(std::string doc = {});
Schema event_time(std::string doc = {});
Schema anything(std::string doc = {});
Schema object(std::string name, std::vector<SchemaField> fields, std::string doc = {});
Schema map_of(Schema element, std::string doc = {});
Schema free_map(std::size_t max_entries, std::string doc = {});
Schema array_of(Schema element, std::size_t max_entries = 0, std::string doc = {});
// Of events, each has a fate of its own; of other things, all are taken or none.
Schema batch_of(Schema element, std::string batch_name, std::size_t max_entries);
Schema event_batch_of(Schema element, std::string batch_name, std::size_t max_entries);
Schema nullable(Schema schema);

}  // namespace schema
}  // namespace winnow
