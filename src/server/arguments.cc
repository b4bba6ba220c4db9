#include "server/arguments.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "server/route.h"
#include "server/url.h"

namespace winnow {
namespace {

Error bad_escape(std::string_view name) {
  return {ErrorCode::invalid,
          fmt::format("{} is not percent-encoded UTF-8: write every other byte as %XX", excerpt(name)),
          excerpt(name, 256)};
}

Status check_text(std::string_view value, const Parameter& parameter) {
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      return Error{ErrorCode::invalid,
                   fmt::format("{} holds the control character 0x{:02x}: remove it", parameter.name, byte),
                   parameter.name};
    }
  }
  const std::size_t limit = parameter.schema.max_length;
  if (limit > 0 && utf8_length(value) > limit) {
    return Error{
        ErrorCode::invalid,
        fmt::format("{} is {} characters long: the limit is {}", parameter.name, utf8_length(value), limit),
        parameter.name};
  }
  return {};
}

}  // namespace

void Arguments::expect(std::span<const Parameter> parameters) {
  parameters_ = parameters;
  if (values_.size() < parameters.size()) values_.resize(parameters.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    values_[i].given = false;
    values_[i].text.clear();
    values_[i].integer = 0;
    values_[i].list.clear();
  }
}

Status Arguments::take(std::size_t index, std::string_view encoded) {
  const Parameter& parameter = parameters_[index];
  const Schema& schema = parameter.schema;
  Value& value = values_[index];
  const bool in_path = parameter.in == Parameter::In::path;
  if (value.given && schema.kind != Schema::Kind::array) {
    return Error{ErrorCode::invalid, fmt::format("{} is given twice: give it once", parameter.name),
                 parameter.name};
  }
  value.given = true;

  if (schema.kind == Schema::Kind::array) {
    // Split before decoding, so that %2C stands for a comma within an id.
    const std::vector<std::string_view> parts = split(encoded, ',');
    if (value.list.size() + parts.size() > schema.max_length) {
      return Error{ErrorCode::invalid,
                   fmt::format("{} lists {} ids: the limit is {}", parameter.name,
                               value.list.size() + parts.size(), schema.max_length),
                   parameter.name};
    }
    for (const std::string_view part : parts) {
      if (part.empty()) continue;
      std::string id;
      if (!append_percent_decoded(id, part, Plus::space)) return bad_escape(parameter.name);
      WINNOW_RETURN_IF_ERROR(check_id(id, parameter.name));
      value.list.push_back(std::move(id));
    }
    return {};
  }

  if (!append_percent_decoded(value.text, encoded, in_path ? Plus::literal : Plus::space)) {
    return bad_escape(parameter.name);
  }
  if (schema.kind == Schema::Kind::integer) {
    const auto number = parse_int(value.text);
    if (!number || static_cast<double>(*number) < schema.min || static_cast<double>(*number) > schema.max) {
      return Error{
          ErrorCode::invalid,
          fmt::format("{} is \"{}\": give a whole number from {} to {}", parameter.name, excerpt(value.text),
                      static_cast<std::int64_t>(schema.min), static_cast<std::int64_t>(schema.max)),
          parameter.name};
    }
    value.integer = *number;
    return {};
  }
  if (value.text.empty() && !in_path) {
    value.given = false;
    return {};
  }
  if (schema.kind == Schema::Kind::id) return check_id(value.text, parameter.name);
  return check_text(value.text, parameter);
}

Status Arguments::take_query(std::string_view query) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    std::string name;  // names are short: no allocation
    if (!append_percent_decoded(name, pair.substr(0, equals), Plus::space)) return bad_escape(name);
    const Parameter* parameter = find(name);
    if (parameter == nullptr || parameter->in != Parameter::In::query) {
      std::vector<std::string> known;
      for (const Parameter& p : parameters_) {
        if (p.in == Parameter::In::query) known.push_back(p.name);
      }
      const auto near = nearest(name, known);
      return Error{
          ErrorCode::invalid,
          fmt::format("unknown parameter {}{}", excerpt(name), near ? ": did you mean " + *near + "?" : ""),
          excerpt(name, 256)};
    }
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    WINNOW_RETURN_IF_ERROR(take(static_cast<std::size_t>(parameter - parameters_.data()), value));
  }
  return {};
}

Status Arguments::check_complete() const {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (parameters_[i].required && !values_[i].given) {
      return Error{ErrorCode::invalid, fmt::format("{} is missing: give it", parameters_[i].name),
                   parameters_[i].name};
    }
  }
  return {};
}

std::int64_t Arguments::integer(std::string_view name, std::int64_t otherwise) const {
  const Value& value = (*this)[name];
  return value.given ? value.integer : otherwise;
}

const Parameter* Arguments::find(std::string_view name) const {
  for (const Parameter& parameter : parameters_) {
    if (parameter.name == name) return &parameter;
  }
  return nullptr;
}

const Arguments::Value& Arguments::operator[](std::string_view name) const {
  const Parameter* parameter = find(name);
  WINNOW_CHECK(parameter != nullptr);
  return values_[static_cast<std::size_t>(parameter - parameters_.data())];
}

}  // namespace winnow
