// Histories for a model's probes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/two_tower/sequences.h"

namespace winnow {

// Users whom nobody is: every action, the time since the one before and every fact of the profile is drawn
// from all of the sequences by itself. A model goes where user data must not, and outlives their erasure.
// Empty when there are no actions. length: of the longest history, at least 1.
TrainingSequences invented_users(const TrainingSequences& sequences, std::size_t count, std::size_t length,
                                 std::uint64_t seed);

}  // namespace winnow
