#include "models/ranking/train_mmoe.h"

#include <fmt/ranges.h>

#include "models/ranking/ranking_set_format.h"

namespace winnow {
namespace {

TrainerArguments arguments_of(const MmoeTrainOptions& options) {
  TrainerArguments arguments;
  arguments.add("mmoe");
  arguments.add("--experts", options.experts);
  arguments.add("--expert-hidden", options.expert_hidden);
  arguments.add("--expert-outputs", options.expert_outputs);
  arguments.add("--head-hidden", options.head_hidden);
  arguments.add("--epochs", options.epochs);
  arguments.add("--patience", options.patience);
  arguments.add("--batch-rows", options.batch_rows);
  arguments.add("--learning-rate", options.learning_rate);
  arguments.add("--weight-decay", options.weight_decay);
  arguments.add("--l2", options.l2);
  arguments.add("--dropout", options.dropout);
  if (!options.head_weights.empty())
    arguments.add("--head-weights", fmt::to_string(fmt::join(options.head_weights, ",")));
  arguments.add("--listwise-share", options.listwise_share);
  arguments.add("--listwise-head", options.listwise_head);
  arguments.add("--folds", options.hold_out.folds);
  arguments.add("--held-out-share", options.hold_out.share);
  if (!options.refit) arguments.add("--no-refit");
  arguments.add("--budget-s", options.budget_s);
  arguments.add("--seed", options.seed);
  arguments.add("--threads", options.threads);
  return arguments;
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
