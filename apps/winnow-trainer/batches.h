// Steps of training: which users a step learns from, and their actions as rectangles that attention can read.
//
// A batch is padded on the right to its longest sequence, and batches are drawn from users of similar length;
// attention looks back only, so padding never reaches a real position. The softmax is computed at the real
// positions alone.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "models/two_tower/sequences.h"

namespace winnow {

struct Batch {
  std::int64_t rows = 0;
  std::int64_t columns = 0;             // of the longest sequence
  std::vector<std::int64_t> items;      // rows x columns, 0 where padded
  std::vector<std::int64_t> kinds;      // likewise
  std::vector<std::int64_t> gaps;       // likewise
  std::vector<std::int64_t> users;      // rows
  std::vector<std::int64_t> positions;  // row * columns + column of what is predicted from, ascending
  std::vector<std::int64_t> targets;    // as positions: the item that follows
};

// Positions of an epoch at most: of more data, an epoch takes as many users as make them, drawn anew each
// time, so that the best epoch is found in a bounded time however large the data are.
inline constexpr std::uint32_t kEpochPositions = 2'000'000;

// The users of an epoch in steps of `users_per_step`, drawn at random; users with nothing to predict are left
// out. Sequences of a step are of similar length. length: actions that are read of a user.
std::vector<std::vector<std::uint32_t>> shuffled_steps(const TrainingSequences& sequences,
                                                       std::uint32_t users_per_step, std::uint32_t length,
                                                       Random& random);

// The newest `length` learned actions of each user, every position predicting the one after it. Where order
// means nothing, a user's actions are shuffled.
Batch training_batch(const TrainingSequences& sequences, std::span<const std::uint32_t> users,
                     std::uint32_t length, Random& random);

// The newest `length` of each user's actions, which are not empty; the last position alone is predicted from,
// and there are no targets.
Batch query_batch(std::span<const std::span<const TowerAction>> histories,
                  std::span<const std::uint32_t> users, std::uint32_t length);

// query_batch of the learned actions, each with the first held-out item as its target.
Batch validation_batch(const TrainingSequences& sequences, std::span<const std::uint32_t> users,
                       std::uint32_t length);

// Users whose held-out actions can be predicted from something, at most `limit`, spread evenly.
std::vector<std::uint32_t> validation_users(const TrainingSequences& sequences, std::size_t limit);

// The actions that a user is learned from.
std::span<const TowerAction> learned_actions(const TrainingSequences& sequences, std::uint32_t user);

}  // namespace winnow
