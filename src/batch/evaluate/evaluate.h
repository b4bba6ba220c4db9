// Offline evaluation: trains the models on a training part, ranks for every test user, and reports the
// metrics.
//
// What is chosen rather than given is chosen on the validation cut of the training part: the blend's weights
// always, the half-life of popularity where events have times, and with `tune` the parameters of ALS and
// item-to-item too. docs/evaluation.md states every convention.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "batch/evaluate/data.h"
#include "batch/evaluate/rankings.h"
#include "batch/train/train_models.h"
#include "evaluation/metrics_collector.h"

namespace winnow {

struct EvaluateOptions {
  std::vector<ModelName> models = {ModelName::popular, ModelName::item_to_item, ModelName::als,
                                   ModelName::blend};
  std::vector<std::size_t> cutoffs = {10, 20};
  std::uint64_t seed = 1;
  bool tune = false;
  ModelOptions parameters;  // without `tune` as they are, with it where the search starts
};

// "popular,als" -> models, "10,20" -> cutoffs. Errors name the field (models, k), the word and the nearest
// known one.
Result<std::vector<ModelName>> parse_models(std::string_view text);
Result<std::vector<std::size_t>> parse_cutoffs(std::string_view text);

struct ModelReport {
  std::string name;
  std::map<std::string, double> parameters;
  std::map<std::string, MetricValue> metrics;  // "ndcg@10" -> value and 95% interval over users
  std::size_t users = 0;                       // that the metrics are taken over
  std::uint32_t items = 0;                     // of the vocabulary
  std::uint64_t events = 0;                    // training and test together
  double train_cpu_s = 0;  // until the model could rank: for the blend its sources and weights too
  double wall_s = 0;       // training and ranking
  double peak_rss_mb = 0;  // of the process so far
};

struct EvaluationReport {
  std::string protocol;
  std::string input;
  std::uint64_t seed = 0;
  std::uint32_t users_without_history = 0;  // had test items but nothing before them: left out of all metrics
  std::map<std::string, double>
      chosen;  // "als.regularization" -> value, of what was chosen on the validation cut
  std::vector<ModelReport>
      models;  // in the order asked for; popular_decayed follows popular where times are known
};

// Called when a step begins: "train als", "rank blend", ...
using EvaluateProgress = std::function<void(std::string_view step)>;

// Deterministic with the seed but for times and memory. Errors: those of training.
Result<EvaluationReport> evaluate(const EvaluationData& data, const EvaluateOptions& options,
                                  const EvaluateProgress& progress = {});

// {protocol, input, seed, users_without_history, chosen, models:[{name, parameters,
// metrics:{"recall@20":{value, low, high}}, users, items, events, train_cpu_s, wall_s, peak_rss_mb}]}
std::string report_json(const EvaluationReport& report);

}  // namespace winnow
