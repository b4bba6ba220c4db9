// How far a long step has come: a bar that redraws itself on a terminal, a line for every tenth otherwise.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "winnow/terminal/terminal.h"

namespace winnow {

class Progress final {
 public:
  enum class Unit : std::uint8_t { count, bytes };

  // Says nothing in JSON mode. `now` gives monotonic seconds.
  Progress(Terminal& terminal, std::string label, Unit unit = Unit::count,
           std::function<double()> now = steady_seconds);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  // clears a bar that was not finished

  // `total` 0: unknown. Cheap enough to be called for every thousand rows.
  void update(std::uint64_t done, std::uint64_t total, std::string_view detail = {});

  // Replaces the bar by what came of it and how long it took.
  void finish(std::string_view outcome);

 private:
  std::string line(std::uint64_t done, std::uint64_t total, std::string_view detail) const;

  Terminal& terminal_;
  std::string label_;
  Unit unit_;
  std::function<double()> now_;
  double started_;
  double drawn_;             // when the last line was written
  std::uint64_t tenth_ = 0;  // the last one written without a bar
  bool bar_shown_ = false;
};

}  // namespace winnow
