// What winnow-trainer learns a two-tower model from: every user's actions in order, and what is known of
// items and users. winnow writes the file, the trainer reads it. Format: docs/formats/two-tower.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "models/interactions.h"
#include "models/two_tower/actions.h"

namespace winnow {

// A bag of hashed features for every row. Without buckets there are no features, and no rows.
struct FeatureBags {
  std::uint32_t buckets = 0;
  std::vector<std::uint64_t> offsets{0};  // rows + 1
  std::vector<std::uint32_t> features;    // each below buckets

  std::span<const std::uint32_t> operator[](std::size_t row) const {
    if (buckets == 0) return {};
    return std::span(features).subspan(offsets[row], offsets[row + 1] - offsets[row]);
  }
  void add(std::span<const std::uint32_t> bag) {
    features.insert(features.end(), bag.begin(), bag.end());
    offsets.push_back(features.size());
  }
};

// Bytes of bags, and whether what was read back is what it should be for so many rows.
void write_bags(ByteWriter& out, const FeatureBags& bags);
FeatureBags read_bags(ByteReader& in);
bool is_sound(const FeatureBags& bags, std::size_t rows);

struct TrainingSequences {
  std::uint32_t items = 0;
  bool ordered = true;  // false: the order of a user's actions means nothing, and training shuffles them
  std::vector<std::uint64_t> offsets{0};  // users + 1
  std::vector<TowerAction> actions;       // oldest first within a user
  // Per user: how many of the last actions are not learned from; training stops where they are predicted
  // best.
  std::vector<std::uint32_t> held_out;
  FeatureBags item_features;  // rows: items
  FeatureBags profiles;       // rows: users

  std::size_t users() const { return held_out.size(); }
  std::span<const TowerAction> actions_of(std::size_t user) const {
    return std::span(actions).subspan(offsets[user], offsets[user + 1] - offsets[user]);
  }
  void add_user(std::span<const TowerAction> of_user, std::uint32_t held_out_actions);

  std::string encode() const;
  // corrupt for other bytes, unsupported for another version.
  static Result<TrainingSequences> decode(std::string_view bytes);
};

// One user's history as the tower reads it: in order of time, the newest `length`. Kinds are unknown.
std::vector<TowerAction> tower_actions(std::span<const HistoryEntry> history, std::size_t length);

struct SequenceOptions {
  // Of users with at least three items, every such one holds its last item out; 0: none does.
  std::uint32_t hold_out_every = 10;
  std::uint64_t seed = 1;  // of the order of what happened at one time
};

// Interactions as sequences in order of time. Where no user has two different times, they are not ordered.
TrainingSequences sequences_of(const Interactions& train, const SequenceOptions& options = {});

}  // namespace winnow
