// JsonWriter: appends JSON to a string, field by field, as fast as the bytes can be copied.
//
//   JsonWriter json(out);
//   json.begin_object();
//   json.field("accepted", 3);
//   json.end_object();
//
// Numbers are written in the shortest form that reads back as the same float or double; a number that is not
// finite is null. Names of fields are string literals of ours and are not escaped. The caller keeps begin and
// end in balance.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <string>
#include <string_view>

#include "base/text.h"

namespace winnow {

class JsonWriter final {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  void key(std::string_view name) {
    separate();
    out_.push_back('"');
    out_.append(name);
    out_.append("\":");
    first_ = true;  // no comma before the value
  }
  // A name that is not ours.
  void quoted_key(std::string_view name) {
    separate();
    quote(name);
    out_.push_back(':');
    first_ = true;
  }

  void value(std::string_view text) {
    separate();
    quote(text);
  }
  void value(const char* text) { value(std::string_view(text)); }
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(bool truth) { raw(truth ? "true" : "false"); }
  template <std::integral Number>
  void value(Number number) {
    separate();
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out_.append(digits.data(), end);
  }
  template <std::floating_point Number>
  void value(Number number) {
    if (!std::isfinite(number)) return null();
    separate();
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out_.append(digits.data(), end);
  }
  void null() { raw("null"); }
  // Text that is JSON already.
  void raw(std::string_view json) {
    separate();
    out_.append(json);
  }

  template <class Value>
  void field(std::string_view name, const Value& content) {
    key(name);
    value(content);
  }
  // Null when empty.
  void text_or_null(std::string_view name, std::string_view text) {
    key(name);
    if (text.empty()) return null();
    value(text);
  }

 private:
  void separate() {
    if (!first_) out_.push_back(',');
    first_ = false;
  }
  // Most texts need no escape; without an early exit, the compiler looks at 16 or 32 bytes at once.
  static bool is_plain(std::string_view text) {
    bool plain = true;
    for (const char c : text) plain &= static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
    return plain;
  }
  void quote(std::string_view text) {
    if (!is_plain(text)) return append_json_quoted(out_, text);
    out_.push_back('"');
    out_.append(text);
    out_.push_back('"');
  }
  void open(char bracket) {
    separate();
    out_.push_back(bracket);
    first_ = true;
  }
  void close(char bracket) {
    out_.push_back(bracket);
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace winnow
