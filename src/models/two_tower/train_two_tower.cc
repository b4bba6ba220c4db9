#include "models/two_tower/train_two_tower.h"

namespace winnow {
namespace {

TrainerArguments arguments_of(const TwoTowerOptions& options) {
  TrainerArguments arguments;
  arguments.add("--dims", options.dims);
  arguments.add("--layers", options.layers);
  arguments.add("--heads", options.heads);
  arguments.add("--length", options.length);
  arguments.add("--epochs", options.epochs);
  arguments.add("--patience", options.patience);
  arguments.add("--batch-users", options.batch_users);
  arguments.add("--learning-rate", options.learning_rate);
  arguments.add("--weight-decay", options.weight_decay);
  arguments.add("--dropout", options.dropout);
  if (options.refit) arguments.add("--refit");
  arguments.add("--budget-s", options.budget_s);
  arguments.add("--seed", options.seed);
  return arguments;
}

}  // namespace

Result<TwoTowerModel> train_two_tower(const TrainingSequences& sequences, const TwoTowerOptions& options,
                                      const std::filesystem::path& trainer, const TrainerProgress& progress) {
  const std::string input = sequences.encode();
  WINNOW_TRY(const std::string bytes,
             run_trainer({trainer, "two_tower", arguments_of(options), input}, progress));
  return TwoTowerModel::decode(bytes);
}

}  // namespace winnow
