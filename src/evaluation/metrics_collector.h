// The metrics of one model over many users, each with its 95% interval over users.
//
// recall, ndcg, mrr, map, hit_rate, novelty and diversity are means over users: value +- 1.96 standard
// errors, kept within the metric's range. coverage and gini belong to all lists together: their standard
// error is the spread over resamples of the users with replacement (a seeded bootstrap).
//
//     coverage@k   share of the catalogue (all items of the vocabulary) that at least one user is recommended
//     gini@k       Gini index of how often each item of the vocabulary is recommended
//     novelty@k    mean over the list of -log2((c_i + 1) / (n + 1)), c_i of n training users had to do with
//     item i diversity@k  mean over pairs of the list of 1 - |A and B| / |A or B|, the categories of both;
//     pairs where either has
//                  no category are left out, lists without any pair too, and the metric where no list has one
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "evaluation/ranking_metrics.h"

namespace winnow {

struct MetricValue {
  double value = 0;
  double low = 0;
  double high = 0;
};

// What the metrics need to know of the items and the training data. Outlives the collector.
struct MetricsContext {
  std::uint32_t items = 0;                             // of the vocabulary
  std::uint32_t train_users = 0;                       // n of novelty
  std::vector<std::uint32_t> train_users_of;           // items: c_i of novelty
  std::vector<std::vector<std::uint32_t>> categories;  // items, ascending numbers each; empty when unknown
};

class MetricsCollector final {
 public:
  // cutoffs: the k of every metric; at least one, each above 0.
  MetricsCollector(const MetricsContext& context, std::vector<std::size_t> cutoffs, std::uint64_t seed);

  std::size_t longest() const { return longest_; }  // the largest cutoff: no longer lists are needed
  std::size_t users() const { return lists_; }

  // One user's list and test set, as in user_metrics. O(longest^2 + longest log |relevant|).
  void add(std::span<const std::uint32_t> list, std::span<const std::uint32_t> relevant);

  // "ndcg@10" -> value and interval. Empty before the first user.
  std::map<std::string, MetricValue> values() const;

 private:
  struct Mean {  // Welford's running mean and sum of squared deviations
    double mean = 0;
    double squares = 0;
    std::size_t count = 0;
    void add(double value);
    double standard_error() const;
  };
  struct AtCutoff {
    Mean recall, ndcg, mrr, map, hit_rate, novelty, diversity;
  };
  void add_novelty_and_diversity(std::span<const std::uint32_t> list);
  void add_catalogue_metrics(std::size_t k, std::map<std::string, MetricValue>& out) const;

  const MetricsContext& context_;
  std::vector<std::size_t> cutoffs_;
  std::size_t longest_ = 0;
  std::uint64_t seed_;
  std::size_t lists_ = 0;
  std::vector<AtCutoff> at_;          // as cutoffs_
  std::vector<std::uint32_t> shown_;  // lists x longest, kNothing behind a short list's end
};

}  // namespace winnow
