// Training of a two-tower model by winnow-trainer.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "models/trainer_process.h"
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

// Errors: those of run_trainer, and of a model that cannot be read.
Result<TwoTowerModel> train_two_tower(const TrainingSequences& sequences, const TwoTowerOptions& options,
                                      const std::filesystem::path& trainer,
                                      const TrainerProgress& progress = {});

}  // namespace winnow
