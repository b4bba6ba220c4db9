// Behind bench/multitask and bench/lambdamart: trains rankers, and judges them on rows that they did not see.
//
//     winnow_learning_bench census FILE --trainer PROGRAM [--seed N] [--cut test|validation] [--models a,b]
//     [--option V]... winnow_learning_bench lambdamart [--seed N]
//
// Prints JSON. One thread.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "evaluation/classification_metrics.h"
#include "learning/census.h"
#include "learning/lambdamart.h"
#include "models/gbdt/tree_scorer.h"
#include "models/multitask/mmoe_scorer.h"
#include "models/ranking/train_mmoe.h"
#include "models/ranking/train_trees.h"

namespace winnow {
namespace {

[[noreturn]] void fail(const std::string& message) {
  fmt::print(stderr, "error: {}\n", message);
  std::exit(1);
}

template <class T>
T or_fail(Result<T> result) {
  if (!result.ok()) fail(result.error().message);
  return std::move(result).value();
}

class Arguments final {
 public:
  Arguments(int argc, char** argv) {
    for (int k = 1; k < argc; ++k) {
      const std::string word = argv[k];
      if (!word.starts_with("--")) {
        words_.push_back(word);
      } else if (k + 1 < argc) {
        options_[word] = argv[++k];
      } else {
        fail(word + " has no value");
      }
    }
  }
  std::string word(std::size_t k) const { return k < words_.size() ? words_[k] : ""; }
  std::string text(const std::string& name, const std::string& otherwise) const {
    const auto found = options_.find(name);
    return found != options_.end() ? found->second : otherwise;
  }
  double number(const std::string& name, double otherwise) const {
    return std::atof(text(name, std::to_string(otherwise)).c_str());
  }

 private:
  std::vector<std::string> words_;
  std::map<std::string, std::string> options_;
};

// How a head's probabilities do on the judged rows.
std::string figures(const std::vector<float>& scores, std::size_t head, const RankingSet& judged) {
  std::vector<float> own, labels;
  for (std::size_t r = 0; r < judged.rows(); ++r) {
    own.push_back(scores[r * (scores.size() / judged.rows()) + head]);
    labels.push_back(judged.labels_of(r)[head]);
  }
  const ScoredRows rows{own, labels};
  return fmt::format(R"({{"auc": {:.6f}, "log_loss": {:.6f}, "ece": {:.6f}}})", auc(rows).value(),
                     log_loss(rows), calibration_error(rows));
}

std::vector<float> mmoe_scores(const RankingSet& train, const RankingSet& judged,
                               const MmoeTrainOptions& options, const std::string& trainer) {
  const MmoeModel model = or_fail(train_mmoe(train, options, trainer));
  const MmoeScorer scorer = or_fail(MmoeScorer::open(model));
  std::vector<float> scores(judged.rows() * scorer.heads());
  if (const Status status = scorer.score(judged.values, scores); !status.ok()) fail(status.error().message);
  return scores;
}

std::vector<float> tree_scores(const RankingSet& train, const RankingSet& judged,
                               const TreeTrainOptions& options) {
  const XgboostLibrary library = or_fail(XgboostLibrary::open());
  const TreeScorer scorer = or_fail(TreeScorer::open(or_fail(train_trees(train, options, library))));
  std::vector<float> scores(judged.rows());
  scorer.predict(judged.values, scores);
  return scores;
}

MmoeTrainOptions mmoe_options(const Arguments& given) {
  MmoeTrainOptions options;
  options.seed = static_cast<std::uint64_t>(given.number("--seed", 1));
  options.epochs = static_cast<std::uint32_t>(given.number("--epochs", 30));
  options.learning_rate = given.number("--learning-rate", 1e-3);
  options.dropout = given.number("--dropout", 0.3);
  options.weight_decay = given.number("--weight-decay", options.weight_decay);
  options.batch_rows = static_cast<std::uint32_t>(given.number("--batch-rows", 1024));
  return options;
}

TreeTrainOptions tree_options(const Arguments& given) {
  TreeTrainOptions options;
  options.seed = static_cast<std::uint64_t>(given.number("--seed", 1));
  options.rounds = static_cast<std::uint32_t>(given.number("--rounds", 600));
  options.learning_rate = given.number("--tree-rate", 0.1);
  options.depth = static_cast<std::uint32_t>(given.number("--depth", 6));
  options.row_share = 0.8;
  options.column_share = 0.5;
  return options;
}

void run_census(const Arguments& given) {
  const CensusCut cut = given.text("--cut", "test") == "validation" ? CensusCut::validation : CensusCut::test;
  const CensusSets sets = or_fail(read_census(given.word(1), cut));
  const std::string trainer = given.text("--trainer", "");
  const std::string models = given.text("--models", "mmoe,single,xgboost");
  fmt::print(R"({{"rows": {}, "judged": {}, "features": {}, "seed": {})", sets.train.rows(),
             sets.judged.rows(), sets.train.features.size(), given.number("--seed", 1));
  const auto wanted = [&](std::string_view model) { return models.find(model) != std::string::npos; };
  const auto report = [&](std::string_view model, double started_s, const auto& figures_of) {
    fmt::print(R"(, "{}": {{"seconds": {:.1f})", model, steady_seconds() - started_s);
    for (std::size_t t = 0; t < kCensusTasks.size(); ++t)
      fmt::print(R"(, "{}": {})", kCensusTasks[t], figures_of(t));
    fmt::print("}}");
    std::fflush(stdout);
  };
  if (wanted("mmoe")) {
    const double started_s = steady_seconds();
    const auto scores = mmoe_scores(sets.train, sets.judged, mmoe_options(given), trainer);
    report("mmoe", started_s, [&](std::size_t t) { return figures(scores, t, sets.judged); });
  }
  const auto one_by_one = [&](std::string_view model, const auto& scores_of) {
    if (!wanted(model)) return;
    const double started_s = steady_seconds();
    std::vector<std::string> found;
    for (std::size_t t = 0; t < kCensusTasks.size(); ++t)
      found.push_back(figures(scores_of(t), 0, with_head(sets.judged, t)));
    report(model, started_s, [&](std::size_t t) { return found[t]; });
  };
  one_by_one("single", [&](std::size_t t) {
    return mmoe_scores(with_head(sets.train, t), sets.judged, mmoe_options(given), trainer);
  });
  one_by_one("xgboost", [&](std::size_t t) {
    TreeTrainOptions options = tree_options(given);
    options.head = static_cast<std::uint32_t>(t);
    return tree_scores(sets.train, sets.judged, options);
  });
  fmt::print("}}\n");
}

}  // namespace
}  // namespace winnow

int main(int argc, char** argv) {
  const winnow::Arguments given(argc, argv);
  if (given.word(0) == "census") {
    winnow::run_census(given);
  } else if (given.word(0) == "lambdamart") {
    const auto json = winnow::compare_lambdamart(static_cast<std::uint64_t>(given.number("--seed", 1)));
    if (!json.ok()) winnow::fail(json.error().message);
    fmt::print("{}\n", *json);
  } else {
    winnow::fail("usage: winnow_learning_bench census FILE --trainer PROGRAM | lambdamart");
  }
}
