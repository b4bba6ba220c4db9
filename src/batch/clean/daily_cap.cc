#include "batch/clean/daily_cap.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "batch/extract/columns.h"

namespace winnow {

namespace {

std::int64_t day_of(TimestampMs time_ms) {
  return std::chrono::floor<std::chrono::days>(std::chrono::milliseconds(time_ms)).count();
}

}  // namespace

Capped cap_days(Evidence evidence, std::uint32_t per_day) {
  Capped out;
  if (per_day == 0) {
    out.evidence = std::move(evidence);
    return out;
  }
  std::vector<bool> gone(evidence.size());
  std::vector<std::size_t> order;
  const auto stronger = [&](std::size_t a, std::size_t b) {
    const bool a_negative = evidence.signal[a] == Signal::negative;
    const bool b_negative = evidence.signal[b] == Signal::negative;
    if (a_negative != b_negative) return a_negative;
    if (evidence.weight[a] != evidence.weight[b]) return evidence.weight[a] > evidence.weight[b];
    return a > b;
  };
  for (std::size_t begin = 0; begin < evidence.size();) {
    const std::int64_t day = day_of(evidence.time_ms[begin]);
    std::size_t end = begin + 1;
    while (end < evidence.size() && evidence.user[end] == evidence.user[begin] &&
           day_of(evidence.time_ms[end]) == day) {
      ++end;
    }
    if (end - begin > per_day) {
      order.resize(end - begin);
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = begin + i;
      const auto cut = order.begin() + per_day;
      std::nth_element(order.begin(), cut, order.end(), stronger);
      for (auto it = cut; it != order.end(); ++it) gone[*it] = true;
    }
    begin = end;
  }

  out.removed = keep_rows([&](std::size_t i) { return !gone[i]; }, evidence.user, evidence.item,
                          evidence.weight, evidence.signal, evidence.action, evidence.time_ms);
  out.evidence = std::move(evidence);
  return out;
}

}  // namespace winnow
