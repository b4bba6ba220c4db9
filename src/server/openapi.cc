#include "server/openapi.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/ids.h"
#include "server/api_schemas.h"
#include "server/json_writer.h"

namespace winnow {
namespace {

using Kind = Schema::Kind;

// No control characters.
constexpr std::string_view kParameterPattern = R"(^[^\u0000-\u001f\u007f]*$)";
constexpr std::string_view kIdPattern = R"(^[^\u0000-\u001f\u007f]+$)";

class Document final {
 public:
  Document(std::string& out, const OpenApiOptions& options) : json_(out), options_(options) {}

  void write(std::span<const Route> routes) {
    json_.begin_object();
    json_.field("openapi", "3.1.0");
    json_.key("info");
    json_.begin_object();
    json_.field("title", "Winnow");
    json_.field("description",
                "Real-time recommendations. Times are milliseconds since 1970-01-01 UTC; bodies may also "
                "give ISO 8601 "
                "text. Ids are limited to 256 bytes of UTF-8. Errors are "
                "{\"error\":{\"code\",\"message\",\"field\"}}.");
    json_.field("version", options_.version);
    json_.end_object();
    write_paths(routes, options_.keys);
    write_components(options_.keys);
    json_.end_object();
  }

 private:
  void write_paths(std::span<const Route> routes, bool keys) {
    std::map<std::string_view, std::vector<const Route*>> by_path;
    for (const Route& route : routes) by_path[route.path].push_back(&route);
    json_.key("paths");
    json_.begin_object();
    for (const auto& [path, operations] : by_path) {
      json_.key(path);
      json_.begin_object();
      for (const Route* route : operations) write_operation(*route, keys);
      json_.end_object();
    }
    json_.end_object();
  }

  void write_operation(const Route& route, bool keys) {
    std::string method(name_of(route.method));
    std::transform(method.begin(), method.end(), method.begin(),
                   [](char c) { return static_cast<char>(c + 32); });
    json_.key(method);
    json_.begin_object();
    json_.field("operationId", route.operation);
    json_.field("summary", route.summary);
    json_.key("tags");
    json_.begin_array();
    json_.value(route.tag);
    json_.end_array();
    if (keys && route.right != Right::none) {
      json_.field("description", "Needs a key with the right \"" + std::string(name_of(route.right)) + "\".");
      json_.key("security");
      json_.raw(R"([{"bearer":[]},{"header":[]}])");
    }
    if (!route.parameters.empty()) {
      json_.key("parameters");
      json_.begin_array();
      for (const Parameter& parameter : route.parameters) write_parameter(parameter);
      json_.end_array();
    }
    if (route.body) {
      json_.key("requestBody");
      json_.begin_object();
      json_.field("required", true);
      write_content("application/json", *route.body);
      json_.end_object();
    }
    write_answers(route, keys);
    json_.end_object();
  }

  void write_parameter(const Parameter& parameter) {
    const bool in_path = parameter.in == Parameter::In::path;
    json_.begin_object();
    json_.field("name", parameter.name);
    json_.field("in", in_path ? "path" : "query");
    json_.field("required", parameter.required);
    if (!parameter.doc.empty()) json_.field("description", parameter.doc);
    if (parameter.schema.kind == Kind::array) {
      json_.field("style", "form");
      json_.field("explode", false);
    }
    json_.key("schema");
    // An optional text that is empty counts as not given.
    write_schema(parameter.schema, in_path || parameter.required ? Use::parameter : Use::optional_parameter);
    json_.end_object();
  }

  void write_answers(const Route& route, bool keys) {
    json_.key("responses");
    json_.begin_object();
    for (const int status : route.statuses()) {
      if (!keys && status == 401) continue;
      json_.key(std::to_string(status));
      json_.begin_object();
      const auto own = std::find_if(route.answers.begin(), route.answers.end(),
                                    [&](const Answer& answer) { return answer.status == status; });
      json_.field("description",
                  own != route.answers.end() ? std::string_view(own->doc) : reason_phrase(status));
      if (own != route.answers.end() && status < 400) {
        if (status != 204) write_content(own->content_type, own->schema);
      } else {
        write_content("application/json", schema::error());
      }
      json_.end_object();
    }
    json_.end_object();
  }

  void write_content(std::string_view type, const Schema& schema) {
    json_.key("content");
    json_.begin_object();
    json_.key(type);
    json_.begin_object();
    json_.key("schema");
    write_schema(schema, Use::body);
    json_.end_object();
    json_.end_object();
  }

  enum class Use { body, parameter, optional_parameter };

  void write_schema(const Schema& schema, Use use) {
    if (schema.name.empty()) return write_inline(schema, use);
    components_.emplace(schema.name, schema);
    const std::string reference = R"({"$ref":"#/components/schemas/)" + schema.name + R"("})";
    if (schema.nullable) {
      json_.raw(R"({"anyOf":[)" + reference + R"(,{"type":"null"}]})");
    } else {
      json_.raw(reference);
    }
  }

  void write_type(const Schema& schema, std::string_view type) {
    json_.key("type");
    if (!schema.nullable) return json_.value(type);
    json_.begin_array();
    json_.value(type);
    json_.value("null");
    json_.end_array();
  }

  void write_bounds(const Schema& schema) {
    if (schema.min >= schema.max) return;
    json_.field("minimum", schema.min);
    json_.field("maximum", schema.max);
  }

