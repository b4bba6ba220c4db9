// The validation cut of data without times.
//
// A random item that is left out still has in the history what was chosen along with it, on the same trip or
// of the same series; what a user chooses next mostly has not. So a random cut flatters models that look at
// the nearest neighbours alone. Of every other user a group is left out instead: a random item and those of
// the user's others that are most like it, by the cosine of the users they share (blocked cross-validation;
// Roberts et al. 2017). As it is unknown how the test part was drawn, both kinds count alike.
#pragma once

#include <cstdint>

#include "batch/evaluate/split.h"

namespace winnow {

// Moves this share of each user's training items into the test part, at least one of users who have two or
// more: of users of even rows random ones, of users of odd rows a group. Same seed, same cut. O(pairs), as
// at most kLikenessUsers users of an item are looked at.
EvaluationSplit hold_out(const EvaluationSplit& split, double share, std::uint64_t seed);

inline constexpr std::size_t kLikenessUsers = 256;

}  // namespace winnow
