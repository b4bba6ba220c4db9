#include "batch/ranking/judge_ranking.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "batch/ranking/segments.h"
#include "batch/ranking/set_columns.h"
#include "evaluation/classification_metrics.h"
#include "evaluation/ranking_metrics.h"

namespace winnow {
namespace {

constexpr int kResamples = 1000;

std::vector<float> taken(std::span<const float> values, std::span<const std::uint32_t> rows) {
  std::vector<float> out;
  out.reserve(rows.size());
  for (const std::uint32_t r : rows) out.push_back(values[r]);
  return out;
}

double mean_of(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Groups of several rows, and those of them whose rows have different scores.
struct OrderedGroups {
  std::size_t all = 0;
  std::size_t ordered = 0;

  bool is_order() const { return all == 0 || ordered * 100 > all; }
};

OrderedGroups ordered_groups(std::span<const std::uint64_t> groups, std::span<const float> scores) {
  OrderedGroups out;
  for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
    const auto own = scores.subspan(groups[g], groups[g + 1] - groups[g]);
    if (own.size() < 2) continue;
    ++out.all;
    out.ordered += std::ranges::any_of(own, [&](float score) { return score != own.front(); }) ? 1 : 0;
  }
  return out;
}

class Judging final {
 public:
  Judging(const RankingSet& set, std::span<const float> worth, std::span<const RankingEngine> engines,
          std::uint64_t seed)
      : set_(set), worth_(worth), seed_(seed), weights_(weights_of_all_rows(set)) {
    for (std::size_t h = 0; h < set.heads.size(); ++h)
      labels_.push_back(column_of(set.labels, set.heads.size(), h));
    for (const RankingEngine& engine : engines) add_engine(engine);
  }

  RankingJudgement judge() {
    const std::vector<float> worth = combined_gains(set_, worth_);
    note_missing(worth);
    for (const Segment& segment : segments_of(set_)) {
      add(segment, kCombined, worth, std::nullopt);
      for (std::size_t h = 0; h < set_.heads.size(); ++h) {
        std::vector<float> gains = labels_[h];
        for (float& gain : gains) gain = std::isnan(gain) ? 0 : gain;
        add(segment, set_.heads[h], gains, h);
      }
    }
    return std::move(out_);
  }

 private:
  void add_engine(const RankingEngine& engine) {
    const OrderedGroups groups = ordered_groups(set_.groups, engine.order);
    if (!engine.probabilities.empty() || groups.is_order()) {
      engines_.push_back(&engine);
      return;
    }
    out_.notes.push_back(
        fmt::format("{} is left out: it gives all candidates of a list one score in {} of {} lists, which is "
                    "no order to compare with",
                    engine.name, with_thousands(groups.all - groups.ordered), with_thousands(groups.all)));
  }

  // What the set lacks to be judged by. gains: combined, by row.
  void note_missing(std::span<const float> gains) {
    std::vector<std::string>& notes = out_.notes;
    if (set_.rows() == 0) {
      notes.emplace_back("the set has no rows: there is nothing to judge");
      return;
    }
    if (set_.heads.empty()) {
      notes.emplace_back("the set has no outcomes (heads), so nothing says which order is better");
      return;
    }
    for (std::size_t h = 0; h < labels_.size(); ++h) {
      const auto any = [&](const auto& holds) { return std::ranges::any_of(labels_[h], holds); };
      if (!any([](float label) { return !std::isnan(label); })) {
        notes.push_back(fmt::format("{} is not judged: its label is unknown in every row", set_.heads[h]));
      } else if (!any([](float label) { return label > 0; })) {
        notes.push_back(fmt::format("{} happened to no candidate, so no order is better by it than another",
                                    set_.heads[h]));
      }
    }
    if (std::ranges::none_of(gains, [](float gain) { return gain > 0; })) {
      notes.emplace_back(
          "orders are not judged: no candidate has an outcome that [ranking.worth] says is worth anything");
    }
  }

  // One segment and head, all engines. gains: by row of the set.
  void add(const Segment& segment, std::string_view head, std::span<const float> gains,
           std::optional<std::size_t> h) {
    const std::vector<float> own_gains = taken(gains, segment.rows);
    std::vector<std::vector<double>> ndcg;
    std::size_t baseline = engines_.size();
    for (const RankingEngine* const engine : engines_) {
      if (engine->name == kBaseline) baseline = ndcg.size();
      ndcg.push_back(ndcg_by_group(segment.groups, own_gains, taken(scores_of(*engine, h), segment.rows)));
    }
    for (std::size_t e = 0; e < engines_.size(); ++e) {
      JudgedOrder row{segment.name, segment.words, std::string(head), engines_[e]->name};
      row.rows = segment.rows.size();
      row.groups = ndcg[e].size();
      if (!ndcg[e].empty()) {
        row.ndcg = mean_of(ndcg[e]);
        if (baseline < ndcg.size() && e != baseline)
          row.gain = paired_bootstrap(ndcg[baseline], ndcg[e], seed_, kResamples);
      }
      if (h) add_predictions(segment, *engines_[e], *h, row);
      if (row.ndcg || row.log_loss) out_.rows.push_back(std::move(row));
    }
  }

