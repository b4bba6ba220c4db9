// TrainingSet: a ranking set together with what was known of its rows but is no feature.
//
// A place decides who looks, not who likes: it makes weights (position_bias.h), and a model that read it
// would learn the old ranker's order. A request has no place to give it either.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "models/ranking/ranking_set.h"

namespace winnow {

struct TrainingSet {
  RankingSet ranking;                   // groups in order of time
  std::vector<ItemIndex> items;         // rows
  std::vector<std::uint16_t> places;    // rows; where it was shown, from 1
  std::vector<std::uint8_t> explored;   // rows; 1: the place was drawn at random
  std::vector<std::uint64_t> subjects;  // groups; hash64 of the subject
  std::vector<std::uint32_t> surfaces;  // groups; into surface_names
  std::vector<std::string> surface_names;
};

}  // namespace winnow
