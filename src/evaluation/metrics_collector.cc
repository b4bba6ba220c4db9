#include "evaluation/metrics_collector.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/random.h"

namespace winnow {
namespace {

constexpr std::uint32_t kNothing = 0xFFFFFFFFu;
constexpr double kWidth = 1.959963984540054;  // of a 95% interval, in standard errors
constexpr int kResamples = 60;                // enough for a standard error; a percentile would want far more

MetricValue with_interval(double value, double standard_error, double highest) {
  return {value, std::max(0.0, value - kWidth * standard_error),
          std::min(highest, value + kWidth * standard_error)};
}

// 1 - Jaccard similarity of two ascending sets, neither empty.
double dissimilarity(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  std::size_t both = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) {
      ++both, ++i, ++j;
    } else if (a[i] < b[j]) {
      ++i;
    } else {
      ++j;
    }
  }
  return 1.0 - static_cast<double>(both) / static_cast<double>(a.size() + b.size() - both);
}

}  // namespace

void MetricsCollector::Mean::add(double value) {
  ++count;
  const double before = value - mean;
  mean += before / static_cast<double>(count);
  squares += before * (value - mean);
}

double MetricsCollector::Mean::standard_error() const {
  if (count < 2) return 0;
  const auto n = static_cast<double>(count);
  return std::sqrt(squares / (n - 1) / n);
}

MetricsCollector::MetricsCollector(const MetricsContext& context, std::vector<std::size_t> cutoffs,
                                   std::uint64_t seed)
    : context_(context), cutoffs_(std::move(cutoffs)), seed_(seed), at_(cutoffs_.size()) {
  WINNOW_CHECK(!cutoffs_.empty() && *std::min_element(cutoffs_.begin(), cutoffs_.end()) > 0);
  WINNOW_CHECK(context.train_users_of.size() == context.items);
  WINNOW_CHECK(context.categories.empty() || context.categories.size() == context.items);
  longest_ = *std::max_element(cutoffs_.begin(), cutoffs_.end());
}

void MetricsCollector::add(std::span<const std::uint32_t> list, std::span<const std::uint32_t> relevant) {
  list = list.first(std::min(list.size(), longest_));
  for (std::size_t c = 0; c < cutoffs_.size(); ++c) {
    const UserMetrics metrics = user_metrics(list, relevant, cutoffs_[c]);
    at_[c].recall.add(metrics.recall);
    at_[c].ndcg.add(metrics.ndcg);
    at_[c].mrr.add(metrics.mrr);
    at_[c].map.add(metrics.map);
    at_[c].hit_rate.add(metrics.hit_rate);
  }
  add_novelty_and_diversity(list);
  shown_.insert(shown_.end(), list.begin(), list.end());
  shown_.resize(++lists_ * longest_, kNothing);
}

// Both are means over a prefix of the list, so one walk along it serves every cutoff.
void MetricsCollector::add_novelty_and_diversity(std::span<const std::uint32_t> list) {
  const double users = static_cast<double>(context_.train_users) + 1;
  double information = 0;
  double differences = 0;
  std::size_t pairs = 0;
  for (std::size_t j = 0; j < list.size(); ++j) {
    information += -std::log2((static_cast<double>(context_.train_users_of[list[j]]) + 1) / users);
    if (!context_.categories.empty() && !context_.categories[list[j]].empty()) {
      for (std::size_t i = 0; i < j; ++i) {
        if (context_.categories[list[i]].empty()) continue;
        differences += dissimilarity(context_.categories[list[i]], context_.categories[list[j]]);
        ++pairs;
      }
    }
    for (std::size_t c = 0; c < cutoffs_.size(); ++c) {
      const bool at_end = j + 1 == cutoffs_[c] || (j + 1 == list.size() && list.size() < cutoffs_[c]);
      if (!at_end) continue;
      at_[c].novelty.add(information / static_cast<double>(j + 1));
      if (pairs > 0) at_[c].diversity.add(differences / static_cast<double>(pairs));
    }
  }
}

void MetricsCollector::add_catalogue_metrics(std::size_t k, std::map<std::string, MetricValue>& out) const {
  const auto items = static_cast<double>(context_.items);
  std::vector<std::uint32_t> counts(context_.items);
  const auto count_list = [&](std::size_t list) {
    for (std::size_t j = 0; j < k; ++j) {
      const std::uint32_t item = shown_[list * longest_ + j];
      if (item != kNothing) ++counts[item];
    }
  };
  const auto coverage_now = [&] {
    return static_cast<double>(counts.size() -
                               static_cast<std::size_t>(std::count(counts.begin(), counts.end(), 0u))) /
           items;
  };

  for (std::size_t list = 0; list < lists_; ++list) count_list(list);
  const double coverage = coverage_now();
  const double inequality = gini(counts);
  Random random(seed_);
  Mean coverages;
  Mean inequalities;
  for (int resample = 0; resample < kResamples; ++resample) {
    std::fill(counts.begin(), counts.end(), 0u);
    for (std::size_t n = 0; n < lists_; ++n) count_list(random.below(static_cast<std::uint32_t>(lists_)));
    coverages.add(coverage_now());
    inequalities.add(gini(counts));
  }
  // The spread of the resamples is the standard error itself, not of their mean.
  const double root = std::sqrt(static_cast<double>(kResamples));
  const std::string suffix = "@" + std::to_string(k);
  out["coverage" + suffix] = with_interval(coverage, coverages.standard_error() * root, 1);
  out["gini" + suffix] = with_interval(inequality, inequalities.standard_error() * root, 1);
}

std::map<std::string, MetricValue> MetricsCollector::values() const {
  std::map<std::string, MetricValue> out;
  if (lists_ == 0) return out;
  for (std::size_t c = 0; c < cutoffs_.size(); ++c) {
    const std::string suffix = "@" + std::to_string(cutoffs_[c]);
    const auto put = [&](const char* name, const Mean& mean, double highest) {
      if (mean.count > 0) out[name + suffix] = with_interval(mean.mean, mean.standard_error(), highest);
    };
    put("recall", at_[c].recall, 1);
    put("ndcg", at_[c].ndcg, 1);
    put("mrr", at_[c].mrr, 1);
    put("map", at_[c].map, 1);
    put("hit_rate", at_[c].hit_rate, 1);
    put("novelty", at_[c].novelty, std::log2(static_cast<double>(context_.train_users) + 1));
    put("diversity", at_[c].diversity, 1);
    add_catalogue_metrics(cutoffs_[c], out);
  }
  return out;
}

}  // namespace winnow
