#include "models/two_tower/train_two_tower.h"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace winnow {
namespace {

std::vector<std::string> arguments_of(const TwoTowerOptions& options) {
  std::vector<std::string> words;
  const auto add = [&](std::string_view flag, const auto& value) {
    words.emplace_back(flag);
    words.push_back(fmt::format("{}", value));
  };
  add("--dims", options.dims);
  add("--layers", options.layers);
  add("--heads", options.heads);
  add("--length", options.length);
  add("--epochs", options.epochs);
  add("--patience", options.patience);
  add("--batch-users", options.batch_users);
  add("--learning-rate", options.learning_rate);
  add("--weight-decay", options.weight_decay);
  add("--dropout", options.dropout);
  if (options.refit) words.emplace_back("--refit");
  add("--budget-s", options.budget_s);
  add("--seed", options.seed);
  return words;
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
