#include "batches.h"

#include <algorithm>

namespace winnow {
namespace {

// Steps that are sorted by length together: enough for little padding, few enough for random steps.
constexpr std::size_t kSortedSteps = 16;

std::span<const TowerAction> newest(std::span<const TowerAction> actions, std::size_t count) {
  return actions.last(std::min(actions.size(), count));
}

// Lays the inputs of all rows out; positions and targets are the caller's.
Batch rectangle(const std::vector<std::vector<TowerAction>>& inputs, std::span<const std::uint32_t> users) {
  Batch batch;
  batch.rows = static_cast<std::int64_t>(inputs.size());
  for (const auto& input : inputs) {
    batch.columns = std::max(batch.columns, static_cast<std::int64_t>(input.size()));
  }
  const auto cells = static_cast<std::size_t>(batch.rows * batch.columns);
  batch.items.resize(cells);
  batch.kinds.resize(cells);
  batch.gaps.resize(cells);
  batch.users.assign(users.begin(), users.end());
  for (std::size_t row = 0; row < inputs.size(); ++row) {
    std::size_t cell = row * static_cast<std::size_t>(batch.columns);
    TimestampMs before_ms = 0;
    for (const TowerAction& action : inputs[row]) {
      batch.items[cell] = action.item;
      batch.kinds[cell] = action.kind;
      batch.gaps[cell++] = gap_bucket(before_ms, action.time_ms);
      before_ms = action.time_ms;
    }
  }
  return batch;
}

}  // namespace

std::span<const TowerAction> learned_actions(const TrainingSequences& sequences, std::uint32_t user) {
  const auto actions = sequences.actions_of(user);
  return actions.first(actions.size() - sequences.held_out[user]);
}

std::vector<std::vector<std::uint32_t>> shuffled_steps(const TrainingSequences& sequences,
                                                       std::uint32_t users_per_step, std::uint32_t length,
                                                       Random& random) {
  std::vector<std::uint32_t> users;
  for (std::uint32_t user = 0; user < sequences.users(); ++user) {
    if (learned_actions(sequences, user).size() >= 2) users.push_back(user);
  }
  random.shuffle(users);
  std::size_t taken = 0;
  for (std::size_t positions = 0; taken < users.size() && positions < kEpochPositions; ++taken) {
    positions += std::min<std::size_t>(learned_actions(sequences, users[taken]).size() - 1, length);
  }
  users.resize(taken);
  const std::size_t sorted_users = users_per_step * kSortedSteps;
  for (std::size_t begin = 0; begin < users.size(); begin += sorted_users) {
    const auto part = std::span(users).subspan(begin, std::min(sorted_users, users.size() - begin));
    std::ranges::stable_sort(part, {},
                             [&](std::uint32_t user) { return learned_actions(sequences, user).size(); });
  }
  std::vector<std::vector<std::uint32_t>> steps;
  for (std::size_t begin = 0; begin < users.size(); begin += users_per_step) {
    const auto part =
        std::span(users).subspan(begin, std::min<std::size_t>(users_per_step, users.size() - begin));
    steps.emplace_back(part.begin(), part.end());
  }
  random.shuffle(steps);
  return steps;
}

Batch training_batch(const TrainingSequences& sequences, std::span<const std::uint32_t> users,
                     std::uint32_t length, Random& random) {
  std::vector<std::vector<TowerAction>> inputs;
  std::vector<std::vector<TowerAction>> sampled;
  for (const std::uint32_t user : users) {
    const auto learned = learned_actions(sequences, user);
    std::vector<TowerAction> actions(learned.begin(), learned.end());
    if (!sequences.ordered) random.shuffle(actions);
    const auto part = newest(actions, std::size_t{length} + 1);
    inputs.emplace_back(part.begin(), part.end() - 1);
    sampled.emplace_back(part.begin(), part.end());
  }
  Batch batch = rectangle(inputs, users);
  for (std::size_t row = 0; row < inputs.size(); ++row) {
    for (std::size_t column = 0; column < inputs[row].size(); ++column) {
      batch.positions.push_back(static_cast<std::int64_t>(row) * batch.columns +
                                static_cast<std::int64_t>(column));
      batch.targets.push_back(sampled[row][column + 1].item);
    }
  }
  return batch;
}

Batch query_batch(std::span<const std::span<const TowerAction>> histories,
                  std::span<const std::uint32_t> users, std::uint32_t length) {
  std::vector<std::vector<TowerAction>> inputs;
  for (const auto& history : histories) {
    const auto part = newest(history, length);
    inputs.emplace_back(part.begin(), part.end());
  }
  Batch batch = rectangle(inputs, users);
  for (std::size_t row = 0; row < inputs.size(); ++row) {
    batch.positions.push_back(static_cast<std::int64_t>(row) * batch.columns +
                              static_cast<std::int64_t>(inputs[row].size()) - 1);
  }
  return batch;
}

Batch validation_batch(const TrainingSequences& sequences, std::span<const std::uint32_t> users,
                       std::uint32_t length) {
  std::vector<std::span<const TowerAction>> histories;
  for (const std::uint32_t user : users) histories.push_back(learned_actions(sequences, user));
  Batch batch = query_batch(histories, users, length);
  for (std::size_t row = 0; row < users.size(); ++row) {
    batch.targets.push_back(sequences.actions_of(users[row])[histories[row].size()].item);
  }
  return batch;
}

std::vector<std::uint32_t> validation_users(const TrainingSequences& sequences, std::size_t limit) {
  std::vector<std::uint32_t> users;
  for (std::uint32_t user = 0; user < sequences.users(); ++user) {
    if (sequences.held_out[user] > 0 && !learned_actions(sequences, user).empty()) users.push_back(user);
  }
  if (users.size() <= limit) return users;
  std::vector<std::uint32_t> out;
  for (std::size_t k = 0; k < limit; ++k) out.push_back(users[k * users.size() / limit]);
  return out;
}

}  // namespace winnow
