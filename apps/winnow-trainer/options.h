// What winnow-trainer is asked to do: its command line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace winnow {

enum class Softmax : std::uint8_t { automatic, full, sampled };
enum class Device : std::uint8_t { automatic, cpu, cuda };

struct TrainerOptions {
  std::filesystem::path input;       // src/models/two_tower/sequences.h
  std::filesystem::path output;      // src/models/two_tower/two_tower.h
  std::filesystem::path checkpoint;  // empty: none is written
  bool resume = false;               // go on from the checkpoint, where there is one
  bool progress = false;             // lines for programs on standard output (progress_line)
  bool measure = false;              // compare our forward pass with libtorch's instead of training

  std::uint32_t dims = 128;
  std::uint32_t layers = 1;
  std::uint32_t heads = 1;
  std::uint32_t inner = 0;  // 0: as wide as dims
  std::uint32_t length = 50;

  std::uint32_t epochs = 60;
  std::uint32_t epoch_steps = 50;  // at least: an epoch goes over small data several times
  std::uint32_t patience = 2;    // epochs without a better validation before the rate falls, or training ends
  std::uint32_t rate_falls = 1;  // times that the learning rate falls to a fifth
  std::uint32_t batch_users = 128;
  double learning_rate = 1e-3;
  double weight_decay = 0;  // of matrices and item vectors, AdamW
  double dropout = 0.5;     // of tokens, and within the layers
  double id_dropout = 0.1;  // share of items a step sees by their features alone; without features, none
  Softmax softmax = Softmax::automatic;  // full up to kFullSoftmaxItems items and kFullSoftmaxLogits an epoch
  std::uint32_t negatives = 4096;        // of the sampled softmax
  double hard_negatives = 0.5;           // share of them that is chosen as hard
  std::uint64_t seed = 1;
  std::uint32_t validation_users = 10'000;  // judged at most, spread evenly
  bool refit = false;   // then learn again from all actions, those held out too, for as many epochs
  double budget_s = 0;  // end after about that many seconds; 0: no bound

  std::uint32_t threads = 1;  // of each worker
  std::uint32_t workers = 1;  // processes that share every step
  Device device = Device::automatic;

  static constexpr std::uint32_t kFullSoftmaxItems = 50'000;
  static constexpr double kFullSoftmaxLogits = 1e10;  // items times actions
};

// Errors name the flag, its value and the remedy. "--help" is not a flag here; main prints trainer_help().
Result<TrainerOptions> parse_options(std::span<const char* const> arguments);
std::string trainer_help();

}  // namespace winnow
