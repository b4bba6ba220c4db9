#include "domain/feedback.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"

namespace winnow {

double decayed_share(double age_days, double per_day) {
  return std::max(std::exp(-per_day * std::max(age_days, 0.0)), kLeastShare);
}

FeedbackPolicy::FeedbackPolicy() {
  const std::vector<std::string> positive = {"like",   "finish", "purchase",  "share",
                                             "follow", "click",  "rating>=4", "watch>=0.5"};
  const std::vector<std::string> negative = {"dislike", "hide", "skip", "rating<=2"};
  positive_ = EventRules::parse(positive, "feedback.positive").value();
  negative_ = EventRules::parse(negative, "feedback.negative").value();
  const std::pair<Action, double> defaults[] = {
      {Action::purchase, 10}, {Action::share, 5},  {Action::like, 5},
      {Action::finish, 5},    {Action::follow, 5}, {Action::rating, 5},
      {Action::click, 3},     {Action::watch, 3},  {Action::view, 1}};
  for (const auto& [action, weight] : defaults) weights_[static_cast<std::size_t>(action)] = weight;
}

Result<FeedbackPolicy> FeedbackPolicy::parse(std::span<const std::string> positive,
                                             std::span<const std::string> negative) {
  FeedbackPolicy policy;
  WINNOW_TRY(policy.positive_, EventRules::parse(positive, "feedback.positive"));
  WINNOW_TRY(policy.negative_, EventRules::parse(negative, "feedback.negative"));
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

Signal FeedbackPolicy::signal(Action action, double value, double duration_s) const {
  if (negative_.match(action, value, duration_s)) return Signal::negative;
  if (positive_.match(action, value, duration_s)) return Signal::positive;
  return Signal::neutral;
}

double FeedbackPolicy::evidence(Action action, double value, double duration_s) const {
  const Signal found = signal(action, value, duration_s);
  if (found == Signal::negative) return 0;
  if (found == Signal::neutral && (positive_.speak_of(action) || negative_.speak_of(action))) return 0;
  return weight(action);
}

std::uint64_t FeedbackPolicy::fingerprint() const {
  ByteWriter out;
  positive_.write(out);
  negative_.write(out);
  for (const double weight : weights_) out.fixed(weight);
  return hash64(out.bytes());
}

}  // namespace winnow
