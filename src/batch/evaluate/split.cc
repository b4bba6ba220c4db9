#include "batch/evaluate/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"

namespace winnow {
namespace {

// For every event, whether it belongs to the training part.
std::vector<bool> in_training(std::span<const TimedInteraction> events, std::uint32_t users,
                              const TestFrom& from) {
  std::vector<std::uint32_t> order(events.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return events[a].time_ms < events[b].time_ms; });
  std::vector<bool> out(events.size());
  if (!from.by_user) {
    // "After the quantile": events of the quantile's own time still train.
    const auto rank = static_cast<std::size_t>(from.share * static_cast<double>(events.size()));
    const TimestampMs cut = events.empty() ? 0 : events[order[std::min(rank, events.size() - 1)]].time_ms;
    for (std::size_t k = 0; k < events.size(); ++k) out[k] = events[k].time_ms <= cut;
    return out;
  }
  std::vector<std::uint32_t> total(users);
  for (const TimedInteraction& event : events) ++total[event.user];
  std::vector<std::uint32_t> seen(users);
  for (const std::uint32_t k : order) {
    const std::uint32_t user = events[k].user;
    // The small slack keeps 0.8 * 5 at 4 whatever way 0.8 is rounded.
    out[k] = seen[user]++ < static_cast<std::uint32_t>(from.share * total[user] + 1e-9);
  }
  return out;
}

}  // namespace

void RowLists::add(std::vector<std::uint32_t> row) {
  std::sort(row.begin(), row.end());
  row.erase(std::unique(row.begin(), row.end()), row.end());
  values.insert(values.end(), row.begin(), row.end());
  offsets.push_back(values.size());
}

Result<TestFrom> TestFrom::parse(std::string_view text) {
  constexpr std::string_view kByUser = "user:";
  TestFrom out;
  std::string_view number = text;
  if (number.starts_with(kByUser)) {
    out.by_user = true;
    number.remove_prefix(kByUser.size());
  }
  const std::optional<double> share = parse_double(number);
  if (!share || !(*share > 0 && *share < 1)) {
    return Error{ErrorCode::invalid,
                 "--test-from is '" + excerpt(text) +
                     "'; give a share between 0 and 1 (0.8: the last fifth of all time), or "
                     "user:0.8 (the last fifth of each user's events)",
                 "--test-from"};
  }
  out.share = *share;
  return out;
}

Interactions interactions_of(std::vector<WeightedPair> pairs, std::uint32_t users, std::uint32_t items) {
  std::stable_sort(pairs.begin(), pairs.end(), [](const WeightedPair& a, const WeightedPair& b) {
    return a.user != b.user ? a.user < b.user : a.item < b.item;
  });
  Interactions out;
  out.users = users;
  out.items = items;
  out.offsets.assign(std::size_t{users} + 1, 0);
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    if (k > 0 && pairs[k].user == pairs[k - 1].user && pairs[k].item == pairs[k - 1].item) {
      out.weight.back() += pairs[k].weight;
      out.time_ms.back() = std::max(out.time_ms.back(), pairs[k].time_ms);
      continue;
    }
    out.item.push_back(pairs[k].item);
    out.weight.push_back(pairs[k].weight);
    out.time_ms.push_back(pairs[k].time_ms);
    ++out.offsets[std::size_t{pairs[k].user} + 1];
  }
  for (std::size_t user = 0; user < users; ++user) out.offsets[user + 1] += out.offsets[user];
  return out;
}

EvaluationSplit split_by_time(std::span<const TimedInteraction> events, std::uint32_t users,
                              std::uint32_t items, const TestFrom& from) {
  const std::vector<bool> training = in_training(events, users, from);
  std::vector<WeightedPair> pairs;
  std::vector<std::vector<std::uint32_t>> masked(users);
  std::vector<std::vector<std::uint32_t>> test(users);
  for (std::size_t k = 0; k < events.size(); ++k) {
    const TimedInteraction& event = events[k];
    if (training[k]) {
      masked[event.user].push_back(event.item);
      if (event.signal == Signal::positive) {
        pairs.push_back({event.user, event.item, static_cast<float>(event.weight), event.time_ms});
      }
    } else if (event.signal == Signal::positive) {
      test[event.user].push_back(event.item);
    }
  }
  EvaluationSplit out;
  out.train = interactions_of(std::move(pairs), users, items);
  out.history = out.train;
  for (std::uint32_t user = 0; user < users; ++user) {
    const bool without_history = masked[user].empty();
    out.masked.add(std::move(masked[user]));
    const auto known = out.masked[user];
    std::erase_if(test[user],
                  [&](std::uint32_t item) { return std::binary_search(known.begin(), known.end(), item); });
    if (without_history && !test[user].empty()) {
      ++out.users_without_history;
      test[user].clear();
    }
    out.test.add(std::move(test[user]));
  }
  return out;
}

DividedEvents divide_events(std::span<const TimedInteraction> events, std::uint32_t users,
                            const TestFrom& from) {
  const std::vector<bool> training = in_training(events, users, from);
  DividedEvents out;
  for (std::size_t k = 0; k < events.size(); ++k) (training[k] ? out.known : out.later).push_back(events[k]);
  for (auto* const part : {&out.known, &out.later}) {
    std::ranges::stable_sort(*part, {}, &TimedInteraction::time_ms);
  }
  return out;
}

}  // namespace winnow
