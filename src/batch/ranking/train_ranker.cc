#include "batch/ranking/train_ranker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/hash.h"
#include "base/random.h"
#include "evaluation/classification_metrics.h"
#include "evaluation/ranking_metrics.h"
#include "features/feature_schema.h"
#include "models/ranking/ranker.h"

namespace winnow {
namespace {

constexpr std::size_t kCutoff = 10;

// Some groups of a set, as a set.
RankingSet groups_of(const RankingSet& set, const std::vector<std::size_t>& groups) {
  RankingSet out;
  out.features = set.features;
  out.heads = set.heads;
  out.negatives_kept = set.negatives_kept;
  const auto append = [](auto& to, const auto& from, std::size_t begin, std::size_t end, std::size_t width) {
    to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(begin * width),
              from.begin() + static_cast<std::ptrdiff_t>(end * width));
  };
  for (const std::size_t group : groups) {
    const std::size_t begin = set.groups[group];
    const std::size_t end = set.groups[group + 1];
    append(out.values, set.values, begin, end, set.features.size());
    append(out.labels, set.labels, begin, end, set.heads.size());
    append(out.weights, set.weights, begin, end, 1);
    out.groups.push_back(out.weights.size());
    out.time_ms.push_back(set.time_ms[group]);
  }
  return out;
}

struct Divided {
  RankingSet fit;
  RankingSet judged;
};

Divided divide(const RankingSet& set, double judged_share, std::uint64_t seed) {
  std::vector<std::size_t> order(set.group_count());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [seed](std::size_t group) { return hash64(fmt::format("{}", group), seed); });
  const auto judged = static_cast<std::size_t>(judged_share * static_cast<double>(order.size()));
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(judged);
  return {groups_of(set, {middle, order.end()}), groups_of(set, {order.begin(), middle})};
}

// What the order is judged by: the head that is asked for, or the first where that happened too seldom.
std::size_t judging_head(const RankingSet& set, const RankerOptions& options) {
  const std::size_t asked = head_or_first(set, options.outcome);
  return groups_with_outcome(set, asked) >= options.least_groups ? asked : 0;
}

// One column of a row-major matrix.
std::vector<float> column_of(std::span<const float> matrix, std::size_t width, std::size_t column) {
  std::vector<float> out;
  out.reserve(matrix.size() / width);
  for (std::size_t at = column; at < matrix.size(); at += width) out.push_back(matrix[at]);
  return out;
}

// The set with some of its features, and other labels.
RankingSet with_features(const RankingSet& set, const FeatureList& features) {
  RankingSet out = set;
  out.features = names_of(features);
  out.values.clear();
  out.values.reserve(set.rows() * features.size());
  for (std::size_t r = 0; r < set.rows(); ++r) {
    for (const std::uint32_t feature : features) out.values.push_back(set.row(r)[feature]);
  }
  return out;
}

// The mean NDCG of the groups in the order of scores, outcomes of the head being the relevant ones.
double mean_ndcg(const RankingSet& set, std::size_t head, std::span<const float> scores) {
  double sum = 0;
  std::size_t judged = 0;
  std::vector<std::uint32_t> rows;
  std::vector<std::uint8_t> hits;
  for (std::size_t g = 0; g < set.group_count(); ++g) {
    rows.resize(set.groups[g + 1] - set.groups[g]);
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(set.groups[g]));
    const auto relevant =
        std::ranges::count_if(rows, [&](std::uint32_t r) { return set.labels_of(r)[head] > 0; });
    if (relevant == 0) continue;
    const std::size_t listed = std::min(kCutoff, rows.size());
    std::ranges::partial_sort(rows, rows.begin() + static_cast<std::ptrdiff_t>(listed), [&](auto a, auto b) {
      return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
    });
    hits.clear();
    for (std::size_t k = 0; k < listed; ++k) hits.push_back(set.labels_of(rows[k])[head] > 0 ? 1 : 0);
    sum += ndcg_of_hits(hits, static_cast<std::size_t>(relevant), kCutoff);
    ++judged;
  }
  return judged == 0 ? 0 : sum / static_cast<double>(judged);
}

std::vector<float> worths(const RankingSet& set, const RankerOptions& options) {
  std::vector<float> out;
  for (const std::string& head : set.heads) {
    const auto given = options.worth.find(head);
    out.push_back(given == options.worth.end() ? 0.0f : static_cast<float>(given->second));
  }
  return out;
}

