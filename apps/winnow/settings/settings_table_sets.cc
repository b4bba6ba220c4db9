// Settings of training sets.

#include <algorithm>

#include "base/clock.h"
#include "winnow/settings/setting.h"
#include "winnow/settings/settings_tables.h"

namespace winnow {
namespace {

constexpr double kHour = static_cast<double>(kHourMs);
using Source = TrainingSetOptions::Source;
constexpr std::array<std::string_view, 3> kSources = {"auto", "impressions", "implicit"};

// The outcome of this name, as it stands; one that is new has no rule.
HeadOptions head_of(const Settings& settings, const std::string& name) {
  const auto found = std::ranges::find(settings.training_set.heads, name, &HeadOptions::name);
  return found == settings.training_set.heads.end() ? HeadOptions{.name = name} : *found;
}

HeadOptions& head_to_change(Settings& settings, const std::string& name) {
  std::vector<HeadOptions>& heads = settings.training_set.heads;
  const auto found = std::ranges::find(heads, name, &HeadOptions::name);
  return found == heads.end() ? heads.emplace_back(HeadOptions{.name = name}) : *found;
}

Setting source_setting() {
  Setting setting{"training_set", "source"};
  setting.kind = Setting::Kind::text;
  setting.choices.assign(kSources.begin(), kSources.end());
  setting.doc =
      "impressions: what was shown. implicit: what users turned to, beside items that they had not seen. "
      "auto: "
      "impressions where the log has any.";
  setting.get = [](const Settings& s) -> SettingValue {
    return std::string(kSources[static_cast<std::size_t>(s.training_set.source)]);
  };
  setting.set = [](Settings& s, const SettingValue& value) -> Status {
    const auto found = std::ranges::find(kSources, std::get<std::string>(value));
    s.training_set.source = static_cast<Source>(found - kSources.begin());
    return {};
  };
  return setting;
}

}  // namespace

void add_training_set_settings(std::vector<Setting>& table) {
  table.push_back(source_setting());
  table.push_back(number_setting(
      "training_set", "window_days", {0, 36'500}, [](auto& s) -> auto& { return s.training_set.window_days; },
      "What was shown in so many days is learned from, counted back from the newest event. 0: all."));
  table.push_back(number_setting(
      "training_set", "negatives_kept", {0, 1},
      [](auto& s) -> auto& { return s.training_set.thinning.negatives_kept; },
      "Share of the rows without any outcome that is kept, drawn evenly. 0: as many as there are rows with "
      "one."));
  table.push_back(number_setting(
      "training_set", "implicit_negatives", {1, 1000},
      [](auto& s) -> auto& { return s.training_set.implicit_negatives; },
      "Unseen items drawn by popularity beside each that a user turned to."));
  table.push_back(number_setting(
      "training_set", "late_hours", {0, 8760}, [](auto& s) -> auto& { return s.training_set.late_ms; },
      "An outcome may arrive so long after its window, by the times of the events around it.", kHour));
  table.push_back(plain_setting(
      "training_set", "whole_windows", [](auto& s) -> auto& { return s.training_set.whole_windows; },
      "Whether an outcome is known only once its window is over. Without, what has happened by then counts "
      "already, so the newest rows look better than they are. What winnow train learns from waits for whole "
      "windows."));
  table.push_back(number_setting(
      "training_set", "group_gap_seconds", {0, 3600},
      [](auto& s) -> auto& { return s.training_set.group_gap_ms; },
      "Impressions without a recommendation_id belong together when they lie within this time.",
      static_cast<double>(kSecondMs)));
  table.push_back(number_setting(
      "training_set", "least_propensity", {0.01, 1},
      [](auto& s) -> auto& { return s.training_set.position_bias.least_propensity; },
      "A place counts as looked at at least this often, relative to the first: the bound of the weights."));
  table.push_back(number_setting(
      "training_set", "least_explored", {1, 1e9},
      [](auto& s) -> auto& { return s.training_set.position_bias.least_impressions; },
      "Impressions at random places that there must be before places make weights."));
}

void add_head_settings(std::vector<Setting>& table, const std::string& head) {
  Setting rules{"training_set.heads", head};
  rules.kind = Setting::Kind::list;
  rules.doc = head == "watch" ? "What counts as watching: the label is the watched share of the duration."
                              : "What makes the outcome " + head + ".";
  rules.get = [head](const Settings& s) -> SettingValue { return head_of(s, head).rules; };
  rules.set = [head](Settings& s, const SettingValue& value) -> Status {
    head_to_change(s, head).rules = std::get<std::vector<std::string>>(value);
    return {};
  };
  table.push_back(std::move(rules));

  Setting window{"training_set.window_hours", head};
  window.kind = Setting::Kind::number;
  window.range = {0.001, 8760};
  window.doc = "Of the outcome " + head + ".";
  window.get = [head](const Settings& s) -> SettingValue {
    return static_cast<double>(head_of(s, head).window_ms) / kHour;
  };
  window.set = [head](Settings& s, const SettingValue& value) -> Status {
    head_to_change(s, head).window_ms = static_cast<TimestampMs>(std::get<double>(value) * kHour);
    return {};
  };
  table.push_back(std::move(window));
}

}  // namespace winnow
