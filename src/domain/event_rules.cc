#include "domain/event_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace winnow {

Result<EventRules> EventRules::parse(std::span<const std::string> rules, std::string_view field) {
  static constexpr std::pair<std::string_view, Comparison> kOperators[] = {{">=", Comparison::at_least},
                                                                           {"<=", Comparison::at_most},
                                                                           {"==", Comparison::equal},
                                                                           {">", Comparison::above},
                                                                           {"<", Comparison::below}};
  EventRules parsed;
  for (const std::string& text : rules) {
    const auto fail = [&](std::string_view why) {
      return Error{
          ErrorCode::invalid,
          fmt::format("{} holds \"{}\": {}; write an action, or one with a threshold such as \"rating>=4\"",
                      field, excerpt(text), why),
          std::string(field)};
    };
    Rule rule{Action::view, Comparison::always, 0};
    std::string_view name = trim(text);
    for (const auto& [symbol, comparison] : kOperators) {
      const std::size_t at = name.find(symbol);
      if (at == std::string_view::npos) continue;
      const auto threshold = parse_double(trim(name.substr(at + symbol.size())));
      if (!threshold) return fail("its threshold is not a number");
      rule.comparison = comparison;
      rule.threshold = *threshold;
      name = trim(name.substr(0, at));
      break;
    }
    const auto action = action_named(name);
    if (!action) {
      const auto& names = action_names();
      const std::vector<std::string> known(names.begin(), names.end());
      const auto near = nearest(name, known);
      return fail(near ? fmt::format("unknown action, did you mean \"{}\"?", *near) : "unknown action");
    }
    rule.action = *action;
    parsed.rules_.push_back(rule);
  }
  return parsed;
}

bool EventRules::Rule::holds(double value) const {
  switch (comparison) {
    case Comparison::always:
      return true;
    case Comparison::at_least:
      return value >= threshold;
    case Comparison::above:
      return value > threshold;
    case Comparison::at_most:
      return value <= threshold;
    case Comparison::below:
      return value < threshold;
    case Comparison::equal:
      return value == threshold;
  }
  return false;
}

bool EventRules::match(Action action, double value, double duration_s) const {
  if (action == Action::watch) value = watched_share(value, duration_s);
  return std::ranges::any_of(rules_,
                             [&](const Rule& rule) { return rule.action == action && rule.holds(value); });
}

bool EventRules::speak_of(Action action) const {
  return std::ranges::any_of(rules_, [&](const Rule& rule) { return rule.action == action; });
}

void EventRules::write(ByteWriter& out) const {
  out.varint(rules_.size());
  for (const Rule& rule : rules_) {
    out.fixed(rule.action);
    out.fixed(rule.comparison);
    out.fixed(rule.threshold);
  }
}

}  // namespace winnow
