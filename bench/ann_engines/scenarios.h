// What is asked of our own index.
#pragma once

#include "ann_engines/engine.h"

namespace winnow::bench {

// Queries per second at recall 0.95 and 0.99, the best of a grid of efforts.
void run_ours(const Task& task, const IndexOptions& options);

// What tune() chooses, measured on queries that it did not see.
void run_tuned(const Task& task, const IndexOptions& options);

// Filters that pass 10%, 1% and 0.1% of the items: at random, leaning towards the query, and away from it.
void run_filters(const Task& task, const IndexOptions& options);

// Searches with and without 1,000 upserts a second beside them.
void run_upserts(const Task& task, const IndexOptions& options);

}  // namespace winnow::bench
