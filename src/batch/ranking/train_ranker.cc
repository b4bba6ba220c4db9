#include "batch/ranking/train_ranker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/hash.h"
#include "base/random.h"
#include "batch/ranking/ranking_engines.h"
#include "batch/ranking/set_columns.h"
#include "features/feature_schema.h"
#include "models/ranking/ranker.h"

namespace winnow {
namespace {

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

// Groups in which something happened that is worth something.
std::size_t groups_with_gain(std::span<const std::uint64_t> groups, std::span<const float> gains) {
  std::size_t out = 0;
  for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
    const auto own = gains.subspan(groups[g], groups[g + 1] - groups[g]);
    out += std::ranges::any_of(own, [](float gain) { return gain > 0; }) ? 1 : 0;
  }
  return out;
}

double mean_of(std::span<const double> values) {
  return values.empty()
             ? 0
             : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
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

  // The full ranker of a set, not calibrated. before: one of a part of the set, which tells how many trees to
  // grow; null: that is found on groups that are held out.
  Result<RankerModel> full(const RankingSet& set, const RankerModel* before = nullptr) const {
    RankerModel model;
    model.full_features = set.features;
    model.heads = set.heads;
    model.calibration.resize(set.heads.size());
    model.worth = worths(set.heads, options_.worth);
    if (!trainer_.empty()) {
      WINNOW_TRY(model.network, train_mmoe(set, seeded(options_.full), trainer_, step("full ranker")));
    }
    for (std::uint32_t head = 0; xgboost_ && head < set.heads.size(); ++head) {
      TreeTrainOptions tree = options_.tree;
      tree.head = head;
      tree.seed = options_.seed;
      if (before != nullptr) {
        tree.rounds =
            std::max<std::uint32_t>(1, static_cast<std::uint32_t>(before->trees[head].trees.size()));
        tree.hold_out.share = 0;
      }
      WINNOW_TRY(TreeModel trees, train_trees(set, tree, *xgboost_, step("trees")));
      model.trees.push_back(std::move(trees));
    }
    return model;
  }

  // One that tells, from core features, what the full ranker thinks of the rows of the set.
  Status add_light(const RankingSet& set, RankerModel& model) const {
    if (trainer_.empty()) return {};
    RankingSet lesson;
    lesson.features = names_of(core_features());
    lesson.heads = {"worth"};
    WINNOW_TRY(lesson.values, features_of(set, lesson.features));
    lesson.weights = set.weights;
    lesson.groups = set.groups;
    lesson.time_ms = set.time_ms;
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

// Fits the calibration of every head on the judged rows. What is returned was calibrated crosswise, each half
// of the groups by the other, so that it can be judged.
Result<RankingEngine> calibrated(const RankingSet& judged, CalibrationMethod method, RankerModel& model) {
  WINNOW_TRY(RankingEngine engine, full_engine("full", model, judged));
  const std::size_t heads = judged.heads.size();
  const std::size_t half = judged.groups[judged.group_count() / 2];
  const std::vector<float> weights = weights_of_all_rows(judged);
  for (std::size_t head = 0; head < heads; ++head) {
    const std::vector<float> scores = column_of(engine.probabilities, heads, head);
    const std::vector<float> labels = column_of(judged.labels, heads, head);
    const auto part = [&](std::size_t begin, std::size_t end) {
      return ScoredRows{std::span(scores).subspan(begin, end - begin),
                        std::span(labels).subspan(begin, end - begin),
                        std::span(weights).subspan(begin, end - begin)};
    };
    const HeadCalibration of_first = calibrate(method, part(0, half));
    const HeadCalibration of_second = calibrate(method, part(half, scores.size()));
    for (std::size_t r = 0; r < scores.size(); ++r)
      engine.probabilities[r * heads + head] = (r < half ? of_second : of_first)(scores[r]);
    model.calibration[head] = calibrate(method, part(0, scores.size()));
  }
  expected_worth(engine.probabilities, model.worth, engine.order);
  return engine;
}

// Beside what can rank without it. Of a live ranker that these rows do not fit nothing is said.
Result<RankingJudgement> judge(const RankingSet& judged, RankingEngine full, const RankerModel& model,
                               const RankerModel* live, std::uint64_t seed) {
  std::vector<RankingEngine> engines = plain_engines(judged);
  if (model.light) {
    WINNOW_TRY(RankingEngine light, light_engine("light", model, judged));
    engines.push_back(std::move(light));
  }
  engines.push_back(std::move(full));
  if (live != nullptr) {
    if (auto engine = full_engine("live", *live, judged); engine.ok()) engines.push_back(*std::move(engine));
  }
  return judge_ranking(judged, model.worth, engines, seed);
}

// The values of a feature, at random over the rows. What is the same for all rows of every group, as a user's
// history, moves from group to group: the candidates of one list keep having it in common.
std::vector<float> permuted(std::span<const float> column, std::span<const std::uint64_t> groups,
                            Random& random) {
  const auto own = [&](std::size_t g) { return column.subspan(groups[g], groups[g + 1] - groups[g]); };
  std::vector<float> of_groups;
  bool common = true;
  for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
    if (own(g).empty()) continue;
    of_groups.push_back(own(g).front());
    common = common && std::ranges::all_of(own(g), [&](float value) { return value == own(g).front(); });
  }
  std::vector<float> out(column.begin(), column.end());
  if (!common) {
    random.shuffle(out);
    return out;
  }
  random.shuffle(of_groups);
  auto next = of_groups.begin();
  for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
    if (!own(g).empty()) std::ranges::fill(std::span(out).subspan(groups[g], own(g).size()), *next++);
  }
  return out;
}

// Permutes one feature after the other over some judged groups, and looks at what the order loses.
Status add_facts(const RankingSet& all_judged, std::uint64_t seed, RankerModel& model) {
  constexpr std::size_t kRows = 10'000;  // about: a feature costs a prediction of each
  std::vector<std::size_t> some;
  for (std::size_t g = 0; g < all_judged.group_count() && all_judged.groups[g] < kRows; ++g)
    some.push_back(g);
  const RankingSet judged = groups_of(all_judged, some);
  WINNOW_TRY(const auto ranker, Ranker::open(model));
  const std::vector<float> gains = combined_gains(judged, model.worth);
  std::vector<float> probabilities(judged.rows() * judged.heads.size());
  std::vector<float> worth(judged.rows());
  const auto ndcg = [&](std::span<const float> values) -> Result<double> {
    WINNOW_RETURN_IF_ERROR(ranker->full(values, probabilities));
    expected_worth(probabilities, model.worth, worth);
    return mean_of(ndcg_by_group(judged.groups, gains, worth));
  };
  WINNOW_TRY(const double whole, ndcg(judged.values));
  const std::size_t width = judged.features.size();
  WINNOW_TRY(const FeatureList features, features_named(judged.features));
  std::vector<float> values = judged.values;
  Random random(seed);
  for (std::size_t f = 0; f < width; ++f) {
    const std::vector<float> column = column_of(judged.values, width, f);
    const float fallback = feature_definitions()[features[f]].fallback;
    const auto telling = std::ranges::count_if(column, [&](float value) { return value != fallback; });
    FeatureFact fact{
        static_cast<float>(telling) / static_cast<float>(std::max<std::size_t>(1, column.size())), 0};
    if (telling > 0) {
      const std::vector<float> shuffled = permuted(column, judged.groups, random);
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

std::vector<float> worths(std::span<const std::string> heads, const OutcomeWorths& worth) {
  std::vector<float> out;
  for (const std::string& head : heads) {
    const auto given = worth.find(head);
    out.push_back(given == worth.end() ? 0.0f : static_cast<float>(given->second));
  }
  return out;
}

Status check(const RankerOptions& options) {
  if (options.network || options.trees) return {};
  return Error{ErrorCode::invalid,
               "ranking.networks and ranking.trees are both false, which leaves a ranker nothing to be made "
               "of: set one of them to true, or train without a ranker (ranking.train = false)",
               "ranking.networks"};
}

Result<TrainedRanker> train_ranker(const RankingSet& set, const RankerOptions& options,
                                   const RankerModel* live, const RankerProgress& progress) {
  WINNOW_RETURN_IF_ERROR(check(options));
  WINNOW_RETURN_IF_ERROR(set.check());
  const std::vector<float> gains = combined_gains(set, worths(set.heads, options.worth));
  if (const std::size_t groups = groups_with_gain(set.groups, gains); groups < options.least_groups) {
    return Error{ErrorCode::conflict,
                 fmt::format("there are {} examples with an outcome, and a ranker wants {}", groups,
                             options.least_groups)};
  }
  const Divided parts = divide(set, options.judged_share, options.seed);
  WINNOW_TRY(const Training training, Training::open(options, progress));
  TrainedRanker out;
  out.report.groups = set.group_count();
  out.report.rows = set.rows();
  out.report.note = training.note();
  WINNOW_TRY(RankerModel judged, training.full(parts.fit));
  WINNOW_TRY(RankingEngine full, calibrated(parts.judged, options.calibration, judged));
  WINNOW_RETURN_IF_ERROR(training.add_light(parts.fit, judged));
  WINNOW_TRY(out.report.judgement, judge(parts.judged, std::move(full), judged, live, options.seed));
  WINNOW_RETURN_IF_ERROR(add_facts(parts.judged, options.seed, judged));
  WINNOW_TRY(out.model, training.full(set, &judged));
  out.model.facts = std::move(judged.facts);
  out.model.calibration = judged.calibration;
  WINNOW_RETURN_IF_ERROR(training.add_light(set, out.model));
  return out;
}

}  // namespace winnow
