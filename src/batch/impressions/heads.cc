#include "batch/impressions/heads.h"

#include <fmt/format.h>

#include <algorithm>

namespace winnow {

namespace {

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

std::vector<HeadOptions> default_heads() {
  return {{.name = "click",
           .rules = {"view", "click", "watch", "finish", "like", "purchase", "rating", "share"},
           .window_ms = 30 * kMinuteMs},
          {.name = "watch", .rules = {"watch", "finish"}, .share = true},
          {.name = "like", .rules = {"like", "rating>=4"}},
          {.name = "finish", .rules = {"finish"}},
          {.name = "dislike", .rules = {"dislike", "hide", "rating<=2"}}};
}

Result<Heads> Heads::parse(std::span<const HeadOptions> options) {
  Heads out;
  for (const HeadOptions& head : options) {
    if (head.rules.empty()) continue;
    const std::string field = "training_set.heads." + head.name;
    const auto wrong = [&](std::string_view why) {
      return Error{ErrorCode::invalid, fmt::format("{}: {}", field, why), field};
    };
    if (!is_name(head.name)) return wrong("a name has lower-case letters, digits and underscores");
    if (std::ranges::any_of(out.heads_, [&](const Head& other) { return other.name == head.name; })) {
      return wrong("there are two heads of this name");
    }
    if (head.window_ms <= 0) return wrong("the window is not above 0");
    WINNOW_TRY(EventRules rules, EventRules::parse(head.rules, field));
    out.heads_.push_back({head.name, std::move(rules), head.window_ms, head.share});
    out.longest_window_ms_ = std::max(out.longest_window_ms_, head.window_ms);
  }
  if (out.heads_.empty()) {
    return Error{ErrorCode::invalid, "training_set.heads is empty: name one outcome at least",
                 "training_set.heads"};
  }
  return out;
}

std::vector<std::string> Heads::names() const {
  std::vector<std::string> names;
  for (const Head& head : heads_) names.push_back(head.name);
  return names;
}

void Heads::update(std::span<float> labels, const Event& event, double duration_s, TimestampMs age_ms) const {
  for (std::size_t h = 0; h < heads_.size(); ++h) {
    const Head& head = heads_[h];
    if (age_ms > head.window_ms || !head.rules.match(event.action, event.value, duration_s)) continue;
    const double reached = head.share && event.action == Action::watch
                               ? std::clamp(watched_share(event.value, duration_s), 0.0, 1.0)
                               : 1.0;
    labels[h] = std::max(labels[h], static_cast<float>(reached));
  }
}

void Heads::write(ByteWriter& out) const {
  for (const Head& head : heads_) {
    out.string(head.name);
    head.rules.write(out);
    out.fixed(head.window_ms);
    out.fixed(head.share);
  }
}

}  // namespace winnow