class Training {
 public:
  // Finds what trains. not_found and unavailable say how to get it.
  static Result<Training> open(const RankerOptions& options, const RankerProgress& progress) {
    Training training(options, progress);
    if (options.network) {
      auto trainer = find_trainer(options.trainer);
      if (trainer.ok()) {
        training.trainer_ = *std::move(trainer);
      } else {
        training.missing_ = trainer.error();
      }
    }
    if (options.trees) {
      auto library = XgboostLibrary::open(options.xgboost);
      if (library.ok()) {
        training.xgboost_ = *std::move(library);
      } else {
        training.missing_ = library.error();
      }
    }
    if (training.trainer_.empty() && !training.xgboost_) return training.missing_;
    return training;
  }

  // Why a part that was asked for is left out; empty when none is.
  std::string note() const { return missing_.message; }

  // The full ranker of a set, not calibrated.
  Result<RankerModel> full(const RankingSet& set) const {
    RankerModel model;
    model.full_features = set.features;
    model.heads = set.heads;
    model.calibration.resize(set.heads.size());
    model.worth = worths(set, options_);
    if (!trainer_.empty()) {
      WINNOW_TRY(model.network, train_mmoe(set, seeded(options_.full), trainer_, step("full ranker")));
    }
    for (std::uint32_t head = 0; xgboost_ && head < set.heads.size(); ++head) {
      TreeTrainOptions tree = options_.tree;
      tree.head = head;
      tree.seed = options_.seed;
      WINNOW_TRY(TreeModel trees, train_trees(set, tree, *xgboost_, step("trees")));
      model.trees.push_back(std::move(trees));
    }
    return model;
  }

  // One that tells, from core features, what the full ranker thinks of the rows of the set.
  Status add_light(const RankingSet& set, RankerModel& model) const {
    if (trainer_.empty()) return {};
    const FeatureList core = core_features();
    RankingSet lesson = with_features(set, core);
    lesson.heads = {"worth"};
    WINNOW_TRY(lesson.labels, opinions_of(model, set));
    WINNOW_TRY(model.light, train_mmoe(lesson, seeded(options_.light), trainer_, step("light ranker")));
    model.light_features = lesson.features;
    return {};
  }

  // What each row is worth to the ranker, as a share of the most it could be.
  static Result<std::vector<float>> opinions_of(const RankerModel& model, const RankingSet& set) {
    WINNOW_TRY(const auto ranker, Ranker::open(model));
    std::vector<float> probabilities(set.rows() * set.heads.size());
    WINNOW_RETURN_IF_ERROR(ranker->full(set.values, probabilities));
    std::vector<float> out(set.rows());
    expected_worth(probabilities, model.worth, out);
    float most = 0;
    for (const float worth : model.worth) most += std::max(0.0f, worth);
    for (float& value : out) value = std::clamp(value / std::max(most, 1e-6f), 0.0f, 1.0f);
    return out;
  }

 private:
  Training(const RankerOptions& options, const RankerProgress& progress)
      : options_(options), progress_(progress) {}

  MmoeTrainOptions seeded(MmoeTrainOptions options) const {
    options.seed = options_.seed;
    return options;
  }
  TrainerProgress step(std::string_view name) const {
    if (!progress_) return {};
    return [this, name](double share, std::string_view) { return progress_(name, share); };
  }

  const RankerOptions& options_;
  const RankerProgress& progress_;
  std::filesystem::path trainer_;          // empty: no networks
  std::optional<XgboostLibrary> xgboost_;  // none: no trees
  Error missing_;
};

// Fits the calibration of every head on the judged rows, and reports on them. The error after calibration is
// measured crosswise: fitted on one half of the groups, measured on the other.
Status calibrate_and_judge(const RankingSet& judged, CalibrationMethod method, RankerModel& model,
                           RankerReport& report) {
  WINNOW_TRY(const auto ranker, Ranker::open(model));
  const std::size_t heads = judged.heads.size();
  std::vector<float> probabilities(judged.rows() * heads);
  WINNOW_RETURN_IF_ERROR(ranker->full(judged.values, probabilities));
  const std::size_t half = judged.groups[judged.group_count() / 2];
  for (std::size_t head = 0; head < heads; ++head) {
    const std::vector<float> scores = column_of(probabilities, heads, head);
    const std::vector<float> labels = column_of(judged.labels, heads, head);
    const ScoredRows rows{scores, labels, judged.weights};
    const auto part = [&](std::size_t begin, std::size_t end) {
      return ScoredRows{rows.scores.subspan(begin, end - begin), rows.labels.subspan(begin, end - begin),
                        rows.weights.subspan(begin, end - begin)};
    };
    HeadReport& of_head = report.heads[judged.heads[head]];
    of_head.auc = auc(rows);
    of_head.grouped_auc = grouped_auc(rows, judged.groups);
    of_head.log_loss = log_loss(rows);
    of_head.uncalibrated_error = calibration_error(rows);
    const HeadCalibration crosswise = calibrate(method, part(0, half));
    std::vector<float> calibrated(scores.begin() + static_cast<std::ptrdiff_t>(half), scores.end());
    for (float& p : calibrated) p = crosswise(p);
    const ScoredRows rest = part(half, rows.scores.size());
    of_head.calibration_error = calibration_error({calibrated, rest.labels, rest.weights});
    model.calibration[head] = calibrate(method, rows, judged.negatives_kept);
  }
  return {};
}