  void write_inline(const Schema& schema, Use use) {
    json_.begin_object();
    if (!schema.doc.empty()) json_.field("description", schema.doc);
    switch (schema.kind) {
      case Kind::text:
        write_text(schema, use);
        break;
      case Kind::id:
        write_type(schema, "string");
        if (use != Use::optional_parameter) json_.field("minLength", 1);
        json_.field("maxLength", kMaxIdBytes);
        json_.field("pattern", use == Use::optional_parameter ? kParameterPattern : kIdPattern);
        break;
      case Kind::integer:
        write_type(schema, "integer");
        write_bounds(schema);
        break;
      case Kind::number:
        write_type(schema, "number");
        write_bounds(schema);
        break;
      case Kind::boolean:
        write_type(schema, "boolean");
        break;
      case Kind::time:
        // ISO 8601 text is taken too; JSON Schema cannot say which texts lie within the bounds.
        write_type(schema, "integer");
        json_.field("minimum", 0);
        json_.field("maximum",
                    schema.up_to_now ? options_.newest_event_ms : static_cast<TimestampMs>(schema.max));
        break;
      case Kind::object:
        write_object(schema);
        break;
      case Kind::map:
        write_type(schema, "object");
        if (schema.max_length > 0) json_.field("maxProperties", schema.max_length);
        if (schema.element.empty() && use == Use::body && schema.max_length > 0) {
          json_.key("propertyNames");
          write_inline(schema::id(), Use::body);
        }
        if (!schema.element.empty()) {
          json_.key("additionalProperties");
          write_schema(schema.element.front(), Use::body);
        }
        break;
      case Kind::array:
        write_type(schema, "array");
        if (schema.max_length > 0) json_.field("maxItems", schema.max_length);
        json_.key("items");
        write_entries(schema, use);
        break;
      case Kind::batch:
        write_batch(schema);
        break;
      case Kind::anything:
        break;
    }
    json_.end_object();
  }

  void write_entries(const Schema& schema, Use use) {
    if (!schema.each_alone) return write_schema(schema.element.front(), use);
    json_.begin_object();
    json_.key("anyOf");
    json_.begin_array();
    write_schema(schema.element.front(), use);
    json_.raw(R"({"description":"Anything else is rejected by itself."})");
    json_.end_array();
    json_.end_object();
  }

  void write_text(const Schema& schema, Use use) {
    write_type(schema, "string");
    if (schema.max_length > 0) json_.field("maxLength", schema.max_length);
    if (use != Use::body) json_.field("pattern", kParameterPattern);
    if (schema.choices.empty()) return;
    json_.key("enum");
    json_.begin_array();
    for (const std::string& choice : schema.choices) json_.value(choice);
    if (schema.nullable) json_.null();
    json_.end_array();
  }

  void write_object(const Schema& schema) {
    write_type(schema, "object");
    json_.key("properties");
    json_.begin_object();
    for (const SchemaField& field : schema.fields) {
      json_.key(field.name);
      Schema schema_of_field = field.schema;
      schema_of_field.nullable |= !field.required;  // null means absent
      write_schema(schema_of_field, Use::body);
    }
    json_.end_object();
    if (std::any_of(schema.fields.begin(), schema.fields.end(),
                    [](const auto& field) { return field.required; })) {
      json_.key("required");
      json_.begin_array();
      for (const SchemaField& field : schema.fields) {
        if (field.required) json_.value(field.name);
      }
      json_.end_array();
    }
    json_.field("additionalProperties", false);
    if (!schema.rules.empty()) {
      json_.key("allOf");
      json_.raw(schema.rules);
    }
  }

  // Of a list whose entries have their own fates, any entry is taken: what breaks the rules is rejected by
  // itself.
  void write_batch(const Schema& schema) {
    Schema list = schema::array_of(schema.element.front(), schema.max_length);
    list.each_alone = schema.each_alone;
    json_.key("anyOf");
    json_.begin_array();
    write_schema(schema.element.front(), Use::body);
    write_schema(list, Use::body);
    write_schema(schema::object({}, {{schema.batch_name, list, true}}), Use::body);
    json_.end_array();
  }

  // Writing a component may name further ones, so go on until all that were named are written.
  void write_components(bool keys) {
    json_.key("components");
    json_.begin_object();
    json_.key("schemas");
    json_.begin_object();
    std::set<std::string> written;
    for (bool more = true; more;) {
      more = false;
      const auto named = components_;
      for (const auto& [name, schema] : named) {
        if (!written.insert(name).second) continue;
        more = true;
        json_.key(name);
        Schema plain = schema;
        plain.nullable = false;
        write_inline(plain, Use::body);
      }
    }
    json_.end_object();
    if (keys) {
      json_.key("securitySchemes");
      json_.raw(R"({"bearer":{"type":"http","scheme":"bearer"},)"
                R"("header":{"type":"apiKey","in":"header","name":"X-API-Key"}})");
    }
    json_.end_object();
  }

  JsonWriter json_;
  const OpenApiOptions& options_;
  std::map<std::string, Schema> components_;
};

}  // namespace

std::string write_openapi(std::span<const Route> routes, const OpenApiOptions& options) {
  std::string out;
  Document(out, options).write(routes);
  return out;
}

}  // namespace winnow
