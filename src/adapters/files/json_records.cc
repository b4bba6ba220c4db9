#include "adapters/files/json_records.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "base/text.h"

namespace winnow {

namespace {

// One object on one line. Every member but the first is preceded by a comma.
class LineWriter final {
 public:
  explicit LineWriter(std::string& out) : out_(out) { out_.push_back('{'); }
  ~LineWriter() { out_ += "}\n"; }
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    begin(name);
    append_json_quoted(out_, value);
  }
  template <class Number>
  void number(std::string_view name, Number value) {
    begin(name);
    fmt::format_to(std::back_inserter(out_), "{}", value);
  }
  void list(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    begin(name);
    char before = '[';
    for (const std::string& value : values) {
      out_.push_back(before);
      append_json_quoted(out_, value);
      before = ',';
    }
    out_.push_back(']');
  }
  void raw(std::string_view name, std::string_view json) {
    begin(name);
    append_on_one_line(json);
  }
  void attributes(const std::map<std::string, std::string>& attributes) {
    if (attributes.empty()) return;
    begin("attributes");
    char before = '{';
    for (const auto& [name, json] : attributes) {
      out_.push_back(before);
      append_json_quoted(out_, name);
      out_.push_back(':');
      append_on_one_line(json);
      before = ',';
    }
    out_.push_back('}');
  }

 private:
  void begin(std::string_view name) {
    if (out_.back() != '{') out_.push_back(',');
    out_.push_back('"');
    out_ += name;
    out_ += "\":";
  }
  void append_on_one_line(std::string_view json) {
    for (const char c : json) out_.push_back(c == '\n' || c == '\r' ? ' ' : c);
  }
  std::string& out_;
};

}  // namespace

void append_json_line(std::string& out, const Item& item) {
  LineWriter line(out);
  line.text("id", item.id);
  line.text("title", item.title);
  line.text("description", item.description);
  line.list("categories", item.categories);
  line.list("tags", item.tags);
  line.text("creator", item.creator);
  if (item.created_ms != 0) line.number("created_at", item.created_ms);
  if (item.duration_s != 0) line.number("duration", item.duration_s);
  if (item.price != 0) line.number("price", item.price);
  if (!item.available) line.raw("available", "false");
  line.list("regions", item.regions);
  line.attributes(item.attributes);
}

void append_json_line(std::string& out, const User& user) {
  LineWriter line(out);
  line.text("id", user.id);
  line.text("country", user.country);
  line.text("language", user.language);
  line.text("age_group", user.age_group);
  if (user.signup_ms != 0) line.number("signup_date", user.signup_ms);
  line.list("interests", user.interests);
  line.list("follows", user.follows);
  line.attributes(user.attributes);
}

void append_json_line(std::string& out, const Event& event) {
  LineWriter line(out);
  line.text("event_id", event.event_id);
  line.text("user_id", event.user_id);
  line.text("item_id", event.item_id);
  line.text("action", name_of(event.action));
  if (event.value != 0 || event.action == Action::rating) line.number("value", event.value);
  line.number("timestamp", event.time_ms);
  line.text("session_id", event.session_id);
  line.text("recommendation_id", event.recommendation_id);
  if (event.context.find_first_of("\r\n") != std::string::npos) {
    line.text("context", event.context);
  } else if (!event.context.empty()) {
    line.raw("context", event.context);
  }
}

}  // namespace winnow
