#include "learning/lambdamart.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "models/gbdt/tree_scorer.h"
#include "models/gbdt/xgboost_model.h"
#include "models/ranking/lambda_gradients.h"
#include "models/ranking/train_trees.h"

namespace winnow {
namespace {

constexpr std::size_t kQueries = 1500, kLearned = 1000, kRows = 50, kFeatures = 100;
constexpr double kGrades = 4;

// Labels are grades / 4.
RankingSet made_up(Random& random, std::size_t queries, const std::vector<double>& tastes) {
  RankingSet set;
  for (std::size_t i = 0; i < kFeatures; ++i) set.features.push_back(fmt::format("f{}", i));
  set.heads = {"grade"};
  for (std::size_t r = 0; r < queries * kRows; ++r) {
    double score = 0;
    for (std::size_t i = 0; i < kFeatures; ++i) {
      set.values.push_back(static_cast<float>(random.normal()));
      score += tastes[i] * set.values.back();
    }
    const auto row = set.values.end() - kFeatures;
    score += row[0] * row[1] * 2 + random.normal() * 4;
    set.labels.push_back(static_cast<float>(std::clamp(std::floor(score / 3 + 1), 0.0, kGrades) / kGrades));
    set.weights.push_back(1);
    if ((r + 1) % kRows == 0) {
      set.groups.push_back(r + 1);
      set.time_ms.push_back(0);
    }
  }
  return set;
}

Result<double> ndcg_at_10(const TreeModel& model, const RankingSet& set) {
  WINNOW_TRY(const TreeScorer scorer, TreeScorer::open(model));
  std::vector<float> scores(set.rows());
  scorer.margins(set.values, scores);
  double sum = 0;
  double queries = 0;
  for (std::size_t g = 0; g < set.group_count(); ++g) {
    const std::span<const float> own = std::span(scores).subspan(g * kRows, kRows);
    const double ndcg = graded_ndcg(own, std::span(set.labels).subspan(g * kRows, kRows), 10, kGrades);
    if (ndcg < 0) continue;
    sum += ndcg;
    ++queries;
  }
  return sum / queries;
}

TreeTrainOptions options_of(std::uint64_t seed) {
  TreeTrainOptions options;
  options.objective = TreeObjective::lambdamart;
  options.rounds = 500;
  options.learning_rate = 0.1;
  options.grades = kGrades;
  options.hold_out.share = 0;
  options.seed = seed;
  return options;
}

// XGBoost's own objective takes its own way through the C API.
struct Peer {
  int (*create)(void* const[], std::uint64_t, void**);
  int (*set)(void*, const char*, const char*);
  int (*floats)(void*, const char*, const float*, std::uint64_t);
  int (*counts)(void*, const char*, const unsigned*, std::uint64_t);
  int (*update)(void*, int, void*);
  int (*save)(void*, const char*, std::uint64_t*, const char**);
};

template <class Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
}

Result<TreeModel> train_peer(const RankingSet& set, const XgboostLibrary& library,
                             const TreeTrainOptions& options) {
  Peer peer{};
  void* const loaded = library.loaded();
  find(loaded, "XGBoosterCreate", peer.create);
  find(loaded, "XGBoosterSetParam", peer.set);
  find(loaded, "XGDMatrixSetFloatInfo", peer.floats);
  find(loaded, "XGDMatrixSetUIntInfo", peer.counts);
  find(loaded, "XGBoosterUpdateOneIter", peer.update);
  find(loaded, "XGBoosterSaveModelToBuffer", peer.save);
  WINNOW_TRY(const XgboostMatrix matrix, XgboostMatrix::create(library, set.values, kFeatures));
  std::vector<float> grades;
  for (const float label : set.labels) grades.push_back(std::round(label * static_cast<float>(kGrades)));
  const std::vector<unsigned> sizes(set.group_count(), kRows);
  void* booster = nullptr;
  void* const matrices[] = {matrix.handle()};
  if (peer.floats(matrix.handle(), "label", grades.data(), grades.size()) != 0 ||
      peer.counts(matrix.handle(), "group", sizes.data(), sizes.size()) != 0 ||
      peer.create(matrices, 1, &booster) != 0)
    return library.error("take the queries");
  const std::vector<std::pair<std::string, std::string>> parameters = {
      {"objective", "rank:ndcg"},
      {"tree_method", "hist"},
      {"max_depth", std::to_string(options.depth)},
      {"eta", fmt::format("{}", options.learning_rate)},
      {"nthread", "1"},
      {"verbosity", "0"},
      {"seed", std::to_string(options.seed)}};
  for (const auto& [name, value] : parameters) peer.set(booster, name.c_str(), value.c_str());
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    if (peer.update(booster, static_cast<int>(round), matrix.handle()) != 0)
      return library.error("grow a tree");
  }
  std::uint64_t size = 0;
  const char* bytes = nullptr;
  if (peer.save(booster, R"({"format": "ubj"})", &size, &bytes) != 0) return library.error("save the model");
  return read_xgboost_model({bytes, size});
}

}  // namespace

Result<std::string> compare_lambdamart(std::uint64_t seed) {
  Random random(seed);
  std::vector<double> tastes;
  for (std::size_t i = 0; i < kFeatures; ++i) {
    const double taste = random.normal();
    tastes.push_back(random.below(4) == 0 ? taste : 0);
  }
  const RankingSet train = made_up(random, kLearned, tastes);
  const RankingSet judged = made_up(random, kQueries - kLearned, tastes);
  WINNOW_TRY(const XgboostLibrary library, XgboostLibrary::open());
  const TreeTrainOptions options = options_of(seed);
  WINNOW_TRY(const TreeModel ours, train_trees(train, options, library));
  WINNOW_TRY(const TreeModel theirs, train_peer(train, library, options));
  WINNOW_TRY(const double our_ndcg, ndcg_at_10(ours, judged));
  WINNOW_TRY(const double their_ndcg, ndcg_at_10(theirs, judged));
  return fmt::format(R"({{"xgboost": "{}", "seed": {}, "trees": {}, "winnow": {:.4f}, "rank:ndcg": {:.4f}}})",
                     library.version(), seed, options.rounds, our_ndcg, their_ndcg);
}

}  // namespace winnow
