#include "batch/dataset/parts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace winnow {

namespace {

enum class Part : std::uint8_t { fit, validation, test };

// The time below which `share` of the pairs lie.
TimestampMs time_quantile(const std::vector<TimestampMs>& times, double share) {
  std::vector<TimestampMs> sorted = times;
  const auto at =
      static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(sorted.size() - 1));
  const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(at);
  std::nth_element(sorted.begin(), nth, sorted.end());
  return *nth;
}

std::vector<Part> parts_by_time(const Interactions& pairs, const PartOptions& options) {
  std::vector<Part> parts(pairs.size(), Part::fit);
  if (pairs.size() == 0) return parts;
  const TimestampMs test_from = time_quantile(pairs.time_ms, 1 - options.test_share);
  const TimestampMs validation_from =
      time_quantile(pairs.time_ms, 1 - options.test_share - options.validation_share);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (pairs.time_ms[i] > test_from) {
      parts[i] = Part::test;
    } else if (pairs.time_ms[i] > validation_from) {
      parts[i] = Part::validation;
    }
  }
  return parts;
}

// Of a user with n pairs, n x share of the newest, at least one; users of fewer than three pairs only train.
std::vector<Part> parts_by_user(const Interactions& pairs, const PartOptions& options) {
  constexpr std::size_t kFewest = 3;
  std::vector<Part> parts(pairs.size(), Part::fit);
  std::vector<std::size_t> order;
  for (std::uint32_t user = 0; user < pairs.users; ++user) {
    const std::size_t count = pairs.offsets[user + 1] - pairs.offsets[user];
    if (count < kFewest) continue;
    order.resize(count);
    std::iota(order.begin(), order.end(), pairs.offsets[user]);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return pairs.time_ms[a] != pairs.time_ms[b] ? pairs.time_ms[a] > pairs.time_ms[b] : a > b;
    });
    const auto held = [&](double share) {
      return std::max<std::size_t>(1,
                                   static_cast<std::size_t>(std::lround(share * static_cast<double>(count))));
    };
    const std::size_t test = std::min(held(options.test_share), count - 2);
    const std::size_t validation = std::min(held(options.validation_share), count - test - 1);
    for (std::size_t k = 0; k < test; ++k) parts[order[k]] = Part::test;
    for (std::size_t k = test; k < test + validation; ++k) parts[order[k]] = Part::validation;
  }
  return parts;
}

// The pairs that `wanted` accepts, in the same rows.
template <class Wanted>
Interactions subset(const Interactions& pairs, Wanted wanted) {
  Interactions out;
  out.users = pairs.users;
  out.items = pairs.items;
  for (std::uint32_t user = 0; user < pairs.users; ++user) {
    for (std::size_t i = pairs.offsets[user]; i < pairs.offsets[user + 1]; ++i) {
      if (!wanted(i)) continue;
      out.item.push_back(pairs.item[i]);
      out.weight.push_back(pairs.weight[i]);
      out.time_ms.push_back(pairs.time_ms[i]);
    }
    out.offsets.push_back(out.item.size());
  }
  return out;
}

// The pairs that `wanted` accepts, of users who have a history.
template <class Wanted>
HeldOut held_out(const Interactions& pairs, const Interactions& history, Wanted wanted) {
  HeldOut out;
  for (std::uint32_t user = 0; user < pairs.users; ++user) {
    if (history.items_of(user).empty()) continue;
    for (std::size_t i = pairs.offsets[user]; i < pairs.offsets[user + 1]; ++i) {
      if (!wanted(i)) continue;
      out.item.push_back(pairs.item[i]);
      out.time_ms.push_back(pairs.time_ms[i]);
    }
    if (out.item.size() == out.offsets.back()) continue;
    out.user.push_back(user);
    out.offsets.push_back(out.item.size());
  }
  return out;
}

Parts parts_from(const Dataset& data, const std::vector<Part>& parts, CutKind kind) {
  const bool any_liked =
      std::any_of(data.liked.begin(), data.liked.end(), [](std::uint8_t liked) { return liked; });
  const auto is_target = [&](std::size_t i) { return !any_liked || data.liked[i]; };
  Parts out;
  out.kind = kind;
  out.fit = subset(data.pairs, [&](std::size_t i) { return parts[i] == Part::fit; });
  out.known = subset(data.pairs, [&](std::size_t i) { return parts[i] != Part::test; });
  out.validation = held_out(data.pairs, out.fit,
                            [&](std::size_t i) { return parts[i] == Part::validation && is_target(i); });
  out.test =
      held_out(data.pairs, out.known, [&](std::size_t i) { return parts[i] == Part::test && is_target(i); });
  for (std::uint32_t user = 0; user < data.pairs.users; ++user) {
    if (out.known.items_of(user).empty()) ++out.test_users_without_history;
  }
  return out;
}

}  // namespace

HeldOut HeldOut::after(TimestampMs cut_ms) const {
  HeldOut out;
  for (std::size_t k = 0; k < users(); ++k) {
    for (std::size_t i = offsets[k]; i < offsets[k + 1]; ++i) {
      if (time_ms[i] <= cut_ms) continue;
      out.item.push_back(item[i]);
      out.time_ms.push_back(time_ms[i]);
    }
    if (out.item.size() == out.offsets.back()) continue;
    out.user.push_back(user[k]);
    out.offsets.push_back(out.item.size());
  }
  return out;
}

Parts divide(const Dataset& data, const PartOptions& options) {
  Parts by_time = parts_from(data, parts_by_time(data.pairs, options), CutKind::by_time);
  if (std::min(by_time.test.users(), by_time.validation.users()) >= options.min_users) return by_time;
  Parts by_user = parts_from(data, parts_by_user(data.pairs, options), CutKind::by_user);
  return std::min(by_user.test.users(), by_user.validation.users()) >
                 std::min(by_time.test.users(), by_time.validation.users())
             ? by_user
             : by_time;
}

}  // namespace winnow
