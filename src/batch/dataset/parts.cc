#include "batch/dataset/parts.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/random.h"

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
      if (!pairs.action.empty()) out.action.push_back(pairs.action[i]);
    }
    out.offsets.push_back(out.item.size());
  }
  return out;
}

// A split that predicts the pairs `wanted` accepts from a history that masks itself.
template <class Wanted>
EvaluationSplit predict(const Interactions& pairs, Interactions history, Wanted wanted) {
  EvaluationSplit out;
  out.train.users = pairs.users;
  out.train.items = pairs.items;
  out.history = std::move(history);
  for (std::uint32_t user = 0; user < pairs.users; ++user) {
    const auto known = out.history.items_of(user);
    std::vector<std::uint32_t> targets;
    for (std::size_t i = pairs.offsets[user]; i < pairs.offsets[user + 1]; ++i) {
      if (wanted(i)) targets.push_back(pairs.item[i]);
    }
    if (known.empty() && !targets.empty()) {
      ++out.users_without_history;
      targets.clear();
    }
    out.masked.add({known.begin(), known.end()});
    out.test.add(std::move(targets));
  }
  return out;
}

// The same split with the test rows that `wanted` accepts; the others are empty.
template <class Wanted>
RowLists only(const RowLists& rows, Wanted wanted) {
  RowLists out;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::vector<std::uint32_t> kept;
    for (const std::uint32_t value : rows[row]) {
      if (wanted(row, value)) kept.push_back(value);
    }
    out.add(std::move(kept));
  }
  return out;
}

RowLists sampled(const RowLists& rows, std::size_t most, std::uint64_t seed) {
  std::vector<std::size_t> users;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!rows[row].empty()) users.push_back(row);
  }
  if (users.size() <= most) return rows;
  Random random(seed);
  random.shuffle(users);
  std::vector<bool> drawn(rows.size());
  for (std::size_t k = 0; k < most; ++k) drawn[users[k]] = true;
  return only(rows, [&](std::size_t row, std::uint32_t) { return drawn[row]; });
}

Parts parts_from(const Dataset& data, const std::vector<Part>& parts, CutKind kind) {
  const bool any_liked =
      std::any_of(data.liked.begin(), data.liked.end(), [](std::uint8_t liked) { return liked != 0; });
  const auto is_target = [&](std::size_t i) { return !any_liked || data.liked[i] != 0; };
  Parts out;
  out.kind = kind;
  out.fit = subset(data.pairs, [&](std::size_t i) { return parts[i] == Part::fit; });
  out.validation = predict(data.pairs, out.fit,
                           [&](std::size_t i) { return parts[i] == Part::validation && is_target(i); });
  out.test = predict(data.pairs, subset(data.pairs, [&](std::size_t i) { return parts[i] != Part::test; }),
                     [&](std::size_t i) { return parts[i] == Part::test && is_target(i); });
  return out;
}

std::size_t fewest_users(const Parts& parts) {
  return std::min(judged_users(parts.validation), judged_users(parts.test));
}

}  // namespace

Parts divide(const Dataset& data, const PartOptions& options) {
  Parts out = parts_from(data, parts_by_time(data.pairs, options), CutKind::by_time);
  if (fewest_users(out) < options.min_users) {
    Parts by_user = parts_from(data, parts_by_user(data.pairs, options), CutKind::by_user);
    if (fewest_users(by_user) > fewest_users(out)) out = std::move(by_user);
  }
  out.validation.test = sampled(out.validation.test, options.max_users, options.seed);
  out.test.test = sampled(out.test.test, options.max_users, options.seed + 1);
  return out;
}

std::size_t judged_users(const EvaluationSplit& split) {
  std::size_t users = 0;
  for (std::size_t user = 0; user < split.test.size(); ++user) users += !split.test[user].empty();
  return users;
}

EvaluationSplit predicted_after(TimestampMs cut_ms, const EvaluationSplit& split, const Dataset& data) {
  EvaluationSplit out = split;
  out.test = only(split.test, [&](std::size_t user, std::uint32_t item) {
    const auto items = data.pairs.items_of(static_cast<std::uint32_t>(user));
    const auto at = std::lower_bound(items.begin(), items.end(), item) - items.begin();
    return data.pairs.time_ms[data.pairs.offsets[user] + static_cast<std::size_t>(at)] > cut_ms;
  });
  return out;
}

}  // namespace winnow