Status judge_order(const RankingSet& judged, const RankerModel& model, std::size_t outcome,
                   RankerReport& report) {
  WINNOW_TRY(const std::vector<float> full, Training::opinions_of(model, judged));
  report.ndcg["full"] = mean_ndcg(judged, outcome, full);
  const auto blend = std::ranges::find(judged.features, "source.blend");
  if (blend != judged.features.end()) {
    const auto at = static_cast<std::size_t>(blend - judged.features.begin());
    report.ndcg["blend"] = mean_ndcg(judged, outcome, column_of(judged.values, judged.features.size(), at));
  }
  if (model.light) {
    WINNOW_TRY(const auto ranker, Ranker::open(model));
    std::vector<float> light(judged.rows());
    WINNOW_RETURN_IF_ERROR(ranker->light(with_features(judged, ranker->light_features()).values, light));
    report.ndcg["light"] = mean_ndcg(judged, outcome, light);
  }
  return {};
}

// Shuffles one feature after the other among the judged rows and looks at what the order loses.
Status add_facts(const RankingSet& judged, std::size_t outcome, std::uint64_t seed, RankerModel& model) {
  WINNOW_TRY(const auto ranker, Ranker::open(model));
  std::vector<float> probabilities(judged.rows() * judged.heads.size());
  std::vector<float> worth(judged.rows());
  const auto ndcg = [&](std::span<const float> values) -> Result<double> {
    WINNOW_RETURN_IF_ERROR(ranker->full(values, probabilities));
    expected_worth(probabilities, model.worth, worth);
    return mean_ndcg(judged, outcome, worth);
  };
  WINNOW_TRY(const double whole, ndcg(judged.values));
  const std::size_t width = judged.features.size();
  WINNOW_TRY(const FeatureList features, features_named(judged.features));
  std::vector<float> values = judged.values;
  Random random(seed);
  for (std::size_t f = 0; f < width; ++f) {
    const std::vector<float> column = column_of(judged.values, width, f);
    const float fallback = feature_definitions()[features[f]].fallback;
    const auto known = std::ranges::count_if(column, [&](float value) { return value != fallback; });
    FeatureFact fact{static_cast<float>(known) / static_cast<float>(std::max<std::size_t>(1, column.size())),
                     0};
    if (known > 0) {
      std::vector<float> shuffled = column;
      random.shuffle(shuffled);
      for (std::size_t r = 0; r < shuffled.size(); ++r) values[r * width + f] = shuffled[r];
      WINNOW_TRY(const double without, ndcg(values));
      fact.importance = static_cast<float>(whole - without);
      for (std::size_t r = 0; r < column.size(); ++r) values[r * width + f] = column[r];
    }
    model.facts.push_back(fact);
  }
  return {};
}

}  // namespace

Result<TrainedRanker> train_ranker(const RankingSet& set, const RankerOptions& options,
                                   const RankerProgress& progress) {
  WINNOW_RETURN_IF_ERROR(set.check());
  const std::size_t outcome = judging_head(set, options);
  if (const std::size_t groups = groups_with_outcome(set, outcome); groups < options.least_groups) {
    return Error{ErrorCode::conflict,
                 fmt::format("there are {} examples with an outcome, and a ranker wants {}: the blend ranks",
                             groups, options.least_groups)};
  }
  const Divided parts = divide(set, options.judged_share, options.seed);
  WINNOW_TRY(const Training training, Training::open(options, progress));
  TrainedRanker out;
  out.report.groups = set.group_count();
  out.report.rows = set.rows();
  out.report.note = training.note();
  out.report.judged_by = set.heads[outcome];
  WINNOW_TRY(RankerModel judged, training.full(parts.fit));
  WINNOW_RETURN_IF_ERROR(calibrate_and_judge(parts.judged, options.calibration, judged, out.report));
  WINNOW_RETURN_IF_ERROR(training.add_light(parts.fit, judged));
  WINNOW_RETURN_IF_ERROR(judge_order(parts.judged, judged, outcome, out.report));
  WINNOW_RETURN_IF_ERROR(add_facts(parts.judged, outcome, options.seed, judged));
  WINNOW_TRY(out.model, training.full(set));
  out.model.facts = std::move(judged.facts);
  out.model.calibration = judged.calibration;
  WINNOW_RETURN_IF_ERROR(training.add_light(set, out.model));
  return out;
}

}  // namespace winnow
