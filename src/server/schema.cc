#include "server/schema.h"

#include <utility>

namespace winnow::schema {
namespace {

Schema of(Schema::Kind kind, std::string doc) {
  Schema out;
  out.kind = kind;
  out.doc = std::move(doc);
  return out;
}

// 2200-01-01: later times are somebody's nanoseconds.
constexpr double kLastMs = 7258118400000;

}  // namespace

Schema text(std::size_t max_characters, std::string doc) {
  Schema out = of(Schema::Kind::text, std::move(doc));
  out.max_length = max_characters;
  return out;
}

Schema choice(std::vector<std::string> choices, std::string doc) {
  Schema out = of(Schema::Kind::text, std::move(doc));
  out.choices = std::move(choices);
  return out;
}

Schema id(std::string doc) { return of(Schema::Kind::id, std::move(doc)); }

Schema integer(double min, double max, std::string doc) {
  Schema out = of(Schema::Kind::integer, std::move(doc));
  out.min = min;
  out.max = max;
  return out;
}

Schema number(std::string doc) { return of(Schema::Kind::number, std::move(doc)); }

Schema number_between(double min, double max, std::string doc) {
  Schema out = number(std::move(doc));
  out.min = min;
  out.max = max;
  return out;
}

Schema boolean(std::string doc) { return of(Schema::Kind::boolean, std::move(doc)); }

Schema time(std::string doc) {
  Schema out = of(Schema::Kind::time, std::move(doc));
  out.max = kLastMs;
  return out;
}

Schema event_time(std::string doc) {
  Schema out = time(std::move(doc));
  out.up_to_now = true;
  return out;
}

Schema anything(std::string doc) { return of(Schema::Kind::anything, std::move(doc)); }

Schema object(std::string name, std::vector<SchemaField> fields, std::string doc) {
  Schema out = of(Schema::Kind::object, std::move(doc));
  out.name = std::move(name);
  out.fields = std::move(fields);
  return out;
}

Schema map_of(Schema element, std::string doc) {
  Schema out = of(Schema::Kind::map, std::move(doc));
  out.element.push_back(std::move(element));
  return out;
}

Schema free_map(std::size_t max_entries, std::string doc) {
  Schema out = of(Schema::Kind::map, std::move(doc));
  out.max_length = max_entries;
  return out;
}

Schema array_of(Schema element, std::size_t max_entries, std::string doc) {
  Schema out = of(Schema::Kind::array, std::move(doc));
  out.element.push_back(std::move(element));
  out.max_length = max_entries;
  return out;
}

Schema batch_of(Schema element, std::string batch_name, std::size_t max_entries) {
  Schema out = of(Schema::Kind::batch, {});
  out.element.push_back(std::move(element));
  out.batch_name = std::move(batch_name);
  out.max_length = max_entries;
  return out;
}

Schema event_batch_of(Schema element, std::string batch_name, std::size_t max_entries) {
  Schema out = batch_of(std::move(element), std::move(batch_name), max_entries);
  out.each_alone = true;
  return out;
}

Schema nullable(Schema schema) {
  schema.nullable = true;
  return schema;
}

}  // namespace winnow::schema
