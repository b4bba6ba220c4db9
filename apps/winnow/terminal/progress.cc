#include "winnow/terminal/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace winnow {
namespace {

constexpr double kRedrawSeconds = 0.1;
constexpr double kQuietSeconds = 2;  // a step shorter than this has only its last line
constexpr std::size_t kBarColumns = 24;

std::string bar(double share) {
  const auto full = static_cast<std::size_t>(share * kBarColumns);
  std::string out;
  for (std::size_t i = 0; i < kBarColumns; ++i) out += i < full ? "█" : "░";
  return out;
}

}  // namespace

Progress::Progress(Terminal& terminal, std::string label, Unit unit, std::function<double()> now)
    : terminal_(terminal),
      label_(std::move(label)),
      unit_(unit),
      now_(std::move(now)),
      started_(now_()),
      drawn_(started_) {}

Progress::~Progress() {
  if (bar_shown_) terminal_.redraw("");
}

std::string Progress::line(std::uint64_t done, std::uint64_t total, std::string_view detail) const {
  const double seconds = now_() - started_;
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  const auto amount = [&](std::uint64_t n) {
    return unit_ == Unit::bytes ? human_bytes(n) : with_thousands(n);
  };
  const std::string per_second =
      unit_ == Unit::bytes ? human_bytes(static_cast<std::uint64_t>(rate)) : human_count(rate);
  std::string out = label_;
  if (total > 0) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    out += terminal_.live() ? fmt::format("  {} {:3.0f}%", bar(share), share * 100)
                            : fmt::format("  {:3.0f}%", share * 100);
    out += fmt::format("  {} of {}", amount(done), amount(total));
  } else {
    out += fmt::format("  {}", amount(done));
  }
  out += fmt::format("  {}/s", per_second);
  if (total > done && rate > 0) {
    out += fmt::format("  {} left", human_duration(static_cast<double>(total - done) / rate));
  }
  if (!detail.empty()) out += fmt::format("  {}", printable(detail));
  return out;
}

void Progress::update(std::uint64_t done, std::uint64_t total, std::string_view detail) {
  if (terminal_.json()) return;
  const double now = now_();
  if (terminal_.live()) {
    if (bar_shown_ && now - drawn_ < kRedrawSeconds) return;
    terminal_.redraw(fit(line(done, total, detail), terminal_.columns_err() - 1));
    bar_shown_ = true;
    drawn_ = now;
    return;
  }
  if (now - drawn_ < kQuietSeconds) return;
  const std::uint64_t tenth = total > 0 ? done * 10 / total : tenth_ + 1;
  if (tenth <= tenth_) return;
  terminal_.note(line(done, total, detail));
  tenth_ = tenth;
  drawn_ = now;
}

void Progress::finish(std::string_view outcome) {
  if (bar_shown_) terminal_.redraw("");
  bar_shown_ = false;
  terminal_.note(fmt::format("{}  {}  in {}", label_, outcome, human_duration(now_() - started_)));
}

}  // namespace winnow
