// Offline evaluation: trains the models on a training part, ranks for every test user, and reports the
// metrics.
//
// What is chosen rather than given is chosen on the validation cut of the training part: the blend's weights
// always, what `best` is always, the half-life of popularity where events have times, and with `tune` the
// parameters of every model. docs/evaluation.md states every convention.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "batch/evaluate/data.h"
#include "batch/evaluate/model_table.h"
#include "batch/ranking/train_ranker.h"
#include "batch/train/train_models.h"
#include "evaluation/metrics_collector.h"
#include "evaluation/paired_bootstrap.h"

namespace winnow {

// Made of the models of the table: what requests use, and our recommended choice for the data.
inline constexpr std::string_view kBlend = "blend";
inline constexpr std::string_view kBest = "best";
// The rankers behind the blend, of time-split: the light one alone, the whole path of a request, and the full
// one over all candidates.
inline constexpr std::string_view kLight = "light";
inline constexpr std::string_view kFunnel = "funnel";
inline constexpr std::string_view kFull = "full";
inline constexpr std::array<std::string_view, 3> kRankers = {kLight, kFunnel, kFull};

struct EvaluateOptions {
  std::vector<std::string> models = {"popular", "item_to_item", "als", "blend"};
  std::vector<std::size_t> cutoffs = {10, 20};  // choices are made by NDCG at the first
  std::uint64_t seed = 1;
  bool tune = false;
  // Wall-clock seconds that the whole run should take. Only searching can be cut short: each model is trained
  // in any case, with the best parameters found by then.
  double budget_s = std::numeric_limits<double>::infinity();
  std::vector<std::string> compared;  // two of the models: by how much is the second better than the first
  StartingPoint parameters;           // without `tune` as they are, with it where the search starts
  std::filesystem::path trainer;      // TrainingInput::trainer
  RankerOptions ranker;               // of `light` and `funnel`; its seed and trainer are those above
  std::size_t full_candidates = 100;  // that the full ranker sees
  bool segments = false;  // judge the rankers by head and segment too, where one of them is asked for
};

// "popular,als" -> models, "10,20" -> cutoffs. Errors name the field (models, k), the word and the nearest
// known one.
Result<std::vector<std::string>> parse_models(std::string_view text);
Result<std::vector<std::size_t>> parse_cutoffs(std::string_view text);
// Every name that parse_models knows, in the order of the table.
std::vector<std::string> model_names();

struct ModelReport {
  std::string name;
  std::string note;  // what `best` picked; why a model has no metrics; whether the budget ended its search
  std::map<std::string, double> parameters;
  std::map<std::string, MetricValue> metrics;  // "ndcg@10" -> value and 95% interval over users
  std::size_t users = 0;                       // that the metrics are taken over
  std::uint32_t items = 0;                     // of the vocabulary
  std::uint64_t events = 0;                    // training and test together
  double train_cpu_s = 0;  // until the model could rank: for blends their sources and weights too
  double wall_s = 0;       // training and ranking
  double peak_rss_mb = 0;  // of the process so far
};

struct ModelComparison {
  std::string first, second;
  std::map<std::string, PairedDifference> metrics;  // "ndcg@10" -> second less first, over the same users
  std::string note;                                 // why there are none
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
  std::optional<ModelComparison> comparison;  // where one was asked for
  std::optional<RankingJudgement> segments;   // where they were asked for, and there are rankers
};

// Roughly the seconds of wall clock that evaluate() will take on one core, budget included.
double estimated_seconds(const EvaluationData& data, const EvaluateOptions& options);

// Deterministic with the seed but for times and memory, unless a budget ends a search. Errors: those of
// training; unavailable when `progress` ends it.
Result<EvaluationReport> evaluate(const EvaluationData& data, const EvaluateOptions& options,
                                  const EvaluateProgress& progress = {});

// {protocol, input, seed, users_without_history, chosen, comparison, segments, models:[{name, note,
// parameters, metrics:{"recall@20":{value, low, high}}, users, items, events, train_cpu_s, wall_s,
// peak_rss_mb}]}
std::string report_json(const EvaluationReport& report);

}  // namespace winnow
