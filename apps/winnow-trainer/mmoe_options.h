// What `winnow-trainer mmoe` is asked to do: its command line.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "base/result.h"
#include "models/ranking/train_mmoe.h"

namespace winnow {

struct MmoeTrainerOptions : MmoeTrainOptions {
  std::filesystem::path input;       // src/models/ranking/ranking_set_format.h
  std::filesystem::path output;      // src/models/multitask/mmoe_model.h
  std::filesystem::path checkpoint;  // empty: none is written
  bool resume = false;               // go on from the checkpoint, where there is one
  bool progress = false;             // lines for programs on standard output
};

// As parse_options (options.h).
Result<MmoeTrainerOptions> parse_mmoe_options(std::span<const char* const> arguments);
std::string mmoe_help();

}  // namespace winnow
