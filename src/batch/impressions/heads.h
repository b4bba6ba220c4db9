// Heads: what may come of an impression, each as a label for a ranker to predict.
//
// A head is a list of rules (domain/event_rules.h): its label is 1 where an event that matches any of them
// followed within the head's window, else 0. The head of a share is that of watching: its label is the
// largest watched share of the item's duration, at most 1; where a matching event is no watch, the label
// is 1.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "domain/event.h"
#include "domain/event_rules.h"

namespace winnow {

struct HeadOptions {
  std::string name;                // lower-case letters, digits and underscores
  std::vector<std::string> rules;  // none: the head is left out
  TimestampMs window_ms = kDayMs;  // from the impression to the outcome, by the sender's clock
  bool share = false;
};

// click (30 minutes), watch, like, finish, dislike (24 hours).
std::vector<HeadOptions> default_heads();

class Heads final {
 public:
  // invalid with the field ("training_set.heads.subscribe") for a wrong rule, name or window, a name that is
  // there twice, or no head at all.
  static Result<Heads> parse(std::span<const HeadOptions> options);

  std::size_t size() const { return heads_.size(); }
  std::vector<std::string> names() const;
  TimestampMs window_ms(std::size_t head) const { return heads_[head].window_ms; }
  TimestampMs longest_window_ms() const { return longest_window_ms_; }

  // Equal bytes for equal heads.
  void write(ByteWriter& out) const;

  // Raises the labels (one a head, in [0, 1]) by an event that came age_ms behind the impression of its item.
  // duration_s: of the item; 0 when unknown. A label never falls, so the order of events does not matter.
  void update(std::span<float> labels, const Event& event, double duration_s, TimestampMs age_ms) const;

 private:
  struct Head {
    std::string name;
    EventRules rules;
    TimestampMs window_ms;
    bool share;
  };
  std::vector<Head> heads_;
  TimestampMs longest_window_ms_ = 0;
};

}  // namespace winnow
