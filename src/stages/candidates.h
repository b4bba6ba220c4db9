// Candidates -> Ranked: what travels between retrieval, filtering and ranking. Distinct types, so that a
// wrong order of stages does not compile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/ids.h"

namespace winnow {

// Sources are numbered in the order of the request's list of sources; a candidate's bit says who proposed it.
using SourceMask = std::uint32_t;
inline constexpr std::size_t kMaxSources = 32;

struct Candidates {
  std::vector<ItemIndex> items;         // each once
  std::vector<SourceMask> proposed_by;  // as items
  std::vector<std::string> missing;     // sources that failed or ran out of time
  std::size_t size() const { return items.size(); }
};

struct Filtered {
  Candidates kept;
  std::map<std::string, std::uint64_t> dropped;  // reason -> number of candidates
};

struct Ranked {
  struct Entry {
    ItemIndex item = kNoItem;
    float score = 0;  // finite
    SourceMask proposed_by = 0;
    std::size_t column = 0;  // of this item in `opinions`
  };
  std::vector<Entry> entries;   // in order of falling score; ties by item index
  std::vector<float> opinions;  // sources x candidates: every source's own score of every item
  std::size_t stride = 0;       // candidates

  float opinion(std::size_t source, const Entry& entry) const {
    return opinions[source * stride + entry.column];
  }
};

}  // namespace winnow
