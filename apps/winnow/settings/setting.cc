#include "winnow/settings/setting.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/check.h"

namespace winnow {
namespace {

std::string plain_number(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15
             ? fmt::format("{}", static_cast<std::int64_t>(value))
             : fmt::format("{}", value);
}

std::string quoted_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ", ";
    append_json_quoted(out, text);
  }
  return out + "]";
}

// "one of a, b, c"
std::string one_of(const std::vector<std::string>& choices) {
  std::string out = "one of ";
  for (const std::string& choice : choices) out += (out.size() > 7 ? ", " : "") + json_quoted(choice);
  return out;
}

bool is_choice(const Setting& setting, const std::string& text) {
  return setting.choices.empty() || std::ranges::find(setting.choices, text) != setting.choices.end();
}

}  // namespace

std::string allowed_text(const Setting& setting) {
  const bool free = setting.choices.empty();
  switch (setting.kind) {
    case Setting::Kind::boolean:
      return "true or false";
    case Setting::Kind::integer:
    case Setting::Kind::number:
      return fmt::format("{} from {} to {}",
                         setting.kind == Setting::Kind::number ? "a number"
                         : setting.step > 1                    ? fmt::format("a multiple of {}", setting.step)
                                                               : "an integer",
                         plain_number(setting.range.low), plain_number(setting.range.high));
    case Setting::Kind::numbers:
      return fmt::format("a list of numbers from {} to {}", plain_number(setting.range.low),
                         plain_number(setting.range.high));
    case Setting::Kind::keys:
      return "tables [[server.keys]] with name, sha256 and rights";
    case Setting::Kind::text:
      return free ? "a text" : one_of(setting.choices);
    case Setting::Kind::list:
      return free ? "a list of texts" : "a list of texts, each " + one_of(setting.choices);
  }
  return "";
}

bool is_allowed(const Setting& setting, const SettingValue& value) {
  const auto inside = [&](double number) {
    return std::isfinite(number) && number >= setting.range.low && number <= setting.range.high;
  };
  switch (setting.kind) {
    case Setting::Kind::boolean:
      return std::holds_alternative<bool>(value);
    case Setting::Kind::integer: {
      const auto* integer = std::get_if<std::int64_t>(&value);
      return integer && inside(static_cast<double>(*integer)) && *integer % setting.step == 0;
    }
    case Setting::Kind::number: {
      const auto* number = std::get_if<double>(&value);
      return number && inside(*number);
    }
    case Setting::Kind::text: {
      const auto* text = std::get_if<std::string>(&value);
      return text && is_choice(setting, *text);
    }
    case Setting::Kind::list: {
      const auto* texts = std::get_if<std::vector<std::string>>(&value);
      return texts && std::ranges::all_of(*texts, [&](const auto& text) { return is_choice(setting, text); });
    }
    case Setting::Kind::numbers: {
      const auto* numbers = std::get_if<std::vector<double>>(&value);
      return numbers && !numbers->empty() && std::ranges::all_of(*numbers, inside);
    }
    case Setting::Kind::keys:
      return std::holds_alternative<std::vector<ApiKey>>(value);
  }
  return false;
}

std::string toml_text(const SettingValue& value) {
  // Keys apart, JSON's texts, numbers and lists are TOML's too.
  const auto* keys = std::get_if<std::vector<ApiKey>>(&value);
  if (keys == nullptr) return json_text(value);
  std::string out;
  for (const ApiKey& key : *keys) {
    out += fmt::format("{}{{name = {}, sha256 = {}, rights = {}}}", out.empty() ? "" : ", ",
                       json_quoted(key.name), json_quoted(key.sha256_hex), quoted_list(key.rights));
  }
  return "[" + out + "]";
}

std::string json_text(const SettingValue& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *integer);
  if (const auto* number = std::get_if<double>(&value)) return plain_number(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return json_quoted(*text);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) return quoted_list(*texts);
  std::string out;
  if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
    for (const double number : *numbers) out += (out.empty() ? "" : ", ") + plain_number(number);
    return "[" + out + "]";
  }
  for (const ApiKey& key : std::get<std::vector<ApiKey>>(value)) {
    out += fmt::format(R"({}{{"name":{},"sha256":{},"rights":{}}})", out.empty() ? "" : ",",
                       json_quoted(key.name), json_quoted(key.sha256_hex), quoted_list(key.rights));
  }
  return "[" + out + "]";
}

std::vector<std::string> key_rights() { return {"read", "write", "admin"}; }

Result<double> parse_window(std::string_view given, std::string_view setting, const Settings& settings) {
  const auto days = given == "all" ? std::optional<double>(0) : parse_double(given);
  const std::vector<Setting> table = settings_table(settings);
  const auto found = std::ranges::find(table, setting, &Setting::name);
  WINNOW_CHECK(found != table.end());
  if (days && is_allowed(*found, *days)) return *days;
  return Error{
      ErrorCode::invalid,
      fmt::format("--window is \"{}\"; it takes days, {}, or all", excerpt(given), allowed_text(*found)),
      "--window"};
}

}  // namespace winnow
