// Training of a two-tower model by winnow-trainer, a program of its own, since it links libtorch and winnow
// does not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "models/two_tower/sequences.h"
#include "models/two_tower/two_tower.h"

namespace winnow {

// What the trainer is asked for; the ranges are those of winnow-trainer --help.
struct TwoTowerOptions {
  std::uint32_t dims = 128;
  std::uint32_t layers = 1;
  std::uint32_t heads = 1;
  std::uint32_t length = 50;
  std::uint32_t epochs = 60;
  std::uint32_t patience = 2;
  std::uint32_t batch_users = 128;
  double learning_rate = 1e-3;
  double weight_decay = 0;
  double dropout = 0.5;
  bool refit = false;   // learn again from all actions, for as many epochs as were best
  double budget_s = 0;  // 0: no bound
  std::uint64_t seed = 1;
};

// The program to run: `given`, which must exist; when it is empty, the one beside this program, then one of
// PATH. not_found says how to get it.
Result<std::filesystem::path> find_trainer(const std::filesystem::path& given = {});

// The trainer's last words where it stopped before it would have.
inline constexpr std::string_view kBudgetEnded = "the budget ended the training";

// The share of training done, 0 to 1, and where it stands in words. Returns false to end it.
using TwoTowerProgress = std::function<bool(double share, std::string_view words)>;

// Runs `trainer` on the sequences, in a temporary folder that is gone afterwards. Errors: what the trainer
// said; unavailable when `progress` ended it.
Result<TwoTowerModel> train_two_tower(const TrainingSequences& sequences, const TwoTowerOptions& options,
                                      const std::filesystem::path& trainer,
                                      const TwoTowerProgress& progress = {});

}  // namespace winnow
