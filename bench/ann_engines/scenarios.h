// What is asked of our own index.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ann_engines/engine.h"

namespace winnow::bench {

// An index of a task's vectors, and what it took.
struct Built {
  std::unique_ptr<VectorIndex> index;
  double build_s = 0;
  double bytes_per_item = 0;  // besides the float vectors
  std::string name;
};
Built build(const Task& task, const IndexOptions& options);

std::vector<std::uint32_t> rows_of(const std::vector<ScoredRow>& scored);

// Queries per second at recall 0.95 and 0.99, the best of these efforts; of a grid when there are none.
void run_ours(const Task& task, const IndexOptions& options, std::vector<SearchEffort> efforts);

// What tune() chooses, measured on queries that it did not see.
void run_tuned(const Task& task, const IndexOptions& options);

// Filters that pass 10%, 1% and 0.1% of the items: at random; leaning towards the query, and away from it;
// the items nearest to the query, and those farthest from it.
void run_filters(const Task& task, const IndexOptions& options);

// A snapshot loaded, mapped and into memory: how long that takes, and what searches of it take.
void run_load(const Task& task, const IndexOptions& options);

// Searches with and without 1,000 upserts a second beside them.
void run_upserts(const Task& task, const IndexOptions& options);

}  // namespace winnow::bench
