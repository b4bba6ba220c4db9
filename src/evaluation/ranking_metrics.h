// How good ranked lists are, one user at a time. docs/evaluation.md has the same definitions in prose.
//
// A list holds distinct items, best first, at least k of them where there are that many to recommend; a
// shorter list is worth what it holds. `relevant` is the user's test set R, not empty, ascending. hit_j is 1
// when the j-th item (from 1) is in R.
//
//     recall@k     hits / |R|
//     ndcg@k       sum of hit_j / log2(j + 1), over the same sum of an ideal list: min(k, |R|) hits first
//     mrr@k        1 / rank of the first hit within k; 0 without one
//     map@k        sum over hits of precision@j, over min(k, |R|)
//     hit_rate@k   1 when there is any hit
#pragma once

#include <cstdint>
#include <span>

namespace winnow {

struct UserMetrics {
  double recall = 0;
  double ndcg = 0;
  double mrr = 0;
  double map = 0;
  double hit_rate = 0;
};

// O(k log |relevant|). k > 0.
UserMetrics user_metrics(std::span<const std::uint32_t> list, std::span<const std::uint32_t> relevant,
                         std::size_t k);

// ndcg@k alone, from whether each of the first items is relevant: what a search for parameters asks for
// often.
double ndcg_of_hits(std::span<const std::uint8_t> hits, std::size_t relevant, std::size_t k);

// What a hit at a position, from 0, is worth in DCG: 1 / log2(position + 2).
double rank_discount(std::size_t position);

// DCG of the first k of a list's gains, in its order.
double dcg_of_gains(std::span<const double> gains, std::size_t k);

// The Gini index of how often each item is recommended, items that never are included: 0 all alike, towards 1
// all on one. counts may come in any order; 0 when nothing is recommended. O(n log n).
double gini(std::span<const std::uint32_t> counts);

}  // namespace winnow
