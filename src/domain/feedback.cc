#include "domain/feedback.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/text.h"

namespace winnow {

double decayed_share(double age_days, double per_day) {
  return std::max(std::exp(-per_day * std::max(age_days, 0.0)), kLeastShare);
}

FeedbackPolicy::FeedbackPolicy() {
  const std::vector<std::string> positive = {"like",   "finish", "purchase",  "share",
                                             "follow", "click",  "rating>=4", "watch>=0.5"};
  const std::vector<std::string> negative = {"dislike", "hide", "skip", "rating<=2"};
  positive_ = parse_rules(positive, "feedback.positive").value();
  negative_ = parse_rules(negative, "feedback.negative").value();
  const std::pair<Action, double> defaults[] = {
      {Action::purchase, 10}, {Action::share, 5},  {Action::like, 5},
      {Action::finish, 5},    {Action::follow, 5}, {Action::rating, 5},
      {Action::click, 3},     {Action::watch, 3},  {Action::view, 1}};
  for (const auto& [action, weight] : defaults) weights_[static_cast<std::size_t>(action)] = weight;
}

Result<std::vector<FeedbackPolicy::Rule>> FeedbackPolicy::parse_rules(std::span<const std::string> rules,
                                                                      std::string_view field) {
  static constexpr std::pair<std::string_view, Comparison> kOperators[] = {{">=", Comparison::at_least},
                                                                           {"<=", Comparison::at_most},
                                                                           {"==", Comparison::equal},
                                                                           {">", Comparison::above},
                                                                           {"<", Comparison::below}};
  std::vector<Rule> parsed;
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
    parsed.push_back(rule);
  }
  return parsed;
}

Result<FeedbackPolicy> FeedbackPolicy::parse(std::span<const std::string> positive,
                                             std::span<const std::string> negative) {
  FeedbackPolicy policy;
  WINNOW_TRY(policy.positive_, parse_rules(positive, "feedback.positive"));
  WINNOW_TRY(policy.negative_, parse_rules(negative, "feedback.negative"));
  return policy;
}

Status FeedbackPolicy::set_weight(Action action, double weight) {
  if (!std::isfinite(weight) || weight < 0) {
    return Error{
        ErrorCode::invalid,
        fmt::format("feedback.weights.{} is {}: give a number of at least 0", name_of(action), weight),
        fmt::format("feedback.weights.{}", name_of(action))};
  }
  weights_[static_cast<std::size_t>(action)] = weight;
  return {};
}

bool FeedbackPolicy::matches(const std::vector<Rule>& rules, Action action, double value) {
  for (const Rule& rule : rules) {
    if (rule.action != action) continue;
    switch (rule.comparison) {
      case Comparison::always:
        return true;
      case Comparison::at_least:
        if (value >= rule.threshold) return true;
        break;
      case Comparison::above:
        if (value > rule.threshold) return true;
        break;
      case Comparison::at_most:
        if (value <= rule.threshold) return true;
        break;
      case Comparison::below:
        if (value < rule.threshold) return true;
        break;
      case Comparison::equal:
        if (value == rule.threshold) return true;
        break;
    }
  }
  return false;
}

Signal FeedbackPolicy::signal(Action action, double value, double duration_s) const {
  if (action == Action::watch) value /= duration_s > 0 ? duration_s : kFullWatchSeconds;
  if (matches(negative_, action, value)) return Signal::negative;
  if (matches(positive_, action, value)) return Signal::positive;
  return Signal::neutral;
}

double FeedbackPolicy::evidence(Action action, double value, double duration_s) const {
  const Signal found = signal(action, value, duration_s);
  if (found == Signal::negative) return 0;
  const auto speaks_of = [&](const Rule& rule) { return rule.action == action; };
  if (found == Signal::neutral && (std::any_of(positive_.begin(), positive_.end(), speaks_of) ||
                                   std::any_of(negative_.begin(), negative_.end(), speaks_of))) {
    return 0;
  }
  return weight(action);
}

std::uint64_t FeedbackPolicy::fingerprint() const {
  ByteWriter out;
  for (const std::vector<Rule>* rules : {&positive_, &negative_}) {
    out.varint(rules->size());
    for (const Rule& rule : *rules) {
      out.fixed(rule.action);
      out.fixed(rule.comparison);
      out.fixed(rule.threshold);
    }
  }
  for (const double weight : weights_) out.fixed(weight);
  return hash64(out.bytes());
}

}  // namespace winnow
