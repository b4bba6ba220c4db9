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

// What each source that proposed an item thinks of it: sources x items, 0 where it did not propose it.
struct Opinions {
  std::vector<float> values;
  std::size_t stride = 0;  // items

  float at(std::size_t source, std::size_t column) const { return values[source * stride + column]; }
  float& at(std::size_t source, std::size_t column) { return values[source * stride + column]; }
};

struct Candidates {
  std::vector<ItemIndex> items;         // each once, in no order
  std::vector<SourceMask> proposed_by;  // as items
  std::vector<std::uint32_t> columns;   // as items: where the item stands in the Opinions
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
    std::uint32_t column = 0;     // of the opinions
    std::uint32_t candidate = 0;  // its place among the candidates
  };
  // The best `sorted` in order of falling score, ties by item index; the others behind them, in no order.
  std::vector<Entry> entries;
  std::size_t sorted = 0;
  Opinions opinions;
};

}  // namespace winnow
