#include "models/ranking/train_trees.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "models/gbdt/xgboost_model.h"
#include "models/ranking/tree_run.h"

namespace winnow {
namespace {

Error invalid(std::string message) { return {ErrorCode::invalid, "trees: " + std::move(message), "trees"}; }

Status check(const RankingSet& set, const TreeTrainOptions& o) {
  WINNOW_RETURN_IF_ERROR(set.check());
  if (set.rows() == 0 || set.features.empty()) return invalid("the ranking set has no rows or features");
  if (o.head >= set.heads.size())
    return invalid(fmt::format("head {} of {}; heads are counted from 0", o.head, set.heads.size()));
  struct Range {
    std::string_view name;
    double value, low, high;
  };
  for (const Range& r :
       {Range{"rounds", double(o.rounds), 1, 1e5}, Range{"patience", double(o.patience), 1, 1e5},
        Range{"learning_rate", o.learning_rate, 1e-6, 1}, Range{"depth", double(o.depth), 1, 16},
        Range{"min_child_weight", o.min_child_weight, 0, 1e6}, Range{"l2", o.l2, 0, 1e6},
        Range{"row_share", o.row_share, 0.01, 1}, Range{"column_share", o.column_share, 0.01, 1},
        Range{"bins", double(o.bins), 2, 65'536}, Range{"ndcg_k", double(o.ndcg_k), 1, 1000},
        Range{"truncation", double(o.truncation), 1, 10'000}, Range{"grades", o.grades, 0.01, 30},
        Range{"folds", double(o.hold_out.folds), 0, 20}, Range{"held_out_share", o.hold_out.share, 0, 0.5}}) {
    if (!(r.value >= r.low && r.value <= r.high))
      return invalid(fmt::format("{} is {:g}; give {:g} to {:g}", r.name, r.value, r.low, r.high));
  }
  return {};
}

class Training final {
 public:
  Training(const RankingSet& set, const TreeTrainOptions& options, const XgboostLibrary& library,
           const TrainerProgress& progress)
      : set_(set),
        options_(options),
        library_(library),
        progress_(progress),
        held_out_(held_out_parts(set.group_count(), options.hold_out, options.seed)) {}

  Result<TreeModel> learn() {
    std::uint32_t rounds = options_.rounds;
    if (!held_out_.empty()) {
      WINNOW_RETURN_IF_ERROR(search());
      rounds = best_round_;
      if (!refits()) return first_rounds(searched_[0], rounds);
      searched_.clear();
    }
    const auto all = groups_without(set_.group_count(), {});
    WINNOW_TRY(TreeRun run, TreeRun::start(library_, options_, tree_rows(set_, options_.head, all), {}));
    for (std::uint32_t round = 1; round <= rounds; ++round) {
      WINNOW_RETURN_IF_ERROR(run.round());
      const double share = search_share() + (1 - search_share()) * round / rounds;
      WINNOW_RETURN_IF_ERROR(tell(share, fmt::format("tree {} of {}", round, rounds)));
    }
    return first_rounds(run, rounds);
  }

 private:
  bool refits() const { return held_out_.size() != 1 || options_.refit; }

  double search_share() const {
    const auto runs = static_cast<double>(held_out_.size());
    return refits() ? runs / (runs + 1) : 1;
  }

  // The runs grow side by side and are judged together, until held-out groups are predicted no better.
  Status search() {
    for (const auto& part : held_out_) {
      const auto others = groups_without(set_.group_count(), part);
      WINNOW_TRY(TreeRun run, TreeRun::start(library_, options_, tree_rows(set_, options_.head, others),
                                             tree_rows(set_, options_.head, part)));
      searched_.push_back(std::move(run));
    }
    double best = 0;
    for (std::uint32_t round = 1; round <= options_.rounds; ++round) {
      if (best_round_ > 0 && round > best_round_ + options_.patience) break;
      TreeLoss loss;
      for (TreeRun& run : searched_) {
        WINNOW_RETURN_IF_ERROR(run.round());
        WINNOW_TRY(const TreeLoss own, run.held_out_loss());
        loss.sum += own.sum;
        loss.weight += own.weight;
      }
      const double mean = loss.weight > 0 ? loss.sum / loss.weight : 0;
      if (best_round_ == 0 || mean < best) {
        best = mean;
        best_round_ = round;
      }
      const double share = search_share() * round / options_.rounds;
      WINNOW_RETURN_IF_ERROR(tell(share, fmt::format("tree {}, held out {:.5f}", round, mean)));
    }
    return {};
  }

  Status tell(double share, std::string_view words) const {
    if (!progress_ || progress_(share, words)) return {};
    return Error{ErrorCode::unavailable, "the training of trees was ended before it was done", "trees"};
  }

  static Result<TreeModel> first_rounds(const TreeRun& run, std::uint32_t rounds) {
    WINNOW_TRY(const std::string bytes, run.save());
    WINNOW_TRY(TreeModel model, read_xgboost_model(bytes));
    model.trees.resize(std::min<std::size_t>(rounds, model.trees.size()));
    return model;
  }

  const RankingSet& set_;
  const TreeTrainOptions& options_;
  const XgboostLibrary& library_;
  const TrainerProgress& progress_;
  std::vector<std::vector<std::uint32_t>> held_out_;
  std::vector<TreeRun> searched_;
  std::uint32_t best_round_ = 0;
};

}  // namespace

Result<TreeModel> train_trees(const RankingSet& set, const TreeTrainOptions& options,
                              const XgboostLibrary& library, const TrainerProgress& progress) {
  WINNOW_RETURN_IF_ERROR(check(set, options));
  return Training(set, options, library, progress).learn();
}

}  // namespace winnow
