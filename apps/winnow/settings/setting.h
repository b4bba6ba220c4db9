// One key of the settings file: its name, what it may hold, what it means and where it lives in Settings.
//
// The table of settings is data: reading, checking, printing and documenting all walk the same list, so that
// a key cannot be read without being documented, or documented with a default that is not the real one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/result.h"
#include "base/text.h"
#include "winnow/settings/settings.h"

namespace winnow {

using SettingValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>,
                                  std::vector<double>, std::vector<ApiKey>>;

struct Range {
  double low = 0;
  double high = 0;
};

struct Setting {
  enum class Kind : std::uint8_t { boolean, integer, number, text, list, numbers, keys };

  std::string section;  // "als", "feedback.weights"
  std::string key;      // "dims"
  Kind kind = Kind::integer;
  Range range;                       // of integers and numbers
  std::int64_t step = 1;             // integers are multiples of it
  std::vector<std::string> choices;  // of texts and lists; empty: any
  std::string doc;                   // one or two sentences, without the default and the range
  std::function<SettingValue(const Settings&)> get;
  std::function<Status(Settings&, const SettingValue&)>
      set;  // the value has this kind and lies in this range

  std::string name() const { return section + "." + key; }
};

// A number of any arithmetic type. `access` gives the member, const or not: [](auto& s) -> auto& { return
// s.als.dims; }. `unit` is how many of the member's units make one of the setting's: kDayMs for days kept in
// milliseconds.
template <class Access>
Setting number_setting(std::string_view section, std::string_view key, Range range, Access access,
                       std::string_view doc, double unit = 1) {
  using Member = std::remove_cvref_t<decltype(access(std::declval<Settings&>()))>;
  Setting setting{std::string(section), std::string(key)};
  setting.kind = std::is_integral_v<Member> && unit == 1 ? Setting::Kind::integer : Setting::Kind::number;
  setting.range = range;
  setting.doc = doc;
  setting.get = [access, unit, kind = setting.kind](const Settings& settings) -> SettingValue {
    const Member member = access(settings);
    if (kind == Setting::Kind::integer) return static_cast<std::int64_t>(member);
    if constexpr (std::is_same_v<Member, float>) {
      // 0.1f is shown as 0.1, not as the double next to it.
      return *parse_double(fmt::format("{}", member)) / unit;
    } else {
      return static_cast<double>(member) / unit;
    }
  };
  setting.set = [access, unit](Settings& settings, const SettingValue& value) -> Status {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      access(settings) = static_cast<Member>(*integer);
    } else {
      access(settings) = static_cast<Member>(std::get<double>(value) * unit);
    }
    return {};
  };
  return setting;
}

// A member of type std::chrono::milliseconds, set in seconds.
template <class Access>
Setting seconds_setting(std::string_view section, std::string_view key, Range range, Access access,
                        std::string_view doc) {
  Setting setting{std::string(section), std::string(key)};
  setting.kind = Setting::Kind::number;
  setting.range = range;
  setting.doc = doc;
  setting.get = [access](const Settings& settings) -> SettingValue {
    return std::chrono::duration<double>(access(settings)).count();
  };
  setting.set = [access](Settings& settings, const SettingValue& value) -> Status {
    access(settings) =
        std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(std::get<double>(value)));
    return {};
  };
  return setting;
}

// A member of type bool, std::string, std::vector<std::string> or, with a range for each,
// std::vector<double>.
template <class Access>
Setting plain_setting(std::string_view section, std::string_view key, Access access, std::string_view doc,
                      std::vector<std::string> choices = {}) {
  using Member = std::remove_cvref_t<decltype(access(std::declval<Settings&>()))>;
  Setting setting{std::string(section), std::string(key)};
  setting.kind = std::is_same_v<Member, bool>                  ? Setting::Kind::boolean
                 : std::is_same_v<Member, std::string>         ? Setting::Kind::text
                 : std::is_same_v<Member, std::vector<double>> ? Setting::Kind::numbers
                                                               : Setting::Kind::list;
  setting.choices = std::move(choices);
  setting.doc = doc;
  setting.get = [access](const Settings& settings) -> SettingValue { return access(settings); };
  setting.set = [access](Settings& settings, const SettingValue& value) -> Status {
    access(settings) = std::get<Member>(value);
    return {};
  };
  return setting;
}

// "an integer from 16 to 512", "a list of texts": for errors and documentation.
std::string allowed_text(const Setting& setting);
bool is_allowed(const Setting& setting, const SettingValue& value);

// What the flag --window says in place of a setting of days: a number that it allows, or "all", which is 0.
Result<double> parse_window(std::string_view given, std::string_view setting, const Settings& settings);

// The value as TOML, and as JSON.
std::string toml_text(const SettingValue& value);
std::string json_text(const SettingValue& value);

// The rights that a key can have.
std::vector<std::string> key_rights();

// All settings, section by section, in the order in which they are printed; with those of the surfaces that
// `settings` names.
std::vector<Setting> settings_table(const Settings& settings = {});

// What each section is for, in one sentence, in the order of the table.
struct SettingSection {
  std::string name;
  std::string doc;
};
std::vector<SettingSection> settings_sections(const Settings& settings = {});

}  // namespace winnow