  void add_predictions(const Segment& segment, const RankingEngine& engine, std::size_t h,
                       JudgedOrder& out) const {
    const std::vector<float> scores = taken(scores_of(engine, h), segment.rows);
    const std::vector<float> labels = taken(labels_[h], segment.rows);
    const std::vector<float> weights = taken(weights_, segment.rows);
    const ScoredRows rows{scores, labels, weights};
    out.rows =
        static_cast<std::uint64_t>(std::ranges::count_if(labels, [](float y) { return !std::isnan(y); }));
    out.auc = auc(rows);
    out.grouped_auc = grouped_auc(rows, segment.groups);
    if (out.rows == 0 || !predicts(engine, h)) return;
    out.log_loss = log_loss(rows);
    out.calibration_error = calibration_error(rows);
  }

  // Heads that are unknown are so in all rows.
  bool predicts(const RankingEngine& engine, std::size_t h) const {
    return !engine.probabilities.empty() && !std::isnan(engine.probabilities[h]);
  }

  // What a head's rows are ordered by; without one, the engine's own order.
  std::vector<float> scores_of(const RankingEngine& engine, std::optional<std::size_t> h) const {
    if (!h || !predicts(engine, *h)) return engine.order;
    return column_of(engine.probabilities, set_.heads.size(), *h);
  }

  const RankingSet& set_;
  std::span<const float> worth_;
  std::vector<const RankingEngine*> engines_;
  std::uint64_t seed_;
  std::vector<float> weights_;
  std::vector<std::vector<float>> labels_;  // by head
  RankingJudgement out_;
};

}  // namespace

const JudgedOrder* RankingJudgement::find(std::string_view segment, std::string_view head,
                                          std::string_view engine) const& {
  const auto found = std::ranges::find_if(rows, [&](const JudgedOrder& row) {
    return row.segment == segment && row.head == head && row.engine == engine;
  });
  return found == rows.end() ? nullptr : &*found;
}

double RankingJudgement::ndcg(std::string_view engine) const {
  const JudgedOrder* const row = find("all", kCombined, engine);
  return row == nullptr ? 0 : row->ndcg.value_or(0);
}

std::vector<float> combined_gains(const RankingSet& set, std::span<const float> worth) {
  WINNOW_CHECK(worth.size() == set.heads.size());
  std::vector<float> out;
  for (std::size_t r = 0; r < set.rows(); ++r) {
    float sum = 0;
    for (std::size_t h = 0; h < worth.size(); ++h) {
      const float label = set.labels_of(r)[h];
      if (!std::isnan(label)) sum += worth[h] * label;
    }
    out.push_back(std::max(0.0f, sum));
  }
  return out;
}

std::vector<double> ndcg_by_group(std::span<const std::uint64_t> groups, std::span<const float> gains,
                                  std::span<const float> scores) {
  std::vector<double> out;
  std::vector<std::uint64_t> rows;
  std::vector<double> listed;
  std::vector<double> ideal;
  for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
    rows.resize(groups[g + 1] - groups[g]);
    std::iota(rows.begin(), rows.end(), groups[g]);
    ideal.clear();
    for (const std::uint64_t r : rows) ideal.push_back(gains[r]);
    const std::size_t k = std::min(kJudgedCutoff, rows.size());
    const auto end = static_cast<std::ptrdiff_t>(k);
    std::ranges::partial_sort(ideal, ideal.begin() + end, std::ranges::greater());
    const double most = dcg_of_gains(ideal, k);
    if (most <= 0) continue;
    std::ranges::sort(rows, std::ranges::greater(), [&](std::uint64_t r) { return scores[r]; });
    listed.clear();
    while (listed.size() < k) {
      // Rows of one score share their places: each has the mean of their gains.
      const std::size_t first = listed.size();
      std::size_t last = first;
      double sum = 0;
      for (; last < rows.size() && !(scores[rows[first]] > scores[rows[last]]); ++last)
        sum += gains[rows[last]];
      listed.resize(last, sum / static_cast<double>(last - first));
    }
    out.push_back(dcg_of_gains(listed, k) / most);
  }
  return out;
}

RankingJudgement judge_ranking(const RankingSet& set, std::span<const float> worth,
                               std::span<const RankingEngine> engines, std::uint64_t seed) {
  for (const RankingEngine& engine : engines) {
    WINNOW_CHECK(engine.order.size() == set.rows());
    WINNOW_CHECK(engine.probabilities.empty() || engine.probabilities.size() == set.labels.size());
  }
  return Judging(set, worth, engines, seed).judge();
}

}  // namespace winnow
