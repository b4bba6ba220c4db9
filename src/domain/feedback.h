// What an action means for learning: is it liked or disliked, and how much does it count.
//
// Rules are those of event_rules.h. An event that matches both lists is negative: "rating<=2" beats "rating".
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/event.h"
#include "domain/event_rules.h"

namespace winnow {

enum class Signal : std::uint8_t { neutral = 0, positive = 1, negative = 2 };

// Older evidence counts less: the share of its weight that evidence of this age keeps, e^(-per_day x
// age_days). It never falls below kLeastShare: a history of decades is not thrown away for its age alone.
// Training and serving read it here. per_day 0: all of it.
inline constexpr double kLeastShare = 0.1;
double decayed_share(double age_days, double per_day);

class FeedbackPolicy final {
 public:
  // The documented defaults: positive like, finish, purchase, share, follow, click, rating>=4, watch>=0.5;
  // negative dislike, hide, skip, rating<=2; weights purchase 10, share 5, like 5, finish 5, follow 5, rating
  // 5, click 3, watch 3, view 1, all others 0.
  FeedbackPolicy();

  // Errors name the rule and the field ("feedback.positive").
  static Result<FeedbackPolicy> parse(std::span<const std::string> positive,
                                      std::span<const std::string> negative);

  // Sets the training weight of an action; 0 leaves it out. Finite, at least 0.
  Status set_weight(Action action, double weight);

  // duration_s: of the item; 0 when unknown. O(rules), without allocation.
  Signal signal(Action action, double value, double duration_s) const;
  double weight(Action action) const { return weights_[static_cast<std::size_t>(action)]; }

  // How strongly the event speaks for its item: the action's weight when it is liked, and also when no rule
  // speaks of the action at all (a view, by default); 0 when it is disliked, or was judged and found neither
  // ("rating>=4" met a 3).
  double evidence(Action action, double value, double duration_s) const;

  // The same for policies with the same rules and weights: what was derived under one is valid under the
  // other.
  std::uint64_t fingerprint() const;

 private:
  EventRules positive_;
  EventRules negative_;
  std::array<double, kActionCount> weights_{};
};

}  // namespace winnow
