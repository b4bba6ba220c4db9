#include "models/ranking/train_mmoe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>

#include "models/ranking/ranking_set_format.h"

namespace winnow {
namespace {

std::vector<std::string> arguments_of(const MmoeTrainOptions& options) {
  std::vector<std::string> words = {"mmoe"};
  const auto add = [&](std::string_view flag, const auto& value) {
    words.emplace_back(flag);
    words.push_back(fmt::format("{}", value));
  };
  add("--experts", options.experts);
  add("--expert-hidden", options.expert_hidden);
  add("--expert-outputs", options.expert_outputs);
  add("--head-hidden", options.head_hidden);
  add("--epochs", options.epochs);
  add("--patience", options.patience);
  add("--batch-rows", options.batch_rows);
  add("--learning-rate", options.learning_rate);
  add("--weight-decay", options.weight_decay);
  add("--l2", options.l2);
  add("--dropout", options.dropout);
  if (!options.head_weights.empty())
    add("--head-weights", fmt::format("{}", fmt::join(options.head_weights, ",")));
  add("--listwise-share", options.listwise_share);
  add("--listwise-head", options.listwise_head);
  add("--folds", options.folds);
  add("--held-out-share", options.held_out_share);
  if (!options.refit) words.emplace_back("--no-refit");
  add("--budget-s", options.budget_s);
  add("--seed", options.seed);
  add("--threads", options.threads);
  return words;
}

}  // namespace

Result<MmoeModel> train_mmoe(const RankingSet& set, const MmoeTrainOptions& options,
                             const std::filesystem::path& trainer, const TrainerProgress& progress) {
  WINNOW_RETURN_IF_ERROR(set.check());
  if (set.rows() == 0 || set.features.empty() || set.heads.empty())
    return Error{ErrorCode::invalid, "the ranking set: it has no rows, features or heads to learn from",
                 "multitask"};
  const std::string input = encode_ranking_set(set);
  WINNOW_TRY(const std::string bytes,
             run_trainer({trainer, "multitask", arguments_of(options), input}, progress));
  return MmoeModel::decode(bytes);
}

}  // namespace winnow
