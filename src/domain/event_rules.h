// EventRules: a list of rules that says which events it speaks of.
//
// A rule is an action, or an action with a threshold on its value: "like", "rating>=4", "rating<=2",
// "watch>=0.5". For watch the threshold is the watched share of the item's duration; when the duration is
// unknown, kFullWatchSeconds stands in for it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "domain/event.h"

namespace winnow {

inline constexpr double kFullWatchSeconds = 60;

// Of an item's duration; 0 when that is unknown. May exceed 1.
inline double watched_share(double seconds, double duration_s) {
  return seconds / (duration_s > 0 ? duration_s : kFullWatchSeconds);
}

class EventRules final {
 public:
  EventRules() = default;  // speaks of nothing

  // Errors name the rule and the field ("feedback.positive").
  static Result<EventRules> parse(std::span<const std::string> rules, std::string_view field);

  // Whether any rule holds for the event. duration_s: of the item; 0 when unknown. O(rules), without
  // allocation.
  bool match(Action action, double value, double duration_s) const;
  // Whether any rule is about the action, whatever its value.
  bool speak_of(Action action) const;

  // Equal bytes for equal lists.
  void write(ByteWriter& out) const;

 private:
  enum class Comparison : std::uint8_t { always, at_least, above, at_most, below, equal };
  struct Rule {
    Action action;
    Comparison comparison;
    double threshold;
    bool holds(double value) const;
  };
  std::vector<Rule> rules_;
};

}  // namespace winnow
